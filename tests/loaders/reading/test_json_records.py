"""Records of JSON in lists, pages and lines: what is broken costs itself and nothing else."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxresearch.loaders.reading import files, json_lines, json_records
from cxresearch.loaders.reading.files import File
from cxresearch.study.schema import InputError

SOUND = [{"id": n, "tags": ["a", "}"], "fields": [{"id": 7, "value": '"'}]} for n in (1, 3, 4)]


@pytest.fixture
def read(tmp_path):
    """Reads a file of this text: its records and what could not be read."""

    def write(text, encoding="utf-8"):
        (tmp_path / "t.json").write_bytes(text.encode(encoding))
        file = File("t.json", tmp_path / "t.json")
        with file.text(encoding) as stream:
            how, key = json_records.layout(file, stream)
        if how == "lines":
            found = [line.as_py() for block in json_lines.blocks(file, encoding) for line in block]
            return [line.strip(json_lines.AROUND) for line in found]
        with file.text(encoding) as stream:
            return list(json_records.records(file, stream, key))

    return write


def listed(broken, before=SOUND[:1], after=SOUND[1:]):
    return "[" + ", ".join([*map(json.dumps, before), broken, *map(json.dumps, after)]) + "]"


BROKEN = [
    '{"id": 2, "tags": [],, "fields": []}',
    '{"id": 2 "tags": []}',
    '{"id": 2, "tags": [1, 2}',
    '{"id": 2, "tags": [{"x": 1}, "fields": []',
    '{"id": 2, "fields": [1, {"id": 7, "value": 1}, "tags": 1}',
    '{"id": 2, "tags": "never closed}',
    '{"id": 2, "tags": "a "quoted" word"}',
    '{"id": 2, "tags": "line\nend"}',
    '{"id": 2, "tags": \\x}',
    '{"id": nothing}',
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_record_in_a_list_costs_itself_only(read, broken):
    rows = read(listed(broken))
    assert [json.loads(row.fields[0]) for row in rows if row.fields] == SOUND
    assert [(row.number, row.original) for row in rows if row.reason] == [(2, broken)]


@pytest.mark.parametrize("broken", BROKEN[:3])
def test_a_broken_record_may_be_the_first_or_the_last(read, broken):
    assert [bool(row.reason) for row in read(listed(broken, []))] == [True, False, False]
    assert [bool(row.reason) for row in read(listed(broken, SOUND, []))] == [False] * 3 + [True]


def test_a_broken_last_record_without_an_end_takes_what_is_left(read):
    assert read(listed(BROKEN[3], SOUND, []))[-1].original == BROKEN[3] + "]"


def test_a_broken_record_in_a_long_list_is_found_across_pieces(read, monkeypatch):
    monkeypatch.setattr(json_records, "PIECE", 64)
    rows = read(listed(BROKEN[0], SOUND * 5, SOUND * 5))
    assert [row.number for row in rows if row.reason] == [16]
    assert len(rows) == 31


def test_a_page_is_read_from_its_list_whatever_stands_around_it(read):
    page = {"meta": {"tickets": [{"id": 9}]}, "count": 3, "tickets": SOUND, "next_page": None}
    for indent in (None, 2):
        rows = read(json.dumps(page, indent=indent))
        assert [json.loads(row.original) for row in rows] == SOUND


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n \n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lines_are_records_and_blank_lines_are_none(read, end, encoding):
    text = end.join(json.dumps(record, ensure_ascii=False) for record in [*SOUND, {"id": "é😡"}])
    assert [json.loads(line)["id"] for line in read(text, encoding)] == [1, 3, 4, "é😡"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_lines_are_the_same_however_the_file_is_cut_into_blocks(read, monkeypatch, encoding):
    monkeypatch.setattr(files, "PIECE", 50)
    monkeypatch.setattr(json_lines, "BLOCK", 100)
    lines = [json.dumps({"id": n, "text": "é" * n}, ensure_ascii=False) for n in range(80)]
    assert read("\n".join(lines), encoding) == lines


def test_a_first_line_of_megabytes_is_a_record_not_a_page(read):
    wide = {"id": 1, "fields": [{"id": 2}], "body": "x" * 3_000_000}
    assert [json.loads(line) for line in read(json.dumps(wide) + "\n{}\n")] == [wide, {}]


def test_lines_may_begin_with_a_broken_one(read):
    assert read('{"id": 1,,}\n{"id": 2}\n') == ['{"id": 1,,}', '{"id": 2}']


@pytest.mark.parametrize("text", [json.dumps(SOUND), json.dumps({"tickets": SOUND})[:-1]])
def test_a_list_that_is_cut_short_anywhere_is_said(read, text):
    for cut in range(len('{"tickets": [{"id"'), len(text)):
        with pytest.raises(InputError, match=r"t\.json ends in the middle of its list"):
            read(text[:cut])


def test_a_record_with_more_brackets_than_python_follows_is_read(read):
    deep = '{"id": 2, "a": ' + "[" * 50_000 + "]" * 50_000 + "}"
    assert [row.original for row in read(listed(deep))][1] == deep
    assert read(f'{{"id": 1}}\n{deep}') == ['{"id": 1}', deep]
    with pytest.raises(InputError, match=r"t\.json ends in the middle of its list"):
        read(listed(deep[:-9]))


def test_a_number_of_more_digits_than_python_reads_is_read(read):
    large = '{"id": 2, "a": ' + "9" * 5000 + "}"
    assert [row.original for row in read(listed(large))][1] == large
    assert read(f'{{"id": 1}}\n{large}') == ['{"id": 1}', large]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["[{", '"}']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
RECORDS = st.lists(
    st.dictionaries(st.text("ab", min_size=1, max_size=2), JSON, min_size=1), min_size=1, max_size=6
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(RECORDS, st.booleans())
def test_what_was_written_is_read(read, records, readable):
    text = json.dumps(records, ensure_ascii=not readable)
    assert [json.loads(row.original) for row in read(text)] == records
    lines = "".join(json.dumps(record, ensure_ascii=not readable) + "\n" for record in records)
    assert [json.loads(line) for line in read(lines + '{"id": 1}\n')] == [*records, {"id": 1}]


def test_a_list_in_an_object_of_the_page_is_the_pages_list(read):
    page = {"_embedded": {"conversations": SOUND}, "page": {"size": 3, "number": 1}}
    for text in (json.dumps(page), json.dumps(page, indent=2)):
        assert [json.loads(row.original) for row in read(text)] == SOUND


@pytest.mark.parametrize("held", [{"id": 1, "tags": [{"t": 1}]}, {"tags": [{"t": 1}], "id": 1}])
def test_a_wrapped_record_with_a_list_is_no_page(read, held):
    assert read(json.dumps({"ticket": held})) == [json.dumps({"ticket": held})]
