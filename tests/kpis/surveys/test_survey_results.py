"""What surveys say, show and draw, read from small frames with named rows."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell
from cxresearch.kpis.surveys.bounds import Bounds
from cxresearch.kpis.surveys.funnel import Funnel, _funnel
from cxresearch.kpis.surveys.scores import MEANS, SCORES, judged
from cxresearch.kpis.surveys.silent_leave import LeftByDay, SilentLeave, _tested
from cxresearch.kpis.surveys.tipping import Turning
from cxresearch.kpis.surveys.weighted import Weighed, chances_to_answer
from cxresearch.study.answers import Finding


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def group(name: str, share: float, width: float = 0.02, invited: int = 100) -> dict:
    reached = {"invited share": 0.5, "invited share low": 0.4, "invited share high": 0.6}
    spoke = {"answered": round(share * invited), "answered share": share if invited else np.nan,
             "answered share low": share - width, "answered share high": share + width,
             "answered effect": 1.0}  # fmt: skip
    return {"group": name, "eligible": 2 * invited, "invited": invited, **reached, **spoke}


def funnel(left: float, **more) -> Funnel:
    rows = [group("all", 0.28), group("stayed", 0.3), group("left later", left, **more)]
    return _funnel(rows, "tickets")


def test_a_funnel_says_how_many_were_asked_and_answered():
    assert funnel(0.2).said().text == (
        "Of 200 tickets, **50.0%** led to a question (95% interval 40.0% to 60.0%; 100). Of those "
        "asked, **28.0%** answered (26.0% to 30.0%; 28)."
    )
    nobody = _funnel([group("all", 0.0, invited=0)], "tickets")
    assert "nobody was asked" in nobody.said().reason


@pytest.mark.parametrize(
    ("left", "verdict", "so"), [(0.2, "less", "leavers less."), (0.4, "more", "leavers more.")]
)
def test_leavers_who_answer_otherwise_are_said_with_the_side(left, verdict, so):
    # Both intervals are 2 points wide on either side: their difference is 2.8 points wide.
    both = funnel(left)
    assert both.frame.loc["left later", "verdict"] == verdict
    gap = 100 * (left - 0.3)
    said = both.said("left later").text
    assert said.endswith(so)
    assert f"{gap:+.1f} points (95% interval {gap - 2.828:+.1f} to {gap + 2.828:+.1f})" in said
    assert f"left answered **{left:.1%}** of their invitations, those who stayed **30.0%**" in said


def test_leavers_who_answer_about_as_often_cannot_be_told():
    said = funnel(0.28).said("left later")
    assert isinstance(said, CannotTell)
    assert "more often (28.0%) than those who stayed (30.0%)" in said.reason
    assert "difference is -2.0 points (95% interval -4.8 to +0.8)" in said.reason


def test_leavers_are_not_compared_where_they_are_not_known_or_were_not_asked():
    unknown = _funnel([group("all", 0.3), group("stayed", 0.3)], "tickets")
    assert "who left is not known" in unknown.said("left later").reason
    assert "none of a group were asked" in funnel(0.2, invited=0).said("left later").reason


def test_a_funnel_is_shown_in_counts_and_percentages():
    row = funnel(0.2).table().loc[2]
    assert row.to_dict() == {
        "group": "left later", "could be asked": 200, "asked": 100,
        "asked (of those who could be)": "50.0% (40.0% to 60.0%)", "answered": 20,
        "answered (of those asked)": "20.0% (18.0% to 22.0%)",
    }  # fmt: skip


def bounds(kind: str = "csat", target: float = np.nan) -> Bounds:
    rows = pd.DataFrame(
        {"of whom": ["those who answered", "all who were asked", "all"], "n": [10, 20, 4000],
         "answered": [10, 10, 1000], "lowest": [60.0, 40.0, 15.0], "highest": [60.0, 80.0, 90.0],
         "low": [30.0, 20.0, 10.0], "high": [80.0, 85.0, 95.0]},
        ["answered", "asked", "all"],
    )  # fmt: skip
    return Bounds(judged(rows, target), SCORES[kind], target, "tickets", Finding("All counted."))


def test_bounds_say_what_the_silence_leaves_open():
    assert bounds().said().text == (
        "Of those who answered, the share satisfied is **60.0%** (95% interval 30.0% to 80.0%). "
        "Of all who could have been asked it may be anything from **15.0% to 90.0%**."
    )
    assert "score is **60** (95% interval 30 to 80)" in bounds("nps").said().text
    whole = bounds()
    assert whole.sentences() == (whole.said("all"), whole.said(), Finding("All counted."))


def test_a_page_begins_with_how_many_speak_for_how_many():
    assert bounds().said("all").text == (
        "The share satisfied speaks only for the **25%** who answered (1,000 of 4,000 tickets)."
    )


def test_bounds_are_shown_with_their_verdict_where_there_is_a_target():
    shown = bounds().table()
    assert list(shown) == ["of whom", "n", "answered", "satisfied, in percent", "with chance (95%)"]
    assert shown["satisfied, in percent"].tolist() == ["60.0", "40.0 to 80.0", "15.0 to 90.0"]
    judged_rows = bounds("nps", 20.0).table()["at least 20?"].tolist()
    assert judged_rows == ["met", "met", "cannot tell"]


def test_bounds_are_drawn_from_worst_to_best():
    ax = bounds(target=70.0).plot()
    assert ax.figure.get_suptitle() == (
        "60% of those who answered; of all 15% to 90%, as the silent feel"
    )
    thick = ax.collections[1].get_segments()
    assert [[x for x, _ in line] for line in thick] == [[60, 60], [40, 80], [15, 90]]
    assert ax.collections[2].get_offsets().tolist() == [[60, 2]]
    assert [label.get_text() for label in ax.get_yticklabels()][2] == "all (4,000)"
    assert ax.lines[0].get_xdata()[0] == 70
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1, 101), pytest.approx((-0.6, 2.6)))
    assert "those who answered 30.0 to 80.0; all who" in bounds().described()
    assert not bounds().plot().lines
    below = dataclasses.replace(bounds("nps"), frame=bounds("nps").frame.assign(low=-50.0))
    assert below.plot().get_xlim() == (-102, 102)


def weighed(kind: str = "csat", **alike) -> Weighed:
    rows = pd.DataFrame(
        {"of whom": "some", "the silent would say": "x", "n": [1000, 2000, 2000, 3000],
         "lowest": [6.0, 5.5, 2.0, 1.0], "highest": [6.0, 5.5, 8.0, 9.0],
         "low": [5.8, 5.2, 1.9, 0.9], "high": [6.2, 5.8, 8.1, 9.1],
         "adjusted for": "plan", "weight from": 1.5, "weight to": 3.04, "worth": 960.4},
        ["answered", "alike", "asked", "all"],
    )  # fmt: skip
    rows.loc["alike", list(alike)] = list(alike.values())
    return Weighed(judged(rows, 6.0), MEANS[kind])


def test_the_adjusted_mean_is_said_in_one_breath_with_the_bounds():
    assert weighed().said().text == (
        "If alike customers answer alike, mean satisfaction of all asked is **5.50 of 10** (95% "
        "interval 5.20 to 5.80), and 6.00 as heard. Nothing in the data can show that they do. "
        "**Assuming nothing**, it lies anywhere from 1.90 to 8.10. Of all who could have been "
        "asked, it lies anywhere from 0.90 to 9.10. Alike is by plan. So weighed, 1,000 answers "
        "are worth 960."
    )
    assert "**+6 points** (95% interval +5 to +6)" in weighed("nps", lowest=6.0).said().text
    assert "weighed for silence" in weighed(lowest=np.nan).said().reason


def test_each_assumption_is_shown_with_chance_and_verdict():
    shown = weighed(low=np.nan).table()
    assert shown["mean satisfaction, of 10"].tolist() == ["6.00", "5.50", "2.00 to 8.00",
                                                          "1.00 to 9.00"]  # fmt: skip
    assert shown["with the 95% interval"].tolist()[:2] == ["5.80 to 6.20", "–"]
    assert shown["target met?"].tolist() == ["cannot tell"] * 4


def test_weights_come_from_what_was_known_and_nothing_when_few_answer():
    # Of 60 small customers 20 answer, of 60 large ones 40: chances 1/3 and 2/3.
    heard = [True] * 20 + [False] * 40 + [True] * 40 + [False] * 20
    score = np.where(heard, 9, np.nan)
    units = pd.DataFrame({"invited": True, "answered": heard, "score_raw": score, "scale_min": 0,
                          "scale_max": 10})  # fmt: skip
    known = pd.DataFrame({"size": ["small"] * 60 + ["large"] * 60, "plan": "x"})
    chances = chances_to_answer(units, known, "nps")
    assert chances.frame["chance"].round(6).unique().tolist() == [0.333333, 0.666667]
    assert chances.frame["weight"].dropna().round(6).unique().tolist() == [3, 1.5]
    assert "the chance to answer was 33% to 67%" in chances.said().text
    shown = chances.table()
    assert shown["when asked"].tolist() == [
        "size",
        "plan",
        "answered",
        "chance to answer",
        "weight",
    ]
    assert shown["invitation 1"].tolist() == ["small", "x", "yes", "33%", "3.0"]
    few = units.assign(score_raw=units["score_raw"].where(units.index >= 10))
    assert chances_to_answer(few, known, "nps").frame["answered"].sum() == 50
    rare = units.assign(score_raw=units["score_raw"].where(units.index < 20))
    assert isinstance(chances_to_answer(rare, known, "nps"), CannotTell)


def turning(target: float = 6.0, turns: tuple = (8.0,)) -> Turning:
    """Of all half are heard, and say 5; the verdict turns where the silent say so much."""

    def rows(whom: str, turns: tuple) -> pd.DataFrame:
        says = {"bottom": 0.0, "same": 5.0, "top": 10.0}
        frame = pd.DataFrame({"silent": [*says.values(), *turns]}, [*says, *["turn"] * len(turns)])
        frame = frame.assign(apart=frame["silent"] - 5, mean=(5 + frame["silent"]) / 2)
        frame = frame.assign(low=frame["mean"] - 0.5, high=frame["mean"] + 0.5)
        frame = judged(frame, target).assign(**{"of whom": whom, "the silent would say": "x"})
        return frame.sort_values("silent", kind="stable")

    frame = pd.concat({"asked": rows("the asked", ()), "all": rows("everybody", turns)})
    return Turning(frame, MEANS["csat"], target)


def test_what_would_turn_the_verdict_is_said_of_both_populations():
    assert turning().said().text == (
        "If the silent were as those who answered, the verdict on mean satisfaction of at least "
        "6.00 would be **not met**. Of the asked, no answers of the silent could change it. Of "
        "everybody, the silent would have to average 8.00 or more for “met”."
    )
    assert "average 2.00 or less for" in turning(turns=(2.0,)).said().text


def test_without_a_target_no_verdict_can_turn():
    assert "no target is set" in turning(np.nan, ()).said().reason


def test_the_title_says_where_the_verdict_turns_first():
    first = "Only if the silent averaged {} or more would the verdict be other"
    assert turning(turns=(7.0, 8.0))._title() == first.format("7.00")
    never = "No answers of the silent could lift the score over its target"
    assert turning(turns=())._title() == turning(turns=(2.0,))._title() == never


def test_turning_is_shown_with_signed_distances():
    row = turning().table().iloc[3]  # the first row of all
    assert row.tolist() == ["everybody", "x", "0.00", "-5.00", "2.50 (2.00 to 3.00)", "not met"]


def test_the_line_of_what_the_silent_might_say_crosses_its_target():
    ax = turning().plot()
    assert ax.lines[1].get_xdata().tolist() == [0, 5, 8, 10]
    assert ax.lines[1].get_ydata().tolist() == [2.5, 5, 6.5, 7.5]
    assert ax.lines[2].get_ydata()[0] == 6.0
    alike, turns = (c.get_offsets().tolist() for c in ax.collections[-2:])
    assert (alike, turns) == ([[5, 5]], [[8, 6.5]])
    assert ax.get_xlabel() == "if the silent averaged … (mean satisfaction, of 10)"
    assert "marks are where the verdict turns" in turning().described()


def curves(silent: float, last: int = 400) -> SilentLeave:
    days = pd.DataFrame({"day": [0.0, 100, last], "at_risk": 50})
    names = {"answered at least once": 0.2, "answered neither": silent}
    rows = pd.concat([days.assign(group=name, share=[0, share, share]) for name, share in
                      names.items()], ignore_index=True)  # fmt: skip
    rows = rows.assign(low=rows["share"] - 0.03, high=rows["share"] + 0.03)
    return SilentLeave(rows, "group", "left", "leave", "two weeks after the second invitation")


def test_the_silent_who_leave_more_are_said_with_the_difference():
    # Intervals of 3 points on either side: the difference is 4.2 points wide on either side.
    said = curves(0.3).said()
    assert said.text.startswith("A year on, 30.0% of those who answered neither of their first")
    assert "+10.0 points (+5.8 to +14.2)" in said.text
    doubt = curves(0.22).said()
    assert doubt.reason.startswith("whether the silent leave more or less often. A year on, 22.0%")
    assert "too few were watched for a year" in curves(0.3, last=300).said().reason


def by_day(gaps=(0.05, 0.02, 0.0), ps=(0.001, 0.02, 0.6)) -> LeftByDay:
    rows = pd.DataFrame(
        {"asked": "once", "day": [90, 180, 365], "silent": 1200, "spoke": 800,
         "silent left": 0.1, "silent left low": 0.05, "silent left high": 0.15,
         "spoke left": 0.06, "spoke left low": 0.04, "spoke left high": 0.08,
         "difference": gaps, "low": -0.01, "high": 0.2, "p": ps},
        ["once 90", "once 180", "once 365"],
    )  # fmt: skip
    return LeftByDay(_tested(rows))


def test_days_on_which_more_of_the_silent_had_left_are_corrected_for_their_number():
    # Holm of 0.001, 0.02 and 0.6: times 3, 2 and 1.
    rows = by_day().frame
    assert rows["p"].tolist() == pytest.approx([0.003, 0.04, 0.6])
    assert rows["verdict"].tolist() == ["more", "more", "cannot tell"]
    assert by_day().said().text == (
        "By day 90, **10.0% (5.0% to 15.0%)** of those who did not answer their first invitation "
        "had left, and **6.0% (4.0% to 8.0%)** of those who did."
    )


def test_no_clear_day_cannot_be_told_and_no_watched_day_says_so():
    assert "no difference is clear" in by_day(ps=(0.03, 0.2, 0.6)).said().reason
    assert "too few were watched" in by_day((np.nan,) * 3, (np.nan,) * 3).said().reason


def test_days_are_shown_with_sizes_and_points():
    shown = by_day((0.05, np.nan, 0.0)).table()
    assert shown.loc[0].tolist()[:5] == [
        "once", 90, "10.0% (5.0% to 15.0%) of 1,200", "6.0% (4.0% to 8.0%) of 800",
        "+5.0 (-1.0 to +20.0)",
    ]  # fmt: skip
    assert shown["difference, points"][1] == "–"
