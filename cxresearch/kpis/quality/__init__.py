"""What came in, what is missing, what was set aside, and what cannot be said for want of it."""

from cxresearch.kpis.quality.clock import clock_jumps, gaps, hours, weekends
from cxresearch.kpis.quality.fields import coverage, filled, missing, own_columns, spans
from cxresearch.kpis.quality.linked import linked, linked_by_month, linked_by_value
from cxresearch.kpis.quality.row_counts import (
    alarms,
    by_file,
    by_import,
    conservation,
    duplicates,
    left_out,
    oddities,
    reasons,
)

__all__ = [
    "alarms",
    "by_file",
    "by_import",
    "clock_jumps",
    "conservation",
    "coverage",
    "duplicates",
    "filled",
    "gaps",
    "hours",
    "left_out",
    "linked",
    "linked_by_month",
    "linked_by_value",
    "missing",
    "oddities",
    "own_columns",
    "reasons",
    "spans",
    "weekends",
]
