"""Fields: which are filled, from when to when, and what the missing ones make impossible."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.episodes.history import readings
from cxresearch.study import drawing
from cxresearch.study.answers import Finding, finding
from cxresearch.study.beside_tickets import BESIDE
from cxresearch.study.column_types import own_names
from cxresearch.study.once import once
from cxresearch.study.questions import KINDS, kind_of, needing, on_pages, questions
from cxresearch.study.results import Result
from cxresearch.study.schema import TABLES, TICKETS, VENDOR
from cxresearch.study.study import Study
from cxresearch.study.told import WANTED, cannot_tell

FIELDS = [c.name for c in TICKETS.columns if not c.needed and c not in VENDOR]
FIELDS.remove("dq_flags")
CHANCE = 0.001
FEW = 3  # questions shown beside what is missing
# What nobody can tell without a table or a field of another table than the tickets.
TABLES_WANTED = {
    "customers": "who left, when and why: churn cannot be studied, only who writes again",
    "customers.notice_at": "when customers decided to leave: departures are dated to the end of "
    "the contract, and yearly contracts can be compared at renewals only",
    "customers.end_kind": "who left by choice and who was cut off for not paying",
    "customers.billing_period": "whose contract let them leave: monthly and yearly contracts "
    "cannot be told apart",
    "customer_history": "what a customer's plan, revenue and activity were: no effect can be "
    "adjusted for heavy use",
    "customer_history.mrr": "what customers paid before they left: no loss can be said in money",
    "customer_history.activity": "how much customers used the product before an issue: heavy users "
    "write more and leave less, and that cannot be taken out",
    "identities": "which people belong to one account: two colleagues count as two customers",
    "ticket_events": "when a ticket changed hands or waited on the customer: only its first and "
    "last moments are known",
    "surveys": "whom a survey reached: scores cannot be told from silence",
    "reviews": "what customers say in public: which causes reach review sites, and which do not",
    "bot_sessions": "what a bot settles and whom it loses: only talks that became tickets are seen",
    "articles": "what customers can read: which causes an article answers, and which none does",
    "article_views": "who looked for an answer before writing, and found none",
    "incidents": "what set tickets off: outages, maintenance and releases are not seen",
    "agents": "which agents make a team: without groups, teams cannot be told apart",
}
OPTIONAL = {KINDS[table.name] for table in BESIDE if table.name in KINDS}  # spoils no other answer


@dataclass(frozen=True, eq=False)
class Coverage(Result):
    """Share of tickets that have each field, by month of creation: fields × months."""

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """Which share of tickets has each field, by month, as a heat map."""
        ax = drawing.axes(0.24 * len(self.frame) + 1.6, ax)
        drawing.heatmap(ax, self.frame, "share of tickets", 0, vmax=1, linewidths=0.5,
                        yticklabels=True)  # fmt: skip
        ax.set(xlabel="month of creation", ylabel="")
        never, uneven = len(self._never()), len(self._uneven())
        told = f"{never} of {len(self.frame)} fields are never filled; {uneven} change by half"
        drawing.title(ax, told)
        return ax

    def described(self) -> str:
        """Which fields are never filled, and which change."""
        months = self.frame.columns
        return (
            f"Rows are fields of a ticket, columns months from {months.min()} to {months.max()}. "
            f"Dark is filled, white is empty. Never filled: {', '.join(self._never()) or 'none'}. "
            f"Fields that change by more than half: {', '.join(self._uneven()) or 'none'}."
        )

    def _never(self) -> pd.Index:
        return self.frame.index[(self.frame == 0).all(axis=1)]

    def _uneven(self) -> pd.Index:
        return self.frame.index[self.frame.max(axis=1) - self.frame.min(axis=1) > 0.5]


@once
def coverage(study: Study) -> Coverage:
    """Share of tickets that have each field, by month of creation.

    A flag or count that is known to be no or 0 is filled; null is what the export cannot tell.
    """
    return Coverage(_has(study).groupby(_month(study)).mean().T.rename_axis("field"))


def filled(study: Study) -> pd.DataFrame:
    """Share of all tickets that have each field: field and share."""
    return _has(study).mean().rename_axis("field").to_frame("share")


@dataclass(frozen=True, eq=False)
class Spans(Result):
    """Fields that begin or end in the middle, a row each: filled from, filled to (months), share
    between, and tickets outside (before or after; none of them has the field)."""

    def said(self, row: str = "") -> Finding:
        """Which fields begin or end in the middle."""
        if self.frame.empty:
            return Finding("No field begins or ends in the middle of the time.")
        return finding(
            "Fields that begin or end in the middle of the time: {n} ({names}). No trend of them, "
            "and no count by them, holds outside their months.",
            n=len(self.frame), names=", ".join(self.frame.index),
        )  # fmt: skip


@once
def spans(study: Study) -> Spans:
    """Fields that begin or end in the middle.

    Left out are fields that are so seldom filled that this may be chance (0.1%; the share by
    Laplace's rule).
    """
    has, month = _has(study), _month(study)
    rows = {}
    for field in has.columns[has.any()]:
        held = month[has[field]]
        inside = month.between(held.min(), held.max())
        among, outside = int(inside.sum()), int((~inside).sum())
        likely = (len(held) + 1) / (among + 2)
        if (1 - likely) ** outside < CHANCE:
            rows[field] = (held.min(), held.max(), len(held) / among, outside)
    columns = ["filled from", "filled to", "share between", "tickets outside"]
    return Spans(pd.DataFrame.from_dict(rows, "index", columns=columns).rename_axis("field"))


def own_columns(study: Study) -> pd.DataFrame:
    """Columns of one's own, which no page reads unless asked: table, column, type, and the share of
    rows in which each is filled."""
    held = {name: study.table(name) for name in study.rows}
    rows = [
        (name, column, str(frame[column].dtype), frame[column].notna().mean())
        for name, frame in held.items()
        for column in own_names(TABLES[name], frame)
    ]
    return pd.DataFrame(rows, columns=["table", "column", "type", "share"]).set_index("table")


@dataclass(frozen=True, eq=False)
class Missing(Result):
    """What the study lacks, a row each by kind of data: kind, cannot be said, and needed by (the
    questions that pages answer with it)."""

    def said(self, row: str = "") -> Finding:
        """How many of the questions that pages answer need what is missing."""
        if self.frame.empty:
            states = Counter(each.state for each in questions())
            return finding(
                "This study has every kind of data that a page asks for. Pages answer {n} of {of} "
                "questions, and {partly} in part; docs/questions.md says what the others lack.",
                n=states["answered"], of=len(questions()), partly=states["partly"], lacks=0,
            )  # fmt: skip
        asking = {each.id for name in self.frame.index for each in needing(_column(name))}
        return finding(
            "**{n} of {of} questions** that pages answer need data that this study lacks. The "
            "table has them by kind of data.",
            n=len(asking), of=len(on_pages()), lacks=len(self.frame),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """What is missing by kind of data, what nobody can tell without it, who asks for it."""
        rows = self.frame.rename_axis("without").reset_index()
        rows["kind"] = rows["kind"].mask(rows["kind"].duplicated(), "")
        rows["needed by"] = rows["needed by"].map(_shortened)
        return rows.set_axis(["without", "kind of data", "nobody can tell", "needed by"], axis=1)[
            ["kind of data", "without", "nobody can tell", "needed by"]
        ]

    def spoiling(self) -> pd.DataFrame:
        """The rows for want of which other answers may be wrong."""
        return self.frame[~self.frame["kind"].isin(OPTIONAL)]


@once
def missing(study: Study) -> Missing:
    """What the study lacks, what therefore cannot be said, and which questions need it."""
    lacks = [name for name in TABLES_WANTED | WANTED if _lacks(study, name)]
    columns = {
        "kind": [kind_of(_column(name)) for name in lacks],
        "cannot be said": [(TABLES_WANTED | WANTED)[name] for name in lacks],
        "needed by": ["\n".join(q.question for q in needing(_column(name))) for name in lacks],
    }
    frame = pd.DataFrame(columns, index=pd.Index(map(_named, lacks), name="lacks"), dtype="str")
    order = [*dict.fromkeys(KINDS.values())]
    return Missing(frame.sort_values("kind", key=lambda kind: kind.map(order.index), kind="stable"))


def _shortened(asked: str) -> str:
    """The first few of some questions, a line each, and how many more there are."""
    lines = asked.split("\n")
    more = f" … and {len(lines) - FEW} more" if len(lines) > FEW else ""
    return " ".join(lines[:FEW]) + more


def _column(name: str) -> str:
    """A table, or a field as table.field, of a name in TABLES_WANTED, WANTED or as _named says."""
    name = name.removeprefix("table ")
    return name if name in TABLES or "." in name else f"tickets.{name}"


def _lacks(study: Study, name: str) -> bool:
    """Is there no such table, or nothing in the field? A field of a missing table is no more."""
    table, _, field = name.rpartition(".")
    if name in TABLES:
        return not study.has(name)
    if not table:
        return cannot_tell(study, name) is not None
    if not study.has(table):
        return False
    if table == "customer_history":
        return readings(study, field).empty
    return bool(study.table(table)[field].isna().all())


def _named(name: str) -> str:
    if name in TABLES:
        return f"table {name}"
    return name


def _has(study: Study) -> pd.DataFrame:
    tickets = study.tickets
    tagged = tickets["tags"].map(lambda t: t is not None and np.size(t) > 0, na_action="ignore")
    return tickets[FIELDS].notna().assign(tags=tagged.eq(True))


def _month(study: Study) -> pd.Series:
    created = study.tickets["created_at"].dt.tz_convert(study.settings.time_zone)
    return created.dt.strftime("%Y-%m").rename("month")
