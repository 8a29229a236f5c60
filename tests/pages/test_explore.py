"""The map with hover: what it shows, and that hostile words stay words."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxresearch import Study, open_study
from cxresearch.pages import explore
from cxresearch.topics.text.shown import names_in
from cxresearch.topics.topic_model import TopicModel

DEMO = Path(__file__).parents[2] / "data/demo"
HOSTILE = "<a href='https://evil.example'>click</a> ann@example.com <b>x</b>"


@pytest.fixture
def drawn():
    ids = np.array(["t0", "t1"], dtype=object)
    tickets = pd.DataFrame(
        {"ticket_id": ids, "created_at": pd.Timestamp("2024-01-01", tz="UTC"), "status": "open",
         "subject": "s", "description": [HOSTILE, "my card is lost"], "dq_flags": [[], []]}
    )  # fmt: skip
    table = pd.DataFrame({"topic": [0], "name": ["<i>mail</i>"], "size": [2]})
    points = pd.DataFrame({"ticket_id": ids, "topic": [0, 0], "x": [0.0, 1.0], "y": [0.0, 2.0]})
    topics = TopicModel(np.zeros(2, int), np.ones((2, 1)), ids, table, pd.DataFrame(), points)
    return Study.from_tables({"tickets": tickets}), topics


def test_the_map_shows_every_point_with_its_topic_and_words(drawn):
    figure = explore.map_figure(*drawn)
    (trace,) = figure.data
    assert list(trace.x) == [0.0, 1.0]
    assert trace.customdata[1][0] == "t1"
    assert "is lost" in trace.customdata[1][2]


def test_words_on_the_map_are_redacted_and_no_markup(drawn):
    told = json.dumps(json.loads(explore.map_figure(*drawn).to_json())["data"])
    assert "<a" not in told
    assert "<i>" not in told
    assert "&lt;i&gt;mail" in told
    assert "ann@example.com" not in told


def test_the_map_is_given_to_jupyterlab_as_data_and_names_no_server(drawn, monkeypatch):
    shown = []
    monkeypatch.setattr(explore, "display", lambda data, raw: shown.append(data))
    explore.topic_map(*drawn)
    bundle = shown[0][explore.PLOTLY]
    assert bundle["config"]["plotlyServerURL"] == ""
    assert bundle["config"]["showSendToCloud"] is False
    assert "text/html" not in shown[0]
    assert "http" not in json.dumps(bundle)


TALK = ["Hello, Amanda here, it is broken.\nRegards,\nAmanda", "Amanda asked me to call.", "x", "y"]


@pytest.fixture
def told() -> Study:
    tickets = pd.DataFrame(
        {"ticket_id": list("abcd"), "created_at": pd.date_range("2024-01-01", periods=4, tz="UTC"),
         "status": "open", "description": TALK, "subject": ["Amanda's <b>till</b>", "b", "c", "d"]}
    )  # fmt: skip
    causes = pd.DataFrame({"ticket_id": list("abcd"), "topic": [0, 0, 0, 1], "weight": 1.0,
                           "cause": ["big", "big", "big", "small"],
                           "is_exit_request": False})  # fmt: skip
    return Study.from_tables({"tickets": tickets, "ticket_causes": causes})


def test_a_name_signed_once_is_masked_wherever_it_stands(told):
    shown = explore.tickets(told)
    assert not shown[["subject", "text"]].apply(lambda c: c.str.contains("Amanda")).any(axis=None)
    assert "[name] asked me to call." in set(shown["text"])


def test_no_name_that_pages_mask_stands_in_clear_in_the_demo():
    study = open_study(DEMO)
    names, told = names_in(study), explore.tickets(study)
    assert {"yara", "jansen"} <= names
    words = (told["subject"] + "\n" + told["text"]).str.findall(r"[^\W\d_][\w'’-]*")
    assert len(words) > 10_000
    in_clear = words.map(lambda each: [w for w in each if re.sub("['’]s$", "", w.lower()) in names])
    assert in_clear[in_clear.map(len) > 0].to_dict() == {}


def test_whichever_cause_is_picked_its_quotes_are_there_each_time(told):
    box = explore.pick_cause(told)
    picked, below = box.children
    for cause in ("small", "big", "small"):
        picked.value = cause
        (_, quotes) = [part.value for part in below.children]
        assert quotes.count("<tr>") == (2 if cause == "small" else 4)


def test_what_is_shown_of_a_cause_is_masked_and_no_markup(told):
    page = "".join(explore.about(told, "big"))
    assert "Amanda" not in page
    assert "Cannot tell: how causes change" in page
