"""A cause's page: whose it is, how it ends beside the others, and every ticket behind it."""

from io import StringIO

import nbformat
import pandas as pd
import pytest

import cxresearch
from cxresearch import CannotTell, InputError
from cxresearch.pages import cause_in_full as full
from cxresearch.pages import show as shown
from tests.kpis.desk import customer, desk, ticket
from tests.page_cells import NOTEBOOKS

# Of twenty issues about login all are late, of twenty about mail none: each of its own customer, a
# day apart. Six are about rare things, of two customers.
LATE = {"login": 9, "mail": 1}


@pytest.fixture(scope="module")
def study():
    rows, causes = [], {}
    for cause, days in LATE.items():
        for i in range(20):
            name = f"{cause}{i}"
            more = {"first_reply_at": i + 0.5, "description": f"My {cause} fails, number {i}."}
            rows.append(ticket(name, name, i, i + days, product=cause.upper(), **more))
            causes[name] = cause
    for i in range(6):
        rows.append(ticket(f"rare{i}", f"few{i % 2}", 30 + i, 31 + i, first_reply_at=30.5 + i))
        causes[f"rare{i}"] = "rare"
    people = [customer(who) for who in dict.fromkeys(row["requester_id"] for row in rows)]
    return desk(rows, causes=causes, customers=people)


def test_causes_of_few_customers_have_no_page(study, monkeypatch):
    assert full.causes_shown(study) == ["login", "mail"]
    assert full.causes_shown(study.with_settings(least_shown=2)) == ["login", "mail", "rare"]
    monkeypatch.setenv(full.ASKED_FOR, "rare")
    with pytest.raises(InputError, match="no page on the cause 'rare'"):
        full.the_cause(study)
    monkeypatch.setenv(full.ASKED_FOR, "mail")
    assert full.the_cause(study) == "mail"
    monkeypatch.delenv(full.ASKED_FOR)
    assert full.the_cause(study) == "login"


def test_every_ticket_of_a_cause_is_listed_newest_first_without_its_words(study):
    rows = full.tickets_of(study, "login")
    assert len(rows) == 20
    assert rows["written"].is_monotonic_decreasing
    assert rows["days overdue"].tolist() == pytest.approx([2.0] * 20)
    assert not rows.astype(str).apply(lambda row: row.str.contains("fails")).any(axis=None)


def test_how_it_ends_is_told_only_where_the_difference_is(study):
    ends = full.how_it_ends(study, "login").frame
    row = ends.loc["overdue"]
    assert [row["own"], row["own n"], row["rest"], row["rest n"]] == [1.0, 20, 0.0, 26]
    assert row["verdict"] == "more"
    assert row["difference low"] > 0.5
    assert ends.loc["answered in time", "verdict"] == "cannot tell"
    assert full.size(study, "login") == "20 tickets of 20 customers, 100% overdue"


def test_who_writes_names_groups_with_a_clearly_larger_share(study):
    rows = full.who_writes(study, "login")
    assert rows["group"].tolist() == ["product: LOGIN"]
    assert rows["customers"].tolist() == [20]
    assert full.who_writes(study, "rare").empty


def test_what_cannot_be_kept_is_not_said_to_be(study):
    first, *rest = full.in_short(study, "login", CannotTell("no departures."))
    assert first.text == "**20 customers** wrote 20 tickets about “login”, 43% of all."
    assert all(isinstance(said, CannotTell) for said in rest)


def test_the_notebook_runs_on_it_and_says_no_name_of_the_machine(study, monkeypatch):
    book, made, names = nbformat.read(NOTEBOOKS / "cause.ipynb", 4), [], {}
    monkeypatch.setattr(shown, "display", lambda bundle, **_: made.append(bundle))
    monkeypatch.setattr(cxresearch, "open_study", lambda path=None: study, raising=False)
    for cell in (c.source for c in book.cells if c.cell_type == "code"):
        exec(compile(cell, "cause.ipynb", "exec"), names)
    text = "\n".join(bundle.get("text/plain", "") for bundle in made)
    assert "20 tickets about “login”" in text
    listed = [bundle["text/csv"] for bundle in made if "days overdue" in bundle.get("text/csv", "")]
    assert len(pd.read_csv(StringIO(listed[0]))) == 20
