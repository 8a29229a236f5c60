"""What customers say: published numbers, scales by hand, and scales that are refused."""

import numpy as np
import pytest

from cxresearch.kpis.surveys.voice import ces, csat, nps
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from tests.kpis.desk import desk, survey, ticket, whole

ONE = [ticket("t", "p", 0)]


def said(scores, kind, scale, silent=0, **settings):
    scores = [*scores, *[None] * silent]
    rows = [survey(str(i), f"p{i}", 10 + i % 20, s, kind, scale) for i, s in enumerate(scores)]
    return desk(ONE, surveys=rows, **settings)


def test_nps_of_400_answers_is_44_7_plus_or_minus_7_2_and_50_cannot_be_told():
    # 60% promoters, 25% passives, 15% detractors.
    study = said([10] * 240 + [8] * 100 + [3] * 60, "nps", (0, 10))
    found = whole(nps(study))
    assert found["estimate"] == pytest.approx(45)
    assert (found["low"] + found["high"]) / 2 == pytest.approx(44.7, abs=0.05)
    assert (found["high"] - found["low"]) / 2 == pytest.approx(7.2, abs=0.05)
    assert found["verdict"] == "cannot tell"


def test_csat_in_both_ways_with_the_scale_told():
    # Of 1 to 5: 7 of 10 say 4 or 5; their mean 3.8 lies at (3.8 - 1) / 4 = 0.7 of the scale.
    found = csat(said([5, 5, 5, 4, 4, 4, 4, 3, 2, 2], "csat", (1, 5), silent=10))
    assert whole(found, "Satisfied")["estimate"] == pytest.approx(0.7)
    assert whole(found, "Satisfaction")["estimate"] == pytest.approx(7.0)
    assert found.frame["n"].tolist() == [10, 10]
    assert found.frame["eligible"].tolist() == [20, 20]
    assert whole(found)["why"].startswith("50% of 20 asked answered")


@pytest.mark.parametrize(("ask", "kind"), [(csat, "csat"), (nps, "nps"), (ces, "ces")])
def test_a_scale_that_is_not_declared_is_refused(ask, kind):
    found = ask(said([3] * 12, kind, (np.nan, np.nan)))
    assert set(found.frame["verdict"]) == {"cannot tell"}
    assert "scale_min" in whole(found)["why"]


def test_effort_on_1_to_7_is_ease_and_on_1_to_5_is_turned_round():
    assert whole(ces(said([7, 7, 4, 4], "ces", (1, 7))))["estimate"] == pytest.approx(7.5)
    assert whole(ces(said([1, 1, 3, 3], "ces", (1, 5))))["estimate"] == pytest.approx(7.5)


def test_what_the_study_says_of_the_question_goes_before_the_scale():
    easy = said([5, 5, 3, 3], "ces", (1, 5), effort_question="ease")
    assert whole(ces(easy))["estimate"] == pytest.approx(7.5)
    ten = said([10, 8], "ces", (0, 10), effort_question="effort")
    assert whole(ces(ten))["estimate"] == pytest.approx(1.0)


def test_an_ambiguous_effort_scale_is_refused_and_says_what_to_declare():
    found = whole(ces(said([3] * 9, "ces", (0, 10))))
    assert found["verdict"] == "cannot tell"
    assert "effort_question in study.toml" in found["why"]


def test_two_effort_scales_at_once_are_refused():
    rows = [survey("a", "p", 1, 7, "ces", (1, 7)), survey("b", "q", 1, 5, "ces", (1, 5))]
    assert "several scales" in whole(ces(desk(ONE, surveys=rows)))["why"]


def test_an_effort_question_that_nobody_asks_is_refused():
    with pytest.raises(InputError, match="must be ease, effort or empty"):
        Settings(effort_question="strain")


def test_an_invitation_whose_two_weeks_are_not_over_is_not_mature():
    rows = [survey("a", "p", 300, 9), survey("b", "q", 360, 10)]
    found = nps(desk(ONE, surveys=rows), by="month").frame
    assert found["mature"].tolist() == [False, True, False]
    assert found["n"].tolist() == [1, 1, 0]
    assert found["eligible"].tolist() == [2, 1, 1]


def test_without_surveys_nothing_is_told():
    for ask in (csat, nps, ces):
        assert set(ask(desk(ONE)).frame["verdict"]) == {"does not apply"}
    assert "no such survey" in whole(ces(said([9], "nps", (0, 10))))["why"]
