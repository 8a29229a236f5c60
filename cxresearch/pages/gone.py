"""Notebook 05: how many more tickets follow a solution, and who has gone away instead?"""

import numpy as np
import pandas as pd
from scipy.stats import chi2

from cxresearch.pages.words import with_interval
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study

NOTE = {
    "churn": "Who departs writes no more and counts as such; taken for merely out of sight, they "
    "would make it {naive:.2f}.",
    "return": "Nobody can be seen to depart, so all are taken to be there to the end.",
}


@cannot_tell_passes
def further(curves: pd.DataFrame, study: Study, day: int = 365) -> Finding | CannotTell:
    """Mean further tickets within a year of a first solution, on any cause and on the same.

    Where none was written the interval is the exact one of a Poisson count of 0 over those watched
    to the end (Garwood 1936, Biometrika 28).
    """
    rows = _at(curves, day)
    if rows is None or not rows["at_risk"].min() > 0:
        return CannotTell(f"how many tickets follow in {day} days: nobody was watched so long.")
    every, same = (_none_written(rows.loc[name]) for name in ("any cause", "same cause"))
    if np.isnan([every["low"], same["low"]]).any():
        return CannotTell(f"how many tickets follow in {day} days: too few for an interval.")
    return finding(
        "In the {day} days after their first solution customers write **{every:.2f}** further "
        "tickets on average (95% interval {a:.2f} to {b:.2f}), {same:.2f} of them ({c:.2f} to "
        "{d:.2f}) about the same cause; {n:,} were still watched then. " + NOTE[study.outcome],
        day=day, every=every["mean"], a=every["low"], b=every["high"], same=same["mean"],
        c=same["low"], d=same["high"], n=int(every["at_risk"]), naive=every["naive"],
    )  # fmt: skip


@cannot_tell_passes
def further_title(curves: pd.DataFrame, day: int = 365) -> str:
    """The figure's finding: further tickets in a year, and how many on the same cause."""
    rows = _at(curves, day)
    if rows is None:
        return f"Nobody was watched for {day} days after a first solution"
    every, same = rows.loc["any cause", "mean"], rows.loc["same cause", "mean"]
    return f"{every:.2f} further tickets a customer in {day} days, {same:.2f} on the same cause"


@cannot_tell_passes
def excess(rows: pd.DataFrame, day: int = 90) -> Finding | CannotTell:
    """Excess silence of the unsolved over the solved, and whether it is clear."""
    row = rows.set_index("what").loc["silent"]
    word = "an excess" if row["difference"] > 0 else "a difference"
    said = (
        f"{day} days on, {row['not solved']:.1%} of those whose issue was not solved were silent "
        f"and {row['solved']:.1%} of those whose issue was: {word} of "
        f"{100 * row['difference']:+.1f} points (95% interval {100 * row['low']:+.1f} to "
        f"{100 * row['high']:+.1f})"
    )
    if row["low"] <= 0 <= row["high"]:
        return CannotTell(f"whether the unsolved went away rather than were content: {said}.")
    if row["difference"] > 0:
        more = "So some of that silence is associated with not being helped."
    else:
        more = (
            "So there is no excess of silence: those who were not helped write again, or leave, "
            "more often, and silence is not where they are to be looked for."
        )
    numbers = {k: float(row[k]) for k in ("not solved", "solved", "difference", "low", "high")}
    return Finding(f"{said[0].upper()}{said[1:]}. {more}", numbers)


@cannot_tell_passes
def excess_table(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    """What became of the unsolved beside the solved; leaving only where it can be seen."""
    shown = rows if study.outcome == "churn" else rows[rows["what"] != "left"]
    points = 100 * shown[["difference", "low", "high"]]
    return pd.DataFrame(
        {
            "what became of them": shown["what"].replace({"left": "left first"}),
            "not solved %": 100 * shown["not solved"],
            "solved %": 100 * shown["solved"],
            "difference, points": with_interval(points, "difference", form="{:+.1f}"),
            "p": shown["p"],
        }
    )


@cannot_tell_passes
def later(rows: pd.DataFrame, study: Study, day: int = 180) -> Finding | CannotTell:
    """What became of the silent in the half year after."""
    told = rows.dropna(subset="silent")
    if told.empty:
        return CannotTell("what became of the silent: nobody was watched so long.")
    seen = ("wrote again", "left") if study.outcome == "churn" else ("wrote again",)
    parts = "; ".join(
        f"{r['group']} ({r['customers']:,}): "
        + ", ".join(f"{r[what]:.1%} {what}" for what in seen)
        + f", {r['silent']:.1%} ({r['low']:.1%} to {r['high']:.1%}) were silent still"
        for _, r in told.iterrows()
    )
    return finding(
        "Of those who had fallen silent, {day} days later: {parts}. {more}",
        day=day, parts=parts,
        more="" if study.outcome == "churn" else "On a forum most of the helped are silent too.",
    )  # fmt: skip


def _none_written(row: pd.Series) -> pd.Series:
    """A curve's row, with its interval where no ticket was written and no error can be had."""
    if row["mean"] > 0:
        return row
    found = row.copy()
    found[["low", "high"]] = 0.0, chi2.ppf(0.975, 2) / 2 / row["at_risk"]
    return found


def _at(curves: pd.DataFrame, day: int) -> pd.DataFrame | None:
    """Each curve's row on a day; None if some curve ends before."""
    if curves.groupby("group")["day"].max().min() < day:
        return None
    return curves[curves["day"] <= day].groupby("group").tail(1).set_index("group")
