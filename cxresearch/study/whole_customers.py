"""A sample of whole customers, chosen by the hash of their names: the same ones on every engine and
next month, each with all tickets, people, history and surveys."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study.column_types import typed
from cxresearch.study.engine import THERE, Engine, duckdb_engine, engine_in_memory, engine_named
from cxresearch.study.held import Held
from cxresearch.study.own_views import OWN, values_of
from cxresearch.study.schema import TABLES
from cxresearch.study.settings import Settings

if TYPE_CHECKING:
    from cxresearch.study.study import Study

LEVELS = 1 << 16  # of the hash's first four letters
IN = "substr(md5({}), 1, 4) < :below"
SAMPLE = {
    **OWN,
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
ROWS = {
    **dict.fromkeys(("tickets", "ticket_events", "ticket_causes"), OF_TICKETS),
    **dict.fromkeys(("customers", "customer_history", "identities"), OF_CUSTOMERS),
    "surveys": OF_SURVEYS,
}
SIZE = f"SELECT count(*) AS tickets FROM tickets{THERE}"
STATE = {  # what changes when a table does, of tables that are in no file
    "tickets": "max(coalesce(updated_at, created_at))",
    "ticket_events": "max(event_at)",
    "customers": "max(coalesce(ended_at, notice_at, started_at))",
    "customer_history": "max(valid_from)",
    "surveys": "max(offered_at)",
}


@dataclass(frozen=True)
class Sample:
    """Which part of a study's customers stands for all: the engine that has all of them, the share
    of customers that is chosen, and how many tickets there are in all."""

    engine: Engine
    share: float
    tickets: int

    @property
    def times(self) -> float:
        """How many customers one of the sample stands for."""
        return 1 / self.share

    @property
    def says(self) -> str:
        """What a page says of its numbers."""
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
    if engine is None and not (sampled and 0 < most < study.held.count("tickets")):
        return study
    engine = engine or duckdb_engine(study.path)
    there = int(engine.ask(SIZE, {})["tickets"].iloc[0])
    levels = round(LEVELS * most / there) if most and there else LEVELS
    study.sample = Sample(engine, min(LEVELS, max(1, levels)) / LEVELS, there)
    study.held = HeldThere(study.path, study.sample, study.settings)
    return study


class HeldThere(Held):
    """The tables of a sample, asked of its engine when first wanted. Files of the study's folder
    (topics, causes, settings) are those of the folder; so is ticket_causes, where it lies there and
    the other tables elsewhere."""

    def __init__(self, path: Path | None, sample: Sample, settings: Settings):
        super().__init__(path, {})
        self.sample, self._values = sample, values_of(sample.engine, settings)

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
        below = f"{round(self.sample.share * LEVELS):04x}"
        values = {**self._values, "below": below if self.sample.share < 1 else "g"}
        rows = self.sample.engine.ask(ROWS[name].format(name), SAMPLE, **values)
        order = [column.name for column in TABLES[name].columns if column.needed]
        rows = rows.sort_values(order, ignore_index=True)
        self.tables[name] = typed(TABLES[name], rows)
        self._loaded[name] = self.tables[name], self._there(name)
        return self.tables[name]

    def count(self, name: str) -> int:
        """How many rows of a table the sample has."""
        return len(self.table(name))

    def state(self, kind: str, name: str) -> object:
        """What tells a table from any other: its file's hash, or its size and newest time; and the
        share that is sampled."""
        if (
            kind == "table"
            and self.asks(name)
            and self._loaded.get(name, (None, ""))[0] is self.tables.get(name)
        ):
            return f"{self._there(name)} {self.sample.share}"
        return super().state(kind, name)

    def _there(self, name: str) -> str:
        if self.file(f"{name}.parquet"):
            return str(super().state("table", name))
        newest = STATE.get(name, "count(*)")
        asked = f"SELECT count(*) AS rows, {newest} AS newest FROM {name}{THERE}"
        told = self.sample.engine.ask(asked, {}).to_csv()
        return hashlib.sha256(told.encode()).hexdigest()
