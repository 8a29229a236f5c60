"""What a ticket's events tell about it: states, replies, hands, and their first and last times."""

import pandas as pd

CLOSER = {"system": "automation", "agent": "merge", "customer": "customer"}


def facts_from_events(events: pd.DataFrame) -> pd.DataFrame:
    """By case: the columns of a ticket that its events tell."""
    of = {kind: events[events["event_type"] == kind] for kind in ("status", "assignment", "spam")}
    every = events.groupby("case")["event_at"].max()
    facts = _counts(events, of, every.index).join(_states(of["status"]))
    status = facts["status"].fillna("new")
    spam = facts.index.isin(of["spam"]["case"])
    hands = of["assignment"]
    return facts.assign(
        updated_at=time(every),
        first_reply_at=time(_replies(events)["event_at"].min()),
        status=status,
        status_raw=status.str.capitalize().replace("Hold", "On-hold"),
        closed_by=facts["closed_by"].mask(spam & facts["closed_by"].notna(), "agent"),
        assignee_id=_now(hands, "assignee_id"),
        group_id=_now(hands, "group_id"),
        is_escalated=facts.index.isin(hands.loc[hands["value_to"] == "Second line", "case"]),
        is_spam=spam,
        is_deleted=status == "deleted",
    )


def time(seconds: pd.Series) -> pd.Series:
    """Seconds since 1970 as times in UTC."""
    return pd.to_datetime(seconds, unit="s", utc=True).astype("datetime64[us, UTC]")


def _counts(events: pd.DataFrame, of: dict[str, pd.DataFrame], cases: pd.Index) -> pd.DataFrame:
    counts = pd.DataFrame(index=cases).assign(
        count_reopens=_back(of["status"]).size(),
        total_agent_replies=_replies(events).size(),
        assignee_changes=_changes(of["assignment"], "assignee_id"),
        group_changes=_changes(of["assignment"], "group_id"),
    )
    return counts.fillna(0).astype("Int64")


def _states(state: pd.DataFrame) -> pd.DataFrame:
    solved = state[state["value_to"] == "solved"].groupby("case")["event_at"]
    closed = state[state["value_to"] == "closed"].groupby("case").last()
    return pd.DataFrame(
        {
            "status": state.groupby("case")["value_to"].last(),
            "first_solved_at": time(solved.min()),
            "last_solved_at": time(solved.max()),
            "last_reopened_at": time(_back(state)["event_at"].max()),
            "closed_at": time(closed["event_at"]),
            "closed_by": closed["actor_role"].map(CLOSER),
        }
    )


def _replies(events: pd.DataFrame):
    by_person = (events["event_type"] == "reply") & (events["actor_role"] == "agent")
    return events[by_person & events["public"].eq(True)].groupby("case")


def _back(state: pd.DataFrame):
    was = state["value_from"].isin(["solved", "closed"])
    return state[was & (state["value_to"] == "open")].groupby("case")


def _changes(hands: pd.DataFrame, field: str) -> pd.Series:
    of = hands[(hands["field"] == field) & hands["value_from"].notna()]
    return of.groupby("case").size()


def _now(hands: pd.DataFrame, field: str) -> pd.Series:
    return hands[hands["field"] == field].groupby("case")["value_to"].last()
