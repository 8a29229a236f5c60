"""Answered, and solved in time: by hand."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import Study
from cxresearch.kpis import resolution

START = pd.Timestamp("2025-01-01T00:00:00Z")
COLUMNS = ("ticket_id requester_id created solved total_agent_replies count_reopens").split()
# Five tickets, solved but the last, watched for 60 days. b wrote again 3 days after her solution.
ROWS = [
    ("1", "a", 0, 1, 1, 0),
    ("2", "b", 0, 2, 3, 0),
    ("3", "b", 5, 6, 1, 1),
    ("4", "c", 0, 20, 1, 0),
    ("5", "d", 40, np.nan, 0, 0),
]


def study(rows=ROWS, until=60, **settings) -> Study:
    tickets = pd.DataFrame(rows, columns=COLUMNS)
    for column, days in (("created_at", "created"), ("first_solved_at", "solved")):
        tickets[column] = START + pd.to_timedelta(tickets.pop(days).astype(float), unit="D")
    solved = tickets["first_solved_at"].notna()
    tickets = tickets.assign(
        status=np.where(solved, "solved", "open"), first_reply_at=tickets["first_solved_at"]
    )
    ends = (START + pd.Timedelta(days=until)).isoformat()
    return Study.from_tables({"tickets": tickets}, observed_until=ends, **settings)


def test_solved_in_time_censors_the_open():
    # Within 7 days 3 of 4 are solved; the fifth is open on day 20, so 3 of 5.
    assert resolution.solved_in_time(study())["estimate"] == pytest.approx(3 / 5)
    # Watched for half a day only, the fifth tells nothing of day 7: 3 of the other 4.
    young = resolution.solved_in_time(study(until=40.5))
    assert young["estimate"] == pytest.approx(3 / 4)


def test_unanswered_counts_those_closed_without_an_answer():
    silent = study().tickets.drop(columns="first_reply_at").assign(status="closed")
    ends = study().settings.observed_until
    found = resolution.unanswered(Study.from_tables({"tickets": silent}, observed_until=ends))
    assert found["estimate"] == 1
