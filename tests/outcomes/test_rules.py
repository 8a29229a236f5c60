"""What speaks against the headline, and what it then withholds."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, impact
from cxresearch.lab.second_world import SETTINGS, second_world
from cxresearch.outcomes import leaving, returning, rules
from cxresearch.outcomes.hidden import survives, yardstick
from cxresearch.pages import summary
from cxresearch.study.study import Study
from cxresearch.study.swapped import study_with

TIDY = "issues are closed just before customers leave"


def company(kind: str, seed: int = 1, n: int = 1500, **changes) -> Study:
    return Study.from_tables(second_world(n, seed, kind, **changes)[0], **SETTINGS)


@pytest.fixture(scope="module")
def tidied() -> Study:
    return company("tidying up")


@pytest.fixture(scope="module")
def fair() -> Study:
    return company("base", n=2500)


def test_tidying_up_withholds_headline_savings_and_ranking(tidied):
    assert rules.rules(tidied).frame.loc[TIDY, "speaks"]
    headline = leaving.hazards(tidied).said("headline")
    for withheld in (
        headline,
        impact.total_kept(tidied),
        impact.total_saved(tidied),
        impact.fix_list(tidied).said(),
        summary.how_sure(tidied)[0],
    ):
        assert isinstance(withheld, CannotTell)
        assert TIDY in withheld.reason
        assert "When issues were really solved would tell" in withheld.reason


def test_what_is_withheld_is_said_once(tidied):
    assert leaving.hazards(tidied).sentences() == (leaving.hazards(tidied).said("headline"),)
    assert "Issues are closed just before" in rules.rules(tidied).said().text


def test_where_the_headline_is_withheld_no_share_stands_in_for_it(tidied):
    assert leaving.headline(tidied) == (leaving.hazards(tidied).said(),)


def test_where_nothing_speaks_the_page_says_so(fair):
    found = rules.rules(fair)
    assert not found.frame["speaks"].any()
    assert found.said().text.startswith("None of the")
    assert rules.stopped(fair) is None
    assert set(found.table()["speaks"]) == {"no"}


def test_a_control_that_could_not_have_warned_is_said_to_be_none():
    found = rules.rules(company("base", n=600, involuntary_rate=0.005)).frame
    control = found.loc["customers who wait also end against their will"]
    assert "could not have warned" in control["found"]
    assert not control["speaks"]


def test_a_cause_declared_harmless_that_goes_with_leaving_stops_the_headline(fair, monkeypatch):
    name = "causes that were declared harmless go with leaving"
    assert name not in rules.rules.__wrapped__(fair).frame.index
    monkeypatch.setattr(rules, "harmless", lambda _: ["Calendar does not sync"])
    wrong = rules.rules.__wrapped__(fair)
    assert wrong.frame.loc[name, "speaks"]
    assert "Calendar does not sync" in wrong.stopped("headline").reason
    monkeypatch.setattr(rules, "harmless", lambda _: ["Cannot sign in"])
    assert not rules.rules.__wrapped__(fair).frame.loc[name, "speaks"]


def test_a_hostile_name_stays_a_name(fair, monkeypatch):
    causes = fair.ticket_causes
    bad = "<b>Ev*il_ | [x](http://e)"
    named = causes.assign(cause=causes["cause"].replace("Calendar does not sync", bad))
    study = study_with(fair, "ticket_causes", named)
    monkeypatch.setattr(rules, "harmless", lambda _: [bad])
    said = rules.rules.__wrapped__(study)
    for text in (said.said().text, said.stopped("headline").reason):
        assert "Ev" in text
        assert "<b>" not in text
        assert "[x](" not in text


def test_a_rule_on_the_ranking_leaves_the_headline():
    row = {"found": "x", "limit": "y", "speaks": True, "tells": "More would.", "able": True}
    one = rules.Rules(pd.DataFrame([{**row, "stops": "ranking"}], index=["causes are alike"]))
    assert one.stopped("headline") is None
    assert "causes are alike" in one.stopped("ranking").reason
    says_only = rules.Rules(pd.DataFrame([{**row, "stops": "nothing"}], index=["early"]))
    assert says_only.stopped("ranking") is None
    assert says_only.said().text.startswith("None of the 0 rules")


def test_the_bound_is_that_of_ding_and_vanderweele(fair):
    measure = yardstick(fair)
    rows = measure.frame
    a, b = rows.loc["the strongest of each", ["leaving", "waiting"]]
    assert a == rows["leaving"].max()
    assert measure.bound == pytest.approx(a * b / (a + b - 1))
    headline = leaving.hazards(fair).frame.loc["headline"]
    assert rows["ratio"].iloc[-1] == pytest.approx(headline["hazard ratio"] / measure.bound)
    assert f"{rows['low'].iloc[-1]:.2f}" in measure.said().text


def test_activity_is_found_to_go_with_leaving_as_strongly_as_planted(fair):
    """A standard deviation of .36 of the log hazard, in halves: e to the 2 * .8 * .36, 1.78."""
    assert yardstick(fair).frame.loc["activity", "leaving"] == pytest.approx(1.78, rel=0.2)


def test_a_ratio_survives_what_its_holm_corrected_interval_stays_above():
    """Errors of .1 of the log: 1.6 is 1.96 errors above 1.3 (p .038), and Holm doubles that."""
    log = np.log([1.6, 2.5])
    frame = pd.DataFrame({"hazard ratio": np.exp(log), "low": np.exp(log - 0.196),
                          "high": np.exp(log + 0.196)}, index=["one", "two"])  # fmt: skip
    assert survives(frame, 1.0).tolist() == [True, True]
    assert survives(frame.loc[["one"]], 1.3).tolist() == [True]
    assert survives(frame.assign(**{"hazard ratio": [1.6, 1.0]}), 1.3).tolist() == [False, False]
    assert not survives(frame.assign(low=np.nan), 1.0).any()


def test_what_needs_leavers_is_refused_where_nobody_can_leave():
    for ask in (returning.rules, returning.reconciled, returning.yardstick, returning.proposed):
        assert "who leaves is not in this data" in ask(None).reason
        assert ask(None).sentences() == ()  # no page mentions it
