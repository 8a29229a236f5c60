"""How often is a ticket handed up? By the one rule that the study names."""

from functools import partial

import pandas as pd

from cxresearch.kpis.measure import Kpi, share_told
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.tidy import DAY, asked, measured, of_them
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.schema import InputError
from cxresearch.study.settings import ESCALATIONS
from cxresearch.study.study import Study

SAYS = {
    "flag": "the help desk's own mark",
    "tier change": "handed from another group to one of the second line",
    "priority raise": "priority raised after it was first set",
    "breach": "a service level was missed",
}
WINDOW = 30  # days after it was written in which a ticket is escalated, or counts as not
UNDATED = "the mark has no date, so those marked later than that count too"
NEEDS = {"tier change": "group_id", "priority raise": "priority", "breach": "sla"}


def escalation(study: Study, rule: str | None = None, by: str | None = None) -> Standing:
    """Share of tickets escalated within 30 days of being written, by one rule.

    rule is flag, tier change (into one of tier_two_groups), priority raise (up the list priorities)
    or breach (of a service level); the setting escalation_rule unless given. A missed service level
    is no escalation unless that rule is asked for. The tidy frame of kpis.tidy; target
    escalation_target, at most; Wilson, clustered by customer. Younger tickets are eligible and not
    counted; nor is a ticket without the flag, or without history where the rule reads it. A flag
    has no date: it counts whenever it was set, and why says so.
    """
    rule = rule or study.settings.escalation_rule
    if rule not in ESCALATIONS:
        raise InputError(f"rule is '{rule}'; it must be one of: {', '.join(ESCALATIONS)}.")
    kpi = Kpi(
        "Escalated", f"of tickets, escalated within {WINDOW} days of being written: {SAYS[rule]}",
        target=study.settings.target("escalation_target"), wanted="at most",
    )  # fmt: skip

    def note(facts: pd.DataFrame) -> str:
        unknown = int((facts["mature"] & facts["escalated"].isna()).sum())
        out = of_them(unknown, "tickets left out: the export does not tell of them")
        return "; ".join(filter(None, (out, UNDATED if rule == "flag" else "")))

    measure = partial(share_told, flag="escalated")
    return measured(study, kpi, escalations(study, rule), measure, by, note,
                    "escalated" if rule == "flag" else "")  # fmt: skip


def escalations(study: Study, rule: str) -> pd.DataFrame | CannotTell:
    """A row a ticket: ticket_id, customer_id, who, at (written), escalated (null: not told), mature
    (its 30 days are over)."""
    tickets = asked(study)
    held = tickets["is_escalated"] if rule == "flag" else _by_history(study, tickets, rule)
    if isinstance(held, CannotTell):
        return held
    if held.isna().all():
        return CannotTell(
            "how often tickets are escalated: the export lacks is_escalated; one that marks "
            "escalations would tell, or another escalation_rule in study.toml."
        )
    young = study.observed_until - WINDOW * DAY
    return tickets[["ticket_id", "customer_id", "who", "at"]].assign(
        escalated=held.astype("boolean"), mature=tickets["at"] <= young
    )


def _by_history(study: Study, tickets: pd.DataFrame, rule: str) -> pd.Series | CannotTell:
    """Did the rule hold for each ticket? Null for tickets without any history."""
    needs, column = NEEDS[rule], "event_type" if rule == "breach" else "field"
    if not study.has("ticket_events") or not study.ticket_events[column].eq(needs).any():
        return CannotTell(
            f"how often tickets are escalated, by {rule}: the export has no history of "
            f"{'service levels' if rule == 'breach' else needs}; one with it would tell."
        )
    up = RULES[rule](study)
    written = tickets.set_index("ticket_id")["created_at"].reindex(up["ticket_id"])
    written = written.set_axis(up.index)
    up = up.loc[up["event_at"] <= written + WINDOW * DAY, "ticket_id"]
    held = among(tickets["ticket_id"], up).astype("boolean")
    return held.mask(~among(tickets["ticket_id"], study.ticket_events["ticket_id"]))


def changes_of(study: Study, field: str) -> pd.DataFrame:
    """A field's events; what they changed from, where they do not say, is what the last one set."""
    changes = study.ticket_events.query("field == @field").sort_values(["event_at", "event_id"])
    before = changes.groupby("ticket_id")["value_to"].shift()
    return changes.assign(value_from=changes["value_from"].fillna(before))


def order_of(study: Study) -> dict[str, int]:
    """The place of each priority, in lower case, from the lowest to the highest."""
    return {word.lower(): place for place, word in enumerate(study.settings.priorities)}


def _handed_up(study: Study) -> pd.DataFrame:
    groups, changes = study.settings.tier_two_groups, changes_of(study, "group_id")
    if not groups:
        raise InputError(
            "rule 'tier change' needs tier_two_groups in study.toml: name the groups that tickets "
            "are handed up to."
        )
    stays = changes["value_from"].isna() | changes["value_from"].isin(groups)
    return changes[changes["value_to"].isin(groups) & ~stays]


def _raised(study: Study) -> pd.DataFrame:
    order = order_of(study)
    changes = changes_of(study, "priority")
    before, after = changes["value_from"].str.lower(), changes["value_to"].str.lower()
    strange = sorted({*before.dropna(), *after.dropna()} - set(order))
    if strange:
        raise InputError(
            f"rule 'priority raise' does not know the priority '{strange[0]}': give all words, "
            "from the lowest to the highest, as priorities in study.toml."
        )
    return changes[after.map(order) > before.map(order)]


def _breached(study: Study) -> pd.DataFrame:
    return study.ticket_events.query("event_type == 'sla' and value_to == 'breach'")


# The events in which a ticket is escalated by each rule.
RULES = {"tier change": _handed_up, "priority raise": _raised, "breach": _breached}
