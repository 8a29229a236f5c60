"""Does page 12 find what was planted in public, and nothing else?

    python -m tests.benchmarks.public_voice              writes public_voice.csv (40 companies)
    python -m tests.benchmarks.public_voice --seeds 5    a look, written nowhere

Companies of 1,500 customers whose tickets and reviews carry their true causes (simulated by
cxresearch.lab.simulate.beside). planted: causes reach the public at their own rates, overdue issues
are complained about five times as often, late solutions praised three times as often. null: every
cause and issue is complained about alike, but with fewer stars where it is overdue, as always.
crisis: as null, and strangers write within hours.

A row a world and claim: of how many, held (the planted value lies in the interval, where there is
one), told (share in which it is told at all), wrongly (share of companies with any false claim).
"""

import argparse
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.kpis.public import reaching, speaking_up, spikes
from cxresearch.lab.simulate.beside import draw_voices, told
from cxresearch.lab.simulate.parameters import make_world
from cxresearch.lab.simulate.voice_parameters import Voices
from cxresearch.lab.simulate.world import simulate_world
from cxresearch.study.study import Study

FILE = Path(__file__).with_suffix(".csv")
QUIET = {"crisis_reviews": 0, "blamed": 0.02}
KINDS = {
    "planted": QUIET,
    "null": QUIET | {"public": {}, "overdue_ratio": 1.0, "praised_late": 0.01},
    "crisis": QUIET | {"public": {}, "crisis_reviews": 30},
}


def company(seed: int, kind: str) -> tuple[Study, pd.Series]:
    """A study with true causes, and by cause the planted rate of complaints for each ticket."""
    world, voices = make_world(), Voices(**KINDS[kind])
    tables, truth = simulate_world(1500, seed, text=False, voices=False)
    causes = {ticket: of["causes"][0] for ticket, of in truth["tickets"].items()}
    spoken, planted = draw_voices(world, tables, causes, seed, voices, text=False)
    names = sorted({*causes.values()})
    topic = {name: place for place, name in enumerate(names)}
    about = [planted["reviews"][each][1] for each in spoken["reviews"]["review_id"]]
    tables |= {
        "reviews": spoken["reviews"],
        "ticket_causes": pd.DataFrame({
            "ticket_id": [*causes], "cause": [*causes.values()], "weight": 1.0,
            "topic": [topic[cause] for cause in causes.values()],
            "is_exit_request": [cause == "exit_request" for cause in causes.values()],
        }),
        "voice_topics": pd.DataFrame({
            "voice": "review", "voice_id": spoken["reviews"]["review_id"],
            "topic": [topic.get(cause, -5) for cause in about],
        }),
    }  # fmt: skip
    rows = told(world, tables, causes)
    overdue = rows["solved"] > rows["due"]
    rate = rows["cause"].map(voices.public).fillna(1.0)
    low = np.where(overdue, 0.87, 0.62)  # chance of one or two stars
    rate = rate * np.where(overdue, voices.overdue_ratio, 1.0) * low
    study = Study.from_tables(tables, observed_until="2026-01-01T00:00:00Z",
                              tickets_from="2024-01-01T00:00:00Z", unresolved_after_days=7.0,
                              outcome="churn")  # fmt: skip
    return study, rate.groupby(rows["cause"]).agg(["sum", "size"])


def claims(job: tuple[int, str]) -> list[dict]:
    """What is said of one company, beside its truth."""
    seed, kind = job
    study, rates = company(seed, kind)
    reach, speaks = reaching.reach(study).frame.set_index("cause"), speaking_up.speaking_up(study)
    rest = rates.sum() - rates
    truth = (rates["sum"] / rates["size"]) / (rest["sum"] / rest["size"])
    rows = []
    for cause, row in reach.loc[reach.index.isin(truth.index)].dropna(subset="p").iterrows():
        right = (row["times"] > 1) == (truth[cause] > 1)
        said = row["verdict"] != reaching.UNTOLD
        flat = abs(np.log(truth[cause])) < 0.02
        rows.append({"claim": "reach", "held": row["low"] <= truth[cause] <= row["high"],
                     "told": said, "wrong": said and (flat or not right)})  # fmt: skip
    for name, tone, more in (("late", "praise", kind != "null"),
                             ("overdue", "complaint", kind != "null")):  # fmt: skip
        verdict = speaks.frame.loc[name, f"{tone} verdict"]
        wrong = verdict == "fewer" if more else verdict != "cannot tell"
        rows.append({"claim": f"{name}: {tone}", "held": np.nan, "told": verdict == "more",
                     "wrong": wrong})  # fmt: skip
    found = len(spikes.spikes(study).frame)
    rows.append({"claim": "spike", "held": np.nan, "told": found > 0,
                 "wrong": found > (kind == "crisis")})  # fmt: skip
    return [{"kind": kind, "seed": seed, **row} for row in rows]


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """A row a world and claim."""
    by = rows.groupby(["kind", "claim"], sort=False)
    worlds = rows.groupby(["kind", "claim", "seed"], sort=False)["wrong"].any()
    return pd.DataFrame({
        "companies": by["seed"].nunique(), "claims": by.size(),
        "held": by["held"].mean().round(3), "told": by["told"].mean().round(3),
        "wrongly": worlds.groupby(level=[0, 1]).mean().round(3),
    }).reset_index()  # fmt: skip


def main() -> None:
    """Runs all companies on two processes and prints the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int)
    seeds = asked.parse_args().seeds
    jobs = [(seed, kind) for kind in KINDS for seed in range(3000, 3000 + (seeds or 40))]
    with Pool(2) as pool:
        told_of = [row for rows in pool.imap(claims, jobs) for row in rows]
    made = table(pd.DataFrame(told_of).astype({"held": float}))
    print(made.to_string(index=False))
    if seeds is None:
        made.to_csv(FILE, index=False)


if __name__ == "__main__":
    main()
