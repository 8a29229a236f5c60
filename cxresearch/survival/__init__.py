"""Time to leaving and time to returning."""

from types import ModuleType

from cxresearch.study import Study
from cxresearch.survival import leaving, returning
from cxresearch.survival.cox import CoxFit, coxph
from cxresearch.survival.curves import at_days, cumulative_share

__all__ = ["CoxFit", "at_days", "coxph", "cumulative_share", "outcome"]


def outcome(study: Study) -> ModuleType:
    """The room that answers for this study: leaving (churn) or returning; same names in both."""
    return leaving if study.outcome == "churn" else returning
