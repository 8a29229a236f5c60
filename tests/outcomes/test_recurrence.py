"""What counts as coming back, ticket by ticket, and planted recurrence found again."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.lab.simulate.causes import CAUSES
from cxresearch.outcomes import back_by_group, coming_back, recurrence
from cxresearch.study.schema import InputError
from tests.outcomes.test_leaving import company

UNTIL = "2024-12-31T00:00:00Z"


def day(n: float) -> pd.Timestamp:
    return pd.Timestamp("2024-01-01", tz="UTC") + pd.Timedelta(days=n)


def study(*tickets, ended=None, **settings) -> Study:
    """A study of tickets (id, customer, cause, created, solved, more), days since January 1."""
    frame = pd.DataFrame(
        [
            {
                "ticket_id": i, "requester_id": who, "created_at": day(created),
                "status": "open" if solved is None else "solved",
                "first_solved_at": None if solved is None else day(solved), "count_reopens": 0,
                **(more[0] if more else {}),
            }
            for i, who, _, created, solved, *more in tickets
        ]
    )  # fmt: skip
    frame["first_solved_at"] = pd.to_datetime(frame["first_solved_at"], utc=True)
    causes = pd.DataFrame(
        [{"ticket_id": t[0], "topic": 0, "cause": t[2], "weight": 1.0, "is_exit_request": False}
         for t in tickets]
    )  # fmt: skip
    tables = {"tickets": frame, "ticket_causes": causes}
    if ended is not None:
        people = sorted({t[1] for t in tickets})
        ends = pd.Series([day(ended[p]) if p in ended else pd.NaT for p in people])
        tables["customers"] = pd.DataFrame(
            {"customer_id": people, "started_at": day(-99), "observed_until": pd.Timestamp(UNTIL),
             "ended_at": pd.to_datetime(ends, utc=True)}
        )  # fmt: skip
    return Study.from_tables(tables, observed_until=UNTIL, **settings)


def outcome(found: pd.DataFrame, ticket: str = "a") -> tuple[float, int]:
    row = found.set_index("ticket_id").loc[ticket]
    return pytest.approx(row["time"]), int(row["status"])


def test_the_same_customer_on_the_same_cause_comes_back():
    found = recurrence.cohort(
        study(
            (
                "a",
                "p",
                "x",
                0,
                2,
            ),
            ("b", "p", "x", 12, None),
        )
    )
    assert outcome(found) == (10, 1)


@pytest.mark.parametrize("other", [("b", "q", "x", 12, None), ("b", "p", "y", 12, None)])
def test_another_customer_or_another_cause_does_not(other):
    found = recurrence.cohort(study(("a", "p", "x", 0, 2), other))
    assert outcome(found) == (363, 0)


def test_another_cause_counts_where_any_cause_is_asked_for():
    found = recurrence.cohort(study(("a", "p", "x", 0, 2), ("b", "p", "y", 12, None)), "any cause")
    assert outcome(found) == (10, 1)


def test_a_ticket_written_before_the_solution_is_no_recurrence():
    found = recurrence.cohort(study(("a", "p", "x", 0, 2), ("b", "p", "x", 1, None)))
    assert outcome(found) == (363, 0)


def test_a_second_ticket_within_the_hour_is_a_duplicate():
    found = recurrence.cohort(study(("a", "p", "x", 0, 0.01), ("b", "p", "x", 0.04, 0.05)))
    assert found["ticket_id"].tolist() == ["a"]
    assert outcome(found) == (pytest.approx(364.99), 0)


def test_who_leaves_first_can_no_longer_come_back():
    found = recurrence.cohort(
        study(("a", "p", "x", 0, 2), ("b", "p", "x", 40, None), ended={"p": 30})
    )
    assert outcome(found) == (28, 2)


def test_what_is_solved_after_the_customer_left_is_not_watched():
    tickets = ("a", "p", "x", 0, 50), ("b", "q", "x", 0, 50)
    found = recurrence.cohort(study(*tickets, ended={"p": 30}))
    assert found["ticket_id"].tolist() == ["b"]


def test_a_reopening_is_a_definition_of_its_own():
    again = {"last_reopened_at": day(3), "count_reopens": 1}
    one = study(
        ("a", "p", "x", 0, 2, again), ("b", "p", "x", 12, None, {"last_reopened_at": pd.NaT})
    )
    assert outcome(recurrence.cohort(one, "reopened")) == (1, 1)
    assert outcome(recurrence.cohort(one, "same cause")) == (10, 1)
    assert outcome(recurrence.cohort(one, "same cause or reopened")) == (1, 1)


def test_where_reopenings_are_not_known_that_definition_cannot_be_told():
    none = {"count_reopens": None}
    one = study(("a", "p", "x", 0, 2, none), ("b", "p", "x", 12, None, none),
                ("c", "q", "x", 0, 2, none))  # fmt: skip
    assert isinstance(recurrence.cohort(one, "reopened"), CannotTell)
    within = coming_back.within(one).frame
    assert np.isnan(within.loc["reopened 30", "share"])
    assert within.loc["same cause 30", "share"] == pytest.approx(1 / 2)


def test_unknown_is_not_unsolved_and_young_tickets_are_not_settled():
    odd = {"status": "unknown"}
    one = study(("a", "p", "x", 0, 2, odd), ("b", "q", "x", 0, 2), ("c", "r", "x", 300, 302),
                status_settles_after_days=90.0)  # fmt: skip
    assert recurrence.cohort(one)["ticket_id"].tolist() == ["b"]


def test_every_ticket_is_accounted_for():
    steps = recurrence.steps_to_cohort(company(3, 300))["tickets"].tolist()
    assert sum(steps[:-1]) == steps[-1] > 0


def test_an_unknown_definition_is_refused_by_name():
    with pytest.raises(InputError, match="'twice' must be one of"):
        recurrence.cohort(study(("a", "p", "x", 0, 2)), "twice")


def test_without_a_solved_ticket_nothing_can_be_told():
    assert isinstance(coming_back.within(study(("a", "p", "x", 0, None))), CannotTell)


def test_planted_recurrence_is_found_in_its_cause_and_not_in_the_others():
    chances = {"sync": 0.35}
    causes = tuple(replace(c, comes_back=chances.get(c.name, 0.0)) for c in CAUSES)
    firm = company(21, 1500, causes=causes, incidents=())
    found = back_by_group.back_by_cause(firm).frame.set_index("cause")
    assert found.loc["sync", "verdict"] == "comes back more"
    # Of those that come back, 1 - exp(-29/17) = 82% do so within 30 days, and some meet by chance.
    assert found.loc["sync", "low"] < 0.82 * 0.35 + 0.02 < found.loc["sync", "high"]
    assert not (found.drop("sync")["verdict"] == "comes back more").any()


def test_where_nothing_comes_back_by_design_chance_explains_it():
    causes = tuple(replace(c, comes_back=0.0) for c in CAUSES)
    quiet = company(22, 1500, causes=causes, incidents=())
    row = coming_back.within(quiet).frame.loc["same cause 30"]
    assert row["low"] < row["expected"] == coming_back.by_chance(quiet) < row["high"]
    assert row["verdict"] == "cannot tell"
