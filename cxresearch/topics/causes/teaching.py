"""What a person says of causes beside their names: examples, corrections, what is no cause."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.study.exchange import replacing
from cxresearch.study.nearest import refuse_unknown
from cxresearch.study.readable import sha256
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.visible import field, plain_field, visible
from cxresearch.topics.causes.file import NO_TOPIC, CausesFile
from cxresearch.topics.causes.taught import taught_causes
from cxresearch.topics.corpus import NEW_OR_OTHER
from cxresearch.topics.neighbours import distinct_rows, shared_neighbours
from cxresearch.topics.sample import MOST, stratified
from cxresearch.topics.text import joined_text

CORRECTIONS = Path("topics") / "corrections.csv"
COLUMNS = ["ticket_id", "cause"]


def corrections(study: Study) -> dict[str, str]:
    """The cause that a person gave to single tickets in topics/corrections.csv; none without it.

    Raises InputError, naming file and row, if the columns are not ticket_id and cause, or a ticket
    is not in the study or stands there with two causes.
    """
    file = study.whole.file(CORRECTIONS)
    if file is None or not file.is_file():
        return {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            head, *rows = csv.reader(stream)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise InputError(f"{file} cannot be read as CSV in UTF-8: {error}.") from error
    if [name.strip() for name in head] != COLUMNS:
        raise InputError(f"{file}: the first line must be ticket_id,cause.")
    tickets, told = study.whole.tickets["ticket_id"], {}
    known = {written: ticket for ticket in tickets for written in (visible(ticket), ticket)}
    for number, row in enumerate(rows, 2):
        where = f"{file}, row {number}"
        if not any(row):
            continue
        if len(row) != len(COLUMNS):
            raise InputError(f"{where} has {len(row)} fields: write ticket_id,cause.")
        ticket, cause = plain_field(row[0].strip()), " ".join(plain_field(row[1]).split())
        if ticket not in known:
            raise InputError(f"{where}: ticket_id {ticket!r} is no ticket of this study.")
        if told.setdefault(known[ticket], cause) != cause:
            raise InputError(f"{where}: ticket {ticket} has two causes: keep one of them.")
    return told


def with_corrections(study: Study, further: Mapping[str, str]) -> None:
    """Adds corrections to the study's file, the new ones in the place of old ones."""
    file = study.path / CORRECTIONS
    told = {**corrections(study), **further}
    file.parent.mkdir(exist_ok=True)
    with replacing(file) as part, part.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(
            [COLUMNS, *([field(ticket), field(cause)] for ticket, cause in sorted(told.items()))]
        )


def said(causes: CausesFile, corrected: Mapping[str, str]) -> str:
    """A checksum of all that decides the causes of tickets beside the topics."""
    entries = [(e.topic, e.name, e.exit_request, e.forbidden, e.examples)
               for e in (*causes.topics, *causes.added)]  # fmt: skip
    return sha256(json.dumps([entries, sorted(corrected.items())]).encode())


def taught(study: Study, topics, causes: CausesFile, corrected: Mapping[str, str]) -> pd.Series:
    """The cause of each ticket that topics name, by ticket_id, as people taught it.

    The name of its topic; of a forbidden one that of the next most like it; then examples and
    corrections draw alike tickets along (taught.taught_causes), and a correction stands. Raises
    InputError if a correction names a cause that causes.toml does not.
    """
    entries = {entry.topic: entry for entry in causes.topics}
    names = {**topics.names().to_dict(), **{t: e.name for t, e in entries.items()}, **NO_TOPIC}
    known = {*names.values(), *(e.name for e in (*causes.added, *causes.gone))}
    known -= {"no words", "other language"}
    written = {visible(name): name for name in known}
    corrected = {ticket: written.get(cause, cause) for ticket, cause in corrected.items()}
    for ticket, cause in corrected.items():
        refuse_unknown(f"{CORRECTIONS}, ticket {ticket}", [cause], known, "cause")
    told = pd.Series(topics.labels, index=topics.ids).map(names).astype(object)
    forbidden = [t for t, e in entries.items() if e.forbidden]
    if forbidden:
        told = _without(topics, told, forbidden, names)
    examples: dict[str, list[str]] = {}
    for entry in (*causes.topics, *causes.added):
        if entry.examples:
            examples.setdefault(entry.name, []).extend(entry.examples)
    if examples or corrected:
        told = _drawn_along(study, topics, told, examples, {
            ticket: cause for ticket, cause in corrected.items() if cause not in NO_TOPIC.values()
        })  # fmt: skip
    told.update(pd.Series(corrected, dtype=object))
    return told


def _without(topics, told: pd.Series, forbidden: list[int], names: Mapping) -> pd.Series:
    left = [t for t in topics.table["topic"] if t not in forbidden]
    if not left:
        raise InputError("causes.toml forbids every topic: leave at least one of them.")
    shares = topics.weights[:, left] if len(topics.weights) else np.zeros((0, len(left)))
    nearest = topics.table.set_index("topic")["nearest"].to_dict()
    usual = [nearest[t] if nearest.get(t) in left else left[0] for t in topics.labels.clip(min=0)]
    best = np.where(shares.max(axis=1) > 0, np.array(left)[shares.argmax(axis=1)], usual)
    return told.where(~np.isin(topics.labels, forbidden), pd.Series(best, told.index).map(names))


def _drawn_along(study: Study, topics, told: pd.Series, examples, corrected) -> pd.Series:
    from cxresearch.topics.embed import embed

    encoder = topics.made["encoder"]
    texts = joined_text(study.whole.tickets.set_index("ticket_id").reindex(topics.ids))
    rows, vectors = topics.vectors_of(texts.tolist())
    meant = {cause: embed(says, encoder=encoder) for cause, says in examples.items()}
    told = told.copy()
    _taken_up(topics, told, rows, vectors, meant, corrected)
    rows, vectors = (each[topics.labels[rows] >= 0] for each in (rows, vectors))
    first, node = distinct_rows(vectors)
    some = stratified(vectors[first], MOST, topics.made["seed"])
    place = pd.Series(np.arange(len(some)), index=some)
    at = {topics.ids[row]: place.get(n) for row, n in zip(rows, node, strict=True)}
    known = {int(at[t]): c for t, c in corrected.items() if at.get(t) is not None}
    here = np.array(told.iloc[rows], dtype=object)
    base = here[first[some]]
    moved = taught_causes(shared_neighbours(vectors[first[some]]), vectors[first[some]], base,
                          meant, known)  # fmt: skip
    placed = place.reindex(node).to_numpy()
    inside = ~np.isnan(placed)
    here[inside] = moved[placed[inside].astype(int)]
    told.iloc[rows] = here
    return told


def _taken_up(topics, told: pd.Series, rows, vectors, meant: Mapping, corrected: Mapping) -> None:
    """Gives new or other texts the taught cause of the sentence, or corrected text, most like them,
    where that is as alike as two texts of a topic (assigning.assigned)."""
    apart = topics.labels[rows] == NEW_OR_OTHER
    said = [(cause, vector) for cause, each in meant.items() for vector in each]
    at = zip(topics.ids[rows], vectors, strict=True)
    said += [(corrected[ticket], vector) for ticket, vector in at if ticket in corrected]
    if apart.any() and said:
        alike = np.round(vectors[apart] @ np.stack([vector for _, vector in said]).T, 5)
        near = alike.max(axis=1) >= topics.made["placing"]["alike"]
        best = np.array([cause for cause, _ in said], dtype=object)[alike.argmax(axis=1)]
        told.iloc[rows[apart][near]] = best[near]
