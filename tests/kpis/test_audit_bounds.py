"""What the audit may not say: of honest habits, of what is not told, beyond what there is."""

import warnings

import numpy as np
import pandas as pd
import pytest
from desks import START, after, desk

from cxresearch import CannotTell, Study
from cxresearch.kpis.audit.audited import ASK, UNTOLD, Audited, _judged, _without, audited
from cxresearch.kpis.audit.deeds import ANSWER, SOLUTION, in_time
from cxresearch.kpis.audit.near_limit import broken_off, more_of_it
from cxresearch.kpis.audit.signs import LOWERED, SIGNS, lowered, merged, paused
from cxresearch.kpis.compliance import response_compliance, response_facts
from cxresearch.study.answers import DoesNotApply
from tests.benchmarks.audited_desks import DAILY, HONEST, honest, tables
from tests.page_cells import page_says

PAUSED = SIGNS[3].name


def study(tickets, events=None, **settings) -> Study:
    made = {"tickets": pd.DataFrame(tickets)} | (
        {} if events is None else {"ticket_events": pd.DataFrame(events)}
    )
    until = (START + pd.Timedelta(days=300)).isoformat()
    return Study.from_tables(made, **{"outcome": "return", "observed_until": until} | settings)


@pytest.mark.parametrize(
    "nobodys",
    [
        lambda: desk([0, 1], replied=2, requester_id=None),
        lambda: desk([0, 1], replied=2, product=["a", "b"], is_spam=[True, False]).where(
            product="a"
        ),
        lambda: desk([0, 1], replied=2, settings={"tickets_from": "2025-02-01T00:00:00Z"}),
    ],
)
def test_where_no_ticket_is_looked_at_nothing_can_be_told(nobodys):
    found = audited(nobodys())
    assert set(found.frame["verdict"]) == {UNTOLD}
    assert [type(said) for said in found.sentences()] == [CannotTell]
    assert found.said().reason.count("none that a known person wrote") == 1
    assert type(found.by_team()) is CannotTell
    assert len(found.table()) == len(SIGNS)


def test_roles_that_are_all_empty_are_read_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study([{"ticket_id": "1", "created_at": START, "requester_id": "r", "status": "open"}])
        found = audited(desk([0, 0]))
    assert len(found.frame) == len(SIGNS)


def test_what_is_done_at_an_hour_of_the_day_is_no_sign():
    # At five all set to wait, whose limit is then near; at noon nobody does, nor is it.
    rows = [(17.5, -1, True)] * 60 + [(17.5, 4, True)] * 5 + [(12.0, -1, False)] * 5
    rows = pd.DataFrame([*rows, *[(12.0, 4, False)] * 60], columns=["hour", "past", "act"])
    rows = rows.assign(stratum="a", who=range(130))
    assert more_of_it(rows)["p"] > 0.4
    assert more_of_it(rows.assign(hour=9.0))["p"] < 1e-6


def of_evenings(seed: int, n: int = 1500) -> Study:
    """Customers write at about half past five; each day until a ticket is solved somebody notes
    something, and from three on sets a quarter of them to wait until the next morning."""
    rng = np.random.default_rng(seed)
    tickets, events = [], []
    for i in range(n):
        day, life = 24.0 * rng.integers(0, 120), int(rng.integers(5, 12))
        wrote = day + np.clip(rng.normal(17.5, 1.5), 0, 23.9)
        steps, waits = [], False
        for j in range(1, life + 1):
            steps += [(day + 24 * j + rng.uniform(9, 10), "open")] if waits else []
            at = day + 24 * j + rng.uniform(10, 17)
            steps += [(at, None)]
            waits = at % 24 >= 15 and j < life and rng.random() < 0.25
            steps += [(at + 1 / 60, "pending")] if waits else []
        steps += [(day + 24 * life + 17.1, "solved")]
        tickets.append((f"{i}", f"r{i}", wrote, steps[-1][0]))
        events += [(f"{i}", f"a{i % 10}", *step) for step in steps]
    made = pd.DataFrame(tickets, columns=["ticket_id", "requester_id", "created_at", "solved"])
    made = made.assign(
        created_at=after(made["created_at"]), first_solved_at=after(made["solved"]), status="solved"
    ).drop(columns="solved")
    did = pd.DataFrame(events, columns=["ticket_id", "actor_id", "event_at", "value_to"])
    did = did.assign(
        event_at=after(did["event_at"]), event_id=range(len(did)), actor_role="agent",
        is_public=False, event_type=np.where(did["value_to"].isna(), "note", "status"),
        field=did["value_to"].mask(did["value_to"].notna(), "status"),
    )  # fmt: skip
    return study(made, did.astype({"event_id": str}))


def test_a_desk_that_parks_its_work_in_the_evening_is_honest():
    p = [more_of_it(paused(of_evenings(seed)))["p"] for seed in (1, 2, 3)]
    assert min(p) > 0.01
    assert max(p) > 0.1


@pytest.mark.parametrize("kind", DAILY)
def test_a_desk_with_a_daily_rhythm_shows_no_sign(kind):
    made = honest(HONEST[kind], 5003)
    found = audited(Study.from_tables(tables(made), **made.settings))
    assert found.frame["q"].min() > 0.05
    assert found.frame[["without", "without_low", "without_high"]].isna().all(axis=None)


def test_odd_and_unknown_answers_are_in_no_share():
    replied = [-3.0] * 10 + [np.nan] + [1.0] * 9
    made = desk([0.0] * 20, replied=replied, solved=2, until=100, total_agent_replies=1)
    kpi, facts = response_compliance(made).frame.loc["all"], response_facts(made)
    mine = in_time(made, ANSWER)
    assert (len(mine), mine["held"].mean()) == (kpi["n"], kpi["estimate"])
    assert len(mine) == facts["held"].notna().sum() == 9


def test_a_history_of_messages_alone_leaves_solutions_to_their_column():
    made = desk([0, 0], replied=1, solved=[100, 200], events=[("a", 1, "agent"), ("b", 1, "agent")])
    alone = desk([0, 0], replied=1, solved=[100, 200])
    assert in_time(made, SOLUTION)["held"].tolist() == [True, False]
    pd.testing.assert_frame_equal(in_time(made, SOLUTION), in_time(alone, SOLUTION))


def test_a_solution_that_nobody_dated_is_not_late():
    made = desk([0, 0, 0] * 9, solved=[100, 200, np.nan] + [100] * 24, status="solved")
    facts = in_time(made, SOLUTION)
    assert facts.set_index("ticket_id")["held"].loc[["a", "b"]].tolist() == [True, False]
    assert "c" not in set(facts["ticket_id"])


def test_without_the_limits_own_field_nothing_is_said_of_what_was_done_before_it():
    events = [("a", 23, "priority", "low", "high"), ("a", 30, "agent")]
    made = desk([0, 0, 0], events=events, total_agent_replies=1, is_merged=[False, False, True])
    for found in (lowered(made), merged(made, ANSWER)):
        assert "first_reply_at is empty" in found.reason
    assert isinstance(merged(desk([0, 0], status="solved", is_merged=False), SOLUTION), CannotTell)


def changed(before, after_, **settings):
    events = [("b", 23, "priority", after_, before)]
    return lowered(desk([0, 0], replied=30, events=events, settings=settings))


def test_a_lowered_priority_is_seen_by_the_words_of_study_toml_in_any_case():
    for settings in ({}, {"priorities": ("Low", "Normal", "High")}):
        assert changed("High", "LOW", **settings)["act"].tolist() == [True]
    assert changed("P1", "P4", priorities=("p4", "p1"))["act"].tolist() == [True]


def test_words_that_have_no_place_are_named_and_not_taken_for_clean():
    assert "'p1', 'p4'" in changed("P1", "P4").reason
    assert "what they changed from" in changed(None, "low").reason


def test_what_a_priority_was_is_known_by_what_was_set_before():
    events = [("b", 0, "priority", "high"), ("b", 23, "priority", "low")]
    rows = lowered(desk([0, 0], replied=30, events=events))
    assert rows["act"].tolist() == [True]


def test_no_share_is_above_all_or_below_none():
    facts = pd.DataFrame({"ticket_id": list("abcdefghij"), "held": [True] * 9 + [False]})
    told = _without(facts, pd.Series(["a", "b"]), {"more": -5.0, "low": -15.0, "high": 20.0})
    assert list(told.values()) == [0.9, 1.0, 0.0, 1.0]


def test_a_trend_needs_things_that_end_near_the_limit_and_far_from_it():
    rng = np.random.default_rng(1)
    near = np.r_[rng.uniform(-1.5, -1, 300), rng.uniform(1, 1.5, 300)]
    far = np.r_[rng.uniform(-5, -4.5, 12), rng.uniform(-1, 0, 300), rng.uniform(4.5, 5, 12)]
    assert np.isnan(broken_off(pd.Series(near))["p"])
    assert np.isnan(broken_off(pd.Series(far))["p"])


def line(share: float, without: float, p: float = 1e-9) -> dict:
    return {"sign": 4, "limit": ANSWER, "tickets": 65, "expected": 1.0, "p": p, "share": share,
            "without": without, "without_low": without, "without_high": without,
            "why": ""}  # fmt: skip


def test_what_hides_nothing_is_not_said_to_hide():
    frame = _judged(pd.DataFrame([line(0.6, 0.6), line(0.6, 0.5)], index=[LOWERED, PAUSED]))
    found = Audited(frame, pd.DataFrame(), pd.DataFrame(), 2)
    assert "hides nothing of first answers in time: 60.0%" in found.said(LOWERED).text
    assert "60.0% of first answers in time would be 50.0%" in found.said(PAUSED).text
    assert frame["verdict"].eq(ASK).all()


def test_what_is_not_seen_is_told_without_a_share_beside_it():
    frame = _judged(pd.DataFrame([line(0.6, 0.5, p=0.8)], index=[LOWERED]))
    assert np.isnan(frame["without"].iloc[0])


def test_reasons_are_said_once_and_begin_as_sentences_do():
    found = audited(desk([0, 0], group_id=["x", "y"]))
    assert set(found.frame["verdict"]) == {UNTOLD}
    (said,) = found.sentences()
    reasons = said.reason.split(". ")
    assert all(r[0].isupper() for r in reasons[1:])
    assert len(set(reasons)) == len(reasons) > 2


def test_no_team_stands_out_only_where_two_are_known_and_a_sign_is_told():
    frame = _judged(pd.DataFrame([line(0.6, 0.5, p=0.8)], index=[LOWERED]))
    of = {n: Audited(frame, pd.DataFrame(), pd.DataFrame(), n).by_team() for n in (1, 2)}
    assert isinstance(of[2], DoesNotApply)
    assert not isinstance(of[1], DoesNotApply)
    assert type(audited(desk([0, 0], group_id=["x", "y"])).by_team()) is CannotTell


def test_page_02_says_that_nothing_was_done_to_nobodys_tickets():
    said = page_says(desk([0, 1], replied=2, solved=3, requester_id=None), "02")
    assert any("none that a known person wrote" in text for cell in said.values() for text in cell)
