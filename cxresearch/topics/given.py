"""Causes that were given with the tickets: of those without text, nothing else can tell one."""

from collections.abc import Sequence

import pandas as pd

from cxresearch.study.schema import TICKET_CAUSES

GIVEN = "given_cause"  # a column of one's own in tickets
EXIT_REQUEST = "exit_request"  # the given cause of whoever asks to leave
NOT_TOLD = ["is_spam", "is_merged", "is_deleted"]


def given_causes(tickets: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """ticket_causes of tickets as they were given: topic is the place of the cause among names."""
    of = tickets[~tickets[NOT_TOLD].fillna(False).any(axis=1)]
    cause = of[GIVEN]
    places = {name: place for place, name in enumerate(names)}
    return pd.DataFrame(
        {
            "ticket_id": of["ticket_id"],
            "topic": cause.map(places).fillna(len(names)).astype("Int64"),
            "cause": cause,
            "weight": 1.0,
            "is_exit_request": (cause == EXIT_REQUEST).astype("boolean"),
        }
    )[TICKET_CAUSES.names].reset_index(drop=True)
