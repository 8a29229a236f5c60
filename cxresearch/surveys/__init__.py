"""Surveys: whom they reached, what was said, and what the silence of the rest allows."""

from cxresearch.surveys.adjusted import adjusted, tipping
from cxresearch.surveys.groups import funnel_by
from cxresearch.surveys.reach import eligible, funnel, invitations
from cxresearch.surveys.scores import bounds, mean_of_ten, score
from cxresearch.surveys.silence import left_after, left_table, never_answers, silent_cohort

__all__ = [
    "adjusted",
    "bounds",
    "eligible",
    "funnel",
    "funnel_by",
    "invitations",
    "left_after",
    "left_table",
    "mean_of_ten",
    "never_answers",
    "score",
    "silent_cohort",
    "tipping",
]
