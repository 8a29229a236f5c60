"""What the figures of waiting and targets hold, and what their words say."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import PathCollection

from cxresearch import CannotTell
from cxresearch.kpis.measure import Kpi, waiting_curve
from cxresearch.pages import figures, months


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def title(picture) -> str:
    return picture.axes.get_figure().get_suptitle()


def curve(times, events, group) -> pd.DataFrame:
    rows = pd.DataFrame({"time": times, "event": events, "who": range(len(times))})
    return waiting_curve(rows, (24,)).assign(group=group)


def test_first_replies_are_read_at_the_target_time():
    curves = pd.concat(
        [curve([1, 2, 30, 40], [1, 1, 1, 0], "mail"), curve([1] * 4, [1] * 4, "chat")]
    )
    picture = figures.first_replies(curves, 24, 0.95)
    assert title(picture) == "Answered within 24 hours: chat 100%, mail 50%; target 95%"
    assert len(picture.axes.lines) == 4  # two curves, the target's time and the target
    assert {t.get_text().strip() for t in picture.axes.texts} == {"chat", "mail", "target"}
    assert "mail 50.0%" in picture.description


def test_more_channels_than_colours_are_said():
    curves = pd.concat([curve([1, 2], [1, 1], f"c{i}") for i in range(7)])
    assert "2 smaller groups are not drawn" in figures.first_replies(curves, 24, 0.95).description


def test_without_tickets_there_is_no_curve():
    empty = pd.DataFrame(columns=["time", "share", "low", "high", "at_risk", "group"])
    assert isinstance(figures.first_replies(empty, 24, 0.95), CannotTell)


def test_the_scorecard_marks_targets_and_leaves_out_what_is_not_known():
    known = {"estimate": 0.5, "low": 0.4, "high": 0.6, "n": 96}
    card = pd.DataFrame(
        [
            Kpi("Answered", "x", target=0.9).row(known),
            Kpi("Escalated", "x", target=0.7, wanted="at most").row(known),
            Kpi("Reopened", "x").row(CannotTell("no history.")),
            Kpi("Score", "x", "points", 50).row(known),
        ]
    )
    picture = figures.scorecard(card)
    assert title(picture) == "1 of 2 shares with a target clearly miss it"
    names = [label.get_text() for label in picture.axes.get_yticklabels()]
    assert names == ["Escalated", "Answered"]
    marks = picture.axes.collections[2].get_segments()
    assert sorted(segment[0][0] for segment in marks) == [0.7, 0.9]
    assert isinstance(figures.scorecard(card.iloc[[2]]), CannotTell)


def test_a_month_that_is_not_over_is_hollow_and_said():
    known = {"low": 0.4, "high": 0.9, "target": 0.8, "kpi": "Solved", "why": "", "n": 9}
    found = pd.DataFrame(
        [{**known, "group": g, "estimate": e, "mature": m}
         for g, e, m in (("all", 0.6, False), ("2026-01", 0.5, True), ("2026-02", 0.7, True),
                         ("2026-03", 0.9, False))]
    )  # fmt: skip
    rows = months.of_kpi(found)
    picture = figures.by_month(rows, "share of tickets", months.span(rows))
    assert title(picture) == "Solved, month by month: 50% to 70% in months that are over"
    ripe, young = [c for c in picture.axes.collections if isinstance(c, PathCollection)]
    assert ripe.get_offsets()[:, 1].tolist() == [0.5, 0.7]
    assert young.get_offsets()[:, 1].tolist() == [0.9]
    assert young.get_facecolors()[0].tolist() == [1, 1, 1, 1]
    assert picture.axes.lines[0].get_ydata()[0] == 0.8
    assert "their window is not over: 2026-03" in picture.description
    untold = found.head(1).assign(why="no state is known.")
    assert months.of_kpi(untold).reason == "how months differ: no state is known."


def test_cannot_tell_is_no_figure():
    unknown = CannotTell("no surveys.")
    assert figures.first_replies(unknown, 24, 0.95) is unknown
    assert figures.scorecard(unknown) is unknown
