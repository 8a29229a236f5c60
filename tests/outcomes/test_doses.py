"""Waiting, silence, follow-up and severity as of a landmark, by hand."""

import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.outcomes import doses, steps
from tests.outcomes.test_recovery import day, small


def with_events(rows, tickets, ended=None, **columns) -> Study:
    """The study of one customer, with events (ticket, day, type, role, field, from, to, public)."""
    plain = small(tickets, ended)
    names = "ticket_id event_at event_type actor_role field value_from value_to is_public".split()
    events = pd.DataFrame([(*r, *[None] * (8 - len(r))) for r in rows], columns=names)
    events = events.assign(event_id=[str(i) for i in range(len(rows))],
                           event_at=[day(d) for d in events["event_at"]])  # fmt: skip
    events["is_public"] = events["is_public"].astype("boolean")
    tables = {n: plain.table(n) for n in ("customers", "ticket_causes")}
    tables |= {"tickets": plain.tickets.assign(**columns), "ticket_events": events}
    return Study.from_tables(tables, tickets_from=plain.settings.tickets_from,
                             observed_until=plain.settings.observed_until)  # fmt: skip


def reply(ticket: str, on: float, role: str = "agent", public: bool = True) -> tuple:
    return (ticket, on, "reply", role, None, None, None, public)


def test_bands_of_delay_are_as_of_four_promises_after_writing():
    tickets = [(10, 10.5), (20, 25), (30, 40), (50, 70), (80, 150), (340, 341)]
    rows = doses.delays(small(tickets))
    assert rows["step"].tolist() == [0, 1, 2, 3, 4]
    assert rows["group"].tolist() == [
        "solved within a day", "solved after 1 to 7 days", "solved after 7 to 14 days",
        "solved after 14 to 28 days", "still open",
    ]  # fmt: skip
    assert rows["time"].iloc[0] == pytest.approx(365 - 38)


def test_the_longest_silence_is_between_two_public_words_of_agents():
    # open from day 10 to 20; words on 11 and 15: silences of 1, 4 and 5 days
    rows = [reply("0", 11), reply("0", 15), reply("0", 18, public=False), reply("0", 17, "bot"),
            reply("0", 12, "customer")]  # fmt: skip
    (row,) = doses.silences(with_events(rows, [(10, 20)])).to_dict("records")
    assert row["group"] == "a day to 7 days"
    words = pd.DataFrame({"ticket_id": ["0", "0"], "event_at": [day(11), day(15)]})
    rows = doses.longest_gap(pd.Series(["0"]), pd.Series([day(10)]), pd.Series([day(20)]), words)
    assert rows.tolist() == pytest.approx([5])


def test_an_issue_without_any_word_was_silent_all_the_time_it_was_open():
    rows = [reply("1", 100)]
    rows = doses.silences(with_events(rows, [(10, 40), (60, None)]))
    assert rows["group"].tolist() == ["more than 14 days", "more than 14 days"]
    assert rows["time open"].tolist() == [3, 3]


def test_words_after_the_landmark_do_not_count():
    """Four promises are 28 days: a word on day 39 comes after the landmark of an issue of day 10,
    and so does the solution."""
    early = doses.silences(with_events([reply("0", 12)], [(10, None)]))
    late = doses.silences(with_events([reply("0", 12), reply("0", 39)], [(10, 50)]))
    assert early["group"].tolist() == late["group"].tolist() == ["more than 14 days"]
    # silences of 10, 10 and 8 days up to the landmark; the 30 before the solution come too late
    quiet = doses.silences(with_events([reply("0", 20), reply("0", 30)], [(10, 60)]))
    assert quiet["group"].tolist() == ["7 days to 14 days"]


def test_without_messages_silence_and_follow_up_cannot_be_told():
    plain = small([(10, 20)])
    assert isinstance(doses.silences(plain), CannotTell)
    assert isinstance(doses.follow_ups(plain), CannotTell)
    bot = with_events([reply("0", 11, "bot")], [(10, 20)])
    assert isinstance(doses.silences(bot), CannotTell)


def test_a_follow_up_comes_unasked_from_one_to_fourteen_days_after_the_solution():
    tickets = [(10, 20), (50, 60), (90, 100), (130, 140), (170, 180), (210, 220)]
    rows = [
        reply("0", 25),  # a follow-up
        reply("1", 60.5),  # too soon: it belongs to the solution
        reply("2", 101, "customer"), reply("2", 102),  # an answer: left out
        ("3", 145, "status", "agent", "status", "solved", "open"), reply("3", 146),  # reopened
        reply("4", 195),  # after the landmark
        reply("5", 225, public=False),  # not seen by the customer
        ("5", 224, "status", "system", "status", "solved", "closed"),
    ]  # fmt: skip
    rows = doses.follow_ups(with_events(rows, tickets))
    assert rows["group"].tolist() == ["followed up", *["not followed up"] * 3]
    assert rows["time"].iloc[0] == pytest.approx(365 - 34)


def test_who_left_before_the_landmark_is_in_no_group():
    study = with_events([reply("0", 21.5)], [(10, 20)], ended=30)
    assert isinstance(doses.follow_ups(study), CannotTell)


@pytest.mark.parametrize(
    ("word", "step"),
    [
        ("low", 0),
        ("Normal", 1),
        ("3 - Moderate", 1),
        ("P1: Critical", 3),
        ("HIGH", 2),
        ("gold", None),
    ],
)
def test_priorities_of_help_desks_are_read(word, step):
    (place,) = doses.severity(pd.Series([word]))
    assert (None if pd.isna(place) else int(place)) == step


def test_priority_is_that_of_the_landmark_and_not_of_the_export():
    # raised on day 30, after the promise of the ticket of day 10 (17) and before that of day 25
    rows = [("0", 30, "change", "agent", "priority", "low", "urgent"),
            ("1", 30, "change", "agent", "priority", "low", "urgent"),
            ("2", 5, "change", "agent", "priority", "low", "high")]  # fmt: skip
    study = with_events(rows, [(10, 12), (25, 26), (40, 41)], priority=["urgent", "urgent", "high"])
    rows = doses.severities(study)
    assert rows["group"].tolist() == ["low", "urgent", "high"]


def test_without_a_history_of_priorities_the_page_says_so():
    plain = small([(10, 12), (25, 26)])
    tables = {n: plain.table(n) for n in ("customers", "ticket_causes")}
    study = Study.from_tables(
        {**tables, "tickets": plain.tickets.assign(priority=["low", "high"])},
        tickets_from=plain.settings.tickets_from, observed_until=plain.settings.observed_until,
    )  # fmt: skip
    assert "as of the export" in steps.by_severity(study).said().reason
    assert isinstance(doses.severities(small([(10, 12)])), CannotTell)


def test_few_follow_ups_cannot_tell_and_are_counted():
    study = with_events([reply("0", 25), reply("1", 51)], [(10, 20), (50, 60)])
    followed = steps.by_follow_up(study).said()
    assert isinstance(followed, CannotTell)
    assert "of 2 solved issues too few were followed up" in followed.reason
