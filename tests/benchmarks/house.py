"""How large the house is: python -m tests.benchmarks.house [FOLDER], a checkout; this one if none.

Modules, lines, lines without lab, of pages; rooms and files at the top; public functions and
classes; median, ninth decile and longest function body; rows picked by place; comparisons with the
outcome's name; file names that stand twice.
"""

import ast
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np


def measured(package: Path) -> dict[str, object]:
    """Each measure of a package by its name."""
    files = {f: f.read_text(encoding="utf-8") for f in package.rglob("*.py")}
    lines = {f.relative_to(package): text.count("\n") for f, text in files.items()}
    nodes = [node for text in files.values() for node in ast.walk(ast.parse(text))]
    functions = [n for n in nodes if isinstance(n, ast.FunctionDef)]
    public = [n for t in files.values() for n in ast.parse(t).body
              if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name[0] != "_"]  # fmt: skip
    length = [n.end_lineno - n.body[0].lineno + 1 for n in functions]
    lab = {"lab", "simulate", "trial.py", "rivals.py", "spoil.py", "coverage.py", "calibration.py"}
    pages = {"pages", "findings", "figures", "say.py", "explore.py"}
    names = Counter(f.name for f in files if f.stem != "__init__")
    return {
        "modules": len(files),
        "lines": sum(lines.values()),
        "lines without lab": sum(n for f, n in lines.items() if f.parts[0] not in lab),
        "lines of pages and figures": sum(n for f, n in lines.items() if f.parts[0] in pages),
        "at the top": len({f.parts[0] for f in lines}) - 1,
        "public functions and classes": len(public),
        "function body, median": int(np.median(length)),
        "function body, ninth decile": int(np.quantile(length, 0.9)),
        "function body, longest": max(length),
        "longest module": max(lines.values()),
        "lines with iloc": _count(files, r"\.iloc\["),
        "comparisons with the outcome's name": _count(files, r'outcome [=!]= "'),
        "lines with found": _count(files, r"\bfound\b"),
        "file names that stand twice": sum(n > 1 for n in names.values()),
    }


def _count(files: dict[Path, str], pattern: str) -> int:
    return sum(bool(re.search(pattern, line)) for t in files.values() for line in t.splitlines())


if __name__ == "__main__":
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2]
    for name, value in measured(root / "cxresearch").items():
        print(f"{name:36} {value:>8,}")
