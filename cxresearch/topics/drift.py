"""Do the topics still fit? How doubtful later tickets' topics are, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.intervals import difference, wilson
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import SHARE, share, view

if TYPE_CHECKING:
    from cxresearch.topics.topic_model import TopicModel

RECENT, ENOUGH = 3, 200  # months that are judged, and tickets in them, at least
NOTHING_CAME = DoesNotApply("whether topics still fit: no ticket came since they were made.")


@dataclass(frozen=True, eq=False)
class Drift(Result):
    """Tickets that may have a topic and came after topics were made, a row a month: month, tickets,
    close (their first topic is hardly ahead of the second, as of a tenth of the tickets that made
    the topics), new (near to none of them), share (of both) with low and high. usual holds count
    and of for the tickets that made the topics; recent, tickets of the last months, the same."""

    usual: tuple[int, int]
    recent: tuple[int, int]

    def said(self, row: str = "") -> Finding | CannotTell:
        """Whether a refit would pay: of the last months more is doubtful than was at first."""
        now, first = share(*self.recent), share(*self.usual)
        if now["of"] < ENOUGH:
            return CannotTell(
                f"whether the topics still fit: in the last {RECENT} months {now['of']:,} tickets "
                f"came since they were made; {ENOUGH} in {RECENT} months would tell."
            )
        _, low, _ = self.more()
        pays = "A refit would pay: it proposes topics that fit what came since. "
        says = pays if low > 0 else "The topics still fit. "
        return finding(
            says + "In the last {months} months " + SHARE + " of tickets have a doubtful topic or "
            "none; of those that made the topics {usual:.1%}.",
            months=RECENT, usual=first["share"], **now,
        )  # fmt: skip

    def more(self) -> tuple[float, float, float]:
        """How much larger the doubtful share of the last months is than at first, low and high."""
        one, other = (share(*each) for each in (self.recent, self.usual))
        return difference(*((each["share"], each["low"], each["high"]) for each in (one, other)))

    def table(self) -> pd.DataFrame:
        """Tickets by month, and how many are doubtful."""
        month = self.frame["month"].dt.strftime("%Y-%m")
        return view(self.frame.assign(month=month), "month", "tickets", "close as a close call",
                    "new as new or other", "share ±.1% as both")  # fmt: skip


def drift(study: Study, topics: TopicModel) -> Drift | CannotTell:
    """How doubtful the topics of later tickets are, by month (UTC) of creation.

    Tickets in other languages are left out, and those without words or that say nothing. A ticket
    is doubtful if its margin is less than nine in ten of those that made the topics had, or it is
    near to none of the topics (assigning.assigned). Tickets are taken as independent (Wilson),
    though a customer's are not. Does not apply where nothing came since topics were made.
    """
    bounds = topics.made.get("placing")
    if not bounds or topics.made_fit.all():
        return NOTHING_CAME
    created = study.tickets.set_index("ticket_id")["created_at"].reindex(topics.ids)
    rows = topics.came.assign(
        created=created.to_numpy(), fit=topics.made_fit,
        new=topics.came["near"] < bounds["least"],
        close=topics.came["margin"] < bounds["close"],
    )[topics.came["near"].notna()]  # fmt: skip
    rows = rows.assign(close=rows["close"] & ~rows["new"], doubt=rows["close"] | rows["new"])
    later = rows[~rows["fit"]]
    if later.empty:
        return NOTHING_CAME
    by_month = later.groupby(later["created"].dt.tz_localize(None).dt.to_period("M"))
    frame = by_month.agg(tickets=("new", "size"), close=("close", "sum"), new=("new", "sum"))
    frame = frame.rename_axis("month").reset_index()
    doubt = frame["close"] + frame["new"]
    low, high = wilson(doubt, frame["tickets"])
    frame = frame.assign(month=frame["month"].dt.to_timestamp(), share=doubt / frame["tickets"],
                         low=low, high=high)  # fmt: skip
    since = study.observed_until - pd.DateOffset(months=RECENT)
    recent, fit = later.loc[later["created"] >= since, "doubt"], rows.loc[rows["fit"], "doubt"]
    return Drift(frame, (int(fit.sum()), len(fit)), (int(recent.sum()), len(recent)))
