"""Where it happens, as customers name it: browser, system, device and version, read by rules.

Names are those of the public statistics of browsers, systems and vendors (StatCounter Global Stats,
lists of 2024). A text that names two of a kind does not tell which of them it is about; whoever
names none is not everybody.
"""

import re

import pandas as pd

from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.topics.text.ticket_text import joined_text

KINDS = ("browser", "system", "device", "version")
READ = 5_000  # characters of a text that are read
_OWN = r"(?:(?<=\bmy )|(?<=\bour )|(?<=\ba )|(?<=\bmein )|(?<=\bmi )|(?<=\bon )|(?<=\bnew ))"
_N = r"(?:[ /]?(?P<n>v?\d{1,4}(?:[.]\d{1,5}){0,3}[a-z]{0,3}))?(?![\w-])"
_BROWSERS = {
    "Edge": r"microsoft edge|ms edge|edg(?=/)|(?-i:Edge(?! case))",
    "Opera": r"(?-i:Opera|OPR)(?: gx| mini)?",
    "Samsung Internet": r"samsung internet|samsungbrowser",
    "Internet Explorer": r"internet explorer|(?-i:IE(?= ?\d))", "Vivaldi": "vivaldi",
    "Brave": r"(?-i:Brave)(?= browser|[ ,.]*\d|[,.)]| and | on )", "Chromium": "chromium",
    "Firefox": r"(?:mozilla )?fire ?fox(?: esr)?|fxios(?=/)",
    "Chrome": r"(?:google )?chrome(?! ?os)",
    "Safari": r"(?-i:Safari|safari)",
}  # fmt: skip
_SYSTEMS = {
    "ChromeOS": "chrome ?os", "iPadOS": "ipados", "iOS": r"(?-i:iOS|IOS)", "Android": "android",
    "Windows": r"(?-i:Windows)(?: nt)?|windows(?= ?(?:\d|xp|vista|pc))|win(?= ?(?:7|8|10|11)\b)"
    r"|(?<=\bon )windows|(?<=\bunder )windows|(?<=\bunter )windows|(?<=\ben )windows",
    "macOS": r"mac ?os(?: ?x)?(?: (?-i:[A-Z][a-z]+)){0,2}|os ?x",
    "Linux": r"(?:gnu/)?linux(?: mint)?|x?k?ubuntu|debian|fedora|arch linux|manjaro|open ?suse"
    r"|red hat|raspberry pi os",
}  # fmt: skip
_DEVICES = {
    "iPhone": "iphone", "iPad": r"ipad(?: (?:pro|air|mini))?", "Pixel": r"(?-i:Pixel)(?= ?\d)",
    "Galaxy": r"(?:samsung )?galaxy(?: (?:tab|note))?(?: ?[asz]?\d{1,2}\w?)?|samsung",
    "Mac": r"i?mac(?: ?book)?(?: (?:pro|air|mini|studio))?(?! ?os| (?:and|&|n) cheese)",
    "Surface": rf"microsoft surface|{_OWN}(?-i:Surface)(?! area)"
    r"|(?-i:Surface)(?= (?:pro|go|laptop|book|studio|duo|hub|\d))",
    "Zebra": r"zebra(?: [a-z]{2}\d{2}\w?)?", "Honeywell": r"honeywell(?: [a-z]{2}\d{2}\w?)?",
    "Chromebook": "chromebook", "Lenovo": "lenovo|thinkpad|ideapad", "HP": r"(?-i:HP)(?= \w)",
    "Dell": rf"{_OWN}(?-i:Dell|DELL)|(?-i:Dell|DELL)(?= (?:laptop|pc|computer|monitor|notebook|xps"
    r"|latitude|inspiron|optiplex|precision|vostro|\w?\d))",
    "Acer": "acer", "Asus": "asus", "Xiaomi": "xiaomi|redmi",
    "Huawei": "huawei", "OnePlus": "oneplus", "Motorola": r"motorola|moto(?= [a-z]?\d)",
    "Datalogic": "datalogic", "Nokia": "nokia", "Kindle": "kindle", "Raspberry Pi": "raspberry pi",
}  # fmt: skip
_KINDS = (("browser", _BROWSERS), ("system", _SYSTEMS), ("device", _DEVICES))
_NAMED = {
    kind: re.compile(
        r"(?<![\w-])(?:" + "|".join(f"({words})" for words in names.values()) + ")" + _N, re.I
    )
    for kind, names in _KINDS
}
_AGENT = re.compile(r"(?:mozilla/5\.0|applewebkit/\S+|\(khtml, like gecko\)|version/\S+"
                    r"|(chrome/\S+) (?:mobile )?safari/\S+(?: ((?:edg|opr)/\S+))?)",
                    re.I)  # fmt: skip
_SAID = re.compile(
    r"(?<![\w/.])(?:(?:versi(?:on|ons|ón)|vers[aã]o|ver\.|build)[ :#]{0,2}|v(?=\d)"
    r"|(?:since|in|of|with|after|from|the|new|latest) release[ :#]{0,2}(?!\d+ of )"
    r"|(?:ver|release|v\.?)[ :#]{0,2}(?=\d{1,4}\.\d))(?P<n>\d{1,4}(?:\.\d{1,5}){0,3})",
    re.I,
)
_DOTTED = re.compile(
    r"(?<![\w.,/@-])(?P<n>\d{1,3}(?:\.\d{1,5}){2,3})(?=[a-z]{0,3}(?![\w@/-]|\.\d))", re.I
)
_OTHER = re.compile(  # dates, money by thousands, addresses of machines, telephones
    r"(?:[0-3]?\d\.[01]?\d\.(?:\d\d|(?:19|20)\d\d)|(?:19|20)\d\d\.[01]?\d\.[0-3]?\d"
    r"|\d{1,3}(?:\.\d{3}){2,}|(?:\d{1,3}\.)?\d{3}\.\d{3}\.\d{4}|(?:10|127|172|192)(?:\.\d{1,3}){3})\Z"
)


def environment(text: str) -> dict[str, str | None]:
    """What a text names of each of KINDS, with its number where it has one ("Chrome 126"); null
    where it names none or, but for the version, two. READ characters of it are read.

    >>> environment("The app crashes on my iPad 9 since version 5.8.1.")["device"]
    'iPad 9'
    """
    found: dict[str, str | None] = {}
    text = _AGENT.sub(lambda m: m[2] or m[1] or " ", text[:READ])
    for kind, names in _KINDS:
        named: dict[str, str] = {}
        for hit in _NAMED[kind].finditer(text):
            name = list(names)[next(i for i, word in enumerate(hit.groups()) if word)]
            named[name] = f"{name} {hit['n']}" if hit["n"] else named.get(name, name)
        found[kind] = next(iter(named.values())) if len(named) == 1 else None
        text = _NAMED[kind].sub(" ", text) if named else text
    return found | {"version": _version(text)}


@once
def environments(study: Study) -> pd.DataFrame:
    """What each ticket names in its subject and first message: ticket_id and KINDS as text."""
    tickets = study.tickets
    read = pd.DataFrame([environment(text) for text in joined_text(tickets)], columns=list(KINDS))
    return tickets[["ticket_id"]].reset_index(drop=True).join(read.astype("str"))


def _version(text: str) -> str | None:
    """The first version that a text names, of whatever program."""
    told = _SAID.search(text)
    if told:
        return told["n"]
    dotted = (hit["n"] for hit in _DOTTED.finditer(text))
    return next((n for n in dotted if not _OTHER.match(n)), None)
