"""What causes weigh, and what fixing one would save."""

from cxresearch.impact.at_risk import due_later, revenue_at_risk
from cxresearch.impact.baselines import baselines, other_rankings
from cxresearch.impact.burden import cause_burden
from cxresearch.impact.endings import among_whom, endings
from cxresearch.impact.excess import excess, excess_fraction
from cxresearch.impact.fixes import draws, of_lever, order
from cxresearch.impact.issue_rows import counting, issues, issues_counted, known_tickets
from cxresearch.impact.kept import customers_kept
from cxresearch.impact.levers import ALL, LEVERS, PREVENT, SOONER
from cxresearch.impact.model import CauseModel, cause_model, pulled
from cxresearch.impact.pays import pays
from cxresearch.impact.priorities import fix_list
from cxresearch.impact.realised import did_it_work, periods
from cxresearch.impact.revenue import mrr_now, revenue_saved
from cxresearch.impact.total import bounded, sight, total_kept, total_saved
from cxresearch.impact.work import work

__all__ = ["ALL", "LEVERS", "PREVENT", "SOONER", "CauseModel"]
__all__ += ["among_whom", "baselines", "bounded", "cause_burden", "cause_model", "counting"]
__all__ += ["customers_kept", "did_it_work", "draws", "due_later", "endings", "excess"]
__all__ += ["excess_fraction", "fix_list", "issues", "issues_counted", "known_tickets"]
__all__ += ["mrr_now", "of_lever", "order", "other_rankings", "pays", "periods", "pulled"]
__all__ += ["revenue_at_risk", "revenue_saved", "sight", "total_kept", "total_saved", "work"]
