"""Are teams told apart where they differ, and only there?

    python -m tests.benchmarks.teams          writes teams.csv

Desks of 6,000 tickets by 1,500 customers, 120 seeds a world. Tickets have one of eight causes, of
which the hardest is answered well 50 times of 100 and the easiest 90; six teams (40 agents in the
worlds of agents) get mostly certain causes, so that who gets hard tickets looks bad. Customers
differ, and some write much more than others.

Worlds: alike (no team differs); agents alike; rare (3 of 100 tickets, no team differs); few (900
tickets, no team differs); own causes (no team differs, and each cause goes to one team alone: what
is the team's cannot be told); differ (teams differ by 4 points, as a standard deviation); agents
differ; one worse (one team by 8 points); logit (teams differ on the logit scale by 0.25, which the
linear model does not know).

Columns: world, seeds, groups, coverage (of 95% intervals of the difference from the mean of all),
width (points), plain width (of the same without drawing to the mean), apart (seeds in which any
group is told apart), wrong (of those told apart, on the wrong side or not different), power (share
of groups that differ by 5 points or more that are told apart), naive (seeds in which a plain
comparison of each group's share with that of all, p under 0.05 by Holm, tells any apart),
blamed (seeds in which the team with the hardest tickets is told to be worse; naive blamed: by the
plain comparison), off (mean error, points), share coverage (of what lies between groups).

The load's rows: no effect, and 3 points less when load doubles; the quality of a month drifts.
There, coverage is of the slope and apart the share of seeds in which it is told.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtr

from cxresearch.kpis.teams.by_team import RATE, compared
from cxresearch.kpis.teams.going_with import differences
from cxresearch.kpis.teams.handled import BESIDE
from cxresearch.kpis.teams.pooling import scores
from cxresearch.study.intervals import of_many

FILE = Path(__file__).with_suffix(".csv")
SEEDS, TICKETS, CUSTOMERS, CAUSES = range(120), 6000, 1500, 8
WORLDS = {
    "alike": {},
    "agents alike": {"groups": 40},
    "rare": {"level": (0.02, 0.05)},
    "few": {"tickets": 900, "customers": 400},
    "own causes": {"own": True, "groups": 8},
    "differ": {"spread": 0.04},
    "agents differ": {"groups": 40, "spread": 0.04},
    "one worse": {"one": -0.08},
    "logit": {"spread": 0.25, "scale": "logit"},
}


def desk(seed, tickets=TICKETS, customers=CUSTOMERS, groups=6, spread=0.0, one=0.0,
         level=(0.5, 0.9), own=False, scale="share"):  # fmt: skip
    """Rows of a desk, and each group's true difference from the mean of all."""
    rng = np.random.default_rng(seed)
    writes = rng.gamma(0.7, 1, customers)
    who = rng.choice(customers, tickets, p=writes / writes.sum())
    cause = rng.integers(0, CAUSES, tickets)
    usual = (cause * groups // CAUSES + rng.integers(0, max(groups // CAUSES, 1), tickets)) % groups
    team = np.where(rng.random(tickets) < 0.3, rng.integers(0, groups, tickets), usual)
    team = cause if own else team
    effect = rng.normal(0, spread, groups) if spread else np.zeros(groups)
    effect[groups // 2] += one
    hard = np.linspace(*level, CAUSES)[cause]
    person = rng.uniform(-1, 1, customers)[who] * min(0.1, level[0] / 2)
    chance = {
        "share": lambda shift: np.clip(hard + person + shift, 0.001, 0.999),
        "logit": lambda shift: expit(logit(np.clip(hard + person, 0.01, 0.99)) + shift),
    }[scale]
    rows = pd.DataFrame({
        "held": (rng.random(tickets) < chance(effect[team])).astype(float), "who": who,
        "team": [f"team {n:02d}" for n in team], "cause": cause,
        "channel": rng.integers(0, 3, tickets),
        "priority": rng.integers(0, 3, tickets), "quarter": rng.integers(0, 8, tickets),
    })  # fmt: skip
    means = np.array([chance(shift).mean() for shift in effect])
    weights = np.bincount(team, minlength=groups) / tickets
    truth = pd.Series(100 * (means - weights @ means), [f"team {n:02d}" for n in range(groups)])
    return rows, truth


def one(name: str, seed: int) -> dict:
    """What is told of one desk, as sums and means over its groups."""
    rows, truth = desk(seed, **WORLDS[name])
    told, between = compared(rows, "held")
    told = told.set_index("group")
    truth = truth.reindex(told.index)
    apart = of_many(told["p"], "fdr_bh") <= RATE
    ends = told["difference low"], told["difference high"]
    wrong = apart & (truth * told["difference"] <= 1e-9)
    weights = told["tickets"] / told["tickets"].sum()
    plainly = _plainly(rows)
    hardest = rows.groupby("team")["cause"].mean().idxmin()
    spread = rows["held"].var() - weights @ truth**2 / 1e4
    share = (weights @ truth**2 / 1e4) / (weights @ truth**2 / 1e4 + spread)
    return {
        "world": name, "seed": seed, "groups": len(told),
        "coverage": ((ends[0] <= truth) & (truth <= ends[1])).mean(),
        "width": (ends[1] - ends[0]).mean(), "plain width": _plain_width(rows),
        "apart": apart.any(), "told": apart.sum(), "wrong": wrong.sum(),
        "large": (large := truth.abs() >= 5).sum(), "found": (apart & large).sum(),
        "naive": (plainly < 0.05).any(),
        "blamed": bool(apart[told.index.get_loc(hardest)] and told.loc[hardest, "difference"] < 0),
        "naive blamed": bool(plainly[hardest] < 0.05), "off": (told["difference"] - truth).mean(),
        "share coverage": between["low"] - 1e-4 <= share <= between["high"],
    }  # fmt: skip


def _plainly(rows: pd.DataFrame) -> pd.Series:
    """p of each group's share against that of all, nothing alike but customers (Holm)."""
    names = sorted(rows["team"].unique())
    of = pd.get_dummies(rows["team"], dtype=float)[names]
    told = scores(rows["held"], of, rows[["who"]] * 0, rows["who"])
    z = told.score / np.sqrt(np.diag(told.noise))
    return pd.Series(of_many(2 * ndtr(-abs(z))), names)


def _plain_width(rows: pd.DataFrame) -> float:
    """Mean width of the intervals that are not drawn to the mean, in points."""
    names = sorted(rows["team"].unique())
    of = pd.get_dummies(rows["team"], dtype=float)[names]
    told = scores(rows["held"], of, rows[BESIDE], rows["who"])
    if (told.known.diagonal() < 1).all():  # nothing can be told of any
        return np.nan
    inverse = np.linalg.pinv(told.known, hermitian=True, rcond=1e-9)
    errors = np.sqrt(np.diag(inverse @ told.noise @ inverse).clip(0))
    return float(2 * 1.96 * 100 * errors.mean())


def loaded(seed: int, slope: float) -> dict:
    """One desk of two years with drifting months, and what is told of its load."""
    rng = np.random.default_rng(10_000 + seed)
    rows, _ = desk(seed)
    week = rng.integers(0, 104, len(rows))
    number = rows["team"].str[-2:].astype(int).to_numpy()
    load = np.cumsum(rng.normal(0, 0.15, (6, 104)), axis=1) + rng.normal(0, 0.3, (6, 104))
    month = rng.normal(0, 0.03, 24)[week * 24 // 104]
    twice = load[number, week]
    chance = 0.7 + 0.02 * rows["cause"] + month + slope * (twice - twice.mean())
    rows = rows.assign(
        held=(rng.random(len(rows)) < chance.clip(0, 1)).astype(float), twice=twice,
        month=week * 24 // 104, quarter=week // 13,
    )  # fmt: skip
    told = differences(rows, ["held"], "twice", ["team"], "month").iloc[0]
    return {
        "seed": seed, "coverage": told["low"] <= 100 * slope <= told["high"],
        "width": told["high"] - told["low"], "apart": told["verdict"] != "cannot tell",
        "off": told["difference"] - 100 * slope,
    }  # fmt: skip


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """A row a world."""
    table = []
    for name, of in runs.groupby("world", sort=False):
        means = ["coverage", "width", "plain width", "apart", "naive", "blamed", "naive blamed",
                 "off", "share coverage"]  # fmt: skip
        sums = of.sum(numeric_only=True)
        table.append(
            {"world": name, "seeds": of["seed"].nunique(), "groups": of["groups"].mean()}
            | {mean: of[mean].astype(float).mean() for mean in means}
            | {"wrong": sums["wrong"] / sums["told"] if sums["told"] else np.nan,
               "power": sums["found"] / sums["large"] if sums["large"] else np.nan}
        )  # fmt: skip
    return pd.DataFrame(table).round(3)


def main() -> None:
    """Runs all worlds and writes the table."""
    rows = []
    for name in WORLDS:
        rows += [one(name, seed) for seed in SEEDS]
        print(name, flush=True)
    for name, slope in (("load, no effect", 0.0), ("load, 3 points less", -0.03)):
        rows += [{"world": name, **loaded(seed, slope)} for seed in SEEDS]
    table = summary(pd.DataFrame(rows))
    table.to_csv(FILE, index=False, lineterminator="\n")
    print(table.T.to_string())


if __name__ == "__main__":
    sys.exit(main())
