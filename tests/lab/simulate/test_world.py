import json

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from cxresearch.lab.simulate import simulate_world
from cxresearch.study.schema import InputError

SINCE, UNTIL = (pd.Timestamp(day, tz="UTC") for day in ("2024-01-01", "2026-01-01"))


def owners(tables) -> pd.Series:
    """customer_id of every matched person."""
    return tables["identities"].set_index("requester_id")["customer_id"]


def test_the_same_seed_gives_the_same_tables_value_for_value(small):
    again, truth = simulate_world(400, seed=3)
    for name, frame in small[0].items():
        assert_frame_equal(again[name], frame, check_exact=True)
    assert truth == small[1]


def test_another_seed_gives_another_world(small):
    other, _ = simulate_world(400, seed=4, text=False)
    assert not other["customers"]["started_at"].equals(small[0]["customers"]["started_at"])


def test_the_world_does_not_depend_on_whether_text_is_written(small):
    silent, _ = simulate_world(400, seed=3, text=False)
    for name in ("customers", "surveys"):
        assert_frame_equal(silent[name], small[0][name])
    events = [tables["ticket_events"].drop(columns="body") for tables in (silent, small[0])]
    assert_frame_equal(*events)


def test_there_are_as_many_customers_as_asked_for(small):
    assert len(small[0]["customers"]) == 400


def test_who_left_before_the_export_began_is_not_in_it(mute):
    customers = mute[0]["customers"]
    assert (customers["ended_at"].fillna(UNTIL) > SINCE).all()
    assert (customers["started_at"] < SINCE).mean() > 0.3


def test_nobody_writes_before_starting_or_after_leaving(mute):
    tickets, customers = mute[0]["tickets"], mute[0]["customers"].set_index("customer_id")
    owner = tickets["requester_id"].map(owners(mute[0])).dropna()
    written = tickets.loc[owner.index, "created_at"]
    assert (written > owner.map(customers["started_at"])).all()
    assert (written <= owner.map(customers["ended_at"]).fillna(UNTIL)).all()


def test_no_customer_says_anything_after_leaving(mute):
    events, customers = mute[0]["ticket_events"], mute[0]["customers"].set_index("customer_id")
    said = events[events["actor_role"] == "customer"]
    end = said["actor_id"].map(owners(mute[0])).map(customers["ended_at"]).fillna(UNTIL)
    assert (said["event_at"] <= end).all()


def test_a_month_is_paid_to_its_end_after_notice(mute):
    left = mute[0]["customers"].query("billing_period == 'month'")
    left = left.dropna(subset=["notice_at", "ended_at"])
    wait = (left["ended_at"] - left["notice_at"]) / pd.Timedelta(days=1)
    assert wait.between(0, 31).all()
    assert 12 < wait.mean() < 18


def test_an_annual_contract_ends_on_its_anniversary():
    tables, _ = simulate_world(300, seed=5, text=False, annual_share=1.0)
    left = tables["customers"].query("end_kind == 'voluntary'").dropna(subset=["ended_at"])
    started, ended = left["started_at"].dt, left["ended_at"].dt
    assert (started.month == ended.month).all()
    assert 0.03 < left["notice_at"].isna().mean() < 0.35


def test_between_a_quarter_and_a_third_of_customers_leave_in_a_year(mute):
    customers = mute[0]["customers"]
    last = customers["ended_at"].fillna(UNTIL)
    years = (last - customers["started_at"].clip(lower=SINCE)).dt.days.sum() / 365.25
    assert 0.25 < customers["ended_at"].notna().sum() / years < 0.35


def test_at_most_two_in_a_hundred_tickets_are_open_for_ever(mute, demo):
    for tables, truth in (mute, demo):
        tickets = tables["tickets"]
        old = tickets[tickets["created_at"] < UNTIL - pd.Timedelta(days=365)]
        still = ~old["status"].isin(["solved", "closed", "deleted"])
        assert 0.002 < still.mean() < 0.02
        assert max(cause["never"] for cause in truth["world"]["causes"]) <= 0.02


def test_the_demo_has_as_many_tickets_as_it_should(demo):
    assert 11_500 < len(demo[0]["tickets"]) < 13_000
    assert demo[0]["customers"]["billing_period"].value_counts(normalize=True)["year"] > 0.2


def test_an_incident_makes_many_write_about_one_cause_at_once(demo):
    tables, truth = demo
    cause = tables["tickets"]["ticket_id"].map(lambda ticket: truth["tickets"][ticket]["causes"][0])
    days = tables["tickets"]["created_at"].dt.floor("D")
    for incident in truth["world"]["incidents"]:
        begins = pd.Timestamp(incident["date"], tz="UTC")
        during = days.between(begins, begins + pd.Timedelta(days=incident["days"] - 1))
        usual = (cause == incident["cause"]).sum() / 731
        assert (cause[during] == incident["cause"]).sum() > 4 * usual * incident["days"]


def test_about_three_in_a_hundred_people_belong_to_no_account(mute):
    tickets = mute[0]["tickets"].query("~is_spam")
    assert 0.015 < tickets["requester_id"].map(owners(mute[0])).isna().mean() < 0.045


def test_who_answers_a_survey_depends_on_leaving(mute):
    nps = mute[0]["surveys"].query("kind == 'nps'")
    notice = nps["customer_id"].map(mute[0]["customers"].set_index("customer_id")["notice_at"])
    soon = notice < nps["offered_at"] + pd.Timedelta(days=45)
    answered = nps["responded_at"].notna()
    assert answered[soon].mean() < 0.8 * answered[~soon].mean()


def test_each_question_is_asked_on_its_own_scale(demo):
    surveys = demo[0]["surveys"]
    scales = surveys.groupby("kind")[["scale_min", "scale_max"]].agg(["min", "max"])
    assert scales["scale_max"].to_dict("index") == {
        "ces": {"min": 7, "max": 7},
        "csat": {"min": 5, "max": 5},
        "nps": {"min": 10, "max": 10},
    }
    assert surveys["score_raw"].dropna().between(0, 10).all()
    assert not surveys["ticket_id"].dropna().duplicated().any()


def test_who_waited_long_is_asked_less_often(demo):
    tickets = demo[0]["tickets"].query("~is_spam and first_solved_at.notna()")
    waited = tickets["first_solved_at"] - tickets["created_at"]
    asked = tickets["ticket_id"].isin(demo[0]["surveys"]["ticket_id"])
    slow = waited > pd.Timedelta(days=30)
    assert asked[slow].mean() < 0.9 * asked[~slow].mean()


def test_the_truth_is_json_and_knows_every_ticket_and_parameter(small):
    tables, truth = small
    told = json.loads(json.dumps(truth))
    assert list(told["tickets"]) == tables["tickets"]["ticket_id"].tolist()
    assert told["hazard_ratio"]["sync"] == 3.0
    assert told["world"]["leave_per_year"] == pytest.approx(0.185)


def test_no_table_holds_the_truth(small):
    tables, truth = small
    for name, frame in tables.items():
        words = frame.select_dtypes(["str", "object"]).drop(
            columns=["tags", "dq_flags"], errors="ignore"
        )
        shown = set(pd.unique(words.astype("str").to_numpy().ravel()))
        assert not shown & set(truth["hazard_ratio"]), name


def test_a_parameter_that_does_not_exist_is_named():
    with pytest.raises(InputError, match="no parameter 'churn'"):
        simulate_world(10, seed=1, churn=0.2)


def test_a_world_without_customers_is_refused():
    with pytest.raises(InputError, match="at least 1 customer"):
        simulate_world(0, seed=1)
