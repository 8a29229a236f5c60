"""A customer goes out of a study's folder and of all that was made of it, at once."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from cxresearch import open_study, study_topics
from cxresearch.cli import app
from cxresearch.report.folder import MARK
from cxresearch.study.conform import conform
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from cxresearch.study.shelf import Shelf
from cxresearch.study.writing import write_parquet, write_study
from cxresearch.topics import embed as embedding
from cxresearch.topics import forget as module
from cxresearch.topics.came import first_came
from cxresearch.topics.causes import cause_table
from cxresearch.topics.causes.file import NAME, read_causes
from cxresearch.topics.causes.refit import KEPT, PROPOSED
from cxresearch.topics.causes.table import kept_words
from cxresearch.topics.causes.teaching import corrections, said, with_corrections
from cxresearch.topics.forget import forget
from cxresearch.topics.topic_model import load_topics

DEMO = Path(__file__).parents[2] / "data" / "demo"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty project with a cache of its own: what is removed is nobody's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CXRESEARCH_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def desk(here) -> Path:
    """A return study of four tickets by three people; one ticket is set aside."""
    raw = {
        "ticket_id": ["t-1001", "t-1002", "t-1003", "t-1004"],
        "status": ["open", "open", "solved", "?"],
        "created_at": [f"2025-0{month}-01T00:00:00Z" for month in (1, 2, 3, 1)],
        "requester_id": ["ann-77", "bob-78", "cem-79", "ann-77"],
        "description": ["My printer burns", "The app crashes", "Where is it", "My printer again"],
    }  # fmt: skip
    found = conform({"tickets": pd.DataFrame(raw)}, {"tickets": "t.csv"})
    told = {"tickets_from": "2025-01-01T00:00:00Z", "observed_until": "2025-06-01T00:00:00Z"}
    write_study(here / "data" / "desk", Settings(name="Desk", outcome="return", **told), found)
    return here / "data" / "desk"


@pytest.fixture
def demo(here) -> Path:
    shutil.copytree(DEMO, here / "data" / "demo")
    return here / "data" / "demo"


def run(*words):
    return CliRunner().invoke(app, ["forget", *map(str, words)])


def run_check(folder: Path):
    return CliRunner().invoke(app, ["check", str(folder)])


def report(folder: Path, study: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(MARK)
    (folder / "answers.json").write_text(json.dumps({"study": study}))
    return folder


def whole(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def texts_in(folder: Path) -> str:
    """All that a folder's files say: each cell of a Parquet file, and its metadata."""
    held = []
    for file in (file for file in folder.rglob("*") if file.is_file()):
        held.append(file.name)
        if file.suffix == ".parquet":
            table = pq.read_table(file)
            held.append(str(table.schema.metadata))
            held += ["\n".join(map(str, column.to_pylist())) for column in table.columns]
        held.append(file.read_bytes().decode("utf-8", "replace"))
    return "\n".join(held)


def test_who_asks_goes_with_rows_set_aside_and_a_note_stays(desk):
    assert forget(desk, "ann-77") == {"quarantine": 1, "tickets": 1}
    assert set(open_study(desk).tickets["requester_id"]) == {"bob-78", "cem-79"}
    held = texts_in(desk)
    assert not any(each in held for each in ("ann-77", "t-1001", "t-1004", "printer"))
    (note,) = json.loads((desk / "forgotten.json").read_text())["notes"]
    assert note["rows"] == {"quarantine": 1, "tickets": 1}


def test_whom_nobody_knows_is_refused_and_who_is_gone_is_not(desk):
    with pytest.raises(InputError, match="knows no customer, and nobody who asks, as 'zoe'"):
        forget(desk, "zoe")
    forget(desk, "ann-77")
    before = whole(desk)
    assert forget(desk, "ann-77") == {}
    assert whole(desk) == before


@pytest.mark.parametrize("named", [{}, {"customer": "ann", "before": "2025-02-01"}])
def test_one_customer_or_one_day_is_asked_for(desk, named):
    with pytest.raises(InputError, match="either one customer to forget, or a day"):
        forget(desk, **named)


def test_a_dry_run_counts_and_changes_nothing(desk):
    before = whole(desk)
    assert forget(desk, "ann-77", dry_run=True) == {"quarantine": 1, "tickets": 1}
    assert whole(desk) == before


def test_the_last_ones_are_not_forgotten_one_by_one(desk):
    before = whole(desk)
    with pytest.raises(InputError, match=r"Nobody would be left in .*desk: remove the folder"):
        forget(desk, before="2025-04-01")
    assert whole(desk) == before


def test_what_is_older_than_a_day_goes_and_is_unknown_from_then_on(desk):
    assert forget(desk, before="2025-02-01") == {"quarantine": 1, "tickets": 1}
    study = open_study(desk)
    assert study.settings.time("tickets_from") == pd.Timestamp("2025-02-01", tz="UTC")
    assert study.tickets["created_at"].min() == pd.Timestamp("2025-02-01", tz="UTC")
    assert (desk / "study.toml").read_text().count("tickets_from =") == 1
    with pytest.raises(InputError, match="'soon' is not a day such as"):
        forget(desk, before="soon")


def test_an_address_is_found_by_its_hash(desk):
    hashed = module.hashed(pd.Series(["ann@a.example"], dtype="str"))[0]
    raw = open_study(desk).tickets.assign(requester_id=[hashed, "bob-78", "cem-79"])
    write_parquet(raw, desk / "tickets.parquet")
    assert forget(desk, " Ann@a.example")["tickets"] == 1


@pytest.mark.parametrize("step", ["copytree", "write_parquet", "_write_rest", "noted"])
def test_what_stops_on_the_way_leaves_the_study_as_it_was_and_goes_on_next_time(
    desk, monkeypatch, step
):
    def stops(*_):
        raise KeyboardInterrupt

    before = whole(desk)
    with monkeypatch.context() as patch:
        patch.setattr(module.shutil if step == "copytree" else module, step, stops)
        with pytest.raises(KeyboardInterrupt):
            forget(desk, "ann-77")
    assert whole(desk) == before
    assert [path.name for path in desk.parent.iterdir()] == ["desk"]
    assert forget(desk, "ann-77")["tickets"] == 1


def test_kept_results_and_vectors_of_their_texts_go_from_the_cache(desk, here):
    Shelf(desk).keep("0" * 32, b"made of it")
    _, weights = embedding.encoder_files(embedding.DEFAULT)
    key = {text: embedding._key(weights, text) for text in ("My printer burns", "Where is it")}
    shelf = here / "cache" / "vectors" / weights[:16]
    unit = np.eye(1, embedding.WIDTH, dtype="f4")[0]
    embedding.shelve(shelf, dict.fromkeys(key.values(), unit))
    embedding.shelve(shelf, {key["My printer burns"]: unit})
    forget(desk, "ann-77")
    assert Shelf(desk).size() == (0, 0)
    assert list(embedding.shelved(shelf, {*key.values()}, None)) == [key["Where is it"]]
    assert len(list(shelf.iterdir())) == 1


def test_what_watch_remembers_goes_with_its_names_of_causes(desk):
    (desk / "watched.json").write_text('{"open": ["surge: My printer burns"]}', encoding="utf-8")
    forget(desk, "ann-77", dry_run=True)
    assert (desk / "watched.json").exists()
    forget(desk, "ann-77")
    assert not (desk / "watched.json").exists()


def test_the_command_says_what_went_and_removes_reports_of_this_study(desk, here):
    reports = here / "reports"
    ours, dated = report(reports / "desk", "Desk"), report(reports / "desk-04" / "may", "Desk")
    others = report(reports / "desk-2", "Other"), report(reports / "twin", "Desk")
    (dated / "mine.txt").write_text("")
    (desk / "lists.csv").write_text("")
    dry = run("data/desk", "ann-77", "--dry-run")
    assert f"would remove the report {ours}" in dry.stdout
    assert ours.exists()
    got = run("data/desk", "ann-77")
    assert got.exit_code == 0, got.output
    assert "not looked into: lists.csv" in got.stdout
    assert f"removed the report {ours}" in got.stdout
    assert f"look at the report {others[1]}" in got.stdout
    assert "'cxresearch report data/desk'" in got.stdout
    assert not ours.exists()
    assert [file.name for file in dated.iterdir()] == ["mine.txt"]
    assert all(len(list(each.iterdir())) == 2 for each in others)
    assert run("data/desk", "nobody").exit_code == 2


def a_customer_of_the_demo() -> tuple[str, set[str], set[str]]:
    """One who is quoted, and of whom a row was set aside; their people and tickets."""
    study = open_study(DEMO)
    quotes = {each for ids in study_topics(study).info()["quotes"] for each in ids}
    own = study.customer_tickets
    quoted = own.loc[own["ticket_id"].isin(quotes), "customer_id"]
    aside = "\n".join(study.quarantine["original"])
    people = study.identities.groupby("customer_id")["requester_id"].agg(set)
    some = (c for c in quoted.dropna() if any(f'"{each}"' in aside for each in (c, *people[c])))
    customer = next(some)
    wrote = study.tickets["requester_id"].isin(people[customer])
    return customer, people[customer], set(study.tickets.loc[wrote, "ticket_id"])


def corrected(demo: Path, ticket: str) -> None:
    """A person says that a ticket tells nothing, and its cause is written as they say."""
    with_corrections(study := open_study(demo), {ticket: "unclear"})
    causes = study.ticket_causes
    causes.attrs = kept_words(study) | {"said": said(read_causes(demo / NAME), corrections(study))}
    write_parquet(causes, demo / "ticket_causes.parquet")


def test_nothing_is_left_of_a_customer_of_the_demo_and_all_else_is(demo):
    customer, people, tickets = a_customer_of_the_demo()
    old = open_study(DEMO)
    wrote = old.tickets[old.tickets["ticket_id"].isin(tickets)]
    others = "\n".join(old.tickets.drop(wrote.index)["description"].dropna())
    written = re.split(r"[.?!\n]", "\n".join(wrote["description"].dropna()))
    texts = [each for each in written if len(each) > 30 and each not in others]  # theirs alone
    assert texts
    before = texts_in(demo)
    assert all(each in before for each in (customer, *people, *tickets, *texts))
    corrected(demo, min(tickets))

    rows = forget(demo, customer)

    found = texts_in(demo)
    theirs = [each for each in tickets if each not in others]  # one is an invoice's number, too
    assert len(theirs) > len(tickets) / 2
    ids = re.compile(rf"\b({'|'.join((customer, *people, *theirs))})\b")
    assert ids.findall(found) == []
    assert [text for text in texts if text in found] == []
    new = open_study(demo)
    assert rows["tickets"] == len(tickets) == len(old.tickets) - len(new.tickets)
    assert rows["quarantine"] == len(old.quarantine) - len(new.quarantine) >= 1
    assert len(new.customers) == len(old.customers) - 1
    assert len(new.truth["tickets"]) == len(new.tickets)
    kept = old.tickets[~old.tickets["ticket_id"].isin(tickets)]
    pd.testing.assert_frame_equal(new.tickets, kept.reset_index(drop=True))


def test_the_demo_s_topics_are_the_same_without_a_customer(demo):
    customer, _, tickets = a_customer_of_the_demo()
    old = load_topics(DEMO / KEPT)
    corrected(demo, min(tickets))
    forget(demo, customer)
    sums = dict(
        line.split("  ")[::-1] for line in (demo / KEPT / "SHA256SUMS").read_text().splitlines()
    )
    assert sums == {n: embedding._sha256(demo / KEPT / n) for n in sums}
    assert {f.name for f in (demo / KEPT).iterdir()} == {*sums, "SHA256SUMS"}
    study = open_study(demo)
    causes, new = cause_table(study), study_topics(study)
    labels, was = (pd.Series(m.labels, index=m.ids) for m in (new, old))
    pd.testing.assert_series_equal(labels, was.drop(list(tickets), errors="ignore"))
    np.testing.assert_allclose(new.weights, old.weights[~pd.Index(old.ids).isin(tickets)], atol=0)
    info, before = (m.info().set_index("topic") for m in (new, old))
    assert info["size"].to_dict() == labels[labels >= 0].value_counts().to_dict()
    assert set(info["name"]) == set(before["name"])
    assert (info["quotes"].map(len) > 0).all()
    assert not set(new.points["ticket_id"]) & set(tickets)
    assert len(causes) == len(info)
    assert kept_words(study)["exit_request"] == kept_words(open_study(DEMO))["exit_request"]
    assert run_check(demo).exit_code == 0


def test_topics_that_were_only_proposed_go_and_that_is_said(demo):
    customer, *_ = a_customer_of_the_demo()
    shutil.copytree(DEMO / KEPT, demo / KEPT / PROPOSED)
    said = "Proposed topics go too"
    assert said in run(demo, customer, "--dry-run").output
    assert (demo / KEPT / PROPOSED).is_dir()
    assert said in run(demo, customer).output
    assert not (demo / KEPT / PROPOSED).exists()
    assert said not in run(demo, customer).output


def test_a_topic_of_which_nobody_is_left_stays_empty(desk):
    folder = desk / KEPT
    old = load_topics(DEMO / KEPT)
    some = old.among(old.ids[old.labels == 3][:2], pd.Series(dtype="str"))
    assert len(some.table) == 1
    labels = np.array([0, 1, 1])
    table = pd.concat([some.table] * 2, ignore_index=True).assign(
        topic=[0, 1], name=["a", "b"], size=[1, 2], quotes=[["t-1001"], ["t-1002", "t-1003"]]
    )
    points = pd.DataFrame({"ticket_id": ["t-1001"], "topic": [0], "x": [0.0], "y": [0.0]})
    replace(
        some, came=first_came(["a", "b", "c"]).assign(theme=pd.array([0, 0, 0], dtype="Int64")),
        made=some.made | {"themes": [{"theme": 0, "name": "Ann burns", "stability": 1.0}]},
        labels=labels, ids=np.array(["t-1001", "t-1002", "t-1003"], dtype=object),
        weights=np.eye(2)[labels], table=table, points=points, tree=some.tree[:0], voted=None,
    ).save(folder, vectors=False)  # fmt: skip
    forget(desk, "ann-77")
    left = load_topics(folder)
    assert left.made["themes"] == []
    assert left.came["theme"].isna().all()
    assert "Ann burns" not in texts_in(folder)
    assert left.info().set_index("topic")["size"].to_dict() == {1: 2, 0: 0}
    assert left.info().set_index("topic").loc[0, "quotes"] == []
    assert left.names().to_dict() == {0: "a", 1: "b"}
    assert left.weights.tolist() == [[0, 1], [0, 1]]
