"""How well savings are told: the simulated companies of tests/benchmarks/calibration, in tables."""

from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.impact.levers import ALL
from cxresearch.lab.coverage import committed, with_coverage
from cxresearch.lab.savings_runs import (
    NUMBERS,
    OURS,
    Cells,
    Flags,
    Named,
    SavingsByCause,
    SavingsHeld,
    SavingsMissed,
    Steps,
    Widths,
)
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.intervals import LEVEL, z

FILE = Path(__file__).with_name("proofs") / "calibration.csv"
BOOTSTRAP = " bootstrap"
REFUSED = "cannot tell"
NAMED, STEP = "named", "step"
SMALL = ("3,000 tickets", "3,000 tickets, modelled topics")
PRIMARY = ("plain", "as the demo", "second: base", "second: as the export")
FAIR = (*PRIMARY, *SMALL)
ENOUGH = 0.90


def read_savings(file: Path | None = None) -> pd.DataFrame | CannotTell:
    """The committed runs: world, seed, kind, lever, name, truth, estimate, low, high, withheld.

    They travel with the package.
    """
    return committed(file or FILE, "the intervals of savings hold", "calibration")


@cannot_tell_passes
def cells(runs: pd.DataFrame) -> Cells:
    """The cells that were named beforehand, a row a world of PRIMARY and number (customers kept in
    a year, revenue; all causes together): companies, truth and estimate (means), coverage with its
    exact interval, width (median of the interval's over the truth), shown (share of companies of
    which a page tells it), coverage shown (among these), wanted (coverage .90 and the interval's
    upper end .95)."""
    return _cells(runs[runs["world"].isin(PRIMARY)])


@cannot_tell_passes
def elsewhere(runs: pd.DataFrame) -> Cells:
    """The same numbers in the other worlds: what is fair to the method there, and what is not."""
    return _cells(runs[~runs["world"].isin(PRIMARY)])


def _cells(runs: pd.DataFrame) -> Cells:
    rows = runs[runs["kind"].isin(NUMBERS) & (runs["name"] == ALL)]
    rows = rows.assign(held=rows["truth"].between(rows["low"], rows["high"]),
                       told=rows["withheld"].isna(),
                       width=(rows["high"] - rows["low"]) / rows["truth"])  # fmt: skip
    by = rows.groupby(["world", "kind"], sort=False)
    told = rows[rows["told"]].groupby(["world", "kind"])["held"].mean()
    table = by.agg(companies=("seed", "nunique"), estimated=("held", "size"),
                   truth=("truth", "mean"), estimate=("estimate", "mean"), held=("held", "sum"),
                   width=("width", "median"), shown=("told", "sum"))  # fmt: skip
    asked = runs.groupby("world")["seed"].nunique()
    table["shown"] /= asked.reindex(table.index.get_level_values("world")).to_numpy()
    table = with_coverage(table.assign(**{"coverage shown": told}))
    wanted = (table["coverage"] >= ENOUGH) & (table["high"] >= LEVEL)
    return Cells(table.assign(wanted=wanted).reset_index())


@cannot_tell_passes
def named(runs: pd.DataFrame) -> Named:
    """Whether a first fix is named, a row a world: companies, named (of these), share with its
    exact interval, harm (does anything do harm there?)."""
    rows = runs[runs["kind"] == NAMED]
    asked = runs.groupby("world", sort=False)["seed"].nunique()
    table = rows.groupby("world", sort=False).agg(held=("estimate", "sum"), harm=("truth", "max"))
    table = table.assign(estimated=asked.reindex(table.index), held=table["held"].astype(int))
    table = with_coverage(table).rename(columns={"coverage": "share", "estimated": "companies"})
    return Named(table.assign(harm=table["harm"] > 0).reset_index())


@cannot_tell_passes
def steps(runs: pd.DataFrame) -> Steps:
    """Customers kept in a year, step by step, as shares of the truth, a row a world: each step's
    mean estimate over the mean truth, the last as a page tells it."""
    last = (runs["kind"] == NUMBERS[0]) & (runs["name"] == ALL)
    rows = runs[(runs["kind"] == STEP) | last]
    rows = rows[rows["world"].isin(PRIMARY)]
    means = rows.groupby(["world", "name"], sort=False)[["estimate", "truth"]].mean()
    share = (means["estimate"] / means["truth"]).unstack("name")
    share = share.rename(columns={ALL: "as told"})
    order = [*(c for c in share if c != "as told"), "as told"]
    return Steps(share[order].reindex([w for w in PRIMARY if w in share.index]).reset_index())


@cannot_tell_passes
def achieved(runs: pd.DataFrame, kind: str = NUMBERS[0]) -> Finding:
    """How often intervals of this kind held, over all companies of the cells."""
    of = cells(runs).frame
    one = of[of["kind"] == kind][["held", "estimated", "companies"]].sum().to_frame().T
    row = with_coverage(one[["held", "estimated"]].astype(int)).iloc[0]
    return finding(
        "The interval of customers kept by all causes together held the truth in {share:.0%} "
        "({low:.0%} to {high:.0%}) of {n:,} simulated companies.",
        n=int(row["estimated"]), share=row["coverage"], low=row["low"], high=row["high"],
    )  # fmt: skip


@cannot_tell_passes
def achieved_by_cause(runs: pd.DataFrame) -> Finding:
    """How often intervals of customers kept by single causes held, over all companies of the
    cells, its interval clustered by company."""
    rows = runs[runs["world"].isin(PRIMARY) & (runs["kind"] == NUMBERS[0]) & (runs["name"] != ALL)]
    whole = rows.assign(seed=rows["world"] + rows["seed"].astype(str), world="all")
    of = _held(whole, ["world"]).iloc[0]
    return finding(
        "Intervals of single causes held in {share:.0%} ({low:.0%} to {high:.0%}) of {n:,}. Where "
        "a cause does harm, they tend to understate it.",
        share=of["coverage"], low=of["low"], high=of["high"], n=int(of["estimates"]),
    )  # fmt: skip


@cannot_tell_passes
def held(runs: pd.DataFrame) -> SavingsHeld:
    """By world, kind and lever: companies, estimates, truth and estimate (means), coverage of the
    95% intervals with its interval (exact binomial; by cause, where each counts, clustered by
    company), and whether that holds 0.95."""
    told = runs[(runs["kind"] != STEP) & runs["world"].isin(FAIR)]
    whose = np.where(told["name"] == ALL, "all causes", "each cause")
    rows = _held(told.assign(whose=whose), ["world", "kind", "lever", "whose"]).reset_index()
    return SavingsHeld(rows, falsely_flagged(runs))


@cannot_tell_passes
def held_by_cause(runs: pd.DataFrame) -> SavingsByCause:
    """The columns of held by world, kind and cause (name), for what is told of each cause."""
    told = runs[(runs["name"] != ALL) & (runs["kind"] != STEP) & runs["world"].isin(FAIR)]
    rows = _held(told, ["world", "kind", "name"])
    return SavingsByCause(rows.reset_index())


def _held(runs: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    known = runs[runs["low"].notna() & runs["truth"].notna()]
    known = known.assign(held=known["truth"].between(known["low"], known["high"]).astype(float))
    rows = known.groupby(by, sort=False, dropna=False).agg(
        companies=("seed", "nunique"), estimates=("held", "size"), truth=("truth", "mean"),
        estimate=("estimate", "mean"), held=("held", "sum"),
    )  # fmt: skip
    rows = _with_exact(rows)
    several = rows["estimates"] > rows["companies"]
    if several.any():
        error = _clustered(known, by).reindex(rows.index)
        for end, sign in (("low", -1), ("high", 1)):
            wide = (rows["coverage"] + sign * z() * error).clip(0, 1)
            rows[end] = rows[end].mask(several, wide)
        rows["holds"] = (rows["low"] <= LEVEL) & (rows["high"] >= LEVEL)
    return rows


def _clustered(known: pd.DataFrame, by: list[str]) -> pd.Series:
    """The error of each mean of held, where the estimates of one company may be alike."""
    off = known["held"] - known.groupby(by, dropna=False)["held"].transform("mean")
    sums = known.assign(off=off).groupby([*by, "seed"], dropna=False)["off"].sum()
    size = known.groupby(by, dropna=False).size()
    return np.sqrt((sums**2).groupby(level=by, dropna=False).sum()) / size


@cannot_tell_passes
def widths(runs: pd.DataFrame) -> Widths | CannotTell:
    """By world, kind and lever, how wide bootstrap intervals are beside delta ones of the same
    companies: companies, delta and bootstrap (mean widths), ratio (mean over companies), narrowest
    and widest (of the ratios)."""
    drawn = runs[runs["kind"].str.endswith(BOOTSTRAP)]
    drawn = drawn.assign(kind=drawn["kind"].str.removesuffix(BOOTSTRAP))
    by = ["world", "kind", "lever"]
    both = drawn.merge(runs, on=[*by, "seed", "name"], suffixes=(" drawn", ""))
    both = both.assign(
        delta=both["high"] - both["low"], bootstrap=both["high drawn"] - both["low drawn"]
    )
    both = both.assign(ratio=both["bootstrap"] / both["delta"])
    if both.empty:
        return CannotTell("how wide bootstrap intervals are beside these: no company was drawn "
                          "anew. 'python -m tests.benchmarks.calibration' does so.")  # fmt: skip
    wide = both.groupby(by, sort=False).agg(
        companies=("seed", "nunique"), delta=("delta", "mean"), bootstrap=("bootstrap", "mean"),
        ratio=("ratio", "mean"), narrowest=("ratio", "min"), widest=("ratio", "max"),
    )  # fmt: skip
    return Widths(wide.reset_index())


@cannot_tell_passes
def refused(runs: pd.DataFrame) -> pd.DataFrame:
    """By world: companies, and of how many nothing could be told (they are in no other table)."""
    silent = runs.assign(company=runs["seed"], silent=runs["seed"].where(runs["kind"] == REFUSED))
    return silent.groupby("world", sort=False).agg(
        companies=("company", "nunique"), **{REFUSED: ("silent", "nunique")}
    )


@cannot_tell_passes
def falsely_flagged(runs: pd.DataFrame) -> Flags:
    """By world and kind of ratio: how often the interval of a cause without effect leaves out 1."""
    null = runs[runs["kind"].isin(["hazard ratio", "shrunken ratio"]) & (runs["truth"] == 1)]
    null = null[null["world"].isin(FAIR)]
    null = null.assign(held=(null["low"] > 1) | (null["high"] < 1))
    rows = null.groupby(["world", "kind"], sort=False).agg(
        estimates=("held", "size"), held=("held", "sum")
    )
    rows = _with_exact(rows).rename(columns={"coverage": "flagged"})
    wanted = rows.drop(columns="holds").assign(wanted=rows["low"] <= 0.05)
    return Flags(wanted.reset_index())


@cannot_tell_passes
def missed(runs: pd.DataFrame) -> SavingsMissed:
    """By world and kind of pick, each ranking's mean share of the best saving that its pick misses:
    ranking, lever, companies, missed, low, high (95% over companies), and best (is it the fix
    list's, and at most half of the least that another ranking misses?)."""
    picks = runs[runs["kind"].str.startswith("pick") & runs["world"].isin(FAIR)]
    picks = picks.assign(
        missed=1 - picks["estimate"] / picks["truth"], lever=picks["lever"].fillna("")
    )
    by = ["world", "kind", "name", "lever"]
    by_ranking = picks.groupby(by)["missed"].agg(["mean", "std", "size"]).reset_index()
    width = z() * by_ranking["std"] / np.sqrt(by_ranking["size"])
    others = by_ranking[by_ranking["name"] != OURS].groupby(["world", "kind"])["mean"].min()
    least = pd.MultiIndex.from_frame(by_ranking[["world", "kind"]]).map(others)
    by_ranking = by_ranking.assign(
        low=by_ranking["mean"] - width,
        high=by_ranking["mean"] + width,
        best=(by_ranking["name"] == OURS) & (by_ranking["mean"] <= least / 2),
    )
    names = {"name": "ranking", "mean": "missed", "size": "companies"}
    return SavingsMissed(by_ranking.drop(columns="std").rename(columns=names))


def _with_exact(rows: pd.DataFrame) -> pd.DataFrame:
    rows = with_coverage(rows.rename(columns={"estimates": "estimated"}))
    holds = (rows["low"] <= 0.95) & (rows["high"] >= 0.95)
    return rows.assign(holds=holds).rename(columns={"estimated": "estimates"}).drop(columns="held")
