"""Does resolved stay resolved: on paper, on the fixtures, and as page 05 says it."""

import numpy as np
import pytest

from cxresearch import CannotTell
from cxresearch.kpis import staying_solved as returning
from cxresearch.outcomes import back_by_group, coming_back
from cxresearch.outcomes import recurrence as page
from tests.kpis.desk import customer, day, desk, fixtures, status, ticket, whole
from tests.outcomes.test_leaving import company

# a comes back after 10 days, g after 25; c's customer leaves on the 20th, f is watched for 15.
COMING = [
    ticket("a", "p", 0, 2), ticket("b", "p", 12, 13), ticket("c", "q", 0, 2),
    ticket("d", "r", 0, 2), ticket("e", "r", 5, 6), ticket("f", "s", 0, 350),
    ticket("g", "t", 0, 2), ticket("h", "t", 27),
]  # fmt: skip
CAUSES = dict(zip("abcdefgh", "xxxyxyxx", strict=True))
CUSTOMERS = [customer("q", ended=22), *map(customer, "prst")]


def coming(**more):
    return desk(COMING, causes=CAUSES, customers=CUSTOMERS, **more)


def test_recurrence_by_hand_with_the_departure_competing():
    # Seven solved. One back on day 10; one censored on day 15; on day 20 one of five leaves; on day
    # 25 one of four is back: 1/7 + 6/7 * 4/5 * 1/4 = 11/35. As censored it would be 5/14.
    shares = [whole(returning.recurrence(coming(), days))["estimate"] for days in (7, 14, 30)]
    assert shares == pytest.approx([0, 1 / 7, 11 / 35])


def test_recurrence_says_which_tickets_the_window_is_not_over_for():
    found = returning.recurrence(coming(), 30, by="cause").frame
    assert found["n"].tolist() == found["eligible"].tolist() == [7, 5, 2]
    assert found["mature"].tolist() == [False, True, False]
    assert found.loc["all", "why"] == "left out: 1 not solved, or not said when"
    assert found.loc["y", "estimate"] == 0


def test_on_the_fixtures_1009_comes_back_to_1001_within_30_days_and_not_within_7():
    study = fixtures()
    back = page.cohort(study).set_index("ticket_id")
    assert back.index[back["status"] == 1].tolist() == ["1001", "1009", "1002"]
    assert back.loc["1001", "time"] == pytest.approx(17.94, abs=0.01)
    # Six solved; 1007 only three minutes before the end, so one of five.
    found = [whole(returning.recurrence(study, days)) for days in (7, 30)]
    assert [row["estimate"] for row in found] == pytest.approx([0, 1 / 5])
    assert "the same customer within" in found[1]["definition"]
    assert found[1]["verdict"] == "no target"


@pytest.mark.parametrize(("hours", "share", "solved"), [(0.9, 0, 2), (1.1, 1 / 3, 3)])
def test_a_second_ticket_within_the_hour_is_a_duplicate(hours, share, solved):
    rows = [ticket("a", "p", 0, 0.01), ticket("b", "p", hours / 24, 1), ticket("c", "q", 0, 1)]
    found = whole(returning.recurrence(desk(rows), 7))
    assert (found["estimate"], found["n"]) == (pytest.approx(share), solved)


def test_few_customers_make_no_sure_verdict():
    # One customer's ten tickets all came back: that is one customer, not ten.
    rows = [ticket(str(i), "p", 10 * i, 10 * i + 1) for i in range(11)]
    found = whole(returning.recurrence(desk(rows, until=300), 30))
    assert found["estimate"] == pytest.approx(10 / 11)
    assert found["low"] < 0.2


def test_recurrence_is_what_the_page_on_it_says():
    study = company(5, 200)
    within = coming_back.within(study).frame.set_index(["definition", "day"])["share"]
    for days in (7, 14, 30):
        same, again = (whole(f(study, days))["estimate"]
                       for f in (returning.recurrence, returning.reopening))  # fmt: skip
        assert same == pytest.approx(within[("same cause", days)])
        assert again == pytest.approx(within[("reopened", days)])


def test_the_first_reopening_counts_where_a_history_tells_of_it():
    # Reopened on days 5 and 60; the table holds the last only.
    twice = {"last_reopened_at": 60, "count_reopens": 2}
    rows = [ticket("a", "p", 0, 2, **twice), ticket("b", "q", 0, 2)]
    events = [status("a", 5, "solved", "open"), status("a", 60, "solved", "open")]
    assert whole(returning.reopening(desk(rows), 30))["estimate"] == 0
    assert whole(returning.reopening(desk(rows, events), 30))["estimate"] == 1 / 2
    assert page.first_reopened(desk(rows, events))["a"] == day(5)


def test_reopenings_that_are_counted_but_not_timed_count_whenever_they_were():
    rows = [ticket("a", "p", 0, 2, count_reopens=1), ticket("b", "q", 0, 2),
            ticket("c", "r", 300, 350, count_reopens=1)]  # fmt: skip
    found = whole(returning.reopening(desk(rows), 30))
    assert (found["estimate"], found["n"], found["eligible"]) == (1 / 2, 2, 3)
    assert "does not say when" in found["why"]


def test_without_reopenings_there_is_no_number():
    found = whole(returning.reopening(desk([ticket("a", "p", 0, 2, count_reopens=None)])))
    assert found["verdict"] == "cannot tell"
    assert "reopened" in found["why"]


# Solved in 30 days and then for 30: a, b2, g quietly; b asked again (b2), c reopened, d's customer
# left. e took too long, f is open, h was solved when its customer had gone, i is too young.
ENDING = [
    ticket("a", "p", 0, 2), ticket("b", "q", 0, 2), ticket("b2", "q", 20, 21),
    ticket("c", "r", 0, 2, last_reopened_at=5, count_reopens=1), ticket("d", "s", 0, 2),
    ticket("e", "p2", 0, 40), ticket("f", "p3", 0), ticket("g", "t", 0, 2),
    ticket("h", "u", 0, 12), ticket("i", "p4", 320, 321),
]  # fmt: skip
ENDED = {"s": 25, "t": 40, "u": 10}


def ending(extra=()):
    rows = [*ENDING, *extra]
    people = {row["requester_id"] for row in rows}
    return desk(
        rows, causes={row["ticket_id"]: "x" for row in rows},
        customers=[customer(p, ENDED.get(p)) for p in sorted(people)],
    )  # fmt: skip


def test_truly_resolved_beside_resolved_by_hand():
    found = returning.true_resolution(ending())
    assert whole(found, "Resolved")["estimate"] == pytest.approx(6 / 9)
    assert whole(found, "Truly resolved")["estimate"] == pytest.approx(3 / 9)
    assert set(found.frame["n"]) == {9}
    assert set(found.frame["eligible"]) == {10}


def test_on_the_fixtures_five_of_six_are_resolved_and_two_truly():
    # 1001 is asked again by 1009, 1002 and 1003 are reopened; 1006 is new; 1007 comes at the end.
    found = returning.true_resolution(fixtures()).frame
    assert found["estimate"].tolist() == pytest.approx([5 / 6, 2 / 6])
    assert "who is gone" in found["why"].iloc[0]


def test_one_more_open_ticket_lowers_both_shares():
    more = returning.true_resolution(ending([ticket("z", "z", 1)])).frame
    assert more["estimate"].tolist() == pytest.approx([6 / 10, 3 / 10])


def test_reopened_but_not_said_when_is_not_truly_resolved():
    rows = [ticket("a", "p", 0, 2, count_reopens=1), ticket("b", "q", 0, 2)]
    assert returning.true_resolution(desk(rows)).frame["estimate"].tolist() == [1, 1 / 2]


def test_a_share_that_was_not_watched_for_so_long_is_null():
    found = whole(returning.recurrence(desk([ticket("a", "p", 0, 2)], until=20), 30))
    assert np.isnan(found["estimate"])
    assert found["verdict"] == "cannot tell"


def test_reopened_nobody_knows_when_cannot_be_told_by_a_day():
    # One of four was reopened, and no time is told: the page must not call that none of four.
    rows = [ticket(i, i, 0, 2, count_reopens=int(i == "a")) for i in "abcd"]
    study = desk(rows)
    assert whole(returning.reopening(study))["estimate"] == 1 / 4
    for definition in ("reopened", "same cause or reopened"):
        found = page.cohort(study, definition)
        assert isinstance(found, CannotTell)
        assert "of 1 reopened ones it is not said when" in found.reason


def test_tickets_of_which_reopenings_are_not_told_are_not_taken_for_kept():
    rows = [ticket(i, i, 0, 2, count_reopens=None if i in "cd" else 0) for i in "abcd"]
    study = desk(rows)
    assert [len(page.cohort(study, name)) for name in page.DEFINITIONS] == [4, 4, 2, 2]


def test_the_last_of_several_reopenings_does_not_stand_for_the_first():
    # Reopened twice, the last on day 100: the first may have been in the window, or not.
    twice = {"count_reopens": 2, "last_reopened_at": 100}
    study = desk([ticket("a", "p", 0, 2, **twice), ticket("b", "q", 0, 2)])
    found = whole(returning.reopening(study))
    assert (found["estimate"], found["n"]) == (0, 1)
    assert "1 reopened more than once" in found["why"]
    assert len(page.cohort(study, "reopened", 30)) == 1
    assert len(page.cohort(study, "reopened", 98)) == 2  # in a longer window it surely was
    truly = returning.true_resolution(study).frame
    assert truly[["n", "eligible"]].values.tolist() == [[1, 2]] * 2
    assert isinstance(page.cohort(desk([ticket("a", "p", 0, 2, **twice)]), "reopened"), CannotTell)


def test_a_window_is_over_by_the_calendar_whatever_became_of_the_ticket():
    # a and b come back at once, ten days before the end: their windows of 30 days are not over.
    rows = [ticket(i, i, 350, 351) for i in "ab"] + [ticket(i * 2, i, 355) for i in "ab"]
    found = whole(returning.recurrence(desk(rows, until=365), 30))
    assert not found["mature"]


def test_the_page_gives_one_customers_tickets_the_interval_of_one():
    rows = [ticket(str(i), "p", 10 * i, 10 * i + 1) for i in range(11)]
    study = desk(rows, until=300, causes={str(i): "x" for i in range(11)})
    months = back_by_group.by_month(study)
    of = [coming_back.within(study).frame.loc["same cause 30"], months.iloc[0],
          back_by_group.back_by_cause(study).frame.iloc[0]]  # fmt: skip
    assert all(row["high"] - row["low"] > 0.7 for row in of)
    assert months["effect"].iloc[0] == 3  # three solved in January


def test_where_everybody_came_back_the_share_stays():
    rows = [ticket(f"{k}{i}", f"c{i}", i + 3 * k, i + 0.5 if k == 0 else None)
            for i in range(30) for k in (0, 1)]  # fmt: skip
    found = coming_back.within(desk(rows)).frame
    assert found["share"].head(3).tolist() == [1, 1, 1]
    assert found["low"].iloc[0] == pytest.approx(0.886, abs=0.001)


def test_months_may_end_at_an_hour_that_does_not_exist():
    # Paraguay's clocks went from 24:00 on the last of September 2023 to 1:00.
    rows = [ticket(str(i), f"c{i}", -470 + i, -469 + i) for i in range(30)]
    found = back_by_group.by_month(desk(rows, time_zone="America/Asuncion"))
    assert found["month"].tolist() == ["2023-09", "2023-10"]
