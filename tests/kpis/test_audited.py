"""Signs at a limit: by hand, against statsmodels, and in desks that are honest or not."""

import numpy as np
import pandas as pd
import pytest
from desks import desk
from statsmodels.stats.contingency_tables import StratifiedTable

from cxresearch import CannotTell, Study
from cxresearch.kpis.audit.audited import ASK, UNSEEN, UNTOLD, _without, audited, judged_by
from cxresearch.kpis.audit.deeds import ANSWER, SOLUTION, audited_tickets, deeds, in_time
from cxresearch.kpis.audit.near_limit import broken_off, more_of_it
from cxresearch.kpis.audit.signs import SIGNS, empty_answers, lowered, paused
from cxresearch.kpis.compliance import response_compliance
from cxresearch.study.answers import DoesNotApply
from cxresearch.study.as_parquet import read, written
from tests.benchmarks.audit_power import in_rows
from tests.benchmarks.audited_desks import HONEST, honest, planted, tables
from tests.benchmarks.audited_desks import SIGNS as PLANTS

NAMES = dict(zip(PLANTS, (sign.name for sign in SIGNS), strict=True))


def spread(per_bin) -> pd.Series:
    """So many things in each half window from five before a limit to five after."""
    middles = np.arange(-5, 5, 0.5) + 0.25
    return pd.Series(
        np.concatenate(
            [m + np.linspace(-0.2, 0.2, n) for m, n in zip(middles, per_bin, strict=True)]
        )
    )


def test_where_as_much_ends_on_either_side_nothing_breaks_off():
    found = broken_off(spread([20] * 20))
    assert (found["tickets"], found["expected"]) == (40, pytest.approx(40))
    assert found["p"] == pytest.approx(0.5)


def test_what_is_moved_before_the_limit_is_counted_beyond_its_trend():
    found = broken_off(spread([20] * 8 + [50, 50] + [10, 10] + [20] * 8))
    assert (found["tickets"], found["more"]) == (100, pytest.approx(60))
    assert found["p"] < 0.001


def test_a_desk_by_due_time_peaks_at_the_limit_and_shows_no_sign():
    rises = [10, 12, 14, 17, 20, 24, 29, 35, 42, 50]
    assert broken_off(spread(rises + rises[::-1]))["p"] > 0.2
    assert broken_off(spread([40] * 10 + [5, 5] + [40] * 8))["p"] > 0.2  # less after alone


def test_rounded_times_and_few_tickets_tell_nothing():
    assert np.isnan(broken_off(pd.Series(np.repeat([-4.0, -2, 0, 2, 4], 100)))["p"])
    assert np.isnan(broken_off(spread([1] * 20))["p"])


def acts(*groups) -> pd.DataFrame:
    """Rows of (agent, past, how many, of which of the kind), each of a customer of its own."""
    rows = [(agent, past, at < of) for agent, past, n, of in groups for at in range(n)]
    frame = pd.DataFrame(rows, columns=["stratum", "past", "act"])
    return frame.assign(who=range(len(frame)), hour=9.0)


def test_kinds_are_compared_within_agents_as_statsmodels_does():
    # As many before as around: 14 of 30 and 20 of 40 are to be expected.
    found = more_of_it(
        acts(("a", -1, 30, 20), ("a", 2, 30, 14), ("b", -1, 40, 26), ("b", 2, 40, 20))
    )
    cells = StratifiedTable([[[20, 10], [14, 16]], [[26, 14], [20, 20]]])
    assert found["p"] == pytest.approx(cells.test_null_odds(correction=True).pvalue / 2)
    assert (found["tickets"], found["expected"]) == (46, pytest.approx(34))


def test_an_agents_habits_are_no_sign():
    # a does nothing else and works just before the limit; b never does it and works around it.
    found = more_of_it(acts(("a", -1, 90, 90), ("a", 3, 10, 10), ("b", -1, 10, 0), ("b", 3, 90, 0)))
    assert found["more"] == pytest.approx(0)
    assert found["p"] > 0.4


def test_many_tickets_of_one_customer_count_as_one_voice():
    rows = acts(("a", -1, 40, 15), ("a", 2, 120, 15))
    alike = rows.assign(who=rows["who"].where(~rows["act"], "one"))
    assert more_of_it(rows)["p"] < 0.005 < more_of_it(alike)["p"]


def test_the_clock_stands_still_while_a_ticket_waits():
    study = desk(
        [0, 0], replied=1, solved=190,
        events=[("a", 100, "status", "pending"), ("a", 124, "status", "open"),
                ("a", 190, "status", "solved"), ("b", 190, "status", "solved")],
    )  # fmt: skip
    rows = deeds(study)
    ends = rows[rows["value_to"].eq("solved")]
    assert ends["hours"].tolist() == [166, 190]
    assert ends["solution"].tolist() == [-1, 11]  # windows of two hours around 168
    assert in_time(study, SOLUTION)["held"].tolist() == [True, False]


def test_waiting_that_the_desk_begins_and_ends_is_told_from_waiting_for_the_customer():
    study = desk(
        [0, 0], events=[("a", 167, "status", "pending"), ("a", 190, "status", "open"),
                        ("b", 167, "status", "pending"), ("b", 180, "customer"),
                        ("b", 190, "status", "open")],
    )  # fmt: skip
    rows = paused(study)
    assert rows.loc[rows["act"], "ticket_id"].tolist() == ["a"]


def test_an_empty_answer_is_short_and_followed_by_the_real_one():
    study = desk([0, 0, 0], replied=[2, 2, 2], events=[
        ("a", 2, "agent"), ("a", 9, "agent"), ("b", 2, "agent"), ("b", 5, "customer"),
        ("b", 9, "agent"), ("c", 2, "agent"),
    ])  # fmt: skip
    bodies = ["We got it.", "Here is what to do: " * 5, "We got it.", "?", "Do this: " * 9, "Yes."]
    events = study.ticket_events.assign(body=bodies)
    rows = empty_answers(
        Study.from_tables(
            {"tickets": study.tickets, "ticket_events": events},
            observed_until=study.observed_until.isoformat(),
        )
    )
    assert rows.set_index("ticket_id")["act"].to_dict() == {"a": True, "b": False, "c": False}


def test_a_priority_that_is_raised_is_not_lowered():
    events = [("a", 23, "priority", "low", "High"), ("b", 23, "priority", "high", "low")]
    rows = lowered(desk([0, 0], replied=30, events=events))
    assert rows.loc[rows["act"], "ticket_id"].tolist() == ["a"]


def test_first_answers_in_time_are_those_of_the_kpi():
    study = desk([0, 0, 0, 0, 90], replied=[1, 24, 25, np.nan, 91], until=100)
    kpi = response_compliance(study).frame.loc["all"]
    mine = in_time(study, ANSWER)
    assert (len(mine), mine["held"].mean()) == (kpi["n"], kpi["estimate"]) == (4, 0.5)


def test_what_is_hidden_is_what_is_beyond_expectation_and_counted_in_time():
    facts = pd.DataFrame({"ticket_id": list("abcdefghij"), "held": [True] * 7 + [False] * 3})
    found = {"more": 2.0, "low": 1.0, "high": 3.0}
    told = _without(facts, pd.Series(["a", "b", "c"]), found)  # all three in time
    assert list(told.values()) == pytest.approx([0.7, 0.5, 0.4, 0.6])
    gone = _without(facts, pd.Series(["x", "y", "z"]), found)  # merged, hence not among them
    assert gone["without"] == pytest.approx(7 / 12)


@pytest.fixture(scope="module")
def of_due_time():
    return honest(HONEST["due time"], 6001)


def as_study(made) -> Study:
    return Study.from_tables(tables(made), **made.settings)


def test_an_honest_desk_shows_none_of_six_signs(of_due_time):
    found = audited(as_study(of_due_time))
    assert set(found.frame["verdict"]) == {UNSEEN}
    assert "Of 6 signs" in found.said().text
    assert "**none** is seen" in found.said().text
    assert isinstance(found.by_team(), DoesNotApply)
    assert len(found.tickets) == 0
    assert found.table()["tickets"].str.fullmatch(r"[\d,]+").all()


@pytest.mark.parametrize("sign", list(PLANTS))
def test_what_is_planted_is_found_as_when_its_rows_are(of_due_time, sign):
    made, _ = planted(of_due_time, sign, 1)
    told = SIGNS[list(PLANTS).index(sign)]
    read_off = judged_by(told.rows(as_study(made)))
    before = {name: s.rows(as_study(of_due_time)) for name, s in zip(PLANTS, SIGNS, strict=True)}
    in_rows_alone = judged_by(in_rows(sign, before, np.random.default_rng(1))[0])
    assert max(read_off["p"], in_rows_alone["p"]) < 1e-6
    assert read_off["more"] == pytest.approx(in_rows_alone["more"], rel=0.35)


def test_a_team_that_stops_the_clock_is_named_and_its_tickets_are_in_the_table(of_due_time):
    made, which = planted(of_due_time, "paused", 1)
    one = made.tickets["team"].reindex(which) == 1
    more = made.more[~made.more["ticket"].isin(which[~one]) | made.more["field"].ne("status")]
    found = audited(as_study(type(made)(made.kind, made.tickets, made.work, more)))
    name = NAMES["paused"]
    assert found.frame.index[found.frame["verdict"] == ASK].tolist() == [name]
    assert found.teams.loc[found.teams["verdict"] == ASK, "group"].tolist() == ["team 1"]
    mine = found.tickets[found.tickets["group"] == "team 1"]
    assert mine["ticket_id"].isin(which[one].astype(str)).mean() > 0.8
    told = found.said(name)
    assert "worth asking about" in told.text
    assert told.numbers["without"] < told.numbers["share"]
    assert read(written(found, {"key": "k", "reads": {}}))[0].frame.equals(found.frame)


def test_an_export_without_history_tells_of_times_and_says_what_it_lacks(of_due_time):
    alone = Study.from_tables({"tickets": tables(of_due_time)["tickets"]}, **of_due_time.settings)
    found = audited(alone)
    untold = found.frame.index[found.frame["verdict"] == UNTOLD]
    assert {NAMES[n] for n in ("empty", "paused", "lowered")} <= set(untold)
    assert found.frame.loc[NAMES["answered"], "verdict"] == UNSEEN
    assert isinstance(found.sentences()[-1], CannotTell)
    assert found.frame["expected"].loc[NAMES["answered"]] > 0


def test_merged_tickets_are_looked_at_and_spam_is_not():
    study = desk([0, 0, 0], is_merged=[True, False, None], is_spam=[False, True, None])
    assert audited_tickets(study)["ticket_id"].tolist() == ["a", "c"]
