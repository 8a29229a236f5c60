"""Who fares worse by group: planted differences are found, causes explain what they explain."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.kpis import cuts, segments
from cxresearch.kpis.cut_columns import cut_groups, later
from cxresearch.kpis.cuts_leaving import leaves_more
from cxresearch.kpis.share_ratios import share_ratios
from cxresearch.study.answers import DoesNotApply
from cxresearch.study.schema import InputError
from tests.benchmarks.cuts import judge
from tests.outcomes.test_leaving import company


@pytest.fixture(scope="module")
def firm() -> Study:
    return company(31, 1500, incidents=())


def with_tickets(study: Study, tickets: pd.DataFrame, **settings) -> Study:
    tables = {name: study.table(name) for name in study.rows} | {"tickets": tickets}
    times = {n: getattr(study.settings, n)
             for n in ("tickets_from", "customers_from", "observed_until")}  # fmt: skip
    return Study.from_tables(tables, **times | settings)


def verdicts(of, measure: str, column: str) -> dict:
    rows = of.frame.query("measure == @measure and column == @column")
    return dict(zip(rows["group"], rows["verdict"], strict=True))


def test_a_product_whose_answers_were_made_late_is_told_and_no_other(firm):
    tickets = firm.tickets
    late = (tickets["product"] == "Reports") & (np.arange(len(tickets)) % 2 == 0)
    wait = pd.Timedelta(days=3) * late.astype(int)
    tickets = tickets.assign(first_reply_at=tickets["first_reply_at"] + wait)
    worse = cuts.fares_worse(with_tickets(firm, tickets))
    found = verdicts(worse, "first answer late", "product")
    assert [name for name, said in found.items() if said == "more than others"] == ["Reports"]
    assert "product Reports" in worse.table()["group"].tolist()
    assert "clearly above" in worse.said("first answer late").text


def test_what_causes_explain_is_no_difference_among_tickets_of_the_same_cause():
    # 3 customers a cell: cause a goes wrong in half, b in a tenth; web writes of a, chat of b.
    rows = [("web", "a", 80), ("web", "b", 20), ("chat", "a", 20), ("chat", "b", 80)]
    tickets = pd.DataFrame(
        [{"group": g, "cause": c, "about": i % (2 if c == "a" else 10) == 0}
         for g, c, n in rows for i in range(n)]).assign(customer_id=range(200))  # fmt: skip
    of = tickets["group"], tickets["about"]
    assert share_ratios(tickets, *of).loc["web", "ratio"] == pytest.approx(42 / 18)
    alike = share_ratios(tickets, *of, tickets["cause"]).loc["web"]
    assert alike["ratio"] == pytest.approx(1)
    assert alike["share"] == pytest.approx(0.42)


def test_the_difference_that_turns_within_causes_is_said():
    row = {"measure": "overdue", "column": "channel", "group": "web", "who": "channel web",
           "customers": 90, "ratio": 1.4, "low": 1.2, "high": 1.6, "p": 0.001, "alike": 0.7,
           "alike low": 0.6, "alike high": 0.8, "verdict": "more than others"}  # fmt: skip
    rows = pd.DataFrame([row])
    assert "turns from 1.40 to 0.70 times (0.60 to 0.80)" in cuts.ByGroup(rows).alike().text
    held = cuts.ByGroup(rows.assign(alike=1.3)).alike().text
    assert held == "Among tickets of the same cause all these differences hold."


def test_one_customer_with_many_tickets_makes_no_group_worse():
    tickets = pd.DataFrame({"customer_id": [0] * 100 + list(range(1, 201)),
                            "about": [True] * 100 + [i % 5 == 0 for i in range(200)]})  # fmt: skip
    member = pd.Series(["a"] * 150 + ["b"] * 150)
    row = share_ratios(tickets, member, tickets["about"]).loc["a"]
    assert row["ratio"] > 3
    assert row["p"] > 0.05


def test_worlds_in_which_no_group_differs_raise_no_alarm():
    # tests/benchmarks/cuts has the hundreds; three of them would once in 3,000 sets all be wrong.
    false = [(judge("null", seed)["verdict"] == "more than others").any() for seed in range(3)]
    assert sum(false) <= 1


def test_a_product_of_harmful_causes_is_where_customers_leave():
    study = company(11, 5000, pending=0.0, reopened=0.0, fade_share=0.0, mediated=0.0, silent=0.0)
    cause = study.ticket_causes.set_index("ticket_id")["cause"]
    tickets = study.tickets
    hot = tickets["ticket_id"].map(cause).isin(["double_charge", "sync", "data_loss"])
    tickets = tickets.assign(product=np.where(hot, "Hot", "Cold"))
    leaves = leaves_more(with_tickets(study, tickets, cuts=("product", "created_channel")))
    assert verdicts(leaves, "leaving", "product") == {
        "Hot": "more than others", "Cold": "less than others"
    }  # fmt: skip
    assert set(verdicts(leaves, "leaving", "channel").values()) == {"cannot tell"}
    row = leaves.frame.set_index("group").loc["Hot"]
    assert row["low"] < 2.2 < row["high"]  # 3, 3 and 5 over 1 to 2
    assert "**product Hot**" in leaves.said().text


def test_what_came_back_by_group_adds_up_to_all(firm):
    back = cuts.comes_back_more(firm).frame
    product = back.query("column == 'product'")
    assert product["tickets"].sum() <= back.query("column == 'channel'")["tickets"].sum()
    assert (product["share"] <= 1).all()


def test_complexity_grows_with_the_time_that_issues_take(firm):
    tickets = firm.customer_tickets.set_index("ticket_id")
    hours = (tickets["first_solved_at"] - tickets["created_at"]).dt.total_seconds()
    median = hours.groupby(cut_groups(firm)["complexity"]).median()
    assert median["simple"] < median["moderate"] < median["complex"]


def test_cuts_are_the_columns_that_tell_groups_apart(firm):
    assert {"product", "channel", "team", "priority", "complexity", "plan"} <= set(cut_groups(firm))
    assert "billing period" in cut_groups(firm)  # known at the start
    assert list(cut_groups(firm.with_settings(cuts=("product",)))) == ["product"]
    ids = cut_groups(firm).index
    assert ids.tolist() == firm.customer_tickets["ticket_id"].tolist()


@pytest.mark.parametrize("name", ["prodct", "assignee_id", "mrr at export"])
def test_a_cut_that_is_no_column_or_tells_persons_is_refused(firm, name):
    with pytest.raises(InputError, match="names '" + name):
        cut_groups(firm.with_settings(cuts=(name,)))


def test_a_group_named_by_a_person_is_masked(firm):
    tickets = firm.tickets.assign(group_id=["a@example.org", "desk"] * (len(firm.tickets) // 2)
                                  + ["desk"] * (len(firm.tickets) % 2))  # fmt: skip
    groups = cut_groups(with_tickets(firm, tickets, cuts=("group_id",)))
    assert set(groups["team"]) == {"[e-mail]", "desk"}


def test_groups_that_masking_makes_equal_stay_apart(firm):
    half = len(firm.tickets) // 2
    ids = ["360001234567"] * half + ["360007654321"] * (len(firm.tickets) - half)
    tickets = firm.tickets.assign(group_id=ids)
    groups = cut_groups(with_tickets(firm, tickets, cuts=("group_id",)))["team"]
    assert groups.nunique() == 2
    assert not groups.str.contains("360").any()


def test_what_a_ticket_became_is_no_group_of_those_who_leave(firm):
    cut = ("product", "group_id", "status", "is_escalated", "priority")
    assert later(firm.with_settings(cuts=cut)) == ["team", "status", "is escalated"]
    found = leaves_more(firm.with_settings(cuts=cut))
    assert "status" not in set(getattr(found, "frame", pd.DataFrame({"column": []}))["column"])


def test_a_column_of_one_s_own_that_may_hold_persons_is_asked_for_with_persons(firm):
    own = firm.tickets.assign(agent_name=["ann", "bob"] * (len(firm.tickets) // 2)
                              + ["ann"] * (len(firm.tickets) % 2))  # fmt: skip
    with pytest.raises(InputError, match="agent_name"):
        cut_groups(with_tickets(firm, own, cuts=("agent_name",)))
    assert "agent name" in cut_groups(with_tickets(firm, own, cuts=("agent_name",), persons=True))


def test_where_nothing_tells_groups_apart_that_is_said_once():
    row = {"ticket_id": "t", "created_at": pd.Timestamp("2024-01-01", tz="UTC"), "status": "open"}
    forum = Study.from_tables({"tickets": pd.DataFrame([{**row, "requester_id": "p"}])})
    assert isinstance(cuts.fares_worse(forum), CannotTell)
    assert isinstance(leaves_more(forum), DoesNotApply)
    assert isinstance(segments.beyond(forum), DoesNotApply)
    assert isinstance(cuts.product_rate(forum), DoesNotApply)


def test_where_nobody_is_seen_to_leave_groups_are_compared_by_coming_back(firm):
    tables = {name: firm.table(name) for name in ("tickets", "ticket_causes")}
    back = leaves_more(Study.from_tables(tables, cuts=("product", "group_id")))
    assert set(back.frame["column"]) == {"product"}  # the team is known only in the end
    assert set(back.frame["group"]) == set(firm.tickets["product"].dropna())
    assert back.frame["events"].le(back.frame["customers"]).all()
