"""A customer's words: scrubbed for the topic model, redacted for the page.

Every pattern here runs in time that grows in proportion to the text: what repeats either stops at
a character that cannot be part of it, or is bounded.
"""

import html
import re

import pandas as pd

MODELLED = 20_000  # characters of a ticket that the model reads; what follows is logs
PLACEHOLDERS = ("e-mail", "link", "iban", "card", "phone", "number", "name")

_TAG = re.compile(r"<(?:/?[a-zA-Z]|!--)[^<>]*>")
_NEW_LINE_TAG = re.compile(r"</?(?:br|p|div|li|ul|ol|tr|h[1-6]|table|hr)\b[^<>]*>", re.I)
_HIDDEN = re.compile(r"(</?(?:script|style|pre|code|blockquote)\b[^<>]*>|```)", re.I)
_LINK = re.compile(r"(?:https?|ftp|file)://\S+|\bwww\.\S+", re.I)
_E_MAIL = re.compile(r"(?<![^\s@<>()\[\],;:\"])[^\s@<>()\[\],;:\"]++@[^\s@<>()\[\],;:\"]*\w")
_QUOTE_FOLLOWS = re.compile(
    r"^(?:On\b[^\n]{1,150}(?:\n[^\n]{0,100})?\bwrote:"
    r"|Am\b[^\n]{1,150}(?:\n[^\n]{0,100})?\bschrieb\b[^\n]{0,100}:"
    r"|-{2,20} ?(?:Original Message|Forwarded message|Ursprüngliche Nachricht) ?-{2,20}"
    r"|From: [^\n]{1,200}\n(?:Sent|Date|To): )",
    re.M | re.I,
)
_TRACE = re.compile(
    r"^[ \t]{0,40}(?:>|at [\w.$<>/]{1,200}\(|File \"[^\"\n]{0,300}\", line \d"
    r"|Traceback \(most|\.\.\. \d+ more)[^\n]*$",
    re.M,
)
_ERROR_PATH = re.compile(r"\b(?:[A-Za-z_]\w{0,40}\.){1,8}(?=\w{1,60}(?:Error|Exception)\b)")
_GREETING = re.compile(
    r"^[ \t]{0,20}(?:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day)|hallo|hola"
    r"|olá|guten tag)\b(?:[ \t]{1,3}(?:there|team|all|everyone|support|folks|guys|both)\b[.,!:]?"
    r"|(?:[ \t]{1,3}[\w'-]{1,30}){0,2}[ \t]{0,3}(?:[,!:]|$))",
    re.M | re.I,
)
_SIGN_OFF = re.compile(
    r"(?:^[ \t]{0,20}(?:thanks?|thank you|many thanks|cheers|best|yours|sincerely|lg|vg)\b"
    r"[^\n.?]{0,40}[.!]?[ \t]{0,20}$|\b(?:kind|best|warm|many) (?:regards|wishes)|\bregards,"
    r"|\b(?:freundlichen|viele|liebe) grüßen?|\b(?:saludos|atenciosamente)\b|^--[ \t]*$"
    r"|^sent from my \w)",
    re.M | re.I,
)
_BLOB = re.compile(r"[!-~]{61,}")
_LONG_NUMBER = re.compile(r"\+?\d{6,}")
_WORD = re.compile(r"[^\W\d_]{2}")

_NOBODY = {
    *"a all and anybody anyone are can cannot could customer do does each every everybody everyone"
    " expert experts fellow folks friend friends friendly good guys have hello help helper helpers"
    " hi how i i'm if in is it just ladies madam mozilla my new on our please recently rep reps sir"
    " sirs since some someone staff still support team thank thanks that the there this to using"
    " was we what when where which who why will with you your".split()
}
_CAPITALISED = r"[^\W\d_a-zß-öø-ÿ][\w'’-]{0,30}"
_PERSON = rf"{_CAPITALISED}(?:[ \t]{{1,2}}{_CAPITALISED}){{0,2}}"
_PRIVATE = re.compile(
    rf"(?P<kept>\[(?:{'|'.join(PLACEHOLDERS)})\]"
    r"|\(?(?<!\d)(?:19|20)\d\d[-/.][01]?\d[-/.][0-3]?\d(?!\d)"
    r"|\(?(?<!\d)[0-3]?\d[-/.][0-3]?\d[-/.](?:19|20)\d\d(?!\d))"
    r"|(?P<iban>(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?"
    r"(?![A-Za-z0-9]))"
    r"|(?P<digits>\+?\(?\d(?:[ \-./()\u00a0]{0,2}\d){5,})"
    r"|(?P<greets>\b(?i:hi|hello|hey|dear|hallo|hola|olá|liebe|lieber)[ \t]{1,3})"
    rf"(?P<greeted>{_PERSON}|[\w'’-]{{2,30}}(?=[ \t]?[,!]))"
    r"|(?P<ends>\b(?i:regards|sincerely|faithfully|best wishes|grüßen?|saludos|atenciosamente)"
    rf"[ \t]{{0,3}}[,.!]?\s{{0,4}})(?P<signed>{_PERSON})"
    r"|(?P<thanks>\b(?i:thanks|thank you|cheers|best|thx|danke|gracias|obrigad[oa])"
    rf"[ \t]{{0,3}}[,.!]{{0,3}}\s{{0,4}})(?P<thanker>{_PERSON})"
    r"(?=[ \t]{0,3}[.!]?[ \t]{0,3}(?:\n|\Z))"
    r"|(?P<says>\b(?i:my name is|my name's|i am called|mein name ist|ich heiße|me llamo"
    r"|meu nome é)\b:?[ \t]{1,3}|\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau)\b\.?[ \t]{1,3})"
    rf"(?P<named>{_PERSON})"
)
_PEOPLE = (("greets", "greeted"), ("ends", "signed"), ("thanks", "thanker"), ("says", "named"))
_PHONE_SHAPE = re.compile(
    r"\(?\d{3}\)?[ \-.]{0,2}\d{3}[ \-.]\d{4}|\d{3}-\d{4}|\(?0\d[\d \-/().]+|[\d \-/()]+"
)


def scrub(text: str | None) -> str:
    """The words of a ticket that tell what it is about, on one line; never longer than the text.

    Markup, links, e-mail addresses, code, stack traces (but for the kind of error), quoted
    replies, greetings, signatures and long numbers are gone. "" where there is no text.
    """
    words = _without_markup(_known(text)[:MODELLED], hidden=True)
    words = _own_part(words)
    words = _ERROR_PATH.sub("", _TRACE.sub("", words))
    words = _before_signature(_GREETING.sub("", words))
    for pattern in (_LINK, _E_MAIL, _BLOB, _LONG_NUMBER):
        words = pattern.sub(" ", words)
    return " ".join(words.split())


def redact(text: str | None) -> str:
    """The text with what could tell who wrote it replaced by a word in brackets.

    [e-mail], [link], [iban], [card] (13 to 19 digits that pass Luhn's check), [phone], [number]
    (6 digits or more), [name] (after a greeting, a sign-off, a title or "my name is"). Dates and
    version numbers stay. A name that stands elsewhere is not found.
    """
    shown = _known(text)
    for _ in range(4):
        before = shown
        shown = _E_MAIL.sub("[e-mail]", _LINK.sub("[link]", shown))
        shown = _PRIVATE.sub(_placeholder, shown)
        if shown == before:
            break
    return shown


def excerpt(text: str | None, n: int = 240) -> str:
    """The beginning of a ticket as it may be shown: redacted, on one line, at most n characters."""
    shown = " ".join(redact(_without_markup(_known(text))).split())
    if len(shown) <= n:
        return shown
    head = shown[:n]
    return (head[: head.rfind(" ")] if " " in head else head[: n - 1]) + "…"


def joined_text(tickets: pd.DataFrame) -> pd.Series:
    """Each ticket's subject and first message, as one text. Never its tags."""
    return tickets["subject"].fillna("") + ".\n" + tickets["description"].fillna("")


def ticket_texts(tickets: pd.DataFrame) -> pd.Series:
    """What the model reads of each ticket: its subject and first message, scrubbed."""
    return joined_text(tickets).map(scrub).astype("str")


def has_words(text: str) -> bool:
    """Is there a word of two letters or more?"""
    return _WORD.search(text) is not None


def _known(text) -> str:
    return text if isinstance(text, str) else ""


def _without_markup(text: str, hidden: bool = False) -> str:
    """The text without tags and entities; hidden also leaves out code, scripts and block quotes."""
    text = html.unescape(text).replace("\r\n", "\n").replace("\r", "\n")
    if hidden:
        text = _without_hidden(text)
    return _TAG.sub(" ", _NEW_LINE_TAG.sub("\n", text))


def _without_hidden(text: str) -> str:
    """The text outside of closed pairs of hiding tags or fences; an unclosed one hides nothing."""
    parts = _HIDDEN.split(text)
    kept, at = [], 0
    last = {_hiding(mark): i for i, mark in enumerate(parts) if i % 2 and _closes(mark)}
    while at < len(parts):
        kept.append(parts[at])
        mark = parts[at + 1] if at + 1 < len(parts) else None
        at += 2
        if mark and (mark == "```" or not _closes(mark)) and last.get(_hiding(mark), -1) >= at:
            while not (_closes(parts[at + 1]) and _hiding(parts[at + 1]) == _hiding(mark)):
                at += 2
            at += 2
    return "\n".join(kept) if len(kept) > 1 else kept[0]


def _closes(mark: str) -> bool:
    return mark.startswith(("</", "```"))


def _hiding(mark: str) -> str:
    return re.match(r"</?(\w+)|```", mark)[1] or "```"


def _own_part(text: str) -> str:
    """What stands above the first quoted reply, unless nothing does (a forwarded message)."""
    quote = _QUOTE_FOLLOWS.search(text)
    if quote is None:
        return text
    above = text[: quote.start()]
    return above if len(above.split()) > 3 else above + text[quote.end() :]


def _before_signature(text: str) -> str:
    """The text without its last sign-off and what follows, if that is short."""
    tail = max(0, len(text) - 300)
    for sign_off in _SIGN_OFF.finditer(text, tail):
        if has_words(text[: sign_off.start()]) and "?" not in text[sign_off.end() :]:
            return text[: sign_off.start()]
    return text


def _placeholder(match: re.Match) -> str:
    if match["kept"]:
        return match[0]
    if match["iban"]:
        return "[iban]" if sum(c.isdigit() for c in match[0]) >= 10 else _numbers_only(match[0])
    if match["digits"]:
        return _number_word(match[0])
    before, person = next((match[b], match[p]) for b, p in _PEOPLE if match[p])
    if person.split()[0].lower() in _NOBODY:
        return _numbers_only(match[0])
    return f"{before}[name]"


def _numbers_only(text: str) -> str:
    return re.sub(r"\d{6,}", "[number]", text)


def _number_word(found: str) -> str:
    """[card], [phone] or [number]; the text itself for a version number or an amount."""
    digits = [int(c) for c in found if c.isdigit()]
    if 13 <= len(digits) <= 19 and _luhn(digits) and "." not in found:
        return "[card]"
    separated = any(not c.isdigit() for c in found.lstrip("+("))
    if found[0] == "+" or (found[0] == "0" and 9 <= len(digits) <= 15):
        return "[phone]"
    if separated and 7 <= len(digits) <= 15 and _PHONE_SHAPE.fullmatch(found):
        return "[phone]"
    if len(digits) > 15 or (found.count(".") == 3 and len(digits) > 5):
        return "[number]"
    return _numbers_only(found)


def _luhn(digits: list[int]) -> bool:
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0
