"""What causes weigh: counts by hand, what is said and drawn of them, and what cannot be told."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from cxresearch import CannotTell, Study, impact
from cxresearch.impact.issue_rows import DAY, OVERDUE, UNANSWERED
from cxresearch.impact.work import MANY, Work
from cxresearch.outcomes import leaving
from cxresearch.outcomes.cause_ratios import CauseRatios, by_name
from cxresearch.study.words import LEAVING

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
            {"customer_id": who, "started_at": started, "observed_until": ZERO + until * DAY}
        )
    times = {"observed_until": (ZERO + until * DAY).isoformat()}
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
    found = impact.cause_burden(study).frame
    assert found.index.tolist() == ["mail", "pay"]
    assert found.loc["mail", ["tickets", "customers", "late", "known"]].tolist() == [4, 3, 2, 4]
    assert found.loc["pay", ["tickets", "customers", "late", "known"]].tolist() == [2, 2, 0, 1]
    assert found.loc["mail", ["days", "late days", "replies"]].tolist() == pytest.approx(
        [2 + 17 + 10 + 1, 10 + 3, 6]
    )
    assert found.loc["mail", "share of customers"] == pytest.approx(3 / 4)
    assert found.loc["mail", "share late"] == pytest.approx(2 / 4)


def test_a_share_is_wilsons(study):
    # 2 of 4: centre 0.5, half width z sqrt(0.25/4 + z²/64) / (1 + z²/4) = 0.35.
    found = impact.cause_burden(study).frame.loc["mail"]
    assert found[["share late low", "share late high"]].tolist() == pytest.approx(
        [0.15, 0.85], abs=0.001
    )


def test_requests_to_leave_are_counted_apart(study):
    said = impact.issues_counted(study)
    assert said.numbers == {"n": 6, "of": 7, "unknown": 0, "wordless": 0, "asks": 1}


def test_replies_that_the_export_cannot_tell_are_not_zero():
    study = study_of([("a", "mail", 10, 12, 11, None, False)])
    burden = impact.cause_burden(study)
    assert burden.frame["replies"].isna().all()
    assert isinstance(impact.work(burden).said(), CannotTell)
    assert impact.work(burden).table()["agent replies"].isna().all()


def test_a_reopened_issue_is_open_twice_but_counted_once():
    again = {"last_reopened_at": day([20.0]), "last_solved_at": day([25.0])}
    study = study_of([("a", "mail", 10, 12, 11, 1, False)], **again)
    row = impact.cause_burden(study).frame.loc["mail"]
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
    row = impact.cause_burden(study).frame.loc["mail"]
    assert row[["tickets", "days", "late", "known"]].tolist() == pytest.approx([4, 16, 2, 3])
    assert row["share of customers"] == pytest.approx(1)
    assert pd.isna(row["departures"])


def waiting(slow_late: int = 20, quick_late: int = 0):
    """Two causes of 20 issues each, so many of them late."""
    rows = [(f"x{i}", "slow", 10, 40 if i < slow_late else 12, 11, 1, False) for i in range(20)]
    rows += [(f"y{i}", "quick", 10, 40 if i < quick_late else 12, 11, 1, False) for i in range(20)]
    return impact.cause_burden(study_of(rows))


def test_the_cause_late_more_often_than_the_rest_is_named():
    burden = waiting()
    assert burden.frame["verdict"].to_dict() == {"quick": "less", "slow": "more"}
    said = burden.said()
    assert said.text == (
        "1 of 2 causes are overdue more often than the others. Most often: slow, 100% (84% to "
        "100%), against 50% of 40 issues in all."
    )


def test_shares_that_chance_explains_tell_no_cause():
    # 14 and 8 of 20: Fisher's p is 0.11; 15 and 7: 0.03 (R's fisher.test)
    burden = waiting(14, 8)
    assert set(burden.frame["verdict"]) == {"cannot tell"}
    assert burden.said().reason.endswith("more often than the others: no share differs.")
    assert waiting(15, 7).frame["verdict"].to_dict() == {"quick": "less", "slow": "more"}


def test_with_issues_too_young_to_tell_no_share_late_is_told_or_drawn():
    burden = impact.cause_burden(study_of([("a", "mail", 97, None, None, 0, False)]))
    assert "no issue is old enough" in burden.said().reason
    assert "no issue is old enough" in burden.plot().reason
    assert burden.table().loc[0, "overdue"] == "0 of 0"


def test_an_issue_is_late_from_the_moment_on_which_its_promise_runs_out():
    for opened, known in ((93, 1), (93.1, 0)):
        study = study_of([("a", "mail", opened, None, None, 0, False)])
        row = impact.cause_burden(study).frame.loc["mail"]
        assert row[["late", "known"]].tolist() == [known, known]


def test_counts_stand_before_their_shares(study):
    shown = impact.cause_burden(study).table().set_index("cause").loc["mail"]
    assert shown.to_dict() == {
        "tickets": 4, "customers": "3: 75% (30% to 95%)", "overdue": "2 of 4: 50% (15% to 85%)",
    }  # fmt: skip


def test_replies_stand_in_for_hours_and_are_said_to():
    frame = pd.DataFrame({"cause": ["a", "b", "c"], "tickets": [MANY, 40.0, MANY - 1],
                          "told": [MANY, 40.0, MANY - 1], "replies": [60.0, 40, 290],
                          "each": [2.0, 1, 10]})  # fmt: skip
    said = Work(by_name(frame), OVERDUE).said()
    assert "3.9 a ticket, 390 on 99 tickets." in said.text
    assert "Most for a, 2.0; least for b, 1.0." in said.text  # c has too few to be judged
    few = Work(by_name(frame.tail(1)), OVERDUE).said()
    assert few.text.endswith("10.0 a ticket, 290 on 29 tickets.")
    some = Work(by_name(frame.assign(told=[MANY, 20.0, 0], replies=[60.0, 40, 0])), OVERDUE).said()
    assert "2.0 a ticket, 100 on 50 tickets; of 49 more they are not told." in some.text


def test_the_cause_that_waited_longest_comes_first(study):
    shown = impact.work(impact.cause_burden(study)).table()
    assert shown["cause"].tolist() == ["mail", "pay"]
    assert shown[["days open", "days overdue", "agent replies"]].values.tolist() == [
        [30, 13, 6], [5, 0, 1],
    ]  # fmt: skip
    assert shown["replies a ticket"].tolist() == [1.5, 0.5]


def ratios(verdict: str = "leave more") -> CauseRatios:
    frame = {"cause": ["mail", "pay"], "hazard ratio": [2.0, 1.25], "low": [1.25, 1.1],
             "high": [4.0, 1.4], "left while exposed": [20, 10], "p": [0.01, 0.2],
             "verdict": [verdict, "cannot tell"]}  # fmt: skip
    return CauseRatios(by_name(pd.DataFrame(frame)), LEAVING, ("cause",), "others", "few")


def test_departures_beyond_the_expected_are_the_excess_at_the_ratio(monkeypatch, study):
    # 20 left at a ratio of 2: 10 would have left anyway; at 1.25 and 4 it is 4 and 15.
    monkeypatch.setattr(leaving, "by_cause", lambda _: ratios())
    burden = impact.cause_burden(study)
    row = burden.frame.loc["mail"]
    beyond = row[["departures", "departures low", "departures high"]].tolist()
    assert beyond == pytest.approx([10, 4, 15])


def test_each_outcome_has_its_own_words():
    forum = study_of([("a", "mail", 10, 12, 11, 1, False)], outcome="return")
    assert impact.counting(forum) is UNANSWERED
    assert "unanswered" in impact.cause_burden(forum).table()
    assert "days without an answer" in impact.work(impact.cause_burden(forum)).table()
    assert "who leaves is not in this data" in impact.cause_burden(forum).ratios.reason


def test_without_causes_nothing_is_ranked():
    study = study_of([("a", "mail", 10, 12, 11, 1, False)])
    study.put("ticket_causes", study.ticket_causes.assign(topic=pd.array([-1], dtype="Int64")))
    burden = impact.cause_burden(study)
    assert isinstance(burden, CannotTell)
    assert impact.work(burden) is burden


def test_nothing_that_is_given_is_changed(study):
    before = study.ticket_causes.copy(), study.tickets.copy()
    burden = impact.cause_burden(study)
    kept = burden.frame.copy()
    for told in (burden, impact.work(burden)):
        told.table()
    pd.testing.assert_frame_equal(burden.frame, kept)
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
    causes = impact.cause_burden(study).frame
    assert causes["tickets"].sum() == len(rows)
    spent = sum(min(r[3] if r[3] is not None else 100, 100) - r[2] for r in rows)
    assert causes["days"].sum() == pytest.approx(spent)


def test_burdens_are_drawn_in_two_panels_at_their_values(study):
    burden = impact.cause_burden(study)
    ax = burden.plot()
    left, right = ax.get_figure().axes
    assert left.collections[1].get_offsets()[:, 0].tolist() == pytest.approx([3 / 4, 2 / 4])
    assert right.collections[1].get_offsets()[:, 0].tolist() == pytest.approx([2 / 4, 0])
    assert [name.get_text() for name in left.get_yticklabels()] == ["mail", "pay"]
    assert right.get_xlabel() == "share overdue"
    assert right.lines[0].get_xdata()[0] == pytest.approx(2 / 5)
    assert not left.lines
    assert ax.get_figure().get_suptitle() == (
        "The cause of most customers is number 1 of 2 by share overdue"
    )
    assert "mail, 75%. Right, most often overdue: mail, 50%, against 40%" in burden.described()
    plt.close(ax.get_figure())


def test_on_axes_of_ones_own_the_reach_is_drawn(study):
    _, own = plt.subplots()
    assert impact.cause_burden(study).plot(own) is own
    assert own.get_xlabel() == "share of all customers"
    plt.close(own.get_figure())
