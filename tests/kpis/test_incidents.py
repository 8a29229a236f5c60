"""How wide an incident reached, by hand and on planted incidents."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from cxresearch import CannotTell, Study
from cxresearch.kpis.incidents import Incidents, against_usual, blast_radius, surging
from cxresearch.study.drawing import WARN
from cxresearch.study.intervals import z
from cxresearch.study.schema import InputError
from tests.outcomes.test_leaving import company

MONDAY = pd.Timestamp("2024-01-01T00:00:00Z")
WEEK = pd.Timedelta(weeks=1)


def study(rows, **settings) -> Study:
    """Tickets (week, requester) on one cause, a day into the week."""
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(len(rows))],
            "requester_id": [who for _, who in rows],
            "created_at": [MONDAY + week * WEEK + pd.Timedelta(days=1) for week, _ in rows],
            "status": "open",
        }
    )
    causes = pd.DataFrame({"ticket_id": tickets["ticket_id"], "topic": 0, "cause": "x",
                           "weight": 1.0, "is_exit_request": False})  # fmt: skip
    settings = {"tickets_from": MONDAY.isoformat(), **settings}
    return Study.from_tables({"tickets": tickets, "ticket_causes": causes}, **settings)


def window(first: int, weeks: int = 1) -> pd.DataFrame:
    since = MONDAY + first * WEEK
    return pd.DataFrame({"cause": ["x"], "since": [since], "until": [since + weeks * WEEK]})


def usual(weeks) -> list:
    """Two customers a week, never the same."""
    return [(w, f"u{w}-{i}") for w in weeks for i in range(2)]


def test_customers_and_not_tickets_are_counted_against_usual_weeks():
    # 30 usual weeks of two customers; in week 30, ten customers write three times each.
    rows = usual(range(30)) + [(30, f"h{i}") for i in range(10) for _ in range(3)]
    found = blast_radius(study(rows), window(30)).frame.iloc[0]
    assert (found["tickets"], found["customers"]) == (30, 10)
    assert found["expected"] == pytest.approx(2)
    assert found["ratio"] == pytest.approx(5)
    assert found["excess"] == pytest.approx(8)
    # 26 weeks of history (0 to 25) hold 52 customers, all weeks alike: Poisson's error.
    assert found["low"] == pytest.approx(5 * np.exp(-z() * np.sqrt(1 / 10 + 1 / 52)))
    assert np.isnan(found["active"])
    assert np.isnan(found["revenue"])


def test_twice_as_many_weeks_bring_twice_as_many():
    found = blast_radius(study(usual(range(32))), window(30, 2)).frame.iloc[0]
    assert found["customers"] == 4
    assert found["expected"] == pytest.approx(4)
    assert found["low"] < 1 < found["high"]


def test_the_weeks_before_and_other_incidents_are_no_history():
    # A slow start in weeks 26 to 29, and an earlier incident in week 10, raise no expectation.
    rows = usual(range(26)) + [(10, f"e{i}") for i in range(40)]
    rows += [(w, f"s{w}-{i}") for w in range(26, 30) for i in range(9)] + usual([30])
    both = pd.concat([window(10), window(30)], ignore_index=True)
    found = blast_radius(study(rows), both).frame.set_index("since")
    assert found.loc[MONDAY + 30 * WEEK, "expected"] == pytest.approx(2)


def test_weeks_that_differ_widen_the_interval():
    even = against_usual(20, np.full(26, 4.0), 1)
    uneven = against_usual(20, np.tile([0.0, 8.0], 13), 1)
    assert even["ratio"] == uneven["ratio"] == 5
    assert uneven["low"] < even["low"]
    assert uneven["excess low"] < even["excess low"]


@pytest.mark.parametrize("history", [np.full(5, 4.0), np.zeros(26)])
def test_too_thin_a_history_has_no_expectation(history):
    assert np.isnan(against_usual(20, history, 1)["expected"])


def test_a_cause_that_is_not_there_is_named():
    with pytest.raises(InputError, match="no cause 'y'"):
        blast_radius(study(usual(range(30))), window(29).assign(cause="y"))


def test_no_incident_has_no_radius():
    none = blast_radius(study(usual(range(30))), window(29).head(0))
    assert none.frame.empty
    assert isinstance(none.said(), CannotTell)
    assert isinstance(surging(study(usual(range(40)))), CannotTell)


def test_without_causes_no_incident_can_be_told():
    found = surging(Study.from_tables({"tickets": study(usual(range(40))).tickets}))
    assert isinstance(found, CannotTell)
    assert "causes are not known" in found.reason


def test_planted_incidents_are_found_and_their_width_is_right():
    firm = company(41, 2500)
    wide = blast_radius(firm, surging(firm))
    found = wide.frame.set_index("cause")
    # 3.5% of those active have the sync incident, besides what the cause brings anyway.
    sync = found.loc["sync"]
    sync = sync if isinstance(sync, pd.Series) else sync.iloc[0]
    planted = 0.035 * sync["active"]
    assert sync["excess low"] - 12 < planted < sync["excess high"] + 12
    assert sync["revenue"] > 0
    said = wide.said().text
    assert "customers**" in said


def incidents(**more) -> Incidents:
    since = pd.to_datetime(["2025-02-03", "2025-01-06"], utc=True)
    rows = pd.DataFrame(
        {"cause": ["y", "x"], "since": since, "until": since + 2 * WEEK, "customers": [1050, 10],
         "expected": [9.4, 5.0], "excess": [1040.6, 5.0], "excess low": [1035.2, 1.0],
         "excess high": [1045.0, 7.0], "active": [2100.0, np.nan], "revenue": [4321.0, np.nan]}
    )  # fmt: skip
    return Incidents(rows.assign(**more), "EUR")


def test_the_widest_incident_is_said_with_what_its_cause_brings_anyway():
    assert incidents().said().text == (
        "**1,050 customers** wrote about y from 2025-02-03 to before 2025-02-17, the widest of 2 "
        "incidents. In as many usual weeks 9 would: 1041 more wrote (95% interval 1035 to 1045). "
        "They paid 4,321 EUR a month."
    )


def test_what_is_not_known_of_an_incident_is_not_said():
    said = incidents(active=np.nan, revenue=np.nan).said().text
    assert "paid" not in said
    thin = incidents(excess=np.nan)
    assert "no cause had a long enough history" in thin.said().reason
    assert thin.plot().figure.get_suptitle() == "2 incidents, none with a history to judge it by"
    plt.close("all")


def test_every_incident_stands_in_the_table():
    assert incidents().table().iloc[0].to_dict() == {
        "cause": "y", "since (weeks)": "2025-02-03 (2)", "customers (of active)": "1,050 (50.0%)",
        "expected": 9, "more (95% interval)": "1041 (1035 to 1045)", "paid a month": 4321,
    }  # fmt: skip
    unknown = incidents(active=np.nan, revenue=np.nan).table()
    assert unknown["customers (of active)"].tolist() == ["1,050", "10"]
    assert "paid a month" not in unknown


def test_incidents_show_touched_beside_expected():
    ax = incidents().plot()
    expected, touched = ax.collections[-2:]
    assert touched.get_offsets().tolist() == [[1050, 1], [10, 0]]
    assert to_hex(touched.get_facecolor()[0]) == WARN
    assert expected.get_offsets()[:, 0].tolist() == [9.4, 5]
    spans = [segment[:, 0].tolist() for segment in ax.collections[1].get_segments()]
    assert spans == [pytest.approx([5, 14.8]), [3, 9]]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["2025-02-03 y", "2025-01-06 x"]
    title = "The widest incident touched 1050 customers where 9 were to be expected"
    assert ax.figure.get_suptitle() == title
    plt.close(ax.figure)


def test_incidents_that_are_not_drawn_are_counted():
    both = incidents()
    assert "further" not in both.described()
    many = Incidents(pd.concat([both.frame] * 7, ignore_index=True), "EUR")
    assert many.described().endswith(". 2 further incidents are in the table only.")
