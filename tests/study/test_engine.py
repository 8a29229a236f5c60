"""The same SQL on DuckDB, PostgreSQL and Spark gives what pandas gives of tables in memory."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxresearch.episodes import build_episodes
from cxresearch.episodes.cells import CELL, SPELLS, person_time_cells
from cxresearch.episodes.spells import _ticket_spells
from cxresearch.kpis.compliance import response_facts
from cxresearch.kpis.escalating import escalations
from cxresearch.kpis.measure import share, share_of_sums
from cxresearch.kpis.messages import COUNTS, GAPS, MARKS, TURNS
from cxresearch.kpis.overdue import overdue_facts
from cxresearch.kpis.totals import kpi_sums
from cxresearch.study.db import connect
from cxresearch.study.engine import (
    Engine,
    dbapi_engine,
    duckdb_engine,
    engine_at,
    engine_in_memory,
)
from cxresearch.study.own_views import OWN, values_of
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study, open_study
from cxresearch.study.whole_customers import draw
from tests.engines import KINDS, SCHEMA, engine, why_not


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A sixth of the demo's customers, in which half of the tickets have no history of states and
    some are odd: closed by a rule, solved before they were written, reopened, of nobody."""
    demo = draw(open_study("data/demo").with_settings(sample_tickets=2000), None, True)
    tables = {name: demo.table(name) for name in demo.rows}
    tickets, events = tables["tickets"].copy(), tables["ticket_events"]
    odd = np.random.default_rng(1).integers(0, 60, len(tickets))
    tickets.loc[odd == 1, ["first_solved_at", "closed_by"]] = [pd.NaT, "automation"]
    tickets.loc[odd == 2, "first_solved_at"] = tickets["created_at"] - pd.Timedelta(hours=1)
    tickets.loc[odd == 3, "requester_id"] = None
    tickets.loc[odd == 4, "last_reopened_at"] = tickets["first_solved_at"] + pd.Timedelta(days=2)
    tickets.loc[odd == 4, "last_solved_at"] = tickets["first_solved_at"] + pd.Timedelta(days=9)
    tickets.loc[odd == 5, ["first_reply_at", "total_agent_replies"]] = [pd.NaT, 2]
    tickets.loc[odd == 6, "first_reply_at"] = tickets["created_at"] - pd.Timedelta(days=1)
    tickets.loc[odd == 7, ["status", "first_solved_at", "closed_at"]] = ["solved", pd.NaT, pd.NaT]
    told = events["ticket_id"].isin(tickets.loc[odd % 2 == 0, "ticket_id"])
    tables |= {"tickets": tickets, "ticket_events": events[told]}
    place = tmp_path_factory.mktemp("engines") / "study"
    place.mkdir()
    for name, frame in tables.items():
        frame.to_parquet(place / f"{name}.parquet", index=False)
    (place / "study.toml").write_bytes(Path("data/demo/study.toml").read_bytes())
    return place


@pytest.fixture(scope="module", params=KINDS)
def there(request, folder):
    """The engine of each kind, with the study's tables."""
    if why := why_not(request.param):
        pytest.skip(why)
    with engine(request.param, folder) as started:
        yield started


@pytest.fixture(scope="module")
def study(folder) -> Study:
    return open_study(folder)


def seconds(times: pd.Series) -> pd.Series:
    return (times.astype("int64") // 10**6).where(times.notna())


def test_each_ticket_is_of_the_same_customer(there, study):
    found = there.ask("SELECT ticket_id, customer_id FROM own", OWN, **of(there, study))
    own = study.customer_tickets[["ticket_id", "customer_id"]]
    pd.testing.assert_frame_equal(by(found, "ticket_id"), by(own, "ticket_id"), check_dtype=False)


def test_each_ticket_is_open_and_overdue_at_the_same_times(there, study):
    views = {**OWN, **SPELLS}
    names = ["ticket_id", "opened", "overdue", "resolved"]
    found = there.ask(f"SELECT {', '.join(names)} FROM spells", views, **of(there, study))
    spells = _ticket_spells(study)
    times = {n: seconds(spells[f"{n}_at"]) for n in names[1:]}
    wanted = spells[["ticket_id"]].assign(**times)
    assert len(found) > 1000
    assert found["resolved"].isna().any()
    pd.testing.assert_frame_equal(
        by(found, *names[:2]), by(wanted, *names[:2]), check_dtype=False, check_exact=True
    )


def test_cells_are_the_sums_of_the_episodes(there, study):
    rows = build_episodes(study)
    rows = rows.assign(state=rows["state"].fillna("unknown"), days=rows["stop"] - rows["start"])
    wanted = rows.groupby(CELL, as_index=False).agg(
        events=("event", "sum"), customers=("customer_id", "nunique"), days=("days", "sum")
    )
    found = person_time_cells(there, study.settings)
    assert found["events"].sum() > 100
    pd.testing.assert_frame_equal(
        by(found, *CELL), by(wanted, *CELL), check_dtype=False, rtol=1e-12
    )


def test_kpis_from_sums_are_those_from_rows(there, study):
    sums = kpi_sums(there, study.settings)
    facts = {
        "first_answers": response_facts(study),
        "escalated": escalations(study, "flag").rename(columns={"escalated": "held"}),
        "late": overdue_facts(study),
    }
    for name, rows in facts.items():
        told = rows[rows["mature"] & rows["held"].notna()]
        assert share_of_sums(sums.loc[name]) == pytest.approx(
            share(told["held"].astype(bool), told["who"])
        )


# What kpis.messages and no_return put into DuckDB, from the canonical tables.
HISTORY = {
    "events": """
    SELECT ticket_id, event_type, actor_role, field, value_from, value_to, is_public,
           seconds(event_at) AS event_at, event_id AS place FROM ticket_events_there""",
    "own": """
    SELECT ticket_id, seconds(created_at) AS created_at, seconds(first_solved_at) AS solved_at,
           :until AS until, 1 = 0 AS hold_waits FROM tickets_there""",
}


@pytest.mark.parametrize(("text", "views"), [(GAPS, TURNS), (COUNTS, MARKS)])
def test_histories_are_counted_alike(there, folder, text, views):
    until = int(open_study(folder).observed_until.timestamp())
    found, wanted = (
        of.ask(text, {**views, **HISTORY}, until=until) for of in (there, duckdb_engine(folder))
    )
    assert len(found) > 500
    names = sorted(found)
    pd.testing.assert_frame_equal(by(found, *names), by(wanted, *names), check_dtype=False)


def test_a_sample_is_the_same_whole_customers_on_every_engine(there, study, folder):
    part = draw(Study(study.settings, folder, {}).with_settings(sample_tickets=150), there, True)
    same = draw(open_study(folder).with_settings(sample_tickets=150), None, True)
    for name in study.rows:
        pd.testing.assert_frame_equal(part.table(name), same.table(name), check_dtype=False)
    own, every = part.customer_tickets, study.customer_tickets
    chosen = every["customer_id"].isin(part.customers["customer_id"])
    assert 600 < len(own) < 1200
    assert set(every.loc[chosen, "ticket_id"]) <= set(own["ticket_id"])


def of(there, study) -> dict:
    return values_of(there, study.settings)


def by(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    return frame.sort_values(list(names), ignore_index=True)[sorted(frame)]


def test_nothing_can_be_written_by_way_of_an_engine(folder):
    there = duckdb_engine(folder)
    with pytest.raises(InputError, match="duckdb cannot answer"):
        there.ask("SELECT * FROM read_csv('/etc/hostname')", {})


@pytest.mark.skipif(bool(why_not("postgres")), reason="PostgreSQL cannot be started here")
def test_a_database_is_only_read(folder):
    with engine("postgres", folder) as there, pytest.raises(InputError, match="read-only"):
        there.ask(f"DELETE FROM {SCHEMA}.tickets RETURNING 1", {})


def test_columns_of_ones_own_come_along_by_any_name(study):
    own = {"Team": "x", "order": 1, "of two words": True}
    engine = engine_in_memory({"tickets": study.tickets.assign(**own)})
    rows = engine.ask("SELECT * FROM tickets_there", {})
    assert rows[list(own)].iloc[0].to_dict() == own


def test_a_database_that_is_not_there_is_said():
    pytest.importorskip("psycopg")
    with pytest.raises(InputError, match="cannot be reached"):
        engine_at("postgresql://nobody@/none?host=/nowhere", "support")


def test_an_engine_that_is_none_is_refused_with_what_to_write():
    with pytest.raises(InputError, match="postgresql"):
        engine_at("mysql://here", "support")
    with pytest.raises(InputError, match="plain name"):
        dbapi_engine(object(), "a; DROP TABLE tickets")


def test_a_table_that_lacks_what_it_needs_is_named(study):
    lacks = study.tickets.drop(columns="status")
    with pytest.raises(InputError, match=r"tickets lacks status"):
        engine_in_memory({"tickets": lacks})
    with pytest.raises(InputError, match="no table or view 'tickets'"):
        engine_in_memory({"customers": study.customers})


RAW = """
CREATE SCHEMA zendesk; CREATE SCHEMA support;
CREATE TABLE zendesk.user (id BIGINT, role TEXT);
CREATE TABLE zendesk.ticket (id BIGINT, created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ,
    subject TEXT, description TEXT, status TEXT, priority TEXT, type TEXT, via_channel TEXT,
    requester_id BIGINT);
CREATE TABLE zendesk.ticket_comment (id BIGINT, ticket_id BIGINT, created TIMESTAMPTZ,
    user_id BIGINT, public BOOLEAN);
CREATE TABLE zendesk.ticket_field_history (ticket_id BIGINT, field_name TEXT,
    updated TIMESTAMPTZ, value TEXT);
INSERT INTO zendesk.user VALUES (7, 'end-user'), (8, 'agent');
INSERT INTO zendesk.ticket VALUES
    (1, '2026-01-01 00:00Z', '2026-01-09 00:00Z', 'a', 'b', 'solved', 'low', 'problem', 'web', 7),
    (2, '2026-01-02 00:00Z', '2026-01-02 00:00Z', 'a', 'b', 'open', 'low', 'problem', 'web', 7);
INSERT INTO zendesk.ticket_comment VALUES (1, 1, '2026-01-01 00:00Z', 7, true),
    (2, 1, '2026-01-01 02:00Z', 8, false), (3, 1, '2026-01-01 05:00Z', 8, true);
INSERT INTO zendesk.ticket_field_history VALUES (1, 'status', '2026-01-09 00:00Z', 'solved');
"""


def test_the_views_of_the_readme_give_what_a_desk_did():
    """Ticket 1 is answered in public after 5 hours and solved after 8 days, a day too late."""
    readme = Path("README.md").read_text(encoding="utf-8").split("## In a warehouse")[1]
    views = [line[4:] for line in readme.split("## Explore")[0].splitlines() if line[:4] == "    "]
    db = connect()
    db.execute(RAW + "\n".join(line for line in views if ".venv" not in line))
    columns = db.execute("SELECT table_name, column_name FROM duckdb_columns() "
                         "WHERE schema_name = 'support'").fetchall()  # fmt: skip
    there = {name: tuple(c for n, c in columns if n == name) for name, _ in columns}
    engine = Engine("duckdb", lambda text: db.sql(text).df(), "support.", there)
    values = values_of(engine, Settings(outcome="return"))
    tickets = engine.ask("SELECT * FROM own", OWN, **values).set_index("ticket_id")
    assert tickets.loc["1", "replied"] - tickets.loc["1", "created"] == 5 * 3600
    spells = engine.ask("SELECT * FROM spells", {**OWN, **SPELLS}, **values)
    spells = spells.set_index("ticket_id")
    assert spells.loc["1", "resolved"] - spells.loc["1", "overdue"] == 86_400
    assert pd.isna(spells.loc["2", "resolved"])
