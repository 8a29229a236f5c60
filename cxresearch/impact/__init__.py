"""What causes weigh, and what fixing one would save."""

from cxresearch.impact.at_risk import due_later, revenue_at_risk
from cxresearch.impact.baselines import RANKINGS, baselines, differences
from cxresearch.impact.burden import DEPARTURES, RANKED, by_cause, issues, known_tickets, rankings
from cxresearch.impact.endings import among_whom, endings
from cxresearch.impact.excess import excess_fraction
from cxresearch.impact.fixes import fix_list
from cxresearch.impact.kept import customers_kept
from cxresearch.impact.levers import ALL, LEVERS
from cxresearch.impact.model import CauseModel, cause_model
from cxresearch.impact.revenue import mrr_now, revenue_saved

__all__ = ["ALL", "DEPARTURES", "LEVERS", "RANKED", "RANKINGS", "CauseModel", "among_whom"]
__all__ += ["baselines", "by_cause", "cause_model", "customers_kept", "differences", "endings"]
__all__ += [
    "due_later",
    "excess_fraction",
    "fix_list",
    "issues",
    "known_tickets",
    "mrr_now",
    "rankings",
    "revenue_at_risk",
]
__all__ += ["revenue_saved"]
