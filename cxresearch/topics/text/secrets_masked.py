"""Passwords, tokens and keys in a text, each replaced by [secret]."""

import re
from dataclasses import dataclass
from math import log2

from cxresearch.topics.text.name_words import is_everyday
from cxresearch.topics.text.word_lists import any_of, words_of

SECRET = "[secret]"
CLOSE = 4  # blanks at most between the two, where a secret is a word like others
REACH = 110  # letters after a word that announces a secret, in which it stands
BEFORE = 60  # letters before figures, in which a word announces them
ENTROPY = 3.3  # bits a letter of a word that nobody writes by hand
LONG = 20  # letters of a token, at least
UNBROKEN = 14  # of these without a mark between; names of settings are broken

_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}(?:KEY|CERTIFICATE)(?: BLOCK)?-----"
    r"(?:(?!-----END)[\s\S]){0,8000}(?:-----END [A-Z0-9 ]{0,40}-----)?"
)
# the beginnings by which makers of tokens let them be found
_PREFIXED = re.compile(
    r"(?<![A-Za-z0-9])(?:A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{12,24}|gh[pousr]_\w{16,100}"
    r"|github_pat_\w{16,120}|gl(?:pat|dt|ft|rt|cbt|ptt|soat|agent)-[\w-]{12,100}"
    r"|[srp]k_(?:live|test)_\w{10,120}|whsec_[\w+/=]{10,80}|xox[a-z]-[\w-]{10,120}"
    r"|xapp-[\w-]{10,120}|AIza[\w-]{20,60}|ya29\.[\w.-]{10,200}|GOCSPX-[\w-]{10,60}"
    r"|eyJ[\w-]{8,2000}\.[\w-]{4,4000}(?:\.[\w-]{0,2000})?|SG\.[\w-]{10,40}\.[\w-]{10,80}"
    r"|npm_\w{16,80}|pypi-[\w-]{16,300}|do[opr]_v1_\w{16,100}|hf_\w{16,80}|sk-[\w-]{16,200}"
    r"|sk-ant-[\w-]{16,200}|shp(?:at|ss|ca|pa)_\w{16,80}|sq0[a-z]{3}-[\w-]{16,60}"
    r"|key-[0-9a-f]{24,40}|AC[0-9a-f]{30,34}|SK[0-9a-f]{30,34}|EAA\w{20,300}|\d{8,10}:[\w-]{35}"
    r"|(?:lin_api|figd|rdme|tfp|dapi|pul|atlasv1|hvs\.|dckr_pat|ATATT|PMAK)[_.-]?[\w-]{16,200})"
)
_IN_ADDRESS = re.compile(
    r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s:/@]{0,80}:)[^\s@/]{1,120}(?=@)"
)
_ASSIGNED = re.compile(
    r"(?P<key>(?:(?<![A-Za-z])(?:\w{1,20}_)?(?:password|passwd|pass|pwd|pw|secret|accountkey"
    r"|sharedaccesskey|_authtoken|(?:auth|access|session)_?token|(?:access|api|secret|private)_?key"
    r"|(?:client|api)_?secret|(?:php|asp|j)?sess(?:ion)?_?id)"
    r"[\"']?[ \t]{0,2}=>?[ \t]{0,2}[\"']?|<(?:password|passwd|pwd|secret|token|api_?key)>))"
    r"(?!\[secret\])[^\s\"';,&<>]{2,200}",
    re.I,
)
_OPTION = re.compile(  # curl -u name:abc, mysql -pabc, --password abc
    r"(?P<option>(?<!\S)(?:(?:-u|-U|--user|--proxy-user)(?:[ =][\"']?|(?<=u))"
    r"[\w.@\\-]{1,60}[:%](?!//)"
    rf"|\b{any_of('program')}\b[^\n]{{0,60}}?[ ]-p[ ]?[\"']?"
    rf"|--?{any_of('option')}[ =][\"']?))(?!-|\[)[^\s\"',;]{{1,120}}"
)
_THREE = re.compile(rf"(?<![\w.,:/-])\d{{3,4}}(?![\w-]|[.,:]\d|[ ]?{any_of('street_unit')})", re.I)
_IS = rf"(?:[ ]?[:=(#-]|[ ]{any_of('secret_is')}(?!\w)){{0,2}}[ \t]{{0,3}}[\"'“„«(]?\Z"
_CARD_CODE = re.compile(  # CVV 123
    rf"(?<!\w){any_of('card_code')}(?!\w)(?:[ ][(\[]?{any_of('card_code_at')}[)\]]?)?{_IS}", re.I
)
_PHRASE = re.compile(
    rf"(?P<word>\b{any_of('pass_phrase')}(?P<sign>,?[ ]{any_of('phrase_is')}\b|[ ]?[:=,])"
    r"[ ]{1,2}[\"“„«]?)(?P<phrase>[^\n.;:\"“”„«»\[]{3,200}?)"
    r"(?=[.;)\n\"“”»]|,(?! \w+!)| or something|\Z)",
    re.I,
)
_QUOTED = re.compile(  # "abc" as password
    r"(?P<open>[\"“„«][ ]?)[^\s\"“”„«»]{5,60}(?P<close>[ ]?[\"“”»]"
    rf"[ ]{any_of('used_as')}[ ](?:\w{{1,6}}[ ])?{any_of('password')})",
    re.I,
)
_GROUPS = re.compile(
    r"(?<![\w.,:/-])(?:\d{2,4}(?:[ -]\d{2,4}){1,2}|\d(?: \d){3,7})(?![\w-]|[.,:]\d)"
)
_GROUPED = re.compile(  # code 482 913
    rf"(?<!\w){any_of('grouped')}(?!\w){_IS}"
    rf"|(?<![\w-])(?<!error )(?<!sort )(?<!zip )(?<!status ){any_of('received')}[^\d\n.]{{0,30}}\Z",
    re.I,
)
_KEYPAD = re.compile(r"(?<![\w#*/.-])(?:[*#]?\d{4,8}[#*]|\*\d{4,8}[A-Z]?)(?![\w#*])")  # 4711#
_KEY_IS = re.compile(  # the key is blue-heron-42
    rf"(?P<word>(?<!\w){any_of('key')}(?!\w)(?:[ ]?[:=]|[ ]{any_of('secret_is')}(?!\w))?[ ]{{1,2}})"
    r"(?!\d+\W)[^\W_A-Z]{1,30}(?:[-._][^\W_A-Z]{1,30}){1,6}(?![\w-])"
)
_LOGIN = re.compile(  # login: anna / hunter2
    rf"(?P<word>(?<!\w){any_of('login')}(?:[ ]?[:=]|[ ]{any_of('secret_is')}(?!\w))?[ ]{{1,2}}"
    r"[\w.@+-]{2,60}[ ]?[/:|][ ]?)(?=\S{0,40}[\d!@#$%&*+?_=^~])(?!\d{1,3}\b|/|\[)[^\s,;]{4,60}",
    re.I,
)
_PRODUCT_KEY = re.compile(r"(?:[A-Z0-9]{4,6}-){2,7}[A-Z0-9]{4,6}")
_ANNOUNCED = re.compile(rf"(?<!\w)(?!secret\])(?P<word>{any_of('secret')})(?!\w|-\d)", re.I)
_FIGURES = re.compile(rf"\b{any_of('secret_number')}|code|código|codice", re.I)
_OPENED = re.compile(r"[ \t:]{1,3}(?:[\"“„]|«[ ]?)")
_PIN = re.compile(r"\d{4,12}|[A-Z]\d{3,8}[A-Z]?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHORT = ("pin", "puk", "tan")
_SYMBOLS = "!@#$%&*+?_=^~§"
_TOKEN = re.compile(r"[^\s\"“”„«»]+")
_SIGN = re.compile(rf"(?:[:=#]|->|→|\(|\b{any_of('secret_is')})[ \t\"'“„«(]{{0,4}}\n?\Z", re.I)
_ENDED = re.compile(r"[.!?;][ \t]|\n.*\n")
_OF_MACHINES = re.compile(r"(?:commit|version|port|build|error)[ :]{1,2}\Z", re.I)
_CHANGED = re.compile(rf"{any_of('changed')}[^\n]{{0,40}}\b{any_of('into')}\Z")
_NO_SECRET = re.compile(
    rf"\d{{1,3}}-?{any_of('fold')}\Z"
    r"|(?-i:[A-Z]{2,6}[-_]\d{1,6}\Z|[A-Z]+(?:_[A-Z]+)+\Z)"  # KB-1234, OUT_OF_MEMORY
    r"|\d+[x×]\d+|\w{1,30}\.\w{2,5}\Z(?<=[a-z]{3})|https?:|www\.|=?\[|0x"
    r"|v?\d+(?:[.,:/]\d+)+\w{0,2}\Z|\d+(?:-\d+)+\Z|\d{1,3}(?:st|nd|rd|th|h|s|x|%|€|\$|ms|kg|GB|MB|px)?\Z|[€$£]\d"
    r"|\w+\.(?:pdf|docx?|xlsx?|csv|png|jpe?g|txt|zip|html?|json|xml|log|com|org|net|de|fr|es|it|pt"
    r"|nl|test|example)\b|(?:ERR|HTTP|KB)[-_]?\d|[A-Za-z]{1,3}-?\d{1,4}\Z|#\w+\Z|@",
    re.I,
)
_WHOLE = re.compile(r"[A-Za-z0-9+/_=.-]{20,400}")
_COMMIT = re.compile(
    r"\b(?:commit|rev(?:ision)?|sha\d{0,3}|at|hash|checksum|md5)[ :@#]{0,3}\Z", re.I
)


@dataclass(frozen=True)
class _Told:
    """A word after one that announces a secret."""

    word: str
    before: str
    after: str  # on its line
    again: bool  # a secret stands between
    signed: bool  # a colon or "is" stands before it


def secrets_masked(text: str) -> str:
    """The text without private keys, tokens (by the beginnings that their makers gave them, or by
    their entropy) and what stands beside a word such as password where it looks like no word."""
    shown = _PREFIXED.sub(SECRET, _KEY.sub(SECRET, text))
    shown = _IN_ADDRESS.sub(rf"\g<scheme>{SECRET}", shown)
    shown = _ASSIGNED.sub(rf"\g<key>{SECRET}", shown)
    shown = _OPTION.sub(rf"\g<option>{SECRET}", shown) if " -" in shown else shown
    shown = _LOGIN.sub(rf"\g<word>{SECRET}", _PHRASE.sub(_phrase, shown))
    shown = _KEY_IS.sub(rf"\g<word>{SECRET}", _KEYPAD.sub(SECRET, shown))
    shown = _after(_GROUPED, _GROUPS, _after(_CARD_CODE, _THREE, shown))
    shown = _QUOTED.sub(rf"\g<open>{SECRET}\g<close>", shown)
    return _WHOLE.sub(_drawn_by_lot, _beside(shown))


def _after(words: re.Pattern, figures: re.Pattern, text: str) -> str:
    """Without figures before which stand words that announce them."""

    def masked(match: re.Match) -> str:
        before = match.string[max(0, match.start() - BEFORE) : match.start()]
        return SECRET if words.search(before) else match[0]

    return figures.sub(masked, text)


def _phrase(match: re.Match) -> str:
    """Without what is said after "the secret word is", unless words of every day say it."""
    said = match["sign"].strip() not in (":", "=")
    dull = said and _dull(match["phrase"].split()[0])
    return match[0] if dull else f"{match['word']}{SECRET}"


def _beside(text: str) -> str:
    """Without what looks like a secret in the words after one that announces it; where a colon or
    "is" stands between, also a plain number or a word that is alone on its line."""
    announced = _ANNOUNCED.finditer(text)
    spans = sorted(span for match in announced for span in _spans(match["word"], text, match.end()))
    kept, last = [], 0
    for start, end in spans:
        if start >= last:
            kept += [text[last:start], SECRET]
            last = end
    return "".join([*kept, text[last:]])


def _spans(announced: str, text: str, at: int) -> list[tuple[int, int]]:
    """Where secrets stand that a word announces, which ends there."""
    rest, found = text[at : at + REACH], []
    cut = at + REACH < len(text) and not text[at + REACH].isspace()
    for token in _TOKEN.finditer(rest):
        before = rest[: token.start()]
        line, below, _ = before.partition("\n")
        if (cut and token.end() == len(rest)) or (below and not (found or _SIGN.search(line))):
            break
        start, end = _within(token)
        after = rest[token.end() :].partition("\n")[0]
        one = _Told(rest[start:end], before, after, bool(found), bool(_SIGN.search(before)))
        if _is_secret(one, announced):
            found.append((at + start, at + end))
    return found


def _within(token: re.Match) -> tuple[int, int]:
    """Where the word stands in it, without marks around it but for a ! or ? that may be its own."""
    word = token[0].strip("'’`().,;:!?<>")
    start = token.start() + token[0].find(word)
    marked = token[0][-1] in "!?" and len(word) > 4 and any(map(str.isdigit, word))
    return start, start + len(word) + marked


def _is_secret(one: _Told, announced: str) -> bool:
    ended = _ENDED.search(one.before) is not None and (one.again or not one.signed)
    if one.word in ("", "secret") or _OF_MACHINES.search(one.before):
        return False
    if not ended and _is_pin(one, announced):
        return True
    if _NO_SECRET.match(one.word) or (ended and not _strong(one.word)):
        return False
    return _like_a_secret(one)


def _is_pin(one: _Told, announced: str) -> bool:
    n = len(one.word) if _PIN.fullmatch(one.word) and _FIGURES.search(announced) else 0
    first = not one.before.strip(" \t\"'“”„«(:=")
    near = one.signed and one.before.count(" ") < CLOSE and not _YEAR.fullmatch(one.word)
    return 3 < n < 13 and (first or near or (n < 9 and announced.lower().startswith(_SHORT)))


def _strong(word: str) -> bool:
    """Would nobody write so but in a password?"""
    kinds = (str.islower, str.isupper, str.isdigit, _SYMBOLS.__contains__)
    return len(word) >= 8 and sum(any(map(kind, word)) for kind in kinds) >= 3


def _like_a_secret(one: _Told) -> bool:
    word, before = one.word, one.before.rstrip(" ")
    digit, letter = any(map(str.isdigit, word)), any(map(str.isalpha, word))
    if digit and letter:
        return len(word) >= 5
    if digit:
        return 4 <= len(word) <= 20 and (one.signed or one.again or "-" in word)
    at_once, quoted = before in (":", "="), before[-1:] in tuple('"“„«')
    if not letter or len(word) < (4 if at_once else 5):
        return False
    odd = any(c in _SYMBOLS for c in word) or (one.signed and re.search(r"[a-zà-ÿ][A-Z]", word))
    if _OPENED.fullmatch(one.before) and not _dull(word):
        return True
    if odd and len(word) >= 6 and "'" not in word:
        return True
    if one.signed and ("_" in word or word.count("-") > 1 or quoted):
        return True
    if _PRODUCT_KEY.fullmatch(word):
        return True
    if _CHANGED.search(before):
        return len(word) >= 8
    alone = not one.after.strip(" .!") or (one.after[:1] in ",;." and one.after[1:2] == " ")
    if not alone or _dull(word):
        return False
    near = one.signed and one.before.count(" ") < CLOSE
    return near or before[-1:] in (":", "=")


def _dull(word: str) -> bool:
    return is_everyday(word) or word.casefold() in words_of("no_secret")


def _drawn_by_lot(match: re.Match) -> str:
    """A word of letters and figures in no order is a token; what a commit is called is none."""
    word = match[0].strip(".=")
    mixed = any(c.islower() for c in word) and any(c.isupper() for c in word)
    hexadecimal = re.fullmatch(r"[0-9a-f]{32,128}|[0-9A-F]{32,128}", word) is not None
    if len(word) < LONG or sum(map(str.isdigit, word)) < 3 or not (mixed or hexadecimal):
        return match[0]
    if _COMMIT.search(match.string[max(0, match.start() - 12) : match.start()]):
        return match[0]
    broken = max(map(len, re.split(r"[^A-Za-z0-9]", word))) < UNBROKEN
    path = word.count("/") + word.count(".") > 3
    token = hexadecimal or not (broken or path or _entropy(word) < ENTROPY)
    return match[0].replace(word, SECRET) if token else match[0]


def _entropy(word: str) -> float:
    shares = [word.count(c) / len(word) for c in set(word)]
    return -sum(p * log2(p) for p in shares)
