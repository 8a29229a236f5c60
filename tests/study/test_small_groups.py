"""Small groups: what a page leaves out, so that none is seen nor found by subtraction."""

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch import Study
from cxresearch.lab.against_truth import planted_study
from cxresearch.lab.simulate import simulate_world
from cxresearch.pages import show as shown
from cxresearch.study import small_groups
from cxresearch.study.results import Result
from cxresearch.study.small_groups import Few, hide, unshown, without
from cxresearch.study.words import view
from cxresearch.topics.causes.per_ticket import named, of_few
from tests.page_cells import page_says


@pytest.fixture(autouse=True)
def as_by_default():
    hide(Few())
    yield
    hide(Few())


def by_cause(*customers, **more):
    names = list("abcdefgh")[: len(customers)]
    return pd.DataFrame({"cause": names, "customers": customers, **more})


def left(frame):
    return list(without(frame)[0]["cause"])


def test_one_small_of_four_takes_the_smallest_other_along():
    assert left(by_cause(30, 3, 20, 9)) == ["a", "c"]


def test_a_total_is_no_group_to_take_along():
    rows = pd.DataFrame({"group": ["all", "x", "y", "z"], "customers": [62, 3, 50, 9]})
    assert list(without(rows)[0]["group"]) == ["all", "y"]


def test_two_small_ones_of_five_together_are_enough():
    assert left(by_cause(30, 3, 20, 4)) == ["a", "c"]


def test_two_small_ones_of_four_together_need_a_third():
    assert left(by_cause(30, 3, 20, 1)) == ["a"]


def test_five_groups_of_one_are_known_by_their_number_and_need_another():
    assert left(by_cause(1, 1, 1, 1, 1, 9, 30)) == ["g"]


def test_large_groups_all_stay_and_nothing_is_said():
    rows = by_cause(30, 5, 20, 9)
    kept, said = without(rows)
    assert kept is rows
    assert said == ""


def test_nobody_is_no_group():
    assert left(by_cause(30, 0, 20)) == ["a", "b", "c"]


def test_a_row_of_no_group_is_judged_as_one():
    nameless = by_cause(30, 40, 20).assign(cause=[None, "b", "c"])
    assert len(without(nameless)[0]) == 3
    assert len(without(nameless.assign(customers=[30, 3, 20]))[0]) == 1


def test_the_argument_stays_as_it_is_and_the_rest_is_said():
    rows = by_cause(30, 3, 20, 9)
    before = rows.copy(deep=True)
    _, said = without(rows)
    pd.testing.assert_frame_equal(rows, before)
    assert said.startswith("2 of 4 rows are not shown: groups of fewer than 5 customers")


def test_each_column_of_customers_is_a_whole_of_its_own():
    rows = pd.DataFrame(
        {"column": ["plan"] * 3 + ["size"] * 3, "group": list("abcdef"),
         "customers": [3, 40, 50, 6, 30, 57]}
    )  # fmt: skip
    assert list(without(rows)[0]["group"]) == ["c", "d", "e", "f"]


def test_tickets_are_counted_where_customers_are_not():
    assert left(pd.DataFrame({"cause": list("abc"), "tickets": [2, 30, 6]})) == ["b"]


def test_a_table_is_judged_by_the_customers_that_it_does_not_show():
    rows = by_cause(30, 3, 20, 9, tickets=[90, 80, 70, 60])
    assert left(view(rows, "cause", "tickets")) == ["a", "c"]


def test_a_group_in_several_rows_is_one():
    rows = pd.DataFrame({"group": list("aabb"), "customers": [2, 2, 30, 30]})
    assert without(rows)[0].empty


def test_the_steps_of_an_account_and_single_rows_are_no_groups():
    steps = pd.DataFrame({"customers": [9, 2]}, index=pd.Index(["x", "y"], name="step"))
    assert without(steps)[0] is steps
    rows = pd.DataFrame({"start": [1.0, 2.0], "event": [0, 1]})
    assert without(rows)[0] is rows


def test_whoever_asks_gets():
    rows = by_cause(30, 3, 20, 9)
    assert without(rows, 0)[0] is rows
    assert len(without(rows, 10)[0]) == 2
    hide(Few(0))
    assert without(rows)[0] is rows


@given(st.lists(st.integers(0, 12), min_size=1, max_size=7), st.integers(2, 6))
def test_no_group_that_is_not_shown_can_be_worked_out(counts, least):
    groups = pd.DataFrame({"block": "", "group": [str(n) for n in range(len(counts))]})
    gone = unshown(groups.assign(count=[float(n) for n in counts]), Few(least))
    hidden = [n for n, out in zip(counts, gone, strict=True) if out]
    assert all(n == 0 or n >= least for n, out in zip(counts, gone, strict=True) if not out)
    if hidden and not all(out or n == 0 for n, out in zip(counts, gone, strict=True)):
        ways = compositions(sum(hidden), len(hidden))
        assert sum(hidden) >= least
        assert all(len({way[place] for way in ways}) > 1 for place in range(len(hidden)))


def compositions(total, parts):
    """All ways in which so many groups of one or more make up a total."""
    cuts = combinations(range(1, total), parts - 1)
    return [[b - a for a, b in zip((0, *c), (*c, total), strict=True)] for c in cuts]


@pytest.fixture
def texts(monkeypatch):
    got = []
    monkeypatch.setattr(shown, "display", lambda data, **_: got.append(str(data)))
    return got


def test_a_page_shows_a_small_group_only_to_whoever_asks(texts):
    result = Result(by_cause(30, 3, 21, 9, share=[0.11, 0.777, 0.33, 0.44]))
    shown.table(result)
    assert "0.78" not in texts[0]
    assert "2 of 4 rows are not shown" in texts[0]
    assert "0.78" not in result._repr_html_()
    shown.table(result, least=0)
    assert "0.78" in texts[1]


def test_of_small_groups_alone_nothing_is_shown(texts):
    shown.table(by_cause(3, 2))
    assert texts[0].count("Nothing to show: 2 of 2 rows are not shown")


PAGES = ("00", "01", "03", "04", "05", "06", "07", "08")
PLAN, CAUSE = "Contoso special", "Kiosk printer jams"


def planted(tables, truth, **settings):
    """A company in which three customers have a plan and, alone, a cause of their own."""
    by = tables["tickets"].merge(tables["identities"], on="requester_id")
    three = by["customer_id"].value_counts().index[:3]
    history = tables["customer_history"]
    theirs = history["customer_id"].isin(three) & (history["field"] == "plan")
    tables = tables | {
        "customer_history": history.assign(value=history["value"].mask(theirs, PLAN))
    }
    study = planted_study(tables, truth)
    causes = study.ticket_causes
    own = causes["ticket_id"].isin(by.loc[by["customer_id"].isin(three), "ticket_id"])
    study.put("ticket_causes", causes.assign(cause=causes["cause"].mask(own, CAUSE)))
    return study.with_settings(**settings)


@pytest.fixture(scope="module")
def world():
    return simulate_world(250, 5, text=True)


def lines_about(study: Study, page: str) -> list[str]:
    """The lines of a page that name the plan or the cause and hold a number."""
    said = page_says(study, page)
    lines = [line for cell in said.values() for text in cell for line in text.splitlines()]
    return [x for x in lines if (PLAN in x or CAUSE in x) and any(map(str.isdigit, x))]


def test_the_planted_cause_is_known_as_one_of_few(world):
    study = planted(*world)
    assert of_few(study, 5) == (CAUSE,)
    assert (named(study)["cause"] == CAUSE).sum() >= 5


@pytest.mark.parametrize("page", PAGES)
def test_numbers_of_a_plan_and_a_cause_of_three_customers_stand_on_no_page(world, page):
    assert lines_about(planted(*world), page) == []


def test_they_stand_on_pages_where_the_setting_says_so(world):
    assert lines_about(planted(*world, least_shown=0), "05")
    assert small_groups._few[0].least == 0
