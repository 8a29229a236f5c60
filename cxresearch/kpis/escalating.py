"""How often is a ticket handed up? By the one rule that the study names."""

from functools import partial

import pandas as pd

from cxresearch.kpis.measure import Kpi, share_told
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.tidy import DAY, asked, measured, of_them
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.db import connect, frame, put
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
# What an event changed from, where it does not say: the value that the one before it set.
CHANGES = """
    SELECT ticket_id, value_to, coalesce(value_from, lag(value_to) OVER (
               PARTITION BY ticket_id ORDER BY event_at, event_id)) AS value_from
    FROM events WHERE field = ?"""
HANDED_UP = f"""
    SELECT DISTINCT ticket_id FROM ({CHANGES})
    WHERE list_contains(?, value_to) AND NOT list_contains(?, value_from)"""
RAISED = f"""
    SELECT DISTINCT ticket_id FROM ({CHANGES})
    WHERE list_position(?, lower(value_to)) > list_position(?, lower(value_from))"""
BREACHED = "SELECT DISTINCT ticket_id FROM events WHERE event_type = 'sla' AND value_to = 'breach'"


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
        target=study.settings.escalation_target, wanted="at most",
    )  # fmt: skip

    def note(facts: pd.DataFrame) -> str:
        unknown = int((facts["mature"] & facts["escalated"].isna()).sum())
        out = of_them(unknown, "tickets left out: the export does not tell of them")
        return "; ".join(filter(None, (out, UNDATED if rule == "flag" else "")))

    measure = partial(share_told, flag="escalated")
    return measured(study, kpi, escalations(study, rule), measure, by, note)


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
    needs = NEEDS[rule]
    if not study.has("ticket_events") or not _told(study, rule).any():
        return CannotTell(
            f"how often tickets are escalated, by {rule}: the export has no history of "
            f"{'service levels' if rule == 'breach' else needs}; one with it would tell."
        )
    query, values = RULES[rule](study)
    events = study.ticket_events
    written = events["ticket_id"].map(tickets.set_index("ticket_id")["created_at"])
    soon = events["event_at"] <= written + WINDOW * DAY
    with connect() as db:
        put(db, "events", events[soon].drop(columns="body"))
        up = frame(db.sql(query, params=values))["ticket_id"]
    held = among(tickets["ticket_id"], up).astype("boolean")
    return held.mask(~among(tickets["ticket_id"], events["ticket_id"]))


def _told(study: Study, rule: str) -> pd.Series:
    column = "event_type" if rule == "breach" else "field"
    return study.ticket_events[column].eq(NEEDS[rule]).fillna(False)


def _handed_up(study: Study) -> tuple[str, list]:
    groups = list(study.settings.tier_two_groups)
    if not groups:
        raise InputError(
            "rule 'tier change' needs tier_two_groups in study.toml: name the groups that tickets "
            "are handed up to."
        )
    return HANDED_UP + " AND value_from IS NOT NULL", ["group_id", groups, groups]


def _raised(study: Study) -> tuple[str, list]:
    order = [word.lower() for word in study.settings.priorities]
    events = study.ticket_events
    words = events.loc[events["field"] == "priority", ["value_from", "value_to"]].stack().dropna()
    strange = sorted(set(words.str.lower()) - set(order))
    if strange:
        raise InputError(
            f"rule 'priority raise' does not know the priority '{strange[0]}': give all words, "
            "from the lowest to the highest, as priorities in study.toml."
        )
    return RAISED, ["priority", order, order]


# The query of each rule, and its values.
RULES = {"tier change": _handed_up, "priority raise": _raised, "breach": lambda _: (BREACHED, [])}
