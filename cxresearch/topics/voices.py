"""Which topic of the tickets each review, search and article is near: kept as voice_topics.

They are placed as tickets that came later are, each by itself; none of them moves a topic. What is
near to no ticket has no topic: a voice may be about what nobody writes tickets about.
"""

import pandas as pd
import pyarrow as pa

from cxresearch.study.schema import TABLES
from cxresearch.study.study import Study
from cxresearch.study.voice_ids import voice_ids
from cxresearch.study.writing import write_parquet
from cxresearch.topics.assigning import ROWS, assign_batches, measured
from cxresearch.topics.text import joined_text, served
from cxresearch.topics.topic_model import TopicModel

READ = 600  # letters of a text: what it is about stands at its beginning
NAME, OF = "voice_topics", {"review": "reviews", "search": "article_views", "article": "articles"}


def place_voices(study: Study, topics: TopicModel, again: bool = False) -> None:
    """Writes voice_topics for the reviews, searches and articles that have none yet; with again,
    for all. A study without any has no such table, and one without a folder keeps it in memory."""
    tables = {name: study.table(name) for name in OF.values() if study.has(name)}
    if not tables or study.cut or study.sample or topics.table.empty:
        return
    held = study.table(NAME) if study.has(NAME) and not again else _none()
    ids = voice_ids(tables)
    was, told = (pd.MultiIndex.from_frame(each[["voice", "voice_id"]]) for each in (held, ids))
    stays, new = held[was.isin(told)], ids[~told.isin(was)]
    if len(stays) == len(held) and new.empty and study.has(NAME):
        return
    texts = _texts(study, tables, new)
    rows = pd.concat([stays, _placed(study, topics, texts)], ignore_index=True)
    rows = rows.sort_values(["voice", "voice_id"], ignore_index=True)
    study.put(NAME, rows)
    if study.path is not None:
        write_parquet(rows, study.path / f"{NAME}.parquet")


def voice_causes(study: Study, voice: str) -> pd.DataFrame:
    """By the id of each review, search or article: its cause (null where it is near to none), and
    its near. Empty where nothing was placed."""
    rows = study.table(NAME) if study.has(NAME) else _none()
    rows = rows[rows["voice"] == voice]
    counts = study.ticket_causes.value_counts(["topic", "cause"]).reset_index()  # largest first
    causes = counts.drop_duplicates("topic").set_index("topic")["cause"]
    told = rows.assign(cause=rows["topic"].map(causes).where(rows["topic"] >= 0))
    return told.set_index("voice_id")[["cause", "near"]]


def _none() -> pd.DataFrame:
    return pd.DataFrame(columns=TABLES[NAME].names)


def _texts(study: Study, tables: dict[str, pd.DataFrame], ids: pd.DataFrame) -> pd.DataFrame:
    """A row an id of voice_ids: voice, voice_id, text, and served (is its language one that the
    encoder serves?)."""
    parts = []
    for voice, rows in ids.groupby("voice", sort=False):
        own = tables[OF[voice]].loc[rows.index]
        if voice == "search":
            parts.append(rows.assign(text=own["query"], served=True))
            continue
        told = own.rename(columns={"title": "subject", "body": "description"})
        told = told.assign(description=told["description"].str[:READ])
        speaks = served(told, study.settings.languages)
        parts.append(rows.assign(text=joined_text(told), served=speaks))
    return pd.concat([_none()[["voice", "voice_id"]], *parts], ignore_index=True)


def _placed(study: Study, topics: TopicModel, texts: pd.DataFrame) -> pd.DataFrame:
    """The rows of voice_topics for these texts."""
    if texts.empty:
        return _none()
    tickets = study.tickets.set_index("ticket_id")
    model = measured(topics, joined_text(tickets))
    given = pa.table({"ticket_id": texts.index.to_numpy(), "text": pa.array(texts["text"].tolist()),
                      "served": [*texts["served"].astype(bool)]})  # fmt: skip
    found = [batch.to_pandas() for batch in assign_batches(model, given.to_batches(ROWS))]
    told = pd.concat(found, ignore_index=True)
    weight = [max(each, default=0.0) for each in told["weights"]]
    rows = texts[["voice", "voice_id"]].assign(
        topic=told["topic"], weight=weight, near=told["near"]
    )
    return rows.astype({"topic": "Int64", "near": "float64"})
