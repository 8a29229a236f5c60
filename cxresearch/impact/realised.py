"""What a decision has changed: expected beside realised, said, shown and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.impact.decisions import NAME, WRITE, Decision, check, decisions
from cxresearch.impact.interrupted import WEEKS
from cxresearch.impact.levers import rough
from cxresearch.impact.since import Since, since
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding, or_cannot_tell
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import NONE, interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROWS = {"tickets": "tickets", "overdue share": "share overdue", "overdue tickets":
        "overdue tickets", "customers": "customers kept", "revenue": "revenue"}  # fmt: skip

SAID = {
    "less": "**It worked**: {of} fell by {by:.0%} ({low:.0%} to {high:.0%}) after {what}.",
    "more": "**It did not work**: {of} rose by {by:.0%} ({low:.0%} to {high:.0%}) after {what}.",
    "cannot tell": "whether {what} worked: {of} changed by {by:+.0%} ({low:+.0%} to {high:+.0%}).",
}


@dataclass(frozen=True, eq=False)
class Realised(Result):
    """A decision's expected and realised, by what: tickets, overdue share, overdue tickets,
    customers, revenue.

    ratio with low and high: the rate since over what the others let expect. expected and saved,
    each with low and high: in a year. Customers and revenue are expected times the drop in overdue
    tickets: realised only through the model of leaving. verdict: less, more, cannot tell; why: what
    is missing.
    """

    decision: Decision
    told: Since

    def said(self, row: str = "") -> Finding | CannotTell:
        """Whether it worked: the change in tickets or in their share overdue; of a row, that."""
        name = row or self._headline()
        of = self.frame.loc[name]
        what = f"“{self.decision.what}”"
        if pd.isna(of["ratio"]):
            return CannotTell(
                finding("whether {what} worked: {why}", what=what, why=of["why"]).text
            )
        noun = "tickets" if name == "tickets" else f"the {ROWS[name]} of tickets"
        sign = -1 if of["verdict"] == "less" else 1
        by, *ends = (sign * (of[end] - 1) for end in ("ratio", "low", "high"))
        told = finding(
            SAID[of["verdict"]], what=what, of=f"{noun} about {self.decision.cause}", by=by,
            low=min(ends), high=max(ends),
        )  # fmt: skip
        return CannotTell(told.text) if of["verdict"] == "cannot tell" else told

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """Whether it worked, what that keeps beside what was expected, what a peak would feign, and
        what could be seen."""
        parts = (self.said(), self._kept(), self._hoped(), self._peak(), self._power())
        return tuple(part for part in parts if part is not None)

    def table(self) -> pd.DataFrame:
        """Expected beside realised, a row each."""
        rows = self.frame
        change = [
            NONE if pd.isna(r) else interval(r - 1, low - 1, high - 1, "+.0%")
            for r, low, high in rows[["ratio", "low", "high"]].to_numpy(float)
        ]
        year = {}
        for name in ("expected", "saved"):
            values = rows[[name, f"{name} low", f"{name} high"]].astype(float)
            values.loc["revenue"] = values.loc["revenue"].map(rough)
            year[f"{name} in a year"] = [interval(*v, ",.0f") for v in values.to_numpy()]
        coin = {"revenue": f"revenue, {self.decision.currency}".rstrip(", ")}
        names = [(ROWS | coin)[name] for name in rows.index]
        shown = pd.DataFrame({"what": names, "change beside the others": change, **year})
        return shown.rename(columns={"saved in a year": "realised in a year"})

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """Tickets in each four weeks, and what the others let expect."""
        rows, left = self.told.periods, self.told.left_out
        if rows.empty:
            return CannotTell("how it looks: no four weeks are whole.")
        ax, begin = drawing.axes(3.2, ax), rows["since"]
        ax.plot(begin, rows["tickets"], color=drawing.ACCENT, lw=2, label="counted")
        ax.plot(begin, rows["expected"], color=drawing.QUIET, ls="--", label="as the others let "
                "expect")  # fmt: skip
        ax.axvline(self.told.day, color=drawing.INK, lw=1, ls=":")
        if left:
            first = self.told.day - left * pd.Timedelta(weeks=WEEKS)
            ax.axvspan(first, self.told.day, color=drawing.QUIET, alpha=0.15, lw=0)
        ax.set_ylim(0, None)
        ax.set_ylabel("tickets in four weeks")
        ax.legend(frameon=False, fontsize=8)
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """What the lines are, and how many were counted since."""
        rows = self.told.periods
        since = rows.loc[rows["part"] == "after", "tickets"].sum()
        more = "" if not self.told.left_out else " Grey weeks before it are left out."
        return (
            f"Tickets about {self.decision.cause} in four weeks. Dashed: what the others let "
            f"expect. Dotted: {self.decision.since}, when it began.{more} Counted since: "
            f"{since:,.0f}."
        )

    def _headline(self) -> str:
        """The tickets; or the share overdue, where that alone can be told."""
        verdicts = self.frame["verdict"]
        alone = verdicts["tickets"] == "cannot tell" and verdicts["overdue share"] == "less"
        return "overdue share" if alone else "tickets"

    def _kept(self) -> Finding | None:
        """What the model makes of it; nothing where it cannot be told."""
        row = self.frame.loc["customers"]
        if pd.isna(row["saved"]) or self.frame.loc["overdue tickets", "verdict"] == "cannot tell":
            return None
        return finding(
            "By the model of leaving, that keeps about {n:.0f} customers a year ({low:.0f} to "
            "{high:.0f}); nobody was seen to stay for it.",
            n=row["saved"], low=row["saved low"], high=row["saved high"],
        )  # fmt: skip

    def _hoped(self) -> Finding:
        row = self.frame.loc["customers"]
        if pd.isna(row["expected"]):
            return Finding("What it was expected to save was not told: the list of what to fix "
                           "could not tell then.")  # fmt: skip
        return finding(
            "Expected were {n:.0f} customers a year ({low:.0f} to {high:.0f}), were none of its "
            "tickets overdue any more.",
            n=row["expected"], low=row["expected low"], high=row["expected high"],
        )  # fmt: skip

    def _peak(self) -> Finding | None:
        if not self.told.left_out:
            return None
        return finding(
            "It was decided at a peak, {peak:.1f} times the rate before: it would have fallen by "
            "itself. These {weeks} weeks are left out.",
            peak=self.frame.loc["tickets", "peak"], weeks=WEEKS * self.told.left_out,
        )  # fmt: skip

    def _power(self) -> Finding | None:
        drop, day = self.told.visible
        if pd.isna(drop) or self.frame.loc["tickets", "verdict"] != "cannot tell":
            return None
        seen = "can be seen by" if day > self.told.until else "would have been seen by"
        return finding(f"A drop of {{drop:.0%}} or more {seen} {{day}}.", drop=drop,
                       day=f"{day:%Y-%m-%d}")  # fmt: skip

    def _title(self) -> str:
        row, cause = self.frame.loc["tickets"], drawing.in_figure(self.decision.cause, 40)
        if pd.isna(row["ratio"]):
            return f"{cause}: too early to tell"
        if row["verdict"] == "cannot tell":
            return f"{cause}: no change can be told"
        return f"{cause}: {row['ratio'] - 1:+.0%} beside the others"


def did_it_work(study: Study) -> tuple[Realised | CannotTell | Finding, ...]:
    """Each decision of the study's decisions.toml, in its order: expected beside realised.

    A file that cannot be read is a CannotTell that says so, and so is each decision whose cause,
    column or value is not there; a study without decisions has one sentence.
    """
    found = or_cannot_tell(decisions, study)
    if isinstance(found, CannotTell):
        return (found,)
    if not found:
        return (Finding(f"No decision is in {NAME} yet: {WRITE}, and this page will say whether it "
                        "worked."),)  # fmt: skip
    return tuple(or_cannot_tell(realised, study, each, found) for each in found)


def realised(study: Study, decision: Decision, all_of: tuple[Decision, ...] = ()) -> Realised:
    """What a decision was expected to save beside what came of it. Of all the decisions of the
    study, those for other causes keep these from being compared with; an earlier or later one for
    the same cause ends what is looked at. Raises InputError for a cause, column or value that the
    study does not have."""
    check(study, decision, f"{NAME}, “{decision.what}”", " Write there what it is called now.")
    told = since(study, decision, all_of)
    frame = told.frame.reindex(list(ROWS))
    frame["verdict"] = frame["verdict"].fillna("cannot tell")
    frame["why"] = frame["why"].fillna("")
    for name in ("expected", "saved"):
        frame[[name, f"{name} low", f"{name} high"]] = np.nan
    for name, values in decision.expected.items():
        frame.loc[name, ["expected", "expected low", "expected high"]] = values
    year = pd.Timedelta(days=365.25) / pd.Timedelta(weeks=WEEKS)
    row = frame.loc["tickets"]
    if row["ratio"] > 0:
        ends = (row["ratio"], row["high"], row["low"])
        made = [row["after"] * (1 / ratio - 1) * year / told.after for ratio in ends]
        frame.loc["tickets", ["saved", "saved low", "saved high"]] = made
    for name in ("customers", "revenue"):
        made = _through_the_model(frame.loc[name], frame.loc["overdue tickets"])
        frame.loc[name, ["saved", "saved low", "saved high"]] = made
    return Realised(frame, decision, told)


def periods(of: tuple[Realised | CannotTell | Finding, ...]) -> pd.DataFrame | CannotTell:
    """Of the first decision four weeks a row: since, part (before, left out or after), tickets and
    expected (as the others let expect)."""
    first = next((each for each in of if isinstance(each, Realised)), None)
    if first is None:
        return DoesNotApply("nothing was decided.")
    rows = first.told.periods
    return rows.assign(since=rows["since"].dt.strftime("%Y-%m-%d")).round({"expected": 1})


def _through_the_model(expected: pd.Series, late: pd.Series) -> list[float]:
    """Expected times the drop in overdue tickets, by the delta method."""
    value, drop = expected["expected"], 1 - late["ratio"]
    error = (expected["expected high"] - expected["expected low"]) / 3.92
    of_drop = late["ratio"] * np.log(late["high"] / late["low"]) / 3.92
    far = 1.96 * np.hypot(drop * error, value * of_drop)
    return [value * drop, value * drop - far, value * drop + far]
