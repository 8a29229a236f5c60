"""A column of one's own is kept as it is, in every table, and is never taken for another."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from cxresearch.cli import app
from cxresearch.episodes import build_episodes, with_customer_columns
from cxresearch.kpis.compliance import response_compliance
from cxresearch.kpis.quality import own_columns
from cxresearch.study.conform import Conformed, conform
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study, open_study
from cxresearch.study.writing import write_study

DAY = pd.Timestamp("2025-01-01T00:00:00Z")
ROWS = {
    "tickets": {"ticket_id": "1", "created_at": DAY, "status": "open", "requester_id": "A",
                "dq_flags": []},
    "ticket_events": {"event_id": "1", "ticket_id": "1", "event_at": DAY, "event_type": "reply"},
    "customers": {"customer_id": "A", "started_at": DAY, "observed_until": DAY},
    "customer_history": {"customer_id": "A", "valid_from": DAY, "field": "plan", "value": "pro"},
    "identities": {"requester_id": "A", "customer_id": "A"},
    "ticket_causes": {"ticket_id": "1", "topic": 0, "cause": "sync", "weight": 1.0,
                      "is_exit_request": False},
    "surveys": {"survey_id": "1", "kind": "nps", "offered_at": DAY},
    "reviews": {"review_id": "1", "source": "yelp", "written_at": DAY},
    "bot_sessions": {"session_id": "1", "started_at": DAY, "ended": "assumed"},
    "articles": {"article_id": "1", "title": "Sync again"},
    "article_views": {"view_id": "1", "viewed_at": DAY},
    "incidents": {"incident_id": "1", "started_at": DAY, "kind": "release"},
    "agents": {"agent_id": "1", "team": "First line"},
    "voice_topics": {"voice": "review", "voice_id": "1", "topic": 0},
}  # fmt: skip


def frames(**own) -> dict[str, pd.DataFrame]:
    return {name: pd.DataFrame([row]).assign(**own) for name, row in ROWS.items()}


@pytest.mark.parametrize("value", ["<b>x</b>", 1.5, 7, True, DAY, None])
@pytest.mark.parametrize("table", list(TABLES))
def test_it_is_kept_as_it_is_in_every_table(table, value):
    given = frames(region=value)
    kept = Study.from_tables(given).table(table)
    assert list(kept.columns) == [*TABLES[table].names, "region"]
    pd.testing.assert_series_equal(kept["region"], given[table]["region"])


def test_it_comes_back_from_the_folder_it_was_written_to(tmp_path):
    tables = Study.from_tables(frames(region="north", size=3)).with_settings().held.tables
    none = conform({"tickets": pd.DataFrame({"ticket_id": ["1"]}, dtype="object")}, {})
    settings = Settings(observed_until="2025-02-01T00:00:00Z")
    write_study(tmp_path / "s", settings, Conformed(tables, none.quarantine, none.rows))
    opened = open_study(tmp_path / "s")
    for name in TABLES:
        assert opened.table(name)[["region", "size"]].values.tolist() == [["north", 3]]


def test_check_lists_it(tmp_path):
    tables = Study.from_tables(frames(**{"[red]region": "<b>north</b>"})).held.tables
    none = conform({"tickets": pd.DataFrame({"ticket_id": ["1"]}, dtype="object")}, {})
    settings = Settings(observed_until="2025-02-01T00:00:00Z")
    write_study(tmp_path / "s", settings, Conformed(tables, none.quarantine, none.rows))
    said = CliRunner().invoke(app, ["check", str(tmp_path / "s")]).output
    assert "columns of your own, kept as they are" in said
    assert "[red]region" in said
    listed = own_columns(open_study(tmp_path / "s"))
    assert listed.loc["tickets"].tolist() == ["[red]region", "str", 1.0]
    assert len(listed) == len(TABLES)
    assert own_columns(Study.from_tables(frames())).empty


def test_kpis_take_it_as_by():
    given = frames()
    given["tickets"] = pd.concat([given["tickets"]] * 3).assign(
        ticket_id=list("123"),
        region=["north", "south", "north"],
        first_reply_at=pd.Timestamp("2025-01-02T00:00Z"),
    )
    given["customers"] = given["customers"].assign(tier=2)
    study = Study.from_tables(given, observed_until="2025-02-01T00:00:00Z")
    by_region = response_compliance(study, by="region").frame.set_index("group")
    assert by_region.loc[["north", "south"], "eligible"].tolist() == [2, 1]
    assert "2" in response_compliance(study, by="tier").frame["group"].tolist()
    with pytest.raises(InputError, match=r"not month; did you mean 'region'\?"):
        response_compliance(study, by="regoin")


def test_it_enters_a_model_only_as_of_the_start_or_through_history():
    given = frames()
    given["customers"] = given["customers"].assign(tier="gold", observed_until="2025-12-01T00:00Z")
    given["customers"]["observed_until"] = pd.to_datetime(given["customers"]["observed_until"])
    given["customer_history"] = given["customer_history"].assign(field="seats", value="12")
    until = "2025-12-01T00:00:00Z"
    study = Study.from_tables(given, observed_until=until)
    episodes = build_episodes(study)
    assert "tier" not in episodes
    assert episodes["seats"].eq("12").all()
    with pytest.raises(InputError, match="'tier' is a snapshot"):
        with_customer_columns(episodes, study, ["tier"])
    known = study.with_settings(as_of_start=("billing_period", "tier"))
    assert with_customer_columns(episodes, known, ["tier"])["tier"].eq("gold").all()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("segment", "'segment' is a column of customers. Rename it"),
        ("customer_id", "'customer_id' is a column of customers"),
        ("who", "is what a column is called that is worked out from these"),
        ("_file", "a text that does not begin with _"),
        (" ", "a text that does not begin with _"),
        (7, "a text that does not begin with _"),
    ],
)
def test_a_name_that_means_something_else_is_refused(name, says):
    given = frames()["tickets"]
    given[name] = 1
    with pytest.raises(InputError, match="cannot be a column of your own") as error:
        Study.from_tables({"tickets": given})
    assert says in str(error.value)


def test_a_needed_column_that_is_mistyped_is_told_apart_from_ones_own():
    given = frames()["tickets"].rename(columns={"created_at": "create_at"})
    with pytest.raises(InputError, match=r"lacks the column created_at: .*; did you mean 'cre"):
        Study.from_tables({"tickets": given})


def test_a_column_that_stands_twice_is_refused():
    given = frames(region="x")["tickets"]
    with pytest.raises(InputError, match="holds the column region twice"):
        Study.from_tables({"tickets": pd.concat([given, given[["region"]]], axis=1)})
