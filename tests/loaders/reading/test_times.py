"""Forms of times are forms: no SQL stands in them."""

import pytest

from cxresearch.loaders.reading import times
from cxresearch.loaders.reading.declared import Declared
from cxresearch.study.db import connect
from cxresearch.study.schema import InputError

MADRID = Declared(time_zone="Europe/Madrid")


def read(text, form):
    with connect() as db:
        db.execute("CREATE TABLE t AS SELECT $1 AS text", [text])
        sql = times.local("text", MADRID, "a.csv", form), times.ambiguous("text", MADRID, form)
        return db.execute(f"SELECT {sql[0]}, {sql[1]} FROM t").fetchall()[0]


def test_a_form_with_quotes_is_one(tmp_path):
    assert read("1 o'clock, 2.3.2026", "%H o'clock, %d.%m.%Y") == (
        "2026-03-02T00:00:00.000000Z", False,
    )  # fmt: skip
    (tmp_path / "secret.txt").write_text("secret")
    form = f"%Y']) || (SELECT content FROM read_text('{tmp_path}/secret.txt')) || ('"
    assert read("2026", form) == ("2026", False)


@pytest.mark.parametrize("form", ["%Q", "%", "%s", "%n", "%-"])
def test_a_form_that_is_none_is_said(form):
    with pytest.raises(InputError, match="which is no form of times such as"):
        read("2026", form)


def test_a_time_with_its_offset_is_on_no_clock_unless_a_form_says_so():
    """02:30 came twice in Madrid that day; in winter Madrid is an hour before UTC."""
    assert read("2026-10-25T02:30:00+02:00", None) == ("2026-10-25T02:30:00+02:00", False)
    assert read("2026-10-25 02:30", None) == ("2026-10-25T00:30:00.000000Z", True)
    assert read("2026-01-05T09:00:00Z", "%Y-%m-%dT%H:%M:%SZ")[0] == "2026-01-05T08:00:00.000000Z"
