"""What does one sentence a cause teach? Draws of the demo's tickets, with and without.

    python -m tests.benchmarks.taught          writes taught.csv

A row a draw of 300 or 1,000 tickets that are read: ari (with planted causes, 13 topics asked for),
taught (after one sentence a cause, topics_regret.SENTENCES). Wanted: taught at 300 at least .60, at
1,000 no lower than ari.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from cxresearch.topics.causes.taught import taught_causes
from cxresearch.topics.embed import embed
from cxresearch.topics.graph import SharedNeighbourTopics
from cxresearch.topics.neighbours import distinct_rows, shared_neighbours
from tests.benchmarks.how_many import labelled
from tests.benchmarks.topics_regret import SENTENCES

FILE = Path(__file__).with_suffix(".csv")
DRAWS = {300: 8, 1000: 8}


def rows() -> pd.DataFrame:
    """A row a draw."""
    vectors, labels = labelled(Path("../shared/data"))["demo"]
    meant = {cause: embed([says]) for cause, says in SENTENCES.items()}
    found = []
    for n, draws in DRAWS.items():
        for seed in range(draws):
            some = np.random.default_rng(seed).permutation(len(labels))[:n]
            first, node = distinct_rows(vectors[some])
            X, label = vectors[some][first], labels[some]
            asked = SharedNeighbourTopics(len(SENTENCES), seed=seed).fit(vectors[some])
            causes = np.array([f"topic {each}" for each in asked.labels_[first]], dtype=object)
            moved = taught_causes(shared_neighbours(X), X, causes, meant, {})[node]
            scores = {"ari": asked.labels_, "taught": moved}
            found.append({"texts": n, "seed": seed} | {
                name: adjusted_rand_score(label, each) for name, each in scores.items()
            })  # fmt: skip
    return pd.DataFrame(found).round(3)


if __name__ == "__main__":
    table = rows()
    table.to_csv(FILE, index=False, lineterminator="\n")
    print(table.groupby("texts")[["ari", "taught"]].mean().round(3).to_string())
