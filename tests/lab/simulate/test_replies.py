import pandas as pd
import pytest

from cxresearch.lab.simulate.causes import CAUSES
from cxresearch.lab.simulate.mess import clauses

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
