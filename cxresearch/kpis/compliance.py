"""Is the promise of a first answer kept, in every channel and for every priority?

A promise is judged when it is due. A ticket that is overdue without an answer is a breach, one that
is not yet due is not counted, also if it has been answered: to count the answered ones alone would
flatter the last days.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxresearch.kpis.durations import UNIT, elapsed, promise_clock
from cxresearch.kpis.measure import LEVEL, Kpi, share_told
from cxresearch.kpis.standing import WHOLE, Standing, first_said
from cxresearch.kpis.tidy import HOUR, group_of, measured, since, who
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.promises import promised_hours
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.told import reads, told

NAME = "First answer in time"
BOTH = "channel and priority"
NONE = "none"
GROUPS = {"created_channel": "channels", "priority": "priorities", BOTH: "channels and priorities"}
VERDICTS = {"met": "meet the target", "not met": "miss the target", "cannot tell": "cannot be told"}


@dataclass(frozen=True, eq=False)
class PromisesKept(Standing):
    """Which tickets are first answered within the promise: a Standing by group; within says what is
    promised, groups what the groups are ("channels")."""

    within: str
    groups: str = ""

    def said(self, row: str = "") -> Finding | CannotTell:
        """All of them against the target; where there are groups, which of these meet it."""
        if row in ("", WHOLE):
            return self._groups() if self.groups else on_promise(self.frame.loc[WHOLE], self.within)
        return super().said(row)

    def table(self) -> pd.DataFrame:
        """Verdicts by group; none where there is one group."""
        rows = self.frame if len(self.frame) > 2 or not self.groups else self.frame.head(0)
        shown = Standing(rows).table().drop(columns=["KPI", "group", "target"], errors="ignore")
        shown = shown.rename(columns={"n": "due"})
        shown.insert(0, "group", rows["group"])
        return shown.assign(**{"not yet due, or odd": rows["eligible"] - rows["n"]})

    def _groups(self) -> Finding | CannotTell:
        each = self.frame[self.frame["group"] != WHOLE].dropna(subset="estimate")
        if len(each) < 2:
            name = next(iter(each["group"]), "unknown")
            if name not in ("unknown", NONE):
                return DoesNotApply(f"how {self.groups} differ: {name} only.")
            return CannotTell(
                f"how {self.groups} differ: not told; an export that tells them apart would tell."
            )
        each = each[each["group"].isin(without(self.frame)[0]["group"])].sort_values("estimate")
        if each.empty:
            return CannotTell(f"how {self.groups} differ: too few tickets are of each.")
        counts, beware = each["verdict"].value_counts(), first_said(self.frame["why"])
        parts = ", ".join(f"{counts[v]} {VERDICTS[v]}" for v in VERDICTS if v in counts.index)
        worst, best = (
            f"{r['group']} ({r['estimate']:.0%}; {r['low']:.0%} to {r['high']:.0%})"
            for _, r in each.iloc[[0, -1]].iterrows()
        )
        return finding(
            "The most answers in time are in {best}, the fewest in {worst}."
            + (" Of {n} {what}, {parts}." if parts else "")
            + (" Beware: {beware}." if beware else ""),
            best=best, worst=worst, n=len(each), what=self.groups, parts=parts, beware=beware or "",
        )  # fmt: skip


def on_promise(row: pd.Series, within: str) -> Finding | CannotTell:
    """First answers against their target, from the row of all tickets."""
    if pd.isna(row["estimate"]):
        none = "how many are answered in time: no ticket was watched for so long."
        return CannotTell(row["why"] or none)
    judged = " The target is {target:.0%}: **{verdict}**." if pd.notna(row["target"]) else ""
    return finding(
        "**{share:.1%}** of customers' tickets get a first answer {within} (95% interval {low:.1%} "
        "to {high:.1%}; {n:,} tickets)." + judged,
        share=row["estimate"], low=row["low"], high=row["high"], n=int(row["n"]),
        within=within, target=row["target"], verdict=row["verdict"],
    )  # fmt: skip


def response_compliance(study: Study, by: str | None = None) -> PromisesKept:
    """Share of customers' tickets whose first answer came within the promise.

    The promise is first_reply_hours, or that of first_reply_promises for the channel and the
    priority as it was when the ticket was written; its hours are the calendar's, or business hours
    if study.toml says so. by may be "priority" (as it was then), "created_channel" or "channel and
    priority"; groups are judged at once, so their intervals hold together (Bonferroni).

    >>> import cxresearch
    >>> answered = response_compliance(cxresearch.open_study("data/demo"))
    >>> answered.frame["verdict"].tolist()
    ['not met']
    """
    facts = response_facts(study)
    words = f"of customers' tickets that are due, first answered by a person {_promised(study)}; " \
        "closed without an answer counts against"  # fmt: skip
    kpi = Kpi(NAME, words, target=study.settings.target("first_reply_target"))
    within, what = within_words(study), GROUPS.get(by, f"groups by {by}") if by else ""
    if isinstance(facts, CannotTell):
        return PromisesKept(measured(study, kpi, facts).frame, within)
    beware = _beware(study, facts, by)
    groups = group_of(study, facts, by).nunique() if by else 1

    def measure(rows: pd.DataFrame) -> dict:
        level = LEVEL if len(rows) == len(facts) else 1 - (1 - LEVEL) / groups
        return share_told(rows, level=level) | {"why": beware}

    rows = measured(study, kpi, facts, measure, by, counted="first_answers").frame
    return PromisesKept(rows, within, what)


def within_words(study: Study) -> str:
    """Within what time a first answer is promised, as a page says it."""
    settings = study.settings
    if settings.promises or settings.promises_in_business_hours:
        return "within the time promised"
    return f"within {settings.first_reply_hours:g} hours"


@reads("first_reply_at")
@once
def response_facts(study: Study) -> pd.DataFrame | CannotTell:
    """Customers' tickets: ticket_id, customer_id, who, at, created_channel, priority (as it was
    then), channel and priority, promised, waited and age (hours of the promise's clock), held (null
    where the answer is older than the question, or not told), mature (is the promise due?)."""
    tickets = since(study)
    clock = promise_clock(study)
    replied = tickets["first_reply_at"].where(tickets["first_reply_at"] <= study.observed_until)
    channel = tickets["created_channel"].fillna("unknown")
    priority = priority_then(study, tickets)
    default = study.settings.first_reply_hours
    promised = promised_hours(study.settings.promises, channel, priority, default)
    ends = pd.Series(study.observed_until, index=tickets.index)
    waited = elapsed(study, tickets["created_at"], replied, clock)
    age = elapsed(study, tickets["created_at"], ends, clock)
    held = (waited <= promised).astype("boolean").mask(replied < tickets["created_at"])
    held = held.where(told(study, "first_reply_at", tickets))
    return tickets[["ticket_id", "customer_id"]].assign(
        who=who(tickets), at=tickets["created_at"], created_channel=channel, priority=priority,
        **{BOTH: channel + ", " + priority}, promised=promised, waited=waited, age=age, held=held,
        mature=age >= promised,
    )  # fmt: skip


def priority_then(study: Study, tickets: pd.DataFrame) -> pd.Series:
    """Each ticket's priority when it was written, in lower case.

    By its history: the value before its first change, or the one first set, if that was before the
    first answer or within the default promise; "none" if it was set later. What was raised to
    urgent after weeks was not urgent when the promise ran. Without a history of priorities, the
    priority at export.
    """
    now = tickets["priority"].str.lower().fillna(NONE)
    if not _tells_priorities(study):
        return now
    changes = study.ticket_events.query("field == 'priority'")
    changes = changes.dropna(subset=["value_from", "value_to"], how="all")
    first = changes.sort_values("event_at", kind="stable").drop_duplicates("ticket_id")
    first = first.set_index("ticket_id").reindex(tickets["ticket_id"]).set_index(tickets.index)
    due = tickets["created_at"] + study.settings.first_reply_hours * HOUR
    late = first["event_at"] > tickets["first_reply_at"].fillna(due)
    then = first["value_from"].fillna(first["value_to"].mask(late, NONE))
    return then.str.lower().fillna(now)


def _promised(study: Study) -> str:
    settings = study.settings
    others = "; ".join(map(str, settings.promises))
    more = f" ({others})" if others else ""
    return f"within {settings.first_reply_hours:g} {UNIT[promise_clock(study)]}{more}"


def _beware(study: Study, facts: pd.DataFrame, by: str | None) -> str:
    """What the page must say of promises: whose names no ticket has, and which priority it is."""
    names = set(facts["created_channel"].str.lower()) | set(facts["priority"])
    idle = [str(p) for p in study.settings.promises if not p.names <= names]
    said = [f"no ticket is of the promise {text}" for text in idle]
    asked = by in ("priority", BOTH) or bool(study.settings.promises)
    if asked and not _tells_priorities(study):
        said.append("the priority is that of the export: no history tells what it was then")
    return "; ".join(said)


def _tells_priorities(study: Study) -> bool:
    return study.has("ticket_events") and bool((study.ticket_events["field"] == "priority").any())
