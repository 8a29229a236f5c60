"""What each ticket is about, as every later question reads it, and who asks to leave."""

import re

import pandas as pd

from cxresearch.schema import TICKET_CAUSES
from cxresearch.text import ticket_texts

EXIT_TOPIC_SHARE = 0.5
NO_TOPIC = {-1: "no words", -2: "other language"}

_OURS = r"(?:my|our|the|this|your)"
_GERMAN = r"(?:meinen?|mein|unseren?|unser|den|das|die)"
_WHAT = (
    r"(?:accounts?|subscriptions?|contract|plan|membership|licen[cs]es?|agreement"
    r"|services? with you)"
)
_PART = (
    r"(?:settings?|setup|window|tab|page|screen|dialog|menu|button|verification|name|"
    r"password|details|picture|number|manager|owner|type|creation|process|in order to)"
)
_NOT_BETWEEN = (
    r"(?:of|on|in|for|from|with|and|or|to|at|order|refund|booking|job|window|tab|page"
    r"|e-?mail|mail|calendar)"
)
_FULL_STOP = (
    r"(?=\s*(?:[.!?,;:\n]|$|as of\b|by the\b|at the end\b|effective\b|immediately\b|now\b))"
)
_LEAVES = re.compile(
    r"\b(?:"
    r"(?:cancel(?:l?ing)?|terminat(?:e|ing)|clos(?:e|ing)|end(?:ing)?|quit(?:ting)?|"
    r"stop(?:ping)?|discontinu(?:e|ing))"
    rf" {_OURS}(?: (?!{_NOT_BETWEEN}\b)[\w'’-]{{1,30}}){{0,3}} {_WHAT}\b(?! {_PART}\b)"
    r"|delet(?:e|ing) (?:my|our) (?:(?:entire|whole|company|customer|user) )?account\b"
    rf"(?! {_PART}\b)"
    rf"|cancell?ation of {_OURS}(?: [\w'’-]{{1,30}}){{0,2}} {_WHAT}\b"
    r"|(?:not (?:be )?renew(?:ing)?|(?:won['’]t|don['’]t)(?: want to)? renew)"
    rf" {_OURS}(?: [\w'’-]{{1,30}}){{0,2}} {_WHAT}\b"
    # said without naming what is ended
    r"|(?:(?:want|wish|like|need|decided|going) to|how (?:do|can|may|could) (?:i|we))"
    rf" cancel{_FULL_STOP}"
    r"|cancel(?:lation)? with immediate effect"
    r"|(?:do not|don['’]t) (?:want|wish|intend|plan) to renew"
    r"|notice (?:for|of|on) (?:my|our|the)(?: [\w'’-]{1,30}){0,2} "
    r"(?:plan|contract|subscription|account)\b"
    r"|out of (?:this|the|our|my) (?:contract|subscription|agreement)"
    r"|(?:termination|cancell?ation) of contract|decided not to (?:continue|renew|stay)"
    r"|(?:moving|switching|going) to (?:another|a different|an other) (?:system|provider|supplier)"
    r"|(?:k(?:ü|ue)ndige hiermit|hiermit k(?:ü|ue)ndige)"
    rf"|{_GERMAN}(?: [\w'’-]{{1,30}}){{0,2}} (?:vertrag|abo|abonnement|konto|mitgliedschaft|lizenz)"
    r" (?:[\w.]{1,30} ){0,3}k(?:ü|ue)ndigen"
    r"|(?:vertrag|abo|abonnement|konto) (?:zu )?k(?:ü|ue)ndigen"
    r"|cancelar (?:mi|nuestra|la|el|minha|meu|nossa|nosso|a|o) "
    r"(?:suscripci[oó]n|cuenta|contrato|plan|assinatura|conta|plano)\b"
    r"|dar(?:me|nos) de baja"
    r"|dar de baja (?:mi|la|nuestra|el) (?:cuenta|suscripci[oó]n|contrato|plan)\b"
    r")",
    re.I,
)
_STAYS = re.compile(
    r"\b(?:do not|don['’]t|did not|didn['’]t|not|never|avoid|without|instead of|rather than)"
    r"(?: (?:want|wish|going|like|need|trying|asking|you|dare|to|please|ever)){0,3}"
    r" (?:cancel|terminat|clos|delet|end|quit|stop|discontinu)\w{0,7}",
    re.I,
)


def ticket_causes(study, topics) -> pd.DataFrame:
    """A row for every ticket with a topic, as the schema's ticket_causes.

    Until a person merges and names topics, a ticket's only cause is its topic's name, of weight 1;
    without words it is "no words", in a language that was not read "other language".
    is_exit_request: its words ask to leave, or those of half of its topic do, because a topic
    of people who leave would otherwise look like the cause of their leaving.
    """
    found = pd.DataFrame({"ticket_id": topics.ids, "topic": topics.labels})
    tickets = study.tickets[["ticket_id", "subject", "description"]]
    tickets = found.merge(tickets, on="ticket_id", how="left", validate="one_to_one")
    asks = exit_requests(ticket_texts(tickets))
    topic_asks = asks.astype(float).groupby(tickets["topic"]).transform("mean")
    names = {**topics.names().to_dict(), **NO_TOPIC}
    return pd.DataFrame(
        {
            "ticket_id": tickets["ticket_id"].astype("str"),
            "topic": tickets["topic"].astype("Int64"),
            "cause": tickets["topic"].map(names).astype("str"),
            "weight": 1.0,
            "is_exit_request": asks
            | ((topic_asks >= EXIT_TOPIC_SHARE) & (tickets["topic"] >= 0)).astype("boolean"),
        }
    )[TICKET_CAUSES.names]


def named(study) -> pd.DataFrame:
    """The rows of ticket_causes that tell a cause: not "no words", not "other language"."""
    return study.ticket_causes[study.ticket_causes["topic"] >= 0]


def exit_requests(texts: pd.Series) -> pd.Series:
    """Does a text ask to cancel, end or close the account or subscription itself?

    A first rule of keywords in English, German, Spanish and Portuguese, and no more: it wants a
    word for ending, then for whose, then for the account or contract, and leaves out "don't
    cancel". It misses whoever says it otherwise; read some before a decision rests on it.
    """
    asked = texts.fillna("").str.replace(_STAYS, " ", regex=True)
    return asked.map(lambda text: _LEAVES.search(text) is not None).astype("boolean")
