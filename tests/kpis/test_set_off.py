"""What set tickets off, by hand: windows, matched days, customers, causes, and what is said."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from scipy import stats

from cxresearch import CannotTell, Study
from cxresearch.kpis.matched_days import against_matched, days_around
from cxresearch.kpis.set_off import SetOff, set_off, with_verdicts
from cxresearch.study.as_parquet import read, written
from cxresearch.study.drawing import QUIET, WARN

MONDAY = pd.Timestamp("2024-01-01T00:00:00Z")
DAYS = 140


def at(day) -> pd.Timestamp:
    return MONDAY + pd.Timedelta(days=day)


def study(tickets, incidents, causes=True, **more) -> Study:
    """Tickets (day, requester, cause) and incidents (kind, from, until)."""
    ids = [f"t{i}" for i in range(len(tickets))]
    frames = {
        "tickets": pd.DataFrame(
            {"ticket_id": ids, "requester_id": [who for _, who, _ in tickets], "status": "open",
             "created_at": [at(day) for day, _, _ in tickets]}
        ),
        "incidents": pd.DataFrame(
            {"incident_id": [f"i{i}" for i in range(len(incidents))],
             "kind": [kind for kind, _, _ in incidents],
             "started_at": [at(day) for _, day, _ in incidents],
             "ended_at": [pd.NaT if day is None else at(day) for _, _, day in incidents],
             "component": "api", "title": [f"number {i}" for i in range(len(incidents))]}
        ),
    }  # fmt: skip
    if causes:
        frames["ticket_causes"] = pd.DataFrame(
            {"ticket_id": ids, "topic": 0, "cause": [cause for _, _, cause in tickets],
             "weight": 1.0, "is_exit_request": False}
        )  # fmt: skip
    span = {"tickets_from": MONDAY.isoformat(), "observed_until": at(DAYS).isoformat()}
    return Study.from_tables(frames, **span | more)


def usual() -> list:
    """Four tickets a day, two of each cause, never by the same customer."""
    return [(d + 0.1 + i / 5, f"u{d}-{i}", "xy"[i % 2]) for d in range(DAYS) for i in range(4)]


HIT = [(70.2 + i / 50, f"h{i // 2}", "x") for i in range(24)]  # 24 tickets by 12 customers
OUTAGE = ("incident", 70, 70.5)  # its window: days 70, 71 and 72


def row(found: SetOff, number: int = 0) -> pd.Series:
    return found.frame[found.frame["incident"].str.contains(f"number {number}")].iloc[0]


def test_tickets_in_a_window_are_compared_with_the_same_weekdays_around():
    found = set_off(study(usual() + HIT, [OUTAGE]))
    one = row(found)
    assert one["tickets"] == 12 + 24
    assert one["expected"] == pytest.approx(12, rel=1e-4)  # three days of four tickets
    assert one["ratio"] == pytest.approx(3, rel=1e-4)
    assert (one["verdict"], one["about"]) == ("rose", "x")
    assert found.causes.set_index("cause").loc["y", "ratio"] == pytest.approx(1, rel=1e-4)


def test_customers_beyond_the_usual_are_counted_once_each():
    # 24 customers wrote; of their 24 customer-days (nobody wrote on two) 12 are usual.
    one = row(set_off(study(usual() + HIT, [OUTAGE])))
    assert one["customers"] == 24
    assert one["more"] == pytest.approx(12, rel=1e-4)
    assert one["more low"] < 12 < one["more high"] < 24


def test_a_release_has_a_week_and_an_end_that_is_not_known_is_the_start():
    found = set_off(study(usual(), [("release", 40, None), ("incident", 90, None)]))
    assert row(found, 0)["expected"] == pytest.approx(28)
    assert row(found, 1)["expected"] == pytest.approx(8)
    assert set(found.frame["verdict"]) == {"did not", "cannot tell"}


def spans(*rows) -> pd.DataFrame:
    """Windows (kind, start, days)."""
    frame = pd.DataFrame(rows, columns=["kind", "start", "days"])
    return frame.assign(end=frame["start"] + frame["days"])


def test_matched_days_are_outside_of_other_windows_and_within_what_was_observed():
    windows = spans(("incident", 70, 2), ("incident", 77.5, 1), ("release", 85, 1))
    own, matched = days_around(windows, 0, 40, 140)
    assert own.tolist() == [0, 1]
    # weeks -4 to 6: day 7 and 8 touch the second incident, day 15 the release
    every = [d for week in range(-4, 7) for d in (7 * week, 7 * week + 1)]
    assert matched.tolist() == [d for d in every if d not in (0, 1, 7, 8, 15)]


def test_a_kind_that_fills_most_days_takes_none_from_others_but_all_from_its_own():
    weekly = [("release", day, None) for day in range(0, DAYS - 7, 7)]
    found = set_off(study(usual() + HIT, [OUTAGE, *weekly]))
    assert row(found)["verdict"] == "rose"
    verdicts = found.frame.loc[found.frame["kind"] == "release", "verdict"]
    assert set(verdicts) == {"cannot tell: too few matched days"}


def test_windows_at_the_same_time_are_counted():
    found = set_off(study(usual(), [OUTAGE, ("maintenance", 71, 71.1), ("incident", 100, 101)]))
    assert [row(found, n)["also"] for n in range(3)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("incident", "why"),
    [(("incident", 20, 70), "longer than 42 days"), (("incident", 139, 140), "cannot tell"),
     (("incident", 300, 301), "too few matched days")],
)  # fmt: skip
def test_what_cannot_be_compared_says_why(incident, why):
    assert why in row(set_off(study(usual(), [incident])))["verdict"]


def test_too_few_tickets_cannot_be_compared():
    few = [(d + 0.5, f"u{d}", "x") for d in range(0, DAYS, 20)]
    assert row(set_off(study(few, [OUTAGE])))["verdict"] == "cannot tell: too few tickets"


def test_without_incidents_it_cannot_be_told_and_without_causes_it_can():
    none = set_off(study(usual(), []))
    assert isinstance(none, CannotTell)
    assert "release calendar" in none.reason
    assert row(set_off(study(usual() + HIT, [OUTAGE], causes=False)))["verdict"] == "rose"


def test_the_order_of_rows_changes_nothing():
    rows = usual() + HIT
    other = [rows[i] for i in np.random.default_rng(1).permutation(len(rows))]
    one, two = (set_off(study(r, [OUTAGE])).frame for r in (rows, other))
    pd.testing.assert_frame_equal(one, two)


def matched(own: int, each) -> pd.Series:
    each = pd.DataFrame([each], columns=np.arange(len(each)) * 7)
    return against_matched(pd.Series([own]), each, np.ones(each.shape[1]), 1.0).iloc[0]


def test_the_interval_is_that_of_two_rates_with_students_t():
    one = matched(12, [4] * 12)
    # Jeffreys: of 12 and 48 tickets, the share in the window, with t of 12 - 2 days.
    tail = stats.norm.cdf(stats.t.ppf(0.025, 10))
    share = stats.beta(12.5, 48.5).ppf([tail, 1 - tail])
    assert one[["low", "high"]].tolist() == pytest.approx((12 * share / (1 - share)).tolist())
    below = stats.beta(12.5, 48.5).cdf(1 / 13)
    assert one["p"] == pytest.approx(2 * stats.t.sf(stats.norm.isf(below), 10))


def test_days_that_differ_widen_the_interval():
    even, uneven = matched(9, [4] * 12), matched(9, [0, 8] * 6)
    assert even["ratio"] == uneven["ratio"] == 2.25
    assert uneven["low"] < even["low"] < even["high"] < uneven["high"]


def test_weeks_that_differ_widen_it_more_than_days_that_do():
    days = np.add.outer(np.arange(6) * 7, np.arange(2)).ravel()  # two days in each of six weeks
    alike, apart = (pd.DataFrame([of], columns=days) for of in ([2, 6] * 6, [2, 2, 6, 6] * 3))
    one, two = (against_matched(pd.Series([9]), of, np.ones(12), 2.0).iloc[0]
                for of in (alike, apart))  # fmt: skip
    assert one["ratio"] == two["ratio"]
    assert two["low"] < one["low"] < one["high"] < two["high"]


def test_what_is_usual_follows_the_trend():
    rows = [(d + 0.1 + i / 40, f"u{d}-{i}", "x") for d in range(DAYS) for i in range(2 + d // 10)]
    late = row(set_off(study(rows, [("incident", 137, 137.9)])))  # matched days are all before
    assert late["tickets"] == 15 * 3
    assert late["expected"] == pytest.approx(45, rel=0.12)  # their mean, without it, is 35


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=5, max_size=12), st.integers(1, 200))
def test_the_ratio_lies_in_its_interval_and_p_agrees_with_it(each, own):
    if sum(each) < 5:
        return
    one = matched(own, each)
    assert one["low"] < one["ratio"] < one["high"]
    assert (one["p"] < 0.05) == (one["low"] > 1 or one["high"] < 1)
    assert matched(own + 1, each)["low"] > one["low"]
    assert one["usual low"] < one["expected"] < one["usual high"]


def test_a_verdict_needs_a_rise_that_holds_among_many_or_one_that_is_ruled_out():
    rows = pd.DataFrame({"ratio": [3.0, 3.0, 0.9, 1.2, np.nan], "high": [9, 9, 1.4, 1.6, np.nan],
                         "p": [0.001, 0.04, 0.8, 0.6, np.nan]})  # fmt: skip
    rows["verdict"] = [None, None, None, None, "cannot tell: too few tickets"]
    assert with_verdicts(rows, "rose", "did not")["verdict"].tolist() == [
        "rose", "cannot tell", "did not", "cannot tell", "cannot tell: too few tickets",
    ]  # fmt: skip


def shown(**more) -> SetOff:
    rows = pd.DataFrame(
        {"incident": ["2025-03-01 api down", "2025-04-01 v2"], "kind": ["incident", "release"],
         "component": ["api", None], "also": [0, 1], "tickets": [90, 40], "customers": [70, 38],
         "expected": [30.0, 41.0], "ratio": [3.0, 0.98], "low": [2.1, 0.7], "high": [4.2, 1.3],
         "more": [46.0, -1.0], "more low": [33.0, -15.0], "more high": [55.0, 10.0],
         "about": ["*sync*", ""], "verdict": ["rose", "did not"]}
    )  # fmt: skip
    return SetOff(rows.assign(**more), pd.DataFrame())


def test_how_many_rose_and_which_brought_most_customers_is_said():
    assert shown().said().text == (
        "**1 of 2** incidents, maintenances and releases were followed by more tickets. For 1 a "
        "rise by half is ruled out; 0 cannot be told. Most customers came with 2025-03-01 api "
        "down: **46** "
        "more than usual (33 to 55), about \\*sync\\*."
    )
    assert "Most" not in shown(verdict="did not").said().text
    assert isinstance(shown(verdict="cannot tell").said(), CannotTell)


def test_incidents_stand_in_the_table_with_their_intervals():
    assert shown().table().iloc[0].to_dict() == {
        "incident": "2025-03-01 api down (incident)", "customers": 70,
        "tickets": 90, "usual": "30", "times the usual": "3.0 (2.1 to 4.2)",
        "customers beyond the usual": "46 (33 to 55)", "rose": "*sync*",
        "others at the time": 0, "verdict": "rose",
    }  # fmt: skip


def test_the_figure_is_orange_where_tickets_rose():
    ax = shown().plot()
    assert [to_hex(c) for c in ax.collections[-1].get_facecolor()] == [WARN, QUIET]
    title = "1 of 2 incidents were followed by more tickets"
    assert ax.figure.get_suptitle() == title
    plt.close(ax.figure)
    many = SetOff(pd.concat([shown().frame] * 7, ignore_index=True), pd.DataFrame())
    assert many.described().endswith(" 2 further ones are in the table only.")
    assert isinstance(shown(ratio=np.nan).plot(), CannotTell)


def test_a_name_shows_no_address_and_stands_once():
    tables = study(usual(), [OUTAGE, OUTAGE])
    tables.put("incidents", tables.incidents.assign(title="down for ann@example.org"))
    names = set(set_off(tables).frame["incident"])
    assert names == {"2024-03-11 down for [e-mail]", "2024-03-11 down for [e-mail] (2)"}


def test_it_is_kept_as_it_is():
    found = set_off(study(usual() + HIT, [OUTAGE, ("incident", 300, 301)]))
    kept, _ = read(written(found, {"key": "k", "reads": {}}))
    assert kept.said() == found.said()
    pd.testing.assert_frame_equal(kept.causes, found.causes)
