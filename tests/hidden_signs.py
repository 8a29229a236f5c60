"""Signs that hide or move what stands beside them, found by what Unicode says of each."""

import unicodedata

from hypothesis import strategies as st

# a sample of every kind: C0, C1, fillers, joiners, directions, halves, tags, selectors, separators
SIGNS = (
    "\x00\x07\x08\x0b\x0c\x1b\x1c\x7f\x85\x9b\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180e"
    "\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2064"
    "\u2065\u2066\u2067\u2068\u2069\u206a\u206f\u3164\ufe00\ufe0e\ufe0f\ufeff\uffa0\ufff9\ufffb"
    "\ufffe\U0001bca0\U0001d173\U000e0001\U000e0041\U000e007f\U000e0100\U000e01ef"
)
ALIKE = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u3164\uffa0\ufffe\uffff"
ARABIC_NUMBER_SIGNS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"
words = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=5)
written = st.lists(st.one_of(words, st.sampled_from(SIGNS), st.characters())).map("".join)


def hides(sign: str) -> bool:
    """Is it a control, a format sign, half a letter, a line's or paragraph's end, a filler or a
    selector? An Arabic number sign is seen."""
    kind = unicodedata.category(sign)
    if kind == "Cf":
        return sign not in ARABIC_NUMBER_SIGNS and not "\U000110bd" <= sign <= "\U0001345f"
    selects = "\ufe00" <= sign <= "\ufe0f" or "\U000e0000" <= sign <= "\U000e0fff"
    return (kind in ("Cc", "Cs", "Zl", "Zp") and sign not in "\t\n") or sign in ALIKE or selects


def hidden(text: str) -> list[str]:
    """What hides in a text; a joiner or an emoji's selector that may stay is none."""
    return [
        hex(ord(sign))
        for before, sign, after in zip(f"  {text}", f" {text} ", f"{text}  ", strict=True)
        if hides(sign) and not _may_stay(before, sign, after)
    ]


def _may_stay(before: str, sign: str, after: str) -> bool:
    letters = all("\u0620" <= each <= "\u109f" for each in (before, after))
    joins = letters or ((_emoji(before) or before in "\ufe0e\ufe0f") and _emoji(after))
    selects = _emoji(before) or (
        sign == "\ufe0f" and before in "#*0123456789" and after == "\u20e3"
    )
    return (sign in "\u200c\u200d" and joins) or (sign in "\ufe0e\ufe0f" and selects) or (
        sign == "\r" and after == "\n"
    )  # fmt: skip


def _emoji(sign: str) -> bool:
    return "\u2190" <= sign <= "\u2bff" or "\U0001f000" <= sign <= "\U0001faff"
