"""Is "Contained or abandoned?" right where the truth is known?

    python -m tests.benchmarks.containment          writes containment.csv

Companies of 1,500 customers over a year, seeds from 3000 on, 100 of each world and 500 of the null
one. Customers differ in how often they talk and in how well a bot helps them. Of each talk it is
drawn whether it is handed over, broken off, or told as settled by the bot's maker. Who was not
helped comes to a person within a week with a chance by intent, later, or never. Customers write
for other reasons, too, and leave.

world: base (a bot that is better at some intents; one talk in seven of nobody known; who breaks off
leaves more often by 6 points in 30 days); null (all intents alike, nobody leaves for it);
addresses (base, but three in ten of those who come to a person write from an address that nobody
knows: not to be told from being contained); known differ (base, but of talks that are handed over
nobody unknown is left: whoever is handed over says who they are).

of: all (share contained), intent (each), low and high bound, broke off (points more that leave).
planted is from a company 150 times as large, counted by other code (a loop over each customer's
talks); of broke off from the chances. Columns: world, of, runs, planted and estimate (means),
off (estimate less planted, points), coverage with its exact 95% interval (low, high), alarms
(share of runs with a verdict about some intent, or that leaving differs), wrong (with a verdict
about an intent on the wrong side), maker (the share that the bot's maker counts).

Wanted: coverage .93 or more, alarms in the null world at most 5%. In "addresses" containment is
overstated, by as much as off says.
"""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from cxresearch.kpis.after_talks import left_after
from cxresearch.kpis.containment import WHOLE, containment
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study

FILE = Path(__file__).with_suffix(".csv")
FIRST, RUNS, CUSTOMERS, LARGE = 3000, 100, 1500, 150
MANY = {"null": 500}  # of which false alarms can be told
START, DAYS = pd.Timestamp("2025-01-01", tz="UTC"), 365
INTENTS = ["login", "invoice", "delivery", "refund", "settings", "other"]
BASE = {
    "popular": [0.3, 0.2, 0.2, 0.1, 0.1, 0.1],
    "helped": [0.65, 0.45, 0.45, 0.25, 0.45, 0.45],
    "again": [0.5, 0.5, 0.6, 0.8, 0.5, 0.5],  # of those not helped, within a week
    "unknown": 0.15, "known when handed": False, "address": 0.0, "lost": 0.06,
}  # fmt: skip
ALIKE = {"helped": [0.45] * 6, "again": [0.5] * 6, "lost": 0.0}
WORLDS = {"base": {}, "null": ALIKE, "addresses": {"address": 0.3},
          "known differ": {"known when handed": True}}  # fmt: skip
HANDED, OFF, LEAVES, WRITES = 0.18, 0.15, 0.02, 0.2  # of talks; in 30 days; tickets a month


def planted_talks(customers: int, rng: np.random.Generator, world: str) -> pd.DataFrame:
    """A row a talk, of customers who stay: customer, day, intent, ended, back (days until its
    customer comes to a person because of it; null: never), known, address (is it known then?)."""
    of = BASE | WORLDS[world]
    often, easy = rng.gamma(2, 0.75, customers), rng.normal(0, 0.8, customers)
    who = np.repeat(np.arange(customers), rng.poisson(often))
    n, intent = len(who), rng.choice(6, len(who), p=of["popular"])
    chance = np.array(of["helped"])[intent]
    helped = rng.random(n) < 1 / (1 + np.exp(-np.log(chance / (1 - chance)) - easy[who]))
    end = rng.random(n)
    handed, off = ~helped & (end < HANDED / 0.55), ~helped & (end > 1 - OFF / 0.55)
    soon = rng.random(n) < np.array(of["again"])[intent]
    back = np.where(soon, rng.uniform(0.01, 7, n), rng.uniform(7.01, 60, n))
    back = np.where(helped | handed | (~soon & (rng.random(n) < 0.5)), np.nan, back)
    ended = np.select([handed, off, rng.random(n) < 0.4], ["handed_over", "abandoned", "confirmed"],
                      "assumed")  # fmt: skip
    known = rng.random(n) >= of["unknown"]
    return pd.DataFrame({
        "customer": who, "day": rng.uniform(0, DAYS, n), "intent": np.array(INTENTS)[intent],
        "ended": ended, "back": back, "known": known | (handed & of["known when handed"]),
        "address": rng.random(n) >= of["address"],
    })  # fmt: skip


def contained_by_loop(talks: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    """Which talks are contained, by walking through each customer's days (at a person because of a
    talk, handed over, or about something else)."""
    days: dict[int, list[float]] = {}
    for who, day, back, ended in talks[["customer", "day", "back", "ended"]].itertuples(
        index=False
    ):
        came = day if ended == "handed_over" else day + back
        if came == came:
            days.setdefault(who, []).append(came)
    for who, day in others.itertuples(index=False):
        days.setdefault(who, []).append(day)
    settled = talks["ended"].isin(["confirmed", "assumed"])
    rows = zip(talks["customer"], talks["day"], settled, strict=True)
    return pd.Series([ok and not any(day < came <= day + 7 for came in days.get(who, ()))
                      for who, day, ok in rows], talks.index)  # fmt: skip


def written(customers: int, rng: np.random.Generator) -> pd.DataFrame:
    """Tickets about something else: customer, day."""
    who = np.repeat(np.arange(customers), rng.poisson(WRITES * DAYS / 30, customers))
    return pd.DataFrame({"customer": who, "day": rng.uniform(0, DAYS, len(who))})


def company(world: str, seed: int) -> Study:
    """A company of a world as a study."""
    rng = np.random.default_rng(seed)
    talks, others = planted_talks(CUSTOMERS, rng, world), written(CUSTOMERS, rng)
    gone = rng.exponential(30 / LEAVES, CUSTOMERS)
    lost = talks["ended"] == "abandoned"
    lost &= rng.random(len(talks)) < (BASE | WORLDS[world])["lost"]
    soon = (talks["day"] + rng.uniform(0, 30, len(talks)))[lost]
    np.minimum.at(gone, talks.loc[lost, "customer"], soon)
    talks = talks[talks["day"] < gone[talks["customer"]]].reset_index(drop=True)
    back = talks.dropna(subset="back").assign(day=lambda rows: rows["day"] + rows["back"])
    handed = talks[talks["ended"] == "handed_over"].assign(address=True)
    wrote = pd.concat([back, handed, others.assign(address=True)])
    wrote = wrote[(wrote["day"] < gone[wrote["customer"]]) & (wrote["day"] < DAYS)]
    strangers = "x" + pd.Series(np.arange(len(wrote)), wrote.index).astype(str)
    person = ("p" + wrote["customer"].astype(str)).where(wrote["address"], strangers)
    tickets = pd.DataFrame({
        "ticket_id": [f"t{n}" for n in range(len(wrote))], "requester_id": person.to_numpy(),
        "created_at": _at(wrote["day"]), "status": "solved",
    })  # fmt: skip
    sessions = pd.DataFrame({
        "session_id": "s" + talks.index.astype(str), "started_at": _at(talks["day"]),
        "ended": talks["ended"], "intent": talks["intent"],
        "requester_id": ("p" + talks["customer"].astype(str)).where(talks["known"]),
    })  # fmt: skip
    names = np.arange(CUSTOMERS).astype(str)
    left = pd.Series(_at(pd.Series(gone))).where(gone < DAYS)
    customers = pd.DataFrame({
        "customer_id": np.char.add("c", names), "started_at": START - pd.Timedelta(days=90),
        "notice_at": left, "ended_at": left, "observed_until": START + pd.Timedelta(days=DAYS),
    })  # fmt: skip
    identities = pd.DataFrame({"requester_id": np.char.add("p", names), "method": "key",
                               "customer_id": np.char.add("c", names)})  # fmt: skip
    return Study.from_tables(
        {"tickets": tickets, "bot_sessions": sessions, "customers": customers,
         "identities": identities},
        observed_until=(START + pd.Timedelta(days=DAYS)).isoformat(),
        tickets_from=START.isoformat(),
    )  # fmt: skip


def planted(world: str) -> dict[str, float]:
    """What is to be found in a world: the share contained of all talks and of each intent, the
    same with talks of nobody known (none contained), and points more that leave."""
    rng = np.random.default_rng(1)
    talks = planted_talks(CUSTOMERS * LARGE, rng, world)
    held = contained_by_loop(talks, written(CUSTOMERS * LARGE, rng))
    settled = talks["ended"].isin(["confirmed", "assumed"])
    seen = talks["known"]
    return {
        "all": held[seen].mean(), **held[seen].groupby(talks["intent"]).mean(),
        "low bound": (held & seen).mean(), "high bound": (held | settled & ~seen).mean(),
        "truth of all": held.mean(),
        "broke off": 100 * (BASE | WORLDS[world])["lost"] * (1 - LEAVES),
    }  # fmt: skip


def run(world: str, seed: int, truth: dict[str, float]) -> list[dict]:
    """What a page says of a company: a row a question."""
    study = company(world, seed)
    made, left = containment(study), left_after(study)
    assert not isinstance(made, CannotTell)
    assert not isinstance(left, CannotTell)
    rows = made.frame.rename(index={WHOLE: "all"})
    side = np.sign(pd.Series(truth).reindex(rows.index) - truth["all"])
    said = rows["verdict"].map({"more than the rest": 1, "less than the rest": -1}).fillna(0)
    found = [
        {"of": "all" if name == "all" else "intent", "planted": truth[name],
         "estimate": row["share"], "low": row["low"], "high": row["high"], "maker": row["maker"]}
        for name, row in rows.iterrows()
    ]  # fmt: skip
    found[0] |= {"alarm": (said != 0).any(), "wrong": ((said != 0) & (said != side)).any()}
    found += [{"of": f"{end} bound", "planted": truth[f"{end} bound"], "estimate": value}
              for end, value in (("low", made.least), ("high", made.most))]  # fmt: skip
    found.append({"of": "truth in bounds", "planted": truth["truth of all"],
                  "low": made.least, "high": made.most})  # fmt: skip
    off = left.frame.loc["broke off"]
    ends = {"low": off["difference low"], "high": off["difference high"]}
    found.append({"of": "broke off", "planted": truth["broke off"], "estimate": off["difference"],
                  "alarm": off["verdict"] != "cannot tell", **ends})  # fmt: skip
    return [{"world": world, "seed": seed, **row} for row in found]


def _at(days: pd.Series) -> np.ndarray:
    return (START + pd.to_timedelta(days.to_numpy(), unit="D")).floor("s")


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """A row a world and question, as the table has it."""
    made = []
    for (world, of), rows in runs.groupby(["world", "of"], sort=False):
        told = rows.dropna(subset=["low", "high"])
        held = told["planted"].between(told["low"], told["high"])
        ends = binomtest(int(held.sum()), len(held)).proportion_ci() if len(held) else None
        points = 1 if of == "broke off" else 100
        made.append({
            "world": world, "of": of, "runs": len(rows), "planted": rows["planted"].mean(),
            "estimate": rows["estimate"].mean(),
            "off": points * (rows["estimate"] - rows["planted"]).mean(),
            "coverage": held.mean() if len(held) else np.nan,
            "low": ends.low if ends else np.nan, "high": ends.high if ends else np.nan,
            "alarms": rows["alarm"].astype(float).mean(),
            "wrong": rows["wrong"].astype(float).mean(), "maker": rows["maker"].mean(),
        })  # fmt: skip
    return pd.DataFrame(made).round(4)


def main() -> pd.DataFrame:
    """Runs all worlds."""
    runs = []
    for world in WORLDS:
        truth = planted("base" if world == "addresses" else world)
        seeds = range(FIRST, FIRST + MANY.get(world, RUNS))
        with ProcessPoolExecutor(2) as pool:
            for rows in pool.map(partial(run, world, truth=truth), seeds, chunksize=10):
                runs += rows
        print(world, flush=True)
    return summary(pd.DataFrame(runs))


if __name__ == "__main__":
    table = main()
    table.to_csv(FILE, index=False, lineterminator="\n")
    print(table.to_string())
