"""How each text came among topics: it made the fit, or was assigned later."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import pandas as pd

KINDS = {
    "text": "Int64", "assigned": "datetime64[us, UTC]",
    "near": "float64", "margin": "float64", "theme": "Int64",
}  # fmt: skip


def first_came(texts: Sequence[str | None]) -> pd.DataFrame:
    """A row a text that makes a fit: text (a digest of it), assigned (when it was placed among
    topics that stood; null: it made the fit), near and margin (votes.placed; null before any text
    was assigned), theme (the number of the new theme that it is of: new_themes)."""
    digests = pd.array([_digest(text) for text in texts], dtype="Int64")
    return came_of(pd.DataFrame({"text": digests}))


def came_of(labels: pd.DataFrame) -> pd.DataFrame:
    """The same of what was kept; null where an older version kept nothing."""
    return labels.reindex(columns=list(KINDS)).astype(KINDS)


def unchanged(came: pd.DataFrame | None, texts: Sequence[str | None]) -> np.ndarray:
    """Which texts are as they were when topics were told; those of which that is not known are."""
    if came is None:
        return np.ones(len(texts), bool)
    same = came["text"] == pd.array([_digest(text) for text in texts], dtype="Int64")
    return same.fillna(True).to_numpy(bool)


def _digest(text: str | None) -> int:
    told = (text or "").encode("utf-8", "replace")
    return int.from_bytes(blake2b(told, digest_size=7).digest(), "big")
