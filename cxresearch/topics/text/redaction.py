"""Text as it may be shown: what could tell who wrote it is replaced by a word in brackets.

Every pattern here runs in time that grows in proportion to the text: what repeats either stops at
a character that cannot be part of it, or is bounded.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable

from cxresearch.topics.text.everyday import known_as, never_a_name, used_as_words
from cxresearch.topics.text.identifiers import identifiers_masked
from cxresearch.topics.text.markup import known, without_markup
from cxresearch.topics.text.persons import persons_masked
from cxresearch.topics.text.secrets_masked import secrets_masked
from cxresearch.topics.text.word_lists import any_of, words_of

PLACEHOLDERS = ("e-mail", "link", "iban", "card", "phone", "number", "name", "secret", "address",
                "date of birth", "plate", "handle")  # fmt: skip

MARKED, READ, LEAST = 20, 3, 400  # letters that an excerpt reads, with and without markup

_LINK = re.compile(r"(?:https?|ftp|file)://\S+|\bwww\.\S+", re.I)
_E_MAIL = re.compile(r"(?<![^\s@<>()\[\],;:\"])[^\s@<>()\[\],;:\"]++@[^\s@<>()\[\],;:\"]*\w")
_CAPITALISED = r"[^\W\d_a-zß-öø-ÿ][\w'’-]{0,30}"
_PERSON = rf"{_CAPITALISED}(?:[ \t]{{1,2}}{_CAPITALISED}){{0,2}}"
_NUMBERS = (
    rf"(?P<kept>\[(?:{'|'.join(PLACEHOLDERS)})\]"
    r"|\(?(?<!\d)(?:19|20)\d\d[-/.][01]?\d[-/.][0-3]?\d(?!\d)"
    r"|\(?(?<!\d)[0-3]?\d[-/.][0-3]?\d[-/.](?:19|20)\d\d(?!\d))"
    r"|(?P<iban>(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?"
    r"(?![A-Za-z0-9]))"
    r"|(?P<digits>\+?\(?\d(?:[ \-./()\u00a0]{0,2}\d){5,})"
)
_OF_FOLDER = (
    r"(?P<folder>(?i:[\\/]{1,2}(?:users|benutzer|usuarios|home|documents and settings))[\\/]{1,2})"
    r"(?P<owner>(?!\[name\])(?:[^\\/:*?\"<>|\s][^\\/:*?\"<>|\r\n]{0,60}(?=[\\/])"
    r"|[^\\/\s:*?\"<>|]{1,60}))"
)
_NAMES = (
    r"|(?P<greets>\b(?i:hi|hello|hey|dear|hallo|hola|olá|liebe|lieber)[ \t]{1,3})"
    rf"(?P<greeted>{_PERSON}|[\w'’-]{{2,30}}(?=[ \t]?[,!]))"
    r"|(?P<ends>\b(?i:regards|sincerely|faithfully|best wishes|grüßen?|saludos|atenciosamente)"
    rf"[ \t]{{0,3}}[,.!]?\s{{0,4}})(?P<signed>{_PERSON})"
    r"|(?P<thanks>\b(?i:thanks|thank you|cheers|best|thx|danke|gracias|obrigad[oa])"
    r"(?:[ \t]{1,3}(?i:in advance|a lot|so much|very much|again|im voraus|de antemano))?"
    rf"[ \t]{{0,3}}[,.!]{{0,3}}\s{{0,4}})(?!(?i:regards|wishes)\b)(?P<thanker>{_PERSON})"
    r"(?=[ \t]{0,3}[.!]?[ \t]{0,3}(?:\n|\Z))"
    r"|(?P<says>\b(?i:my name is|my name's|i am called|mein name ist|ich heiße|me llamo"
    r"|meu nome é)\b:?[ \t]{1,3}|\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau)\b\.?[ \t]{1,3})"
    rf"(?P<named>{_PERSON})"
    rf"|{_OF_FOLDER}"
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SIGNED_SMALL = re.compile(r"(?<=\[name\] )([^\W\d_][\w'’-]*)(?=[^\w\n<]*(?:<|$))", re.M)
_THING = re.compile(rf" {any_of('things')}\b", re.I)  # Georgia font
_OF_THING = re.compile(rf"\b{any_of('things')}:? [\"“„«']?\Z", re.I)
_WHOSE = ("'s", "’s", "'S", "’S")
_OFTEN = 0.2  # of the texts that hold a word, as a person's name: then it is one
_NUMBER, _PRIVATE = re.compile(_NUMBERS), re.compile(_NUMBERS + _NAMES)
_PEOPLE = (("greets", "greeted"), ("ends", "signed"), ("thanks", "thanker"), ("says", "named"),
           ("folder", "owner"))  # fmt: skip
_PHONE_SHAPE = re.compile(
    r"\(?\d{3}\)?[ \-.]{0,2}\d{3}[ \-.]\d{4}|\d{3}-\d{4}|\(?0\d[\d \-/().]+|[\d \-/()]+"
)
_FOLDER = re.compile(_OF_FOLDER)
_CODE = re.compile(
    r"0x[0-9A-Fa-f]{0,12}\Z|\b(?:commit|rev|hash|sha)[ :#]{1,3}[0-9a-f]{0,40}\Z"
    r"|\bISBN(?:-1[03])?:? ?\Z",
    re.I,
)
_COUNTED = re.compile(rf" ?{any_of('counted')}\b", re.I)
_PLAIN = re.compile(r"0\.\d+|\d{1,3}(?:[ .,\u00a0]\d{3})+")  # a decimal, or grouped by thousands


def redact(text: str | None, names: Collection[str] = ()) -> str:
    """The text with what could tell who wrote it replaced by a word in brackets.

    [e-mail], [link], [iban], [card] (13 to 19 digits that pass Luhn's check), [phone], [number]
    (6 digits or more, or beside a word such as "order"), [name], [secret], [address], [date of
    birth], [plate] and [handle]. Dates and version numbers stay.

    A name is told by where it stands or by lists (persons_masked), and elsewhere if it is among
    names, which people() finds in all texts together. One of these that is a word, too, is masked
    where it is written as a name: with a capital letter, where no letter of the text is one, or
    where the text itself names somebody so.
    """
    shown = identifiers_masked(secrets_masked(known(text)))
    for _ in range(4):
        before = shown
        shown = _FOLDER.sub(r"\g<folder>[name]", _replaced(shown, _placeholder))
        if shown == before:
            break
    shown = persons_masked(shown)
    return _names_masked(shown, known(text), names) if names else shown


def people(texts: Iterable[str | None]) -> frozenset[str]:
    """The words that name people in these texts: in small letters, wherever they stand; with a
    capital one, as Bill, where they are written as names, because they are words of every day, too.

    One is a name where redact finds it to be one (after a greeting, a sign-off, a title or "my name
    is") in at least a fifth of the texts that hold it; so a name in the midst of a sentence is
    known by the letters that it has signed, and a product that is greeted now and then is not one.
    One that twice as many texts use as a word as sign with is none (everyday.known_as).
    """
    held, named, signed, used = Counter(), Counter(), Counter(), Counter()
    read = [(words := known(text), _persons(words)) for text in texts]
    for text, persons in read:
        held.update({_base(word) for word in set(_WORD.findall(text))})
        named.update({word.lower() for word in persons})
        signed.update({word.lower() for word in persons if not word[0].islower()})
    found = frozenset(word for word, n in named.items() if n >= _OFTEN * held[word])
    for text, persons in read:
        used.update(used_as_words(text, found).difference(word.lower() for word in persons))
    return frozenset({known_as(word, signed[word], used[word]) for word in found} - {""})


def _persons(text: str) -> set[str]:
    """The words, as written, with which the text greets, signs or says who somebody is."""
    matches = _PRIVATE.finditer(text)
    said = [match[p] for match in matches if not match["kept"] for _, p in _PEOPLE if match[p]]
    words = {_without_s(word) for each in said for word in _WORD.findall(each)}
    return {word for word in words if word.lower() not in words_of("nobody")}


def _names_masked(shown: str, text: str, names: Collection[str]) -> str:
    """Redacted text with names masked where they are written as names."""
    small = {_base(word) for word in _WORD.findall(shown) if word[0].islower()}
    either = {word for word in small if word not in names and word.capitalize() in names}
    here = _names_here(either, text) if either else frozenset()

    def placed(word: re.Match) -> str:
        base, capital = _base(word[0]), not word[0][0].islower()
        named = base in names or base in here or (capital and base.capitalize() in names)
        return "[name]" if named and not _of_a_thing(word) else word[0]

    masked = _WORD.sub(placed, shown)
    if not either:
        return masked
    return _SIGNED_SMALL.sub(lambda w: "[name]" if _base(w[0]) in either else w[0], masked)


def _of_a_thing(word: re.Match) -> bool:
    """Does the word stand beside one that says it is a font's, say, and nobody's?"""
    before = word.string[max(0, word.start() - 24) : word.start()]
    return _THING.match(word.string, word.end()) is not None or _OF_THING.search(before) is not None


def _names_here(words: set[str], text: str) -> frozenset[str]:
    """Which of words that may be names are, in small letters, those of persons in this text."""
    told = words if text.islower() else words & {word.lower() for word in _persons(text)}
    return frozenset(told - never_a_name(told))


def _base(word: str) -> str:
    """The word in small letters, without the 's of whose it is."""
    return _without_s(word).lower()


def _without_s(word: str) -> str:
    return word[:-2] if word[-2:] in _WHOSE else word


def numbers_redacted(text: str) -> str:
    """The text with its e-mail addresses, links and long numbers replaced, but not its names: what
    topics are modelled on. A change here is one of SCRUB_VERSION."""
    return _replaced(text, _number)


def _replaced(text: str, number: Callable[[re.Match], str]) -> str:
    return _NUMBER.sub(number, _E_MAIL.sub("[e-mail]", _LINK.sub("[link]", text)))


def excerpt(text: str | None, n: int = 240, names: Collection[str] = ()) -> str:
    """The beginning of a ticket as it may be shown: redacted (see redact), on one line, at most n
    characters."""
    beginning = without_markup(known(text)[: MARKED * n + LEAST])
    if len(beginning) > READ * n + LEAST:
        beginning = beginning[: READ * n + LEAST].rpartition(" ")[0]
    shown = " ".join(redact(beginning, names).split())
    if len(shown) <= n:
        return shown
    head = shown[:n]
    return (head[: head.rfind(" ")] if " " in head else head[: n - 1]) + "…"


def _placeholder(match: re.Match) -> str:
    """What is shown of a number; a code, a count, a version, a sum of money stays."""
    before, word = match.string[max(0, match.start() - 60) : match.start()], _number(match)
    coded = _CODE.search(before) or _COUNTED.match(match.string, match.end())
    plain = _PLAIN.fullmatch(match[0]) or match[0].count(".") == 3
    if match["digits"] and (coded or (plain and word not in ("[card]", "[phone]"))):
        return match[0]
    return word


def _number(match: re.Match) -> str:
    if match["kept"]:
        return match[0]
    if match["iban"]:
        return "[iban]" if sum(c.isdigit() for c in match[0]) >= 10 else _numbers_only(match[0])
    return _number_word(match[0])


def _numbers_only(text: str) -> str:
    return re.sub(r"\d{6,}", "[number]", text)


def _number_word(text: str) -> str:
    """[card], [phone] or [number]; the text itself for a version number or an amount."""
    digits = [int(c) for c in text if c.isdigit()]
    if 13 <= len(digits) <= 19 and _luhn(digits) and "." not in text:
        return "[card]"
    separated = any(not c.isdigit() for c in text.lstrip("+("))
    if text[0] == "+" or (text[0] == "0" and 9 <= len(digits) <= 15):
        return "[phone]"
    if separated and 7 <= len(digits) <= 15 and _PHONE_SHAPE.fullmatch(text):
        return "[phone]"
    if len(digits) > 15 or (text.count(".") == 3 and len(digits) > 5):
        return "[number]"
    return _numbers_only(text)


def _luhn(digits: list[int]) -> bool:
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0
