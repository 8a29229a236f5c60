"""The draft of a mapping file: what is seen of an export, as TOML for a person to correct.

What is not sure is a comment that begins with "# ? "; take these signs away to say yes. No word of
a person is shown: letters are x and digits are 9, but for times, short numbers, and words of status
and the like.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from glob import escape
from pathlib import Path

from cxresearch.loaders.drafting.guesses import (
    CLOSED,
    FLAG,
    OWN,
    WORDS,
    Guess,
    data,
    guesses,
    meaning,
    words_of,
)
from cxresearch.loaders.drafting.kinds import Kind, kind_of
from cxresearch.loaders.drafting.sights import Column, Sight, sights
from cxresearch.loaders.imports import detect
from cxresearch.loaders.reading import files
from cxresearch.study.schema import TICKETS, InputError
from cxresearch.study.toml_text import toml

ZONES = {"de": "Europe/Berlin", "fr": "Europe/Paris", "es": "Europe/Madrid",
         "it": "Europe/Rome", "pt": "America/Sao_Paulo", "en": "UTC"}  # fmt: skip
EXAMPLES, LETTERS = 3, 24
SCALES = ((1, 5), (0, 10), (1, 10), (1, 7), (0, 100))
NOT_A_WORD = re.compile(r"@|(\d\D*){5}|.{41}", re.DOTALL)
TIME = r"[\dTZ:./,+ -]+([AaPp][Mm]|[A-Za-z]{3})?[\dTZ:./,+ -]*([AaPp][Mm])?"
HEAD = """\
# A draft of a mapping: correct it, then
#   cxresearch import mapped EXPORT {}--mapping THIS_FILE --to data/NAME
# A line that begins with "# ? " is a question: take these signs away to say yes.
"""
KNOWN = """\
# It may be an export of {0}. If so, no mapping is needed:
#   cxresearch import {0} EXPORT --to data/NAME
"""


def draft(path: Path, billing: Path | None = None, encoding: str | None = None) -> str:
    """The mapping file for an export, and for files of billing beside it.

    Raises InputError naming the file if there is nothing to read.
    """
    own, others = files.find(path)
    accounts = files.find(billing)[0] if billing else []
    parts = [(sight, kind_of(sight)) for sight in sights(own, encoding)]
    parts += [(sight, kind_of(sight, billing=True)) for sight in sights(accounts, encoding)]
    told = [(s, k, guesses(k.names, s, k.repeats) if k else []) for s, k in parts]
    tables = Counter(kind.table for _, kind in parts if kind)
    lines = [
        HEAD.format("--customers BILLING " * bool(billing)),
        KNOWN.format(known) if (known := _known(path, encoding)) else "",
    ]
    lines += [f"# Not looked at: {_seen(name)}" for name in others]
    lines += _top(path, told)
    for sight, kind, made in told:
        lines += ["", *_headline(sight, kind)]
        if kind:
            lines += [f"[[{kind.table}]]" if tables[kind.table] > 1 else f"[{kind.table}]"]
            lines += _section(sight, kind, made, len(parts) > 1)
        else:
            lines += _unmapped(sight, made)
    return "\n".join(filter(None, lines)).replace("\n# file", "\n\n# file") + "\n"


def shape(text: str) -> str:
    """The form of a text without what it says: letters are x, digits are 9; a long one is cut.

    >>> shape("Ann Lee, 0171")
    'xxx xxx, 9999'
    """
    cut = text if len(text) <= LETTERS else text[: LETTERS - 1] + "…"
    return _seen("".join("9" if c.isnumeric() else "x" if c.isalnum() else c for c in cut))


def _known(path: Path, encoding: str | None) -> str:
    try:
        return detect(path, encoding)
    except InputError:
        return ""


def _top(path: Path, told: list[tuple[Sight, Kind | None, list[Guess]]]) -> Iterator[str]:
    """What holds for all sections: words for nothing, order of day and month, and the time zone."""
    yield f"source = {toml(path.stem or 'export')}"
    nothing = tuple(sorted({word for sight, *_ in told for word in sight.nothing}))
    if nothing:
        yield f"missing = {toml(nothing)}  # words that stand for nothing"
    made = [guess for *_, guesses_ in told for guess in guesses_]
    timed = [g.column for g in made if g.kind == "time" and g.column.way == "local"]
    orders = sum((column.orders for column in timed), Counter())
    begin = [order for order in ("day", "month") if orders[order]]
    if len(begin) == 1:
        yield f"date_order = {toml(begin[0])}  # {orders[begin[0]]:,} dates begin with nothing else"
    elif orders:
        such = next(_seen(column.counts.index[0]) for column in timed if column.orders)
        says = "some begin with the day, others with the month" if begin else "nothing tells which"
        yield f'# ? date_order = "day"  # or "month"? {such}: {says}'
    local = [column for column in timed if not _in_utc(column)]
    if local:
        languages = Counter(re.findall(r"name \((\w\w)", " ".join(g.why for g in made)))
        zone = toml(ZONES[max(languages, key=languages.get)])
        yield f"# ? time_zone = {zone}  # on which clock are times such as {_name(local[0])}?"


def _in_utc(column: Column) -> bool:
    return bool({"utc", "gmt"} & {*words_of(column.name)})


def _headline(sight: Sight, kind: Kind | None) -> Iterator[str]:
    names = ", ".join(_seen(file.name) for file in sight.files[:5])
    size = (
        f"{'the first ' if sight.more else ''}{sight.rows:,} rows, {len(sight.columns):,} columns"
    )
    why = f" ({_seen(kind.why)})" if kind and kind.why else ""
    what = (
        f"a row tells of one {kind.name}{why}" if kind else "nothing that is known: not described"
    )
    yield f"# file {names}{' and more' if len(sight.files) > 5 else ''}: {size}; {what}."
    if sight.broken:
        yield f"# {sight.broken:,} rows cannot be read; an import sets them aside."
    if kind and kind.doubt:
        yield f"# Look here: {kind.doubt}."


def _section(sight: Sight, kind: Kind, made: list[Guess], several: bool) -> Iterator[str]:
    """What is told of one table: columns, fixed values, times, words; and what is not told."""
    table, sure = kind.table, {guess.ours for guess in made if guess.sure}
    names = {column.name for column in sight.columns}
    if several and len(sight.files) == 1:
        yield f"file = {toml(escape(Path(sight.files[0].name).name))}"
    if kind.row or kind.doubt:
        asked = '# ? row = "change"  # or "message"?'
        yield f"row = {toml(kind.row)}" if kind.row else asked if table == "tickets" else ""
    yield f"[{table}.columns]"
    for guess in made:
        yield f"# {_evidence(guess.column, guess)}"
        name = guess.column.name
        if guess.kind == "list":
            name = f"{name}[]" if f"{name}_2" in names else name.replace("[0]", "[]")
        line = f"{guess.ours} = {toml(name)}"
        yield line if guess.sure else f"# ? {line}  # {_seen(guess.doubt)}"
    if OWN[kind.names] not in {guess.ours for guess in made}:
        once = toml(next((column.name for column in sight.columns if column.single), ""))
        yield f"# ? {OWN[kind.names]} = {once}  # is this the number of a {kind.name}?"
    yield from _unmapped(sight, made)
    yield from _part(f"{table}.fixed", _fixed(kind, made, sure))
    yield from _part(f"{table}.times", _times(made))
    spans = [f"{'' if g.sure else '# ? '}{g.ours} = {toml(g.unit)}" for g in made if g.unit]
    yield from _part(f"{table}.durations", spans)
    for guess in {g.ours: g for g in sorted(made, key=lambda g: g.sure)}.values():
        yield from _part(
            f"{table}.words.{guess.ours}", _words(guess) if guess.ours in CLOSED else []
        )
    for columns, what in data("words.toml")["untold"].get(table, {}).items():
        if not {*columns.split(", ")} & (sure | {*kind.fixed}):
            yield f"# Without {columns} it cannot be told: {what}."


def _part(name: str, lines) -> list[str]:
    held = list(lines)
    return [f"[{name}]", *held] if held else []


def _evidence(column: Column, guess: Guess | None) -> str:
    """How much is filled, how many values differ, three of them, and why it may be ours."""
    raw = _shown(guess) if guess else "(?!)"
    examples = [_seen(text) if re.fullmatch(raw, text) else shape(text)
                for text in column.counts.index[:EXAMPLES]]  # fmt: skip
    share = (
        f"{column.filled / max(len(column.values), 1):.0%} filled, {column.distinct:,} different"
    )
    such = f", as {' | '.join(dict.fromkeys(examples))}" if examples else ""
    return f"{_name(column)}: {share}{such}{f'; {guess.why}' if guess else ''}"


def _shown(guess: Guess) -> str:
    """How a value must look to be shown as it is: times, flags and short numbers name nobody."""
    if guess.kind == "time" and guess.column.way:
        return TIME
    short = guess.kind in ("integer", "number", "time") or guess.ours == "satisfaction_raw"
    return r"-?\d{1,4}([.,:]\d{1,3}){0,2}" if short else FLAG if guess.kind == "flag" else "(?!)"


def _unmapped(sight: Sight, made: list[Guess]) -> Iterator[str]:
    taken = {guess.column.name for guess in made}
    left = [column for column in sight.columns if column.name not in taken]
    if sight.headless:
        left = [replace(column, name=shape(column.name)) for column in left]
        yield "# Its first row looks like data: put a row with the names of the columns above it."
    yield from (f"# not mapped: {_evidence(column, None)}" for column in left)


def _fixed(kind: Kind, made: list[Guess], sure: set[str]) -> Iterator[str]:
    """Values that hold for all rows: known from the kind, unknown, or to be asked."""
    yield from (f"{ours} = {toml(v)}" for ours, v in kind.fixed.items() if ours not in sure)
    if kind.table == "tickets" and "status" not in sure:
        asked = any(guess.ours == "status" for guess in made)
        yield f'{"# ? " * asked}status = "unknown"  # no column tells it'
    if kind.table == "tickets" and not kind.row and "created_at" not in sure:
        yield '# ? created_at = "2026-01-01T00:00:00Z"  # no column tells it: one day for all?'
    if kind.table == "customers" and "observed_until" not in sure:
        yield '# ? observed_until = "2026-07-01T00:00:00Z"  # when was billing exported?'
    for guess in (g for g in made if g.ours in ("score_raw", "satisfaction_raw") and g.sure):
        asked = {*words_of(guess.column.name)} & data("words.toml")["kind_of_survey"].keys()
        named = [data("words.toml")["kind_of_survey"][word] for word in asked]
        if kind.table == "surveys":
            yield f"kind = {toml(named[0])}" if named else '# ? kind = "csat"  # or nps, or ces?'
        yield from _scale(guess, "nps" in named)


def _scale(guess: Guess, nps: bool) -> Iterator[str]:
    texts = guess.column.counts.index.str.strip()
    seen = [float(text) for text in texts if re.fullmatch(r"\d{1,3}(\.0+)?", text)]
    ends = (min(seen), max(seen)) if seen else (0, 1000)
    fits = [s for s in SCALES if s[0] <= ends[0] and ends[1] <= s[1] and (not nps or s == (0, 10))]
    if len(seen) == len(texts) and fits:
        mark = "" if nps or ends in SCALES else "# ? "
        yield f"{mark}scale_min = {fits[0][0]}"
        yield f"{mark}scale_max = {fits[0][1]}  # seen are {ends[0]:g} to {ends[1]:g}"


def _times(made: list[Guess]) -> Iterator[str]:
    for guess in (g for g in made if g.sure and g.kind == "time"):
        if guess.column.way == "epoch":
            yield f'{guess.ours} = "epoch"  # seconds or milliseconds since 1970'
        elif guess.column.way == "local" and _in_utc(guess.column):
            yield f'{guess.ours} = "utc"  # its name says so'


def _words(guess: Guess) -> Iterator[str]:
    """Every word of a closed column, with its count and ours for it."""
    status = next(column.words for column in TICKETS.columns if column.name == "status")
    allowed = status if guess.ours == "status" else data("words.toml")[guess.ours].keys()
    for word, count in guess.column.counts.head(WORDS).items():
        ours, rows = meaning(guess.ours, word), f"# {count:,} row{'s' * (count != 1)}"
        line = f"{toml(word.strip())} = {toml(ours.lstrip('?') or 'open')}  {rows}"
        if NOT_A_WORD.search(word):
            yield f"{rows} hold what is no word: {shape(word)}"
        elif ours and ours[0] != "?":
            yield line
        elif ours or guess.ours == "status":
            yield f"# ? {line}: which of {', '.join(allowed)}?"
        else:
            yield f"# kept as it is: {toml(word.strip())}  {rows}"


def _name(column: Column) -> str:
    return toml(column.name if len(column.name) <= 60 else column.name[:59] + "…")


def _seen(text: str) -> str:
    """Text for a comment: what is no letter to see is a dot."""
    return "".join(c if c.isprintable() else "." for c in text)
