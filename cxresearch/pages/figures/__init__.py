"""Seaborn figures, each with a title that says the finding and a written description."""

from cxresearch.pages.figures.effects import causes, ratios, shares_over_time
from cxresearch.pages.figures.impact import cause_burden, cause_ranks, cause_savings

__all__ = ["cause_burden", "cause_ranks", "cause_savings", "causes", "ratios", "shares_over_time"]
