"""What leaving says of companies whose truth is known, and when it says that it cannot tell."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study, impact
from cxresearch.episodes import build_episodes
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.outcomes import leaving, leaving_by_cause, models
from cxresearch.outcomes.leaving_by_cause import cause_rows, enough_expected
from cxresearch.pages import summary
from cxresearch.study.swapped import study_with
from tests.benchmarks.mismeasured import with_wrong_causes

STRATA = models.STRATA
ACTIVITY = ["activity", "usual_activity", "activity_now"]


def company(seed: int, customers: int = 2500, **world) -> Study:
    """A simulated study whose tickets carry their true causes."""
    tables, truth = simulate_world(customers, seed, text=False, **world)
    rows = [
        (ticket, known["causes"][0] if known["causes"] else "none")
        for ticket, known in truth["tickets"].items()
    ]
    causes = pd.DataFrame(rows, columns=["ticket_id", "cause"])
    causes = causes[causes["ticket_id"].isin(tables["tickets"]["ticket_id"])]
    exits = causes["cause"] == "exit_request"
    causes = causes.assign(topic=0, weight=1.0, is_exit_request=exits)
    start = f"{truth['world']['tickets_from']}T00:00:00Z"
    until = f"{truth['world']['observed_until']}T00:00:00Z"
    times = {"tickets_from": start, "customers_from": start, "observed_until": until}
    return Study.from_tables({**tables, "ticket_causes": causes}, **times)


@pytest.fixture(scope="module")
def harmful() -> Study:
    # Without what the model knows not of: clocks that stand still, harm that fades or goes through
    # activity, customers who stop writing.
    plain = {"pending": 0.0, "reopened": 0.0, "fade_share": 0.0, "mediated": 0.0, "silent": 0.0}
    return company(11, customers=5000, **plain)


@pytest.fixture(scope="module")
def harmless() -> Study:
    return company(12, harm=0.0)


def test_harm_is_found_where_it_was_planted(harmful):
    headline = leaving.hazards(harmful).frame.loc["headline"]
    assert headline["low"] > 1
    causes = leaving.by_cause(harmful).frame
    assert causes.loc["sync", "low"] < 3.0 < causes.loc["sync", "high"]
    assert causes.loc["double_charge", "low"] < 3.0 < causes.loc["double_charge", "high"]
    assert causes.loc["login", "low"] < 1.0 < causes.loc["login", "high"]


def test_where_nothing_was_planted_nothing_is_fixed_first(harmless):
    headline = leaving.hazards(harmless).frame.loc["headline"]
    assert headline["low"] < 1 < headline["high"]
    (said,) = summary.decision(harmless, impact.fix_list(harmless))
    assert isinstance(said, CannotTell)
    assert said.reason.startswith("Causes cannot yet be ranked by revenue.")
    assert "none surely goes with more leaving by more than a hidden trouble" in said.reason
    assert "By tickets: " in said.reason


def test_exit_requests_alone_make_a_hazard_ratio():
    asking = company(12, **WORLDS["exit requests"])
    variants = leaving.variants(asking)
    asks = variants.frame["asks"]
    assert asks.index[~asks].tolist() == ["exits", "control"]
    assert [name for name in asks.index if name.startswith("lag ")] == [
        "lag 7", "lag 14", "lag 30", "lag 60", "lag 90"
    ]  # fmt: skip
    now = variants.frame["hazard ratio"]
    assert now["exits"] > 1.3 * now["headline"]


def test_ends_that_no_issue_causes_show_no_difference(harmful):
    control = leaving.variants(harmful).frame.loc["control"]
    assert "a control" in control["variant"]
    assert np.isnan(control["low"]) or control["low"] < 1 < control["high"]


def test_the_rate_for_as_long_as_issues_wait_makes_the_share_that_is_said(harmful):
    shares, rate, agree = leaving.headline(harmful)
    late = leaving.issue_cohort(harmful).query("group == 'still open'")
    waits = late["waits"].clip(upper=365).mean()
    assert (late["waits"] > 0).all()
    longer = 1 + (rate.numbers["hr"] - 1) * waits / 365
    made = 1 - (1 - shares.numbers["first"]) ** longer
    assert agree.numbers["gap"] == pytest.approx(100 * (made - shares.numbers["first"]), rel=0.01)
    assert f"they wait, {waits:.0f} more days on average" in agree.text


def test_without_a_headline_there_is_nothing_to_agree(harmless):
    *_, agree = leaving.headline(harmless)
    assert agree.sentences() == ()


def ratio_of_overdue(left: dict[str, int], others: list[str]) -> dict:
    """The row of overdue against others, of a thousand customers a state of whom so many left."""
    rows = pd.concat(
        pd.DataFrame({"state": state, "stop": [*range(1, n + 1), *[200] * (1000 - n)],
                      "event": [1] * n + [0] * (1000 - n)})
        for state, n in left.items()
    )  # fmt: skip
    rows = rows.assign(start=0.0, customer_id=range(3000), overdue=rows["state"] == "overdue")
    rows = models.modelled(rows.assign(since_writing=60, **dict.fromkeys([*STRATA, *ACTIVITY], 1)))
    return models.ratio_row(rows, replace(models.HEADLINE, beside=tuple(others)), [])


def test_overdue_is_compared_with_customers_whose_issue_is_in_time():
    left = {"overdue": 20, "open in time": 10, "none": 100}
    assert ratio_of_overdue(left, models.BESIDE)["hazard ratio"] == pytest.approx(2, rel=0.02)
    assert ratio_of_overdue(left, [])["hazard ratio"] < 0.5


def test_time_in_a_state_in_which_nobody_left_does_not_join_the_reference():
    left = {"overdue": 20, "open in time": 10, "none": 0}
    assert ratio_of_overdue(left, models.BESIDE)["hazard ratio"] == pytest.approx(2, rel=0.02)


def test_a_reference_in_which_too_few_left_is_named():
    found = ratio_of_overdue({"overdue": 20, "open in time": 9, "none": 100}, models.BESIDE)
    assert np.isnan(found["hazard ratio"])
    assert found["left in the reference"] == 9


def test_causes_dealt_at_random_are_not_put_in_order(harmful):
    assert "None of the" in summary.how_sure(harmful)[3].text
    dealt = with_wrong_causes(harmful, 1.0, seed=1)
    assert "Causes differ no more than causes dealt at random" in summary.how_sure(dealt)[-2].text
    (first,) = summary.decision(dealt, impact.fix_list(dealt))
    assert isinstance(first, CannotTell)


def test_a_cause_named_like_what_was_known_at_the_start_is_no_covariate(harmful):
    causes = harmful.ticket_causes
    named = causes.assign(cause=causes["cause"].replace("login", "crash at startup"))
    rows, _, others, adjusted = cause_rows(study_with(harmful, "ticket_causes", named))
    assert "overdue: crash at startup" in rows
    assert not any("startup" in name for name in [*others, *adjusted])


def test_words_known_at_the_start_are_few_frequent_and_safe():
    words = [f"w{i}" for i in range(60)] + ["<b>big`](x)"] * 60 + ["small"] * 80
    rows = pd.DataFrame({"size at start": words, "mrr at start": [1.0] * 199 + [np.nan]})
    found = models.at_start_columns(rows)
    assert [name for name in found if name.startswith("size")] == ["size at start:  b big (x)"]
    assert found["unknown mrr at start"].sum() == 1


def test_every_customer_is_accounted_for(harmful):
    steps = leaving.population(harmful)["customers"].tolist()
    assert steps[0] + steps[1] == steps[2] == sum(steps[3:8])


def test_customers_on_each_side_of_the_headline_are_counted_last(harmful):
    states = build_episodes(harmful).dropna(subset="state").groupby("customer_id")["state"].agg(set)
    overdue = sum("overdue" in seen for seen in states)
    in_time = sum(bool(seen & {"open in time", "solved in time"}) for seen in states)
    steps = leaving.population(harmful)["customers"]
    assert steps.tolist()[-2:] == [overdue, in_time]
    assert steps.index[-2:].str.startswith("with ").all()
    assert min(overdue, in_time) > 0


def test_a_cause_is_told_by_its_exposure_not_by_how_many_left(harmful):
    causes = leaving.by_cause(harmful).frame
    enough = causes["expected"] >= 3
    assert enough.any()
    assert not enough.all()
    told = enough & (causes["left while exposed"] > 0)
    assert causes.loc[told, "hazard ratio"].notna().all()
    assert causes.loc[~told, "hazard ratio"].isna().all()
    assert causes.loc[~told, "verdict"].eq("cannot tell: overdue too little").all()
    assert (causes.loc[told, "left while exposed"] < 10).any()


def test_departures_are_expected_at_everybodys_rate():
    rows = pd.DataFrame({"stop": [100.0, 100, 600, *[200] * 9], "event": [1, 0, 0, *[1] * 9]})
    hit = pd.Series([0, 0, 0, *[1] * 9])
    rows = rows.assign(start=0.0, short=[1, *[0] * 11], long=[0, 0, 1, *[0] * 9], hit=hit)
    # ten left in 2,600 days: short expects .4, hit 6.9, and of long (2.3) nobody left
    assert enough_expected(rows, ["short", "long", "hit"]) == ["hit"]


def test_of_two_causes_that_are_always_overdue_together_neither_is_told(harmful):
    rows, told, *_ = cause_rows(harmful)
    before = enough_expected(rows, sorted(told & set(rows)))
    twin = rows.assign(**{"overdue: twin": rows[before[0]]})
    assert enough_expected(twin, [*sorted(told & set(rows)), "overdue: twin"]) == before[1:]


def test_a_cause_that_parts_leavers_from_stayers_takes_no_other_with_it(harmful):
    rows, told, others, _ = cause_rows(harmful)
    tested = enough_expected(rows, sorted(told & set(rows)))
    nobody = rows["overdue"].gt(0) & rows["event"].eq(0) & rows["customer_id"].lt("C10500")
    rows = rows.assign(**{"overdue: harmless": nobody.astype(int)})
    overdue = [*sorted(told & set(rows)), "overdue: harmless"]
    tested_too = [*tested, "overdue: harmless"]
    found = leaving_by_cause._raw(rows, tested_too, overdue, others, pd.Series())
    assert "harmless" not in set(found["cause"])
    assert len(found) == len(tested)


def test_unlinked_tickets_stamp_every_answer_as_cannot_tell(harmful):
    tables = {n: harmful.table(n) for n in ("customers", "tickets", "ticket_causes")}
    people = harmful.identities.iloc[::4]
    settings = {"observed_until": harmful.settings.observed_until}
    unlinked = Study.from_tables({**tables, "identities": people}, **settings)
    for ask in (leaving.hazards, leaving.by_cause, leaving.curves, leaving.variants, leaving.power):
        assert isinstance(ask(unlinked), CannotTell)
    assert isinstance(leaving.hazards(unlinked).said("headline"), CannotTell)
    assert "cannot tell" in summary.cannot_tell(unlinked).text


def test_curves_compare_customers_as_they_were_on_the_landmark(harmful):
    curves = leaving.curves(harmful).frame
    assert set(curves["group"]) == {"solved in time", "still open"}
    shares = curves.groupby("group")["share"]
    assert shares.apply(lambda s: s.is_monotonic_increasing).all()


def test_who_has_one_issue_overdue_is_exposed(harmful):
    rows = models.modelled(build_episodes(harmful, by="cause"))
    seen = leaving.power(harmful).set_index("group").loc["any overdue issue"]
    assert seen["customers exposed"] == rows.loc[rows["overdue"] > 0, "customer_id"].nunique()
