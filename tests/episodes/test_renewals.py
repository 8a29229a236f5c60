"""Yearly contracts: whose decision has a day, who is at risk when, and the ratio from renewals."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell
from cxresearch.episodes import (
    build_episodes,
    contract_terms,
    customer_lives,
    decided,
    renewal_hazard,
    with_customer_columns,
)
from cxresearch.episodes.lives import known_since
from cxresearch.study.schema import InputError
from tests.episodes.small import DAY, ZERO, study_of

TICKETS = pd.DataFrame(
    {"ticket_id": [1], "customer_id": ["a"], "opened": [400.0], "solved": [480.0]}
)


def yearly(**changes):
    """Customers on yearly contracts from day 10: a leaves after two terms, b stays."""
    frame = pd.DataFrame({"customer_id": ["a", "b"], "start": 10.0, "end": [10.0 + 731, np.nan]})
    until = (ZERO + 800 * DAY).isoformat()
    customers = frame.assign(period="year", **changes)
    study = study_of(customers, TICKETS, observed_until=until)
    study.put("customers", study.customers.assign(observed_until=ZERO + 800 * DAY))
    return study


def test_without_notice_a_yearly_contract_is_censored_when_its_last_term_began():
    lives = decided(customer_lives(yearly())).set_index("customer_id")
    assert pd.isna(lives.loc["a", "end"])
    assert (lives.loc["a", "leaves_at"] - ZERO) / DAY == 376  # 2025-01-11, a year before the end
    assert build_episodes(yearly())["event"].sum() == 0


def test_with_notice_the_decision_has_its_day():
    episodes = build_episodes(yearly(notice=[500.0, np.nan]))
    assert episodes.loc[episodes["event"] == 1, "stop"].tolist() == [490]


def test_a_monthly_contract_without_notice_ends_when_it_ends():
    study = yearly()
    study.put("customers", study.customers.assign(billing_period="month"))
    assert build_episodes(study)["event"].sum() == 1


def test_a_row_a_term_with_the_share_of_it_that_was_overdue():
    terms = contract_terms(yearly()).set_index(["customer_id", "term"])
    assert terms["event"].to_dict() == {("a", 1): 0, ("a", 2): 1, ("b", 1): 0, ("b", 2): 0}
    # Overdue from day 407 to 480, in the term from 376 to 741.
    assert terms.loc[("a", 2), "overdue"] == pytest.approx(73 / 365)
    assert terms.loc[("a", 1), "overdue"] == 0


def test_terms_from_before_every_ticket_is_known_are_left_out():
    study = yearly()
    customers = study.customers.assign(started_at=ZERO - 100 * DAY)
    customers.loc[0, "ended_at"] = ZERO + 631 * DAY
    study.put("customers", customers)
    terms = contract_terms(study)
    assert (terms["began_at"] >= known_since(study)).all()
    assert set(terms["term"]) == {2}


def test_too_few_renewals_cannot_tell():
    said = renewal_hazard(yearly())
    assert isinstance(said, CannotTell)
    assert "4 yearly terms" in said.reason


def test_a_snapshot_is_refused_by_name_and_a_known_column_is_not():
    study = yearly()
    episodes = build_episodes(study)
    with pytest.raises(InputError, match="'currency' is a snapshot"):
        with_customer_columns(episodes, study, ["currency"])
    known = with_customer_columns(episodes, study, ["billing_period"])
    assert set(known["billing_period"]) == {"year"}


def grouped(seed: int, ratio: float, n: int = 6000) -> pd.DataFrame:
    """Terms in which the decision falls on any day, at a ratio while overdue."""
    rng = np.random.default_rng(seed)
    share = np.where(rng.random(n) < 0.4, rng.random(n), 0.0)
    activity, plan = rng.normal(size=n), rng.choice(["small", "large"], n)
    hazard = 0.15 * np.exp(-0.5 * activity + 0.4 * (plan == "small"))
    left = rng.random(n) < -np.expm1(-hazard * (1 + share * (ratio - 1)))
    return pd.DataFrame(
        {"event": left.astype(int), "overdue": share, "plan": plan, "log_activity": activity}
    )


@pytest.mark.parametrize("ratio", [1.0, 3.0])
def test_the_ratio_from_renewals_is_unbiased_and_its_interval_holds(ratio):
    from cxresearch.episodes.renewals import _profile

    found = np.array([_profile(grouped(seed, ratio))[:3] for seed in range(40)])
    error = found[:, 0] - np.log(ratio)
    assert abs(error.mean()) < 3 * error.std() / np.sqrt(40)
    held = ((found[:, 1] < np.log(ratio)) & (np.log(ratio) < found[:, 2])).sum()
    assert held >= 34  # of 40; fewer has a chance below 1% at 95%
