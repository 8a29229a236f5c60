"""What became of groups is said, shown and drawn from one difference, by hand."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell, Study
from cxresearch.outcomes.recovery import by_group
from tests.outcomes.test_recovery import small

LEAVERS = small([(10, 20)])
WRITERS = Study.from_tables({}, outcome="return")


def cohort(**left: int) -> pd.DataFrame:
    """100 customers a group, of whom so many left on day 100, the others watched for 400 days."""
    parts = []
    for group, many in left.items():
        gone = np.arange(100) < many
        parts.append(pd.DataFrame({"customer_id": [f"{group}{i}" for i in range(100)],
                                   "group": group.replace("_", " "),
                                   "time": np.where(gone, 100.0, 400.0),
                                   "status": gone.astype(int)}))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_the_difference_is_said_in_points_with_its_interval():
    # sqrt(0.6 x 0.4 / 100 + 0.1 x 0.9 / 100) = 0.0574 each side of 0.5, times 1.96
    told = by_group(cohort(solved_in_time=10, unresolved=60), LEAVERS)
    assert told.said().text == (
        "Within 180 days 60.0% of “unresolved” customers left, and 10.0% of “solved in time”. The "
        "difference is +50.0 percentage points (+38.7 to +61.3), adjusted for nothing."
    )
    assert told.said().numbers["gap points"] == pytest.approx(50)
    assert told.gap["verdict"] == "more"


def test_the_figure_has_the_difference_as_its_title_and_shows_what_is_decided():
    rows = cohort(solved_in_time=10, unresolved=60)
    rows = pd.concat([rows, cohort(open=30).assign(group="open, not yet due")])
    told = by_group(rows, LEAVERS)
    ax = told.plot()
    assert ax.figure.get_suptitle() == (
        "Within 180 days 60.0% of “unresolved” left, 10.0% of “solved in time”"
    )
    assert ax.get_xlabel() == "days since the day of the groups, the first of a quarter"
    assert ax.get_ylabel() == "share of customers who left"
    assert len(ax.lines) == 2
    assert ax.lines[0].get_xdata().max() <= 365
    plt.close(ax.figure)
    assert told.described().startswith("Cumulative incidence, shaded 95% bands. After 100 days: ")
    assert told.table().index.tolist() == ["solved in time", "unresolved", "open, not yet due"]


def test_where_fewer_left_it_is_said_so():
    assert "The difference is -50.0 percentage points (-61.3 to -38.7)" in (
        by_group(cohort(solved_in_time=60, unresolved=10), LEAVERS).said().text
    )


def test_groups_that_may_be_alike_cannot_be_told_apart_in_sentence_and_title():
    told = by_group(cohort(solved_in_time=10, unresolved=12), LEAVERS)
    assert told.said().reason == (
        "whether “unresolved” and “solved in time” differ in who left within 180 days: +2.0 "
        "percentage points (-6.7 to +10.7)."
    )
    assert told.curves.heading == (
        "No clear difference within 180 days between “unresolved” and “solved in time”"
    )


@pytest.mark.parametrize("group", ["solved_in_time", "unresolved"])
def test_a_group_that_is_not_there_cannot_be_compared(group):
    told = by_group(cohort(**{group: 10}), LEAVERS).said()
    assert told.reason.endswith("within 180 days: too few customers in one of them.")


def test_who_comes_back_is_said_in_the_words_of_return():
    told = by_group(cohort(no_outside_answer=10, solved=60), WRITERS)
    assert told.said().text.startswith(
        "Within 180 days 60.0% of “solved” customers came back, and 10.0% of “no outside answer”."
    )
    assert list(told.table())[-1] == "came back by day 365"
    assert told.curves.origin == "the landmark"


def test_the_table_counts_landmarks_where_a_customer_counts_at_several():
    rows = cohort(solved_in_time=10, unresolved=60)
    assert list(by_group(rows, LEAVERS).table()) == [
        "customers", "events", "left by day 90", "left by day 180", "left by day 365"
    ]  # fmt: skip
    twice = by_group(pd.concat([rows, rows.head(1)]), LEAVERS).table()
    assert twice.loc["solved in time", ["customers", "times counted", "events"]].tolist() == [
        100, 101, 11
    ]  # fmt: skip
    # log-minus-log: 0.4 to the power of exp(-+1.96 x 0.049 / (0.4 x 0.916))
    assert twice.loc["unresolved", "left by day 180"] == "60.0% (50.6% to 69.6%)"


def test_past_the_last_day_watched_a_share_reads_as_a_dash():
    rows = cohort(solved_in_time=10, unresolved=60).assign(time=lambda c: c["time"] / 2)
    assert by_group(rows, LEAVERS).table().loc["unresolved", "left by day 365"] == "–"


def test_what_cannot_be_told_passes():
    unknown = CannotTell("nobody.")
    assert by_group(unknown, LEAVERS) is unknown
