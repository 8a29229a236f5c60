"""Open tickets when a study ends: on paper, on the fixtures, and against pandas."""

import pandas as pd

from cxresearch.kpis.backlog import OVER, backlog, open_at_end
from tests.kpis.desk import desk, fixtures, status, ticket, whole
from tests.outcomes.test_leaving import company

# a is open for two days; b comes back on the fourth; c stays; d's state is unknown; e is written
# and solved on one day.
ROWS = [
    ticket("a", "p", 0.5, 2.5),
    ticket("b", "p", 1.5, 2.5, last_reopened_at=4.5, last_solved_at=6.5),
    ticket("c", "q", 3.5), ticket("d", "q", 0.5, status="unknown"), ticket("e", "r", 3.1, 3.2),
]  # fmt: skip


def open_by_day(rows, events=None) -> list[int]:
    """How many are open at the end of each of eight days, if the study ends then."""
    return [len(open_at_end(desk(rows, events, until=n))) for n in range(1, 9)]


def test_open_at_the_end_of_each_day_by_hand():
    assert open_by_day(ROWS) == [1, 2, 0, 1, 2, 2, 1, 1]


def test_a_history_of_states_is_taken_at_its_word():
    # Pending and hold are open; closed after solved ends nothing twice.
    rows = [ticket("a", "p", 0.5, 2.5, status="closed")]
    events = [status("a", 1, "open", "pending"), status("a", 2.5, "pending", "solved"),
              status("a", 3.5, "solved", "open"), status("a", 4.5, "open", "hold"),
              status("a", 5.5, "hold", "solved"), status("a", 6.5, "solved", "closed")]  # fmt: skip
    assert open_by_day(rows, events) == [1, 1, 0, 1, 1, 0, 0, 0]


def test_solved_before_it_was_written_is_not_open():
    rows = [ticket("a", "p", 1.5, 0.5), ticket("b", "p", 1.5)]
    told = [status("a", 0.5, "open", "solved")]
    for events in (None, told):
        study = desk(rows, events, until=2.5)
        assert open_at_end(study)["ticket_id"].tolist() == ["b"]


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
    assert whole(backlog(unknown))["verdict"] == "cannot tell"


def test_a_company_is_counted_as_its_history_says():
    study = company(8, 150)
    changes = study.ticket_events.query("field == 'status'").sort_values(["event_at", "event_id"])
    first = study.tickets["created_at"].min().normalize()
    for n in (30, 200, 500):
        until = first + pd.Timedelta(days=n)
        written = study.customer_tickets.query("created_at < @until")["ticket_id"]
        last = changes[changes["event_at"] <= until].groupby("ticket_id")["value_to"].last()
        still = study.with_settings(observed_until=until.isoformat())
        assert len(open_at_end(still)) == (~written.map(last).isin(OVER)).sum() > 0
