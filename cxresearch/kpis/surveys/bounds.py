"""What a score can be: of those who answered, and of all, whatever the silent think."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.surveys.reach import CHANCES, TICKETS, eligible, invitations, unit_words
from cxresearch.kpis.surveys.scores import SCORES, Scale, judged, score_of, score_values
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import low_to_high, view

SPOKE, ASKED, ALL = "those who answered", "all who were asked", "all who could have been asked"
WHY_OUT = {
    TICKETS: "Their ticket is older than the first invitation, too young to be judged, no "
    "customer's own, or was asked about twice.",
    CHANCES: "They went to nobody known as a customer then, or asked a second time in a month.",
}


@dataclass(frozen=True, eq=False)
class Bounds(Result):
    """What the score can be, in rows answered, asked and all: of whom, n, answered, lowest, highest
    (equal where it is known), low, high (with the 95% interval) and verdict (against target).

    unit is what n counts, out the invitations that are not counted.
    """

    scale: Scale
    target: float
    unit: str
    out: Finding

    def said(self, row: str = "") -> Finding:
        """What the silence leaves open; "all" says how many speak for how many."""
        spoke, could = self.frame.loc["answered"], self.frame.loc["all"]
        values = {"score": spoke["lowest"], "low": spoke["low"], "high": spoke["high"]}
        values |= {"lowest": could["lowest"], "highest": could["highest"]}
        texts = {k: self.scale.text(v) for k, v in values.items()}
        texts |= {"name": self.scale.name, "share": float(could["answered"] / could["n"])}
        if row == "all":
            return self._headline(texts)
        return finding(
            "Of those who answered, {name} is **{score}** (95% interval {low} to {high}). Of all "
            "who could have been asked it may be anything from **{lowest} to {highest}**.",
            **texts,
        )

    def sentences(self) -> tuple[Finding, ...]:
        """How many speak, what that leaves open, and which invitations are left out."""
        return self.said("all"), self.said(), self.out

    def table(self) -> pd.DataFrame:
        """The bounds, without and with chance; the verdict where the score has a target."""
        rows = self.frame
        columns = {self.scale.axis: low_to_high(rows["lowest"], rows["highest"])}
        columns |= {"with chance (95%)": low_to_high(rows["low"], rows["high"])}
        judged = [] if np.isnan(self.target) else [f"verdict as at least {self.target:g}?"]
        return view(rows.assign(**columns), "of whom", "n", "answered", *columns, *judged)

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """The score of those who answered beside what it can be of those who did not."""
        rows, places = self.frame, np.arange(len(self.frame))[::-1]
        ax = drawing.axes(0.5 * len(rows) + 1.6, ax)
        ax.hlines(places, rows["low"], rows["high"], color=drawing.QUIET, lw=2)
        ax.hlines(places, rows["lowest"], rows["highest"], color=drawing.WARN, lw=9)
        heard = (rows["lowest"] == rows["highest"]).to_numpy()
        ax.scatter(rows["lowest"][heard], places[heard], color=drawing.ACCENT, s=60, zorder=3)
        if not np.isnan(self.target):
            ax.axvline(self.target, color=drawing.INK, lw=1, ls=":")
        names = rows["of whom"] + rows["n"].map(" ({:,})".format)
        ax.set_yticks(places, [drawing.in_figure(name) for name in names])
        ax.set_ylim(-0.6, len(rows) - 0.4)
        ax.set_xlim((-102, 102) if rows["low"].min() < 0 else (-1, 101))
        drawing.numbers(ax, "x", "g")
        drawing.xlabel(ax, self.scale.axis)
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """What the dot, the bars and the lines are, and where these end."""
        ends = zip(self.frame["of whom"], self.frame["low"], self.frame["high"], strict=True)
        told = "; ".join(f"{whom} {low:.1f} to {high:.1f}" for whom, low, high in ends)
        return (
            "The dot is the score of those who answered. Thick bars run from all who are silent at "
            "the bottom of the scale to all of them at its top; thin lines add the "
            f"95% interval. With it: {told}."
        )

    def _headline(self, texts: dict) -> Finding:
        could = self.frame.loc["all"]
        return finding(
            "{name} speaks only for the **{share:.0%}** who answered ({answered:,} of {n:,} "
            "{unit}).",
            answered=int(could["answered"]), n=int(could["n"]), unit=self.unit,
            name=texts["name"][:1].upper() + texts["name"][1:],
            share=texts["share"],
        )  # fmt: skip

    def _title(self) -> str:
        spoke, could = self.frame.loc["answered"], self.frame.loc["all"]
        heard, lowest, highest = (
            f"{value:.0f}{self.scale.unit}"
            for value in (spoke["lowest"], could["lowest"], could["highest"])
        )
        return f"{heard} of those who answered; of all {lowest} to {highest}, as the silent feel"


@once
def bounds(study: Study, kind: str) -> Bounds | CannotTell:
    """What the score can be for those who answered, all who were asked, all who could have been.

    For the answered lowest and highest are the score; else they are Manski's bounds (1989, J Human
    Resources 24): every silent one at the bottom, then at the top, with no assumption at all. low
    and high add the sampling interval, clustered by customer.
    """
    units = eligible(study, kind, "what the silence leaves open")
    values = score_values(units, kind)
    if isinstance(values, CannotTell):
        return values
    scale, out = SCORES[kind], invitations_left_out(invitations(study), units, kind)
    of = {
        "answered": (SPOKE, units.loc[values.index]),
        "asked": (ASKED, units[units["invited"]]),
        "all": (ALL, units),
    }
    rows = {
        name: {"of whom": whom, **_ends(values, part, kind)} for name, (whom, part) in of.items()
    }
    frame = judged(pd.DataFrame.from_dict(rows, orient="index"), scale.target(study))
    return Bounds(frame, scale, scale.target(study), unit_words(units), out)


def _ends(values: pd.Series, units: pd.DataFrame, kind: str) -> dict:
    """The score of some units, with every silent one at the bottom, and at the top."""
    spoken = values.reindex(units.index)
    worst, best = (
        score_of(spoken.fillna(end / 100), units["who"], kind)
        for end in (SCORES[kind].bottom, SCORES[kind].top)
    )
    return {
        "n": len(units),
        "answered": int(spoken.notna().sum()),
        "lowest": worst["estimate"],
        "highest": best["estimate"],
        "low": worst["low"],
        "high": best["high"],
    }


def invitations_left_out(asked: pd.DataFrame, units: pd.DataFrame, kind: str) -> Finding:
    """How many invitations, and answers, page 02 counts and the bounds do not, and why."""
    own = asked[asked["kind"] == kind]
    sent, spoke = len(own), int(own["answered"].sum())
    used = int(units["invited"].sum())
    if sent == used:
        return finding("All {sent:,} invitations ({spoke:,} answered) are counted.", sent=sent,
                       spoke=spoke)  # fmt: skip
    return finding(
        "Of {sent:,} invitations {out} are not counted here. {why}",
        sent=sent, out=f"{sent - used:,}" if sent - used >= 5 else "under 5",
        why=WHY_OUT[unit_words(units)],
    )  # fmt: skip
