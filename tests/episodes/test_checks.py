"""What check_episodes refuses, what it warns of, and the power that it tells."""

import warnings

import numpy as np
import pandas as pd
import pytest

from cxresearch.episodes import TidyingUpWarning, check_episodes
from cxresearch.study.schema import InputError


def rows(**changes) -> pd.DataFrame:
    """Three customers, two pieces each: a and b leave, b while overdue; c stays."""
    frame = pd.DataFrame(
        {
            "customer_id": list("aabbcc"),
            "start": [0.0, 10, 0, 10, 0, 10],
            "stop": [10.0, 30, 10, 20, 10, 50],
            "event": [0, 1, 0, 1, 0, 0],
            "overdue": [0, 0, 0, 1, 1, 0],
            "overdue: login": [0, 0, 0, 1, 0, 0],
            "size": [1.0, 2.0, 1.0, 3.0, 2.0, 2.0],
        }
    )
    return frame.assign(**changes)


def test_power_is_told_overall_and_for_each_cause():
    found = check_episodes(rows()).set_index("group")
    assert list(found.index) == ["any overdue issue", "login"]
    both = found.loc["any overdue issue"]
    assert both["customers exposed"] == 2
    assert both["years exposed"] == pytest.approx(20 / 365.25)
    assert (both["left while exposed"], both["left"]) == (1, 2)
    # Schoenfeld: exp((1.95996 + 0.84162) / sqrt(2 * 0.2 * 0.8)), 20 of 100 days exposed
    assert both["smallest visible ratio"] == pytest.approx(
        np.exp(2.80158 / np.sqrt(0.32)), rel=1e-5
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"start": [0.0, 9, 0, 10, 0, 10]}, "Customer a has pieces that overlap at day 9"),
        ({"start": [0.0, 12, 0, 10, 0, 10]}, "Customer a has a gap between pieces at day 12"),
        ({"stop": [10.0, 30, 10, 10, 10, 50]}, "Customer b has a piece that is empty"),
        ({"event": [1, 0, 0, 1, 0, 0]}, "Customer a has an event before the last piece"),
    ],
)
def test_broken_lives_are_refused_by_customer_and_day(change, says):
    with pytest.raises(InputError, match=says):
        check_episodes(rows(**change))


def test_a_covariate_that_never_varies_among_the_exposed_is_refused():
    with pytest.raises(InputError, match="'same' is 1 in all 2 exposed rows"):
        check_episodes(rows(same=[0, 1, 0, 1, 1, 0]), ["same"])


def test_a_snapshot_that_parts_leavers_from_stayers_is_refused():
    with pytest.raises(InputError, match="parts the 2 customers who left from the 1 who stayed"):
        check_episodes(rows(mrr_today=[9, 0, 8, 0, 7, 7]), ["mrr_today"])


def test_a_covariate_that_is_not_there_is_named():
    with pytest.raises(InputError, match="no column 'plan'"):
        check_episodes(rows(), ["plan"])


def leavers(close: float) -> pd.DataFrame:
    """Forty who leave on day 100, with an issue overdue from day 20 to a day before it."""
    parts = [
        pd.DataFrame(
            {
                "customer_id": f"c{n}",
                "start": [0.0, 20, close + n / 100],
                "stop": [20.0, close + n / 100, 100],
                "event": [0, 0, 1],
                "overdue": [0, 1, 0],
            }
        )
        for n in range(40)
    ]
    return pd.concat(parts)


def test_closures_just_before_exits_are_warned_of():
    with pytest.warns(TidyingUpWarning, match="40 of 40 closures fell in the 14 days before"):
        check_episodes(leavers(close=95))


def test_closures_at_other_times_are_not():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_episodes(leavers(close=60))
