"""A benchmark's measurements in a process of their own, on one core."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
PACKAGES = "bertopic umap-learn hdbscan graspologic-native scikit-learn torch numpy scipy".split()


def on_one_core(module: str, *given: str) -> list[dict]:
    """The rows that a benchmark measures in a process of its own with one thread."""
    got = subprocess.run(
        [sys.executable, "-m", module, "--measure", *given],
        env=os.environ | dict.fromkeys(THREADS, "1"),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(got.stdout.splitlines()[-1])


def versions() -> str:
    """The packages that the numbers depend on."""
    return " ".join(f"{name}-{version(name)}" for name in PACKAGES)


def highest_mb() -> float:
    """Megabytes of this process at the highest."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
