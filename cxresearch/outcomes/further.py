"""How many more tickets a customer writes after a first solution; who departs writes no more."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from scipy.special import gammaincinv

from cxresearch.outcomes import outcome
from cxresearch.outcomes.recurrence import DAY, HOUR, own_tickets, solved_tickets
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import LEVEL
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import LEAVING, RETURNING, Words, each
from cxresearch.survival import mean_cumulative_function

ABOUT = ("same cause", "any cause")
YEAR = 365  # days
NOTE = {
    LEAVING: "Who leaves writes no more; counted as merely out of sight, they would make it "
    "{naive:.2f}.",
    RETURNING: "Nobody can be seen to leave, so all are taken to be there to the end.",
}


@dataclass(frozen=True, eq=False)
class FurtherTickets(Result):
    """Mean number of further tickets a customer by each day after a first solution: group (same
    cause, any cause), day, mean, low, high, at_risk, naive (the same if departures were taken for
    mere loss from sight)."""

    words: Words

    def said(self, row: str = "") -> Finding | CannotTell:
        """The means a year on, on any cause and on the same.

        Where none was written the interval is the exact one of a Poisson count of 0 over those
        watched to the end (Garwood 1936, Biometrika 28).
        """
        rows = self.table().set_index("group")
        if rows.empty or not rows["at_risk"].min() > 0:
            return CannotTell(
                f"how many tickets follow in {YEAR} days: nobody was watched so long."
            )
        if rows[["low", "high"]].isna().any(axis=None):
            return CannotTell(f"how many tickets follow in {YEAR} days: too few for an interval.")
        every, same = rows.loc["any cause"], rows.loc["same cause"]
        return finding(
            "In the {day} days after a first solution a customer writes **{every:.2f}** more "
            "tickets (95% interval {a:.2f} to {b:.2f}). Of these {same:.2f} ({c:.2f} to {d:.2f}) "
            "are about the same cause. So long {n:,} customers were watched. " + NOTE[self.words],
            day=YEAR, every=every["mean"], a=every["low"], b=every["high"], same=same["mean"],
            c=same["low"], d=same["high"], n=int(every["at_risk"]), naive=every["naive"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Each group a year on; no rows if one was not watched so long."""
        if self.frame.groupby("group")["day"].max().min() < YEAR:
            return self.frame.head(0)
        rows = self.frame[self.frame["day"] <= YEAR].groupby("group").tail(1)
        none = rows["mean"] == 0
        most = gammaincinv(1, 0.5 + LEVEL / 2) / rows["at_risk"]
        return rows.assign(low=rows["low"].mask(none, 0.0), high=rows["high"].mask(none, most))

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """A step curve a group with its 95% band, for a year at most."""
        ax = drawing.axes(3.8, ax)
        drawing.curves(ax, self._drawn(), "group", "day", "mean")
        ax.set(xlabel="days since the customer's first solution")
        ax.set(ylabel="further tickets a customer", ylim=(0, None))
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """Each group's mean on the last day drawn."""
        last = self._drawn().groupby("group").tail(1)
        return (
            "Mean number of tickets, nobody writing after leaving; shaded 95% intervals. By day "
            f"{last['day'].max():.0f}: {each(last['group'], last, 'mean', '.2f')}."
        )

    def _drawn(self) -> pd.DataFrame:
        return self.frame[self.frame["day"] <= YEAR].sort_values("group", kind="stable")

    def _title(self) -> str:
        means = self.table().set_index("group")["mean"]
        if means.empty:
            return f"Nobody was watched for {YEAR} days after a first solution"
        return (
            f"{means['any cause']:.2f} further tickets a customer in {YEAR} days, "
            f"{means['same cause']:.2f} on the same cause"
        )


@once
def further_tickets(study: Study) -> pd.DataFrame | CannotTell:
    """Each customer from their first solved ticket on, a row between two tickets: group (further
    tickets on the same cause, on any cause), customer_id, start, stop (days since it was solved),
    event (1: a ticket at stop), left (1: the customer departed at the last stop).

    Whoever was merely watched no longer is censored. Without duplicates and requests to leave, as
    recurrence.solved_tickets.
    """
    solved = solved_tickets(study)
    if isinstance(solved, CannotTell):
        return solved
    first = solved.sort_values(["solved_at", "ticket_id"]).drop_duplicates("customer_id")
    ends = first["left_at"].fillna(first["watched_until"])
    first = first.assign(length=(ends - first["solved_at"]) / DAY, left=first["left_at"].notna())
    tickets = own_tickets(study)
    tickets = tickets[~tickets["duplicate"]]
    born = tickets.set_index("ticket_id")["created_at"]
    asked = first.assign(after=(first["ticket_id"].map(born) + HOUR).clip(lower=first["solved_at"]))
    later = asked.merge(tickets[["customer_id", "cause", "created_at"]], on="customer_id",
                        suffixes=("", " later"))  # fmt: skip
    later = later.assign(at=(later["created_at"] - later["solved_at"]) / DAY)
    later = later[(later["created_at"] > later["after"]) & (later["at"] <= later["length"])]
    of = {"same cause": later[later["cause"] == later["cause later"]], "any cause": later}
    return pd.concat([_between(first, of[name]).assign(group=name) for name in ABOUT])


@once
def mean_further(study: Study) -> FurtherTickets | CannotTell:
    """How many more tickets a customer writes by each day after a first solution.

    Source: Ghosh and Lin 2000, Biometrics 56; errors are by customer.
    """
    rows = further_tickets(study)
    if isinstance(rows, CannotTell):
        return rows
    curves = mean_cumulative_function(rows, "group", "left").drop(columns="se")
    naive = mean_cumulative_function(rows, "group")["mean"]
    return FurtherTickets(curves.assign(naive=naive), outcome(study).WORDS)


def _between(first: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Rows from one ticket to the next, and from the last to the end."""
    events = later[["customer_id", "at"]].rename(columns={"at": "stop"}).assign(event=1)
    last = first[["customer_id", "length"]].rename(columns={"length": "stop"}).assign(event=0)
    rows = pd.concat([events, last]).sort_values(["customer_id", "stop", "event"],
                                                 ascending=[True, True, False])  # fmt: skip
    start = rows.groupby("customer_id")["stop"].shift(fill_value=0.0)
    left = rows["customer_id"].map(first.set_index("customer_id")["left"]).astype(int)
    return rows.assign(start=start, left=left).reset_index(drop=True)
