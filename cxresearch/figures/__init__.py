"""Seaborn figures, each with a title that says the finding and a written description."""

from cxresearch.figures.effects import causes, ratios, shares_over_time
from cxresearch.figures.quality import coverage, hours
from cxresearch.figures.topics import topic_map, topic_sizes, topic_trends

__all__ = [
    "causes",
    "coverage",
    "hours",
    "ratios",
    "shares_over_time",
    "topic_map",
    "topic_sizes",
    "topic_trends",
]
