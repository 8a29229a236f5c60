"""What holds for every KPI of a company: rows have no order, and groups make the whole."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from cxresearch import Study
from cxresearch.kpis import backlog, escalating, handling, retention
from cxresearch.kpis import contact_rate as contact
from cxresearch.kpis import staying_solved as returning
from cxresearch.kpis.surveys import voice
from cxresearch.kpis.tidy import COLUMNS
from tests.outcomes.test_leaving import company

# Each with a column to split it by, and whether a group's estimates times n add up to the whole's.
EVERY = {
    "reopening": (returning.reopening, "created_channel", False),
    "recurrence": (returning.recurrence, "cause", False),
    "true resolution": (returning.true_resolution, "segment", True),
    "escalation": (escalating.escalation, "priority", True),
    "escalation by tier": (partial(escalating.escalation, rule="tier change"), "month", True),
    "follow-up": (handling.follow_up, "product", True),
    "backlog": (backlog.backlog, "month", False),
    "contact rate": (contact.contact_rate, "segment", False),
    "touches": (handling.touches, "created_channel", True),
    "reassignments": (handling.reassignments, "group_id", True),
    "handling time": (handling.handling_time, "month", True),
    "csat": (voice.csat, "created_channel", True),
    "nps": (voice.nps, "segment", True),
    "ces": (voice.ces, "month", True),
    "retention": (retention.retention, "billing_period", False),
}


@pytest.fixture(scope="module")
def tables() -> tuple[dict, dict]:
    study = company(9, 250)
    names = ("tickets", "ticket_events", "customers", "identities", "ticket_causes", "surveys")
    settings = {**vars(study.settings), "tier_two_groups": ("Second line",)}
    return {name: study.table(name) for name in names}, settings


@pytest.fixture(scope="module")
def desk(tables) -> Study:
    return Study.from_tables(tables[0], **tables[1])


@pytest.fixture(scope="module")
def shuffled(tables) -> Study:
    rows = {name: frame.sample(frac=1, random_state=4) for name, frame in tables[0].items()}
    return Study.from_tables(rows, **tables[1])


@pytest.mark.parametrize("name", EVERY)
def test_the_order_of_rows_changes_nothing(name, desk, shuffled):
    kpi, by, _ = EVERY[name]
    pd.testing.assert_frame_equal(kpi(desk, by=by).frame, kpi(shuffled, by=by).frame)


@pytest.mark.parametrize("name", EVERY)
def test_the_groups_make_the_whole(name, desk):
    kpi, by, adds = EVERY[name]
    found = kpi(desk, by=by).frame
    assert list(found.columns) == COLUMNS.split()
    for _, rows in found.groupby("kpi"):
        whole, groups = rows[rows["group"] == "all"].squeeze(), rows[rows["group"] != "all"]
        assert whole["n"] > 0
        assert len(groups) > 1
        assert groups["n"].sum() == whole["n"]
        assert groups["eligible"].sum() == whole["eligible"]
        if adds and "median" not in whole["kpi"]:
            told = groups[groups["n"] > 0]
            weighed = np.average(told["estimate"], weights=told["n"])
            assert weighed == pytest.approx(whole["estimate"], abs=1e-9)


@pytest.mark.parametrize("name", EVERY)
def test_the_interval_holds_the_estimate(name, desk):
    kpi, by, _ = EVERY[name]
    found = kpi(desk, by=by).frame.dropna(subset=["low", "high"])
    assert (found["low"] <= found["estimate"] + 1e-9).all()
    assert (found["estimate"] <= found["high"] + 1e-9).all()
