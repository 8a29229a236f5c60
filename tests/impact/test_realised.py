"""Expected beside realised where a fix was planted, where none was, and where it is too early."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Finding, InputError, Study
from cxresearch.impact import realised as page
from cxresearch.impact.decisions import Decision
from cxresearch.impact.realised import Realised, did_it_work, periods, realised
from cxresearch.impact.since import counts
from cxresearch.lab.second_world import SETTINGS, second_world

CAUSE, DAY = "Import fails", date(2025, 3, 1)
TABLES, _ = second_world(1800, 3)
EXPECTED = {
    "tickets": (700.0, 650, 750),
    "customers": (12.0, 6, 18),
    "revenue": (24_000.0, 0, 48e3),
}


def company(gone: float) -> Study:
    """A company in which a share of one cause's tickets goes from a day on."""
    tables = dict(TABLES)
    rows = tables["tickets"].merge(tables["ticket_causes"], on="ticket_id")
    since = (rows["created_at"] >= pd.Timestamp(DAY, tz="UTC")) & (rows["cause"] == CAUSE)
    away = rows["ticket_id"][since & (np.random.default_rng(5).random(len(rows)) < gone)]
    for name in ("tickets", "ticket_events", "ticket_causes"):
        tables[name] = tables[name][~tables[name]["ticket_id"].isin(away)]
    group = tables["tickets"]["ticket_id"].str[-1]
    tables["tickets"] = tables["tickets"].assign(product=group)
    return Study.from_tables(tables, **SETTINGS)


@pytest.fixture(scope="module")
def fixed() -> Study:
    return company(0.4)


@pytest.fixture(scope="module")
def never() -> Study:
    return company(0.0)


def decision(since: date = DAY, cause: str = CAUSE, **more) -> Decision:
    return Decision("Rewrite it", cause, since, "Ana", **({"expected": EXPECTED} | more))


def test_a_planted_fix_is_found_with_its_size(fixed):
    made = realised(fixed, decision())
    row = made.frame.loc["tickets"]
    assert row["low"] < 0.6 < row["high"] < 1
    said = made.said().text
    assert said.startswith("**It worked**: tickets about Import fails fell by ")
    assert f"{made.plot().get_figure().get_suptitle()}".startswith("Import fails: -")


def test_what_was_never_carried_out_cannot_be_seen_to_have_worked(never):
    made = realised(never, decision())
    assert isinstance(made.said(), CannotTell)
    assert "“Rewrite it” worked: tickets about Import fails changed by" in made.said().reason
    assert [s for s in made.sentences() if "would have been seen by" in getattr(s, "text", "")]


def test_customers_kept_are_expected_times_the_drop_in_overdue_tickets(fixed):
    rows = realised(fixed, decision()).frame
    drop = 1 - rows.loc["overdue tickets", "ratio"]
    assert rows.loc["overdue tickets", "ratio"] == pytest.approx(
        rows.loc["tickets", "ratio"] * rows.loc["overdue share", "ratio"]
    )
    for name in ("customers", "revenue"):
        assert rows.loc[name, "saved"] == pytest.approx(EXPECTED[name][0] * drop)
        assert rows.loc[name, "saved low"] < rows.loc[name, "saved"] < rows.loc[name, "saved high"]


def test_tickets_saved_are_those_that_the_others_let_expect_less_those_that_came(fixed):
    made = realised(fixed, decision())
    row, weeks = made.frame.loc["tickets"], 4 * made.told.after
    expected = row["after"] / row["ratio"]
    assert row["saved"] == pytest.approx((expected - row["after"]) * 365.25 / 7 / weeks)


def test_where_nothing_was_expected_the_page_says_so_and_saves_no_customers(fixed):
    made = realised(fixed, decision(expected={}))
    assert made.frame.loc["customers", "saved":].isna().all()
    assert [s for s in made.sentences() if "was not told" in getattr(s, "text", "")]


@pytest.mark.parametrize(
    ("since", "says"),
    [
        (date(2026, 2, 1), "it begins on 2026-02-01. Ask again from 2026-03-29 on."),
        (date(2025, 12, 1), "only 4 whole weeks since can be seen; it takes 8. Ask again from "
                            "2026-01-26 on."),
        (date(2024, 5, 1), "only 16 whole weeks before it are known; it takes 28."),
        (date(2023, 5, 1), "only 0 whole weeks before it are known"),
    ],
)  # fmt: skip
def test_too_early_and_too_late_say_when_to_ask_again(never, since, says):
    made = realised(never, decision(since))
    assert says in made.said().reason
    assert made.frame["saved"].isna().all()
    assert (made.table()["expected in a year"] != "–").sum() == 3


def test_before_it_begins_is_said_what_will_be_seen(never):
    made = realised(never, decision(date(2026, 2, 1)))
    assert made.sentences()[-1].text.endswith("or more can be seen by 2026-07-19.")


def test_a_cause_without_tickets_and_few_groups(never):
    with pytest.raises(InputError, match=r"decisions\.toml, “Rewrite it”: cause = 'Nothing' is no"):
        realised(never, decision(cause="Nothing"))
    own = never.tickets.merge(never.ticket_causes, on="ticket_id").query("cause == @CAUSE")
    apart = never.with_settings()
    apart.put("tickets", apart.tickets.assign(product=apart.tickets["product"].mask(
        ~apart.tickets["ticket_id"].isin(own["ticket_id"]), "x")))  # fmt: skip
    assert "no tickets" in realised(apart, decision(where={"product": ("x",)})).said().reason
    few = never.with_settings()
    few.put("tickets", few.tickets.assign(product=few.tickets["product"].where(
        few.tickets["product"] < "4", "4")))  # fmt: skip
    made = realised(few, decision(where={"product": ("1",)}))
    assert "others had 10 or more before it, to compare with; it takes 7" in made.said().reason


def test_of_some_groups_the_others_are_compared_with(never):
    made = realised(never, decision(where={"product": ("1", "2")}))
    row = made.frame.loc["tickets"]
    own = never.tickets.merge(never.ticket_causes, on="ticket_id")
    own = own[(own["cause"] == CAUSE) & own["product"].isin(["1", "2"])]
    seen = own["created_at"] >= pd.Timestamp(DAY, tz="UTC")
    assert row["after"] <= seen.sum() < row["after"] + 30  # the last weeks are not whole
    assert row["low"] < 1 < row["high"]


def test_causes_with_a_decision_of_their_own_are_not_compared_with(never):
    other = decision(cause="Cannot sign in")
    alone, both = (realised(never, decision(), of) for of in ((), (decision(), other)))
    assert both.frame.loc["tickets", "placebos"] < alone.frame.loc["tickets", "placebos"]


def test_a_later_decision_for_the_same_cause_ends_what_is_looked_at(never):
    later = decision(date(2025, 9, 1))
    made = realised(never, decision(), (decision(), later))
    assert made.told.after == (later.since - DAY).days // 28
    again = realised(never, later, (decision(), later)).said()
    assert "only 24 whole weeks before it are known" in again.reason


def test_what_is_too_young_to_be_overdue_is_left_out(never):
    rows = realised(never, decision()).frame
    assert rows.loc["overdue share", "before"] < rows.loc["tickets", "before"]
    late = realised(never, decision(date(2025, 10, 29))).frame  # 64 days before the end
    assert late.loc["tickets", "why"] == ""
    assert "only 4 whole weeks since" in late.loc["overdue share", "why"]


def test_weights_of_tickets_count_and_the_order_of_rows_does_not():
    day = pd.Timestamp("2025-01-01", tz="UTC")
    at = [day - pd.Timedelta(days=1), day, day + pd.Timedelta(days=30)]
    rows = pd.DataFrame({"at": at * 2, "cause": ["x"] * 3 + ["y"] * 3, "late": [1, 0, None] * 2,
                         "weight": [0.5, 1, 1] * 2})  # fmt: skip
    ends = day - pd.Timedelta(weeks=4), day + pd.Timedelta(weeks=9)
    tickets, known, late = counts(rows, "cause", day, *ends)
    assert tickets["x"].to_dict() == {-1: 0.5, 0: 1, 1: 1}
    assert known["y"].to_dict() == {-1: 0.5, 0: 1, 1: 0}
    assert late["y"].to_dict() == {-1: 0.5, 0: 0, 1: 0}
    for one, other in zip(counts(rows[::-1], "cause", day, *ends), (tickets, known, late),
                          strict=True):  # fmt: skip
        pd.testing.assert_frame_equal(one, other)


def test_a_study_without_decisions_has_one_sentence(never):
    [only] = did_it_work(never)
    assert isinstance(only, Finding)
    assert "cxresearch decide" in only.text
    assert periods((only,)).sentences() == ()


def test_a_decision_that_cannot_be_read_says_so_and_stops_no_page(never, monkeypatch):
    def wrong(study):
        raise InputError("decisions.toml, decision 1 lacks 'cause'")

    monkeypatch.setattr(page, "decisions", wrong)
    [only] = did_it_work(never)
    assert only.reason == "decisions.toml, decision 1 lacks 'cause'"


def test_each_decision_is_told_in_its_order(never, monkeypatch):
    two = decision(), decision(cause="Cannot sign in")
    monkeypatch.setattr(page, "decisions", lambda study: two)
    made = did_it_work(never)
    assert [each.decision for each in made] == list(two)
    assert all(isinstance(each, Realised) for each in made)
    assert set(periods(made)["part"]) == {"before", "after"}


def test_a_decision_whose_cause_or_group_is_gone_hides_no_other(never, monkeypatch):
    three = decision(cause="Imports"), decision(where={"product": ("x",)}), decision()
    monkeypatch.setattr(page, "decisions", lambda study: three)
    gone, nowhere, told = did_it_work(never)
    assert gone.reason.startswith("decisions.toml, “Rewrite it”: cause = 'Imports' is no cause of")
    assert gone.reason.endswith("Write there what it is called now.")
    assert "unknown value 'x'" in nowhere.reason
    assert isinstance(told, Realised)


def test_each_verdict_has_its_sentence(never):
    made = realised(never, decision())
    rows = made.frame.copy()
    rows.loc["tickets", ["ratio", "low", "high", "verdict"]] = [1.5, 1.2, 2.0, "more"]
    said = replace(made, frame=rows).said().text
    assert said == (
        "**It did not work**: tickets about Import fails rose by 50% (20% to 100%) after "
        "“Rewrite it”."
    )
    rows.loc["tickets", "verdict"] = "cannot tell"
    rows.loc["overdue share", ["ratio", "low", "high", "verdict"]] = [0.5, 0.4, 0.8, "less"]
    said = replace(made, frame=rows).said().text
    assert said == (
        "**It worked**: the share overdue of tickets about Import fails fell by 50% (20% to 60%) "
        "after “Rewrite it”."
    )


def test_a_decision_at_a_peak_says_so(never):
    made = realised(never, decision())
    rows = made.frame.assign(peak=1.84)
    said = replace(made, frame=rows, told=replace(made.told, left_out=3)).sentences()
    assert any("1.8 times the rate before" in getattr(s, "text", "") for s in said)
    assert any("These 12 weeks are left out" in getattr(s, "text", "") for s in said)
