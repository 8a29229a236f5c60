"""A ticket's words that tell what it is about, without what surrounds them in mail and forms."""

import re
from itertools import takewhile

from cxresearch.topics.text.markup import kind_of_code, known, without_markup
from cxresearch.topics.text.phrases import (
    CONTACT,
    CONTACT_FIELDS,
    COURTESY,
    DEVICE,
    DISCLAIMER,
    FAREWELL,
    FAREWELL_TOO,
    FIELD,
    FRAME,
    FUNCTION,
    GREETING,
    HEADER,
    LABEL,
    LOG_LINE,
    MESSAGE_FIELDS,
    PICTURE,
    QUOTE_INTRODUCED,
    RULE,
    SENDER,
    TRAILING,
)
from cxresearch.topics.text.redaction import PLACEHOLDERS, numbers_redacted

SCRUB_VERSION = "2"  # of these rules; a cache of what was made of scrubbed texts depends on it
MODELLED = 20_000  # characters of a ticket that the model reads; what follows is logs
SIGNED, NAMES = 6, 3  # words at most in a line of a signature; names beside a farewell

_MARK, _LINK = "\ue000", "\ue001"  # private characters: something that identifies; a link
_PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(PLACEHOLDERS)})\]")
_BLOB = re.compile(r"[!-~]{61,}")
_ERROR_CODE = re.compile(r"(\b0x[0-9a-fA-F]{4,16}\b)")
_ID = re.compile(r"[\w#/-]{6,80}")
_ERROR_PATH = re.compile(r"\b(?:[A-Za-z_]\w{0,40}\.){1,8}(?=\w{1,60}(?:Error|Exception)\b)")
_ERROR_LINE = re.compile(r"[ \t]{0,20}(?:Caused by: )?[\w.$]{0,200}(?:Error|Exception)\b")
_MARKED = re.compile(rf"(?:{LABEL}[ \t]{{0,3}}){{0,3}}(?:\b[A-Za-z]{{1,5}}[-_#/]?)?{_MARK}+")
_EMPTY = re.compile(r"[(\[<][\s,;:/|-]{0,20}[)\]>]")
_SENTENCE_ENDS = re.compile(  # not after what is often shortened
    r"(?<=[.!?…])(?<!\bno\.)(?<!\bnr\.)(?<!\bmr\.)(?<!\bms\.)(?<!\bdr\.)(?<!\btel\.)(?<!\bmob\.)"
    r"(?<!\bmrs\.)(?<!\bi\.a\.)\s+",
    re.I,
)
_WRAPPED = re.compile(r"(?:on|am|el) ", re.I)  # the begin of a quote's introduction on two lines
_TOKEN = re.compile(r"[^\W_][\w'’-]*")
_WORD = re.compile(r"[^\W\d_]{2}")


def scrub(text: str | None, boilerplate: frozenset[str] = frozenset()) -> str:
    """The words of a ticket that tell what it is about, on one line; never longer than the text.

    Gone are markup, quoted replies, greetings, signatures, sentences of courtesy or with contact
    details only, legal footers, boilerplate (see boilerplate()), and what identifies: addresses
    and long numbers. Links, code and stack traces are reduced to "link", "code" and the error's
    name. "" where there is no text; a ticket of nothing but contact details keeps its words.
    """
    written = sentences(text)
    own = [s for s in written if sentence_key(s) not in boilerplate]
    return " ".join(own if any(map(has_words, own)) else written)


def has_words(text: str) -> bool:
    """Is there a word of two letters or more?"""
    return _WORD.search(text) is not None


def sentences(text: str | None) -> list[str]:
    """The customer's own sentences, scrubbed of all but boilerplate."""
    words = without_markup(known(text)[:MODELLED], hidden=True)
    words = PICTURE.sub(" ", words)
    words = _BLOB.sub(_blob, words.replace(_MARK, " ").replace(_LINK, " "))
    lines = _without_traces(_own_lines(words.split("\n")))
    lines = "\n".join(_without_form(lines)).translate({0xA0: " "})
    lines = [_without_greeting(line) for line in _masked(lines).split("\n")]
    written = [s for line in _without_signature(lines) for s in _sentences_of(line)]
    told = [s for s in written if not _tells_nothing(s)] or written
    plain = [" ".join(_unmasked(s).split()) for s in told]
    return [s for s in plain if s]


def sentence_key(sentence: str) -> str:
    """A sentence as it is compared with others: small letters, digits masked, no punctuation."""
    return " ".join(re.sub(r"\d+", "0", re.sub(r"[^\w\s]", " ", sentence.casefold())).split())


def _blob(match: re.Match) -> str:
    return _LINK if match[0].lower().startswith(("http", "www.", "ftp")) else " "


def _own_lines(lines: list[str]) -> list[str]:
    """What stands above the first quoted reply, unless nothing does (a forwarded message)."""
    at = next((i for i in range(len(lines)) if _quote_begins(lines, i)), None)
    if at is not None and sum(len(line.split()) for line in lines[:at]) > 3:
        lines = lines[:at]
    elif at is not None:
        rest = [line.lstrip("> \t") for line in lines[at:]]
        lines = lines[:at] + [s for s in rest if not (HEADER.match(s) or _introduces(s))]
    return [line for line in lines if not line.lstrip().startswith(">")]


def _quote_begins(lines: list[str], at: int) -> bool:
    line, wrapped = lines[at].rstrip(), " ".join(lines[at : at + 2])
    quoted = line.endswith(":") and "".join(lines[at + 1 : at + 3]).lstrip().startswith(">")
    if quoted or _introduces(line) or (_WRAPPED.match(line) and _introduces(wrapped)):
        return True
    headers = [HEADER.match(line) for line in lines[at : at + 3]]
    return bool(headers[0] and headers[0][1].lower() in SENDER and any(headers[1:]))


def _introduces(line: str) -> bool:
    return len(line) < 500 and QUOTE_INTRODUCED.fullmatch(line) is not None


def _without_traces(lines: list[str]) -> list[str]:
    """Stack traces and logs are reduced to the errors that they name."""
    frames = [FRAME.fullmatch(line) is not None for line in lines]
    kept, traced, source = [], False, False
    for line, frame, follows in zip(lines, frames, [*frames, False][1:], strict=True):
        if frame or (source and line.startswith("    ")):
            traced, source = True, 'File "' in line
            continue
        error = (traced or follows) and _ERROR_LINE.match(line)
        line = kind_of_code(line, "") if error or LOG_LINE.fullmatch(line) else line
        kept.append(_ERROR_PATH.sub("", line))
        traced, source = False, False
    return kept


def _without_form(lines: list[str]) -> list[str]:
    """A web form's lines: contact details go, of the message's field the label goes."""
    fields = [FIELD.match(line) for line in lines]
    labels = [field[1].casefold() if field else "" for field in fields]
    if sum(label in CONTACT_FIELDS for label in labels) < 2:
        return lines
    return [
        field[2] + line[field.end() :] if label in MESSAGE_FIELDS else line
        for line, field, label in zip(lines, fields, labels, strict=True)
        if label not in CONTACT_FIELDS
    ]


def _masked(text: str) -> str:
    """The text with a private character in the place of each address, long number and id."""
    parts = _ERROR_CODE.split(text)  # every second one is a code, which stays
    return "".join(part if at % 2 else _masked_part(part) for at, part in enumerate(parts))


def _masked_part(text: str) -> str:
    text = _PLACEHOLDER.sub(_MARK, numbers_redacted(text).replace("[link]", _LINK))
    return _ID.sub(lambda token: _MARK if _identifies(token[0]) else token[0], text)


def _identifies(token: str) -> bool:
    """A run of letters and digits such as MJ-30934 or 5af5c121ee, that is no word or version."""
    digits = sum(c.isdigit() for c in token)
    letters = sum(c.isalpha() for c in token)
    if not digits or (not letters and token[0] != "#"):
        return False
    hexadecimal = len(token) >= 8 and not set(token.lower()) - set("0123456789abcdef-")
    return digits >= 5 or (hexadecimal and digits >= 3)


def _without_greeting(line: str) -> str:
    greeting = GREETING.match(line)
    return line[greeting.end() :] if greeting else line


def _without_signature(lines: list[str]) -> list[str]:
    """The lines without sign-offs, and the short lines of names and addresses that follow them or
    end the text."""
    kept, said, at = [], False, 0
    while at < len(lines):
        line, at = lines[at], at + 1
        if said and RULE.fullmatch(line):
            break
        if DEVICE.fullmatch(line):
            continue
        if said and (_bids_farewell(line) or COURTESY.fullmatch(line.strip())):
            at += sum(1 for _ in takewhile(_signs, lines[at:]))
            continue
        ends = TRAILING.search(line, max(0, len(line) - 150))
        kept.append(line[: ends.start()] if ends and has_words(line[: ends.start()]) else line)
        said = said or has_words(line)
    return _without_last_names(kept)


def _without_last_names(lines: list[str]) -> list[str]:
    """The lines without a last paragraph of which each line is of capitalised words or numbers."""
    last = len(lines)
    while last and not lines[last - 1].strip():
        last -= 1
    first = last
    while first and lines[first - 1].strip() and _names(lines[first - 1]):
        first -= 1
    told = any(has_words(line) for line in lines[:first])
    return lines[:first] if told and first and not lines[first - 1].strip() else lines


def _names(line: str) -> bool:
    words = line.split()
    return len(words) <= SIGNED and all(w[0].isupper() or not has_words(w) for w in words)


def _bids_farewell(text: str) -> bool:
    """Is it a word of thanks or parting with nothing beside it but a name?"""
    if len(text) > 120 or "?" in text:
        return False
    words = _TOKEN.findall(text)
    small = [word.casefold() for word in words]
    polite = [s in FAREWELL or s in FAREWELL_TOO for s in small]
    names = [word for word, known_ in zip(words, polite, strict=True) if not known_]
    begins = bool(FAREWELL.intersection(small[:4])) and polite[0]
    return begins and len(names) <= NAMES and all(word[0].isupper() for word in names)


def _signs(line: str) -> bool:
    """Might this line after a sign-off be of a signature? A sentence or a question is not."""
    words = line.split()
    if _MARK in line or not words or "|" in line:
        return "?" not in line and len(words) <= 2 * SIGNED
    ends = line.rstrip()[-1] in ".!" and len(words) >= 3 and not words[-1][0].isupper()
    return len(words) <= SIGNED and "?" not in line and not ends


def _sentences_of(line: str) -> list[str]:
    return [s for s in _SENTENCE_ENDS.split(line.strip()) if s]


def _tells_nothing(sentence: str) -> bool:
    """A sentence of courtesy, of a legal footer, of contact details only, or of no words."""
    plain = _unmasked(sentence).strip()
    if not has_words(plain) or _bids_farewell(plain):
        return True
    if COURTESY.fullmatch(plain) or DISCLAIMER.fullmatch(plain):
        return True
    return (_MARK in sentence or _LINK in sentence) and _only_contact(sentence)


def _only_contact(sentence: str) -> bool:
    """Does each word tell how to be reached, or is it a name in such a sentence?"""
    words = _TOKEN.findall(sentence)
    small = [word.casefold().rstrip("-") for word in words]
    if not CONTACT.intersection(small):
        return not any(has_words(word) for word in small if word not in FUNCTION)
    return all(
        s in CONTACT
        or s in FUNCTION
        or not has_words(s)
        or (at and word[0].isupper())
        or any(c.isdigit() for c in word)
        for at, (word, s) in enumerate(zip(words, small, strict=True))
    )


def _unmasked(sentence: str) -> str:
    return _EMPTY.sub(" ", _MARKED.sub(" ", sentence)).replace(_LINK, "link")
