"""What was known of a customer on the day a survey went out, so that the silent have a likeness."""

import numpy as np
import pandas as pd

from cxresearch.kpis.surveys.reach import ANSWER_DAYS, DAY, invitations
from cxresearch.study.answers import cannot_tell_passes
from cxresearch.study.study import Study
from cxresearch.study.told import told

LEAST = 30  # rows and answers of a level; rarer ones are read together
RECENT = 90 * DAY


@cannot_tell_passes
def known_when_asked(study: Study, units: pd.DataFrame) -> pd.DataFrame:
    """A row an invitation, in words: quarter, customers' columns known at the start (segment ...),
    whether notice had been given, an earlier invitation was answered, a ticket was open, tickets of
    the last 90 days, and of a ticket the days it took, its channel and whether it was reopened.

    Nothing that came after the invitation. Levels too rare to learn from are read together, and
    columns that then say the same of everybody are left out. units are of eligible; those who were
    not asked have no row.
    """
    asked = units[units["invited"]]
    rows = {
        "quarter": asked["asked_at"].dt.strftime("%Y-Q") + asked["asked_at"].dt.quarter.astype(str)
    }
    if study.has("customers"):
        customers = study.customers.set_index("customer_id")
        known = [c for c in study.settings.as_of_start if c in customers]
        rows |= {c.replace("_", " "): asked["who"].map(customers[c]) for c in known}
    rows["notice given"] = asked["became"].eq("had given notice").map({True: "yes", False: "no"})
    rows["answered before"] = _before(study, asked)
    rows |= _tickets_then(study, asked)
    if "ticket_id" in asked:
        rows |= _of_the_ticket(study, asked)
    frame = pd.DataFrame(rows, index=asked.index).astype("object").fillna("unknown")
    frame = frame.apply(_rare_together, answered=asked["answered"])
    return frame.loc[:, frame.nunique() > 1]


def _before(study: Study, asked: pd.DataFrame) -> pd.Series:
    """Had the customer answered the latest invitation whose two weeks were over by then?"""
    past = invitations(study)[["who", "offered_at", "answered"]]
    past = past.assign(over=past["offered_at"] + ANSWER_DAYS * DAY).sort_values("over")
    wanted = asked[["who", "asked_at"]].reset_index(names="row").sort_values("asked_at")
    before = pd.merge_asof(
        wanted, past[["who", "over", "answered"]], left_on="asked_at", right_on="over", by="who",
        allow_exact_matches=False,
    ).set_index("row")["answered"].reindex(asked.index)  # fmt: skip
    return before.map({True: "yes", False: "no"}).fillna("not asked before")


def _tickets_then(study: Study, asked: pd.DataFrame) -> dict[str, pd.Series]:
    """Tickets of the last 90 days, and whether one was open, when asked."""
    tickets = study.customer_tickets
    who = tickets["customer_id"].fillna(tickets["requester_id"])
    far = pd.Timestamp("2200-01-01", tz="UTC")
    until = tickets["first_solved_at"].fillna(far)
    rows = tickets.assign(who=who, until=until, known=told(study, "first_solved_at", tickets))
    pairs = asked[["who", "asked_at"]].reset_index(names="row")
    pairs = pairs.merge(rows[["who", "created_at", "until", "known"]], on="who")
    pairs = pairs[pairs["created_at"] < pairs["asked_at"]]
    recent = pairs[pairs["created_at"] > pairs["asked_at"] - RECENT].groupby("row").size()
    still = pairs[pairs["until"] > pairs["asked_at"]].groupby("row")["known"].any()
    count = recent.reindex(asked.index, fill_value=0)
    band = np.select([count == 0, count == 1], ["none", "one"], "more")
    return {
        "recent tickets": pd.Series(band, asked.index),
        "open ticket": still.reindex(asked.index).map({True: "yes", False: "unknown"}).fillna("no"),
    }


def _of_the_ticket(study: Study, asked: pd.DataFrame) -> dict[str, pd.Series]:
    tickets = study.tickets.set_index("ticket_id").reindex(asked["ticket_id"])
    tickets.index = asked.index
    solved = tickets["first_solved_at"].where(tickets["first_solved_at"] <= asked["asked_at"])
    days = (solved - tickets["created_at"]) / DAY
    took = pd.cut(days, [-np.inf, 1, 7, 30, np.inf], labels=["a day", "a week", "a month", "more"])
    again = (tickets["last_reopened_at"] <= asked["asked_at"]).astype("boolean")
    again = again.where(told(study, "last_reopened_at", asked[["ticket_id"]]))
    return {
        "days to solve": took.astype("object"),
        "channel": tickets["created_channel"],
        "reopened": again.map({True: "yes", False: "no"}),
    }


def _rare_together(levels: pd.Series, answered: pd.Series) -> pd.Series:
    size, spoke = (answered.groupby(levels).transform(how) for how in ("size", "sum"))
    return levels.astype("str").mask((size < LEAST) | (spoke < LEAST / 3), "others")
