"""Return studies: who comes back after a first ticket that was answered, solved, or neither; as
outcomes.leaving, where it is seen who leaves. Coming back is neither good nor bad in itself.
"""

import numpy as np
import pandas as pd

from cxresearch.episodes.return_cohort import return_cohort, who_is_left_out
from cxresearch.outcomes import only_of_leaving
from cxresearch.outcomes.cause_ratios import CauseRatios, Unanswered, by_name, verdicts
from cxresearch.outcomes.doubts import proportionality, unmeasured
from cxresearch.outcomes.hazards import (
    Hazards,
    Landmarks,
    LooksAhead,
    Variants,
    named_rows,
)
from cxresearch.outcomes.issue_cohort import DAYS
from cxresearch.outcomes.left_waiting import unanswered_tickets
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes
from cxresearch.study.intervals import of_many, wilson
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.told import cannot_tell, reads
from cxresearch.study.words import RETURNING
from cxresearch.survival import cumulative_share, landmark, smallest_hazard_ratio
from cxresearch.survival.cox import coxph
from cxresearch.survival.curves import Curves
from cxresearch.topics.causes.per_ticket import tells

STRATA = ["quarter"]
BY = {"quarter": STRATA, "quarter × language": ["quarter", "language"]}
SHOWN = ("start", "stop", "event", "solved", "answered", *BY["quarter × language"])
WORDS = RETURNING
WOULD_TELL = "Who leaves is not in this data: a customers table from billing would tell."
how_many_wait, population = unanswered_tickets, who_is_left_out
asks_to_leave, exit_requests = only_of_leaving.asks_to_leave, only_of_leaving.exit_requests
cause_rows, causes_differ = only_of_leaving.cause_rows, only_of_leaving.causes_differ
more_months, reconciled = only_of_leaving.more_months, only_of_leaving.reconciled
rules, yardstick = only_of_leaving.rules, only_of_leaving.yardstick
promise, proposed = only_of_leaving.promise, only_of_leaving.proposed
ORIGIN = "the day on which it was noted who had an answer"
FIRST_TICKET = ["solved", "answered, not solved", "no outside answer"]
SOLVED = "customers who within {days:g} days had the later solution"
WHO = {
    "solved": (SOLVED, "the rest"),
    "answered": ("customers answered within {days:g} days", "the unanswered"),
}
VARIANTS = {
    "headline": "the headline: solved by then or not, in the same quarter",
    "by language": "the same, in the same language",
    "second": "the same, with as many messages by then",
    "third": "answered by then or not, in the same quarter",
}
LIMITS = (
    "Coming back is neither good nor bad: it may be a new problem, the old one, or trust. "
    "Solved means that somebody, perhaps later, marked an answer given by then as the solution. "
    "So it also measures who stayed with the question. Who went away for good cannot be told from "
    "who needs nothing."
)
COLUMNS = (
    "cause", "returned", "customers", "unanswered ±.0%", "hazard ratio ±.2f", "p",
    "smallest visible ratio", "verdict",
)  # fmt: skip
ENOUGH_EVENTS = 10  # events a variable, as in outcomes.leaving
NOBODY = CannotTell("who comes back: nobody was watched past the landmark day.")


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


def curves(study: Study) -> Curves | CannotTell:
    """Share who came back by days after the landmark, by what had happened until then."""
    rows = by_landmark(study)
    shares = rows if isinstance(rows, CannotTell) else cumulative_share(rows, "group")
    if isinstance(shares, CannotTell):
        return shares
    return Curves(shares, "group", RETURNING.done, RETURNING.verb, ORIGIN)


@reads("first_reply_at", "first_solved_at")
def by_landmark(study: Study) -> pd.DataFrame | CannotTell:
    """Each customer on the landmark after their first ticket, if it is known what came of it."""
    cohort = return_cohort(study)
    cohort = cohort[cohort["solved"].notna() & cohort["answered"].notna()]
    yes = [cohort["solved"].astype(bool), cohort["answered"].astype(bool)]
    group = np.select(yes, FIRST_TICKET[:2], FIRST_TICKET[2])
    return cohort.assign(group=group, status=cohort["event"])


@reads("first_solved_at")
def landmarks(study: Study) -> Landmarks | CannotTell:
    """The same shares for solved by the landmark and not, as if both groups had written in the same
    quarters and languages: curves.landmark."""
    cohort = return_cohort(study)
    cohort = cohort[cohort["solved"].notna()].assign(status=cohort["event"])
    used = [c for c in ("quarter", "language") if cohort[c].nunique() > 1]
    if cohort["solved"].nunique() < 2 or not used:
        return CannotTell("who comes back among the solved: there is nobody to compare with.")
    rows = cohort.assign(group=np.where(cohort["solved"].astype(bool), "2", "1"))
    shares = landmark(rows, "group", used, DAYS)
    if isinstance(shares, CannotTell):
        return shares
    named = shares.rename(columns={"1": "first", "2": "second"})
    return Landmarks(named, "was not solved", "was solved", RETURNING, ORIGIN)


def checks(study: Study) -> pd.DataFrame | CannotTell:
    """What the headline rests on, as outcomes.doubts.checks: proportional hazards and E-value."""
    cohort = _modelled(study)
    cohort = cohort[cohort["solved"].notna()]
    headline = (
        _row(cohort, "solved", "quarter", "", WHO["solved"])
        if len(cohort)
        else {"hazard ratio": np.nan}
    )
    if np.isnan(headline["hazard ratio"]):
        return CannotTell("what the headline rests on: there is no headline.")
    rows = cohort.assign(solved=cohort["solved"].astype(float))
    fit = coxph(rows, ["solved"], strata=STRATA)
    checked = [proportionality(fit, "solved"), unmeasured(headline)]
    return pd.DataFrame(checked, columns=["check", "found", "p", "reads"])


def hazards(study: Study) -> Hazards | CannotTell:
    """Hazard ratios of return, a named row each.

    Cox, Efron, strata as named. Groups as of the landmark only; "second" is adjusted for the
    messages that the asker and others had written by then, where the export has them. An estimate
    needs ten returns on either side.
    """
    cohort = _modelled(study)
    if cohort.empty:
        return NOBODY
    rows = {
        name: _row(cohort, group, strata, f"{group} by the landmark / not", WHO[group])
        for name, group, strata in (
            ("headline", "solved", "quarter"),
            ("by language", "solved", "quarter × language"),
            ("third", "answered", "quarter"),
        )
    }
    messages = [c for c in ("log own replies", "log outside answers") if cohort[c].nunique() > 1]
    if messages:
        who = (WHO["solved"][0], "the rest with as many messages by then")
        comparison = "solved by the landmark / not"
        rows["second"] = _row(cohort, "solved", "quarter × language", comparison, who, messages)
    frame, days = named_rows(rows), study.settings.landmark_days
    return Hazards(frame.assign(who=[who.format(days=days) for who in frame["who"]]), RETURNING)


def headline(study: Study) -> tuple[Finding | CannotTell, ...]:
    """What pages say first of who comes back: at so many times the rate, and the shares."""
    return landmarks(study).said(), hazards(study).said()


def variants(study: Study) -> Variants | CannotTell:
    """The headline and the same question asked otherwise."""
    seen = hazards(study)
    if isinstance(seen, CannotTell):
        return seen
    named = [VARIANTS[name] for name in seen.frame.index]
    return Variants(seen.frame.assign(variant=named, asks=True), RETURNING)


@once
def by_cause(study: Study) -> CauseRatios | CannotTell:
    """Each cause against all others: who is left without an answer, and who comes back.

    A row a cause (tickets without one stay among the others): customers, unanswered at the
    landmark (share, low, high; Wilson), returned,
    hazard ratio of return with low and high (strata quarter), p (Holm over causes), smallest
    visible ratio, verdict.
    """
    cohort = _modelled(study)
    caused = cohort[tells(cohort)]
    if caused.empty:
        return CannotTell("which cause matters: no first ticket that was watched has one.")
    rows = []
    for cause, members in caused.groupby("cause"):
        told = members["answered"].dropna().astype(bool)
        low, high = wilson(int((~told).sum()), len(told)) if len(told) else (np.nan, np.nan)
        row = _row(cohort.assign(this=cohort["cause"] == cause), "this", "quarter", cause, ("", ""))
        visible = smallest_hazard_ratio(cohort["event"].sum(), len(members) / len(cohort))
        rows.append(
            {
                "cause": cause,
                "customers": len(members),
                "unanswered": (~told).mean(),
                "unanswered low": low,
                "unanswered high": high,
                "returned": int(members["event"].sum()),
                **{k: row[k] for k in ("hazard ratio", "low", "high", "p")},
                "smallest visible ratio": visible,
            }
        )
    table = pd.DataFrame(rows)
    table["p"] = of_many(table["p"])
    table = table.assign(verdict=verdicts(table, "return"))
    table = by_name(table.sort_values("customers", ascending=False))
    return CauseRatios(table, RETURNING, COLUMNS, "customers without it", "had too few events")


def at_a_glance(study: Study, by_cause: CauseRatios | CannotTell) -> Unanswered | CannotTell:
    """What shows the causes beside each other: who is left without an answer."""
    if lacks := cannot_tell(study, "first_reply_at"):
        return lacks
    if isinstance(by_cause, CannotTell):
        return by_cause
    told = return_cohort(study)["answered"].dropna().astype(bool)
    return Unanswered(by_cause.frame, len(told), int((~told).sum()), study.settings.landmark_days)


def looks_ahead(study: Study) -> LooksAhead | CannotTell:
    """The same comparisons by what became of the ticket in the end. These look ahead: a ticket can
    only be solved late if somebody stayed with it, so they are here as a warning."""
    cohort = _modelled(study)
    if cohort.empty:
        return NOBODY
    rows = {
        f"{group}, {strata}": _row(cohort, f"{group}_ever", strata, "", WHO[group])
        | {"variant": f"{group} in the end or not, in the same {strata}", "asks": False}
        for group in ("solved", "answered")
        for strata in BY
    }
    return LooksAhead(named_rows(rows), RETURNING)


def model_rows(study: Study) -> pd.DataFrame | CannotTell:
    """The rows of the headline's model: a customer's time from the landmark to the next ticket."""
    cohort = _modelled(study)
    cohort = cohort[cohort["solved"].notna()]
    if cohort["event"].sum() < ENOUGH_EVENTS or cohort["solved"].nunique() < 2:
        return NOBODY
    return cohort.assign(solved=cohort["solved"].astype(float))


@cannot_tell_passes
def formula(rows: pd.DataFrame) -> str:
    """The headline's model of its rows: solved by the landmark or not."""
    return "solved"


def limits(study: Study) -> Finding:
    """What these comparisons are not."""
    return Finding(LIMITS)


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


def _row(cohort, group, strata, comparison, who, messages=()) -> dict:
    known = cohort[cohort[group].notna()]
    known = known.assign(**{group: known[group].astype(float)})
    exposed = int(known.loc[known[group] > 0, "event"].sum())
    ratio = {"hazard ratio": np.nan, "low": np.nan, "high": np.nan, "p": np.nan}
    if min(exposed, known["event"].sum() - exposed) >= ENOUGH_EVENTS:
        fit = coxph(known, [group, *messages], strata=BY[strata])
        estimate = fit.summary_frame().loc[group]
        ratio = dict(zip(ratio, estimate[["hazard_ratio", "low", "high", "p"]], strict=True))
    adjusted = strata if not messages else f"{strata}, messages until then"
    return {
        "comparison": comparison,
        "adjusted for": adjusted,
        **ratio,
        RETURNING.exposed: exposed,
        RETURNING.reference: int(known["event"].sum()),
        "who": who[0],
        "against": who[1],
    }
