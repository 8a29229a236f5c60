"""Would an honest analysis find what was planted? PHReg on (start, stop] rows says so here."""

import pytest
from person_time import hazard_ratios, person_time

from cxresearch.simulate import levers, simulate_world


@pytest.fixture(scope="module")
def rows(mute):
    causes = list(mute[1]["hazard_ratio"])
    return person_time(*mute).assign(overdue=lambda r: r[causes].max(axis=1))


@pytest.fixture(scope="module")
def by_cause(mute, rows):
    return hazard_ratios(rows, [*mute[1]["hazard_ratio"], "activity"])


def test_overdue_issues_make_customers_leave(rows):
    found = hazard_ratios(rows, ["overdue", "activity"]).loc["overdue"]
    assert 1.3 < found["low"] < found["hr"] < 2.6


def test_the_interval_of_the_common_harmful_cause_covers_what_was_planted(mute, by_cause):
    found = by_cause.loc["sync"]
    assert found["low"] < mute[1]["hazard_ratio"]["sync"] < found["high"]
    assert found["low"] > 1.3


def test_the_frequent_cause_without_effect_shows_none(by_cause):
    assert by_cause.loc["login", "low"] < 1 < by_cause.loc["login", "high"]


def test_nearly_all_intervals_cover_the_planted_hazard_ratio(mute, by_cause):
    planted = by_cause.index.map(mute[1]["hazard_ratio"]).to_series(index=by_cause.index)
    covered = (by_cause["low"] < planted) & (planted < by_cause["high"])
    assert covered.sum() >= len(mute[1]["hazard_ratio"]) - 2


def test_the_demo_has_enough_exposed_departures_for_five_causes(demo):
    exposed = person_time(*demo).query("left")[list(demo[1]["hazard_ratio"])].sum()
    assert (exposed >= 12).sum() >= 5
    assert (exposed < 10).sum() >= 2


def test_heavy_users_leave_less(by_cause):
    assert by_cause.loc["activity", "high"] < 0.75


def test_a_world_without_harm_shows_no_effect():
    tables, truth = simulate_world(1500, seed=6, text=False, harm=0.0)
    rows = person_time(tables, truth)
    rows = rows.assign(overdue=rows[list(truth["hazard_ratio"])].max(axis=1))
    found = hazard_ratios(rows, ["overdue", "activity"]).loc["overdue"]
    assert found["low"] < 1 < found["high"]


def test_involuntary_ends_do_not_depend_on_overdue_issues(rows):
    assert rows["failed"].sum() > 80
    found = hazard_ratios(rows, ["overdue"], event="failed").loc["overdue"]
    assert found["low"] < 1 < found["high"]


def test_what_is_harmless_would_save_nobody_and_what_harms_most_would_save_some():
    saved = levers(800, seed=2)
    assert saved["login"]["customers_kept"] == 0
    assert saved["sync"]["customers_kept"] > 5
    assert saved["all"]["customers_kept"] > saved["sync"]["customers_kept"]
