"""People's names in a text, each replaced by [name], by where they stand and by lists of names."""

import re

from cxresearch.topics.text import introductions
from cxresearch.topics.text import name_judges as judges
from cxresearch.topics.text.name_words import LETTER
from cxresearch.topics.text.word_lists import any_of, words_of

NAME = "[name]"
SMALL = 0.012  # of a text's letters are capital ones at least, if it is written with them
_BLANK = r"[ \t\u00a0]"
_PART = (  # J.-P. or Anna or O'Neill's
    rf"{LETTER}(?:\.(?:-?{LETTER}\.){{0,3}}"
    rf"|[\w'’-]{{0,30}}(?:['’]{LETTER}[\w'’-]{{0,30}})?)"
)
_TITLE = rf"(?:(?<!\w)(?i:{any_of('titles')})\.?(?!\w){_BLANK}{{1,2}})"
_TITLES = rf"{_TITLE}{{0,2}}"
_NAMES = rf"(?P<name>{_PART}(?:{_BLANK}{{1,2}}(?:{_PART}|['’][tns](?!\w))){{0,5}})"
_UP_TO_TWO = rf"(?P<name>{_PART}(?:[ ]{_PART})?)"
_UP_TO_THREE = rf"(?P<name>{_PART}(?:[ ]{_PART}){{0,2}})"


def _after(words: str, mark: str = "", titles: str = _TITLES) -> re.Pattern:
    """Names after a word of a list, a mark and titles."""
    told = rf"(?<!\w)(?i:{any_of(words)})(?!\w){mark}{_BLANK}{{1,3}}"
    return re.compile(rf"(?P<before>{told}{titles}){_NAMES}")


_GREETED = re.compile(
    rf"(?P<before>(?:^|(?<=[\n.!?,;>])|(?<=[.!?,;>]\s)){_BLANK}{{0,3}}(?i:{any_of('greets')})(?!\w)"
    rf"(?:{_BLANK}{{1,2}}(?i:{any_of('greets_again')})(?!\w))?[,!]?{_BLANK}{{1,3}}{_TITLE}{{0,3}})"
    rf"{_NAMES}",
    re.M,
)
_FIELD = re.compile(  # name (first): Anna Smith
    rf"(?P<before>(?:^|(?<=[\n|;,(\]])|(?<=[.!?] ))[ \t>*-]{{0,4}}(?i:{any_of('fields')})"
    rf"[ \t]{{0,2}}(?:\(\w{{1,12}}\)[ \t]?)?[:=][ \t]{{0,3}}{_TITLES})"
    rf"(?P<name>{_PART}(?:(?:,?{_BLANK}{{1,2}}|/){_PART}){{0,5}})"
    r"(?P<after>[ \t]{0,3}(?:[,;|(<\n]|\d|$))",
    re.M,
)
_ENDS = re.compile(  # with kind regards -- or on a line of its own -- Anna Smith xx
    rf"(?P<before>(?<!\w)(?i:{any_of('ends')})(?!\w)[ \t]{{0,2}}[^\w\n]{{0,4}}[ \t]{{0,2}}"
    rf"(?:\n[ \t>]{{0,3}}(?:-{{1,3}}[ \t]{{0,2}})?){{0,3}}{_TITLES}){_NAMES}"
    r"(?P<after>[ \t]{0,2}(?:x{1,3})?[ \t]{0,2}[.,!)]?[ \t]{0,2}(?:\n|\Z|[|,(/–-]))",
    re.M,
)
_LINE = re.compile(
    rf"(?P<before>^[ \t>]{{0,3}}(?:-{{1,3}}[ \t]{{1,2}}|[–—~][ \t]?)?{_TITLES}){_NAMES}"
    r"(?P<after>[ \t]{0,2}[,:!]?[ \t]{0,2}$|[ \t]{1,2}[|<(])",
    re.M,
)
_CLOCK = re.compile(  # [10:32] Anna:
    r"(?P<before>^[ \t>]{0,3}[\[(]?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?[\])]?[ \t]{1,3})"
    rf"{_UP_TO_THREE}(?P<after>[ \t]?:)",
    re.M,
)
_WROTE = re.compile(  # on 3 May, 10:32 Anna Smith <
    rf"(?P<before>(?:,|{any_of('wrote')}|{any_of('sender')}:)[ \t]{{1,2}}"
    rf"(?:\d{{1,2}}[:.]\d{{2}}[ \t,]{{1,2}})?){_NAMES}"
    rf"(?P<after>[ \t]{{0,2}}(?:<|\[e-mail\]|{any_of('wrote')}:))"
)
_WRITES = re.compile(
    rf"(?P<before>^[> \t]{{0,4}}){_UP_TO_THREE}(?P<after>[ ]{any_of('wrote')}\b)", re.M
)
_AT = re.compile(rf"(?P<before>^@){_UP_TO_TWO}(?![\w.])", re.M)
_DASHED = re.compile(
    rf"(?P<before>^-{{2,3}}[ ]?\n|^[–—~][ ]){_NAMES}(?P<after>[ \t]{{0,2}}(?:$|[|(,]))", re.M
)
_LAST = re.compile(
    rf"(?P<before>\n[ \t]{{0,3}}/?|(?<=[.!?…)])[ ](?:/|[–—~-]{{1,2}}[ ]?)?|,[ ]){_NAMES}"
    r"(?P<after>[ ]?x{0,3}[.!]?\s{0,4}\Z)"
)
_GAVE = re.compile(  # "..." that Anna gave
    rf"(?P<before>[\"”»][ ](?:{any_of('that')}[ ])?(?:[ao][ ])?)(?P<name>{_PART})"
    rf"(?P<after>[ ]{any_of('gave')}\b)"
)
_MYSELF = re.compile(  # I, Anna Smith,
    rf"(?P<before>\b(?i:{any_of('myself')}),[ ])(?P<name>{_PART}(?:[ ]{_PART}){{1,3}})(?P<after>,)"
)
_FAMILY_FIRST = re.compile(  # Smith, [name] (Mrs)
    rf"(?P<before>^[ \t>*-]{{0,4}}|[:;(][ \t]{{0,3}})(?P<name>{_PART}(?:[ ]{_PART})?)"
    rf"(?P<after>,[ ]{re.escape(NAME)}[ ]?(?:$|[;)\n]|\((?i:{any_of('titles')})\.?\)))",
    re.M,
)
_SPEAKS = re.compile(  # Anna Smith speaking
    rf"(?P<before>(?:^|(?<=[.!?,] ))[ \t>]{{0,3}}){_UP_TO_THREE}"
    rf"(?P<after>[ ]{any_of('speaks')}[ ]?[,.!:;\n])",
    re.M,
)
_NAMED = re.compile(  # a form's line: name Anna Smith
    rf"(?P<before>(?:^|(?<=[.;,] ))[ \t>*-]{{0,4}}(?i:{any_of('field_name')})[ \t]{{1,3}})"
    rf"(?P<name>{_PART}(?:[ ]{_PART}){{1,3}})(?P<after>[ \t]{{0,2}}(?:[,;]|$))",
    re.M,
)
_AND = re.compile(rf"(?P<before>\[name\]{_BLANK}?{any_of('and')}{_BLANK}){_NAMES}")
_WORDS = re.compile(rf"(?<![\w@./\\#-])(?P<name>{_PART}(?:{_BLANK}{{1,2}}{_PART}){{0,4}})")
_TITLED = re.compile(rf"(?P<before>{_TITLE}{{1,3}}){_NAMES}")
_JUDGES = {  # in this order
    _FIELD: judges.in_field,
    _WROTE: introductions.said,
    _NAMED: judges.spoken,
    _CLOCK: judges.listed_there,
    _AT: judges.greeted,
    _GREETED: judges.greeted,
    _after("named", ":?", ""): introductions.said,
    _TITLED: judges.titled,
    _ENDS: judges.signed,
    _DASHED: judges.signed,
    _LAST: judges.last,
    _WRITES: introductions.said,
    _GAVE: introductions.said,
    _MYSELF: introductions.said,
    _after("maybe"): introductions.maybe,
    _after("spoken_of", "[:,]?", rf"[\"“„«']?{_TITLES}"): judges.spoken_of,
    _after("told", r"\.?:?"): judges.told,
    _SPEAKS: judges.spoken,
    _LINE: judges.alone,
}
_AGAIN = (_TITLED, judges.titled)


def persons_masked(text: str) -> str:
    """The text with names masked: after a greeting, a title, a sign-off, "my name is", in a form's
    field, and, where a first name of the lists begins them, anywhere.

    A word that is a name and a word, too (Will, Rose), is one where it is greeted, signed or stands
    before a family name.
    """
    capitals = sum(map(str.isupper, text)) + 4 * text.count(NAME)  # a name had some
    small = capitals < SMALL * max(60, len(text))
    shown = text
    for pattern, judge in (*_JUDGES.items(), _AGAIN):  # of Mr A and Mr B the first took both
        shown = pattern.sub(lambda match, judge=judge: _masked(match, judge), shown)
    shown = _WORDS.sub(
        lambda m: _anywhere(m, small) if small or not m[0].islower() else m[0], shown
    )
    if f", {NAME}" in shown:
        shown = _FAMILY_FIRST.sub(lambda match: _masked(match, judges.family_first), shown)
    return _AND.sub(lambda match: _masked(match, judges.second), shown)


def _masked(match: re.Match, judge) -> str:
    """The match with as many of its words masked as name somebody there."""
    one = judges.Candidate.of(match)
    n = judge(one)
    if not n:
        return match[0]
    return f"{one.before}{NAME}{one.whole[judges.end_of(one.whole, n) :]}{one.after}"


def _anywhere(match: re.Match, small: bool) -> str:
    """The words with names of the lists masked."""
    if not small and match[0].islower():
        return match[0]
    whole, shown, last, at = match["name"], "", 0, 0
    words = list(judges.WORD.finditer(whole))
    while at < len(words):
        start, rest = words[at].start(), [word[0].rstrip(".") for word in words[at:]]
        before = match.string[max(0, match.start() - 8) : match.start() + start].split()[-1:]
        place = "".join(before).casefold().rstrip(".") in words_of("of_places")
        n = 0 if place else judges.anywhere(rest, small)
        if n:
            shown += whole[last:start] + NAME
            last = start + judges.end_of(whole[start:], n)
        at += n or 1
    return shown + whole[last:]
