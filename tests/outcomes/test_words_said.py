"""A word that the desk had said by the landmark, and who left after it."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.outcomes import words_said
from cxresearch.outcomes.words_said import by_word
from tests.outcomes.test_recovery import day

TEXT = "The report of last month does not open any more on any of our machines."


def company(
    said: dict[int, list[tuple[float, str]]], n: int = 200, fewer: int = 10, late: range = range(0)
) -> Study:
    """n customers with an issue of day 100 that stays open; every fourth leaves on days 120 to
    320, and of those who were told something (customer: (day, body)) every tenth (fewer). Late
    ones have their first answer on day 330, if they are there by then."""
    ids = [str(i) for i in range(n)]
    ends = [day(120 + i % 200) if i % (fewer if i in said else 4) == 0 else pd.NaT
            for i in range(n)]  # fmt: skip
    ends = pd.to_datetime(pd.Series(ends), utc=True)
    tickets = pd.DataFrame({"ticket_id": ids, "requester_id": ids, "created_at": day(100),
                            "status": "open", "description": TEXT, "language": "en"})  # fmt: skip
    first = [(i, 330 if i in late else 101, "Hello.") for i in range(n)
             if i not in late or pd.isna(ends[i])]  # fmt: skip
    told = first + [(i, on, body) for i, all_ in said.items() for on, body in all_]
    events = pd.DataFrame(
        [{"event_id": str(at), "ticket_id": str(i), "event_at": day(on), "event_type": "reply",
          "actor_role": "agent", "actor_id": "A", "is_public": True, "body": body}
         for at, (i, on, body) in enumerate(told)]
    )  # fmt: skip
    customers = pd.DataFrame(
        {"customer_id": ids, "started_at": day(1), "observed_until": day(365), "ended_at": ends,
         "end_kind": np.where(ends.notna(), "voluntary", None)}
    )  # fmt: skip
    causes = pd.DataFrame({"ticket_id": ids, "topic": 0, "cause": "x", "weight": 1.0,
                           "is_exit_request": False})  # fmt: skip
    tables = {"tickets": tickets, "ticket_events": events, "customers": customers,
              "ticket_causes": causes}  # fmt: skip
    return Study.from_tables(tables, tickets_from=day(0).isoformat(),
                             observed_until=day(365).isoformat())  # fmt: skip


HALF = range(100)


def test_a_word_said_before_the_promise_ran_out_is_compared_with_none():
    told = by_word(company({i: [(102, "As a workaround use the app.")] for i in HALF}))
    row = told.frame.loc["workaround"]
    # of 100 customers every tenth left, of the 100 others every fourth
    assert row[["issues with", "issues without", "events with", "events without"]].tolist() == [
        100, 100, 10, 25,
    ]  # fmt: skip
    assert row["hazard ratio"] < 1
    assert "date" in told.said("date_promised").reason
    assert told.frame.loc["update", "issues with"] == 100


def test_what_is_said_after_the_landmark_is_not_read():
    late = by_word(company({i: [(108, "As a workaround use the app.")] for i in HALF}))
    assert "workaround" not in late.frame.index
    assert "0 with and 200 without" in late.said("workaround").reason


def test_whoever_is_answered_only_later_has_stayed_and_is_not_compared():
    """Nothing has an effect: every fourth leaves. Of 100 answered on day 330 nobody had left."""
    second = {i: [(102, "We are on it.")] for i in HALF}
    row = by_word(company(second, 300, fewer=4, late=range(200, 300))).frame.loc["update"]
    assert row[["issues with", "issues without", "events with", "events without"]].tolist() == [
        100, 100, 25, 25,
    ]  # fmt: skip
    assert row["verdict"] == "cannot tell"


def test_a_rule_that_is_not_used_compares_nobody(monkeypatch):
    said = company({i: [(102, "As a workaround use the app.")] for i in HALF})
    monkeypatch.setattr(words_said, "untrusted", lambda rule: CannotTell("too little."))
    assert by_word(said).said("workaround").reason.endswith("too little.")
    assert by_word(said).frame.index.tolist() == ["update"]


def test_verdicts_allow_for_the_number_of_words():
    rows = pd.DataFrame({"p": [0.02, 0.3, 0.9], "hazard ratio": [0.5, 1.1, 1.0]})
    assert words_said._judged(rows)["p"].iloc[0] == pytest.approx(0.06)
    assert words_said._judged(rows)["verdict"].tolist() == ["cannot tell"] * 3
    assert words_said._judged(rows.head(1))["verdict"].tolist() == ["less"]
