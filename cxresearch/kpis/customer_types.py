"""The same type of customer, said, shown and drawn: who writes more, and about what."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxresearch.outcomes.hazards import told
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.small_groups import without
from cxresearch.study.words import view

FARTHEST = 8  # pairs in a table


@dataclass(frozen=True, eq=False)
class WhoWrites(Result):
    """Who writes more: column, group, who (both), customers, tickets, years (watched), rate (a
    customer-year), ratio (to the rate of all other customers), low, high, p, q, verdict (from q;
    writes more, writes less, cannot tell)."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """Which groups of customers write clearly more or less than all others."""
        rows, _ = without(self.frame)
        clear = rows[told(rows)].sort_values("ratio", ascending=False)
        if clear.empty:
            return CannotTell(
                f"which type of customer writes more: none of {len(self.frame)} groups differs "
                "clearly from all other customers."
            )
        top = clear.iloc[0]
        most = "most" if top["ratio"] > 1 else "less, and nobody clearly more"
        return finding(
            "**{who}** writes " + most + ": {rate:.2f} tickets a year, {ratio:.2f} times as many "
            "as all others ({low:.2f} to {high:.2f}). Of {of} groups {n} differ clearly. A larger "
            "account has more people who can write.",
            who=top["who"][:1].upper() + top["who"][1:], n=len(clear), of=len(self.frame),
            **top[["rate", "ratio", "low", "high"]],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Who writes more, the verdict with the rate of false discoveries at which it stands."""
        rows = self.frame
        q = ("q = " + rows["q"].map("{:.2f}".format)).where(rows["q"] >= 0.01, "q < 0.01")
        rows = rows.assign(
            years=rows["years"].round().astype(int),
            verdict=rows["verdict"] + (", " + q).where(rows["q"].notna(), ""),
        )
        return view(
            rows, "who as known of the customer", "customers", "years as their years",
            "rate as tickets a year", "ratio ±.2f as times all others", "verdict",
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class AboutWhat(Result):
    """About what a group writes more than others do: cause, column, group, who (both),
    customers, tickets, expected (if its tickets were about what others' are), ratio (of the cause's
    share among its tickets to that among all others'), low, high, residual (log ratio over its
    error), p, q, verdict."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """About which causes some groups write more than their tickets in all would have it."""
        tested, _ = without(self._tested())
        clear = tested[told(tested)]
        if clear.empty:
            return CannotTell(
                "whether a group writes more about some cause: none of "
                f"{len(tested)} pairs of cause and group stands out."
            )
        return finding(
            "**{n} of {of}** pairs of cause and group stand out. The clearest is {who} on {cause}: "
            "{tickets:,} tickets where {expected:,.0f} were to be expected.",
            n=len(clear), of=len(tested), **clear.iloc[0][["who", "cause", "tickets", "expected"]],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The pairs of cause and group that lie farthest from what all others write about; none
        where none stands out."""
        tested = self._tested()
        far = tested.head(FARTHEST if told(tested).any() else 0)
        far = far.assign(expected=far["expected"].round().astype(int))
        return view(
            far, "cause", "who as group", "tickets", "expected", "ratio ±.2f as times all others",
            "residual", "q",
        )  # fmt: skip

    def _tested(self) -> pd.DataFrame:
        return self.frame.dropna(subset="p").sort_values("p", kind="stable")
