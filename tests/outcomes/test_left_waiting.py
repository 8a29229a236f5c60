"""Who is left waiting: overdue issues, first tickets without an answer, and the cause of most."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell, Study
from cxresearch.episodes import open_spells
from cxresearch.outcomes import leaving, leaving_by_cause, outcome, returning
from cxresearch.outcomes.cause_ratios import CauseRatios, Unanswered, by_name
from cxresearch.study.words import LEAVING

ZERO = pd.Timestamp("2024-01-01", tz="UTC")
DAY = pd.Timedelta(days=1)


def study_of(days: list[tuple], outcome: str, until: int = 100) -> Study:
    """From (day of the ticket, day of the solution and the answer), a customer each."""
    rows = pd.DataFrame(days, columns=["day", "end"]).astype(float)
    ids = [f"c{i}" for i in rows.index]
    ends = ZERO + pd.to_timedelta(rows["end"], unit="D")
    tickets = pd.DataFrame({"ticket_id": ids, "requester_id": ids, "status": "open",
                            "created_at": ZERO + pd.to_timedelta(rows["day"], unit="D"),
                            "first_solved_at": ends, "first_reply_at": ends})  # fmt: skip
    seen = ZERO + until * DAY
    causes = pd.DataFrame({"ticket_id": ids, "cause": "mail", "topic": 0, "weight": 1.0,
                           "is_exit_request": False})  # fmt: skip
    tables = {"tickets": tickets, "ticket_causes": causes}
    if outcome == "churn":
        started = {"customer_id": ids, "started_at": ZERO - 400 * DAY, "observed_until": seen}
        tables["customers"] = pd.DataFrame(started)
    times = {"tickets_from": ZERO.isoformat(), "observed_until": seen.isoformat()}
    return Study.from_tables(tables, outcome=outcome, **times)


# Solved in time, late, never; the last is too young to tell.
DAYS = [(10, 12), (10, 40), (10, None), (10, 17), (98, None)]


def test_issues_that_were_open_longer_than_the_promise_are_counted():
    study = study_of(DAYS, "churn")
    said = leaving.how_many_wait(study)
    assert said.text.startswith(
        "50.0% (95% interval 15.0% to 85.0%; 2 of 4) of issues were at some"
    )
    assert "longer than the promise of 7 days" in said.text
    assert len(open_spells(study)) == 5
    young = study_of([(98, None)], "churn")
    assert isinstance(leaving.how_many_wait(young), CannotTell)


def test_tickets_that_never_had_an_answer_are_counted():
    said = returning.how_many_wait(study_of(DAYS, "return"))
    assert said.text.startswith("40.0% (95% interval 11.8% to 76.9%; 2 of 5) of tickets never had")
    assert said.text.endswith("Of customers' first tickets 50.0% had none by day 7.")
    young = study_of([(98, None)], "return")
    assert isinstance(returning.how_many_wait(young), CannotTell)


def unanswered(silent=(60, 20), size=(100, 100), customers=250, whole=90) -> Unanswered:
    shares = pd.DataFrame({"cause": ["mail", "pay"], "customers": size})
    shares = shares.assign(unanswered=pd.Series(silent) / shares["customers"])
    bounds = {f"unanswered {end}": shares["unanswered"] for end in ("low", "high")}
    return Unanswered(by_name(shares.assign(**bounds)), customers, whole, 7)


def test_the_cause_left_unanswered_most_surely_is_to_be_answered_first():
    # of the 150 others 30 had none; Wilson at 97.5%, for there are two causes (R: 0.487, 0.703)
    assert unanswered().said().text == (
        "**Answer first: mail.** 60% (49% to 70%; 100 customers) of its first tickets had no "
        "outside answer by day 7, against 20% of all others. Who leaves cannot be seen in this "
        "data, so nothing here says what that costs."
    )


def test_the_surest_cause_is_named_not_the_one_with_the_largest_share():
    assert "Answer first: mail" in unanswered(silent=(60, 4), size=(100, 5)).said().text


@pytest.mark.parametrize(("whole", "told"), [(132, True), (134, False)])
def test_a_share_is_told_only_if_its_whole_interval_lies_above_that_of_the_others(whole, told):
    # others: 72 and 74 of 150, 48.0% and 49.3%, and the interval of 60 of 100 begins at 48.7%
    said = unanswered(whole=whole).said()
    assert isinstance(said, CannotTell) != told


def test_shares_are_drawn_the_most_unanswered_first():
    shares = unanswered()
    ax = shares.plot()
    assert [name.get_text() for name in ax.get_yticklabels()] == ["mail", "pay"]
    assert ax.figure.get_suptitle() == "mail: 60% unanswered, 40% overall"
    assert "2 largest of 2 causes" in shares.described()
    plt.close(ax.figure)


def test_each_outcome_shows_its_causes_at_a_glance():
    by_cause = CauseRatios(pd.DataFrame(), LEAVING, (), "", "")
    churn, forum = study_of(DAYS, "churn"), study_of(DAYS, "return")
    assert outcome(churn).at_a_glance(churn, by_cause) is by_cause
    shown = outcome(forum).at_a_glance(forum, by_cause)
    assert (shown.customers, shown.silent, shown.day) == (4, 2, 7)
    why = CannotTell("no.")
    assert outcome(forum).at_a_glance(forum, why) is why


def test_where_nobody_leaves_there_is_nothing_of_leaving():
    forum = study_of(DAYS, "return")
    assert "A customers table from billing would tell." in returning.cause_rows(forum).reason
    assert isinstance(returning.causes_differ(forum), CannotTell)
    assert returning.more_months(forum) == ""


def months_with(monkeypatch, left: int) -> str:
    power = pd.DataFrame({"group": [leaving_by_cause.ANY, "mail", "pay"],
                          "years exposed": [9.0, 2.0, 5.0],
                          "left while exposed": [40, 3, left]})  # fmt: skip
    monkeypatch.setattr(leaving_by_cause, "power", lambda _: power)
    return leaving.more_months(study_of([(0, 1), (250, 251)], "churn", until=303))


def test_the_months_that_would_show_a_doubled_rate_are_those_of_the_most_exposed_cause(monkeypatch):
    # 10 months gave 8 of 32 departures: 30 more
    assert months_with(monkeypatch, 8) == (
        "To see a doubled rate for the cause most often overdue, pay, about 30 more months like "
        "these 10 would do."
    )
    assert months_with(monkeypatch, 32) == ""
    assert months_with(monkeypatch, 0).startswith("Nobody has left yet while an issue")


def test_without_power_no_months_are_told(monkeypatch):
    monkeypatch.setattr(leaving_by_cause, "power", lambda _: CannotTell("no."))
    assert leaving.more_months(study_of([(0, 1)], "churn")) == ""
