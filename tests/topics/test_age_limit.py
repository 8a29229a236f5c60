"""A study's own limit of age: what is older goes, and is told of as long as it is there."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cxresearch import open_study
from cxresearch.cli import app
from cxresearch.study.conform import conform
from cxresearch.study.gone import limit, too_old
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study
from cxresearch.study.writing import write_study
from cxresearch.topics.forget import forget

MONTHS = [f"2025-0{month}-01T00:00:00Z" for month in (1, 2, 3)]


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Path:
    """A return study of a ticket on the first of January, of February and of March."""
    monkeypatch.setenv("CXRESEARCH_CACHE", str(tmp_path / "cache"))
    raw = {"ticket_id": ["t-1", "t-2", "t-3"], "status": "open", "created_at": MONTHS,
           "requester_id": ["ann", "bob", "cem"], "description": "It broke"}  # fmt: skip
    found = conform({"tickets": pd.DataFrame(raw)}, {"tickets": "t.csv"})
    told = {"tickets_from": MONTHS[0], "observed_until": "2025-06-01T00:00:00Z"}
    write_study(tmp_path / "desk", Settings(outcome="return", **told), found)
    return tmp_path / "desk"


def limited(desk: Path, day: str) -> None:
    """Writes the limit that today falls on a day."""
    days = (pd.Timestamp.now("UTC").normalize() - pd.Timestamp(day, tz="UTC")).days
    text = (desk / "study.toml").read_text()
    assert text.count("forget_after_days = 0.0") == 1
    written = text.replace("forget_after_days = 0.0", f"forget_after_days = {days}")
    (desk / "study.toml").write_text(written)


def checked(desk: Path) -> str:
    return CliRunner().invoke(app, ["check", str(desk)]).stdout


def test_without_a_customer_and_a_day_the_study_s_limit_is_taken(desk):
    """The ticket of January goes; that of 1 February is as old as it may be."""
    limited(desk, "2025-02-01")
    assert forget(desk, dry_run=True) == {"tickets": 1}
    assert forget(desk) == {"tickets": 1}
    assert set(open_study(desk).tickets["ticket_id"]) == {"t-2", "t-3"}
    assert open_study(desk).settings.time("tickets_from") == pd.Timestamp("2025-02-01", tz="UTC")
    assert forget(desk) == {}


def test_who_is_named_goes_whatever_the_limit_is(desk):
    limited(desk, "2025-02-01")
    assert forget(desk, "cem") == {"tickets": 1}
    assert set(open_study(desk).tickets["ticket_id"]) == {"t-1", "t-2"}


def test_a_day_that_is_named_goes_before_the_limit(desk):
    limited(desk, "2025-02-01")
    assert forget(desk, before="2025-03-01") == {"tickets": 2}


def test_without_a_limit_somebody_or_a_day_is_asked_for(desk):
    with pytest.raises(InputError, match=r"forget_after_days, in study\.toml"):
        forget(desk)


def test_a_check_says_that_rows_are_older_than_the_limit(desk):
    assert "too old" not in checked(desk)
    limited(desk, "2025-02-01")
    assert "too old: rows that hang on what is from before 2025-02-01" in checked(desk)
    assert "(forget_after_days): 1; 'cxresearch forget" in checked(desk)
    forget(desk)
    assert "too old" not in checked(desk)


def test_days_are_counted_from_today_where_the_study_is():
    """730 days before 1 December 2026, which has begun in Madrid: two years, none of them leap."""
    tickets = pd.DataFrame({"ticket_id": list("ab"), "status": "open", "created_at": pd.to_datetime(
        ["2024-11-30T22:59:59Z", "2024-11-30T23:00:00Z"])})  # fmt: skip
    tables, night = {"tickets": tickets}, pd.Timestamp("2026-11-30T23:30Z")
    study = Study.from_tables(tables, time_zone="Europe/Madrid", forget_after_days=730)
    assert limit(study, night) == pd.Timestamp("2024-12-01", tz="Europe/Madrid")
    assert too_old(study, night) == 1
    assert limit(Study.from_tables(tables), night) is None
    assert too_old(Study.from_tables(tables), night) == 0
