"""Is what an incident set off told, where it is known, and nothing where nothing was?

    python -m tests.benchmarks.set_off          writes set_off.csv

Worlds of about 10,000 tickets in 500 days by 2,000 customers on eight causes, made here and sharing
no code with lab.simulate: weekdays, a trend, a season, days that differ more than Poisson's, twelve
incidents (from an hour to three days; some overlap) and eight releases, dated by seed. Kinds:

- null: nothing is set off by anything
- planted: each incident sets off tickets of one cause, a quarter to six times as many as usual in
  its window; releases set off nothing
- waves: as null, but whole weeks differ, too
- holidays: as planted, but incidents begin on public holidays, when a third is written (fails: they
  read low, and other windows that follow a holiday read high)
- late: as planted, but everyone writes 8 to 20 days later (fails: nothing is in the window)

Columns, of all tickets and each cause: tested; coverage of the ratio's interval; alarms (share of
worlds in which any window without an effect is said to have risen); rose, and false (share of these
without an effect); big (all: at least 1.5 times as many tickets; cause: 2), power (share of these
said to have risen) and wrong (said not to). Of customers beyond the usual: coverage of those who
wrote of the incident alone, and off, by how many the estimate is off in the mean.

Pairs, in worlds of 3,000 tickets by 900 customers who come and go, some of whom write much:

- dealt: nobody's tickets depend on others
- follows: 6% of tickets of the first cause bring one of the second in about five days
- bad times: customers write in bursts about whatever it is (fails where chance makes one
  order more frequent: most pairs are told as together, either way round)

coverage is of a pair's ratio, the truth being all worlds' customers over all their expectations;
under cause, of the planted pair alone.

Wanted: coverage at least 93%; alarms in null, waves and dealt at most 5% of worlds.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.kpis.cascades import cascades
from cxresearch.kpis.set_off import set_off
from cxresearch.study.study import Study

FILE = Path(__file__).with_suffix(".csv")
START, DAYS, CUSTOMERS = pd.Timestamp("2024-01-01", tz="UTC"), 500, 2000
CAUSES = np.array([f"cause {c}" for c in "abcdefgh"])
SHARES = np.array([0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.06, 0.04])
WEEKDAYS = np.array([1.4, 1.2, 1.1, 1.0, 1.0, 0.5, 0.3])
A_DAY, INCIDENTS, RELEASES, SEED = 18.0, 12, 8, 4000
KINDS = {"null": 100, "planted": 100, "waves": 100, "holidays": 30, "late": 30}
PAIRS = {"dealt": 100, "follows": 100, "bad times": 30}


def level(kind: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The usual number of each day, the number as it varied, and which days are holidays."""
    day = np.arange(DAYS)
    usual = A_DAY * WEEKDAYS[day % 7] * np.exp(rng.uniform(-0.3, 0.8) * day / DAYS)
    usual *= 1 + 0.1 * np.sin(2 * np.pi * (day / 365 + rng.random()))
    holiday = np.zeros(DAYS, bool)
    if kind == "holidays":
        holiday[rng.choice(np.arange(50, DAYS - 50), INCIDENTS, replace=False)] = True
        usual[holiday] /= 3
    weeks = rng.gamma(25, 1 / 25, DAYS // 7 + 1)[day // 7] if kind == "waves" else 1
    return usual, usual * weeks * rng.gamma(20, 1 / 20, DAYS), holiday


def world(kind: str, seed: int) -> tuple[Study, pd.DataFrame]:
    """A study, and the truth of each window and cause: incident, cause (or "all"), ratio, more."""
    rng = np.random.default_rng(seed)
    usual, varied, holiday = level(kind, rng)
    cause, day = np.nonzero(n := rng.poisson(varied * SHARES[:, None]))
    cause, day = (np.repeat(of, n[cause, day]) for of in (cause, day))
    rows = pd.DataFrame({"at": day + rng.random(len(day)), "cause": cause, "by": -1})
    spans = windows(kind, np.flatnonzero(holiday), rng)
    each, mean = [rows], np.zeros((len(CAUSES), DAYS))
    if kind in ("planted", "holidays", "late"):
        for at, span in spans[spans["kind"] == "incident"].iterrows():
            each.append(extra(kind, at, span, usual, mean, rng))
    rows = pd.concat(each, ignore_index=True).query("at < @DAYS")
    weight = rng.gamma(1, 1, CUSTOMERS)
    rows["who"] = rng.choice(CUSTOMERS, len(rows), p=weight / weight.sum())
    return study(rows, spans), truth(rows, spans, usual, mean)


def windows(kind: str, holidays: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Incidents and releases: since, until, cause, window (days)."""
    n = INCIDENTS + RELEASES
    length = np.where(
        np.arange(n) < INCIDENTS, np.exp(rng.uniform(np.log(1 / 24), np.log(3), n)), 0
    )
    since = rng.uniform(20, DAYS - 20, n)
    since[1] = since[0] + 0.8 * length[0]  # two that overlap
    if kind == "holidays":
        since[:INCIDENTS] = holidays[:INCIDENTS] + rng.uniform(0, 0.3, INCIDENTS)
    window = np.where(np.arange(n) < INCIDENTS, np.ceil(length + 2), 7).astype(int)
    return pd.DataFrame({
        "kind": np.where(np.arange(n) < INCIDENTS, "incident", "release"), "since": since,
        "until": since + length, "window": window, "cause": rng.integers(0, len(CAUSES), n),
    })  # fmt: skip


def extra(kind, at: int, span: pd.Series, usual, mean, rng) -> pd.DataFrame:
    """The tickets that an incident sets off from its first moment until two days after its end."""
    times = rng.choice([0.25, 1.0, 2.0, 4.0, 6.0])
    begin, end = span["since"], span["since"] + span["window"]
    day = np.arange(int(begin), min(int(end) + 1, DAYS))
    part = np.minimum(day + 1, end) - np.maximum(day, begin)
    rate = times * SHARES[span["cause"]] * usual[day] * part
    if kind != "late":
        mean[span["cause"], day] += rate
    n = rng.poisson(rate)
    where = np.maximum(np.repeat(day, n), begin)
    last = np.minimum(np.repeat(day, n) + 1, end)
    when = where + rng.random(n.sum()) * (last - where)
    when = when + rng.uniform(8, 20, len(when)) if kind == "late" else when
    return pd.DataFrame({"at": when, "cause": span["cause"], "by": at})


def study(rows: pd.DataFrame, spans: pd.DataFrame) -> Study:
    """The world as a study."""
    ids = np.arange(len(rows)).astype(str)
    at = START + pd.to_timedelta(rows["at"].to_numpy(), "D").round("s")
    tickets = pd.DataFrame({"ticket_id": ids, "created_at": at, "status": "open",
                            "requester_id": rows["who"].astype(str).to_numpy()})  # fmt: skip
    causes = pd.DataFrame({"ticket_id": ids, "topic": rows["cause"].to_numpy(), "weight": 1.0,
                           "cause": CAUSES[rows["cause"]], "is_exit_request": False})  # fmt: skip
    since, until = (START + pd.to_timedelta(spans[of], "D") for of in ("since", "until"))
    incidents = pd.DataFrame({
        "incident_id": spans.index.astype(str), "started_at": since, "kind": spans["kind"],
        "ended_at": until.where(spans["kind"] == "incident"), "component": CAUSES[spans["cause"]],
        "title": spans.index.map("number {}".format),
    })  # fmt: skip
    end = START + pd.Timedelta(days=DAYS)
    return Study.from_tables(
        {"tickets": tickets, "ticket_causes": causes, "incidents": incidents},
        tickets_from=START.isoformat(), observed_until=end.isoformat(),
    )  # fmt: skip


def truth(rows: pd.DataFrame, spans: pd.DataFrame, usual, mean) -> pd.DataFrame:
    """What was planted in each window, of all tickets and of each cause."""
    told = []
    for at, span in spans.iterrows():
        begin, end = span["since"], span["since"] + span["window"]
        day = np.arange(DAYS)
        part = np.clip(np.minimum(day + 1, end) - np.maximum(day, begin), 0, None)
        of_days = np.clip(part, 0, 1)
        base = SHARES * (usual * of_days).sum()
        planted = (mean * (of_days > 0)).sum(axis=1)
        inside = rows[rows["at"].between(begin, end, inclusive="left")]
        anyway = set(inside.loc[inside["by"] < 0, "who"])
        more = len(set(inside["who"]) - anyway)
        name = f"number {at}"
        told.append({"incident": name, "cause": "all", "more": more,
                     "ratio": 1 + planted.sum() / base.sum()})  # fmt: skip
        told += [{"incident": name, "cause": CAUSES[c], "ratio": 1 + planted[c] / base[c]}
                 for c in range(len(CAUSES))]  # fmt: skip
    return pd.DataFrame(told)


def looked(kind: str, seed: int) -> pd.DataFrame:
    """What is told of a world beside its truth."""
    made, planted = world(kind, seed)
    found = set_off.__wrapped__(made)
    rows = pd.concat([found.frame.assign(cause="all"), found.causes], ignore_index=True)
    rows["incident"] = rows["incident"].str.slice(11)
    rows = rows.drop(columns="kind").merge(
        planted, on=["incident", "cause"], suffixes=("", " true")
    )
    return rows.assign(seed=seed)


def of_incidents(kind: str, worlds: int) -> dict:
    """A row of the table."""
    rows = pd.concat(looked(kind, SEED + at) for at in range(worlds))
    rows = rows.assign(hit=rows["low"].le(rows["ratio true"]) & rows["high"].ge(rows["ratio true"]),
                       rose=rows["verdict"].eq("rose"), none=rows["ratio true"] <= 1)  # fmt: skip
    whole = rows["cause"].eq("all")
    told = {"part": "incidents", "kind": kind, "worlds": worlds}
    for name, part in (("all", rows[whole]), ("cause", rows[~whole])):
        tested = part.dropna(subset="p")
        rose = tested["rose"]
        false = (rose & tested["none"]).groupby(tested["seed"]).any()
        big = tested[tested["ratio true"] >= (1.5 if name == "all" else 2)]
        told |= {f"tested, {name}": len(tested), f"coverage, {name}": tested["hit"].mean(),
                 f"alarms, {name}": false.mean(), f"rose, {name}": int(rose.sum()),
                 f"false, {name}": (rose & tested["none"]).sum() / max(rose.sum(), 1),
                 f"big, {name}": len(big), f"power, {name}": big["rose"].mean(),
                 f"wrong, {name}": big["verdict"].eq("did not").mean()}  # fmt: skip
    people = rows[whole].dropna(subset="more low")
    held = people["more low"].le(people["more true"]) & people["more high"].ge(people["more true"])
    return told | {"coverage, customers": held.mean(),
                   "off, customers": (people["more"] - people["more true"]).mean()}  # fmt: skip


def company(kind: str, seed: int) -> Study:
    """Customers who come and go; the first cause brings the second, or nothing brings anything."""
    rng, n, customers = np.random.default_rng(seed), 3000, 900
    came = rng.uniform(-200, 400, customers)
    left = np.clip(came + rng.exponential(400, customers) + 20, np.maximum(came, 0) + 1, DAYS)
    keen = rng.gamma(1, 1, customers) * np.clip(left - np.maximum(came, 0), 0, None)
    who = rng.choice(customers, n, p=keen / keen.sum())
    at = rng.uniform(np.maximum(came, 0)[who], left[who])
    if kind == "bad times":
        bad = rng.uniform(np.maximum(came, 0), left)
        at = np.where(
            rng.random(n) < 0.3, np.minimum(bad[who] + rng.exponential(10, n), left[who]), at
        )
    cause = rng.choice(len(CAUSES), n, p=SHARES)
    if kind == "follows":
        first = np.flatnonzero((cause == 0) & (rng.random(n) < 0.06))
        later = at[first] + rng.exponential(5, len(first))
        first, later = (of[later < left[who[first]]] for of in (first, later))
        who, at = np.append(who, who[first]), np.append(at, later)
        cause = np.append(cause, np.ones(len(first), int))
    rows = pd.DataFrame({"at": at, "cause": cause, "who": who})
    tables = study(rows, pd.DataFrame(columns=["kind", "since", "until", "cause"]))
    started, ended = (START + pd.to_timedelta(of, "D").round("s") for of in (came, left))
    end = START + pd.Timedelta(days=DAYS)
    customers = pd.DataFrame({
        "customer_id": np.arange(customers).astype(str), "started_at": started,
        "ended_at": pd.Series(ended).where(ended < end), "observed_until": end,
        "end_kind": pd.Series("voluntary", range(customers)).where(ended < end),
        "billing_period": "month",
    })  # fmt: skip
    kept = {name: tables.table(name) for name in ("tickets", "ticket_causes")}
    return Study.from_tables(kept | {"customers": customers}, tickets_from=START.isoformat(),
                             observed_until=end.isoformat(), customers_from=START.isoformat(),
                             outcome="churn")  # fmt: skip


def of_pairs(kind: str, worlds: int) -> dict:
    """A row of the table."""
    found = [cascades.__wrapped__(company(kind, SEED + at)).frame for at in range(worlds)]
    rows = (
        pd.concat(found, keys=range(worlds), names=["seed", None]).dropna(subset="p").reset_index()
    )
    by = rows.groupby(["first", "then"])
    true = by["customers"].transform("sum") / by["expected"].transform("sum")
    often = by["p"].transform("size") == worlds
    hit = (rows["low"].le(true) & rows["high"].ge(true))[often]
    planted = rows["first"].eq(CAUSES[0]) & rows["then"].eq(CAUSES[1]) & (kind == "follows")
    clear = rows["verdict"].eq("follows")
    false = (clear & ~planted).groupby(rows["seed"]).any()
    told = {"part": "pairs", "kind": kind, "worlds": worlds, "tested, all": len(rows),
            "coverage, all": hit.mean(), "alarms, all": false.mean()}  # fmt: skip
    if planted.any():
        told |= {"big, all": int(planted.sum()), "power, all": clear[planted].mean(),
                 "coverage, cause": hit[planted[often].to_numpy()].mean()}  # fmt: skip
    return told


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, help="of each kind; else as in KINDS and PAIRS")
    parser.add_argument("--to", type=Path, default=FILE)
    parser.add_argument("--only", choices=["incidents", "pairs"], help="keeps the other rows")
    asked = parser.parse_args()
    parts = {"incidents": (of_incidents, KINDS), "pairs": (of_pairs, PAIRS)}
    before = pd.DataFrame(columns=["part"])
    if asked.only:
        before = pd.read_csv(FILE, keep_default_na=False, na_values="")  # a kind is called null
    table = [before[before["part"] != asked.only]] + [
        pd.DataFrame([make(kind, asked.worlds or n) for kind, n in kinds.items()]).round(3)
        for part, (make, kinds) in parts.items() if asked.only in (None, part)
    ]  # fmt: skip
    table = pd.concat(table, ignore_index=True)
    table.to_csv(asked.to, index=False, lineterminator="\n")
    print(table.T.to_string())
