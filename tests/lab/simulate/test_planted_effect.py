"""Would an honest analysis find what was planted? PHReg on (start, stop] rows says so here."""

import numpy as np
import pytest
from person_time import hazard_ratios, person_time

from cxresearch.lab.simulate import levers, simulate_world
from cxresearch.lab.simulate.departures import live
from cxresearch.lab.simulate.parameters import make_world
from cxresearch.lab.simulate.world import run_company


@pytest.fixture(scope="module")
def rows(mute):
    causes = list(mute[1]["hazard_ratio"])
    return person_time(*mute).assign(overdue=lambda r: r[causes].max(axis=1))


@pytest.fixture(scope="module")
def saved():
    return levers(800, seed=2)


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


def test_the_demo_has_enough_exposed_departures_for_six_causes_and_too_few_for_two(demo):
    exposed = person_time(*demo).query("left")[list(demo[1]["hazard_ratio"])].sum()
    assert len(exposed) >= 10
    assert (exposed >= 12).sum() >= 6
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


def test_what_is_harmless_would_save_nobody_and_what_harms_most_would_save_some(saved):
    assert saved["login"]["answer_sooner"]["customers_kept"] == 0
    assert saved["login"]["answer_sooner"]["revenue"] == 0
    assert saved["sync"]["answer_sooner"]["customers_kept"] > 5
    assert saved["sync"]["answer_sooner"]["revenue"] > 0
    every = saved["all"]["answer_sooner"]["customers_kept"]
    assert every > saved["sync"]["answer_sooner"]["customers_kept"]


def test_preventing_also_saves_the_tickets_but_answering_sooner_does_not(saved):
    for levers_of in saved.values():
        assert levers_of["answer_sooner"]["tickets"] <= 0 < levers_of["prevent"]["tickets"]
        kept = [lever["customers_kept"] for lever in levers_of.values()]
        assert kept[0] == kept[1]


def test_issues_that_never_arise_save_the_customers_that_answers_in_time_save(saved):
    world = make_world()
    company = run_company(world, 800, seed=2)
    place = [cause.name for cause in world.causes].index("sync")
    chance = company.issues["chance"].mask(company.issues["cause"] == place, np.inf)
    lives = live(world, company.accounts, company.issues.assign(chance=chance))
    since, until = world.seconds("tickets_from"), world.seconds("observed_until")
    left = [
        np.sum((since <= of.decided[company.kept]) & (of.decided[company.kept] < until))
        for of in (company.lives, lives)
    ]
    assert left[0] - left[1] == saved["sync"]["prevent"]["customers_kept"]
