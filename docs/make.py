"""Writes reference.md, tables.md and questions.md from the code: python docs/make.py [--check].

The reference is the public names of cxresearch with their signatures and docstrings; the tables are
the schema's columns with what each holds; the questions are what pages are for. With --check
nothing is written; what is stale is named.
"""

import inspect
import sys
from collections import Counter
from dataclasses import is_dataclass
from pathlib import Path

import cxresearch
from cxresearch.loaders.people import mapping
from cxresearch.loaders.people.mapping_keys import KEYS, MORE, OF_ROW, ROWS, TOP
from cxresearch.study.questions import Question, questions
from cxresearch.study.schema import TABLES, Table

HERE = Path(__file__).parent
INTRO = """# Reference

The names that `import cxresearch` gives, by what they are for; made by `python docs/make.py`.
What asks a question takes a study (`Study.from_tables` makes one of plain frames); what estimates,
the group on events over time, takes any frame of the columns it names, and so does `fit_topics`
any texts. A result says, shows and draws itself: `.said()`, `.table()`, `.plot()`, and `.frame` for
all there is; what a study cannot support is a `CannotTell` with the reason. A Cox fit has
`.table()`, `.plot()`, `.check()` and `.cox_zph()`. Examples run in the project's folder.
"""
TABLE_INTRO = """# Tables of a study

A study is a folder of Parquet tables; made from the schema by `python docs/make.py`. Times are UTC;
null means that the export cannot tell, never zero. A column in bold is never null.
"""

QUESTIONS_INTRO = """# Questions

What the pages are for; made from `cxresearch/study/questions.toml` by `python docs/make.py`. K are
key figures, A what issues are told apart by, Q questions, D data, N questions found later. A page
is named with the functions whose results answer; a test runs these on the demo. A study that lacks
what a question needs is told so on page 01.
"""


def reference() -> str:
    """The public names by group, each with its signature and docstring; then mapping files."""
    parts = [INTRO]
    for title, names in cxresearch.GROUPS.items():
        parts.append(f"## {title}\n")
        parts += [_entry(name, getattr(cxresearch, name)) for name in names]
    return "\n".join([*parts, _mapping()])


def _mapping() -> str:
    """What a mapping file can say: the docstring, and its keys with what each must be."""
    text = "\n".join(
        line if line.startswith("    ") else line.replace("*", "\\*").replace("_", "\\_")
        for line in inspect.getdoc(mapping).splitlines()
    )
    keys = [
        f"## {title}\n\n| key | what it is |\n|---|---|\n"
        + "".join(f"| {key} | {says} |\n" for key, (_, says) in held.items())
        for title, held in (("Keys of a mapping file", TOP), ("Keys of one of its tables", KEYS))
    ]
    return "\n".join(["## Mapping files\n", text, "", *keys])


def _entry(name: str, what: object) -> str:
    text = inspect.getdoc(what) or ""
    lines = [f"### {name}\n"]
    if inspect.isfunction(what) or is_dataclass(what):
        lines.append(f"```python\n{name}{_signature(what)}\n```\n")
    return "\n".join([*lines, _markdown(text), "", *_methods(name, what)])


def _methods(name: str, what: object) -> list[str]:
    """What a class that is no result can be asked: its own public methods."""
    if not inspect.isclass(what) or is_dataclass(what) or issubclass(what, Exception):
        return []
    own = {n: m for n, m in vars(what).items() if not n.startswith("_")}
    called = {n: getattr(m, "__func__", m) for n, m in own.items()}
    return [
        f"`{name.lower()}.{n}{_signature(m)}`\n\n{_markdown(inspect.getdoc(m) or '')}\n"
        for n, m in called.items()
        if inspect.isfunction(m)
    ]


def _signature(what: object) -> str:
    signature = inspect.signature(what)
    short = f"{signature}".replace("cxresearch.", "")
    if len(short) <= 80:
        return short
    _, _, back = short.rpartition(" -> ")
    parts = [str(p).replace("cxresearch.", "") for p in signature.parameters.values()]
    named = [p.kind is p.KEYWORD_ONLY for p in signature.parameters.values()]
    if any(named):
        parts.insert(named.index(True), "*")
    return "(\n" + "".join(f"    {part},\n" for part in parts) + f") -> {back}"


def _markdown(text: str) -> str:
    """A docstring whose examples are blocks of code."""
    lines, inside = [], False
    for line in text.splitlines():
        starts = line.startswith(">>>")
        if starts and not inside:
            lines += ["```python"]
        if inside and not line.strip():
            lines += ["```"]
        inside = starts or (inside and bool(line.strip()))
        lines.append(line)
    return "\n".join([*lines, "```"] if inside else lines)


def tables() -> str:
    """Each table with its columns, their kinds and what they hold."""
    return "\n".join([TABLE_INTRO, *(_table(table) for table in TABLES.values())])


def _table(table: Table) -> str:
    rows = [
        f"| {f'**{c.name}**' if c.needed else c.name} | {c.kind} | {_says(c)} |"
        for c in table.columns
    ]
    head = f"## {table.name}\n\n{table.says[:1].upper()}{table.says[1:]}.\n"
    lines = [head, "| column | kind | what it holds |", "|---|---|---|", *rows, ""]
    return "\n".join([*lines, *_in_mappings(table)])


def _in_mappings(table: Table) -> list[str]:
    """What a mapping may say of the table: what a row is, and columns beside its own."""
    kinds = tuple(filter(None, ROWS.get(table.name, ())))
    lines = [f"In a mapping a row is: {', '.join(kinds)}."] if kinds else []
    more = {"": MORE.get(table.name, ())} | {row: OF_ROW.get(row, ()) for row in kinds}
    for row, names in more.items():
        if further := [name for name in names if name not in table.names]:
            where = f"Where a row is a {row}, it" if row else "A mapping"
            lines.append(f"{where} may also name {', '.join(further)}.")
    return [" ".join(lines), ""] if lines else []


def asked() -> str:
    """Every question with what it needs, where it is answered, and what is missing."""
    counts = Counter(each.state for each in questions())
    head = "| id | question | needs | | where | lacks |\n|---|---|---|---|---|---|"
    told = ", ".join(f"{counts[state]} {state}" for state in ("answered", "partly", "not yet"))
    rows = [_asked(each) for each in questions()]
    return "\n".join([QUESTIONS_INTRO, f"{told[:1].upper()}{told[1:]}.\n", head, *rows, ""])


def _asked(each: Question) -> str:
    where = [
        f"{page}: " + ", ".join(f"`{claim.removeprefix('cxresearch.')}`" for claim in claims)
        for page, claims in each.by.items()
    ]
    cells = (each.id, each.question, ", ".join(each.needs), each.state, "; ".join(where))
    return f"| {' | '.join(cells)} | {each.lacks} |"


def _says(column) -> str:
    words = f" ({', '.join(column.words)})" if column.words else ""
    return f"{column.says}{words}".replace("|", "\\|")


def main() -> None:
    pages = {"reference.md": reference(), "tables.md": tables(), "questions.md": asked()}
    stale = []
    for name, text in pages.items():
        file = HERE / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                file.write_text(text, encoding="utf-8", newline="\n")
    if stale and "--check" in sys.argv:
        sys.exit(f"docs/{', docs/'.join(stale)} are stale: run 'python docs/make.py'.")


if __name__ == "__main__":
    main()
