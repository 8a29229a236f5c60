"""Which tickets and accounts found each other, by month, by value, and by left or stayed."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.episodes import match, match_by_month, match_by_value, match_gate
from cxresearch.lab.second_world import SETTINGS, second_world
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study

DAY = pd.Timestamp("2025-01-01T00:00:00Z")
UNTIL = "2026-01-01T00:00:00Z"


def study(left, stayed, strangers=0, silent=(), mrr=None, **settings):
    """Accounts that left and stayed, one person and one ticket each, but for the silent accounts,
    whom nobody knows; strangers write too and belong to no account."""
    names = [f"L{i}" for i in range(left)] + [f"S{i}" for i in range(stayed)]
    until = pd.Timestamp(UNTIL)
    customers = pd.DataFrame({"customer_id": names, "started_at": DAY, "observed_until": until})
    customers["ended_at"] = customers["customer_id"].str.startswith("L").map({True: until})
    known = [name for name in names if name not in silent]
    people = known + [f"x{i}" for i in range(strangers)]
    tickets = pd.DataFrame({"ticket_id": people, "created_at": DAY, "status": "open"})
    tickets = tickets.assign(requester_id=people, dq_flags=[[] for _ in people])
    tables = {
        "customers": customers.astype({"ended_at": "datetime64[us, UTC]"}),
        "tickets": tickets,
        "identities": pd.DataFrame({"requester_id": known, "customer_id": known}),
    }
    if mrr:
        rows = [{"customer_id": c, "valid_from": DAY, "field": "MRR", "value": v} for c, v in mrr]
        tables["customer_history"] = pd.DataFrame(rows)
    return Study.from_tables(tables, observed_until=UNTIL, **settings)


def test_tickets_and_accounts_are_counted_by_left_or_stayed():
    found = match(study(4, 10, strangers=2, silent=["L0", "S0", "S1"]))
    assert found[["matched", "of"]].to_numpy().tolist() == [[11, 13], [3, 4], [8, 10], [8, 10]]


@pytest.mark.parametrize("seed", range(3))
def test_who_left_is_compared_with_who_stayed_at_equal_time_under_watch(seed):
    """People are known only if they wrote, and those who left had less time to write."""
    tables, _ = second_world(1500, seed, "known if wrote")
    found = match(Study.from_tables(tables, **SETTINGS))["share"]
    left, stayed, as_long = found.iloc[1:]
    assert stayed - left > 0.08
    assert abs(as_long - left) < 0.03
    assert match_gate(Study.from_tables(tables, **SETTINGS)) is None


def test_a_difference_at_equal_time_under_watch_still_cannot_tell():
    tables, _ = second_world(1500, 0, "known if wrote", missing=0.02)
    customers, people = tables["customers"], tables["identities"]
    left = customers[["notice_at", "ended_at"]].notna().any(axis=1)
    gone = people["customer_id"].isin(customers.loc[left, "customer_id"])
    drop = gone & (np.arange(len(people)) % 5 == 0)
    tables["identities"] = people[~drop].reset_index(drop=True)
    gate = match_gate(Study.from_tables(tables, **SETTINGS))
    assert "watched for as long" in gate.reason


def test_too_few_matched_tickets_cannot_tell():
    assert match_gate(study(9, 9, strangers=2)) is None
    assert "only 86% of tickets" in match_gate(study(9, 9, strangers=3)).reason


def test_a_difference_that_unmatched_people_may_have_made_cannot_tell():
    gate = match_gate(study(20, 80, strangers=2, silent=["L0", "L1"]))
    assert "90% of the accounts that left but 100% of those that stayed" in gate.reason
    assert "2 people who wrote belong to no account" in gate.reason


@pytest.mark.parametrize("strangers", [0, 1])
def test_accounts_that_nobody_wrote_from_are_no_difference_in_matching(strangers):
    """One stranger is no more than 5% of the 20 who left."""
    assert match_gate(study(20, 80, strangers, silent=["L0", "L1"])) is None


def test_the_match_is_told_by_month_on_the_studys_clock():
    found = match_by_month(study(1, 1, strangers=1, time_zone="America/New_York"))
    assert found.loc["2024-12"].to_dict() == {"matched": 2, "of": 3, "share": pytest.approx(2 / 3)}


def test_the_match_is_told_by_what_accounts_paid_last_while_they_paid():
    paid = [("L0", "10"), ("L0", "0"), ("S0", "20"), ("S1", "30"), ("S2", "40")]
    found = match_by_value(study(1, 4, silent=["L0", "S3"], mrr=paid))
    assert found["share"].to_dict() == {
        "lowest quarter": 0, "second quarter": 1, "third quarter": 1, "highest quarter": 1,
        "not known": 0,
    }  # fmt: skip
    assert found["MRR in sum"].tolist() == [10, 20, 30, 40, 0]
    assert found.loc["lowest quarter", "share of MRR"] == 0


def test_without_mrr_the_value_cannot_be_told():
    assert "MRR by customer" in match_by_value(study(1, 1)).reason
    assert isinstance(match_by_value(study(1, 1, mrr=[("L0", "none")])), CannotTell)
