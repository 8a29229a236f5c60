"""Handed up by which rule: each on paper, on the fixtures, and against pandas."""

import pandas as pd
import pytest

from cxresearch import Study
from cxresearch.kpis.escalating import escalation, escalations
from cxresearch.study.schema import InputError
from cxresearch.study.settings import ESCALATIONS, Settings
from tests.kpis.desk import desk, event, fixtures, ticket, whole
from tests.outcomes.test_leaving import company


def change(name, at, field, before, after):
    return event(name, at, "change", field=field, value_from=before, value_to=after)


# a goes up to the second line, b starts there and stays, c goes down; d's priority is raised, e's
# lowered; f misses its service level; g has no history; h is too young.
ROWS = [ticket(name, name, 0, is_escalated=name == "b") for name in "abcdefg"]
ROWS += [ticket("h", "h", 360, is_escalated=True)]
EVENTS = [
    change("a", 0, "group_id", None, "First"), change("a", 1, "group_id", None, "Second"),
    change("b", 0, "group_id", None, "Second"), change("b", 1, "group_id", "Second", "Third"),
    change("c", 1, "group_id", "Second", "First"),
    change("d", 1, "priority", "Low", "high"), change("e", 1, "priority", "high", "low"),
    event("f", 1, "sla", "system", field="reply_time", value_to="breach"),
]  # fmt: skip


def helped(**settings):
    return desk(ROWS, EVENTS, tier_two_groups=("Second", "Third"), **settings)


@pytest.mark.parametrize(
    ("rule", "up", "known"),
    [("flag", "b", 7), ("tier change", "a", 6), ("priority raise", "d", 6), ("breach", "f", 6)],
)
def test_each_rule_finds_its_ticket(rule, up, known):
    facts = escalations(helped(), rule)
    held = facts[facts["escalated"].fillna(False) & facts["mature"]]
    assert held["ticket_id"].tolist() == [up]
    found = whole(escalation(helped(), rule))
    assert (found["estimate"], found["n"], found["eligible"]) == (
        pytest.approx(1 / known),
        known,
        8,
    )


def test_every_ticket_is_judged_by_its_first_thirty_days():
    """Handed up on day 29 counts, on day 31 it does not; a ticket of 29 days is too young."""
    rows = [ticket("a", "a", 0), ticket("b", "b", 0), ticket("c", "c", 71)]
    events = [change("a", 29, "group_id", "First", "Second"),
              change("b", 31, "group_id", "First", "Second"),
              change("c", 72, "group_id", "First", "Second")]  # fmt: skip
    found = desk(rows, events, until=100, tier_two_groups=("Second",))
    row = whole(escalation(found, "tier change"))
    assert (row["estimate"], row["n"], row["eligible"], row["mature"]) == (0.5, 2, 3, False)


def test_a_mark_without_a_date_is_said_to_be_one():
    assert "the mark has no date" in whole(escalation(helped(), "flag"))["why"]
    assert "the mark has no date" not in whole(escalation(helped(), "breach"))["why"]


def test_what_has_no_history_is_left_out_and_counted():
    assert whole(escalation(helped(), "breach"))["why"].startswith("1 tickets left out")


def test_a_missed_service_level_is_no_escalation_unless_asked_for():
    assert Settings().escalation_rule == "flag"
    breached = desk([ticket("f", "f", 0, is_escalated=False)], [EVENTS[-1]])
    assert whole(escalation(breached))["estimate"] == 0
    asked = desk([ticket("f", "f", 0)], [EVENTS[-1]], escalation_rule="breach")
    assert whole(escalation(asked))["estimate"] == 1


def test_on_the_fixtures_1002_is_handed_up_and_misses_its_level():
    study = fixtures(tier_two_groups=("32",))
    for rule in ("tier change", "breach"):
        facts = escalations(study, rule)
        assert facts.loc[facts["escalated"], "ticket_id"].tolist() == ["1002"]
    assert whole(escalation(study))["verdict"] == "cannot tell"
    assert whole(escalation(study, "priority raise"))["estimate"] == 0


@pytest.mark.parametrize("rule", ESCALATIONS)
def test_an_export_without_it_cannot_tell_and_says_what_would(rule):
    found = whole(escalation(desk([ticket("a", "a", 0)], tier_two_groups=("2",)), rule))
    assert found["verdict"] == "cannot tell"
    assert "would tell" in found["why"]


def test_a_rule_that_nobody_knows_is_refused():
    with pytest.raises(InputError, match="must be one of: flag, tier change"):
        escalation(helped(), "shouting")
    with pytest.raises(InputError, match="escalation_rule is 'shouting'"):
        Settings(escalation_rule="shouting")
    with pytest.raises(InputError, match="tier_two_groups is empty"):
        Settings(escalation_rule="tier change")
    with pytest.raises(InputError, match="needs tier_two_groups"):
        escalation(desk(ROWS, EVENTS), "tier change")


def test_a_priority_that_has_no_place_in_the_order_is_refused_by_name():
    rows = [ticket("a", "a", 0)]
    events = [change("a", 1, "priority", "P3", "P1")]
    with pytest.raises(InputError, match="does not know the priority 'p1'"):
        escalation(desk(rows, events), "priority raise")
    ordered = desk(rows, events, priorities=("P3", "P2", "P1"))
    assert whole(escalation(ordered, "priority raise"))["estimate"] == 1


def test_the_second_line_of_a_company_is_found_as_pandas_finds_it():
    one = company(6, 150)
    names = ("tickets", "ticket_events", "identities", "customers")
    settings = {**vars(one.settings), "tier_two_groups": ("Second line",)}
    study = Study.from_tables({name: one.table(name) for name in names}, **settings)
    facts = escalations(study, "tier change").set_index("ticket_id")["escalated"]
    moves = study.ticket_events.query("field == 'group_id'").sort_values(["event_at", "event_id"])
    before = moves.groupby("ticket_id")["value_to"].shift()
    up = moves[(moves["value_to"] == "Second line") & before.notna() & (before != "Second line")]
    written = up["ticket_id"].map(study.tickets.set_index("ticket_id")["created_at"])
    up = up[up["event_at"] <= written + pd.Timedelta(days=30)]
    pd.testing.assert_index_equal(
        facts.index[facts.fillna(False)].sort_values(),
        pd.Index(up["ticket_id"].unique()).sort_values().intersection(facts.index),
        exact=False, check_names=False,
    )  # fmt: skip
    assert len(up) > 5
