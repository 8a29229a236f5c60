"""The return cohort: groups as of the landmark only, every customer accounted for."""

import pandas as pd
import pytest

from cxresearch import Study
from cxresearch.episodes.return_cohort import return_cohort, who_is_left_out

ZERO = pd.Timestamp("2024-01-01", tz="UTC")


def day(numbers) -> pd.Series:
    return ZERO + pd.to_timedelta(pd.Series(numbers, dtype="float64"), unit="D")


@pytest.fixture(scope="module")
def study() -> Study:
    # a: answered on day 2, solved on day 5, back on day 50.    b: answered on day 9 only.
    # c: back on day 3, before the landmark.                    d: asks on day 396, too late.
    # e: solved on day 20, after the landmark.                  f: unknown whether solved.
    # g: spam on day 0, a real question on day 10.              h: young, so not settled.
    nothing = None
    rows = [
        ("1", "a", 0, 2, 5, "solved", False),
        ("2", "a", 50, nothing, nothing, "open", False),
        ("3", "b", 0, 9, nothing, "open", False),
        ("4", "c", 0, nothing, nothing, "open", False),
        ("5", "c", 3, nothing, nothing, "open", False),
        ("6", "d", 396, nothing, nothing, "unknown", False),
        ("7", "e", 0, 1, 20, "solved", False),
        ("8", "f", 0, 1, nothing, "unknown", False),
        ("9", "g", 0, nothing, nothing, "open", True),
        ("10", "g", 10, 11, nothing, "open", nothing),
        ("11", "h", 350, 351, 352, "solved", False),
    ]
    names = "ticket_id requester_id created first solved status is_spam".split()
    frame = pd.DataFrame(rows, columns=names)
    tickets = frame.assign(
        created_at=day(frame["created"]),
        first_reply_at=day(frame["first"]),
        first_solved_at=day(frame["solved"]),
        is_spam=frame["is_spam"].astype("boolean"),
    ).drop(columns=["created", "first", "solved"])
    causes = pd.DataFrame({"ticket_id": frame["ticket_id"], "topic": 0, "cause": "mail"})
    causes = causes.assign(weight=1.0, is_exit_request=False)
    events = pd.DataFrame(
        {
            "event_id": list("pqrs"),
            "ticket_id": ["1", "1", "1", "1"],
            "event_at": day([2, 3, 6, 8]),
            "event_type": ["reply", "reply", "spam", "reply"],
            "actor_role": ["agent", "customer", "agent", "customer"],
        }
    )
    tables = {"tickets": tickets, "ticket_causes": causes, "ticket_events": events}
    until = (ZERO + pd.Timedelta(days=400)).isoformat()
    return Study.from_tables(tables, observed_until=until, status_settles_after_days=180.0)


@pytest.fixture(scope="module")
def cohort(study) -> pd.DataFrame:
    return return_cohort(study).set_index("customer_id")


def test_who_returned_early_or_asked_late_is_not_in_the_cohort(cohort):
    assert set(cohort.index) == {"a", "b", "e", "f", "g", "h"}


def test_every_customer_is_accounted_for(study):
    steps = who_is_left_out(study)["customers"].tolist()
    assert steps == [8, -1, -1, 6, -2, 4]


def test_time_runs_from_the_landmark_to_the_next_ticket(cohort):
    assert cohort.loc["a", ["time", "event"]].tolist() == [43, 1]


def test_who_does_not_return_is_censored_at_the_end(cohort):
    assert cohort.loc["b", ["time", "event"]].tolist() == [393, 0]


def test_groups_know_nothing_after_the_landmark(cohort):
    assert cohort["answered"].to_dict() == {
        "a": True, "b": False, "e": True, "f": True, "g": True, "h": True,
    }  # fmt: skip
    assert not cohort.loc["e", "solved"]
    assert cohort.loc["e", "solved_ever"]
    assert cohort.loc["b", "answered_ever"]


def test_unknown_is_not_unsolved(cohort):
    assert pd.isna(cohort.loc["f", "solved"])


def test_a_young_ticket_is_unknown_even_if_it_is_solved_by_now(cohort):
    assert pd.isna(cohort.loc["h", "solved"])
    assert pd.isna(cohort.loc["h", "solved_ever"])


def test_spam_is_no_first_ticket_but_unknown_is_kept(cohort):
    assert cohort.loc["g", "ticket_id"] == "10"


def test_messages_count_until_the_landmark_and_without_spam(cohort):
    assert cohort.loc["a", ["own_replies", "outside_answers"]].tolist() == [1, 1]
