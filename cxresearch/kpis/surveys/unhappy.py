"""What makes customers unhappy: satisfaction by cause, and by how long they waited.

Of those who answered after a ticket was solved. Answers of one customer are alike, so errors are
clustered by customer. Who was not asked, or did not answer, may think otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.measure import mean_of
from cxresearch.kpis.surveys.reach import invitations
from cxresearch.kpis.surveys.scores import points
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.intervals import LEVEL, of_many
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.words import listed, view
from cxresearch.topics.causes.per_ticket import named

RATE, FEW = 0.05, 10  # false discoveries; answers below which nothing is compared
LEAST = 5  # customers, about, who must carry a difference
DAY = pd.Timedelta(days=1)
BANDS = {"within a day": 1, "1 to 3 days": 3, "3 to 7 days": 7, "7 to 14 days": 14,
         "more than 14 days": np.inf}  # fmt: skip
LESS, MORE, UNTOLD = "less satisfied", "more satisfied", "cannot tell"


@dataclass(frozen=True, eq=False)
class ByCause(Result):
    """Satisfaction by cause, the lowest first: cause, asked, answers, mean (of 10) with low and
    high, less (than answers about all other causes) with less low and less high, q, verdict."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """The cause after which customers are least satisfied."""
        rows = without(self.frame)[0]
        clear = rows[rows["verdict"] == LESS]
        if clear.empty:
            better = listed(rows.loc[rows["verdict"] == MORE, "cause"])
            return CannotTell(
                f"after which cause customers are less satisfied: none of {len(rows)} is clearly "
                "below the others." + f" Clearly above: {better}." * bool(better)
            )
        first = clear.sort_values("less").iloc[0]
        return finding(
            "Customers are least satisfied after **{cause}**: {mean:.1f} of 10, {less:.1f} less "
            "than after other causes ({low:.1f} to {high:.1f}).",
            cause=first["cause"], mean=first["mean"], less=-first["less"],
            low=-first["less high"], high=-first["less low"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The causes with their differences from all others."""
        return view(self.frame, "cause", "asked", "answers", "mean ±.1f as satisfaction, of 10",
                    "less ±+.1f as against other causes", "verdict")  # fmt: skip


@dataclass(frozen=True, eq=False)
class ByWait(Result):
    """Satisfaction by the days from writing to the first solution, a row a band: wait, answers,
    mean (of 10) with low and high. slope: what twice the wait goes with, within a cause: estimate,
    low, high, p, n."""

    slope: dict

    def said(self, row: str = "") -> Finding | CannotTell:
        """What twice the wait goes with."""
        told = self.slope
        if not told["p"] < RATE:
            return CannotTell(
                f"whether customers who wait longer are less satisfied: twice the wait goes with "
                f"{told['estimate']:+.2f} ({told['low']:+.2f} to {told['high']:+.2f}) of 10."
            )
        less = told["estimate"] < 0
        ends = sorted((abs(told["low"]), abs(told["high"])))
        return finding(
            "Twice the wait goes with **{size:.2f}** " + ("less" if less else "more")
            + " satisfaction, of 10 ({low:.2f} to {high:.2f}), among tickets of the same cause.",
            size=abs(told["estimate"]), low=ends[0], high=ends[1],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The bands."""
        return view(self.frame, "wait as waited for a solution", "answers",
                    "mean ±.1f as satisfaction, of 10")  # fmt: skip

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """The means, from the shortest wait to the longest."""
        ax = drawing.axes(0.4 * len(self.frame) + 1.6, ax)
        drawing.forest(ax, self.frame, self.frame["wait"], "mean", line=np.nan)
        drawing.xlabel(ax, "mean satisfaction, of 10")
        first, last = self.frame["mean"].iloc[[0, -1]]
        drawing.title(ax, f"Satisfaction: {first:.1f} after the shortest wait, {last:.1f} after "
                          "the longest")  # fmt: skip
        return ax

    def described(self) -> str:
        """What dots and bars are."""
        return "Dots are means of those who answered, bars their 95% intervals, by customer."


@once
def disliked(study: Study) -> ByCause | CannotTell:
    """Satisfaction after each cause against all other causes.

    Means by Student's t on customers; differences by slope; false discoveries held at 5%.
    """
    rows = answered(study)
    if isinstance(rows, CannotTell):
        return rows
    told = rows.dropna(subset=["points", "cause"])
    found = []
    for cause, asked in rows.groupby("cause"):
        own = told["cause"] == cause
        if min(own.sum(), (~own).sum()) >= FEW:
            mean = mean_of(told.loc[own, "points"], told.loc[own, "who"])
            gap = slope(told["points"], own.astype(float), told["who"])
            found.append({
                "cause": cause, "customers": told.loc[own, "who"].nunique(), "asked": len(asked),
                "answers": int(own.sum()), "mean": mean["estimate"],
                "low": max(mean["low"], 0.0), "high": min(mean["high"], 10.0),
                "less": gap["estimate"], "less low": gap["low"], "less high": gap["high"],
                "p": gap["p"],
            })  # fmt: skip
    if not found:
        return CannotTell("what customers dislike most: no two causes have ten answers each.")
    frame = pd.DataFrame(found)
    frame["q"] = of_many(frame["p"], "fdr_bh")
    clear = frame["q"] < RATE
    verdict = np.select([clear & (frame["less"] < 0), clear], [LESS, MORE], UNTOLD)
    return ByCause(frame.assign(verdict=verdict).sort_values("mean", ignore_index=True))


@once
def by_wait(study: Study) -> ByWait | CannotTell:
    """Satisfaction by how long the first solution took, and what twice the wait goes with among
    tickets of the same cause (slope, on the logarithm of days). Answers that came before the
    solution are left out."""
    rows = answered(study)
    if isinstance(rows, CannotTell):
        return rows
    rows = rows.dropna(subset=["points", "days"])
    if rows["who"].nunique() < FEW or rows["days"].nunique() < 2:
        return CannotTell("whether waiting makes customers less satisfied: too few answered after "
                          "a solution whose day is known.")  # fmt: skip
    band = pd.cut(rows["days"], [-np.inf, *BANDS.values()], labels=list(BANDS))
    means = {name: {**mean_of(of["points"], of["who"]), "customers": of["who"].nunique()}
             for name, of in rows.groupby(band, observed=True)}  # fmt: skip
    frame = pd.DataFrame(means).T.astype(float).rename_axis("wait").reset_index()
    frame = frame.rename(columns={"estimate": "mean", "n": "answers"})
    frame = frame.assign(low=frame["low"].clip(lower=0), high=frame["high"].clip(upper=10))
    told = slope(rows["points"], np.log2(rows["days"].clip(lower=1 / 24)), rows["who"],
                 rows["cause"].fillna("unknown"))  # fmt: skip
    if np.isnan(told["p"]):
        return CannotTell("whether waiting makes customers less satisfied: too few answered about "
                          "the same cause, or all say the same.")  # fmt: skip
    return ByWait(frame.astype({"answers": int, "customers": int}), told | {"n": len(rows)})


def slope(values: pd.Series, x: pd.Series, who: pd.Series, within: pd.Series | None = None) -> dict:
    """What one more of x goes with (within the same `within`, where given): estimate, low, high, p;
    of x that is 0 or 1 the difference of two means.

    Least squares; errors with each customer left out in turn, and Student's t for as many customers
    as carry them (MacKinnon and White 1985, J Econometrics 29). Null where fewer than 5 do, or
    values do not differ.
    """
    from scipy.special import stdtr, stdtrit

    within = pd.Series("", values.index) if within is None else within
    size = within.groupby(within).transform("size")
    values, x, who, within = (of[size > 1] for of in (values, x, who, within))
    values, x = (of - of.groupby(within).transform("mean") for of in (values, x))
    free = len(values) - within.nunique()
    xy, xx = ((x * of).groupby(who).sum() for of in (values, x))
    carry = xx.sum() ** 2 / (xx**2).sum() if xx.sum() > 0 else 0.0
    if carry < LEAST or free < FEW or not (values**2).sum() > 1e-9:
        return dict.fromkeys(("estimate", "low", "high", "p"), np.nan)
    estimate = xy.sum() / xx.sum()
    without = (xy.sum() - xy) / (xx.sum() - xx)
    error = np.sqrt((len(xy) - 1) / len(xy) * ((without - estimate) ** 2).sum())
    error *= np.sqrt(len(values) / free)  # each mean that is taken off was estimated, too
    width = float(stdtrit(carry - 1, (1 + LEVEL) / 2)) * error
    p = float(2 * stdtr(carry - 1, -abs(estimate) / error)) if error > 0 else 0.0
    return {"estimate": float(estimate), "low": float(estimate - width),
            "high": float(estimate + width), "p": p}  # fmt: skip


def answered(study: Study) -> pd.DataFrame | CannotTell:
    """The invitations to say how satisfied one is that are about a ticket, but not about one that
    asks to leave: ticket_id, who, cause, days (from writing to its first solution, null where not
    solved), points (0 to 10; null of the silent)."""
    asked = invitations(study)
    if isinstance(asked, CannotTell):
        return asked
    causes = named(study).drop_duplicates("ticket_id").set_index("ticket_id")
    leaves = asked["ticket_id"].map(causes["is_exit_request"]).fillna(False).astype(bool)
    asked = asked[(asked["kind"] == "csat") & asked["ticket_id"].notna() & ~leaves]
    if asked.empty:
        return DoesNotApply("what makes customers unhappy: no survey asks it of a ticket.")
    told = points(asked, "csat")
    if isinstance(told, CannotTell):
        return told
    tickets = study.tickets.set_index("ticket_id")
    solved = asked["ticket_id"].map(tickets["first_solved_at"])
    days = (solved - asked["ticket_id"].map(tickets["created_at"])) / DAY
    return asked[["ticket_id", "who"]].assign(
        cause=asked["ticket_id"].map(causes["cause"]),
        days=days.where(~(asked["responded_at"] < solved)),
        points=told.reindex(asked.index),
    )  # fmt: skip
