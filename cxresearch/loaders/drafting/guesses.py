"""Which canonical column a column may be: by its name in six languages, its form and its values."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from cxresearch.loaders.drafting.sights import Column, Sight, before
from cxresearch.study.schema import TABLES

DURATIONS = {
    r"\d+:[0-5]\d:[0-5]\d(\.\d+)?": "h:mm:ss",
    r"-?P(\d+D)?(T[\dHMS.]+)?": "iso",
    r"\d+:[0-5]\d": "h:mm",
}
NUMBER, FLAG = r"-?\d+([.,]\d+)?", r"(?i)1|0|yes|no|y|n|true|false|t|f"
MUST_BE = {"integer": r"-?\d+", "number": NUMBER, "flag": FLAG}
WORDS = 40  # different ones at most that a closed column has
CLOSED = ("status", "priority", "created_channel", "is_public", "actor_role", "end_kind",
          "billing_period")  # fmt: skip
SORTS = ("type", "product", "satisfaction_raw")  # tell nothing where all rows have the same
FIRST = ("created_at", "started_at", "offered_at")
NEVER_SPANS = (*FIRST, "event_at", "updated_at")
# What names a row's own thing, and so stands once, by table of names.toml.
OWN = {"tickets": "ticket_id", "changes": "ticket_id", "messages": "event_id",
       "surveys": "survey_id", "customers": "customer_id"}  # fmt: skip
# The columns of tickets that a message's row may tell too.
WITH_MESSAGES = ("ticket_id", "status", "subject", "priority", "created_channel", "type")
KIND = {column.name: column.kind for table in TABLES.values() for column in table.columns}


@dataclass(frozen=True)
class Guess:
    """That a column is one of ours: why, and what is doubted; unit is that of a duration."""

    ours: str
    column: Column
    why: str
    doubt: str = ""
    unit: str = ""

    @property
    def sure(self) -> bool:
        return not self.doubt

    @property
    def kind(self) -> str:
        """text, time, integer, number, flag or list."""
        return KIND.get(self.ours, "text")


@cache
def data(name: str) -> dict:
    """A file of names or words that is shipped with the package."""
    text = files("cxresearch.loaders.drafting").joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def words_of(name: str) -> tuple[str, ...]:
    """A name as it is compared: its words without case, accents and articles."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.replace("ß", "ss"))
    name = unicodedata.normalize("NFKD", re.sub(r"#|№|\b[nN][°º]", " number ", name))
    plain = "".join(c for c in name if not unicodedata.combining(c)).casefold()
    return tuple(_without(map(_single, re.findall(r"[^\W_]+", plain)), "small"))


def _single(word: str) -> str:
    return word[:-1] if len(word) > 4 and word[-1] == "s" != word[-2] else word


@cache
def unit_of(name: str) -> str:
    """What a name says that its numbers count: days, hours, …; "" if nothing."""
    counted = {_single(word): unit for unit, words in data("names.toml")["units"].items()
               for word in words.split()}  # fmt: skip
    return next((counted[word] for word in reversed(words_of(name)) if word in counted), "")


def guesses(table: str, sight: Sight, repeats: bool = False) -> list[Guess]:
    """What the columns of files may be, for a table of names.toml; each is at most one, and of ours
    at most one is sure. repeats: does a number of a row's own thing stand in several rows?"""
    candidates = sorted(
        (weak, penalty, rank, place, ours, language)
        for place, column in enumerate(sight.columns)
        for ours, known in _names()[table].items()
        for weak, penalty, rank, language in _fitting(column.name, known)
    )
    made: dict[int, Guess] = {}
    for second in (False, True):  # what is taken by another is only asked about, if nothing is left
        for weak, _, _, place, ours, language in candidates:
            taken = next((g.column.name for g in made.values() if g.ours == ours and g.sure), "")
            if place in made or (taken and not second):
                continue
            column = sight.columns[place]
            guess = _checked(table, Guess(ours, column, f"name ({language})"), repeats)
            if guess is not None:
                weak = weak and not _worded(guess) and not _alone(guess, sight)
                asked = "the name may mean something else" if weak else ""
                asked = f"or is it this, instead of {taken}?" if taken else asked
                made[place] = replace(guess, doubt=asked or guess.doubt)
    order = [*_names()[table]]
    return sorted(_in_time([*made.values()]), key=lambda guess: order.index(guess.ours))


def meaning(ours: str, word: str) -> str:
    """Our word for a word of a closed column; one that is only asked about begins with "?"."""
    told = _meanings()[ours].get(words_of(word), "")
    return f"?{told}" if told and len(word.strip()) == 1 and told[0] != "?" else told


@cache
def _meanings() -> dict[str, dict[tuple, str]]:
    return {
        ours: {
            words_of(word): "?" * word.startswith("?") + told
            for told, words in data("words.toml")[ours].items()
            for word in words.split(", ")
        }
        for ours in CLOSED
    }


@cache
def _names() -> dict[str, dict[str, dict[tuple, tuple]]]:
    """By table and canonical column, whether each name is weak, its rank and its language."""
    held = data("names.toml")
    tickets = held["tickets"]
    told = {table: held[table] for table in OWN}
    told["changes"] = {n: v for n, v in tickets.items() if n != "updated_at"} | held["changes"]
    told["messages"] = held["messages"] | {name: tickets[name] for name in WITH_MESSAGES}
    return {
        table: {
            ours: {
                words_of(name): (name.startswith("?"), rank, language)
                for language, names in reversed(by_language.items())
                for rank, name in reversed([*enumerate(names.split(", "))])
            }
            for ours, by_language in columns.items()
        }
        for table, columns in told.items()
    }


def _without(words, *left_out: str) -> list[str]:
    """Words without those of a list of names.toml, unless there are no others."""
    words, compare = [*words], data("names.toml")["compare"]
    small = {_single(word) for name in left_out for word in compare[name].split()}
    return [word for word in words if word not in small] or words


@cache
def _variants(name: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The name as it is, then without what may stand around it, then what it only holds (9)."""
    words = _without(words_of(re.sub(r"\[\d*\]", " ", name)), "zones")
    bare = [word for word in words if not unit_of(word)] or words
    inside = _without(bare, "places")
    core = _without(inside, "things")
    whole = [words, bare, inside, core, _without(core, "labels"), _without(core, "clocks")]
    held = [core[a:b] for a in range(len(core[:8])) for b in range(len(core[:8]), a + 1, -1)]
    return tuple((min(i, 9), tuple(v)) for i, v in enumerate([*whole, *[[]] * 3, *held]))


def _fitting(name: str, known: dict) -> Iterator[tuple[bool, int, int, str]]:
    """The name among those known, and how far it had to be taken apart."""
    for penalty, variant in _variants(name):
        if variant in known:
            weak, rank, language = known[variant]
            yield weak or penalty == 9, penalty, rank, language
            return


def _worded(guess: Guess) -> bool:
    """Do its values alone tell what it is?"""
    return guess.ours in ("is_public", "actor_role") and all(
        meaning(guess.ours, word) for word in guess.column.counts.index
    )


def _alone(guess: Guess, sight: Sight) -> bool:
    """Is it the time of every row, and is there no other time that it could be?"""
    timed = [column for column in sight.columns if column.way in ("offset", "local")]
    return guess.ours in FIRST and timed == [guess.column] and guess.column.filled == sight.rows


def _checked(table: str, guess: Guess, repeats: bool) -> Guess | None:
    """The guess with what its values say; None if they cannot be that."""
    ours, column, filled = guess.ours, guess.column, guess.column.filled
    element = column.name.endswith("[0]") if guess.kind == "list" else column.are(r"\[.*\]")
    if not filled or element:
        return None
    if guess.kind == "time":
        return _timed(guess)
    if ours in CLOSED:
        many = column.distinct > WORDS or 8 < filled < 2 * column.distinct
        return replace(guess, doubt=f"{column.distinct:,} different words are many" if many else "")
    if guess.kind in MUST_BE and not column.are(MUST_BE[guess.kind]):
        return None
    if guess.kind == "text" and (
        column.way in ("offset", "local") or any(map(column.are, DURATIONS))
    ):
        return None
    if ours in SORTS and column.distinct == 1 < filled // 8:
        return replace(guess, doubt="every row has the same")
    if ours == "satisfaction_raw" and column.distinct > WORDS:
        return None
    if ours != OWN[table]:
        return guess
    if column.distinct == filled:
        return replace(guess, why=f"{guess.why}, unique")
    again = f"{filled - column.distinct:,} rows repeat a number"
    return replace(guess, why=f"{guess.why}; {again}", doubt="" if repeats else again)


def _timed(guess: Guess) -> Guess | None:
    """A time, or how long it took; None if it is neither."""
    column = guess.column
    if column.way:
        return replace(guess, why=f"{guess.why}, times")
    unit = next((unit for form, unit in DURATIONS.items() if column.are(form)), "")
    if unit and guess.ours not in NEVER_SPANS:
        doubt = "h:mm, or m:ss?" if unit == "h:mm" else ""
        return replace(guess, why=f"{guess.why}, durations", doubt=doubt, unit=unit)
    if column.are(NUMBER) and guess.ours not in NEVER_SPANS and not column.are(FLAG):
        unit = unit_of(column.name)
        doubt = "" if unit else "how long it took, in hours, minutes or seconds?"
        return replace(guess, why=f"{guess.why}, durations", doubt=doubt, unit=unit or "hours")
    if not column.are(r"(?s).*\d.*\d.*") or column.are(NUMBER) or column.distinct < 3:
        return None
    form = f'its times are not read: name their form, as times.{guess.ours} = "%d.%m.%y %Hh%M"'
    return replace(guess, doubt=form)


def _in_time(made: list[Guess]) -> list[Guess]:
    """The guesses; those of a time that is often before the first one are doubted."""
    first = next((g for g in made if g.ours in FIRST and g.sure), None)
    if first is None or first.column.orders.keys() & {"month", "either"}:
        return made
    early = {g.ours: before(g.column, first.column) for g in made
             if g.sure and g is not first and g.kind == "time" and g.column.way}  # fmt: skip
    return [
        replace(g, doubt=f"{early[g.ours]:.0%} of its times are before {first.ours}")
        if g.sure and early.get(g.ours, 0) > 0.2
        else g
        for g in made
    ]
