"""Methods for times to an event: rows in, estimates with intervals out. None knows a study."""

from cxresearch.survival.cox import CoxFit, coxph
from cxresearch.survival.curves import at_days, cumulative_share

__all__ = ["CoxFit", "at_days", "coxph", "cumulative_share"]
