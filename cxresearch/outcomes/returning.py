"""Return studies: who comes back after a first ticket that was answered, solved, or neither.

Every function takes a Study and answers with a table. outcomes.leaving answers the same questions
where it can be seen who leaves. Return has no sign: coming back is neither good nor bad in itself.
"""

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from cxresearch.episodes.return_cohort import return_cohort, who_is_left_out
from cxresearch.outcomes.doubts import proportionality, unmeasured
from cxresearch.outcomes.leaving_by_cause import verdicts
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study
from cxresearch.survival import cumulative_share, landmark, smallest_hazard_ratio
from cxresearch.survival.cox import coxph

STRATA = {"quarter": ["quarter"], "quarter × language": ["quarter", "language"]}
ENOUGH_EVENTS = 10  # events a variable, as in outcomes.leaving
NOBODY = CannotTell("who comes back: nobody was watched past the landmark day.")


def population(study: Study) -> pd.DataFrame:
    """Every customer accounted for: step and customers."""
    return who_is_left_out(study)


def power(study: Study) -> pd.DataFrame | CannotTell:
    """What could be seen at all: customers, returns, and the smallest visible hazard ratio."""
    cohort = return_cohort(study)
    if cohort.empty:
        return NOBODY
    rows = []
    for group in ("answered", "solved"):
        known = cohort[cohort[group].notna()]
        yes = known[group].astype(bool)
        rows.append(
            {
                "group": f"{group} by the landmark",
                "customers exposed": int(yes.sum()),
                "customers": len(known),
                "returned while exposed": int(known.loc[yes, "event"].sum()),
                "smallest visible ratio": smallest_hazard_ratio(known["event"].sum(), yes.mean()),
            }
        )
    return pd.DataFrame(rows)


def curves(study: Study) -> pd.DataFrame | CannotTell:
    """Share who came back by days after the landmark, by what had happened until then."""
    cohort = return_cohort(study)
    cohort = cohort[cohort["solved"].notna()]
    solved, answered = cohort["solved"].astype(bool), cohort["answered"].astype(bool)
    names = ["solved", "answered, not solved", "no outside answer"]
    group = np.select([solved, answered], names[:2], names[2])
    return cumulative_share(cohort.assign(group=group), "group")


def landmarks(study: Study) -> pd.DataFrame | CannotTell:
    """The same shares for solved by the landmark and not, as if both groups had written in the same
    quarters and languages: curves.landmark."""
    cohort = return_cohort(study)
    cohort = cohort[cohort["solved"].notna()]
    used = [c for c in ("quarter", "language") if cohort[c].nunique() > 1]
    if cohort["solved"].nunique() < 2 or not used:
        return CannotTell("who comes back among the solved: there is nobody to compare with.")
    group = np.where(cohort["solved"].astype(bool), "solved", "not solved")
    rows = cohort.assign(group=group, status=cohort["event"].astype(int))
    return landmark(rows, "group", used)


def checks(study: Study) -> pd.DataFrame | CannotTell:
    """What the headline rests on, as outcomes.doubts.checks: proportional hazards and E-value."""
    cohort = _modelled(study)
    cohort = cohort[cohort["solved"].notna()]
    headline = _row(cohort, "solved", "quarter", "") if len(cohort) else {"hazard ratio": np.nan}
    if np.isnan(headline["hazard ratio"]):
        return CannotTell("what the headline rests on: there is no headline.")
    rows = cohort.assign(solved=cohort["solved"].astype(float))
    fit = coxph(rows, ["solved"], strata=STRATA["quarter"])
    found = [proportionality(fit, "solved"), unmeasured(headline)]
    return pd.DataFrame(found, columns=["check", "found", "p", "reads"])


def hazards(study: Study) -> pd.DataFrame | CannotTell:
    """Hazard ratios of return: comparison, adjusted for, hazard ratio, low, high, p, events.

    Cox, Efron, strata as named. Groups as of the landmark only; the last row is adjusted for the
    messages that the asker and others had written by then, where the export has them. An estimate
    needs ten returns on either side.
    """
    cohort = _modelled(study)
    if cohort.empty:
        return NOBODY
    rows = [
        _row(cohort, group, strata, f"{group} by the landmark / not")
        for group in ("solved", "answered")
        for strata in STRATA
    ]
    messages = [c for c in ("log own replies", "log outside answers") if cohort[c].nunique() > 1]
    if messages:
        name = "solved by the landmark / not"
        rows.append(_row(cohort, "solved", "quarter × language", name, messages))
    return pd.DataFrame(rows)


def by_cause(study: Study) -> pd.DataFrame | CannotTell:
    """Each cause against all others: who is left without an answer, and who comes back.

    A row a cause (tickets without one stay among the others): customers, unanswered at the
    landmark (share, low, high; Wilson), returned,
    hazard ratio of return with low and high (strata quarter), p (Holm over causes), smallest
    visible ratio, verdict.
    """
    cohort = _modelled(study)
    if not (cohort["topic"] >= 0).any():
        return CannotTell("which cause matters: no first ticket that was watched has one.")
    rows = []
    for cause, members in cohort[cohort["topic"] >= 0].groupby("cause"):
        silent = int((~members["answered"].astype(bool)).sum())
        low, high = proportion_confint(silent, len(members), method="wilson")
        row = _row(cohort.assign(this=cohort["cause"] == cause), "this", "quarter", cause)
        visible = smallest_hazard_ratio(cohort["event"].sum(), len(members) / len(cohort))
        rows.append(
            {
                "cause": cause,
                "customers": len(members),
                "unanswered": silent / len(members),
                "unanswered low": low,
                "unanswered high": high,
                "returned": int(members["event"].sum()),
                **{k: row[k] for k in ("hazard ratio", "low", "high", "p")},
                "smallest visible ratio": visible,
            }
        )
    table = pd.DataFrame(rows)
    tested = table["p"].notna()
    if tested.any():
        table.loc[tested, "p"] = multipletests(table.loc[tested, "p"], method="holm")[1]
    return table.assign(verdict=verdicts(table, "return")).sort_values("customers", ascending=False)


def doubts(study: Study) -> pd.DataFrame | CannotTell:
    """The same comparisons by what became of the ticket in the end. These look ahead: a ticket can
    only be solved late if somebody stayed with it, so they are here as a warning."""
    cohort = _modelled(study)
    if cohort.empty:
        return NOBODY
    return pd.DataFrame(
        [
            _row(cohort, f"{group}_ever", strata, f"{group} in the end / not (looks ahead)")
            for group in ("solved", "answered")
            for strata in STRATA
        ]
    )


def exit_requests(study: Study) -> CannotTell:
    """Requests to cancel cannot be told apart from others where nobody has a contract."""
    return CannotTell("nobody has a contract here, so no ticket can ask to end one.")


def _modelled(study: Study) -> pd.DataFrame:
    cohort = return_cohort(study)
    return cohort.assign(
        start=0.0,
        stop=cohort["time"],
        **{
            "log own replies": np.log1p(cohort["own_replies"].astype(float)),
            "log outside answers": np.log1p(cohort["outside_answers"].astype(float)),
        },
    )


def _row(cohort, group, strata, comparison, messages=()) -> dict:
    known = cohort[cohort[group].notna()]
    known = known.assign(**{group: known[group].astype(float)})
    exposed = int(known.loc[known[group] > 0, "event"].sum())
    found = {"hazard ratio": np.nan, "low": np.nan, "high": np.nan, "p": np.nan}
    if min(exposed, known["event"].sum() - exposed) >= ENOUGH_EVENTS:
        fit = coxph(known, [group, *messages], strata=STRATA[strata])
        estimate = fit.summary_frame().loc[group]
        found = dict(zip(found, estimate[["hazard_ratio", "low", "high", "p"]], strict=True))
    adjusted = strata if not messages else f"{strata}, messages until then"
    return {
        "comparison": comparison,
        "adjusted for": adjusted,
        **found,
        "returned while exposed": exposed,
        "returned": int(known["event"].sum()),
    }
