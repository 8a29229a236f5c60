"""The topics of a study: fitted once, kept in its folder, read ever after."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from cxresearch.study.among import among
from cxresearch.study.exchange import alone, replacing
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.topics.beside_labels import taught_labels
from cxresearch.topics.causes import NAME, check_causes, keep_causes
from cxresearch.topics.causes.file import read_causes
from cxresearch.topics.causes.teaching import CORRECTIONS
from cxresearch.topics.fit import fit_topics
from cxresearch.topics.text import joined_text, served
from cxresearch.topics.topic_model import TopicModel, load_topics

KEPT = "topics"


def study_topics(
    study: Study, *, refit: bool = False, progress: bool = False, causes_again: bool = False
) -> TopicModel:
    """The topics of a study's tickets but spam, merged and deleted ones.

    Read from topics/ in the study's folder if they are there; else, or with refit, fitted and
    written there, and causes.toml and ticket_causes with them (causes.keep_causes). ticket_causes
    are also written if causes.toml says other names, or with causes_again. A study without a folder
    keeps its ticket_causes in memory. Raises InputError if the topics kept are of other tickets
    than the study's, or causes.toml cannot be used. A part of a study has the topics of the whole,
    with its own tickets in them; nothing is fitted or written for it alone.

    >>> import cxresearch
    >>> topics = study_topics(cxresearch.open_study("data/demo"))
    >>> len(topics.info())
    13
    """
    if study.cut:
        return _of_a_part(study, progress)
    if study.path is None:
        topics = _fitted(study, progress)
        keep_causes(study, topics, again=True)
        return topics
    if (study.path / KEPT).is_dir() and not refit:
        return _kept(study, causes_again)
    with alone(study.path):
        if (study.path / KEPT).is_dir() and not refit:  # another run made them, or left them
            return _kept(study, causes_again)
        check_causes(study, refit)
        topics = _fitted(study, progress)
        keep_causes(study, topics, again=True, save=lambda: _save(topics, study.path / KEPT))
    return _called(study, topics)


def _called(study: Study, topics: TopicModel) -> TopicModel:
    """The topics by the names that people gave them in causes.toml."""
    names = {entry.topic: entry.name for entry in read_causes(study.path / NAME).topics}
    told = topics.table["topic"].map(names).fillna(topics.table["name"]).astype("str")
    return replace(topics, table=topics.table.assign(name=told))


def _save(topics: TopicModel, folder: Path) -> None:
    corrected = folder / CORRECTIONS.name
    with replacing(folder) as new:
        topics.save(new, vectors=False)  # made again when they are needed
        if corrected.is_file():
            (new / CORRECTIONS.name).write_bytes(corrected.read_bytes())


def _kept(study: Study, causes_again: bool) -> TopicModel:
    folder, tickets = study.path / KEPT, set(told_tickets(study)["ticket_id"])
    topics = load_topics(folder)
    new, gone = len(tickets.difference(topics.ids)), len(set(topics.ids) - tickets)
    if new or gone:
        raise InputError(
            f"{folder} is of other tickets: {new:,} of {len(tickets):,} tickets have no "
            f"topic there, and {gone:,} that have one are not in the study. "
            "Fit again with 'cxresearch topics --refit'."
        )
    keep_causes(study, topics, again=causes_again)
    return _called(study, topics)


def _fitted(study: Study, progress: bool) -> TopicModel:
    tickets = told_tickets(study)
    wrote = tickets["requester_id"].fillna(tickets["ticket_id"])
    labels = taught_labels(study)
    return fit_topics(
        joined_text(tickets).tolist(),
        customers=wrote.tolist(),
        labels=None if labels is None else tickets["ticket_id"].map(labels).tolist(),
        target_topics=int(study.settings.target_topics) or None,
        model=study.settings.encoder,
        served=served(tickets, study.settings.languages),
        other_languages=study.settings.other_languages,
        progress=progress,
        names_from=study.settings.names_from,
        names_model=study.settings.names_model,
    ).named(tickets["ticket_id"], tickets["ticket_id"].map(_customers(study)))


def _of_a_part(study: Study, progress: bool) -> TopicModel:
    topics = study_topics(study.whole, progress=progress)
    if not study.has("ticket_causes"):
        causes = study.whole.ticket_causes
        inside = among(causes["ticket_id"], study.tickets["ticket_id"])
        study.put("ticket_causes", causes[inside].reset_index(drop=True))
    return topics.among(told_tickets(study)["ticket_id"], _customers(study))


def told_tickets(study: Study) -> pd.DataFrame:
    """The tickets that customers' words are read from, oldest first: whoever wrote them, but not
    spam, merged or deleted ones (unknown is kept)."""
    tickets = study.tickets
    left_out = tickets[["is_spam", "is_merged", "is_deleted"]].fillna(False).any(axis=1)
    return tickets[~left_out].sort_values(["created_at", "ticket_id"], ignore_index=True)


def _customers(study: Study) -> pd.Series:
    """Who wrote each of the customers' own tickets, by ticket_id."""
    return study.customer_tickets.set_index("ticket_id")["customer_id"]
