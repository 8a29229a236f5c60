"""The columns by which pages compare groups, and each ticket's group in them."""

import re
from collections.abc import Callable

import pandas as pd

from cxresearch.episodes.history import as_it_was, history_fields
from cxresearch.kpis.compliance import NONE, priority_then
from cxresearch.kpis.teams.holders import teams_of_persons
from cxresearch.study.answers import CannotTell
from cxresearch.study.nearest import nearest
from cxresearch.study.once import once
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.topics.text.environment import KINDS, environments
from cxresearch.topics.text.shown import shown_groups

USUAL = ("product", "created_channel", "group_id", "priority", "complexity", "language", "segment",
         "plan", "country", *KINDS)  # fmt: skip
SAID = {"created_channel": "channel", "group_id": "team"}
# Of tickets' columns, those known when a ticket was written; any other may look ahead.
EARLY = ("product", "created_channel", "language", "priority", *KINDS)
PERSONS = ("requester_id", "assignee_id", "customer_id", "ticket_id")
PERSONAL = re.compile("agent|assignee|person|user|mail|name")  # columns of one's own that may be
FEWEST, MOST = 2, 30  # groups of a column
TOUCHES = ("total_agent_replies", "assignee_changes", "group_changes", "count_reopens")
NOTHING = CannotTell(
    "how groups differ: no column tells groups of tickets or customers apart. One of product, "
    "channel, team, plan or segment would tell; study.toml names others in cuts."
)


@once
def cut_groups(study: Study) -> pd.DataFrame | CannotTell:
    """Each customer's ticket by ticket_id and its group in every cut; null where it is not told.

    Cuts are the columns that study.toml names, or USUAL and those known at the start, with 2 to 30
    groups: of tickets (a team of one agent is none unless persons = true; the complexity from its
    touches: see _complexity; browser, system, device and version from its text, without their
    numbers), of customer_history as it was when the ticket was written, and of customers as known
    at the start. Raises InputError for a named column that is none of these, or that tells persons.
    """
    tickets, columns = study.customer_tickets, {}
    for name in study.settings.cuts or dict.fromkeys((*USUAL, *study.settings.as_of_start)):
        values = _values(study, tickets, name)
        if values is not None and FEWEST <= values.nunique() <= MOST:
            columns[_said(name)] = values.map(shown_groups(values.dropna()))
        elif values is None and study.settings.cuts:
            raise InputError(
                f"cuts in study.toml names '{name}', which is no column that groups can be "
                "compared by: of tickets, of customer_history or, where as_of_start names it, of "
                f"customers{nearest(name, [*study.tickets, *USUAL]) or '.'}"
            )
    if not columns:
        return NOTHING
    return pd.DataFrame(columns).set_axis(tickets["ticket_id"])


def later(study: Study) -> list[str]:
    """The cuts, as pages say them, that are known only when an issue has run its course, or may be:
    they have no place where what became of customers is asked."""
    names = study.settings.cuts or USUAL
    return [_said(n) for n in names
            if n == "complexity" or (n in study.tickets and n not in EARLY)]  # fmt: skip


def _said(name: str) -> str:
    return SAID.get(name, name.replace("_", " "))


def _values(study: Study, tickets: pd.DataFrame, name: str) -> pd.Series | None:
    """A cut's value of each ticket as text; None where there is no such column."""
    own = name not in (*USUAL, *study.settings.as_of_start)
    if name in PERSONS or (own and not study.settings.persons and PERSONAL.search(name)):
        return None
    if name == "group_id":
        return tickets[name].astype("str").mask(tickets[name].isin(teams_of_persons(study)))
    if name in tickets and name != "priority":
        return tickets[name].astype("str")
    if name in MADE:
        return MADE[name](study, tickets)
    if name in history_fields(study):
        return as_it_was(study, name, tickets["customer_id"], tickets["created_at"])
    if name in study.settings.as_of_start and study.has("customers") and name in study.customers:
        known = study.customers.set_index("customer_id")[name]
        return tickets["customer_id"].map(known).astype("str")
    return None


def _complexity(study: Study, tickets: pd.DataFrame) -> pd.Series | None:
    """simple: at most one answer, no handoff, not reopened; moderate: up to four of these touches;
    complex: more. Null where one that the export counts at all is not told."""
    counts = tickets[[c for c in TOUCHES if tickets[c].notna().any()]]
    if "total_agent_replies" not in counts:
        return None
    touches = counts.sum(axis=1, skipna=False).astype(float)
    words = ["simple", "moderate", "complex"]
    return pd.cut(touches, [-1, 1, 4, float("inf")], labels=words).astype("str")


def _named(kind: str) -> Callable[[Study, pd.DataFrame], pd.Series]:
    def of(study: Study, tickets: pd.DataFrame) -> pd.Series:
        read = tickets["ticket_id"].map(environments(study).set_index("ticket_id")[kind])
        return read.str.replace(r"[.].*" if kind == "version" else r" v?\d.*", "", regex=True)

    return of


MADE: dict[str, Callable] = {
    "priority": lambda *of: priority_then(*of).replace(NONE, None),
    "complexity": _complexity,
    **{kind: _named(kind) for kind in KINDS},
}
