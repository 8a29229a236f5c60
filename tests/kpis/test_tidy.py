import numpy as np
import pandas as pd
import pytest

from cxresearch.kpis.measure import Kpi, share
from cxresearch.kpis.tidy import measured
from cxresearch.study.answers import CannotTell
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study

KPI = Kpi("Fixed", "of tickets", target=0.5)


def desk() -> Study:
    tickets = pd.DataFrame(
        {
            "ticket_id": list("abcd"),
            "created_at": pd.to_datetime(["2026-01-31T23:30Z"] * 2 + ["2026-02-10T00:00Z"] * 2),
            "status": "solved",
            "priority": ["high", "low", "high", None],
        }
    )
    return Study.from_tables(
        {"tickets": tickets}, time_zone="Europe/Madrid", observed_until="2026-03-01T00:00:00Z"
    )


def facts(study: Study) -> pd.DataFrame:
    return study.tickets[["ticket_id"]].assign(
        at=study.tickets["created_at"], held=[True, True, False, True], mature=[True] * 3 + [False]
    )


def of_mature(part: pd.DataFrame) -> dict:
    return share(part.loc[part["mature"], "held"])


def test_a_group_whose_window_is_not_over_is_marked_and_counts_what_is_left_out():
    study = desk()
    found = measured(study, KPI, facts(study), of_mature, by="priority").frame
    assert list(found.index) == ["all", "high", "low", "unknown"]
    assert found.loc["all", ["n", "eligible", "mature"]].tolist() == [3, 4, False]
    assert found.loc["high", ["estimate", "n", "mature"]].tolist() == [0.5, 2, True]
    assert np.isnan(found.loc["unknown", "estimate"])
    assert found.loc["unknown", "verdict"] == "cannot tell"


def test_a_month_is_the_month_of_the_studys_own_clocks():
    study = desk()
    found = measured(study, KPI, facts(study), of_mature, by="month").frame
    assert list(found.index) == ["all", "2026-02"]


def test_what_cannot_be_told_keeps_its_row_and_says_why():
    found = measured(desk(), KPI, CannotTell("no surveys."), of_mature, by="month").frame
    assert found[["group", "verdict", "why", "n"]].values.tolist() == [
        ["all", "cannot tell", "no surveys.", 0]
    ]


def test_a_column_that_nobody_knows_is_refused():
    study = desk()
    with pytest.raises(InputError, match="planet"):
        measured(study, KPI, facts(study), of_mature, by="planet")
