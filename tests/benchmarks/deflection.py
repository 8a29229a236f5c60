"""Does what is said of articles hold where the truth was planted?

    python -m tests.benchmarks.deflection          writes deflection.csv

Companies of 1,500 customers over half a year, 150 seeds a world (40 of the last two). Customers
meet problems of eight causes. Most search first; whether the search leads to an article they open,
and whether they write, depend on the cause and the week: in two outages there are many problems,
few results and many tickets. An article deflects a planted share of the tickets of its cause.

Worlds: articles help (by cause 0, 20%, 40% or 60% of tickets); nothing helps; few (300 customers,
articles help); alike (causes alike, nothing helps: no cause should be told as the one to write
about); eager (nothing helps, but some customers open more and write more) and handy (nothing helps,
but some open more and write less), both of which must fail: who opens is not who does not.

Columns: world, seeds, told (of seeds), readings, coverage (of the 95% interval of all causes, and
by cause), off (mean estimate less truth, in tickets per 100 readers), width (mean, same), naive off
(of the difference without strata), alarms (seeds in which all causes together are told to differ,
and in which any cause without effect is), power (share of causes with an effect that are told),
in vain (coverage of the share searched in vain of all causes at once, worlds alike), first (seeds
in which one cause is told to be the one to write about, and in which that is wrong).
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.kpis.articles import wanted
from cxresearch.kpis.deflection import deflection, first_looks
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study
from cxresearch.study.voice_ids import search_id

FILE = Path(__file__).with_suffix(".csv")
SEEDS, FAILING, CUSTOMERS, WEEKS = range(3000, 3150), 40, 1500, 26
BEGIN = pd.Timestamp("2025-01-06", tz="UTC")
HELPS = np.array([0.0, 0.0, 0.2, 0.2, 0.4, 0.4, 0.6, 0.6])
CAUSES = len(HELPS)
OPENS = np.array([0.0, 0.0, 0.3, 0.3, 0.4, 0.4, 0.5, 0.5])  # of searches; the first have no article
WORLDS = {
    "articles help": {},
    "nothing helps": {"helps": 0.0},
    "few": {"customers": 300},
    "alike": {"helps": 0.0, "alike": True},
    "eager": {"helps": 0.0, "eager": 1.0},
    "handy": {"helps": 0.0, "eager": -1.0},
}


def world(seed: int, customers: int = CUSTOMERS, helps: float = 1.0, eager: float = 0.0,
          alike: bool = False) -> tuple[Study, pd.DataFrame]:  # fmt: skip
    """A company, and the chance of a ticket of each customer's problem, read or unread."""
    rng = np.random.default_rng(seed)
    of, week, cause = _problems(rng, customers, alike)
    trait = rng.normal(0, 1, customers)[of]  # how much a customer writes, whatever they read
    outage = _outage(cause, week)
    opens = np.full(len(of), 0.4) if alike else OPENS[cause] + 0.15
    opens = _shifted(np.where(outage, 0.15, np.clip(opens, 0.1, 0.8)), eager * trait)
    writes = 0.3 if alike else np.where(outage, 0.75, (0.2 + 0.04 * cause))
    writes = _shifted(writes, 0.7 * trait * (1 if not eager else abs(eager)))
    read = writes * (1 - helps * HELPS[cause])
    searches, opened = rng.random(len(of)) < 0.8, rng.random(len(of)) < opens
    wrote = rng.random(len(of)) < np.where(searches & opened, read, writes)
    at = BEGIN + pd.to_timedelta(week * 7 * 24 * 60 + rng.integers(0, 6 * 24 * 60, len(of)), "min")
    rows = pd.DataFrame({"of": of, "cause": cause, "at": at, "effect": read - writes,
                         "vain": (1 - opens) * writes,
                         "searches": searches, "opened": opened, "wrote": wrote})  # fmt: skip
    return _study(rng, rows, customers), rows


def _problems(rng, customers: int, alike: bool):
    """Whose, in which week, about which cause: some have many, and outages bring many."""
    week, cause = np.divmod(np.arange(WEEKS * CAUSES), CAUSES)
    rate = 0.012 * (np.ones(CAUSES) if alike else np.linspace(0.6, 1.4, CAUSES))[cause]
    rate = rate * np.where(_outage(cause, week), 1.0 if alike else 6.0, 1.0)
    rate = np.outer(rng.gamma(2, 0.5, customers), rate)
    number = rng.poisson(rate)
    of, cell = np.repeat(np.indices(number.shape).reshape(2, -1), number.ravel(), axis=1)
    return of, week[cell], cause[cell]


def _outage(cause, week):
    return ((cause == 4) & (week // 2 == 3)) | ((cause == 6) & (week // 2 == 8))


def _shifted(share, by):
    return 1 / (1 + np.exp(-(np.log(share / (1 - share)) + by)))


def _study(rng, rows: pd.DataFrame, customers: int) -> Study:
    """The tables: a search is one row with what it led to, or two, a minute apart; of a tenth
    nobody knows whose they are."""
    wrote = rows[rows["wrote"]].reset_index(drop=True)
    delay = pd.to_timedelta(rng.integers(5, 3 * 24 * 60, len(wrote)), "min")
    tickets = pd.DataFrame({"ticket_id": [f"t{i}" for i in range(len(wrote))],
                            "requester_id": "p" + wrote["of"].astype(str),
                            "created_at": wrote["at"] + delay, "status": "open"})  # fmt: skip
    causes = pd.DataFrame({"ticket_id": tickets["ticket_id"], "topic": wrote["cause"],
                           "cause": "c" + wrote["cause"].astype(str), "weight": 1.0,
                           "is_exit_request": False})  # fmt: skip
    asked = rows[rows["searches"]].reset_index(drop=True)
    known, two = rng.random(len(asked)) < 0.9, rng.random(len(asked)) < 0.4
    query = "how about " + asked["cause"].astype(str)
    who = ("p" + asked["of"].astype(str)).where(known)
    read = ("a" + asked["cause"].astype(str)).where(asked["opened"])
    views = pd.DataFrame({"view_id": [f"v{i}" for i in range(len(asked))], "viewed_at": asked["at"],
                          "query": query, "requester_id": who,
                          "article_id": read.where(~(two & known))})  # fmt: skip
    more = views[(two & known & asked["opened"]).to_numpy()]
    more = more.assign(view_id=more["view_id"] + "b", query=None, article_id=read[more.index],
                       viewed_at=more["viewed_at"] + pd.Timedelta(minutes=1))  # fmt: skip
    ids = [search_id(f"how about {i}") for i in range(CAUSES)]
    topics = pd.DataFrame({"voice": "search", "voice_id": ids, "topic": range(CAUSES)})
    topics["weight"] = 1.0
    near = topics.assign(voice="article", voice_id=[f"a{i}" for i in range(CAUSES)]).iloc[2:]
    articles = pd.DataFrame({"article_id": near["voice_id"], "title": "How"})
    return Study.from_tables(
        {"tickets": tickets, "ticket_causes": causes, "articles": articles,
         "article_views": pd.concat([views, more]), "voice_topics": pd.concat([topics, near])},
        observed_until=(BEGIN + pd.Timedelta(weeks=WEEKS)).isoformat(),
    )  # fmt: skip


def one(name: str, seed: int) -> list[dict]:
    """A row a reading: what is asked, truth, estimate, low, high, told."""
    study, rows = world(seed, **WORLDS[name])
    told = deflection(study)
    looks, _ = first_looks(study)
    key = rows.assign(who="p" + rows["of"].astype(str)).drop_duplicates(["who", "at"])
    looks = looks.merge(key[["who", "at", "effect"]], on=["who", "at"])
    part = looks.groupby("stratum")["opened"].transform("mean")
    looks["weighs"] = part * (1 - part)
    found = []
    for _, row in [] if isinstance(told, CannotTell) else told.frame.iterrows():
        own = looks if row["cause"] == "all causes" else looks[looks["cause"] == row["cause"]]
        truth = np.average(own["effect"], weights=own["weighs"]) if own["weighs"].sum() else np.nan
        both = own[own["weighs"] > 0]
        naive = both.loc[both["opened"], "wrote"].mean() - both.loc[~both["opened"], "wrote"].mean()
        found.append({"of": row["cause"], "truth": truth, "estimate": row["difference"],
                      "low": row["low"], "high": row["high"], "naive": naive,
                      "told": not row["verdict"].startswith("cannot")})  # fmt: skip
    return [{"world": name, "seed": seed, **row} for row in [*found, *_first(study, rows, name)]]


def _first(study: Study, problems: pd.DataFrame, name: str) -> list[dict]:
    """Is one cause told as the one to write about, and rightly? Where all causes are alike, none
    is, and their shares in vain are one number, that of all seeds. Which causes lack an article
    that is opened is taken as told."""
    rows = wanted(study).frame
    lacking = rows[rows["could be first"] != ""]
    alone = bool((lacking["could be first"] == "yes").sum() == 1)
    truth = problems["vain"].groupby("c" + problems["cause"].astype(str)).sum()
    right = name != "alike" and lacking["cause"].iloc[0] == truth[lacking["cause"]].idxmax()
    found = [{"of": "first", "told": alone, "truth": float(right)}]
    if name == "alike":
        found += [{"of": "in vain", "estimate": r["share"], "low": r["low"], "high": r["high"]}
                  for _, r in rows.iterrows()]  # fmt: skip
    return found


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """A row a world."""
    table = []
    for name, of in runs.groupby("world", sort=False):
        real = of[~of["of"].isin(["first", "in vain"])].dropna(subset="estimate")
        held = (real["low"] <= real["truth"]) & (real["truth"] <= real["high"])
        all_, null = real["of"] == "all causes", real["truth"].abs() < 1e-12
        single = real[~all_]
        told, null = single["told"].astype(bool), null[single.index]
        alarms = single[null & told].groupby("seed").size()
        first = of[of["of"] == "first"]
        row = {"world": name, "seeds": of["seed"].nunique(), "told": int(all_.sum()),
               "coverage": held[all_].mean(), "causes": len(single),
               "coverage, causes": held[~all_].mean(),
               "off": 100 * (real["estimate"] - real["truth"])[all_].mean(),
               "off, causes": 100 * (real["estimate"] - real["truth"])[~all_].mean(),
               "width": 100 * (real["high"] - real["low"])[all_].mean(),
               "naive off": 100 * (real["naive"] - real["truth"])[all_].mean(),
               "told, all": real.loc[all_, "told"].mean(),
               "alarms": len(alarms) / of["seed"].nunique(),
               "power": told[~null].mean(),
               "first": first["told"].mean(),
               "first wrong": (first["told"] & (first["truth"] == 0)).mean()}  # fmt: skip
        vain = of[of["of"] == "in vain"]
        if len(vain):
            truth = vain["estimate"].mean()
            misses = ~vain["low"].le(truth) | ~vain["high"].ge(truth)
            row["in vain"] = 1 - misses.groupby(vain["seed"]).any().mean()
        table.append(row)
    return pd.DataFrame(table).round(3)


def main() -> None:
    """Runs all worlds and writes the table."""
    rows = []
    for name in WORLDS:
        seeds = SEEDS[:FAILING] if "eager" in WORLDS[name] else SEEDS
        rows += [row for seed in seeds for row in one(name, seed)]
        print(name, flush=True)
    runs = pd.DataFrame(rows)
    table = summary(runs)
    table.to_csv(FILE, index=False, lineterminator="\n")
    print(table.T.to_string())


if __name__ == "__main__":
    sys.exit(main())
