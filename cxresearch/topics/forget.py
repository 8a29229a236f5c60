"""A customer, or all from before a day, goes out of a study's folder and of what was made of it."""

import csv
import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from itertools import combinations
from pathlib import Path

import pandas as pd

from cxresearch.loaders.people.identities import hashed
from cxresearch.study.exchange import alone, replacing
from cxresearch.study.gone import (
    NOTE,
    Ids,
    aside_without,
    forgotten,
    from_before,
    limit,
    noted,
    was_forgotten,
    whose,
    without,
)
from cxresearch.study.schema import InputError
from cxresearch.study.shelf import Shelf
from cxresearch.study.study import Study, open_study
from cxresearch.study.toml_text import with_line
from cxresearch.study.visible import field
from cxresearch.study.writing import write_parquet
from cxresearch.topics.causes.file import NAME, CausesFile, read_causes
from cxresearch.topics.causes.refit import KEPT
from cxresearch.topics.causes.table import kept_words
from cxresearch.topics.causes.teaching import COLUMNS, CORRECTIONS, corrections, said
from cxresearch.topics.embed import forget_vectors
from cxresearch.topics.grouping import themes_left
from cxresearch.topics.text import joined_text
from cxresearch.topics.text.scrubbing import sentences
from cxresearch.topics.topic_model import load_topics

MANY = 15  # sentences of a text; of a longer one at most two were left out when it was read


def forget(
    path: Path, customer: str | None = None, before: str | None = None, dry_run: bool = False
) -> dict[str, int]:
    """How many rows of a study go, by table, with a customer (or one who asks, also by an e-mail
    address) or with all from before a day (if none is named, the limit of study.toml's
    forget_after_days: study.gone.limit); and they go, all at once, unless it is a dry_run.

    They go out of tables, rows set aside (with before all of these: their age cannot be told),
    topics (quotes of others take the place of theirs), corrections, truth.json, kept results and
    the cache of vectors; watched.json, which names causes in customers' words, goes whole, so watch
    tells what goes on once more; forgotten.json holds no more of them than digests (study.gone). Of
    a person with two accounts the tickets of the other stay, and an account that is still there
    keeps its history. Not reached are: free text of others that mentions somebody, names and
    examples in causes.toml, files of one's own in the folder, vectors by other encoders and older
    versions, reports (report.folder finds these), copies elsewhere, and what other runs hold in
    memory.
    Raises InputError for a customer who is not there and never was forgotten, or if nobody is left.
    """
    path = path.resolve()
    with alone(path.parent), alone(path):
        study = open_study(path)
        before = before or (_limit(study) if customer is None else None)
        ids = _ids(study, customer, before)
        old = {name: study.table(name) for name in study.rows}
        new = without(old, ids)
        aside = aside_without(study.quarantine, old, ids, hashed).iloc[: 0 if before else None]
        rows = {name: len(old[name]) - len(new[name]) for name in old}
        rows = {"quarantine": len(study.quarantine) - len(aside), **rows}
        rows = {name: n for name, n in rows.items() if n}
        _refuse(study, new, ids, customer, rows)
        if rows and not dry_run:
            _forget_what_was_made(study, ids)
            with replacing(path) as folder:
                shutil.copytree(path, folder)
                (folder / "watched.json").unlink(missing_ok=True)
                for name in (name for name in new if new[name] is not old[name]):
                    write_parquet(new[name], folder / f"{name}.parquet")
                if "quarantine" in rows:
                    write_parquet(aside, folder / "quarantine.parquet")
                _write_rest(study, Study(study.settings, folder, new), ids, before)
                (folder / NOTE).write_text(noted(forgotten(path), ids, rows), encoding="utf-8")
        if not dry_run:
            Shelf(path).clear()
    return rows


def _ids(study: Study, customer: str | None, before: str | None) -> Ids:
    if (customer is None) == (before is None):
        raise InputError(
            "Name either one customer to forget, or a day with --before (or a limit of age, "
            "forget_after_days, in study.toml)."
        )
    if before is not None:
        return from_before(study, _day(study, before))
    asked = {hashed(pd.Series([customer], dtype="str"))[0]}
    if study.has("customers") and asked <= {*study.customers["customer_id"]}:
        return whose(study, asked, set())
    return whose(study, set(), asked)


def _limit(study: Study) -> str | None:
    day = limit(study, pd.Timestamp.now("UTC"))
    return None if day is None else day.date().isoformat()


def _refuse(study: Study, new: dict, ids: Ids, customer: str | None, rows: dict) -> None:
    """Raises InputError for a customer who is nobody, or where nobody would be left."""
    asked = [(of, each) for of in ("customer_id", "requester_id") for each in ids[of]]
    note = forgotten(study.path)
    if customer is not None and not (rows or any(was_forgotten(note, *each) for each in asked)):
        raise InputError(f"{study.path} knows no customer, and nobody who asks, as '{customer}'.")
    if new["tickets"].empty or ("customers" in new and new["customers"].empty):
        raise InputError(f"Nobody would be left in {study.path}: remove the folder itself.")


def _day(study: Study, before: str) -> pd.Timestamp:
    """The day's beginning where the study is."""
    try:
        return pd.Timestamp(date.fromisoformat(before), tz=study.settings.time_zone)
    except ValueError as error:
        raise InputError(f"'{before}' is not a day such as 2024-01-31.") from error


def _forget_what_was_made(study: Study, ids: Ids) -> None:
    Shelf(study.path).clear()
    tickets = study.tickets[study.tickets["ticket_id"].isin(ids["ticket_id"])]
    with suppress(InputError):  # an encoder that is not there made nothing here
        texts = joined_text(tickets)
        forget_vectors((t for text in texts for t in _read(text)), study.settings.encoder)


def _read(text: str) -> Iterator[str]:
    """The texts that may have been read of one: some of its sentences, in their order."""
    told = sentences(text)
    n = len(told)
    sizes = range(1, n + 1) if n <= MANY else (1, n - 2, n - 1, n)
    return (" ".join(some) for size in sizes for some in combinations(told, size))


def _write_rest(study: Study, left: Study, ids: Ids, before: str | None) -> None:
    """Writes what hangs on the tables to the folder of what is left."""
    if (study.path / KEPT).is_dir():
        _write_topics(study, left, ids["ticket_id"])
    if "tickets" in (truth := study.truth):
        told = {each: of for each, of in truth["tickets"].items() if each not in ids["ticket_id"]}
        text = json.dumps(truth | {"tickets": told}, separators=(",", ":"))
        (left.path / "truth.json").write_text(text + "\n", encoding="utf-8")
    if before is not None:
        _watched_from(left.path / "study.toml", study, _day(study, before))


def _watched_from(file: Path, study: Study, day: pd.Timestamp) -> None:
    """Says in study.toml that tickets and departures are known from that day on, not before."""
    text = file.read_text(encoding="utf-8")
    for name in ("tickets_from", "customers_from"):
        told = study.settings.time(name)
        if told is None or told < day:
            text = with_line(text, name, day.isoformat())
    file.write_text(text, encoding="utf-8")


def _write_topics(study: Study, left: Study, gone: set[str]) -> None:
    """Topics with the sizes, shares and quotes of tickets that are left, under the same numbers and
    names; one of which none is left stays, empty. Those that were only proposed go. What people
    corrected goes with its ticket."""
    topics, corrected = load_topics(study.path / KEPT), corrections(study)
    wrote = left.customer_tickets.set_index("ticket_id")["customer_id"]
    shutil.rmtree(left.path / KEPT)
    some = topics.left([each for each in topics.ids if each not in gone], wrote)
    asked = left.tickets.set_index("ticket_id")["requester_id"].dropna().to_dict()
    themes_left(some, asked).save(left.path / KEPT, vectors=False)
    kept = {ticket: cause for ticket, cause in corrected.items() if ticket not in gone}
    if kept:
        written = [[field(part) for part in each] for each in sorted(kept.items())]
        with (left.path / CORRECTIONS).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([COLUMNS, *written])
    if left.has("ticket_causes"):
        _write_causes(study, left, corrected, kept)


def _write_causes(study: Study, left: Study, corrected: dict, kept: dict) -> None:
    """The tickets' causes with what people had said; that a correction is gone is no news in it."""
    told = read_causes(file) if (file := study.path / NAME).exists() else CausesFile(())
    causes, words = left.ticket_causes, kept_words(study)
    same = words.get("said") == said(told, corrected)
    causes.attrs = words | ({"said": said(told, kept)} if same else {})
    write_parquet(causes, left.path / "ticket_causes.parquet")
