"""What came in and what is missing adds up, and an odd clock is seen."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import quality
from cxresearch.conform import conform
from cxresearch.settings import Settings
from cxresearch.study import Study, open_study, write_study

START = pd.Timestamp("2024-01-01T00:00:00Z")
FLAG = st.sampled_from([True, False, None])


def study(created=None, **columns):
    n = len(created) if created is not None else len(next(iter(columns.values())))
    frame = {"ticket_id": [str(i) for i in range(n)], "created_at": [START] * n}
    frame |= {"status": "open", "requester_id": "ann", "dq_flags": [[] for _ in range(n)]}
    if created is not None:
        frame["created_at"] = created
    return Study.from_tables({"tickets": pd.DataFrame(frame | columns)})


def clock(hours, days=730, spread=3.0, seed=0):
    """A ticket a day, at hours(day) plus some hours of chance."""
    rng = np.random.default_rng(seed)
    day = np.arange(days)
    at = day * 24 + hours(day) + rng.normal(0, spread, days)
    return study(START + pd.to_timedelta(at, unit="h"))


def test_rows_read_are_rows_kept_plus_rows_set_aside(tmp_path):
    rows = {"ticket_id": ["1", "2", None], "created_at": ["2024-01-01T00:00:00Z"] * 3}
    found = conform({"tickets": pd.DataFrame(rows | {"status": ["open", "?", "open"]})}, {})
    settings = Settings(outcome="return", observed_until="2024-02-01T00:00:00Z")
    write_study(tmp_path / "s", settings, found)
    opened = open_study(tmp_path / "s")
    assert quality.conservation(opened).loc["tickets"].tolist() == [3, 1, 2]
    assert quality.reasons(opened)["rows"].sum() == 2


def test_a_study_that_was_not_imported_tells_the_rows_it_holds():
    assert quality.conservation(study(subject=["a", "b"])).loc["tickets", "held"] == 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(FLAG, FLAG, FLAG, st.sampled_from(["ann", None])), min_size=1))
def test_tickets_left_out_add_up_to_the_tickets_that_count(rows):
    names = ["is_spam", "is_merged", "is_deleted", "requester_id"]
    made = study(**pd.DataFrame(rows, columns=names, dtype="object").to_dict("list"))
    counts = quality.left_out(made)["tickets"]
    assert counts["tickets kept"] == len(rows)
    assert counts.iloc[:-1].sum() == counts["tickets counted"] == len(made.customer_tickets)


def test_a_ticket_left_out_for_two_reasons_is_counted_once():
    counts = quality.left_out(study(is_spam=[True, None], is_deleted=[True, None]))["tickets"]
    assert counts["left out: spam"] == -1
    assert counts["left out: deleted"] == 0


def test_coverage_is_the_share_of_a_quarters_tickets_that_have_the_field():
    created = pd.to_datetime(["2024-01-01", "2024-03-31", "2024-04-01"], utc=True)
    priority, tags = ["high", None, "low"], [[], ["a"], None]
    found = quality.coverage(study(created, priority=priority, tags=tags, is_spam=[False] * 3))
    assert found.loc["priority"].to_dict() == {"2024Q1": 0.5, "2024Q2": 1.0}
    assert found.loc["tags"].to_dict() == {"2024Q1": 0.5, "2024Q2": 0.0}
    assert found.loc["is_spam"].tolist() == [1.0, 1.0]


def test_filled_is_the_share_of_all_tickets_that_have_the_field():
    found = quality.filled(study(priority=["high", None, "low", None], tags=[["a"], [], None, []]))
    assert found.loc[["priority", "tags", "group_id"], "share"].tolist() == [0.5, 0.25, 0.0]


def test_hours_of_a_quarter_add_up_to_one():
    shares = quality.hours(clock(lambda day: 10))
    assert shares.shape[1] == 24
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1)


def test_a_clock_set_eight_hours_back_is_found_where_it_happened():
    jumps = quality.clock_jumps(clock(lambda day: np.where(day < 366, 14, 6)))
    assert jumps[["from", "to"]].to_numpy().tolist() == [["2024Q4", "2025Q1"]]
    assert jumps["hours"].item() == pytest.approx(-8, abs=1)


@pytest.mark.parametrize("hour", [0, 6, 12, 23.5])
def test_a_steady_clock_does_not_jump_not_even_around_midnight(hour):
    assert quality.clock_jumps(clock(lambda day: hour)).empty


def test_a_jump_across_midnight_is_told_the_short_way():
    jumps = quality.clock_jumps(clock(lambda day: np.where(day < 366, 22, 2), spread=1))
    assert jumps["hours"].item() == pytest.approx(4, abs=0.5)


@pytest.mark.parametrize("seed", range(5))
def test_customers_all_around_the_world_are_no_jumping_clock(seed):
    hours = np.random.default_rng(seed).uniform(0, 24, 730)
    assert quality.clock_jumps(clock(lambda day: hours)).empty


def test_a_quarter_of_few_tickets_is_no_jump():
    few = START + pd.to_timedelta([*range(10, 2000, 24), 2200, 2260], unit="h")
    assert quality.clock_jumps(study(few)).empty


def test_what_a_study_lacks_is_named_with_what_it_costs():
    lacks = quality.missing(study(priority=["high", None]))
    assert {"table customers", "table surveys", "closed_by"} <= set(lacks.index)
    assert "priority" not in lacks.index
    assert lacks["cannot be said"].str.len().min() > 10


def test_a_table_that_is_there_is_not_missing():
    made = study(subject=["a"])
    made._tables["identities"] = pd.DataFrame()
    assert "table identities" not in quality.missing(made).index


def test_odd_tickets_are_counted_by_flag_and_repeated_text():
    flags = [["no_words"], [], ["no_words", "no_requester"], []]
    found = quality.oddities(study(dq_flags=flags, description=[None, "help", None, "help"]))
    assert found["tickets"].to_dict() == {"no words": 2, "no requester": 1, "same text again": 1}
    assert found.loc["no words", "share"] == pytest.approx(0.5)


def test_a_study_without_oddities_has_none():
    assert quality.oddities(study(description=["a", "b"]))["tickets"].sum() == 0
