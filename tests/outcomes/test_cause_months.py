"""Causes month by month: what is whole is counted, and the title says the largest change."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell, Study
from cxresearch.outcomes.cause_months import HALVES, CauseMonths, cause_months

START = pd.Timestamp("2024-01-10", tz="UTC")


def months(**causes) -> CauseMonths:
    starts = pd.date_range("2024-01-01", periods=4, freq="MS")
    rows = [(c, m, float(n)) for c, of in causes.items() for m, n in zip(starts, of, strict=True)]
    return CauseMonths(pd.DataFrame(rows, columns=["cause", "month", "tickets"]))


def test_the_title_is_the_largest_change_from_half_to_half():
    both = months(a=[10, 10, 10, 12], b=[1, 1, 2, 2])
    ax = both.plot()
    assert ax.figure.get_suptitle() == "b: +100% from the first to the second half"
    assert "a +10%; b +100%." in both.described()
    assert [each.get_ylim()[1] for each in ax.figure.axes] == pytest.approx([12.6, 12.6])
    plt.close(ax.figure)


def test_a_cause_that_did_not_exist_before_has_no_change():
    new = months(new=[0, 0, 5, 5])
    assert new.changes().isna().all()
    ax = new.plot()
    assert ax.figure.get_suptitle() == "Tickets a month"
    plt.close(ax.figure)


def test_one_cause_alone_is_drawn_alone():
    alone = months(a=[1, 1, 1, 1], b=[2, 2, 2, 4]).of("b")
    assert set(alone.frame["cause"]) == {"b"}
    assert alone.described().endswith("half: b +50%.")
    ax = alone.plot()
    assert (ax.figure.get_suptitle(), ax.get_title()) == ("b: +50%", HALVES)
    plt.close(ax.figure)


def test_a_long_name_of_one_cause_alone_stands_whole_within_the_figure():
    name = "records can be recovered · proration mean · change restored"
    ax = months(**{name: [1, 1, 2, 2]}).plot()
    assert ax.figure.get_suptitle() == f"{name}: +100%"
    ax.figure.draw_without_rendering()
    assert ax.figure._suptitle.get_window_extent().x1 < ax.figure.bbox.x1
    plt.close(ax.figure)


def study(days: list[int], until: str) -> Study:
    ids = [str(i) for i in range(len(days))]
    created = [START + pd.Timedelta(days=day) for day in days]
    tickets = pd.DataFrame({"ticket_id": ids, "created_at": created, "status": "open"})
    told = pd.DataFrame({"ticket_id": ids, "topic": 0, "cause": "a", "weight": [0.5] * len(days),
                         "is_exit_request": False})  # fmt: skip
    tables = {"tickets": tickets, "ticket_causes": told}
    return Study.from_tables(tables, observed_until=until)


def test_whole_months_are_counted_by_weight_and_the_others_left_out():
    counts = cause_months(study([0, 25, 26, 60, 150], "2024-06-15T00:00:00Z")).frame
    assert counts["month"].dt.strftime("%m").tolist() == ["02", "03", "04", "05"]
    assert counts["tickets"].tolist() == [1.0, 0.5, 0.0, 0.0]


def test_three_whole_months_show_no_change():
    assert isinstance(cause_months(study([0, 25], "2024-05-20T00:00:00Z")), CannotTell)
