"""How often the method held the truth, over many simulated companies (tests/benchmarks/planted)."""

from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from cxresearch.say import CannotTell, cannot_tell_passes

RUNS = Path("tests/benchmarks/planted.csv")
OURS = "overdue now, day by day (ours)"


def read_runs(file: Path | None = None) -> pd.DataFrame | CannotTell:
    """The committed runs: world, seed, kind (cause, analysis), name, planted, ratio, low, high.

    Looked for below this folder or, from a notebook, below the folder above.
    """
    file = file or (RUNS if RUNS.is_file() else Path("..") / RUNS)
    if not file.is_file():
        return CannotTell(
            "how often intervals hold the truth: the runs are not here. "
            "'python -m tests.benchmarks.planted' makes them in the project's folder."
        )
    return pd.read_csv(file)


@cannot_tell_passes
def coverage(runs: pd.DataFrame) -> pd.DataFrame:
    """Bias, error and coverage of each estimate: a row a world, kind and name.

    companies and estimated (of these; the rest had too few departures); planted (mean of the
    planted ratios); ratio (geometric mean of the estimates), ratio low, ratio high (95%, Monte
    Carlo); bias (of the log ratio, against each company's own planted one); sd (of that over
    companies) and se (mean of what the fits say); held, coverage, low, high (share of 95% intervals
    that hold the planted ratio, exact binomial; Clopper and Pearson 1934, Biometrika 26).
    """
    logs = np.log(runs[["planted", "ratio", "low", "high"]])
    each = runs[["world", "kind", "name", "planted"]].assign(
        log=logs["ratio"],
        off=logs["ratio"] - logs["planted"],
        se=(logs["high"] - logs["low"]) / (2 * 1.959964),
        held=(runs["low"] <= runs["planted"]) & (runs["planted"] <= runs["high"]),
    )
    by = each.groupby(["world", "kind", "name"], sort=False)
    found = by.agg(
        companies=("off", "size"),
        estimated=("off", "count"),
        planted=("planted", "mean"),
        log=("log", "mean"),
        log_sd=("log", "std"),
        bias=("off", "mean"),
        sd=("off", "std"),
        se=("se", "mean"),
        held=("held", "sum"),
    )
    width = 1.959964 * found["log_sd"] / np.sqrt(found["estimated"])
    found = found.assign(
        ratio=np.exp(found["log"]),
        **{"ratio low": np.exp(found["log"] - width), "ratio high": np.exp(found["log"] + width)},
    )
    return _with_coverage(found.drop(columns=["log", "log_sd"]).reset_index())


def _with_coverage(found: pd.DataFrame) -> pd.DataFrame:
    """Adds coverage with its exact interval; all three are empty where nothing was estimated."""
    some = found["estimated"] > 0
    of = found["estimated"].where(some, 1)
    low, high = proportion_confint(found["held"], of, method="beta")
    # the interval is one-sided where none or all of the intervals held
    low, high = np.where(found["held"] == 0, 0.0, low), np.where(found["held"] == of, 1.0, high)
    bounds = pd.DataFrame({"coverage": found["held"] / of, "low": low, "high": high})
    return found.join(bounds.where(some))
