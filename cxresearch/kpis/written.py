"""What the desk wrote, counted: words that customers need, promises kept, what first messages lack.

Only English is read; a ticket in another language, or without words, is in no denominator. Shares
are as the rules find them (topics.desk_threads.agreement), not corrected for their errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.durations import SOLVED_DAYS, restricted_mean, solutions
from cxresearch.kpis.incidents import main_causes
from cxresearch.kpis.measure import Kpi, share_told
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.tidy import asked, measured, of_them
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, Finding, SaidOnce, finding
from cxresearch.study.intervals import difference
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import listed, view
from cxresearch.topics.desk_threads import (
    agreement,
    languages,
    messages,
    read_rule,
    read_threads,
    untrusted,
)
from cxresearch.topics.text.desk_words import OF_FIRST
from cxresearch.topics.text.due_dates import due_at

HOUR = pd.Timedelta(hours=1)
TICKET = ["ticket_id", "customer_id", "who", "at", "type", "closed_by", "first_solved_at",
          "last_solved_at"]  # fmt: skip
ENOUGH = 20  # tickets of a cause that lack it, and that hold it
WRITTEN = {  # rule: name, of what, and which tickets are asked
    "acknowledged": ("Acknowledged in the first answer", "answered tickets", None),
    "info_asked": ("Asked the customer for information", "answered tickets", None),
    "workaround": ("Given a workaround", "answered tickets", None),
    "date_promised": ("Promised a date or time", "answered tickets", None),
    "confirmed": ("Customer says that it is solved", "solved tickets", "solved"),
    "not_solved": ("Customer says that it is not solved", "answered tickets", None),
    "told_twice": ("Told twice after a handoff", "tickets that changed hands", "changed"),
    "version": ("First message names a version or device", "answered tickets", None),
    "error": ("First message gives the error", "answered tickets", None),
    "steps": ("First message tells what was done", "answered tickets", None),
}
ITEMS = {"version": "a version, a device", "error": "the error", "steps": "what was done"}
KEPT = Kpi(
    "Promised dates kept",
    "of promised dates that are over: solved, or another answer, by then (a ticket that was solved "
    "within an hour of the promise is not judged)",
)
SAYS = {  # by a KPI's name: what its share is of, in a sentence
    KEPT.name: "The desk keeps **{estimate:.1%}** of the dates that it promises",
    WRITTEN["acknowledged"][0]: "**{estimate:.1%}** of first answers take up what the "
    "customer wrote",
    WRITTEN["workaround"][0]: "**{estimate:.1%}** of answered tickets are given a way around",
    WRITTEN["told_twice"][0]: "In **{estimate:.1%}** of tickets that changed hands the "
    "customer has to tell it twice",
}


@dataclass(frozen=True, eq=False)
class Wrote(Standing):
    """Where the rows of wrote stand, those of SAYS in sentences of their own."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """What a named row says; without a name the first."""
        told = self.frame.loc[row or self.frame.index[0]]
        if told.name not in SAYS or pd.isna(told["estimate"]):
            return super().said(row)
        more = f" Beware: {told['why']}." * bool(told["why"])
        return finding(
            SAYS[told.name] + " (95% interval {low:.1%} to {high:.1%}; n = {n:,})." + more,
            **told[["estimate", "low", "high", "n"]],
        )


@once
def threads(study: Study) -> pd.DataFrame | CannotTell:
    """The asked tickets that can be read: TICKET, a boolean column a rule, and solved, changed (did
    agents change?), unread (how many tickets could not be read)."""
    rows, own = messages(study), languages(study)
    if isinstance(rows, CannotTell) or isinstance(own, CannotTell):
        return rows
    tickets = asked(study)
    unread = int((~among(tickets["ticket_id"], own.loc[own["read"], "ticket_id"])).sum())
    agents = rows[rows["role"] == "agent"].groupby("ticket_id")["actor_id"].nunique()
    found = read_threads(rows).assign(changed=agents > 1, unread=unread)
    found["changed"] = found["changed"].fillna(False).astype(bool)
    found["solved"] = found.index.isin(tickets.loc[tickets["first_solved_at"].notna(), "ticket_id"])
    return tickets[TICKET].merge(found, left_on="ticket_id", right_index=True)


@once
def wrote(study: Study, by: str | None = None) -> Wrote | CannotTell:
    """What desk and customer wrote, KEPT and a KPI a rule (WRITTEN); rows of kpis.tidy. A rule
    that agrees too little with people tells nothing."""
    facts = threads(study)
    if isinstance(facts, CannotTell):
        return SaidOnce(facts.reason)
    shares = [_share(study, facts, rule, by) for rule in WRITTEN]
    return Wrote.of([kept(study, by), *shares])


def kept(study: Study, by: str | None = None) -> Standing:
    """The share of promised dates that were kept (KEPT); rows of kpis.tidy."""
    facts = untrusted("date_promised") or promises(study)

    def note(facts: pd.DataFrame) -> str:
        return of_them(int(facts["due"].isna().sum()), "promises whose moment is not read")

    return measured(study, KEPT, facts, by=by, note=note)


@once
def promises(study: Study) -> pd.DataFrame | CannotTell:
    """A row a promise of an agent: ticket_id, customer_id, who, at, due (null: not read), held
    (null where not judged), mature (is it over?)."""
    tickets, rows = threads(study), messages(study)
    if isinstance(tickets, CannotTell) or isinstance(rows, CannotTell):
        return tickets
    said = rows[rows["role"] == "agent"].reset_index(drop=True)
    said["next"] = said.groupby("ticket_id")["at"].shift(-1)
    said = said[read_rule(said, "date_promised")]
    said = said.merge(tickets[TICKET].drop(columns="at"), on="ticket_id")
    local = said["at"].dt.tz_convert(study.settings.time_zone)
    due = [due_at(body, at) for body, at in zip(said["body"], local, strict=True)]
    said["due"] = pd.to_datetime(pd.Series(due, said.index, dtype=object), utc=True)
    ends = said[["first_solved_at", "last_solved_at"]]
    over = ends.where(ends.ge(said["at"], axis=0)).min(axis=1)
    held = (said["next"] <= said["due"]) | (over <= said["due"])
    judged = said["due"].gt(said["at"]) & ~(over <= said["at"] + HOUR)
    mature = said["due"] <= study.observed_until
    said = said.assign(held=held.astype("boolean").mask(~judged), mature=mature)
    return said[["ticket_id", "customer_id", "who", "at", "due", "held", "mature"]]


@dataclass(frozen=True, eq=False)
class Lacks(Result):
    """First messages that hold an item and those that lack it, a row an item, named: item, holds,
    lacks (tickets), share (that hold it), asked (share of those that lack it in which an agent had
    to ask), asked of others, days, low, high (by which lacking it is slower, within a cause),
    causes (compared)."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """The days by which tickets that lack all of it are slower, within the same cause."""
        if self.frame.empty:
            return CannotTell("what a lack costs: no rule on first messages agrees with people.")
        r = self.frame.loc[row] if row else self.frame.iloc[-1]
        if pd.isna(r["days"]):
            return CannotTell(
                f"what a lack of {r['item']} costs: no cause has {ENOUGH} tickets with it and "
                f"{ENOUGH} without."
            )
        says = "{days:+.1f} days until the first solution ({low:+.1f} to {high:+.1f})"
        if r["low"] <= 0 <= r["high"]:
            return CannotTell(
                f"whether a first message without {r['item']} takes longer, within its cause: "
                + says.format(**r) + "."
            )  # fmt: skip
        return finding("A first message without {item} goes with " + says + ", within its cause.",
                       **r[["item", "days", "low", "high"]])  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Tickets, the shares in which the desk had to ask, and the days."""
        if self.frame.empty:
            return self.frame
        return view(self.frame, "item as first message names", "holds as tickets with it",
                    "lacks as without it", "asked of others .0% as desk asked, with it",
                    "asked .0% as desk asked, without", "days ±+.1f as more days without it",
                    "causes as causes compared")  # fmt: skip


@once
def lacking(study: Study) -> Lacks | CannotTell:
    """What a lack in first messages costs: mean days until the first solution, cut at SOLVED_DAYS,
    within each cause, weighted by its tickets that lack the item. Items whose rule is not used are
    not asked."""
    facts, waits = threads(study), solutions(study)
    for lacks in (facts, waits):
        if isinstance(lacks, CannotTell):
            return lacks
    items = [rule for rule in OF_FIRST if untrusted(rule) is None]
    rows = facts.merge(waits[["ticket_id", "time", "event", "known"]], on="ticket_id")
    if study.has("ticket_causes"):
        rows = rows.merge(main_causes(study), on="ticket_id")
    rows = rows.assign(**{"cause": rows.get("cause", "all"), "any": rows[items].any(axis=1)})
    names = ITEMS | {"any": listed([ITEMS[rule] for rule in items], "or")}
    wanted = [*items, "any"] if len(items) > 1 else items
    found = {rule: {"item": names[rule], **_cost(rows, rows[rule])} for rule in wanted}
    return Lacks(pd.DataFrame.from_dict(found, orient="index"))


def _cost(rows: pd.DataFrame, holds: pd.Series) -> dict:
    tau, gaps = SOLVED_DAYS * 24.0, []
    for _, part in rows.groupby("cause"):
        sides = [part[~holds[part.index]], part[holds[part.index]]]
        if min(map(len, sides)) < ENOUGH:
            continue
        means = [restricted_mean(side, tau) for side in sides]
        if not any(isinstance(mean, CannotTell) for mean in means):
            ends = [(mean["estimate"], mean["low"], mean["high"]) for mean in means]
            gaps.append((len(sides[0]), *difference(*ends)))
    days = dict.fromkeys(("days", "low", "high"), np.nan)
    if gaps:
        weight, gap, low, high = np.array(gaps).T
        weight, gap = weight / weight.sum(), gap / 24
        middle = weight @ gap
        down, up = (np.sqrt(((weight * (end / 24 - gap)) ** 2).sum()) for end in (low, high))
        days = {"days": middle, "low": middle - down, "high": middle + up}
    asks = [rows.loc[side, "info_asked"].mean() for side in (~holds, holds)]
    return {"holds": int(holds.sum()), "lacks": int((~holds).sum()), "share": holds.mean(),
            "asked": asks[0], "asked of others": asks[1], **days, "causes": len(gaps)}  # fmt: skip


@once
def record(study: Study) -> Standing | CannotTell:
    """A checklist of what the record of a solved ticket holds, a KPI an item: a kind, an internal
    note, the solution told in public within a day of it, the customer's click or word. No score is
    made of them. What no ticket of the study has is not in the export: cannot tell."""
    facts = threads(study)
    if isinstance(facts, CannotTell):
        return facts
    facts, events = facts[facts["solved"]], study.ticket_events
    notes = events.loc[events["event_type"] == "note", "ticket_id"]
    said = messages(study).query("role == 'agent'").merge(facts[["ticket_id", "first_solved_at"]])
    near = (said["at"] - said["first_solved_at"]).abs() <= 24 * HOUR
    lacks = {"Kind filled in": study.tickets["type"].isna().all() and "a kind",
             "Has an internal note": notes.empty and "an internal note"}  # fmt: skip
    items = {
        "Kind filled in": facts["type"].notna(),
        "Has an internal note": among(facts["ticket_id"], notes),
        "Solution told": among(facts["ticket_id"], said.loc[near, "ticket_id"]),
        "Closed by the customer": facts["closed_by"].eq("customer").mask(facts["closed_by"].isna()),
    }
    words = "of solved tickets that can be read"
    told = {name: facts.assign(held=held.astype("boolean")) for name, held in items.items()}
    told |= {name: CannotTell(f"no ticket of the export has {what}.")
             for name, what in lacks.items() if what}  # fmt: skip
    rows = [measured(study, Kpi(name, words), of) for name, of in told.items()]
    return Standing.of([*rows, _share(study, facts, "confirmed")])


def checked() -> pd.DataFrame:
    """How the rules were checked, as a page shows it: agreement of two readers with each other and
    with the rule, and how often the rule errs."""
    rows = agreement()
    names = rows["rule"].map({rule: name for rule, (name, *_) in WRITTEN.items()})
    used = ["no" if untrusted(rule) else "yes" for rule in rows["rule"]]
    return view(rows.assign(rule=names, used=used), "rule", "read as texts read", "texts",
                "hands ±.2f as kappa of two readers", "kappa ±.2f as kappa of rule and people",
                "precision ±.0%", "recall ±.0%", "used")  # fmt: skip


@once
def not_read(study: Study) -> pd.DataFrame | CannotTell:
    """The answered tickets by language: language, tickets, read."""
    rows = languages(study)
    if isinstance(rows, CannotTell):
        return rows
    rows = rows.groupby("language").agg(tickets=("read", "size"), read=("read", "any"))
    rows["read"] = rows["read"].map({True: "yes", False: "no"})
    return rows.sort_values("tickets", ascending=False).reset_index()


def _share(study: Study, facts: pd.DataFrame, rule: str, by: str | None = None) -> Standing:
    name, of, only = WRITTEN[rule]
    kpi = Kpi(name, f"of {of} in English, by a rule on words")
    facts = facts[facts[only]] if only else facts

    def note(facts: pd.DataFrame) -> str:
        unread = int(facts["unread"].max()) if rule == "acknowledged" and len(facts) else 0
        one = "ticket" if unread == 1 else "tickets"
        return of_them(unread, f"{one} not read: in another language, or without an answer")

    told = untrusted(rule) or facts.assign(held=facts[rule])
    return measured(study, kpi, told, share_told, by, note)
