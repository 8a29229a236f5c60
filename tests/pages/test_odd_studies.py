"""Studies that lack what pages ask for go through all of them: cannot tell is an answer."""

from pathlib import Path

import pandas as pd
import pytest

import cxresearch
from cxresearch import loaders
from cxresearch.lab.against_truth import planted_study
from cxresearch.lab.simulate import simulate_world
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study, open_study
from cxresearch.study.writing import write_study
from tests.page_cells import page_says

CASES = Path(__file__).parents[1] / "loaders" / "cases"
SHARED = Path(__file__).parents[3] / "shared" / "data"
PAGES = ("00", "01", "02", "03", "05", "06", "07", "08", "10", "11", "13", "14", "15")
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def world():
    """A company of 60 customers: its tables, and what was planted."""
    return simulate_world(60, 3, text=True)


ODD = {
    "one ticket": lambda tickets: tickets.head(1),
    "nobody asked": lambda tickets: tickets.assign(requester_id=None),
    "one month": lambda t: t[t["created_at"] < t["created_at"].min() + 30 * DAY],
    "only German": lambda tickets: tickets.assign(language="de"),
    "only merged": lambda tickets: tickets.assign(is_merged=True),
    "no times but one": lambda t: t.assign(
        first_reply_at=pd.NaT, first_solved_at=pd.NaT, last_solved_at=pd.NaT, closed_at=pd.NaT
    ),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("odd", ODD)
def test_every_page_of_an_odd_study_is_made(world, odd, page):
    tables, truth = world
    tickets = ODD[odd](tables["tickets"])
    held = {n: _of(rows, tickets) for n, rows in tables.items() if n != "tickets"}
    assert page_says(planted_study({**held, "tickets": tickets}, truth), page)


def test_nobody_leaves_where_no_customer_has_an_end(world):
    tables, truth = world
    customers = tables["customers"].assign(ended_at=pd.NaT, notice_at=pd.NaT, end_kind=None)
    said = page_says(planted_study(tables | {"customers": customers}, truth), "06")
    first = next(iter(said.values()))[0]
    assert first.startswith("**Cannot tell:** who leaves: ended_at is empty for all")


def _of(rows: pd.DataFrame, tickets: pd.DataFrame) -> pd.DataFrame:
    if "ticket_id" not in rows:
        return rows
    return rows[rows["ticket_id"].isin(tickets["ticket_id"]) | rows["ticket_id"].isna()]


def imported(folder: Path, export: Path, mapping: Path) -> Study:
    """The study of an export of a foreign layout, in a folder."""
    loaded, conformed = loaders.read("mapped", export, mapping=mapping)
    settings = Settings(**{"name": "odd", **loaded.settings})
    write_study(folder / "s", settings, conformed, loaded.notes)
    study = open_study(folder / "s")
    cxresearch.study_topics(study)
    return study


@pytest.mark.parametrize("page", [*PAGES, "04"])
def test_every_page_of_an_event_log_without_words_is_made(tmp_path, page):
    case = CASES / "no_words_report"
    study = imported(tmp_path, case / "log.csv", case / "map.toml")
    assert page_says(study, page)


def test_no_page_calls_what_an_export_lacks_zero_or_never(tmp_path):
    case = CASES / "no_first_reply_column"
    study = imported(tmp_path, case / "tickets.csv", case / "map.toml")
    said = [text for page in PAGES for texts in page_says(study, page).values() for text in texts]
    assert any("first_reply_at is empty in all 4 tickets" in text for text in said)
    assert not [text for text in said if "100.0%" in text and "answer" in text]
    assert not [text for text in said if text.startswith("**0.0%")]


@pytest.mark.skipif(not SHARED.exists(), reason="the real event log is not beside the project")
def test_every_page_of_a_real_event_log_is_made(tmp_path):
    mapping = CASES.parent / "uci_incident_log.toml"
    study = imported(tmp_path, SHARED / "uci_incident_log" / "incident_event_log.zip", mapping)
    said = [text for page in PAGES for texts in page_says(study, page).values() for text in texts]
    assert not [text for text in said if text.startswith("**0.0%")]
