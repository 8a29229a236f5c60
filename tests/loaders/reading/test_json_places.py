"""A field of a JSON record has a name that a person would write, and a place."""

import json

import pytest

from cxresearch.loaders.reading.files import find
from cxresearch.loaders.reading.forms import look
from cxresearch.loaders.reading.json_places import path_of, places

RECORDS = [
    {"id": 1, "user": {"e.mail": "a"}, "tags": ["x", "y"]},
    {"id": 2, "Messages": [{"body": "b", "by": {"role": "agent"}}]},
]


@pytest.fixture
def seen(tmp_path):
    def of(text):
        (tmp_path / "r.json").write_text(text)
        return look(find(tmp_path)[0][0])

    return of


@pytest.mark.parametrize(
    "text",
    [json.dumps(RECORDS), "\n".join(map(json.dumps, RECORDS)), json.dumps({"items": RECORDS})],
    ids=["list", "lines", "page"],
)
def test_fields_of_all_first_records_are_known(seen, text):
    found = places(seen(text))
    assert found["user.e.mail"] == '$."user"."e.mail"'
    assert found["tags[1]"] == '$."tags"[1]'
    assert found["messages[0].by.role"] == '$."Messages"[0]."by"."role"'
    assert found["messages[].body"] == '$."Messages"[*]."body"'


def test_a_field_that_no_first_record_has_lies_where_its_dots_say(seen):
    assert path_of(seen(json.dumps(RECORDS)), "later.on") == '$."later"."on"'


@pytest.mark.parametrize("text", ["[]", "[1, 2]", '{"a": [1]}', '{"a": 1}'])
def test_a_file_without_records_has_no_such_fields(seen, text):
    assert "id" not in places(seen(text))


def test_a_record_as_deep_as_a_well_is_looked_into_only_so_far(seen):
    deep = '{"a":' * 200 + "1" + "}" * 200
    assert max(name.count(".") for name in places(seen(f"[{deep}]"))) < 30
