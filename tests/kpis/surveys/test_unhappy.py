"""What makes customers unhappy: means by hand, differences, and waits with a planted slope."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cxresearch import CannotTell
from cxresearch.kpis.surveys.unhappy import answered, by_wait, disliked, slope
from tests.kpis.desk import desk, survey, ticket


def study(scores: dict[str, list], waits=(1.0,), repeats: int = 1):
    """A ticket and a survey for each score, by cause; waits are taken in turn."""
    rows, causes, asked = [], {}, []
    for cause, of in scores.items():
        for i, score in enumerate(of):
            name, who = f"{cause}{i}", f"{cause}p{i // repeats}"
            rows.append(ticket(name, who, i % 50, i % 50 + waits[i % len(waits)]))
            causes[name] = cause
            asked.append({**survey(name, who, 60 + i % 9, score, "csat", (1, 5)),
                          "ticket_id": name})  # fmt: skip
    return desk(rows, causes=causes, surveys=asked)


def test_a_mean_is_of_those_who_answered_on_a_scale_of_ten():
    # Of 1 to 5: 1 is 0 and 5 is 10; six 1 and six 3 are 2.5 on average.
    found = disliked(study({"bad": [1, 3] * 6 + [None] * 4, "good": [5, 4] * 10}))
    told = found.frame.set_index("cause")
    assert told.loc["bad", ["asked", "answers"]].tolist() == [16, 12]
    assert told.loc["bad", "mean"] == pytest.approx(2.5)
    assert told.loc["bad", "less"] == pytest.approx(2.5 - 8.75)
    assert told["verdict"].to_dict() == {"bad": "less satisfied", "good": "more satisfied"}
    assert "least satisfied after **bad**" in found.said()._repr_markdown_()


def test_causes_that_do_not_differ_are_not_ranked():
    found = disliked(study({"one": [1, 5] * 20, "two": [5, 1] * 20}))
    assert set(found.frame["verdict"]) == {"cannot tell"}
    assert isinstance(found.said(), CannotTell)


def test_answers_of_one_customer_tell_less_than_those_of_many():
    scores = {"bad": [*[1] * 4, *[5] * 4] * 4, "good": [5, 4, 3, 4] * 10}
    many, few = (disliked(study(scores, repeats=n)).frame.set_index("cause") for n in (1, 4))
    wide = [of.loc["bad", "less high"] - of.loc["bad", "less low"] for of in (many, few)]
    assert wide[1] > 1.3 * wide[0]
    none = disliked(study(scores, repeats=16)).frame.set_index("cause").loc["bad"]
    assert np.isnan(none["less"])  # two customers
    assert none["verdict"] == "cannot tell"


def test_requests_to_leave_are_not_asked_about():
    of = study({"bad": [1] * 12, "good": [5] * 12})
    causes = of.ticket_causes.assign(is_exit_request=of.ticket_causes["cause"] == "bad")
    of.put("ticket_causes", causes)
    assert set(answered(of)["cause"]) == {"good"}


def test_twice_the_wait_goes_with_what_was_planted():
    # One point of 1 to 5 (2.5 of 10) lost each time the wait doubles.
    found = by_wait(study({"a": [5, 4, 3] * 10, "b": [4, 3, 2] * 10}, waits=(1.0, 2.0, 4.0)))
    assert found.slope["estimate"] == pytest.approx(-2.5)
    assert found.frame["wait"].tolist() == ["within a day", "1 to 3 days", "3 to 7 days"]
    assert found.frame["answers"].tolist() == [20, 20, 20]
    assert found.said().numbers["size"] == pytest.approx(2.5)


def test_a_slope_is_that_of_least_squares_and_its_error_that_of_many_customers():
    rng = np.random.default_rng(3)
    x, who = pd.Series(rng.normal(size=300)), pd.Series(np.arange(300))
    y = x * 0.5 + rng.normal(size=300)
    fit = sm.OLS(y.to_numpy(), sm.add_constant(x.to_numpy())).fit(cov_type="HC3")
    found = slope(y, x, who)
    assert found["estimate"] == pytest.approx(fit.params[1])
    assert found["high"] - found["low"] == pytest.approx(np.diff(fit.conf_int()[1])[0], rel=0.05)


def false_claims(make, runs: int = 300) -> float:
    """The share of companies without an effect of which a slope is told at 5%."""
    found = [slope(*make(np.random.default_rng(seed)))["p"] for seed in range(runs)]
    told = [p for p in found if not np.isnan(p)]
    assert len(told) > runs / 2
    return float(np.mean([p < 0.05 for p in told]))


def test_a_few_customers_who_answer_often_are_few():
    def five_against_many(rng):
        who = pd.Series([*np.repeat(range(5), 4), *range(100, 200)])
        own = pd.Series(rng.normal(size=200))
        return who.map(own) + rng.normal(size=120), (who < 100).astype(float), who

    assert false_claims(five_against_many) < 0.09


def test_many_causes_of_two_answers_each_make_no_false_claims():
    def within(rng):
        x, y = (pd.Series(rng.normal(size=30)) for _ in range(2))
        return y, x, pd.Series(range(30)), pd.Series(rng.integers(0, 20, 30))

    assert false_claims(within) < 0.09


def test_where_all_say_the_same_or_causes_have_one_answer_it_cannot_be_told():
    assert isinstance(by_wait(study({"a": [5] * 30}, waits=(1.0, 2.0))), CannotTell)
    alone = {name: [1 + i % 5] for i, name in enumerate("abcdefghijklmnop")}
    assert isinstance(by_wait(study(alone, waits=(1.0,))), CannotTell)


def test_an_answer_before_the_solution_tells_nothing_of_the_wait():
    found = by_wait(study({"a": [5, 4, 3] * 10, "b": [4, 3, 2] * 10}, waits=(1.0, 2.0, 300.0)))
    assert "more than 14 days" not in set(found.frame["wait"])


def test_without_surveys_about_tickets_it_cannot_be_told():
    bare = desk([ticket("t", "p", 0)], causes={"t": "a"}, surveys=[survey("s", "p", 3, 9)])
    assert isinstance(disliked(bare), CannotTell)
    assert isinstance(by_wait(bare), CannotTell)
