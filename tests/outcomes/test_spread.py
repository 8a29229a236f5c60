"""One event, a few customers, or the system: by hand."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import Study
from cxresearch.outcomes.spread import _reads, dispersion, how_spread

START = pd.Timestamp("2024-01-01", tz="UTC")


def study(rows) -> Study:
    """rows: (cause, customer, day, priority)."""
    ids = [str(i) for i in range(len(rows))]
    causes, who, days, priority = zip(*rows, strict=True)
    tickets = pd.DataFrame(
        {"ticket_id": ids, "requester_id": who, "status": "open", "priority": priority,
         "created_at": [START + pd.Timedelta(days=d) for d in days]}
    )  # fmt: skip
    names = sorted(set(causes))
    told = pd.DataFrame(
        {"ticket_id": ids, "topic": [names.index(c) for c in causes], "cause": causes,
         "weight": 1.0, "is_exit_request": False}
    )  # fmt: skip
    return Study.from_tables({"tickets": tickets, "ticket_causes": told})


STEADY = [("steady", f"s{d}", d, "low") for d in range(0, 364, 3)]
ROWS = [
    *STEADY,
    *[("outage", f"o{i}", 100 + i % 5, "urgent") for i in range(40)],
    *[("one shop", "p", d, "normal") for d in range(0, 364, 12)],
    *[("rare", f"r{i}", 100 * i, None) for i in range(3)],
]


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return how_spread(study(ROWS)).frame.set_index("cause")


def test_a_cause_is_read_by_when_and_from_whom_it_came(found):
    assert found["reads"].to_dict() == {
        "steady": "systemic", "outage": "one-off", "one shop": "few customers",
        "rare": "cannot tell",
    }  # fmt: skip
    assert found.loc["outage", "burst"] == 1
    assert found.loc["one shop", ["customers", "top three"]].tolist() == [1, 1]
    assert found.loc["outage", "p"] < 0.001 < found.loc["steady", "p"]


def test_severe_is_a_share_of_those_whose_priority_is_known(found):
    severe = found["severe"]
    assert severe[["steady", "outage"]].tolist() == [0, 1]
    assert pd.isna(severe["rare"])


def test_dispersion_by_hand():
    # 10 and 0 and 5 customers in three stretches where all causes have 20 each: 5 are expected
    weeks = [*[0] * 10, *[2] * 5]
    each = pd.DataFrame({"cause": "a", "customer_id": range(15), "week": weeks})
    rest = pd.DataFrame({"cause": "b", "customer_id": range(45),
                         "week": [*[0] * 10, *[1] * 20, *[2] * 15]})  # fmt: skip
    ratio, p = dispersion(each, pd.concat([each, rest]))
    assert ratio == pytest.approx((25 + 25 + 0) / 5 / 2)
    assert p == pytest.approx(np.exp(-5))  # chi-squared of 10 with two degrees of freedom


def test_one_who_keeps_asking_in_a_week_makes_no_burst():
    many = [*STEADY, *[("steady", "s100", 99 + i / 10, "low") for i in range(30)]]
    rest = [("other", f"x{d}", d, "low") for d in range(0, 364, 2)]
    one = how_spread(study([*many, *rest])).frame.set_index("cause").loc["steady"]
    assert one["p"] > 0.05


def test_the_order_of_rows_does_not_matter(found):
    mixed = [ROWS[i] for i in np.random.default_rng(1).permutation(len(ROWS))]
    again = how_spread(study(mixed)).frame.set_index("cause")
    pd.testing.assert_frame_equal(found, again, check_dtype=False)


def test_three_months_of_four_from_ten_customers_are_the_system():
    row = {"p": 0.5, "burst": 0.1, "top_three": 0.2, "tickets": 40, "months": 0.75, "customers": 10}
    rows = pd.DataFrame([row, row | {"months": 0.74}, row | {"customers": 9}, row | {"p": 0.04}])
    told = ["systemic", "cannot tell", "cannot tell", "systemic, with bursts"]
    assert _reads(rows).tolist() == told


def test_causes_are_numbered_in_their_order():
    assert how_spread(study(ROWS)).frame.index.tolist() == [0, 1, 2, 3]
