"""Where nobody leaves: which causes end without an answer or a solution, and who comes back."""

import pandas as pd
import pytest

from cxresearch import CannotTell, Study, impact
from cxresearch.impact.endings import BACK, AmongWhom, Endings
from cxresearch.outcomes.cause_ratios import by_name
from tests.impact.test_burden import study_of

ZERO = pd.Timestamp("2024-01-01", tz="UTC")


def forum(rows) -> Study:
    """From (cause, day of the answer, day of the next ticket), a customer each, asked on day 0."""
    first = pd.DataFrame(rows, columns=["cause", "reply", "again"]).assign(
        requester_id=lambda f: "u" + f.index.astype(str), day=0.0
    )
    again = first.dropna(subset="again").assign(day=lambda f: f["again"], reply=None)
    tickets = pd.concat([first, again], ignore_index=True)
    tickets["ticket_id"] = tickets.index.astype(str)
    causes = tickets[["ticket_id", "cause"]].assign(topic=0, weight=1.0, is_exit_request=False)
    reply = ZERO + pd.to_timedelta(tickets["reply"].astype(float), unit="D")
    tickets = tickets.assign(
        created_at=ZERO + pd.to_timedelta(tickets["day"], unit="D"),
        first_reply_at=reply,
        status="open",
        language=["de", "en"] * (len(tickets) // 2) + ["en"] * (len(tickets) % 2),
    )[["ticket_id", "requester_id", "created_at", "first_reply_at", "status", "language"]]
    return Study.from_tables(
        {"tickets": tickets, "ticket_causes": causes},
        outcome="return",
        tickets_from=ZERO.isoformat(),
        observed_until="2025-01-01T00:00:00Z",
    )


@pytest.fixture(scope="module")
def asked() -> Study:
    # mail: 20 of 40 answered; of those without, 5 write again in time and 5 later; of the others 10
    rows = [("mail", 1, 30 if i < 10 else None) for i in range(20)]
    late = 8 + BACK
    rows += [("mail", None, 30 if i < 5 else late if i < 10 else None) for i in range(20)]
    rows += [("pay", 1, None)] * 30 + [("rare", None, None)] * 5
    return forum(rows)


def test_endings_by_hand(asked):
    ended = impact.endings(asked).frame
    assert ended.index.tolist() == ["mail", "pay"]  # the most unanswered first; rare is too rare
    assert ended.loc["mail", ["customers", "unanswered"]].tolist() == [40, 0.5]
    back = ended.loc["mail", ["back, unanswered", "back, answered"]].tolist()
    assert back == pytest.approx([5 / 20, 10 / 20])
    assert pd.isna(ended.loc["pay", "back, unanswered"])


def test_the_sentence_says_who_wrote_again(asked):
    said = impact.endings(asked).said("unanswered").text
    assert "without an answer: mail, 50% (35% to 65%) of 40 first tickets." in said
    back = impact.endings(asked).said("back").text
    assert back.startswith("Of those left without an answer about mail, 25%")
    assert "wrote again within 180 days; of those answered, 50%" in back


def test_the_endings_of_a_cause_stand_side_by_side(asked):
    shown = impact.endings(asked).table().set_index("cause")
    assert shown.loc["mail", "without an answer"] == "50% (35% to 65%)"
    assert shown.loc["pay", "without an answer"] == "0% (0% to 11%)"
    assert shown.loc["pay", "wrote again if left"] == "–"


def test_among_whom_by_what_was_known(asked):
    groups = impact.among_whom(asked)
    assert groups.frame["field"].unique().tolist() == ["language"]
    assert groups.frame["customers"].sum() == 75
    assert len(groups.table()) == 2


def test_where_leaving_is_seen_endings_are_not_asked_for():
    company = study_of([("a", "mail", 10, 12, 11, 1, False)])
    said = impact.endings(company)
    assert said == impact.among_whom(company)
    assert said.sentences() == ()


def ends(**columns) -> Endings:
    frame = {
        "cause": ["few", "many"], "customers": [30, 120], "unanswered": [0.2, 0.3],
        "unanswered low": [0.1, 0.25], "unanswered high": [0.3, 0.35], "known": [2, 100],
        "unsolved": [1.0, 0.9], "unsolved low": [0.34, 0.83], "unsolved high": [1.0, 0.94],
        "back, unanswered": [0.1, 0.2], "back, unanswered low": [0.0, 0.15],
        "back, unanswered high": [0.2, 0.25], "back, answered": [float("nan"), 0.3],
        "back, answered low": [0.1, 0.2], "back, answered high": [0.3, 0.4],
    }  # fmt: skip
    return Endings(by_name(pd.DataFrame(frame).assign(**columns)))


def test_the_surest_unsolved_cause_is_named():
    assert ends().said("unsolved").text == (
        "Most surely never solved: many, 90% (83% to 94%) of 100 first tickets."
    )
    assert isinstance(ends(known=0).said("unsolved"), CannotTell)
    without = [said.text.split(":")[0] for said in ends().sentences()]
    assert without == ["Most often without an answer", "Most surely never solved"]


def test_who_came_back_is_not_said_where_one_side_is_not_known():
    assert ends().said("back").text == (
        "Of those left without an answer about many, 20% (15% to 25%) wrote again within 180 days; "
        "of those answered, 30% (20% to 40%)."
    )
    assert isinstance(ends(**{"unanswered low": [0.35, 0.25]}).said("back"), CannotTell)


def test_the_worst_of_the_groups_is_named_and_said_to_be_that():
    whom = AmongWhom(pd.DataFrame(
        {
            "field": ["created_channel", "language"], "level": ["web", "fi"], "customers": [90, 5],
            "unanswered": [0.4, 0.6], "unanswered low": [0.31, 0.23], "unanswered high": [0.5, 0.9],
            "low": 0, "high": 1,
        }
    ))  # fmt: skip
    said = whom.said().text
    assert "where the created channel is web: 40% (31% to 50%) of 90" in said
    assert "the worst of 2 groups" in said
    assert whom.table()["level"].tolist() == ["fi", "web"]
