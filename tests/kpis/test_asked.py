"""Of which tickets a KPI is asked: none that the export could not know whole."""

from cxresearch.kpis.tidy import asked, solved
from tests.kpis.desk import day, desk, ticket

ROWS = [
    ticket("early", "p", -5, 1), ticket("in", "p", 5, 6), ticket("spam", "p", 5, 6, is_spam=True),
    ticket("open", "q", 7), ticket("unsure", "q", 8, 9, status="unknown"),
    ticket("young", "r", 90, 91), ticket("late", "r", 100, 101),
]  # fmt: skip


def study():
    return desk(ROWS, until=100, tickets_from=day(0).isoformat(), status_settles_after_days=30.0)


def test_tickets_count_from_when_all_are_exported_until_observation_ends():
    assert asked(study())["ticket_id"].tolist() == ["in", "open", "unsure", "young"]


def test_solved_are_those_whose_state_is_known_and_settled():
    found = solved(study())
    assert found["ticket_id"].tolist() == ["in"]
    assert found["at"].tolist() == [day(6)]
