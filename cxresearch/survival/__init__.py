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
from cxresearch.survival.poisson import PoissonFit, poisson_hazard
from cxresearch.survival.power import smallest_hazard_ratio

__all__ = ["CoxFit", "PoissonFit", "against_rest", "at_days", "balance", "coxph"]
__all__ += ["cumulative_incidence", "cumulative_share", "event_weights", "kaplan_meier", "landmark"]
__all__ += ["mean_cumulative_function", "poisson_hazard", "rmst", "share_by_day"]
__all__ += ["smallest_hazard_ratio"]
