"""What a person would say of causes, tried before it is saved: a draft, its effect, saving it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from cxresearch.study.exchange import alone
from cxresearch.study.nearest import refuse_unknown
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.topics.causes.file import (
    NAME,
    NO_TOPIC,
    CausesFile,
    Entry,
    checked_name,
    read_causes,
)
from cxresearch.topics.causes.refit import study_topics
from cxresearch.topics.causes.table import cause_rows, write_causes
from cxresearch.topics.causes.teaching import corrections, taught, with_corrections
from cxresearch.topics.causes.vocabulary import KEYS
from cxresearch.topics.corpus import UNCLEAR
from cxresearch.topics.text import joined_text
from cxresearch.topics.text.shown import shown

NO_CAUSE = NO_TOPIC[UNCLEAR]  # where a person may put a ticket of no cause
FEW, CHARACTERS = 3, 140  # quotes of a cause, and of each


@dataclass(frozen=True)
class Draft:
    """What causes.toml and corrections.csv would say; each step gives a new draft.

    Raises InputError for what the files may not say.
    """

    causes: CausesFile
    corrected: Mapping[str, str]

    @classmethod
    def of(cls, study: Study) -> "Draft":
        """What the files of a study say now."""
        if study.path is None:
            raise InputError("A study without a folder, or a part of one, cannot be taught.")
        return cls(read_causes(study.path / NAME), corrections(study))

    def __post_init__(self) -> None:
        cause_rows(Path(NAME), self.causes)  # refuses what contradicts itself
        if self.causes.topics and all(entry.forbidden for entry in self.causes.topics):
            raise InputError("Every topic would be no cause: leave at least one of them.")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The causes."""
        return tuple(dict.fromkeys(e.name for e in (*self.causes.topics, *self.causes.added)))

    def examples(self, cause: str) -> tuple[str, ...]:
        """The sentences that people gave for a cause."""
        return tuple(dict.fromkeys(says for e in self._entries(cause) for says in e.examples))

    def forbidden(self, cause: str) -> bool:
        """Did a person say that it is no cause?"""
        return all(entry.forbidden for entry in self._entries(cause))

    def renamed(self, cause: str, name: str) -> "Draft":
        """The cause goes by another name; by that of another cause the two are one, and what people
        said of that one (its owner, its kind) holds for both."""
        if " ".join(name.split()) == cause:
            return self
        name = checked_name(name)
        moved = {t: name if told == cause else told for t, told in self.corrected.items()}
        into = next((e for e in (*self.causes.topics, *self.causes.added) if e.name == name), None)
        words = {key: getattr(into, key) for key in KEYS if into and key != "name"}
        return replace(self._changed(cause, name=name, **words), corrected=moved)

    def with_examples(self, cause: str, sentences: Iterable[str]) -> "Draft":
        """Customers with this cause would write these sentences, in the place of others."""
        *others, last = self._entries(cause)  # topics, then what people added
        given = _clean(sentences)
        if not given and not any(e in self.causes.topics for e in self._entries(cause)):
            raise InputError(f"'{cause}' was added by a person, and needs a sentence or more.")
        held = {last.topic: given, **dict.fromkeys((e.topic for e in others), ())}
        topics, added = (
            tuple(replace(e, examples=held.get(e.topic, e.examples)) for e in part)
            for part in (self.causes.topics, self.causes.added)
        )
        added = tuple(e for e in added if e.examples)  # without any it is its topic alone
        return replace(self, causes=replace(self.causes, topics=topics, added=added))

    def added(self, name: str, sentences: Iterable[str]) -> "Draft":
        """One more cause, which draws tickets like its sentences from the others."""
        name, given = checked_name(name), _clean(sentences)
        if name in self.names:
            raise InputError(f"'{name}' is a cause already: choose it to write sentences for it.")
        if not given:
            raise InputError(f"'{name}' needs a sentence, or more, that a customer would write.")
        number = min((-9, *(entry.topic for entry in self.causes.added))) - 1
        entry = Entry(number, found="", tickets=0, name=name, examples=given)
        return replace(self, causes=replace(self.causes, added=(*self.causes.added, entry)))

    def without(self, cause: str) -> "Draft":
        """It is no cause: its tickets go to the next most like it."""
        if left := [ticket for ticket, told in self.corrected.items() if told == cause]:
            raise InputError(f"Ticket {left[0]} was moved to '{cause}': move it elsewhere first.")
        added = tuple(entry for entry in self.causes.added if entry.name != cause)
        draft = self._changed(cause, forbidden=True)
        return replace(draft, causes=replace(draft.causes, added=added))

    def again(self, cause: str) -> "Draft":
        """It is a cause, whatever was said before."""
        return self._changed(cause, forbidden=False)

    def moved(self, ticket: str, cause: str) -> "Draft":
        """A single ticket has this cause for ever, and draws others like it along."""
        refuse_unknown(f"ticket {ticket}", [cause], (*self.names, NO_CAUSE), "cause")
        return replace(self, corrected={**self.corrected, ticket: cause})

    def _entries(self, cause: str) -> list[Entry]:
        refuse_unknown("the draft", [cause], self.names, "cause")
        return [e for e in (*self.causes.topics, *self.causes.added) if e.name == cause]

    def _changed(self, cause: str, **values) -> "Draft":
        self._entries(cause)
        topics, added = (
            tuple(replace(e, **values) if e.name == cause else e for e in part)
            for part in (self.causes.topics, self.causes.added)
        )
        return replace(self, causes=replace(self.causes, topics=topics, added=added))


def effect(study: Study, topics, draft: Draft) -> pd.DataFrame:
    """What a draft would do; nothing is written. A row a cause, the largest first: cause, was (its
    name now, if it would only be called otherwise), now, then, come, go (tickets), such_as (up to
    three masked quotes of tickets that would come)."""
    _refuse_unknown_tickets(study, draft)
    called = _called(Draft.of(study), draft)
    then = taught(study, topics, draft.causes, draft.corrected)
    told = study.ticket_causes.drop_duplicates("ticket_id").set_index("ticket_id")["cause"]
    now = told.map(lambda cause: called.get(cause, cause)).astype(object).reindex(then.index)
    comes = then[then != now]
    counts = {"now": now, "then": then, "come": comes, "go": now[comes.index]}
    table = pd.DataFrame({name: each.value_counts() for name, each in counts.items()})
    table = table.reindex(table.index.union(draft.names)).fillna(0).astype("int64")
    was = {new: old for old, new in called.items()}
    table = table.rename_axis("cause").reset_index()
    table.insert(1, "was", table["cause"].map(was))
    quotes = _quotes(study, comes)
    table["such_as"] = [quotes.get(cause, []) for cause in table["cause"]]
    return table.sort_values(["then", "cause"], ascending=[False, True], ignore_index=True)


def save(study: Study, draft: Draft, first: Draft) -> int:
    """Writes causes.toml and corrections.csv as drafted, and the causes of tickets anew: of how
    many the cause is another now.

    first is what the files said when the draft was begun. Raises InputError, and writes nothing, if
    they say something else by now.
    """
    _refuse_unknown_tickets(study, draft)
    with alone(study.path):
        if Draft.of(study) != first:
            raise InputError("The files were edited while you drafted: start over to see how.")
        before = study.ticket_causes.set_index("ticket_id")["cause"]
        if draft.causes != first.causes:
            write_causes(study.path / NAME, draft.causes, first.causes)
        if draft.corrected != first.corrected:
            with_corrections(study, draft.corrected)
        study_topics(study, causes_again=True)
    after = study.ticket_causes.set_index("ticket_id")["cause"]
    return int((after != before.reindex(after.index)).sum())


def _called(first: Draft, draft: Draft) -> dict[str, str]:
    """The causes that are only called otherwise in a draft, with their new names."""
    new = {entry.topic: entry.name for entry in (*draft.causes.topics, *draft.causes.added)}
    into: dict[str, set[str]] = {}
    for entry in (*first.causes.topics, *first.causes.added):
        into.setdefault(new.get(entry.topic, entry.name), set()).add(entry.name)
    return {old: name for name, (old, *more) in into.items() if not more and old != name
            and old not in draft.names}  # fmt: skip


def _quotes(study: Study, comes: pd.Series) -> dict[str, list[str]]:
    tickets = study.tickets.set_index("ticket_id").loc[comes.index].sample(frac=1, random_state=1)
    few = tickets.groupby(comes.reindex(tickets.index)).head(FEW)
    told = joined_text(few).map(lambda text: shown(text, study, CHARACTERS))
    return told.groupby(comes.reindex(few.index)).agg(list).to_dict()


def _refuse_unknown_tickets(study: Study, draft: Draft) -> None:
    if unknown := sorted(draft.corrected.keys() - set(study.tickets["ticket_id"])):
        raise InputError(f"'{unknown[0]}' is no ticket of this study.")


def _clean(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s for each in sentences if (s := " ".join(each.split()))))
