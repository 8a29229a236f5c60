"""Who fell silent, by hand: shares, the excess of the unsolved, and what became of them later."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.outcomes import silence, silent_customers
from cxresearch.study.words import LEAVING, RETURNING
from tests.outcomes.test_recurrence import UNTIL, study


def gone_cohort() -> pd.DataFrame:
    """Ten solved: 6 silent, 3 write, 1 leaves; ten open: 3 silent, 5 write, 2 leave, all by 90."""
    solved = [(200, 0)] * 6 + [(10, 1)] * 3 + [(20, 2)]
    still = [(200, 0)] * 3 + [(10, 1)] * 5 + [(20, 2)] * 2
    rows = pd.DataFrame(solved + still, columns=["time", "status"])
    group = ["solved in time"] * 10 + ["still open"] * 10
    return rows.assign(customer_id=[f"c{i}" for i in range(20)], group=group)


def test_excess_silence_by_hand():
    found = silence.excess_silence(gone_cohort()).frame
    assert found["not solved"].tolist() == pytest.approx([0.3, 0.5, 0.2])
    assert found["solved"].tolist() == pytest.approx([0.6, 0.3, 0.1])
    assert found["difference"].tolist() == pytest.approx([-0.3, 0.2, 0.1])
    assert found["difference"].sum() == pytest.approx(0)
    # Independent shares of 10 each: the error of a difference is sqrt(.3*.7/10 + .6*.4/10).
    width = 1.96 * np.sqrt(0.021 + 0.024)
    row = found.loc["silent"]
    assert (row["low"], row["high"]) == pytest.approx((-0.3 - width, -0.3 + width), abs=1e-3)


def test_excess_silence_says_its_sign_or_cannot_tell():
    many = pd.concat([gone_cohort().assign(customer_id=lambda r, i=i: r["customer_id"] + f"-{i}")
                      for i in range(30)])  # fmt: skip
    assert "silence is no sign of giving up" in silence.excess_silence(many).said().text
    assert "The difference is -30.0 points" in silence.excess_silence(many).said().text
    assert isinstance(silence.excess_silence(gone_cohort()).said(), CannotTell)


def test_a_group_not_watched_so_long_cannot_tell():
    short = gone_cohort().assign(time=lambda rows: rows["time"].clip(upper=30))
    assert isinstance(silence.excess_silence(short), CannotTell)
    only = gone_cohort().head(10)
    assert isinstance(silence.excess_silence(only), CannotTell)


def test_what_became_of_the_silent_by_hand():
    # Two still silent on day 90: one writes on day 120, one is seen until day 300.
    rows = pd.DataFrame(
        {"customer_id": list("abc"), "group": "solved", "time": [50.0, 120.0, 300.0],
         "status": [1, 1, 0]}
    )  # fmt: skip
    found = silence.afterwards(rows).frame.squeeze()
    assert found["customers"] == 2
    assert (found["silent"], found["wrote again"], found["left"]) == pytest.approx((0.5, 0.5, 0))


def test_without_causes_silence_cannot_be_told():
    known = study(("a", "p", "x", 0, 2), ended={})
    tables = {"tickets": known.tickets, "customers": known.customers}
    found = silent_customers.silence_cohort(Study.from_tables(tables, observed_until=UNTIL))
    assert isinstance(found, CannotTell)
    assert "causes are not known" in found.reason


def test_who_left_is_shown_only_where_it_can_be_seen():
    rows = silence.silent(gone_cohort()).table().set_index("group")
    assert rows.loc["still open", ["wrote again %", "left %"]].tolist() == pytest.approx([50, 20])
    assert rows.loc["still open", "silent"].startswith("30.0% (")
    assert "left %" not in silence.silent(gone_cohort(), RETURNING).table()


def excess(difference: float) -> silence.ExcessSilence:
    row = {"not solved": 0.6, "solved": 0.6 - difference, "difference": difference,
           "low": difference - 0.05, "high": difference + 0.05}  # fmt: skip
    verdict = "more" if difference > 0.05 else "cannot tell"
    return silence.ExcessSilence(pd.DataFrame([{**row, "verdict": verdict}], ["silent"]), LEAVING)


def test_an_excess_is_associated_with_not_being_helped_or_cannot_be_told():
    assert excess(0.2).said().text == (
        "Of those whose issue was not solved, 60.0% were silent 90 days on; of those whose issue "
        "was, 40.0%. The difference is +20.0 points (95% interval +15.0 to +25.0). So some of that "
        "silence goes with not being helped."
    )
    assert excess(0.02).said().reason.startswith("whether the unsolved went away rather than")


def test_nobody_watched_so_long_cannot_tell():
    short = gone_cohort().assign(time=50.0, status=0)
    assert silence.silent(short).table()["silent"].tolist() == ["–", "–"]
    late = gone_cohort().assign(time=100.0, status=0)
    assert set(silence.afterwards(late).table()["silent"]) == {"–"}
    assert isinstance(silence.afterwards(short), CannotTell)


def test_a_cohort_that_cannot_be_told_passes():
    unknown = CannotTell("nobody.")
    for ask in (silence.silent, silence.excess_silence, silence.afterwards):
        assert ask(unknown) is unknown
