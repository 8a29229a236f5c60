"""Open tickets by day and by age: on paper, on the fixtures, and against pandas."""

import pandas as pd
import pytest

from cxresearch import CannotTell
from cxresearch.kpis.backlog import OVER, backlog, open_at_end, open_by_age, open_by_day
from tests.kpis.desk import desk, fixtures, status, ticket, whole
from tests.outcomes.test_leaving import company

# a is open for two days; b comes back on the fourth; c stays; d's state is unknown; e is written
# and solved on one day.
ROWS = [
    ticket("a", "p", 0.5, 2.5),
    ticket("b", "p", 1.5, 2.5, last_reopened_at=4.5, last_solved_at=6.5),
    ticket("c", "q", 3.5), ticket("d", "q", 0.5, status="unknown"), ticket("e", "r", 3.1, 3.2),
]  # fmt: skip


def test_open_at_the_end_of_each_day_by_hand():
    found = open_by_day(desk(ROWS, until=7.5))
    assert found["open"].tolist() == [1, 2, 0, 1, 2, 2, 1, 1]
    assert found["opened"].tolist() == [1, 1, 0, 2, 1, 0, 0, 0]
    assert found["ended"].tolist() == [0, 0, 2, 1, 0, 0, 1, 0]


def test_a_history_of_states_is_taken_at_its_word():
    # Pending and hold are open; closed after solved ends nothing twice.
    rows = [ticket("a", "p", 0.5, 2.5, status="closed")]
    events = [status("a", 1, "open", "pending"), status("a", 2.5, "pending", "solved"),
              status("a", 3.5, "solved", "open"), status("a", 4.5, "open", "hold"),
              status("a", 5.5, "hold", "solved"), status("a", 6.5, "solved", "closed")]  # fmt: skip
    assert open_by_day(desk(rows, events, until=7))["open"].tolist() == [1, 1, 0, 1, 1, 0, 0, 0]


def test_solved_before_it_was_written_is_not_open():
    rows = [ticket("a", "p", 1.5, 0.5), ticket("b", "p", 1.5)]
    told = [status("a", 0.5, "open", "solved")]
    for events in (None, told):
        study = desk(rows, events, until=2.5)
        assert open_at_end(study)["ticket_id"].tolist() == ["b"]
        assert open_by_day(study)["open"].tolist() == [1, 1]


def test_a_day_is_a_day_of_the_studys_own_clocks():
    # 23:30 in UTC is the next day in Madrid.
    found = open_by_day(desk([ticket("a", "p", 23.5 / 24)], until=2, time_zone="Europe/Madrid"))
    assert found["day"].iloc[0] == pd.Timestamp("2025-01-02")


def test_what_is_open_at_the_end_by_age():
    ages = [0.5, 1, 6.9, 7, 30, 89, 90]
    study = desk([ticket(str(n), "p", 100 - n) for n in ages], until=100)
    assert open_by_age(study)["tickets"].tolist() == [1, 2, 1, 2, 1]
    assert open_by_age(study)["share"].sum() == pytest.approx(1)


def test_the_backlog_is_the_last_days_open_tickets_and_says_what_it_leaves_out():
    study = desk(ROWS, until=7.5)
    found = whole(backlog(study))
    assert (found["estimate"], found["verdict"]) == (1, "no target")
    assert found["why"] == "1 tickets left out: their state is unknown"
    more = desk([*ROWS, ticket("z", "z", 7)], until=7.5)
    assert whole(backlog(more))["estimate"] == 2


def test_on_the_fixtures_1003_and_1006_are_open():
    assert open_at_end(fixtures())["ticket_id"].tolist() == ["1003", "1006"]


def test_without_a_state_nothing_is_said_to_be_closed():
    unknown = desk([ticket("a", "p", 0, status="unknown")])
    assert isinstance(open_by_day(unknown), CannotTell)
    assert whole(backlog(unknown))["verdict"] == "cannot tell"


def test_a_company_is_counted_as_pandas_counts_it():
    study = company(8, 150)
    changes = study.ticket_events.query("field == 'status'").sort_values(["event_at", "event_id"])
    found = open_by_day(study).set_index("day")["open"]
    for n in (30, 200, 500):
        end = found.index[0] + pd.Timedelta(days=n)
        until = end.tz_localize("UTC") + pd.Timedelta(days=1) - pd.Timedelta(seconds=1)
        written = study.customer_tickets.query("created_at <= @until")["ticket_id"]
        last = changes[changes["event_at"] <= until].groupby("ticket_id")["value_to"].last()
        assert found[end] == (~written.map(last).isin(OVER)).sum() > 0
