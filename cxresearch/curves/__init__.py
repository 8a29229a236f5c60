"""Shares, means and rates of events over time, without a model: rows in, estimates with intervals
out. None knows a study."""

from cxresearch.curves.compare import against_rest, landmark
from cxresearch.curves.incidence import (
    cumulative_incidence,
    event_weights,
    mean_cumulative_function,
    share_by_day,
)
from cxresearch.curves.kaplan_meier import at_days, cumulative_share, kaplan_meier, rmst
from cxresearch.curves.power import smallest_hazard_ratio
from cxresearch.curves.rates import person_time, poisson_hazard, since_exposure

__all__ = ["against_rest", "at_days", "cumulative_incidence", "cumulative_share", "event_weights"]
__all__ += ["kaplan_meier", "landmark", "mean_cumulative_function", "person_time"]
__all__ += ["poisson_hazard", "rmst", "share_by_day", "since_exposure", "smallest_hazard_ratio"]
