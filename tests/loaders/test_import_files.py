"""Tables that an import writes row group by row group are those that it makes in memory."""

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from cxresearch import loaders
from cxresearch.study import conform_files

HERE = Path(__file__).parent
LAYOUTS = ["aircall_calls.csv", "comments.csv", "liveagent.json", "znuny_de.csv"]
TICKETS = """
[tickets.columns]
ticket_id = "id"
created_at = "at"
updated_at = "moved"
status = "is"
requester_id = "who"
"""
SCORED = TICKETS + 'satisfaction_raw = "score"\n[tickets.fixed]\nscale_min = 1\nscale_max = 5\n'
AT = "2026-01-0{}T00:00:00Z"


@pytest.fixture(autouse=True)
def small_groups(monkeypatch):
    monkeypatch.setattr(conform_files, "ROWS", 6)


@pytest.fixture
def both(tmp_path):
    """What is read into memory and into files, of tables with the columns of SCORED."""

    def read(mapping, *tables):
        (tmp_path / "m.toml").write_text(mapping)
        (tmp_path / "export").mkdir()
        for number, rows in enumerate(tables):
            lines = "\n".join(["id,at,moved,is,who,score", *rows, ""])
            (tmp_path / "export" / f"{number}.csv").write_text(lines)
        return told("mapped", tmp_path / "export", mapping=tmp_path / "m.toml", time_zone="UTC")

    return read


def told(*asked, **declared):
    return loaders.read(*asked, **declared), loaders.read(*asked, to_files=True, **declared)


def assert_same(whole, parts):
    (export, found), (other, made) = whole, parts
    assert (export.settings, export.notes, export.not_read) == (
        other.settings, other.notes, other.not_read)  # fmt: skip
    tables = {name: pd.read_parquet(file) for name, file in made.written.items()} | made.tables
    assert list(found.tables) == list(tables)
    for name, rows in found.tables.items():
        assert_frame_equal(as_written(rows), as_written(tables[name]), check_exact=True)
    for counts in ("rows", "files", "quarantine"):
        assert_frame_equal(getattr(found, counts), getattr(made, counts), check_exact=True)


def as_written(rows):
    lists = [name for name in ("tags", "dq_flags") if name in rows]
    return rows.assign(**{n: rows[n].map(list, na_action="ignore") for n in lists})


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_the_same_in_files(layout):
    file = HERE / "layouts" / layout
    assert_same(*told("mapped", file, mapping=file.with_suffix(".toml"), time_zone="UTC"))


@pytest.mark.parametrize("system", ["dynamics365", "gorgias"])
def test_a_help_desk_with_a_mapping_is_the_same(system):
    assert_same(*told(system, HERE / "formats" / system, time_zone="UTC"))


def test_the_newest_row_of_a_ticket_counts_wherever_the_others_lie(both):
    first = [f"7,{AT.format(1)},{AT.format(9)},open,1,", *many(8)]
    later = [f"7,{AT.format(1)},{AT.format(8)},closed,2,", f"7,{AT.format(1)},never,solved,3,"]
    whole, parts = both(TICKETS, first, [*later, f"7,{AT.format(1)},,solved,4,"])
    assert_same(whole, parts)
    tickets = pd.read_parquet(parts[1].written["tickets"]).set_index("ticket_id")
    assert tickets.loc["7", "requester_id"] == "1"
    assert parts[1].quarantine["row"].tolist() == [1, 2, 3]
    assert parts[1].files["kept"].tolist() == [9, 0]


def test_digits_are_phone_numbers_from_the_first_row_on_if_a_phone_comes_late(both):
    phone = f"9,{AT.format(1)},{AT.format(2)},open,+49 30 1234567,"
    first = f"1,{AT.format(1)},{AT.format(2)},open,0049301234567,"
    whole, parts = both(TICKETS, [first, *many(10, 20), phone])
    assert_same(whole, parts)
    who = pd.read_parquet(parts[1].written["tickets"])["requester_id"]
    assert who.iloc[0] == who.iloc[-1]
    assert who.iloc[0].startswith("phone:")


def test_a_phone_in_a_row_that_is_set_aside_tells_nothing(both):
    phone = f"9,{AT.format(1)},{AT.format(2)},odd,+49 30 1234567,"
    first = f"1,{AT.format(1)},{AT.format(2)},open,0049301234567,"
    whole, parts = both(TICKETS, [first, *many(10, 20), phone])
    assert_same(whole, parts)
    assert pd.read_parquet(parts[1].written["tickets"])["requester_id"][0] == "0049301234567"


def test_rows_make_surveys_too_and_broken_ones_are_set_aside(both):
    rows = [f"{n},{AT.format(1)},{AT.format(2)},solved,a@b.example,{n % 7}" for n in range(20)]
    broken = ["20,x", "21,2026", f",{AT.format(1)},{AT.format(2)},solved,1,5"]
    whole, parts = both(SCORED, [*rows, *broken])
    assert_same(whole, parts)
    assert list(parts[1].written) == ["tickets", "surveys"]
    assert parts[1].rows["quarantined"].tolist() == [3, 6]


def test_a_table_without_rows_is_an_empty_file(both):
    whole, parts = both(TICKETS, [])
    assert_same(whole, parts)
    assert parts[1].rows.loc["tickets", "read"] == 0


def many(*span):
    """Rows of as many tickets, from the number 100 on."""
    return [f"{100 + n},{AT.format(1)},{AT.format(2)},open,{n}," for n in range(*span)]
