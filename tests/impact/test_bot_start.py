"""A bot's start judged as a decision: what it talks about, beside what it does not talk about."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.impact.bot_start import ITS, bot_start
from cxresearch.lab.second_world import SETTINGS
from cxresearch.study.answers import DoesNotApply
from tests.impact.test_realised import DAY, TABLES

BEGAN = pd.Timestamp(DAY, tz="UTC")


def company(spared: float, its=None) -> Study:
    """A company whose bot begins on a day, and spares a share of the tickets of its causes; each
    twentieth ticket of them since then was made of a talk."""
    rows = TABLES["tickets"].merge(TABLES["ticket_causes"], on="ticket_id")
    its = its or sorted(rows["cause"].value_counts().index[1:3])
    own = rows["cause"].isin(its) & (rows["created_at"] >= BEGAN)
    away = own & (np.random.default_rng(5).random(len(rows)) < spared)
    tables = dict(TABLES)
    for name in ("tickets", "ticket_events", "ticket_causes"):
        tables[name] = tables[name][~tables[name]["ticket_id"].isin(rows.loc[away, "ticket_id"])]
    made = rows[own & ~away].iloc[::20]
    tables["bot_sessions"] = pd.DataFrame({
        "session_id": "s" + made["ticket_id"], "started_at": made["created_at"],
        "ended": "handed_over", "intent": made["cause"].str.upper(),
        "ticket_id": made["ticket_id"], "requester_id": made["requester_id"],
    })  # fmt: skip
    return Study.from_tables(tables, **SETTINGS)


@pytest.fixture(scope="module")
def spared() -> Study:
    return company(0.4)


def test_tickets_that_a_bot_spares_are_seen_beside_the_other_causes(spared):
    made = bot_start(spared)
    row = made.frame.loc["tickets"]
    assert row["low"] < 0.6 < row["high"] < 1
    assert made.said().text.startswith(f"**It worked**: tickets about {ITS} fell by")
    assert len(made.causes) == 2
    assert list(made.table()["what"]) == ["tickets", "share overdue", "overdue tickets"]


def test_how_often_customers_write_is_said_and_is_no_verdict(spared):
    said = bot_start(spared).sentences()[-1].text
    assert "tickets a month before, and" in said
    assert "so it is no verdict" in said


def test_a_bot_that_spares_nothing_cannot_be_seen_to_work():
    assert isinstance(bot_start(company(0.0)).said(), CannotTell)


def test_a_bot_that_talks_about_every_cause_leaves_nothing_to_compare_with():
    made = bot_start(company(0.0, set(TABLES["ticket_causes"]["cause"])))
    assert "others had 10 or more before it, to compare with" in made.said().reason
    assert isinstance(made.plot(), DoesNotApply)
    assert made.table().empty
    assert "it is no verdict" in made.sentences()[-1].text


def test_a_bot_that_was_always_there_cannot_be_judged(spared):
    early = spared.bot_sessions
    early.loc[early.index[0], "started_at"] = spared.tickets["created_at"].min()
    other = spared.with_settings()
    other.put("bot_sessions", early)
    assert "only 0 whole weeks before it are known" in bot_start(other).said().reason


def test_without_talks_nothing_is_said():
    assert isinstance(bot_start(Study.from_tables(TABLES, **SETTINGS)), DoesNotApply)
