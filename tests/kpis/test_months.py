"""Months are compared, said and drawn only where their window is over for all."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from cxresearch import CannotTell
from cxresearch.kpis.months import KpiMonths, Months, of_kpi
from cxresearch.study.drawing import ACCENT


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def months(count, of=100, mature=True, **more) -> Months:
    rows = pd.DataFrame({"month": [f"2025-{i:02}" for i, _ in enumerate(count, 1)],
                         "count": np.array(count, float), "of": of, "mature": mature})  # fmt: skip
    share = rows["count"] / rows["of"]
    rows = rows.assign(share=share, low=share - 0.1, high=share + 0.1, **more)
    return Months(rows, "the share that comes back", "share that came back")


def test_months_that_are_not_over_are_not_compared():
    said = months([30, 28, 32, 90], mature=[True, True, True, False]).said()
    assert isinstance(said, CannotTell)
    assert "over 3 months it ran from 28.0% to 32.0%, no more than chance gives" in said.reason
    assert said.reason.endswith(" Not over and not compared: 1 of 4 months.")


def test_months_that_differ_by_more_than_chance_are_said():
    said = months([30, 28, 32, 90])
    assert said.said().text.startswith(
        "From month to month the share that comes back differs by more than chance: over 4 months "
        "it ran from 28.0% to 90.0% (p below 0.001, rows taken as independent)."
    )
    young = months([30, 28, 90, 1, 2], mature=[True] * 3 + [False] * 2).said().text
    assert young.endswith(" Not over and not compared: 2 of 5 months.")


def test_two_months_are_too_few():
    said = months([30, 60, 90], mature=[True, True, False]).said()
    assert "by month: too few months are over. Not over and not compared: 1" in said.reason
    assert not isinstance(months([30, 60, 90]).said(), CannotTell)


@pytest.mark.parametrize("count", [[3, 2, 9], [97, 98, 91]])
def test_a_month_in_which_too_few_are_expected_is_not_tested(count):
    # 14 of 300, in the smallest month 4.7 of 100 to be expected; the same of those who stay away.
    said = months(count).said()
    assert "in the smallest month chance alone would bring 4.7, too few to compare 3" in (
        said.reason
    )
    assert "too few" not in months([4, 3, 8]).said().reason  # 5.0


def test_the_design_effect_of_months_divides_chi_squared_by_hand():
    # 80 of 100, 60 of 100 and 70 of 100, each with an effect of 4: as 20, 15 and 17.5 of 25. Chi
    # squared is 2 * 2.5**2 / (25 * 0.7 * 0.3) = 2.381 on 2 degrees, so p = exp(-1.190) = 0.30.
    rows = [80, 60, 70]
    assert "(p = 0.30)." in months(rows, effect=4.0).said().reason
    assert "(p = 0.009, rows taken as independent)" in months(rows).said().text


def dots(ax) -> list[PathCollection]:
    return [c for c in ax.collections if isinstance(c, PathCollection)]


def test_a_month_that_is_not_over_is_hollow_and_one_without_a_share_is_named():
    both = months([20, 30, np.nan], mature=[True, False, False])
    full, hollow = dots(both.plot())
    assert [to_hex(of.get_facecolor()[0]) for of in (full, hollow)] == [ACCENT, "#ffffff"]
    assert full.get_offsets().tolist() == [[0, 0.2]]
    assert hollow.get_offsets().tolist() == [[1, 0.3]]
    assert both.described().endswith("their window is not over: 2025-02, 2025-03.")
    assert "(1 months): 20.0% (10.0% to 30.0%) in 2025-01." in both.described()


def test_the_title_spans_the_months_that_are_over():
    three = months([30, 20, 90], mature=[True, True, False])
    ax = three.plot()
    assert ax.figure.get_suptitle() == "The share that comes back by month: 20% to 30%"
    assert ax.get_ylabel() == "share that came back"
    assert "(2 months): 20.0% (10.0% to 30.0%) in 2025-02 to 30.0%" in three.described()
    young = months([30], mature=False).plot()
    assert young.figure.get_suptitle() == "No month is over yet for the share that comes back"


def test_a_thin_month_that_is_not_over_does_not_stretch_the_axis():
    rows = months([30, 20], mature=[True, False]).frame.assign(high=[0.4, 0.9])
    assert Months(rows, "it", "it").plot().get_ylim()[1] == pytest.approx(0.44)


def test_many_months_are_named_sparsely():
    ax = months([30] * 24).plot()
    assert [t.get_text() for t in ax.get_xticklabels()][:2] == ["2025-01", "2025-03"]


def kpi(*groups, why="") -> pd.DataFrame:
    known = {"low": 0.4, "high": 0.9, "target": 0.95, "kpi": "Solved", "why": why, "n": 9}
    return pd.DataFrame([{**known, "group": g, "estimate": e, "mature": m} for g, e, m in groups])


def test_a_kpi_by_month_stands_beside_its_target():
    ours = of_kpi(kpi(("all", 0.6, False), ("2026-01", 0.5, True), ("2026-02", 0.7, True),
                      ("2026-03", 0.9, False)))  # fmt: skip
    ax = ours.plot()
    span = "Solved, month by month: 50% to 70% in months that are over"
    assert ax.figure.get_suptitle() == span
    assert ours.said().text == f"{span}."
    assert [of.get_offsets()[:, 1].tolist() for of in dots(ax)] == [[0.5, 0.7], [0.9]]
    assert ax.lines[0].get_ydata()[0] == 0.95
    assert ax.get_ylim()[1] == 1.02
    assert "their window is not over: 2026-03" in ours.described()


def test_a_kpi_of_which_no_month_is_over_or_told_says_so():
    young = of_kpi(kpi(("all", 0.6, False), ("2026-01", 0.5, False)))
    assert isinstance(young, KpiMonths)
    assert young.said().text == "Solved: no month is over yet."
    untold = kpi(("all", np.nan, False), why="no state is known.")
    assert of_kpi(untold).reason == "how months differ: no state is known."
    assert of_kpi(untold.assign(why="")).reason == "how months differ: no month can be told."


def test_the_table_joins_a_share_and_its_interval():
    shown = months([20]).table().to_dict("records")
    assert shown == [{"month": "2025-01", "of": 100, "share": "20.0% (10.0% to 30.0%)",
                      "over for all": True}]  # fmt: skip
