"""The tickets in which causes are counted: one row a ticket and cause, and what each waited.

Only tickets of known customers that tell a cause and do not ask to leave are counted. Hours are not
in an export: days of waiting and agents' replies stand in for them and are named so.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from cxresearch.episodes import open_spells
from cxresearch.episodes.return_cohort import return_cohort
from cxresearch.study.among import among
from cxresearch.study.answers import Finding, finding
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.told import SOLVED, told
from cxresearch.topics.causes import named

DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Counting:
    """How issues are counted in a study, by its outcome: whether leavers are seen (and customers
    come from billing), the field it takes, what each ticket waited; in words, what late is and of
    what; days as a table names them; what is said where no departures are."""

    leavers: bool
    needs: str
    waits: Callable[[Study, pd.DataFrame], pd.DataFrame]
    late: str
    firsts: str
    days: tuple[str, ...]
    no_departures: str

    def everyone(self, study: Study) -> pd.Series:
        """The ids of all customers."""
        return (study.customers if self.leavers else study.customer_tickets)["customer_id"]


def open_days(study: Study, tickets: pd.DataFrame) -> pd.DataFrame:
    """By ticket: late at its first opening, days open and days overdue over all its openings."""
    spells = open_spells(study).drop_duplicates(["ticket_id", "opened_at"])
    until = spells["resolved_at"].fillna(study.observed_until).clip(upper=study.observed_until)
    overdue = (until - spells["overdue_at"]).clip(lower=pd.Timedelta(0)) / DAY
    known = spells["resolved_at"].notna() | (spells["overdue_at"] <= study.observed_until)
    in_time = spells["resolved_at"] <= spells["overdue_at"]
    spells = spells.assign(
        days=((until - spells["opened_at"]) / DAY).clip(lower=0),
        late_days=overdue,
        late=(~in_time).astype("Float64").where(known),
    )
    by = spells.sort_values("opened_at", kind="stable").groupby("ticket_id")
    late = spells.drop_duplicates("ticket_id").set_index("ticket_id")["late"]
    return by[["days", "late_days"]].sum().join(late).reset_index()


def unanswered_days(study: Study, tickets: pd.DataFrame) -> pd.DataFrame:
    """By ticket: days without an answer up to the landmark; first tickets: late, none by then."""
    after = study.settings.landmark_days * DAY
    each = tickets.drop_duplicates("ticket_id")
    waited = (each["first_reply_at"] - each["created_at"]).fillna(after)
    waited = waited.clip(lower=pd.Timedelta(0), upper=after) / DAY
    old = each["created_at"] + after <= study.observed_until
    known = old & told(study, "first_reply_at", each)
    cohort = return_cohort(study).set_index("ticket_id")
    late = (~cohort["answered"]).astype("Float64").rename("late")
    days = pd.DataFrame({"ticket_id": each["ticket_id"], "days": waited.where(known)})
    return days.assign(late_days=days["days"]).join(late, on="ticket_id")


OVERDUE = Counting(
    leavers=True,
    needs=SOLVED,
    waits=open_days,
    late="overdue",
    firsts="issues",
    days=("days as days open", "late days as days overdue"),
    no_departures="which cause to fix first by departures: tickets cannot be joined to enough "
    "customers, or too few left while an issue of one cause was overdue.",
)
UNANSWERED = Counting(
    leavers=False,
    needs="first_reply_at",
    waits=unanswered_days,
    late="unanswered",
    firsts="first tickets",
    days=("days as days without an answer",),
    no_departures="which cause makes customers leave: who leaves is not in this data. A customers "
    "table from billing would tell.",
)


def counting(study: Study) -> Counting:
    """How issues are counted in this study."""
    return OVERDUE if study.outcome == "churn" else UNANSWERED


@once
def issues(study: Study) -> pd.DataFrame:
    """A row a ticket and cause: ticket_id, customer_id, cause, weight, late, days, late days,
    replies.

    Churn: late, the issue was open longer than the promise (null: too young to tell); days open in
    all and days overdue, a second time open included, open issues counted until observed_until.
    Return: late, a first ticket in the cohort had no outside answer by the landmark; days without
    an answer, at most until the landmark (null: too young). replies are agents' public answers.
    Requests to leave are left out where there is something to leave.
    """
    told = named(study)[["ticket_id", "cause", "weight", "is_exit_request"]]
    told = told[~_asks(study, told)]
    tickets = known_tickets(study).merge(told, on="ticket_id")
    rows = tickets.merge(counting(study).waits(study, tickets), on="ticket_id", how="left")
    rows = rows.rename(columns={"total_agent_replies": "replies"})
    return rows[
        "ticket_id customer_id cause weight late days late_days replies".split()
    ].reset_index(drop=True)


def known_tickets(study: Study) -> pd.DataFrame:
    """Customers' own tickets whose customer is known; in a churn study, is in the customers."""
    tickets = study.customer_tickets.dropna(subset="customer_id")
    return tickets[among(tickets["customer_id"], counting(study).everyone(study))]


def issues_counted(study: Study) -> Finding:
    """How many tickets count as issues, and why others do not."""
    tickets, told = study.customer_tickets["ticket_id"], named(study)
    unknown = ~among(tickets, known_tickets(study)["ticket_id"])
    wordless = ~among(tickets, told["ticket_id"]) & ~unknown
    asks = among(tickets, told.loc[_asks(study, told), "ticket_id"]) & ~unknown & ~wordless
    return finding(
        "{n:,} of {of:,} customers' tickets are counted here. Left out are {unknown:,} whose "
        "customer is not known, {wordless:,} that tell no cause, and {asks:,} that ask to leave.",
        n=int((~unknown & ~wordless & ~asks).sum()), of=len(tickets), unknown=int(unknown.sum()),
        wordless=int(wordless.sum()), asks=int(asks.sum()),
    )  # fmt: skip


def _asks(study: Study, told: pd.DataFrame) -> pd.Series:
    """Which tickets ask to leave, where there is something to leave."""
    return told["is_exit_request"].fillna(False).astype(bool) & counting(study).leavers
