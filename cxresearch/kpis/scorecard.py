"""The scorecard: what is counted, where we stand, against which target, and how sure that is."""

from collections.abc import Callable
from functools import partial

import pandas as pd

from cxresearch.kpis import resolution
from cxresearch.kpis.backlog import backlog
from cxresearch.kpis.compliance import (
    longest_silence,
    resolved_or_updated,
    response_compliance,
    update_cadence,
)
from cxresearch.kpis.contact_rate import contact_rate
from cxresearch.kpis.durations import first_response_time, resolution_time
from cxresearch.kpis.escalating import escalation
from cxresearch.kpis.first_contact import first_contact_resolution
from cxresearch.kpis.following_up import follow_up
from cxresearch.kpis.handling import handling_time, reassignments, touches
from cxresearch.kpis.measure import Kpi
from cxresearch.kpis.staying import retention
from cxresearch.kpis.staying_solved import recurrence, reopening, true_resolution
from cxresearch.kpis.surveys.voice import ces, csat, nps
from cxresearch.kpis.tidy import COLUMNS, WHOLE
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study


def scorecard(study: Study) -> pd.DataFrame:
    """All rows of CARD, in its order: about, and the columns of a KPI (kpis.tidy), of the whole.

    Shares are from 0 to 1 where unit is %. What the study cannot support keeps its row, and why
    says what would tell. Each interval is a 95% interval of its own row.
    """
    rows = [kpi(study).assign(about=about) for about, kpis in CARD.items() for kpi in kpis]
    card = pd.concat(rows, ignore_index=True)
    return card.loc[card["group"] == WHOLE, ["about", *COLUMNS.split()]].reset_index(drop=True)


def unanswered(study: Study) -> pd.DataFrame:
    """Share of tickets without any answer after 30 days."""
    days = resolution.UNANSWERED
    words = f"of customers' tickets, no answer {days} days after they were written"
    return _row(Kpi("Unanswered", words, wanted="at most"), resolution.unanswered(study))


def solved_in_time(study: Study) -> pd.DataFrame:
    """Share of tickets solved within the promise."""
    promise = study.settings.unresolved_after_days
    words = (
        f"of customers' tickets, solved within the promise of {promise:g} days; open ones count "
        "for as long as they were watched"
    )
    return _row(Kpi("Solved in time", words), resolution.solved_in_time(study))


def medians(study: Study) -> pd.DataFrame:
    """Median time to the first answer and to the solution, by the calendar."""
    return pd.concat([first_response_time(study).head(1), resolution_time(study).head(1)])


# By what they are about. Each gives rows of a KPI (see kpis.tidy) of which those of the whole are
# kept; the page shows them in this order.
CARD: dict[str, tuple[Callable[..., pd.DataFrame], ...]] = {
    "waiting": (
        response_compliance,
        unanswered,
        solved_in_time,
        resolved_or_updated,
        update_cadence,
        medians,
        longest_silence,
    ),
    "first contact": (first_contact_resolution,),
    "staying fixed": (
        true_resolution,
        reopening,
        partial(recurrence, days=7),
        partial(recurrence, days=14),
        partial(recurrence, days=30),
        partial(follow_up, window="24 to 48 hours"),
        partial(follow_up, window="7 to 14 days"),
    ),
    "load": (escalation, backlog, contact_rate, touches, reassignments, handling_time),
    "voice": (csat, nps, ces),
    "staying": (retention,),
}


def _row(kpi: Kpi, found: dict | CannotTell) -> pd.DataFrame:
    told = 0 if isinstance(found, CannotTell) else found["n"]
    row = kpi.row(found) | {"group": WHOLE, "eligible": told, "mature": True}
    return pd.DataFrame([row])[COLUMNS.split()]
