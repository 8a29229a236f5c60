"""How many odd files of each kind are read, or refused in a sentence, and what else they meet.

    python tests/benchmarks/fuzz.py [KIND ...]

Tries 100,000 files in all; those that meet an error which is no sentence are printed. Writes
fuzz.csv: a row a kind with the inputs tried, how many met such an error, and which. Found so, and
mended, each with its test: a .zip's member without a name, an import.json with a text among counts,
a workbook without a header, a mapping whose values are of another type.
"""

import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings

from tests.loaders.odd_files import KINDS, tried

INPUTS = dict.fromkeys(KINDS, 8_250) | {"zendesk": 1_000}  # these are whole imports
OUT = Path(__file__).with_suffix(".csv")


def fuzzed(kind: str) -> tuple[int, Counter]:
    """How many inputs of a kind were tried, and how often each error was met, with its place."""
    met, count = Counter(), Counter()
    with tempfile.TemporaryDirectory() as folder:

        @settings(max_examples=INPUTS[kind], database=None, deadline=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(KINDS[kind])
        def each(content):
            count[kind] += 1
            try:
                tried(kind, content, folder)
            except Exception as error:
                met[name := _place(error)] += 1
                if met[name] == 1:
                    print(kind, name, repr(error)[:200], content[:400], flush=True)

        each()
    return count[kind], met


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{Path(f.filename).stem}:{f.lineno}" for f in frames if "/cxresearch/" in f.filename]
    return f"{type(error).__name__} at {ours[-1] if ours else 'the test'}"


def main() -> None:
    """Tries the kinds named, or all, and writes what became of them beside those of before."""
    warnings.simplefilter("ignore")
    for kind in sys.argv[1:] or KINDS:
        began = time.process_time()
        count, met = fuzzed(kind)
        row = {"inputs": count, "no sentence": met.total(), "errors": "; ".join(sorted(met))}
        print(kind, row, f"{time.process_time() - began:.0f} s", flush=True)
        before = pd.read_csv(OUT, index_col="kind").to_dict("index") if OUT.exists() else {}
        rows = before | {kind: row}
        frame = pd.DataFrame.from_dict(rows, "index").rename_axis("kind")
        frame.reindex([name for name in KINDS if name in rows]).to_csv(OUT)


if __name__ == "__main__":
    main()
