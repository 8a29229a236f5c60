"""What a change came from: parts add up exactly, and a planted reason is the one that is found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cxresearch.kpis.change_parts import (
    _parts,
    change_parts,
    latest_parts,
    tickets_between,
)
from cxresearch.kpis.shapley import parts_of, split
from cxresearch.kpis.two_periods import compare
from cxresearch.study.answers import CannotTell, DoesNotApply
from tests.kpis.desk import START, customer, desk, ticket

COUNTS = arrays(float, (1, 2, 2, 3), elements=st.integers(0, 50).map(float))


def counted(raw: np.ndarray) -> np.ndarray:
    """Issues, and of these the held ones, of which there are no more; a period holds some."""
    issues = raw[:, :, 0] + np.array([1.0, 0.0, 0.0])
    return np.stack([issues, np.minimum(raw[:, :, 1], issues)], axis=2)


@given(COUNTS)
def test_the_parts_of_a_share_add_up_to_its_change(raw):
    counts = counted(raw)
    issues, held = counts.sum(axis=3)[0].T
    change = held[1] / issues[1] - held[0] / issues[0]
    assert _parts(counts).sum() == pytest.approx(change, abs=1e-9)


@given(COUNTS)
def test_customers_mix_and_rate_are_a_case_of_any_factors(raw):
    total, share, rate = np.ones((1, 2)) * 7, raw[:, :, 0], raw[:, :, 1]
    product = 7 * (raw[:, :, 0] * raw[:, :, 1]).sum(axis=2)[0]
    parts = parts_of(total, share, rate)
    assert parts.sum() == pytest.approx(product[1] - product[0])
    assert parts[0, 0] == 0  # it did not change
    assert split(counted(raw)).sum() == pytest.approx(np.diff(counted(raw)[0, :, 1].sum(axis=1))[0])


def two_quarters(before: dict, after: dict, until: float = 365):
    """Issues by cause: how many, and how many of these wait longer than the promise of 7 days."""
    rows, causes = [], {}
    for begin, told in ((5, before), (95, after)):
        for cause, (n, late) in told.items():
            for i in range(n):
                name = f"{cause}{begin}-{i}"
                solved = begin + i * 0.5 + (9 if i < late else 1)
                rows.append(ticket(name, name, begin + i * 0.5, solved))
                causes[name] = cause
    people = [customer(row["ticket_id"]) for row in rows]
    return desk(rows, causes=causes, customers=people, until=until,
                tickets_from=START.isoformat())  # fmt: skip


def parts_by_cause(before: dict, after: dict):
    frame = change_parts(two_quarters(before, after), "2025Q1", "2025Q2").frame
    rows = frame[(frame["what"] == "Overdue") & (frame["by"] == "causes")]
    return rows.set_index("part")["value"]


def test_a_bad_cause_that_grows_is_mix_and_no_worse_rate():
    # slow: all late; quick: none; from 20 and 60 to 60 and 20
    value = parts_by_cause({"slow": (20, 20), "quick": (60, 0)},
                           {"slow": (60, 60), "quick": (20, 0)})  # fmt: skip
    assert value.to_dict() == pytest.approx({"mix": 0.5, "rate": 0.0})


def test_a_cause_that_was_not_there_before_is_mix():
    value = parts_by_cause({"quick": (40, 0), "other": (40, 0)},
                           {"quick": (40, 0), "new": (40, 40)})  # fmt: skip
    assert value.to_dict() == pytest.approx({"mix": 0.5, "rate": 0.0})


def test_each_cause_that_gets_worse_is_rate_and_no_other_mix():
    value = parts_by_cause({"slow": (40, 20), "quick": (40, 0)},
                           {"slow": (40, 40), "quick": (40, 20)})  # fmt: skip
    assert value.to_dict() == pytest.approx({"mix": 0.0, "rate": 0.5})


def test_more_of_everything_is_neither():
    value = parts_by_cause({"slow": (20, 10), "quick": (20, 0)},
                           {"slow": (40, 20), "quick": (40, 0)})  # fmt: skip
    assert value.tolist() == pytest.approx([0, 0], abs=1e-9)


def test_parts_are_those_of_the_change_that_is_compared():
    before, after = {"slow": (20, 18), "quick": (60, 3)}, {"slow": (60, 50), "quick": (30, 1)}
    study = two_quarters(before, after, until=230)
    parts = change_parts(study, "2025Q1", "2025Q2")
    change = compare(study, "2025Q1", "2025Q2").frame.loc["Overdue", "change"]
    rows = parts.frame[parts.frame["what"] == "Overdue"]
    assert rows.groupby("by")["value"].sum().tolist() == pytest.approx([change])
    assert "another mix made +" in parts.said().text
    assert latest_parts(study).frame.equals(parts.frame)


def test_what_is_not_watched_is_not_split():
    issues = {"slow": (40, 38), "quick": (40, 3)}
    young = change_parts(two_quarters(issues, issues, until=200), "2025Q1", "2025Q2")
    assert isinstance(young, CannotTell)
    assert "2025Q2 was not watched" in young.reason
    month = two_quarters({"slow": (20, 18)}, {"slow": (60, 50)}, until=60)
    assert isinstance(latest_parts(month), DoesNotApply)
    assert isinstance(tickets_between(month), DoesNotApply)
