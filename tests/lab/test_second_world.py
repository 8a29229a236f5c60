"""A second company: hand-checkable facts of what is planted and of what is told."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from cxresearch.lab.second_world import CAUSES, HARM, KINDS, SETTINGS, second_world
from cxresearch.lab.second_world.company import DAYS, EXPORT, Company
from cxresearch.lab.second_world.days import month_day, term_end
from cxresearch.lab.second_world.hazard import dip, hazard_of, weights_of
from cxresearch.lab.second_world.possible import World
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study

FROM = pd.Timestamp(SETTINGS["tickets_from"])


@pytest.fixture(scope="module")
def base():
    return second_world(1500, seed=1)


def one_customer(at: float, solved: float, **changes) -> World:
    """A customer since the opening with one issue about imports and a base hazard of 0.2 a year."""
    issues = pd.DataFrame({"who": [0], "at": [at], "cause": "Import fails", "solved": [solved]})
    accounts = pd.DataFrame({"start": [0]})
    return World(Company(**changes), accounts, issues, np.zeros((1, 53)), np.full((1, DAYS), 0.2))


def a_year(world: World) -> np.ndarray:
    return hazard_of(world, weights_of(world))[0] * 365.25


def days(times: pd.Series) -> np.ndarray:
    return ((times - FROM) / pd.Timedelta(days=1)).fillna(np.inf).to_numpy()


def departures(tables: dict, truth) -> tuple[int, float]:
    """Decisions told in the export, and the hazard that customers went through until they left."""
    customers = tables["customers"]
    notice, ended = days(customers["notice_at"]), days(customers["ended_at"])
    until = np.minimum(np.minimum(notice, ended), DAYS - EXPORT).clip(0)
    total = np.pad(truth.natural, ((0, 0), (1, 1)), mode="edge")
    total[:, 0] = 0
    row, day = np.arange(len(total)), until.astype(int)
    met = total[row, day] + (until - day) * (total[row, day + 1] - total[row, day])
    return int(((notice > 0) & np.isfinite(notice)).sum()), met.sum()


def test_an_issue_answered_in_time_does_no_harm():
    assert a_year(one_customer(at=800, solved=806.9)) == pytest.approx(0.2)


def test_harm_ramps_up_after_the_promise_and_fades_after_the_solution():
    world = one_customer(at=800, solved=827, harm={"Import fails": 0.3})
    told = a_year(world)[[806, 811, 816, 826, 841, 856, 857]]
    full, half_faded = 0.5, 0.2 + 0.3 * (1 - 14.5 / 30)
    expected = [0.2, 0.2 + 0.3 * 0.45, 0.2 + 0.3 * 0.95, full, half_faded, 0.205, 0.2]
    assert told == pytest.approx(expected)


def test_harm_that_helps_never_takes_the_hazard_below_a_tenth():
    world = one_customer(at=800, solved=900, harm={"Import fails": -5.0})
    assert a_year(world).min() == pytest.approx(0.02)


def test_harm_begins_on_day_three_where_it_is_early():
    world = one_customer(at=800, solved=806, harm_from=3.0)
    assert a_year(world)[[802, 803]] == pytest.approx([0.2, 0.2 + 0.05 * HARM["Import fails"]])


def test_harm_lowers_activity_from_the_next_step_on():
    world = one_customer(at=800, solved=900, harm_on_activity=-0.5)
    low = dip(world, weights_of(world))[0]
    assert low[:29] == pytest.approx(0)  # harm begins on day 807, in the step from day 784 to 811
    assert low[29] == pytest.approx(-0.5 * (0.05 + 0.15 + 0.25 + 0.35 + 0.45) / 28)
    assert low[31] == pytest.approx(0.85 * low[30] - 0.5)


def test_terms_end_on_the_day_of_the_month_on_which_they_began():
    accounts = pd.DataFrame({"month": [1, 1], "day": [9, 9], "annual": [False, True]})
    day = month_day(np.array([1, 1]), np.array([9, 9]))
    assert list(term_end(accounts, day + 0.5)) == [day[0] + 28, day[0] + 365]  # 10 February 2022


def test_the_same_seed_gives_the_same_tables():
    one, two = second_world(60, seed=3)[0], second_world(60, seed=3)[0]
    for name, frame in one.items():
        assert_frame_equal(frame, two[name])


def test_about_a_fifth_leaves_in_a_year(base):
    customers = base[0]["customers"]
    begin, end = days(customers["started_at"]), days(customers["notice_at"])
    end = np.minimum(np.minimum(end, days(customers["ended_at"])), DAYS - EXPORT)
    left = ((end > 0) & (end < DAYS - EXPORT)).sum()
    rate = left / ((end - begin.clip(0)).clip(0).sum() / 365.25)
    assert 0.18 < 1 - np.exp(-rate) < 0.25


@pytest.mark.parametrize(
    ("kind", "share"), [("missing by size 0", 1.0), ("base", 0.92), ("missing by size 15", 0.85)]
)
def test_so_many_tickets_are_joined_to_a_customer(kind, share):
    tables, _ = second_world(1000, seed=2, kind=kind)
    joined = tables["tickets"]["requester_id"].isin(tables["identities"]["requester_id"])
    assert joined.mean() == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("kind", ["base", "activity fed back", "tidying up", "hidden trouble"])
def test_as_many_leave_as_the_truth_expects(kind):
    seen, expected = departures(*second_world(1500, seed=4, kind=kind))
    assert abs(seen - expected) < 4 * np.sqrt(expected)


def test_ratios_are_as_planned(base):
    ratio = base[1].hazard_ratio
    assert 1.3 < base[1].overall < 1.8
    assert all(1.4 < ratio[cause] < 4.5 for cause in HARM)
    assert {ratio[cause] for cause in CAUSES if cause not in HARM} == {1.0}


def test_levers_take_away_what_harm_adds(base):
    truth = base[1]
    parts = sum(truth.natural - truth.lever[cause] for cause in CAUSES)
    np.testing.assert_allclose(parts, truth.natural - truth.lever["all"], atol=1e-9)
    assert (truth.lever["all"] <= truth.natural + 1e-12).all()


def test_a_lever_changes_nothing_before_the_first_promise_runs_out(base):
    first_week = base[1].lever["all"][:, :7] - base[1].natural[:, :7]
    assert first_week == pytest.approx(0)


@pytest.mark.parametrize("kind", ["null", "hidden trouble", "size confounds"])
def test_without_harm_every_lever_is_natural(kind):
    truth = second_world(200, seed=5, kind=kind)[1]
    assert truth.overall == 1
    assert not truth.harmful
    assert all(lever is truth.natural for lever in truth.lever.values())


def test_hidden_trouble_slows_answers_without_harm():
    slow = [second_world(800, 6, "hidden trouble", trouble=t)[1].overdue_share for t in (0.0, 2.0)]
    assert slow[0] < slow[1]


def test_a_protective_cause_has_a_ratio_below_one():
    truth = second_world(800, seed=7, kind="protective")[1]
    assert truth.hazard_ratio["Invoice is wrong"] < 1
    assert len(truth.harmful) == 3


def test_open_issues_are_tidied_away_before_notice():
    tables, _ = second_world(800, seed=8, kind="tidying up")
    open_at_notice = [len(still_open(tables)), len(still_open(second_world(800, seed=8)[0]))]
    assert open_at_notice[0] < 0.5 * open_at_notice[1]


def still_open(tables: dict) -> pd.DataFrame:
    """Tickets that were open when their customer gave notice."""
    tickets = tables["tickets"].merge(tables["identities"], on="requester_id")
    tickets = tickets.merge(tables["customers"], on="customer_id")
    solved = tickets["first_solved_at"].fillna(FROM + pd.Timedelta(days=9999))
    return tickets[tickets["created_at"].lt(tickets["notice_at"]) & (solved > tickets["notice_at"])]


def test_annual_terms_end_without_a_notice():
    customers = second_world(400, seed=9, kind="annual, no notice")[0]["customers"]
    gone = customers[customers["end_kind"].eq("voluntary")]
    assert customers["notice_at"].isna().all()
    assert len(gone)
    assert (gone["ended_at"].dt.strftime("%m-%d") == gone["started_at"].dt.strftime("%m-%d")).all()


def test_only_people_who_wrote_are_joined():
    tables, _ = second_world(300, seed=10, kind="known if wrote")
    assert tables["identities"]["requester_id"].isin(tables["tickets"]["requester_id"]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_study_takes_every_kind(kind):
    tables, truth = second_world(80, seed=11, kind=kind)
    study = Study.from_tables(tables, **SETTINGS)
    assert list(study.customers["customer_id"]) == list(truth.customer_id)
    assert len(study.customer_tickets) == len(tables["tickets"])
    assert truth.natural.shape == truth.lever["all"].shape == (80, DAYS - EXPORT)
    assert not (tables["tickets"]["created_at"] < FROM).any()


def test_what_is_not_known_is_answered_with_what_is():
    with pytest.raises(InputError, match=r"unknown kind 'bse'.*'base'.*protective"):
        second_world(10, seed=1, kind="bse")
    with pytest.raises(InputError, match=r"unknown change 'lingers'.*'linger'.*only_who_wrote"):
        second_world(10, seed=1, lingers=3)
    with pytest.raises(InputError, match=r"unknown cause 'Imports fail'.*'Import fails'"):
        second_world(10, seed=1, harm={"Imports fail": 1.0})
