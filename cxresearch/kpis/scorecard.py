"""The scorecard: what is counted, where we stand, against which target, and how sure that is."""

from collections.abc import Callable

import pandas as pd

from cxresearch import surveys
from cxresearch.kpis import resolution
from cxresearch.kpis.compliance import (
    longest_silence,
    resolved_or_updated,
    response_compliance,
    update_cadence,
)
from cxresearch.kpis.first_contact import first_contact_resolution
from cxresearch.kpis.measure import Kpi
from cxresearch.kpis.tidy import COLUMNS, WHOLE
from cxresearch.kpis.times import first_response_time, resolution_time
from cxresearch.say import CannotTell
from cxresearch.study import Study


def scorecard(study: Study) -> pd.DataFrame:
    """All rows of CARD, in its order: the columns of a KPI (see kpis.tidy), each for the whole.

    Shares are from 0 to 1 where unit is %. What the study cannot support keeps its row, and why
    says what would tell. Each interval is a 95% interval of its own row.
    """
    rows = pd.concat([kpi(study) for kpi in CARD], ignore_index=True)
    return rows[rows["group"] == WHOLE].reset_index(drop=True)


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


def reopened(study: Study) -> pd.DataFrame:
    """Share of solved tickets that were reopened."""
    words = "of tickets solved a week or more ago: reopened at least once"
    return _row(Kpi("Reopened", words, wanted="at most"), resolution.reopened(study))


def escalated(study: Study) -> pd.DataFrame:
    """Share of tickets escalated."""
    words = "of tickets older than the promise, escalated by the study's own rule"
    target = study.settings.escalation_target
    kpi = Kpi("Escalated", words, target=target, wanted="at most")
    return _row(kpi, resolution.escalated(study))


def satisfaction(study: Study) -> pd.DataFrame:
    """Top box and mean satisfaction, and the net promoter score, of those who answered."""
    top, mean = surveys.score(study, "csat"), surveys.mean_of_ten(study)
    if not isinstance(top, CannotTell):
        top = top | {k: top[k] / 100 for k in ("estimate", "low", "high")}
    targets = study.settings.satisfaction_target, study.settings.nps_target
    said = [
        (Kpi("Satisfied", "of those who answered, in the upper quarter of the scale"), top),
        (Kpi("Satisfaction", "mean of those who answered, rescaled to run from 0 to 10", "of 10",
             targets[0]), mean),
        (Kpi("Net promoter score", "of those who answered, 9 or 10 less 0 to 6, in points",
             "points", targets[1]), surveys.score(study, "nps")),
    ]  # fmt: skip
    return pd.concat([_row(kpi, found, _silence(found)) for kpi, found in said])


# Each gives rows of a KPI (see kpis.tidy); the scorecard keeps those of the whole, in this order.
CARD: tuple[Callable[[Study], pd.DataFrame], ...] = (
    response_compliance,
    unanswered,
    solved_in_time,
    resolved_or_updated,
    update_cadence,
    medians,
    longest_silence,
    first_contact_resolution,
    reopened,
    escalated,
    satisfaction,
)


def _row(kpi: Kpi, found: dict | CannotTell, why: str = "") -> pd.DataFrame:
    told = 0 if isinstance(found, CannotTell) else found["n"]
    row = kpi.row(found, why) | {"group": WHOLE, "eligible": told, "mature": True}
    return pd.DataFrame([row])[COLUMNS.split()]


def _silence(found: dict | CannotTell) -> str:
    if isinstance(found, CannotTell):
        return ""
    rate = found["n"] / found["asked"] if found["asked"] else 0
    return f"{rate:.0%} of {found['asked']:,} asked answered; the rest may think otherwise"
