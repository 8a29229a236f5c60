"""How much processor time and memory does a Cox model take, next to other programs?

    python -m tests.benchmarks.cox_speed [program ...]

writes tests/benchmarks/cox_speed.csv. Every fit is a process of its own on one core, reads the same
seeded episodes from a file and measures the fit alone: seconds of processor time, and megabytes at
the highest, before and after the fit begins. Programs: coxph (this package), R (survival::coxph),
statsmodels (PHReg) and SurPyval, each left out with a sentence where it is not installed. R without
clusters computes no robust errors, coxph computes them when asked; SurPyval has no clusters. A fit
that takes longer than LIMIT is stopped, and the table says so; statsmodels' clustered errors are
NaN on these rows. Megabytes are those of the whole process, imports and episodes included. What
counts is one run's ratios: the seconds depend on the machine and on what else runs there.
"""

import itertools
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

FILE = Path(__file__).with_suffix(".csv")
COVARIATES = [f"x{k}" for k in range(10)]
COLUMNS = ["customer_id", "start", "stop", "event", *COVARIATES]
LOGS = np.array([0.7, 0.3, -0.3, 0.5, -0.2, 0.1, 0, 0.2, -0.1, 0.05])
SIZES = [115_000, 1_150_000]
LIMIT = 120  # seconds for one fit, by the clock
IN_R = """
suppressMessages(library(survival)); a <- commandArgs(TRUE); n <- as.integer(a[2])
d <- as.data.frame(matrix(readBin(a[1], "double", n * 14L), n))
names(d) <- c("customer_id", "start", "stop", "event", paste0("x", 0:9)); invisible(gc())
f <- as.formula(paste("Surv(start, stop, event) ~", paste0("x", 0:9, collapse = "+")))
high <- function() as.numeric(gsub("[^0-9]", "", grep("VmHWM", readLines("/proc/self/status"),
                                                      value = TRUE))) / 1024
cat("5", file = "/proc/self/clear_refs"); before <- high(); t <- proc.time()
m <- if (a[3] == "TRUE") coxph(f, d, cluster = customer_id) else coxph(f, d)
cat(sum((proc.time() - t)[1:2]), before, high(), coef(m)[1], sqrt(m$var[1, 1]),
    paste0("R-", getRversion(), "/survival-", packageVersion("survival")))
"""


def episodes(rows: int, integer: bool, seed: int = 1) -> pd.DataFrame:
    """Six episodes a customer at most, with covariates that change and known log ratios."""
    rng, per = np.random.default_rng(seed), 6
    size = (rows // 4, per)
    end = rng.uniform(60, 730, (size[0], 1))
    stop = np.append(np.sort(rng.uniform(size=(size[0], per - 1)) * end), end, axis=1)
    start = np.append(np.zeros((size[0], 1)), stop[:, :-1], axis=1)
    if integer:
        start, stop = np.floor(start), np.floor(stop)
    X = rng.normal(size=(*size, 10))
    X[:, :, :4] = rng.random((*size, 4)) < [0.2, 0.1, 0.3, 0.05]
    X[:, :, 4:7] = X[:, :1, 4:7]
    left = start + rng.exponential(1 / (6e-4 * np.exp(X @ LOGS)))
    left = np.ceil(left) if integer else left
    event = left <= stop
    stop = np.where(event, left, stop)
    long = stop - start > 1e-3  # R refuses episodes that are next to nothing
    kept = long & (np.cumsum(event, axis=1) - event == 0)
    customer = np.broadcast_to(np.arange(size[0])[:, None], size)
    values = [customer, start, stop, event]
    table = np.column_stack([*(v[kept] for v in values), X[kept]])[:rows]
    assert len(table) == rows
    return pd.DataFrame(table, columns=COLUMNS)


def fit_with_coxph(rows: pd.DataFrame, clustered: bool):
    from cxresearch.survival import coxph

    def fit():
        found = coxph(rows, COVARIATES, cluster="customer_id" if clustered else None)
        return found.params.iloc[0], (found.robust_bse if clustered else found.bse).iloc[0]

    return fit, f"python-{platform.python_version()}/numpy-{np.__version__}"


def fit_with_statsmodels(rows: pd.DataFrame, clustered: bool):
    from statsmodels.duration.hazard_regression import PHReg

    def fit():
        model = PHReg(
            rows["stop"], rows[COVARIATES], rows["event"], entry=rows["start"], ties="efron"
        )
        found = model.fit(groups=rows["customer_id"] if clustered else None)
        return found.params[0], found.bse[0]

    return fit, f"statsmodels-{version('statsmodels')}"


def fit_with_surpyval(rows: pd.DataFrame, clustered: bool):
    from surpyval import CoxPH

    def fit():
        Z, censored = rows[COVARIATES].to_numpy(), 1 - rows["event"].to_numpy(int)
        found = CoxPH.fit(rows["stop"].to_numpy(), Z, c=censored, tl=rows["start"].to_numpy())
        return found.params[0], np.nan

    return fit, f"surpyval-{version('surpyval')}"


PROGRAMS = {
    "coxph": fit_with_coxph,
    "R": None,
    "statsmodels": fit_with_statsmodels,
    "SurPyval": fit_with_surpyval,
}


def _measure(program: str, file: str, rows: int, clustered: bool) -> None:
    """In a process of its own: print seconds, megabytes before and at most, estimates, versions."""
    table = pd.DataFrame(np.fromfile(file).reshape(-1, rows).T, columns=COLUMNS)
    fit, versions = PROGRAMS[program](table, clustered)
    Path("/proc/self/clear_refs").write_text("5")  # the highest begins anew
    before, begun = _highest(), time.process_time()
    estimate, error = fit()
    print(time.process_time() - begun, before, _highest(), estimate, error, versions)


def _highest() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _run(program: str, file: Path, rows: int, clustered: bool) -> dict:
    """One row of the table."""
    said = [str(file), str(rows), str(clustered).upper()]
    command = [sys.executable, "-m", "tests.benchmarks.cox_speed", "--measure", program, *said]
    command = ["Rscript", "-e", IN_R, *said] if program == "R" else command
    threads = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1")
    try:
        got = subprocess.run(
            command, env=os.environ | threads, capture_output=True, text=True, timeout=LIMIT
        )
    except FileNotFoundError:
        return {"note": f"{program} is not installed."}
    except subprocess.TimeoutExpired:
        return {"note": f"stopped after {LIMIT} seconds"}
    if got.returncode:
        return {"note": " ".join(got.stderr.split())[-200:]}
    *numbers, versions = got.stdout.split()
    names = ["cpu_seconds", "mb_before", "mb_highest", "x0", "error_x0"]
    return dict(zip(names, map(float, numbers), strict=True)) | {"versions": versions}


def main(programs: list[str]) -> None:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for rows, times in itertools.product(SIZES, ["integer", "continuous"]):
            file = Path(folder) / f"{rows}-{times}.bin"
            episodes(rows, times == "integer").to_numpy().T.tofile(file)
            for clustered, program in itertools.product([False, True], programs):
                what = {"rows": rows, "times": times, "clustered": clustered, "program": program}
                if program == "SurPyval" and clustered:
                    continue
                found.append({**what, **_run(program, file, rows, clustered)})
                print(found[-1], flush=True)
    table = pd.DataFrame(found)
    case = [table[name] for name in ("rows", "times", "clustered")]
    for name in ("cpu_seconds", "mb_highest"):
        r = table[name].where(table["program"] == "R").groupby(case).transform("max")
        table[f"{name.split('_')[0]}_to_R"] = table[name] / r
    table["cores"] = os.cpu_count()
    table.round(6).to_csv(FILE, index=False, lineterminator="\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        program, file, rows, clustered = sys.argv[2:]
        _measure(program, file, int(rows), clustered == "TRUE")
    else:
        main(sys.argv[1:] or list(PROGRAMS))
