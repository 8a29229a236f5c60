"""A sample of whole customers, chosen by the hash of their names: the same ones on every engine and
next month, each with all tickets, people, history and surveys."""

import hashlib
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study.beside_tickets import BESIDE
from cxresearch.study.column_types import typed
from cxresearch.study.engine import THERE, Engine, duckdb_engine, engine_in_memory, engine_named
from cxresearch.study.held import Held
from cxresearch.study.once import Kept
from cxresearch.study.own_views import OWN, values_of
from cxresearch.study.schema import TABLES, InputError

if TYPE_CHECKING:
    from cxresearch.study.study import Study

LEVELS = 1 << 16  # of the hash's first four letters
IN = "substr(md5({0}), 1, 4) >= :hash_from AND substr(md5({0}), 1, 4) < :hash_to"
SAMPLE = {
    **OWN,
    "account_of": f"""
    SELECT requester_id, max(customer_id) AS customer_id FROM identities{THERE}
    GROUP BY requester_id""",
    "sampled": f"""
    SELECT t.ticket_id FROM tickets{THERE} t LEFT JOIN joined j ON j.ticket_id = t.ticket_id
    WHERE {IN}""".format(
        "coalesce(CASE WHEN :joins = 1 THEN j.customer_id END, t.requester_id, t.ticket_id)"
    ),
}
OF_TICKETS = "SELECT r.* FROM {}" + THERE + " r JOIN sampled s ON s.ticket_id = r.ticket_id"
OF_CUSTOMERS = "SELECT r.* FROM {}" + THERE + f" r WHERE {IN.format('r.customer_id')}"
# A survey about a ticket goes with it, one about none with its customer.
OF_SURVEYS = (
    "SELECT r.* FROM {}" + THERE + " r LEFT JOIN sampled s ON s.ticket_id = r.ticket_id "
    "WHERE s.ticket_id IS NOT NULL OR (r.ticket_id IS NULL AND "
    f"{IN.format('coalesce(r.customer_id, r.survey_id)')})"
)
# Beside tickets: rows of who is named there, else of nobody, by their own number.
OF_NAMED = "SELECT r.* FROM {}" + THERE + (
    " r LEFT JOIN account_of a ON a.requester_id = r.requester_id WHERE "
    + IN.replace("{0}", "coalesce(r.customer_id, a.customer_id, r.requester_id, r.%s)")
)  # fmt: skip
OF_ALL = "SELECT r.* FROM {}" + THERE + " r"
ROWS = {
    **dict.fromkeys(("tickets", "ticket_events", "ticket_causes"), OF_TICKETS),
    **dict.fromkeys(("customers", "customer_history", "identities"), OF_CUSTOMERS),
    "surveys": OF_SURVEYS,
    **{
        table.name: OF_NAMED % ((table.key,) * 2) if "requester_id" in table.names else OF_ALL
        for table in BESIDE
    },
}
SIZE = f"SELECT count(*) AS tickets FROM tickets{THERE}"
STATE = {  # what changes when a table does, of tables that are in no file
    "tickets": "max(coalesce(updated_at, created_at))",
    "ticket_events": "max(event_at)",
    "customers": "max(coalesce(ended_at, notice_at, started_at))",
    "customer_history": "max(valid_from)",
    "surveys": "max(offered_at)",
    "reviews": "max(written_at)",
    "bot_sessions": "max(started_at)",
    "article_views": "max(viewed_at)",
}


@dataclass(frozen=True)
class Sample:
    """Which part of a study's customers stands for all: the engine that has all of them, from which
    level of their hash to which they are chosen, and how many tickets there are in all."""

    engine: Engine
    since: int
    until: int
    tickets: int

    @property
    def times(self) -> float:
        """How many customers one of the sample stands for."""
        return LEVELS / (self.until - self.since)

    @property
    def says(self) -> str:
        """What a page says of its numbers; "" where all customers are in it."""
        if self.until - self.since == LEVELS:
            return ""
        return (
            f"This page rests on a sample: 1 in {self.times:,.0f} customers, chosen by chance, "
            "each with all tickets. Shares and ratios hold for all, within their intervals. "
            "Numbers of customers, tickets and money are the sample's: those of all are about "
            f"{self.times:,.0f} times as many ({self.tickets:,} tickets)."
        )


def draw(study: "Study", engine: Engine | None, sampled: bool) -> "Study":
    """The study, in which a sample of whole customers stands for all: of an engine's tables always
    (with sampled also of one that the environment names), of its folder's where sampled is wanted
    and there are more tickets than sample_tickets."""
    engine = engine or (engine_named() if sampled else None)
    most = int(study.settings.sample_tickets)
    if engine is None and not (
        sampled and study.held.has("tickets") and 0 < most < study.held.count("tickets")
    ):
        return study
    engine = engine or duckdb_engine(study.path)
    there = int(engine.ask(SIZE, {})["tickets"].iloc[0])
    levels = round(LEVELS * most / there) if most and there else LEVELS
    return _of(study, Sample(engine, 0, min(LEVELS, max(1, levels)), there))


def partitions(study: "Study", parts: int) -> Iterator["Study"]:
    """A study's customers in so many parts, one after the other, each as a study of its own: what
    is added up over them is that of all, in the memory of one. Tables are read as parts are asked
    for, from the study's folder or engine. Raises InputError for a study without either.

    >>> import cxresearch
    >>> demo = cxresearch.open_study("data/demo")
    >>> sum(len(part.customers) for part in partitions(demo, 4))
    4000
    """
    if study.path is None:
        raise InputError("Only a study that lies in a folder or an engine is read in partitions.")
    engine = study.sample.engine if study.sample else duckdb_engine(study.path)
    there = int(engine.ask(SIZE, {})["tickets"].iloc[0])
    for since, until in pairwise(LEVELS * part // parts for part in range(parts + 1)):
        yield _of(study.with_settings(), Sample(engine, since, until, there))


def engine_over(study: "Study", of: str) -> Engine:
    """The engine over "all" that a study's sample stands for, or over the "sample" alone. Whatever
    is made with it rests on all tables."""
    _ = study.rows
    return study.sample.engine if of == "all" else study.held.asked()


def _of(study: "Study", sample: Sample) -> "Study":
    """The study with the tables of a sample. What is known since when does not depend on it."""
    settings = study.settings
    values = values_of(sample.engine, settings)
    first = pd.Timestamp(values["tickets_from"], unit="s", tz="UTC").isoformat()
    study.settings = replace(settings, tickets_from=settings.tickets_from or first)
    study.sample, study.held = sample, HeldThere(study.path, sample, values)
    study.kept = Kept()
    return study


class HeldThere(Held):
    """The tables of a sample, asked of its engine when first wanted. Files of the study's folder
    (topics, causes, settings) are those of the folder; so is ticket_causes, where it lies there and
    the other tables elsewhere."""

    def __init__(self, path: Path | None, sample: Sample, values: dict[str, int]):
        super().__init__(path, {})
        self.sample = sample
        until = "g" if sample.until == LEVELS else f"{sample.until:04x}"  # g: after every hash
        self._values = {**values, "hash_from": f"{sample.since:04x}", "hash_to": until}

    def with_table(self, name: str, frame: pd.DataFrame) -> "HeldThere":
        """The same with another frame for a table."""
        other = copy(self)
        other.tables, other._loaded = self.tables | {name: frame}, dict(self._loaded)
        return other

    def asks(self, name: str) -> bool:
        """Is a table asked of the engine?"""
        own = name == "ticket_causes" and self.file(f"{name}.parquet")
        elsewhere = self.file("tickets.parquet") is None
        return name in self.sample.engine.tables and not (own and elsewhere)

    def has(self, name: str) -> bool:
        """Is there such a table?"""
        return self.asks(name) or (name == "ticket_causes" and super().has(name))

    def asked(self) -> Engine:
        """An engine over the sample's own rows of the tables that are asked of the engine."""
        names = filter(self.asks, TABLES)
        return engine_in_memory({name: self.table(name) for name in names})

    def table(self, name: str) -> pd.DataFrame:
        """A table's rows of the sampled customers, with every column in its type."""
        if name in self.tables or not self.asks(name):
            return super().table(name)
        rows = self.sample.engine.ask(ROWS[name].format(name), SAMPLE, **self._values)
        order = [column.name for column in TABLES[name].columns if column.needed]
        rows = rows.sort_values(order, ignore_index=True)
        self.tables[name] = typed(TABLES[name], rows)
        self._loaded[name] = self.tables[name], ""
        return self.tables[name]

    def count(self, name: str) -> int:
        """How many rows of a table the sample has."""
        return len(self.table(name))

    def state(self, kind: str, name: str) -> object:
        """What tells a table from any other: its file's hash, or its size and newest time; and the
        share that is sampled."""
        loaded = self._loaded.get(name, (None, ""))[0]
        if kind == "table" and self.asks(name) and self.tables.get(name) is loaded:
            return f"{self._there(name)} {self.sample.since} {self.sample.until}"
        return super().state(kind, name)

    def _there(self, name: str) -> str:
        if file := self.file(f"{name}.parquet"):
            return self._hash(file)
        newest = STATE.get(name, "count(*)")
        asked = f"SELECT count(*) AS rows, {newest} AS newest FROM {name}{THERE}"
        told = self.sample.engine.ask(asked, {}).to_csv()
        return hashlib.sha256(told.encode()).hexdigest()
