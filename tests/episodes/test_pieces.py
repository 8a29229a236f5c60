"""Episodes: against R's tmerge, by hand, and the rules that keep them from looking ahead."""

import inspect
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import Study
from cxresearch.episodes import build_episodes, customer_lives, match_gate, open_spells
from cxresearch.episodes.lives import at_start
from cxresearch.study.schema import InputError
from tests.episodes.small import DAY, HORIZON, ZERO, exposed_days, one_customer, study_of

REFERENCE = Path(__file__).parents[1] / "reference"


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


def test_a_piece_knows_how_long_ago_the_last_issue_was_written():
    """Issues on days 20 and 40: from day 40 on the later one counts."""
    episodes = build_episodes(one_customer([20, 40], [22, 45])).set_index("start")
    told = episodes["since_writing"]
    assert told.loc[:19.9].eq(60).all()  # long ago, or never
    assert told.loc[[20, 27, 34, 40, 47, 54, 70]].tolist() == [0, 7, 14, 0, 7, 14, 30]
    assert told.loc[100:].eq(60).all() if (told.index >= 100).any() else told.iloc[-1] == 30


def at_start_of(rows: list[tuple], **settings) -> pd.DataFrame:
    """What was known of two customers, who came on days 0 and 10, from (who, day, field, value)."""
    ends = {"start": [0.0, 10.0], "end": [np.nan, np.nan]}
    customers = pd.DataFrame({"customer_id": ["1", "2"], **ends})
    wrote = {"ticket_id": ["t"], "customer_id": ["1"], "opened": [20], "solved": [30]}
    history = pd.DataFrame(rows, columns=["customer_id", "at", "field", "value"])
    return at_start(study_of(customers, pd.DataFrame(wrote), history=history, **settings))


def test_what_was_known_at_the_start_is_the_first_reading_and_no_snapshot():
    rows = [("1", 0, "MRR", 50), ("1", 300, "MRR", 900), ("2", 10, "mrr", 7)]
    found = at_start_of([*rows, ("1", 0, "plan", "a"), ("1", 0, "Activity", 3)])
    assert found.columns.tolist() == ["mrr at start"]
    assert found["mrr at start"].to_dict() == {"1": 50.0, "2": 7.0}


def test_what_is_read_only_later_was_not_known_at_the_start():
    """Who has a reading a year on is who stayed for a year."""
    assert at_start_of([("1", 0, "health", 1), ("2", 375, "health", 2)]).empty


def test_a_number_without_end_is_not_known():
    assert at_start_of([("1", 0, "mrr", np.inf), ("2", 10, "mrr", 7)]).columns.empty


def test_the_pieces_of_a_life_leave_no_gap_and_do_not_overlap():
    episodes = build_episodes(one_customer([20, 30, 90], [50, None, 95]))
    assert episodes["start"].iloc[0] == 7
    assert (episodes["start"].to_numpy()[1:] == episodes["stop"].to_numpy()[:-1]).all()
    assert episodes["event"].sum() == 1


def test_an_issue_never_solved_is_overdue_to_the_end():
    assert exposed_days(one_customer([20], [None])) == 100 - 27


def test_a_reopened_issue_is_not_overdue_while_it_was_solved():
    # Open 20 to 23 (3 of 7 days spent), again from 60: overdue from 60 + 4 until 80.
    study = one_customer([20], [23], reopened=[60], solved_again=[80])
    assert exposed_days(study) == 80 - 64


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


def test_what_is_remembered_of_each_cause_is_told_apart():
    study = one_customer([10, 40], [30, 42], topic=["billing", "login"])
    rows = build_episodes(study, memory=20, by="cause").set_index("start")
    late, prompt = rows["solved late: billing"] > 0, rows["solved in time: login"] > 0
    assert (rows.index[late].min(), rows.loc[late, "stop"].max()) == (30, 50)
    assert (rows.index[prompt].min(), rows.loc[prompt, "stop"].max()) == (42, 62)
    assert "solved late: login" not in rows or not rows["solved late: login"].any()


def test_exit_requests_are_no_exposure_unless_asked_for():
    study = one_customer([20], [None], exit=[True])
    assert exposed_days(study) == 0
    assert exposed_days(study, include_exit_requests=True) == 73


def test_a_ticket_solved_at_an_unknown_time_is_no_exposure():
    assert open_spells(one_customer([20], [None], status=["solved"])).empty


def test_a_ticket_solved_before_it_was_written_is_no_exposure():
    assert exposed_days(one_customer([20], [10])) == 0


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
    assert exposed_days(one_customer([93], [None])) == 0


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


def test_what_is_remembered_from_before_the_export_is_not_known():
    customers = pd.DataFrame({"customer_id": ["a", "b"], "start": [-90.0, 10.0], "end": np.nan})
    nothing = pd.DataFrame({"ticket_id": [1], "customer_id": ["c"], "opened": [1.0], "solved": 2.0})
    episodes = build_episodes(study_of(customers, nothing), memory=50)
    old = episodes[episodes["customer_id"] == "a"]
    assert old.loc[old["state"].isna(), "stop"].max() == 90 + 7 + 50
    assert episodes.loc[episodes["customer_id"] == "b", "state"].eq("none").all()


def test_an_issue_open_for_ever_counts_for_the_longest_exposure_only():
    study = one_customer([20], [None])
    assert exposed_days(study, max_exposure=30) == 30
    later = build_episodes(study, max_exposure=30).query("start >= 57")
    assert (later["state"] == "none").all()


def test_a_ticket_with_two_causes_weighs_one_in_all():
    two = one_customer([20], [50])
    causes = pd.DataFrame(
        {
            "ticket_id": ["0", "0"],
            "topic": [0, 1],
            "cause": ["billing", "login"],
            "weight": [0.7, 0.3],
            "is_exit_request": False,
        }
    )
    tables = {n: two.table(n) for n in ("customers", "tickets")} | {"ticket_causes": causes}
    study = Study.from_tables(tables, **{"observed_until": two.settings.observed_until})
    rows = build_episodes(study, by="cause").query("overdue > 0")
    assert rows["overdue"].eq(1.0).all()
    assert rows["overdue: billing"].eq(0.7).all()
    assert rows["overdue: login"].eq(0.3).all()


def test_tickets_after_the_end_or_before_the_start_are_clipped_to_life():
    assert exposed_days(one_customer([120], [None])) == 0
    before = build_episodes(one_customer([-30], [40]))
    assert before.loc[before["overdue"] > 0, "stop"].max() == 40
    assert before.loc[before["overdue"] > 0, "start"].min() == 7


def test_one_closed_and_one_overdue_at_the_same_instant_leave_one_open():
    episodes = build_episodes(one_customer([20, 33], [40, 60])).set_index("start")
    assert episodes.loc[27:39, "overdue"].eq(1).all()
    assert episodes.loc[40, "overdue"] == 1
    assert (episodes["overdue"] <= 1).all()


def test_the_calendar_scale_counts_from_the_day_on_which_every_ticket_is_known():
    customers = pd.DataFrame({"customer_id": ["a"], "start": [30.0], "end": [100.0]})
    tickets = pd.DataFrame({"ticket_id": [1], "customer_id": ["a"], "opened": [40.0], "solved": 41})
    study = study_of(customers, tickets)
    tenure, calendar = (build_episodes(study, time_scale=s) for s in ("tenure", "calendar"))
    assert (calendar["start"] - tenure["start"]).eq(30).all()


def test_activity_is_frozen_from_the_ticket_on_and_current_activity_is_not():
    history = [(0, "activity", 10), (28, "activity", 8), (56, "activity", 2), (84, "activity", 1)]
    episodes = build_episodes(one_customer([30], [40], history=history), memory=20)
    at = episodes.set_index("start")
    assert at.loc[7, "activity"] == 10
    assert at.loc[30:59, "activity"].eq(8).all()  # as before the ticket, until it is forgotten
    assert at.loc[60, "activity"] == 2
    assert at.loc[56, "activity_now"] == 2
    assert at["activity_now"].iloc[-1] == 1
    assert at.loc[30:59, "usual_activity"].eq(9).all()
    assert at.loc[60, "usual_activity"] == pytest.approx(20 / 3)


def test_history_columns_are_as_they_were_and_lagged_with_the_exposure():
    history = [(0, "plan", "small"), (50, "plan", "large"), (0, "mrr", 10), (50, "mrr", 30)]
    study = one_customer([], [], history=history)
    now, later = build_episodes(study), build_episodes(study, lag=14)
    assert now.loc[now["plan"] == "large", "start"].min() == 50
    assert later.loc[later["plan"] == "large", "start"].min() == 64
    assert set(now.loc[now["start"] >= 50, "mrr"]) == {"30"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"unresolved": "ever"}, "it must be one of: overdue, abandoned"),
        ({"by": "priority"}, "by is 'priority'"),
        ({"time_scale": "age"}, "time_scale is 'age'"),
        ({"unresolved": "abandoned"}, "needs first_reply_at"),
    ],
)
def test_what_cannot_be_built_is_refused_by_name(options, says):
    with pytest.raises(InputError, match=says):
        build_episodes(one_customer([20], [50]), **options)


def test_no_argument_looks_ahead():
    names = set(inspect.signature(build_episodes).parameters)
    assert names == {
        "study", "unresolved", "lag", "memory", "max_exposure", "by", "time_scale",
        "include_exit_requests",
    }  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), rule=st.sampled_from(["overdue", "reopened"]))
def test_whatever_happens_after_a_day_changes_no_piece_before_it(seed, rule):
    rng = np.random.default_rng(seed)
    opened = np.sort(rng.integers(1, 90, 6)).astype(float)
    solved = opened + rng.integers(1, 40, 6)
    again = solved + rng.integers(1, 10, 6)
    more = {"reopened": again, "solved_again": again + 5}
    whole = build_episodes(one_customer(opened, solved, **more), unresolved=rule)
    seen = opened < 60
    cut = {k: np.where(v[seen] < 60, v[seen], np.nan) for k, v in more.items()}
    known = np.where(solved[seen] < 60, solved[seen], np.nan)
    cut["solved_again"] = np.where(np.isnan(cut["solved_again"]), known, cut["solved_again"])
    part = build_episodes(one_customer(opened[seen], known, **cut), unresolved=rule)
    days = np.arange(8, 60)
    for name in ("open", rule):
        assert [_on(whole, name, d) for d in days] == [_on(part, name, d) for d in days]


def _on(episodes: pd.DataFrame, name: str, day: float) -> float:
    rows = episodes[(episodes["start"] < day) & (day <= episodes["stop"])]
    return float(rows[name].iloc[0])


def test_counts_by_cause_take_no_room_where_nothing_is_open():
    rows = build_episodes(one_customer([20], [50]), by="cause")
    levels = rows[[c for c in rows if ": " in str(c)]]
    assert len(levels.columns) == 3
    assert levels.sparse.density == pytest.approx((levels.sparse.to_dense() != 0).mean().mean())
