"""Landmark groups made comparable by weights: planted confounding, coverage, and refusals."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell
from cxresearch.study.schema import InputError
from cxresearch.survival import landmark

DAY, OTHER = 180, 1 / 900


def rates(usage: np.ndarray, late: np.ndarray) -> np.ndarray:
    return np.exp(0.8 * usage) * (1 + late) / 900


def cohort(seed: int, customers: int = 300) -> pd.DataFrame:
    """Two landmarks a customer; heavy users are late more often and leave more often anyway."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), 2)
    usage = rng.normal(size=customers)[who]
    late = rng.random(len(who)) < 1 / (1 + np.exp(-usage))
    shared = rng.exponential(size=customers)[who]  # both landmarks watch the same departure
    ends = np.array([shared / rates(usage, late), rng.exponential(1 / OTHER, len(who))])
    ends = np.vstack([rng.uniform(100, 500, len(who)), ends])
    rows = {"customer_id": who, "usage": usage, "late": late}
    return pd.DataFrame({**rows, "time": ends.min(axis=0), "status": ends.argmin(axis=0)})


def test_weights_undo_planted_confounding_and_the_interval_covers():
    usage = np.random.default_rng(0).normal(size=100_000)
    each = [rates(usage, late) for late in (0, 1)]
    shares = [np.mean(h / (h + OTHER) * (1 - np.exp(-(h + OTHER) * DAY))) for h in each]
    truth, seeds = shares[1] - shares[0], [cohort(seed) for seed in range(200)]
    fair = pd.concat([landmark(rows, "late", ["usage"], (DAY,)) for rows in seeds])
    naive = pd.concat([landmark(rows, "late", [], (DAY,)) for rows in seeds])
    assert fair["difference"].mean() == pytest.approx(truth, abs=0.008)
    assert naive["difference"].mean() > truth + 0.05
    assert 0.92 <= ((fair["low"] < truth) & (truth < fair["high"])).mean() <= 0.995


def test_shares_differ_by_their_difference_and_past_the_last_day_are_null():
    found = landmark(cohort(1), "late", ["usage"], (90, 9999)).set_index("day")
    near = found.loc[90]
    assert near["difference"] == pytest.approx(near[True] - near[False])
    assert 0 < near["effective"] < 600
    assert 0 < near["largest_weight"] < 0.1
    assert found.loc[9999, [True, False, "difference", "low", "high", "p"]].isna().all()


def test_a_covariate_of_text_makes_each_group_look_like_all():
    # In either plan 1/2 leave by day 5 if late and 1/4 if not; late ones are mostly of plan b.
    sizes = [("a", False, 120), ("a", True, 40), ("b", False, 40), ("b", True, 120)]
    rows = pd.DataFrame([row[:2] for row in sizes for _ in range(row[2])], columns=["plan", "late"])
    place = rows.groupby(["plan", "late"]).cumcount()
    happened = place % 4 < np.where(rows["late"], 2, 1)
    rows = rows.assign(customer_id=rows.index, time=np.where(happened, 5.0, 9), status=1 * happened)
    found = landmark(rows, "late", ["plan"], (5,)).iloc[0]
    assert [found[False], found[True]] == pytest.approx([1 / 4, 1 / 2])
    assert found["effective"] == pytest.approx(320**2 / (120 * 16 / 9 + 40 * 16))


def test_groups_too_unlike_to_compare_cannot_be_told():
    rows = cohort(2).assign(late=lambda r: r["usage"] > 0)
    found = landmark(rows, "late", ["usage"])
    assert isinstance(found, CannotTell)
    assert "too unlike in ['usage']" in found.reason


@pytest.mark.parametrize(
    ("change", "says"),
    [({"late": True}, "'late' has 1 groups"), ({"usage": np.nan}, "'usage' is missing")],
)
def test_what_cannot_be_compared_is_refused_by_name(change, says):
    with pytest.raises(InputError, match=says):
        landmark(cohort(3).assign(**change), "late", ["usage"])
