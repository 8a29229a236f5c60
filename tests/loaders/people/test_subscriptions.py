"""Lives out of rows of subscriptions, invoices and accounts: cases by hand, and properties."""

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cxresearch.loaders.people.subscriptions import united
from cxresearch.loaders.reading.export import Export
from cxresearch.study.conform import conform

UNTIL = "2024-12-31T00:00:00Z"
DAY_ONE = pd.Timestamp("2024-01-01T00:00:00Z")


def day(number):
    return None if number is None else (DAY_ONE + pd.Timedelta(days=number)).isoformat()


def row(who="A", start=0, end=None, **more):
    """A subscription from one day of 2024 to another; every text may be another."""
    told = {
        "customer_id": who,
        "started_at": day(start),
        "ended_at": day(end),
        "row_is": "subscription",
    }
    return told | {"observed_until": UNTIL} | more


def lives(*rows, grace_days=30):
    """The export with the rows' lives, and the conformed tables."""
    frame = pd.DataFrame(list(rows)).assign(_file="rows.csv", _row=range(1, len(rows) + 1))
    export = united(Export({"customers": frame}), grace_days)
    return export, conform(export.tables, {})


def customer(*rows, **more):
    """The one customer in the rows."""
    return lives(*rows, **more)[1].tables["customers"].set_index("customer_id").loc["A"]


def history(*rows, field="mrr", **more):
    told = lives(*rows, **more)[1].tables["customer_history"].query("field == @field")
    days = ((told["valid_from"] - DAY_ONE) / pd.Timedelta(days=1)).astype(int)
    return dict(zip(days, told["value"], strict=True))


def reasons(*rows):
    return lives(*rows)[1].quarantine["reason"].tolist()


def test_a_life_starts_with_the_first_row_and_lasts_while_one_is_open():
    newest_first = row(start=100), row(start=0, end=100, notice_at=day(99))
    one = customer(*newest_first)
    assert one["started_at"] == DAY_ONE
    assert one[["ended_at", "notice_at"]].isna().all()


def test_a_life_ends_with_the_last_end_and_notice_is_that_of_the_rows_that_end_last():
    one = customer(row(start=0, end=50), row(start=50, end=100, notice_at=day(80)))
    assert one["ended_at"] == pd.Timestamp(day(100))
    assert one["notice_at"] == pd.Timestamp(day(80))
    assert pd.isna(customer(row(end=50, notice_at=day(40)), row(end=90))["notice_at"])


def test_notice_of_all_that_is_open_is_notice():
    assert customer(row(notice_at=day(90)), row(notice_at=day(95)))["notice_at"] == pd.Timestamp(
        day(95)
    )
    assert pd.isna(customer(row(notice_at=day(90)), row())["notice_at"])


def test_an_end_after_the_last_day_watched_has_not_come():
    assert pd.isna(customer(row(end=400))["ended_at"])


def test_what_begins_within_the_grace_after_the_last_end_goes_on():
    planned = row(start=370, state="future")
    assert pd.isna(customer(row(end=350), planned)["ended_at"])
    assert pd.notna(customer(row(end=350), planned, grace_days=5)["ended_at"])


def test_who_comes_back_late_is_one_customer_who_paid_nothing_meanwhile_and_is_said():
    rows = row(end=50, mrr="20"), row(start=200, mrr="30")
    export, found = lives(*rows)
    assert found.tables["customers"]["ended_at"].isna().tolist() == [True]
    assert history(*rows) == {0: "20.00", 50: "0.00", 200: "30.00"}
    assert any(
        note.startswith("Customers who came back after more than 30 days") for note in export.notes
    )
    assert history(*rows, grace_days=150) == {0: "20.00", 200: "30.00"}


def test_a_month_costs_amount_times_quantity_by_its_interval():
    by = {
        "semi-annual": "50.00",
        "month": "300.00",
        "yearly": "25.00",
        "3 months": "100.00",
        "quarterly": "100.00",
    }
    for period, mrr in by.items():
        assert history(row(amount="100", quantity="3", billing_period=period)) == {0: mrr}
    assert history(row(amount="100", billing_period="month", interval_count="2")) == {0: "50.00"}
    assert history(row(amount="700", billing_period="week", quantity="")) == {0: "3033.33"}


@pytest.mark.parametrize(
    ("text", "mrr"),
    [("$1,234.50", "1234.50"), ("1.234,50 €", "1234.50"), ("49,9", "49.90"), ("1,234", "1234.00")],
)
def test_amounts_are_read_as_people_write_them(text, mrr):
    assert history(row(mrr=text)) == {0: mrr}


def test_cents_are_hundredths_but_of_a_currency_that_has_none():
    of = {"usd": "15.00", "jpy": "1500.00", "KRW": "1500.00"}
    for currency, mrr in of.items():
        assert history(row(mrr="1500", currency=currency, cents="true")) == {0: mrr}


def test_what_two_subscriptions_cost_is_added_and_their_plans_stand_together():
    rows = row(mrr="20", plan="basic"), row(start=10, end=90, mrr="5", plan="add-on")
    assert history(*rows) == {0: "20.00", 10: "25.00", 90: "20.00"}
    assert history(*rows, field="plan") == {0: "basic", 10: "add-on + basic", 90: "basic"}


def test_money_of_two_currencies_is_not_added():
    assert history(row(mrr="20", currency="USD"), row(start=10, mrr="5", currency="EUR")) == {
        0: "20.00"
    }


def test_an_amount_that_cannot_be_read_is_unknown_and_said():
    export, found = lives(row(mrr="a lot"))
    assert len(found.tables["customers"]) == 1
    assert any(note.startswith("MRR is unknown for 1 of billing's rows") for note in export.notes)


def test_a_subscription_that_stands_twice_is_paid_once():
    assert history(*[row(mrr="20", subscription_id="s1")] * 2) == {0: "20.00"}


def test_trials_and_what_was_never_paid_are_set_aside_and_said():
    export, found = lives(
        row("A"),
        row("B", state="incomplete_expired"),
        row("C", state="in trial"),
        row("D", end=14, trial_ends_at=day(14), state="canceled"),
        row("E", start=360, trial_ends_at=day(390)),
    )
    assert found.tables["customers"]["customer_id"].tolist() == ["A"]
    assert found.quarantine["reason"].tolist() == [
        "it was never paid: incomplete_expired", "it was never paid: in trial",
        "it was never paid: a trial", "it was never paid: a trial",
    ]  # fmt: skip
    assert found.rows.loc["customers"].tolist() == [5, 1, 4]
    assert export.notes[0].startswith(
        "Rows of billing that were never paid: 4 (a trial, in trial, inc"
    )


def test_a_customer_starts_when_the_trial_is_over():
    one = customer(row(trial_ends_at=day(14), end=90, notice_at=day(5)))
    assert one["started_at"] == one["notice_at"] == pd.Timestamp(day(14))


def test_who_was_cut_off_for_not_paying_left_against_their_will():
    assert customer(row(end=50, state="unpaid"))["end_kind"] == "involuntary"
    assert pd.isna(customer(row(end=50), row(end=20, state="unpaid"))["end_kind"])


def test_an_end_on_a_day_that_is_not_told_is_neither_open_nor_today():
    assert reasons(row(state="canceled")) == ["it has ended (canceled) on a day that is not told"]


def test_a_faulty_row_is_set_aside_and_the_others_of_its_customer_count():
    rows = row(), row(start=100, end=50), row(started_at="soon"), row(state="purple")
    assert lives(*rows)[1].rows.loc["customers"].tolist() == [4, 1, 3]
    assert reasons(*rows) == [
        "ended_at is before started_at", "started_at is not a time with its offset from UTC",
        "state is none of paying, ended, unpaid, never",
    ]  # fmt: skip


def invoice(start, end, **more):
    return row(start=start, end=end, row_is="invoice", **more)


def test_paid_periods_are_one_life_and_their_amounts_history():
    rows = invoice(60, 91, amount="50"), invoice(31, 60, amount="20"), invoice(0, 31, amount="20")
    assert customer(*rows)["ended_at"] == pd.Timestamp(day(91))
    assert history(*rows) == {0: "20.00", 60: "50.00"}


def test_a_paid_period_stays_open_until_the_grace_after_it_is_over():
    assert pd.isna(customer(invoice(304, 335))["ended_at"])
    assert customer(invoice(304, 335), grace_days=29)["ended_at"] == pd.Timestamp(day(335))


def test_an_invoice_without_an_end_pays_for_its_period():
    assert customer(invoice(0, None, billing_period="year"))["ended_at"] is pd.NaT
    assert customer(invoice(0, None, billing_period="month"))["ended_at"] == pd.Timestamp(day(31))
    assert reasons(invoice(0, None)) == ["for what period it was paid is empty"]


def test_invoices_of_nothing_and_what_is_paid_once_are_no_customers():
    assert reasons(invoice(0, 31, amount="0"), invoice(5, 5, amount="9")) == [
        "it was never paid: an invoice of nothing",
        "it covers no time: what is paid once is no subscription",
    ]


def test_of_several_kinds_of_rows_those_count_that_tell_most():
    rows = row(end=50, start=10), row(row_is="account"), row(row_is="deal", start=5)
    assert customer(*rows)["started_at"] == pd.Timestamp(day(10))
    assert customer(*rows)["ended_at"] == pd.Timestamp(day(50))
    assert len(reasons(*rows)) == 2


def test_of_an_account_seen_twice_the_newer_row_counts():
    old = row(row_is="account", observed_until=day(100))
    assert customer(row(row_is="account", end=150), old)["ended_at"] == pd.Timestamp(day(150))


def test_without_a_word_rows_are_subscriptions_only_if_a_customer_has_several():
    export, _ = lives(row(end=50, row_is=None), row(start=50, row_is=None))
    assert any("each row was read as a subscription" in note for note in export.notes)
    assert history(row(mrr="20", row_is=None)) == {365: "20.00"}
    assert history(row(mrr="20", row_is=None, at_start="mrr")) == {0: "20.00"}


def test_a_status_that_no_mapping_names_counts_only_if_it_is_unmistakable():
    rows = row("A", state="Gold", unasked="true"), row("B", state="trialing", unasked="true")
    export, found = lives(*rows)
    assert found.tables["customers"]["customer_id"].tolist() == ["A"]
    assert any("read from the column Status" in note for note in export.notes)


def test_where_nobody_has_an_end_nobody_can_be_seen_to_leave():
    export, _ = lives(row())
    assert export.settings["outcome"] == "return"
    assert any(note.startswith("Nobody can be seen to leave") for note in export.notes)
    assert "outcome" not in lives(row(notice_at=day(5)))[0].settings
    assert united(Export({"customers": pd.DataFrame([row()]).assign(_file="f", _row=1)},
                         settings={"outcome": "churn"})).settings["outcome"] == "churn"  # fmt: skip


def test_until_when_billing_was_watched_is_its_last_moment_if_nobody_says_so():
    rows = row(start=0, end=500), row("B", start=40, seen_at=day(70)), row("C", 900, state="future")
    found = lives(*[r | {"observed_until": None} for r in rows])[1].tables["customers"]
    assert found["observed_until"].unique().tolist() == [pd.Timestamp(day(70))]


def test_a_period_that_changed_is_not_known_as_of_the_start():
    rows = row(end=50, billing_period="month"), row(start=50, billing_period="year")
    assert lives(*rows)[0].settings["as_of_start"] == ()
    assert customer(*rows)["billing_period"] == "year"


ROW = st.fixed_dictionaries(
    {
        "who": st.sampled_from("AB"),
        "start": st.integers(0, 300),
        "length": st.none() | st.integers(0, 200),
        "notice": st.none() | st.integers(0, 200),
        "mrr": st.sampled_from(["10", "20", "0"]),
        "plan": st.sampled_from(["basic", "pro"]),
        "billing_period": st.sampled_from(["month", "year"]),
    }
)


def written(number, who, start, length, notice, **more):
    end = None if length is None else start + length
    when = None if notice is None else min(start + notice, 364 if end is None else end)
    return row(who, start, end, notice_at=day(when), subscription_id=f"s{number}", **more)


def told(rows):
    """What the rows say, without from where each came."""
    tables = lives(*rows)[1].tables
    held = [tables["customers"], tables.get("customer_history", pd.DataFrame())]
    return [sorted(map(str, frame.to_dict("records"))) for frame in held]


@settings(max_examples=15, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=6), st.randoms())
def test_the_order_of_rows_does_not_matter(drawn, random):
    rows = [written(n, **one) for n, one in enumerate(drawn)]
    other = rows.copy()
    random.shuffle(other)
    assert told(other) == told(rows)


@settings(max_examples=15, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=5), st.data())
def test_a_subscription_split_into_two_adjoining_rows_is_the_same(drawn, data):
    rows = [written(n, **one) for n, one in enumerate(drawn)]
    split = data.draw(st.integers(0, len(rows) - 1))
    one, length = rows[split], drawn[split]["length"]
    last = min(drawn[split]["start"] + (60 if length is None else length), 365)  # as seen so far
    assume(last - drawn[split]["start"] > 1)
    at = day(data.draw(st.integers(drawn[split]["start"] + 1, last - 1)))
    parts = [one | {"ended_at": at, "notice_at": None}, one | {"started_at": at}]
    assert told([*rows[:split], *parts, *rows[split + 1 :]]) == told(rows)


@settings(max_examples=15, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=6))
def test_a_customer_has_not_ended_if_and_only_if_a_row_is_open(drawn):
    rows = [written(n, **one) for n, one in enumerate(drawn)]
    found = lives(*rows)[1]
    until = pd.Timestamp(UNTIL)
    for who, one in found.tables["customers"].set_index("customer_id").iterrows():
        ends = [r["ended_at"] for r in rows if r["customer_id"] == who]
        is_open = any(end is None or pd.Timestamp(end) > until for end in ends)
        assert pd.isna(one["ended_at"]) == is_open
    assert found.rows.loc["customers"].tolist() == [len(rows), len(rows), 0]
