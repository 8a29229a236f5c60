"""How well savings are told: the simulated companies of tests/benchmarks/calibration, in tables."""

from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.impact.levers import ALL
from cxresearch.lab.coverage import committed, with_coverage
from cxresearch.lab.savings_runs import (
    OURS,
    Flags,
    SavingsByCause,
    SavingsHeld,
    SavingsMissed,
    Widths,
)
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.intervals import z

FILE = Path(__file__).with_name("proofs") / "calibration.csv"
BOOTSTRAP = " bootstrap"
REFUSED = "cannot tell"


def read_savings(file: Path | None = None) -> pd.DataFrame | CannotTell:
    """The committed runs: world, seed, kind, lever, name, truth, estimate, low, high.

    They travel with the package.
    """
    return committed(file or FILE, "the intervals of savings hold", "calibration")


@cannot_tell_passes
def held(runs: pd.DataFrame) -> SavingsHeld:
    """By world, kind and lever: companies, estimates, truth and estimate (means), coverage of the
    95% intervals with its exact binomial interval, and whether that holds 0.95. By cause, each
    cause counts."""
    whose = np.where(runs["name"] == ALL, "all causes", "each cause")
    by = ["world", "kind", "lever", "whose"]
    rows = _held(runs.assign(whose=whose), by).reset_index()
    return SavingsHeld(rows, falsely_flagged(runs))


@cannot_tell_passes
def held_by_cause(runs: pd.DataFrame) -> SavingsByCause:
    """The columns of held by world, kind and cause (name), for what is told of each cause."""
    rows = _held(runs[runs["name"] != ALL], ["world", "kind", "name"])
    return SavingsByCause(rows.reset_index())


def _held(runs: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    known = runs[runs["low"].notna() & runs["truth"].notna()]
    known = known.assign(held=known["truth"].between(known["low"], known["high"]))
    rows = known.groupby(by, sort=False, dropna=False).agg(
        companies=("seed", "nunique"), estimates=("held", "size"), truth=("truth", "mean"),
        estimate=("estimate", "mean"), held=("held", "sum"),
    )  # fmt: skip
    return _with_exact(rows)


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
    picks = runs[runs["kind"].str.startswith("pick")]
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
