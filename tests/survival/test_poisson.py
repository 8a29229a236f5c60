"""The hazard model on cells of person-time: by hand, and against coxph on the cells' rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxresearch import build_episodes, open_study
from cxresearch.outcomes.models import STRATA, modelled
from cxresearch.study.schema import InputError
from cxresearch.survival import coxph, poisson_hazard

ROOT = Path(__file__).parents[2]
STATES = ["overdue state", "solved late", "open in time", "none"]  # against solved in time
CELLS = pd.DataFrame({"late": [0, 1], "events": [10, 20], "days": [1000.0, 1000.0]})


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """The demo's episodes, with a bin of time by stratum; two bins without departures are left out,
    which tell nothing in either model."""
    rows = modelled(build_episodes(open_study(ROOT / "data" / "demo")))
    rows = rows.assign(bin=rows[STRATA].agg(" ".join, axis=1), days=rows["stop"] - rows["start"])
    rows["overdue state"] = rows["state"].eq("overdue").astype(int)
    return rows[rows.groupby("bin")["event"].transform("sum") > 0]


@pytest.fixture(scope="module")
def fit(rows):
    cells = rows.groupby(["bin", *STATES], as_index=False)
    cells = cells.agg(events=("event", "sum"), days=("days", "sum"))
    assert len(cells) < 240
    return poisson_hazard(cells, " + ".join([f"`{state}`" for state in STATES] + ["C(bin)"]))


def in_bins(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that begin and end with their bin, as far as a model of time in bins can see."""
    return rows.assign(start=0, stop=1, share=np.log(rows["days"]))


def test_the_ratio_of_two_cells_is_that_of_their_rates():
    fit = poisson_hazard(CELLS.assign(days=[1000, 500]), ["late"])
    assert fit.params["late"] == pytest.approx(np.log(4))
    assert fit.bse["late"] == pytest.approx(np.sqrt(1 / 10 + 1 / 20))
    assert fit.baseline == pytest.approx(np.log(0.01))


def test_cells_say_what_coxph_says_of_their_rows_with_time_in_the_same_bins(rows, fit):
    """Each row is at risk for its days of the bin, and all who leave in a bin leave at once."""
    cox = coxph(in_bins(rows), STATES, strata="bin", offset="share", ties="breslow")
    np.testing.assert_allclose(fit.params[STATES], cox.params, atol=1e-9)
    np.testing.assert_allclose(fit.bse[STATES], cox.bse, atol=1e-9)


def test_an_overdue_issue_goes_with_what_coxph_says_of_time_as_it_was(rows, fit):
    cox = coxph(rows, STATES, strata=STRATA)
    away = (fit.params - cox.params)["overdue state"] / cox.bse["overdue state"]
    assert abs(away) < 0.05


def test_rows_rounded_to_whole_bins_are_another_model(rows, fit):
    cox = coxph(in_bins(rows), STATES, strata="bin", ties="breslow")
    away = (cox.params - fit.params)["overdue state"] / fit.bse["overdue state"]
    assert away == pytest.approx(-0.7, abs=0.05)


def test_what_intervals_leave_out_is_next_to_nothing_on_the_demo(rows, fit):
    ratio = coxph(rows, STATES, strata=STRATA).robust_bse / fit.bse[STATES]
    assert ratio.between(0.995, 1.015).all()


def test_cells_cut_finer_change_nothing():
    rng = np.random.default_rng(2)
    cells = pd.DataFrame({"x": rng.normal(size=6), "events": rng.integers(1, 9, 6), "days": 90.0})
    half = cells.assign(events=cells["events"] // 2, days=30.0)
    rest = cells.assign(events=cells["events"] - half["events"], days=60.0)
    one, other = poisson_hazard(cells, ["x"]), poisson_hazard(pd.concat([half, rest]), ["x"])
    assert other.params["x"] == pytest.approx(one.params["x"], abs=1e-9)
    assert other.bse["x"] == pytest.approx(one.bse["x"], abs=1e-9)


def test_a_fit_shows_its_table_and_what_it_rests_on():
    page = poisson_hazard(CELLS, ["late"])._repr_html_()
    assert "30 events in 2 rows." in page
    assert "hazard_ratio" in page


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"days": [0, 1]}, "'days' must be above 0"),
        ({"events": [-1, 2]}, "'events' must be how many"),
        ({"events": [0.5, 2]}, "'events' must be how many"),
        ({"events": 0}, "Nobody left"),
        ({"events": [3, 0]}, "'late', or what it is compared with, has no events"),
        ({"events": [0, 3]}, "'late', or what it is compared with, has no events"),
        ({"late": [1, np.nan]}, "'late' is missing in 1 of 2"),
        ({"late": 1}, r"'late' has one value only .*\(2 cells\)"),
        ({"late": "yes"}, "'late' is not numeric"),
    ],
)
def test_cells_that_cannot_be_fitted_are_refused(change, says):
    with pytest.raises(InputError, match=says):
        poisson_hazard(CELLS.assign(**change), ["late"])


def test_a_level_without_events_is_refused_by_name():
    cells = pd.DataFrame({"plan": list("abc"), "events": [4, 9, 0], "days": [90, 90, 90]})
    with pytest.raises(InputError, match=r"'C\(plan\)\[T.c\]', or what"):
        poisson_hazard(cells, "C(plan)")
