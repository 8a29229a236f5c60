"""How long customers wait for a first answer, with those still waiting counted."""

import numpy as np
import pandas as pd

from cxresearch.kpis.measure import LEVEL, share_by, waiting_curve
from cxresearch.study.study import Study

HOUR = pd.Timedelta(hours=1)
HOURS = (1.0, 8.0, 24.0, 168.0)
GROUPS = 8
ALL = "all tickets"


def waits(study: Study) -> pd.DataFrame:
    """One row a ticket: ticket_id, who, created_channel, time (hours), event, closed_unanswered.

    time runs from created_at to first_reply_at, in calendar hours. A ticket without an answer is
    censored at observed_until, also one that was solved or closed meanwhile: closing ends the work,
    not the customer's wait, and to censor there would assume that it would have been answered like
    the rest. So the share answered is that of all tickets (closing is a competing event; all
    censoring is by the calendar). See left_out for the tickets that are not here.
    """
    tickets = study.customer_tickets[_reason(study) == ""]
    replied = tickets["first_reply_at"]
    event = replied.notna() & (replied <= study.observed_until)
    ends = replied.where(event, study.observed_until)
    closed = tickets["first_solved_at"].notna() | tickets["status"].isin(["solved", "closed"])
    return pd.DataFrame(
        {
            "ticket_id": tickets["ticket_id"],
            "who": tickets["customer_id"].fillna(tickets["requester_id"]),
            "created_channel": tickets["created_channel"].fillna("unknown"),
            "time": (ends - tickets["created_at"]) / HOUR,
            "event": event.astype(int),
            "closed_unanswered": ~event & closed,
        }
    ).reset_index(drop=True)


def left_out(study: Study) -> pd.DataFrame:
    """Customers' own tickets that are timed and those that are not, each with why: tickets."""
    reasons = _reason(study).replace("", "timed")
    names = ["timed", "written before the export begins", "answered before it was asked",
             "written after the end of observation"]  # fmt: skip
    return reasons.value_counts().reindex(names, fill_value=0).rename_axis("ticket").to_frame(
        "tickets"
    )  # fmt: skip


def reply_curves(study: Study, by: str = "created_channel") -> pd.DataFrame:
    """Share answered by each hour, a curve a group: group, time, share, low, high, at_risk.

    The largest groups first; beyond GROUPS the rest is "other". Intervals of the groups hold
    together at 95% (Bonferroni), so that they can be compared; see also kpis.measure.
    """
    rows = _grouped(waits(study), study, by)
    groups = rows["group"].value_counts().index
    level = 1 - (1 - LEVEL) / max(len(groups), 1)
    marks = (*HOURS, study.settings.first_reply_hours)
    curves = [waiting_curve(rows[rows["group"] == g], marks, level).assign(group=g) for g in groups]
    if not curves:
        return pd.DataFrame(columns=["time", "share", "low", "high", "at_risk", "group"])
    return pd.concat(curves, ignore_index=True)


def answered_within(
    study: Study, by: str = "created_channel", hours: tuple[float, ...] = HOURS
) -> pd.DataFrame:
    """Share answered within each of the hours: group, hours, estimate, low, high, n (tickets).

    The first group is all tickets (95% interval), then the groups of reply_curves.
    """
    rows = [
        {"group": group, "hours": at, **share_by(curve, at), "n": int(curve["at_risk"].iloc[0])}
        for group, curve in _with_all(study, by)
        for at in hours
    ]
    return pd.DataFrame(rows, columns=["group", "hours", "estimate", "low", "high", "n"])


def _reason(study: Study) -> pd.Series:
    """Why a customer's ticket is not timed; "" if it is."""
    tickets = study.customer_tickets
    created, since = tickets["created_at"], study.settings.time("tickets_from")
    early = created < since if since is not None else pd.Series(False, index=tickets.index)
    why = np.select(
        [early, created >= study.observed_until, tickets["first_reply_at"] < created],
        ["written before the export begins", "written after the end of observation",
         "answered before it was asked"],
        "",
    )  # fmt: skip
    return pd.Series(why, index=tickets.index)


def _grouped(rows: pd.DataFrame, study: Study, by: str) -> pd.DataFrame:
    values = study.tickets.set_index("ticket_id")[by].astype("str").fillna("unknown")
    group = rows["ticket_id"].map(values)
    kept = group.value_counts().index
    kept = kept if len(kept) <= GROUPS else kept[: GROUPS - 1]
    return rows.assign(group=group.where(group.isin(kept), "other"))


def _with_all(study: Study, by: str):
    """All tickets as one curve, then a curve a group where there are two or more."""
    rows = waits(study)
    if rows.empty:
        return
    yield ALL, waiting_curve(rows, (*HOURS, study.settings.first_reply_hours))
    curves = reply_curves(study, by)
    if curves["group"].nunique() > 1:
        yield from curves.groupby("group", sort=False)
