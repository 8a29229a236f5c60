"""The scorecard: what is counted, where we stand, against which target, and how sure that is."""

import pandas as pd

from cxresearch import surveys
from cxresearch.kpis import first_reply, resolution
from cxresearch.kpis.measure import Kpi
from cxresearch.say import CannotTell
from cxresearch.study import Study

FIRST_CONTACT = "First contact: "


def scorecard(study: Study) -> pd.DataFrame:
    """A row a KPI: kpi, definition, unit, estimate, low, high, n, target, wanted, verdict, why.

    Shares are from 0 to 1 where unit is %. What the study cannot support keeps its row, and why
    says what would tell. Each interval is a 95% interval of its own row.
    """
    rows = [*_speed(study), *rivals(study).to_dict("records"), *_care(study), *_voice(study)]
    return pd.DataFrame(rows)


def rivals(study: Study) -> pd.DataFrame:
    """First contact resolution by each of its rival definitions, as rows of the scorecard."""
    found = resolution.first_contact(study)
    rows = []
    for name, says in resolution.RIVALS.items():
        kpi = Kpi(
            FIRST_CONTACT + name,
            f"of tickets solved a week or more ago: {says}",
            target=study.settings.first_contact_target,
        )
        silent = name in ("nobody wrote again", "neither")
        rows.append(kpi.row(found[name], "who has gone away does not write again" * silent))
    return pd.DataFrame(rows)


def _speed(study: Study) -> list[dict]:
    first = first_reply.compliance(study)
    told = dict(first.iloc[0]) if len(first) else CannotTell("no ticket is timed.")
    promise = study.settings.unresolved_after_days
    never = f"of customers' tickets, no answer {resolution.UNANSWERED} days after they were written"
    return [
        first_reply.reply_kpi(study).row(told),
        Kpi("Unanswered", never, wanted="at most").row(resolution.unanswered(study)),
        Kpi(
            "Solved in time",
            f"of customers' tickets, solved within the promise of {promise:g} days; open ones "
            "count for as long as they were watched",
        ).row(resolution.solved_in_time(study)),
    ]


def _care(study: Study) -> list[dict]:
    return [
        Kpi("Reopened", "of tickets solved a week or more ago: reopened at least once",
            wanted="at most").row(resolution.reopened(study)),
        Kpi("Escalated", "of tickets older than the promise, escalated by the study's own rule",
            target=study.settings.escalation_target, wanted="at most",
            ).row(resolution.escalated(study)),
    ]  # fmt: skip


def _voice(study: Study) -> list[dict]:
    top, mean = surveys.score(study, "csat"), surveys.mean_of_ten(study)
    nps = surveys.score(study, "nps")
    if not isinstance(top, CannotTell):
        top = top | {k: top[k] / 100 for k in ("estimate", "low", "high")}
    said = [
        (Kpi("Satisfied", "of those who answered, in the upper quarter of the scale"),
         top),
        (Kpi("Satisfaction", "mean of those who answered, rescaled to run from 0 to 10", "of 10",
             study.settings.satisfaction_target), mean),
        (Kpi("Net promoter score", "of those who answered, 9 or 10 less 0 to 6, in points",
             "points", study.settings.nps_target), nps),
    ]  # fmt: skip
    return [kpi.row(found, _silence(found)) for kpi, found in said]


def _silence(found: dict | CannotTell) -> str:
    if isinstance(found, CannotTell):
        return ""
    rate = found["n"] / found["asked"] if found["asked"] else 0
    return f"{rate:.0%} of {found['asked']:,} asked answered; the rest may think otherwise"
