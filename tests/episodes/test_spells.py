"""When issues are open, overdue and unresolved by other rules: each rule by hand."""

import numpy as np
import pytest

from cxresearch.episodes import build_episodes, open_spells
from tests.episodes.small import DAY, ZERO, exposed_days, one_customer


def days(times) -> list[float]:
    return [(t - ZERO) / DAY for t in times]


def test_the_clock_stands_still_while_an_issue_waits_on_the_customer():
    # Three days open, ten pending, then four more until the promise of seven runs out on day 37.
    states = [(20.5, "open"), (23, "pending"), (33, "open"), (50, "solved")]
    study = one_customer([20], [50], states=states)
    spell = open_spells(study).iloc[0]
    assert days([spell["overdue_at"], spell["resolved_at"]]) == [37, 50]
    assert spell["days_waiting"] == 10
    assert exposed_days(study) == 13


@pytest.mark.parametrize(("stops", "overdue"), [(True, 33), (False, 27)])
def test_hold_stops_the_clock_only_where_the_study_says_so(stops, overdue):
    states = [(22, "hold"), (28, "open"), (50, "solved")]
    study = one_customer([20], [50], states=states, hold_stops_clock=stops)
    assert days(open_spells(study)["overdue_at"]) == [overdue]


def test_without_a_history_of_states_the_waiting_time_is_null_and_the_clock_runs():
    spell = open_spells(one_customer([20], [50])).iloc[0]
    assert np.isnan(spell["days_waiting"])
    assert days([spell["overdue_at"]]) == [27]


def test_an_issue_that_waits_for_ever_is_never_overdue():
    study = one_customer([20], [None], states=[(22, "pending")])
    assert exposed_days(study) == 0
    assert exposed_days(study, "open") == 80


def test_an_issue_overdue_before_it_waits_stays_overdue():
    study = one_customer([20], [60], states=[(40, "pending"), (55, "open"), (60, "solved")])
    assert exposed_days(study) == 60 - 27


def test_a_history_knows_every_reopening_and_the_time_used_before_it():
    states = [(22, "solved"), (30, "open"), (33, "solved"), (60, "open"), (90, "solved")]
    spells = open_spells(one_customer([20], [22], states=states))
    assert days(spells["opened_at"]) == [20, 30, 60]
    # Two and three days were used up, so two are left when it opens for the third time.
    assert days(spells["overdue_at"]) == [27, 35, 62]


def test_closing_by_a_rule_does_not_resolve_what_nobody_solved():
    told = one_customer([20], [None], states=[(22, "open"), (40, "closed", "system")])
    untold = one_customer([20], [None], closed=[40], closed_by=["automation"], status=["closed"])
    assert exposed_days(told) == exposed_days(untold) == 73


def test_closing_by_a_rule_after_a_solution_changes_nothing():
    states = [(50, "solved"), (54, "closed", "system")]
    assert exposed_days(one_customer([20], [50], states=states)) == 23


def test_closing_by_an_agent_resolves():
    study = one_customer([20], [None], closed=[40], closed_by=["agent"], status=["closed"])
    assert exposed_days(study) == 13


def test_abandoned_from_the_promise_to_the_first_answer_even_when_closed_silently():
    # Answered in time; answered on day 45; closed on day 30 without an answer; closed by the asker.
    study = one_customer(
        [20, 20, 20, 20], [60, 60, 30, 30], answered=[22, 45, None, None],
        closed=[None, None, 31, 35], closed_by=[None, None, "agent", "customer"],
    )  # fmt: skip
    rows = build_episodes(study, unresolved="abandoned")
    assert rows.loc[rows["abandoned"] == 3, "stop"].max() == 35
    assert rows.loc[rows["abandoned"] == 2, "stop"].max() == 45
    assert rows["abandoned"].iloc[-1] == 1


def test_reopened_is_unresolved_from_the_reopening_to_the_next_solution():
    study = one_customer([20], [23], reopened=[60], solved_again=[80])
    assert exposed_days(study, "reopened", unresolved="reopened") == 20


def test_closed_unheard_lasts_from_the_closing_by_a_rule_on():
    study = one_customer([20, 20], [30, 30], closed=[34, 34], closed_by=["automation", "customer"])
    assert exposed_days(study, "closed_unheard", unresolved="closed_unheard") == 100 - 34
    limited = {"unresolved": "closed_unheard", "max_exposure": 20}
    assert exposed_days(study, "closed_unheard", **limited) == 20


def test_another_rule_leaves_overdue_as_it_is():
    study = one_customer([20], [50], reopened=[60], solved_again=[80])
    rows = build_episodes(study, unresolved="reopened", by="cause")
    assert {"overdue", "reopened", "reopened: billing", "open: billing"} <= set(rows)
    assert "overdue: billing" not in rows
