"""Seaborn figures, each with a title that says the finding and a written description."""

from cxresearch.figures.doing import first_replies, scorecard, survey_bounds
from cxresearch.figures.effects import causes, ratios, shares_over_time
from cxresearch.figures.fixed import incidence_over_time, shares, tickets_each
from cxresearch.figures.impact import cause_burden, cause_ranks, cause_savings
from cxresearch.figures.method import (
    estimator_zoo,
    planted_coverage,
    planted_ratios,
    rival_ratios,
)
from cxresearch.figures.months import by_month
from cxresearch.figures.quality import coverage, hours, matched
from cxresearch.figures.same import mean_tickets, radii, rate_ratios
from cxresearch.figures.silence import tipping
from cxresearch.figures.topics import (
    topic_map,
    topic_sizes,
    topic_surges,
    topic_trends,
    topics_beside,
)

__all__ = [
    "by_month",
    "cause_burden",
    "cause_ranks",
    "cause_savings",
    "causes",
    "coverage",
    "estimator_zoo",
    "first_replies",
    "hours",
    "incidence_over_time",
    "matched",
    "mean_tickets",
    "planted_coverage",
    "planted_ratios",
    "radii",
    "rate_ratios",
    "ratios",
    "rival_ratios",
    "scorecard",
    "shares",
    "shares_over_time",
    "survey_bounds",
    "tickets_each",
    "tipping",
    "topic_map",
    "topic_sizes",
    "topic_surges",
    "topic_trends",
    "topics_beside",
]
