"""Who is still there, by hand: late entries, censoring, causes that do not look ahead."""

import sys
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot as plt

sys.path.append(str(Path(__file__).parents[1] / "episodes"))

from small import study_of

from cxresearch import CannotTell, InputError, Study
from cxresearch.outcomes.still_there import kaplan_meier, lives_from_the_start
from cxresearch.survival import kaplan_meier as curve
from cxresearch.survival.curves import StillThere

PEOPLE = pd.DataFrame(
    {"customer_id": list("abcd"), "start": [0.0, 0.0, -100.0, 0.0], "end": [50.0, 80.0, 60.0, None],
     "kind": ["voluntary", "involuntary", "voluntary", None], "notice": [40.0, None, None, None]}
)  # fmt: skip
NONE = pd.DataFrame({"ticket_id": [0], "customer_id": ["d"], "opened": [700.0], "solved": [701.0]})


def desk(people=PEOPLE, tickets=NONE, **more) -> Study:
    study = study_of(people, tickets, **more)
    tables = {name: study.table(name) for name in study.rows}
    tables["customers"] = tables["customers"].assign(
        segment=["large", "small", "large", None][: len(people)], tier="gold"
    )
    settings = {k: getattr(study.settings, k) for k in ("observed_until", "tickets_from")}
    return Study.from_tables(tables, as_of_start=("segment",), **settings)


def test_customers_enter_when_departures_are_known_and_leave_at_notice():
    rows = lives_from_the_start(desk()).set_index("customer_id")
    assert rows["entry"].to_dict() == {"a": 0, "b": 0, "c": 100, "d": 0}
    assert rows["time"].to_dict() == {"a": 40, "b": 80, "c": 160, "d": 730}
    assert rows["event"].to_dict() == {"a": 1, "b": 0, "c": 1, "d": 0}


def test_the_share_still_there_by_hand():
    found = kaplan_meier(desk()).frame.set_index("day")
    assert found.loc[40, "survival"] == pytest.approx(2 / 3)  # a, b and d were at risk, not yet c
    assert found.loc[80, "survival"] == pytest.approx(2 / 3)  # b was cut off: censored
    assert found.loc[160, "survival"] == pytest.approx(1 / 3)  # c and d were at risk
    assert found.loc[730, "survival"] == pytest.approx(1 / 3)


def test_customers_from_is_when_departures_are_known():
    later = desk().with_settings(customers_from="2024-02-15T00:00:00Z")  # day 45
    rows = lives_from_the_start(later).set_index("customer_id")
    assert rows["entry"].to_dict() == {"b": 45, "c": 145, "d": 45}


def test_by_a_column_of_the_start_and_unknown_is_a_group():
    found = kaplan_meier(desk(), by="segment").frame
    last = found.groupby("segment")["survival"].last()
    assert last.to_dict() == {"large": 0.0, "small": 1.0, "unknown": 1.0}


def test_a_snapshot_is_refused_and_a_wrong_name_answered():
    with pytest.raises(InputError, match="'tier' is a snapshot"):
        kaplan_meier(desk(), by="tier")
    with pytest.raises(InputError, match=r"did you mean 'segment'\? These can be: segment, cause"):
        kaplan_meier(desk(), by="segmnt")
    with pytest.raises(InputError, match="'priority' is what a ticket held when it was exported"):
        kaplan_meier(desk(), by="priority")


def test_a_field_of_history_is_as_it_was_when_the_customer_came_into_view():
    told = pd.DataFrame({"customer_id": ["a", "a", "c", "c"], "at": [0.0, 20.0, -90.0, 5.0],
                         "field": "plan", "value": ["pro", "free", "old", "new"]})  # fmt: skip
    found = kaplan_meier(desk(history=told), by="plan").frame
    assert sorted(found["plan"].unique()) == ["old", "pro", "unknown"]


def test_by_cause_a_customer_s_first_overdue_issue_counts_from_its_day():
    people = pd.DataFrame({"customer_id": ["a", "b"], "start": 0.0, "end": [100.0, None]})
    wrote = pd.DataFrame(
        {"ticket_id": range(5), "customer_id": ["a", "a", "a", "b", "b"],
         "opened": [20.0, 40.0, 50.0, 30.0, 60.0], "solved": [None, None, 51.0, None, None],
         "topic": ["login", "login", "sync", "login", "sync"]}
    )  # fmt: skip
    found = kaplan_meier(desk(people, wrote), by="cause").frame
    login = found[found["cause"] == "login"].set_index("day")
    assert login["at_risk"].iloc[0] == 2
    assert login.loc[100 - 27, "survival"] == 0.5
    sync = found[found["cause"] == "sync"].set_index("day")
    assert sync["at_risk"].iloc[0] == 1  # the issue of a was solved in time
    assert sync["survival"].tolist() == [1.0, 1.0]


def test_where_nobody_can_leave_the_event_is_the_next_ticket():
    study = study_of(PEOPLE.head(1), pd.DataFrame(
        {"ticket_id": [0, 1, 2], "customer_id": ["a", "a", "b"], "opened": [0.0, 20.0, 0.0],
         "solved": None, "topic": ["login", "sync", "login"]}))  # fmt: skip
    tables = {name: study.table(name) for name in ("tickets", "ticket_causes")}
    forum = Study.from_tables(tables, observed_until=study.settings.observed_until)
    found = kaplan_meier(forum, by="cause").frame.set_index("day")
    assert found.loc[20 - 7, ["cause", "survival"]].tolist() == ["login", 0.5]
    with pytest.raises(InputError, match=r"did you mean 'product'\? These can be: cause, language"):
        kaplan_meier(forum, by="produkt")


def test_a_frame_is_taken_with_its_own_names():
    rows = pd.DataFrame({"days": [1, 2, 3, 4], "left": [1, 0, 1, 0], "team": list("xxyy")})
    found = kaplan_meier(rows, time="days", event="left", by="team").frame
    named = rows.rename(columns={"days": "time", "left": "event"})
    pd.testing.assert_frame_equal(found, curve(named, "team"))
    assert found["survival"].tolist() == [1.0, 0.5, 0.5, 1.0, 0.5, 0.5]


def test_what_is_no_event_or_no_column_is_said():
    rows = pd.DataFrame({"days": [1, 2], "left": [1, 2]})
    with pytest.raises(InputError, match="'left' must be 1 where the event was seen"):
        kaplan_meier(rows, time="days", event="left")
    with pytest.raises(InputError, match=r"no column 'time'\. There are days, left"):
        kaplan_meier(rows, event="left")
    with pytest.raises(InputError, match=r"There is no column 'lft'; did you mean 'left'\?"):
        kaplan_meier(rows, time="days", event="lft")


def stays() -> StillThere:
    """Of eight, two of four in team a are gone after a day, none in b; all are seen to day 400."""
    rows = pd.DataFrame({"team": list("aaaabbbb"), "time": [1.0, 1] + [400] * 6,
                         "event": [1, 1] + [0] * 6})  # fmt: skip
    return kaplan_meier(rows, by="team")


def test_the_curve_says_shows_and_draws_the_same_shares():
    said = stays().said().text
    assert said.startswith("After 365 days a 50.0% (")
    assert "; b 100.0% (" in said
    assert stays().table().loc[("a", 365), "still there %"] == 50
    assert stays().table().loc[("b", 90), "at risk"] == 4
    ax = stays().plot()
    assert ax.figure.get_suptitle().startswith("After 365 days still there: a 50%, b 100%")
    assert ax.get_ylabel() == "share of rows still there"
    assert stays().described().endswith(said)
    plt.close(ax.figure)


def test_where_nobody_can_leave_the_curve_does_not_say_that_they_stayed():
    forum = desk().with_settings(outcome="return")
    still = kaplan_meier(forum)
    assert "of customers are without another ticket." in still.said().text
    assert "still there" not in still.said().text + still.described()


def test_of_many_groups_the_largest_are_drawn_and_the_others_counted():
    rows = pd.DataFrame({"team": list("abcdefg") * 3, "time": 400.0, "event": 0})
    rows = pd.concat([rows, rows[rows["team"] != "a"]], ignore_index=True)
    many = kaplan_meier(rows, by="team")
    ax = many.plot()
    assert len(ax.lines) == 5
    assert "2 smaller groups are not drawn" in many.described()
    plt.close(ax.figure)


def test_a_group_that_was_watched_for_a_day_does_not_shorten_the_others():
    rows = pd.DataFrame({"team": list("aab"), "time": [400.0, 400, 1], "event": 0})
    said = kaplan_meier(rows, by="team").said().text
    assert said.startswith("After 365 days a 100.0%")
    assert said.endswith("1 groups were not watched for so long.")


def test_before_anybody_has_entered_there_is_no_interval():
    first = kaplan_meier(desk(PEOPLE.assign(start=-10.0))).frame.set_index("day").loc[0]
    assert (first["at_risk"], first["low"]) == (0, 1)


def test_what_cannot_be_a_group_is_refused_and_nobody_is_nobody():
    with pytest.raises(InputError, match="one column"):
        kaplan_meier(desk(), by=["segment", "tier"])
    assert isinstance(kaplan_meier(pd.DataFrame({"time": [], "event": []})), CannotTell)


def test_curves_of_a_study_say_from_when_days_count():
    ax = kaplan_meier(desk()).plot()
    assert ax.get_xlabel() == "days since the customer started"
    assert ax.get_ylabel() == "share of customers still there"
    plt.close(ax.figure)
