"""Surveys: whom they reached, what was said, and what the silence of the rest allows."""

from cxresearch.kpis.surveys.groups import funnel_by
from cxresearch.kpis.surveys.never_answered import (
    left_after,
    left_table,
    never_answers,
    silent_cohort,
)
from cxresearch.kpis.surveys.reach import eligible, funnel, invitations
from cxresearch.kpis.surveys.scores import bounds, mean_of_ten, score
from cxresearch.kpis.surveys.weighted import adjusted, tipping

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
