"""Solved on first contact: what each tool counts under that name, and what we do.

All but ours count the tickets that are solved or closed when exported, merged ones among them, as
the tools do (Zoho says so in words), without waiting whether the customer comes back.
"""

from dataclasses import dataclass

import pandas as pd

from cxresearch.kpis import no_return
from cxresearch.kpis.measure import Kpi
from cxresearch.kpis.messages import message_counts
from cxresearch.kpis.standing import WHOLE, Standing, first_said
from cxresearch.kpis.tidy import measured, solved_at
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study

WINDOWS = (1, 3, 7, 14, 30)
NAME = "First contact: "
OURS = "no return, ours"


@dataclass(frozen=True)
class Definition:
    """What makes a solved ticket one solved on first contact: a count that is exactly a number, or
    at most that where the word is "at most"; says and source in words."""

    says: str
    source: str
    count: str
    exactly: int
    word: str = "exactly"


# The fixtures' six resolved tickets give 4, 2, 1, 4, 5, 5 of 6, in this order.
PUBLISHED = {
    # Metric "One-touch tickets": IF VALUE(Agent replies) < 2 AND (status is Solved OR Closed).
    # support.zendesk.com/hc/en-us/articles/4408820618266; some newer translations say exactly one.
    "one-touch, Zendesk": Definition(
        "at most one public answer by an agent", "Zendesk Explore",
        "total_agent_replies", 1, "at most",
    ),
    # is_one_touch_resolution: count_public_agent_comments = 1, and status solved or closed; all of
    # a ticket's comments are counted. int_zendesk__comment_metrics.sql, zendesk__ticket_metrics.sql
    "one-touch, dbt_zendesk": Definition(
        "exactly one public message by an agent, the ticket's first message included",
        "fivetran/dbt_zendesk", "agent_messages", 1,
    ),
    # FCR Tickets: "ticket status is Closed and contains one public response from the agent"; merged
    # tickets "are not excluded". help.zoho.com, Understanding the Agent Performance report
    "one response, Zoho": Definition(
        "exactly one public answer by an agent", "Zoho Desk, Agent Performance report",
        "total_agent_replies", 1,
    ),
    # FCR%: "the customer interaction must be 0", the description not counted, "irrespective of the
    # number of responses sent by the agent". support.freshservice.com 50000004904
    "zero-touch, Freshservice": Definition(
        "nothing more from the customer, however often an agent answered", "Freshservice",
        "customer_replies", 0,
    ),
    # total_resolutions = 1: int_zendesk__ticket_resolution_times_calendar.sql
    "closed once": Definition(
        "solved or closed exactly once", "fivetran/dbt_zendesk", "solutions", 1,
    ),
    # reopens = 0: developer.zendesk.com, Ticket metrics, "number of times the ticket was reopened"
    "no reopen": Definition("never reopened", "Zendesk ticket metrics", "count_reopens", 0),
}  # fmt: skip
LACKS = {
    "total_agent_replies": "total_agent_replies, how often agents answered",
    "agent_messages": "who wrote the first message of a ticket, in its history",
    "customer_replies": "what customers wrote later, in a history of messages",
    "solutions": "how often a ticket was solved, in a history of states",
    "count_reopens": no_return.LACKS,
}
DEFINITIONS = (*PUBLISHED, OURS)


@dataclass(frozen=True, eq=False)
class FirstContact(Standing):
    """First contact resolution, a row a definition (and group)."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """How far the rival definitions lie apart; of a named row, or of one definition alone,
        where it stands."""
        if row or self.frame["kpi"].nunique() == 1:
            return super().said(row)
        rows = self.frame[self.frame["group"] == WHOLE].dropna(subset="estimate")
        if len(rows) < 2:
            return CannotTell("how far definitions of first contact resolution lie apart.")
        worst, best = rows.loc[rows["estimate"].idxmin()], rows.loc[rows["estimate"].idxmax()]
        return finding(
            "The desk solves **{low:.0%}** of its tickets on first contact ({worst}) or "
            "**{high:.0%}** ({best}), as one likes to define it. A target without its definition "
            "is none.",
            low=worst["estimate"], high=best["estimate"], worst=_short(worst["kpi"]),
            best=_short(best["kpi"]),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The definitions that can be counted here, with their words."""
        rows = self.frame.dropna(subset="estimate")
        shown = Standing(rows).table().drop(columns=["KPI", "target"], errors="ignore")
        words = rows["definition"].str.split(": ", n=1).str[1]
        shown.insert(0, "definition", rows["kpi"].map(_short) + ": " + words)
        return shown


@dataclass(frozen=True, eq=False)
class Windows(Standing):
    """Our definition by each window, a row a window in days ("7"), the shortest first."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """How much our definition hangs on its window; of a named row, where it stands."""
        if row:
            return super().said(row)
        if self.frame["estimate"].isna().any():
            return CannotTell(f"how much the window matters: {first_said(self.frame['why'])}")
        days = self.frame["days"]
        short, long = (self.frame.loc[day] for day in (days.idxmin(), days.idxmax()))
        fewer = short["estimate"] > long["estimate"]
        return finding(
            "By our definition {high:.1%} stay solved in the shortest window and {low:.1%} in the "
            "longest ({short:g} and {long:g} days)."
            + " Who looks longer sees more come back." * bool(fewer),
            high=short["estimate"], short=float(short["days"]), low=long["estimate"],
            long=float(long["days"]),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Each window, and those whose customer left in it."""
        rows = self.frame.dropna(subset="estimate")
        shown = Standing(rows).table().drop(columns=["KPI", "target"], errors="ignore")
        shown.insert(0, "window, days", rows["days"].map("{:g}".format))
        return shown.assign(leavers=rows["why"].replace("", None))


def first_contact_resolution(
    study: Study, *, definition: str | None = None, window: float = no_return.WINDOW,
    by: str | None = None,
) -> FirstContact:  # fmt: skip
    """Share of solved tickets that were solved on first contact, a row a definition (and group).

    definition is one of DEFINITIONS, None all of them. Ours: not reopened, and no ticket of the
    same customer and cause, within so many days of the first solution. It asks every customer's
    ticket that was ever solved, those open again among them; the window must have been watched, and
    who left in it is not counted (why says what counting them would do). Wilson intervals, rows of
    one customer taken together. What the export cannot tell is CannotTell in its own row.

    >>> import cxresearch
    >>> ours = first_contact_resolution(cxresearch.open_study("data/demo"), definition=OURS)
    >>> ours.frame["estimate"].round(3).tolist()
    [0.914]
    """
    names = DEFINITIONS if definition is None else (definition,)
    if unknown := set(names) - set(DEFINITIONS):
        raise InputError(f"definition {unknown} must be one of: {', '.join(DEFINITIONS)}.")
    return FirstContact.of(
        _ours(study, window, by=by) if name == OURS else _published(study, name, by)
        for name in names
    )


@once
def fcr_sensitivity(study: Study, days: tuple[int, ...] = WINDOWS) -> Windows:
    """Our definition by each window: days, and the columns of a KPI. All windows ask the same
    tickets, those watched for the longest, so that only the window differs."""
    rows = [_ours(study, window, max(days)).frame.assign(days=window) for window in days]
    return Windows(pd.concat(rows).set_axis([f"{window:g}" for window in days]))


def _ours(
    study: Study, window: float, watched: float | None = None, by: str | None = None
) -> Standing:
    target = study.settings.target("first_contact_target")
    kpi = Kpi(NAME + OURS, no_return.definition(study, window), target=target)
    facts = no_return.our_facts(study, window, watched=watched)
    return measured(study, kpi, facts, no_return.of_stayed, by)


def _published(study: Study, name: str, by: str | None) -> Standing:
    said = PUBLISHED[name]
    words = f"of tickets now solved or closed: {said.says} (as {said.source} counts)"
    kpi = Kpi(NAME + name, words, target=study.settings.target("first_contact_target"))
    return measured(study, kpi, published_facts(study, name), by=by)


def published_facts(study: Study, name: str) -> pd.DataFrame | CannotTell:
    """The solved or closed tickets, and whether each was solved on first contact by a published
    definition: ticket_id, customer_id, at (first solved; written where that is not told), who, held
    (null: not told). Without spam and deleted tickets."""
    tickets, said = study.tickets, PUBLISHED[name]
    gone = tickets[["is_spam", "is_deleted"]].fillna(False).any(axis=1)
    tickets = tickets[tickets["status"].isin(["solved", "closed"]) & ~gone]
    counts = _counts(study, tickets, said.count)
    if counts.isna().all():
        return CannotTell(f"whether it took one contact: the export lacks {LACKS[said.count]}.")
    held = counts <= said.exactly if said.word == "at most" else counts == said.exactly
    held = held.astype("boolean").mask(counts.isna())
    at = solved_at(tickets).fillna(tickets["created_at"])
    account = _account(study, tickets)
    facts = tickets[["ticket_id"]].assign(customer_id=account, at=at, who=account)
    return facts.assign(held=held)


def _counts(study: Study, tickets: pd.DataFrame, name: str) -> pd.Series:
    if name in tickets:
        return tickets[name].astype("Float64")
    history = message_counts(study)
    if isinstance(history, CannotTell):
        return pd.Series(pd.NA, index=tickets.index, dtype="Float64")
    return tickets["ticket_id"].map(history[name]).astype("Float64")


def _account(study: Study, tickets: pd.DataFrame) -> pd.Series:
    """Whose each ticket is, merged ones too: the person's account, else the person."""
    own = study.customer_tickets.drop_duplicates("requester_id").set_index("requester_id")
    person = tickets["requester_id"].fillna(tickets["ticket_id"])
    return person.map(own["customer_id"]).astype(person.dtype).fillna(person)


def _short(name: str) -> str:
    return name.removeprefix(NAME)
