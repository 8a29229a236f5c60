"""Who asks to leave, by the rule on words and by phrases."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from cxresearch.topics.causes import exit_requests as exits
from cxresearch.topics.causes.exit_requests import by_phrases, by_rule, is_exit_request

BANKING = Path(__file__).parents[3] / ".." / "shared" / "data" / "banking77" / "test.csv"
LEAVING = [
    "Please cancel my subscription",
    "I want to cancel our annual plan as of today",
    "How do I close my account?",
    "We would like to terminate the contract at the end of the month.",
    "Please delete my account and all data",
    "I am cancelling my Acme Pro subscription",
    "I can't cancel my subscription, the button is gone",
    "We have decided to not renew our licence",
    "This is my third mail, CANCEL MY MEMBERSHIP",
    "cancellation of our contract",
    "Ich möchte meinen Vertrag kündigen",
    "Hiermit kündige ich zum Monatsende",
    "Quiero cancelar mi suscripción",
    "Deseo darme de baja",
    "Gostaria de cancelar minha assinatura",
    "If this is not fixed today I will cancel my subscription",
    "After all this we give up and want to cancel.",
    "How do I cancel? There is no button",
    "We want out of this contract",
    "Take this as notice for our small plan",
    "I cancel with immediate effect!",
    "We do not wish to renew",
    "We are switching to another provider next month",
]
STAYING = [
    "How do I cancel the print job?",
    "I was promised a refund for the cancelled order",
    "I can't close the window",
    "Please cancel my order 1234",
    "The meeting was cancelled",
    "My account was closed by mistake, please open it again",
    "Why was my subscription cancelled?",
    "I do not want to cancel my subscription, only change the card",
    "Please don't close my account",
    "The app closes when I open my account",
    "How do I close the account settings window?",
    "Cancel an order on my account",
    "The update process terminated with an error",
    "I cannot delete a message in my account",
    "Stop the notifications for this account",
    "How do I delete an email account in the mail program?",
    "Termin absagen und neu buchen",
    "When I cancel, the app crashes",
    "I want to cancel the import",
    "How can I cancel a booking?",
    "Can we renew the certificate? We do not want to wait",
    "I went to another page and back",
]
OTHERWISE = [
    "Kindly shut down our workspace, we will not be customers after May: please close the account.",
    "Tell me how I can leave your service for good.",
    "How can we download all of our data before we go?",
    "I no longer need your service and would like to quit.",
    "Bitte beenden Sie unseren Vertrag zum Quartalsende.",
    "Wie kann ich alle meine Daten exportieren, bevor wir gehen?",
    "¿Cómo puedo dejar el servicio y llevarme todos mis datos?",
    "Queremos cerrar nuestra cuenta a final de mes.",
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("text", LEAVING)
def test_a_request_to_leave_is_found_by_the_rule(text):
    assert by_rule(pd.Series([text])).tolist() == [True]


@pytest.mark.parametrize("text", STAYING)
def test_cancelling_something_else_is_no_request_to_leave(text, cache):
    assert is_exit_request(pd.Series([text]), cache=cache).tolist() == [False]


@pytest.mark.parametrize("text", OTHERWISE)
def test_a_request_to_leave_in_other_words_is_found_by_phrases(text, cache):
    assert is_exit_request(pd.Series([text]), cache=cache).tolist() == [True]


def test_a_request_is_found_in_the_middle_of_a_long_message(cache):
    long = (
        "We had a good year. " * 20 + "What must I do to leave your service? " + "Sales rose. " * 20
    )
    found = is_exit_request(pd.Series([long, long.replace("leave your", "like our")]), cache=cache)
    assert found.tolist() == [True, False]


def test_who_quotes_a_request_to_leave_does_not_ask(cache):
    quoted = "The list is wrong since noon.\nOn Monday Ann wrote:\n> Please cancel my subscription."
    assert is_exit_request(pd.Series([quoted]), cache=cache).tolist() == [False]


def test_a_missing_text_is_no_request_to_leave(cache):
    texts = pd.Series([None, "x"], index=[3, 5], dtype="str")
    assert is_exit_request(texts, cache=cache).to_dict() == {3: False, 5: False}
    assert by_rule(texts).to_dict() == {3: False, 5: False}


def test_texts_without_a_word_for_ending_wake_no_encoder(monkeypatch):
    monkeypatch.setattr(exits, "_near", None)
    assert by_phrases(pd.Series([["The stock is wrong."], []])).tolist() == [False, False]


def test_every_phrase_of_staying_is_told_from_those_of_leaving(cache):
    assert (
        by_phrases(pd.Series([list(each) for each in exits.STAYING.values()]), cache=cache).sum()
        == 0
    )


def test_real_requests_to_close_an_account_are_told_from_other_questions(cache):
    if not BANKING.exists():
        pytest.skip("../shared/data/banking77 is not there")
    asked = pd.read_csv(BANKING)
    found = is_exit_request(asked["text"], cache=cache).to_numpy(bool)
    true = (asked["category"] == "terminate_account").to_numpy()
    assert found[true].mean() >= 0.8
    assert true[found].mean() >= 0.8


def test_causes_and_exits_import_nothing_slow():
    slow = "{'torch', 'bertopic', 'transformers', 'sklearn', 'py3langid'}"
    code = f"import sys, cxresearch.topics.causes; print(sorted({slow} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
