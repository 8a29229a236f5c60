"""How often does "What changed?" err, where it is known what changed?

    python -m tests.benchmarks.two_periods          writes two_periods.csv

Companies of 1,000 customers, seeds from 2000 on, each month of two years against the month before
(kpis.two_periods.compared): KPIs, volume, every cause's tickets and share. What is to be found is
the mean change of the other companies of a kind: near nothing where nothing was planted, apart from
growth. Kinds: null (no harm, no incidents, no price rise, no holidays), incidents (the demo's four,
in months 5 and 11 of 2024 and 3 and 9 of 2025), second null (the second simulator, no harm and
quarters alike). Companies are kept in the cache, so that a run goes on where one ended.

Columns: kind, companies, looks (months), comparisons (a look, mean), coverage (of each interval
alone), worst (the row that is covered least, and its coverage), then the share of looks, and of
years (of twelve and ten looks), with at least one interval that misses: each alone, corrected for
the comparisons of a look, and for twelve looks (as pages are); found: how many of the incidents
were told by the share of their cause.

Wanted: coverage 95%; of years at most 5% with a miss, as pages are corrected.
"""

import argparse
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.kpis.two_periods import compared
from cxresearch.lab.against_truth import planted_study
from cxresearch.lab.second_world import SETTINGS, second_world
from cxresearch.lab.simulate import simulate_world
from cxresearch.study.intervals import wider
from cxresearch.study.shelf import cache_folder
from cxresearch.study.study import Study

FILE = Path(__file__).with_suffix(".csv")
FIRST, CUSTOMERS, LOOKS = 2000, 1000, 12
NOTHING = {"harm": 0.0, "incidents": (), "price_rise_ratio": 1.0, "holidays": ()}
COMPANIES = {"null": 12, "incidents": 9, "second null": 6}
INCIDENTS = {("sync", "2024-05"), ("login", "2024-11"), ("integration", "2025-03"),
             ("app_crash", "2025-09")}  # fmt: skip


def simulated(seed: int, **world) -> Study:
    """A company of the first simulator."""
    return planted_study(*simulate_world(CUSTOMERS, seed, text=False, **world))


def second(seed: int) -> Study:
    """A company of the second, in which nothing happens."""
    tables, _ = second_world(CUSTOMERS, seed, harm={}, quarter_sd=0.0)
    return Study.from_tables(tables, **SETTINGS)


KINDS = {"null": partial(simulated, **NOTHING), "incidents": simulated, "second null": second}


def looks(study: Study) -> pd.DataFrame:
    """A row a month and comparison: after, row, change, and its half widths down and up, alone."""
    months = pd.period_range("2024-02", "2025-12", freq="M").astype(str)
    found = []
    for before, after in pairwise(months):
        change = compared(study, before, after)
        causes = change.causes.set_index(change.causes["cause"] + ", " + change.causes["what"])
        rows = pd.concat([change.frame, causes])
        rows = rows.dropna(subset=["change", "alone low", "alone high"])
        found.append(pd.DataFrame({
            "after": after, "row": rows.index, "change": rows["change"].to_numpy(float),
            "low": rows["alone low"].to_numpy(float), "high": rows["alone high"].to_numpy(float),
            "together": ((rows["high"] - rows["low"]) / (rows["alone high"] - rows["alone low"])
                         ).to_numpy(float),
        }))  # fmt: skip
    return pd.concat(found, ignore_index=True)


def company(kind: str, seed: int) -> pd.DataFrame:
    """The looks of one company, kept."""
    file = cache_folder() / "looks" / f"{kind.replace(' ', '_')}-{seed}.parquet"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        looks(KINDS[kind](seed)).to_parquet(file)
        print(kind, seed, flush=True)
    return pd.read_parquet(file).assign(seed=seed)


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """With how far each change lies from the mean of the other companies, in half widths."""
    by = rows.groupby(["after", "row"])["change"]
    n = by.transform("size")
    truth = (by.transform("sum") - rows["change"]) / (n - 1)
    gap = truth - rows["change"]
    half = np.where(gap > 0, rows["high"] - rows["change"], rows["change"] - rows["low"])
    far = gap.abs() / np.maximum(half, 1e-9)
    return rows.assign(far=far.where(gap.abs() > 1e-9, 0.0))[n > 5]


def of_kind(kind: str, companies: int) -> dict:
    """A row of the table."""
    rows = judged(pd.concat(company(kind, FIRST + i) for i in range(companies)))
    rows = rows.assign(page=rows["far"] / rows["together"].fillna(np.inf))
    look = rows.groupby(["seed", "after"]).agg(
        max=("far", "max"), size=("far", "size"), page=("page", "max")
    )
    last = pd.PeriodIndex(look.index.get_level_values("after"), freq="M") - pd.Period("2024-03")
    year = pd.Index([gap.n // LOOKS for gap in last])  # the second has ten looks
    far = {"alone": look["max"], "look": look["max"] / look["size"].map(wider),
           "year": look["page"]}  # fmt: skip
    told = {"kind": kind, "companies": companies, "looks": len(look),
            "comparisons": look["size"].mean(), "coverage": (rows["far"] <= 1).mean()}  # fmt: skip
    held = (rows["far"] <= 1).groupby(rows["row"]).mean()
    told |= {"worst": held.idxmin(), "worst coverage": held.min()}
    for name, of in far.items():
        miss = of > 1
        told[f"looks, {name}"] = miss.mean()
        each = miss.groupby([look.index.get_level_values("seed"), year]).any().unstack()
        told[f"years, {name}"] = each.to_numpy(float).mean()
    if kind == "incidents":
        told["found"] = _found(rows)
    return told


def _found(rows: pd.DataFrame) -> str:
    """Of all incidents, how many a page tells by the share of the cause."""
    low = rows["change"] - rows["together"] * (rows["change"] - rows["low"])
    hit = [
        (rows["row"] == f"{cause}, share") & (rows["after"] == month) for cause, month in INCIDENTS
    ]
    hit = np.logical_or.reduce(hit)
    return f"{int((low[hit] > 0).sum())} of {int(hit.sum())}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--companies", type=int, help="of each kind; else as in COMPANIES")
    n = parser.parse_args().companies
    table = pd.DataFrame([of_kind(kind, n or COMPANIES[kind]) for kind in KINDS]).round(4)
    table.to_csv(FILE, index=False, lineterminator="\n")
    print(table.T.to_string())
