"""How many topics are found where it is known how many there are?

    python -m tests.benchmarks.how_many          writes how_many.csv

Banking77 (Casanueva et al. 2020; 77 intents), 1,000 and 5,000 of its training queries, six and four
times drawn by seed, and the demo's tickets that are read (13 planted causes), all of them and
5,000 twice. Columns: texts, planted, found (how_many.stable_number), low and high (the plateau's
ends), agreement (the best), ari (with labels, of the number found), ari_planted (of the planted
number). Label sets are read in place from --data.

Wanted: found within a quarter of planted; ari no lower than ari_planted minus .05. The width of the
plateau (how_many.AS_GOOD) was chosen on these very draws; other label sets are the better test.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from cxresearch import open_study
from cxresearch.topics.causes.refit import study_topics, told_tickets
from cxresearch.topics.corpus import read_texts
from cxresearch.topics.embed import DEFAULT, embed
from cxresearch.topics.graph import SharedNeighbourTopics
from cxresearch.topics.text import joined_text, people, served

FILE = Path(__file__).with_suffix(".csv")
DEMO = Path(__file__).parents[2] / "data" / "demo"
DRAWS = {"banking77": [(1000, 6), (5000, 4)], "demo": [(20_000, 1), (5000, 2)]}


def labelled(data: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By set, vectors and labels."""
    queries = pd.read_csv(data / "banking77" / "train.csv")
    study = open_study(DEMO)
    tickets = told_tickets(study)
    texts = joined_text(tickets).tolist()
    known = served(tickets, study.settings.languages)
    corpus = read_texts(
        texts, DEFAULT, known, people(texts), embed, study_topics(study).made["seed"]
    )
    planted = [(study.truth["tickets"][t].get("causes") or [""])[0] for t in tickets["ticket_id"]]
    read = np.flatnonzero((corpus.labels == 0) & (np.array(planted) != ""))
    return {
        "banking77": (embed(queries["text"].tolist()), queries["category"].to_numpy()),
        "demo": (embed([corpus.words[at] for at in read]), np.array(planted)[read]),
    }


def rows(data: Path) -> pd.DataFrame:
    """A row a draw."""
    found = []
    for name, (vectors, labels) in labelled(data).items():
        planted = len(set(labels))
        for n, draws in DRAWS[name]:
            for seed in range(draws):
                some = np.random.default_rng(seed).permutation(len(labels))[:n]
                ours = SharedNeighbourTopics(seed=seed).fit(vectors[some])
                right = SharedNeighbourTopics(planted, seed=seed).fit(vectors[some])
                good = ours.by_number_[ours.by_number_["plateau"]]
                found.append({
                    "set": name, "texts": len(some), "seed": seed, "planted": planted,
                    "found": ours.labels_.max() + 1, "low": good["topics"].min(),
                    "high": good["topics"].max(), "agreement": good["agreement"].max(),
                    "ari": adjusted_rand_score(labels[some], ours.labels_),
                    "ari_planted": adjusted_rand_score(labels[some], right.labels_),
                })  # fmt: skip
                print(found[-1], flush=True)
    return pd.DataFrame(found).round(3)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="label sets")
    rows(parser.parse_args().data).to_csv(FILE, index=False, lineterminator="\n")
