import pandas as pd
import pytest

from cxresearch.lab.simulate import replies
from cxresearch.lab.simulate.causes import CAUSES
from cxresearch.lab.simulate.mess import clauses
from cxresearch.lab.simulate.replies import WORDS
from cxresearch.lab.simulate.world import simulate_world
from cxresearch.topics.text.desk_words import BY_AGENT, says

KINDS = set("hello bye bot first ask progress solved after reopened note nudge answer back".split())


@pytest.fixture(scope="module")
def events(small):
    return small[0]["ticket_events"]


def test_every_message_has_words_and_nothing_else_has(events):
    message = events["event_type"].isin(["reply", "note"])
    assert events.loc[message, "body"].str.len().gt(0).all()
    assert events.loc[~message, "body"].isna().all()


def test_agents_repeat_themselves_but_do_not_all_write_the_same(events):
    said = events.query("actor_role == 'agent'")["body"].dropna()
    assert 100 < said.nunique() < 0.8 * len(said)
    assert said.value_counts(normalize=True).iloc[0] < 0.05


def test_what_solved_it_depends_on_the_cause(small, events):
    causes = {ticket: of["causes"][0] for ticket, of in small[1]["tickets"].items()}
    of = events["ticket_id"].map(causes)
    english = small[0]["tickets"].set_index("ticket_id")["language"] == "en"
    for cause, sentences in clauses("replies")["solution"].items():
        told = pd.concat([events["body"].str.contains(s, regex=False) for s in sentences], axis=1)
        told = told.fillna(False).any(axis=1)
        assert (of[told] == cause).all(), cause
        assert events.loc[told, "ticket_id"].map(english).all(), cause


def test_each_cause_has_solutions_and_each_language_every_kind_of_message():
    sentences = clauses("replies")
    assert set(sentences["solution"]) == {*(cause.name for cause in CAUSES), "exit_request"}
    for language in ("en", "de", "es"):
        assert set(sentences[language]) == KINDS


@pytest.mark.parametrize("word", WORDS)
def test_messages_of_progress_hold_a_planted_word_as_often_as_was_set(events, word):
    planted, own = clauses("replies")["words"], clauses("replies")["en"]["progress"]
    body = events["body"].fillna("")
    every = [*own, *(sentence for of in planted.values() for sentence in of)]
    progress = body[body.map(lambda text: any(sentence in text for sentence in every))]
    assert progress.isin(planted[word]).mean() == pytest.approx(WORDS[word], abs=0.06)


@pytest.mark.parametrize("word", WORDS)
def test_each_planted_word_is_read_as_what_it_is_and_no_other_progress_is(word):
    planted = clauses("replies")["words"]
    assert all(says(word, sentence) for sentence in planted[word])
    others = {*clauses("replies")["en"]["progress"], *planted[next(w for w in WORDS if w != word)]}
    assert not any(says(word, sentence) for sentence in others)
    assert word in BY_AGENT


def test_planted_words_change_nothing_but_what_some_messages_say(monkeypatch):
    tables, truth = simulate_world(60, 3)
    monkeypatch.setattr(replies, "WORDS", {})
    without, same = simulate_world(60, 3)
    assert truth == same
    events = [of.pop("ticket_events") for of in (tables, without)]
    said, before = (frame.pop("body").dropna() for frame in events)
    for name, frame in {**tables, "ticket_events": events[0]}.items():
        pd.testing.assert_frame_equal(frame, {**without, "ticket_events": events[1]}[name])
    planted = {sentence for of in clauses("replies")["words"].values() for sentence in of}
    assert 0 < (said != before).sum() == said.isin(planted).sum()
