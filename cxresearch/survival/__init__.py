"""Events over time, rows in and estimates out: the Cox model that this package owns, and shares
and means without a model. None knows a study."""

from cxresearch.survival.compare import against_rest, balance, landmark
from cxresearch.survival.cox import CoxFit, coxph
from cxresearch.survival.incidence import (
    cumulative_incidence,
    event_weights,
    mean_cumulative_function,
    share_by_day,
)
from cxresearch.survival.kaplan_meier import at_days, cumulative_share, kaplan_meier, rmst
from cxresearch.survival.power import smallest_hazard_ratio

__all__ = ["CoxFit", "against_rest", "at_days", "balance", "coxph", "cumulative_incidence"]
__all__ += ["cumulative_share", "event_weights", "kaplan_meier", "landmark"]
__all__ += ["mean_cumulative_function", "rmst", "share_by_day", "smallest_hazard_ratio"]
