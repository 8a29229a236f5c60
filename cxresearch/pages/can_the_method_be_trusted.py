"""Notebook 09: would this method have found the truth?"""

import numpy as np
import pandas as pd

from cxresearch.lab.against_truth import FEW, HOLDS, MISSES, NO_TRUTH
from cxresearch.lab.estimators import EVER, OURS
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study

DIFFERENCES = {
    "mediated": "{mediated:.0%} of the harm works through lower activity; activity is taken as it "
    "was before the issue, so that this part stays in the estimate",
    "activity_effect": "heavy users write more and leave less, and activity changes; what was "
    "measured of it before the issue is taken out, and what was not stays",
    "silent": "{silent:.0%} of those who leave write nothing in their last {silent_days:g} days, "
    "so what bothered them is not in the tickets",
    "unmatched": "{unmatched:.0%} of people are in no account, so their issues count for nobody",
    "tickets_from": "issues written before {tickets_from}, when the export begins, and still open "
    "do their harm unseen, on days that count as if nothing were overdue",
}


@cannot_tell_passes
def answer(compared: pd.DataFrame, rivals: pd.DataFrame) -> Finding | CannotTell:
    """How many planted ratios lie in the intervals of their estimates, and the obvious analysis."""
    told = compared[compared["verdict"] != FEW]
    beside = obvious(rivals)
    if told.empty or isinstance(beside, CannotTell):
        return CannotTell("whether the method finds the truth here: too few left while any one "
                          "cause was overdue, or at any other time.")  # fmt: skip
    few = len(compared) - len(told)
    without = "; {few} of {of} causes were overdue too little to be estimated" if few else ""
    said = finding(
        "**{held} of {n} planted hazard ratios lie in the 95% interval of their estimate** when "
        "each ticket carries its true cause" + without + ". ",
        held=int((told["verdict"] == HOLDS).sum()), n=len(told), few=few, of=len(compared),
    )  # fmt: skip
    return Finding(said.text + beside.text, said.numbers | beside.numbers)


@cannot_tell_passes
def compared_table(compared: pd.DataFrame) -> pd.DataFrame:
    """Planted and estimated ratios side by side."""
    return pd.DataFrame(
        {
            "cause": compared["cause"],
            "planted": compared["planted"],
            "estimate": interval(compared, "hazard ratio"),
            "left while exposed": compared["left while exposed"],
            "smallest visible ratio": compared["smallest visible ratio"],
            "verdict": compared["verdict"],
        }
    )


@cannot_tell_passes
def topics(found: pd.DataFrame, study: Study) -> Finding:
    """How pure the modelled causes are and how many of their estimates hold the planted ratio."""
    planted = set(study.truth["hazard_ratio"])
    told = found[found["verdict"] != FEW]
    pure = float((found["purity"] * found["tickets"]).sum() / found["tickets"].sum())
    missed = told.loc[told["verdict"] != HOLDS]
    parts = "; ".join(
        f"{r['cause']} (purity {r['purity']:.0%}, {r['hazard ratio']:.1f} for {r['planted']:g})"
        for _, r in missed.iterrows()
    )
    return finding(
        "With the causes that the machine found, {held} of {n} estimates hold the ratio of the "
        "planted cause they mostly are. {pure:.0%} of tickets ({of:,}) are in the cause that is "
        "mostly their own. Missed: {missed}. Planted causes that no topic mostly is: {hidden}.",
        held=len(told) - len(missed), n=len(told), pure=pure, of=int(found["tickets"].sum()),
        missed=parts or "none", hidden=", ".join(sorted(planted - set(found["mostly"]))) or "none",
    )  # fmt: skip


@cannot_tell_passes
def topic_table(found: pd.DataFrame) -> pd.DataFrame:
    """Modelled causes beside the planted cause they mostly are."""
    shares = zip(found["purity"], found["tickets"], strict=True)
    return pd.DataFrame(
        {
            "cause found": found["cause"],
            "mostly": found["mostly"],
            "purity": [f"{purity:.0%} of {tickets:,}" for purity, tickets in shares],
            "planted": found["planted"],
            "estimate": interval(found, "hazard ratio"),
            "verdict": found["verdict"].where(found["planted"].notna(), "asks to leave: no cause"),
        }
    )


@cannot_tell_passes
def obvious(rivals: pd.DataFrame) -> Finding | CannotTell:
    """What "ever had an overdue issue" would have said, beside the truth and this method."""
    ours, ever = (rivals[rivals["analysis"] == name].iloc[0] for name in (OURS, EVER))
    if np.isnan(ours["ratio"]) or np.isnan(ever["ratio"]):
        return CannotTell("what other analyses would have said: too few left, exposed or not.")
    turned = " Its sign is wrong: waiting would seem to keep customers." * bool(
        ever["high"] < 1 < ours["planted"]
    )
    misses = " Its interval **misses** the planted ratio." * bool(ours["verdict"] == MISSES)
    return finding(
        "For any overdue issue, {planted:.2f} was planted on average: day by day, this method says "
        "{ours:.2f} ({low:.2f} to {high:.2f})." + misses + " The obvious analysis, “ever had an "
        "overdue issue”, says {ever:.2f} ({ever_low:.2f} to {ever_high:.2f})." + turned,
        ever=ever["ratio"], ever_low=ever["low"], ever_high=ever["high"], ours=ours["ratio"],
        low=ours["low"], high=ours["high"], planted=ours["planted"],
    )  # fmt: skip


@cannot_tell_passes
def rival_table(rivals: pd.DataFrame) -> pd.DataFrame:
    """The analyses beside each other."""
    return pd.DataFrame(
        {
            "analysis": rivals["analysis"],
            "measure": rivals["measure"],
            "says": interval(rivals, "ratio"),
            "planted": rivals["planted"],
            "looks ahead": rivals["looks ahead"],
            "verdict": rivals["verdict"],
        }
    )


def differences(study: Study) -> Finding | CannotTell:
    """Where the simulated company and the method do not mean the same, known beforehand."""
    if not study.truth:
        return NO_TRUTH
    world = study.truth["world"]
    said = [text.format(**world) for name, text in DIFFERENCES.items() if world.get(name)]
    return Finding("Known, and none of it mended here:\n\n" + "\n".join(f"- {s}." for s in said))


def interval(rows: pd.DataFrame, value: str, prefix: str = "") -> list[str]:
    """Each row's ratio with its interval where it has one, "2.07 (2.01 to 2.12)"; a dash where
    there is no ratio."""
    columns = [value, f"{prefix}low", f"{prefix}high"]
    return [_said(*row) for row in rows[columns].itertuples(index=False, name=None)]


def _said(value: float, low: float, high: float) -> str:
    if np.isnan(value):
        return "–"
    return f"{value:.2f}" if np.isnan(low) else f"{value:.2f} ({low:.2f} to {high:.2f})"
