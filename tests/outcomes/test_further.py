"""Further tickets after a first solution, months of solutions, and who has gone away: by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell
from cxresearch.lab.simulate.causes import CAUSES
from cxresearch.outcomes import back_by_group, further, recurrence
from cxresearch.outcomes.further import FurtherTickets
from cxresearch.study.words import LEAVING, RETURNING
from tests.outcomes.test_leaving import company
from tests.outcomes.test_recurrence import study


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
    curves = further.mean_further(one).frame
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
    more, rows = further.mean_further(one), further.further_tickets(one)
    curves = more.frame
    first = rows[rows["group"] == "any cause"].groupby("customer_id")["event"].max()
    assert mean_at(curves, "any cause", 700) > first.mean() * 0.9
    assert (curves["naive"] >= curves["mean"] - 1e-9).all()
    assert "Who leaves writes no more" in more.said().text


def test_a_month_whose_window_is_not_over_is_not_mature():
    one = study(
        ("a", "p", "x", 0, 2), ("b", "p", "x", 12, None), ("c", "q", "x", 0, 3),
        ("d", "r", "x", 330, 340),
    )  # fmt: skip
    # Watched until 2024-12-31: December's solutions need until the end of January.
    found = back_by_group.by_month(one).set_index("month")
    assert found.index.tolist() == ["2024-01", "2024-12"]
    assert found.loc["2024-01", ["of", "count"]].tolist() == [2, 1]
    assert found.loc["2024-01", "share"] == pytest.approx(1 / 2)
    assert found["mature"].tolist() == [True, False]
    assert np.isnan(found.loc["2024-12", "share"])


def test_a_month_whose_tickets_are_not_settled_is_not_mature():
    one = study(("a", "p", "x", 150, 155), ("b", "q", "x", 184, 185),
                status_settles_after_days=181.0)  # fmt: skip
    found = back_by_group.by_month(one).set_index("month")["mature"]
    assert found.to_dict() == {"2024-06": True, "2024-07": False}


def test_months_add_up_to_all_solved_tickets():
    one = company(6, 500)
    assert back_by_group.by_month(one)["of"].sum() == len(recurrence.cohort(one))


def test_where_nobody_comes_back_by_design_few_further_tickets_are_on_the_same_cause():
    causes = tuple(replace(c, comes_back=0.0) for c in CAUSES)
    often = tuple(replace(c, comes_back=0.4) for c in CAUSES)
    quiet, busy = (further.mean_further(company(8, 500, causes=c, incidents=())).frame
                   for c in (causes, often))  # fmt: skip
    assert mean_at(busy, "same cause", 180) > 2 * mean_at(quiet, "same cause", 180)


def further_curves(mean: float, low: float, high: float, at_risk: int = 100, words=LEAVING):
    rows = {"day": [0, 300, 400] * 2, "group": ["any cause"] * 3 + ["same cause"] * 3}
    frame = pd.DataFrame(rows).assign(mean=mean, low=low, high=high, at_risk=at_risk, naive=mean)
    return FurtherTickets(frame, words)


def test_further_tickets_are_said_with_their_intervals():
    assert further_curves(0.5, 0.4, 0.6).said().text == (
        "In the 365 days after a first solution a customer writes **0.50** more tickets (95% "
        "interval 0.40 to 0.60). Of these 0.50 (0.40 to 0.60) are about the same cause. So long "
        "100 customers were watched. Who leaves writes no more; counted as merely out of sight, "
        "they would make it 0.50."
    )
    forum = further_curves(0.5, 0.4, 0.6, words=RETURNING).said().text
    assert forum.endswith("Nobody can be seen to leave, so all are taken to be there to the end.")


def test_no_further_tickets_have_the_exact_interval_of_a_count_of_nothing():
    # Garwood: 0 events in 100 watched years lie below 3.689 / 100 at 95%.
    said = further_curves(0.0, np.nan, np.nan).said().text
    assert "**0.00** more tickets (95% interval 0.00 to 0.04)" in said
    assert "nan" not in said


def test_nobody_watched_to_the_day_cannot_tell():
    assert "nobody was watched" in further_curves(0.0, np.nan, np.nan, at_risk=0).said().reason
    assert "too few for an interval" in further_curves(0.5, np.nan, np.nan).said().reason
    full = further_curves(0.5, 0.4, 0.6)
    short = FurtherTickets(full.frame[full.frame["day"] < 365], LEAVING)
    assert "nobody was watched so long" in short.said().reason
    ax = short.plot()
    assert ax.figure.get_suptitle() == "Nobody was watched for 365 days after a first solution"
    plt.close(ax.figure)


def test_mean_tickets_are_cut_at_a_year():
    both = further_curves(0.5, 0.4, 0.6)
    ax = both.plot()
    assert ax.lines[0].get_xdata().max() == 300
    title = "0.50 further tickets a customer in 365 days, 0.50 on the same cause"
    assert ax.figure.get_suptitle() == title
    assert "By day 300: any cause 0.50 (0.40 to 0.60); same cause" in both.described()
    plt.close(ax.figure)
