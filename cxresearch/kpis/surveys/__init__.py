"""Surveys: whom they reached, what was said, and what the silence of the rest allows."""

from cxresearch.kpis.surveys.bounds import bounds
from cxresearch.kpis.surveys.funnel import answered_by_month, funnel, funnel_by
from cxresearch.kpis.surveys.known import known_when_asked
from cxresearch.kpis.surveys.reach import eligible, invitations
from cxresearch.kpis.surveys.silent_leave import left_after, left_by_day, silent_cohort
from cxresearch.kpis.surveys.tipping import tipping
from cxresearch.kpis.surveys.weighted import adjusted, chances_to_answer

__all__ = [
    "adjusted",
    "answered_by_month",
    "bounds",
    "chances_to_answer",
    "eligible",
    "funnel",
    "funnel_by",
    "invitations",
    "known_when_asked",
    "left_after",
    "left_by_day",
    "silent_cohort",
    "tipping",
]
