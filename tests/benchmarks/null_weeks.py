"""How many false alerts does a year of weekly watching bring where nothing changes?

    python -m tests.benchmarks.null_weeks          writes null_weeks.csv, or goes on with it

A row a world and part of it: series (judged at the last look), looks, alerts (told by
report.watch, each once, in 52 weekly looks of the last of two years), again (of these, told
before), by kind. Worlds: simulated companies (lab.simulate) of 150 and 1,500 customers without
incidents and without a price rise, with causes as planted; and counts, 12 causes of 4 to 40 tickets
a week, negative binomial with dispersion 0.1, of which 5% have no description.
"weeks" looks at causes, fields and the import as if there were no KPIs; "months" looks at KPIs
alone, in 12 months, each against its mean over all companies of that size: the truth stands on the
target, which is the worst case. Together they err more often than a look at all, which is judged
by the number of all series.

Wanted: fewer than one a year, weeks and months together, also at the upper end of the interval.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.lab.against_truth import planted_study
from cxresearch.lab.simulate import simulate_world
from cxresearch.report import alerts
from cxresearch.report.watch import news
from cxresearch.study.study import Study

FILE = Path(__file__).with_suffix(".csv")
START, UNTIL = pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2026-01-05", tz="UTC")
SIZES, SEED, LOOKS = (150, 1500), 2000, 52
READ = ("tickets", "customers", "identities", "ticket_causes")
KINDS = ("surge", "coverage", "import", "target")


def company(size: int, seed: int) -> Study:
    """A company in which nothing happens."""
    calm = {"incidents": (), "price_rise_ratio": 1.0}
    until = {"observed_until": f"{UNTIL:%Y-%m-%d}"}
    study = planted_study(*simulate_world(size, seed, text=False, **calm, **until))
    return study.with_settings(targets_given=True)


def counts(seed: int) -> Study:
    """Tickets whose weekly numbers are drawn, of people who write once each."""
    rng, weeks = np.random.default_rng(seed), (UNTIL - START).days // 7
    mean = np.exp(rng.uniform(np.log(4), np.log(40), 12))
    week, cause = np.nonzero(drawn := rng.negative_binomial(10, 10 / (10 + mean), (weeks, 12)))
    week, cause = (np.repeat(each, drawn[week, cause]) for each in (week, cause))
    at = START + pd.to_timedelta(7 * 86_400 * (week + rng.random(len(week))), "s")
    ids = [str(i) for i in range(len(week))]
    text = np.where(rng.random(len(week)) < 0.05, None, "x")
    tickets = {"ticket_id": ids, "created_at": at, "status": "open", "requester_id": ids,
               "subject": "x", "description": text}  # fmt: skip
    told = {"ticket_id": ids, "topic": cause, "cause": [f"c{c}" for c in cause], "weight": 1.0,
            "is_exit_request": False}  # fmt: skip
    tables = {"tickets": pd.DataFrame(tickets), "ticket_causes": pd.DataFrame(told)}
    span = {"tickets_from": START.isoformat(), "observed_until": UNTIL.isoformat()}
    return Study.from_tables(tables, outcome="return", least_shown=0.0, **span)


def until(study: Study, end: pd.Timestamp) -> Study:
    """The study as an export of that day had it: tickets written before, with their causes."""
    tables = {name: study.table(name) for name in READ if study.has(name)}
    tickets = tables["tickets"][tables["tickets"]["created_at"] < end]
    causes = tables["ticket_causes"]
    tables |= {"tickets": tickets, "ticket_causes": causes[causes["ticket_id"].isin(
        tickets["ticket_id"])]}  # fmt: skip
    kept = ("name", "outcome", "time_zone", "tickets_from", "least_shown")
    settings = {name: getattr(study.settings, name) for name in kept}
    return Study.from_tables(tables, observed_until=end.isoformat(), **settings)


def weeks(study: Study) -> dict:
    """Alerts of a year of looks at causes, fields and the import."""
    told, memory, again = [], None, 0
    for at in range(LOOKS + 1):
        seen = news(until(study, UNTIL - pd.Timedelta(weeks=LOOKS - at)), memory)
        memory, told = seen.memory, told + ([] if at == 0 else list(seen.alerts))
        again += len(seen.again)
    by = {kind: sum(each.kind == kind for each in told) for kind in KINDS[:3]}
    return {"series": seen.seen.series, "looks": LOOKS, "alerts": len(told), "again": again} | by


def months(studies: list[Study], kpis: tuple) -> list[dict]:
    """Alerts of a year of monthly KPIs of each of these studies, judged against their mean."""
    tables = []
    for place, study in enumerate(studies):
        for kpi in kpis:
            rows = kpi(study, by="month").frame
            rows = rows[rows["mature"] & (rows["group"] != "all") & rows["target"].notna()]
            tables.append(rows.groupby("kpi").tail(12).assign(study=place))
    rows = pd.concat(tables).dropna(subset=["estimate", "low", "high"])
    n = rows["n"].groupby(rows["kpi"]).transform("sum")
    rows["target"] = (rows["estimate"] * rows["n"] / n).groupby(rows["kpi"]).transform("sum")
    rows["p"] = [alerts._beyond_target(row) for _, row in rows.iterrows()]
    found = []
    for place in range(len(studies)):
        own = rows[rows["study"] == place]
        series = own["kpi"].nunique()
        missed = (own["p"] <= alerts.A_YEAR / (LOOKS * series)).groupby(own["kpi"])
        told = int(missed.apply(lambda of: (of & ~of.shift(fill_value=False)).sum()).sum())
        found.append({"series": series, "looks": 12, "alerts": told, "target": told})
    return found


def done(table: pd.DataFrame) -> set[tuple]:
    """What the table holds: world, part, seed."""
    return set(table[["world", "part", "seed"]].itertuples(index=False, name=None))


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Alerts a year with the Poisson interval of their mean, by world and part."""
    from scipy.stats import chi2

    rows = table.groupby(["world", "part"])["alerts"].agg(["size", "sum"])
    low, high = chi2.ppf(0.025, 2 * rows["sum"]) / 2, chi2.ppf(0.975, 2 * rows["sum"] + 2) / 2
    return rows.assign(a_year=rows["sum"] / rows["size"], low=np.nan_to_num(low) / rows["size"],
                       high=high / rows["size"]).round(3)  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=10, help="of each kind")
    asked, kpis = parser.parse_args(), alerts.KPIS
    table = pd.read_csv(FILE) if FILE.exists() else pd.DataFrame(columns=["world", "part", "seed"])
    for size in SIZES:
        world, seeds = f"company of {size}", range(SEED, SEED + asked.worlds)
        if (world, "months", seeds[-1]) in done(table):
            continue
        found = months([company(size, seed) for seed in seeds], kpis)
        rows = [{"world": world, "part": "months", "seed": seed, **row}
                for seed, row in zip(seeds, found, strict=True)]  # fmt: skip
        table = pd.concat([table, pd.DataFrame(rows)], ignore_index=True)
        table.to_csv(FILE, index=False, lineterminator="\n")
    alerts.KPIS = ()
    for seed in range(SEED, SEED + asked.worlds):
        for world in ("counts", *(f"company of {size}" for size in SIZES)):
            if (world, "weeks", seed) in done(table):
                continue
            study = counts(seed) if world == "counts" else company(int(world.split()[-1]), seed)
            row = {"world": world, "part": "weeks", "seed": seed, **weeks(study)}
            print(row, flush=True)
            table = pd.concat([table, pd.DataFrame([row])], ignore_index=True)
            table.to_csv(FILE, index=False, lineterminator="\n")
    print(summary(table).to_string())
