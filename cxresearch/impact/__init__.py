"""What causes weigh, and what fixing one would save."""

from cxresearch.impact.burden import DEPARTURES, RANKED, by_cause, issues, known_tickets, rankings

__all__ = ["DEPARTURES", "RANKED", "by_cause", "issues", "known_tickets", "rankings"]
