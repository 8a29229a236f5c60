"""Episodes: against R's tmerge, by hand, and the rules that keep them from looking ahead."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxresearch import Study
from cxresearch.episodes import build_episodes, customer_lives, match_gate, open_spells

REFERENCE = Path(__file__).parent / "reference"
ZERO = pd.Timestamp("2024-01-01", tz="UTC")
DAY = pd.Timedelta(days=1)
HORIZON = 730


def day(numbers) -> pd.Series:
    return ZERO + pd.to_timedelta(pd.Series(numbers, dtype="float64"), unit="D")


def study_of(customers: pd.DataFrame, tickets: pd.DataFrame, **settings) -> Study:
    """A study from days: customers (start, notice, end, kind) and tickets (opened, solved, ...)."""
    tables = {
        "customers": pd.DataFrame(
            {
                "customer_id": customers["customer_id"].astype(str),
                "started_at": day(customers["start"]),
                "notice_at": day(customers.get("notice", customers["end"] * np.nan)),
                "ended_at": day(customers["end"]),
                "end_kind": customers.get("kind", pd.Series("voluntary", customers.index)),
                "observed_until": ZERO + HORIZON * DAY,
            }
        ),
        "tickets": pd.DataFrame(
            {
                "ticket_id": tickets["ticket_id"].astype(str),
                "created_at": day(tickets["opened"]),
                "first_solved_at": day(tickets["solved"]),
                "last_reopened_at": day(tickets.get("reopened", tickets["solved"] * np.nan)),
                "last_solved_at": day(tickets.get("solved_again", tickets["solved"])),
                "status": tickets.get("status", pd.Series("open", tickets.index)),
                "requester_id": tickets["customer_id"].astype(str),
            }
        ),
        "ticket_causes": pd.DataFrame(
            {
                "ticket_id": tickets["ticket_id"].astype(str),
                "topic": 0,
                "cause": tickets.get("topic", pd.Series("billing", tickets.index)),
                "weight": 1.0,
                "is_exit_request": tickets.get("exit", pd.Series(False, tickets.index)),
            }
        ),
    }
    times = {"observed_until": (ZERO + HORIZON * DAY).isoformat(), "tickets_from": ZERO.isoformat()}
    return Study.from_tables(tables, **{**times, **settings})


def one_customer(opened, solved, **more) -> Study:
    """A customer from day 0 who leaves on day 100 and wrote the tickets given."""
    customers = pd.DataFrame({"customer_id": ["a"], "start": [0.0], "end": [100.0]})
    tickets = pd.DataFrame({"opened": opened, "solved": solved, **more}, dtype="object")
    tickets = tickets.assign(ticket_id=range(len(tickets)), customer_id="a")
    return study_of(customers, tickets)


def overdue_days(study: Study, **options) -> float:
    episodes = build_episodes(study, **options)
    return (episodes["stop"] - episodes["start"])[episodes["overdue"] > 0].sum()


def merged(rows: pd.DataFrame, counts: list[str]) -> pd.DataFrame:
    """Adjacent rows of a customer with the same counts joined."""
    before = rows.groupby("customer_id")[counts].shift()
    new = (rows[counts] != before).any(axis=1)
    found = rows.assign(run=new.groupby(rows["customer_id"]).cumsum())
    what = {"start": ("start", "min"), "stop": ("stop", "max"), "event": ("event", "max")}
    what |= {c: (c, "first") for c in counts}
    return found.groupby(["customer_id", "run"]).agg(**what).reset_index().drop(columns="run")


def test_overdue_counts_equal_tmerge_of_r_survival():
    tickets = pd.read_csv(REFERENCE / "tickets.csv")
    customers = pd.read_csv(REFERENCE / "customers.csv")
    tickets = tickets.rename(columns={"opened_day": "opened", "resolved_day": "solved"})
    customers = customers.rename(columns={"start_day": "start", "end_day": "end"})
    ours = build_episodes(study_of(customers, tickets), by="cause")
    ours = ours.rename(columns=lambda c: c.replace("overdue: ", "n_"))
    r = pd.read_csv(REFERENCE / "episodes_tmerge.csv")
    r = r.rename(columns={"tstart": "start", "tstop": "stop", "churn": "event"})
    # Ours begin a promise (7 days) after the start, because what was open before is unknown.
    r = r[r["stop"] > 7].assign(start=r["start"].clip(lower=7))
    counts = [c for c in r if c.startswith("n_")]
    r[counts] = (r[counts] > 0).astype(int)
    ours = ours.assign(customer_id=ours["customer_id"].astype(int))
    ours = ours.sort_values(["customer_id", "start"])
    ours, r = merged(ours, counts), merged(r, counts)
    assert len(ours) == len(r)
    pd.testing.assert_frame_equal(ours, r[ours.columns], check_dtype=False, atol=1e-6)


def test_an_issue_is_overdue_from_the_promise_to_its_solution():
    episodes = build_episodes(one_customer([20], [50]))
    overdue = episodes[episodes["overdue"] > 0]
    assert (overdue["start"].min(), overdue["stop"].max()) == (27, 50)
    assert episodes["event"].tolist()[-1] == 1
    assert episodes["stop"].max() == 100


def test_the_pieces_of_a_life_leave_no_gap_and_do_not_overlap():
    episodes = build_episodes(one_customer([20, 30, 90], [50, None, 95]))
    assert episodes["start"].iloc[0] == 7
    assert (episodes["start"].to_numpy()[1:] == episodes["stop"].to_numpy()[:-1]).all()
    assert episodes["event"].sum() == 1


def test_an_issue_never_solved_is_overdue_to_the_end():
    assert overdue_days(one_customer([20], [None])) == 100 - 27


def test_a_reopened_issue_is_not_overdue_while_it_was_solved():
    # Open 20 to 23 (3 of 7 days spent), again from 60: overdue from 60 + 4 until 80.
    study = one_customer([20], [23], reopened=[60], solved_again=[80])
    assert overdue_days(study) == 80 - 64


def test_what_happens_later_changes_nothing_before():
    short, long = one_customer([20], [50]), one_customer([20], [99])
    before = [build_episodes(s).query("stop <= 49") for s in (short, long)]
    pd.testing.assert_frame_equal(*before)


def test_a_lag_moves_exposure_back_and_entry_with_it():
    episodes = build_episodes(one_customer([20], [50]), lag=14)
    overdue = episodes[episodes["overdue"] > 0]
    assert (overdue["start"].min(), overdue["stop"].max()) == (41, 64)
    assert episodes["start"].min() == 21


def test_the_worst_issue_names_the_state():
    episodes = build_episodes(one_customer([10, 40], [30, 42]), memory=20)
    state = episodes.set_index("start")["state"]
    # Overdue 17 to 30, remembered as solved late until 50; the second is solved in time until 62.
    assert state[17] == "overdue"
    assert state[30] == "solved late"
    assert state[50] == "solved in time"
    assert state[62] == "none"


def test_exit_requests_are_no_exposure_unless_asked_for():
    study = one_customer([20], [None], exit=[True])
    assert overdue_days(study) == 0
    assert overdue_days(study, include_exit_requests=True) == 73


def test_a_ticket_solved_at_an_unknown_time_is_no_exposure():
    assert open_spells(one_customer([20], [None], status=["solved"])).empty


def test_a_ticket_solved_before_it_was_written_is_no_exposure():
    assert overdue_days(one_customer([20], [10])) == 0


def test_unknown_before_the_export_is_not_zero():
    customers = pd.DataFrame({"customer_id": ["a"], "start": [0.0], "end": [np.nan]})
    tickets = pd.DataFrame({"ticket_id": [1], "customer_id": ["a"], "opened": [300.0]})
    study = study_of(customers, tickets.assign(solved=np.nan), tickets_from="2024-04-10T00:00:00Z")
    entered = (customer_lives(study)["enters_at"].iloc[0] - ZERO) / DAY
    assert entered == 100 + 7
    assert build_episodes(study)["start"].min() == 107


@pytest.mark.parametrize(
    ("notice", "end", "kind", "leaves", "says"),
    [
        (60.0, 90.0, "voluntary", 60, "voluntary"),
        (np.nan, 90.0, "voluntary", 90, "voluntary"),
        (60.0, np.nan, None, 60, "voluntary"),
        (np.nan, 90.0, "involuntary", 90, "involuntary"),
        (60.0, 90.0, "involuntary", 90, "involuntary"),
        (np.nan, 90.0, "unknown", 90, "voluntary"),
        (np.nan, np.nan, None, HORIZON, None),
        (np.nan, 900.0, "voluntary", HORIZON, None),
    ],
)
def test_the_event_is_notice_and_only_leaving_by_choice(notice, end, kind, leaves, says):
    customers = pd.DataFrame({"customer_id": ["a"], "start": [0.0], "end": [end]})
    customers = customers.assign(notice=notice, kind=pd.Series([kind], dtype="str"))
    nothing = pd.DataFrame(
        {"ticket_id": [1], "customer_id": ["b"], "opened": [5.0], "solved": [6.0]}
    )
    life = customer_lives(study_of(customers, nothing)).iloc[0]
    assert (life["leaves_at"] - ZERO) / DAY == leaves
    assert life["end"] == says or (says is None and pd.isna(life["end"]))


def test_an_issue_that_begins_at_the_very_end_is_no_exposure():
    # Overdue at day 100, the day of leaving: the piece ends there and holds what was before.
    assert overdue_days(one_customer([93], [None])) == 0


def test_too_few_linked_tickets_close_the_gate():
    customers = pd.DataFrame({"customer_id": ["a", "b"], "start": 0.0, "end": [50.0, np.nan]})
    tickets = pd.DataFrame({"ticket_id": range(4), "customer_id": list("abab"), "opened": 20.0})
    study = study_of(customers, tickets.assign(solved=25.0))
    assert match_gate(study) is None
    people = pd.DataFrame({"requester_id": ["a"], "customer_id": ["a"], "method": "key"})
    half = Study.from_tables(
        {**{n: study.table(n) for n in ("customers", "tickets")}, "identities": people},
        observed_until=study.observed_until.isoformat(),
    )
    assert "50% of tickets" in match_gate(half).reason
