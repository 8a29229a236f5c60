"""The story of one case, from its first word to its end, in the order in which it happened."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxresearch.kpis.teams.holders import team_names, teams_of_persons
from cxresearch.outcomes.left_overdue import left_overdue
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.topics.text import joined_text
from cxresearch.topics.text.shown import undoubted

DAY = pd.Timedelta(days=1)
LETTERS, MASKED = 160, "(words that may tell of a person)"
DONE = {
    "created": "wrote", "reply": "answered", "note": "wrote a note", "merge": "merged it",
    "escalation": "escalated it", "sla": "broke the promise", "spam": "called it spam",
}  # fmt: skip
MOVED = {"status": "state", "group_id": "team", "priority": "priority"}
HANDED = "handed to an agent"  # which one is nobody's business here


@dataclass(frozen=True, eq=False)
class Story(Result):
    """A row a step: day (days since the customer wrote), who (customer, agent, bot, system), what,
    words (masked). ticket, overdue (days, when the customer decided to leave) and steps beside."""

    ticket: str
    overdue: float

    def said(self, row: str = "") -> Finding:
        """How long the customer had waited when they decided to leave."""
        return finding(
            "Ticket {ticket}: the customer decided to leave {days:,.0f} days after the promise ran "
            "out. Of such cases half had waited longer, half less long.",
            ticket=self.ticket, days=self.overdue,
        )  # fmt: skip


def one_case(study: Study) -> Story | CannotTell:
    """The story of a customer who left while an issue was overdue: of the one who had waited for
    half as long as all of them (the median)."""
    if study.outcome != "churn":
        return DoesNotApply("the story of a case: nobody can be seen to leave here.")
    left = left_overdue(study)
    if isinstance(left, CannotTell):
        return left
    if left.empty or not study.has("ticket_events"):
        return CannotTell("the story of a case: nobody left while an issue was overdue, or the "
                          "export has no history of tickets.")  # fmt: skip
    waited = (left["leaves_at"] - left["overdue_at"]) / DAY
    middle = left.assign(waited=waited).sort_values(["waited", "ticket_id"]).iloc[len(left) // 2]
    rows = story(study, middle["ticket_id"])
    written = _written(study, middle["ticket_id"])
    marks = pd.DataFrame({
        "day": [(middle[at] - written) / DAY for at in ("overdue_at", "leaves_at")],
        "who": ["desk", "customer"], "what": ["the promise runs out", "decides to leave"],
        "words": "",
    })  # fmt: skip
    rows = pd.concat([rows, marks]).sort_values("day", kind="stable")
    frame = rows.assign(day=rows["day"].round(1)).reset_index(drop=True)
    return Story(frame, middle["ticket_id"], float(middle["waited"]))


def story(study: Study, ticket: str) -> pd.DataFrame:
    """A ticket's steps in their order: day, who, what, words; words are masked, and left out where
    a doubt remains. Steps of one moment that change no state are told once."""
    events = study.ticket_events
    events = events[events["ticket_id"] == ticket].sort_values(["event_at", "event_id"])
    texts = events["body"].copy()
    first = events["event_type"] == "created"
    texts[first] = texts[first].fillna(
        joined_text(study.tickets[study.tickets["ticket_id"] == ticket]).iloc[0]
    )
    rows = pd.DataFrame({
        "day": (events["event_at"] - _written(study, ticket)) / DAY,
        "who": events["actor_role"].fillna("unknown"),
        "what": [_what(study, *row) for row in zip(
            events["event_type"], events["field"], events["value_to"], strict=True)],
        "words": [_shown(study, text) for text in texts],
    })  # fmt: skip
    return rows[rows["what"] != ""].drop_duplicates(["day", "what", "words"])


def _written(study: Study, ticket: str) -> pd.Timestamp:
    return study.tickets.loc[study.tickets["ticket_id"] == ticket, "created_at"].iloc[0]


def _what(study: Study, kind: str, field, value) -> str:
    """A step in words; "" for one that a reader need not know."""
    if field == "group_id" and isinstance(value, str):
        if value in teams_of_persons(study):
            return HANDED
        value = team_names(study)[value]
    if isinstance(field, str) and field in MOVED:
        return f"{MOVED[field]}: {value if isinstance(value, str) else 'none'}"
    if field == "assignee_id":
        return HANDED
    return DONE.get(kind, "")


def _shown(study: Study, text) -> str:
    if not isinstance(text, str) or not text.strip():
        return ""
    quotes = undoubted(study, pd.Series({"": text}), [""], LETTERS)
    return next((quote for _, quote in quotes), MASKED)
