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
    found = giving_up(rows(solved, unresolved)).set_index("group")
    assert found.loc["solved in time", ["before", "after", "change"]].tolist() == [1, 1, 0]
    assert found.loc["unresolved", ["before", "after", "change"]].tolist() == [2, 1, -1]
    assert found.loc["difference", "change"] == pytest.approx(-1)
    # changes of 0, -1, 1 and -2, 0, -1 about their means: 20 each, over 30 customers squared
    error = np.sqrt((20 / 900 + 20 / 900) * 60 / 59)
    assert found.loc["difference", "low"] == pytest.approx(-1 - 1.96 * error, abs=1e-4)


def test_issues_of_one_customer_tell_less_than_of_as_many_customers():
    solved, unresolved = [(1, 1), (2, 1), (0, 1)] * 10, [(2, 0), (1, 1), (3, 2)] * 10
    same = [c for c in "abc" * 10] + [c for c in "def" * 10]
    wide, narrow = (giving_up(rows(solved, unresolved, w)).iloc[2] for w in (same, None))
    assert wide["high"] - wide["low"] > 2.5 * (narrow["high"] - narrow["low"])
    assert wide["change"] == pytest.approx(narrow["change"])


def test_a_rate_is_tickets_over_days_and_not_a_mean_of_rates():
    pairs = rows([(0, 1)] * ENOUGH, [(0, 1)] * ENOUGH)
    pairs["days after"] = [45.0, 135.0] * ENOUGH
    assert giving_up(pairs)["after"].iloc[0] == pytest.approx(1.0)


def test_the_order_of_rows_does_not_matter():
    pairs = rows([(1, 1), (2, 1), (0, 1)] * 10, [(2, 0), (1, 1), (3, 2)] * 10)
    pd.testing.assert_frame_equal(giving_up(pairs), giving_up(pairs.sample(frac=1, random_state=2)))


def test_few_issues_cannot_tell_and_are_counted():
    found = giving_up(rows([(1, 1)] * ENOUGH, [(1, 1)] * 2))
    assert isinstance(found, CannotTell)
    assert "2 unresolved" in found.reason


def test_windows_leave_out_the_issue_itself_and_what_came_while_it_was_in_time():
    # The issue of day 100 is solved on day 120, after its promise (107). Before: day 20 is 80 days
    # before. In between: day 103. After: days 110 and 190, not 198.
    study = small([(100, 120), (20, 21), (103, 104), (110, 111), (190, 191), (198, 199)])
    found = contacts(study)
    row = found[found["group"] == "unresolved"].iloc[0]
    assert row[["before", "days before", "after", "days after"]].tolist() == [1, 90, 2, 90]


def test_days_end_with_the_customer_and_begin_with_them():
    # Customer from day 1; the issue of day 31 was written 30 days later; they left on day 48.
    row = contacts(small([(31, None)], ended=48)).iloc[0]
    assert row[["days before", "days after"]].tolist() == pytest.approx([30, 10])


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
    assert isinstance(giving_up(contacts(study)), CannotTell)
