"""Groups as of a landmark, by hand and in companies whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.episodes import customer_lives
from cxresearch.outcomes import doses, recovery, silence, silent_customers, steps
from cxresearch.outcomes.fates import differences, fates
from cxresearch.outcomes.hazards import Hazards, named_rows
from cxresearch.study.intervals import of_many
from cxresearch.study.words import LEAVING, RETURNING
from tests.outcomes.test_leaving import company


@pytest.fixture(scope="module")
def harmful() -> Study:
    return company(11)


@pytest.fixture(scope="module")
def harmless() -> Study:
    return company(12, harm=0.0)


def day(n: float) -> pd.Timestamp:
    return pd.Timestamp("2024-01-01", tz="UTC") + pd.Timedelta(days=n)


def small(tickets, ended=None) -> Study:
    """One customer from the second day of 2024 on, with tickets (created, solved) in days."""
    solved = pd.to_datetime(
        pd.Series([None if s is None else day(s) for _, s in tickets]), utc=True
    )
    ids = [str(i) for i in range(len(tickets))]
    frame = pd.DataFrame(
        {"ticket_id": ids, "requester_id": "p", "created_at": [day(c) for c, _ in tickets],
         "status": ["open" if s is None else "solved" for _, s in tickets],
         "first_solved_at": solved}
    )  # fmt: skip
    causes = pd.DataFrame({"ticket_id": ids, "topic": 0, "cause": "x", "weight": 1.0,
                           "is_exit_request": False})  # fmt: skip
    until = day(365)
    end = pd.to_datetime(pd.Series([day(ended) if ended else None]), utc=True)
    customers = pd.DataFrame(
        {"customer_id": ["p"], "started_at": [day(1)], "observed_until": [until],
         "ended_at": end, "end_kind": ["voluntary" if ended else None]}
    )  # fmt: skip
    tables = {"tickets": frame, "ticket_causes": causes, "customers": customers}
    return Study.from_tables(tables, tickets_from=day(0).isoformat(),
                             observed_until=until.isoformat())  # fmt: skip


def test_the_group_is_what_was_known_on_the_first_day_of_the_quarter():
    # Quarters of 2024 begin on days 91, 182 and 274. Solved late on day 100, remembered 90 days.
    rows = recovery.groups(small([(60, 100), (250, 252)]))
    assert rows["group"].tolist() == ["unresolved", "solved late", "solved in time"]
    assert rows["time"].tolist() == pytest.approx([274, 183, 91])
    assert (rows["status"] == 0).all()


def test_leaving_counts_from_each_landmark_and_only_from_those_before_it():
    rows = recovery.groups(small([(60, None)], ended=200))
    assert rows["time"].tolist() == pytest.approx([109, 18])
    assert rows["status"].tolist() == [1, 1]


def test_recovery_is_found_where_harm_was_planted(harmful):
    contrasts = recovery.contrasts(harmful)
    rows = contrasts.frame
    assert rows["verdict"].to_dict() == {
        "headline": "less", "restored": "cannot tell", "overdue": "more", "late": "cannot tell"
    }  # fmt: skip
    assert "leave at **0." in contrasts.said().text
    gap = differences(recovery.groups(harmful), "unresolved", "solved in time", 180)
    assert gap["low"] > 0
    waits = doses.delays(harmful)
    assert differences(waits, "still open", "solved after 1 to 7 days", 90)["low"] > 0
    assert steps.trend(waits)["hazard ratio"] > 1


def test_without_harm_there_is_nothing_to_recover_from(harmless):
    assert recovery.contrasts(harmless).frame["p"].gt(0.05).all()  # Holm's, over the rows
    waits = steps.by_delay(harmless)
    assert waits.frame.loc["step", "verdict"] == "cannot tell"
    assert isinstance(waits.said(), CannotTell)


def test_no_group_looks_ahead(harmful):
    """Cutting the study off does not change who was in which group before the cut, but for those
    whose yearly contract ended later without a notice: they are watched to its last term only."""
    cut = "2025-01-01T00:00:00Z"
    tables = {n: harmful.table(n) for n in
              ("tickets", "customers", "identities", "ticket_causes")}  # fmt: skip
    solved = tables["tickets"]["first_solved_at"]
    later = solved >= pd.Timestamp(cut)
    known = tables["tickets"].assign(
        first_solved_at=solved.mask(later),
        closed_at=tables["tickets"]["closed_at"].mask(
            tables["tickets"]["closed_at"] >= pd.Timestamp(cut)
        ),
        status=tables["tickets"]["status"].mask(later, "open"),
    )
    known = known[known["created_at"] < pd.Timestamp(cut)]
    start = harmful.settings.tickets_from
    events = harmful.ticket_events.query("event_at < @cut")
    tables |= {"tickets": known, "ticket_events": events[events["field"] == "status"]}
    before = Study.from_tables(tables, observed_until=cut, tickets_from=start,
                               customers_from=start)  # fmt: skip
    lives = customer_lives(harmful)
    sure = lives.loc[lives["decision_known"], "customer_id"]
    one, two = (g[g["customer_id"].isin(sure)] for g in map(recovery.groups, (harmful, before)))
    keyed = [f.assign(n=f.groupby("customer_id").cumcount()) for f in (one, two)]
    both = keyed[0].merge(keyed[1], on=["customer_id", "n"], suffixes=("", " cut"))
    assert len(both) == len(two)
    assert (both["group"] == both["group cut"]).all()


def test_silent_wrote_again_and_left_add_up_to_all(harmful):
    found = silence.silent(silent_customers.silence_cohort(harmful)).frame
    whole = found[["silent", "wrote again", "left"]].sum(axis=1)
    assert whole.tolist() == pytest.approx([1.0] * len(found), abs=1e-9)
    assert found["low"].le(found["silent"]).all()
    assert found["silent"].le(found["high"]).all()


def test_shares_by_group_are_in_the_order_of_the_page_and_count_every_row(harmful):
    cohort = recovery.groups(harmful)
    rows = fates(cohort, recovery.ORDER[LEAVING], (90,))
    assert rows.index.tolist() == recovery.ORDER[LEAVING]
    assert rows["rows"].sum() == len(cohort)


def test_unlinked_tickets_cannot_tell_what_helps(harmful):
    tables = {n: harmful.table(n) for n in ("customers", "tickets", "ticket_causes")}
    unlinked = Study.from_tables({**tables, "identities": harmful.identities.iloc[::4]},
                                 observed_until=harmful.settings.observed_until)  # fmt: skip
    for ask in (recovery.groups, doses.delays, recovery.contrasts, silent_customers.silence_cohort):
        assert isinstance(ask(unlinked), CannotTell)


def test_of_two_tests_the_smaller_p_counts_twice_and_rows_without_one_have_none():
    assert of_many([0.04, None, 0.02]).tolist() == pytest.approx([0.04, np.nan, 0.04], nan_ok=True)
    assert np.isnan(of_many([None])).all()
    assert len(of_many([])) == 0


def writers(messages: bool = True) -> Hazards:
    """Hazard ratios of a return study, as returning.hazards names them."""
    row = {"comparison": "solved / not", "adjusted for": "quarter", "p": 0.01,
           "returned while exposed": 40, "returned": 90, "who": "customers with it"}  # fmt: skip
    rows = {
        "headline": {**row, "hazard ratio": 1.4, "low": 1.1, "high": 1.7, "against": "the rest"}
    }
    if messages:
        rows["second"] = {**row, "hazard ratio": 1.1, "low": 0.9, "high": 1.3,
                          "against": "the rest with as many messages by then"}  # fmt: skip
    return Hazards(named_rows(rows), RETURNING)


def test_where_nobody_leaves_the_headline_compares_writers_of_as_many_messages():
    contrasts = recovery._among_writers(writers())
    assert contrasts.said().reason == (
        "whether customers with it come back more or less often than the rest with as many "
        "messages by then: 1.10 times the rate (0.90 to 1.30)."
    )
    assert contrasts.said("late").text.endswith(
        "the rest, whatever the messages by then (1.10 to 1.70)."
    )
    assert "only people who wrote are known" in contrasts.said("restored").reason


def test_without_messages_the_comparison_lacks_what_it_needs():
    contrasts = recovery._among_writers(writers(messages=False))
    assert contrasts.said() == CannotTell(
        "what recovery goes with: the export lacks what that comparison needs."
    )
    assert len(contrasts.table()) == 1


@pytest.mark.parametrize(
    ("study", "said"),
    [(small([(10, 20)]), "solved in time"), (Study.from_tables({}, outcome="return"), "answered")],
)
def test_what_the_page_is_not_is_said_in_the_words_of_the_outcome(study, said):
    limits = recovery.limits(study).text
    assert limits.startswith(f"Nobody drew lots for who was {said}.")


def test_a_row_of_each_group_does_not_tell_whose_it_is():
    rows = pd.DataFrame({"customer_id": list("pqr"), "group": list("aab"), "time": [1, 2, 3]})
    assert recovery.one_of_each(rows).to_dict("list") == {"group": ["a", "b"], "time": [1, 3]}
