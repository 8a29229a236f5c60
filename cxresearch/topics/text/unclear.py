"""Does a text say what it is about? English, German and Spanish.

Chasing, thanks, "as discussed", an automatic reply or "it does not work" tell nobody what to mend.
A text is unclear if each of its words could stand in a ticket about anything: words of grammar,
politeness, time and place in a week, waiting and writing, and of trouble without its object.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache

from cxresearch.topics.text.everyday import listed

AUTOMATIC = re.compile(
    r"\A\W{0,5}(?:(?:re|aw|fw|fwd): ?)?(?:(?:auto(?:matic|mated)?[- ]?(?:reply|response|answer)"
    r"|automatische (?:antwort|nachricht)|abwesenheitsnotiz|respuesta autom[áa]tica|out of office"
    r"(?: reply)?)(?: ?:|[ .]*\Z)|out of office\. )"
    r"|\b(?:am|are|is|be) (?:currently |now )?out of (?:the |my |our )?office\b"
    r"|\b(?:bin|sind) (?:\w{1,12} ){0,4}(?:nicht im büro|im urlaub|außer haus)\b"
    r"|\b(?:estoy|estaré|estamos) (?:\w{1,12} ){0,2}fuera de la oficina\b",
    re.I,
)
_NOT = (
    r"(?:can ?not|can['’]?ts?|unable to|not|won['’]?t|don['’]?t|stop(?:ped|s)?|no longer|never"
    r"|able to)"
)
_MAIL = r"(?:e-?mails?|mails?|messages?|attachments?|replies|photos?|pictures?|calls?)"
_ON_MAIL = r"(?:send|sending|receiv(?:e|ing)|get|getting|see|open|read|make)"
TELLING = re.compile(  # common words that together name a thing
    r"\b(?:top(?:ped|ping)?[- ]?ups?|log(?:ged|ging|s)?[- ]?(?:in|on|out|off)"
    r"|sign(?:ed|ing|s)?[- ]?(?:in|up|on|out)|set(?:ting)?[- ]?up|back(?:ed|ing)?[- ]?ups?"
    r"|shut(?:s|ting)?[- ]?down|pop(?:s|ping)?[- ]?ups?|time[ds]?[- ]?out|roll(?:ed|ing)? back"
    r"|turn(?:s|ed)? (?:on|off)|how old|old enough|(?:charged|billed|paid|taken|debited) twice"
    r"|too slow|very slow|keeps? stopping|not loading"
    r"|(?:chang|updat|edit|correct)\w{1,3} (?:\w{1,8} ){0,3}(?:details|information|name|number)"
    rf"|{_NOT} (?:\w{{1,12}} ){{0,3}}{_ON_MAIL} (?:\w{{1,9}} ){{0,3}}{_MAIL}"
    rf"|(?:sending|receiving|deleted|lost|missing|new) {_MAIL}|auto[- ]?repl"
    rf"|{_MAIL} (?:are |is )?(?:not |never )?"
    r"(?:sending|missing|gone|lost|disappear|deleted|delivered)"
    r"|(?:lost|stolen|find|longer have|where) .{0,12}phone|phone (?:is gone|was (?:lost|stolen))"
    r"|(?:my|your|an?|the|show) id|(?:what|certain) age|years old)\b"
    r"|[$€£] ?\d|\d ?(?:[$€£]|(?:eur|usd|gbp|chf)\b)",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
GENERAL = frozenset().union(*listed().values())
LONGEST = 30  # letters of a word in which a slip is sought
RARE, MANY = 2, 500  # a word of so few of so many texts may be a slip of the pen
EVERYWHERE = 0.4  # of the texts hold a word, such as the product's name: then it tells none apart
ENOUGH = 20  # texts of which that is judged


def everywhere(texts: Sequence[str]) -> frozenset[str]:
    """The words that more than two in five of the texts hold, such as the product's name."""
    held = Counter(word for text in texts for word in _words(text))
    enough = len(texts) >= ENOUGH
    common = {w for w, n in held.items() if enough and n > EVERYWHERE * len(texts)}
    return frozenset(common - GENERAL)


def unclear(texts: Sequence[str], silent: Collection[str] = ()) -> list[bool]:
    """Which of the texts, scrubbed before, say nothing of what they are about.

    silent are further words that tell nothing, those that name persons (redaction.people). In many
    texts a word that hardly any holds, and that differs by a letter from a word that tells nothing,
    is a slip of the pen.
    """
    held = Counter(word for text in texts for word in _words(text))
    slips = (
        {w for w, n in held.items() if n <= RARE and 3 < len(w) <= LONGEST}
        if len(texts) >= MANY
        else ()
    )
    return [
        AUTOMATIC.search(text) is not None
        or (
            all(_tells_nothing(w, silent, slips) for w in _words(text)) and not TELLING.search(text)
        )
        for text in texts
    ]


def _words(text: str) -> set[str]:
    return {word.replace("’", "'") for word in _WORD.findall(text.casefold())}


def _tells_nothing(word: str, silent: Collection[str], slips: Collection[str]) -> bool:
    base = word.removesuffix("'s")
    if len(base) < 2 or base in GENERAL or base in silent:
        return True
    parts = base.split("-")
    return (len(parts) > 1 and GENERAL.issuperset(parts)) or (
        word in slips and not _near(base).isdisjoint(_near_general())
    )


def _near(word: str) -> set[str]:
    """The word and what is left of it without one letter: words a letter apart share one."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


@lru_cache(maxsize=1)
def _near_general() -> frozenset[str]:
    return frozenset(part for word in GENERAL if len(word) > 3 for part in _near(word))
