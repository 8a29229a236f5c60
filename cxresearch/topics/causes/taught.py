"""Example sentences of a cause, and corrected tickets, draw alike tickets along."""

from collections.abc import Mapping

import numpy as np
from scipy import sparse

from cxresearch.topics.communities import centroids

ANCHORS, LEAST = 0.1, 3  # of a cause's even share of the texts: how many it is anchored in
CENTRAL = 0.4  # of a cause's texts are further from its middle than what says what it is
CLEARLY = 1.5  # times as much as of the cause that was told, or a text stays
MOST = 0.75  # of its texts must be near to what says it, lest a half of two be taken for both
KEEPS, STEPS = 0.1, 30  # of each step: the share that stays with the anchors


def taught_causes(
    graph: sparse.csr_matrix,
    vectors: np.ndarray,
    causes: np.ndarray,
    examples: Mapping[str, np.ndarray],
    corrected: Mapping[int, str],
) -> np.ndarray:
    """The causes of texts, of which those moved that are nearer to what people taught.

    graph ties texts to their neighbours (neighbours.shared_neighbours), vectors are theirs, causes
    what they were told to be. examples holds the vectors of each taught cause's sentences,
    corrected the cause of single texts. A new cause says what one is that nobody taught, and takes
    its place, if its sentences are more central to that than two in five of its texts and three in
    four of these are at least half as near to them as to its middle. Each cause is anchored in
    texts: a taught one in those nearest to its sentences and in corrected ones, another in its most
    central. What the anchors say spreads over the graph (Zhou et al. 2004, learning with local and
    global consistency), as much of each cause. A text moves where a taught cause says most, to no
    other; a correction stands.
    """
    taught = {*examples, *corrected.values()}
    if not taught:
        return causes
    causes = _named_anew(vectors, causes, examples, taught)
    known = sorted({*causes, *taught})
    few = max(LEAST, round(ANCHORS * len(causes) / len(known)))
    anchors = np.zeros((len(causes), len(known)))
    for column, cause in enumerate(known):
        anchors[_nearest(vectors, causes == cause, examples.get(cause), few), column] = 1
    for text, cause in corrected.items():
        anchors[text] = [cause == each for each in known]
    says = anchors
    for _ in range(STEPS):
        says = (1 - KEEPS) * (graph @ says) + KEEPS * anchors
    says = np.round(says / np.maximum(anchors.sum(axis=0), few), 12)
    best = np.array(known, dtype=object)[says.argmax(axis=1)]
    as_told = says[np.arange(len(causes)), np.searchsorted(known, causes)]
    moved = np.isin(best, list(taught)) & (says.max(axis=1) > CLEARLY * as_told)
    told = np.where(moved, best, causes)
    told[list(corrected)] = list(corrected.values())
    return told


def _named_anew(vectors, causes: np.ndarray, examples, taught: set[str]) -> np.ndarray:
    old = sorted({*causes} - taught)
    middles = {cause: vectors[causes == cause].mean(axis=0) for cause in old}
    for cause in sorted(examples.keys() - {*causes}):
        if not middles:
            break
        says = examples[cause].mean(axis=0)
        nearest = max(middles, key=lambda each: round(float(says @ middles[each]), 6))
        texts = vectors[causes == nearest]
        own = texts @ middles[nearest]
        said = np.round(says @ middles[nearest], 6)
        central = (np.round(own, 6) < said).mean() >= CENTRAL
        if central and (np.round(texts @ says - own / 2, 6) > 0).mean() >= MOST:
            causes = np.where(causes == nearest, cause, causes)
            del middles[nearest]
    return causes


def _nearest(vectors, own: np.ndarray, meant: np.ndarray | None, few: int) -> np.ndarray:
    """The places of texts nearest to any of the sentences or, without these, to the middle of a
    cause's own texts."""
    if meant is None:
        if not own.any():
            return np.zeros(0, int)
        meant = centroids(np.zeros(own.sum(), int), vectors[own])
        vectors = np.where(own[:, None], vectors, 0)
    alike = np.round(vectors @ meant.T, 5).max(axis=1)
    order = np.argsort(-alike, kind="stable")[:few]
    return order[alike[order] > 0]
