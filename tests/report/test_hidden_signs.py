"""A study in whose every name, id and text something hides: its pages show it, and nothing runs."""

import re
from dataclasses import replace
from zlib import crc32

import pandas as pd
import pytest

import cxresearch
from cxresearch.lab.simulate import simulate_world
from cxresearch.report import render_report
from cxresearch.study.settings import Settings, settings_text
from cxresearch.study.study import open_study
from cxresearch.topics.causes.file import causes_text, read_causes
from tests.hidden_signs import SIGNS, hidden
from tests.page_cells import page_book

EVIL = "<script>alert(1)</script><img src=//evil.example/x onerror=alert(1)>"
PAGES = ("00", "01", "02", "03", "04", "05", "06", "07", "08", "cause")
NAMES = ["product", "status_raw", "segment", "group_id", "field"]
TEXTS = ["subject", "description", "body"]


def hostile(text: str, column: str) -> str:
    """The text with two signs in an id, with all of them and a script in a name or a text."""
    if column.endswith("_id") and column != "group_id":
        return SIGNS[crc32(text.encode()) % len(SIGNS)] + text + "\u202e"
    return f"{text} שלום {SIGNS} {EVIL}" if column in NAMES + TEXTS else text


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory):
    """The study, with topics, one of which a person called by a hostile name."""
    folder = tmp_path_factory.mktemp("poisoned")
    tables, truth = simulate_world(60, 3, text=True)
    start = f"{truth['world']['tickets_from']}T00:00:00Z"
    settings = Settings(
        name=f"Nord {SIGNS} {EVIL}", tickets_from=start, customers_from=start,
        observed_until=f"{truth['world']['observed_until']}T00:00:00Z",
    )  # fmt: skip
    (folder / "study.toml").write_text(settings_text(settings), encoding="utf-8")
    for name, frame in tables.items():
        for column in (c for c in frame if frame[c].dtype == "str"):
            if column != "field" or name != "customer_history":
                frame[column] = frame[column].map(
                    lambda text, column=column: hostile(text, column), na_action="ignore"
                )
        if "tags" in frame:
            frame["tags"] = [[*tags, f"tag {SIGNS} {EVIL}"] for tags in frame["tags"]]
        frame.to_parquet(folder / f"{name}.parquet")
    cxresearch.study_topics(open_study(folder))
    held = read_causes(folder / "causes.toml")
    named = tuple(replace(e, name=f"{e.topic} שלום {SIGNS[:30]} <b>") for e in held.topics)
    text = causes_text(replace(held, topics=named))
    (folder / "causes.toml").write_text(text, encoding="utf-8")
    cxresearch.study_topics(open_study(folder), causes_again=True)
    return open_study(folder)


@pytest.fixture(scope="module")
def books(poisoned):
    return [page_book(poisoned, page) for page in PAGES]


@pytest.fixture(scope="module")
def rendered(poisoned, books, tmp_path_factory):
    to = tmp_path_factory.mktemp("report") / "out"
    return render_report([(name, book) for name, book, _ in books], poisoned, to).parent


def test_the_study_is_hostile(poisoned, rendered):
    assert len(hidden(poisoned.tickets["description"].iloc[0])) > 50
    causes = (rendered / "04-why-customers-write.html").read_text(encoding="utf-8")
    assert r"\u202e" in causes
    assert "<bdi>שלום</bdi>" in causes


def test_nothing_hides_in_what_a_notebook_displays(books):
    for name, book, labels in books:
        told = [
            text
            for cell in book.cells
            for output in cell.get("outputs", [])
            for kind, text in output.data.items()
            if kind.startswith("text/")
        ]
        assert (name, hidden("".join(told + labels))) == (name, [])


def test_nothing_hides_or_runs_on_a_page(rendered, elements):
    files = [*rendered.glob("*.html"), rendered / "answers.json"]
    assert len(files) == len(PAGES) + 3
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert (file.name, hidden(text)) == (file.name, [])
        assert hidden(elements(text).text) == []  # nor what an entity stands for
    for file in rendered.glob("*.html"):
        page = elements(file.read_text(encoding="utf-8"))
        assert not {"script", "iframe", "svg", "object", "form", "base"} & {
            t for t, _ in page.found
        }
        assert all(each["src"].startswith("data:") for each in page["img"])
        assert not [name for _, attrs in page.found for name in attrs if name.startswith("on")]


def test_words_from_right_to_left_stand_apart_on_every_page(rendered):
    for file in rendered.glob("*.html"):
        text = re.sub(r"<bdi>[^<]*</bdi>|<title>.*?</title>|<[^>]*>", "", file.read_text("utf-8"))
        assert (file.name, re.findall("[\u0590-\u08ff]+", text)) == (file.name, [])


def test_corrections_of_hostile_tickets_come_back(poisoned):
    from cxresearch.topics.causes.teaching import CORRECTIONS, corrections, with_corrections

    some = dict.fromkeys(poisoned.tickets["ticket_id"].head(60), "=cmd|' /C calc'!A0")
    with_corrections(poisoned, some)
    text = (poisoned.path / CORRECTIONS).read_text(encoding="utf-8")
    assert hidden(text) == []
    assert not [line for line in text.splitlines() if re.search(r"(^|,)\"?[=+@-]", line)]
    assert corrections(poisoned) == some
    (poisoned.path / CORRECTIONS).unlink()


def test_every_sign_stands_in_some_id(poisoned):
    every = "".join(pd.concat([poisoned.tickets["ticket_id"], poisoned.tickets["requester_id"]]))
    assert len(set(every) & set(SIGNS)) > len(SIGNS) * 0.8
