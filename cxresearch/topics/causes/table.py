"""The causes of a study with all that causes.toml says of them, and keeping both up to date."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pandas as pd

from cxresearch.study.answers import CannotTell
from cxresearch.study.exchange import replacing
from cxresearch.study.readable import readable
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.writing import write_parquet
from cxresearch.topics.causes.file import NAME, CausesFile, Entry, causes_text, read_causes
from cxresearch.topics.causes.per_ticket import named, ticket_causes
from cxresearch.topics.causes.suggest import first_entries
from cxresearch.topics.causes.teaching import corrections, said
from cxresearch.topics.causes.topic_matching import carried, match_topics, merged
from cxresearch.topics.causes.vocabulary import KEYS
from cxresearch.topics.given import found_alone

MOVE = "move causes.toml away, and run 'cxresearch topics' to have a new one."
FOR_MODELS = ("exit_request", "harmless")
WORDS = tuple(key for key in KEYS if key not in ("name", *FOR_MODELS))

NO_FILE = CannotTell(
    "what kind of cause each is: the study has no causes.toml. 'cxresearch topics' makes one, with "
    "suggestions to edit."
)
NO_TOPICS = CannotTell("what kind of cause each is: no ticket holds words, so there is no topic.")


def cause_table(study: Study) -> pd.DataFrame | CannotTell:
    """A row a cause, the most frequent first: cause, topics (numbers), tickets, issue_type,
    cause_kind, category, owner, avoidable, effort (days; null if unknown), exit_request, harmless,
    by_person (the keys of which at least one topic's value is a person's), confirmed.

    Where topics of one cause differ, a person's value goes before a suggestion, and of suggestions
    that of the topic with most tickets goes. Raises InputError if people's values contradict each
    other, or if causes.toml was edited since ticket_causes was written.
    """
    file = _file(study)
    if file is None or not file.exists():
        return NO_FILE
    read = read_causes(file)
    if not (read.topics or read.added):
        return NO_TOPICS
    if _stale(study, read):
        raise InputError(
            f"{file} was edited since the tickets' causes were written: run 'cxresearch topics "
            f"{study.whole.path}'."
        )
    counts = named(study)["cause"].value_counts()
    table = pd.DataFrame(cause_rows(file, read))
    table.insert(2, "tickets", table["cause"].map(counts).fillna(0).astype("int64"))
    table["effort"] = pd.to_numeric(table["effort"], errors="coerce").astype("float64")
    return table.sort_values(["tickets", "cause"], ascending=[False, True], ignore_index=True)


def cause_rows(file: Path, causes: CausesFile) -> list[dict]:
    """What a causes.toml says of each cause, as in cause_table. Raises InputError if people's
    values contradict each other."""
    by_name: dict[str, list[Entry]] = {}
    for entry in (*causes.topics, *causes.added):
        if entry.forbidden:
            continue
        by_name.setdefault(entry.name, []).append(entry)
    return [_row(file, name, entries) for name, entries in sorted(by_name.items())]


def harmless(study: Study) -> list[str]:
    """The causes that people declared harmless in causes.toml: controls."""
    table = cause_table(study)
    known = not isinstance(table, CannotTell)
    return sorted(table.loc[table["harmless"] == "yes", "cause"]) if known else []


def tickets_by_word(study: Study) -> pd.DataFrame | CannotTell:
    """How far people stand behind the cause layer: a row a word of the layer (cause, issue_type,
    cause_kind ...): tickets confirmed (a person wrote or confirmed it, of the topic or of the cause
    that they were taught to be), suggested, other (of no topic, or of none of the words), of (all
    tickets that were read)."""
    file = _file(study)
    if file is None or not file.exists():
        return NO_FILE
    causes = read_causes(file)
    entries = (*merged(causes.topics), *causes.added)
    if not entries:
        return NO_TOPICS
    rows = pd.DataFrame([{"topic": e.topic, **{k: _stands(e, k) for k in ("name", *WORDS)}}
                         for e in entries])  # fmt: skip
    topics = study.ticket_causes[["ticket_id", "topic", "cause"]].drop_duplicates("ticket_id")
    own = topics["topic"].map({e.topic: e.name for e in entries})
    taught = topics["cause"].map({e.name: e.topic for e in reversed(entries)})  # what it went to
    topics = topics.assign(topic=topics["topic"].where(topics["cause"] == own, taught))
    stands = topics.merge(rows, on="topic", how="left")[["name", *WORDS]]
    stands = stands.astype(object).where(stands.notna(), "other")
    counts = stands.apply(lambda c: c.value_counts()).T
    counts = counts.reindex(columns=["confirmed", "suggested", "other"]).fillna(0).astype("int64")
    return counts.assign(of=len(topics)).rename(index={"name": "cause"}).rename_axis("word")


def entry_moves(study: Study) -> pd.DataFrame | CannotTell:
    """What became of topics when they were last fitted anew: name, was, topic, overlap, by_person.

    topic is null where a topic that a person edited is no more, was where a topic is new. Empty
    before the first refit.
    """
    file = _file(study)
    if file is None or not file.exists():
        return NO_FILE
    causes = read_causes(file)
    if all(entry.was is None for entry in causes.topics) and not causes.gone:
        return pd.DataFrame(columns=["name", "was", "topic", "overlap", "by_person"])
    rows = [(e.name, e.was, e.topic, e.overlap, bool(e.by_person)) for e in merged(causes.topics)]
    rows += [(e.name, e.topic, None, None, True) for e in causes.gone]
    moves = pd.DataFrame(rows, columns=["name", "was", "topic", "overlap", "by_person"])
    return moves.astype({"was": "Int64", "topic": "Int64", "overlap": "float64"})


def check_causes(study: Study, refit: bool) -> None:
    """Raises InputError if the study has a causes.toml that cannot be read or, before a refit,
    ticket_causes that cannot: people's edits follow these."""
    file = _file(study)
    if file is not None and file.exists():
        read_causes(file)
    if refit and study.has("ticket_causes"):
        study.table("ticket_causes")


def keep_causes(
    study: Study, topics, again: bool = False, save: Callable[[], None] = lambda: None
) -> None:
    """Writes causes.toml if it is not there, or if topics were fitted anew, and ticket_causes if
    they are not there, differ from the topics or in a name, or again is asked for. A run that
    stopped between the two is taken up where it stopped. save keeps the topics themselves, just
    before these. A study without a folder keeps its ticket_causes in memory and has no causes.toml.
    """
    file = _file(study)
    if file is None:
        if again or not study.has("ticket_causes"):
            study.put("ticket_causes", ticket_causes(study, topics))
        return
    before = read_causes(file) if file.exists() else None
    if again:
        try:
            study.table("ticket_causes")
        except InputError:  # cannot be read, and is made again from the topics
            (study.path / "ticket_causes.parquet").unlink(missing_ok=True)
    made = _kept_entries(study, topics, file, before)
    again = again or not (_same_tickets(study, topics) and not _stale(study, made))
    causes = ticket_causes(study, topics, made) if again else None
    save()
    if made is not before:
        write_causes(file, made, before)
    if causes is not None:
        write_parquet(causes, study.path / "ticket_causes.parquet")
        study.put("ticket_causes", causes)


def write_causes(file: Path, causes: CausesFile, before: CausesFile | None) -> None:
    """Writes a causes.toml over the one of before, which is kept beside if people wrote in it."""
    if before and (before.gone or before.added or any(entry.told for entry in before.topics)):
        _keep_as_it_was(file)
    with replacing(file) as part:
        part.write_text(causes_text(causes), encoding="utf-8", newline="\n")


def _kept_entries(study: Study, topics, file: Path, before: CausesFile | None) -> CausesFile:
    """The entries for these topics: as they stand in the file, or to be written there."""
    if before is None or not before.topics:
        added = before.added if before else ()
        return CausesFile(first_entries(study, topics), added=added)
    of_these = {e.topic: e.found for e in before.topics} == topics.names().to_dict()
    if not study.has("ticket_causes"):
        if not of_these:
            raise InputError(
                f"{file} is of other topics than {study.path / 'topics'}: copy the "
                "ticket_causes.parquet that lay beside it (topics/ is not needed) to this folder "
                "and run 'cxresearch topics' again, so that edits follow their tickets; without "
                f"it {MOVE}"
            )
        return before
    same, here = _same_topics(study, topics), {e.topic: e.tickets for e in before.topics}
    fit = pd.Series(topics.labels[topics.made_fit]).value_counts()
    if of_these and (same or here == {topic: fit.get(topic, 0) for topic in here}):
        return before  # of these topics, though ticket_causes may still be of those before
    if same and (wrong := here.keys() ^ topics.table["topic"]):
        what = "was not found in the tickets" if min(wrong) in here else "is missing"
        raise InputError(f"{file}: topic {min(wrong)} {what}: do not edit the numbers; or {MOVE}")
    used = {*corrections(study).values()}
    kept = (
        replace(e, carried=(*e.carried, "name")) if e.name in used and "name" not in e.edited else e
        for e in before.topics
    )
    before = replace(before, topics=tuple(kept))  # a name that a person's correction uses is theirs
    matches = match_topics(_topics_before(study), pd.Series(topics.labels, index=topics.ids))
    return carried(before, first_entries(study, topics), matches)


def _topics_before(study: Study) -> pd.Series:
    """The topic of each ticket in ticket_causes, but of those given it without text."""
    return (
        found_alone(study, study.ticket_causes)
        .drop_duplicates("ticket_id")
        .set_index("ticket_id")["topic"]
    )


def _same_topics(study: Study, topics) -> bool:
    """Have those tickets of ticket_causes that topics hold the same topic there?"""
    old, new = _topics_before(study), pd.Series(topics.labels, index=topics.ids)
    both = old.index.intersection(new.index)
    return len(both) > 0 and bool(old[both].eq(new[both]).all())


def _same_tickets(study: Study, topics) -> bool:
    """Are ticket_causes there, and of the same topics, ticket by ticket?"""
    if not study.has("ticket_causes"):
        return False
    old, new = _topics_before(study), pd.Series(topics.labels, index=topics.ids)
    return len(old) == len(new) and bool(old.reindex(new.index).eq(new).fillna(False).all())


def _row(file: Path, name: str, entries: list[Entry]) -> dict:
    entries = sorted(entries, key=lambda e: (-e.tickets, e.topic))
    by_person = [k for k in KEYS if any(k in e.by_person for e in entries)]
    values = {key: _agreed(file, entries, key) for key in (*WORDS, *FOR_MODELS)}
    confirmed = all(entry.confirmed for entry in entries)
    topics = sorted(entry.topic for entry in entries if entry.topic >= 0)
    return {"cause": name, "topics": topics, **values, "by_person": by_person,
            "confirmed": confirmed}  # fmt: skip


def _agreed(file: Path, entries: list[Entry], key: str):
    """The value of a cause: a person's, else that suggested for the largest of its topics."""
    told = [entry for entry in entries if key in entry.by_person]
    first = (told or entries)[0]
    value = getattr(first, key)
    for other in told:
        if getattr(other, key) != value and key not in FOR_MODELS:
            raise InputError(
                f"{file}: topics {first.topic} and {other.topic} are one cause, '{first.name}', "
                f"but {key} is {value!r} in one and {getattr(other, key)!r} in the other."
            )
    return value


def _stands(entry: Entry, key: str) -> str | None:
    """confirmed, suggested, or None where nothing is said."""
    if getattr(entry, key) in ("", "unknown", "other"):
        return None
    return "confirmed" if key in entry.by_person else "suggested"


def _stale(study: Study, causes: CausesFile) -> bool:
    """Do the tickets' causes differ from what people say?"""
    kept = kept_words(study)
    if "said" in kept:
        return kept["said"] != said(causes, corrections(study))
    if causes.added or corrections(study) or any(e.examples or e.forbidden for e in causes.topics):
        return True
    entries, leaves = causes.topics, kept.get("exit_request")
    told = named(study).groupby("topic").agg(
        cause=("cause", "first"), all=("is_exit_request", "min"), some=("is_exit_request", "max")
    )  # fmt: skip
    for e in entries:
        if leaves is not None and leaves.get(str(e.topic), "by words") != e.exit_request:
            return True
        if e.topic in told.index and (
            told.loc[e.topic, "cause"] != e.name
            or (e.exit_request == "all" and not told.loc[e.topic, "all"])
            or (e.exit_request == "none" and told.loc[e.topic, "some"])
        ):
            return True
    return not set(told.index) <= {entry.topic for entry in entries}


def kept_words(study: Study) -> dict:
    """What is kept beside ticket_causes of what people had said when they were written."""
    file = study.whole.file("ticket_causes.parquet")
    if file is None or not file.is_file():
        return {}
    with readable(file):
        return pd.read_parquet(file, columns=["topic"]).attrs


def _file(study: Study) -> Path | None:
    """The causes.toml of a study; a part of one has that of the whole."""
    return study.whole.file(NAME)


def _keep_as_it_was(file: Path) -> None:
    held, names = file.read_bytes(), (f"causes.before-{n}.toml" for n in count(1))
    places = map(file.with_name, names)
    with replacing(next(p for p in places if not p.exists() or p.read_bytes() == held)) as part:
        part.write_bytes(held)
