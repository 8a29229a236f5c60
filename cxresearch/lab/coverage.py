"""How often each estimator held the truth in simulated companies (benchmarks/estimator_bias)."""

from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.intervals import z

RUNS = Path(__file__).with_name("proofs") / "estimator_bias.csv"
CLOSE = np.log(1.05)  # a mean estimate within five percent of the truth is called right
BY = ["world", "kind", "name"]


def read_runs(file: Path | None = None) -> pd.DataFrame | CannotTell:
    """The committed runs: world, seed, kind (cause, analysis), name, expected (what was written
    down beforehand), planted, ratio, low, high.

    They travel with the package.
    """
    return committed(file or RUNS, "intervals hold", "estimator_bias")


def committed(file: Path, what: str, maker: str) -> pd.DataFrame | CannotTell:
    """The runs in a file, or that they are not here, and which benchmark makes them."""
    if not file.is_file():
        return CannotTell(
            f"how often {what} the truth: the runs are not here. "
            f"'python -m tests.benchmarks.{maker}' makes them in the project's folder."
        )
    # one of the worlds is called null, which pandas would take for a missing value
    return pd.read_csv(file, keep_default_na=False, na_values=[""])


@cannot_tell_passes
def by_estimator(runs: pd.DataFrame) -> pd.DataFrame:
    """Bias, error, coverage and rejection of each estimate: a row a world, kind and name.

    companies and estimated (of these; the rest could expect too few); planted (mean of the
    planted ratios); ratio (geometric mean of the estimates) with ratio low, ratio high; bias (of
    the log ratio, against each company's own planted one) with its bias error; sd (of the estimates
    about the truth) with its sd error, and se (mean of what the fits say); held, coverage, low,
    high (share of 95% intervals that hold the planted ratio, exact binomial 95% interval; Clopper
    and Pearson 1934, Biometrika 26); rejection (share of intervals that leave out 1) with its
    error; expected, and found in the same words (see words). Errors and intervals are Monte
    Carlo's: what another set of companies would change.
    """
    rows = _each(runs).groupby(BY, sort=False).agg(
        companies=("off", "size"),
        estimated=("off", "count"),
        planted=("planted", "mean"),
        log=("log", "mean"),
        log_sd=("log", "std"),
        bias=("off", "mean"),
        sd=("off", "std"),
        se=("se", "mean"),
        held=("held", "sum"),
        rejection=("rejected", "mean"),
        expected=("expected", "first"),
    )  # fmt: skip
    n = rows["estimated"].where(rows["estimated"] > 0)
    width = z() * rows["log_sd"] / np.sqrt(n)
    errors = {
        "ratio": np.exp(rows["log"]),
        "ratio low": np.exp(rows["log"] - width),
        "ratio high": np.exp(rows["log"] + width),
        "bias error": rows["sd"] / np.sqrt(n),
        "sd error": rows["sd"] / np.sqrt(2 * (n - 1).where(n > 1)),
        "rejection error": np.sqrt(rows["rejection"] * (1 - rows["rejection"]) / n),
    }
    rows = with_coverage(rows.assign(**errors).drop(columns=["log", "log_sd"]).reset_index())
    return rows.assign(found=words(rows))


def words(rows: pd.DataFrame) -> np.ndarray:
    """What came out, in one word a row: cannot (estimated in fewer than half of the companies),
    flips (surely below 1 where the truth is above it), too low, too high (off by more than five
    percent, and surely so), right (else)."""
    sure = z() * rows["bias error"].fillna(0)
    low, high = rows["bias"] + sure < 0, rows["bias"] - sure > 0
    return np.select(
        [
            rows["estimated"] < rows["companies"] / 2,
            (rows["ratio high"] < 1) & (np.log(rows["planted"]) > CLOSE),
            low & (rows["bias"] < -CLOSE),
            high & (rows["bias"] > CLOSE),
        ],
        ["cannot", "flips", "too low", "too high"],
        "right",
    )


def _each(runs: pd.DataFrame) -> pd.DataFrame:
    """Each estimate's distance from the truth, its error, and what its interval holds."""
    known = runs[["planted", "ratio", "low", "high"]]
    logs = np.log(known.where((known > 0) & np.isfinite(known)))
    return runs.reindex(columns=[*BY, "planted", "expected"]).assign(
        log=logs["ratio"],
        off=logs["ratio"] - logs["planted"],
        se=(logs["high"] - logs["low"]) / (2 * z()),
        held=(runs["low"] <= runs["planted"]) & (runs["planted"] <= runs["high"]),
        rejected=((runs["low"] > 1) | (runs["high"] < 1))
        .where(runs["ratio"].notna())
        .astype(float),
    )


def with_coverage(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds coverage (held of estimated) with its exact binomial 95% interval, low and high; all
    three are empty where nothing was estimated."""
    from statsmodels.stats.proportion import proportion_confint

    some = rows["estimated"] > 0
    of = rows["estimated"].where(some, 1)
    low, high = proportion_confint(rows["held"], of, method="beta")
    # the interval is one-sided where none or all of the intervals held
    low, high = np.where(rows["held"] == 0, 0.0, low), np.where(rows["held"] == of, 1.0, high)
    bounds = pd.DataFrame({"coverage": rows["held"] / of, "low": low, "high": high})
    return rows.join(bounds.where(some))
