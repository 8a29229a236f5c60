"""Does it matter which team has a ticket? Teams beside the mean of all, their tickets alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.teams.handled import BESIDE, IN_TIME, handled, told
from cxresearch.kpis.teams.pooling import Scores, pooled, scores
from cxresearch.study import drawing
from cxresearch.study.answers import (
    CannotTell,
    DoesNotApply,
    Finding,
    cannot_tell_passes,
    finding,
)
from cxresearch.study.intervals import of_many
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.words import view

LEAST, RATE = 30, 0.05  # tickets of a team; false discoveries among those told apart
WIDE = 0.2  # of an interval that says nothing of how much lies between teams
APART = ["difference", "difference low", "difference high"]  # points from the mean of all
OFF = DoesNotApply(
    "how single agents differ: pages compare no persons, unless study.toml says persons = true."
)


@dataclass(frozen=True, eq=False)
class ByTeam(Result):
    """A row a measure (column) and team (group): tickets, customers, share, difference (from the
    mean of all with tickets alike, in points, drawn to it as far as chance could have made it),
    difference low, difference high, p, q, verdict (more, less, cannot tell). between: by measure,
    the share of all that differs between tickets that lies between teams, low, high."""

    between: pd.DataFrame
    whom: str = "team"

    def said(self, row: str = "") -> Finding | CannotTell:
        """Who is clearly apart; "between": how much lies between teams at all."""
        if row == "between":
            return self._between()
        clear, of = self._clear(), len(without(self.frame)[0])
        if clear.empty:
            return CannotTell(
                f"which {self.whom} does better or worse: in none of {of} comparisons is one "
                "clearly apart from the mean of all."
            )
        far = clear.loc[clear["difference"].abs().idxmax()]
        return finding(
            "**{n} of {of}** comparisons show a {whom} clearly apart from the mean of all; the "
            "other {rest} cannot be told apart. Farthest is {group}: {share:.0%} of its tickets "
            "{what}. That is **{d:+.1f} points** from the mean with tickets alike (95% interval "
            "{low:+.1f} to {high:+.1f}). It goes with the {whom}; why is not told.",
            n=len(clear), of=of, rest=of - len(clear), whom=self.whom, group=far["group"],
            what=far["column"], share=far["share"], d=far["difference"],
            low=far["difference low"], high=far["difference high"],
        )  # fmt: skip

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """Both."""
        return self.said(), self.said("between")

    def table(self) -> pd.DataFrame | CannotTell:
        """Those clearly apart, measure by measure."""
        clear = self._clear()
        if clear.empty:
            return DoesNotApply("who is clearly apart: nobody.")
        return view(
            clear, f"group as {self.whom}", "column as of its tickets", "tickets", "customers",
            "share .1%", "difference ±+.1f as points from the mean, tickets alike", "verdict",
        )  # fmt: skip

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """Each team's difference in the measure that tells teams apart best."""
        rows = self._drawn()
        clear = rows["verdict"] != "cannot tell"
        ax = drawing.axes(0.4 * len(rows) + 1.6, ax)
        drawing.forest(ax, rows, rows["group"], "difference", clear=clear, line=0)
        drawing.xlabel(ax, f"points from the mean of all: {rows['column'].iloc[0]}, tickets alike")
        drawing.title(ax, f"{rows['column'].iloc[0].capitalize()}: {clear.sum()} of {len(rows)} "
                          f"{self.whom}s clearly apart from the mean")  # fmt: skip
        return ax

    def described(self) -> str:
        """What dots and bars are."""
        return (
            "Dots are points from the mean of all (dotted), bars 95% intervals, orange where "
            f"clearly apart. A {self.whom} with few tickets is drawn to the mean."
        )

    def _clear(self) -> pd.DataFrame:
        rows = without(self.frame)[0]
        rows = rows[rows["verdict"] != "cannot tell"]
        return rows.sort_values(["column", "difference"], kind="stable")

    def _drawn(self) -> pd.DataFrame:
        rows = without(self.frame)[0]
        rows = rows[rows["column"] == rows.loc[rows["q"].idxmin(), "column"]]
        return rows.sort_values("difference")

    def _between(self) -> Finding | CannotTell:
        told = self.between[self.between["high"] - self.between["low"] < WIDE]
        if told.empty:
            return CannotTell(
                f"how much of what differs between tickets lies between {self.whom}s: where each "
                "cause goes to one alone, the two cannot be told from one another."
            )
        most = told["share"].idxmax()
        return finding(
            "Of what differs between tickets in the share {what}, the {whom} explains "
            "**{share:.1%}** (95% interval {low:.1%} to {high:.1%}).",
            whom=self.whom, what=most, **self.between.loc[most].to_dict(),
        )  # fmt: skip


@once
def by_team(study: Study, whom: str = "team") -> ByTeam | CannotTell:
    """Teams (or, where study.toml says persons = true, agents) beside the mean of all.

    A ticket is theirs who held it first. Alike in cause, channel, priority and quarter; customers'
    tickets are alike (see teams.pooling). Of all comparisons together at most 5% of those told
    apart are false (Benjamini and Hochberg 1995). Without teams of fewer than LEAST tickets.
    """
    if whom == "agent" and not study.settings.persons:
        return OFF
    rows = handled(study)
    if isinstance(rows, CannotTell):
        return rows
    made = {name: compared(rows, name, whom) for name in told(rows)}
    made = {name: of for name, of in made.items() if of is not None}
    if not made:
        return CannotTell(f"how {whom}s differ: there are not two of {LEAST} tickets or more.")
    frame = pd.concat([of.assign(column=name) for name, (of, _) in made.items()])
    q = of_many(frame["p"], "fdr_bh")
    verdict = np.select([q > RATE, frame["difference"] > 0], ["cannot tell", "more"], "less")
    between = pd.DataFrame({name: of for name, (_, of) in made.items()}).T
    return ByTeam(frame.assign(q=q, verdict=verdict).reset_index(drop=True), between, whom)


def compared(rows: pd.DataFrame, name: str, whom: str = "team") -> tuple[pd.DataFrame, dict] | None:
    """One measure by team: group, tickets, customers, share, difference with its ends, p; and how
    much lies between. None where there are not two teams of LEAST tickets."""
    if (seen := _seen(rows, name, whom)) is None:
        return None
    each, told = seen
    frame, between = pooled(told, each["tickets"].to_numpy(float))
    frame[["estimate", "low", "high"]] *= 100
    frame = frame.rename(columns=dict(zip(("estimate", "low", "high"), APART, strict=True)))
    return pd.concat([each.rename_axis("group").reset_index(), frame], axis=1), between


@cannot_tell_passes
def in_steps(rows: pd.DataFrame, name: str = IN_TIME) -> pd.DataFrame | CannotTell:
    """How the number of each team is made, in points from the mean of all: as it is, with tickets
    alike, and drawn to the mean as far as chance may have made it."""
    if (seen := _seen(rows, name, "team")) is None:
        return CannotTell(f"how teams differ: there are not two of {LEAST} tickets or more.")
    each, told = seen
    weights = each["tickets"] / each["tickets"].sum()
    alike = np.linalg.pinv(told.known, rcond=1e-9, hermitian=True) @ told.score
    drawn, _ = pooled(told, weights.to_numpy())
    plain = each["share"] - weights @ each["share"]
    drawn = drawn["estimate"].to_numpy()
    each = each.assign(plain=plain, alike=alike - weights @ alike, drawn=drawn)
    each[["plain", "alike", "drawn"]] *= 100
    return view(each.rename_axis("group").reset_index(), "group as team", "tickets", "customers",
                "share .1%", "plain +.1f as points from the mean", "alike +.1f as tickets alike",
                "drawn +.1f as drawn to the mean")  # fmt: skip


def _seen(rows: pd.DataFrame, name: str, whom: str) -> tuple[pd.DataFrame, Scores] | None:
    """The teams of enough tickets, and their scores."""
    rows = rows.dropna(subset=[name, whom])
    rows = rows[rows.groupby(whom)[name].transform("size") >= LEAST]
    if rows[whom].nunique() < 2 or rows[name].nunique() < 2:
        return None
    each = rows.groupby(whom).agg(
        tickets=(name, "size"), customers=("who", "nunique"), share=(name, "mean")
    )
    of = pd.get_dummies(rows[whom], dtype=float)[each.index]
    return each, scores(rows[name], of, rows[BESIDE], rows["who"])
