"""Groups as of a landmark, by hand and in companies whose truth is known."""

import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.episodes import customer_lives
from cxresearch.outcomes import gone_silent, recovery, silence
from cxresearch.pages import what_helps as helps
from cxresearch.survival import at_days
from cxresearch.survival import cumulative_incidence as incidence
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
    found = recovery.groups(small([(60, 100), (250, 252)]))
    assert found["group"].tolist() == ["unresolved", "solved late", "solved in time"]
    assert found["time"].tolist() == pytest.approx([274, 183, 91])
    assert (found["status"] == 0).all()


def test_leaving_counts_from_each_landmark_and_only_from_those_before_it():
    found = recovery.groups(small([(60, None)], ended=200))
    assert found["time"].tolist() == pytest.approx([109, 18])
    assert found["status"].tolist() == [1, 1]


def test_bands_of_delay_are_as_of_four_promises_after_writing():
    tickets = [(10, 10.5), (20, 25), (30, 40), (50, 70), (80, 150), (340, 341)]
    found = recovery.delays(small(tickets))
    assert found["step"].tolist() == [0, 1, 2, 3, 4]
    assert found["group"].tolist() == [
        "solved within a day", "solved after 1 to 7 days", "solved after 7 to 14 days",
        "solved after 14 to 28 days", "still open",
    ]  # fmt: skip
    assert found["time"].iloc[0] == pytest.approx(365 - 38)


def test_recovery_is_found_where_harm_was_planted(harmful):
    rows = recovery.contrasts(harmful).set_index("comparison")
    assert rows.loc["solved late / still overdue", "high"] < 1
    assert rows.loc["overdue / solved in time", "low"] > 1
    assert rows.loc["solved in time / none", "low"] < 1 < rows.loc["solved in time / none", "high"]
    found = recovery.differences(recovery.groups(harmful), "unresolved", "solved in time", 180)
    assert found["low"] > 0
    waits = recovery.delays(harmful)
    assert recovery.differences(waits, "still open", "solved after 1 to 7 days", 90)["low"] > 0
    assert recovery.trend(waits)["hazard ratio"] > 1


def test_without_harm_there_is_nothing_to_recover_from(harmless):
    assert recovery.contrasts(harmless)["p"].gt(0.05).all()  # Holm's, over the rows
    trend = recovery.trend(recovery.delays(harmless))
    assert trend["low"] < 1 < trend["high"]
    assert isinstance(helps.dose(trend, harmless), CannotTell)


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
    found = silence.silent(gone_silent.silence_cohort(harmful)).frame
    whole = found[["silent", "wrote again", "left"]].sum(axis=1)
    assert whole.tolist() == pytest.approx([1.0] * len(found), abs=1e-9)
    assert found["low"].le(found["silent"]).all()
    assert found["silent"].le(found["high"]).all()


def test_shares_by_group_are_those_of_the_curves(harmful):
    cohort = recovery.groups(harmful)
    found = recovery.fates(cohort, at_days(incidence(cohort, "group"), "group", [90]),
                           helps.ORDER["churn"])  # fmt: skip
    assert found["group"].tolist() == helps.ORDER["churn"]
    assert found["rows"].sum() == len(cohort)


def test_unlinked_tickets_cannot_tell_what_helps(harmful):
    tables = {n: harmful.table(n) for n in ("customers", "tickets", "ticket_causes")}
    unlinked = Study.from_tables({**tables, "identities": harmful.identities.iloc[::4]},
                                 observed_until=harmful.settings.observed_until)  # fmt: skip
    for ask in (recovery.groups, recovery.delays, recovery.contrasts, gone_silent.silence_cohort):
        assert isinstance(ask(unlinked), CannotTell)
