"""What do topics cost the fix list? The same simulated companies with true causes and with topics.

    python -m tests.benchmarks.topics_regret               writes topics_regret.csv, and goes on
    python -m tests.benchmarks.topics_regret --companies 3 --to FILE       a look

Companies with text, of the worlds plain and as the demo in turn, of 1,100 to 2,000 customers by
seed. In each the customers live again with the lever pulled (calibration.py), so that it is known
what answering each cause in time would save. Arms: true causes; topics as they come; topics merged
by a person (those whose tickets are mostly of one planted cause bear one name); taught (topics, and
one sentence a cause, SENTENCES, in causes.toml).

A row a company, arm, ranking (the fix list's, or a count that a desk would go by) and number of
causes picked (1, 3): best (what the best pick would save in customers within a year), saved (by
this ranking's pick; a topic saves what the planted cause of most of its tickets would, and of two
of one cause the second saves nothing more), topics (how many causes there are), ari (with planted
causes). Regret is 1 - saved / best.

Wanted, before it was run: mean regret of topics within .10 of that of true causes, and below that
of the best other ranking by an interval that leaves out 0, over at least 60 companies.
"""

import argparse
import os
import sys
from itertools import chain, count
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from cxresearch import impact
from cxresearch.impact.model import unchecked_model
from cxresearch.study.answers import CannotTell
from cxresearch.study.intervals import z
from cxresearch.study.study import Study
from cxresearch.topics.causes.file import ADDED, CausesFile, Entry
from cxresearch.topics.causes.per_ticket import ticket_causes
from cxresearch.topics.causes.refit import study_topics
from tests.benchmarks import companies
from tests.benchmarks.calibration import SOONER, _mostly, _truth

FILE = Path(__file__).with_suffix(".csv")
FIRST, COMPANIES = 5000, 60
WORLDS = ("plain", "as the demo")
TRUE, TOPICS, MERGED, TAUGHT = "true causes", "topics", "merged by a person", "taught"
SENTENCES = {
    "login": "I cannot log in, my password is refused.",
    "sync": "The stock is not synchronised between handheld and web.",
    "app_crash": "The app crashes.",
    "double_charge": "We were charged twice and the invoice is wrong.",
    "integration": "The webhook or the API of our shop does not work.",
    "slow": "The dashboard is very slow.",
    "import_export": "The import or export of a CSV file fails.",
    "permissions": "How do I give a user rights or a role?",
    "two_factor": "The verification code does not arrive.",
    "refund": "We have not received our refund.",
    "delivery": "The parcel was not delivered or arrived damaged.",
    "exit_request": "We want to cancel our subscription.",
    "data_loss": "Our records have disappeared.",
}


def one(seed: int) -> pd.DataFrame:
    """The rows of one company; a single one where nothing can be told of it."""
    world, customers = WORLDS[seed % 2], 1100 + 100 * (seed % 10)
    made = companies.company(world, customers, seed, text=True)
    truth, found = None, []
    for arm, study in _arms(made.study):
        fixes = impact.fix_list(study, unchecked_model(study))
        if isinstance(fixes, CannotTell):
            continue
        if truth is None:
            rows = unchecked_model(study).rows
            truth = pd.Series(_truth(rows, made.met, impact.mrr_now(study))["kept 365"])
            truth = truth.drop(impact.ALL)
        order = {"fix list": fixes.frame.loc[SOONER].sort_values("customers kept").index[::-1]}
        others = impact.baselines(study).dropna(subset="rank")
        order |= {name: of.sort_values("rank")["cause"] for name, of in others.groupby("ranking")}
        mostly = _mostly(study, made.study)
        found += [
            (arm, ranking, n, truth.nlargest(n).sum(),
             truth[list(set(pd.Series(list(causes)[:n]).map(mostly)) & set(truth.index))].sum(),
             study.ticket_causes["cause"].nunique(), _ari(study, made.study))
            for ranking, causes in order.items() for n in (1, 3)
        ]  # fmt: skip
    columns = ["arm", "ranking", "picked", "best", "saved", "topics", "ari"]
    table = pd.DataFrame(
        found or [("cannot tell", "", 0, np.nan, np.nan, 0, np.nan)], columns=columns
    )
    return table.assign(seed=seed, world=world, customers=customers)


def _arms(study: Study):
    """The study as it is, and with each way to find causes in its text."""
    yield TRUE, study
    other = Study(study.settings, None, {name: study.table(name) for name in study.rows})
    del other.held.tables["ticket_causes"]
    topics = study_topics(other)
    yield TOPICS, other
    mostly = _mostly(other, study)
    entries = tuple(
        Entry(row.topic, row.name, row.size, str(mostly.get(row.name, row.name)))
        for row in topics.info()[["topic", "name", "size"]].itertuples(index=False)
    )
    yield MERGED, _with(study, ticket_causes(other, topics, CausesFile(entries)))
    plain = tuple(Entry(e.topic, e.found, e.tickets, e.found) for e in entries)
    added = tuple(
        Entry(ADDED - at, "", 0, cause, examples=(says,))
        for at, (cause, says) in enumerate(SENTENCES.items())
    )
    yield TAUGHT, _with(study, ticket_causes(other, topics, CausesFile(plain, added=added)))


def _with(study: Study, causes: pd.DataFrame) -> Study:
    tables = {name: study.table(name) for name in study.rows}
    return Study(study.settings, None, tables | {"ticket_causes": causes})


def _ari(study: Study, planted: Study) -> float:
    both = study.ticket_causes.merge(planted.ticket_causes, on="ticket_id")
    return adjusted_rand_score(both["cause_y"], both["cause_x"])


def regret(rows: pd.DataFrame) -> pd.DataFrame:
    """By arm, ranking and number picked: companies, regret with its 95% interval over companies,
    and how much more than the fix list's of the same arm, with an interval of the difference."""
    told = rows[rows["best"] > 0].assign(regret=1 - rows["saved"] / rows["best"])
    wide = told.pivot_table(index="seed", columns=["arm", "ranking", "picked"], values="regret")
    lines = []
    for (arm, ranking, n), each in wide.items():
        more = (each - wide[arm, "fix list", n]).dropna()
        dearer = (each - wide[TRUE, ranking, n]).dropna()
        lines.append((arm, ranking, n, len(each.dropna()), *_mean(each.dropna()), *_mean(more),
                      *_mean(dearer)))  # fmt: skip
    ends = ("", " low", " high")
    columns = [f"{what}{end}" for what in ("regret", "over fix list", "over true causes")
               for end in ends]  # fmt: skip
    return pd.DataFrame(lines, columns=["arm", "ranking", "picked", "companies", *columns])


def _mean(each: pd.Series) -> tuple[float, float, float]:
    middle, half = each.mean(), z() * each.std() / np.sqrt(len(each))
    return middle, middle - half, middle + half


def run(file: Path, most: int) -> None:
    """Adds the rows of every company that the file lacks, until enough could be told."""
    rows = pd.read_csv(file) if file.exists() else pd.DataFrame({"seed": [], "arm": []})
    done = set(rows["seed"])
    left = (seed for seed in count(FIRST) if seed not in done)
    with get_context("fork").Pool(1, maxtasksperchild=5) as pool:
        told = rows.loc[rows["arm"] == TRUE, "seed"].nunique()
        for table in chain.from_iterable(pool.imap(one, [seed]) for seed in left):
            table.round(4).to_csv(file, mode="a", header=not file.exists(), index=False,
                                  lineterminator="\n")  # fmt: skip
            told += TRUE in set(table["arm"])
            print(f"{told} of {most}", file=sys.stderr, flush=True)
            if told >= most:
                return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--companies", type=int, default=COMPANIES)
    parser.add_argument("--to", type=Path, default=FILE)
    asked = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    run(asked.to, asked.companies)
    print(regret(pd.read_csv(asked.to)).round(3).to_string())
