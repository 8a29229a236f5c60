"""Methods for times to an event: rows in, estimates with intervals out. None knows a study."""

from cxresearch.survival.compare import against_rest, landmark
from cxresearch.survival.cox import CoxFit, coxph
from cxresearch.survival.curves import at_days, cumulative_share, kaplan_meier, rmst
from cxresearch.survival.incidence import cumulative_incidence, mean_cumulative_function
from cxresearch.survival.rates import person_time, poisson_hazard, since_exposure

__all__ = ["CoxFit", "against_rest", "at_days", "coxph", "cumulative_incidence", "cumulative_share"]
__all__ += ["kaplan_meier", "landmark", "mean_cumulative_function", "person_time", "poisson_hazard"]
__all__ += ["rmst", "since_exposure"]
