"""What is compared between two periods: every KPI that has a reading by period, a row a question.

Of several rows that ask the same (rival definitions, 7 and 14 days beside 30, the median beside the
mean) one is compared, because each more would widen the interval of all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from cxresearch.kpis.compliance import NAME as IN_TIME
from cxresearch.kpis.compliance import response_facts
from cxresearch.kpis.durations import (
    first_response_time,
    resolution_time,
    solved_in_time,
    unanswered,
)
from cxresearch.kpis.escalating import escalation
from cxresearch.kpis.first_contact import NAME, OURS, first_contact_resolution
from cxresearch.kpis.handling import follow_up, reassignments, touches
from cxresearch.kpis.measure import Kpi
from cxresearch.kpis.overdue import overdue
from cxresearch.kpis.retention import retention
from cxresearch.kpis.silences import longest_silence, resolved_or_updated, update_cadence
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.staying_solved import recurrence, reopening, true_resolution
from cxresearch.kpis.surveys.voice import ces, csat, nps
from cxresearch.kpis.tidy import measured
from cxresearch.study.answers import DoesNotApply
from cxresearch.study.once import once
from cxresearch.study.study import Study

WATCHED = 30  # days after its end for which a period must have been watched
FEWEST = 10  # of which a KPI is, in either period
NOT_WATCHED = f"a period holds fewer than {FEWEST}, or was not watched for long enough."


def _in_time(study: Study, by: str | None = None) -> Standing:
    """First answers in time, each group's interval its own."""
    kpi = Kpi(IN_TIME, "of tickets whose promise of a first answer is due, answered in time")
    return measured(study, kpi, response_facts(study), by=by)


# By its name on a page: the row of a KPI, and the KPI.
COMPARED: dict[str, tuple[str, Callable[..., Standing]]] = {
    "Overdue": ("Overdue", partial(overdue, within=WATCHED)),
    "First answer": ("First response, median", first_response_time),
    "First answer in time": (IN_TIME, _in_time),
    "Unanswered": ("Unanswered", unanswered),
    "Resolution": ("Resolution, median", resolution_time),
    "Solved in time": ("Solved in time", solved_in_time),
    "Solved or updated in time": ("Solved or updated in time", resolved_or_updated),
    "Urgent kept informed": ("Urgent tickets kept informed", update_cadence),
    "Longest silence": ("Longest silence, median", longest_silence),
    "First contact resolution": (NAME + OURS, partial(first_contact_resolution, definition=OURS)),
    "Truly resolved": ("Truly resolved", true_resolution),
    "Reopened": (f"Reopened within {WATCHED} days", partial(reopening, days=WATCHED)),
    "Came back": (f"Recurrence within {WATCHED} days", partial(recurrence, days=WATCHED)),
    "Followed up in 24 to 48 hours": (
        "Followed up in 24 to 48 hours", partial(follow_up, window="24 to 48 hours")),
    "Followed up in 7 to 14 days": (
        "Followed up in 7 to 14 days", partial(follow_up, window="7 to 14 days")),
    "Escalated": ("Escalated", escalation),
    "Answers a ticket": ("Touches, mean", touches),
    "Handed to another agent": ("Handed to another agent, mean", reassignments),
    "Satisfied": ("Satisfied", csat),
    "Satisfaction": ("Satisfaction", csat),
    "Net promoter score": ("Net promoter score", nps),
    "Customer effort": ("Customer effort score", ces),
    "Retention": ("Retention", retention),
}  # fmt: skip


@once
def readings(study: Study, by: str) -> pd.DataFrame:
    """Every compared KPI by month or quarter: name, and the columns of a KPI (kpis.tidy), a row for
    the whole and for each period."""
    made: dict[int, pd.DataFrame] = {}
    rows = []
    for name, (row, kpi) in COMPARED.items():
        if id(kpi) not in made:
            made[id(kpi)] = kpi(study, by=by).frame
        frame = made[id(kpi)]
        rows.append(frame[frame["kpi"] == row].assign(name=name))
    return pd.concat(rows, ignore_index=True)


def kpi_rows(rows: pd.DataFrame, before: str, after: str, watched: bool) -> dict[str, dict]:
    """Each KPI of readings in both periods: unit, before and after, each with its low, high and n,
    the side that is worse, and why nothing can be told; watched: were both for long enough?"""
    return {
        str(name): _both(of, before, after, watched)
        for name, of in rows.groupby("name", sort=False)
    }


def _both(rows: pd.DataFrame, before: str, after: str, watched: bool) -> dict:
    whole, rows = rows.iloc[0], rows.set_index("group")
    found: dict = {"unit": whole["unit"], "why": ""}
    for name, period in (("before", before), ("after", after)):
        row = rows.loc[period] if period in rows.index else None
        told = watched and row is not None and bool(row["mature"]) and row["n"] >= FEWEST
        ends = row[["estimate", "low", "high"]] if told else [np.nan] * 3
        found |= dict(zip((name, f"{name} low", f"{name} high"), map(float, ends), strict=True))
        found[f"{name} n"] = int(row["n"]) if told else 0
        if not told:
            found["why"] = whole["why"] if np.isnan(whole["estimate"]) else NOT_WATCHED
    # hours that are waited are better fewer, whatever is wanted of them
    more = whole["wanted"] == "at most" or whole["unit"] == "hours"
    applies = whole["verdict"] != DOES_NOT_APPLY
    return found | {"worse": "more" if more else "less", "applies": applies}


DOES_NOT_APPLY = Kpi("", "").row(DoesNotApply(""))["verdict"]
