"""What causes weigh: counts by hand, ranks with their doubt, and what cannot be told."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import CannotTell, Study, impact
from cxresearch.impact import burden
from cxresearch.pages import figures
from cxresearch.pages import what_causes_weigh as fix

ZERO = pd.Timestamp("2024-01-01", tz="UTC")


def day(numbers) -> pd.Series:
    return ZERO + pd.to_timedelta(pd.Series(numbers, dtype="float64"), unit="D")


def study_of(rows, outcome: str = "churn", until: float = 100, customers="", **more) -> Study:
    """A study from (customer, cause, opened, solved, first reply, replies, asks to leave)."""
    names = "requester_id cause opened solved reply total_agent_replies asks".split()
    frame = pd.DataFrame(rows, columns=names).assign(ticket_id=lambda f: f.index.astype(str))
    tickets = frame[["ticket_id", "requester_id", "total_agent_replies"]].assign(
        created_at=day(frame["opened"]),
        first_solved_at=day(frame["solved"]),
        first_reply_at=day(frame["reply"]),
        status="open",
        **more,
    )
    causes = frame[["ticket_id", "cause"]].assign(
        topic=0, weight=1.0, is_exit_request=frame["asks"].astype("boolean")
    )
    tables = {"tickets": tickets, "ticket_causes": causes}
    if outcome == "churn":
        who = sorted({*frame["requester_id"], *customers})
        started = day([-400.0] * len(who))
        tables["customers"] = pd.DataFrame(
            {"customer_id": who, "started_at": started, "observed_until": ZERO + until * burden.DAY}
        )
    times = {"observed_until": (ZERO + until * burden.DAY).isoformat()}
    return Study.from_tables(tables, tickets_from=ZERO.isoformat(), outcome=outcome, **times)


@pytest.fixture(scope="module")
def study() -> Study:
    # Promise 7 days, watched until day 100.
    return study_of(
        [
            ("a", "mail", 10, 12, 11, 2, False),  # in time, open 2 days
            ("a", "mail", 20, 37, 21, 3, False),  # open 17 days, 10 of them overdue
            ("b", "mail", 90, None, None, 0, False),  # open 10 days, 3 overdue
            ("b", "pay", 97, None, None, 0, False),  # too young to tell, open 3 days
            ("c", "pay", 50, 52, 51, 1, False),
            ("c", "pay", 60, None, 61, 1, True),  # asks to leave: not counted
            ("d", "mail", 70, 71, 70.5, 1, False),
        ],
        customers="abcd",
    )


def test_counts_by_hand(study):
    found = impact.by_cause(study).set_index("cause")
    assert found.loc["mail", ["tickets", "customers", "late", "known"]].tolist() == [4, 3, 2, 4]
    assert found.loc["pay", ["tickets", "customers", "late", "known"]].tolist() == [2, 2, 0, 1]
    assert found.loc["mail", ["days", "late days", "replies"]].tolist() == pytest.approx(
        [2 + 17 + 10 + 1, 10 + 3, 6]
    )
    assert found.loc["mail", "share of customers"] == pytest.approx(3 / 4)
    assert found.loc["mail", "share late"] == pytest.approx(2 / 4)


def test_a_share_is_wilsons(study):
    # 2 of 4: centre 0.5, half width z sqrt(0.25/4 + z²/64) / (1 + z²/4) = 0.35.
    found = impact.by_cause(study).set_index("cause").loc["mail"]
    assert found[["share late low", "share late high"]].tolist() == pytest.approx(
        [0.15, 0.85], abs=0.001
    )


def test_requests_to_leave_are_counted_apart(study):
    said = fix.counted(study)
    assert said.numbers == {"n": 6, "of": 7, "unknown": 0, "wordless": 0, "asks": 1}


def test_replies_that_the_export_cannot_tell_are_not_zero():
    study = study_of([("a", "mail", 10, 12, 11, None, False)])
    causes = impact.by_cause(study)
    assert causes["replies"].isna().all()
    assert isinstance(fix.effort(causes), CannotTell)


def test_a_reopened_issue_is_open_twice_but_counted_once():
    again = {"last_reopened_at": day([20.0]), "last_solved_at": day([25.0])}
    study = study_of([("a", "mail", 10, 12, 11, 1, False)], **again)
    row = impact.by_cause(study).iloc[0]
    assert row[["tickets", "days", "late", "known"]].tolist() == pytest.approx([1, 2 + 5, 0, 1])


def test_in_a_return_study_days_without_an_answer_stop_at_the_landmark():
    study = study_of(
        [
            ("a", "mail", 10, None, 12, 1, False),  # 2 days
            ("b", "mail", 10, None, 50, 1, False),  # 40 days, counted as 7
            ("c", "mail", 10, None, None, 0, False),  # never: 7
            ("d", "mail", 98, None, None, 0, False),  # too young to tell
        ],
        outcome="return",
    )
    row = impact.by_cause(study).iloc[0]
    assert row[["tickets", "days", "late", "known"]].tolist() == pytest.approx([4, 16, 2, 3])
    assert row["share of customers"] == pytest.approx(1)
    assert pd.isna(row["departures"])


def test_the_cause_late_more_often_than_the_rest_is_named():
    rows = [(f"x{i}", "slow", 10, 40, 11, 1, False) for i in range(20)]
    rows += [(f"y{i}", "quick", 10, 12, 11, 1, False) for i in range(20)]
    causes = impact.by_cause(study_of(rows))
    said = fix.waits(causes, study_of(rows))
    assert "slow 100%" in said.text
    assert "quick" not in said.text
    assert said.numbers["n"] == 1


def test_a_cause_far_ahead_is_surely_first():
    rows = [(f"c{i}", "big", 10, 12, 11, 1, False) for i in range(60)]
    rows += [(f"c{i}", "small", 10, 12, 11, 1, False) for i in range(5)]
    study = study_of(rows)
    ranks = impact.rankings(study, impact.by_cause(study)).set_index(["ranking", "cause"])
    big, small = ranks.loc[("customers", "big")], ranks.loc[("customers", "small")]
    assert (big["value"], big["rank"], big["low"], big["high"], big["first"]) == (60, 1, 1, 1, 1)
    assert (small["rank"], small["low"], small["high"], small["first"]) == (2, 2, 2, 0)
    assert "departures" not in ranks.index.get_level_values("ranking")


def test_causes_as_frequent_as_each_other_are_not_surely_ranked():
    rows = [(f"c{i}", "big" if i % 2 else "small", 10, 12, 11, 1, False) for i in range(40)]
    study = study_of(rows)
    ranks = impact.rankings(study, impact.by_cause(study))
    tickets = ranks[ranks["ranking"] == "tickets"]
    assert tickets["first"].between(0.3, 0.75).all()
    assert (tickets["low"] == 1).all()
    assert (tickets["high"] == 2).all()
    assert "not sure" in fix.answer(ranks, study).text


def test_departures_beyond_the_expected_are_the_excess_at_the_ratio(monkeypatch, study):
    # 20 left at a ratio of 2: 10 would have left anyway; at 1.25 and 4 it is 4 and 15.
    ratios = pd.DataFrame(
        {"cause": ["mail"], "hazard ratio": [2.0], "low": [1.25], "high": [4.0],
         "left while exposed": [20]}
    )  # fmt: skip
    room = type("Room", (), {"by_cause": staticmethod(lambda _: ratios)})
    monkeypatch.setattr(burden, "outcome", lambda _: room)
    causes = impact.by_cause(study)
    row = causes.set_index("cause").loc["mail"]
    beyond = row[["departures", "departures low", "departures high"]].tolist()
    assert beyond == pytest.approx([10, 4, 15])
    ranks = impact.rankings(study, causes)
    assert set(ranks.loc[ranks["ranking"] == "departures", "cause"]) == {"mail"}
    said = fix.departures(causes, ranks, study)
    assert said.numbers["value"] == pytest.approx(10)
    assert said.numbers["of"] == 2


def test_without_causes_nothing_is_ranked():
    study = study_of([("a", "mail", 10, 12, 11, 1, False)])
    study.ticket_causes["topic"] = pd.array([-1], dtype="Int64")
    causes = impact.by_cause(study)
    assert isinstance(causes, CannotTell)
    ranks = impact.rankings(study, causes)
    for said in (fix.answer(ranks, study), fix.waits(causes, study), fix.effort(causes),
                 fix.departures(causes, ranks, study), fix.reach_table(causes, study),
                 fix.disagree(ranks, study), fix.inbox_and_exit(ranks, study),
                 figures.cause_burden(causes, "overdue"), figures.cause_ranks(ranks)):  # fmt: skip
        assert said is causes


def test_nothing_that_is_given_is_changed(study):
    before = study.ticket_causes.copy(), study.tickets.copy()
    causes = impact.by_cause(study)
    kept = causes.copy()
    impact.rankings(study, causes)
    pd.testing.assert_frame_equal(causes, kept)
    pd.testing.assert_frame_equal(study.ticket_causes, before[0])
    pd.testing.assert_frame_equal(study.tickets, before[1])


CAUSES = st.sampled_from(["mail", "pay", "log in"])
TICKET = st.tuples(
    st.sampled_from("abcd"), CAUSES, st.integers(0, 99), st.integers(0, 60), st.booleans()
)


@settings(max_examples=6, deadline=None)
@given(st.lists(TICKET, min_size=1, max_size=12))
def test_sums_over_causes_are_sums_over_tickets(drawn):
    rows = [
        (who, cause, opened, opened + length if solved else None, None, 1, False)
        for who, cause, opened, length, solved in drawn
    ]
    study = study_of(rows)
    causes = impact.by_cause(study)
    assert causes["tickets"].sum() == len(rows)
    spent = sum(min(r[3] if r[3] is not None else 100, 100) - r[2] for r in rows)
    assert causes["days"].sum() == pytest.approx(spent)
    ranks = impact.rankings(study, causes, draws=20)
    assert (ranks["low"] <= ranks["high"]).all()
    assert ranks.groupby("ranking")["rank"].min().eq(1).all()


RANKS = pd.DataFrame(
    {
        "ranking": ["tickets", "tickets", "overdue days", "overdue days", "departures"],
        "cause": ["mail", "pay", "pay", "mail", "pay"],
        "value": [10.0, 5.0, 90.0, 20.0, 3.0],
        "rank": [1, 2, 1, 2, 1],
        "low": [1, 2, 1, 2, 1],
        "high": [1, 2, 1, 2, 1],
        "first": [1.0, 0.0, 0.6, 0.4, 1.0],
        "top 3": [1.0] * 5,
    }
)


def test_the_answer_names_each_ranking_and_its_doubt(study):
    said = fix.answer(RANKS, study).text
    assert "**mail** by tickets (10, sure); **pay** by overdue days" in said
    departures = "by departures beyond those expected (3, sure)"
    assert f"(90, not sure: first in 60%) and {departures}" in said


def test_rankings_that_surely_differ_are_said_to(study):
    said = fix.disagree(RANKS, study)
    assert said.numbers["n"] == 2
    assert isinstance(fix.disagree(RANKS.assign(low=1, high=2), study), CannotTell)


def test_ranks_are_drawn_with_their_ranges():
    picture = figures.cause_ranks(RANKS)
    assert [t.get_text() for t in picture.axes.texts if t.get_text()] == [
        "2 (2–2)", "1 (1–1)", "1 (1–1)", "1 (1–1)", "2 (2–2)",
    ]  # fmt: skip
    assert picture.axes.get_figure().get_suptitle() == "3 rankings put 2 different causes first"


def test_burdens_are_drawn_in_two_panels_at_their_values(study):
    picture = figures.cause_burden(impact.by_cause(study), "overdue")
    left, right = picture.axes.get_figure().axes
    assert left.collections[1].get_offsets()[:, 0].tolist() == pytest.approx([2 / 4, 3 / 4])
    assert right.collections[1].get_offsets()[:, 0].tolist() == pytest.approx([0, 2 / 4])
    assert "mail 75%" in picture.description
