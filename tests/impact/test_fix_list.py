"""The fix list on a simulated company, and the rankings of other tools by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import CannotTell, Study, impact
from cxresearch.impact import LEVERS, priorities
from cxresearch.impact import model as cause_models
from cxresearch.impact.fixes import FixList
from cxresearch.impact.levers import seen
from cxresearch.lab import against_truth as trial
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.outcomes import leaving
from tests.benchmarks.courses import courses

SOONER, PREVENT = LEVERS
ZERO = pd.Timestamp("2024-01-01", tz="UTC")


@pytest.fixture(scope="module")
def company() -> Study:
    return trial.planted_study(*simulate_world(1500, 2, text=False, **WORLDS["plain"]))


@pytest.fixture(scope="module")
def model(company) -> impact.CauseModel:
    return impact.cause_model(company)


@pytest.fixture(scope="module")
def whole(company, model) -> FixList:
    return impact.fix_list(company, model, effort={"sync": 4.0}, minutes_a_reply=6, draws=1000)


@pytest.fixture(scope="module")
def fixes(whole) -> pd.DataFrame:
    return whole.frame


def test_what_was_there_of_each_cause_tells_the_state(model):
    of, rows = seen(model.rows), model.rows
    assert (rows["none"].to_numpy() == ~of.there.any(axis=1)).all()
    late = of.late.any(axis=1) & ~of.overdue.any(axis=1)
    assert (rows["solved late"].to_numpy() == late).all()
    assert ((rows["overdue"] > 0).to_numpy() == of.overdue.any(axis=1)).all()
    assert late.any()


def test_each_cause_has_a_row_by_lever_in_the_order_of_revenue(fixes, model):
    for lever in LEVERS:
        of = fixes.loc[lever]
        assert sorted(of.index) == list(model.told)
        assert of["revenue"].is_monotonic_decreasing
        assert of["rank"].tolist() == list(range(1, len(of) + 1))
        assert of["band"].is_monotonic_increasing
        assert (of["rank low"] <= of["rank high"]).all()
        assert of["top 3"].sum() == pytest.approx(3)
    assert fixes["by"].eq("revenue").all()


def test_only_prevention_saves_tickets_and_hours(fixes):
    assert (fixes.loc[SOONER, ["tickets saved", "hours saved"]] == 0).all(axis=None)
    prevented = fixes.loc[PREVENT]
    assert prevented["tickets saved"].sum() > 0
    assert (prevented["tickets saved"] <= prevented["tickets"]).all()
    assert (prevented["hours saved"] == prevented["replies saved"] / 10).all()


def test_saved_per_effort_where_effort_is_known(fixes):
    row = fixes.loc[(SOONER, "sync")]
    assert row["saved per effort"] == pytest.approx(row["revenue"] / 4)
    assert fixes["saved per effort"].notna().sum() == 2


def test_rows_say_what_the_functions_of_one_number_say(fixes, model, company):
    own = fixes.loc[(PREVENT, "sync")]
    people = impact.customers_kept(model, [PREVENT], ["sync"]).frame.loc[(PREVENT, "sync", 365)]
    money = impact.revenue_saved(model, impact.mrr_now(company), [PREVENT], ["sync"]).frame
    for name, row, of in (
        ("customers kept", people, "kept"),
        ("revenue", money.loc[(PREVENT, "sync")], "saved"),
    ):
        said = own[[name, f"{name} low", f"{name} high"]].tolist()
        assert said == pytest.approx(row[[of, "low", "high"]].tolist())


def test_the_draws_are_those_that_the_chances_come_from(whole, fixes):
    drawn = impact.draws(whole, SOONER).frame
    assert drawn.shape == (1000, len(fixes.loc[SOONER]))
    ranks = drawn.rank(axis=1, ascending=False)
    chance = (ranks <= 3).mean()
    assert chance[fixes.loc[SOONER].index].tolist() == fixes.loc[SOONER, "top 3"].tolist()


def test_a_lever_moves_what_is_overdue_into_time_and_lowers_the_hazard(model):
    moved = impact.pulled(model, SOONER)
    assert (moved["none"] == 0).all()
    assert (impact.pulled(model, PREVENT)["none"] == 1).all()
    waits = moved[moved["overdue"] == -1]
    ratios = np.exp(-model.fit.params[model.fit.params.index.str.startswith("overdue: ")])
    assert len(waits) > 9
    assert waits["hazard times"].between(ratios.min(), ratios.max()).all()
    excess = impact.excess(model).frame.loc[(SOONER, impact.ALL)]
    saved = (1 - moved["hazard times"]).sum()
    assert excess["excess fraction"] == pytest.approx(saved / excess["departures"])


def test_the_model_says_what_it_rests_on(model):
    said = model.said()
    assert "customers of the same quarter, billing period and plan" in said.text
    assert said.numbers["left"] == model.rows["event"].sum()
    life = model.table()
    assert life.iloc[-1][["event", "overdue"]].tolist() == [1, 1]


def test_without_mrr_customers_rank(company, model):
    history = company.customer_history
    tables = {name: company.table(name) for name in company.rows}
    poor = Study(company.settings, None, tables | {
        "customer_history": history[history["field"] != "mrr"]
    })  # fmt: skip
    found = impact.fix_list(poor, model, draws=100).frame
    assert found["revenue"].isna().all()
    assert found["by"].eq("customers kept").all()
    assert found.loc[SOONER, "customers kept"].is_monotonic_decreasing
    assert isinstance(impact.revenue_saved(model, impact.mrr_now(poor)), CannotTell)


def test_today_s_overdue_issues_put_more_at_risk_the_longer_they_stay(company, model):
    found = impact.revenue_at_risk(model, impact.mrr_now(company)).frame
    assert found.index.tolist() == [30, 90]
    assert found["saved"].is_monotonic_increasing
    assert found["customers"].nunique() == 1
    assert (found["low"] < found["saved"]).all()


def test_with_too_few_departures_nothing_is_ranked():
    small = trial.planted_study(*simulate_world(60, 3, text=False, **WORLDS["plain"]))
    found = impact.fix_list(small)
    assert isinstance(found, CannotTell)
    assert isinstance(impact.customers_kept(found), CannotTell)


def test_those_who_never_leave_meet_the_hazard_that_the_others_left_by(company, model):
    """Departures less the hazard met until then are a martingale: about 0, with the variance of the
    number of departures."""
    met = courses(1500, 2, **WORLDS["plain"])
    place = pd.Index(met.customer_id).get_indexer(model.rows["customer_id"])
    days = met.natural.shape[1]

    def until(column: str):
        at = (model.rows[column] + days - 1).clip(lower=0).round().astype(int)
        return met.natural[place, at]

    due, left = (until("ends") - until("begins")).sum(), model.rows["event"].sum()
    assert abs(left - due) < 3 * due**0.5


def test_a_lever_lowers_hazard_by_no_more_than_all_of_them():
    met = courses(200, 4, **WORLDS["plain"])
    assert (met.lever["login"] == met.natural).all()  # its ratio is 1
    assert (met.lever["sync"] <= met.natural + 1e-12).all()
    assert (met.lever["all"] <= met.lever["sync"] + 1e-12).all()
    assert met.lever["sync"][:, -1].sum() < met.natural[:, -1].sum()


def test_no_lever_reaches_issues_from_before_the_export():
    met = courses(200, 4, **WORLDS["plain"])
    harmless = courses(200, 4, **WORLDS["plain"] | {"harm": 0.0}).natural
    still = np.diff(met.lever["all"] - harmless, axis=1).sum(axis=0)  # harm by day
    assert (still > -1e-12).all()
    assert still[:30].sum() > 2 * still[-30:].sum() > 0  # some are never solved


def study_of(rows, surveys) -> Study:
    """From (customer, cause, days to the solution), and (ticket or customer, kind, score)."""
    tickets = pd.DataFrame(rows, columns=["requester_id", "cause", "days"])
    tickets = tickets.assign(ticket_id=tickets.index.astype(str), created_at=ZERO, status="solved")
    solved = ZERO + pd.to_timedelta(tickets["days"], unit="D")
    causes = tickets[["ticket_id", "cause"]].assign(topic=0, weight=1.0, is_exit_request=False)
    asked = pd.DataFrame(surveys, columns=["of", "kind", "score_raw"])
    csat = asked["kind"] == "csat"
    asked = asked.assign(
        survey_id=asked.index.astype(str), ticket_id=asked["of"].where(csat),
        customer_id=asked["of"].where(~csat), offered_at=ZERO, responded_at=ZERO,
        scale_min=csat.astype(int), scale_max=csat.map({True: 5, False: 10}),
    )  # fmt: skip
    who = sorted(set(tickets["requester_id"]))
    until = "2025-01-01T00:00:00Z"
    tables = {
        "tickets": tickets.drop(columns=["cause", "days"]).assign(first_solved_at=solved),
        "ticket_causes": causes,
        "surveys": asked.drop(columns="of"),
        "customers": pd.DataFrame(
            {"customer_id": who, "started_at": ZERO, "observed_until": pd.Timestamp(until)}
        ),
    }
    return Study.from_tables(tables, tickets_from=ZERO.isoformat(), observed_until=until)


@pytest.fixture(scope="module")
def surveyed() -> Study:
    # Five customers write of mail, five of pay, twice each; solved after 1 and 3 days.
    rows = [(f"m{i}", "mail", 1) for i in range(5)]
    rows += [(f"p{i}", "pay", 3) for i in range(5) for _ in range(2)]
    rows += [("x", "rare", 9)]
    scores = [(str(i), "csat", 2) for i in range(5)] + [(str(i), "csat", 5) for i in range(5, 10)]
    scores += [(f"m{i}", "nps", 10) for i in range(5)] + [(f"p{i}", "nps", 0) for i in range(5)]
    return study_of(rows, scores)


def test_other_rankings_by_hand(surveyed):
    found = impact.baselines(surveyed).set_index(["ranking", "cause"])["value"]
    assert found["most frequent"].to_dict() == {"pay": 10, "mail": 5, "rare": 1}
    assert found["slowest"].to_dict() == {"rare": 9, "pay": 3, "mail": 1}
    assert found["lowest CSAT"].dropna().to_dict() == {"mail": 1 / 4, "pay": 1}
    # +100 five times and -100 five times is 0; without mail -100, without pay +100
    assert found["leave-one-out NPS"].dropna().to_dict() == {"pay": 100, "mail": -100}


def test_the_worst_comes_first_in_each_ranking(surveyed):
    found = impact.baselines(surveyed)
    first = found[found["rank"] == 1].set_index("ranking")["cause"]
    assert first.to_dict() == {
        "most frequent": "pay", "slowest": "rare", "lowest CSAT": "mail",
        "leave-one-out NPS": "pay",
    }  # fmt: skip


def ranked(ranks: dict[str, int]) -> FixList:
    rows = pd.DataFrame({"lever": SOONER, "cause": list(ranks), "rank": list(ranks.values())})
    return FixList(rows.set_index(["lever", "cause"]), "EUR", {})


OURS = ranked({"a": 1, "b": 2, "c": 3, "d": 4})
TURNED = pd.DataFrame({"ranking": "t", "cause": list("abcd"), "rank": [4, 3, 2, 1]})


def test_rankings_differ_by_kendalls_tau():
    row = impact.other_rankings(OURS, TURNED).frame.loc[(SOONER, "t")]
    assert row[["causes", "tau", "shared", "first", "rank of first"]].tolist() == [4, -1, 2, "d", 4]
    swapped = TURNED.assign(rank=[2, 1, 3, 4])  # one pair of six in the other order
    near = impact.other_rankings(OURS, swapped).frame.loc[(SOONER, "t"), "tau"]
    assert near == pytest.approx(4 / 6)


def test_what_another_ranking_puts_first_is_said_with_its_place_here():
    others = impact.other_rankings(OURS, TURNED)
    assert others.said().text == (
        "1 of 1 other rankings put another cause first. Farthest off is t: its first, d, is number "
        "4 here."
    )
    assert others.table().to_dict("list") == {
        "cause": list("abcd"), SOONER: [1, 2, 3, 4], "t": [4, 3, 2, 1],
    }  # fmt: skip


def test_one_cause_alone_has_no_order():
    alone = impact.other_rankings(ranked({"a": 1}), TURNED.head(1))
    assert "one cause only" in alone.said().reason


def test_where_no_ticket_tells_a_cause_others_rank_nothing():
    study = study_of([("a", "mail", 1)], [])
    study.put("ticket_causes", study.ticket_causes.assign(topic=pd.array([-1], dtype="Int64")))
    assert isinstance(impact.baselines(study), CannotTell)


@settings(max_examples=20, deadline=None)
@given(st.permutations(list("abcde")))
def test_a_ranking_like_ours_does_not_differ(order):
    rank = {cause: place for place, cause in enumerate(order, 1)}
    theirs = pd.DataFrame({"cause": list(rank), "rank": list(rank.values()), "ranking": "t"})
    row = impact.other_rankings(ranked(rank), theirs).frame.loc[(SOONER, "t")]
    assert row[["tau", "shared", "rank of first"]].tolist() == pytest.approx([1, 3, 1])


def rows_of_two(a: int, b: int, brief: str = "") -> tuple:
    """What cause_rows would give: so many leave within days while a, and while b is overdue, and 20
    while nothing is; as many stay. Causes in brief are overdue for a fifth of the time."""
    groups = [("a", a), ("b", b), ("", 20)]
    rows = pd.DataFrame(
        [
            {"overdue: a": int(name == "a"), "overdue: b": int(name == "b"), "event": event,
             "start": 0.8 * (5.0 + k % 7) if name and name in brief else 0.0, "stop": 5.0 + k % 7}
            for name, n in groups for event in (0, 1) for k in range(n)
        ]
    )  # fmt: skip
    rows = rows.assign(
        customer_id=[f"c{k}" for k in range(len(rows))], quarter="q", plan="p",
        billing_period="month",
    )  # fmt: skip
    return rows, {"overdue: a", "overdue: b"}, [], []


class Bare:
    outcome, observed_until, path, cut = "churn", ZERO, None, ""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.customers = rows[["customer_id"]].assign(started_at=ZERO)


def test_two_causes_with_too_few_departures_each_are_no_model(monkeypatch):
    found = rows_of_two(6, 7, brief="ab")
    monkeypatch.setattr(leaving, "cause_rows", lambda _: found)
    said = cause_models.unchecked_model.__wrapped__(Bare(found[0]))
    assert isinstance(said, CannotTell)
    assert "no cause was overdue so long" in said.reason


def test_a_rare_cause_is_not_what_the_other_is_compared_with(monkeypatch):
    monkeypatch.setattr(cause_models, "topic_doubt", lambda _: pd.Series())
    found = rows_of_two(6, 15, brief="a")
    monkeypatch.setattr(leaving, "cause_rows", lambda _: found)
    model = cause_models.unchecked_model.__wrapped__(Bare(found[0]))
    assert (model.told, model.rare) == (("b",), ("a",))
    assert list(model.fit.params.index) == ["overdue: b", "rare"]
    assert (model.rows["rare"] == model.rows["overdue: a"]).all()


def test_effort_that_people_wrote_down_for_some_causes_counts(monkeypatch):
    known = pd.DataFrame({"cause": ["a", "b"], "effort": [4.0, None]})
    monkeypatch.setattr(priorities, "cause_table", lambda _: known)
    assert priorities._effort(None, None).to_dict()["a"] == 4
    assert priorities._effort(None, {"a": 1.0}) == {"a": 1.0}
    monkeypatch.setattr(priorities, "cause_table", lambda _: known.assign(effort=float("nan")))
    assert priorities._effort(None, None) is None
