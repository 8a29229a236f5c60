"""Whether readers of an article write less, by hand, beside statsmodels, and on planted help."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from cxresearch import CannotTell
from cxresearch.kpis.deflection import ALL, deflection, first_looks, standardised
from cxresearch.kpis.looked_up import searches
from cxresearch.study.answers import DoesNotApply
from cxresearch.study.intervals import LEVEL
from tests.benchmarks.deflection import world
from tests.kpis.help_centre import study
from tests.kpis.test_incidents import study as without_articles
from tests.kpis.test_incidents import usual


def looks(*strata: str) -> pd.DataFrame:
    """Strata such as "01 110": who opened an article, then who did not; 1 wrote. Each is another
    customer."""
    rows = [(s, side == 0, wrote == "1") for s, both in enumerate(strata)
            for side, part in enumerate(both.split(" ")) for wrote in part]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["stratum", "opened", "wrote"])
    return frame.assign(who=frame.index.astype(str))


def test_weeks_are_weighed_by_what_they_tell():
    # Week 0: 0 of 2 against 1 of 2, weight 2 * 2 / 4 = 1. Week 1: 1 of 1 against 2 of 3, 3 / 4.
    found = standardised(looks("00 01", "1 110"))
    assert found["wrote after"] == pytest.approx((0 + 0.75 * 1) / 1.75)
    assert found["wrote without"] == pytest.approx((0.5 + 0.75 * 2 / 3) / 1.75)
    assert found["difference"] == pytest.approx(-1 / 7)


def test_a_week_with_one_side_only_tells_nothing():
    both = standardised(looks("00 01", "1 110"))
    assert standardised(looks("00 01", "1 110", "0101 ", " 111")) == pytest.approx(both)


def test_an_outage_that_fills_the_queue_and_empties_the_results_is_no_help():
    # A quiet week: 1 of 5 readers wrote, and 1 of 5 others; in an outage all wrote, few read.
    rows = looks("00001 10000", "1 11111")
    assert rows["wrote"][rows["opened"]].mean() < rows["wrote"][~rows["opened"]].mean() - 0.25
    assert standardised(rows)["difference"] == pytest.approx(0)


def test_the_interval_is_statsmodels_with_what_small_weeks_add():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(
        {
            "stratum": np.repeat(range(10), 4),
            "opened": [True, True, False, False] * 10,
            "wrote": rng.random(40) < 0.4,
            "who": rng.integers(0, 15, 40).astype(str),
        }
    )
    x = pd.get_dummies(rows["stratum"]).assign(opened=rows["opened"]).astype(float)
    groups = {"groups": pd.factorize(rows["who"])[0], "use_correction": False}
    fit = sm.OLS(rows["wrote"].astype(float), x).fit(cov_type="cluster", cov_kwds=groups)
    found = standardised(rows)
    assert found["difference"] == pytest.approx(fit.params["opened"])
    weighs = rows.groupby("who").size() / 4  # half a row's side, squared
    free = weighs.sum() ** 2 / (weighs**2).sum() - 1
    error = fit.bse["opened"] * 4 / 3

    assert found["high"] - found["difference"] == pytest.approx(
        t.ppf((1 + LEVEL) / 2, free) * error
    )
    assert found["p"] == pytest.approx(2 * t.sf(abs(found["difference"]) / error, free))


STRATA = st.lists(
    st.tuples(*[st.text("01", min_size=1, max_size=5)] * 2).map(" ".join), min_size=2, max_size=6
)


@settings(max_examples=50, deadline=None)
@given(STRATA, st.randoms(use_true_random=False))
def test_who_is_compared_with_whom_turns_the_sign_and_the_order_of_rows_nothing(strata, chance):
    rows = looks(*strata)
    found, order = standardised(rows), list(rows.index)
    chance.shuffle(order)
    names = ["difference", "low", "high"]
    assert [standardised(rows.loc[order])[n] for n in names] == pytest.approx(
        [found[n] for n in names]
    )
    other = standardised(rows.assign(opened=~rows["opened"]))
    assert other["difference"] == pytest.approx(-found["difference"])
    assert other["low"] == pytest.approx(-found["high"])
    assert -1 - 1e-9 <= found["difference"] <= 1 + 1e-9


MINUTE = 1 / 24 / 60


def test_an_article_opened_soon_after_a_search_belongs_to_it():
    rows = searches(study(tickets=[(1, "a", "login"), (1, "a", "sync")], views=[
        (1, "a", "login", "a0"),  # in one row
        (2, "b", "login", None), (2 + 5 * MINUTE, "b", None, "a0"),  # in two
        (3, "c", "login", None), (3 + 40 * MINUTE, "c", None, "a0"),  # too late
        (4, "d", "login", None), (4 + 5 * MINUTE, "e", None, "a0"),  # somebody else
        (5, "f", "login", None), (5 + 5 * MINUTE, "f", "sync", "a0"),  # for something else
        (6, None, "LOGIN ", None), (6 + MINUTE, None, None, "a0"),  # of nobody known
        (7, "g", "weather", None),
    ]))  # fmt: skip
    assert rows["who"].fillna("nobody").tolist() == ["a", "b", "c", "d", "f", "f", "nobody", "g"]
    assert rows["opened_at"].notna().tolist() == [
        True,
        True,
        False,
        False,
        False,
        True,
        False,
        False,
    ]
    assert rows["cause"].fillna("none").tolist() == [*["login"] * 5, "sync", "login", "none"]


def test_only_the_first_search_about_what_was_not_written_about_is_followed_for_a_week():
    whole = study(
        tickets=[(5, "a", "login"), (9, "b", "login"), (9, "c", "sync"), (9.5, "d", "login")],
        views=[(1, "a", "login", "a0"), (4, "a", "login", None),  # wrote 4 days later; again
               (1, "b", "login", None),  # wrote 8 days later
               (8, "c", "login", None),  # wrote about something else
               (10, "d", "login", "a0"),  # had written
               (11, None, "login", "a0"), (12, "e", "weather", None), (15, "f", "login", None)],
        until=20,
    )  # fmt: skip
    rows, left = first_looks(whole)
    assert list(zip(rows["who"], rows["opened"], rows["wrote"], strict=True)) == [
        ("a", True, True), ("b", False, False), ("c", False, False)]  # fmt: skip
    assert left == {"nobody": 1, "unclear": 1, "young": 1, "again": 2}
    assert len(rows) + sum(left.values()) == len(searches(whole))


def test_an_article_opened_after_writing_helped_nobody():
    rows, _ = first_looks(study(
        tickets=[(1 + 5 * MINUTE, "a", "login")],
        views=[(1, "a", "login", None), (1 + 9 * MINUTE, "a", None, "a0")],
    ))  # fmt: skip
    assert (rows["opened"].tolist(), rows["wrote"].tolist()) == ([False], [True])


@pytest.fixture(scope="module")
def helped():
    return deflection(world(3000)[0])


def test_planted_help_is_found_and_said_with_its_shares_and_its_caveat(helped):
    all_ = helped.frame.loc["all"]
    assert all_["verdict"] == "fewer write"
    assert all_["difference"] == pytest.approx(all_["wrote after"] - all_["wrote without"])
    told = helped.frame.set_index("cause")["verdict"]
    assert (told["c6"], told["c0"]) == ("fewer write", "cannot tell")
    said, left = helped.sentences()
    assert "fewer tickets**" in said.text
    assert "no proof of its effect" in said.text
    assert left.numbers["nobody"] > 0
    assert list(helped.table()["cause"]) == [ALL, *sorted(told.index.drop(ALL))]


def test_too_few_searches_cannot_tell():
    found = deflection(study(tickets=[(2, "a", "login")], views=[(1, "a", "login", "a0")]))
    assert isinstance(found.said(), CannotTell)
    assert found.frame["verdict"].tolist() == ["cannot tell: too few"] * 2


def test_searches_about_no_cause_and_tables_without_rows_break_nothing():
    for whole in (study(views=[(1, "a", "weather", None)]), study([(1, "a", "login")])):
        assert isinstance(deflection(whole).said(), CannotTell)


def test_searches_of_nobody_known_cannot_be_followed():
    assert "who searched" in deflection(study(views=[(1, None, "login", "a0")])).reason


def test_a_study_without_articles_says_so_elsewhere():
    assert isinstance(deflection(without_articles(usual(range(3)))), DoesNotApply)
