"""After how many days an issue is overdue: who said so, and what the data propose."""

import pandas as pd
import pytest

from cxresearch import CannotTell
from cxresearch.lab import against_truth as trial
from cxresearch.lab.second_world import SETTINGS, second_world
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.outcomes import experiment, leaving, promise
from cxresearch.study.settings import Settings, changed
from cxresearch.study.study import Study


def company(world: str, seed: int) -> Study:
    return trial.planted_study(*simulate_world(3000, seed, text=False, **WORLDS[world]))


@pytest.fixture(scope="module")
def plain() -> Study:
    return company("plain", 2)


@pytest.fixture(scope="module")
def null() -> Study:
    return company("null", 1)


def test_a_promise_that_nobody_gave_is_said_to_be_nobodys():
    assert Settings().promise_assumed
    assert not changed(Settings(), {"unresolved_after_days": 7.0}).promise_assumed
    assert not changed(Settings(), {"promise_given": True}).promise_assumed
    both = {"unresolved_after_days": 7.0, "promise_given": False}
    assert changed(Settings(), both).promise_assumed
    assert not changed(Settings(), both | {"unresolved_after_days": 5.0}).promise_assumed
    tables, _ = second_world(600, 1)
    told = {name: of for name, of in SETTINGS.items() if name != "unresolved_after_days"}
    said = promise.promise(Study.from_tables(tables, **told)).said().text
    assert "**nobody said so**" in said
    assert "more than 7 days" in said


def test_the_headline_stands_beside_three_seven_and_fourteen_days(plain):
    found = promise.promise(plain)
    assert found.frame["days"].tolist() == [3, 7, 14]
    headline = leaving.hazards(plain).frame.loc["headline", "hazard ratio"]
    assert found.frame.set_index("days").loc[7, "hazard ratio"] == pytest.approx(headline)
    assert "the promise that this study was given" in found.said().text


def test_the_day_on_which_harm_begins_is_proposed(plain):
    """It begins on day 7."""
    found = promise.proposed(plain)
    best = found.frame.loc[found.frame["fit"].idxmin(), "days"]
    assert best == 7
    assert found.frame.set_index("days").loc[7, "inside"]
    assert not found.frame.set_index("days").loc[30, "inside"]
    assert "from about 7 days on" in found.said().text


def test_where_nothing_harms_no_day_is_proposed(null):
    assert isinstance(promise.proposed(null).said(), CannotTell)


def test_harm_from_the_first_day_may_be_requests_that_were_missed():
    frame = pd.DataFrame({"days": [1.0, 7.0], "fit": [0.0, 9.0], "inside": [True, False],
                          "hazard ratio": 2.0, "low": 1.5, "high": 2.5})  # fmt: skip
    assert "requests would tell" in promise.Proposed(frame).said().reason


def test_an_experiment_needs_as_many_customers_as_two_shares_say(plain):
    """Cohen's h of 15% and 11% is 0.1193: 2 (1.96 + 0.8416)^2 / h^2 = 1,103 in each of two arms."""
    assert experiment._needed(0.15, 0.11) == pytest.approx(2206, rel=0.005)
    plan = experiment.experiment(plain)
    assert 500 < plan.frame["customers"].iloc[0] < 20_000
    assert f"{plan.frame['customers'].iloc[0]:,}" in plan.said().text


def test_lots_are_even_in_every_four_and_the_same_each_time(plain):
    plan = experiment.experiment(plain)
    drawn = experiment.lots(plan, 20)
    assert drawn["answer"].value_counts().tolist() == [10, 10]
    by_four = drawn["answer"].eq("at once").groupby(drawn.index // 4).sum()
    assert by_four.eq(2).all()
    pd.testing.assert_frame_equal(drawn, experiment.lots(plan, 20))


def test_more_than_ten_years_is_no_plan():
    row = {"customers": 9e5, "weeks": 9e4, "usual": 0.11, "promised": 0.109}
    said = experiment.Experiment(pd.DataFrame([row]), 7.0).said()
    assert "takes more than ten years" in said.reason
