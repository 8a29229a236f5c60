"""The one reader of help desks, with an invented desk of two forms that fits on a screen."""

import json
from types import SimpleNamespace

import pytest

from cxresearch.loaders import Declared, help_desk
from cxresearch.loaders.reading import files
from cxresearch.loaders.reading.forms import Form, fields, opened
from cxresearch.loaders.reading.staging import Staging
from cxresearch.study.schema import InputError

DESK = {
    "NAME": "Desk",
    "FORMS": (
        Form("api", "tickets", "json", ("id", "tags"), fields("id tags", said="who.said")),
        Form("csv", "tickets", "csv", ("No", "Opened"), fields(id="No", created_at="Opened"),
             clock=("created_at",)),
    ),
    "VIEWS": "CREATE MACRO loud(text) AS upper(text);",
    "TICKETS": """
        SELECT id AS ticket_id, loud(said) AS subject, id AS _place, _file, _row FROM api
        UNION ALL BY NAME
        SELECT id AS ticket_id, created_at, _twice AS dq_flags, id AS _place, _file, _row FROM csv
        ORDER BY _place DESC""",
    "SURVEYS": "SELECT id AS survey_id FROM api WHERE FALSE",
}  # fmt: skip
RECORD = {"id": "1", "tags": ["a", "b"], "who": {"said": "help"}}


@pytest.fixture
def read(tmp_path):
    """What the desk, changed by constants, makes of a JSON record, a CSV, or both."""

    def export(record=RECORD, csv=None, zone="Europe/Madrid", **constants):
        desk = SimpleNamespace(**DESK | constants)
        if record:
            (tmp_path / "t.json").write_text(json.dumps([record]))
        if csv:
            (tmp_path / "t.csv").write_text(f"No,Opened\n{csv}\n")
        found, _ = files.find(tmp_path)
        return help_desk.read(desk, Staging(found, desk.FORMS, Declared(time_zone=zone)))

    return export


def tickets(export):
    return export.tables["tickets"].set_index("ticket_id")


def test_a_constant_named_as_a_table_is_its_query(read):
    export = read()
    assert tickets(export).loc["1", ["subject", "_file", "_row"]].tolist() == ["HELP", "t.json", 1]
    assert export.settings == {"source": "Desk"}


def test_a_table_without_rows_and_a_column_for_the_order_do_not_come(read):
    export = read(csv="2,2026-03-02 10:15")
    assert list(export.tables) == ["tickets"]
    assert "_place" not in export.tables["tickets"]
    assert export.tables["tickets"]["ticket_id"].tolist() == ["2", "1"]


def test_times_on_the_clock_come_in_utc_and_say_which_came_twice(read):
    rows = tickets(read(csv="2,2026-03-02 10:15\n3,2026-10-25 02:30"))
    assert rows["created_at"].loc["2"].startswith("2026-03-02T09:15:00")
    assert rows["created_at"].loc["3"].startswith("2026-10-25T00:30:00")
    assert rows["dq_flags"].isna().to_dict() == {"3": False, "2": True, "1": True}
    assert rows.loc["3", "dq_flags"] == "created_at_comes_twice"


def test_a_clock_needs_its_zone_only_where_there_is_a_file(read):
    assert tickets(read(zone=None))["created_at"].isna().all()
    with pytest.raises(InputError, match=r"t\.csv has times without an offset"):
        read(csv="2,2026-03-02 10:15", zone=None)


def test_notes_are_said_where_their_query_gives_a_row_and_filled_with_it(read):
    notes = {
        "SELECT 1 WHERE NOT has('csv')": "no CSV",
        "SELECT 1 WHERE NOT has('api')": "no API",
        "SELECT count(*) AS n, max(said) FROM api HAVING n > 0": "{:,} of {}",
    }
    assert read(NOTES=notes, ALWAYS=("always",)).notes == ("no CSV", "1 of help", "always")


def test_history_tells_the_columns_whose_query_gives_a_row(read):
    history = {"SELECT 1": ("closed_at",), "FROM csv": ("closed_by",), "FROM api": ("closed_at",)}
    assert read(HISTORY=history).history == ("closed_at",)
    assert read().history == ()


def test_what_the_desk_refuses_is_raised(read):
    refuses = {"SELECT file FROM staged WHERE list_contains(names, 'who.said')": "{} says too much"}
    with pytest.raises(InputError, match=r"^t\.json says too much$"):
        read(REFUSES=refuses)


def test_prepare_is_run_before_the_views(read):
    def prepare(staging):
        staging.db.execute("CREATE TABLE words AS SELECT 'x' AS word")

    views = DESK["VIEWS"] + "CREATE VIEW again AS SELECT word FROM words;"
    people = "SELECT word AS requester_id FROM again"
    assert read(VIEWS=views, PEOPLE=people, prepare=prepare).people["requester_id"].item() == "x"
    assert read().people is None


def test_fields_are_names_of_ours_and_places_by_our_names():
    assert fields("id status", channel="via.channel") == {
        "id": "id", "status": "status", "channel": "via.channel",
    }  # fmt: skip


def test_a_list_of_objects_is_opened_with_its_row_and_place():
    db = Staging([], (), Declared()).db
    rows = (
        """SELECT 'T' AS ticket, json_extract('[{"a": {"b": 7}}, {"c": "x"}]', '$[*]') AS items"""
    )
    found = db.sql(f"SELECT ticket, place, b, c FROM ({opened(rows, fields('c', b='a.b'))})")
    assert sorted(found.fetchall()) == [("T", 1, "7", None), ("T", 2, None, "x")]


def test_listed_words_are_json_without_what_is_null_or_empty():
    db = Staging([], (), Declared()).db
    assert db.sql("""SELECT listed(['a', NULL, '', 'b"c'])""").fetchall() == [('["a","b\\"c"]',)]


@pytest.mark.parametrize(
    ("sql", "time"),
    [
        ("from_utc('2026-03-02 09:15')", "2026-03-02T09:15Z"),
        ("from_utc('2026-03-02T09:15:30.5')", "2026-03-02T09:15:30.5Z"),
        ("from_utc('2026-03-02T09:15+02:00')", "2026-03-02T09:15+02:00"),
        ("from_epoch('1772442900')", "2026-03-02T09:15:00.000000Z"),
        ("from_epoch('1772442900123')", "2026-03-02T09:15:00.123000Z"),
        ("from_epoch('12345678')", "12345678"),
    ],
)
def test_times_in_utc_and_since_1970_are_told_and_others_stay(sql, time):
    assert Staging([], (), Declared()).db.sql(f"SELECT {sql}").fetchall() == [(time,)]
