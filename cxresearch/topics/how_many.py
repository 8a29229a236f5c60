"""How many topics do the texts hold? As many as come back when part of the texts is left out.

Stability under resampling (Lange, Roth, Braun & Buhmann 2004, Neural Computation 16; Ben-Hur,
Elisseeff & Guyon 2002): two fits to different parts of the texts agree best where communities are
what the texts hold, and less where they are cut finer or coarser.
"""

from itertools import combinations
from math import ceil

import numpy as np
import pandas as pd

from cxresearch.topics.communities import join_small, leiden
from cxresearch.topics.neighbours import equally_strong, shared_neighbours

SAMPLE, SAMPLES = 1500, 5  # texts whose graph is cut, and how often other texts are drawn
PARTS, KEPT = 6, 0.8  # of each sample's texts, parts that are compared with one another
RESOLUTIONS = np.geomspace(0.1, 25, 20)
FEWEST, PER_TOPIC = 3, 10  # topics at least; texts of the sample for each of them at least
AS_GOOD = 0.015  # adjusted Rand index below the best that is no worse
FIRM = 0.7  # of the best; below it no number stands out


def stability_by_number(X: np.ndarray, seed: int) -> pd.DataFrame:
    """How well communities come back, by resolution: topics (mean number), agreement (mean adjusted
    Rand index of pairs of fits to 80% of the texts), plateau (is it as good as the best?).

    X are distinct vectors in an order of their own; five samples of 1,500 are drawn, of fewer
    vectors all are taken each time.
    """
    rows = [
        row for draw in range(SAMPLES) for row in _of_sample(X, np.random.default_rng([seed, draw]))
    ]
    table = pd.DataFrame(rows, columns=["resolution", "topics", "agreement"])
    table = table.groupby("resolution", as_index=False).mean()
    table["agreement"] = table["agreement"].rolling(3, center=True, min_periods=1).mean()
    most = min(len(X), SAMPLE) / PER_TOPIC
    inside = table["topics"].between(FEWEST, most)
    best = table["agreement"].where(inside).max()
    return table.assign(plateau=inside & (table["agreement"] >= best - AS_GOOD)).round(4)


def stable_number(table: pd.DataFrame) -> int | None:
    """The middle of the plateau, as a ratio, rounded up; None where no number stands out: the
    best agreement is below 0.7."""
    good = table[table["plateau"]]
    if good.empty or good["agreement"].max() < FIRM:
        return None
    return ceil(np.sqrt(good["topics"].min() * good["topics"].max()))


def _of_sample(X: np.ndarray, rng: np.random.Generator) -> list[tuple]:
    X = X[np.sort(rng.permutation(len(X))[:SAMPLE])]
    graph, n = shared_neighbours(X), len(X)
    parts = [np.sort(rng.permutation(n)[: round(KEPT * n)]) for _ in range(PARTS)]
    graphs = [equally_strong(graph[kept][:, kept].tocsr()) for kept in parts]
    rows = []
    for resolution in RESOLUTIONS:
        labels = np.full((PARTS, n), -1)
        for at, (kept, part) in enumerate(zip(parts, graphs, strict=True)):
            labels[at, kept] = leiden(part, resolution, at)
        agreement = np.mean([_agreement(a, b) for a, b in combinations(labels, 2)])
        whole = join_small(leiden(graph, resolution, 0), X, np.ones(n))
        rows.append((resolution, whole.max() + 1, agreement))
    return rows


def _agreement(a: np.ndarray, b: np.ndarray) -> float:
    """Adjusted Rand index of two labellings, over what both have labelled (-1 is none)."""
    from sklearn.metrics import adjusted_rand_score

    both = (a >= 0) & (b >= 0)
    return adjusted_rand_score(a[both], b[both])
