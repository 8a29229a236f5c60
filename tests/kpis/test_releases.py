"""Bugs and wishes after a release, against matched days."""

import pandas as pd
import pytest

from cxresearch import CannotTell
from cxresearch.kpis import releases
from cxresearch.kpis.releases import by_category
from tests.kpis.desk import day, desk, ticket

ROWS = [ticket(f"q{i}", f"p{i}", i / 2) for i in range(200)]  # two a day, half of each cause
BURST = [ticket(f"b{i}", f"r{i}", 50.1 + i / 10) for i in range(30)]  # crashes after the release
CAUSES = {row["ticket_id"]: ["crash", "wish"][i % 2] for i, row in enumerate(ROWS)}
KINDS = pd.DataFrame({"cause": ["crash", "wish"], "category": ["bug", "feature request"]})


@pytest.fixture
def study():
    of = desk(ROWS + BURST, causes=CAUSES | {row["ticket_id"]: "crash" for row in BURST}, until=100,
              tickets_from=day(0).isoformat())  # fmt: skip
    incident = {"incident_id": "1", "started_at": day(50), "kind": "release", "title": "5.8"}
    incidents = pd.DataFrame([incident]).assign(component=None, severity=None, ended_at=pd.NaT)
    incidents["ended_at"] = pd.to_datetime(incidents["ended_at"], utc=True)
    of.put("incidents", incidents)
    return of


def test_bugs_rose_after_the_release_and_wishes_did_not(study, monkeypatch):
    monkeypatch.setattr(releases, "cause_table", lambda _: KINDS)
    found = by_category(study).set_index("category")
    assert found.loc["bug", "verdict"] == "rose"
    assert found.loc["bug", "tickets"] > 30 > found.loc["feature request", "tickets"]
    assert found.loc["feature request", "verdict"] != "rose"


def test_where_nobody_said_what_is_a_bug_it_cannot_be_told(study, monkeypatch):
    assert isinstance(by_category(study), CannotTell)  # no causes.toml
    monkeypatch.setattr(releases, "cause_table", lambda _: KINDS.assign(category="other"))
    assert by_category(study) is releases.UNSAID
