"""From topics to causes: what a person makes of what the machine found, kept in causes.toml."""

from cxresearch.topics.causes.file import NAME, NO_TOPIC, OTHER, OTHER_ISSUES
from cxresearch.topics.causes.per_ticket import named, ticket_causes
from cxresearch.topics.causes.table import (
    cause_table,
    check_causes,
    harmless,
    keep_causes,
)

__all__ = [
    "NAME",
    "NO_TOPIC",
    "OTHER",
    "OTHER_ISSUES",
    "cause_table",
    "check_causes",
    "harmless",
    "keep_causes",
    "named",
    "ticket_causes",
]
