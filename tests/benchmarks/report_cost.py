"""What a report costs, page by page, before and after: python -m tests.benchmarks.report_cost
BEFORE [STUDY], where BEFORE is a checkout of another commit, and STUDY the demo if none is named.

CPU seconds, the peak of memory, and how often each table is made. A page of BEFORE runs in a
process of its own, as its report did, where it has no warm kernel; here all run in one, first with
nothing kept but the encoder's vectors (cold), then again with what that kept (warm). Both run in
turn on the same machine; to compare, read the ratios. The table is in report_cost.csv.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parents[2]
MAKERS = ("build_episodes", "customer_lives", "open_spells", "cause_rows", "by_cause", "coxph",
          "match", "solved_tickets", "message_counts", "cohort_with_reopens")  # fmt: skip
RUN = """
import cProfile, json, os, pstats, resource, sys, time
import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

counted, makers = sys.argv[1] == "count", set(json.loads(sys.argv[2]))
for path in sys.argv[3:]:
    profile, begins = cProfile.Profile(), time.process_time()
    shell = InteractiveShell.instance()
    shell.reset(new_session=True)
    if counted:
        profile.enable()
    with capture_output():
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                shell.run_cell(cell.source).raise_error()
    profile.disable()
    used, peak = time.process_time() - begins, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    made = {}
    for (file, _, name), told in (pstats.Stats(profile).stats if counted else {}).items():
        if name in makers and "cxresearch" in file:
            made[name] = made.get(name, 0) + told[1]
    print("PAGE", json.dumps([path, used, peak / 1024, made]), flush=True)
"""


def pages(root: Path, study: Path, cache: Path, only: str = "", *, count: bool = False) -> list:
    """name, CPU seconds, peak MB and counts of each page of a checkout."""
    books = sorted(map(str, (root / "notebooks").glob(f"{only or '[0-9][0-9]'}-*.ipynb")))
    told = {"CXRESEARCH_STUDY": str(study), "CXRESEARCH_CACHE": str(cache), "PYTHONPATH": str(root)}
    found = []
    for group in [books] if root == HERE else [[book] for book in books]:
        words = ["count" if count else "time", json.dumps(MAKERS), *group]
        ran = subprocess.run([sys.executable, "-c", RUN, *words], env=os.environ | told,
                             capture_output=True, text=True, cwd=root / "notebooks")  # fmt: skip
        if ran.returncode:
            raise RuntimeError(ran.stderr[-3000:])
        lines = [line[5:] for line in ran.stdout.splitlines() if line.startswith("PAGE ")]
        found += [[Path(path).stem[:2], *rest] for path, *rest in map(json.loads, lines)]
    return found


def measured(before: Path, study: Path) -> pd.DataFrame:
    """CPU seconds, peak MB and counts by page: before, cold and warm."""
    columns = {}
    with tempfile.TemporaryDirectory() as folder:
        for root, name in ((before, "before"), (HERE, "cold"), (HERE, "warm")):
            cache = Path(folder) / str(root == HERE)
            if not cache.exists():
                pages(root, study, cache, "04")  # the one page that asks for the encoder's vectors
            for count in (False, True):
                if name == "cold":
                    shutil.rmtree(cache / "kept", ignore_errors=True)
                for page, used, peak, made in pages(root, study, cache, count=count):
                    told = made if count else {"CPU s": used, "MB": peak}
                    for what, value in told.items():
                        columns.setdefault((name, what), {})[page] = value
                print(f"{name}: {'counted' if count else 'timed'}", file=sys.stderr, flush=True)
    return pd.DataFrame(columns).rename_axis(index="page").sort_index()


if __name__ == "__main__":
    study = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "data" / "demo"
    table = measured(Path(sys.argv[1]).resolve(), study.resolve())
    table.columns = [f"{name}: {what}" for name, what in table.columns]
    total = table.sum().where(~table.columns.str.endswith("MB"), table.max())
    table.loc["all"] = total
    table = table.fillna(0).round(1)
    table.to_csv(Path(__file__).with_suffix(".csv"))
    print(table.T.to_string())
    for name in ("cold", "warm"):
        for what in ("CPU s", "MB"):
            ratio = total[f"{name}: {what}"] / total[f"before: {what}"]
            print(f"{name} / before, {what}: {ratio:.2f}")
