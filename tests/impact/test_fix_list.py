"""The fix list on a simulated company, and the rankings of other tools by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import CannotTell, Study, impact
from cxresearch.impact import LEVERS
from cxresearch.impact.levers import seen
from cxresearch.lab import against_truth as trial
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.lab.simulate.interventions import courses

SOONER, PREVENT = LEVERS
ZERO = pd.Timestamp("2024-01-01", tz="UTC")


@pytest.fixture(scope="module")
def company() -> Study:
    return trial.planted_study(*simulate_world(1500, 2, text=False, **WORLDS["plain"]))


@pytest.fixture(scope="module")
def model(company) -> impact.CauseModel:
    return impact.cause_model(company)


@pytest.fixture(scope="module")
def fixes(company, model) -> pd.DataFrame:
    return impact.fix_list(company, model, effort={"sync": 4.0}, minutes_a_reply=6, draws=1000)


def test_what_was_there_of_each_cause_tells_the_state(model):
    of, rows = seen(model.rows), model.rows
    assert (rows["none"].to_numpy() == ~of.there.any(axis=1)).all()
    late = of.late.any(axis=1) & ~of.overdue.any(axis=1)
    assert (rows["solved late"].to_numpy() == late).all()
    assert ((rows["overdue"] > 0).to_numpy() == of.overdue.any(axis=1)).all()
    assert late.any()


def test_each_cause_has_a_row_by_lever_in_the_order_of_revenue(fixes, model):
    for _, of in fixes.groupby("lever"):
        assert sorted(of["cause"]) == list(model.told)
        assert of["revenue"].is_monotonic_decreasing
        assert of["rank"].tolist() == list(range(1, len(of) + 1))
        assert of["band"].is_monotonic_increasing
        assert (of["rank low"] <= of["rank high"]).all()
        assert of["top 3"].sum() == pytest.approx(3)
    assert fixes["by"].eq("revenue").all()


def test_only_prevention_saves_tickets_and_hours(fixes):
    by = fixes.set_index(["lever", "cause"])
    assert (by.loc[SOONER, ["tickets saved", "hours saved"]] == 0).all(axis=None)
    prevented = by.loc[PREVENT]
    assert (prevented["tickets saved"] <= prevented["tickets"]).all()
    assert (prevented["hours saved"] == prevented["replies saved"] / 10).all()


def test_saved_per_effort_where_effort_is_known(fixes):
    row = fixes[(fixes["cause"] == "sync") & (fixes["lever"] == SOONER)].iloc[0]
    assert row["saved per effort"] == pytest.approx(row["revenue"] / 4)
    assert fixes["saved per effort"].notna().sum() == 2


def test_rows_say_what_the_functions_of_one_number_say(fixes, model, company):
    own = fixes[(fixes["cause"] == "sync") & (fixes["lever"] == PREVENT)].iloc[0]
    people = impact.customers_kept(model, PREVENT, causes=["sync"]).query("cause == 'sync'")
    money = impact.revenue_saved(model, impact.mrr_now(company), PREVENT, causes=["sync"])
    for name, row, of in (
        ("customers kept", people[people["day"] == 365], "kept"),
        ("revenue", money[money["cause"] == "sync"], "saved"),
    ):
        said = own[[name, f"{name} low", f"{name} high"]].tolist()
        assert said == pytest.approx(row[[of, "low", "high"]].iloc[0].tolist())


def test_without_mrr_customers_rank(company, model):
    history = company.customer_history
    tables = {name: company.table(name) for name in company._tables}
    poor = Study(company.settings, None, tables | {
        "customer_history": history[history["field"] != "mrr"]
    })  # fmt: skip
    found = impact.fix_list(poor, model, draws=100)
    assert found["revenue"].isna().all()
    assert found["by"].eq("customers kept").all()
    assert found[found["lever"] == SOONER]["customers kept"].is_monotonic_decreasing
    assert isinstance(impact.revenue_saved(model, impact.mrr_now(poor)), CannotTell)


def test_today_s_overdue_issues_put_more_at_risk_the_longer_they_stay(company, model):
    found = impact.revenue_at_risk(model, impact.mrr_now(company))
    assert found["days"].tolist() == [30, 90]
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


def test_rankings_differ_by_kendalls_tau():
    ours = pd.DataFrame({"lever": "prevent", "cause": list("abcd"), "rank": [1, 2, 3, 4]})
    turned = pd.DataFrame({"ranking": "t", "cause": list("abcd"), "rank": [4, 3, 2, 1]})
    row = impact.differences(ours, turned).iloc[0]
    assert row.tolist() == ["prevent", "t", 4, -1, 2, "d", 4]
    swapped = turned.assign(rank=[2, 1, 3, 4])  # one pair of six in the other order
    assert impact.differences(ours, swapped).iloc[0]["tau"] == pytest.approx(4 / 6)


@settings(max_examples=20, deadline=None)
@given(st.permutations(list("abcde")))
def test_a_ranking_like_ours_does_not_differ(order):
    rank = {cause: place for place, cause in enumerate(order, 1)}
    ours = pd.DataFrame({"lever": "prevent", "cause": list(rank), "rank": list(rank.values())})
    row = impact.differences(ours, ours.drop(columns="lever").assign(ranking="t")).iloc[0]
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
    outcome, observed_until = "churn", ZERO

    def __init__(self, rows: pd.DataFrame) -> None:
        self.customers = rows[["customer_id"]].assign(started_at=ZERO)


def test_two_causes_with_too_few_departures_each_are_no_model(monkeypatch):
    found = rows_of_two(6, 7, brief="ab")
    monkeypatch.setattr(impact.model, "cause_rows", lambda _: found)
    said = impact.cause_model(Bare(found[0]))
    assert isinstance(said, CannotTell)
    assert "no cause was overdue so long" in said.reason


def test_a_rare_cause_is_not_what_the_other_is_compared_with(monkeypatch):
    found = rows_of_two(6, 15, brief="a")
    monkeypatch.setattr(impact.model, "cause_rows", lambda _: found)
    model = impact.cause_model(Bare(found[0]))
    assert (model.told, model.rare) == (("b",), ("a",))
    assert list(model.fit.params.index) == ["overdue: b", "rare"]
    assert (model.rows["rare"] == model.rows["overdue: a"]).all()
