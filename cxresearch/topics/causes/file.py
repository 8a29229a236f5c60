"""causes.toml: what a person makes of each topic; read, checked, and written as text."""

import math
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from textwrap import wrap

from cxresearch.study.nearest import refuse_unknown
from cxresearch.study.schema import InputError
from cxresearch.study.toml_text import read_toml, toml
from cxresearch.topics.causes.vocabulary import ALLOWED, FIRST, KEYS, NOTHING, SAYS, TEXTS

NAME = "causes.toml"
PARTS = ("topic", "gone", "cause")
ADDED = -10  # the number of the first cause that a person added; no topic of the machine is it
NO_TOPIC = {-1: "no words", -2: "other language", -4: "unclear", -5: "new or other"}
OTHER, OTHER_ISSUES = -3, "other issues"  # the topic and cause of issues outside a study's cut
TAKEN = {
    **dict.fromkeys(NO_TOPIC.values(), "tickets without a topic are called"),
    OTHER_ISSUES: "issues outside a cut are called",
    "all causes": "the pages call all causes together",
    "any overdue issue": "the pages call issues of any cause",
    "no cause told": "the pages call contacts whose cause nobody told",
}
LONGEST = 120  # letters of a name
HEAD = """What each topic is: from what the machine found to what a person says is the cause.
Edit the values and run 'cxresearch topics' on the study again: no topic is fitted anew, and
the pages tell the causes as you wrote them. This file is written over in one case only: when
topics are fitted anew (--refit). What people wrote then follows its tickets to the topic that
now holds them, and the file as it was is kept beside.

A person teaches: examples = ["..."] are sentences that customers with this cause could write, and
tickets like them go there. forbidden = true: the topic is no cause, its tickets go to the next most
like it. [[cause]] with a name and examples adds a cause, or splits a topic. topics/corrections.csv
(ticket_id,cause) gives single tickets their cause for ever, and draws others like them along.

A value that differs from the one under 'suggested' is a person's. A person who agrees with all
that is suggested writes confirmed = true. scores: how near the topic's tickets are to a
description of the word (cosine, 1 is the same); of an owner the share of tickets that it held.

topic, found, asked, tickets, was, overlap: the machine's, do not edit. asked, where it stands: what
a language model suggests as a name (names_from in study.toml); nothing uses it until a person takes
it over by writing it as name. was: the topic's number before the last fit; overlap: how far its
tickets are the same (Jaccard, 1 is all). carried: the keys whose values people gave before the last
fit: they stay a person's even where the same is suggested now; take a key out of the list to leave
its value to the machine."""


@dataclass(frozen=True)
class Entry:
    """A topic in causes.toml: the machine's facts, a person's values, what was suggested."""

    topic: int
    found: str
    tickets: int
    name: str
    asked: str | None = None
    issue_type: str = NOTHING["issue_type"]
    cause_kind: str = NOTHING["cause_kind"]
    category: str = NOTHING["category"]
    owner: str = FIRST["owner"]
    policy: str = FIRST["policy"]
    prevention: str = FIRST["prevention"]
    avoidable: str = FIRST["avoidable"]
    effort: float | str = FIRST["effort"]
    exit_request: str = FIRST["exit_request"]
    harmless: str = FIRST["harmless"]
    confirmed: bool = False
    examples: tuple[str, ...] = ()
    forbidden: bool = False
    suggested: dict = field(default_factory=dict)
    scores: dict = field(default_factory=dict)
    was: int | None = None
    overlap: float | None = None
    carried: tuple[str, ...] = ()

    @property
    def by_person(self) -> tuple[str, ...]:
        """The keys whose value is a person's: it differs from the suggestion, was a person's before
        topics were fitted anew (carried), or is confirmed."""
        return KEYS if self.confirmed else self.edited

    @property
    def edited(self) -> tuple[str, ...]:
        """by_person, whether or not the topic is confirmed."""
        first = {"name": self.found, **NOTHING, **FIRST, **self.suggested}
        return tuple(k for k in KEYS if k in self.carried or getattr(self, k) != first[k])

    @property
    def told(self) -> bool:
        """Did a person say anything of it?"""
        return bool(self.by_person or self.examples or self.forbidden)


@dataclass(frozen=True)
class CausesFile:
    """The topics of a causes.toml, entries whose topic is gone, kept as people left them, and
    causes that people added, whose numbers are no topic's."""

    topics: tuple[Entry, ...]
    gone: tuple[Entry, ...] = ()
    added: tuple[Entry, ...] = ()


def read_causes(file: Path) -> CausesFile:
    """The entries of a causes.toml. Raises InputError naming file, topic, key and allowed words."""
    held = read_toml(file, PARTS, "part")
    parts = {}
    for part in PARTS:
        tables = held.get(part, [])
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            raise InputError(f"{file}: write [[{part}]] above each {part}, in double brackets.")
        parts[part] = tuple(
            _added(file, at, table) if part == "cause" else _entry(file, part, table)
            for at, table in enumerate(tables)
        )
    numbers = [entry.topic for entry in parts["topic"]]
    if twice := {n for n in numbers if numbers.count(n) > 1}:
        raise InputError(f"{file} has topic {min(twice)} more than once: keep one of them.")
    return CausesFile(parts["topic"], parts["gone"], parts["cause"])


def causes_text(causes: CausesFile) -> str:
    """The entries as the text of a causes.toml, with comments that say what each key is."""
    said = (wrap(f"{key}: {says}.", 96, subsequent_indent="  ") for key, says in SAYS.items())
    lines = [*HEAD.splitlines(), "", *(line for each in said for line in each)]
    head = "\n".join(f"# {line}".rstrip() for line in lines)
    parts = [("topic", e) for e in causes.topics] + [("gone", e) for e in causes.gone]
    added = "".join(f"\n[[cause]]\n{_added_text(entry)}" for entry in causes.added)
    kept = "".join(f"\n[[{part}]]\n{_text(entry)}" for part, entry in parts)
    return head + "\n" + added + kept


def checked_name(name: str) -> str:
    """A name as causes.toml holds it. Raises InputError for one that no cause may have."""
    name = " ".join(name.split())
    _check(f"cause {name or '(without a name)'}", "name", name)
    return name


def _text(entry: Entry) -> str:
    values = {f.name: getattr(entry, f.name) for f in fields(Entry)}
    unsaid = {"forbidden": False, "policy": "", "prevention": ""}
    shown = {k: _inline(v) if isinstance(v, dict) else toml(v) for k, v in values.items()
             if v not in (None, {}, ()) and v != unsaid.get(k)}  # fmt: skip
    return "".join(f"{key} = {value}\n" for key, value in shown.items())


def _added_text(entry: Entry) -> str:
    values = {k: getattr(entry, k) for k in ("name", "examples", *(k for k in KEYS if k != "name"))}
    first = {**NOTHING, **FIRST, "examples": ()}
    return "".join(f"{k} = {toml(v)}\n" for k, v in values.items() if v != first.get(k))


def _inline(values: dict) -> str:
    return "{ " + ", ".join(f"{key} = {toml(value)}" for key, value in values.items()) + " }"


def _entry(file: Path, part: str, table: dict) -> Entry:
    where = f"{file}, {part} {table.get('topic', '(without a number)')}"
    refuse_unknown(where, table, [f.name for f in fields(Entry)], "key")
    for key in ("topic", "found", "tickets", "name"):
        if key not in table:
            raise InputError(f"{where} lacks '{key}': copy the line back from the kept file.")
    for key, value in table.items():
        if key != "name" or value != table["found"]:
            _check(where, key, value)
    lists = {key: tuple(table.get(key, ())) for key in ("carried", "examples")}
    entry = Entry(**{**table, **lists})
    return _one_line(entry)


def _added(file: Path, at: int, table: dict) -> Entry:
    """A cause that a person added, with example sentences in the place of a topic."""
    where = f"{file}, cause {table.get('name', '(without a name)')}"
    refuse_unknown(where, table, [*KEYS, "examples"], "key")
    for key in ("name", "examples"):
        if key not in table:
            raise InputError(f"{where} lacks '{key}': a cause has a name, and one sentence or more "
                             "that a customer could write, in examples.")  # fmt: skip
    for key, value in table.items():
        _check(where, key, value)
    entry = Entry(**{"topic": ADDED - at, "found": "", "tickets": 0, **table})
    return replace(_one_line(entry), examples=tuple(entry.examples))


def _one_line(entry: Entry) -> Entry:
    return replace(entry, **{k: " ".join(getattr(entry, k).split()) for k in ("name", *TEXTS)})


def _check(where: str, key: str, value) -> None:
    """InputError unless the value is one that its key allows."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if key in ALLOWED and value not in ALLOWED[key]:
        raise InputError(f"{where}: {key} = {value!r} must be one of: {', '.join(ALLOWED[key])}.")
    if key in ("topic", "tickets", "was") and not (number and isinstance(value, int)):
        raise InputError(f"{where}: {key} = {value!r} must be the whole number that was there.")
    if key == "effort" and not (value == "unknown" or (number and 0 < value < math.inf)):
        raise InputError(f"{where}: effort = {value!r} must be a number above 0, or unknown.")
    if key == "overlap" and not number:
        raise InputError(f"{where}: overlap = {value!r} must be the number that was there.")
    if key in ("name", *TEXTS, "found", "asked") and not isinstance(value, str):
        raise InputError(f'{where}: {key} = {value!r} must be a text in "quotes".')
    if key == "name" and not (value.strip() and len(value) <= LONGEST):
        raise InputError(f"{where}: name must be a text of 1 to {LONGEST} letters.")
    if key == "name" and (taken := TAKEN.get(" ".join(value.split()))):
        raise InputError(f"{where}: name = {value!r} is what {taken}: give it another name.")
    if key in ("confirmed", "forbidden") and not isinstance(value, bool):
        raise InputError(f"{where}: {key} = {value!r} must be true or false.")
    if key == "examples" and not _sentences(value):
        raise InputError(
            f'{where}: examples = {value!r} must be a list of sentences, ["...", ...].'
        )
    listed = isinstance(value, list) and all(word in KEYS for word in value)
    if (key in ("suggested", "scores") and not isinstance(value, dict)) or (
        key == "carried" and not listed
    ):
        raise InputError(f"{where}: {key} is the machine's: copy it back from the kept file.")


def _sentences(value) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value)
