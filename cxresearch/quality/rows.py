"""What came in, what is missing, what was set aside, and what cannot be said for want of it."""

import numpy as np
import pandas as pd

from cxresearch.schema import TABLES
from cxresearch.study import Study

FIELDS = (
    "subject description language tags type priority created_channel product requester_id "
    "organization_id assignee_id group_id first_reply_at first_solved_at closed_by count_reopens "
    "total_agent_replies is_escalated is_spam satisfaction_raw"
).split()
CLEAR = 25
# What a missing table or field makes impossible.
WANTED = {
    "customers": "who left, when and why: churn cannot be studied, only who writes again",
    "customer_history": "what a customer's plan, revenue and activity were: no effect can be "
    "adjusted for heavy use",
    "identities": "which people belong to one account: two colleagues count as two customers",
    "ticket_events": "when a ticket changed hands or waited on the customer: only its first and "
    "last moments are known",
    "surveys": "whom a survey reached: scores cannot be told from silence",
    "priority": "which tickets were urgent",
    "assignee_id": "who worked on a ticket, and how often it changed hands",
    "closed_by": "whether an agent, the customer or a machine closed the ticket",
    "count_reopens": "whether a solved ticket stayed solved",
    "is_escalated": "how often a ticket was handed up",
    "satisfaction_raw": "how satisfied the customers were with an answer",
    "organization_id": "which people belong to one organisation",
}


def conservation(study: Study) -> pd.DataFrame:
    """Rows read, kept and set aside by table, as the import counted them; or rows held now."""
    rows = study.import_report.get("rows")
    if rows:
        return pd.DataFrame(rows).set_index("table")
    held = {name: len(study.table(name)) for name in TABLES if study.has(name)}
    return pd.DataFrame({"held": held}).rename_axis("table")


def reasons(study: Study) -> pd.DataFrame:
    """Why rows were set aside: table, reason, rows, and the file and row of the first one."""
    columns = {"rows": ("row", "size"), "file": ("file", "first"), "first row": ("row", "min")}
    found = study.quarantine.groupby(["table", "reason"], sort=False).agg(**columns).reset_index()
    return found.sort_values("rows", ascending=False, ignore_index=True, kind="stable")


def left_out(study: Study) -> pd.DataFrame:
    """Tickets in the study, and those that later counts leave out: group and tickets.

    A ticket that is left out for two reasons is counted under the first.
    """
    tickets = study.tickets
    why = {
        "left out: spam": tickets["is_spam"].fillna(False),
        "left out: merged into another": tickets["is_merged"].fillna(False),
        "left out: deleted": tickets["is_deleted"].fillna(False),
        "left out: nobody is known to have asked": tickets["requester_id"].isna(),
    }
    first = np.select(list(why.values()), list(why), "tickets counted")
    counts = pd.Series(first).value_counts().reindex([*why, "tickets counted"], fill_value=0)
    counts[list(why)] *= -1
    counts = pd.concat([pd.Series({"tickets kept": len(tickets)}), counts])
    return counts.rename_axis("group").to_frame("tickets")


def coverage(study: Study) -> pd.DataFrame:
    """Share of tickets that have each field, by quarter of creation: fields × quarters.

    A flag or count that is known to be no or 0 is filled; null is what the export cannot tell.
    """
    tickets, filled = study.tickets, _has(study)
    quarter = tickets["created_at"].dt.tz_localize(None).dt.to_period("Q").astype(str)
    return filled.groupby(quarter.rename("quarter")).mean().T.rename_axis("field")


def filled(study: Study) -> pd.DataFrame:
    """Share of all tickets that have each field: field and share."""
    return _has(study).mean().rename_axis("field").to_frame("share")


def _has(study: Study) -> pd.DataFrame:
    tickets = study.tickets
    tagged = tickets["tags"].map(lambda t: t is not None and np.size(t) > 0, na_action="ignore")
    return tickets[FIELDS].notna().assign(tags=tagged.eq(True))


def hours(study: Study) -> pd.DataFrame:
    """Share of each quarter's tickets by hour of creation in UTC: quarters × hours."""
    counts = _by_hour(study)
    return counts.div(counts.sum(axis=1), axis=0)


def _by_hour(study: Study) -> pd.DataFrame:
    created = study.tickets["created_at"]
    quarter = created.dt.tz_localize(None).dt.to_period("Q").astype(str).rename("quarter")
    counts = pd.crosstab(quarter, created.dt.hour.rename("hour"))
    return counts.reindex(columns=range(24), fill_value=0)


def clock_jumps(study: Study, hours_apart: float = 3.0) -> pd.DataFrame:
    """Quarters whose mean hour of creation jumped against the quarter before: from, to, hours.

    The mean is circular (the direction of the sum of the hours as arrows on a clock). People do
    not change their day by hours; a clock, a time zone or a bulk import does. Quarters whose hours
    point nowhere (few tickets, or customers all around the world) are passed over: their mean is
    noise. Pointing somewhere is Rayleigh's statistic, the sum's squared length over the number of
    tickets, of 25 or more; the mean is then known to well under an hour.
    """
    counts = _by_hour(study)
    arrows = counts.to_numpy() @ np.exp(2j * np.pi * np.arange(24) / 24)
    points = np.abs(arrows) ** 2 / counts.sum(axis=1) >= CLEAR
    mean = pd.Series(np.angle(arrows) * 24 / (2 * np.pi), index=counts.index)[points]
    jump = (mean.diff() + 12) % 24 - 12
    rows = pd.DataFrame({"from": mean.index.to_series().shift(), "to": mean.index, "hours": jump})
    return rows[rows["hours"].abs() >= hours_apart].reset_index(drop=True)


def oddities(study: Study) -> pd.DataFrame:
    """Tickets kept but flagged, by flag, and tickets whose customer wrote the same text before."""
    tickets = study.tickets
    counts = tickets["dq_flags"].explode().value_counts()
    same = tickets.duplicated(["requester_id", "subject", "description"]) & (
        tickets["requester_id"].notna() & tickets["description"].notna()
    )
    counts = pd.concat([counts, pd.Series({"same_text_again": int(same.sum())})])
    found = pd.DataFrame({"tickets": counts.astype(int), "share": counts / len(tickets)})
    found.index = found.index.str.replace("_", " ").rename("what is odd")
    return found


def missing(study: Study) -> pd.DataFrame:
    """What the study lacks and what therefore cannot be said: lacks, cannot be said."""
    rows = []
    for name, says in WANTED.items():
        lacks = not study.has(name) if name in TABLES else study.tickets[name].isna().all()
        if lacks:
            rows.append((f"table {name}" if name in TABLES else name, says))
    return pd.DataFrame(rows, columns=["lacks", "cannot be said"]).set_index("lacks")
