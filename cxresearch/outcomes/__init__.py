"""What became of customers: the questions that notebooks ask of a study, answered in results."""

from types import ModuleType

from cxresearch.outcomes import leaving, returning
from cxresearch.outcomes.cause_ratios import CauseRatios
from cxresearch.outcomes.hazards import Hazards
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study
from cxresearch.survival.curves import Curves

__all__ = ["by_cause", "curves", "hazards", "outcome"]


def outcome(study: Study) -> ModuleType:
    """The room that answers for this study: leaving (churn) or returning; same names in both."""
    return leaving if study.outcome == "churn" else returning


def hazards(study: Study) -> Hazards | CannotTell:
    """Who leaves (or comes back) at how many times the rate of whom: a named row a comparison, by a
    Cox model whose exposures never look ahead. See outcomes.leaving and outcomes.returning.

    >>> import cxresearch
    >>> who = hazards(cxresearch.open_study("data/demo"))
    >>> who.frame.loc["headline", ["hazard ratio", "low", "high"]].astype(float).round(2).tolist()
    [2.09, 1.72, 2.53]
    """
    return outcome(study).hazards(study)


def by_cause(study: Study) -> CauseRatios | CannotTell:
    """Which cause's issues go with a different rate, all causes in one model, p by Holm: a row a
    cause, with a verdict that its sentence, bars and table share.

    >>> import cxresearch
    >>> causes = by_cause(cxresearch.open_study("data/demo"))
    >>> len(causes.told()), len(causes.frame)
    (5, 13)
    """
    return outcome(study).by_cause(study)


def curves(study: Study) -> Curves | CannotTell:
    """Share who left (or came back) by each day, by what had become of their issue on day zero.

    >>> import cxresearch
    >>> shares = curves(cxresearch.open_study("data/demo"))
    >>> sorted(shares.frame["group"].unique())
    ['solved in time', 'still open']
    """
    return outcome(study).curves(study)
