"""Seaborn figures, each with a title that says the finding and a written description."""

from cxresearch.pages.figures.doing import survey_bounds
from cxresearch.pages.figures.effects import causes, ratios, shares_over_time
from cxresearch.pages.figures.impact import cause_burden, cause_ranks, cause_savings
from cxresearch.pages.figures.quality import coverage, hours, matched
from cxresearch.pages.figures.silence import tipping

__all__ = [
    "cause_burden",
    "cause_ranks",
    "cause_savings",
    "causes",
    "coverage",
    "hours",
    "matched",
    "ratios",
    "shares_over_time",
    "survey_bounds",
    "tipping",
]
