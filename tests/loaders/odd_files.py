"""Files that nobody wrote: sound ones with bytes changed, and sound packing around odd content.

KINDS gives a strategy of bytes for each kind of file; tried(kind, content, folder) does with such a
file what the package does, and lets through whatever is no InputError.
"""

import gzip
import io
import json
import zipfile
from contextlib import suppress
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from cxresearch import loaders
from cxresearch.impact.decisions import read_decisions
from cxresearch.kpis import quality
from cxresearch.loaders.people.mapping import read_mapping
from cxresearch.loaders.reading import files
from cxresearch.loaders.reading.batches import batches, originals
from cxresearch.loaders.reading.forms import look
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.settings import Settings, read_settings, settings_text
from cxresearch.study.study import Study
from cxresearch.topics.causes.file import read_causes

FORMATS = Path(__file__).parent / "formats" / "zendesk"
MAPPING = """
source = "Our desk"
time_zone = "Europe/Madrid"
times = "%d.%m.%Y %H:%M"
missing = ["?"]
match = ["key"]
[tickets]
columns = {ticket_id = "id", created_at = "at", subject = "subject"}
fixed = {status = "open"}
words.status = {Offen = "open"}
[[people]]
columns = {requester_id = "id", key = "account"}
"""
CAUSES = """
[[topic]]
topic = 0
found = "a"
tickets = 3
name = "a"
effort = 2.0
suggested = {owner = "b"}
scores = {owner = 0.5}
was = 1
overlap = 0.5
carried = ["owner"]
"""
REPORT = {
    "rows": [{"table": "tickets", "read": 3, "kept": 2, "quarantined": 1}],
    "files": [{"file": "a.csv", "read": 3, "kept": 2, "quarantined": 1}],
    "notes": ["a note"],
}
ROWS = 'id,at,subject\n1,2026-03-02,"a, ""b"""\n2,2026-03-02,c\\"d\n'
RECORDS = [{"id": n, "via": {"channel": "web"}, "tags": ["a"], "subject": "é"} for n in (1, 2)]
LINES = "\n".join(map(json.dumps, RECORDS))
PAGE = json.dumps({"tickets": RECORDS, "next_page": None})
WORDS = st.text(max_size=8) | st.sampled_from(["", "id", "2026-03-02", "=1+1", "\x00", "1e400"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda held: st.lists(held, max_size=3) | st.dictionaries(WORDS, held, max_size=3),
    max_leaves=8,
)


@st.composite
def spoilt(draw, sound):
    """A sound file's bytes, or some drawn ones, after up to four changes."""
    data = bytearray(draw(sound) if isinstance(sound, st.SearchStrategy) else sound)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        size = draw(st.sampled_from([0, 1, 1, 4, 40, len(data)]))
        what = draw(st.sampled_from(["put", "put", "repeat", "cut"]))
        piece = draw(st.binary(max_size=6)) if what == "put" else bytes(data[at : at + size]) * 2
        data[at : at + size] = b"" if what == "cut" else piece
    return bytes(data)


def packed(pairs):
    """A .zip of named contents, in which names may repeat."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in pairs:
            target.writestr(name, content)
    return made.getvalue()


def workbook(rows):
    """An .xlsx file with these rows in its first sheet."""
    book, made = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(made)
    return made.getvalue()


def parquet(columns):
    """A Parquet file with these columns, as far as they can be written."""
    made = io.BytesIO()
    with suppress(pa.ArrowException):
        pq.write_table(pa.table(columns), made)
        return made.getvalue()
    return b""


@st.composite
def columns(draw, names):
    """Columns of odd types under these names."""
    types = st.sampled_from([
        pa.string(), pa.int64(), pa.float16(), pa.float64(), pa.bool_(), pa.binary(), pa.date32(),
        pa.timestamp("ns"), pa.timestamp("us", "UTC"), pa.timestamp("s", "+05:00"),
        pa.time64("us"), pa.duration("s"), pa.decimal128(38, 2), pa.null(), pa.list_(pa.string()),
        pa.struct({"x": pa.int64()}), pa.dictionary(pa.int32(), pa.string()), pa.large_string(),
        pa.map_(pa.string(), pa.int64()), pa.uint64(), pa.list_(pa.list_(pa.int64())),
    ])  # fmt: skip
    made = {}
    for name in draw(st.lists(st.sampled_from(names), min_size=1, unique=True)):
        kind = draw(types)
        value = draw(WORDS | st.integers(0, 9) | st.floats() | st.just(["a"]))
        made[name] = pa.nulls(2, kind)
        with suppress(pa.ArrowException, TypeError, ValueError, OverflowError):
            made[name] = pa.array([value, None], kind)
    return made


def with_odd(sound):
    """JSON of an object in which values are replaced by others."""
    replaced = st.dictionaries(st.sampled_from(sorted(sound)), VALUES, max_size=2)
    return st.builds(lambda new: json.dumps(sound | new).encode(), replaced)


def odd_toml(text):
    """TOML in which the value of one key is another."""
    values = st.sampled_from([
        "1", "-1.5", "inf", "nan", "true", '""', '"x"', "[]", "[1]", '["x"]', "{}", "{x = 1}",
        "2026-03-02", "2026-03-02T10:00:00Z", "10:00:00", "[[[]]]", "{x = {y = 'z'}}", "9" * 5000,
        "[" * 3000 + "]" * 3000,
    ])  # fmt: skip
    keys = [n for n, line in enumerate(text.splitlines()) if " = " in line and line[0] != "#"]

    def changed(at, value):
        lines = text.splitlines()
        lines[at] = lines[at].partition(" = ")[0] + " = " + value
        return "\n".join(lines).encode()

    def nested(at, value):
        lines = text.splitlines()
        head, _, tail = lines[at].rpartition('"')
        lines[at] = head.rpartition('"')[0] + value + tail
        return "\n".join(lines).encode()

    return st.builds(changed, st.sampled_from(keys), values) | st.builds(
        nested, st.sampled_from(keys), values
    )


def odd_records():
    """Tickets of the Zendesk API in which values, or lists in them, are others."""
    sound = json.loads((FORMATS / "tickets_export.ndjson").read_text().splitlines()[0])
    return st.lists(with_odd(sound), min_size=1, max_size=3).map(b"\n".join)


CELLS = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False)
CELLS |= st.text("ab=,;\n\"'é😡", max_size=5) | st.dates() | st.timedeltas()
TABLE = st.lists(st.lists(WORDS, max_size=4).map(",".join), max_size=6).map("\n".join)
TEXTS = {
    "csv": spoilt(ROWS.encode()) | spoilt(TABLE.map(str.encode)),
    "json": spoilt(PAGE.encode()) | VALUES.map(json.dumps).map(str.encode),
    "ndjson": spoilt(LINES.encode()) | st.lists(VALUES.map(json.dumps)).map(
        lambda lines: "\n".join(lines).encode()
    ),
}  # fmt: skip
MEMBERS = st.one_of(
    *(st.tuples(st.sampled_from([f"a.{kind}", f"b/a.{kind}"]), TEXTS[kind]) for kind in TEXTS)
)
SOUND_ZIP = packed([("a.csv", ROWS), ("a.json", PAGE)])
STUDY = settings_text(Settings(tickets_from="2026-01-01T00:00:00Z"))
DECISIONS = """
[[decision]]
what = "a"
cause = "b"
from = 2026-03-02
owner = "c"
where = {product = ["d"]}
expected = {tickets = [3, 2, 4], revenue = [3.5, 2, 4], currency = "EUR"}
"""
TICKETS = TABLES["tickets"].names
KINDS = TEXTS | {
    "xlsx": spoilt(workbook([["id", "at"], [1, "b"]]))
    | st.lists(st.lists(CELLS, max_size=4), max_size=4).map(workbook),
    "parquet": spoilt(parquet({"id": ["1", "2"], "n": [1, None]}))
    | columns(["id", "at", ""]).map(parquet),
    "zip": spoilt(SOUND_ZIP) | st.lists(MEMBERS, max_size=3).map(packed),
    "csv.gz": spoilt(gzip.compress(ROWS.encode(), mtime=0)) | TEXTS["csv"].map(gzip.compress),
    "mapping.toml": spoilt(MAPPING.encode()) | odd_toml(MAPPING),
    "study.toml": spoilt(STUDY.encode()) | odd_toml(STUDY),
    "causes.toml": spoilt(CAUSES.encode()) | odd_toml(CAUSES),
    "decisions.toml": spoilt(DECISIONS.encode()) | odd_toml(DECISIONS),
    "import.json": spoilt(json.dumps(REPORT).encode()) | with_odd(REPORT),
    "tickets.parquet": columns(TICKETS).map(parquet)
    | spoilt(parquet({"ticket_id": ["1"], "created_at": ["x"]})),
    "zendesk": odd_records(),
}


def tried(kind, content, folder):
    """Does with a file of a kind what the package does with it."""
    file = Path(folder) / {"zendesk": "t.ndjson"}.get(
        kind, f"t.{kind}" if "." not in kind else kind
    )
    file.write_bytes(content)
    with suppress(InputError):
        TRIED.get(kind, read_rows)(file)


def read_rows(file):
    """Every row of every file at a path, and the text of those that are set aside."""
    for one in files.find(file)[0]:
        seen = look(one)
        broken = {row.number for batch in batches(seen) for row in batch.broken}
        assert originals(seen, broken).keys() >= broken


def read_report(file):
    """What page 01 and the terminal make of an import's report."""
    study = Study(Settings(outcome="return"), file.parent, {})
    _ = study.import_report.get("notes", [])
    quality.by_file(study)
    if study.import_report.get("rows"):
        quality.conservation(study).said()


TRIED = {
    "mapping.toml": read_mapping,
    "study.toml": read_settings,
    "causes.toml": read_causes,
    "decisions.toml": read_decisions,
    "import.json": read_report,
    "tickets.parquet": lambda file: Study(Settings(outcome="return"), file.parent, {}).tickets,
    "zendesk": lambda file: loaders.read("zendesk", file),
}
