"""Reviews without a help desk: those that praise nothing are tickets, too, so that what is asked of
tickets is told."""

from dataclasses import replace

import pandas as pd

from cxresearch.study.column_types import typed
from cxresearch.study.conform import Conformed
from cxresearch.study.schema import TICKETS

# The column of reviews that tells each column of tickets.
TOLD_BY = {
    "ticket_id": "review_id", "created_at": "written_at", "subject": "title",
    "description": "body", "created_channel": "source", "first_reply_at": "replied_at",
    "requester_id": "requester_id", "product": "product", "language": "language",
}  # fmt: skip
PRAISE = 4  # stars from which on a review is no issue
NOTE = (
    "There are reviews and no tickets, so each review of three stars or fewer, or without stars, "
    "is a ticket, too: its first answer is the company's public one, and whether it was solved is "
    "unknown."
)


def as_tickets(conformed: Conformed) -> tuple[Conformed, tuple[str, ...]]:
    """The tables with a ticket for each review that does not praise (for all where each does), and
    a note of it; as they are, and no note, where there are tickets or no reviews."""
    reviews = conformed.tables.get("reviews", pd.DataFrame())
    if reviews.empty or "tickets" in conformed.tables:
        return conformed, ()
    issues = ~(reviews["stars"] >= PRAISE)
    reviews = reviews[issues] if issues.any() else reviews
    told = {ours: reviews[theirs] for ours, theirs in TOLD_BY.items()}
    flags = pd.Series([[] for _ in reviews.index], reviews.index)
    tickets = pd.DataFrame(told | {"status": "unknown", "dq_flags": flags}).reset_index(drop=True)
    rows, origins = conformed.rows.copy(), conformed.origins
    rows.loc["tickets"] = [len(tickets), len(tickets), 0]
    ours = origins[(origins["table"] == "reviews") & origins["key"].isin(tickets["ticket_id"])]
    return replace(
        conformed,
        tables={"tickets": typed(TICKETS, tickets), **conformed.tables},
        rows=rows,
        origins=pd.concat([origins, ours.assign(table="tickets")], ignore_index=True),
    ), (NOTE,)
