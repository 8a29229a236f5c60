"""Is "did it work?" right where the truth is known?

    python -m tests.benchmarks.did_it_work          writes did_it_work.csv

100 companies of each simulator (seeds from 2000 on, 2,500 customers, two years, true causes). A fix
takes a random share of one cause's tickets away from a day on. Columns: world, seed, fix, of (what
is asked), method, cause, planted (ratio), ratio, low, high.

fix: none, 20%, 40%, 60% (of a cause drawn at random);
sooner: 40% of its overdue tickets are answered in time instead;
peak none and peak 40%: of the cause that in the last twelve weeks stood highest over its past;
surge: none, but in the twelve weeks before the day there was 60% more of it, for no lasting reason;
freed: 40%, and of the others a quarter of what is overdue and 5% of all tickets go as well;
group none and group 40%: in one of ten groups of customers, of one of the four largest causes.

method: ours (all others together); all before (no peak left out); convex (weights of the others
that follow the cause best before, as a synthetic control has: Abadie et al. 2010, JASA 105).

Wanted: the exact 95% interval of coverage holds 95% or lies above, and at most 5% of fixes that
changed nothing are said to have worked. The table is taken up where it stopped.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import nnls
from scipy.stats import binomtest, t

from cxresearch.impact import interrupted
from cxresearch.impact.since import cause_facts, counts
from cxresearch.lab import against_truth as trial
from cxresearch.lab.second_world import SETTINGS, second_world
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.study.study import Study

FILE = Path(__file__).with_suffix(".csv")
FIRST, SECOND = "as the demo", "second: base"
SEEDS, CUSTOMERS = range(2000, 2100), 2500
BEGIN, END = pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2026-01-01", tz="UTC")
DAYS = [pd.Timestamp(day, tz="UTC") for day in ("2025-03-01", "2025-08-01")]
RIPE = pd.Timedelta(days=14)
GONE = {"none": 0.0, "20%": 0.2, "40%": 0.4, "60%": 0.6, "sooner": 0.0, "peak none": 0.0,
        "peak 40%": 0.4, "surge": 0.0, "freed": 0.4, "group none": 0.0,
        "group 40%": 0.4}  # fmt: skip
BY = ["world", "fix", "of", "method"]
COLUMNS = "world seed fix of method cause planted ratio low high".split()


def made(world: str, seed: int) -> Study:
    """A company of one of the two simulators, with true causes."""
    if world == SECOND:
        return Study.from_tables(second_world(CUSTOMERS, seed)[0], **SETTINGS)
    tables, truth = simulate_world(CUSTOMERS, seed, text=False, **WORLDS[world])
    events = tables["ticket_events"]
    tables["ticket_events"] = events[events["field"] == "status"]  # nobody here reads the others
    return trial.planted_study(tables, truth)


def rows_of(world: str, seed: int) -> list[dict]:
    """Each fix in a company of a world."""
    study = made(world, seed)
    rows, rng = cause_facts(study), np.random.default_rng(seed)
    who = study.customer_tickets.set_index("ticket_id")
    who = who["customer_id"].fillna(who["requester_id"])
    regions = pd.Series(rng.choice(10, who.nunique(), p=np.arange(1, 11) / 55), who.unique())
    rows = rows.assign(group=rows["ticket_id"].map(who.map(regions)).astype(str))
    day, found = DAYS[seed % 2], []
    for fix, gone in GONE.items():
        cause, by, treated = _chosen(rows, day, fix, rng)
        part = rows[rows["cause"] == cause] if by == "group" else rows
        for of, method, told in _asked(_fixed(part, day, fix, gone, by, treated, rng), by, treated,
                                       day, fix):  # fmt: skip
            share, tickets = 0.6 if fix == "sooner" else 1.0, 1 - gone
            planted = {"tickets": tickets, "overdue share": share}.get(of, tickets * share)
            ends = [round(told.get(name, np.nan), 4) for name in ("ratio", "low", "high")]
            row = [world, seed, fix, of, method, cause, planted, *ends]
            found.append(dict(zip(COLUMNS, row, strict=True)))
    return found


def _chosen(rows: pd.DataFrame, day: pd.Timestamp, fix: str, rng):
    """The cause that is fixed, in which column its units are, and which of them is fixed."""
    every, _, _ = counts(rows, "cause", day, BEGIN, day)
    if fix.startswith("group"):
        cause = str(rng.choice(every.sum().nlargest(4).index))
        return cause, "group", [str(rng.integers(4, 10))]
    large = every.sum().nlargest(9).index
    cause = str(rng.choice(large))
    if fix.startswith("peak"):
        last, past = every.tail(3).mean(), every.head(-3).mean()
        cause = str((last / past)[large].idxmax())
    return cause, "cause", [cause]


def _fixed(rows: pd.DataFrame, day, fix: str, gone: float, by: str, treated, rng) -> pd.DataFrame:
    """The tickets that are left, and which of them are overdue."""
    since, own, luck = rows["at"] >= day, rows[by].isin(treated), rng.random((2, len(rows)))
    keep, late = ~(since & own & (luck[0] < gone)), rows["late"].to_numpy(copy=True)
    if fix == "sooner":
        late[since & own & (luck[1] < 0.4) & (late > 0)] = 0.0
    if fix == "freed":
        late[since & ~own & (luck[1] < 0.25) & (late > 0)] = 0.0
        keep &= ~(since & ~own & (luck[0] < 0.05))
    rows = rows.assign(late=late)[keep]
    if fix == "surge":
        lasted = own & ~since & (rows["at"] >= day - pd.Timedelta(weeks=12)) & (luck[0] < 0.6)
        rows = pd.concat([rows, rows[lasted]], ignore_index=True)
    return rows


def _asked(rows: pd.DataFrame, by: str, treated: list[str], day, fix: str):
    """What is asked, by which method, and the answer."""
    every, _, _ = counts(rows, by, day, BEGIN, END)
    tickets = interrupted.rate_ratio(every, treated)
    yield "tickets", "ours", vars(tickets)
    if fix in ("none", "40%", "peak none", "peak 40%", "surge"):
        yield "tickets", "all before", vars(interrupted.rate_ratio(every, treated, apart=False))
        yield "tickets", "convex", convex(every, treated[0])
    if by == "cause":
        _, known, late = counts(rows, by, day, BEGIN, END - RIPE)
        share = interrupted.rate_ratio(late, treated, known)
        yield "overdue share", "ours", vars(share)
        both = hasattr(tickets, "ratio") and hasattr(share, "ratio")
        yield "overdue tickets", "ours", interrupted.times(tickets, share) if both else {}


def convex(every: pd.DataFrame, cause: str) -> dict[str, float]:
    """The ratio beside others weighed to follow the square root of the cause's rate before, with
    the placebos of ours."""
    values, names = every.to_numpy(), list(every.columns)
    start = int((every.index < 0).sum())
    after, own = len(values) - start, names.index(cause)
    log, noise, parts = _weighed(values, own, own, start, after)
    dates = range(interrupted.BEFORE, start + 1)
    null = np.array([_weighed(values, unit, own, date, after)
                     for date in dates for unit in range(len(names)) if unit != own])  # fmt: skip
    beyond = (null[:, 0] ** 2 - null[:, 1]) / null[:, 1]
    spread = max(beyond.sum() / (null[:, 2] / null[:, 1]).sum(), 0.0)
    apart = (len(names) - 1) * (1 + (len(dates) - 1) / after)
    far = np.abs(null[:, 0]) / np.sqrt(null[:, 1] + null[:, 2] * spread)
    rank = np.quantile(far, min(0.95 * (1 + 1 / apart), 1))
    reach = max(t.ppf(0.975, apart - 1), rank) * np.sqrt(noise + parts * spread)
    return {"ratio": np.exp(log), "low": np.exp(log - reach), "high": np.exp(log + reach)}


def _weighed(values, unit: int, own: int, start: int, after: int):
    rest = [at for at in range(values.shape[1]) if at not in (unit, own)]
    before, since = values[:start], values[start : start + after]
    mean = np.maximum(before.mean(0), 0.1)
    shape = np.sqrt(before / mean)
    ones = np.full((1, len(rest)), 1e3)
    weight, _ = nnls(np.vstack([shape[:, rest], ones]), np.append(shape[:, unit], 1e3))
    weight = weight / weight.sum()
    k0, k1 = before.sum(0) + 0.5, since.sum(0) + 0.5
    change = since.mean(0) / mean
    log = np.log(k1[unit] / k0[unit] * start / after)
    log -= np.log(max((weight * change[rest]).sum(), 0.01))
    noise = 1 / k0 + 1 / k1
    return log, noise[unit] + (weight**2 * noise[rest]).sum(), 1 + (weight**2).sum()


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """A row a world, fix, question and method: companies, told, coverage with its exact interval,
    worked (share said to have worked), mean ratio over planted and width (high over low)."""
    told = runs.dropna(subset="ratio")
    told = told.assign(
        held=(told["low"] <= told["planted"]) & (told["planted"] <= told["high"]),
        worked=told["high"] < 1,
        off=np.log(told["ratio"] / told["planted"]),
        width=np.log(told["high"] / told["low"]),
    )
    by = told.groupby(BY, sort=False)
    rows = by.agg(told=("held", "size"), held=("held", "sum"), worked=("worked", "mean"),
                  off=("off", "mean"), width=("width", "median"))  # fmt: skip
    ends = [binomtest(int(k), int(n)).proportion_ci() for k, n in rows[["held", "told"]].to_numpy()]
    rows["coverage"] = rows["held"] / rows["told"]
    rows["low"], rows["high"] = [e.low for e in ends], [e.high for e in ends]
    return np.exp(rows[["off", "width"]]).join(rows.drop(columns=["off", "width"])).round(3)


def main() -> None:
    """Goes on where the table stopped; prints the summary."""
    runs = pd.read_csv(FILE) if FILE.exists() else pd.DataFrame(columns=[*BY, "seed"])
    done = set(zip(runs["world"], runs["seed"], strict=True))
    for seed in SEEDS:
        for world in (FIRST, SECOND):
            if (world, seed) in done:
                continue
            new = pd.DataFrame(rows_of(world, seed))
            new.to_csv(FILE, mode="a", header=not FILE.exists(), index=False, lineterminator="\n")
            print(world, seed, flush=True)
    print(summary(pd.read_csv(FILE, keep_default_na=False, na_values=[""])).to_string())


if __name__ == "__main__":
    sys.exit(main())
