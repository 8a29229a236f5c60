"""What real messages carry besides their point: typing errors, logs, quotes, markup, emoji."""

import html
from functools import cache
from pathlib import Path

from cxresearch.lab.simulate.wording import Dice
from cxresearch.study.toml_text import read_toml

CLAUSES = Path(__file__).parent / "clauses"


@cache
def clauses(name: str) -> dict:
    """The clauses of a cause, or of `common` or `replies`, as their file holds them."""
    return read_toml(CLAUSES / f"{name}.toml")


def blemished(text: str, dice: Dice) -> str:
    """The text with some of: references, logs, emoji, a quoted answer, typing errors, markup."""
    odd, said = clauses("common")["odd"], clauses("common")["en"]
    if dice() < 0.22:
        text = f"{text}\n{dice.one(odd['reference'])}"
    if dice() < 0.05:
        text = f"{text}\n\n{dice.one(odd['log'])}"
    if dice() < 0.05:
        text = f"{text} {dice.one(odd['emoji']) * dice.whole(1, 2)}"
    if dice() < 0.06:
        text = f"{text}\n\n{dice.one(said['quote'])}\n> {dice.one(said['quoted'])}"
    luck = dice()
    if luck < 0.22:
        text = _mistyped(text, dice, dice.whole(1, 3))
    elif luck < 0.28:
        text = text.lower()
    return _marked_up(text) if dice() < 0.04 else text


def _mistyped(text: str, dice: Dice, errors: int) -> str:
    """Swaps, drops or doubles a letter in some words; slots stay whole."""
    words = text.split(" ")
    for _ in range(errors):
        place = dice.whole(0, len(words) - 1)
        word = words[place]
        if len(word) > 3 and word.isalpha():
            at, how = dice.whole(1, len(word) - 2), dice()
            swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            dropped, doubled = word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]
            words[place] = swapped if how < 0.5 else dropped if how < 0.8 else doubled
    return " ".join(words)


def _marked_up(text: str) -> str:
    """The text as a mail program sends it: paragraphs and line breaks as HTML."""
    paragraphs = html.escape(text, quote=False).split("\n\n")
    return "".join(f"<p>{p.replace(chr(10), '<br>')}</p>" for p in paragraphs)
