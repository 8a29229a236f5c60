"""First answers by hand: who is timed, who is censored, and curves by channel."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell, Study
from cxresearch.kpis import first_reply
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings

START = pd.Timestamp("2025-01-01T00:00:00Z")


def after(hours):
    return START + pd.to_timedelta(pd.Series(hours, dtype=float), unit="h")


def study(created, replied, until=1000.0, **more) -> Study:
    """Tickets by their hours since START; a reply of NaN never came."""
    columns = {name: more.pop(name) for name in list(more) if name in ("status", "created_channel",
               "requester_id", "first_solved_at")}  # fmt: skip
    tickets = pd.DataFrame({"created_at": after(created), "first_reply_at": after(replied)})
    tickets = tickets.assign(
        ticket_id=[str(i) for i in tickets.index],
        requester_id=[f"person {i}" for i in tickets.index],
        status="open",
    ).assign(**columns)
    ends = (START + pd.Timedelta(hours=until)).isoformat()
    return Study.from_tables({"tickets": tickets}, observed_until=ends, **more)


def shares(found: Study) -> list[float]:
    return first_reply.reply_curves(found).within((24.0,))["estimate"].tolist()


def test_a_ticket_without_an_answer_waits_until_the_end():
    rows = first_reply.waits(study([0, 10], [5, np.nan], until=100))
    assert rows["time"].tolist() == [5, 90]
    assert rows["event"].tolist() == [1, 0]


def test_closing_a_ticket_answers_nobody():
    solved = after([5, 40]).tolist()
    closed = study(
        [0, 0], [5, np.nan], until=100, status=["solved", "closed"], first_solved_at=solved
    )
    rows = first_reply.waits(closed)
    assert rows["time"].tolist() == [5, 100]
    assert rows["closed_unanswered"].tolist() == [False, True]
    assert shares(closed) == [0.5]


def test_an_answer_after_the_end_of_observation_was_not_seen():
    rows = first_reply.waits(study([0], [50], until=40))
    assert rows[["time", "event"]].to_numpy().tolist() == [[40, 0]]


def test_every_ticket_is_timed_or_left_out_for_a_reason():
    odd = study([0, 20, 30, 70], [5, 10, 31, 80], until=60, tickets_from="2025-01-01T10:00:00Z")
    # one written before the export begins, one answered before it was asked, one written too late
    counts = first_reply.reply_curves(odd).counts
    assert counts == {"timed": 1, "out": 3, "odd": 1, "waiting": 0, "closed": 0}
    assert first_reply.waits(odd)["ticket_id"].tolist() == ["2"]


def test_a_ticket_too_young_to_be_late_is_not_late():
    # 7 answered after 10 hours, 1 after 30; 2 were written 3 hours (or 100) before the end.
    replied = [10] * 7 + [30] + [np.nan] * 2
    young, old = study([0] * 8 + [997] * 2, replied), study([0] * 8 + [900] * 2, replied)
    assert shares(young) == pytest.approx([7 / 8])
    assert shares(old) == pytest.approx([7 / 10])


def test_a_share_that_nobody_was_watched_for_is_unknown():
    assert np.isnan(shares(study([0] * 4, [1, 1, 1, np.nan], until=5))).all()


@pytest.mark.parametrize(
    "wrong", [{"first_reply_hours": 0.0}, {"first_reply_target": 1.5}, {"first_reply_target": -0.1}]
)
def test_an_impossible_target_is_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        Settings(**wrong)


def test_channels_add_up_and_their_intervals_are_wider_together():
    channels = ["mail"] * 40 + ["chat"] * 20
    both = study([0] * 60, ([1] * 3 + [np.nan]) * 15, created_channel=channels)
    found = first_reply.reply_curves(both).within((2.0,)).set_index("group")
    assert found.loc["all tickets", "n"] == found.loc[["mail", "chat"], "n"].sum() == 60
    alone = study([0] * 40, ([1] * 3 + [np.nan]) * 10)
    width = lambda row: row["high"] - row["low"]  # noqa: E731
    alone = first_reply.reply_curves(alone).within((2.0,)).set_index("group")
    assert width(found.loc["mail"]) > width(alone.loc["all tickets"])


def test_many_channels_are_gathered():
    many = study([0] * 30, [1] * 30, created_channel=[f"c{i % 15}" for i in range(30)])
    groups = set(first_reply.reply_curves(many).frame["group"]) - {first_reply.ALL}
    assert len(groups) == first_reply.GROUPS
    assert "other" in groups


def test_one_persons_tickets_tell_less_than_as_many_peoples():
    people = study([0] * 40, [1, np.nan] * 20)
    few = study([0] * 40, [1, np.nan] * 20, requester_id=["a", "b"] * 20)
    low, low_few = (first_reply.reply_curves(s).within((1.0,))["low"].item() for s in (people, few))
    assert low_few < low


def test_a_study_without_a_ticket_to_time_says_nothing():
    empty = study([0, 0], [1, 1], tickets_from="2025-01-02T00:00:00Z")
    assert isinstance(first_reply.reply_curves(empty).table(), CannotTell)


def test_who_is_timed_is_said_and_who_was_closed_without_an_answer():
    odd = study([0, 0, 20, 0], [5, np.nan, 10, np.nan], until=60,
                status=["open", "closed", "open", "open"])  # fmt: skip
    said = first_reply.reply_curves(odd).said()
    assert said.text == (
        "3 tickets are timed; 1 more are not (1 carry an answer older than the question). "
        "Unanswered when last seen: 2; 1 of them were solved or closed all the same."
    )
    assert (
        "timed, all there are. Unanswered when last seen: 0"
        in first_reply.reply_curves(study([0], [1])).said().text
    )


def two_channels(**more) -> first_reply.ReplyCurves:
    """Mail: 1, 2 and 30 hours, and one that waits; chat: an hour each."""
    channels = ["mail"] * 4 + ["chat"] * 3
    return first_reply.reply_curves(
        study([0] * 7, [1, 2, 30, np.nan, 1, 1, 1], created_channel=channels, **more)
    )


def test_curves_are_read_at_the_target_time():
    curves = two_channels(targets_given=True)
    ax = curves.plot()
    assert ax.figure.get_suptitle() == "Answered within 24 hours: chat 100%, mail 50%; target 95%"
    assert len(ax.lines) == 4  # two curves, the target's time and the target
    assert {t.get_text().strip() for t in ax.texts} == {"chat", "mail", "target"}
    assert max(t.get_position()[1] for t in ax.texts) <= 1
    assert ax.lines[-1].get_xydata().tolist() == [[24, 0.95]]
    assert "Within 24 hours: chat 100.0% (" in curves.described()
    assert "mail 50.0% (" in curves.described()
    assert "not drawn" not in curves.described()
    plt.close(ax.figure)


def test_the_table_shows_all_tickets_and_then_each_group():
    shown = two_channels().table()
    assert shown.index.tolist() == ["all tickets", "mail", "chat"]
    assert shown["tickets"].tolist() == [7, 4, 3]
    assert shown.columns.tolist() == ["tickets", "within 1 h", "within 8 h", "within 24 h",
                                      "within 7 days"]  # fmt: skip
    assert shown.loc["mail", "within 7 days"].startswith("75% (")
    short = first_reply.reply_curves(study([0] * 2, [1, np.nan], until=5)).table()
    assert short.index.tolist() == ["all tickets"]
    assert short.loc["all tickets", "within 8 h"] == "–"


def test_more_channels_than_colours_are_said():
    many = first_reply.reply_curves(
        study([0] * 14, [1] * 14, created_channel=[f"c{i % 7}" for i in range(14)])
    )
    assert "2 smaller groups are not drawn" in many.described()


def test_without_tickets_there_is_no_curve():
    empty = first_reply.reply_curves(study([0], [1], tickets_from="2025-01-02T00:00:00Z"))
    assert isinstance(empty.plot(), CannotTell)
    assert empty.said().reason == "how soon tickets are answered: no ticket is timed."
