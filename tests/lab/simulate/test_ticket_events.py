import pandas as pd
from pandas.testing import assert_series_equal


def by_ticket(events: pd.DataFrame, ids: pd.Series, how: str) -> pd.Series:
    """event_at of each ticket, first or last, in the order of ids."""
    return ids.map(events.groupby("ticket_id")["event_at"].agg(how)).astype("datetime64[us, UTC]")


def status(tables, word: str) -> pd.DataFrame:
    events = tables["ticket_events"]
    return events[(events["event_type"] == "status") & (events["value_to"] == word)]


def agrees(left: pd.Series, right: pd.Series) -> None:
    assert_series_equal(left, right, check_names=False, check_index=False)


def test_the_first_reply_is_the_first_public_answer_of_an_agent(mute):
    tickets, events = mute[0]["tickets"], mute[0]["ticket_events"]
    replies = events.query("event_type == 'reply' and actor_role == 'agent' and is_public")
    agrees(tickets["first_reply_at"], by_ticket(replies, tickets["ticket_id"], "min"))


def test_a_bot_answers_before_a_person_does(mute):
    tickets, events = mute[0]["tickets"], mute[0]["ticket_events"]
    bots = by_ticket(events.query("actor_role == 'bot'"), tickets["ticket_id"], "min")
    assert bots.notna().mean() > 0.4
    assert (bots < tickets["first_reply_at"])[
        bots.notna() & tickets["first_reply_at"].notna()
    ].all()


def test_solved_times_are_those_of_the_events(mute):
    tickets, solved = mute[0]["tickets"], status(mute[0], "solved")
    agrees(tickets["first_solved_at"], by_ticket(solved, tickets["ticket_id"], "min"))
    agrees(tickets["last_solved_at"], by_ticket(solved, tickets["ticket_id"], "max"))


def test_reopens_are_counted_from_the_events(mute):
    tickets, opened = mute[0]["tickets"], status(mute[0], "open")
    back = opened[opened["value_from"] == "solved"].groupby("ticket_id").size()
    counted = tickets["ticket_id"].map(back).fillna(0).astype("Int64")
    assert counted.sum() > 100
    agrees(tickets["count_reopens"], counted)


def test_status_is_the_last_change_of_status(mute):
    tickets, events = mute[0]["tickets"], mute[0]["ticket_events"]
    last = events.query("event_type == 'status'").groupby("ticket_id")["value_to"].last()
    agrees(tickets["status"], tickets["ticket_id"].map(last).fillna("new").astype("str"))


def test_every_change_of_status_begins_where_the_last_one_ended(mute):
    changes = mute[0]["ticket_events"].query("event_type == 'status'")
    before = changes.groupby("ticket_id")["value_to"].shift().fillna("new")
    assert (changes["value_from"] == before).all()


def test_events_of_a_ticket_begin_with_its_creation(mute):
    tickets, events = mute[0]["tickets"], mute[0]["ticket_events"]
    first = events.drop_duplicates("ticket_id")
    assert (first["event_type"] == "created").all()
    agrees(tickets["created_at"], by_ticket(events, tickets["ticket_id"], "min"))
    agrees(tickets["updated_at"], by_ticket(events, tickets["ticket_id"], "max"))


def test_all_states_and_ways_of_closing_occur(mute):
    tickets = mute[0]["tickets"]
    assert {"open", "pending", "hold", "solved", "closed", "deleted"} <= set(tickets["status"])
    assert set(tickets["closed_by"].dropna()) == {"automation", "merge", "customer", "agent"}


def test_merged_tickets_name_an_older_ticket_of_the_same_person(mute):
    tickets = mute[0]["tickets"].set_index("ticket_id")
    merged = tickets[tickets["is_merged"]]
    into = tickets.loc[merged["merged_into_ticket_id"]]
    assert 0.01 < len(merged) / len(tickets) < 0.03
    assert (into["created_at"].to_numpy() < merged["created_at"].to_numpy()).all()
    assert (into["requester_id"].to_numpy() == merged["requester_id"].to_numpy()).all()


def test_nothing_happens_after_the_last_day(mute):
    until = pd.Timestamp("2026-01-01", tz="UTC")
    assert (mute[0]["ticket_events"]["event_at"] < until).all()
    assert not (mute[0]["surveys"]["responded_at"] >= until).any()
