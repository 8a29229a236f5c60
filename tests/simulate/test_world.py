import json

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from cxresearch.schema import InputError
from cxresearch.simulate import simulate_world

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
    for name in ("ticket_events", "customers", "surveys"):
        assert_frame_equal(silent[name], small[0][name])


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
    left = mute[0]["customers"].dropna(subset=["notice_at", "ended_at"])
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


def test_few_old_tickets_are_still_open(mute):
    tickets = mute[0]["tickets"]
    old = tickets["created_at"] < UNTIL - pd.Timedelta(days=90)
    still = ~tickets["status"].isin(["solved", "closed", "deleted"])
    assert 0.005 < (old & still).mean() < 0.04


def test_about_three_in_a_hundred_people_belong_to_no_account(mute):
    tickets = mute[0]["tickets"].query("~is_spam")
    assert 0.015 < tickets["requester_id"].map(owners(mute[0])).isna().mean() < 0.045


def test_who_answers_a_survey_depends_on_leaving(mute):
    nps = mute[0]["surveys"].query("kind == 'nps'")
    notice = nps["customer_id"].map(mute[0]["customers"].set_index("customer_id")["notice_at"])
    soon = notice < nps["offered_at"] + pd.Timedelta(days=45)
    answered = nps["responded_at"].notna()
    assert answered[soon].mean() < 0.8 * answered[~soon].mean()


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
