"""How causes rank by what they weigh, and how surely: by drawing customers anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.impact.burden import Burden
from cxresearch.impact.issue_rows import issues
from cxresearch.impact.order import ranges
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.intervals import z
from cxresearch.study.results import Result
from cxresearch.study.study import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWS, SEED = 200, 8
DEPARTURES = "departures"
DRAWN = 15  # rows
SURE = 0.95


@dataclass(frozen=True, eq=False)
class Rankings(Result):
    """A row a ranking and cause: value, rank, low, high, first, top 3, verdict.

    low and high hold the rank in 95% of draws; first and top 3 are shares of draws in which the
    cause is first (and no other with it), or among the first three; verdict: sure, if it is first
    in at least 95% of draws, else not sure.
    """

    @property
    def order(self) -> list[str]:
        """The rankings."""
        return list(self.frame.index.unique("ranking"))

    def said(self, row: str = "") -> Finding | CannotTell:
        """Which cause comes first on which ranking, and whether it is sure; of "counts", whether
        the rankings by counts differ, and of "inbox", whether tickets tell who leaves."""
        return {"": self._first, "counts": self._counts, "inbox": self._inbox}[row]()

    def table(self) -> pd.DataFrame:
        """In how many draws, in percent, each cause is among the first three of each ranking."""
        wide = (100 * self.frame["top 3"]).unstack("ranking")[self.order].sort_index()
        wide = wide[(wide > 0).any(axis=1)].sort_values(self.order[::-1], ascending=False)
        return wide.rename_axis(columns=None).rename(columns=lambda c: f"{c} %").reset_index()

    def plot(self, ax: Axes | None = None) -> Axes:
        """The rank of each cause on each ranking with its interval; dark is near the top."""
        import seaborn as sns

        ranks, shown = self._wide()
        ax = drawing.axes(max(0.36 * len(ranks), 0.8) + 1.5, ax)
        sns.heatmap(
            ranks.astype(float), ax=ax, annot=shown.fillna(""), fmt="", cbar=False, vmin=1,
            vmax=2 * DRAWN / 3, linewidths=1, annot_kws={"fontsize": 9},
            cmap=sns.light_palette(drawing.ACCENT, as_cmap=True, reverse=True),
        )  # fmt: skip
        names = [drawing.in_figure(name, 42) for name in ranks.index]
        ax.set(xlabel="", ylabel="")
        ax.set_yticks(ax.get_yticks(), names, rotation=0)
        ax.set_xticks(ax.get_xticks(), [n.replace(" ", "\n") for n in self.order], rotation=0)
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """What the fields hold, and the first cause of each ranking."""
        firsts = "; ".join(f"by {ranking} {cause}" for ranking, cause in self._tops().index)
        return (
            "Numbers are ranks, in brackets the range that holds them in 95% of draws; an empty "
            f"field means that there is no estimate to rank by. First: {firsts}."
        )

    def _tops(self) -> pd.DataFrame:
        """The first cause of each ranking."""
        tops = self.frame[self.frame["rank"] == 1]
        return tops[~tops.index.get_level_values("ranking").duplicated()]

    def _wide(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Ranks, and how they are said, causes by rankings; the best causes first."""
        best = self.frame.groupby("cause")["rank"].agg(["min", "mean"])
        causes = best.sort_values(["min", "mean"]).index[:DRAWN]
        said = [f"{r['rank']} ({r['low']}–{r['high']})" for _, r in self.frame.iterrows()]
        both = self.frame["rank"], pd.Series(said, self.frame.index)
        ranks, shown = (of.unstack("ranking").reindex(causes)[self.order] for of in both)
        return ranks, shown

    def _title(self) -> str:
        n = self._tops().index.unique("cause").size
        if n == 1:
            return f"All {len(self.order)} rankings put the same cause first"
        return f"{len(self.order)} rankings put {n} different causes first"

    def _first(self) -> Finding:
        parts: dict[str, list[str]] = {}
        values = {"limit": SURE}
        for i, ((ranking, cause), top) in enumerate(self._tops().iterrows()):
            values |= {f"value{i}": top["value"], f"first{i}": top["first"], f"cause{i}": cause}
            what = {DEPARTURES: "departures beyond those expected"}.get(ranking, ranking)
            sure = top["verdict"] if top["verdict"] == "sure" else (
                f"{top['verdict']}: first in {{first{i}:.0%}}"
            )  # fmt: skip
            said = parts.setdefault(cause, [f"**{{cause{i}}}**"])
            said.append(f"by {what} ({{value{i}:,.0f}}, {sure})")
        opening = ("Every ranking puts the same cause first: " if len(parts) == 1
                   else "Which cause comes first depends on what counts: ")  # fmt: skip
        told = "; ".join(f"{name} " + " and ".join(by) for name, *by in parts.values())
        missing = "" if DEPARTURES in self.order else " No cause can be ranked by departures."
        limit = ". (Sure: first in at least {limit:.0%} of draws.)"
        return finding(opening + told + limit + missing, **values)

    def _counts(self) -> Finding | CannotTell:
        """The cause whose ranks differ most between two counts, if they surely differ."""
        counts = self.frame.reset_index()
        counts = counts[counts["ranking"] != DEPARTURES]
        pairs = counts.merge(counts, on="cause", suffixes=("", " b"))
        apart = pairs[pairs["high"] < pairs["low b"]]
        if apart.empty:
            return CannotTell(
                "whether the counts rank causes differently: all rank ranges overlap."
            )
        far = apart.loc[(apart["rank b"] - apart["rank"]).idxmax()]
        return finding(
            "The counts surely disagree about {n} of {of} causes. Most about {cause}: number {a} "
            "({a_low} to {a_high}) by {by}, but number {b} ({b_low} to {b_high}) by {than}.",
            n=apart["cause"].nunique(), of=counts["cause"].nunique(), cause=far["cause"],
            a=int(far["rank"]), a_low=int(far["low"]), a_high=int(far["high"]), by=far["ranking"],
            b=int(far["rank b"]), b_low=int(far["low b"]), b_high=int(far["high b"]),
            than=far["ranking b"],
        )  # fmt: skip

    def _inbox(self) -> Finding | CannotTell:
        """The cause whose rank by departures is furthest from its rank by tickets, among those that
        have both."""
        if DEPARTURES not in self.order:
            return CannotTell(
                "whether the inbox shows who leaves: no cause can be ranked by departures."
            )
        left = self.frame.loc[DEPARTURES]
        tickets = self.frame.loc["tickets", "value"].reindex(left.index)
        by_tickets = tickets.rank(ascending=False, method="min").astype(int)
        gap = by_tickets - left["rank"]
        if gap.max() <= 0:
            return finding("Among the {n} causes with an estimate, tickets and departures rank "
                           "alike.", n=len(left))  # fmt: skip
        far = left.loc[gap.idxmax()]
        if far["high"] >= by_tickets[far.name]:
            return CannotTell(
                "whether tickets and departures rank causes differently: the ranges of ranks "
                "overlap."
            )
        return finding(
            "Among the {n} causes with an estimate, {cause} is number {rank} ({low} to {high}) by "
            "departures but number {place} by tickets: the inbox does not show who leaves.",
            n=len(left), cause=far.name, rank=int(far["rank"]), low=int(far["low"]),
            high=int(far["high"]), place=int(by_tickets[far.name]),
        )  # fmt: skip


@cannot_tell_passes
def rankings(study: Study, burden: Burden, draws: int = DRAWS) -> Rankings:
    """How the causes rank, and how surely.

    A draw takes customers with replacement, except for departures, where each cause's hazard ratio
    is drawn from its own interval. Causes whose ratio could not be estimated have no rank by
    departures. The seed is fixed.
    """
    rng = np.random.default_rng(SEED)
    parts = dict(_counted(study, burden, draws, rng))
    if burden.frame["departures"].notna().any():
        parts[DEPARTURES] = _by_departures(burden.frame, draws, rng)
    frame = pd.concat(parts, names=["ranking", "cause"])
    verdict = np.where(frame["first"] >= SURE, "sure", "not sure")
    return Rankings(frame.assign(verdict=verdict))


def _counted(
    study: Study, burden: Burden, draws: int, rng: np.random.Generator
) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rankings by sums over customers, each with the ranks in draws of customers."""
    rows = issues(study)
    weight = rows["weight"]
    each = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "cause": rows["cause"],
            "tickets": weight,
            "overdue days": rows["late_days"].astype(float) * weight,
            "unanswered first tickets": rows["late"].astype(float),
            "days without answer": rows["days"].astype(float) * weight,
        }
    )
    sums = each.groupby(["customer_id", "cause"]).sum().assign(customers=1.0)
    n = each["customer_id"].nunique()
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=draws).astype(float)
    for name in burden.how.ranked:
        wide = sums[name].unstack(fill_value=0.0).reindex(columns=burden.frame["cause"])
        again = pd.DataFrame(drawn @ wide.to_numpy(), columns=wide.columns)
        yield name, _ranked(wide.sum(), again)


def _by_departures(causes: pd.DataFrame, draws: int, rng: np.random.Generator) -> pd.DataFrame:
    known = causes.dropna(subset="departures")
    log = np.log(known[["hazard ratio", "low", "high"]])
    error = (log["high"] - log["low"]) / (2 * z())
    ratio = np.exp(rng.normal(log["hazard ratio"], error, size=(draws, len(known))))
    drawn = known["left while exposed"].to_numpy() * (1 - 1 / ratio)
    return _ranked(known["departures"], pd.DataFrame(drawn, columns=known.index))


def _ranked(values: pd.Series, drawn: pd.DataFrame) -> pd.DataFrame:
    ranks = drawn.rank(axis=1, ascending=False, method="min")
    alone = (ranks == 1).sum(axis=1) == 1
    rank = values.rank(ascending=False, method="min").astype(int)
    first = (ranks == 1).mul(alone, axis=0).mean()
    rows = pd.DataFrame({"value": values, "rank": rank}).join(ranges(ranks)).assign(first=first)
    return rows.rename_axis("cause").sort_values(["rank", "cause"])
