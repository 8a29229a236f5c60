"""Who is left without an answer, by cause."""

from dataclasses import dataclass

import pandas as pd

from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import wilson
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.told import reads, told
from cxresearch.study.words import SHARE, share, view
from cxresearch.topics.causes.per_ticket import named

FEW_TICKETS = 30
NEVER = SHARE + " of tickets never had an answer from anybody but the asker."


@dataclass(frozen=True, eq=False)
class NeverAnswered(Result):
    """By cause, the most often left without first: tickets, never answered, share, low, high; of
    all tickets, whatever their cause, so many were never answered."""

    never: int
    of: int

    def said(self, row: str = "") -> Finding:
        """The share of all, and the cause where it is highest."""
        rows, _ = without(self.frame)
        if rows.empty:
            return finding(NEVER, **share(self.never, self.of))
        top = rows["share"].idxmax()
        low, high = rows.loc[top, ["low", "high"]]
        return finding(
            NEVER + " Most often about {cause}: {top:.0%} ({top_low:.0%} to {top_high:.0%}).",
            **share(self.never, self.of), cause=str(top), top=self.frame.loc[top, "share"],
            top_low=low, top_high=high,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """With 95% intervals."""
        return view(self.frame.reset_index(), "cause", "tickets", "share ±.1% as never answered")


@reads("first_reply_at")
@once
def never_answered(study: Study) -> NeverAnswered | CannotTell:
    """Share of each cause's tickets that never had an answer; of causes with 30 tickets or more."""
    tickets = study.customer_tickets[["ticket_id", "first_reply_at"]]
    tickets = tickets[told(study, "first_reply_at", tickets)]
    each = tickets.merge(named(study), on="ticket_id")
    never = each["first_reply_at"].isna().groupby(each["cause"])
    rows = pd.DataFrame({"tickets": never.size(), "never answered": never.sum()})
    rows = rows[rows["tickets"] >= FEW_TICKETS]
    if rows.empty:
        return CannotTell(f"who is left without an answer: no cause has {FEW_TICKETS} tickets.")
    low, high = wilson(rows["never answered"], rows["tickets"])
    rows = rows.assign(share=rows["never answered"] / rows["tickets"], low=low, high=high)
    every = tickets["first_reply_at"].isna()
    rows = rows.sort_values("share", ascending=False)
    return NeverAnswered(rows, int(every.sum()), len(every))
