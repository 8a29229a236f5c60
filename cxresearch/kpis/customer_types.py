"""The same type of customer, said, shown and drawn: who writes more, and about what."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxresearch.outcomes.hazards import told
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.small_groups import without
from cxresearch.study.words import each, view

TICKS = (0.25, 0.5, 0.7, 0.8, 1, 1.25, 1.5, 2, 3, 4)
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
                f"which type of customer writes more: of {len(self.frame)} groups none differs "
                "clearly from all other customers, at a false-discovery rate of 5%."
            )
        return finding(
            "Tickets a year, as a multiple of those of all other customers: **{parts}** (95% "
            "intervals; {n} of {of} groups differ at a false-discovery rate of 5%). A larger "
            "account has more people who can write: writing more is associated with the group, not "
            "explained by it.",
            parts=each(clear["who"], clear, "ratio", ".2f"), n=len(clear), of=len(self.frame),
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

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """Ratios with 95% intervals on a log scale, orange where the verdict can tell."""
        rows = self._drawn()
        ax = drawing.axes(0.36 * max(len(rows), 1) + 1.5, ax)
        low, high = min(0.8, rows["low"].min()), max(1.25, rows["high"].max())
        drawing.ratio_axis(ax, low, high)
        ax.set_xticks([tick for tick in TICKS if low * 0.97 <= tick <= high * 1.03], minor=False)
        drawing.forest(ax, rows, rows["who"], "ratio", clear=told(rows), length=40)
        drawing.xlabel(ax, "tickets a year, times those of all other customers (log scale)")
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """Each ratio with its interval, from the top."""
        rows = self._drawn()
        names = [drawing.in_figure(name, 40) for name in rows["who"]]
        return (
            "Dots are rate ratios, bars 95% intervals with errors by customer, orange where clear "
            f"at a false-discovery rate of 5%: {each(names, rows, 'ratio', '.2f')}."
        )

    def _drawn(self) -> pd.DataFrame:
        return self.frame[self.frame["ratio"].notna()]

    def _title(self) -> str:
        """The group that writes most beyond the others."""
        more = self.frame[self.frame["verdict"] == "writes more"]
        if more.empty:
            return "No type of customer clearly writes more than all others"
        most = more.sort_values("ratio").tail(1).squeeze()
        name = most["who"]
        return f"{name[0].upper()}{name[1:]} writes {most['ratio']:.2f} times as much as others"


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
            return self._nearest(tested)
        parts = "; ".join(
            f"{r['who']} on {r['cause']}: {r['ratio']:.2f} times ({r['low']:.2f} to "
            f"{r['high']:.2f})"
            for _, r in clear.head(5).iterrows()
        )
        return finding(
            "**{n} of {of}** pairs of cause and group stand out at a false-discovery rate of 5%; "
            "the clearest, as shares of tickets against all others: {parts}.",
            n=len(clear), of=len(tested), parts=parts,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The pairs of cause and group that lie farthest from what all others write about."""
        far = self._tested().head(FARTHEST)
        far = far.assign(expected=far["expected"].round().astype(int))
        return view(
            far, "cause", "who as group", "tickets", "expected", "ratio ±.2f as times all others",
            "residual", "q",
        )  # fmt: skip

    def _tested(self) -> pd.DataFrame:
        return self.frame.dropna(subset="p").sort_values("p", kind="stable")

    def _nearest(self, tested: pd.DataFrame) -> CannotTell:
        nearest = "".join(
            f"The nearest: {r['who']} on {r['cause']}, {r['ratio']:.2f} times ({r['low']:.2f} to "
            f"{r['high']:.2f}; q = {r['q']:.2f})."
            for _, r in tested.head(1).iterrows()
        )
        doubt = finding(
            "whether a type of customer writes more about some cause: none of {tested} pairs of "
            "cause and group stands out at a false-discovery rate of 5%. {nearest}",
            tested=len(tested), nearest=nearest,
        )  # fmt: skip
        return CannotTell(doubt.text.strip())
