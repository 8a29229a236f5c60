"""Tickets a customer and month: on paper, against statsmodels."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.discrete_model import NegativeBinomial

from cxresearch.kpis.contact_rate import MONTH, contact_rate, exposures, rate
from tests.kpis.desk import START, customer, desk, ticket, whole

SINCE = START.isoformat()


def people(count=4, **more):
    """Customers p0, p1 ... watched for six months, those with an odd number in segment b."""
    return [
        customer(f"p{i}", segment="ab"[i % 2], observed_until=None, **more) for i in range(count)
    ]


def study(tickets, customers, until=6 * MONTH, **more):
    rows = [{**c, "observed_until": START + pd.Timedelta(days=400)} for c in customers]
    return desk(tickets, customers=rows, until=until, tickets_from=SINCE, **more)


def test_a_silent_customer_and_one_who_left_count_for_their_time():
    # Three for six months and one who left after three: 21 months, 4 tickets; one came too late.
    customers = [*people(3), customer("p3", ended=3 * MONTH)]
    rows = [ticket(str(i), who, at) for i, (who, at) in
            enumerate([("p0", 1), ("p0", 40), ("p1", 9), ("p3", 20), ("p3", 150)])]  # fmt: skip
    found = whole(contact_rate(study(rows, customers)))
    assert (found["estimate"], found["n"]) == (pytest.approx(4 / 21), 4)
    assert found["why"] == "1 tickets left out: of no customer at that time"


def test_without_a_customers_table_exposure_is_unknown():
    found = whole(contact_rate(desk([ticket("a", "p", 0)])))
    assert found["verdict"] == "does not apply"
    assert "customers table" in found["why"]


def test_the_interval_is_that_of_a_negative_binomial_regression():
    rng = np.random.default_rng(3)
    months = pd.Series(np.full(400, 12.0))
    counts = pd.Series(rng.poisson(0.2 * 12 * rng.gamma(1.5, 1 / 1.5, 400)))
    found = rate(pd.DataFrame({"tickets": counts, "months": months}))
    fit = NegativeBinomial(counts, np.ones(400), exposure=months).fit(disp=0)
    low, high = np.exp(fit.conf_int().iloc[0])
    assert found["estimate"] == pytest.approx(np.exp(fit.params.iloc[0]), rel=1e-4)
    assert (found["low"], found["high"]) == pytest.approx((low, high), rel=0.02)


def test_evenly_spread_tickets_have_poissons_interval():
    part = pd.DataFrame({"tickets": [4] * 25, "months": [2.0] * 25})
    found = rate(part)
    assert found["high"] / found["estimate"] == pytest.approx(np.exp(1.96 / 10), abs=1e-3)


def test_no_ticket_is_a_rate_of_zero_with_an_upper_bound():
    # Three expected tickets or more would rarely give none: 3.69 in 12 months.
    found = rate(pd.DataFrame({"tickets": [0, 0], "months": [6.0, 6.0]}))
    assert (found["estimate"], found["high"]) == (0, pytest.approx(3.689 / 12, abs=1e-3))


def test_products_add_up_to_the_whole_and_months_to_all_tickets():
    rows = [ticket(str(i), f"p{i % 4}", 7 * i, product="xyz"[i % 3]) for i in range(20)]
    company = study(rows, people())
    by_product = contact_rate(company, by="product")
    by_product = by_product.frame["estimate"]
    assert by_product.drop("all").sum() == pytest.approx(by_product["all"])
    by_month = contact_rate(company, by="month").frame["estimate"]
    months = exposures(company)["months"].sum()
    assert by_month.index[1] == "2025-01"
    assert by_month["all"] * months == pytest.approx(20)
    # January: tickets on days 0, 7, 14, 21, 28 by four customers of 31 days each.
    assert by_month["2025-01"] == pytest.approx(5 / (4 * 31 / MONTH))


def test_a_month_may_begin_at_an_hour_that_does_not_exist():
    # Paraguay's clocks went from 24:00 on the last of September 2023 to 1:00.
    rows = [ticket(f"t{i}", "p0", i - 550) for i in range(0, 300, 30)]
    people = [customer("p0", started=-560, ended=-200)]
    study = desk(rows, customers=people, until=-200, time_zone="America/Asuncion",
                 tickets_from=(START - pd.Timedelta(days=560)).isoformat())  # fmt: skip
    assert "2023-10" in contact_rate(study, by="month").frame.index
