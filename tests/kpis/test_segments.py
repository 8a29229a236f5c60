"""Who writes more, and about what more: by hand, against statsmodels, and where nothing is so."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import ndtr

from cxresearch import Study
from cxresearch.kpis import segments
from cxresearch.kpis.concentration import tickets_each
from cxresearch.kpis.segments import YEAR, rate_ratio
from cxresearch.kpis.share_ratios import share_ratios
from cxresearch.study.intervals import z
from tests.outcomes.test_leaving import company


def each(tickets, days) -> pd.DataFrame:
    return pd.DataFrame({"tickets": tickets, "days": np.array(days) * YEAR})


def test_a_rate_ratio_by_hand():
    # Two customers write 6 and 4 in a year each; two others 4 and 2 in two years and one.
    rows = each([6, 4, 4, 2], [1, 1, 2, 1])
    found = rate_ratio(rows, pd.Series([True, True, False, False]))
    assert (found["customers"], found["tickets"], found["years"]) == (2, 10, 2)
    assert found["rate"] == pytest.approx(5)
    assert found["ratio"] == pytest.approx(5 / 2)
    # Errors: ((6-5)^2 + (4-5)^2) / 10^2 = 0.02; the others write exactly by their time: 0.
    assert found["high"] == pytest.approx(2.5 * np.exp(z() * np.sqrt(0.02)))


def test_a_rate_ratio_and_its_error_are_those_of_a_robust_poisson_model():
    rng = np.random.default_rng(3)
    days, member = rng.uniform(0.2, 2, 300), rng.random(300) < 0.3
    rows = each(rng.poisson(days * rng.gamma(2, 1, 300) * np.where(member, 2, 1)), days)
    fit = sm.GLM(rows["tickets"], sm.add_constant(member * 1.0), sm.families.Poisson(),
                 offset=np.log(days)).fit(cov_type="HC0")  # fmt: skip
    found = rate_ratio(rows, pd.Series(member))
    assert np.log(found["ratio"]) == pytest.approx(fit.params.iloc[1])
    assert np.log(found["high"] / found["ratio"]) / z() == pytest.approx(fit.bse.iloc[1])
    assert found["p"] == pytest.approx(fit.pvalues.iloc[1], rel=1e-4)


def test_too_few_tickets_have_no_ratio():
    found = rate_ratio(each([1, 1, 30], [1, 1, 1]), pd.Series([True, True, False]))
    assert np.isnan(found["ratio"])
    assert np.isnan(found["p"])


def mentions(own: int, of: int, others: int, rest: int) -> tuple:
    """own of `of` tickets in a group are about something, others of rest outside; one customer a
    ticket."""
    about = [True] * own + [False] * (of - own) + [True] * others + [False] * (rest - others)
    member = [True] * of + [False] * rest
    tickets = pd.DataFrame({"customer_id": range(of + rest)})
    return tickets, pd.Series(member), pd.Series(about)


def share_ratio(tickets: pd.DataFrame, member: pd.Series, about: pd.Series) -> dict:
    return share_ratios(tickets, member, about).loc[True].to_dict()


def test_a_share_ratio_is_the_relative_risk_where_each_wrote_once():
    # 20 of 100 against 30 of 300: ratio 2, error sqrt(1/20 - 1/100 + 1/30 - 1/300) (Katz 1978).
    found = share_ratio(*mentions(20, 100, 30, 300))
    assert found["expected"] == pytest.approx(10)
    assert found["ratio"] == pytest.approx(2)
    error = np.sqrt(1 / 20 - 1 / 100 + 1 / 30 - 1 / 300)
    # Each customer left out in turn, and Student's t, make it a little wider.
    assert found["low"] == pytest.approx(2 * np.exp(-z() * error), rel=0.02)
    assert found["residual"] == pytest.approx(np.log(2) / error, rel=0.02)


def test_customers_who_repeat_are_one_voice_each():
    tickets, member, about = mentions(20, 100, 30, 300)
    alone = share_ratio(tickets, member, about)
    repeated = tickets.assign(customer_id=[0, 1, 2, 3, 4] * 4 + list(range(20, 400)))
    together = share_ratio(repeated, member, about)
    assert together["ratio"] == alone["ratio"]
    assert together["high"] > 1.3 * alone["high"]


def test_the_error_is_what_leaving_out_each_customer_changes():
    tickets, member, about = mentions(20, 100, 30, 300)
    tickets = tickets.assign(customer_id=tickets["customer_id"] // 4)
    found, square = share_ratio(tickets, member, about), 0.0
    for _, rows in tickets.groupby("customer_id"):
        side = member == member[rows.index[0]]
        without = about[side & ~member.index.isin(rows.index)].mean()
        square += (1 - without / about[side].mean()) ** 2
    assert found["residual"] == pytest.approx(np.log(2) / np.sqrt(square))
    assert found["p"] > 2 * ndtr(-found["residual"])  # Student's t


def test_the_order_of_tickets_changes_nothing():
    tickets, member, about = mentions(20, 100, 30, 300)
    order = np.random.default_rng(1).permutation(len(tickets))
    mixed = share_ratio(tickets.iloc[order], member.iloc[order], about.iloc[order])
    assert mixed == pytest.approx(share_ratio(tickets, member, about))


@pytest.fixture(scope="module")
def firm() -> Study:
    return company(31, 1500, incidents=())


def test_planted_plans_write_more_and_no_plan_has_a_cause_of_its_own(firm):
    # The simulated plans write at 0.8, 1 and 1.35 times one rate; causes are the same for all.
    lift = segments.lift(firm).frame.set_index(["column", "group"])
    assert lift.loc[("plan", "business"), "verdict"] == "writes more"
    assert lift.loc[("plan", "starter"), "verdict"] == "writes less"
    others = (0.8 * 0.5 + 1.0 * 0.35) / 0.85
    assert lift.loc[("plan", "business"), "ratio"] == pytest.approx(1.35 / others, rel=0.15)
    beyond = segments.beyond(firm).frame
    assert (~beyond["verdict"].str.startswith("cannot")).sum() <= 1
    assert beyond["q"].dropna().between(0, 1).all()


def test_groups_of_a_column_add_up_to_all(firm):
    lift = segments.lift(firm).frame
    each = tickets_each(firm)
    sums = lift.groupby("column")[["customers", "tickets"]].sum()
    assert (sums["customers"] == len(each)).all()
    assert (sums["tickets"] == each["tickets"].sum()).all()


def test_a_planted_cause_of_one_segment_is_found(firm):
    causes = firm.ticket_causes.copy()
    own = firm.customer_tickets.set_index("ticket_id")["customer_id"]
    segment = causes["ticket_id"].map(own).map(
        firm.customers.set_index("customer_id")["billing_period"])  # fmt: skip
    moved = (segment == "year") & (np.arange(len(causes)) % 6 == 0)
    causes.loc[moved, "cause"] = "refund"
    tables = {n: firm.table(n) for n in ("tickets", "customers", "identities", "customer_history")}
    times = {n: getattr(firm.settings, n)
             for n in ("tickets_from", "customers_from", "observed_until")}  # fmt: skip
    planted = Study.from_tables({**tables, "ticket_causes": causes}, **times)
    beyond = segments.beyond(planted)
    rows = beyond.frame.set_index(["cause", "group"])
    assert rows.loc[("refund", "year"), "verdict"] == "more than others"
    assert "stand out" in beyond.said().text


def test_where_customers_are_not_known_the_export_that_would_tell_is_named():
    row = {"ticket_id": "t", "created_at": pd.Timestamp("2024-01-01", tz="UTC"), "status": "open"}
    forum = Study.from_tables({"tickets": pd.DataFrame([{**row, "requester_id": "p"}])})
    assert "A customers table" in segments.lift(forum).reason
    assert segments.beyond(forum).sentences() == segments.lift(forum).sentences() == ()
