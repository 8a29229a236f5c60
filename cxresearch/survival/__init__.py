"""Time to leaving and time to returning."""

from cxresearch.survival.cox import CoxFit, coxph
from cxresearch.survival.curves import at_days, cumulative_share

__all__ = ["CoxFit", "at_days", "coxph", "cumulative_share"]
