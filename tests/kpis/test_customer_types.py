"""Types of customers are said, shown and drawn by their verdict alone."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from cxresearch import CannotTell
from cxresearch.kpis.customer_types import AboutWhat, WhoWrites
from cxresearch.study.drawing import QUIET, WARN


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def types(*verdicts: str) -> WhoWrites:
    rows = pd.DataFrame(
        {"who": ["plan a", "plan b", "plan rare"], "customers": [50, 60, 10],
         "years": [9.6, 8.0, 0.4], "rate": [2.0, 1.0, 0.5], "ratio": [1.4, 0.7, np.nan],
         "low": [1.2, 0.6, np.nan], "high": [1.6, 0.8, np.nan], "q": [0.004, 0.03, np.nan]}
    )  # fmt: skip
    few = "cannot tell: too few tickets"
    return WhoWrites(rows.assign(verdict=[*(verdicts or ("writes more", "writes less")), few]))


def test_groups_that_differ_are_said_from_the_one_that_writes_most():
    said = types().said().text
    assert said.startswith(
        "Tickets a year, as a multiple of those of all other customers: **plan a 1.40 (1.20 to "
        "1.60); plan b 0.70 (0.60 to 0.80)** (95% intervals; 2 of 3 groups differ at a "
    )


def test_where_no_group_differs_it_cannot_be_told():
    none = types("cannot tell", "cannot tell")
    assert "of 3 groups none differs clearly" in none.said().reason
    title = none.plot().figure.get_suptitle()
    assert title == "No type of customer clearly writes more than all others"


def test_ratios_keep_their_order_and_mark_the_clear_ones():
    ax = types("writes more", "cannot tell").plot()
    names = dict(zip((t.get_text() for t in ax.get_yticklabels()), ax.get_yticks(), strict=True))
    assert names == {"plan a": 1, "plan b": 0}
    assert [to_hex(c) for c in ax.collections[-1].get_facecolors()] == [WARN, QUIET]
    assert ax.lines[0].get_xdata() == [1, 1]
    assert ax.get_xticks().tolist() == [0.7, 0.8, 1, 1.25, 1.5]
    assert ax.figure.get_suptitle() == "Plan a writes 1.40 times as much as others"


def test_ratios_are_described_from_the_top():
    told = types().described()
    assert told.endswith(" of 5%: plan a 1.40 (1.20 to 1.60); plan b 0.70 (0.60 to 0.80).")


def test_the_table_says_the_rate_of_false_discoveries_where_there_is_one():
    rows = types().table().to_dict("records")
    assert rows[0] == {
        "known of the customer": "plan a", "customers": 50, "their years": 10,
        "tickets a year": 2.0, "times all others": "1.40 (1.20 to 1.60)",
        "verdict": "writes more, q < 0.01",
    }  # fmt: skip
    assert [row["verdict"] for row in rows[1:]] == [
        "writes less, q = 0.03", "cannot tell: too few tickets",
    ]  # fmt: skip
    assert rows[2]["times all others"] == "–"


def pairs(*verdicts: str, n: int = 3) -> AboutWhat:
    rows = pd.DataFrame(
        {"cause": ["mail", "app", "rare"], "who": ["plan a", "plan b", "plan a"],
         "tickets": [30, 20, 1], "expected": [20.4, 30.0, 0.3], "ratio": [1.5, 0.5, np.nan],
         "low": [1.1, 0.4, np.nan], "high": [2.0, 0.8, np.nan], "residual": [2.0, -3.0, np.nan],
         "p": [0.04, 0.01, np.nan], "q": [0.05, 0.02, np.nan]}
    )  # fmt: skip
    few = "cannot tell: too few tickets"
    return AboutWhat(rows.assign(verdict=[*verdicts, few]).head(n))


def test_pairs_that_stand_out_are_said_the_clearest_first():
    said = pairs("more than others", "less than others").said().text
    assert said.startswith("**2 of 2** pairs of cause and group stand out")
    assert said.endswith(
        "all others: plan b on app: 0.50 times (0.40 to 0.80); plan a on mail: 1.50 times (1.10 to "
        "2.00)."
    )
    assert "**1 of 2**" in pairs("more than others", "cannot tell").said().text


def test_where_no_pair_stands_out_the_nearest_is_named():
    said = pairs("cannot tell", "cannot tell").said()
    assert isinstance(said, CannotTell)
    assert "none of 2 pairs of cause and group stands out" in said.reason
    assert said.reason.endswith("plan b on app, 0.50 times (0.40 to 0.80; q = 0.02).")


def test_the_farthest_pairs_stand_first_and_untested_ones_not_at_all():
    rows = pairs("cannot tell", "cannot tell").table()
    assert rows["cause"].tolist() == ["app", "mail"]
    assert rows.iloc[1].to_dict() == {
        "cause": "mail", "group": "plan a", "tickets": 30, "expected": 20,
        "times all others": "1.50 (1.10 to 2.00)", "residual": 2.0, "q": 0.05,
    }  # fmt: skip
