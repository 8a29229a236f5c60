"""Do the intervals hold, and does the fix list pick well? Simulated companies, known savings.

    python -m tests.benchmarks.calibration                     cxresearch/lab/proofs/calibration.csv
    python -m tests.benchmarks.calibration --only plain --seeds 3 --from-seed 1000    a look

Companies are of two simulators by different hands (companies.py); those of the second are named so.
A row a company and number: world, seed, kind, lever, name, truth, estimate, low, high, withheld
(the rule that withholds it on a page; empty if none). What was mended was tried on seeds from 1000
on; the run begins at FIRST. A run that was stopped goes on where it was.

Truth: the same customers live again under the lever, which is pulled on the first day of the export
(courses.py, second_world/truth.py). Whether somebody then leaves on a given day is still chance; so
the hazards met are noted, and the truth is what is to be expected of these very customers with
these very issues, whether or not the export shows them. hazard ratio: planted. customers kept: of
all who were customers in the last year, from their first day in it on. revenue: of today's
customers, living their last year again.

pick 1, pick 3: truth is the most that one cause (three causes) could save, estimate what the
ranking's first (three) would. Regret is what is missing. named: is a first fix named (1, or 0)?
truth: does it save anything? step: the same number by each analysis, before what is out of sight is
added, and by the model of causes, whose parts are drawn together.

Written before the run. PRIMARY are the cells: customers kept in a year and revenue, all causes
together, in four worlds. Wanted: coverage at least .90, and the upper end of its exact interval at
least .95; too wide is said, not failed. A number is shown in at least 80% of these companies. By
cause, coverage is pooled and its interval clustered by company. A first fix is named in at most 5%
of companies in which nothing has an effect (at most 10 of 100, exact), hidden trouble up to the
strength of the strongest measured covariate among them, and in at least 70% of PRIMARY's. Beyond
that strength (2, 4 times) the curve is shown, not judged. Expected to fail: "tidying up" must be
withheld, "annual, no notice" tells nothing from day to day, "early harm" is too low, since harm
from before the promise is in the reference and no answer in time takes it away.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch import impact
from cxresearch.impact import kept, revenue
from cxresearch.impact.model import expected, unchecked_model
from cxresearch.impact.total import stacked, total_models
from cxresearch.lab.coverage_of_savings import (
    BOOTSTRAP,
    FILE,
    NAMED,
    REFUSED,
    STEP,
    cells,
    falsely_flagged,
    held,
    held_by_cause,
    missed,
    named,
    read_savings,
    refused,
    steps,
    widths,
)
from cxresearch.outcomes import leaving
from cxresearch.outcomes.hidden import bound_of, survives
from cxresearch.outcomes.rules import HEADLINE_TOO, RANKING, rules, stopped
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study
from cxresearch.topics.causes.refit import study_topics
from tests.benchmarks import companies
from tests.benchmarks.courses import Courses
from tests.benchmarks.redrawn import bootstrap

COLUMNS = "world seed kind lever name truth estimate low high withheld".split()
SOONER = impact.LEVERS[0]
DRAWS = 100
FIRST = 2000
SMALL = 1100  # customers, who write about 3,000 tickets
DRAWN_TOGETHER, ALONE = "causes drawn together", "there a year before alone"


@dataclass(frozen=True)
class Trial:
    """So many companies of a world (seeds), of how many customers, with changes of parameters;
    topics: causes are found in the text; boot: so many of them with bootstrap intervals beside the
    others; named: only whether a first fix is named."""

    world: str
    seeds: int = 120
    customers: int = 3000
    topics: bool = False
    boot: int = 0
    named: bool = False
    changes: tuple[tuple[str, float], ...] = ()


def _second(kind: str, seeds: int, **more) -> Trial:
    return Trial(companies.SECOND + kind, seeds, 2500, **more)


def _hidden(times: float, seeds: int) -> Trial:
    return _second("hidden trouble", seeds, named=True, changes=(("trouble", times),))


PRIMARY = {
    "plain": Trial("plain", boot=5),
    "as the demo": Trial("as the demo"),
    "second: base": _second("base", 120),
    "second: as the export": _second("as the export", 120),
}
TRIALS = PRIMARY | {
    "null": Trial("null", 100, named=True),
    "second: null": _second("null", 100, named=True),
    "hidden trouble, 0.5 times": _hidden(0.5, 50),
    "hidden trouble, as measured": _hidden(1.0, 100),
    "hidden trouble, 2 times": _hidden(2.0, 50),
    "hidden trouble, 4 times": _hidden(4.0, 50),
    "second: size confounds": _second("size confounds", 50, named=True),
    "tidying up": Trial("tidying up", 20),
    **{f"second: {kind}": _second(kind, 20) for kind in (
        "activity fed back", "early harm", "tidying up", "missing by size 0", "known if wrote",
        "missing by size 15", "annual, no notice", "protective", "milder next year")},
    "3,000 tickets": Trial("plain", 10, SMALL),
    "3,000 tickets, modelled topics": Trial("plain", 10, SMALL, topics=True),
}  # fmt: skip
Task = tuple[str, int]


def one(task: Task) -> pd.DataFrame:
    """The rows of one company; the last is of kind "end". If nothing can be told of it, one of kind
    "cannot tell" stands alone before that."""
    name, seed = task
    of = TRIALS[name]
    made = companies.company(of.world, of.customers, seed, of.topics, **dict(of.changes))
    used = _modelled(made.study) if of.topics else made.study
    rows = _whether_named(used, made) if of.named else _measured(used, made)
    if isinstance(rows, CannotTell):
        rows = [(REFUSED, "", "", np.nan, np.nan, np.nan, np.nan)]
    elif seed % 100 < of.boot and not of.named:
        rows += _bootstrapped(used, seed)
    rows.append(("end", "", "", np.nan, np.nan, np.nan, np.nan))
    found = pd.DataFrame(rows, columns=COLUMNS[2:-1])
    found.insert(0, "world", name)
    found.insert(1, "seed", seed)
    return found.assign(withheld=_withheld(used))


def _withheld(study: Study) -> str:
    """The first rule that withholds the savings."""
    of = rules(study)
    if isinstance(of, CannotTell):
        return "gate"
    spoken = of.frame[of.frame["speaks"] & (of.frame["stops"] == HEADLINE_TOO)]
    return next(iter(spoken.index), "")


def _whether_named(study: Study, made: companies.Made) -> list[tuple]:
    """Whether a first fix is named, and whether any cause of those that could be does harm."""
    by_cause, named = leaving.by_cause(study), 0.0
    if not isinstance(by_cause, CannotTell) and stopped(study, RANKING) is None:
        named = float(survives(by_cause.frame, bound_of(study)).any())
    harm = float(any(ratio > 1 for ratio in made.planted.values()))
    return [(NAMED, "", "", harm, named, np.nan, np.nan)]


def _modelled(study: Study) -> Study:
    """The study with the topics that are found in its text for causes."""
    other = Study(study.settings, None, {n: study.table(n) for n in study.rows})
    del other.held.tables["ticket_causes"]
    study_topics(other)
    return other


def _measured(used: Study, made: companies.Made) -> list[tuple] | CannotTell:
    model, models, mrr = unchecked_model(used), total_models(used), impact.mrr_now(used)
    fixes = impact.fix_list(used, model)
    for needed in (models, fixes, impact.revenue_saved(model, mrr, [SOONER])):
        if isinstance(needed, CannotTell):
            return needed
    rows = next(iter(models.values())).rows
    truth = _truth(rows, made.met, mrr)
    return [
        *_whether_named(used, made),
        *_ratios(fixes.frame, made.planted),
        *_joint(used, models, mrr, truth),
        *_steps(models, model, truth),
        *_by_cause(fixes.frame, truth),
        *_picks(fixes.frame, used, made.study, truth),
    ]


def _truth(rows: pd.DataFrame, met: Courses, mrr: pd.Series) -> dict[str, dict]:
    """By kind, the true saving of each cause and of all."""
    cohort = kept.followed(rows, 365)
    first = cohort[cohort["first"]]
    who, since = first["customer_id"], first["since"].to_numpy()
    path = revenue.replay(rows, mrr)
    row, share = path["row"].to_numpy(), path["share"].to_numpy()
    pays = path["mrr"].to_numpy() / revenue.MONTH
    natural = _met(met, met.natural, rows)
    before = revenue.paid(path, natural[row] * share, pays)[0]
    found: dict[str, dict] = {"revenue": {}, ALONE: {}} | {f"kept {d}": {} for d in kept.DAYS}
    for cause, hazard in met.lever.items():
        name = impact.ALL if cause == "all" else cause
        after = revenue.paid(path, _met(met, hazard, rows)[row] * share, pays)[0]
        found["revenue"][name] = after - before
        for day in kept.DAYS:
            there = since < day
            ids, span = who[there], pd.DataFrame({"begins": since[there] - 365, "ends": day - 365})
            gain = np.exp(-_met(met, hazard, span, ids)) - np.exp(
                -_met(met, met.natural, span, ids)
            )
            found[f"kept {day}"][name] = float(gain.sum())
        found[ALONE][name] = float(gain[since[there] < 1e-6].sum())
    return found


def _met(met: Courses, so_far: np.ndarray, rows: pd.DataFrame, who=None) -> np.ndarray:
    """The hazard met in each row, of its customer or of who; within a day it is spread evenly."""
    place = pd.Index(met.customer_id).get_indexer(rows["customer_id"] if who is None else who)
    last = so_far.shape[1] - 1

    def until(days: pd.Series) -> np.ndarray:
        at = np.clip(days.to_numpy() + last, 0, last)
        day = np.minimum(at.astype(int), last - 1)
        return so_far[place, day] + (at - day) * (so_far[place, day + 1] - so_far[place, day])

    return until(rows["ends"]) - until(rows["begins"])


def _ratios(fixes: pd.DataFrame, planted: dict[str, float]) -> list[tuple]:
    known = fixes.loc[SOONER].reset_index()
    known = known[known["cause"].isin(planted)]
    kinds = {
        "hazard ratio": ["hazard ratio", "ratio low", "ratio high"],
        "shrunken ratio": ["shrunken", "shrunken low", "shrunken high"],
    }
    return [
        (kind, "", row["cause"], planted[row["cause"]], *row[columns])
        for kind, columns in kinds.items()
        for _, row in known.dropna(subset=columns).iterrows()
    ]


def _joint(study: Study, models: dict, mrr, truth: dict) -> list[tuple]:
    """All causes together, as a page tells it, whether or not a rule withholds it there."""
    people = [impact.customers_kept(model, [SOONER]) for model in models.values()]
    money = [impact.revenue_saved(model, mrr, [SOONER]) for model in models.values()]
    saved = stacked(money, study, ["saved"]).frame.loc[(SOONER, impact.ALL)]
    rows = [("revenue", *saved[["saved", "low", "high"]])]
    for day, row in stacked(people, study, ["kept"]).frame.loc[(SOONER, impact.ALL)].iterrows():
        rows.append((f"kept {day}", *row[["kept", "low", "high"]]))
    return [(kind, SOONER, impact.ALL, truth[kind][impact.ALL], *rest) for kind, *rest in rows]


def _steps(models: dict, model, truth: dict) -> list[tuple]:
    """Customers kept in a year, step by step."""
    rows = [(STEP, SOONER, ALONE, truth["kept 365"][impact.ALL], truth[ALONE][impact.ALL],
             np.nan, np.nan)]  # fmt: skip
    for name, of in {DRAWN_TOGETHER: model, **models}.items():
        people = impact.customers_kept(of, [SOONER], days=(365,)).frame.iloc[0]
        told = people[["kept", "low", "high"]]
        rows.append((STEP, SOONER, name, truth["kept 365"][impact.ALL], *told))
    return rows


def _by_cause(fixes: pd.DataFrame, truth: dict) -> list[tuple]:
    columns = [f"customers kept{end}" for end in ("", " low", " high")]
    known = fixes.loc[SOONER].reset_index()
    known = known[known["cause"].isin(truth["kept 365"])]
    return [
        ("kept 365", SOONER, row["cause"], truth["kept 365"][row["cause"]], *row[columns])
        for _, row in known.iterrows()
    ]


def _picks(fixes: pd.DataFrame, used: Study, study: Study, truth: dict) -> list[tuple]:
    """What each ranking's first cause, and its first three, would save, beside the most possible;
    nothing, where nothing is to be saved.

    A modelled topic saves what the planted cause of most of its tickets would; of two topics of one
    cause the second saves nothing more.
    """
    mostly = _mostly(used, study)
    order = {}
    for name, measure in (("revenue", "revenue"), ("customers kept", "kept 365")):
        of = fixes.loc[SOONER].sort_values(name, ascending=False)
        order["fix list", SOONER, measure] = of.index.to_series()
    for ranking, of in impact.baselines(used).dropna(subset="rank").groupby("ranking"):
        for measure in ("revenue", "kept 365"):
            order[ranking, "", measure] = of.sort_values("rank")["cause"]
    rows = []
    for (ranking, lever, measure), causes in order.items():
        worth = pd.Series(truth[measure]).drop(impact.ALL)
        if worth.max() <= 0:
            continue
        for n in (1, 3):
            picked = set(causes.head(n).map(mostly)) & set(worth.index)
            rows.append((f"pick {n} {measure}", lever, ranking, worth.nlargest(n).sum(),
                         worth[list(picked)].sum(), np.nan, np.nan))  # fmt: skip
    return rows


def _mostly(used: Study, study: Study) -> pd.Series:
    """The planted cause of most tickets of each cause."""
    both = used.ticket_causes[["ticket_id", "cause"]].merge(
        study.ticket_causes[["ticket_id", "cause"]], on="ticket_id", suffixes=("", " planted")
    )
    return both.groupby("cause")["cause planted"].agg(lambda of: of.value_counts().index[0])


def _bootstrapped(study: Study, seed: int) -> list[tuple]:
    """Customers kept in a year by the first analysis with bootstrap limits in the place of delta
    ones; truth is left out, and the delta bounds stand beside as a row of kind "step"."""
    name, model = next(iter(total_models(study).items()))
    cohort = kept.followed(model.rows, 365)

    def number(fit, rows, weight) -> np.ndarray:
        due = expected(fit, rows, weight)
        return kept.savings(due, cohort, SOONER, impact.ALL, (365,))[0]

    drawn = bootstrap(model.fit, model.rows, number, draws=DRAWS, seed=seed)
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    middle = np.nanmedian(drawn, axis=0)
    return [(STEP + BOOTSTRAP, SOONER, name, np.nan, middle[0], low[0], high[0])]


def tasks(
    only: list[str] | None = None, seeds: int | None = None, first: int = FIRST
) -> list[Task]:
    """Trial and seed of every company, the first seed of every trial first."""
    most = seeds or max(of.seeds for of in TRIALS.values())
    return [
        (name, first + seed)
        for seed in range(most)
        for name, of in TRIALS.items()
        if seed < (seeds or of.seeds) and name in (only or TRIALS)
    ]


def run(companies: list[Task], file: Path, processes: int = 2) -> None:
    """Adds the rows of every company that the file lacks, one whole company at a time, in order."""
    done = _done(file)
    left = [task for task in companies if task not in done]
    with get_context("fork").Pool(processes, maxtasksperchild=10) as pool:
        for count, rows in enumerate(pool.imap(one, left), len(companies) - len(left) + 1):
            with file.open("a", encoding="utf-8", newline="\n") as out:
                text = rows.to_csv(index=False, header=out.tell() == 0, float_format="%.4g",
                                   lineterminator="\n")  # fmt: skip
                out.write(text)
            print(f"\r{count:,} of {len(companies):,}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _done(file: Path) -> set[Task]:
    """The companies in the file; one that was cut off is taken out of it first."""
    if not file.exists():
        return set()
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    last = [i for i, line in enumerate(lines) if ",end,," in line and line.endswith("\n")]
    whole = lines[: last[-1] + 1 if last else 0]
    if len(whole) < len(lines):
        rest = file.with_suffix(".part")
        rest.write_text("".join(whole), encoding="utf-8", newline="\n")
        rest.replace(file)
    if not whole:
        return set()
    runs = pd.read_csv(file, keep_default_na=False)[["world", "seed"]].drop_duplicates()
    return set(runs.itertuples(index=False, name=None))


TABLES: dict[str, Callable] = {
    "cells": cells,
    "first fix named": named,
    "steps": steps,
    "coverage": held,
    "coverage by cause": held_by_cause,
    "bootstrap beside delta": widths,
    "flagged": falsely_flagged,
    "regret": missed,
    "cannot tell": refused,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=TRIALS, help="these trials")
    parser.add_argument("--seeds", type=int, help="so many companies of each trial")
    parser.add_argument("--from-seed", type=int, default=FIRST, help="1000 or more for a look")
    parser.add_argument("--to", type=Path, help="a file; by default nowhere for a part of it")
    asked = parser.parse_args()
    part = asked.only or asked.seeds or asked.from_seed != FIRST
    with tempfile.TemporaryDirectory() as folder:
        file = asked.to or (Path(folder) / FILE.name if part else FILE)
        run(tasks(asked.only, asked.seeds, asked.from_seed), file)
        runs = read_savings(file)
    for name, table in TABLES.items():
        rows = getattr(table(runs), "frame", table(runs))
        print(f"\n{name}\n{rows.round(3).to_string()}")


if __name__ == "__main__":
    main()
