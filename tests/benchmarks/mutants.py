"""Do the unit tests notice when the code says something else? Small faults, planted one by one.

    python -m tests.benchmarks.mutants                  tests/benchmarks/mutants.csv
    python -m tests.benchmarks.mutants --only 3 17      a look at these, written nowhere

Of pages, impact and outcomes 40 places are drawn (seed 0) at which one operator is turned: a
comparison, a sign, a number, true and false, and and or, min and max, first and last. Each mutant
is run in a copy of the package with the unit tests that import its module or its room, until one
fails; no notebook is run. A mutant that changes nothing is listed in EQUIVALENT with the reason.
"""

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).with_suffix(".csv")
ROOMS, WANTED, SEED, MINUTES = ("pages", "impact", "outcomes"), 40, 0, 20
COMPARED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
            ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In}  # fmt: skip
SIGNS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
WORDS = {"min": "max", "max": "min", "idxmin": "idxmax", "idxmax": "idxmin", "head": "tail",
         "tail": "head", "nlargest": "nsmallest", "any": "all", "all": "any"}  # fmt: skip
# What only says how large, dark or far something is drawn; no test is to know it.
LOOKS = {"s", "lw", "alpha", "fontsize", "size", "pad", "zorder", "height", "aspect", "markersize",
         "ms", "mew", "shrink", "rotation", "labelsize", "length", "ncols", "pt"}  # fmt: skip
# By file, operator and what stands there: why nobody could notice.
EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("cxresearch/outcomes/doubts.py", "comparison", "p < 0.05"): "p is a whole number of 201sts, "
    "and none of these is a twentieth",
    ("cxresearch/outcomes/recovery.py", "number", "False"): "the first row of each group stands "
    "where it stood, sorted or not",
}


@dataclass(frozen=True)
class Mutant:
    """A place in a file (the n-th node that can be turned), what stands there and what will."""

    file: str
    place: int
    line: int
    operator: str
    before: str
    after: str


class Turned(ast.NodeTransformer):
    """Turns the node at one place, or, at place -1, lists what could be turned."""

    def __init__(self, place: int = -1):
        self.place, self.seen, self.listed = place, -1, []

    def turn(self, node: ast.AST, operator: str, change) -> ast.AST:
        self.generic_visit(node)
        self.seen += 1
        if self.place not in (-1, self.seen):
            return node
        line, before = node.lineno, ast.unparse(node)
        other = change(ast.parse(before, mode="eval").body)
        self.listed.append((self.seen, line, operator, before, ast.unparse(other)))
        return node if self.place == -1 else ast.copy_location(other, node)

    def visit_Compare(self, node):
        if len(node.ops) > 1 or type(node.ops[0]) not in COMPARED:
            return self.generic_visit(node)
        return self.turn(node, "comparison", _compare)

    def visit_BinOp(self, node):
        text = any(isinstance(side, ast.Constant | ast.JoinedStr) and not _number(side)
                   for side in (node.left, node.right))  # fmt: skip
        if type(node.op) not in SIGNS or text:
            return self.generic_visit(node)
        return self.turn(node, "sign", _sign)

    def visit_BoolOp(self, node):
        return self.turn(node, "and / or", _bool)

    def visit_Attribute(self, node):
        if node.attr not in WORDS:
            return self.generic_visit(node)
        return self.turn(node, "word", _word)

    def visit_Constant(self, node):
        if not (_number(node) or isinstance(node.value, bool)):
            return node
        return self.turn(node, "number", _constant)

    def visit_keyword(self, node):
        if node.arg not in LOOKS:
            node.value = self.visit(node.value)
        return node

    def visit_AnnAssign(self, node):
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_JoinedStr(self, node):
        return node  # what is between braces is text here

    def visit_Subscript(self, node):
        node.value = self.visit(node.value)
        return node

    def visit_FunctionDef(self, node):
        node.body = [self.visit(each) for each in node.body]
        return node


def _number(node: ast.AST) -> bool:
    value = getattr(node, "value", None)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compare(node):
    node.ops = [COMPARED[type(node.ops[0])]()]
    return node


def _sign(node):
    node.op = SIGNS[type(node.op)]()
    return node


def _bool(node):
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return node


def _word(node):
    node.attr = WORDS[node.attr]
    return node


def _constant(node):
    node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    return node


def drawn(n: int = WANTED, seed: int = SEED) -> list[Mutant]:
    """The mutants: n places drawn from all that could be turned in the rooms."""
    every = []
    for room in ROOMS:
        for file in sorted((ROOT / "cxresearch" / room).rglob("*.py")):
            found = Turned()
            found.visit(ast.parse(file.read_text(encoding="utf-8")))
            every += [Mutant(file.relative_to(ROOT).as_posix(), *each) for each in found.listed]
    places = np.random.default_rng(seed).permutation(len(every))[:n]
    return [every[at] for at in sorted(places)]


def tests_of(file: str) -> list[str]:
    """The test files that import the module, then those of its room that import another of it."""
    module = file.removesuffix(".py").replace("/", ".")
    package, _, name = module.rpartition(".")
    named = rf"from {re.escape(package)} import [^#]*?\b{name}\b|{re.escape(module)}\b"
    room = module.split(".")[1]
    near, far = [], []
    for test in sorted((ROOT / "tests").rglob("test_*.py")):
        text, path = test.read_text(encoding="utf-8"), test.relative_to(ROOT).as_posix()
        if re.search(named, text):
            near.append(path)
        elif f"cxresearch.{room}" in text and room in path:
            far.append(path)
    return sorted(near, key=lambda path: room not in path) + far


def run(mutant: Mutant) -> str:
    """The test that failed, "survived", "equivalent", or "too slow" (which a person would see)."""
    if (mutant.file, mutant.operator, mutant.before) in EQUIVALENT:
        return "equivalent"
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "cxresearch", Path(folder) / "cxresearch")
        for name in ("tests", "data", "docs", "notebooks", "README.md", "pyproject.toml"):
            (Path(folder) / name).symlink_to(ROOT / name)
        file = Path(folder) / mutant.file
        tree = Turned(mutant.place).visit(ast.parse(file.read_text(encoding="utf-8")))
        file.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
        asked = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-n0"]
        environment = {**os.environ, "PYTHONPATH": folder, "OMP_NUM_THREADS": "1"}
        try:
            ran = subprocess.run([*asked, *tests_of(mutant.file)], cwd=folder, env=environment,
                                 capture_output=True, text=True, timeout=60 * MINUTES)  # fmt: skip
        except subprocess.TimeoutExpired:
            return "too slow"
    if ran.returncode > 1:  # a broken run is no verdict
        raise RuntimeError(ran.stdout[-2000:])
    failed = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0].split("::")[-1] if failed else "survived"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", type=int, help="these mutants, by number")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    mutants = dict(enumerate(drawn(seed=asked.seed)))
    chosen = {n: m for n, m in mutants.items() if asked.only is None or n in asked.only}
    with ThreadPoolExecutor(asked.processes) as pool:
        rows = []
        for (n, mutant), killer in zip(chosen.items(), pool.map(run, chosen.values()), strict=True):
            print(n, f"{mutant.file}:{mutant.line}", mutant.before, "->", mutant.after, killer,
                  flush=True)  # fmt: skip
            rows.append({"mutant": n, **vars(mutant), "killed by": killer})
    table = pd.DataFrame(rows)
    told = table["killed by"].value_counts()
    lived, same = told.get("survived", 0), told.get("equivalent", 0)
    print(f"{len(table) - lived - same} of {len(table)} are killed, {same} are equivalent")
    if asked.only is None and asked.seed == SEED:
        table.to_csv(FILE, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
