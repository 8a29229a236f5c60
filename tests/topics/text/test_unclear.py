"""Texts that say nothing of what they are about, in three languages and in the demo."""

import re
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from cxresearch import open_study
from cxresearch.lab.simulate.mess import clauses
from cxresearch.topics.causes.refit import told_tickets
from cxresearch.topics.corpus import UNCLEAR, read_new, read_texts
from cxresearch.topics.embed import embed
from cxresearch.topics.text import joined_text, people, served
from cxresearch.topics.text.unclear import MANY, everywhere, unclear

DEMO = Path(__file__).parents[3] / "data" / "demo"
VAGUE = """
It does not work.
Something is wrong again.
I get an error and cannot go on.
I have a problem, please help!
Es funktioniert nicht.
Seit gestern geht nichts mehr.
Ich habe ein Problem und brauche Hilfe.
No funciona.
Tengo un problema, necesito ayuda.
Desde ayer no me funciona nada.
"""
CHASING = """
Any news?
I am still waiting for your answer.
When will somebody get back to me?
This is my third message and nobody has replied.
Gibt es etwas Neues?
Ich warte immer noch auf eine Antwort.
¿Hay novedades?
Sigo esperando su respuesta.
"""
THANKS = """
Thank you very much for the quick help!
Thanks, it is solved.
Vielen Dank für die schnelle Hilfe!
Muchas gracias por su ayuda.
"""
AS_DISCUSSED = """
As discussed, please take care of it.
See my last e-mail.
It is about what I told you on the phone.
Wie besprochen, siehe Anhang.
Como hablamos por teléfono, adjunto el archivo.
"""
AUTOMATIC = """
Automatic reply: your invoice of May
Out of office. The warehouse is closed.
I am currently out of the office and read invoices on Monday.
Abwesenheitsnotiz: Rechnung 17
Ich bin bis Montag im Urlaub und lese keine Rechnungen.
Respuesta automática: factura de mayo
Estoy fuera de la oficina hasta que llegue la factura.
"""
CLEAR = """
Where is my parcel?
Parcel late
Refund?
I cannot log in.
I was charged twice.
Can you change my name?
How old do I have to be?
I never receive e-mails.
The auto-reply goes to all customers.
What is your fee for 10 €?
Our office printer is out of ink.
Wo ist mein Paket?
Rechnung falsch
Der Drucker druckt nicht.
¿Dónde está mi paquete?
La factura no llega.
"""


@pytest.mark.parametrize("listed", [VAGUE, CHASING, THANKS, AS_DISCUSSED, AUTOMATIC])
def test_what_could_stand_in_any_ticket_is_unclear(listed):
    texts = listed.strip().splitlines()
    assert [text for text, is_so in zip(texts, unclear(texts), strict=True) if not is_so] == []


def test_a_short_question_about_a_thing_is_clear():
    texts = CLEAR.strip().splitlines()
    assert [text for text, is_so in zip(texts, unclear(texts), strict=True) if is_so] == []


def test_one_word_is_unclear_unless_it_names_a_thing():
    assert unclear(["Help", "Problem!", "hi", "Danke", "7", ""]) == [True] * 6
    assert unclear(["Invoice", "scanner?", "Rechnung", "factura"]) == [False] * 4


def test_words_that_tell_nothing_in_this_study_are_told():
    assert unclear(["Larkfield does not work", "Larkfield's fault"]) == [False, False]
    assert unclear(["Larkfield does not work", "Larkfield's fault"], {"larkfield"}) == [True, True]


def test_a_word_apart_by_a_letter_is_a_slip_only_in_many_texts():
    few, many = ["It does not wrok"], ["The parcel is late"] * MANY
    assert unclear(few) == [False]
    assert unclear(few + many)[0]
    assert unclear(["It does not wrok"] * 3 + many)[0] is False


def test_a_rare_word_that_is_like_none_is_no_slip():
    assert unclear(["The zebra does not work", *["The parcel is late"] * MANY])[0] is False


def test_a_word_of_more_than_two_in_five_of_twenty_texts_stands_everywhere():
    texts = ["Larkfield fails"] * 9 + ["parcel fails"] * 8 + ["login fails"] * 3
    assert everywhere(texts) == {"larkfield"}
    assert everywhere(texts[:19]) == frozenset()


def test_a_new_text_is_unclear_if_all_else_in_it_is_shared():
    words, labels = read_new(["Sent by form. No change.", "Parcel late. Sent by form."], "none",
                             None, frozenset({"sent by form"}), ())  # fmt: skip
    assert labels.tolist() == [UNCLEAR, 0]
    assert words == ["No change.", "Parcel late."]


@pytest.fixture(scope="module")
def demo() -> pd.DataFrame:
    """The tickets of the demo that are read or unclear: label, causes, planted clauses, text."""
    study = open_study(DEMO)
    tickets = told_tickets(study)
    texts, encoder = joined_text(tickets).tolist(), study.settings.encoder
    in_language = served(tickets, study.settings.languages)
    embedded = partial(embed, encoder=encoder)
    labels = read_texts(texts, encoder, in_language, people(texts), embedded, 42).labels
    truth = pd.DataFrame.from_dict(study.truth["tickets"], orient="index")
    frame = truth.loc[tickets["ticket_id"], ["causes", "clauses"]].assign(label=labels, text=texts)
    return frame[frame["label"].isin((0, UNCLEAR)) & (frame["clauses"].str.len() > 0)]


def told_beside(row) -> bool:
    """Does a sentence of the ticket's own cause stand in it, whatever was filled in?"""
    of = clauses(row["causes"][0])
    said = [clause for part in ("subject", "context", "tried", "wanted") for clause in of[part]]
    fixed = [max(re.split(r"\{[^}]*\}", clause), key=len).strip().lower() for clause in said]
    return any(len(part) > 3 and part in row["text"].lower() for part in fixed)


def vague_clauses(demo: pd.DataFrame) -> pd.Series:
    return demo["clauses"].map(lambda ids: sum(each.startswith("vague") for each in ids) / len(ids))


def test_tickets_that_were_planted_vague_are_found(demo):
    planted = demo[vague_clauses(demo) == 1]
    planted = planted[~planted.apply(told_beside, axis=1)]
    assert len(planted) > 200
    assert (planted["label"] == UNCLEAR).mean() >= 0.85


def test_tickets_with_a_clear_problem_are_read(demo):
    clear = demo[vague_clauses(demo) == 0]
    assert (clear["label"] == UNCLEAR).mean() <= 0.03
