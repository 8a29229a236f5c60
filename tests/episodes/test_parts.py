"""Lives in a part of a study: issues outside its cut are neither told nor forgotten."""

from pathlib import Path

import pandas as pd
from small import one_customer, study_of

from cxresearch import CannotTell, Study, open_study
from cxresearch.episodes import build_episodes, match_gate, open_spells
from cxresearch.episodes.return_cohort import return_cohort
from cxresearch.outcomes import giving_up, recurrence, silent_customers
from cxresearch.outcomes.leaving_by_cause import cause_rows
from cxresearch.outcomes.models import modelled

DEMO = Path(__file__).parents[2] / "data" / "demo"
LIFE = 100.0


def with_products(study: Study, products: list[str]) -> Study:
    tables = {name: study.table(name) for name in study.rows}
    tables["tickets"] = tables["tickets"].assign(product=products)
    times = {"observed_until": study.settings.observed_until}
    return Study.from_tables(tables, tickets_from=study.settings.tickets_from, **times)


def part(opened, solved, products, **more) -> Study:
    """The tickets about Sync of a customer who leaves on day 100."""
    study = one_customer(opened, solved, **more)
    return with_products(study, products).where(product="Sync")


def days(episodes: pd.DataFrame) -> dict:
    """How many days of life each state holds; "left out" where it is null."""
    length = episodes["stop"] - episodes["start"]
    return length.groupby(episodes["state"].fillna("left out")).sum().to_dict()


def test_an_overdue_issue_about_something_else_is_neither_overdue_nor_none():
    episodes = build_episodes(part([200.0, 20.0], [210.0, None], ["Sync", "Billing"]))
    assert episodes["overdue"].max() == 0
    assert days(episodes) == {"none": 20 - 7, "left out": LIFE - 20}


def test_where_both_are_overdue_it_is_the_part_s_own():
    episodes = build_episodes(part([30.0, 20.0], [None, None], ["Sync", "Billing"]))
    assert episodes["overdue"].max() == 1
    assert days(episodes) == {"none": 13, "left out": 17, "overdue": LIFE - 37}


def test_the_worse_of_two_issues_decides():
    own_worse = build_episodes(part([20.0, 40.0], [30.0, 42.0], ["Sync", "Billing"]))
    assert days(own_worse)["solved late"] == LIFE - 30
    other_worse = build_episodes(part([40.0, 20.0], [42.0, 30.0], ["Sync", "Billing"]))
    assert days(other_worse) == {"none": 13, "left out": LIFE - 20}


def test_two_issues_equally_bad_are_the_part_s_own():
    both = build_episodes(part([20.0, 20.0], [22.0, 22.0], ["Sync", "Billing"]))
    assert days(both) == {"none": 13, "open in time": 2, "solved in time": LIFE - 22}


def test_by_cause_what_is_outside_is_one_cause():
    topics = ["login", "login"]
    study = part([10.0, 30.0], [None, None], ["Billing", "Sync"], topic=topics)
    episodes = build_episodes(study, by="cause")
    last = episodes.iloc[-1]
    assert last[["overdue: other issues", "overdue: login", "overdue"]].tolist() == [1, 1, 1]


def test_an_issue_of_two_causes_outside_is_one_other_issue():
    study = with_products(one_customer([10.0, 30.0], [None, None]), ["Billing", "Sync"])
    causes = study.ticket_causes
    halves = causes.iloc[[0, 0]].assign(cause=["a", "b"], weight=0.5)
    study.held.tables["ticket_causes"] = pd.concat([halves, causes.iloc[[1]]], ignore_index=True)
    others = open_spells(study.where(product="Sync"), others=True).query("topic < 0")
    assert others[["ticket_id", "weight"]].values.tolist() == [["0", 1.0]]


def test_a_part_lists_its_own_issues_only():
    study = part([10.0, 30.0], [None, None], ["Billing", "Sync"])
    assert open_spells(study)["ticket_id"].tolist() == ["1"]
    every = open_spells(study, others=True).set_index("ticket_id")
    assert every["cause"].to_dict() == {"1": "billing", "0": "other issues"}
    assert every["topic"].to_dict() == {"1": 0, "0": -3}


def test_requests_to_leave_outside_a_part_are_left_out_too():
    study = part([10.0, 30.0], [None, None], ["Billing", "Sync"], exit=[True, False])
    assert open_spells(study, others=True)["ticket_id"].tolist() == ["1"]
    assert len(open_spells(study, include_exit_requests=True, others=True)) == 2


def test_the_rules_know_issues_outside_too():
    study = part([10.0, 30.0], [None, None], ["Billing", "Sync"], answered=[None, 90.0])
    episodes = build_episodes(study, unresolved="abandoned", by="cause")
    assert episodes["abandoned"].max() == 1
    assert (episodes["abandoned"] > 0).sum() < (episodes["abandoned: other issues"] > 0).sum()


def test_models_leave_out_time_in_which_an_issue_outside_is_worse():
    study = part([200.0, 20.0], [210.0, None], ["Sync", "Billing"])
    rows = modelled(build_episodes(study))
    assert (rows["stop"] - rows["start"]).sum() == 13


def test_a_part_of_customers_has_their_lives_and_issues_alone():
    people = pd.DataFrame({"customer_id": ["a", "b"], "start": 0.0, "end": [100.0, 100.0]})
    wrote = pd.DataFrame({"ticket_id": [0, 1], "customer_id": ["a", "b"], "opened": 20.0,
                          "solved": [None, 22.0]})  # fmt: skip
    whole = study_of(people, wrote)
    episodes = build_episodes(whole.where(customer_id="a"))
    pd.testing.assert_frame_equal(
        episodes, build_episodes(whole).query("customer_id == 'a'").reset_index(drop=True)
    )


def test_tickets_of_nobody_close_the_gate_for_every_part():
    study = one_customer([1.0, 2.0], [None, None])
    tables = {name: study.table(name) for name in study.rows}
    tables["identities"] = pd.DataFrame({"requester_id": ["a"], "customer_id": ["a"]})
    tables["tickets"] = tables["tickets"].assign(requester_id=["a", "nobody"])
    tables["customers"] = tables["customers"].assign(segment="large")
    whole = Study.from_tables(tables)
    assert whole.where(segment="large").customer_tickets["customer_id"].notna().all()
    said = match_gate(whole.where(segment="large"))
    assert isinstance(said, CannotTell)
    assert said == match_gate(whole)


def test_who_writes_about_something_else_is_not_silent():
    study = part([20.0, 40.0], [22.0, 42.0], ["Sync", "Billing"])
    (row,) = silent_customers.silence_cohort(study).to_dict("records")
    assert (row["time"], row["status"]) == (40 - 27, 1)


def test_who_writes_about_something_else_has_not_given_up():
    study = part([20.0, 40.0], [22.0, 42.0], ["Sync", "Billing"])
    assert giving_up.contacts(study)["after"].tolist() == [1]


def test_a_ticket_about_something_else_comes_back_as_any_cause_only():
    study = part([20.0, 40.0, 60.0], [22.0, 42.0, None], ["Sync", "Billing", "Sync"])
    first = recurrence.cohort(study, "any cause").iloc[0]
    same = recurrence.cohort(study, "same cause").iloc[0]
    assert (first["time"], same["time"]) == (18, 38)


def test_a_return_may_be_about_something_else():
    study = one_customer([0.0, 30.0, 60.0], [None] * 3)
    tickets = study.tickets.assign(product=["Billing", "Sync", "Billing"])
    forum = Study.from_tables(
        {"tickets": tickets, "ticket_causes": study.ticket_causes},
        observed_until="2025-01-01T00:00Z",
    )
    (row,) = return_cohort(forum.where(product="Sync")).to_dict("records")
    assert (row["ticket_id"], row["time"], row["event"]) == ("1", 60 - 30 - 7, 1)


def test_what_is_outside_is_in_the_model_and_is_no_cause_that_is_told():
    study = open_study(DEMO).where(product="Scanner app")
    rows, told, *_ = cause_rows(study)
    assert "overdue: other issues" in rows
    assert "overdue: other issues" not in told
    assert told == set("overdue: " + study.ticket_causes.query("topic >= 0")["cause"])
