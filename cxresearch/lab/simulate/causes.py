"""The root causes of the simulated company: how often, how slow, how harmful each is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """A planted root cause.

    name            the word in truth.json
    share           of all issues (relative: shares are divided by their sum)
    hazard_ratio    of leaving per day while at least one issue of this cause is overdue
    days            median days until it is solved, when all goes well (log-normal, sigma 1.0)
    stuck           share of issues that get stuck: they wait for a fix, a person or a decision
    stuck_days      median days until a stuck one is solved (log-normal, sigma 0.7)
    never           share that is never solved
    comes_back      chance that a solved issue comes back as a new ticket (mean 18 days later)
    product         what it is about
    group           the team that it belongs to
    """

    name: str
    share: float
    hazard_ratio: float
    days: float
    stuck: float
    stuck_days: float
    never: float
    comes_back: float
    product: str
    group: str


CAUSES = (
    Cause("login", 0.145, 1.0, 0.6, 0.20, 75, 0.006, 0.06, "Account", "First line"),
    Cause("two_factor", 0.070, 1.0, 0.9, 0.20, 55, 0.008, 0.05, "Account", "First line"),
    Cause("double_charge", 0.095, 3.0, 1.5, 0.36, 95, 0.015, 0.05, "Billing", "Billing"),
    Cause("refund", 0.075, 2.0, 2.5, 0.38, 95, 0.015, 0.04, "Billing", "Billing"),
    Cause("app_crash", 0.105, 2.0, 2.0, 0.36, 95, 0.015, 0.09, "Scanner app", "Technical"),
    Cause("sync", 0.110, 3.0, 2.0, 0.36, 95, 0.015, 0.09, "Stock", "Technical"),
    Cause("slow", 0.080, 1.5, 2.5, 0.32, 90, 0.015, 0.07, "Reports", "Technical"),
    Cause("import_export", 0.080, 1.0, 1.5, 0.20, 65, 0.010, 0.05, "Data", "Technical"),
    Cause("delivery", 0.065, 1.0, 3.0, 0.22, 50, 0.010, 0.02, "Devices", "Logistics"),
    Cause("permissions", 0.080, 1.0, 0.7, 0.12, 45, 0.008, 0.03, "Account", "First line"),
    Cause("integration", 0.080, 1.5, 2.5, 0.32, 90, 0.015, 0.08, "Integrations", "Technical"),
    Cause("data_loss", 0.015, 5.0, 3.0, 0.35, 60, 0.020, 0.04, "Stock", "Technical"),
)
SPAM = "spam"
