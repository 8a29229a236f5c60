"""Which article to write first, and what reaches the articles, by hand."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell
from cxresearch.kpis.articles import NONE, SELDOM, Wanted, contribution, told_sums, wanted
from cxresearch.study.answers import DoesNotApply
from tests.kpis.help_centre import at, study
from tests.kpis.test_incidents import study as without_articles
from tests.kpis.test_incidents import usual


def searched(days, who: str, query: str, article=None) -> list:
    return [(day, f"{who}{i}", query, article) for i, day in enumerate(days)]


def test_a_search_in_vain_is_one_within_three_days_that_opened_nothing():
    whole = study(
        tickets=[(10, "a", "sync"), (10, "b", "sync"), (10, "c", "sync"), (10, "d", "sync"),
                 (10, "e", "sync"), (2, "f", "sync")],
        views=[(0, "z", "sync", None), (8, "a", "sync", None), (9, "a", "sync", None),
               (8, "b", "sync", None), (9, "b", "sync", "a0"),  # found at last
               (6, "c", "sync", None),  # four days before
               (9, "d", "login", None),  # about something else
               (11, "e", "sync", None)],  # after writing
    )  # fmt: skip
    row = wanted(whole).frame.iloc[0]
    assert (row["cause"], row["tickets"], row["customers"]) == (
        "sync",
        5,
        5,
    )  # f before all is told
    assert (row["searched"], row["in vain"], row["customers in vain"]) == (2, 1, 1)
    assert row["share"] == pytest.approx(1 / 5)
    assert (row["articles"], row["article"]) == (0, NONE)


@pytest.fixture
def two_causes():
    """20 tickets on sync after searches in vain, 20 on login of which 2 are."""
    days = np.linspace(4, 40, 20)
    return {
        "tickets": [(d, f"s{i}", "sync") for i, d in enumerate(days)]
        + [(d, f"l{i}", "login") for i, d in enumerate(days)],
        "views": [(0, "z", "login", "a0"), *searched(days - 1, "s", "sync"),
                  *searched(days[:18] - 1, "l", "login", "a0"),
                  *searched(days[18:] - 1, "x", "login"), (41, "z", "login", "a0")],
    }  # fmt: skip


def test_the_cause_without_an_article_comes_first_and_none_is_as_good(two_causes):
    found = wanted(study(**two_causes))
    assert found.frame["cause"].tolist() == ["sync", "login"]
    assert found.frame["verdict"].tolist() == ["more", "less"]
    assert found.frame["could be first"].tolist() == ["yes", ""]
    assert found.said().text.startswith("Write an article about **sync** first.")
    assert "As good" not in found.said().text


def test_an_article_that_is_seldom_opened_is_to_be_rewritten(two_causes):
    found = wanted(study(near=["login", "sync"], **two_causes))
    assert found.frame.set_index("cause")["article"].to_dict() == {
        "sync": SELDOM,
        "login": "opened",
    }
    assert found.said().text.startswith("Rewrite the article about **sync** first.")


def test_causes_that_cannot_be_told_apart_could_all_be_first():
    days = np.linspace(4, 40, 12)
    tickets = [(d, f"{c}{i}", c) for c in ("sync", "login") for i, d in enumerate(days)]
    views = [(0, "z", "sync", None), *searched(days - 1, "sync", "sync"),
             *searched(days[:10] - 1, "login", "login"), (41, "z", "sync", None)]  # fmt: skip
    found = wanted(study(tickets, views, near=()))
    assert found.frame["could be first"].tolist() == ["yes", "yes"]
    assert "As good could be login." in found.said().text


def test_without_searches_most_tickets_stand_first_and_none_is_said_to_be():
    tickets = [(d, f"a{d}", "sync") for d in range(7)]
    tickets += [(d, f"b{d}", "login") for d in range(6)]
    found = wanted(study(tickets, near=()))
    assert isinstance(found.said(), CannotTell)
    assert found.frame["cause"].tolist() == ["sync", "login"]
    assert found.frame["in vain"].isna().all()


def test_what_a_study_lacks_is_said_once():
    bare = without_articles(usual(range(3)))
    assert "articles are not told" in wanted(bare).reason
    assert isinstance(contribution(bare), DoesNotApply)
    assert isinstance(told_sums(bare), DoesNotApply)


def test_titles_are_masked():
    found = wanted(study([(5, "a", "login")], title="Write to jo.doe@example.com <b>now</b>"))
    assert "jo.doe" not in found.frame["titles"].iloc[0]


def test_a_ticket_before_its_article_was_written_had_none():
    tickets = [(5, "a", "login"), (40, "b", "login"), (41, "c", "sync"), (70, "d", "login")]
    found = contribution(study(tickets, until=75, created_at=at(10), updated_at=at(33)))
    rows = found.frame.set_index("month")
    assert rows.index.tolist() == ["2024-02", "2024-01"]  # March is not over
    assert rows["share"].tolist() == [0.5, 0.0]
    assert rows["written"].tolist() == [0, 1]
    assert rows["changed"].tolist() == [1, 0]
    assert "1 articles were written and 1 changed" in found.said().text


def test_articles_that_were_never_changed_count_as_none_changed():
    found = contribution(study([(5, "a", "login")], created_at=at(1), updated_at=at(1)))
    assert (found.frame["written"].tolist(), found.frame["changed"].tolist()) == ([1], [0])


def test_articles_that_do_not_tell_when_are_not_counted_by_month():
    found = contribution(study([(5, "a", "login")], created_at=at(1)))
    assert "written" not in found.said().text  # nor changed: only half is told
    found = contribution(study([(5, "a", "login")]))
    assert found.frame["share"].tolist() == [1.0]
    assert found.frame["written"].isna().all()
    assert "written" not in found.said().text


def test_sums_are_said_with_what_they_cannot_tell():
    said = told_sums(study(count_views=120, count_helpful=9, count_unhelpful=3)).text
    assert "120 times" in said
    assert "9 of 12 votes" in said
    assert "does not tell who" in said
    assert isinstance(told_sums(study()), DoesNotApply)


def test_tables_without_rows_or_without_causes_tell_nothing_and_break_nothing():
    assert isinstance(wanted(study([(5, "a", "login")], near=())), Wanted)
    assert isinstance(wanted(study(views=[(1, "a", "login", "a0")])), CannotTell)
    assert isinstance(contribution(study(near=())), CannotTell)


def test_what_is_read_is_not_changed():
    whole = study([(5, "a", "login")], [(4, "a", "login", None), (6, "a", "login", None)])
    before = whole.article_views
    wanted(whole)
    pd.testing.assert_frame_equal(whole.article_views, before)
