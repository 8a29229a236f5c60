"""What fixing saves, on paper: shares of departures, customers kept, revenue, and their slopes."""

from dataclasses import replace
from itertools import permutations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from cxresearch import CannotTell
from cxresearch.impact import excess_fraction, kept, mrr_now, revenue
from cxresearch.impact.at_risk import _if_resolved, due_later, revenue_at_risk
from cxresearch.impact.doubt import covariance, delta_interval
from cxresearch.impact.excess import shares
from cxresearch.impact.levers import ALL, LEVERS, seen, shift
from cxresearch.impact.model import CauseModel, expected, of_expected
from cxresearch.impact.order import bands
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.survival import coxph
from tests.benchmarks.redrawn import bootstrap
from tests.episodes.small import one_customer

SOONER, PREVENT = LEVERS
NAMES = ["overdue: a", "overdue: b", "overdue: c", "solved late", "none"]
BETA = np.log([2, 4, 8, 1.5, 0.5])


def pieces(*rows, **more) -> pd.DataFrame:
    """Pieces from what was there of each cause: a letter for an issue in time, a capital for an
    overdue one, a letter and ~ for one solved late."""
    frame = pd.DataFrame(index=range(len(rows)))
    for cause in "abc":
        late = np.array([f"{cause}~" in row for row in rows])
        overdue = np.array([cause.upper() in row for row in rows])
        opened = np.array([cause in row.replace(f"{cause}~", "") for row in rows])
        frame[f"open: {cause}"] = (opened | overdue).astype(int)
        frame[f"overdue: {cause}"] = overdue.astype(int)
        frame[f"solved late: {cause}"] = late.astype(int)
        frame[f"solved in time: {cause}"] = 0
    over = frame[[f"overdue: {c}" for c in "abc"]].any(axis=1)
    late = frame[[f"solved late: {c}" for c in "abc"]].any(axis=1)
    there = frame.any(axis=1)
    frame["solved late"] = (late & ~over).astype(int)
    return frame.assign(none=(~there).astype(int), overdue=over.astype(int), **more)


def fit_of(beta=BETA) -> SimpleNamespace:
    return SimpleNamespace(params=pd.Series(beta, NAMES), strata=["plan"])


def test_a_departure_while_two_are_overdue_is_split_between_them():
    # v(a) = 1/2, v(b) = 3/4, v(ab) = 7/8: a gets (1/2 + 1/8) / 2, b (3/4 + 3/8) / 2
    found = shares(seen(pieces("A", "AB", "")), SOONER, NAMES, BETA, "cause")
    assert found.tolist() == [
        pytest.approx([1 / 2, 1 / 2, 0, 0]),
        pytest.approx([7 / 8, 5 / 16, 9 / 16, 0]),
        pytest.approx([0, 0, 0, 0]),
    ]


def test_a_departure_while_three_are_overdue_is_split_among_them():
    # v: a 1/2, b 3/4, c 7/8, ab 7/8, ac 15/16, bc 31/32, abc 63/64; weights 1/3, 1/6, 1/6, 1/3
    found = shares(seen(pieces("ABC")), SOONER, NAMES, BETA, "cause")[0]
    a = 1 / 2 / 3 + (7 / 8 - 3 / 4) / 6 + (15 / 16 - 7 / 8) / 6 + (63 / 64 - 31 / 32) / 3
    b = 3 / 4 / 3 + (7 / 8 - 1 / 2) / 6 + (31 / 32 - 7 / 8) / 6 + (63 / 64 - 15 / 16) / 3
    assert found.tolist() == pytest.approx([63 / 64, a, b, 63 / 64 - a - b])


def test_a_late_solution_is_in_excess_if_answered_sooner():
    found = shares(seen(pieces("a~", "a~B")), SOONER, NAMES, BETA, "cause")
    # alone 1 - 1/1.5; beside B: v(a) = 0, v(b) = 1 - 1.5/4, v(ab) = 3/4
    assert found[0].tolist() == pytest.approx([1 / 3, 1 / 3, 0, 0])
    assert found[1].tolist() == pytest.approx([3 / 4, 1 / 16, 11 / 16, 0])


def test_prevention_takes_an_issue_in_time_away_as_well():
    # none has half the hazard. v(a) = 1/2, v(b) = 0, v(ab) = 1 - 1/2 * 1/2
    found = shares(seen(pieces("Ab")), PREVENT, NAMES, BETA, "cause")
    assert found[0].tolist() == pytest.approx([3 / 4, 5 / 8, 1 / 8, 0])
    sooner = shares(seen(pieces("Ab", "b")), SOONER, NAMES, BETA, "cause")
    assert sooner[:, 2].tolist() == [0, 0]


def test_a_cause_that_keeps_customers_has_a_share_below_zero():
    found = shares(seen(pieces("A")), SOONER, NAMES, -BETA, "cause")
    assert found[0, 1] == pytest.approx(-1)


WORDS = ["A", "B", "C", "a", "b", "a~", "b~", "c~"]
PIECE = st.lists(st.sampled_from(WORDS), max_size=4).map("".join)
RATIOS = st.lists(st.floats(-2, 2), min_size=5, max_size=5).map(np.array)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECE, min_size=1, max_size=4), RATIOS, st.sampled_from(LEVERS))
@example(["a~BC", "a~BA", "Ab~c~"], BETA, SOONER)
@example(["a~BC", "a~BA", "Ab~c~"], BETA, PREVENT)
def test_causes_add_up_to_all_and_are_means_over_orders_of_fixing(rows, beta, lever):
    of = seen(pieces(*rows))
    found = shares(of, lever, NAMES, beta, "cause")
    assert found[:, 1:].sum(axis=1) == pytest.approx(found[:, 0], abs=1e-9)
    by_order = np.zeros((len(rows), 3))
    for order in permutations("abc"):
        before = np.zeros(len(rows))
        for place, cause in enumerate(order):
            after = 1 - np.exp(shift(of, lever, list(order[: place + 1]), NAMES) @ beta)
            by_order[:, "abc".index(cause)] += (after - before) / 6
            before = after
    assert found[:, 1:] == pytest.approx(by_order, abs=1e-9)


def test_an_unknown_lever_is_refused():
    with pytest.raises(InputError, match="solve sooner, prevent"):
        shift(seen(pieces("A")), "hope", ["a"], NAMES)


def lives(seed: int = 1, n: int = 400) -> pd.DataFrame:
    """Customers of two pieces of up to a year each, some overdue, some leaving, some lost."""
    rng = np.random.default_rng(seed)
    kinds = np.array(["A", "B", "AB", "a", "b~", "C", ""])
    first, last = rng.choice(kinds, n), rng.choice(kinds, n)
    frame = pieces(*np.column_stack([first, last]).ravel())
    length = np.ceil(rng.uniform(20, 300, (n, 2)))
    stop = length.cumsum(axis=1)
    leaves = rng.random(n) < 0.35
    lost = ~leaves & (rng.random(n) < 0.2)
    ends = np.where(leaves | lost, -np.ceil(rng.uniform(0, 400, n)), 0)
    begins = ends - stop[:, 1]
    last_row = np.tile([0, 1], n)
    return frame.assign(
        customer_id=np.repeat(np.arange(n).astype(str), 2),
        start=(np.column_stack([0 * ends, stop[:, 0]])).ravel(),
        stop=stop.ravel(),
        begins=np.column_stack([begins, begins + stop[:, 0]]).ravel(),
        ends=np.column_stack([begins + stop[:, 0], ends]).ravel(),
        event=np.repeat(leaves, 2) * last_row,
        end=np.where((np.repeat(lost, 2) * last_row) == 1, "involuntary", None),
        plan=np.repeat(rng.choice(["s", "m"], n), 2),
    )


@pytest.fixture(scope="module")
def model() -> CauseModel:
    rows = lives()
    return CauseModel(coxph(rows, NAMES, strata="plan"), rows, ("a", "b", "c"))


def test_the_natural_course_is_kaplan_meier(model):
    """Of those who were there a year before; newcomers are a test of their own."""
    first = model.rows.groupby("customer_id")["begins"].transform("min")
    model = replace(model, rows=model.rows[first <= -365].reset_index(drop=True))
    found = kept.customers_kept(model).frame.loc[(SOONER, ALL)].reset_index()
    cohort = model.rows[model.rows["ends"] > -365]
    ends = cohort.groupby("customer_id").agg(day=("ends", "max"), event=("event", "max"))
    curve = SurvfuncRight(ends["day"] + 365, ends["event"])
    for _, row in found.iterrows():
        assert 1 - row["left"] == pytest.approx(
            curve.surv_prob[curve.surv_times <= row["day"]][-1], abs=1e-12
        )
    assert found["customers"].eq(len(ends)).all()
    assert (ends["event"].eq(0) & (ends["day"] < 0)).any(), "somebody must be censored"


def test_who_comes_within_the_year_counts_from_then_on():
    """Four customers of 100 days left: one censored on day 40 counts twice over for those there
    then, and not for the one who came on day 60."""
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "new"],
            "begins": [-200.0, -200, -200, -40],
            "ends": [0.0, -60, -20, -10],
            "event": [0, 0, 1, 1],
        }
    )
    cohort = kept.followed(rows, 100).set_index("customer_id")
    assert cohort["since"].to_dict() == {"a": 0, "b": 0, "c": 0, "new": 60}
    assert cohort["weight"].to_dict() == pytest.approx({"a": 1.5, "b": 1, "c": 1.5, "new": 1})


def test_where_all_of_a_risk_set_are_lost_nobody_stands_for_them():
    """The only one who is there on day 45 is lost; those who come later count once each."""
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "begins": [-365.0, -300, -290],
            "ends": [-320.0, -5, -100],
            "event": [0, 1, 1],
        }
    )
    assert kept.followed(rows, 365)["weight"].tolist() == [1, 1, 1]


def test_without_effects_nothing_is_saved(model):
    rows, due = model.rows, expected(fit_of(0 * BETA), model.rows)
    cohort, path = kept.followed(rows, 365), revenue.replay(rows, mrr(rows))
    for lever in LEVERS:
        assert kept.savings(due, cohort, lever, ALL, (365,))[0] == pytest.approx([0])
        assert revenue.savings(due, path, lever, ALL)[0] == pytest.approx([0, 0])


def test_a_lever_on_what_never_happened_saves_nothing(model):
    due, cohort = expected(model.fit, model.rows), kept.followed(model.rows, 365)
    path = revenue.replay(model.rows, mrr(model.rows))
    assert kept.savings(due, cohort, SOONER, "d", (365,))[0] == pytest.approx([0])
    assert revenue.savings(due, path, SOONER, "d")[0].tolist() == [0, 0]


def test_a_cause_in_which_nobody_left_saves_little_but_not_surely_nothing():
    rows = lives(5)
    rows.loc[rows["overdue: a"] == 1, "event"] = 0
    model = CauseModel(coxph(rows, NAMES[1:], strata="plan"), rows, ("a", "b", "c"))
    found = fit_of(np.append(np.log(1.5), model.fit.params))
    due, cohort = expected(found, rows), kept.followed(rows, 365)
    estimate, _, own = kept.savings(due, cohort, SOONER, "a", (365,))
    assert estimate[0] > 0
    assert np.abs(own).sum() > 0


def mrr(rows: pd.DataFrame) -> pd.Series:
    who = rows["customer_id"].unique()
    return pd.Series(np.arange(1.0, len(who) + 1), who)


def one(*kinds, days, event=0, due=0.0, **more):
    """One customer's pieces up to the end, and what was to be expected in them."""
    stop = np.cumsum(days)
    rows = pieces(*kinds).assign(
        customer_id="x", start=stop - days, stop=stop, begins=stop - days - stop[-1],
        ends=stop - stop[-1], event=[0] * (len(days) - 1) + [event], end=None, plan="s", **more,
    )  # fmt: skip
    usual = expected(fit_of(), rows)
    return rows, replace(usual, due=np.broadcast_to(due, len(rows)).astype(float))


def test_half_of_a_departure_at_twice_the_hazard_is_kept():
    rows, due = one("A", days=[400], event=1, due=1e-9)
    found = kept.savings(due, kept.followed(rows, 365), SOONER, "a", (180, 365))[0]
    assert found.tolist() == pytest.approx([0, 1 / 2])


def test_who_stands_for_those_kept_counts_for_more():
    # One of .2 + .3 expected left, so all counts double. Of .2, .1 would have been expected, and
    # half way those at risk stand for exp(.05); all of .3, by then for exp(.1).
    rows, due = one("A", "", days=[365, 35], event=1, due=[0.2, 0.3])
    found = kept.savings(due, kept.followed(rows, 400), SOONER, "a", (400,))[0]
    model = 0.2 - 0.1 * np.exp(0.05) + 0.3 - 0.3 * np.exp(0.1)
    assert found.tolist() == pytest.approx([2 * model])


def test_a_year_at_half_the_hazard_pays_more():
    rows, due = one("A", days=[365], due=0.2)
    path = revenue.replay(rows, pd.Series({"x": 30.4}))
    found = revenue.savings(due, path, SOONER, "a")[0]
    year = {h: 365 * (1 - np.exp(-h)) / h for h in (0.1, 0.2)}
    assert found.tolist() == pytest.approx([year[0.1] - year[0.2], 0])


def test_who_was_seen_for_less_repeats_it():
    rows, due = one("A", days=[100], due=0.2 * 100 / 365)
    path = revenue.replay(rows, pd.Series({"x": 30.4}))
    assert path["days"].tolist() == [100, 100, 100, 65]
    year = {h: 365 * (1 - np.exp(-h)) / h for h in (0.1, 0.2)}
    found = revenue.savings(due, path, SOONER, "a")[0]
    assert found[0] == pytest.approx(year[0.1] - year[0.2])
    assert revenue.replay(one("A", days=[89])[0], pd.Series({"x": 30.4})).empty


def test_who_left_pays_nothing_next_year(model):
    path = revenue.replay(model.rows, mrr(model.rows))
    gone = model.rows.loc[(model.rows["event"] == 1) | model.rows["end"].notna(), "customer_id"]
    assert not path["customer_id"].isin(gone).any()
    assert path.groupby("customer_id")["days"].sum().to_numpy() == pytest.approx(365)


def moved_fit(k: int, by: float, fit) -> SimpleNamespace:
    beta = fit.params.to_numpy().copy()
    beta[k] += by
    return fit_of(beta)


@pytest.mark.parametrize("lever", LEVERS)
def test_slopes_are_those_of_moved_ratios(model, lever):
    rows = model.rows
    path, cohort = revenue.replay(rows, mrr(rows)), kept.followed(rows, 365)
    due = expected(model.fit, rows)
    money, people = (
        revenue.savings(due, path, lever, ALL)[1],
        kept.savings(due, cohort, lever, ALL, (365,))[1],
    )
    for k in range(len(NAMES)):
        up, down = (expected(moved_fit(k, e, model.fit), rows) for e in (1e-5, -1e-5))
        by = [revenue.savings(at, path, lever, ALL)[0] for at in (up, down)]
        assert (by[0] - by[1]) / 2e-5 == pytest.approx(money[:, k], rel=1e-4, abs=1e-6)
        by = [kept.savings(at, cohort, lever, ALL, (365,))[0] for at in (up, down)]
        assert (by[0] - by[1]) / 2e-5 == pytest.approx(people[:, k], rel=1e-4, abs=1e-7)


def test_expected_departures_add_up_to_those_there_were(model):
    due = expected(model.fit, model.rows)
    there = np.bincount(due.cell, model.rows["event"])
    assert np.bincount(due.cell, due.due) == pytest.approx(there)
    assert np.unique(due.cell).size == 6  # two plans, three spans of tenure


def test_what_a_row_adds_is_how_the_sum_changes_with_its_weight(model):
    by = np.random.default_rng(2).normal(size=len(model.rows))
    added = of_expected(expected(model.fit, model.rows), by)[1]
    for row in (1, 7, 40):
        more = np.ones(len(model.rows))
        more[row] += 1e-6
        moved = by @ (expected(model.fit, model.rows, more).due - expected(model.fit,
                      model.rows).due) / 1e-6  # fmt: skip
        assert moved == pytest.approx(added[row], rel=1e-3, abs=1e-6)


def test_the_covariance_of_the_ratios_themselves_is_the_robust_one(model):
    none = np.zeros((len(model.rows), len(NAMES)))
    found = covariance(model.fit, model.rows, np.eye(len(NAMES)), none)
    assert found == pytest.approx(model.fit.robust_cov.to_numpy())


def test_pooled_ratios_as_savings_have_the_intervals_that_the_fit_gives_them():
    rows = lives(4)
    fit = coxph(rows, NAMES, strata="plan", pooled=NAMES[:3])
    none = np.zeros((len(rows), len(NAMES)))
    found = covariance(fit, rows, np.eye(len(NAMES)), none)
    limits = delta_interval(fit.params.to_numpy(), found)
    pd.testing.assert_frame_equal(pd.DataFrame(limits, fit.params.index), fit.conf_int())
    assert (np.diag(found) >= np.diag(fit.robust_cov)).all()
    assert (np.diag(found) > np.diag(fit.robust_cov))[:3].any()


def test_delta_and_bootstrap_agree_on_the_excess_share(model):
    delta = excess_fraction(model.fit, model.rows)
    events = np.flatnonzero(model.rows["event"] == 1)
    of = seen(model.rows.iloc[events])

    def mean(fit, _, weight) -> np.ndarray:
        each = shares(of, SOONER, list(fit.params.index), fit.params.to_numpy(), "cause")
        return np.average(each, axis=0, weights=weight[events])

    drawn = bootstrap(model.fit, model.rows, mean, draws=200, seed=3)
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    assert high - low == pytest.approx((delta["high"] - delta["low"]).to_numpy(), rel=0.25)
    assert delta["excess fraction"][1:].sum() == pytest.approx(delta["excess fraction"][0])


def test_draws_do_not_depend_on_the_number_of_cores(model):
    of = _ratios
    one, two = (bootstrap(model.fit, model.rows, of, draws=4, seed=1, cores=c) for c in (1, 2))
    assert one == pytest.approx(two)


def _ratios(fit, rows, weight) -> np.ndarray:
    return fit.params.to_numpy()


def test_causes_that_draws_do_not_tell_apart_share_a_band():
    drawn = np.array([[10, 9, 1], [10, 11, 2], [10, 9, 3]]).repeat(10, axis=0)
    assert bands(np.array([10, 9.7, 2]), drawn).tolist() == [1, 1, 2]
    assert bands(np.array([2, 9.7, 10]), drawn[:, ::-1]).tolist() == [2, 1, 1]
    drawn = np.array([[10, 5, 6], [10, 6, 5]]).repeat(10, axis=0)
    assert bands(np.array([10, 5.5, 5.4]), drawn).tolist() == [1, 2, 2]


def test_causes_are_told_apart_from_so_large_a_share_of_draws_on():
    for less, band in ((1, 2), (2, 1)):  # of 20 draws in so many the second saves more
        drawn = np.array([[1, 2]] * less + [[2, 1]] * (20 - less))
        assert bands(np.array([2, 1]), drawn).tolist() == [1, band]


def test_a_wide_cause_shares_the_first_band_beyond_a_sure_one_between_them():
    rng = np.random.default_rng(8)
    drawn = rng.normal([10, 8, 7], [1, 0.1, 5], (4000, 3))  # first above second: 97.7%, third 72%
    assert bands(np.array([10, 8, 7]), drawn).tolist() == [1, 2, 1]


def test_revenue_in_two_currencies_is_not_added_up():
    tables = {
        "customer_history": pd.DataFrame(
            {"customer_id": ["x", "x"], "valid_from": [1, 2], "field": "MRR", "value": ["5", "7"]}
        ),
        "customers": pd.DataFrame({"currency": ["EUR", "EUR"]}),
    }
    study = SimpleNamespace(has=lambda name: name in tables, observed_until=2, **tables)
    assert mrr_now(study).to_dict() == {"x": 7.0}
    study.customers = pd.DataFrame({"currency": ["EUR", "USD"]})
    assert "EUR, USD" in mrr_now(study).reason
    assert isinstance(mrr_now(SimpleNamespace(has=lambda _: False)), CannotTell)


def test_a_price_that_is_due_only_later_is_not_what_is_paid_now():
    history = pd.DataFrame(
        {"customer_id": ["x", "x"], "valid_from": [1, 9], "field": "mrr", "value": ["5", "99"]}
    )
    study = SimpleNamespace(
        has=lambda _: True, customer_history=history, observed_until=8,
        customers=pd.DataFrame({"currency": ["EUR"]}),
    )  # fmt: skip
    assert mrr_now(study).to_dict() == {"x": 5.0}


def at_risk() -> tuple[CauseModel, pd.Series]:
    """x has an issue overdue, as w had; y has none, nor had z; z and w left yesterday, v long ago.
    In the quarter that began yesterday nobody left."""
    rows = pieces(
        "A", "A", "", "", "A", "",
        customer_id=list("xxyzwv"), begins=[-51.0, -1, -80, -50, -50, -300],
        ends=[-1.0, 0, 0, -1, -1, -200], event=[0, 0, 0, 1, 1, 1],
        quarter=["q", "r", "q", "q", "q", "o"], plan="p", billing_period="month", log=0.0,
    )  # fmt: skip
    rows = rows.assign(start=rows["begins"] + 999, stop=rows["ends"] + 999, open=rows["overdue"])
    rows["end"] = [None, None, None, "voluntary", "voluntary", "voluntary"]
    fit = SimpleNamespace(
        params=pd.Series([np.log(2)], ["overdue: a"]), strata=["quarter", "billing_period", "plan"],
        moved_by_cluster=lambda: pd.DataFrame(np.zeros((5, 1)), list("xyzwv")),
        robust_cov=pd.DataFrame([[0.04]]), shrinking=pd.DataFrame([[0.0]]),
    )  # fmt: skip
    return CauseModel(fit, rows, ("a",)), pd.Series({"x": 304.0, "y": 304.0})


LATER = pd.DataFrame({"customer_id": ["y"], "cause": "a", "days": [10.0]})


def test_what_is_at_risk_today_goes_by_the_last_90_days_not_by_the_quarter_just_begun():
    model, mrr = at_risk()
    found = revenue_at_risk(model, mrr, days=(30,)).frame.loc[30]
    # risk: x 2 * 51, y 80, z 49, w 2 * 49; x leaves at 2 * rate, and at rate if resolved
    rate = 2 / (102 + 80 + 49 + 98)
    paid = [10 * (1 - np.exp(-r * 30)) / r for r in (2 * rate, rate)]
    assert found["saved"] == pytest.approx(paid[1] - paid[0])
    assert found["customers kept"] == pytest.approx(np.exp(-rate * 30) - np.exp(-2 * rate * 30))
    assert found[["customers", "overdue", "left out"]].tolist() == [1, 1, 0]


def test_the_error_of_the_rate_is_in_what_is_at_risk():
    model, mrr = at_risk()
    found = revenue_at_risk(model, mrr, days=(30,)).frame.loc[30]

    def saved(rate, beta):
        paid = [10 * (1 - np.exp(-r * 30)) / r for r in (np.exp(beta) * rate, rate)]
        return paid[1] - paid[0]

    def rate(beta):
        return 2 / (np.exp(beta) * 100 + 129)

    beta, h = np.log(2), 1e-6
    slope = (saved(rate(beta + h), beta + h) - saved(rate(beta - h), beta - h)) / (2 * h)
    by_rate = (saved(rate(beta) + h, beta) - saved(rate(beta) - h, beta)) / (2 * h)
    # each customer adds (left - expected) / 329 to the error of the rate
    met = np.array([0, 0, 1, 1]) - rate(beta) * np.array([102, 80, 49, 98])
    error = (0.04 * slope**2 + ((by_rate * met / 329) ** 2).sum()) ** 0.5
    assert found["high"] - found["saved"] == pytest.approx(1.959964 * error, rel=1e-4)
    assert found["saved"] - found["low"] == pytest.approx(1.959964 * error, rel=1e-4)


def test_an_issue_in_time_is_at_risk_from_the_day_on_which_its_promise_runs_out():
    model, mrr = at_risk()
    later = pd.DataFrame({"customer_id": ["y", "y"], "cause": "a", "days": [10.0, 31.0]})
    alone = revenue_at_risk(model, mrr, days=(30,)).frame.loc[30]
    found = revenue_at_risk(model, mrr, later, days=(30,)).frame.loc[30]
    assert found[["customers", "overdue", "mrr"]].tolist() == [2, 1, 608]
    rate = 2 / (102 + 80 + 49 + 98)

    def pays(r, days):
        return 10 * (1 - np.exp(-r * days)) / r

    stays = pays(rate, 10) + np.exp(-rate * 10) * pays(2 * rate, 20)
    assert found["saved"] - alone["saved"] == pytest.approx(pays(rate, 30) - stays)
    left = np.exp(-rate * 30) - np.exp(-rate * 50)
    assert found["customers kept"] - alone["customers kept"] == pytest.approx(left)
    assert found["low"] < found["saved"] < found["high"]


def test_an_older_late_solution_stays_remembered_while_an_issue_waits():
    """Its harm goes on whether the new issue is resolved or stays, until that one is overdue."""
    model, mrr = at_risk()
    rows = model.rows.assign(
        **{"solved late": [0, 0, 1, 0, 0, 0], "solved late: a": [0, 0, 1, 0, 0, 0]}
    )
    fit = SimpleNamespace(**vars(model.fit))
    fit.params = pd.Series(np.log([2, 3]), ["overdue: a", "solved late"])
    fit.robust_cov, fit.shrinking = pd.DataFrame(np.eye(2) / 25), pd.DataFrame(np.zeros((2, 2)))
    fit.moved_by_cluster = lambda: pd.DataFrame(np.zeros((5, 2)), list("xyzwv"))
    model = CauseModel(fit, rows, ("a",))
    found = {
        day: revenue_at_risk(model, mrr.drop("x"), LATER.assign(days=day), days=(30,)).frame.loc[30]
        for day in (10.0, 29.999)
    }
    assert abs(found[29.999]["saved"]) < 0.01
    rate = 2 / (102 + 3 * 80 + 49 + 98)  # y leaves at 3 * rate, and while overdue at 2 * rate

    def pays(r, days):
        return 10 * (1 - np.exp(-r * days)) / r

    stays = pays(3 * rate, 10) + np.exp(-rate * 30) * pays(2 * rate, 20)
    assert found[10.0]["saved"] == pytest.approx(pays(3 * rate, 30) - stays)


def test_the_slope_of_what_is_at_risk_is_that_of_what_it_says():
    model, mrr = at_risk()

    def at(beta):
        fit = SimpleNamespace(**vars(model.fit))
        fit.params = pd.Series([beta], ["overdue: a"])
        return revenue_at_risk(
            CauseModel(fit, model.rows, ("a",)), mrr, LATER, days=(30,)
        ).frame.loc[30]

    beta, h = np.log(2), 1e-5
    slope = (at(beta + h)["saved"] - at(beta - h)["saved"]) / (2 * h)
    fit = SimpleNamespace(**vars(model.fit))
    fit.robust_cov = pd.DataFrame([[1e6]])  # so large that nothing else matters
    found = revenue_at_risk(CauseModel(fit, model.rows, ("a",)), mrr, LATER, days=(30,)).frame.loc[
        30
    ]
    assert found["high"] - found["saved"] == pytest.approx(1.959964 * 1000 * slope, rel=1e-3)


def test_what_waits_of_a_cause_without_a_ratio_or_for_the_customer_adds_no_harm():
    model, mrr = at_risk()
    alone = revenue_at_risk(model, mrr).frame.loc[30]
    for later in (LATER.assign(cause="b"), LATER.assign(days=np.nan)):
        found = revenue_at_risk(model, mrr, later).frame.loc[30]
        assert found["customers"] == alone["customers"] + 1
        assert found["saved"] == pytest.approx(alone["saved"])


def test_who_waits_and_is_not_in_the_model_is_counted_as_left_out():
    model, mrr = at_risk()
    gone = pd.concat([LATER, LATER.assign(customer_id="nobody")])
    assert revenue_at_risk(model, mrr, gone).frame.loc[30]["left out"] == 1
    assert "of 2 customers" in revenue_at_risk(model, mrr[:0], LATER).reason


def test_of_customers_who_wait_those_whose_mrr_is_not_known_are_left_out_and_counted():
    model, mrr = at_risk()
    later = pd.DataFrame({"customer_id": ["y"], "cause": "a", "days": [10.0]})
    found = revenue_at_risk(model, mrr.drop("y"), later).frame.loc[30]
    assert found[["customers", "left out"]].tolist() == [1, 1]


def test_what_waits_is_open_today_and_due_later():
    day = pd.Timedelta(days=1)
    opened = [-20, -3, -3, -3]
    tickets = pd.DataFrame({"ticket_id": list("abcd"), "requester_id": list("uvwx"),
                            "status": ["open", "open", "solved", "open"]})  # fmt: skip
    until = pd.Timestamp("2025-06-01", tz="UTC")
    tickets = tickets.assign(created_at=[until + d * day for d in opened],
                             first_solved_at=[pd.NaT, pd.NaT, until - day, pd.NaT])  # fmt: skip
    causes = pd.DataFrame({"ticket_id": list("abcd"), "cause": "a", "topic": 0, "weight": 1.0,
                           "is_exit_request": [False, False, False, True]})  # fmt: skip
    people = pd.DataFrame({"customer_id": list("uvwx"), "started_at": until - 900 * day,
                           "observed_until": until})  # fmt: skip
    tables = {"tickets": tickets, "ticket_causes": causes, "customers": people}
    study = Study.from_tables(
        tables, observed_until="2025-06-01T00:00:00Z", unresolved_after_days=7.0
    )
    assert due_later(study).to_dict("records") == [{"customer_id": "v", "cause": "a", "days": 4.0}]


def test_with_nobody_leaving_of_late_no_rate_can_be_told():
    model, mrr = at_risk()
    rows = model.rows.assign(event=[0, 0, 0, 0, 0, 1])
    found = revenue_at_risk(CauseModel(model.fit, rows, ("a",)), mrr)
    assert "last 90 days" in found.reason


def test_an_issue_that_waits_for_the_customer_is_open_but_has_no_day_on_which_it_is_due():
    waits = one_customer([20], [None], states=[(22, "pending")])
    runs = one_customer([20], [None], states=[(22, "pending"), (23, "open")])
    for study, known in ((waits, False), (runs, True)):
        study = Study.from_tables(
            {name: study.table(name) for name in study.rows},
            observed_until=(
                study.customers["started_at"].iloc[0] + pd.Timedelta(24, "D")
            ).isoformat(),
        )
        found = due_later(study)
        assert len(found) == 1
        assert found["days"].notna().tolist() == [known]


def test_one_overdue_issue_resolved_today_is_solved_late_and_no_longer_overdue():
    ahead = pd.DataFrame({"overdue": [1, 0], "open: a": [1, 0], "overdue: a": [1, 0],
                          "solved late: a": 0, "solved in time: a": 0})  # fmt: skip
    change = _if_resolved(ahead, ["overdue: a", "solved late"]).toarray()
    assert change.tolist() == [[-1, 1], [0, 0]]
