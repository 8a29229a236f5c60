"""From topics to causes: what a person makes of what the machine found, kept in causes.toml."""

from cxresearch.causes.file import NAME, NO_TOPIC
from cxresearch.causes.table import cause_table, check_causes, coverage, keep_causes, moved
from cxresearch.causes.tickets import named, ticket_causes

__all__ = [
    "NAME",
    "NO_TOPIC",
    "cause_table",
    "check_causes",
    "coverage",
    "keep_causes",
    "moved",
    "named",
    "ticket_causes",
]
