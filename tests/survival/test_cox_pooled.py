"""Partial pooling of coefficients: what is planted, what is known by hand, and at the edges."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.study.schema import InputError
from cxresearch.survival import coxph
from cxresearch.survival.two_parts import GRID, NOTHING, moments

CAUSES = [f"cause {k}" for k in range(10)]


def company(seed, mean, sd, customers=1200):
    """Customers who have an issue of one cause from some day on, or none; and the planted logs."""
    rng = np.random.default_rng(seed)
    planted = pd.Series(rng.normal(mean, sd, len(CAUSES)), CAUSES)
    cause = rng.choice(len(CAUSES) + 1, customers, p=[0.06] * len(CAUSES) + [0.4])
    exposed = pd.DataFrame(np.eye(len(CAUSES) + 1)[cause][:, :-1], columns=CAUSES)
    end = rng.uniform(30, 700, customers)
    day = end * rng.uniform(size=customers)
    before = rng.exponential(2000, customers)
    after = day + rng.exponential(2000 * np.exp(-exposed @ planted))
    whole = exposed.assign(customer_id=range(customers), start=0.0)
    first = whole.assign(stop=np.minimum(before, day), event=(before < day).astype(int))
    first[CAUSES] = 0.0
    second = whole.assign(start=day, stop=np.minimum(after, end), event=(after < end).astype(int))
    return pd.concat([first, second[before >= day]], ignore_index=True), planted


def test_pooled_intervals_hold_the_truth_in_95_of_100_and_pooled_estimates_are_nearer_to_it():
    """Eighty companies, ten causes, about a dozen departures a cause. Over 250 other companies
    93.4% (standard error 0.6) of the intervals held the truth, with model-based errors 88%."""
    inside, errors, raw_errors = [], [], []
    for seed in range(80):
        rows, planted = company(seed, 0.5, 0.3)
        fit = coxph(rows, CAUSES, pooled=CAUSES)
        bounds = fit.conf_int()
        inside.append(((bounds["low"] < planted) & (planted < bounds["high"])).mean())
        seen = [c for c in CAUSES if rows.loc[rows["event"] == 1, c].any()]
        raw = coxph(rows, seen).params
        errors.append(((fit.params - planted)[seen] ** 2).mean())
        raw_errors.append(((raw - planted[seen]) ** 2).mean())
    assert 0.91 < np.mean(inside) < 0.98
    assert np.mean(errors) < 0.6 * np.mean(raw_errors)


def test_in_a_large_company_pooling_is_the_prior_of_two_parts_on_the_raw_estimates():
    rows, _ = company(1, 0.5, 0.5, customers=40_000)
    raw, fit = coxph(rows, CAUSES), coxph(rows, CAUSES, pooled=CAUSES)
    mean, variance, (share, centre, sd) = moments(raw.params.to_numpy(), raw.bse.to_numpy() ** 2)
    np.testing.assert_allclose(fit.params, mean, atol=0.01)
    np.testing.assert_allclose(fit.bse**2, variance, rtol=0.05)
    prior = fit.prior
    assert [prior.share, prior.mean, prior.sd] == pytest.approx([share, centre, sd], abs=0.02)


def test_beside_two_bad_causes_the_harmless_are_drawn_to_nothing():
    """Ten causes, two of ratio 3, over twenty companies: harmless ones are told less than 10% too
    high on average, and the bad keep four fifths of their logs."""
    harmless, bad = [], []
    for seed in range(20):
        rows, _ = company(seed, 0.0, 0.0, customers=4000)
        harmful = rows["cause 0"].add(rows["cause 1"]) > 0
        chance = np.random.default_rng(seed).random(len(rows))
        late = (rows["event"] == 1) & ~harmful & (chance < 2 / 3)
        fit = coxph(rows.assign(event=rows["event"].mask(late, 0)), CAUSES, pooled=CAUSES)
        harmless.append(fit.params[2:].mean())
        bad.append(fit.params[:2].mean())
    assert abs(np.mean(harmless)) < 0.10
    assert np.mean(bad) > 0.86


def test_an_estimate_that_says_nothing_is_drawn_from_the_prior_alone():
    mean, variance, (share, centre, sd) = moments(np.array([1.0]), np.array([1e12]))
    assert (share, centre, sd) == pytest.approx((0.5, 0.45, 0.6), abs=1e-4)  # of the grid itself
    second = (GRID[:, 0] * (GRID[:, 1] ** 2 + GRID[:, 2] ** 2)).mean()
    second += (1 - GRID[:, 0]).mean() * NOTHING**2
    assert mean == pytest.approx([(GRID[:, 0] * GRID[:, 1]).mean()], abs=1e-4)
    assert variance == pytest.approx([second - mean[0] ** 2], rel=1e-4)


def test_doubt_from_elsewhere_widens_intervals_and_moves_no_estimate():
    rows, _ = company(3, 0.5, 0.3)
    for fit in (coxph(rows, CAUSES[:4]), coxph(rows, CAUSES, pooled=CAUSES)):
        more = fit.doubted(pd.Series({"cause 1": 0.04}))
        assert more.params.equals(fit.params)
        gap = more.robust_bse**2 - fit.robust_bse**2
        assert gap["cause 0"] == pytest.approx(0)
        assert gap["cause 1"] >= 0.04 - 1e-9


def test_a_cause_nobody_left_with_stays_finite_when_pooled_and_is_refused_when_not():
    rows, _ = company(5, 0.5, 0.3)
    rows = rows.assign(event=rows["event"].where(rows["cause 2"] == 0, 0))
    fit = coxph(rows, CAUSES, pooled=CAUSES)
    assert -2 < fit.params["cause 2"] < fit.params.median()
    assert fit.robust_bse["cause 2"] > fit.robust_bse.median()
    with pytest.raises(InputError, match=r"'cause 2' is 0 at all .* with 0 events"):
        coxph(rows, CAUSES)


def test_a_covariate_outside_the_group_is_not_shrunk():
    rows, _ = company(6, 0.5, 0.3)
    rows = rows.assign(other=np.random.default_rng(1).normal(size=len(rows)))
    fit = coxph(rows, [*CAUSES, "other"], pooled=CAUSES)
    seen = [c for c in CAUSES if rows.loc[rows["event"] == 1, c].any()]
    raw = coxph(rows, [*seen, "other"])
    assert fit.params["other"] == pytest.approx(raw.params["other"], abs=0.1 * raw.bse["other"])
    assert fit.prior.names == CAUSES


@pytest.mark.parametrize("pooled", [CAUSES[:2], [*CAUSES[:3], "unknown"]])
def test_a_group_to_pool_needs_three_of_the_covariates(pooled):
    with pytest.raises(InputError, match="at least three of the covariates"):
        coxph(company(7, 0.5, 0.3)[0], CAUSES, pooled=pooled)


def test_a_cause_never_at_risk_when_somebody_left_is_drawn_from_the_prior_alone():
    rows, _ = company(3, 0.5, 0.3)
    last = rows.loc[rows["event"] == 1, "stop"].max()
    beyond = pd.DataFrame({"customer_id": [-1], "start": last + 1, "stop": last + 2, "event": 0})
    rows = pd.concat([rows.assign(unseen=0.0), beyond.assign(unseen=1.0)]).fillna(0.0)
    fit = coxph(rows, [*CAUSES, "unseen"], pooled=[*CAUSES, "unseen"])
    prior = fit.prior
    assert 0.5 * prior.share * prior.mean < fit.params["unseen"] < fit.params[CAUSES].max()
    assert fit.robust_bse["unseen"] >= fit.robust_bse[CAUSES].max()
    with pytest.raises(InputError, match="'unseen' has one value only"):
        coxph(rows, [*CAUSES[:2], "unseen"])


def test_cautious_errors_are_the_larger_of_the_two():
    rows, _ = company(3, 0.5, 0.3)
    fit = coxph(rows, CAUSES[:4])
    usual, cautious = fit.summary_frame(), fit.summary_frame(cautious=True)
    model = fit.bse > fit.robust_bse
    assert model.any()
    assert not model.all()
    width = np.log(cautious["high"] / cautious["low"]) / (2 * 1.959964)
    np.testing.assert_allclose(width, np.where(model, fit.bse, fit.robust_bse), rtol=1e-6)
    assert (cautious.loc[model, "p"] > usual.loc[model, "p"]).all()
    pd.testing.assert_frame_equal(cautious[~model], usual[~model])


def test_pooled_intervals_are_wider_than_their_errors_say_by_as_much_as_was_shrunk():
    rows, _ = company(5, 0.5, 0.3)
    fit = coxph(rows, CAUSES, pooled=CAUSES)
    for level, normal in ((0.95, 1.959964), (0.8, 1.281552)):
        bounds = fit.conf_int(level)
        wider = (bounds["high"] - bounds["low"]) / (2 * normal * fit.robust_bse)
        assert (wider > 1).all()
        shrunk = np.diag(fit.shrinking) / np.diag(fit.robust_cov)
        assert (wider.rank() == pd.Series(shrunk, CAUSES).rank()).all()
    alone = coxph(rows, CAUSES[:4])
    assert (alone.shrinking == 0).all(axis=None)
