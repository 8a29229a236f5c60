"""Surveys: whom they reached, what was said, and what the silence of the rest allows."""

from cxresearch.surveys.reach import eligible, funnel, invitations
from cxresearch.surveys.scores import bounds, mean_of_ten, score
from cxresearch.surveys.silence import left_after, never_answers, silent_cohort

__all__ = [
    "bounds",
    "eligible",
    "funnel",
    "invitations",
    "left_after",
    "mean_of_ten",
    "never_answers",
    "score",
    "silent_cohort",
]
