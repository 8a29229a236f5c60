"""Do tickets find the accounts that pay? Where they do not, who leaves cannot be studied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.episodes import match, match_by_month, match_by_value, match_gate
from cxresearch.episodes.match_rate import MATCHED_AT_LEAST
from cxresearch.study import drawing
from cxresearch.study.answers import (
    CannotTell,
    DoesNotApply,
    Finding,
    cannot_tell_passes,
    finding,
)
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import SHARE, share

NO_ACCOUNTS = DoesNotApply("how tickets and accounts match: there are no accounts.")


@dataclass(frozen=True, eq=False)
class Linked(Result):
    """Tickets with their account, and accounts with a person (see match): matched, of, share; gate
    says why that is not enough, if it is not."""

    gate: CannotTell | None

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many tickets find their customer, and whether that is enough to study who leaves."""
        if self.gate:
            return self.gate
        tickets = self.frame.loc["tickets with an account"]
        return finding(
            SHARE + " of tickets find the account that pays, enough to study who leaves.",
            **share(int(tickets["matched"]), int(tickets["of"])),
        )

    def table(self) -> pd.DataFrame:
        """In percent, with denominators."""
        return _in_percent(self.frame)


@dataclass(frozen=True, eq=False)
class LinkedByMonth(Result):
    """Of each month's tickets, how many find their customer: matched, of, share and verdict
    (enough, too few)."""

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """The share of each month's tickets, and the least that is needed."""
        rows, step = self.frame, max(1, len(self.frame) // 12)
        ax = drawing.axes(2.8, ax)
        ax.plot(rows.index, rows["share"], color=drawing.ACCENT, marker="o", ms=4)
        ax.axhline(MATCHED_AT_LEAST, color=drawing.WARN, lw=1, ls=":")
        ax.set_xticks(range(0, len(rows), step), rows.index[::step], rotation=45, ha="right")
        ax.set(ylim=(0, 1.03), ylabel="share of tickets")
        drawing.percent(ax, "y", None)
        few = rows["verdict"].eq("too few").sum()
        least = f"fewer than {MATCHED_AT_LEAST:.0%} of tickets find their customer"
        drawing.title(ax, f"In {few} of {len(rows)} months {least}")
        return ax

    def described(self) -> str:
        """The lowest share and its month."""
        low = self.frame["share"].idxmin()
        worst = self.frame.loc[low]
        return (
            "Share of each month's tickets that find their customer. The dotted line is the least "
            f"that is needed. The lowest is {worst['share']:.0%} "
            f"({worst['matched']:,} of {worst['of']:,} tickets) in {low}."
        )


@once
def linked(study: Study) -> Linked | CannotTell:
    """How well tickets find their customers; CannotTell where nobody can be seen to leave."""
    return Linked(match(study), match_gate(study)) if _has_accounts(study) else NO_ACCOUNTS


@once
def linked_by_month(study: Study) -> LinkedByMonth | CannotTell:
    """The same month by month, of tickets."""
    if not _has_accounts(study):
        return NO_ACCOUNTS
    rows = match_by_month(study)
    if rows.empty:
        return CannotTell("how tickets find customers by month: no customer's ticket is there.")
    few = rows["share"] < MATCHED_AT_LEAST
    return LinkedByMonth(rows.assign(verdict=np.where(few, "too few", "enough")))


@once
def linked_by_value(study: Study) -> pd.DataFrame | CannotTell:
    """Accounts with a person known by what they pay, in percent, with denominators."""
    return _in_percent(match_by_value(study)) if _has_accounts(study) else NO_ACCOUNTS


def _has_accounts(study: Study) -> bool:
    return study.outcome != "return"


@cannot_tell_passes
def _in_percent(rows: pd.DataFrame) -> pd.DataFrame:
    shares = [name for name in rows if "share" in name]
    percent = rows.assign(**{name: 100 * rows[name] for name in shares})
    return percent.rename(columns={name: f"{name} %" for name in shares})
