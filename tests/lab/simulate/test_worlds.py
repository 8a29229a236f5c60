"""Each named world does what its name says."""

from dataclasses import replace

import pandas as pd
import pytest
from person_time import days, hazard_ratios, person_time

from cxresearch.episodes import build_episodes
from cxresearch.lab import against_truth as trial
from cxresearch.lab.simulate import WORLDS, World, simulate_world
from cxresearch.lab.simulate.accounts import draw_accounts
from cxresearch.lab.simulate.issues import draw_issues, overdue_spells
from cxresearch.lab.simulate.parameters import PLANS, make_world


def made(name: str, customers: int = 1200):
    return simulate_world(customers, seed=1, text=False, **WORLDS[name])


def overdue_ratio(tables, truth) -> pd.Series:
    rows = person_time(tables, truth)
    rows = rows.assign(overdue=rows[list(truth["hazard_ratio"])].max(axis=1))
    return hazard_ratios(rows, ["overdue", "activity"]).loc["overdue"]


@pytest.mark.parametrize("name", WORLDS)
def test_every_named_world_changes_parameters_that_there_are(name):
    assert isinstance(make_world(**WORLDS[name]), World)


def test_nothing_is_planted_in_worlds_without_harm():
    for name in ("null", "exit requests", "calendar shock"):
        assert not make_world(**WORLDS[name]).log_hazard_ratios.any()


def test_tidying_up_turns_the_sign():
    assert overdue_ratio(*made("tidying up"))["high"] < 1 < overdue_ratio(*made("plain"))["low"]


def test_tidying_up_changes_nobodys_life():
    tidy, plain = made("tidying up", 300)[0], made("plain", 300)[0]
    assert tidy["customers"].equals(plain["customers"])


def test_silent_leavers_hide_harm():
    assert overdue_ratio(*made("silent leavers"))["hr"] < overdue_ratio(*made("plain"))["hr"] - 0.3


def test_all_contracts_are_annual_and_only_their_ends_are_known():
    customers = made("annual contracts, notice unknown", 300)[0]["customers"]
    assert (customers["billing_period"] == "year").all()
    assert customers["notice_at"].isna().all()
    assert customers["ended_at"].notna().sum() > 20


def test_with_informative_censoring_failed_payments_find_the_fragile():
    accounts = draw_accounts(make_world(**WORLDS["informative censoring"]), 2000, seed=1)
    soon = accounts.failed - accounts.started < 3 * 365 * 86_400
    assert accounts.frailty[soon].mean() > accounts.frailty[~soon].mean() + 0.3


def test_harm_may_begin_before_the_promise_is_broken():
    world = make_world(**WORLDS["promise 7, harm 3"])
    issues = draw_issues(world, draw_accounts(world, 200, seed=1), seed=1)
    first = overdue_spells(world, issues).drop_duplicates("issue").set_index("issue")["start"]
    age = (first - issues["created"].reindex(first.index)) / 86_400
    assert age.min() == 3.0


def crude_ratios(additive: bool) -> pd.Series:
    """Rate of leaving while overdue over that at other times, by plan; plans leave very unalike."""
    plans = tuple(replace(p, hazard_ratio=h) for p, h in zip(PLANS, (0.3, 1.0, 3.0), strict=True))
    world = WORLDS["plain"] | {"plans": plans, "additive": additive}
    study = trial.planted_study(*simulate_world(2000, seed=2, text=False, **world))
    rows = build_episodes(study).eval("days = stop - start").assign(late=lambda r: r["overdue"] > 0)
    sums = rows.groupby(["plan", "late"])[["event", "days"]].sum().eval("event / days")
    return sums.xs(True, level="late") / sums.xs(False, level="late")


def test_additive_harm_weighs_more_on_those_who_leave_little_and_multiplied_harm_does_not():
    multiplied, added = crude_ratios(False), crude_ratios(True)
    assert 1.5 < multiplied["starter"] / multiplied["business"] * 1.5 < 3
    assert added["starter"] > 3 * added["business"]


def test_the_parameter_of_additive_harm_is_told_only_where_it_is_used():
    assert "additive" not in make_world().as_dict()
    assert make_world(additive=True).as_dict()["additive"]


def test_requests_to_cancel_come_from_nearly_all_who_leave():
    tables, truth = made("exit requests")
    asks = sum(of["causes"] == ["exit_request"] for of in truth["tickets"].values())
    assert 0.75 < asks / tables["customers"]["notice_at"].notna().sum() < 1


def test_a_shock_moves_tickets_and_departures_in_the_same_months():
    tables, _ = made("calendar shock")
    shock = days(pd.Series(pd.Timestamp("2025-04-01", tz="UTC"))).iloc[0]
    written, noticed = days(tables["tickets"]["created_at"]), days(tables["customers"]["notice_at"])
    for times, length in ((written, 60), (noticed, 90)):
        during = times.between(shock, shock + length).sum()
        assert during > 1.7 * times.between(shock - length, shock).sum()
