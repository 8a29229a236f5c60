"""All causes together: what is stacked, what is out of sight, and that it is not shrunken."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, impact
from cxresearch.impact import total
from cxresearch.impact.kept import Kept
from cxresearch.lab.second_world import SETTINGS, second_world
from cxresearch.study.answers import DoesNotApply, Finding
from cxresearch.study.study import Study

INDEX = pd.MultiIndex.from_tuples([("solve sooner", impact.ALL, 365)],
                                  names=["lever", "cause", "day"])  # fmt: skip


def kept(value: float, error: float) -> Kept:
    row = {"customers": 100, "left": 0.2, "left under lever": 0.1, "kept": value,
           "low": value - 1.959964 * error, "high": value + 1.959964 * error}  # fmt: skip
    return Kept(pd.DataFrame([row], INDEX))


def test_the_error_holds_sampling_the_choice_and_half_of_what_is_out_of_sight(monkeypatch):
    """Two analyses, 10 and 14, errors 3: mean 12; between 8 * 1.5 = 12; sampling 9. A fifth is out
    of sight: 1.25 times as much, 15, give or take 1.25 * sqrt(21) and 1.5."""
    monkeypatch.setattr(total, "out_of_sight", lambda _: {"share": 0.2})
    row = total.stacked([kept(10, 3), kept(14, 3)], None, ["kept"]).frame.iloc[0]
    error = np.hypot(1.25 * np.sqrt(21), 1.5)
    assert row["kept"] == pytest.approx(15)
    assert row[["low", "high"]].tolist() == pytest.approx(
        [15 - 1.959964 * error, 15 + 1.959964 * error]
    )
    assert row["left under lever"] == pytest.approx(0.2 - 0.15)


def test_one_analysis_with_everything_in_sight_is_told_as_it_is(monkeypatch):
    monkeypatch.setattr(total, "out_of_sight", lambda _: {"share": 0.0})
    row = total.stacked([kept(10, 3)], None, ["kept"]).frame.iloc[0]
    assert row[["kept", "low"]].tolist() == pytest.approx([10, 10 - 3 * 1.959964])


def test_what_one_analysis_cannot_tell_is_not_told(monkeypatch):
    why = CannotTell("no.")
    assert total.stacked([kept(1, 1), why], None, ["kept"]) is why


@pytest.fixture(scope="module")
def company() -> Study:
    return Study.from_tables(second_world(2500, 4)[0], **SETTINGS)


def test_four_comparisons_are_stacked_and_each_is_of_all_issues_together(company):
    models = total.total_models(company)
    assert list(models) == list(total.ANALYSES)
    for model in models.values():
        assert model.fit.prior is None
        assert model.fit.params.index[0] == total.OVERDUE
    held = models["without time since writing"].fit.params.index
    assert not any(name.startswith("wrote") for name in held)


def test_what_is_out_of_sight_is_the_share_of_tickets_of_nobody_known(company):
    tickets = company.customer_tickets
    share = 1 - tickets["customer_id"].notna().mean()
    assert 0.05 < share < 0.11
    said = impact.sight(company)
    assert said.numbers["unmatched"] / said.numbers["tickets"] == pytest.approx(share, rel=1e-3)


def test_a_study_of_less_than_a_year_is_told_as_far_as_it_goes():
    tables, _ = second_world(2000, 1)
    late = SETTINGS | {"tickets_from": "2025-01-15T00:00:00Z",
                       "customers_from": "2025-01-15T00:00:00Z"}  # fmt: skip
    study = Study.from_tables(tables, **late)
    kept = impact.total_kept(study)
    assert kept.frame.index.get_level_values("day").max() == 180
    assert isinstance(impact.bounded(study), (CannotTell, Finding))


def test_a_part_of_a_study_has_the_blind_spot_of_the_whole(company):
    part = company.where(segment="medium")
    assert total.out_of_sight(part) == total.out_of_sight(company)


def test_where_nobody_can_leave_nothing_is_kept():
    tickets = pd.DataFrame({"ticket_id": ["a"], "created_at": pd.Timestamp("2025-01-01", tz="UTC"),
                            "status": "open", "requester_id": "p", "dq_flags": [[]]})  # fmt: skip
    forum = Study.from_tables({"tickets": tickets})
    for asked in (impact.total_kept, impact.total_saved, impact.sight, impact.bounded):
        assert isinstance(asked(forum), DoesNotApply)
