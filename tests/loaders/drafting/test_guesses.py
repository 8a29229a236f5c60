"""Names in six languages, and what their values must be."""

import pytest

from cxresearch.loaders.drafting.guesses import CLOSED, OWN, data, guesses, meaning, words_of
from cxresearch.loaders.drafting.sights import sights
from cxresearch.loaders.people.mapping import MORE, OF_ROW
from cxresearch.loaders.reading import files
from cxresearch.study.schema import STATUS, TABLES


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Ticket ID", "ticket id"), ("ticketId", "ticket id"), ("TICKET_ID", "ticket id"),
        ("Fecha de creación", "fecha creacion"), ("Date d'ouverture", "date ouverture"),
        ("Prioridade", "prioridade"), ("Größe", "grosse"), ("Ticket#", "ticket number"),
        ("N° de ticket", "number ticket"), ("to do", "to do"), ("Organizations", "organization"),
        ("status", "status"), ("address", "address"),
    ],
)  # fmt: skip
def test_names_are_compared_as_words(name, words):
    assert words_of(name) == words_of(words)


@pytest.mark.parametrize(
    "header",
    [
        "Ticket number,Opened,Subject,Assigned to",
        "Ticketnummer,Eröffnet am,Betreff,Bearbeiter",
        "Numéro de ticket,Date d'ouverture,Objet,Technicien",
        "Número de caso,Fecha de apertura,Asunto,Asignado a",
        "Numero richiesta,Data di apertura,Oggetto,Assegnato a",
        "Número do chamado,Aberto em,Assunto,Responsável",
    ],
)
def test_each_language_names_a_ticket(tmp_path, header):
    (tmp_path / "t.csv").write_text(f"{header}\n1,2026-01-01,a,b\n2,2026-01-02,c,b\n", "utf-8")
    (sight,) = sights(files.find(tmp_path / "t.csv")[0])
    told = {g.ours for g in guesses("tickets", sight) if g.sure}
    assert told == {"ticket_id", "created_at", "subject", "assignee_id"}


@pytest.mark.parametrize(
    ("ours", "word", "told"),
    [
        ("status", "In Bearbeitung", "open"), ("status", "Clos", "closed"),
        ("status", "En attente", "?hold"), ("status", "R", "?solved"),
        ("status", "Blocked", ""), ("priority", "Très haute", "urgent"),
        ("created_channel", "Correo electrónico", "email"), ("billing_period", "jährlich", "year"),
    ],
)  # fmt: skip
def test_words_mean_ours_or_are_asked_about(ours, word, told):
    assert meaning(ours, word) == told


def test_what_is_shipped_names_only_columns_and_words_that_there_are():
    names, words = data("names.toml"), data("words.toml")
    more = {"changes": OF_ROW["change"], "messages": (*OF_ROW["message"], "ticket_id")}
    for table in OWN:
        known = more.get(table) or (*TABLES[table].names, *MORE.get(table, ()), "state")
        assert set(names[table]) <= set(known)
    assert set(words["status"]) <= set(STATUS)
    assert set(CLOSED) <= set(words)


def test_a_number_of_tickets_that_repeats_is_asked_about(tmp_path):
    (tmp_path / "t.csv").write_text("Ticket ID,Created\n1,2026-01-01\n1,2026-01-02\n")
    (sight,) = sights(files.find(tmp_path / "t.csv")[0])
    by_name = {guess.ours: guess for guess in guesses("tickets", sight)}
    assert by_name["ticket_id"].doubt == "1 rows repeat a number"


def test_text_of_a_name_that_is_a_time_elsewhere_is_no_time(tmp_path):
    (tmp_path / "t.csv").write_text("ID,Created,Resolution\n1,2026-01-01,We sent a new one\n")
    (sight,) = sights(files.find(tmp_path / "t.csv")[0])
    assert {guess.ours for guess in guesses("tickets", sight)} == {"ticket_id", "created_at"}
