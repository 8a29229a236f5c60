"""New themes: what tickets that are near to no topic write about together."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import view
from cxresearch.topics.causes.file import NO_TOPIC
from cxresearch.topics.causes.refit import study_topics
from cxresearch.topics.corpus import NEW_OR_OTHER
from cxresearch.topics.drift import NOTHING_CAME
from cxresearch.topics.grouping import CUSTOMERS, TICKETS
from cxresearch.topics.topic_model import QUOTES

COLUMNS = ["theme", "name", "tickets", "customers", "first", "last", "stability", "quotes", "ids"]


@dataclass(frozen=True, eq=False)
class NewThemes(Result):
    """New themes, a row each, the largest first (see new_themes)."""

    def said(self, row: str = "") -> Finding:
        """How many there are, and how one is taken over."""
        if self.frame.empty:
            return Finding("Among the tickets that are near to no topic, no new theme holds.")
        return finding(
            "New themes that no topic holds: {n}. The largest is **{name}**: {tickets:,} tickets "
            "of {customers:,} customers. A person takes one over by adding it to causes.toml.",
            n=len(self.frame), **self.frame.iloc[0][["name", "tickets", "customers"]],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Each with its tickets, customers, first and last day."""
        days = {day: self.frame[day].dt.strftime("%Y-%m-%d") for day in ("first", "last")}
        return view(self.frame.assign(**days), "name as new theme", "tickets", "customers", "first",
                    "last", "stability .2f as overlap")  # fmt: skip


def new_themes(study: Study) -> pd.DataFrame:
    """A row a group of tickets that are near to no topic and hold together (grouping.themed), the
    largest first: theme (its number, which it keeps as it grows), name, tickets, customers, first
    and last (when they were written), stability (Jaccard overlap where a fifth is left out), quotes
    (twelve tickets, the newest first), ids (all of them).

    Tickets to which a person gave a cause since are not in it, nor are themes of which fewer than
    15 of 8 customers are left. Empty where no ticket came after topics were made. Raises what
    study_topics does.
    """
    topics = study_topics(study)
    came = topics.came
    if came is None or topics.made_fit.all():
        return pd.DataFrame(columns=COLUMNS)
    causes = study.ticket_causes.drop_duplicates("ticket_id").set_index("ticket_id")["cause"]
    rows = pd.DataFrame({"ticket_id": topics.ids, "theme": came["theme"]}).dropna()
    rows = rows[rows["ticket_id"].map(causes) == NO_TOPIC[NEW_OR_OTHER]]
    rows = rows.merge(study.tickets[["ticket_id", "created_at", "requester_id"]], on="ticket_id")
    rows = rows.sort_values(["created_at", "ticket_id"], ascending=False)
    frame = rows.assign(who=rows["requester_id"].fillna(rows["ticket_id"])).groupby("theme").agg(
        tickets=("ticket_id", "size"), customers=("who", "nunique"), first=("created_at", "min"),
        last=("created_at", "max"), ids=("ticket_id", list),
    )  # fmt: skip
    frame = frame[(frame["tickets"] >= TICKETS) & (frame["customers"] >= CUSTOMERS)]
    frame = frame.assign(quotes=[ids[:QUOTES] for ids in frame["ids"]])
    told = pd.DataFrame(topics.made.get("themes", []), columns=["theme", "name", "stability"])
    frame = told.merge(frame, left_on="theme", right_index=True)
    return frame.sort_values(["tickets", "first"], ascending=[False, True], ignore_index=True)[
        COLUMNS
    ]


def themes(study: Study) -> NewThemes | CannotTell:
    """The new themes as a page tells them; does not apply where nothing came since."""
    if study_topics(study).made_fit.all():
        return NOTHING_CAME
    return NewThemes(new_themes(study))
