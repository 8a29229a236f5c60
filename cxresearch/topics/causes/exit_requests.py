"""Who asks to leave: by a rule on words, and by how near a sentence is to written phrases.

Both know English, German and Spanish, the rule some Portuguese too. A request to leave is the
outcome that later pages explain and no cause of it, so one that is missed or made up does harm.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.topics.text.scrubbing import sentences

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

_CUE = re.compile(
    r"\b(?:cancel|terminat|unsubscrib|quit|leav(?:e|ing)\b|clos(?:e|ing) (?:my|our|the|down)"
    r"|clos(?:e|ing|ure) .{0,20}accounts?|end(?:ing)? (?:my|our|the|this)|stop (?:using|paying|my"
    r"|our|the)|(?:no|any) longer (?:want|need|wish|require)|switch(?:ing)?\b|competitor"
    r"|mov(?:e|ing) (?:away|to|over)|another (?:provider|supplier|system|bank)|delet|renew|opt out"
    r"|remov(?:e|ing) (?:my|our)|eras|(?:export|download|copy|take|get) .{0,20}\ball\b"
    r"|all .{0,20}\bdata"
    r"|kündig|beend|verlass|wechsel|aussteig|lösch|export.{0,20}alle|alle .{0,20}daten|schließ"
    r"|cancel|baja|cerrar|cierre|dejar|abandon|rescind|cambi(?:ar|amos) de|elimin|borr|exportar tod"
    r"|descargar tod|todos .{0,12}datos|renovar|irme|irnos|marchar)",
    re.I,
)
_PART_OF_IT = re.compile(rf"\b{_WHAT} {_PART}\b", re.I)
LEAVING = {
    "en": (
        "I want to cancel my account.",
        "Please cancel our subscription.",
        "How do I close my account?",
        "Please delete my account and all my data.",
        "How do I leave your service?",
        "We want to leave you.",
        "We are leaving and no longer need your service.",
        "We want to end our contract with you.",
        "I do not want to renew my subscription.",
        "I want to stop using your product and stop paying.",
        "We are switching to a competitor.",
        "How can I export all my data before I leave?",
        "I want to take all of our data with us.",
        "What is the notice period to terminate the contract?",
    ),
    "de": (
        "Ich möchte mein Konto kündigen.",
        "Bitte kündigen Sie unser Abonnement.",
        "Wie kann ich mein Konto schließen?",
        "Bitte löschen Sie mein Konto und alle meine Daten.",
        "Wie kann ich den Dienst verlassen?",
        "Wir möchten den Vertrag beenden.",
        "Wir wechseln zu einem anderen Anbieter.",
        "Wie exportiere ich alle meine Daten, bevor ich gehe?",
    ),
    "es": (
        "Quiero cancelar mi cuenta.",
        "Por favor, cancelen nuestra suscripción.",
        "¿Cómo puedo cerrar mi cuenta?",
        "Deseamos cerrar la cuenta.",
        "Por favor, eliminen mi cuenta y todos mis datos.",
        "¿Cómo me doy de baja del servicio?",
        "Queremos terminar el contrato.",
        "Nos cambiamos a otro proveedor.",
        "¿Cómo exporto todos mis datos antes de irme?",
    ),
}
STAYING = {
    "en": (
        "I want to cancel my order.",
        "How do I cancel a payment?",
        "Please cancel the booking.",
        "I cancelled it but I was charged again.",
        "My account was closed by mistake, please open it again.",
        "Why was my subscription cancelled?",
        "The window closes by itself.",
        "How do I close the window?",
        "How do I delete a user?",
        "How do I remove an e-mail account from the program?",
        "The deleted items come back.",
        "How do I export the list to a file?",
        "The export of all orders fails.",
        "All of our data is gone.",
        "I want to switch to another plan.",
        "How do I move to another computer?",
        "The renewal failed because of my card.",
        "I want to renew my subscription.",
        "How do I change my account?",
        "Someone has access to my account.",
        "A colleague is leaving, please remove her access.",
    ),
    "de": (
        "Ich möchte meine Bestellung stornieren.",
        "Wie lösche ich einen Benutzer?",
        "Der Export der Liste schlägt fehl.",
        "Alle unsere Daten sind weg.",
        "Ich möchte in einen anderen Tarif wechseln.",
        "Mein Konto wurde versehentlich geschlossen.",
    ),
    "es": (
        "Quiero cancelar mi pedido.",
        "¿Cómo elimino un usuario?",
        "La exportación de la lista falla.",
        "Han desaparecido todos nuestros datos.",
        "Quiero cambiar a otro plan.",
        "Mi cuenta se cerró por error.",
    ),
}
NEAR = 0.6  # cosine; about how near the phrases of leaving are to one another (median 0.58)


def is_exit_request(
    texts: pd.Series, *, encoder: str | None = None, cache: str | Path | None = None
) -> pd.Series:
    """Does a text ask to cancel, end or close the account or subscription itself, or how to leave?

    By the rule, else by phrases; of each text what scrub() leaves is read. encoder and cache as in
    topics.embed. It misses whoever says it otherwise; read some before a decision rests on it.
    """
    written = texts.map(sentences)
    ruled = by_rule(written.map(" ".join))
    return ruled | by_phrases(written.where(~ruled, ()), encoder=encoder, cache=cache)


def by_rule(texts: pd.Series) -> pd.Series:
    """Has a text a word for ending, then for whose, then for the account or contract, and no
    "don't" before it?"""
    asked = texts.fillna("").str.replace(_STAYS, " ", regex=True)
    return asked.map(lambda text: _LEAVES.search(text) is not None).astype("boolean")


def by_phrases(
    written: pd.Series, *, encoder: str | None = None, cache: str | Path | None = None
) -> pd.Series:
    """Is a sentence of each list near (cosine 0.6) to a phrase of leaving, and not nearer to one of
    staying, such as cancelling an order? Only sentences with a word for ending are compared."""
    asked = written.explode().dropna()
    asked = asked[asked.map(_might_ask).astype(bool)]
    near = asked[_near(asked.tolist(), encoder, cache)] if len(asked) else asked
    return pd.Series(written.index.isin(near.index), index=written.index, dtype="boolean")


def _might_ask(sentence: str) -> bool:
    """Has it a word for ending, and is what ends neither denied nor a part, such as a window?"""
    unlike = _STAYS.search(sentence) or _PART_OF_IT.search(sentence)
    return not unlike and _CUE.search(sentence) is not None


def _near(asked: list[str], encoder: str | None, cache) -> np.ndarray:
    from cxresearch.topics.embed import embed

    vectors = embed(asked, encoder=encoder, cache=cache)
    leaving, staying = (
        (vectors @ embed(sum(phrases.values(), ()), encoder=encoder, cache=cache).T).max(axis=1)
        for phrases in (LEAVING, STAYING)
    )
    return (leaving >= NEAR) & (leaving > staying)
