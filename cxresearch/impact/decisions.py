"""decisions.toml: what was decided, for which cause, from when, and what that was to save."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from cxresearch.impact.levers import PREVENT, SOONER
from cxresearch.impact.priorities import fix_list
from cxresearch.kpis.tidy import group_of
from cxresearch.study.answers import CannotTell, or_cannot_tell
from cxresearch.study.exchange import replacing
from cxresearch.study.nearest import nearest, refuse_unknown
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.toml_text import read_toml, toml
from cxresearch.topics.causes import NAME as CAUSES
from cxresearch.topics.causes import named
from cxresearch.topics.causes.file import read_causes

NAME = "decisions.toml"
KEYS = ("what", "cause", "found", "from", "owner", "where", "expected")
YEARS, MOST = range(1990, 2101), 1e15  # of a day, of what is expected
NUMBERS = ("tickets", "customers", "revenue")
MOST_GROUPS = 50  # values of a column that says where; one with more may tell who somebody is
HEAD = """\
# What was decided, an entry each. 'cxresearch decide' adds to this file and changes nothing in it.
# found: what the machine called the topics of the cause then; a cause of another name now is known
# by it. expected: what the list of what to fix said a year would save: [value, low, high].
"""
WRITE = "write one down with 'cxresearch decide'"


@dataclass(frozen=True)
class Decision:
    """What was decided for a cause from a day on, and by whom; where it applies (values of one
    column; {}: everywhere); expected to save in a year: tickets, customers and revenue, each
    (value, low, high), as far as the fix list told; revenue is in currency; found, what the machine
    called the topics of the cause when it was decided."""

    what: str
    cause: str
    since: date
    owner: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    expected: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    currency: str = ""
    found: tuple[str, ...] = ()

    @property
    def key(self) -> tuple:
        """Two decisions with the same key are one."""
        return " ".join(self.what.split()), self.cause, self.since, tuple(self.where.items())


def read_decisions(file: Path) -> tuple[Decision, ...]:
    """The decisions of a decisions.toml, in its order; none where there is no such file. Raises
    InputError naming file, entry, key and what to do."""
    if not file.exists():
        return ()
    entries = read_toml(file, ["decision"], "part").get("decision", [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise InputError(f"{file}: write [[decision]] above each decision, in double brackets.")
    return tuple(_decision(f"{file}, decision {at}", e) for at, e in enumerate(entries, 1))


def decisions(study: Study) -> tuple[Decision, ...]:
    """The decisions of a study; a cause that was renamed since is called as it is now, if the
    machine found its topics under the same names. Raises InputError as read_decisions does."""
    file = study.whole.file(NAME)
    return tuple(_called_now(study, each) for each in (read_decisions(file) if file else ()))


def check(study: Study, decision: Decision, at: str, do: str = "") -> None:
    """Raises InputError for a cause, column or value that the study does not have, with the nearest
    ones, and what to do about a cause."""
    causes = sorted(named(study)["cause"].unique())
    if decision.cause not in causes:
        like = nearest(decision.cause, causes) or f"; there are: {', '.join(causes)}."
        raise InputError(f"{at}: cause = '{decision.cause}' is no cause of this study{like}{do}")
    for column, values in decision.where.items():
        known = [c for n in ("tickets", "customers") if study.has(n) for c in study.table(n)]
        if column not in known:
            like = nearest(column, known) or "."
            raise InputError(f"{at}: where names '{column}', no column of tickets or "
                             f"customers{like}")  # fmt: skip
        held = sorted(groups(study, column).unique())
        if len(held) > MOST_GROUPS:
            raise InputError(f"{at}: where names '{column}', which holds {len(held):,} values; name"
                             f" a column of at most {MOST_GROUPS}.")  # fmt: skip
        refuse_unknown(f"{at}, where {column}", values, held, "value")


def _called_now(study: Study, decision: Decision) -> Decision:
    """The decision with its cause called as it is now; as it is where that cannot be told."""
    if not decision.found or decision.cause in set(named(study)["cause"]):
        return decision
    now = {name for name, found in _found(study) if found in decision.found}
    return replace(decision, cause=now.pop()) if len(now) == 1 else decision


def _found(study: Study) -> list[tuple[str, str]]:
    """Of each topic that is a cause what it is called, and what the machine called it."""
    file = study.whole.file(CAUSES)
    causes = or_cannot_tell(read_causes, file) if file and file.exists() else None
    if causes is None or isinstance(causes, CannotTell):
        return []
    return [(e.name, e.found) for e in causes.topics if not e.forbidden]


def groups(study: Study, column: str) -> pd.Series:
    """The group of each ticket of a customer by a column of tickets or customers, by ticket_id."""
    tickets = study.customer_tickets
    return group_of(study, tickets, column).set_axis(tickets["ticket_id"])


def decide(study: Study, decision: Decision) -> tuple[Decision, bool]:
    """Writes a decision down in the study's decisions.toml with what the fix list expects of it;
    returns it as it stands there, and whether it is new there.

    An existing file is added to: what people wrote stays as it is. Of a decision for some groups
    the share of the cause's tickets in them is expected. Raises InputError for what the study does
    not have, or if the file cannot be read.
    """
    check(study, decision, "The decision")
    file = study.whole.file(NAME)
    if file is None:
        raise InputError("A study without a folder keeps no decisions: open one from a folder.")
    before = read_decisions(file)
    if same := [old for old in before if old.key == decision.key]:
        return same[0], False
    found = tuple(found for name, found in _found(study) if name == decision.cause)
    made = replace(_expecting(study, decision), found=found)
    text = file.read_text(encoding="utf-8-sig") if file.exists() else HEAD
    with replacing(file) as new:
        new.write_text(f"{text.rstrip()}\n\n{_text(made)}", encoding="utf-8", newline="\n")
        try:
            read_decisions(new)
        except InputError as error:
            raise InputError(f"{file}: nothing can be added below what is there; write each "
                             "decision below a line [[decision]].") from error  # fmt: skip
    return made, True


def _expecting(study: Study, decision: Decision) -> Decision:
    """The decision with what the fix list says of its cause; as it is where it cannot tell."""
    fixes = fix_list(study)
    if isinstance(fixes, CannotTell) or fixes.stopped:
        return decision
    if decision.cause not in fixes.frame.loc[SOONER].index:
        return decision
    row, part = fixes.frame.loc[(SOONER, decision.cause)], _share(study, decision)
    tickets = float(fixes.frame.loc[(PREVENT, decision.cause), "tickets saved"])
    far = 1.96 * math.sqrt(tickets)
    told = {"tickets": (tickets, tickets - far, tickets + far)}
    for name, column in (("customers", "customers kept"), ("revenue", "revenue")):
        told[name] = tuple(float(row[c]) for c in (column, f"{column} low", f"{column} high"))
    known = {k: v for k, v in told.items() if not any(map(math.isnan, v))}
    kept = {k: tuple(round(part * n, 1) for n in v) for k, v in known.items()}
    return replace(decision, expected=kept, currency=fixes.coin)


def _share(study: Study, decision: Decision) -> float:
    """The share of the cause's tickets in the groups that a decision is for."""
    told = named(study)
    ids = told.loc[told["cause"] == decision.cause, "ticket_id"]
    share = 1.0
    for column, values in decision.where.items():
        share *= float(groups(study, column).reindex(ids).isin(values).mean())
    return share


def _text(decision: Decision) -> str:
    """An entry as it stands in decisions.toml."""
    lines = ["[[decision]]", f"what = {toml(decision.what)}", f"cause = {toml(decision.cause)}",
             f"from = {decision.since.isoformat()}", f"owner = {toml(decision.owner)}"]  # fmt: skip
    if decision.found:
        lines.append(f"found = {toml(decision.found)}")
    if decision.where:
        held = ", ".join(f"{toml(c)} = {toml(v)}" for c, v in decision.where.items())
        lines.append(f"where = {{ {held} }}")
    if decision.expected:
        held = ", ".join(f"{k} = {list(v)}" for k, v in decision.expected.items())
        coin = f", currency = {toml(decision.currency)}" if decision.currency else ""
        lines.append(f"expected = {{ {held}{coin} }}")
    return "\n".join(lines) + "\n"


def _decision(at: str, entry: dict) -> Decision:
    refuse_unknown(at, entry, KEYS, "key")
    for key in ("what", "cause", "from"):
        if key not in entry:
            raise InputError(f"{at} lacks '{key}': every decision has what, cause and from.")
    for key in ("what", "cause", "owner"):
        if not isinstance(entry.get(key, ""), str) or (key != "owner" and not entry[key].strip()):
            raise InputError(f'{at}: {key} = {entry[key]!r} must be a text in "quotes".')
    since = entry["from"]
    if not isinstance(since, date) or isinstance(since, datetime) or since.year not in YEARS:
        raise InputError(f"{at}: from = {since!r} must be a day without quotes: from = 2026-03-01.")
    found = entry.get("found", [])
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise InputError(f"{at}: found = {found!r} must be a list of texts; or take the line out.")
    expected = dict(_table(at, entry, "expected"))
    coin = expected.pop("currency", "")
    refuse_unknown(f"{at}, expected", expected, NUMBERS, "key")
    if not isinstance(coin, str):
        raise InputError(f'{at}: currency = {coin!r} must be a text in "quotes".')
    numbers = {key: _interval(at, key, value) for key, value in expected.items()}
    where = _where(at, _table(at, entry, "where"))
    return Decision(entry["what"], entry["cause"], since, entry.get("owner", ""), where, numbers,
                    coin, tuple(found))  # fmt: skip


def _table(at: str, entry: dict, key: str) -> dict:
    held = entry.get(key, {})
    if not isinstance(held, dict):
        raise InputError(f"{at}: {key} = {held!r} must be in braces: {key} = {{ name = ... }}.")
    return held


def _where(at: str, held: dict) -> dict[str, tuple[str, ...]]:
    """Values by column; one column at most."""
    if len(held) > 1:
        raise InputError(f"{at}: where names {len(held)} columns; it can be one: keep that column.")
    where = {}
    for column, value in held.items():
        values = tuple(value) if isinstance(value, list) else (value,)
        if not values or not all(isinstance(v, str) and v for v in values):
            raise InputError(f'{at}: where {column} = {value!r} must be texts: ["one", "other"].')
        where[column] = values
    return where


def _interval(at: str, key: str, value: object) -> tuple[float, float, float]:
    """A value, its low and its high."""
    told = value if isinstance(value, list) else []
    numbers = [n for n in told if type(n) in (int, float) and abs(n) < MOST]
    if not len(told) == len(numbers) == 3 or not numbers[1] <= numbers[0] <= numbers[2]:
        raise InputError(f"{at}: expected {key} = {value!r} must be [value, low, high].")
    return float(numbers[0]), float(numbers[1]), float(numbers[2])
