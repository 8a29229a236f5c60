"""Promises by channel and priority: what may be written, and which one a ticket has."""

import pandas as pd
import pytest

from cxresearch.study.promises import promised_hours, read_promises
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings, read_settings, settings_text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("chat", "'chat' is not as in 'chat: 0.5' or 'email, urgent: 2'"),
        ("chat 0.5", "is not as in"),
        ("chat: half", "is not as in"),
        (": 1", "is not as in"),
        ("chat, : 1", "is not as in"),
        ("chat, chat: 1", "is not as in"),
        ("chat: 0", "must promise more than 0 hours"),
        ("a, b, c: 1", "is not as in"),
    ],
)
def test_what_is_no_promise_is_said(line, says):
    with pytest.raises(InputError, match="first_reply_promises") as error:
        Settings(first_reply_promises=(line,))
    assert says in str(error.value)


def test_two_promises_for_the_same_tickets_are_refused():
    with pytest.raises(InputError, match="two promises for email, urgent"):
        read_promises(("urgent, email: 1", "Email, Urgent: 2"))


def test_names_may_hold_spaces_and_dashes():
    assert str(read_promises((" 1 - Critical : 0.25",))[0]) == "1 - critical: 0.25"


def test_two_names_beat_one_and_of_one_the_shorter_counts():
    promises = read_promises(("email, urgent: 3", "urgent: 1", "email: 2", "chat: 4"))
    channel = pd.Series(["email", "email", "chat", "chat", "web"])
    priority = pd.Series(["urgent", "low", "urgent", "low", "low"])
    assert promised_hours(promises, channel, priority, 24.0).tolist() == [3, 2, 1, 4, 24]


def test_business_hours_must_be_told_if_promises_count_them():
    with pytest.raises(InputError, match="promises_in_business_hours needs business_hours"):
        Settings(promises_in_business_hours=True)


@pytest.mark.parametrize("name", ["first_reply_hours", "update_hours", "urgent_update_minutes"])
def test_a_promise_of_no_time_is_refused(name):
    with pytest.raises(InputError, match=f"{name} must be more than 0"):
        Settings(**{name: 0.0})


def test_promises_come_back_as_they_were_written(tmp_path):
    written = Settings(first_reply_promises=("chat: 0.5",), urgent_priorities=("1", "urgent"))
    (tmp_path / "study.toml").write_text(settings_text(written))
    assert read_settings(tmp_path / "study.toml") == written
