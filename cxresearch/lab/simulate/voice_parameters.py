"""Every parameter of what is said and met beside tickets, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Voices:
    """What is planted beside tickets. Shares and chances are a ticket's unless said.

    Reviews: blamed is the chance that a ticket's customer complains in public within 30 days while
    nothing is overdue, overdue_ratio how many times that of one that is, and public the ratio of
    causes to others. praised is the chance of praise after a solution in time, praised_late after
    one that came late; unprompted reviews a customer and year come from nowhere. known is the share
    whose customer is told. crisis: a day on which crisis_reviews strangers write within hours.
    Bot: it talks from bot_from on with talks of those who then write by chat or web all the same,
    and with others who do not; by cause, helps is the share of all its talks after which nobody
    writes. silent is the share of these that were given up without help, and losing the chance that
    a leaver talked in vain within 25 days before notice. named: the share whose person is known.
    Articles: from articles_from on, searches is the share of tickets whose writer searched before;
    found the chance that a search leads to an article that is opened, where there is one; would the
    share of searchers who write if nothing helps; answers is by cause the share of these whom the
    article keeps from writing. Releases and maintenances on quiet days set off nothing.
    """

    blamed: float = 0.006
    overdue_ratio: float = 5.0
    public: Mapping[str, float] = field(default_factory=lambda: {
        "app_crash": 3.0, "double_charge": 2.5, "sync": 2.0, "permissions": 0.3, "integration": 0.3,
    })  # fmt: skip
    praised: float = 0.010
    praised_late: float = 0.030
    unprompted: float = 0.02
    known: float = 0.5
    crisis: str = "2025-09-03"
    crisis_reviews: int = 30
    bot_from: str = "2025-01-15"
    talks: float = 0.35
    helps: Mapping[str, float] = field(default_factory=lambda: {
        "login": 0.70, "two_factor": 0.60, "delivery": 0.65, "permissions": 0.60, "refund": 0.45,
        "import_export": 0.45, "double_charge": 0.20, "sync": 0.20, "app_crash": 0.25, "slow": 0.25,
        "integration": 0.25, "data_loss": 0.05,
    })  # fmt: skip
    silent: float = 0.15
    losing: float = 0.10
    named: float = 0.85
    articles_from: str = "2024-07-01"
    searches: float = 0.12
    found: float = 0.55
    would: float = 0.7
    answers: Mapping[str, float] = field(default_factory=lambda: {
        "login": 0.45, "two_factor": 0.35, "permissions": 0.45, "delivery": 0.30,
        "import_export": 0.25, "refund": 0.15, "slow": 0.05,
    })  # fmt: skip
    quiet_releases: int = 8
    quiet_maintenances: int = 5
