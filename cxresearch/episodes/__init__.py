"""Customers' lives in pieces: when each was at risk, and what was open or overdue then."""

from cxresearch.episodes.checks import TidyingUpWarning, check_episodes
from cxresearch.episodes.history import with_customer_columns
from cxresearch.episodes.lives import customer_lives, decided, known_since
from cxresearch.episodes.match_rate import (
    exposure_gate,
    match,
    match_by_month,
    match_by_value,
    match_gate,
)
from cxresearch.episodes.pieces import STATES, WRITTEN, build_episodes
from cxresearch.episodes.renewals import contract_terms, renewal_hazard
from cxresearch.episodes.spells import UNRESOLVED, open_spells, unresolved_spells

__all__ = [
    "STATES",
    "UNRESOLVED",
    "WRITTEN",
    "TidyingUpWarning",
    "build_episodes",
    "check_episodes",
    "contract_terms",
    "customer_lives",
    "decided",
    "exposure_gate",
    "known_since",
    "match",
    "match_by_month",
    "match_by_value",
    "match_gate",
    "open_spells",
    "renewal_hazard",
    "unresolved_spells",
    "with_customer_columns",
]
