"""What do topics cost, stage by stage, as texts grow in number?

    python -m tests.benchmarks.topic_scale [--data FOLDER]     writes topic_scale.csv

Texts are the first 2,000, 10,000 and 50,000, in an order drawn by seed, of Banking77, Firefox
questions (title and text) and Thunderbird subjects, scrubbed; what is missing is filled up with
tickets of the simulated company. Each number of texts has a process of its own on one core, and
each stage its seconds of processor time and the megabytes of the process at the highest within it
(mb_before: as it begins). Vectors come from the cache: embed is measured on 1,000 of the texts
without it, and its seconds are scaled to all; its memory does not grow but for the vectors.
search: the resolution that gives 40 topics, once; words: BERTopic's counts and names.

    python -m tests.benchmarks.topic_scale --neighbours     writes topic_neighbours.csv

Neighbours alone, sought in cells and, up to 50,000, among all: seconds of processor time, exponent
(of the seconds, from the size before), recall, and agreement of the topics that both graphs give
(adjusted Rand index, one resolution and seed). Vectors are made: 384 wide like MiniLM's, about 60
topics of unequal size, each a cloud of 24 directions of its 384 around a centre, one direction in
common to all and a little noise; the nearest has a cosine of about 0.75, the 15th of 0.65, any two
of 0.1, as in the real texts (0.78, 0.65 and 0.11 of 30,000).

Expected before it was run: the neighbours grow with the square of the texts and overtake all other
stages but embed between 10,000 and 50,000; no stage takes more than 1.5 GB above what was there.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from cxresearch.lab.simulate import simulate_world
from cxresearch.topics.communities import by_size, consensus
from cxresearch.topics.embed import embed, quiet
from cxresearch.topics.graph import LEAST, SMALLEST, SharedNeighbourTopics
from cxresearch.topics.neighbours import (
    distinct_rows,
    equally_strong,
    near_rows,
    nearest_rows,
    overlap_graph,
)
from cxresearch.topics.text import joined_text
from tests.benchmarks.one_core import highest_mb, on_one_core, versions
from tests.benchmarks.topic_quality import banking77, firefox
from tests.topics.text.scrubbed import scrubbed

FILE = Path(__file__).with_suffix(".csv")
SIZES, SAMPLE, TARGET, NEIGHBOURS = (2000, 10_000, 50_000), 1000, 40, 15
NEAR_FILE, NEAR_SIZES = FILE.with_name("topic_neighbours.csv"), (10_000, 50_000, 200_000, 500_000)
COMPARED = 50_000  # rows at most that are also all compared with each other


class Found:
    """A clusterer for BERTopic that has found its labels already."""

    def __init__(self, labels: np.ndarray):
        self.labels_ = labels

    def fit(self, X: np.ndarray, y=None) -> "Found":
        return self


def pool(data: Path, n: int) -> list[str]:
    """n different texts in an order drawn by seed."""
    texts: list[str] = []
    if data.is_dir():
        subjects = pd.read_parquet(data / "thunderbird" / "questions.parquet", columns=["title"])
        texts = [
            *banking77(data)["text"],
            *firefox(data)["text"],
            *scrubbed(subjects["title"].tolist()),
        ]
    texts = list(dict.fromkeys(filter(None, texts)))
    if len(texts) < n:
        texts += _simulated(n - len(texts))
    return [texts[at] for at in np.random.default_rng(0).permutation(len(texts))[:n]]


def _simulated(n: int) -> list[str]:
    """Different texts of a simulated company, n of them or somewhat more."""
    texts, customers = [], n
    while len(texts) < n:
        tickets = simulate_world(customers, seed=0)[0]["tickets"]
        words = scrubbed(joined_text(tickets).tolist())
        texts, customers = list(dict.fromkeys(filter(None, words))), 2 * customers
    return texts


class Clock:
    """Calls functions and keeps a row of what each call took."""

    def __init__(self):
        self.rows: list[dict] = []

    def __call__(self, stage: str, do: Callable, *given, **named):
        """What do returns."""
        Path("/proc/self/clear_refs").write_text("5")  # the highest begins anew
        before, begun = highest_mb(), time.process_time()
        made = do(*given, **named)
        seconds = time.process_time() - begun
        row = {"cpu_seconds": seconds, "mb_before": before, "mb_highest": highest_mb()}
        self.rows.append({"stage": stage, **row})
        return made


def measured(texts: list[str], X: np.ndarray) -> list[dict]:
    """A row for each stage in the order in which a fit goes through them."""
    from cxresearch.topics.topic_words import Encoder, fit_bertopic

    clock, model = Clock(), SharedNeighbourTopics(TARGET)
    first, model.node_ = distinct_rows(X)
    model.vectors_, model.rows_ = X[first], np.bincount(model.node_)
    model.smallest_ = max(SMALLEST, LEAST * len(X) / TARGET)
    near, _ = clock("neighbours", near_rows, model.vectors_, NEIGHBOURS)
    model.graph_ = clock("graph", lambda: equally_strong(overlap_graph(near)))
    resolution = clock("search", model._resolution, TARGET)
    labels = clock("consensus", consensus, model.graph_, resolution, seed=42)
    found = Found(by_size(labels, model.rows_)[model.node_])
    clock("words", fit_bertopic, texts, X, found, Encoder(None, embed))
    embed(texts[:1])  # the encoder is in memory before
    with tempfile.TemporaryDirectory() as nowhere:
        clock("embed", embed, texts[1 : SAMPLE + 1], cache=nowhere)
    clock.rows[-1]["cpu_seconds"] *= len(texts) / SAMPLE
    return [{"texts": len(texts), **row} for row in clock.rows]


def clouds(n: int, topics: int = 60, directions: int = 24) -> np.ndarray:
    """Vectors of length 1 that lie about centres, in one direction of it all."""
    rng = np.random.default_rng(0)
    common, *centres = rng.normal(size=(1 + topics, 384)) / np.sqrt(384)
    axes = rng.normal(size=(directions, 384)) / np.sqrt(384)
    of = rng.choice(topics, n, p=rng.dirichlet(np.full(topics, 2.0)))
    X = 0.3 / np.sqrt(384) * rng.standard_normal((n, 384), dtype=np.float32)
    for at in range(0, n, 10_000):
        some = of[at : at + 10_000]
        own = 0.25 * rng.normal(size=(len(some), directions)) @ axes
        X[at : at + 10_000] += 0.5 * common + np.array(centres)[some] + own
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    return X


def neighbours_measured(n: int) -> list[dict]:
    """One row: neighbours as they are sought, and among all."""
    clock, X = Clock(), clouds(n)
    near, recall = clock("cells", near_rows, X, NEIGHBOURS)
    row = {"texts": n, **clock.rows[0], "recall": 1.0 if recall is None else recall}
    if n <= COMPARED:
        every = clock("all", nearest_rows, X, NEIGHBOURS)
        both = [consensus(equally_strong(overlap_graph(each)), 1.0, 42) for each in (near, every)]
        row |= {"all_cpu_seconds": clock.rows[1]["cpu_seconds"], "topics": both[0].max() + 1}
        row["ari"] = adjusted_rand_score(*both)
    return [row]


def neighbours(sizes: Sequence[int], file: Path) -> None:
    """Writes and prints the rows of each number of texts, with the exponent from the one before."""
    found: list[dict] = []
    for n in sizes:
        found += on_one_core("tests.benchmarks.topic_scale", str(n))
        table = pd.DataFrame(found).drop(columns="stage")
        grown = np.log(table["cpu_seconds"]).diff() / np.log(table["texts"]).diff()
        table.insert(2, "exponent", grown)
        table = table.assign(cores=os.cpu_count(), versions=versions())
        table.round(3).to_csv(file, index=False, lineterminator="\n")
        print(table.drop(columns=["cores", "versions"]).round(3).to_string(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="label sets")
    parser.add_argument("--sizes", nargs="+", type=int, help="numbers of texts")
    parser.add_argument("--to", type=Path, help="the file to write")
    parser.add_argument("--neighbours", action="store_true", help="neighbours alone")
    asked = parser.parse_args()
    if asked.neighbours:
        neighbours(asked.sizes or NEAR_SIZES, asked.to or NEAR_FILE)
        return
    found: list[dict] = []
    for n in asked.sizes or SIZES:
        texts = pool(asked.data, n)
        with tempfile.TemporaryDirectory() as folder:
            pd.DataFrame({"text": texts}).to_parquet(Path(folder) / "texts.parquet")
            np.save(Path(folder) / "vectors.npy", embed(texts, progress=True))
            found += on_one_core("tests.benchmarks.topic_scale", folder)
        table = pd.DataFrame(found).assign(cores=os.cpu_count(), versions=versions())
        table.round(3).to_csv(asked.to or FILE, index=False, lineterminator="\n")
        print(table.drop(columns=["cores", "versions"]).round(2).to_string(), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"] and sys.argv[2].isdigit():
        print(json.dumps(neighbours_measured(int(sys.argv[2])), default=float))
    elif sys.argv[1:2] == ["--measure"]:
        folder = Path(sys.argv[2])
        table = pd.read_parquet(folder / "texts.parquet")
        with quiet():
            made = measured(table["text"].tolist(), np.load(folder / "vectors.npy"))
        print(json.dumps(made, default=float))
    else:
        main()
