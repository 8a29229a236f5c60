"""A mean weighed for silence, its bounds, and what turns its verdict: by hand and by simulation."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import CannotTell, Study
from cxresearch.kpis import surveys
from cxresearch.kpis.measure import mean_of
from cxresearch.kpis.months import Months
from cxresearch.kpis.surveys.funnel import step
from cxresearch.kpis.surveys.known import _tickets_then
from cxresearch.kpis.surveys.tipping import whole_if
from cxresearch.kpis.surveys.weighted import manski, weighted
from tests.kpis.surveys.test_surveys import asked, company, customers, day, study  # noqa: F401


def series(*values) -> pd.Series:
    return pd.Series(values, dtype=float)


def people(n: int) -> pd.Series:
    return pd.Series([f"c{i}" for i in range(n)])


def test_weights_by_hand():
    # Of 60 small customers 20 answer and say 2, of 60 large ones 40 answer and say 8. As heard the
    # mean is (20*2 + 40*8)/60 = 6; weighed by 3 and 1.5, each half of those asked counts: 5.
    score = series(*[2] * 20, *[np.nan] * 40, *[8] * 40, *[np.nan] * 20)
    known = pd.DataFrame({"size": ["small"] * 60 + ["large"] * 60})
    found = weighted(score, known, people(120))
    assert score.mean() == pytest.approx(6)
    assert found["lowest"] == found["highest"] == pytest.approx(5)
    assert (found["weight from"], found["weight to"]) == pytest.approx((1.5, 3))
    assert found["worth"] == pytest.approx(120**2 / (20 * 9 + 40 * 2.25))


def test_weights_are_refused_where_some_never_answer():
    score = series(*[5] * 60, *[np.nan] * 60)
    known = pd.DataFrame({"size": ["small"] * 60 + ["large"] * 60})
    assert weighted(score, known, people(120)) == {}


def test_bounds_of_a_mean_by_hand():
    # Of 4, two say 4 and 8: with two at 0 the mean is 3, with two at 10 it is 8.
    found = manski(series(4, 8, np.nan, np.nan), people(4), "csat")
    assert (found["lowest"], found["highest"]) == pytest.approx((3, 8))


def test_the_whole_by_hand_when_the_silent_are_apart():
    # Two of four answer, 4 and 8. If the silent average 6 + 2, all average 7.
    found = whole_if(series(4, 8, np.nan, np.nan), people(4), [0, 2])
    assert found["mean"].tolist() == pytest.approx([6, 7])
    # With apart 0 it is Student's interval of the mean of two answers, t(1) = 12.7062 at 95%:
    # their standard deviation is sqrt(8), and the error sqrt(8) / sqrt(2) = 2.
    assert found["high"][0] - found["mean"][0] == pytest.approx(12.7062 * 2, rel=1e-4)


def test_two_answers_of_one_customer_are_one():
    # a says 8 twice and b 4 twice: the customers' deviations sum to 4 and -4, so the error is
    # sqrt(32 * 4/3) / 4 on t(1), wider than of four customers: sqrt(16 * 4/3) / 4 on t(3) = 3.1824.
    score = series(8, 8, 4, 4)
    together = whole_if(score, pd.Series(list("aabb")), [0])
    assert together["high"][0] - 6 == pytest.approx(12.7062 * np.sqrt(128 / 3) / 4, rel=1e-4)
    alone = whole_if(score, people(4), [0])
    assert alone["high"][0] - 6 == pytest.approx(3.1824 * np.sqrt(64 / 3) / 4, rel=1e-4)


def test_customers_who_average_alike_do_not_make_chance_nothing():
    # a and b average 6 each; their answers still differ, so the interval is no narrower.
    found = whole_if(series(4, 8, 4, 8), pd.Series(list("aabb")), [0])
    assert found["high"][0] - 6 == pytest.approx(12.7062 * np.sqrt(64 / 3) / 4, rel=1e-4)


def test_a_customer_who_is_heard_and_silent_moves_both_the_mean_and_the_share():
    # a says 8 and once nothing, b says 4 twice: 3 of 4 heard, mean 16/3. Influences of a, if the
    # silent are 2 apart: (8 - 16/3)/(3/4) + (3/4 - 1 + 3/4) * 2 = 32/9 + 1; b's are the opposite.
    found = whole_if(series(8, np.nan, 4, 4), pd.Series(list("aabb")), [2])
    # Of three answers: times 3/2 under the root, on t(1).
    error = np.sqrt(2 * 3 / 2) * (32 / 9 + 1) / 4
    assert found["high"][0] - found["mean"][0] == pytest.approx(12.7062 * error, rel=1e-4)


def nps(n: int, answers: list, target: float) -> Study:
    score = answers + [np.nan] * (n - len(answers))
    who = [f"c{i}" for i in range(n)]
    return study(asked(who, [5] * n, score), [np.nan] * n, nps_target=target)


def test_the_verdict_turns_where_it_must():
    # 60 of 100 answer: 45 promoters and 15 detractors, so 50 points; a target of 0 is met. All of
    # the silent detractors: 0.6*50 - 0.4*100 = -10, so somewhere between it turns.
    rows = surveys.tipping(nps(100, [10] * 45 + [0] * 15, 0), "nps").frame.loc["asked"]
    assert rows.loc["same", "mean"] == pytest.approx(50)
    assert rows.loc["same", "verdict"] == "met"
    assert rows.loc["bottom", "mean"] == pytest.approx(-10)
    turn = rows[rows["the silent would say"] == "enough for “met”"].squeeze()
    assert turn.name == "turn"
    assert turn["low"] >= 0
    before = whole_if(pd.Series([100.0] * 45 + [-100.0] * 15 + [np.nan] * 40), people(100),
                      [turn["apart"] - 0.1])  # fmt: skip
    assert before["low"][0] < 0


def test_where_no_answer_could_change_it_that_is_said():
    rows = surveys.tipping(nps(100, [10] * 94 + [0], 0), "nps")
    assert rows.said().text.count("no answers of the silent could change it") == 2


def test_the_adjusted_mean_never_stands_without_the_bounds():
    weighed = surveys.adjusted(nps(200, [10] * 40 + [0] * 40, 50), "nps")
    rows = weighed.frame
    assert rows["of whom"].to_dict() == {
        "answered": "those who answered",
        "alike": "all who were asked",
        "asked": "all who were asked",
        "all": "all who could have been asked",
    }
    assert rows.loc["asked", "highest"] - rows.loc["asked", "lowest"] == pytest.approx(120)
    assert "**Assuming nothing**" in weighed.said().text


def test_thirty_answers_are_enough_and_fewer_cannot_tell():
    assert not isinstance(surveys.adjusted(nps(90, [10, 0] * 15, 50), "nps"), CannotTell)
    assert isinstance(surveys.adjusted(nps(90, [10] * 29, 50), "nps"), CannotTell)
    assert isinstance(surveys.adjusted(nps(50, [10] * 5, 50), "nps"), CannotTell)


answers = st.lists(st.one_of(st.none(), st.integers(0, 10)), min_size=8, max_size=30)


@settings(deadline=None, max_examples=50)
@given(answers, st.floats(-4, 4))
def test_every_assumption_about_the_silent_lies_within_the_bounds(said, apart):
    score = pd.Series(said, dtype=float)
    if score.notna().sum() < 2:
        return
    low, high = -score.mean(), 10 - score.mean()
    whole = whole_if(score, people(len(score)), [np.clip(apart, low, high)])["mean"][0]
    found = manski(score, people(len(score)), "csat")
    assert found["lowest"] - 1e-9 <= whole <= found["highest"] + 1e-9
    mixed = score.sample(frac=1, random_state=3)
    again = manski(mixed, people(len(score))[mixed.index], "csat")
    assert again["low"] == pytest.approx(found["low"])


def drawn(seed: int, own: float, n: int = 1500) -> tuple[pd.DataFrame, float]:
    """Scores of customers of two sizes, and who answers: by size, and as far as own by the score
    itself; with the true mean of all."""
    rng = np.random.default_rng(seed)
    large = rng.random(n) < 0.5
    truth = np.clip(np.round(5 + 2 * large + 2 * rng.standard_normal(n)), 0, 10)
    odds = -1 + 1.2 * large + own * (truth - 6)
    heard = rng.random(n) < 1 / (1 + np.exp(-odds))
    rows = {"size": np.where(large, "large", "small"), "score": np.where(heard, truth, np.nan)}
    return pd.DataFrame(rows), truth.mean()


def covered(own: float, seeds: int = 60) -> dict[str, float]:
    hits = []
    for seed in range(seeds):
        rows, truth = drawn(seed, own)
        who = people(len(rows))
        model, bound = weighted(rows["score"], rows[["size"]], who), manski(rows["score"], who,
                                                                            "csat")  # fmt: skip
        heard = whole_if(rows["score"], who, [0]).iloc[0]
        hits.append(
            [found["low"] <= truth <= found["high"] for found in (heard, model, bound)]
        )  # fmt: skip
    return dict(zip(("heard", "adjusted", "bounds"), np.mean(hits, axis=0), strict=True))


def test_if_alike_customers_answer_alike_the_adjusted_mean_covers_and_the_mean_heard_does_not():
    found = covered(own=0.0)
    assert found["heard"] < 0.1
    assert found["adjusted"] >= 0.88
    assert found["bounds"] == 1


def test_if_answers_depend_on_the_score_the_adjusted_mean_never_covers_and_the_bounds_always_do():
    found = covered(own=0.4)
    assert found["adjusted"] == 0
    assert found["bounds"] == 1


def invited_tickets(created: list, offered: list, answers: list) -> Study:
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(len(created))],
            "requester_id": [f"c{i % 4}" for i in range(len(created))],
            "created_at": day(created),
            "first_solved_at": day(created) + pd.Timedelta(days=1),
            "status": "solved",
        }
    )
    rows = asked(tickets["requester_id"], offered, answers, "csat", (1, 5), tickets["ticket_id"])
    rows = rows[rows["offered_at"].notna()]
    return study(rows, tickets=tickets)


def test_months_count_early_invitations_only_and_the_last_are_not_over():
    # Watched until day 400 (2026-02-05). t0 and t1 of January 2025, t1 asked after 48 days; t2 of
    # December, which needs 44 days from 2026-01-01.
    one = invited_tickets([1, 2, 350], [1, 50, 352], [5, 5, np.nan])
    found = surveys.funnel_by(one, "csat", "month").frame
    assert found.index.tolist() == ["2025-01", "2025-12"]
    assert found["eligible"].tolist() == [2, 1]
    assert found["invited"].tolist() == [1, 1]
    assert found["answered"].tolist() == [1, 0]
    assert found["mature"].tolist() == [True, False]


def test_the_funnel_by_segment_adds_up_to_the_whole():
    one = study(asked(["c0", "c1", "c2"], [10, 10, 10], [10, 3, np.nan]))
    segments = pd.Series(["small", "small", "large", None], dtype="str")
    one.put("customers", one.customers.assign(segment=segments))
    found = surveys.funnel_by(one, "nps", "segment").frame
    assert found["eligible"].to_dict() == {"large": 1, "small": 2, "unknown": 1}
    assert found["answered"].to_dict() == {"large": 0, "small": 2, "unknown": 0}
    whole = surveys.funnel(one, "nps").frame.loc["all"]
    steps = ["eligible", "invited", "answered"]
    assert found[steps].sum().tolist() == whole[steps].tolist()


def test_a_column_that_no_table_has_is_named():
    unknown = surveys.funnel_by(nps(10, [9], 50), "nps", "mood")
    assert "a column mood would tell" in unknown.reason


def test_who_did_not_answer_the_first_invitation_and_left_by_hand():
    # c0 and c1 answer the first; c2 and c3 do not. c3 leaves on day 60, 46 days after the landmark.
    one = study(asked(["c0", "c1", "c2", "c3"], [0] * 4, [9, 9, np.nan, np.nan]),
                [np.nan] * 3 + [60])  # fmt: skip
    rows = surveys.left_by_day(one).frame
    assert rows.loc["once 90", ["silent", "spoke"]].tolist() == [2, 2]
    assert rows.loc["once 90", "silent left"] == pytest.approx(0.5)
    assert rows.loc["once 90", "spoke left"] == 0
    assert rows.loc["once 90", "difference"] == pytest.approx(0.5)
    assert set(rows["asked"]) == {"once"}


def test_the_page_of_a_simulated_company_says_weights_and_bounds(company):  # noqa: F811
    for kind in ("csat", "nps"):
        weighed = surveys.adjusted(company, kind)
        alike = weighed.frame.loc["alike"]
        assert 1 < alike["weight from"] < alike["weight to"]
        assert "notice given" in alike["adjusted for"]
        assert "Assuming nothing" in weighed.said().text
        turning = dataclasses.replace(surveys.tipping(company, kind), target=9.0)
        assert "If the silent were as those who answered" in turning.said().text


def equal_answers(who: list) -> Study:
    created = list(range(len(who)))
    tickets = pd.DataFrame({"ticket_id": [f"t{i}" for i in created], "requester_id": who,
                            "created_at": day(created), "first_solved_at": day(created),
                            "status": "solved"})  # fmt: skip
    answers = [5.0, np.nan] * (len(who) // 2)
    return study(asked(who, created, answers, "csat", (1, 5), tickets["ticket_id"]),
                 [np.nan] * len(who), tickets=tickets)  # fmt: skip


def test_answers_that_are_all_alike_leave_no_interval_and_no_verdict():
    # 40 of 80 customers answer, all 5 of 5: no spread tells how far chance goes, so not "met".
    one = equal_answers([f"c{i}" for i in range(80)])
    weighed = surveys.adjusted(one, "csat")
    rows = weighed.frame
    assert rows["verdict"].tolist() == ["cannot tell"] * 4
    assert rows.loc["answered", ["low", "high"]].isna().all()
    assert rows.loc["asked", "high"] == 10
    assert isinstance(weighed.said(), CannotTell)
    turning = surveys.tipping(one, "csat")
    assert set(turning.frame["verdict"]) == {"cannot tell"}
    assert "nan" not in turning.table().to_string()
    assert "all answers are alike" in turning.said().reason
    assert "no verdict" in turning._title()


def test_an_interval_does_not_leave_the_scale():
    # Of 40 customers who answer 38 say 5 of 5 and two say 1: Student's interval passes 10.
    one = equal_answers([f"c{i}" for i in range(80)])
    scores = one.surveys
    scores.loc[[0, 2], "score_raw"] = 1.0
    one.put("surveys", scores)
    for rows in (surveys.adjusted(one, "csat").frame, surveys.tipping(one, "csat").frame):
        assert rows["high"].max() == 10
        assert rows["low"].min() >= 0


def test_answers_of_one_customer_have_no_interval():
    rows = surveys.adjusted(equal_answers(["c0"] * 80), "csat").frame
    assert set(rows["verdict"]) == {"cannot tell"}
    # Nothing is told of other customers, so the bounds are the ends of the scale.
    assert rows.loc[["asked", "all"], ["low", "high"]].to_numpy().tolist() == [[0, 10], [0, 10]]


def test_where_all_are_heard_the_whole_has_the_interval_of_the_mean_of_page_02():
    score, who = series(4, 8, 6, 2, 9, 9), pd.Series(list("aabbcc"))
    found, mean = whole_if(score, who, [0]).iloc[0], mean_of(score, who)
    assert found[["low", "high"]].tolist() == pytest.approx([mean["low"], mean["high"]])


def clustered(seed: int, customers_of: int = 40, each: int = 15) -> pd.DataFrame:
    """Twelve months of one and the same share, whose customers differ: beta(0.3, 1) each."""
    rng, rows = np.random.default_rng(seed), []
    for month in range(12):
        own = rng.beta(0.3, 1.0, customers_of)
        spoke = pd.Series(rng.random(customers_of * each) < np.repeat(own, each))
        who = pd.Series(np.repeat(np.arange(customers_of), each))
        units = pd.DataFrame({"invited": True, "answered": spoke, "who": who})
        row = step(units, f"2025-{month + 1:02}")
        names = {"month": "group", "of": "invited", "count": "answered", "share": "answered share",
                 "effect": "answered effect"}  # fmt: skip
        rows.append({name: row[column] for name, column in names.items()})
    return pd.DataFrame(rows).assign(mature=True)


def compared(rows: pd.DataFrame):
    return Months(rows, "it", "it").said()


def test_months_of_one_rate_seldom_differ_when_customers_are_alike_with_themselves():
    drawn_months = [clustered(seed) for seed in range(60)]
    alarms = [not isinstance(compared(rows), CannotTell) for rows in drawn_months]
    assert np.mean(alarms) <= 0.15
    naive = [
        not isinstance(compared(rows.drop(columns="effect")), CannotTell) for rows in drawn_months
    ]
    assert np.mean(naive) > 0.8


def test_nothing_is_known_of_nobody():
    # The only ticket that could have been asked about was not: the invitation is about another.
    tickets = pd.DataFrame({"ticket_id": ["t0", "t1"], "requester_id": ["c0", "c1"],
                            "created_at": day([-5, 3]), "status": "solved"})  # fmt: skip
    one = study(asked(["c0"], [0], [5], "csat", (1, 5), ["t0"]), tickets=tickets)
    units = surveys.eligible(one, "csat")
    known = surveys.known_when_asked(one, units)
    assert known.empty
    assert isinstance(surveys.chances_to_answer(units, known, "csat"), CannotTell)
    assert "nobody was asked who could have been" in surveys.funnel(one, "csat").said().reason


def test_a_ticket_nobody_knows_when_it_was_solved_is_not_known_to_be_open():
    # c0's ticket is open, c1's was solved nobody knows when, c2 had none; others were solved.
    who = ["c0", "c1", *["other"] * 12]
    tickets = pd.DataFrame(
        {"ticket_id": [f"t{i}" for i in range(14)], "requester_id": who,
         "created_at": day([1] * 14), "status": ["open", *["solved"] * 13],
         "first_solved_at": [None, None, *day([2] * 12)]}
    )  # fmt: skip
    one = study(asked(["c0"], [30], [5], "csat", (1, 5)), tickets=tickets)
    when = pd.DataFrame({"who": ["c0", "c1", "c2"], "asked_at": day([30] * 3)})
    assert _tickets_then(one, when)["open ticket"].tolist() == ["yes", "unknown", "no"]
