"""What others wrote shows all that is in it: nothing hides, and nothing moves what stands beside.

Signs that a screen obeys or does not show (control and escape characters, those that turn a line's
direction, fillers, tags, halves of characters) are written out, such as \\u202e. A joiner stays
between two letters from Arabic to Burmese and between emoji, which are written with it.
"""

import re

LIKE_FORMULAS = tuple("=+-@\t\r\n＝＋－＠")  # what a spreadsheet runs begins so
_LETTER, _EMOJI = "\u0620-\u109f", "\u2190-\u2bff\U0001f000-\U0001faff"
_HIDDEN = re.compile(
    rf"(?P<kept>[{_LETTER}][\u200c\u200d](?=[{_LETTER}])|[#*0-9]\ufe0f(?=\u20e3)"
    rf"|[{_EMOJI}](?:[\ufe0e\ufe0f](?:\u200d(?=[{_EMOJI}]))?|\u200d(?=[{_EMOJI}])))"
    "|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|\r(?!\n)"
)
_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")  # of a terminal: a colour, a place
_RTL = (
    "\u0590-\u08ff\u200c\u200d\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff"
)
_TURNED = re.compile(rf"<title>[^<]*</title>|<[^>]*>|[{_RTL}]+(?:(?:[ ,.!?:'-]+| \d+ )[{_RTL}]+)*")


def visible(text: str) -> str:
    """The text with what cannot be seen in it written out; lines and tabs stay."""
    return _HIDDEN.sub(lambda sign: sign["kept"] or ascii(sign[0])[1:-1], text)


def unhidden(text: str) -> str:
    """The text without what cannot be seen in it, so that rules read what a person would."""
    text = _ESCAPE.sub("", text)
    return _HIDDEN.sub(lambda s: s["kept"] or (" " if s[0].isspace() else ""), text)


def isolated(page: str) -> str:
    """HTML, visible, in which words written from right to left turn nothing that stands beside."""
    return _TURNED.sub(
        lambda words: words[0] if words[0][0] == "<" else f"<bdi>{words[0]}</bdi>", visible(page)
    )


def field(text: str) -> str:
    """The text as a field of a CSV file: visible, and run by no spreadsheet (see plain_field)."""
    text = visible(text)
    return f"'{text}" if text.startswith((*LIKE_FORMULAS, "'")) else text


def plain_field(field: str) -> str:
    """The text of a field, without the mark that keeps a spreadsheet from running it."""
    return field[1:] if field[:1] == "'" and field[1:].startswith((*LIKE_FORMULAS, "'")) else field
