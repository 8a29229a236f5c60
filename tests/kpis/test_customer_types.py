"""Types of customers are said, shown and drawn by their verdict alone."""

import numpy as np
import pandas as pd

from cxresearch import CannotTell
from cxresearch.kpis.customer_types import AboutWhat, WhoWrites


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
        "**Plan a** writes most: 2.00 tickets a year, 1.40 times as many as all others (1.20 to "
        "1.60). Of 3 groups 2 differ clearly."
    )
    less = types("cannot tell", "writes less").said().text
    assert less.startswith("**Plan b** writes less, and nobody clearly more: 1.00 tickets a year")


def test_where_no_group_differs_it_cannot_be_told():
    none = types("cannot tell", "cannot tell")
    assert "none of 3 groups differs clearly" in none.said().reason


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
    assert said.endswith("The clearest is plan b on app: 20 tickets where 30 were to be expected.")
    assert "**1 of 2**" in pairs("more than others", "cannot tell").said().text


def test_where_no_pair_stands_out_none_is_shown():
    said = pairs("cannot tell", "cannot tell").said()
    assert isinstance(said, CannotTell)
    assert "none of 2 pairs of cause and group stands out" in said.reason
    assert pairs("cannot tell", "cannot tell").table().empty


def test_the_farthest_pairs_stand_first_and_untested_ones_not_at_all():
    rows = pairs("cannot tell", "less than others").table()
    assert rows["cause"].tolist() == ["app", "mail"]
    assert rows.iloc[1].to_dict() == {
        "cause": "mail", "group": "plan a", "tickets": 30, "expected": 20,
        "times all others": "1.50 (1.10 to 2.00)", "residual": 2.0, "q": 0.05,
    }  # fmt: skip
