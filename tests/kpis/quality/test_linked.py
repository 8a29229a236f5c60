"""Whether tickets find the accounts that pay is said, shown and drawn from one table."""

import pandas as pd
from matplotlib import pyplot as plt

from cxresearch.kpis import quality
from cxresearch.kpis.quality.linked import Linked, LinkedByMonth
from cxresearch.study.answers import CannotTell, DoesNotApply
from tests.kpis.quality.studies import START, study

ONE = {"customer_id": ["ann"], "started_at": [START], "observed_until": [START]}
CHURN = {"customers": pd.DataFrame(ONE), "identities": pd.DataFrame(
    {"requester_id": ["ann"], "customer_id": ["ann"]})}  # fmt: skip


def test_where_nobody_can_leave_the_match_does_not_apply():
    forum = study(subject=["a"])
    for told in (quality.linked, quality.linked_by_month, quality.linked_by_value):
        assert isinstance(told(forum), DoesNotApply)


def test_a_match_below_what_is_needed_is_refused_and_shown_in_percent():
    made = study(subject=["a", "b"], requester_id=["ann", "bob"], tables=CHURN)
    match = quality.linked(made)
    assert match.table().loc["tickets with an account", "share %"] == 50
    assert "only 50% of tickets find their customer" in match.said().reason
    months = quality.linked_by_month(made)
    assert months.frame[["of", "verdict"]].to_numpy().tolist() == [[2, "too few"]]
    assert isinstance(quality.linked_by_value(made), CannotTell)


def test_a_match_that_is_enough_is_said_with_its_interval():
    rows = pd.DataFrame({"matched": [95], "of": [100]}, ["tickets with an account"])
    said = Linked(rows.assign(share=0.95), None).said().text
    assert said.startswith("95.0% (95% interval 88.8% to 97.8%; 95 of 100) of tickets find the acc")


def test_the_match_is_drawn_by_month_against_what_is_needed():
    rows = pd.DataFrame({"matched": [9, 4], "of": [10, 8], "share": [0.9, 0.5],
                         "verdict": ["enough", "too few"]}, ["2024-01", "2024-02"])  # fmt: skip
    ax = LinkedByMonth(rows).plot()
    line, needed = ax.lines
    assert line.get_ydata().tolist() == [0.9, 0.5]
    assert needed.get_ydata()[0] == 0.9
    assert ax.figure.get_suptitle() == (
        "In 1 of 2 months fewer than 90% of tickets find their customer"
    )
    assert "The lowest is 50% (4 of 8 tickets) in 2024-02." in LinkedByMonth(rows).described()
    plt.close(ax.figure)
