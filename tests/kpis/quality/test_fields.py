"""Which fields are filled, from when to when, and what the missing ones cost."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch.kpis import quality
from cxresearch.kpis.quality.fields import Coverage, Missing
from cxresearch.study.questions import needing, questions
from cxresearch.study.schema import TICKETS, VENDOR
from tests.kpis.quality.studies import START, study


def test_coverage_is_the_share_of_a_months_tickets_that_have_the_field():
    created = pd.to_datetime(["2024-01-01", "2024-01-31", "2024-02-01"], utc=True)
    priority, tags = ["high", None, "low"], [[], ["a"], None]
    made = study(created, priority=priority, tags=tags, is_spam=[False] * 3)
    found = quality.coverage(made).frame
    assert found.loc["priority"].to_dict() == {"2024-01": 0.5, "2024-02": 1.0}
    assert found.loc["tags"].to_dict() == {"2024-01": 0.5, "2024-02": 0.0}
    assert found.loc["is_spam"].tolist() == [1.0, 1.0]


def test_coverage_has_every_column_that_may_be_empty_but_the_help_desks_own_numbers():
    full = {"dq_flags"} | {c.name for c in TICKETS.columns if c.needed or c in VENDOR}
    assert set(quality.coverage(study(subject=["a"])).frame.index) == {*TICKETS.names} - full


def test_filled_is_the_share_of_all_tickets_that_have_the_field():
    found = quality.filled(study(priority=["high", None, "low", None], tags=[["a"], [], None, []]))
    assert found.loc[["priority", "tags", "group_id"], "share"].tolist() == [0.5, 0.25, 0.0]


def months(counts, field, **more):
    """Tickets in months of 2024, so many each; in which of them the field is filled."""
    created = [START + pd.DateOffset(months=m) for m, n in enumerate(counts) for _ in range(n)]
    values = [v for held, n in zip(field, counts, strict=True) for v in [held] * n]
    return study(created, priority=values, **more)


def test_a_field_that_begins_and_ends_in_the_middle_is_found_with_its_months():
    found = quality.spans(months([40, 30, 30, 20], [None, "high", "low", None])).frame
    assert found.loc["priority"].tolist() == ["2024-02", "2024-03", 1.0, 60]


def test_a_field_that_is_seldom_filled_is_not_taken_for_one_that_ends():
    rare = ["high"] + [None] * 99 + [None] * 30
    created = [START] * 100 + [START + pd.DateOffset(months=1)] * 30
    assert quality.spans(study(created, priority=rare)).frame.empty


def test_a_field_that_is_always_or_never_filled_has_no_span():
    always = quality.spans(months([40, 40], ["high", "low"]))
    assert always.frame.empty
    assert always.said().text == "No field begins or ends in the middle of the time."


def test_what_a_study_lacks_is_named_with_what_it_costs():
    lacks = quality.missing(study(priority=["high", None])).frame
    assert {"table customers", "table surveys", "closed_by"} <= set(lacks.index)
    assert "priority" not in lacks.index
    assert lacks["cannot be said"].str.len().min() > 10


def test_a_table_that_is_there_is_not_missing():
    made = study(subject=["a"])
    made.held.tables["identities"] = pd.DataFrame()
    assert "table identities" not in quality.missing(made).frame.index


DAY = {"customer_id": ["A"], "started_at": [START], "observed_until": [START]}
READING = {"customer_id": ["A"], "field": ["MRR"], "value": ["9"]}


def test_a_field_of_a_table_that_is_there_is_missed_by_itself():
    lacks = quality.missing(
        study(subject=["a"], tables={"customers": pd.DataFrame(DAY)})
    ).frame.index
    assert {"customers.notice_at", "table customer_history"} <= set(lacks)
    assert not {"table customers", "customer_history.mrr"} & set(lacks)


@pytest.mark.parametrize(("day", "missing"), [("2024-01-01", False), ("2024-06-01", True)])
def test_a_value_of_the_last_day_is_no_history(day, missing):
    history = pd.DataFrame(READING | {"valid_from": [pd.Timestamp(day, tz="UTC")]})
    made = study(
        subject=["a"], tables={"customer_history": history},
        settings={"observed_until": "2024-06-01T00:00:00Z"},
    )  # fmt: skip
    assert ("customer_history.mrr" in quality.missing(made).frame.index) == missing


def test_fields_that_begin_are_named_as_plain_text():
    created = [START] * 30 + [START + pd.DateOffset(months=1)] * 30
    made = study(created, first_reply_at=[None] * 30 + [START] * 30)
    assert "middle of the time: 1 (first\\_reply\\_at). No" in quality.spans(made).said().text


def lacking(*names: str):
    """What a study misses of which all else is there, as missing() has it."""
    whole = quality.missing(study(priority=["high", None])).frame
    return Missing(whole.loc[list(names)])


def test_what_is_missing_stands_by_kind_of_data_each_kind_once():
    lacks = quality.missing(study(priority=["high", None]))
    kinds = lacks.table()["kind of data"]
    named = kinds[kinds != ""]
    assert named.tolist()[:2] == ["fields of tickets", "history of tickets"]
    assert {"surveys", "reviews and posts", "talks with bots", "articles"} <= {*named}
    assert named.is_unique
    assert len(kinds) == len(lacks.frame)


@pytest.mark.parametrize(
    "table", ["reviews", "bot_sessions", "articles", "article_views", "incidents", "agents"]
)
def test_a_table_beside_the_tickets_is_missed_but_its_lack_spoils_no_other_answer(table):
    lacks = quality.missing(study(priority=["high", None]))
    assert f"table {table}" in lacks.frame.index
    assert f"table {table}" not in lacks.spoiling().index
    assert {"table customers", "closed_by"} <= {*lacks.spoiling().index}


def test_what_is_missing_is_told_with_the_questions_that_need_it():
    lacks = lacking("is_escalated", "is_spam")
    assert lacks.table().to_numpy().tolist() == [
        ["fields of tickets", "is_escalated", "how often a ticket was handed up",
         "How often are tickets escalated?"],
        ["", "is_spam", "which tickets are no customer's: spam counts as tickets", ""],
    ]  # fmt: skip
    assert lacks.said().text.startswith("**1 of ")
    assert lacks.said().numbers["lacks"] == 2


def test_of_many_questions_the_first_few_are_shown_and_the_others_counted():
    [asked] = lacking("table surveys").table()["needed by"]
    assert asked.startswith("How satisfied are customers, and how far can the score be trusted? ")
    assert asked.count("?") == 3
    assert asked.endswith(f" … and {len(needing('surveys')) - 3} more")


def test_where_nothing_is_missing_that_is_said_with_how_many_questions_have_an_answer():
    said = lacking().said()
    assert said.text.startswith("This study has every kind of data that a page asks for. Pages ")
    assert said.numbers["lacks"] == 0
    assert said.numbers["n"] + said.numbers["partly"] == sum(bool(q.by) for q in questions())


def test_coverage_counts_fields_never_filled():
    shares = pd.DataFrame({"2024-01": [0, 1.0, 0.1], "2024-02": [0, 1.0, 0.9]}, index=list("abc"))
    made = Coverage(shares)
    ax = made.plot()
    assert ax.figure.get_suptitle() == ("1 of 3 fields are never filled; 1 change by half")
    assert "months from 2024-01 to 2024-02. Dark" in made.described()
    assert "Never filled: a. Fields that change by more than half: c." in made.described()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    plt.close(ax.figure)
