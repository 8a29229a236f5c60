"""First contact by each definition: the fixtures' six tickets, and ours on paper."""

import numpy as np
import pandas as pd
import pytest
from desks import desk, zendesk
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import CannotTell, Study
from cxresearch.kpis import first_contact
from cxresearch.kpis.first_contact import (
    DEFINITIONS,
    OURS,
    PUBLISHED,
    fcr_sensitivity,
    first_contact_resolution,
)
from cxresearch.kpis.no_return import our_facts
from cxresearch.study.schema import InputError

DAY = 24.0


def ours(study, **more) -> pd.Series:
    return first_contact_resolution(study, definition=OURS, **more).frame.loc["all"]


def held(study, window=7) -> dict:
    facts = our_facts(study, window)
    return facts[facts["mature"]].set_index("ticket_id")["held"].astype(object).to_dict()


def test_the_same_six_tickets_give_one_of_six_to_five_of_six_by_who_counts():
    found = first_contact_resolution(zendesk()).frame
    published = [found.loc[first_contact.NAME + name] for name in PUBLISHED]
    assert [row["n"] for row in published] == [6] * 6
    assert [row["estimate"] * 6 for row in published] == pytest.approx([4, 2, 1, 4, 5, 5])


def test_each_definition_says_which_of_the_six_it_counts():
    def solved(name):
        facts = first_contact.published_facts(zendesk(), name)
        return set(facts.loc[facts["held"], "ticket_id"].str.removeprefix("100"))

    assert {name: solved(name) for name in PUBLISHED} == {
        "one-touch, Zendesk": {"4", "5", "7", "9"},
        "one-touch, dbt_zendesk": {"4", "9"},  # 1004 an agent began with a public message
        "one response, Zoho": {"9"},
        "zero-touch, Freshservice": {"4", "5", "7", "9"},
        "closed once": {"1", "4", "5", "7", "9"},
        "no reopen": {"1", "4", "5", "7", "9"},
    }


def test_the_interval_of_one_in_six_allows_for_three_people():
    # 1 of 6, of three people: Wilson's of 6 / (4.3027 / 2.5706)^2 = 2.14 rows, t for 2 and for 5
    row = first_contact_resolution(zendesk(), definition="one response, Zoho").frame.loc["all"]
    assert (row["low"], row["high"]) == pytest.approx((0.0133, 0.7480), abs=1e-4)


def test_ours_asks_every_ticket_that_was_ever_solved_and_watched():
    # 1002 came back the next day; 1003 after 16 days; 1009 follows 1001 after 18 days.
    study = zendesk()
    assert held(study) == {"1001": True, "1002": False, "1003": True, "1004": True, "1009": True}
    assert held(study, 17) == {**held(study), "1003": False}
    assert held(study, 30) == {**held(study), "1003": False, "1001": False}


def test_a_ticket_reopened_and_open_again_is_asked_by_ours_and_by_no_other():
    study = desk([0], solved=1, status="open", count_reopens=1,
                 last_reopened_at=pd.Timestamp("2025-01-03T00:00Z"))  # fmt: skip
    assert held(study) == {"a": False}
    row = first_contact_resolution(study, definition="no reopen").frame.loc["all"]
    assert row["verdict"] == "cannot tell"


def test_a_ticket_reopened_nobody_knows_when_is_not_held_and_said():
    row = ours(desk([0, 0], solved=1, count_reopens=[0, 2]))
    assert (row["estimate"], row["n"]) == (0.5, 2)
    assert row["why"] == "1 reopened nobody knows when count as not solved"


def two(gap, causes=("x", "x"), people=("p", "p"), **more) -> Study:
    """Two tickets, the first solved after an hour, the second so many hours after that."""
    return desk([0, 1 + gap], solved=[1, 2 + gap], causes=causes, requester_id=list(people),
                count_reopens=0, **more)  # fmt: skip


@pytest.mark.parametrize(
    ("gap", "causes", "people", "stays"),
    [
        (3 * DAY, ("x", "x"), ("p", "p"), False),
        (7 * DAY, ("x", "x"), ("p", "p"), False),
        (7 * DAY + 0.1, ("x", "x"), ("p", "p"), True),
        (3 * DAY, ("x", "y"), ("p", "p"), True),
        (3 * DAY, ("x", "x"), ("p", "q"), True),
        (3 * DAY, None, ("p", "p"), False),
    ],
)
def test_a_return_is_of_the_same_customer_and_cause_within_the_window(gap, causes, people, stays):
    assert held(two(gap, causes, people))["a"] is stays


def test_the_same_message_sent_twice_is_no_return():
    twice = desk([0, 0.5], solved=[0.25, 2], requester_id="p", count_reopens=0)
    later = desk([0, 1.5], solved=[0.25, 2], requester_id="p", count_reopens=0)
    assert (held(twice)["a"], held(later)["a"]) == (True, False)


def test_a_ticket_without_a_cause_is_not_judged():
    row = ours(two(3 * DAY, (None, "x")))
    assert (row["n"], row["eligible"]) == (1, 2)


def test_without_causes_the_words_say_so():
    assert "causes are not known" in ours(two(1, None))["definition"]
    assert "same customer and cause," in ours(two(1))["definition"]


def test_who_left_in_the_window_is_not_counted_and_said():
    # p leaves two days after the solution, q after nine, r stays.
    study = desk([0, 0, 0], solved=1, count_reopens=0, requester_id=list("pqr"), causes="xxx",
                 customers={"p": 2 * DAY, "q": 9 * DAY, "r": np.nan})  # fmt: skip
    assert pd.isna(held(study)["a"])
    row = ours(study)
    assert (row["estimate"], row["n"], row["eligible"]) == (1, 2, 3)
    assert "1 whose customer left" in row["why"]
    assert "66.7% (none solved) to 100.0% (all)" in row["why"]


def test_who_left_as_the_window_closed_left_in_it():
    for ended, gone in ((1 + 7 * DAY, True), (1.1 + 7 * DAY, False)):
        study = desk([0], solved=1, count_reopens=0, requester_id=["p"], causes="x",
                     customers={"p": ended})  # fmt: skip
        assert our_facts(study)["left"].tolist() == [gone]


def test_who_came_back_and_then_left_came_back():
    study = two(1 * DAY, customers={"p": 2 * DAY})
    assert held(study)["a"] is False


def test_a_ticket_whose_window_is_not_over_is_eligible_and_not_counted():
    study = desk([0, 20 * DAY], solved=[1, 20 * DAY + 1], count_reopens=0, until=21 * DAY)
    found = first_contact_resolution(study, definition=OURS, by="month").frame
    assert found[["n", "eligible", "mature"]].values.tolist() == [[1, 2, False]] * 2


def test_all_windows_ask_the_same_tickets():
    study = desk([0, 10 * DAY], solved=[1, 10 * DAY + 1], count_reopens=0, until=20 * DAY)
    found = fcr_sensitivity(study, days=(1, 14)).frame
    assert found[["days", "n"]].values.tolist() == [[1, 1], [14, 1]]
    assert first_contact_resolution(study, definition=OURS, window=1).frame["n"].item() == 2


def test_what_the_export_lacks_is_said_in_its_own_row():
    study = desk([0, 0], solved=1, total_agent_replies=[1, 2])
    found = first_contact_resolution(study).frame["why"]
    told = found.index[found == ""].str.removeprefix(first_contact.NAME)
    assert list(told) == ["one-touch, Zendesk", "one response, Zoho"]
    assert "a history of states would tell" in found[first_contact.NAME + "no reopen"]
    assert len(found) == len(DEFINITIONS) == 7


def test_a_definition_that_nobody_made_is_refused():
    with pytest.raises(InputError, match="one of"):
        first_contact_resolution(zendesk(), definition="first call")


def test_shuffled_rows_give_the_same_frame():
    study = zendesk()
    tables = {n: study.table(n).sample(frac=1, random_state=4) for n in ("tickets", "surveys")}
    again = Study.from_tables({**tables, "ticket_events": study.ticket_events})
    rows = (first_contact_resolution(each).frame for each in (study, again))
    pd.testing.assert_frame_equal(*rows)


@pytest.mark.parametrize("name", ["one-touch, Zendesk", OURS])
def test_channels_add_up_to_the_whole(name):
    found = first_contact_resolution(zendesk(), definition=name, by="created_channel").frame
    whole, parts = found.loc["all"], found.drop("all")
    assert parts[["n", "eligible"]].sum().tolist() == whole[["n", "eligible"]].tolist()
    assert (parts["estimate"] * parts["n"]).sum() == pytest.approx(whole["estimate"] * whole["n"])


TICKET = st.tuples(st.integers(0, 400), st.integers(0, 60), st.sampled_from("pq"),
                   st.sampled_from(["x", "y", None]))  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(TICKET, min_size=1, max_size=12))
def test_the_sql_finds_the_returns_that_a_loop_finds(rows):
    created, took, people, causes = (list(column) for column in zip(*rows, strict=True))
    solved = [c + t for c, t in zip(created, took, strict=True)]
    study = desk(created, solved=solved, requester_id=people, causes=causes, count_reopens=0)

    def came_back(i):
        after = max(solved[i], created[i] + 1)
        return any(
            people[j] == people[i] and causes[j] == causes[i] and
            after < created[j] <= solved[i] + 7 * DAY
            for j in range(len(rows))
        )  # fmt: skip

    known = [i for i in range(len(rows)) if causes[i] is not None]
    if not known:
        assert isinstance(our_facts(study), CannotTell)
        return
    facts = our_facts(study).set_index("ticket_id")["held"]
    names = {i: chr(97 + i) for i in known}
    assert {i: facts[name] for i, name in names.items()} == {i: not came_back(i) for i in known}


def test_the_last_of_several_reopenings_does_not_stand_for_the_first():
    # Both were reopened twice: b's last time is in the window, a's first time may be.
    last = [pd.Timestamp("2025-04-01T00:00Z"), pd.Timestamp("2025-01-03T00:00Z")]
    study = desk([0, 0], solved=1, count_reopens=2, last_reopened_at=last)
    assert pd.isna(held(study)["a"])
    assert held(study)["b"] is False
    row = ours(study)
    assert (row["estimate"], row["n"], row["eligible"]) == (0, 1, 2)
    assert row["why"].startswith("1 reopened more than once")


def test_a_ticket_whose_like_are_not_settled_is_not_counted():
    # The window of seven days is over, and half a year in which states may change is not.
    study = desk([0, 100 * DAY], solved=[1, 100 * DAY + 1], count_reopens=0, until=200 * DAY,
                 settings={"status_settles_after_days": 90.0})  # fmt: skip
    late = desk([0, 0], solved=[1, 150 * DAY], count_reopens=0, until=200 * DAY,
                settings={"status_settles_after_days": 90.0})  # fmt: skip
    assert our_facts(study)["mature"].tolist() == [True, True]
    assert our_facts(late)["mature"].tolist() == [True, False]


def five() -> Study:
    """Five tickets, the last open; b and c are one person's, b's comes back after three days."""
    return desk(
        [0, 0, 120, 0, 960], replied=[1, 20, 130, 30, np.nan], solved=[24, 48, 144, 480, np.nan],
        requester_id=list("abbcd"), total_agent_replies=[1, 3, 1, 1, 0],
        count_reopens=[0, 0, 1, 0, 0], until=1440,
    )  # fmt: skip


def test_definitions_are_said_side_by_side():
    rivals = first_contact_resolution(five())
    said = rivals.said()
    assert (said.numbers["low"], said.numbers["high"]) == (0.5, 0.75)
    assert "first contact (no return, ours) or **75%** (one-touch, Zendesk)" in said.text
    assert rivals.sentences() == (said,)
    shown = rivals.table()
    assert len(shown) == 4 < len(DEFINITIONS)  # those that can be counted
    assert shown["definition"].tolist()[0] == (
        "one-touch, Zendesk: at most one public answer by an agent (as Zendesk Explore counts)"
    )


def test_a_definition_alone_stands_for_itself_and_one_that_is_told_is_no_comparison():
    one = first_contact_resolution(five(), definition="no reopen")
    assert one.said().text.startswith("First contact: no reopen: **75.0%** (95% interval")
    bare = first_contact_resolution(desk([0, 0], solved=1, count_reopens=[0, 1], status="closed"))
    untold = first_contact.FirstContact(bare.frame.assign(estimate=np.nan))
    assert "lie apart" in untold.said().reason


def test_the_window_is_said_with_its_shares():
    found = fcr_sensitivity(five(), days=(1, 7))
    # of four ever solved, c was reopened nobody knows when, and b came back on day three
    assert found.frame["estimate"].to_dict() == pytest.approx({"1": 3 / 4, "7": 2 / 4})
    said = found.said().text
    assert (
        "75.0% stay solved in the shortest window and 50.0% in the longest (1 and 7 days)" in said
    )
    assert "Who looks longer" in said
    assert found.said("7").text.startswith("First contact: no return, ours: **50.0%**")
    assert list(fcr_sensitivity(five()).frame.index) == ["1", "3", "7", "14", "30"]
    shown = found.table()
    assert shown["window, days"].tolist() == ["1", "7"]
    assert shown["leavers"].tolist() == ["1 reopened nobody knows when count as not solved"] * 2


def test_equal_windows_show_nothing_of_longer_ones_and_untold_ones_nothing_at_all():
    calm = fcr_sensitivity(desk([0, 0], solved=1, count_reopens=0), days=(1, 7))
    assert "Who looks longer" not in calm.said().text
    untold = fcr_sensitivity(desk([0], solved=1), days=(1, 7))
    assert "how much the window matters: whether it stayed solved" in untold.said().reason
    assert untold.table().empty
