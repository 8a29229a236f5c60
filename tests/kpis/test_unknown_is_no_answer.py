"""Blank a field of the tickets: a KPI stays, cannot be told, or rests on fewer tickets; never does
an empty field count as an answer."""

import numpy as np
import pytest

from cxresearch.kpis.scorecard import scorecard
from cxresearch.lab.against_truth import planted_study
from cxresearch.lab.simulate import simulate_world
from cxresearch.study.schema import TICKETS

# Without these a ticket counts as a customer's own, as page 01 says, or has no customer at all.
WHOSE = {"is_spam", "is_merged", "is_deleted", "requester_id"}
FIELDS = [c.name for c in TICKETS.columns if not c.needed and c.name not in WHOSE | {"dq_flags"}]
WAYS = ("wholly", "by half", "in a channel")
PAIRS = [(field, way) for field in FIELDS for way in WAYS][
    ::4
]  # one or none of the ways of a field, in turn


@pytest.fixture(scope="module")
def world():
    """A company of 150 customers: its tables, and what was planted."""
    return simulate_world(150, 3, text=False)


@pytest.fixture(scope="module")
def whole(world):
    """Its scorecard, a row a KPI."""
    return scorecard(planted_study(*world)).frame


def blanked(world, field: str, way: str):
    """The study with a field blanked."""
    tables, truth = world
    tickets = tables["tickets"].copy()
    rows = {
        "wholly": np.ones(len(tickets), bool),
        "by half": np.random.default_rng(1).random(len(tickets)) < 0.5,
        "in a channel": tickets["created_channel"].eq("email").to_numpy(bool),
    }[way]
    tickets[field] = tickets[field].where(~rows)
    return planted_study(tables | {"tickets": tickets}, truth)


@pytest.mark.parametrize(("field", "way"), PAIRS)
def test_a_kpi_stays_or_is_not_told_or_rests_on_fewer_tickets(world, whole, field, way):
    rows = scorecard(blanked(world, field, way)).frame
    for name, row in rows.iterrows():
        before = whole.loc[name]
        if np.isnan(row["estimate"]):
            assert np.isnan(before["estimate"]) or field in row["why"], (name, row["why"])
        elif row["estimate"] != before["estimate"]:
            assert row["n"] < before["n"], name
            assert row["low"] <= before["high"], name
            assert row["high"] >= before["low"], name
