"""The topics of a study: fitted once, kept in its folder, read ever after."""

import shutil
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from cxresearch.study.among import among
from cxresearch.study.exchange import alone, replacing
from cxresearch.study.readable import read_json
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.topics.assigning import assigned
from cxresearch.topics.beside_labels import taught_labels
from cxresearch.topics.causes import NAME, check_causes, keep_causes
from cxresearch.topics.causes.file import read_causes
from cxresearch.topics.causes.teaching import CORRECTIONS
from cxresearch.topics.fit import fit_topics
from cxresearch.topics.given import LEFT_OUT, without_text
from cxresearch.topics.grouping import themed
from cxresearch.topics.text import joined_text, served
from cxresearch.topics.topic_model import TopicModel, load_topics
from cxresearch.topics.voices import place_voices

KEPT, PROPOSED = "topics", "proposed"


def study_topics(
    study: Study, *, refit: bool = False, progress: bool = False, causes_again: bool = False
) -> TopicModel:
    """The topics of a study's tickets but spam, merged and deleted ones.

    Read from topics/ in the study's folder if they are there; else, or with refit, fitted and
    written there, and causes.toml and ticket_causes with them (causes.keep_causes). Tickets that
    came since are placed among the topics that stand, or held apart as new or other
    (assigning.assigned); those that were there keep their topic, and causes.toml stays.
    ticket_causes are also written if causes.toml says other names, or with causes_again. A study
    without a folder keeps its ticket_causes in memory. Reviews, searches and articles are placed
    among the topics, too (voices.place_voices). Raises InputError if a ticket that has a
    topic is not in the study, or causes.toml cannot be used. A part of a study has the topics of
    the whole, with its own tickets in them; nothing is fitted or written for it alone.

    >>> import cxresearch
    >>> topics = study_topics(cxresearch.open_study("data/demo"))
    >>> len(topics.info())
    13
    """
    topics = _studied(study, refit, progress, causes_again)
    place_voices(study, topics, again=refit)
    return topics


def _studied(study: Study, refit: bool, progress: bool, causes_again: bool) -> TopicModel:
    if study.cut:
        return _of_a_part(study, progress)
    if study.sample and study.held.file("tickets.parquet"):
        return _of_a_sample(study)
    if study.path is None:
        topics = fitted(study, progress)
        keep_causes(study, topics, again=True)
        return topics
    if not refit and (kept := _kept(study, causes_again, progress)):
        return kept
    with alone(study.path):
        if not refit and (kept := _kept(study, causes_again, progress)):
            return kept  # another run made them, or left them
        check_causes(study, refit)
        topics = fitted(study, progress)
        keep_causes(study, topics, again=True, save=lambda: save_topics(topics, study.path / KEPT))
    return _called(study, topics)


def _called(study: Study, topics: TopicModel) -> TopicModel:
    """The topics by the names that people gave them in causes.toml."""
    names = {entry.topic: entry.name for entry in read_causes(study.path / NAME).topics}
    told = topics.table["topic"].map(names).fillna(topics.table["name"]).astype("str")
    return replace(topics, table=topics.table.assign(name=told))


def save_topics(
    topics: TopicModel, folder: Path, beside: tuple[str, ...] = (CORRECTIONS.name,)
) -> None:
    """Writes topics in the place of those that stood, whose files of these names stay beside; what
    was proposed in the place of these goes, unless it is named."""
    with replacing(folder) as new:
        topics.save(new, vectors=False)  # made again when they are needed
        for kept in (folder / name for name in beside):
            if kept.is_dir():
                shutil.copytree(kept, new / kept.name)
            elif kept.is_file():
                (new / kept.name).write_bytes(kept.read_bytes())


def _kept(study: Study, causes_again: bool, progress: bool) -> TopicModel | None:
    """The topics that stand, of the study's tickets, those that came since too; None where there is
    none."""
    if not (study.path / KEPT).is_dir():
        return None
    told = told_tickets(study)
    topics = of_this(study, load_topics(study.path / KEPT))
    if set(told["ticket_id"]) <= set(topics.ids):
        topics = shown_of(study, topics, told)
        keep_causes(study, topics, again=causes_again)
        return _called(study, topics)
    if topics.table.empty:
        return None  # of words that came since, the first are made
    with alone(study.path):
        topics = load_topics(study.path / KEPT)  # another run may have placed them
        if not set(told["ticket_id"]) <= set(topics.ids):
            topics = _grown(study, topics, told)
        save = partial(save_topics, topics, study.path / KEPT, (CORRECTIONS.name, PROPOSED))
        keep_causes(study, shown_of(study, topics, told), again=causes_again, save=save)
    return _called(study, shown_of(study, topics, told))


def of_this(study: Study, topics: TopicModel) -> TopicModel:
    """The topics, if all their tickets are in the study, now spam or merged or not."""
    gone = set(topics.ids) - set(study.tickets["ticket_id"])
    if gone and study.sample:  # of fewer customers, since there are more tickets
        return topics.left(study.tickets["ticket_id"], _customers(study))
    if gone:
        raise InputError(
            f"{study.path / KEPT} is of other tickets: {len(gone):,} of {len(topics.ids):,} that "
            "have a topic there are not in the study. "
            "Fit again with 'cxresearch topics --refit --accept'."
        )
    return topics


def shown_of(study: Study, topics: TopicModel, told: pd.DataFrame) -> TopicModel:
    """The topics without tickets that are spam, merged or deleted by now."""
    if set(topics.ids) <= set(told["ticket_id"]):
        return topics
    return topics.left(told["ticket_id"], _customers(study))


def _grown(study: Study, topics: TopicModel, told: pd.DataFrame) -> TopicModel:
    """The topics with the tickets that came since, and new themes among those held apart."""
    told = told.sort_values("ticket_id", ignore_index=True)
    new = told[~told["ticket_id"].isin(topics.ids)]
    speaks = dict(zip(new["ticket_id"], served(new, study.settings.languages), strict=True))
    old = study.tickets[study.tickets["ticket_id"].isin(topics.ids)]
    every = pd.concat([old[new.columns], new]).set_index("ticket_id")
    texts = joined_text(every)
    grown = assigned(topics, texts, speaks, study.observed_until)
    grown = themed(grown, texts, every["requester_id"].dropna().to_dict())
    return grown.counted(_customers(study))


def fitted(study: Study, progress: bool) -> TopicModel:
    """The topics of a study's tickets, fitted; nothing is written."""
    tickets = told_tickets(study)
    wrote = tickets["requester_id"].fillna(tickets["ticket_id"])
    labels = taught_labels(study)
    topics = fit_topics(
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
    )
    topics = replace(topics, made=topics.made | _numbered(study))
    return topics.named(tickets["ticket_id"], tickets["ticket_id"].map(_customers(study)))


def _numbered(study: Study) -> dict[str, int]:
    """How many themes have a number, so that none is given again; nothing where none has."""
    made = {}
    if study.path is not None:
        with suppress(InputError):
            made = read_json(study.path / KEPT / "made.json", {})
    return {name: made[name] for name in ("numbered",) if name in made}


def _of_a_sample(study: Study) -> TopicModel:
    """The topics of a folder's tickets with those of the sample in them. Raises InputError if there
    are none, or none of some of its tickets."""
    told = told_tickets(study)["ticket_id"]
    if (study.path / KEPT).is_dir() and study.has("ticket_causes"):
        topics = load_topics(study.path / KEPT)
        if set(told) <= {*topics.ids, *study.ticket_causes["ticket_id"]}:
            return _called(study, topics.left(told, _customers(study)))
    raise InputError(
        f"{study.path} has more tickets than sample_tickets in study.toml, so the topics of all "
        f"are found first: run 'cxresearch topics {study.path}'."
    )


def _of_a_part(study: Study, progress: bool) -> TopicModel:
    topics = study_topics(study.whole, progress=progress)
    if not study.has("ticket_causes"):
        causes = study.whole.ticket_causes
        inside = among(causes["ticket_id"], study.tickets["ticket_id"])
        study.put("ticket_causes", causes[inside].reset_index(drop=True))
    return topics.among(told_tickets(study)["ticket_id"], _customers(study))


def told_tickets(study: Study) -> pd.DataFrame:
    """The tickets that customers' words are read from, oldest first: whoever wrote them, but not
    spam, merged or deleted ones (unknown is kept), nor those without text whose cause is given."""
    tickets = study.tickets
    left_out = tickets[LEFT_OUT].fillna(False).any(axis=1) | without_text(tickets)
    return tickets[~left_out].sort_values(["created_at", "ticket_id"], ignore_index=True)


def _customers(study: Study) -> pd.Series:
    """Who wrote each of the customers' own tickets, by ticket_id."""
    return study.customer_tickets.set_index("ticket_id")["customer_id"]
