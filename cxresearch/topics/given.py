"""Causes that were given with tickets: of one without text, nothing else can tell what it is about.

A column of one's own, given_cause, holds them; simulated companies of several blocks have it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cxresearch.study.schema import TICKET_CAUSES
from cxresearch.study.study import Study

GIVEN = "given_cause"
EXIT_REQUEST = "exit_request"  # the given cause of whoever asks to leave
LEFT_OUT = ["is_spam", "is_merged", "is_deleted"]


def given_causes(tickets: pd.DataFrame, names: Sequence[str] = ()) -> pd.DataFrame:
    """ticket_causes of tickets as they were given, without spam, merged and deleted ones; topic is
    the place of the cause among names or, without these, among those given, by the alphabet."""
    of = tickets[tickets[GIVEN].notna() & ~tickets[LEFT_OUT].fillna(False).any(axis=1)]
    names = names or sorted(of[GIVEN].unique())
    places = {name: place for place, name in enumerate(names)}
    return pd.DataFrame(
        {
            "ticket_id": of["ticket_id"],
            "topic": of[GIVEN].map(places).astype("Int64"),
            "cause": of[GIVEN],
            "weight": 1.0,
            "is_exit_request": (of[GIVEN] == EXIT_REQUEST).astype("boolean"),
        }
    )[TICKET_CAUSES.names].reset_index(drop=True)


def without_text(tickets: pd.DataFrame) -> pd.Series:
    """Which tickets have neither subject nor first message, but a given cause."""
    if GIVEN not in tickets:
        return pd.Series(False, index=tickets.index)
    return tickets[["subject", "description"]].isna().all(axis=1) & tickets[GIVEN].notna()


def with_given(study: Study, found: pd.DataFrame) -> pd.DataFrame:
    """ticket_causes with the tickets that have no text: each gets the topic and cause that most
    tickets with text got whose given cause is the same, and asks to leave if most of these do.

    A cause of no such ticket keeps its own name, and a number behind those of topics.
    """
    tickets = study.tickets
    mute = tickets[without_text(tickets)]
    if mute.empty:
        return found
    rows = given_causes(mute)
    told = found[found["topic"] >= 0]
    of = told["ticket_id"].map(tickets.set_index("ticket_id")[GIVEN])
    given = rows["cause"]
    rows["topic"] += int(told["topic"].max() + 1) if len(told) else 0
    for name, those in told.groupby(of):
        most = those.groupby(["topic", "cause"]).size().idxmax()
        asks = those["is_exit_request"].mean() >= 0.5
        rows.loc[given == name, ["topic", "cause", "is_exit_request"]] = [*most, asks]
    joined = pd.concat([found, rows.astype(found.dtypes)], ignore_index=True)
    joined.attrs = found.attrs
    return joined


def found_alone(study: Study, causes: pd.DataFrame) -> pd.DataFrame:
    """Those of the rows by ticket_id whose cause was found in words, and not given."""
    tickets = study.tickets
    mute = tickets.loc[without_text(tickets), "ticket_id"]
    return causes[~causes["ticket_id"].isin(mute)] if len(mute) else causes


def planted_causes(study: Study) -> pd.Series:
    """The causes planted in each ticket of a simulated study, lists by ticket_id, the main one
    first; of a company of several blocks the main one only."""
    if "tickets" in study.truth or GIVEN not in study.tickets:
        told = study.truth.get("tickets", {}).items()
        return pd.Series(
            {t: each["causes"] for t, each in told if each.get("causes")}, dtype=object
        )
    return study.tickets.set_index("ticket_id")[GIVEN].dropna().map(lambda cause: [cause])
