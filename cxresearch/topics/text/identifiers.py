"""Numbers and addresses in a text that tell who wrote it, each replaced by what it is."""

import re
from ipaddress import ip_address

from stdnum import exceptions, get_cc_module, iban

from cxresearch.topics.text.streets import streets_masked
from cxresearch.topics.text.word_lists import any_of, words_of

_GAP, _ANY_GAP = r"[ \t]{1,2}", r"[ \t]{0,2}"
_AT = rf"(?:@|[(\[{{<](?:{any_of('at')}|@)[)\]}}>]|[ ]?-at-)"
_DOT = rf"(?:[(\[{{<](?:{any_of('dot')}|\.)[)\]}}>]|-dot-)"
_LOCAL, _WORD, _DOMAIN = r"[\w.+-]{1,64}", r"[\w+-]{1,64}", r"[\w-]{1,63}"
_E_MAILS = (
    rf"\"[^\"\n@]{{1,64}}\"@[\w.-]{{2,120}}|{_LOCAL}@\[[\d.a-fA-F:IPv]{{3,50}}\]",
    # anna (dot) smith (at) example (dot) com
    rf"(?<![\w.+-]){_LOCAL}(?:[ \t]?{_DOT}[ \t]?[\w.+-]{{1,40}}){{0,3}}{_ANY_GAP}{_AT}{_ANY_GAP}"
    rf"{_DOMAIN}(?:(?:\.|{_ANY_GAP}{_DOT}{_ANY_GAP}){_DOMAIN}){{1,5}}",
    # office @ example . co . uk
    rf"(?<![\w.+-]){_WORD}(?:[ ]?\.[ ]?{_WORD}){{0,3}}[ ]?@[ ]{_DOMAIN}"
    rf"(?:[ ]?\.[ ]?{_DOMAIN}){{1,4}}",
    # anna dot smith at example dot com
    rf"(?<![\w.+-]){_WORD}(?:(?:\.|[ \t]{any_of('dot')}[ \t]){_WORD}){{0,4}}"
    rf"{_GAP}(?:{_AT}|{any_of('at')}|{any_of('at_too')}){_GAP}{_DOMAIN}"
    rf"(?:(?:{_GAP}{any_of('dot')}{_GAP}|\.){_DOMAIN}){{0,4}}"
    rf"{_GAP}{any_of('dot')}{_GAP}[a-z]{{2,10}}\b",
)
_E_MAIL = re.compile("|".join(_E_MAILS), re.I)
_LINK = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"']{3,2000}", re.I)
_IBAN = re.compile(
    r"(?<!\w)[A-Z]{2}\d{2}(?:[ .\-]{0,2}[A-Z0-9]{4}){2,7}(?:[ .\-]{0,2}[A-Z0-9]{1,4})?(?!\w)", re.I
)
_PHONE = re.compile(
    rf"(?P<word>(?<!\w)(?!phone\]){any_of('phone')}\b\.?[^\d\n+(]{{0,22}}[ \t:]{{0,3}})"
    r"(?P<number>\+?\(?\d(?:[ \-./()\u00a0]{0,3}\d){6,14}"
    rf"(?:[ ]?{any_of('extension')}\.?[ ]?\d{{1,5}})?)",
    re.I,
)
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}-\d{2}-\d{2}")
_HEX = "[0-9A-Fa-f]"
_MAC = re.compile(
    rf"(?<![0-9A-Fa-f:.-])(?:(?:{_HEX}{{2}}[:-]){{5}}{_HEX}{{2}}|(?:{_HEX}{{4}}\.){{2}}{_HEX}{{4}})"
    r"(?![0-9A-Fa-f:-]|\.[0-9A-Fa-f])"
)
_CARD = re.compile(r"(?<![\w.])(?:\d{4}\.){3}\d{4}(?!\w)")  # with dots, as a MAC and an IP have
_IP = re.compile(
    rf"(?<![\w:.])(?:{_HEX}{{0,4}}:){{2,7}}(?:\d{{1,3}}(?:\.\d{{1,3}}){{3}}|{_HEX}{{0,4}})(?![\w:])"
    r"|(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.-]{1,2}\d)"
)
_VERSION = re.compile(rf"\b(?:v|{any_of('version')}|{any_of('since')})[ .:]{{0,2}}v?\Z", re.I)
_SINCE = re.compile(rf"{any_of('since')}[ ]\Z", re.I)
_ORDINAL, _OF, _MONTH = any_of("ordinal"), any_of("of"), r"[^\W\d_]{3,10}"
_DAY = (
    r"(?:\d{1,2}[ ]?[-./][ ]?\d{1,2}[ ]?[-./][ ]?\d{2,4}|\d{4}[-./]\d{1,2}[-./]\d{1,2}"
    rf"|(?:19|20)\d{{6}}|\d{{1,2}}(?:{_ORDINAL}|[.º°])?[ ]?(?:{_OF}[ ]?|-)?[ ]?{_MONTH}\.?,?"
    rf"(?:[ ]{_OF}|-)?[ ]?\d{{2,4}}|\d{{1,2}}[./-]\d{{1,2}}[./-]['’]\d{{2}}"
    rf"|{_MONTH}\.?[ ]\d{{1,2}}{_ORDINAL}?,?[ ]\d{{2,4}})"
)
_BIRTH = re.compile(
    rf"(?P<word>(?<!\w){any_of('birth')}(?![\w\]])[^\n\d]{{0,30}}?\n{{0,2}}{_ANY_GAP}){_DAY}(?!\d)"
    rf"|{_DAY}(?=[ ]\(?{any_of('birth')}(?!\w))",
    re.I,
)
_VEHICLE = re.compile(
    rf"(?P<word>(?<!\w)(?!plate\]){any_of('vehicle')}(?!\w)[^\n]{{0,60}}?(?<![\w:-]))"
    r"(?:[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2}[ -]?\d{1,4}[EH]?|[A-Z]{2}\d{2}[ -]?[A-Z]{3}"
    r"|[A-Z]\d{1,3}[ -]?[A-Z]{3}|[A-Z]{2}[- ]?\d{3}[- ]?[A-Z]{1,2}|\d{4}[ -]?[A-Z]{3}"
    r"|\d{1,4}[ -][A-Z]{2,3}[ -]\d{2}|\d{2}-?[A-Z]{2}-?\d{2}|[A-Z]{2}[- ]?\d{2}[- ]?[A-Z]{2}"
    r"|\d{2}-[A-Z]{2}-[A-Z]{2}|[A-Z]{2}-[A-Z]{2}-\d{2}|\d{1,2}-?[A-Z]{2,3}-?\d{1,2}"
    r"|[A-Z]{1,3}-?\d{2,3}-?[A-Z]{1,2}|\d{2}-?\d{2}-?[A-Z]{2}|[A-Z]{2}-?\d{2}-?\d{2}"
    r"|[A-Z]{3}[ -]?\d[A-Z\d]\d{2}|\d-[A-Z]{3}-\d{3}|[A-Z]{1,3}[ -]\d{1,4}[ -]?[A-Z]{1,3})"
    r"(?![\w-]|:\d)",
    re.I,
)
_AS_PLATE = re.compile(  # AB 12 CD as plate
    r"(?<![\w-])(?=[A-Z\d -]{0,9}\d)[A-Z\d]{1,4}(?:[ -][A-Z\d]{1,4}){1,2}"
    rf"(?=[ ]{any_of('used_as')}[ ]{any_of('plate')}\b)",
    re.I,
)
_PLATE = re.compile(
    rf"(?P<word>(?<!\w){any_of('plate')}(?:[ ](?![A-Z]+\b)[^\W\d_]{{1,12}}){{0,4}}[ :(]{{1,3}})"
    r"(?=[A-Z\d -]{0,9}\d)(?=[A-Z\d -]{0,9}[A-Z])[A-ZÄÖÜ\d]{1,4}(?:[ -]?[A-Z\d]{1,4}){1,2}"
    r"(?![\w-])"
)
_GOVERNMENT = re.compile(
    rf"(?P<word>(?<!\w){any_of('government')}(?!\w)[^\n\d]{{0,24}}?[ \t:(#]{{1,4}})"
    r"(?P<number>(?:[A-Z]{1,3}|(?-i:[A-Z]{1,3})[ ])?\d"
    r"(?:[\dA-Z]|[ .\-/]{1,3}(?=[A-Z]{0,2}\d)|[ -](?=(?-i:[A-Z])\b)){6,23})(?![\w-])",
    re.I,
)
_SHAPED = re.compile(  # DNI, NIE, National Insurance, codice fiscale, social security
    r"(?<![\w-])(?:\d{8}[ -]?[A-Z]|[XYZ][ -]?\d{7}[ -]?[A-Z]"
    r"|[A-Z]{2}[ ]?\d{2}[ ]?\d{2}[ ]?\d{2}[ ]?[A-D]"
    r"|[A-Z]{3}[ ]?[A-Z]{3}[ ]?\d{2}[A-Z]\d{2}[ ]?[A-Z]\d{3}[A-Z]|\d{3}-\d{2}-\d{4})(?![\w-])",
    re.I,
)
_NATIONAL = re.compile(  # of Belgium, of Switzerland: nothing else is written so
    r"(?<![\w.-])(?:\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}|756\.\d{4}\.\d{4}\.\d{2})(?![\w-]|\.\d)"
)
_PASSPORT = re.compile(  # with letters among its figures
    rf"(?P<word>(?<!\w)(?i:{any_of('government')})(?!\w)[^\n\d]{{0,24}}?[ \t:(#]{{1,4}})"
    r"(?:(?=[A-Z]{0,8}\d)[A-Z\d]{8,10}|\d{8}[ ]\d[ ][A-Z]{2}\d)(?![\w-])"
)
_CHECKED = (("es", "dni"), ("es", "nie"), ("it", "codicefiscale"), ("us", "ssn"))
_INSURANCE = re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", re.I)
_NUMBERED = re.compile(
    rf"(?P<word>(?<!\w){any_of('number')}(?:[ \t./-]{{0,2}}{any_of('number_sign')})?\.?(?!\w)"
    rf"(?:{_GAP}{any_of('number_is')}\.?){{0,3}}{_ANY_GAP}[:#=(]?[ \t#]{{0,2}})"
    r"(?P<number>(?=[A-Z0-9./-]{0,24}\d|[A-Z]{1,4}[ ]\d)"
    r"[A-Z0-9](?:[A-Z0-9]|[./-](?=[A-Z0-9])|[ ](?=\d)){2,26})(?![\w-])",
    re.I,
)
_BANK = re.compile(  # sort code 20-00-00
    rf"(?P<word>(?<!\w){any_of('bank')}\.?(?!\w)(?:[ ]{any_of('number_is')}(?!\w)){{0,3}}"
    r"[ \t]{0,2}[:#=(]?[ \t]{0,3})\d{2,8}(?:[ -]\d{2,12}){0,4}(?:[-/ ]\d)?(?![\w-]|[.,:/]\d)",
    re.I,
)
_BIC = re.compile(
    rf"(?P<word>(?<!\w)(?i:{any_of('bic')})(?!\w)[ ]?[:=(]?[ ]{{1,2}}"
    rf"(?i:{any_of('number_is')}[ ])?)"
    r"[A-Z]{6}[A-Z\d]{2}(?:[A-Z\d]{3})?(?!\w)"
)
_NO_NUMBER = re.compile(  # a year, a version, a day, an amount
    r"(?:19|20)\d\d|\d{1,2}(?:\.\d{1,2}){1,3}|\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?"
    r"|\d{1,2}/(?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d|\d{1,4}[.,]\d\d"
)
_BOOKED = re.compile(
    rf"(?P<word>(?i:\b{any_of('booked')}(?:[ ](?:{any_of('number_sign')}|{any_of('number_is')}))"
    r"{0,4})[ :#(]{1,3})[A-Z]{5,7}(?!\w)"
)
_HANDLE = re.compile(
    rf"(?P<word>(?<![\w@]){any_of('network')}(?!\w)[^\n@.]{{0,24}}?[ \t:(/]{{1,3}})"
    r"(?P<handle>(?:live:)?(?=[A-Za-z])(?=[\w.]{0,40}(?:[\d_#]|\.\w))[\w-][\w.-]{2,40}(?<!\.)"
    r"(?:@[\w.-]{3,60})?(?:#\d{4})?)",
    re.I,
)
_PLAIN_HANDLE = re.compile(
    rf"(?P<word>(?<![\w@]){any_of('network')}(?:[ \t]{any_of('account')})?{_ANY_GAP}"
    rf"(?:[:=]|{any_of('handle_is')})(?:{_ANY_GAP}(?:{any_of('handle_too')}|@))?[ \t:]{{0,2}})"
    r"(?P<handle>[A-Za-z][\w.-]{3,40}(?:#\d{4})?)(?![\w@])",
    re.I,
)
_USER_NAME = re.compile(  # my username is anna_s
    rf"(?P<word>(?<![\w@]){any_of('user_name')}(?!\w)"
    r"(?:[ ](?:on|in|at|for)[ ](?:\w{1,12}[ ]?){1,3}?)?"
    rf"(?:[ ]?[:=]|[ ]{any_of('handle_is')}(?!\w)|(?=[ ][A-Za-z][\w.]{{0,40}}[\d_]))"
    r"[ \t]{1,3}[\"'“„«]?)"
    r"(?P<handle>(?=[A-Za-z][\w.-]{0,40}[\d_.])[\w.-]{3,40}(?<!\.))(?![\w@])",
    re.I,
)
_IN_LINK = re.compile(r"(?P<before>\blinkedin\b[^\n]{0,20}\bin/)[\w-]{3,40}", re.I)
_BARE_HANDLE = re.compile(
    r"(?<![\w@./:=>\])*-])@(?!\d)(?P<handle>[\w.]{3,40}(?:@[\w.-]{3,60})?)(?![\w(])"
)
_ADDRESS = re.compile(r"\.(?:com|org|net|de|nl|fr|it|es|pt|uk|be|ca|au|eu|us|io|co)\Z")


def identifiers_masked(text: str) -> str:
    """The text without e-mail addresses however written, addresses of networks and of machines,
    numbers of customers and orders beside their word, of states, plates, days of birth, streets and
    names on networks."""
    shown = _LINK.sub("[link]", _E_MAIL.sub("[e-mail]", text))
    shown = _BIC.sub(r"\g<word>[number]", _BANK.sub(_bank, _IBAN.sub(_iban, shown)))
    shown = _PHONE.sub(_phone, shown)
    shown = _IP.sub(_ip, _MAC.sub("[number]", _CARD.sub("[card]", shown)))
    shown = _BIRTH.sub(lambda match: f"{match['word'] or ''}[date of birth]", shown)
    shown = _NATIONAL.sub("[number]", _PASSPORT.sub(r"\g<word>[number]", shown))
    shown = _SHAPED.sub(_by_shape, _GOVERNMENT.sub(_government, shown))
    shown = _PLATE.sub(r"\g<word>[plate]", _AS_PLATE.sub("[plate]", shown))
    for _ in range(3):  # one word may tell of several
        shown = _VEHICLE.sub(r"\g<word>[plate]", shown)
    shown = streets_masked(shown)
    shown = _PLAIN_HANDLE.sub(_handle, _HANDLE.sub(_handle, _USER_NAME.sub(_handle, shown)))
    shown = _BARE_HANDLE.sub(_bare, _IN_LINK.sub(r"\g<before>[handle]", shown))
    return _NUMBERED.sub(_numbered, _BOOKED.sub(r"\g<word>[number]", shown))


def _iban(match: re.Match) -> str:
    """[iban], and what follows it and is none of its groups."""
    ends = [*(blank.start() for blank in re.finditer(r"[ .-]+", match[0])), len(match[0])]
    end = next((at for at in reversed(ends) if iban.is_valid(match[0][:at])), 0)
    return f"[iban]{match[0][end:]}" if end else match[0]


def _bank(match: re.Match) -> str:
    figures = match[0][len(match["word"]) :]
    none = _digits(figures) < 5 or _DATE.fullmatch(figures)
    return match[0] if none else f"{match['word']}[number]"


def _phone(match: re.Match) -> str:
    return match[0] if _DATE.fullmatch(match["number"]) else f"{match['word']}[phone]"


def _ip(match: re.Match) -> str:
    """[number], unless it is no address or a version's number."""
    try:
        address = ip_address(match[0])
    except ValueError:
        return match[0]
    if address.version == 6:
        return match[0] if len(match[0]) < 6 else "[number]"
    before = match.string[max(0, match.start() - 14) : match.start()]
    small = all(int(part) < 100 for part in match[0].split("."))
    version = _VERSION.search(before) and (small or not _SINCE.search(before))
    return match[0] if version else "[number]"


def _government(match: re.Match) -> str:
    number = match["number"]
    if _NO_NUMBER.fullmatch(number):
        return match[0]
    coded = len(number) >= 8 and number.isupper() and _digits(number) >= 3
    return f"{match['word']}[number]" if coded or _digits(number) >= 6 else match[0]


def _by_shape(match: re.Match) -> str:
    plain = re.sub(r"[ -]", "", match[0])
    told = _INSURANCE.fullmatch(plain) or any(_valid(*way, plain) for way in _CHECKED)
    return "[number]" if told else match[0]


def _valid(country: str, kind: str, number: str) -> bool:
    """Does a state's number hold its check digit?"""
    try:
        return bool(get_cc_module(country, kind).validate(number))
    except exceptions.ValidationError:
        return False


def _handle(match: re.Match) -> str:
    known = match["handle"].casefold() in words_of("no_handle")
    return match[0] if known else f"{match['word']}[handle]"


def _bare(match: re.Match) -> str:
    plain = match["handle"].casefold().rstrip(".")
    none = plain in words_of("annotation") or len(plain) < 4 or _ADDRESS.search(plain)
    return match[0] if none else "[handle]"


def _numbered(match: re.Match) -> str:
    number = match["number"]
    digits = _digits(number)
    least = 4 if digits == len(number) else 1 if number.isupper() and len(number) >= 5 else 3
    return (
        match[0] if digits < least or _NO_NUMBER.fullmatch(number) else f"{match['word']}[number]"
    )


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))
