"""How far do the rules on what the desk wrote agree with two readers? On invented threads.

    python -m tests.benchmarks.desk_wrote [FOLDER]    writes cxresearch/topics/text/desk_words.csv

tests/reference/desk_threads holds 300 threads invented by two writers, half each; both labelled all
of them from the text alone. The rules were written before and tuned twice on the first writer's
threads; the table is of the second's. FOLDER may hold first messages of a forum's real tickets
(forum.csv: n, text) and two readers's labels (forum_1.csv, forum_2.csv: n, version, error, steps),
which are no part of the project: the rules were tuned once on those with an odd n, and rows of
their own are of the even ones. Agreement is Cohen's kappa, of the two hands, and of the rule with
either; intervals are from threads drawn anew.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.study.intervals import of_draws
from cxresearch.topics.desk_threads import RULES, read_rule, read_threads
from cxresearch.topics.text import desk_words
from cxresearch.topics.text.desk_words import OF_FIRST

THREADS = Path(__file__).parents[1] / "reference" / "desk_threads"
FILE = Path(desk_words.__file__).with_suffix(".csv")
DRAWS = 2_000


def messages(writer: str) -> pd.DataFrame:
    """A writer's threads as desk_threads.messages has them."""
    threads = pd.read_json(THREADS / f"threads_{writer}.jsonl", lines=True)
    rows = threads.explode("messages", ignore_index=True)
    told = pd.json_normalize(list(rows["messages"]))
    told = told.rename(columns={"who": "role", "agent": "actor_id", "text": "body"})
    first = ~rows["n"].duplicated()
    return told.assign(ticket_id=rows["n"], first=first, actor_id=told["actor_id"].astype("str"))


def labels(file: Path) -> pd.DataFrame:
    """A hand's labels by n: true or false."""
    return pd.read_csv(file, index_col="n").apply(lambda column: column.str.strip().eq("y"))


def scores(rule: pd.Series, hands: list[pd.Series]) -> dict:
    """Kappa of the hands and of the rule with them, precision and recall, with 95% intervals."""
    table = np.array([rule, *hands]).astype(bool)
    rng = np.random.default_rng(0)
    drawn = [rng.integers(0, table.shape[1], table.shape[1]) for _ in range(DRAWS)]
    told = pd.DataFrame([_scores(table[:, some]) for some in drawn])
    row = {"texts": table.shape[1], "held": table[1:].mean()}
    for name, value in _scores(table).items():
        low, high = of_draws(told[name].dropna())
        row |= {name: value, f"{name} low": low, f"{name} high": high}
    return row


def _scores(table: np.ndarray) -> dict:
    rule, one, other = table
    yes = (one[rule].sum() + other[rule].sum()) / 2
    return {
        "hands": _kappa(one, other), "kappa": (_kappa(rule, one) + _kappa(rule, other)) / 2,
        "precision": yes / rule.sum() if rule.any() else np.nan,
        "recall": 2 * yes / (one.sum() + other.sum()) if (one | other).any() else np.nan,
    }  # fmt: skip


def _kappa(one: np.ndarray, other: np.ndarray) -> float:
    agree, chance = (one == other).mean(), one.mean() * other.mean()
    chance += (1 - one.mean()) * (1 - other.mean())
    return (agree - chance) / (1 - chance) if chance < 1 else np.nan


def of_threads(writer: str) -> pd.DataFrame:
    """A row a rule, on a writer's threads."""
    found = read_threads(messages(writer))
    hands = [labels(THREADS / f"labels_{writer}_by_{hand}.csv") for hand in ("w1", "w2")]
    return pd.DataFrame(
        [{"rule": name, "read": "invented threads"} | scores(found[name], [h[name] for h in hands])
         for name in RULES]
    )  # fmt: skip


def of_forum(folder: Path) -> pd.DataFrame:
    """A row a rule of the first message, on real ones."""
    texts = pd.read_csv(folder / "forum.csv", index_col="n").rename(columns={"text": "body"})
    texts = texts[texts.index % 2 == 0]
    hands = [labels(folder / f"forum_{hand}.csv").loc[texts.index] for hand in (1, 2)]
    return pd.DataFrame(
        [{"rule": name, "read": "a forum's tickets"}
         | scores(read_rule(texts, name), [h[name] for h in hands]) for name in OF_FIRST]
    )  # fmt: skip


if __name__ == "__main__":
    table = pd.concat([of_threads("w2"), *map(of_forum, map(Path, sys.argv[1:]))])
    table.round(3).to_csv(FILE, index=False, lineterminator="\n")
    print(table.round(2).to_string())
