"""Where an empty field means that nothing happened, and where it is unknown."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.kpis import quality
from cxresearch.kpis.compliance import response_compliance
from cxresearch.kpis.durations import resolution_time
from cxresearch.lab.against_truth import planted_study
from cxresearch.lab.simulate import simulate_world
from cxresearch.study.study import Study
from cxresearch.study.told import cannot_tell, told

DAY = pd.Timedelta(days=1)
START = pd.Timestamp("2026-01-01", tz="UTC")


def study_of(n=40, **columns) -> Study:
    """Tickets a day apart, solved after a day, with columns of one's own."""
    made = START + DAY * np.arange(n)
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(n)],
            "requester_id": [f"p{i}" for i in range(n)],
            "created_at": made,
            "status": "solved",
            "first_solved_at": made + DAY,
        }
    ).assign(**columns)
    return Study.from_tables({"tickets": tickets})


def answered(study: Study) -> list[bool]:
    return told(study, "first_reply_at", study.tickets).tolist()


def test_a_field_that_is_empty_everywhere_is_unknown():
    study = study_of(first_reply_at=pd.NaT)
    assert not any(answered(study))
    assert (
        "first_reply_at is empty in all 40 tickets" in cannot_tell(study, "first_reply_at").reason
    )


def test_an_empty_time_is_believed_where_a_count_says_that_nothing_happened():
    study = study_of(first_reply_at=pd.NaT, total_agent_replies=0)
    assert all(answered(study))
    assert cannot_tell(study, "first_reply_at") is None


def test_where_a_count_says_that_it_happened_an_empty_time_is_unknown():
    times = pd.Series(START + DAY * np.arange(40) + DAY / 2)
    study = study_of(first_reply_at=times.where(np.arange(40) != 7), total_agent_replies=1)
    assert [i for i, known in enumerate(answered(study)) if not known] == [7]
    assert cannot_tell(study, "first_reply_at") is None


def test_where_many_lack_the_time_of_what_happened_the_others_do_not_speak_for_them():
    times = pd.Series(START + DAY * np.arange(40) + DAY / 2)
    study = study_of(first_reply_at=times.where(np.arange(40) % 5 > 0), total_agent_replies=1)
    assert "empty in 8 of the 40 tickets" in cannot_tell(study, "first_reply_at").reason
    assert not any(answered(study))


@pytest.mark.parametrize("stratum", ["created_channel", "month"])
def test_a_channel_or_a_month_without_any_is_unknown(stratum):
    n = 120
    times = pd.Series(START + DAY * np.arange(n) + DAY / 2)
    lacking = np.arange(n) % 4 == 0 if stratum == "created_channel" else np.arange(n) < 31
    channel = np.where(lacking & (stratum == "created_channel"), "phone", "email")
    study = study_of(n, first_reply_at=times.mask(lacking).to_numpy(), created_channel=channel)
    assert answered(study) == (~lacking).tolist()
    assert cannot_tell(study, "first_reply_at") is None


def test_a_channel_that_may_have_none_by_chance_is_believed():
    times = pd.Series(START + DAY * np.arange(40) + DAY / 2)
    few = np.arange(40) < 3
    rare = times.where(np.arange(40) % 2 == 1)
    study = study_of(first_reply_at=rare.mask(few).to_numpy(),
                     created_channel=np.where(few, "phone", "email"))  # fmt: skip
    assert all(answered(study))


def test_young_tickets_without_an_answer_are_no_lack():
    times = pd.Series(START + DAY * np.arange(60) + 20 * DAY)
    study = study_of(60, first_reply_at=times.where(times < START + 60 * DAY).to_numpy())
    assert all(answered(study))


def test_filled_only_for_solved_tickets_is_not_told():
    times = pd.Series(START + DAY * np.arange(40) + DAY / 2)
    is_open = np.arange(40) % 3 == 0
    study = study_of(first_reply_at=times.mask(is_open).to_numpy(),
                     status=np.where(is_open, "open", "solved"))  # fmt: skip
    assert "not solved" in cannot_tell(study, "first_reply_at").reason


def test_solved_nobody_knows_when_is_unknown_and_open_is_told():
    solved = pd.Series(START + DAY * np.arange(40) + DAY)
    status = np.where(np.arange(40) == 3, "open", "solved")
    gone = np.isin(np.arange(40), [3, 4])
    study = study_of(first_solved_at=solved.mask(gone).to_numpy(), status=status)
    known = told(study, "first_solved_at", study.tickets)
    assert [i for i, held in enumerate(known) if not held] == [4]


def test_that_no_open_ticket_was_solved_is_no_lack():
    solved = pd.Series(START + DAY * np.arange(90) + DAY)
    state = np.array(["open", "solved", "unknown"])[np.arange(90) % 3]
    study = study_of(90, first_solved_at=solved.where(state == "solved").to_numpy(), status=state)
    assert cannot_tell(study, "first_solved_at") is None
    assert told(study, "first_solved_at", study.tickets)[state != "unknown"].all()


def test_a_history_of_states_tells_when_an_issue_was_solved():
    events = pd.DataFrame(
        {"event_id": ["e"], "ticket_id": ["t0"], "event_at": [START + DAY], "field": ["status"],
         "event_type": ["status"], "value_to": ["solved"]}
    )  # fmt: skip
    tables = {"tickets": study_of(first_solved_at=pd.NaT).tickets}
    assert cannot_tell(Study.from_tables(tables), "solved")
    assert cannot_tell(Study.from_tables(tables | {"ticket_events": events}), "solved") is None


@pytest.fixture(scope="module")
def world():
    """A company of 150 customers, its tables and what was planted."""
    return simulate_world(150, 3, text=False)


def blanked(world, column: str, rows) -> Study:
    tables, truth = world
    tickets = tables["tickets"].copy()
    tickets[column] = tickets[column].mask(rows)
    return planted_study(tables | {"tickets": tickets}, truth)


def test_what_check_lists_and_what_a_kpi_cannot_tell_are_the_same(world):
    study = blanked(world, "first_reply_at", world[0]["tickets"].index % 2 == 0)
    assert "first_reply_at" in quality.missing(study).frame.index
    row = response_compliance(study).frame.loc["all"]
    assert np.isnan(row["estimate"])
    assert "first_reply_at is empty" in row["why"]


def test_without_times_of_solutions_closing_does_not_stand_in_for_them(world):
    study = blanked(world, "first_solved_at", world[0]["tickets"]["ticket_id"].notna())
    assert resolution_time(study).frame["estimate"].isna().all()
