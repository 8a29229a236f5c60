"""A draft of what a person would say: its steps, its effect, and that saving it does just that."""

import shutil

import pandas as pd
import pytest

from cxresearch import open_study
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study
from cxresearch.topics.causes.draft import Draft, effect, save
from cxresearch.topics.causes.file import read_causes
from cxresearch.topics.causes.refit import study_topics
from cxresearch.topics.causes.teaching import corrections, taught

BILLS = ["The invoice charges me twice", "My card was charged two times",
         "I paid this invoice already", "The payment was charged to my card twice"]  # fmt: skip
CRASH = ["The app crashes", "It crashes when I open the app", "The app closes at once",
         "App freezes and crashes at start"]  # fmt: skip
WORDS = [f"{says} since {day}." for day in ("Monday", "Tuesday", "Friday")
         for says in (*BILLS, *CRASH)]  # fmt: skip
IDS = [f"t{i}" for i in range(len(WORDS))]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study of two causes in a folder, with its topics; for a test to copy."""
    folder = tmp_path_factory.mktemp("taught")
    tickets = pd.DataFrame(
        {"ticket_id": IDS, "created_at": pd.Timestamp("2026-01-01", tz="UTC"), "status": "open",
         "subject": None, "description": WORDS, "dq_flags": [[]] * len(WORDS)}
    )  # fmt: skip
    frames = {"tickets": Study.from_tables({"tickets": tickets}).tickets}
    study = Study(Settings(outcome="return", target_topics=2), folder, frames)
    topics = study_topics(study)
    assert topics.info()["size"].tolist() == [12, 12]
    return folder, frames, topics


@pytest.fixture
def topics(made):
    return made[2]


@pytest.fixture
def study(made, tmp_path) -> Study:
    folder, frames, _ = made
    shutil.copytree(folder, tmp_path / "s")
    return Study(Settings(outcome="return", target_topics=2), tmp_path / "s", dict(frames))


@pytest.fixture
def draft(study) -> Draft:
    """Of two causes: bills and crash."""
    first = Draft.of(study)
    told = study.ticket_causes.set_index("ticket_id")["cause"]
    return first.renamed(told["t0"], "bills").renamed(told["t4"], "crash")


def test_a_step_leaves_the_draft_before_it_as_it_was(draft):
    other = draft.renamed("bills", "invoices").moved("t0", "crash")
    assert draft.names == ("bills", "crash") or draft.names == ("crash", "bills")
    assert draft.corrected == {}
    assert set(other.names) == {"invoices", "crash"}


def test_a_cause_that_is_only_called_otherwise_moves_no_ticket(study, topics, draft):
    rows = effect(study, topics, draft).set_index("cause")
    assert rows.loc["bills", ["now", "then", "come", "go"]].tolist() == [12, 12, 0, 0]
    assert set(rows["was"]) == set(Draft.of(study).names)


def test_by_the_name_of_another_the_two_are_one(study, topics, draft):
    save(study, draft, Draft.of(study))
    rows = effect(study, topics, draft.renamed("bills", "crash")).set_index("cause")
    assert rows.loc["crash", ["now", "then", "come", "go"]].tolist() == [12, 24, 12, 0]
    assert rows.loc["bills", ["now", "then", "come", "go"]].tolist() == [12, 0, 0, 12]
    assert rows["was"].isna().all()
    assert all(quote.split(" since")[0] in BILLS for quote in rows.loc["crash", "such_as"])
    assert rows["such_as"].map(len).to_dict() == {"crash": 3, "bills": 0}


def test_corrections_go_by_the_name_that_their_cause_gets(draft):
    assert draft.moved("t0", "crash").renamed("crash", "stops").corrected == {"t0": "stops"}


def test_sentences_stand_once_and_replace_those_before(draft):
    given = draft.with_examples("bills", ["Wrong  bill", "", "Wrong bill", "Charged twice"])
    assert given.examples("bills") == ("Wrong bill", "Charged twice")
    assert given.with_examples("bills", []) == draft


def test_sentences_of_an_added_cause_that_is_one_with_a_topic_stay_its_own(draft):
    one = draft.added("double", ["Charged twice"]).renamed("double", "bills")
    assert one.examples("bills") == ("Charged twice",)
    assert [e.examples for e in one.with_examples("bills", ["Paid"]).causes.added] == [("Paid",)]
    assert one.with_examples("bills", []) == draft


def test_a_cause_that_is_added_takes_what_is_like_its_sentences(study, topics, draft):
    new = draft.added("double", ["The invoice charges me twice"])
    rows = effect(study, topics, new).set_index("cause")
    assert rows.loc["double", "come"] == rows.loc["double", "then"] > 0
    assert rows["then"].sum() == 24
    assert new.without("double") == draft


def test_what_is_no_cause_gives_its_tickets_to_the_next(study, topics, draft):
    none = draft.without("bills")
    rows = effect(study, topics, none).set_index("cause")
    assert rows.loc["bills", "then"] == 0
    assert rows.loc["crash", "then"] == 24
    assert none.again("bills") == draft


def test_what_is_saved_is_what_was_seen_and_what_people_wrote_before_is_kept(study, topics, draft):
    first, old = Draft.of(study), study.ticket_causes.set_index("ticket_id")["cause"]
    new = draft.added("double", ["The invoice charges me twice"]).moved("t0", "crash")
    seen = taught(study, topics, new.causes, new.corrected)
    count = save(study, new, first)
    causes = read_causes(study.path / "causes.toml")
    pd.testing.assert_series_equal(taught(study, topics, causes, corrections(study)), seen)
    now = study.ticket_causes.set_index("ticket_id")["cause"]
    assert now.to_dict() == seen.to_dict()
    assert count == (now != old).sum()
    assert not list(study.path.glob("causes.before-*"))  # nobody had written in it
    save(study, Draft.of(study).renamed("double", "twice"), Draft.of(study))
    kept = read_causes(study.path / "causes.before-1.toml")
    assert [entry.name for entry in kept.added] == ["double"]


def test_an_effect_writes_nothing(study, topics, draft):
    files = [f for f in study.path.rglob("*") if f.is_file()]
    before = {file: file.read_bytes() for file in files}
    effect(study, topics, draft.moved("t0", "crash"))
    assert {f: f.read_bytes() for f in study.path.rglob("*") if f.is_file()} == before


REFUSED = {
    "name must be a text of 1 to 120": lambda d: d.renamed("bills", "x" * 121),
    "is what tickets without a topic": lambda d: d.renamed("bills", "no words"),
    "bills' is a cause already": lambda d: d.added("bills", ["x"]),
    "needs a sentence": lambda d: d.added("late", ["  "]),
    "leave at least one": lambda d: d.without("bills").without("crash"),
    "unknown cause 'bils'; did you mean 'bills'": lambda d: d.moved("t0", "bils"),
    "Ticket t0 was moved to 'bills'": lambda d: d.moved("t0", "bills").without("bills"),
    "was added by a person": lambda d: d.added("late", ["x"]).with_examples("late", []),
}


@pytest.mark.parametrize("says", REFUSED)
def test_what_the_files_may_not_say_is_refused(draft, says):
    with pytest.raises(InputError, match=says):
        REFUSED[says](draft)


def test_nothing_is_written_of_a_ticket_that_is_none_or_over_another_s_edit(study, topics, draft):
    first, before = Draft.of(study), (study.path / "causes.toml").read_bytes()
    with pytest.raises(InputError, match="'t99' is no ticket"):
        save(study, draft.moved("t99", "crash"), first)
    with pytest.raises(InputError, match="edited while you drafted"):
        save(study, draft.moved("t0", "crash"), draft)
    assert (study.path / "causes.toml").read_bytes() == before


def test_what_people_said_of_the_cause_that_another_joins_holds_for_both(study):
    file, first = study.path / "causes.toml", Draft.of(study)
    text = file.read_text("utf-8")
    head, one, two = text.partition("\n[[topic]]")[0], *text.split("\n[[topic]]")[1:]
    changed = [part.replace('owner = ""', f'owner = "{who}"') for part, who in ((one, "a"),
               (two, "b"))]  # fmt: skip
    file.write_text("\n[[topic]]".join([head, *changed]), "utf-8")
    made = Draft.of(study).renamed(*first.names[:2]).causes.topics
    assert [(e.name, e.owner) for e in made[:2]] == [(first.names[1], "b")] * 2


def test_causes_of_which_people_said_different_things_can_be_one():
    demo = open_study("data/demo")
    words = {e.name: (e.issue_type, e.owner) for e in Draft.of(demo).causes.topics}
    mine, other = "Roles and permissions", "App crashes"
    assert words[mine] != words[other]
    merged = Draft.of(demo).renamed(other, mine).causes.topics
    assert {(e.issue_type, e.owner) for e in merged if e.name == mine} == {words[mine]}
