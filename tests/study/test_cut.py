"""A part of a study: all tables cut together, and a sentence that says what that means."""

import pandas as pd
import pytest

from cxresearch.study.schema import InputError
from cxresearch.study.study import Study

DAY = pd.Timestamp("2025-01-01T00:00:00Z")


def day(n):
    return DAY + pd.Timedelta(days=n)


def whole(**settings) -> Study:
    """Customers A, B (large) and C (unknown) with people ann, bob, cem; dot is nobody's."""
    tickets = pd.DataFrame(
        {
            "ticket_id": ["1", "2", "3", "4", "5"],
            "created_at": [day(n) for n in range(5)],
            "status": "open",
            "requester_id": ["ann", "ann", "bob", "cem", "dot"],
            "product": ["Sync", "Billing", "Sync", "Sync", None],
            "tags": [["vip"], ["a", "vip"], [], None, ["b"]],
            "dq_flags": [[]] * 5,
        }
    )
    customers = pd.DataFrame(
        {"customer_id": ["A", "B", "C"], "started_at": DAY, "observed_until": day(30),
         "segment": ["small", "large", None]}
    )  # fmt: skip
    people = {"requester_id": ["ann", "bob", "cem"], "customer_id": ["A", "B", "C"]}
    events = {"event_id": list("12345"), "ticket_id": list("12345"), "event_at": DAY,
              "event_type": "reply"}  # fmt: skip
    history = {"customer_id": ["A", "B"], "valid_from": DAY, "field": "plan", "value": "pro"}
    surveys = {"survey_id": list("abcd"), "customer_id": ["A", "B", "B", None],
               "ticket_id": ["1", "3", None, "4"], "kind": "nps", "offered_at": DAY}  # fmt: skip
    causes = {"ticket_id": list("12345"), "topic": 0, "cause": "sync", "weight": 1.0,
              "is_exit_request": False}  # fmt: skip
    tables = {"tickets": tickets, "customers": customers, "identities": pd.DataFrame(people),
              "ticket_events": pd.DataFrame(events), "customer_history": pd.DataFrame(history),
              "surveys": pd.DataFrame(surveys), "ticket_causes": pd.DataFrame(causes)}  # fmt: skip
    return Study.from_tables(tables, name="Acme", **settings)


def ids(study: Study, table: str, column: str) -> list:
    return study.table(table)[column].tolist()


def test_customers_keep_their_people_history_surveys_and_all_their_tickets():
    part = whole().where(segment="small")
    assert ids(part, "customers", "customer_id") == ["A"]
    assert ids(part, "tickets", "ticket_id") == ["1", "2"]
    assert ids(part, "ticket_events", "ticket_id") == ["1", "2"]
    assert ids(part, "ticket_causes", "ticket_id") == ["1", "2"]
    assert ids(part, "identities", "requester_id") == ["ann"]
    assert ids(part, "customer_history", "customer_id") == ["A"]
    assert ids(part, "surveys", "survey_id") == ["a"]


def test_a_survey_about_a_ticket_goes_with_it_and_one_about_none_with_its_customer():
    assert ids(whole().where(segment="large"), "surveys", "survey_id") == ["b", "c"]
    assert ids(whole().where(product="Billing"), "surveys", "survey_id") == ["c"]


def test_tickets_are_cut_and_their_customers_stay():
    part = whole().where(product="Sync")
    assert ids(part, "tickets", "ticket_id") == ["1", "3", "4"]
    assert ids(part, "ticket_causes", "ticket_id") == ["1", "3", "4"]
    assert ids(part, "customers", "customer_id") == ["A", "B", "C"]
    assert ids(part, "identities", "requester_id") == ["ann", "bob", "cem"]
    assert len(part.whole.tickets) == 5
    assert part.whole.cut == ""


def test_several_conditions_all_hold_and_values_in_a_list_are_alternatives():
    part = whole().where(product=["Sync", "Billing"], segment="small")
    assert ids(part, "tickets", "ticket_id") == ["1", "2"]
    again = whole().where(product=["Sync", "Billing"]).where(segment="small")
    assert again.cut == part.cut
    narrower = part.where(product="Sync")
    assert ids(narrower, "tickets", "ticket_id") == ["1"]


def test_a_list_of_words_meets_a_condition_if_it_holds_the_word():
    assert ids(whole().where(tags="vip"), "tickets", "ticket_id") == ["1", "2"]
    assert ids(whole().where(tags=["a", "b"]), "tickets", "ticket_id") == ["2", "5"]


def test_the_cut_is_one_sentence_that_counts_what_is_outside_for_being_unknown():
    assert whole().cut == ""
    assert whole().where(segment="small").cut == (
        "This is a part of Acme: customers whose segment is small (1 of 3), with all their tickets "
        "(2 of 5); outside are 1 customers whose segment is unknown, 1 tickets of no known "
        "customer."
    )
    assert whole().where(product=["Sync", "Billing"]).cut == (
        "This is a part of Acme: tickets whose product is Sync or Billing (4 of 5); other tickets "
        "of a customer still count as other issues; outside are 1 tickets whose product is unknown."
    )
    both = whole().where(product="Sync", segment="large").cut
    assert "customers whose segment is large (1 of 3), with tickets whose product is Sync" in both


def test_the_name_of_a_part_tells_of_the_cut():
    assert whole().where(segment="small").name == "Acme, where segment is small"


def test_a_part_keeps_when_all_was_known_and_watched():
    part = whole().where(product="Billing")
    assert part.settings.time("tickets_from") == day(0)
    assert part.observed_until == day(4)
    said = whole(tickets_from="2024-06-01T00:00:00Z").where(product="Billing")
    assert said.settings.tickets_from == "2024-06-01T00:00:00Z"


def test_the_whole_stays_as_it_was():
    study = whole()
    before = study.tickets.copy()
    study.where(segment="small")
    pd.testing.assert_frame_equal(study.tickets, before)
    assert study.name == "Acme"


def test_a_part_with_other_settings_is_still_that_part_of_a_whole_with_them():
    part = whole().where(segment="small").with_settings(unresolved_after_days=14)
    assert (len(part.tickets), part.settings.unresolved_after_days) == (2, 14)
    assert part.whole.settings.unresolved_after_days == 14
    assert part.where(product="Sync").settings.unresolved_after_days == 14
    assert part.cut == whole().where(segment="small").cut


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"segmnet": "small"}, "called 'segmnet'; did you mean 'segment'?"),
        ({"cause": "sync"}, "by a column of its customers or tickets"),
        ({"segment": "smal"}, "No row of customers has 'smal' as its segment; did you mean 'small"),
        ({"product": ["Sync", "Snyc"]}, "No row of tickets has 'Snyc' as its product; did you"),
        ({"segment": None}, "none of them empty"),
        ({"segment": []}, "wants a value or a list of values"),
        ({"product": "Billing", "segment": "large"}, "No ticket is left where product is Billing"),
    ],
)
def test_what_cannot_be_cut_is_said_with_the_nearest(asked, says):
    with pytest.raises(InputError) as error:
        whole().where(**asked)
    assert says in str(error.value)


def test_a_column_of_both_tables_is_refused_until_one_is_renamed():
    study = whole()
    tables = {name: study.table(name) for name in study.rows}
    for name in ("tickets", "customers"):
        tables[name] = tables[name].assign(country="ES")
    with pytest.raises(InputError, match="'country' is a column of customers and of tickets: rena"):
        Study.from_tables(tables).where(country="ES")
    tables["tickets"] = tables["tickets"].rename(columns={"country": "asked_from"})
    assert len(Study.from_tables(tables).where(asked_from="ES").tickets) == 5


def test_where_nobody_can_leave_tickets_are_cut():
    forum = Study.from_tables({"tickets": whole().tickets})
    assert ids(forum.where(product="Sync"), "tickets", "ticket_id") == ["1", "3", "4"]
    with pytest.raises(InputError, match="by a column of its tickets"):
        forum.where(segment="small")


def test_what_names_only_the_person_goes_with_the_account():
    tables = {name: whole().table(name) for name in whole().rows}
    tables["article_views"] = pd.DataFrame({
        "view_id": ["1", "2", "3"], "viewed_at": DAY,
        "requester_id": ["ann", "bob", None],
    })  # fmt: skip
    part = Study.from_tables(tables).where(segment="small")
    assert ids(part, "article_views", "view_id") == ["1"]
