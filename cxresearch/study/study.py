"""Study: a folder with study.toml and canonical Parquet tables; what every notebook opens."""

import os
from dataclasses import replace
from pathlib import Path

import pandas as pd

from cxresearch.study import cut as cuts
from cxresearch.study.column_types import typed
from cxresearch.study.engine import Engine
from cxresearch.study.glance import as_html, as_text
from cxresearch.study.held import Held
from cxresearch.study.nearest import nearest
from cxresearch.study.once import Kept, note
from cxresearch.study.readable import read_json, read_parquet
from cxresearch.study.schema import TABLES, InputError, Table
from cxresearch.study.settings import Settings, changed
from cxresearch.study.told_dates import settings_of
from cxresearch.study.whole_customers import Sample, draw
from cxresearch.study.whose import account_on_that_day, customers_own
from cxresearch.study.workbook import write_workbook

DEMO = Path("data/demo")
QUARANTINE = ("table", "file", "row", "reason", "original")


class Study:
    """The tables of one help desk and what was observed when.

    Tables are read when first asked for: study.tickets, study.ticket_events, study.customers,
    study.customer_history, study.identities, study.ticket_causes, study.surveys. A table that the
    study lacks raises InputError; ask study.has(name) first. Columns of one's own are kept in each.
    """

    def __init__(
        self,
        settings: Settings,
        path: Path | None,
        tables: dict[str, pd.DataFrame],
        cut: cuts.Cut | None = None,
    ):
        self.settings, self.path, self._cut = settings, path, cut
        self.held, self.kept = Held(path, tables), Kept()
        self.sample: Sample | None = None

    @classmethod
    def from_tables(cls, tables: dict[str, pd.DataFrame], **settings) -> "Study":
        """A study made of frames, without a folder; settings as in study.toml.

        What is not said is read from the frames: without customers the outcome is return, and
        observed_until is the last ticket's moment. Raises InputError for a setting that cannot hold
        with these frames, or that is none.
        """
        frames = {name: typed(_table(name), frame) for name, frame in tables.items()}
        told = {} if "customers" in frames else {"outcome": "return"}
        if len(frames.get("tickets", ())):
            told["observed_until"] = frames["tickets"]["created_at"].max().isoformat()
        if "observed_until" in told and settings.get("observed_until", "told") == "":
            raise InputError(
                "observed_until is empty, and without it open issues cannot be censored: say until "
                "when tickets were watched, or leave it out to take the last ticket's moment."
            )
        return _who_left_is_seen(cls(changed(Settings(), told | settings), None, frames))

    def with_settings(self, **settings) -> "Study":
        """The same tables with other settings, as in study.toml: with_settings(
        unresolved_after_days=14). This study stays as it is.

        Raises InputError for a name that is no setting, with the nearest ones, and for a value that
        cannot be.

        >>> open_study("data/demo").with_settings(unresolved_after_days=14).outcome
        'churn'
        """
        cut = self._cut and replace(self._cut, whole=self.whole.with_settings(**settings))
        other = Study(changed(self.settings, settings), self.path, {}, cut)
        other.held, other.kept, other.sample = self.held, self.kept, self.sample
        if self.observed_until is not None and other.observed_until is None:
            raise InputError("observed_until must be a time: until when were tickets watched?")
        return _who_left_is_seen(other)

    def where(self, **conditions) -> "Study":
        """The part of the study that is chosen by columns of customers or of tickets, as in
        where(segment="large") or where(product=["Sync", "Billing"], segment="large").

        All tables are cut together; people stay joined to accounts. Values in a list are
        alternatives, several conditions all hold, and what is null is outside of every part.

        By a column of customers: these customers, with their people, history, surveys and all
        their tickets. By a column of tickets: only these issues are studied. They alone are listed,
        counted by KPIs and told by cause, and an exposure (open, overdue, solved late) is one of
        them. Customers' other tickets are not forgotten: in episodes they are issues with the cause
        "other issues", and time in which such an issue is the worst that a customer has is left out
        of comparisons, because it is neither "none" nor in time; a ticket about something else is
        still the next ticket of somebody who seems silent. Surveys about no ticket stay.

        Nothing belongs to a part on disk: its path is None; whole is the study that it was cut
        from, and cut says in a sentence what it means. Raises InputError for a column or a value
        that is not there, with the nearest ones.
        """
        whole = self.whole
        asked = cuts.conditions(conditions, self._cut.asked if self._cut else {})
        tables = {name: whole.table(name) for name in whole.rows}
        part = cuts.part(asked, tables, whole.account(whole.tickets), whole.name)
        settings = replace(self.settings, name=part.name)
        if not settings.tickets_from:  # what is known since when does not depend on the part
            first = whole.tickets["created_at"].min()
            settings = replace(settings, tickets_from=first.isoformat())
        return Study(settings, None, part.tables, cuts.Cut(whole, asked, part.says))

    @property
    def whole(self) -> "Study":
        """The study that this part was cut from; the study itself where nothing was cut."""
        return self._cut.whole if self._cut else self

    @property
    def cut(self) -> str:
        """What the cut of this part means, in a sentence to be escaped; "" for a whole study."""
        return self._cut.says if self._cut else ""

    @property
    def name(self) -> str:
        """What the pages call this study."""
        return self.settings.name

    @property
    def outcome(self) -> str:
        """churn (a customers table tells who left) or return (the customer's next ticket)."""
        return self.settings.outcome

    @property
    def observed_until(self) -> pd.Timestamp:
        """The moment after which nothing was observed; every open time is censored there."""
        return self.settings.time("observed_until")

    def has(self, name: str) -> bool:
        """Is there such a table in the study?"""
        note(self.held, f"has {name}")
        return self.held.has(name)

    def table(self, name: str) -> pd.DataFrame:
        """A canonical table with every column in its type. Raises InputError if it is missing."""
        _table(name)
        if not self.has(name) and name == "ticket_causes":
            raise InputError(
                f"No topics were found yet: run 'cxresearch topics {self.path}' first."
            )
        if not self.has(name):
            raise InputError(
                f"The study {self.path or self.name} has no table '{name}': {TABLES[name].says}."
            )
        frame = self.held.table(name)
        note(self.held, f"table {name}")
        return frame.copy(deep=False)

    def put(self, name: str, frame: pd.DataFrame) -> None:
        """Takes a frame for a table from now on; what is made of it is made anew."""
        self.held = self.held.with_table(name, frame)

    def file(self, name: str) -> Path | None:
        """Where a file of the study's folder is, or would be; None for a study without one."""
        note(self.held, f"file {name}")
        return self.path and self.path / name

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in TABLES:
            return self.table(name)
        like = "" if name.startswith("_") else nearest(name, [*dir(type(self)), *TABLES])
        raise AttributeError(f"a study has no '{name}'{like}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.rows})

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    @property
    def rows(self) -> dict[str, int]:
        """How many rows each table has that the study holds; none is read for it."""
        held = [name for name in TABLES if self.has(name)]
        for name in held:
            note(self.held, f"table {name}")
        return {name: self.held.count(name) for name in held}

    def to_excel(self, file: str | Path) -> None:
        """Writes an .xlsx file with a sheet a table; times are UTC without a zone, and the header
        says so. Text stays text, also if it begins as a formula does. See workbook."""
        write_workbook(file, {name: self.table(name) for name in self.rows})

    @property
    def customer_tickets(self) -> pd.DataFrame:
        """The customers' own tickets with customer_id, oldest first.

        Without spam, merged and deleted tickets (unknown is kept) and without tickets of nobody.
        customer_id is null where the person is not matched to an account on that day; of two
        accounts on one day the one joined last counts. In a return study each requester is a
        customer.
        """
        return customers_own(self)

    @property
    def import_report(self) -> dict:
        """What the import said: rows read, kept, set aside by table; notes; {} if unknown. A part
        of a study came in with the whole."""
        counts = ("read", "kept", "quarantined")
        rows = {"rows": ("table", *counts), "files": ("file", *counts)}
        return self.whole._json("import.json", rows, ("notes",))

    @property
    def quarantine(self) -> pd.DataFrame:
        """The rows set aside on import: table, file, row, reason, original."""
        file = self.whole.file("quarantine.parquet")
        if file is None or not file.exists():
            return pd.DataFrame(columns=list(QUARANTINE))
        return read_parquet(file, QUARANTINE)

    @property
    def truth(self) -> dict:
        """What was planted in a simulated company (truth.json); {} for every other study, and for
        a part of one."""
        note(self.held, "table truth")
        return self.held.tables.get("truth") or self._json("truth.json")

    @truth.setter
    def truth(self, planted: dict) -> None:
        self.put("truth", planted)

    def _json(self, name: str, rows: dict | None = None, texts: tuple[str, ...] = ()) -> dict:
        file = self.file(name)
        return read_json(file, rows or {}, texts) if file and file.exists() else {}

    def account(self, tickets: pd.DataFrame) -> pd.Series:
        """Whose each ticket was on the day it was written; null where that is not known. Without
        identities, and in a return study, each requester is a customer."""
        if self.outcome == "return" or not self.has("identities"):
            return tickets["requester_id"]
        return account_on_that_day(self.identities, tickets)


def open_study(
    path: str | Path | None = None, engine: Engine | None = None, sampled: bool | None = None
) -> Study:
    """The study in a folder: path, else $CXRESEARCH_STUDY, else the demo in data/demo.

    Its tables are those of an engine where one is given. With sampled, as without a path, they
    may be those that $CXRESEARCH_ENGINE and $CXRESEARCH_SCHEMA name, and a sample of whole
    customers stands for more tickets than sample_tickets in study.toml: study.sample says so.
    Raises InputError if the folder, its study.toml or its tickets are not there or cannot be read.

    >>> study = open_study("data/demo")
    >>> study.outcome, len(study.customers)
    ('churn', 4000)
    """
    named = os.environ.get("CXRESEARCH_STUDY")
    folder = Path(path or named or _demo())
    if not folder.is_dir():
        asked = " (from $CXRESEARCH_STUDY)" if named and not path else ""
        raise InputError(
            f"There is no study folder {folder}{asked}: make one with 'cxresearch import', "
            "or a company to try things on with 'cxresearch simulate'."
        )
    if not (folder / "study.toml").exists():
        raise InputError(
            f"{folder} is no study: it has no study.toml. Make one with 'cxresearch import'."
        )
    sampled = path is None if sampled is None else sampled
    study = draw(Study(settings_of(folder), folder, {}), engine, sampled)
    if study.tickets.empty:
        raise InputError(f"The study {folder} is empty: its tickets table has no rows.")
    if study.observed_until is None:
        toml = folder / "study.toml"
        raise InputError(f"{toml} lacks observed_until: until when were tickets watched?")
    return _who_left_is_seen(study)


def _who_left_is_seen(study: Study) -> Study:
    """The study. Raises InputError if its outcome is churn and it has no customers."""
    if study.outcome == "churn" and not (study.has("customers") and len(study.customers)):
        more = "customers.parquet" if study.path else "customers"
        raise InputError(
            f'{study.path or study.name} has outcome = "churn" but no customers table: who left '
            f'cannot be seen. Add {more}, or set outcome = "return" in study.toml.'
        )
    return study


def _table(name: str) -> Table:
    if name not in TABLES:
        like = nearest(name, TABLES) or "; "
        raise InputError(f"'{name}' is no canonical table{like} these are: {', '.join(TABLES)}.")
    return TABLES[name]


def _demo() -> Path:
    """data/demo below this folder or, from a notebook, below the folder above."""
    return DEMO if DEMO.is_dir() else Path("..") / DEMO
