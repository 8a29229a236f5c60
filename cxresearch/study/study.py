"""Study: a folder with study.toml and canonical Parquet tables; what every notebook opens."""

import json
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cxresearch.study.conform import Conformed, typed
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.settings import Settings, read_settings, settings_text

DEMO = Path("data/demo")


class Study:
    """The tables of one help desk and what was observed when.

    Tables are read when first asked for: study.tickets, study.ticket_events, study.customers,
    study.customer_history, study.identities, study.ticket_causes, study.surveys. A table that the
    study lacks raises InputError; ask study.has(name) first.
    """

    def __init__(self, settings: Settings, path: Path | None, tables: dict[str, pd.DataFrame]):
        self.settings, self.path, self._tables = settings, path, tables

    @classmethod
    def from_tables(cls, tables: dict[str, pd.DataFrame], **settings) -> "Study":
        """A study made of frames, without a folder; settings as in study.toml."""
        frames = {name: typed(_table(name), frame) for name, frame in tables.items()}
        if len(frames.get("tickets", ())):
            latest = frames["tickets"]["created_at"].max()
            settings.setdefault("observed_until", latest.isoformat())
        if "customers" not in tables:
            settings.setdefault("outcome", "return")
        return cls(Settings(**settings), None, frames)

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
        return name in self._tables or (self.path is not None and self._file(name).is_file())

    def table(self, name: str) -> pd.DataFrame:
        """A canonical table with every column in its type. Raises InputError if it is missing."""
        if name not in self._tables:
            self._tables[name] = self._read(name)
        return self._tables[name]

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in TABLES:
            return self.table(name)
        raise AttributeError(f"a study has no '{name}'")

    @cached_property
    def customer_tickets(self) -> pd.DataFrame:
        """The customers' own tickets with customer_id, oldest first.

        Without spam, merged and deleted tickets (unknown is kept) and without tickets of nobody.
        customer_id is null where the person is not matched to an account on that day; of two
        accounts on one day the one joined last counts. In a return study each requester is a
        customer.
        """
        tickets = self.tickets
        left_out = tickets[["is_spam", "is_merged", "is_deleted"]].fillna(False).any(axis=1)
        own = tickets[~left_out & tickets["requester_id"].notna()]
        return own.assign(customer_id=self._account(own)).sort_values(
            ["created_at", "ticket_id"], ignore_index=True
        )

    @cached_property
    def import_report(self) -> dict:
        """What the import said: rows read, kept, set aside by table; notes; {} if unknown."""
        file = self.path / "import.json" if self.path else None
        if file is None or not file.exists():
            return {}
        with _readable(file):
            return json.loads(file.read_text(encoding="utf-8"))

    @cached_property
    def quarantine(self) -> pd.DataFrame:
        """The rows set aside on import: table, file, row, reason, original."""
        file = self.path / "quarantine.parquet" if self.path else None
        if file is None or not file.exists():
            return pd.DataFrame(columns=["table", "file", "row", "reason", "original"])
        with _readable(file):
            return pd.read_parquet(file)

    @cached_property
    def truth(self) -> dict:
        """What was planted in a simulated company (truth.json); {} for every other study."""
        file = self.path / "truth.json" if self.path else None
        if file is None or not file.exists():
            return {}
        with _readable(file):
            return json.loads(file.read_text(encoding="utf-8"))

    def _account(self, tickets: pd.DataFrame) -> pd.Series:
        if self.outcome == "return" or not self.has("identities"):
            return tickets["requester_id"]
        links = self.identities.merge(
            tickets[["ticket_id", "requester_id", "created_at"]], on="requester_id"
        )
        far = pd.Timestamp.max.tz_localize("UTC")
        valid = (links["valid_from"].isna() | (links["valid_from"] <= links["created_at"])) & (
            links["created_at"] < links["valid_to"].astype("object").fillna(far)
        )
        links = links[valid].sort_values("valid_from", na_position="first", kind="stable")
        links = links.drop_duplicates("ticket_id", keep="last").set_index("ticket_id")
        return tickets["ticket_id"].map(links["customer_id"]).astype("str")

    def _file(self, name: str) -> Path:
        return self.path / f"{name}.parquet"

    def _read(self, name: str) -> pd.DataFrame:
        table = _table(name)
        if not self.has(name) and name == "ticket_causes":
            raise InputError(
                f"No topics were found yet: run 'cxresearch topics {self.path}' first."
            )
        if not self.has(name):
            raise InputError(
                f"The study {self.path or self.name} has no table '{name}': {table.says}."
            )
        with _readable(self._file(name)):
            return typed(table, pd.read_parquet(self._file(name)))


def open_study(path: str | Path | None = None) -> Study:
    """The study in a folder: path, else $CXRESEARCH_STUDY, else the demo in data/demo.

    Raises InputError if the folder, its study.toml or its tickets are not there or cannot be read.
    """
    named = os.environ.get("CXRESEARCH_STUDY")
    folder = Path(path or named or _demo())
    if not folder.is_dir():
        asked = " (from $CXRESEARCH_STUDY)" if named and not path else ""
        raise InputError(
            f"There is no study folder {folder}{asked}: make one with 'cxresearch import'."
        )
    if not (folder / "study.toml").exists():
        raise InputError(
            f"{folder} is no study: it has no study.toml. Make one with 'cxresearch import'."
        )
    study = Study(read_settings(folder / "study.toml"), folder, {})
    _check(study)
    return study


def _check(study: Study) -> None:
    folder = study.path
    if study.tickets.empty:
        raise InputError(f"The study {folder} is empty: its tickets table has no rows.")
    if study.observed_until is None:
        raise InputError(
            f"{folder / 'study.toml'} lacks observed_until: until when were tickets watched?"
        )
    if study.outcome == "churn" and not (study.has("customers") and len(study.customers)):
        raise InputError(
            f'{folder} has outcome = "churn" but no customers table: who left cannot be seen. '
            'Add customers.parquet, or set outcome = "return" in study.toml.'
        )


def write_study(
    folder: Path,
    settings: Settings,
    conformed: Conformed,
    notes: tuple[str, ...] = (),
    **files: str,
) -> None:
    """Writes a study folder: study.toml, one Parquet file a table, quarantine and import report.

    Everything is written to a temporary folder beside it and then renamed, so that nothing
    half-written is left behind. files are further texts by name ("truth_json" -> truth.json).
    Raises InputError if the folder is there already or no ticket was kept.
    """
    refuse_existing(folder)
    if conformed.tables.get("tickets", pd.DataFrame()).empty:
        raise InputError("No ticket was kept, so no study was written: look at the reasons above.")
    with _new_folder(folder) as new:
        for name, frame in conformed.tables.items():
            write_parquet(frame, new / f"{name}.parquet")
        write_parquet(conformed.quarantine, new / "quarantine.parquet")
        report = {"rows": conformed.rows.reset_index().to_dict("records"), "notes": list(notes)}
        if conformed.files is not None:
            report["files"] = conformed.files.reset_index().to_dict("records")
        (new / "import.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        (new / "study.toml").write_text(settings_text(settings), encoding="utf-8")
        for name, text in files.items():
            (new / name.replace("_", ".")).write_text(text, encoding="utf-8")


def refuse_existing(folder: Path) -> None:
    """Raises InputError if something is there already: a study is never written over."""
    if os.path.lexists(folder):
        raise InputError(f"{folder} is there already: remove it or choose another name.")


def write_parquet(frame: pd.DataFrame, file: Path) -> None:
    """Writes a frame to a Parquet file at once: a killed run leaves the old file or the new one."""
    part = file.with_suffix(".part")
    try:
        frame.to_parquet(
            part, index=False, compression="zstd", compression_level=9, **_encodings(frame)
        )
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _encodings(frame: pd.DataFrame) -> dict:
    """Columns whose values hardly repeat are kept as differences: times, and keys in a row.

    This halves the files of a help desk's history; every reader of Parquet knows the encodings.
    """
    once = [
        name
        for name in frame
        if frame[name].dtype in ("str", "datetime64[us, UTC]")
        and 2 * frame[name].nunique() > frame[name].count() > 0
    ]
    rows = {
        name: "DELTA_BYTE_ARRAY" if frame[name].dtype == "str" else "DELTA_BINARY_PACKED"
        for name in once
        if frame[name].dtype != "str" or frame[name].is_monotonic_increasing
    }
    return {"use_dictionary": [n for n in frame if n not in rows], "column_encoding": rows}


@contextmanager
def _new_folder(folder: Path):
    """A folder beside the one wanted, renamed to it at the end; nothing is left if that fails."""
    made = [parent for parent in folder.parents if not parent.exists()]
    new = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=".new-study-", dir=folder.parent))
        yield new
        new.chmod(0o755)
        new.rename(folder)
    except BaseException as error:
        if new:
            shutil.rmtree(new, ignore_errors=True)
        with suppress(OSError):
            for parent in made:
                parent.rmdir()
        if isinstance(error, OSError):
            raise InputError(f"{folder} cannot be written: {error}.") from error
        raise


@contextmanager
def _readable(file: Path):
    """What keeps a file from being read or used is said with the file's name."""
    try:
        yield
    except (OSError, ValueError, pa.ArrowException) as error:
        raise InputError(f"{file} cannot be used: {error}") from error


def _table(name: str):
    if name not in TABLES:
        raise InputError(f"'{name}' is no canonical table; these are: {', '.join(TABLES)}.")
    return TABLES[name]


def _demo() -> Path:
    """data/demo below this folder or, from a notebook, below the folder above."""
    return DEMO if DEMO.is_dir() else Path("..") / DEMO
