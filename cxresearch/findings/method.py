"""Notebook 09: would this method have found the truth?"""

import numpy as np
import pandas as pd

from cxresearch.coverage import OURS
from cxresearch.say import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study import Study
from cxresearch.trial import FEW, HOLDS, MISSES, NO_TRUTH

NOMINAL = 0.95
SOME = 10  # with fewer companies a share of them says nothing
USUAL = 0.9  # below, those with an estimate are the ones in which chance added departures
DIFFERENCES = {
    "pending": "in the simulated company the promise's clock stands still while an issue waits on "
    "the customer ({pending:.0%} of tickets once do); here it runs, so some days count as overdue "
    "that were not",
    "fade_share": "{fade_share:.0%} of the harm stays when a late issue is solved and fades within "
    "{fade_days:g} days; here those days count among the days without one",
    "mediated": "{mediated:.0%} of the harm works through lower activity; activity is taken as of "
    "entry, so that this part stays in the estimate",
    "activity_effect": "heavy users write more and leave less, and activity changes; only activity "
    "as of entry is taken out",
    "plans": "customers on small plans write less and leave more; only the plan as of entry is "
    "taken out",
    "silent": "{silent:.0%} of those who leave write nothing in their last {silent_days:g} days, "
    "so what bothered them is not in the tickets",
    "unmatched": "{unmatched:.0%} of people are in no account, so their issues count for nobody",
}


@cannot_tell_passes
def answer(compared: pd.DataFrame, rivals: pd.DataFrame) -> Finding | CannotTell:
    """How many planted ratios lie in the intervals of their estimates, and the obvious analysis."""
    told = compared[compared["verdict"] != FEW]
    beside = obvious(rivals)
    if told.empty or isinstance(beside, CannotTell):
        return CannotTell("whether the method finds the truth here: too few left while any one "
                          "cause was overdue, or at any other time.")  # fmt: skip
    said = finding(
        "**{held} of {n} planted hazard ratios lie in the 95% interval of their estimate** when "
        "each ticket carries its true cause; for {few} of {of} causes too few left to estimate "
        "anything. ",
        held=int((told["verdict"] == HOLDS).sum()), n=len(told), few=len(compared) - len(told),
        of=len(compared),
    )  # fmt: skip
    return Finding(said.text + beside.text, said.numbers | beside.numbers)


@cannot_tell_passes
def compared_table(compared: pd.DataFrame) -> pd.DataFrame:
    """Planted and estimated ratios side by side."""
    return pd.DataFrame(
        {
            "cause": compared["cause"],
            "planted": compared["planted"],
            "estimate": _interval(compared, "hazard ratio"),
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
            "estimate": _interval(found, "hazard ratio"),
            "verdict": found["verdict"].where(found["planted"].notna(), "asks to leave: no cause"),
        }
    )


@cannot_tell_passes
def obvious(rivals: pd.DataFrame) -> Finding | CannotTell:
    """What "ever had an overdue issue" would have said, beside the truth and this method."""
    ours, ever = rivals.iloc[0], rivals[rivals["looks ahead"]].iloc[0]
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
            "says": _interval(rivals, "ratio"),
            "planted": rivals["planted"],
            "looks ahead": rivals["looks ahead"],
            "verdict": rivals["verdict"],
        }
    )


@cannot_tell_passes
def steady(found: pd.DataFrame) -> Finding:
    """Coverage by cause over many companies, and where it falls short."""
    causes = found[(found["kind"] == "cause") & (found["estimated"] > 0)]
    usual = causes["estimated"] >= USUAL * causes["companies"]
    often, seldom = causes[usual], causes[~usual]
    low = int((often["high"] < NOMINAL).sum())
    off = np.exp(often["bias"]) - 1
    return finding(
        "Over {companies} simulated companies in each of {worlds} worlds, 95% intervals of single "
        "causes held the planted ratio in {share:.1%} of {n:,} estimates; their means are off by "
        "{least:+.0%} to {most:+.0%}, and in {low} of {cells} pairs of world and cause coverage is "
        "surely below {nominal:.0%}. Left out are {seldom} pairs estimated in fewer than "
        "{usual:.0%} of companies: there an estimate is made only where chance added departures, "
        "and is off by {too_high:+.0%} in the median.",
        companies=int(found["companies"].max()), worlds=found["world"].nunique(),
        share=float(often["held"].sum() / often["estimated"].sum()),
        n=int(often["estimated"].sum()), least=float(off.min()), most=float(off.max()), low=low,
        cells=len(often), nominal=NOMINAL, seldom=len(seldom), usual=USUAL,
        too_high=float(np.exp(seldom["bias"].median()) - 1),
    )  # fmt: skip


@cannot_tell_passes
def falls_short(found: pd.DataFrame) -> Finding:
    """How the headline did over many companies, world by world."""
    ours = found[found["name"] == OURS]
    parts = "; ".join(
        f"“{r['world']}” {r['ratio']:.2f} for {r['planted']:.2f}, coverage {r['coverage']:.0%} "
        f"({r['low']:.0%} to {r['high']:.0%})"
        for _, r in ours.iterrows()
    )
    below = int((ours["high"] < NOMINAL).sum())
    return finding(
        "The headline, any overdue issue against none, is **too low in {too_low} of {n} worlds**; "
        "in {below} its intervals surely hold the truth less often than {nominal:.0%}: {parts}.",
        too_low=int((ours["bias"] < 0).sum()), n=len(ours), below=below, nominal=NOMINAL,
        parts=parts,
    )  # fmt: skip


@cannot_tell_passes
def coverage_table(found: pd.DataFrame, world: str) -> pd.DataFrame:
    """Bias and coverage of the causes in one world."""
    rows = found[(found["kind"] == "cause") & (found["world"] == world)]
    counts = zip(rows["estimated"], rows["companies"], strict=True)
    return pd.DataFrame(
        {
            "cause": rows["name"],
            "planted": rows["planted"],
            "mean estimate": _interval(rows, "ratio", "ratio "),
            "sd / se": _pairs(rows["sd"], rows["se"]),
            "estimated": [f"{n} of {of}" for n, of in counts],
            "coverage": _shares(rows),
        }
    )


@cannot_tell_passes
def analysis_table(found: pd.DataFrame) -> pd.DataFrame:
    """Analyses by worlds: the mean estimate, and in brackets the coverage of the planted ratio."""
    rows = found[found["kind"] == "analysis"]
    said = [
        "–" if np.isnan(r["ratio"]) else f"{r['ratio']:.2f} ({r['coverage']:.0%})"
        for _, r in rows.iterrows()
    ]
    worlds = list(dict.fromkeys(rows["world"]))
    wide = rows.assign(said=said).pivot(index="name", columns="world", values="said")
    wide = wide.reindex(index=list(dict.fromkeys(rows["name"])), columns=worlds)
    planted = rows.groupby("world")["planted"].mean()[worlds].map("{:.2f}".format)
    first = planted.to_frame("planted").T
    return pd.concat([first, wide]).rename_axis("analysis").rename_axis(columns=None).reset_index()


def differences(study: Study) -> Finding | CannotTell:
    """Where the simulated company and the method do not mean the same, known beforehand."""
    if not study.truth:
        return NO_TRUTH
    world = study.truth["world"]
    said = [text.format(**world) for name, text in DIFFERENCES.items() if world.get(name)]
    return Finding("Known, and none of it mended here:\n\n" + "\n".join(f"- {s}." for s in said))


def _interval(rows: pd.DataFrame, value: str, prefix: str = "") -> list[str]:
    columns = [value, f"{prefix}low", f"{prefix}high"]
    return [_said(*row) for row in rows[columns].itertuples(index=False, name=None)]


def _said(value: float, low: float, high: float) -> str:
    if np.isnan(value):
        return "–"
    return f"{value:.2f}" if np.isnan(low) else f"{value:.2f} ({low:.2f} to {high:.2f})"


def _pairs(first: pd.Series, second: pd.Series) -> list[str]:
    return [
        "–" if np.isnan(a) or np.isnan(b) else f"{a:.2f} / {b:.2f}"
        for a, b in zip(first, second, strict=True)
    ]


def _shares(rows: pd.DataFrame) -> list[str]:
    columns = ["coverage", "low", "high"]
    return [
        "–" if np.isnan(c) else f"{c:.0%} ({low:.0%} to {high:.0%})"
        for c, low, high in rows[columns].itertuples(index=False, name=None)
    ]
