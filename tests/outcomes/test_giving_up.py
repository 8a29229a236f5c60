"""Contact before and after an issue, and the difference in differences, by hand."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.outcomes.giving_up import ENOUGH, contacts, giving_up
from tests.outcomes.test_recovery import small


def rows(solved, unresolved, who=None) -> pd.DataFrame:
    """Pairs (before, after) of tickets in 90 days, a customer each unless said."""
    pairs = [*solved, *unresolved]
    groups = ["solved in time"] * len(solved) + ["unresolved"] * len(unresolved)
    before, after = zip(*pairs, strict=True)
    return pd.DataFrame(
        {"customer_id": who or [str(i) for i in range(len(pairs))], "group": groups,
         "before": before, "days before": 90.0, "after": after, "days after": 90.0}
    )  # fmt: skip


def test_the_difference_in_differences_and_its_interval_by_hand():
    solved, unresolved = [(1, 1), (2, 1), (0, 1)] * 10, [(2, 0), (1, 1), (3, 2)] * 10
    told = giving_up(rows(solved, unresolved)).frame
    assert told.loc["solved in time", ["before", "after", "change"]].tolist() == [1, 1, 0]
    assert told.loc["unresolved", ["before", "after", "change"]].tolist() == [2, 1, -1]
    assert told.loc["difference", "change"] == pytest.approx(-1)
    # changes of 0, -1, 1 and -2, 0, -1 about their means: 20 each, over 30 customers squared
    error = np.sqrt((20 / 900 + 20 / 900) * 60 / 59)
    assert told.loc["difference", "low"] == pytest.approx(-1 - 1.96 * error, abs=1e-4)


def test_issues_of_one_customer_tell_less_than_of_as_many_customers():
    solved, unresolved = [(1, 1), (2, 1), (0, 1)] * 10, [(2, 0), (1, 1), (3, 2)] * 10
    same = [c for c in "abc" * 10] + [c for c in "def" * 10]
    wide, narrow = (
        giving_up(rows(solved, unresolved, w)).frame.loc["difference"] for w in (same, None)
    )
    assert wide["high"] - wide["low"] > 2.5 * (narrow["high"] - narrow["low"])
    assert wide["change"] == pytest.approx(narrow["change"])


def test_a_rate_is_tickets_over_days_and_not_a_mean_of_rates():
    pairs = rows([(0, 1)] * ENOUGH, [(0, 1)] * ENOUGH)
    pairs["days after"] = [45.0, 135.0] * ENOUGH
    assert giving_up(pairs).frame.loc["solved in time", "after"] == pytest.approx(1.0)


def test_the_order_of_rows_does_not_matter():
    pairs = rows([(1, 1), (2, 1), (0, 1)] * 10, [(2, 0), (1, 1), (3, 2)] * 10)
    mixed = pairs.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(giving_up(pairs).frame, giving_up(mixed).frame)


def test_few_issues_cannot_tell_and_are_counted():
    told = giving_up(rows([(1, 1)] * ENOUGH, [(1, 1)] * 2))
    assert isinstance(told, CannotTell)
    assert told.reason == (
        "who gives up writing: 30 issues solved in time and 2 unresolved were watched; 30 of each "
        "are needed."
    )
    assert told.table().reason == "contact before and after, for the same reason."


def test_windows_leave_out_the_issue_itself_and_what_came_while_it_was_in_time():
    # The issue of day 100 is solved on day 120, after its promise (107). Before: day 20 is 80 days
    # before. In between: day 103. After: days 110 and 190, not 198.
    study = small([(100, 120), (20, 21), (103, 104), (110, 111), (190, 191), (198, 199)])
    row = contacts(study).set_index("group").loc["unresolved"]
    assert row[["before", "days before", "after", "days after"]].tolist() == [1, 90, 2, 90]


def test_days_end_with_the_customer_and_begin_with_them():
    # Customer from day 1; the issue of day 31 was written 30 days later; they left on day 48.
    (row,) = contacts(small([(31, None)], ended=48)).to_dict("records")
    assert (row["days before"], row["days after"]) == pytest.approx((30, 10))


def test_who_left_before_the_promise_ran_out_is_not_counted():
    assert contacts(small([(31, None)], ended=36)).empty


def test_requests_to_leave_are_no_contact():
    plain = small([(100, 120), (110, 111)])
    asks = plain.ticket_causes.assign(is_exit_request=[False, True])
    tables = {"tickets": plain.tickets, "customers": plain.customers, "ticket_causes": asks}
    study = Study.from_tables(tables, tickets_from=plain.settings.tickets_from,
                              observed_until=plain.settings.observed_until)  # fmt: skip
    assert contacts(study)["after"].tolist() == [0]


def test_a_return_study_cannot_tell_who_gives_up():
    plain = small([(100, 120)])
    study = Study.from_tables({n: plain.table(n) for n in ("tickets", "ticket_causes")})
    unknown = giving_up(contacts(study))
    assert isinstance(unknown, CannotTell)
    assert "nobody is known before their first ticket" in unknown.reason
    assert unknown.sentences() == ()  # no page mentions what such a study has nothing of


@pytest.mark.parametrize(("change", "word"), [(-1, "less"), (1, "more")])
def test_giving_up_is_said_with_its_sign_where_the_interval_excludes_none(change, word):
    told = giving_up(rows([(2, 2), (1, 1)] * 20, [(2, 2 + change), (1, 1 + change)] * 20))
    assert told.said().text == (
        f"After an unresolved issue customers write {word} than after one solved in time: "
        f"{change:+.2f} tickets in 90 days ({change:+.2f} to {change:+.2f})."
    )


def test_an_interval_that_holds_no_difference_cannot_tell():
    solved, unresolved = [(1, 1), (2, 1), (0, 1)] * 10, [(1, 1), (2, 1), (0, 1)] * 10
    told = giving_up(rows(solved, unresolved))
    assert told.frame["verdict"].unique().tolist() == ["cannot tell"]
    assert told.said().reason == (
        "whether customers give up writing after an unresolved issue: they write +0.00 tickets in "
        "90 days (-0.42 to +0.42), against those whose issue was solved in time."
    )


def test_the_table_shows_rates_side_by_side_and_none_of_the_difference():
    shown = giving_up(rows([(1, 1), (2, 2)] * 15, [(2, 1), (1, 0)] * 15)).table()
    assert list(shown) == ["group", "issues", "customers", "before", "after", "change", "p"]
    assert shown["group"].tolist() == ["solved in time", "unresolved", "difference"]
    assert shown["before"].tolist()[:2] == [1.5, 1.5]
    assert np.isnan(shown["before"].tolist()[2])
    assert shown["change"].tolist()[1] == "-1.00 (-1.00 to -1.00)"
