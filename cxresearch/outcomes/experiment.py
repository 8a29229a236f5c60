"""The experiment that would tell: answer some within the promise, drawn by lot."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.outcomes.issue_cohort import issue_cohort, landmarks
from cxresearch.study.answers import (
    CannotTell,
    DoesNotApply,
    Finding,
    cannot_tell_passes,
    finding,
)
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study

DAYS, POWER, WEEK = 180, 0.8, 7
BLOCK, LOTS, SEED = 4, 20, 1
ARMS = ("at once", "as usual")
DECADE = 520  # weeks
NO_DIFFERENCE = CannotTell(
    "how many customers an experiment needs: of issues still open when the promise ran out no more "
    "customers left than of others, so there is no difference to plan for."
)


@dataclass(frozen=True, eq=False)
class Experiment(Result):
    """What a trial by lot needs: one row with customers (in both arms), weeks (until so many have
    an issue about to run over), usual and promised (shares who leave within half a year in each
    arm); days of the promise."""

    days: float

    def said(self, row: str = "") -> Finding | CannotTell:
        """Customers and weeks for an eight in ten chance to see it."""
        of = self.frame.iloc[0]
        if of["weeks"] > DECADE:
            return CannotTell(
                f"by experiment either: {of['customers']:,.0f} customers with an issue about to "
                "run over would be needed, which here takes more than ten years."
            )
        return finding(
            "An experiment would tell. A day before the promise of {days:g} days runs out, draw "
            "lots among customers whose issue is still open. Answer one half at once, and watch "
            "them for half a year. With {n:,} customers, about {weeks:,} weeks, eight such trials "
            "in ten would show that {promised:.1%} leave instead of {usual:.1%}.",
            days=self.days, n=int(of["customers"]), weeks=int(of["weeks"]), usual=of["usual"],
            promised=of["promised"],
        )  # fmt: skip


@once
def experiment(study: Study) -> Experiment | CannotTell:
    """Customers and weeks that a randomised "answer within the promise" needs for 80% power at 5%,
    from this study's own rates: those whose issue runs over leave as often as issue_cohort shows
    once weighted, those answered in time as often as the others there. A customer counts once.

    Two shares compared by the arcsine transformation (Cohen 1988, Statistical Power Analysis for
    the Behavioral Sciences, chapter 6).
    """
    if study.outcome != "churn":
        return DoesNotApply("how large an experiment must be: who leaves is not in this data.")
    cohort, shares = issue_cohort(study), landmarks(study)
    for needed in (cohort, shares):
        if isinstance(needed, CannotTell):
            return needed
    at = shares.frame.set_index("day").loc[DAYS]
    if np.isnan(at["difference"]):
        return CannotTell("how many customers an experiment needs: nobody was watched for half a "
                          "year after a promise ran out.")  # fmt: skip
    if not at["difference"] > 0:
        return NO_DIFFERENCE
    weeks = (study.observed_until - study.tickets["created_at"].min()) / pd.Timedelta(days=WEEK)
    a_week = cohort.loc[cohort["group"] == "still open", "customer_id"].nunique() / weeks
    customers = int(np.ceil(_needed(at["second"], at["first"])))
    row = {"customers": customers, "weeks": int(np.ceil(customers / a_week)),
           "usual": at["second"], "promised": at["first"]}  # fmt: skip
    return Experiment(pd.DataFrame([row]), study.settings.unresolved_after_days)


@cannot_tell_passes
def lots(plan: Experiment, issues: int = LOTS, seed: int = SEED) -> pd.DataFrame:
    """A list to begin with: for each of the next issues about to run over, in the order in which
    they come, its arm; as many of one as of the other in every four, drawn with a fixed seed."""
    rng = np.random.default_rng(seed)
    half = np.repeat(ARMS, BLOCK // 2)
    arms = np.concatenate([rng.permutation(half) for _ in range(-(-issues // BLOCK))])[:issues]
    return pd.DataFrame({"next issue about to run over": np.arange(1, issues + 1), "answer": arms})


def _needed(one: float, other: float) -> float:
    from statsmodels.stats.power import NormalIndPower
    from statsmodels.stats.proportion import proportion_effectsize

    size = proportion_effectsize(one, other)
    return 2 * NormalIndPower().solve_power(size, alpha=0.05, power=POWER)
