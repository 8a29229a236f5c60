"""Shares by group are drawn in their order, and orange only where the verdict can tell."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from cxresearch.outcomes.shares import GroupShares
from cxresearch.study.drawing import ACCENT, QUIET, WARN


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


SHARES = pd.DataFrame(
    {"cause": ["mail", "calendar", "rare"], "share": [0.3, 0.1, np.nan], "low": [0.2, 0.0, np.nan],
     "high": [0.4, 0.2, np.nan], "verdict": ["comes back more", "cannot tell", "cannot tell: few"]}
)  # fmt: skip


def shares(frame: pd.DataFrame = SHARES, whole: float = np.nan) -> GroupShares:
    return GroupShares(frame, "cause", "share of tickets", "One is clear", whole)


def colours(ax) -> list[str]:
    return [to_hex(colour) for colour in ax.collections[-1].get_facecolors()]


def test_shares_keep_their_order_from_the_top_and_mark_the_clear_ones():
    ax = shares(whole=0.15).plot()
    assert ax.figure.get_suptitle() == "One is clear"
    names = {t.get_text(): y for t, y in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)}
    assert names == {"mail": 1, "calendar": 0}
    assert colours(ax) == [WARN, QUIET]
    assert ax.lines[0].get_xdata() == [0.15, 0.15]
    assert ax.get_xlim() == pytest.approx((0, 0.46))


def test_shares_that_nobody_judged_are_all_of_one_colour():
    ax = shares(SHARES.drop(columns="verdict")).plot()
    assert set(colours(ax)) == {ACCENT}
    assert not ax.lines


def test_shares_are_described_from_the_top_with_the_share_of_all():
    assert shares(whole=0.15).described() == (
        "Dots are shares, bars their 95% intervals: mail 30.0% (20.0% to 40.0%); calendar 10.0% "
        "(0.0% to 20.0%). The dotted line is the share of all, 15.0%."
    )
    assert "dotted" not in shares().described()


def test_shares_of_groups_nobody_watched_are_an_empty_figure():
    nobody = shares(SHARES.tail(1))
    assert nobody.plot().get_xlim() == (0, 1)
    assert "no row was watched so long" in nobody.described()


def test_no_more_than_fifteen_rows_are_drawn():
    many = pd.concat([SHARES.head(1)] * 16)
    assert len(shares(many).plot().get_yticks()) == 15
