"""Where no further ticket was written, the interval is that of a count of nothing."""

import pandas as pd

from cxresearch import CannotTell
from cxresearch.pages import gone
from tests.kpis.surveys.test_surveys import asked, study


def curves(mean: float, low: float, high: float, at_risk: int = 100) -> pd.DataFrame:
    rows = {"day": [0, 400] * 2, "group": ["any cause"] * 2 + ["same cause"] * 2}
    return pd.DataFrame(rows).assign(mean=mean, low=low, high=high, at_risk=at_risk, naive=mean)


def test_no_further_tickets_have_the_exact_interval_of_a_count_of_nothing():
    # Garwood: 0 events in 100 watched years lie below 3.689 / 100 at 95%.
    one = study(asked(["c0"], [5], [9]))
    said = gone.further(curves(0.0, float("nan"), float("nan")), one).text
    assert "**0.00** further tickets on average (95% interval 0.00 to 0.04)" in said
    assert "nan" not in said


def test_nobody_watched_to_the_day_cannot_tell():
    one = study(asked(["c0"], [5], [9]))
    found = gone.further(curves(0.0, float("nan"), float("nan"), at_risk=0), one)
    assert isinstance(found, CannotTell)
