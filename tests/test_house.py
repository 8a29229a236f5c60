"""The house: twelve rooms, arrows that run one way, and a name that finds one file."""

import ast
from collections import Counter
from pathlib import Path

import cxresearch

PACKAGE = Path(cxresearch.__file__).parent
# From the ground floor up; a room may import itself and those before it.
ROOMS = ["study", "survival", "loaders", "topics", "episodes", "outcomes", "kpis", "impact", "lab",
         "pages", "report", "cli"]  # fmt: skip


def imports(file: Path) -> set[str]:
    """The rooms that a file imports from, wherever in it: a lazy import counts as one."""
    named = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "cxresearch":
            named |= {f"cxresearch.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named.add(node.module or "")
    ours = [name.split(".") for name in named]
    return {parts[1] for parts in ours if parts[0] == "cxresearch" and len(parts) > 1}


def test_nothing_but_rooms_stands_at_the_top():
    files = {f.stem for f in PACKAGE.iterdir() if f.suffix == ".py" or (f / "__init__.py").exists()}
    assert files - {"__init__"} == set(ROOMS)


def test_no_import_runs_back_up():
    up = []
    for file in PACKAGE.rglob("*.py"):
        room = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        below = set(ROOMS[: ROOMS.index(room) + 1] if room in ROOMS else ROOMS)
        up += [(file.name, other) for other in imports(file) & set(ROOMS) - below]
    assert up == []


def test_a_lazy_import_counts_as_one(tmp_path):
    file = tmp_path / "lazy.py"
    file.write_text(
        "def f():\n    from cxresearch.pages.show import say\n    import cxresearch.lab.x"
    )
    assert imports(file) == {"pages", "lab"}


def test_no_file_name_stands_twice():
    names = Counter(file.name for file in PACKAGE.rglob("*.py") if file.stem != "__init__")
    assert [name for name, times in names.items() if times > 1] == []


def test_no_module_is_longer_than_a_few_screens():
    long = [f.name for f in PACKAGE.rglob("*.py") if f.read_text().count("\n") > 300]
    assert long == []
