"""coxph on partitions of whole customers: the fit is that of all rows in one frame."""

import gc
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest

from cxresearch.study.schema import InputError
from cxresearch.survival import coxph
from cxresearch.survival.risk_sets import Partition

FORMULA = "late + usage + C(plan) + C(size)"
OPTIONS = {"strata": ["quarter", "yearly"], "weights": "w", "offset": "off"}
POOLED = ["late", "usage", "again"]
RARE = [3, 33, 63]  # all in one of 3 or 16 partitions


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """200 customers with three rows each, on whole days: what they are changes, many leave on one
    day. Plan "rare" and size 9 are of three customers each."""
    rng = np.random.default_rng(8)
    whole = pd.DataFrame(
        {"customer_id": [f"c{i}" for i in range(200)], "yearly": np.arange(200) % 2}
    )
    whole = whole.assign(plan=rng.choice(["basic", "pro"], 200), size=rng.integers(1, 4, 200))
    whole.loc[RARE, "plan"], whole.loc[[8, 38, 68], "size"] = "rare", 9
    rows = whole.loc[np.repeat(whole.index, 3)].reset_index(drop=True)
    n, stop = len(rows), np.cumsum(rng.integers(1, 9, (200, 3)), axis=1)
    rows["start"], rows["stop"] = np.c_[np.zeros(200, int), stop[:, :2]].ravel(), stop.ravel()
    rows["event"] = np.c_[np.zeros((200, 2), int), rng.random(200) < 0.7].ravel()
    rows.loc[rows["plan"] == "rare", "event"] = [0, 0, 1] * 3
    rows = rows.assign(late=rng.integers(0, 2, n), usage=rng.normal(3, 1, n), off=rng.random(n) / 9)
    return rows.assign(
        again=rng.normal(size=n),
        w=rng.uniform(1, 2, n),
        quarter=np.where(rng.random(n) < 0.5, "a", "b"),
    )


def partitions(rows: pd.DataFrame, n: int) -> Callable[[], Iterator[pd.DataFrame]]:
    """n partitions by customer, one of them without any, if there are more than one."""
    of = pd.factorize(rows["customer_id"])[0] % max(n - 1, 1)
    return lambda: (rows[of == k] for k in range(n))


@pytest.fixture(scope="module", params=["efron", "breslow"])
def ties(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def joined(rows, ties):
    return coxph(rows, FORMULA, ties=ties, **OPTIONS)


@pytest.mark.parametrize("n", [1, 3, 16])
def test_the_fit_of_partitions_is_that_of_all_rows(n, rows, ties, joined):
    fit = coxph(partitions(rows, n), FORMULA, ties=ties, **OPTIONS)
    assert (fit.rows, fit.events, fit.strata) == (joined.rows, joined.events, joined.strata)
    assert list(fit.params.index) == list(joined.params.index)
    for of in ("params", "bse", "robust_bse", "robust_cov", "loglik", "score_test"):
        np.testing.assert_allclose(getattr(fit, of), getattr(joined, of), atol=1e-9, err_msg=of)
    assert fit.concordance() == pytest.approx(joined.concordance(), abs=1e-9)
    for one, other in [
        (fit.summary_frame(), joined.summary_frame()),
        (fit.cox_zph(), joined.cox_zph()),
        (fit.moved_by_cluster(), joined.moved_by_cluster()),
    ]:
        pd.testing.assert_frame_equal(one, other, rtol=0, atol=1e-9)


@pytest.mark.parametrize("n", [3, 16])
def test_hazards_and_residuals_of_partitions_are_those_of_all_rows(n, rows, ties, joined):
    fit = coxph(partitions(rows, n), FORMULA, ties=ties, **OPTIONS)
    by = ["quarter", "yearly", "time"]
    ours, theirs = (of.baseline_hazard().sort_values(by, ignore_index=True) for of in (fit, joined))
    pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=1e-9)
    for kind in ("martingale", "deviance", "score", "dfbeta"):
        here = fit.residuals(kind).loc[rows.index]
        np.testing.assert_allclose(here, joined.residuals(kind), atol=1e-9, err_msg=kind)
    at = [of.residuals("schoenfeld").groupby("time").sum() for of in (fit, joined)]
    pd.testing.assert_frame_equal(*at, rtol=0, atol=1e-9)


def test_pooled_coefficients_of_partitions_are_those_of_all_rows(rows):
    one, other = (coxph(of, POOLED, pooled=POOLED) for of in (rows, partitions(rows, 3)))
    np.testing.assert_allclose(other.params, one.params, atol=1e-9)
    np.testing.assert_allclose(other.robust_bse, one.robust_bse, atol=1e-9)


def test_rows_without_an_event_nor_at_risk_make_a_partition_too(rows):
    idle = rows.assign(customer_id="idle " + rows["customer_id"], start=98, stop=99, event=0)
    fit = coxph(lambda: [idle, rows], ["late"])
    assert fit.params["late"] == pytest.approx(coxph(rows, ["late"]).params["late"], abs=1e-9)
    assert (fit.residuals("martingale")[: len(idle)] == 0).all()
    assert (fit.moved_by_cluster().filter(like="idle", axis=0) == 0).all(axis=None)


def test_no_more_than_one_partition_is_held_at_a_time(rows):
    held: list[int] = []

    def parts() -> Iterator[pd.DataFrame]:
        for k in range(4):
            yield rows[rows["customer_id"].str[-1].astype(int) % 4 == k]
            held.append(sum(isinstance(kept, Partition) for kept in gc.get_objects()))

    gc.collect()
    before = sum(isinstance(kept, Partition) for kept in gc.get_objects())
    coxph(parts, ["late", "usage"], strata="plan").robust_cov.sum()
    assert len(held) > 8 * 4
    assert max(held) == before


def test_rows_that_are_a_cluster_each_move_a_ratio_alone(rows):
    """Also where half of them are never at risk when somebody leaves."""
    early = rows.assign(start=0.1, stop=0.2, event=0)
    both = pd.concat([early, rows], ignore_index=True)
    moved = coxph(both, ["late"], cluster=None).moved_by_cluster()["late"]
    assert (moved[: len(early)] == 0).all()
    alone = coxph(rows, ["late"], cluster=None).moved_by_cluster()["late"]
    np.testing.assert_allclose(moved[len(early) :], alone, atol=1e-9)


@pytest.mark.parametrize(
    ("parts", "covariates", "says"),
    [
        (lambda rows: lambda: [rows[::2], rows[1::2]], ["late"], "share a 'customer_id'"),
        (lambda rows: iter([rows]), ["late"], "a function that yields its partitions"),
        (lambda rows: lambda: [rows.assign(event=0)], ["late"], "Nobody left"),
        (lambda rows: lambda: [], ["late"], "Nobody left"),
        (lambda rows: lambda: [rows], "late + center(usage)", r"center\(usage\) asks for all rows"),
        (lambda rows: lambda: [rows], "late + colour", "no column 'colour'"),
        (lambda rows: lambda: [rows.assign(late=rows["event"])], ["late"], "'late' is 1 at all"),
        (lambda rows: lambda: [rows.assign(late=1)], ["late"], "one value only"),
        (lambda rows: lambda: [rows.assign(plan=None)], "C(plan)", "'plan' is missing in 600 of"),
    ],
)  # fmt: skip
def test_partitions_that_cannot_be_fitted_are_refused(parts, covariates, says, rows):
    with pytest.raises(InputError, match=says):
        coxph(parts(rows), covariates)
