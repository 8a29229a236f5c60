"""What the headline rests on: E-values by hand, ratios by time, causes dealt at random."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell
from cxresearch.episodes import build_episodes
from cxresearch.outcomes import doubts, leaving, models
from cxresearch.survival import coxph
from tests.outcomes.test_leaving import company


@pytest.fixture(scope="module")
def harmful():
    return company(11, customers=3000)


def test_an_e_value_by_hand():
    # HR 4: RR = (1 - 0.5^2) / (1 - 0.5^0.5) = 0.75 / 0.292893 = 2.56066; E = RR + sqrt(RR (RR - 1))
    point, bound = doubts.e_value(4.0, 1.0, 9.0)
    assert point == pytest.approx(2.56066 + np.sqrt(2.56066 * 1.56066), abs=1e-4)
    assert bound == 1.0


def test_a_ratio_below_one_has_the_e_value_of_its_inverse():
    assert doubts.e_value(0.5, 0.4, 0.8) == pytest.approx(doubts.e_value(2.0, 1.25, 2.5))


def test_causes_that_differ_are_told_from_causes_dealt_at_random(harmful):
    found = doubts.causes_differ(harmful)
    assert found["p"] < 0.05
    assert found["reads"] == "they do"


def test_observed_and_expected_departures_add_up_over_overdue_tickets(harmful):
    rows, adjusted = models.adjustable(models.modelled(build_episodes(harmful)))
    covariates = ["any overdue", "solved late", *adjusted]
    fit = coxph(rows, covariates, strata=models.STRATA)
    tickets = doubts._expected_by_ticket(harmful, rows, fit)
    alone = rows[(rows["overdue"] == 1) & (rows["any overdue"] == 1)]
    assert tickets["seen"].sum() >= alone["event"].sum()
    # At the largest likelihood as many leave while exposed as the model expects.
    exposed = rows["any overdue"] > 0
    expected = (rows["event"] - fit.residuals("martingale"))[exposed].sum()
    assert rows.loc[exposed, "event"].sum() == pytest.approx(expected, rel=1e-6)
    assert (tickets["expected"] >= 0).all()


def test_days_overdue_count_from_the_begin_of_the_run():
    rows = pd.DataFrame(
        {
            "customer_id": list("aaaab"),
            "start": [0.0, 10, 15, 30, 5],
            "any overdue": [0, 1, 1, 0, 1],
        }
    )
    assert doubts._days_overdue(rows).tolist()[1:3] == [0, 5]
    assert doubts._days_overdue(rows).isna().tolist() == [True, False, False, True, False]


def test_alike_groups_are_compared_at_each_day(harmful):
    alike = leaving.landmarks(harmful)
    assert (alike.first, alike.second) == ("was solved in time", "ran over")
    found = alike.frame
    assert alike.table()["day"].tolist() == [90, 180, 365]
    assert (alike.table()["difference"] > 0).all()
    gap = found["second"] - found["first"]
    np.testing.assert_allclose(gap, found["difference"])


def test_the_issue_cohort_starts_when_the_promise_runs_out(harmful):
    cohort = leaving.issue_cohort(harmful)
    assert set(cohort["group"]) == {"solved in time", "still open"}
    assert (cohort["time"] > 0).all()
    assert cohort["ticket_id"].is_unique


def test_shrunken_ratios_are_told_for_every_cause_and_lie_closer_together(harmful):
    found = leaving.by_cause(harmful).frame
    told = found.dropna(subset="hazard ratio")
    assert found["shrunken"].notna().all()
    assert np.log(told["shrunken"]).std() < np.log(told["hazard ratio"]).std()


def test_nothing_is_checked_without_a_headline():
    tiny = company(3, customers=40)
    assert isinstance(doubts.checks(tiny), CannotTell)


def dealt(seen: list[list[int]], monkeypatch) -> dict:
    """permuted_causes of tickets of two causes, with one departure expected of each ticket."""
    rows = [(cause, n, 1.0) for cause, of in zip("ab", seen, strict=True) for n in of]
    tickets = pd.DataFrame(rows, columns=["cause", "seen", "expected"])
    monkeypatch.setattr(doubts, "_expected_by_ticket", lambda *_: tickets)
    return doubts.permuted_causes(None, None, None)


def test_causes_that_differ_as_dealt_at_random_do_not_differ(monkeypatch):
    alike = dealt([[0, 2] * 10, [2, 0] * 10], monkeypatch)
    assert alike["p"] > 0.5
    assert alike["reads"] == "no more than causes dealt at random"


def test_causes_whose_departures_lie_all_in_one_differ(monkeypatch):
    apart = dealt([[2] * 20, [0] * 20], monkeypatch)
    assert apart["p"] == pytest.approx(1 / 201)
    assert apart["found"] == "0 of 200 random deals differ as much"
    assert apart["reads"] == "they do"


def test_nine_departures_tell_no_difference_between_causes(monkeypatch):
    few = dealt([[1] * 9, [0]], monkeypatch)
    assert (few["found"], few["reads"]) == ("too few departures", "cannot tell")
