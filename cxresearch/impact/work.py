"""How much work causes make: days of waiting and agents' replies, which stand in for hours."""

from dataclasses import dataclass

import pandas as pd

from cxresearch.impact.burden import Burden
from cxresearch.impact.issue_rows import Counting
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.results import Result
from cxresearch.study.words import view

MANY = 30  # a mean of fewer tickets says little


@dataclass(frozen=True, eq=False)
class Work(Result):
    """The frame of a Burden, most days of waiting first, with replies a ticket (each)."""

    how: Counting

    def said(self, row: str = "") -> Finding | CannotTell:
        """What stands in for handling time, and that it is not handling time."""
        if self.frame["replies"].isna().all():
            return CannotTell("how much work the causes make: the export counts neither hours nor "
                              "replies. A time sheet, or ticket events, would tell.")  # fmt: skip
        replies, tickets = (float(self.frame[c].sum()) for c in ("replies", "told"))
        untold = self.frame["tickets"].sum() - tickets
        more = "; of {untold:,.0f} more they are not told" if round(untold) else ""
        said = finding(
            "Hours of work are **not measured**: no time sheet is in the export. Replies stand in "
            "for them: {mean:.1f} a ticket, {replies:,.0f} on {tickets:,.0f} tickets" + more + ".",
            replies=replies, tickets=tickets, mean=replies / tickets,
            **({"untold": untold} if more else {}),
        )  # fmt: skip
        each = self.frame.loc[self.frame["told"] >= MANY, "each"].dropna()
        if each.empty:
            return said
        most = finding(
            " Most for {most}, {top:.1f}; least for {least}, {low:.1f}.",
            most=each.idxmax(), top=each.max(), least=each.idxmin(), low=each.min(),
        )  # fmt: skip
        return Finding(said.text + most.text, said.numbers | most.numbers)

    def table(self) -> pd.DataFrame:
        """Days of waiting and agents' replies by cause, most days first."""
        rows = self.frame.copy()
        whole = ["days", "late days", "replies"]
        rows[whole] = rows[whole].round().astype("Int64")
        rows["tickets"] = rows["tickets"].round().astype(int)
        last = ("replies as agent replies", "each as replies a ticket")
        return view(rows, "cause", "tickets", *self.how.days, *last)


@cannot_tell_passes
def work(burden: Burden) -> Work:
    """The work that causes make, as far as an export tells it."""
    each = burden.frame["replies"] / burden.frame["told"]
    # Where nothing is overdue, as in a forum, late days are days of waiting.
    rows = burden.frame.assign(each=each).sort_values("late days", ascending=False)
    return Work(rows, burden.how)
