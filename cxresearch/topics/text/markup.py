"""Text without HTML and code: what a person wrote, line by line."""

import html
import re

from cxresearch.study.visible import unhidden

_TAG = re.compile(r"<(?:/?[a-zA-Z]|!--)[^<>]*>")
_NEW_LINE_TAG = re.compile(r"</?(?:br|p|div|li|ul|ol|tr|h[1-6]|table|hr)\b[^<>]*>", re.I)
_HIDDEN = re.compile(r"(</?(?:script|style|pre|code|blockquote)\b[^<>]*>|```)", re.I)
_CODE = ("pre", "code", "```")
_ERROR = re.compile(r"\b[A-Za-z]\w{0,60}(?:Error|Exception)\b")
NAMED = 3  # errors that a piece of code is named by


def known(text) -> str:
    """The text, or "" where there is none."""
    return text if isinstance(text, str) else ""


def without_markup(text: str, hidden: bool = False) -> str:
    """The text without tags and entities; hidden also reduces code to its kind and leaves out
    scripts and block quotes; else signs that nobody sees are left out."""
    text = html.unescape(text).replace("\r\n", "\n").replace("\r", "\n")
    text = _without_hidden(text) if hidden else unhidden(text)
    return _TAG.sub(" ", _NEW_LINE_TAG.sub("\n", text))


def kind_of_code(code: str, otherwise: str = "code") -> str:
    """The errors that a piece of code or a log names, else a word for it; "" where it is blank."""
    errors = list(dict.fromkeys(_ERROR.findall(code)))[:NAMED]
    return " ".join(errors) or (otherwise if code.strip() else "")


def _without_hidden(text: str) -> str:
    """The text outside of closed pairs of hiding tags or fences; an unclosed one hides nothing."""
    parts = _HIDDEN.split(text)
    kept, at = [], 0
    last = {_hiding(mark): i for i, mark in enumerate(parts) if i % 2 and _closes(mark)}
    while at < len(parts):
        kept.append(parts[at])
        mark = parts[at + 1] if at + 1 < len(parts) else None
        at += 2
        if mark and (mark == "```" or not _closes(mark)) and last.get(_hiding(mark), -1) >= at:
            begins = at
            while not (_closes(parts[at + 1]) and _hiding(parts[at + 1]) == _hiding(mark)):
                at += 2
            if _hiding(mark) in _CODE:
                kept.append(kind_of_code("".join(parts[begins : at + 1])))
            at += 2
    return "\n".join(kept) if len(kept) > 1 else kept[0]


def _closes(mark: str) -> bool:
    return mark.startswith(("</", "```"))


def _hiding(mark: str) -> str:
    return (re.match(r"</?(\w+)|```", mark)[1] or "```").lower()
