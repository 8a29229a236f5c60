"""Further tickets after a first solution, months of solutions, and who has gone away: by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.lab.simulate.causes import CAUSES
from cxresearch.outcomes import further, recurrence
from cxresearch.outcomes import gone_silent as silence
from cxresearch.pages import gone
from tests.outcomes.test_leaving import company
from tests.outcomes.test_recurrence import UNTIL, study


def mean_at(curves: pd.DataFrame, group: str, on: float) -> float:
    rows = curves[(curves["group"] == group) & (curves["day"] <= on)]
    return rows["mean"].iloc[-1]


def test_who_departs_has_no_more_tickets_by_hand():
    # p writes on days 10 (same cause) and 20 (another) after the solution, q departs on day 15,
    # r stays silent. Day 10: 1/3. After q has gone 2/3 are left, so day 20 adds 2/3 * 1/2 = 1/3.
    one = study(
        ("a", "p", "x", 0, 1), ("b", "p", "x", 11, None), ("c", "p", "y", 21, None),
        ("d", "q", "x", 0, 1), ("e", "r", "x", 0, 1), ended={"q": 16},
    )  # fmt: skip
    curves = further.mean_further(one)
    assert mean_at(curves, "any cause", 15) == pytest.approx(1 / 3)
    assert mean_at(curves, "any cause", 30) == pytest.approx(2 / 3)
    assert mean_at(curves, "same cause", 30) == pytest.approx(1 / 3)
    # Taken for out of sight, q would make the second ticket count 1/2.
    assert curves.loc[curves["group"] == "any cause", "naive"].iloc[-1] == pytest.approx(
        1 / 3 + 0.5
    )


def test_only_what_follows_the_first_solution_counts():
    # Written before the solution, and within the hour of the ticket itself: not further tickets.
    one = study(("a", "p", "x", 0, 5), ("b", "p", "y", 3, None), ("c", "p", "y", 9, None))
    rows = further.further_tickets(one)
    every = rows[rows["group"] == "any cause"]
    assert every.loc[every["event"] == 1, "stop"].tolist() == pytest.approx([4])


def test_each_customer_is_watched_once_from_the_first_solution():
    one = study(("a", "p", "x", 0, 1), ("b", "p", "x", 10, 11), ("c", "p", "x", 20, 21))
    rows = further.further_tickets(one)
    same = rows[rows["group"] == "same cause"]
    assert same["start"].tolist() == pytest.approx([0, 9, 19])
    assert same["event"].tolist() == [1, 1, 0]


def test_without_a_solution_nothing_can_follow():
    assert isinstance(further.mean_further(study(("a", "p", "x", 0, None))), CannotTell)


def test_the_mean_is_at_least_the_share_that_came_back():
    # Each customer's first return is one of their further tickets.
    one = company(5, 600)
    curves, rows = further.mean_further(one), further.further_tickets(one)
    first = rows[rows["group"] == "any cause"].groupby("customer_id")["event"].max()
    assert mean_at(curves, "any cause", 700) > first.mean() * 0.9
    assert (curves["naive"] >= curves["mean"] - 1e-9).all()
    said = gone.further(curves, one).text
    assert "Who departs writes no more" in said


def test_a_month_whose_window_is_not_over_is_not_mature():
    one = study(
        ("a", "p", "x", 0, 2), ("b", "p", "x", 12, None), ("c", "q", "x", 0, 3),
        ("d", "r", "x", 330, 340),
    )  # fmt: skip
    # Watched until 2024-12-31: December's solutions need until the end of January.
    found = recurrence.by_month(one).set_index("month")
    assert found.index.tolist() == ["2024-01", "2024-12"]
    assert found.loc["2024-01", ["of", "count"]].tolist() == [2, 1]
    assert found.loc["2024-01", "share"] == pytest.approx(1 / 2)
    assert found["mature"].tolist() == [True, False]
    assert np.isnan(found.loc["2024-12", "share"])


def test_a_month_whose_tickets_are_not_settled_is_not_mature():
    one = study(("a", "p", "x", 150, 155), ("b", "q", "x", 184, 185),
                status_settles_after_days=181.0)  # fmt: skip
    found = recurrence.by_month(one).set_index("month")["mature"]
    assert found.to_dict() == {"2024-06": True, "2024-07": False}


def test_months_add_up_to_all_solved_tickets():
    one = company(6, 500)
    assert recurrence.by_month(one)["of"].sum() == len(recurrence.cohort(one))


def gone_cohort() -> pd.DataFrame:
    """Ten solved: 6 silent, 3 write, 1 leaves; ten open: 3 silent, 5 write, 2 leave, all by 90."""
    solved = [(200, 0)] * 6 + [(10, 1)] * 3 + [(20, 2)]
    still = [(200, 0)] * 3 + [(10, 1)] * 5 + [(20, 2)] * 2
    rows = pd.DataFrame(solved + still, columns=["time", "status"])
    group = ["solved in time"] * 10 + ["still open"] * 10
    return rows.assign(customer_id=[f"c{i}" for i in range(20)], group=group)


def test_excess_silence_by_hand():
    found = silence.excess(gone_cohort()).set_index("what")
    assert found["not solved"].tolist() == pytest.approx([0.3, 0.5, 0.2])
    assert found["solved"].tolist() == pytest.approx([0.6, 0.3, 0.1])
    assert found["difference"].tolist() == pytest.approx([-0.3, 0.2, 0.1])
    assert found["difference"].sum() == pytest.approx(0)
    # Independent shares of 10 each: the error of a difference is sqrt(.3*.7/10 + .6*.4/10).
    width = 1.96 * np.sqrt(0.021 + 0.024)
    row = found.loc["silent"]
    assert (row["low"], row["high"]) == pytest.approx((-0.3 - width, -0.3 + width), abs=1e-3)


def test_excess_silence_says_its_sign_or_cannot_tell():
    many = pd.concat([gone_cohort().assign(customer_id=lambda r, i=i: r["customer_id"] + f"-{i}")
                      for i in range(30)])  # fmt: skip
    assert "no excess of silence" in gone.excess(silence.excess(many)).text
    assert "a difference of -30.0 points" in gone.excess(silence.excess(many)).text
    assert isinstance(gone.excess(silence.excess(gone_cohort())), CannotTell)


def test_a_group_not_watched_so_long_cannot_tell():
    short = gone_cohort().assign(time=lambda rows: rows["time"].clip(upper=30))
    assert isinstance(silence.excess(short), CannotTell)
    only = gone_cohort().head(10)
    assert isinstance(silence.excess(only), CannotTell)


def test_what_became_of_the_silent_by_hand():
    # Two still silent on day 90: one writes on day 120, one is seen until day 300.
    rows = pd.DataFrame(
        {"customer_id": list("abc"), "group": "solved", "time": [50.0, 120.0, 300.0],
         "status": [1, 1, 0]}
    )  # fmt: skip
    found = silence.afterwards(rows).iloc[0]
    assert found["customers"] == 2
    assert (found["silent"], found["wrote again"], found["left"]) == pytest.approx((0.5, 0.5, 0))


def test_where_nobody_comes_back_by_design_few_further_tickets_are_on_the_same_cause():
    causes = tuple(replace(c, comes_back=0.0) for c in CAUSES)
    often = tuple(replace(c, comes_back=0.4) for c in CAUSES)
    quiet, busy = (further.mean_further(company(8, 500, causes=c, incidents=()))
                   for c in (causes, often))  # fmt: skip
    assert mean_at(busy, "same cause", 180) > 2 * mean_at(quiet, "same cause", 180)


def test_without_causes_silence_cannot_be_told():
    known = study(("a", "p", "x", 0, 2), ended={})
    tables = {"tickets": known.tickets, "customers": known.customers}
    found = silence.silence_cohort(Study.from_tables(tables, observed_until=UNTIL))
    assert isinstance(found, CannotTell)
    assert "causes are not known" in found.reason
