"""Is a surge flagged where its interval excludes one, and does it begin when it was planted?

    python -m tests.benchmarks.planted_surges          writes planted_surges.csv

Simulated companies (lab.simulate, 1,500 customers, two years), each with four incidents in four of
its causes at days drawn by seed: one, four or eight weeks long, with so many tickets that the
cause brings so many times its usual number, and companies without any. A surge found is true if
it overlaps an incident of its cause. A row a kind of incident: planted, found, weeks_off (median
of the days between the onset told and the day planted, in weeks), within_two (share of found ones
whose onset is at most two weeks off), in_interval (share of planted days in the onset's interval),
delay_weeks (median from the day planted until the end of the first flagged week), least_low (the
lowest end of a ratio's interval), alerted and alert_weeks (share, and median from the day planted,
of those that report.watch would tell of among 30 series). Companies without: false surges a
company and year.

Wanted: weeks_off at most 2, least_low above 1.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.lab.simulate import simulate_world
from cxresearch.lab.simulate.causes import CAUSES
from cxresearch.lab.simulate.parameters import Incident
from cxresearch.report.alerts import A_YEAR, LOOKS
from cxresearch.topics.emerging import WEEK, emerging, surges

FILE = Path(__file__).with_suffix(".csv")
CUSTOMERS, SEED = 1500, 2000
LEVEL = A_YEAR / (LOOKS * 30)
KINDS = [(7, 6.0), (28, 2.0), (28, 3.0), (56, 2.0), (56, 3.0)]  # days, times the usual
SURGING = ("login", "sync", "refund", "delivery")


def company(seed: int, kind: tuple[int, float] | None) -> tuple[pd.DataFrame, list[Incident]]:
    """The surges found in a company, with their cause, and its incidents."""
    planted = [] if kind is None else incidents(seed, *kind)
    tables, truth = simulate_world(CUSTOMERS, seed, text=False, incidents=tuple(planted))
    causes = {t: (of.get("causes") or [""])[0] for t, of in truth["tickets"].items()}
    labels, names = pd.factorize(tables["tickets"]["ticket_id"].map(causes).fillna(""), sort=True)
    span = {"since": pd.Timestamp("2024-01-01", tz="UTC"),
            "until": pd.Timestamp("2026-01-01", tz="UTC")}  # fmt: skip
    rows = emerging(tables["tickets"]["created_at"], labels, **span)
    first = rows[rows["flagged"]].groupby(["topic", "onset"])["week"].min().rename("first")
    found = surges(rows).merge(first.reset_index(), on=["topic", "onset"], how="left")
    strict = rows[rows["flagged"] & (rows["p"] <= LEVEL)]
    told = strict.groupby(["topic", "onset"])["week"].min().rename("told")
    found = found.merge(told.reset_index(), on=["topic", "onset"], how="left")
    return found.assign(cause=np.asarray(names)[found["topic"]], seed=seed), planted


def incidents(seed: int, days: int, times: float) -> list[Incident]:
    """An incident in each of four causes, that brings so many times the usual tickets."""
    rng = np.random.default_rng(seed)
    share = {cause.name: cause.share / sum(c.share for c in CAUSES) for cause in CAUSES}
    a_day = {name: 2.9 * share[name] / 365.25 for name in SURGING}  # tickets a customer there
    dates = pd.Timestamp("2024-10-07") + pd.to_timedelta(rng.integers(0, 300, len(SURGING)), "D")
    return [
        Incident(f"{date:%Y-%m-%d}", name, days, (times - 1) * days * a_day[name])
        for date, name in zip(dates, SURGING, strict=True)
    ]


def matched(found: pd.DataFrame, planted: list[Incident]) -> tuple[pd.DataFrame, int]:
    """The planted incidents with the surge that overlaps each, and how many surges overlap none."""
    rows, used = [], set()
    for incident in planted:
        date = pd.Timestamp(incident.date, tz="UTC")
        end = date + pd.Timedelta(days=incident.days)
        same = found[(found["cause"] == incident.cause) & (found["low"] < end)]
        same = same[same["last"] + WEEK > date]
        used |= set(same.index)
        one = same.sort_values("onset").head(1)
        rows.append({"date": date, **(one.iloc[0].to_dict() if len(one) else {})})
    return pd.DataFrame(rows), len(found) - len(used)


def row(kind: tuple[int, float] | None, worlds: int) -> dict:
    """A row of the table."""
    parts = [company(SEED + at, kind) for at in range(worlds)]
    every = pd.concat([found for found, _ in parts])
    each = [matched(found, planted) for found, planted in parts]
    false, span = sum(n for _, n in each), worlds * (104 - 16) / 52  # the first weeks are history
    told = {"days": kind[0] if kind else 0, "times": kind[1] if kind else 1.0, "companies": worlds}
    told |= {"false_a_year": false / span, "least_low": every["ratio_low"].min()}
    if kind is None:
        return told
    rows = pd.concat([of for of, _ in each], ignore_index=True).reindex(columns=["date", *every])
    got = rows.dropna(subset="onset")
    off = (got["onset"] - got["date"]).abs() / WEEK
    inside = (got["low"] <= got["date"]) & (got["date"] < got["high"] + WEEK)
    return told | {
        "planted": len(rows), "found": len(got), "weeks_off": off.median(),
        "within_two": (off <= 2).mean(), "in_interval": inside.mean(),
        "delay_weeks": ((got["first"] + WEEK - got["date"]) / WEEK).median(),
        "ratio": got["ratio"].median(), "alerted": got["told"].notna().sum() / len(rows),
        "alert_weeks": ((got["told"] + WEEK - got["date"]) / WEEK).median(),
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--companies", type=int, default=40)
    parser.add_argument("--to", type=Path, default=FILE)
    asked = parser.parse_args()
    found = []
    for kind in (None, *KINDS):
        found.append(row(kind, asked.companies))
        print(found[-1], file=sys.stderr, flush=True)
        pd.DataFrame(found).round(2).to_csv(asked.to, index=False, lineterminator="\n")
