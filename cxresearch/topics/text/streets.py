"""Streets with a house's number in a text, each replaced by [address]."""

import re

from cxresearch.topics.text.word_lists import CAPITALS, any_of

_FREE = r"(?<![\w/@.-])(?<![Ww]indows )(?<![Oo]ffice )(?<!Win )(?<!TB )(?<!macOS )"
_NAME = r"[^\W\d_][\w.'’-]{0,30}"
_CAPITAL = rf"(?-i:[{CAPITALS}])[\w.'’-]{{0,30}}"
_HOUSE = (  # 12, 12 b, 12-14, 12 bis
    r"\d{1,5}(?:[ ]?[A-Za-z](?!\w)|[-/][\dIVXA-Za-z]{1,4})?(?:[ ](?:bis|ter|quater)(?!\w))?"
)
_OF = rf"(?:{any_of('street_of')}[ ]){{0,3}}"
_NUMBERED = rf"[ ]?,?[ ]?{any_of('house_number')}?[ ]?(?:{_HOUSE}|s/n)"
_ORDINAL = rf"\d{{1,3}}{any_of('ordinal')}"
_COUNTS = rf"[\w%€.,]?\d|[ ]?{any_of('street_unit')}"
_ENGLISH = (  # 12 Old Mill Street
    rf"{_FREE}\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,4}})?[ ](?!{any_of('street_unit')}\b)"
    rf"(?:[NS][EW]?\.?[ ]|[EW]\.?[ ])?"
    rf"(?:(?:(?:{_NAME}|{_ORDINAL})[ ]){{1,4}}{any_of('street')}\b\.?"
    rf"|(?:(?:{_CAPITAL}|{_ORDINAL})[ ]){{1,3}}(?-i:{any_of('street_capital')})\b\.?"
    rf"|The[ ]{_CAPITAL}|(?:{_NAME}[ ]){{1,2}}{any_of('street_small')}\b)"
)
_POST_BOX = rf"\b(?:P\.?[ ]?O\.?[ ]?Box[ ]|{any_of('post_box')}[ ]\d)\d{{1,6}}\b"
_ONE_WORD = (  # Lange Gasse 12, Ahornstraße 12, Prinsengracht 12
    rf"{_FREE}(?:{_CAPITAL}[ -]){{0,3}}"
    rf"(?:{_NAME}{any_of('street_end')}|{_CAPITAL}{any_of('street_end_capital')})"
    rf"[ ]{{1,2}}{_HOUSE}(?!\w)"
)
_GERMAN = (  # Am alten Markt 12
    rf"(?<!\w)(?-i:{any_of('street_at')})[ ](?:{any_of('street_old')}[ ])?"
    rf"(?:{_CAPITAL}[ ]){{1,2}}{_HOUSE}(?!{_COUNTS})"
    r"(?=[ ]{0,2}(?:[,;.:\n)-]|\d{5}|und\b|in\b|$))"
)
_DUTCH = (  # Laan van de Vrede 12, Damrak 12
    rf"(?<!\w)(?:{any_of('street_van')}[ ]van[ ](?:(?:de|het|den)[ ])?(?:{_NAME}[ ]){{1,2}}"
    rf"|(?-i:{any_of('street_alone')})[ ](?:{_CAPITAL}[ ]){{0,2}}){_HOUSE}(?!\w)"
)
_FRENCH = (  # 12 bis, rue de la Paix
    rf"{_FREE}\d{{1,4}}(?:[ ]?(?:bis|ter|quater|[A-Da-d]))?,?[ ]{any_of('street_french')}"
    rf"(?:[ ]{any_of('street_of_french')}?{_NAME}){{1,5}}?"
    rf"(?=[ ]{{0,9}}(?:[,;.\n)(-]|\d|$)|[ ]{any_of('street_then')}\b)"
)
_BEFORE = (  # calle de la Luna, n.º 12; via XX Settembre 12; rua 5 de Outubro 12
    rf"(?<![\w/])(?<!per )(?<!la ){any_of('street_before')}(?!\w)[ ]{{0,2}}{_OF}"
    rf"(?:{_NAME}[ ]?){{1,4}}?(?:[ ]\d{{1,2}}[ ]de[ ]{_NAME})?{_NUMBERED}(?!\w|[:.]\d)"
)
_BEFORE_CAPITAL = (  # rambla de Catalunya 12
    rf"(?<![\w/]){any_of('street_before_capital')}[ ]{{1,2}}{_OF}{_CAPITAL}"
    rf"(?:[ ]{_OF}{_CAPITAL}){{0,3}}{_NUMBERED}(?!\w)"
)
_GRAN_VIA = r"(?<!\w)gran vía[ ],?[ ]?\d{1,4}"
_WAYS = [_ENGLISH, _POST_BOX, _ONE_WORD, _GERMAN, _FRENCH, _BEFORE, _BEFORE_CAPITAL, _GRAN_VIA]
_FIGURE = re.compile(r"\d")
_STREETS = re.compile("|".join([*_WAYS, _DUTCH]), re.I)
_FIELD = re.compile(  # address: 12, The Maltings
    rf"(?P<word>(?<!\w){any_of('address')}[ ]{{0,2}}:[ ]{{0,3}})"
    r"(?=[^\n,;]{0,60}\d)[^\n,;:@]{4,70}?(?=[ ]{0,2}(?:[,;\n]|$))",
    re.I,
)


_TOWN = rf"(?-i:[{CAPITALS}])[\w'’-]{{1,30}}"
_PLACE = rf"{_TOWN}(?:[ -](?:(?:am|an der|de|la|sur|del|di|do|den|upon|on)[ ])?{_TOWN}){{0,2}}"
_POSTCODE = (
    r"(?:(?-i:[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2})|(?-i:[A-Z]\d[A-Z][ ]?\d[A-Z]\d)"
    r"|(?-i:[A-Z]{2,3})[ ](?:[A-Z]\d[A-Z][ ]?\d[A-Z]\d|\d{4,5}(?:-\d{4})?)|(?<=[ ])\d{5})(?!\w)"
)
_CODE_FIRST = (
    r"(?:[A-Z]{1,2}-)?(?:\d{5}(?:-\d{3})?|\d{4}(?:-\d{3}|[ ]?(?-i:[A-Z]{2}))?|\d{2}-\d{3})[ ]"
    rf"{_PLACE}"
)
_REST = re.compile(  # Flat 3, [address], Apt 6, 12345 Springfield
    rf"(?:(?<!\w){any_of('unit')}[ ]?\w{{1,4}},?[ ])?\[address\]"
    rf"(?:,?[ ]{any_of('unit')}(?:[ .]{{1,2}}[\w/]{{1,4}}[.ºª°]?){{1,2}}"
    r"|[ ](?:bis|ter)(?!\w)|,[ ](?:\d{1,2}[.ºª°]{1,2}[ ]?[^\W\d]{1,5}\.?"
    rf"|{any_of('floor')}(?!\w))){{0,2}}"
    rf"(?:[ ]{{0,2}}[,\n][ ]{{0,2}}{_CODE_FIRST}"
    rf"|(?:,?[ \n]{_PLACE}){{0,2}}?,?[ \n]{{1,2}}{_POSTCODE}"
    rf"|,[ ]{_PLACE}(?=[.,;\n]|\Z))?",
    re.I,
)


def streets_masked(text: str) -> str:
    """The text without what a form's field of an address holds, and without streets as they are
    written in seven languages, with the house's number, the flat's, and the place that follows."""
    if not _FIGURE.search(text):
        return text
    shown = _STREETS.sub("[address]", _FIELD.sub(r"\g<word>[address]", text))
    return _REST.sub("[address]", shown) if "[address]" in shown else shown
