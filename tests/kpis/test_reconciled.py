"""The help desk's own numbers beside ours: each reason by hand, on each format, and as planted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import loaders
from cxresearch.kpis.reconciled import reconciled
from cxresearch.kpis.scorecard import scorecard
from cxresearch.lab.simulate import simulate_world
from cxresearch.study.answers import DoesNotApply
from cxresearch.study.study import Study

FORMATS = Path(__file__).parents[1] / "loaders" / "formats"
UCI = FORMATS.parent / "uci_incident_log.toml"
ASKED = pd.Timestamp("2026-03-02T09:15:30Z")
FIRST, SOLVED = "First answer within 24 hours", "Time to solution, median"
REOPENED, ANSWERS = "Times reopened, mean", "Answers by agents, mean"
LATE, UNSOLVED = "First answer late", "Not solved in time (7 days)"
SATISFIED = "Satisfied, of those who answered"


def after(minutes):
    return ASKED + pd.Timedelta(minutes=minutes)


def ticket(number=1, reply=40.5, solved=100.0, **more):
    return {
        "ticket_id": str(number), "created_at": ASKED, "status": "solved", "requester_id": "r",
        "first_reply_at": after(reply) if reply else None, "first_solved_at": after(solved),
        "last_solved_at": after(solved), "total_agent_replies": 1 if reply else 0,
        "count_reopens": 0, "is_merged": False, "is_spam": False, "is_deleted": False, **more,
    }  # fmt: skip


def event(minutes, role, kind="reply", ticket="1", **more):
    return {"event_id": f"{ticket}-{minutes}-{kind}", "ticket_id": ticket, "event_type": kind,
            "event_at": after(minutes), "actor_role": role, "is_public": kind == "reply",
            **more}  # fmt: skip


def compared(tickets, events=(), surveys=(), **more):
    frames = {"tickets": tickets, "ticket_events": events, "surveys": surveys}
    frames = {name: pd.DataFrame(rows) for name, rows in frames.items() if len(rows)}
    told = {
        "outcome": "return",
        "time_zone": "Europe/Madrid",
        "business_hours": ("Mon-Fri 08:00-10:30",),
        "observed_until": "2026-06-01T00:00:00Z",
    }
    return reconciled(Study.from_tables(frames, **(told | more)))


def reason(found, metric, number=1):
    rows = found.tickets.set_index(["metric", "ticket_id"])["reason"]
    return rows[metric, str(number)]


OTHER = ticket(2, vendor_first_reply_minutes=40.5, vendor_resolution_minutes=100.0)
BOT, NOTE = event(0.1, "bot"), event(12, "agent", "note")


@pytest.mark.parametrize(
    ("minutes", "says"),
    [
        (40.5, ""), (40, "whole minutes"), (41, "whole minutes"), (42.5, "unexplained"),
        (0.1, "automatic replies"), (12, "internal notes"), (40.5 + 60, "the time zone"),
        (14.5, "business hours"), (900, "unexplained"),
    ],
)  # fmt: skip
def test_a_first_reply_differs_for_the_one_reason_that_gives_its_number(minutes, says):
    own, other = ticket(vendor_first_reply_minutes=minutes), OTHER
    if says == "whole minutes":  # a help desk that tells whole minutes tells no others
        other = other | {"vendor_first_reply_minutes": 41.0}
    found = compared([own, other], [BOT, NOTE, event(40.5, "agent")])
    assert reason(found, FIRST) == says


@pytest.mark.parametrize(
    ("minutes", "says"),
    [(100, ""), (700, "counting to the last solution"), (5000, "counting to the closing"),
     (300, "unexplained")],
)  # fmt: skip
def test_a_resolution_ends_with_the_last_solution_or_the_closing(minutes, says):
    own = ticket(last_solved_at=after(700), closed_at=after(5000))
    assert reason(compared([own | {"vendor_resolution_minutes": minutes + 0.0}, OTHER]), SOLVED) \
        == says  # fmt: skip


def test_what_only_one_of_the_two_counts_is_named():
    own = {"vendor_first_reply_minutes": 5.25}
    none = {"vendor_first_reply_minutes": None}
    rows = [
        ticket(1, **own, is_merged=True), ticket(2, **own, is_spam=True),
        ticket(3, **own, requester_id=None), ticket(4, reply=None, **none),
        ticket(5, reply=None, **none, is_agent_created=True), ticket(6, **none),
        ticket(7, reply=-9, **own), ticket(8, **own, created_at=ASKED + pd.Timedelta("90D")),
    ]  # fmt: skip
    found = compared(rows)
    assert [reason(found, FIRST, n) for n in range(1, 8)] == [
        "merged tickets", "spam or deleted tickets", "tickets of nobody", "tickets still waiting",
        "tickets written by agents", "unexplained", "answers older than the question",
    ]  # fmt: skip


def test_a_surviving_ticket_is_timed_from_the_first_that_was_merged_into_it():
    old = ticket(2, created_at=after(-30), is_merged=True, merged_into_ticket_id="1")
    found = compared([ticket(vendor_first_reply_minutes=70.5), old, OTHER | {"ticket_id": "3"}])
    assert reason(found, FIRST) == "merged tickets"


def test_counts_differ_by_automatic_replies_notes_and_solutions_less_one():
    def counts(replies, reopens, n):
        return ticket(n, vendor_replies=replies, vendor_reopens=reopens)

    events = [event(m, "agent", "status", n, field="status", value_from=a, value_to=b)
              for n in "123" for m, a, b in ((5, "open", "solved"), (6, "solved", "open"),
                                             (7, "open", "solved"))]  # fmt: skip
    events += [event(0.1, "bot", ticket=n) for n in "123"]
    events += [event(m, "agent", "note", "2") for m in (2, 3)]
    found = compared([counts(2, 1, 1), counts(3, 0, 2), counts(9, 5, 3)], events)
    assert [reason(found, ANSWERS, n) for n in (1, 2, 3)] == [
        "automatic replies", "internal notes", "unexplained",
    ]  # fmt: skip
    assert [reason(found, REOPENED, n) for n in (1, 2, 3)] == [
        "counting solutions less one", "", "unexplained",
    ]  # fmt: skip


def words(minutes, **more):
    """A ticket for each (minutes to the first answer, is it called late), of one priority."""
    return [ticket(n, reply=m, vendor_first_reply_breached=late, **more)
            for n, (m, late) in enumerate(minutes, 1)]  # fmt: skip


def test_a_word_of_lateness_fits_one_target_for_each_priority_or_is_unexplained():
    """Late from 300 minutes on, but for the one of 700; 24 hours are ours."""
    told = [(60 + n, False) for n in range(20)] + [(300 + n, True) for n in range(20)]
    told += [(700, False), (3000, True)]
    found = compared(words(told), business_hours=())
    rows = found.tickets.query("metric == @LATE").set_index("ticket_id")["reason"]
    assert [rows[str(n)] for n in (1, 20, 42)] == ["", "", ""]
    assert {rows[str(n)] for n in range(21, 41)} == {"its own targets"}
    # A limit must leave 1 of 21 late words, or 1 of 21 others, on the wrong side, not more.
    spoilt = [(m, late) if n % 10 else (m, not late) for n, (m, late) in enumerate(told)]
    spoilt = compared(words(spoilt), business_hours=())
    assert "its own targets" not in {*spoilt.tickets["reason"]}
    few = compared(words(told[11:29]), business_hours=())  # nine of each
    assert "its own targets" not in {*few.tickets["reason"]}


@pytest.mark.parametrize("share", [0.5, 0.03])
@pytest.mark.parametrize("priorities", [1, 60])
def test_random_words_of_lateness_fit_no_target(share, priorities):
    rng = np.random.default_rng(5)
    rows = words(zip(rng.uniform(1, 2000, 400), rng.random(400) < share, strict=True))
    rows = [row | {"priority": f"p{n % priorities}"} for n, row in enumerate(rows)]
    found = compared(rows, business_hours=())
    assert "its own targets" not in {*found.tickets["reason"]}


def test_lateness_may_be_counted_to_the_closing():
    """Closed after 1 to 24 days, solved within the hour: late are those from the thirteenth on."""
    rows = [ticket(n, closed_at=after(1440 * n), vendor_resolution_breached=n > 12)
            for n in range(1, 25)]  # fmt: skip
    found = compared(rows)
    assert reason(found, UNSOLVED, 24) == "its own targets to the closing"
    assert found.frame.loc[UNSOLVED, "theirs"] == pytest.approx(0.5)


def test_what_is_unknown_is_not_late():
    """No time of the answer though there are answers; an answer before the question; one that is
    not due; solved nobody knows when. Only who is known to wait is late."""
    late = {"vendor_first_reply_breached": False, "vendor_resolution_breached": False}
    rows = [
        ticket(1, reply=None, **late) | {"total_agent_replies": 2}, ticket(2, reply=-9, **late),
        ticket(3, reply=None, **late, created_at=pd.Timestamp("2026-05-31T20:00Z")),
        ticket(4, **late) | {"first_solved_at": None, "last_solved_at": None},
        ticket(5, reply=None, **late) | {"status": "open", "first_solved_at": None,
                                         "last_solved_at": None},
    ]  # fmt: skip
    found = compared(rows + [ticket(n, **late) for n in range(6, 46)])
    assert [reason(found, LATE, n) for n in (1, 2, 3, 5)] == [
        "not told", "answers older than the question", "tickets not yet due",
        "tickets still waiting",
    ]  # fmt: skip
    assert [reason(found, UNSOLVED, n) for n in (4, 5)] == ["not told", "tickets still waiting"]
    # Only ticket 5 waits; three are not told, or not due.
    assert found.frame.loc[LATE, ["ours", "n ours"]].tolist() == pytest.approx([1 / 42, 42])


def test_a_promise_in_business_hours_is_not_late_before_it_is_due():
    """Written on Friday, watched until Monday: 24 hours are over, 8 open hours are not."""
    own = ticket(reply=None, created_at=pd.Timestamp("2026-03-06T12:00Z"),
                 vendor_first_reply_breached=False)  # fmt: skip
    found = compared([own, OTHER], observed_until="2026-03-09T09:00:00Z", business_hours=(
        "Mon-Fri 08:00-18:00",), promises_in_business_hours=True, first_reply_hours=8)  # fmt: skip
    assert reason(found, LATE) == "tickets not yet due"


def test_what_happens_after_the_studys_end_is_no_merged_ticket():
    own = ticket(reply=40.5 + 1440 * 95, vendor_first_reply_minutes=40.5 + 1440 * 95,
                 solved=1440 * 95.0, vendor_resolution_minutes=1440 * 95.0)  # fmt: skip
    found = compared([own, OTHER])
    assert reason(found, FIRST) == reason(found, SOLVED) == "answers after the study's end"


def test_minutes_below_zero_are_not_counted_and_say_so():
    found = compared([ticket(vendor_first_reply_minutes=-3.0), OTHER])
    assert reason(found, FIRST) == "times below zero"
    assert found.frame.loc[FIRST, "n theirs"] == 1


def test_an_unknown_count_of_a_merged_ticket_is_not_none():
    merged = {"is_merged": True, "merged_into_ticket_id": "1"}
    own = ticket(vendor_replies=3)
    for second, says in ((None, "unexplained"), (1, "merged tickets")):
        old = [ticket(n, **merged) | {"total_agent_replies": replies}
               for n, replies in ((2, second), (3, 3 - 1 - (second or 0)))]  # fmt: skip
        assert reason(compared([own, *old]), ANSWERS, 1) == says


def test_each_number_of_ours_is_the_scorecards():
    """With open, young, reopened, unsettled tickets and young, late, doubled surveys."""
    tables = simulate_world(300, seed=4, text=False, voices=False)[0]
    study = Study.from_tables(tables, time_zone="Europe/Madrid", status_settles_after_days=2,
                              observed_until="2025-10-01T00:00:00Z")  # fmt: skip
    ours, card = reconciled(study).frame["ours"], scorecard(study).frame["estimate"]
    rows = {FIRST: "First answer in time", SOLVED: "Resolution, median",
            ANSWERS: "Touches, mean", SATISFIED: "Satisfied"}  # fmt: skip
    for name, kpi in rows.items():
        assert ours[name] == pytest.approx(card[kpi], rel=1e-12), name
    assert ours[LATE] == pytest.approx(1 - card["First answer in time"])
    parts = reconciled(study).parts.groupby("metric")["part"].sum()
    apart = reconciled(study).frame["theirs"] - ours
    assert parts.to_dict() == pytest.approx(apart[parts.index].to_dict(), abs=1e-9)


def test_the_median_to_a_solution_counts_who_still_waits():
    """Solved after 1 and 3 hours, two wait: the median of the solved is 2 h, of all 3 h."""
    none = {"status": "open", "first_solved_at": None, "last_solved_at": None}
    rows = [ticket(1, solved=60.0, vendor_resolution_minutes=60.0),
            ticket(2, solved=180.0, vendor_resolution_minutes=180.0),
            ticket(3, **none), ticket(4, **none)]  # fmt: skip
    found = compared(rows)
    assert found.frame.loc[SOLVED, ["theirs", "ours"]].tolist() == [2.0, 3.0]
    assert found.said().text == (
        "Time to solution, median: your help desk says **2.0 h**, we say **3.0 h**. Between them: "
        "-1.0 h for tickets still open, counted for as long as they were watched. Nothing is left "
        "unexplained."
    )
    found = compared([*rows, ticket(5, **none)])
    assert "we **cannot tell**" in found.said().text


def test_numbers_that_are_the_same_of_other_tickets_are_not_said_of_the_shared_ones():
    """Theirs 1 and 2 and 0 of a merged ticket, ours 1 and 1 and 1 of one that they do not count."""
    own = {"count_reopens": 1}
    rows = [ticket(1, **own, vendor_reopens=1), ticket(2, **own, vendor_reopens=2),
            ticket(3, vendor_reopens=0, is_merged=True), ticket(4, **own)]  # fmt: skip
    assert compared(rows).said().text == (
        "Times reopened, mean: your help desk says **1.00**, we say **1.00**. Of the 2 tickets "
        "that both count: **1.50** and **1.00**. Left unexplained: 1 of 4 tickets."
    )
    rows = [ticket(1, vendor_reopens=1, is_merged=True), ticket(2, count_reopens=1)]
    assert "though no ticket is counted by both" in compared(rows).said().text


def test_one_survey_does_not_replace_all_other_ratings():
    rows = [ticket(n, satisfaction_raw="bad", vendor_satisfaction="bad") for n in (1, 2, 3)]
    survey = {"survey_id": "s", "ticket_id": "1", "kind": "csat", "scale_min": 0.0,
              "scale_max": 1.0, "score_raw": 0.0, "offered_at": after(1),
              "responded_at": after(2)}  # fmt: skip
    found = compared(rows, surveys=[survey])
    assert found.frame.loc[SATISFIED, "n same"] == 3


@pytest.mark.parametrize(
    ("word", "says"),
    [("good", 1), ("Good with comment", 1), ("goodwithcomment", 1), ("extremely happy", 1),
     ("satisfied", 1), ("4", 1), ("3", 0), ("bad", 0), ("dissatisfied", 0), ("neutral", 0),
     ("very unhappy", 0), ("not happy", None), ("80", None), ("103", None), ("good grief", None)],
)  # fmt: skip
def test_only_words_and_numbers_that_are_understood_are_counted(word, says):
    found = compared([ticket(vendor_satisfaction=word)])
    assert found.frame.loc[SATISFIED, "n theirs"] == (says is not None)
    assert says is None or found.tickets["theirs"].tolist() == [says]
    assert reason(found, SATISFIED) == ("answers not understood" if says is None else "unexplained")


def test_satisfaction_differs_where_the_first_answer_was_another():
    asked = {"ticket_id": "1", "kind": "csat", "scale_min": 1.0, "scale_max": 5.0}
    surveys = [{**asked, "survey_id": str(n), "score_raw": score, "offered_at": after(n),
                "responded_at": after(n)} for n, score in ((1, 5.0), (2, 2.0))]  # fmt: skip
    found = compared([ticket(vendor_satisfaction="good")], surveys=surveys)
    assert reason(found, SATISFIED) == "a first answer to a survey"


def test_parts_lead_from_their_share_to_ours_by_hand():
    """Theirs: 2 of 2 within 24 h. Without the merged one 1 of 1; with who still waits 1 of 2."""
    rows = [ticket(1, vendor_first_reply_minutes=40.5), ticket(2, reply=None),
            ticket(3, vendor_first_reply_minutes=7.0, is_merged=True)]  # fmt: skip
    found = compared(rows)
    row, parts = found.frame.loc[FIRST], found.parts.set_index("reason")["part"]
    assert (row["theirs"], row["ours"], row["n same"]) == (1.0, 0.5, 1)
    assert parts["tickets still waiting"] == pytest.approx(0.5)
    assert parts["merged tickets"] == pytest.approx(0.0)
    assert found.said().text == (
        "First answer within 24 hours: your help desk says **100.0%**, we say **50.0%**. Between "
        "them: +50.0 points for tickets still waiting. Nothing is left unexplained."
    )


def test_a_study_without_the_help_desks_numbers_has_nothing_to_compare():
    assert isinstance(compared([ticket()]), DoesNotApply)


MINUTES = st.one_of(st.none(), st.floats(0, 9000).map(lambda m: round(m, 1)))
ROWS = st.lists(st.tuples(MINUTES, MINUTES, MINUTES, st.booleans(), st.booleans()), min_size=1,
                max_size=12)  # fmt: skip


def drawn(rows):
    return [
        ticket(n, reply, vendor_first_reply_minutes=vendor, vendor_resolution_minutes=solved,
               vendor_first_reply_breached=late, is_merged=merged, vendor_reopens=n % 3)
        for n, (reply, vendor, solved, late, merged) in enumerate(rows)
    ]  # fmt: skip


@given(ROWS)
@settings(max_examples=15, deadline=None)
def test_the_parts_of_all_reasons_add_up_to_the_whole_difference(rows):
    found = compared(drawn(rows), [event(1, "bot", ticket="0")])
    apart = (found.frame["theirs"] - found.frame["ours"]).dropna()
    parts = found.parts.groupby("metric")["part"].sum().reindex(apart.index, fill_value=0)
    assert parts.to_numpy(float) == pytest.approx(apart.to_numpy(float), abs=1e-9)


@given(ROWS, st.randoms())
@settings(max_examples=8, deadline=None)
def test_the_order_of_rows_changes_nothing(rows, chance):
    made = drawn(rows)
    shuffled = chance.sample(made, len(made))
    one, two = (compared(of, [event(1, "bot", ticket="0")]) for of in (made, shuffled))
    pd.testing.assert_frame_equal(one.frame, two.frame)
    pd.testing.assert_frame_equal(one.parts, two.parts)


DESKS = "zendesk freshdesk hubspot intercom jira servicenow".split()
# What no reason reproduces: a word of lateness by a target that the export does not tell, of the
# only ticket that has one.
LEFT = {"zendesk": {(UNSOLVED, "1002")}, "freshdesk": {(UNSOLVED, "1002")},
        "servicenow": {(UNSOLVED, "INC0001002")}}  # fmt: skip


@pytest.mark.parametrize("desk", DESKS)
def test_on_every_format_what_is_unexplained_is_none_or_named(desk):
    order = {"date_order": "day"} if desk == "servicenow" else {}
    found = loaders.read(desk, FORMATS / desk, time_zone="Europe/Madrid", **order)[1].tables
    found = compared(
        found["tickets"], found.get("ticket_events", ()), found.get("surveys", ()),
        business_hours=("Mon-Fri 08:00-18:00",), observed_until="2026-12-01T00:00:00Z",
    )  # fmt: skip
    left = found.tickets.query("reason == 'unexplained'")
    assert {*zip(left["metric"], left["ticket_id"], strict=True)} == LEFT.get(desk, set())
    assert found.frame["unexplained"].sum() == len(left)


@pytest.mark.parametrize("desk", ["github", "cfpb", "salesforce"])
def test_a_format_without_numbers_of_its_own_is_not_compared(desk):
    found = loaders.read(desk, FORMATS / desk)[1].tables
    assert isinstance(compared(found["tickets"]), DoesNotApply)


def test_the_incident_logs_layout_is_reconciled_but_for_the_rows_that_fit_no_target(tmp_path):
    """An invented log of the same columns: opened on day 0, closed after n days, late from day 12
    on, and of 20 one on day 2. Its counters of reopenings agree with its rows."""
    names = ("number ident_state reopen_count sys_mod_count made_sla caller_id opened_at "
             "sys_updated_by sys_updated_at contact_type category_2 priority assignment_group "
             "assigned_to reassignment_count").split()  # fmt: skip
    rows = []
    for n in range(1, 31):
        for step, (state, day) in enumerate((("New", 1), ("Resolved", 1), ("Closed", n + 1))):
            rows.append([n, state, 0, step, str(n < 12 and n != 2).lower(), 7, "1/3/2016 09:00", 5,
                         f"{day}/3/2016 1{step}:00", "Phone", 1, 3, 4, 5, 0])  # fmt: skip
    log = pd.DataFrame(rows, columns=names)
    log.to_csv(tmp_path / "log.csv", index=False)
    tables = loaders.read("mapped", tmp_path / "log.csv", mapping=UCI)[1].tables
    found = compared(tables["tickets"], tables["ticket_events"], time_zone="UTC",
                     observed_until="2016-06-01T00:00:00Z")  # fmt: skip
    counts = found.tickets.query("metric == @UNSOLVED")["reason"].value_counts()
    assert counts.to_dict() == {
        "its own targets to the closing": 19, "": 10, "unexplained": 1,
    }  # fmt: skip
    assert found.frame.loc[REOPENED, "differ"] == 0


def test_what_was_planted_in_a_simulated_desk_is_found():
    tables, truth = simulate_world(400, seed=3, text=False, voices=False)
    found = reconciled(Study.from_tables(tables, time_zone="Europe/Madrid",
                                         observed_until="2026-01-01T00:00:00Z"))  # fmt: skip
    rows = found.tickets.query("metric.str.startswith('First answer within')")
    by_reason = rows.groupby("reason")["ticket_id"].agg(set)
    assert len(truth["vendor"]["automatic replies"]) > 20
    for why, planted in truth["vendor"].items():
        assert by_reason.get(why, set()) == {*planted}
