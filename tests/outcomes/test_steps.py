"""A step more of waiting, silence or severity: its sentence, title and table, by hand."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.outcomes import steps
from cxresearch.outcomes.hazards import named_rows
from cxresearch.outcomes.steps import FollowUps, Steps, Waits, trend
from cxresearch.study.words import LEAVING, RETURNING
from tests.outcomes.test_recovery import small

RATE = "times the rate ({} to {}) a step"
ENDS = " By day 180, 10.0% of “a” left, and 40.0% of “c”."


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
    assert told.text == (f"Customers leave {word} the longer it lasts: {ratio:.2f} {rate}.{ENDS}")
    assert told.numbers == {"hr": ratio, "low": low, "high": high}


def test_a_step_whose_interval_holds_one_cannot_tell():
    told = made(step=step(1.1, 0.9, 1.3), note=" Beware.").said()
    assert told.reason == (
        "whether customers leave more the longer it lasts: 1.10 "
        + RATE.format("0.90", "1.30") + f".{ENDS} Beware."
    )  # fmt: skip


def test_among_issues_open_for_as_long_it_is_said_so():
    told = made(step=step(1.1, 1.05, 1.2), alone=step(1.1, 1.05, 1.2)).said("alone").text
    assert told == ("Customers leave more the longer it lasts, of issues open for as long: 1.10 "
                    "times the rate (1.05 to 1.20) a step.")  # fmt: skip


def test_a_note_ends_what_can_be_told_too():
    assert made(step=step(1.1, 1.05, 1.2), note=" Beware.").said("").text.endswith(". Beware.")


def test_returns_are_said_in_their_own_words():
    told = made(words=RETURNING, step=step(0.9, 0.8, 0.95)).said().text
    assert told.startswith("Customers come back less the longer it lasts: ")
    assert "10.0% of “a” came back, and 40.0% of “c”" in told


def test_a_row_that_could_not_be_estimated_says_why():
    whole = Steps(pd.DataFrame(), LEAVING, APART, "", {"step": CannotTell("few.")}, " Beware.")
    assert whole.said().reason == "few. Beware."


def test_a_trend_of_waiting_is_no_dose_unless_every_step_is_above_the_one_before():
    rate = RATE.format("1.05", "1.20")
    assert made(Waits, step=step(1.1, 1.05, 1.2)).said().text == (
        f"Customers leave more the longer it lasts: 1.10 {rate}.{ENDS} Every step is above the one "
        "before."
    )
    uneven = groups((0.2, 0.1, 0.3), (0.1, 0.05, 0.15), (0.3, 0.2, 0.4))
    said = made(Waits, rows=uneven, step=step(1.1, 1.05, 1.2)).said().text
    assert said.endswith("It is no dose: not every step is above the one before.")
    doubt = made(Waits, step=step(1.1, 0.95, 1.2)).said()
    assert isinstance(doubt, CannotTell)
    assert "dose" not in doubt.reason


def test_groups_that_nobody_watched_so_long_have_no_shares_to_say():
    said = made(rows=groups((np.nan, np.nan, np.nan)), step=step(1.1, 1.05, 1.2)).said().text
    assert said.endswith("a step.")


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
        "(0.30 to 0.80)."
    )


def test_too_few_follow_ups_are_counted():
    few = FollowUps(pd.DataFrame(), LEAVING, followed(30, 9), "").said()
    assert few.reason == (
        "whether a follow-up helps: of 20 solved issues too few were followed up. Following up by "
        "lot would tell."
    )
    unknown = FollowUps(pd.DataFrame(), LEAVING, followed(30, 10), "", {"step": CannotTell("x.")})
    assert unknown.said() == CannotTell("x.")
    none = FollowUps(pd.DataFrame(), LEAVING, followed(30, 9).head(1), "").said()
    assert "of 10 solved issues none were followed up." in none.reason


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
