"""What each ticket is about, and who asks to leave."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.causes import exit_requests, ticket_causes
from cxresearch.schema import TICKET_CAUSES
from cxresearch.study import Study
from cxresearch.topics.model import TopicModel

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


@pytest.mark.parametrize("text", LEAVING)
def test_a_request_to_leave_is_found(text):
    assert exit_requests(pd.Series([text])).tolist() == [True]


@pytest.mark.parametrize("text", STAYING)
def test_cancelling_something_else_is_no_request_to_leave(text):
    assert exit_requests(pd.Series([text])).tolist() == [False]


def test_a_missing_text_is_no_request_to_leave():
    assert exit_requests(pd.Series([None, "x"], dtype="str")).tolist() == [False, False]


@pytest.fixture
def causes() -> pd.DataFrame:
    tickets = pd.DataFrame(
        {
            "ticket_id": ["a", "b", "c"],
            "created_at": pd.Timestamp("2026-01-01", tz="UTC"),
            "status": "open",
            "subject": ["Cancel my subscription", None, "Olá"],
            "description": ["now", None, "mundo"],
            "tags": [[], ["cancel my subscription"], []],
            "dq_flags": [[], [], []],
        }
    )
    table = pd.DataFrame({"topic": [0], "name": ["leaving"]})
    ids = np.array(["c", "a", "b"], dtype=object)
    topics = TopicModel(np.array([-2, 0, -1]), ids, table, pd.DataFrame())
    return ticket_causes(Study.from_tables({"tickets": tickets}), topics).set_index("ticket_id")


def test_until_a_person_names_it_a_cause_is_the_topic_s_name(causes):
    assert causes["cause"].to_dict() == {"a": "leaving", "b": "no words", "c": "other language"}
    assert causes["weight"].eq(1).all()


def test_tags_make_no_exit_request(causes):
    assert causes["is_exit_request"].to_dict() == {"a": True, "b": False, "c": False}


def test_the_columns_are_the_schema_s(causes):
    assert list(causes.reset_index()) == TICKET_CAUSES.names
