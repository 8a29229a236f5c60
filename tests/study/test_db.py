"""DuckDB is shut off: whatever stands in its SQL, it reads and writes what was put into it."""

import duckdb
import pandas as pd
import pytest

from cxresearch.study.db import connect, quoted


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT content FROM read_text('{0}')",
        "SELECT * FROM '{0}'",
        "SELECT * FROM read_csv('{0}')",
        "SELECT * FROM glob('{0}*')",
        "COPY (SELECT 1) TO '{0}'",
        "ATTACH '{0}'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET temp_directory = '/'",
        "INSTALL httpfs",
        "SELECT * FROM secret",
    ],
)
def test_no_sql_reaches_a_file_or_a_variable(tmp_path, sql):
    secret = pd.DataFrame({"a": [1]})
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with connect() as db, pytest.raises(duckdb.Error):
        db.sql(sql.format(tmp_path / "secret.csv")).fetchall()
    assert len(secret) == 1


def test_what_does_not_fit_into_memory_still_goes_to_disk():
    with connect("200MB") as db:
        db.execute("CREATE TABLE t AS SELECT range AS i, repeat(hash(range)::VARCHAR, 9) AS text "
                   "FROM range(1500000)")  # fmt: skip
        assert db.execute("SELECT count(*), max(i) FROM t").fetchall() == [(1_500_000, 1_499_999)]


def test_quoted_text_is_text_whatever_stands_in_it():
    for text in ("it's", "'; DROP TABLE t; --", "\\'", "", "''"):
        with connect() as db:
            assert db.execute(f"SELECT {quoted(text)}").fetchall() == [(text,)]


def test_a_long_query_draws_nothing_on_a_page():
    asked = "SELECT value FROM duckdb_settings() WHERE name = 'enable_progress_bar'"
    assert connect().execute(asked).fetchone() == ("false",)
