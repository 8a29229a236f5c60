"""A step more of waiting, silence or severity: its sentence, title and table, by hand."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell, Study
from cxresearch.outcomes import steps
from cxresearch.outcomes.hazards import named_rows
from cxresearch.outcomes.steps import FollowUps, Steps, Waits, trend
from cxresearch.study.words import LEAVING, RETURNING
from tests.outcomes.test_recovery import small

RATE = "times the rate (95% interval {} to {}; 50 who left; adjusted for: nothing more)"


def step(ratio: float, low: float, high: float) -> dict:
    return {"hazard ratio": ratio, "low": low, "high": high, "p": 0.1, "events": 50,
            "adjusted for": "nothing more"}  # fmt: skip


def groups(*shares: tuple[float, float, float], day: int = 180, **sizes) -> pd.DataFrame:
    """Fates of bands named a, b ... with these shares and bounds on a day."""
    rows = pd.DataFrame(shares, columns=["share", "low", "high"], index=list("abc")[: len(shares)])
    return rows.assign(**{"customers": 9, "rows": 10, "events": 5, "day": day, **sizes})


APART = groups((0.1, 0.05, 0.15), (0.2, 0.1, 0.3), (0.4, 0.35, 0.5))


def made(kind=Steps, rows=APART, words=LEAVING, what="the longer it lasts", note="", **ratios):
    return kind(named_rows(ratios), words, rows, what, note=note)


@pytest.mark.parametrize(
    ("ratio", "low", "high", "word"), [(1.1, 1.05, 1.2, "more"), (0.9, 0.8, 0.95, "less")]
)
def test_a_step_is_said_with_the_side_of_its_interval(ratio, low, high, word):
    told = made(step=step(ratio, low, high)).said()
    rate = RATE.format(f"{low:.2f}", f"{high:.2f}")
    assert told.text == (
        f"Customers leave {word} the longer it lasts: a step up goes with {ratio:.2f} {rate}."
    )
    assert told.numbers == {"hr": ratio, "low": low, "high": high, "n": 50}


def test_a_step_whose_interval_holds_one_cannot_tell():
    told = made(step=step(1.1, 0.9, 1.3), note=" Beware.").said()
    assert told.reason == (
        "whether customers leave more the longer it lasts: a step up goes with 1.10 "
        + RATE.format("0.90", "1.30") + ", which holds 1. Beware."
    )  # fmt: skip


def test_among_issues_open_for_as_long_it_is_said_so():
    told = made(step=step(1.1, 1.05, 1.2), alone=step(1.1, 1.05, 1.2)).said("alone").text
    assert told.startswith("Customers leave more the longer it lasts, of issues open for as long: ")


def test_a_note_ends_what_can_be_told_too():
    assert made(step=step(1.1, 1.05, 1.2), note=" Beware.").said("").text.endswith(". Beware.")


def test_returns_are_said_in_their_own_words():
    told = made(words=RETURNING, step=step(0.9, 0.8, 0.95)).said().text
    assert told.startswith("Customers come back less the longer it lasts: ")
    assert "50 who came back" in told


def test_a_row_that_could_not_be_estimated_says_why():
    whole = Steps(pd.DataFrame(), LEAVING, APART, "", {"step": CannotTell("few.")}, " Beware.")
    assert whole.said().reason == "few. Beware."


def test_waiting_is_said_as_an_average_over_bands():
    rate = RATE.format("1.05", "1.20")
    assert made(Waits, step=step(1.1, 1.05, 1.2)).said().text == (
        "On average over the bands, a step to the next longer wait goes with "
        f"1.10 {rate}. Every band is above the one before."
    )
    uneven = groups((0.2, 0.1, 0.3), (0.1, 0.05, 0.15), (0.3, 0.2, 0.4))
    said = made(Waits, rows=uneven, step=step(1.1, 1.05, 1.2)).said().text
    assert "It is no dose: not every band is above the one before" in said
    doubt = made(Waits, step=step(1.1, 0.95, 1.2)).said().reason
    assert doubt.startswith("whether customers leave more the longer it lasts: a step from one "
                            "band to the next goes with 1.10 times")  # fmt: skip
    assert doubt.endswith(", which holds 1.")


TOUCHING = groups((0.1, 0.05, 0.15), (0.2, 0.1, 0.3), (0.2, 0.15, 0.5))


@pytest.mark.parametrize(
    ("rows", "low", "title"),
    [
        (APART, 1.05, "10.0% of “a” left, 40.0% of “c”"),
        (APART[::-1], 1.05, "40.0% of “c” left, 10.0% of “a”"),
        (TOUCHING, 1.05, "The shortest and the longest wait are not clearly apart"),
        (APART, 0.95, "No clear difference from one band of waiting to the next"),
    ],
)
def test_the_title_tells_the_ends_apart_only_if_the_trend_and_they_differ(rows, low, title):
    ax = made(Waits, rows, step=step(1.1, low, 1.2)).plot()
    assert ax.figure.get_suptitle() == title
    plt.close(ax.figure)


def test_the_figure_shows_the_bands_half_a_year_on_from_the_top():
    rows = pd.concat([APART, groups((0.9, 0.8, 1.0), day=365)])
    waits = made(Waits, rows, step=step(1.1, 1.05, 1.2))
    ax = waits.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    assert ax.get_xlim() == pytest.approx((0, 1.15 * 0.5))
    assert ax.figure.get_supxlabel() == (
        "share of customers who left within half a year of that day"
    )
    plt.close(ax.figure)
    assert waits.described() == (
        "Dots are shares, bars their 95% intervals: a 10.0% (5.0% to 15.0%); b 20.0% (10.0% to "
        "30.0%); c 40.0% (35.0% to 50.0%)."
    )


def test_bands_that_nobody_watched_so_long_are_an_empty_figure():
    waits = made(Waits, groups((np.nan, np.nan, np.nan)), step=step(1.1, 1.05, 1.2))
    ax = waits.plot()
    assert ax.figure.get_suptitle().startswith("No clear difference")
    plt.close(ax.figure)
    assert "no row was watched so long" in waits.described()


@pytest.mark.parametrize(("kind", "counted"), [(Steps, "issues"), (Waits, "times counted")])
def test_the_table_names_what_it_counts(kind, counted):
    shown = made(kind, step=step(1, 1, 1)).table()
    assert list(shown) == ["customers", counted, "events", "left by day 180"]
    assert shown.loc["b"].tolist() == [9, 10, 5, "20.0% (10.0% to 30.0%)"]
    once = made(kind, groups((0.1, 0.05, 0.15), rows=9), step=step(1, 1, 1)).table()
    assert list(once) == ["customers", "events", "left by day 180"]


def followed(*events: int) -> pd.DataFrame:
    rows = groups((0.1, 0.05, 0.15), (0.2, 0.1, 0.3))
    return rows.assign(events=events, index=["not followed up", "followed up"]).set_index("index")


def test_who_was_followed_up_is_compared_with_who_was_not():
    told = (
        made(
            FollowUps,
            followed(30, 12),
            what="customers who were followed up",
            step=step(0.5, 0.3, 0.8),
        )
        .said()
        .text
    )
    assert told == (
        "Customers who were followed up leave at **0.50 times** the rate of those who were not "
        "(95% interval 0.30 to 0.80; 12 left while exposed)."
    )


def test_too_few_follow_ups_are_counted():
    few = FollowUps(pd.DataFrame(), LEAVING, followed(30, 9), "").said()
    assert few.reason == (
        "whether a follow-up helps: of 20 solved issues 10 were followed up, and after 9 of these "
        "the customer left, too few to compare. Following up by lot would tell."
    )
    unknown = FollowUps(pd.DataFrame(), LEAVING, followed(30, 10), "", {"step": CannotTell("x.")})
    assert unknown.said() == CannotTell("x.")
    none = FollowUps(pd.DataFrame(), LEAVING, followed(30, 9).head(1), "").said()
    assert "of 10 solved issues 0 were followed up, and after 0 of these" in none.reason


def issues(left: int, many: int = 40, step=(0, 1)) -> pd.DataFrame:
    """Issues of as many customers, of whom the first left, a day apart."""
    gone = np.arange(many) < left
    return pd.DataFrame({"customer_id": [str(i) for i in range(many)], "group": "g",
                         "step": np.resize(step, many), "time": 1.0 + np.arange(many),
                         "status": gone.astype(int), "quarter": "2024Q1",
                         "billing_period": "month", "activity": np.nan})  # fmt: skip


def test_an_estimate_needs_ten_events_in_two_groups():
    assert trend(issues(9)).reason == "whether the rate rises from step to step: only 9 events."
    assert trend(issues(10))["events"] == 10
    assert trend(issues(20, step=(0,))).reason.endswith("all events are in one group.")


def test_a_step_that_parts_those_who_left_from_all_others_has_no_estimate():
    """On each day the one who leaves has the highest step of those still there."""
    ahead = issues(40).assign(step=np.arange(40)[::-1], time=1.0 + np.arange(40))
    assert trend(ahead).reason == (
        "whether the rate rises from step to step: no finite estimate fits so few events."
    )


def test_what_is_adjusted_for_is_named():
    rows = issues(30).assign(activity=np.resize([1.0, 5, 2], 40), band=0)
    assert trend(issues(30))["adjusted for"] == "nothing more"
    assert trend(rows)["adjusted for"] == "activity at entry"
    assert trend(rows, ("band",))["adjusted for"] == "activity at entry, band"


def test_a_reason_is_said_once_and_then_referred_to():
    plain = small([(10, 20)])
    silence = steps.by_silence(plain)
    assert silence.said().reason.startswith("what silence goes with: the export has no messages")
    assert silence.said("alone").reason == (
        "whether it matters beside the waiting, for the same reason."
    )
    for unknown in (silence, steps.by_follow_up(plain), steps.by_severity(plain)):
        assert unknown.table().reason == "what became of the groups, for the same reason."


def test_nobody_watched_past_the_landmark_cannot_tell_of_waiting():
    waits = steps.by_delay(small([(360, None)]))
    assert waits == CannotTell("what delay goes with: nobody was watched past the landmark day.")


def test_where_nobody_leaves_waiting_is_for_an_outside_answer():
    plain = small([(10, 20)])
    answered = plain.tickets.assign(first_reply_at=plain.tickets["created_at"])
    study = Study.from_tables({"tickets": answered, "ticket_causes": plain.ticket_causes},
                              tickets_from=plain.settings.tickets_from,
                              observed_until=plain.settings.observed_until)  # fmt: skip
    waits = steps.by_delay(study)
    assert waits.groups.index.unique().tolist() == ["answered within an hour"]
    assert waits.words == RETURNING
