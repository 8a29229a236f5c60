"""Two periods beside each other: changes by hand, and periods that cannot be compared."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import InputError
from cxresearch.kpis.change_results import Change, alone, by_cause, errs
from cxresearch.kpis.overdue import overdue
from cxresearch.kpis.period_kpis import COMPARED, WATCHED
from cxresearch.kpis.periods import last_two, whole_weeks
from cxresearch.kpis.two_periods import compare
from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.intervals import wider, wilson
from tests.kpis.desk import START, customer, desk, event, status, ticket

# A desk that promises 7 days. In the first quarter 8 of 40 issues wait longer, in the second 32;
# each is of a customer of its own, so that Wilson's intervals are those of independent rows.
SLOW = {"first": 8, "second": 32}


def two_quarters(until: float = 365, **settings):
    rows = []
    for name, begin in (("first", 5), ("second", 95)):
        for i in range(40):
            solved = begin + i + (9 if i < SLOW[name] else 1)
            who = f"{name}{i}"
            rows.append(ticket(who, who, begin + i, solved, first_reply_at=begin + i + 0.5))
    people = [customer(row["ticket_id"]) for row in rows]
    causes = {row["ticket_id"]: "a" for row in rows}
    settings.setdefault("tickets_from", START.isoformat())
    return desk(rows, causes=causes, customers=people, until=until, **settings)


@pytest.fixture(scope="module")
def change() -> Change:
    return compare(two_quarters(), "2025Q1", "2025Q2")


def test_a_change_is_the_difference_with_an_interval_of_both(change):
    row = change.frame.loc["Overdue"]
    assert [row["before"], row["after"], row["change"]] == pytest.approx([0.2, 0.8, 0.6])
    low, high = wilson(8, 40)
    up = wilson(32, 40)[1]
    wide = row["high"] - row["change"], np.hypot(up - 0.8, 0.2 - low)
    assert high > 0.2
    # Bonferroni over all that is compared, four times a year
    assert wide[0] / wide[1] == pytest.approx(wider(4 * change.comparisons, df=39))
    assert row["alone high"] - row["change"] == pytest.approx(wide[1])
    assert row["verdict"] == "more"
    assert change.said("Overdue").text.startswith("+60.0 percentage points (+")
    assert change.short("Overdue").startswith("more since 2025Q1: +60.0 (")
    assert change.short("First contact resolution") == "no clear change since 2025Q1"


def test_what_did_not_change_is_not_said_to_be_the_same(change):
    row = change.frame.loc["First answer"]
    assert row["change"] == pytest.approx(0) or np.isnan(row["low"])
    assert row["verdict"] == "cannot tell"
    assert "in 2025Q2 than in 2025Q1: " in change.said().text
    assert "overdue (from 20.0% to 80.0%)" in change.said().text
    changed = change.table()["verdict"].isin(["worse", "better"])
    assert changed.tolist() == sorted(changed, reverse=True)
    assert change.table()["what"].tolist()[0] == "Overdue"


def test_what_the_study_knows_nothing_of_says_why(change):
    assert isinstance(change.said("Satisfied"), CannotTell)
    assert "survey" in change.said("Satisfied").reason
    assert change.short("Satisfied") == "change since 2025Q1: cannot tell"


def test_a_period_that_was_not_watched_for_long_enough_is_not_compared():
    young = two_quarters(until=160)  # the last of them was written on day 134, due on day 141
    row = compare(young, "2025Q1", "2025Q2").frame.loc["Overdue"]
    assert np.isnan(row["change"])
    assert row["verdict"] == "cannot tell"
    assert "watched" in row["why"]


def test_what_is_worse_and_what_is_better_depends_on_the_side_that_is_bad(change):
    verdicts = change.table().set_index("what")["verdict"]
    assert verdicts["Overdue"] == "worse"  # more of it
    assert verdicts["Solved in time"] == "worse"  # less of it
    first, *_, rest = change.sentences()
    assert first.text.startswith("**Worse** in 2025Q2 than in 2025Q1: ")
    assert rest.numbers["rest"] == (change.table()["verdict"] == "cannot tell").sum()
    assert change.plot().get_figure().get_suptitle().startswith("Of ")
    turned = compare(two_quarters(), "2025Q1", "2025Q2")
    turned.frame["worse"] = turned.frame["worse"].replace({"more": "less", "less": "more"})
    assert turned.said().text.startswith("**Better** in 2025Q2 than in 2025Q1: ")


def test_every_comparison_and_every_look_of_a_year_is_allowed_for(change):
    compared = change.frame[["change", "low", "high"]].notna().all(axis=1).sum()
    assert change.comparisons == compared + len(change.causes)  # one cause: tickets and share
    assert errs(change).numbers == {"rate": 0.05, "looks": 4, "rows": change.comparisons}
    months = compare(two_quarters(), "2025-01", "2025-02")
    assert errs(months).numbers["looks"] == 12
    assert len(alone(change)) == compared


def test_what_is_not_compared_stands_last_in_the_table_with_its_reason(change):
    rows = change.table().set_index("what")
    assert rows.index[-1] == "Retention"
    assert rows.loc["Retention", "change (interval)"] == "–"
    assert rows.loc["Retention", "verdict"].startswith("cannot tell: who leaves: ended_at is empty")
    assert set(rows.index) == set(change.frame.index[change.frame["applies"]])


def test_where_nothing_is_compared_it_is_said_once():
    nothing = CannotTell("what changed: no.")
    for asked in (errs, alone, by_cause):
        assert isinstance(asked(nothing), DoesNotApply)


def test_volume_and_causes_are_those_of_as_many_whole_weeks():
    study = two_quarters()
    change = compare(study, "2025Q1", "2025Q2")
    row = change.frame.loc["Tickets in 12 weeks"]  # of 90 and 91 days
    before, after = whole_weeks(study, "2025Q1", "2025Q2")
    assert before[1] - before[0] == after[1] - after[0] == pd.Timedelta(weeks=12)
    # one customer a ticket, written on days 5 to 44, and 95 to 134: all of them in the weeks
    assert row[["before", "after"]].tolist() == [40, 40]
    assert row["alone high"] == pytest.approx(1.96 * np.sqrt(80), rel=1e-3)
    share = change.causes.set_index("what").loc["share"]
    assert share[["before", "after", "change"]].tolist() == [1, 1, 0]


def test_the_order_of_rows_changes_nothing():
    study = two_quarters()
    mixed = desk(
        study.tickets.sample(frac=1, random_state=1).to_dict("records"),
        causes={t: "a" for t in study.tickets["ticket_id"][::-1]},
        customers=study.customers[::-1].to_dict("records"),
        tickets_from=START.isoformat(),
    )
    one, other = (compare(s, "2025Q1", "2025Q2").frame for s in (study, mixed))
    pd.testing.assert_frame_equal(one, other)


def test_what_is_compared_has_a_row_of_its_name_in_its_kpi():
    study = two_quarters()
    for name, (row, kpi) in COMPARED.items():
        assert row in kpi(study).frame["kpi"].tolist(), name


def test_the_last_two_periods_are_whole_and_watched():
    def two(until: float):
        return last_two(two_quarters(until=until))

    assert two(181 + WATCHED + 8) == ("2025Q1", "2025Q2")
    assert two(181 + WATCHED + 1) == ("2025-04", "2025-05")
    assert isinstance(two(60), CannotTell)


@pytest.mark.parametrize(
    ("before", "after", "weeks"),
    [("2025-01", "2025-02", 4), ("2025-02", "2025-03", 4), ("2025Q1", "2025Q2", 12),
     ("2025Q2", "2025Q3", 13), ("2025Q1", "2025Q4", 12)],
)  # fmt: skip
def test_february_is_four_weeks_and_a_quarter_twelve_or_thirteen(before, after, weeks):
    study = two_quarters(time_zone="Europe/Berlin")
    spans = whole_weeks(study, before, after)
    local = [end.tz_convert("Europe/Berlin") for span in spans for end in span]
    assert [moment.hour for moment in local] == [0, 0, 0, 0]  # also where clocks are set
    assert {(b.date() - a.date()).days for a, b in (local[:2], local[2:])} == {7 * weeks}


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "2025Q1"), ("2025Q2", "2025Q1"), ("2025Q1", "2025-05"), ("2025Q1", "2025Q1"),
     ("x", "2025Q1"), ("2024", "2025"), ("2025-01-01", "2025-01-02")],
)  # fmt: skip
def test_other_periods_are_refused(before, after):
    with pytest.raises(InputError, match=r"quarter|period"):
        compare(two_quarters(), before, after)


def test_late_is_late_within_the_same_time_for_old_and_new_issues():
    again = event("a", 60, "status", "agent", field="status", value_from="solved", value_to="open")
    first = ticket("a", "a", 0, 1, count_reopens=1, first_reply_at=0.5, status="open")
    events = [status("a", 0, "new", "open"), status("a", 1, "open", "solved"), again]
    study = desk([first], events=events, customers=[customer("a")], causes={"a": "x"})
    assert overdue(study).frame.iloc[0]["estimate"] == 1  # it was opened again, and still is
    assert overdue(study, within=WATCHED).frame.iloc[0]["estimate"] == 0


def test_quarters_are_those_of_the_studys_zone():
    late = ticket("a", "a", 90 - 1 / 24, 91, first_reply_at=90.1)  # 31 March, 23:00 UTC
    study = desk([late], customers=[customer("a")], causes={"a": "x"}, time_zone="Europe/Berlin")
    assert "2025Q2" in overdue(study, by="quarter").frame["group"].tolist()
    assert pd.Period("2025Q2").start_time.month == 4
