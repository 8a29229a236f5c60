"""How the command line speaks: sentences and tables, as plain as they are written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cxresearch.episodes import match_gate
from cxresearch.kpis import quality
from cxresearch.kpis.quality import alarms
from cxresearch.study.answers import CannotTell, Finding
from cxresearch.study.gone import limit, too_old
from cxresearch.study.results import Result
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.shelf import Shelf
from cxresearch.study.study import Study
from cxresearch.study.visible import visible

if TYPE_CHECKING:
    from cxresearch.loaders import Export
    from cxresearch.study.conform import Conformed

OUTCOME = {
    "churn": "churn: who left, as the customers table tells",
    "return": "return: the time to a customer's next ticket; who left cannot be seen",
}


class Terminal(Console):
    """A console on which no text does more than stand there; its own colours are no text."""

    def __init__(self, **how):
        super().__init__(highlight=False, markup=False, emoji=False, **how)

    def render_str(self, text: str, **how) -> Text:
        """The text, visible."""
        return super().render_str(visible(text), **how)


console = Terminal()


def say(text: str, style: str | None = None) -> None:
    """A line as it is: names and paths are no markup, and nothing is wrapped."""
    console.print(text.replace("\n", "\\n"), style=style, soft_wrap=True)


@contextmanager
def doing(what: str) -> Iterator[Callable[[str], None]]:
    """A line that says what is being done, until it is done; it can be told what comes next."""
    with console.status(escape(visible(what))) as status:
        yield lambda text: status.update(escape(visible(text)))


def say_import(export: Export, conformed: Conformed) -> None:
    """What is wrong with most tickets, what was read, what was set aside and why, and what a person
    should know about it."""
    for alarm in alarms(conformed.parts("tickets", ["dq_flags"])):
        say(alarm.text, style="bold red")
    if conformed.files is not None:
        say_rows(conformed.files, "read")
    say_rows(conformed.rows, "read")
    counts = conformed.quarantine.groupby(["table", "reason"]).size()
    for (name, reason), count in counts.items():
        say(f"  {name}: {count:,} set aside because {reason}")
    for file in export.not_read:
        say(f"  not read: {file} (this loader does not know it)")
    for note in export.notes:
        say(f"  note: {note}")


def say_rows(rows: pd.DataFrame, verb: str) -> None:
    """What became of the rows of each table or file."""
    for name, row in rows.iterrows():
        say(
            f"{name}: {verb} {row['read']:,} = kept {row['kept']:,} "
            f"+ quarantined {row['quarantined']:,}"
        )


def say_added(counts: pd.DataFrame, said: Iterable[str]) -> None:
    """What an added export brought to the tables of a study."""
    for name, row in counts.iterrows():
        parts = [f"{n:,} {what}" for what, n in row.drop("read").items() if n or what == "new"]
        say(f"{name}: read {row['read']:,} = {' + '.join(parts)}")
    for note in said:
        say(f"  note: {note}")


def say_all(study: Study) -> None:
    """What is in a study, what is missing, what cannot be said. Every table is read."""
    held = {t: len(study.table(t)) for t in TABLES if study.has(t)}
    say_study(study)
    rows(pd.DataFrame({"rows": held}).rename_axis("table"), "tables in the study")
    if study.import_report.get("files"):
        rows(quality.by_file(study), "records of each file of the export")
    if study.import_report:
        rows(quality.conservation(study).frame, "rows when it was imported")
    if not isinstance(imports := quality.by_import(study), CannotTell):
        rows(imports, "what each export brought")
    if len(study.quarantine):
        rows(quality.reasons(study).set_index("reason"), "why rows were set aside")
    rows(quality.left_out(study).frame, "tickets that later counts leave out")
    rows(percent(quality.filled(study)), "how many tickets have each field")
    if len(own := quality.own_columns(study)):
        rows(percent(own), "columns of your own, kept as they are")
    rows(percent(quality.oddities(study)), "odd tickets, kept")
    rows(percent(quality.duplicates(study)), "what is there twice")
    rows(quality.missing(study).frame[["cannot be said"]], "what cannot be said for want of data")
    say_gates(study)
    say_promise(study)
    say_too_old(study)
    for note in study.import_report.get("notes", []):
        say(f"note: {note}")
    say_kept(study.path)


def say_study(study: Study) -> None:
    """Whose study it is, how much is in it, and what it can see."""
    tickets = study.customer_tickets
    first, last = study.tickets["created_at"].min(), study.tickets["created_at"].max()
    say(f"{study.name} · {study.settings.source}", style="bold")
    say(
        f"{len(study.tickets):,} tickets from {first:%Y-%m-%d} to {last:%Y-%m-%d}, "
        f"watched until {study.observed_until:%Y-%m-%d}; "
        f"{tickets['customer_id'].nunique():,} customers wrote {len(tickets):,} of them that count."
    )
    say(f"outcome {OUTCOME[study.outcome]}.")


def say_gates(study: Study) -> None:
    """What a whole page cannot say, and what would tell."""
    if study.outcome == "churn" and (gate := match_gate(study)):
        say(f"cannot tell who leaves and why: {gate.reason}")
    if not study.has("ticket_causes"):
        say(f"causes: no topics were found yet; run 'cxresearch topics {study.path}'.")


def say_promise(study: Study) -> None:
    """That nobody gave the promise, and which days the data would propose."""
    if study.outcome != "churn" or not study.settings.promise_assumed:
        return
    from cxresearch.outcomes.promise import proposed

    days = study.settings.unresolved_after_days
    say(
        f"overdue means open for more than {days:g} days: nobody said so. Write the promise into "
        "study.toml (unresolved_after_days), or promise_given = true if these are the days."
    )
    if not study.has("ticket_causes"):
        return
    told = proposed(study).said()
    say(told.text if isinstance(told, Finding) else f"cannot tell {told.reason}")


def say_too_old(study: Study) -> None:
    """That rows are still there which are older than the study's own limit."""
    today = pd.Timestamp.now("UTC")
    if n := too_old(study, today):
        say(
            f"too old: rows that hang on what is from before {limit(study, today):%Y-%m-%d} "
            f"(forget_after_days): {n:,}; 'cxresearch forget {study.path}' takes them out.",
            style="bold red",
        )


def say_kept(study: Path) -> None:
    """What was made of a study and is kept, where, and how it goes away."""
    shelf = Shelf(study)
    files, size = shelf.size()
    say(
        f"kept: {files:,} tables and results made of it, {size / 1e6:,.1f} MB in {shelf.folder}; "
        f"'cxresearch clear {study}' removes them."
    )


def say_topics(study: Study, info: pd.DataFrame, refitted: bool) -> None:
    """The topics with their sizes, and after a new fit what became of what people wrote."""
    from cxresearch.topics.causes.confirmed import moved

    shares = info[["name", "size", "share"]].assign(share=info["share"].map("{:.1%}".format))
    rows(shares.set_index("name"), f"{(info['topic'] >= 0).sum()} topics")
    if refitted and isinstance(told := moved(study).said(), Finding):
        say(told.text)


def say_proposed(study: Path, proposal: Result) -> None:
    """Old topics beside new, what would move, and how it is taken."""
    shown = proposal.table().astype("str").set_index("topic that stands")
    rows(shown, "topics that stand, and those proposed")
    say(proposal.said().text)
    say(f"Nothing has changed yet: 'cxresearch topics {study} --accept' puts it in place.")


def say_forgotten(study: Path, gone: dict[str, int], dry_run: bool) -> None:
    """How many rows went, what was not looked into, and how reports are made again."""
    rows(pd.DataFrame({"rows": gone}).rename_axis("table"), "would go" if dry_run else "gone")
    ours = (*(f"{name}.parquet" for name in (*TABLES, "quarantine")), "study.toml", "import.json",
            "truth.json", "forgotten.json", "watched.json", "topics")  # fmt: skip
    if others := sorted(file.name for file in study.iterdir() if file.name not in ours):
        say(f"not looked into: {', '.join(others)}. What people wrote there may quote customers.")
    say(
        f"Reports hold quotes: 'cxresearch report {study}' makes them again; mind copies elsewhere."
    )


def percent(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose share reads as a percentage."""
    return frame.assign(share=frame["share"].map("{:.1%}".format))


def rows(frame: pd.DataFrame, title: str) -> None:
    """A table below its title; numbers stand at the right."""
    if frame.empty:
        return say(f"{title}: nothing")
    shown = frame.reset_index()
    table = Table(title=title, title_justify="left")
    for name in shown:
        number = pd.api.types.is_numeric_dtype(shown[name]) or name == "share"
        table.add_column(str(name), justify="right" if number else "left", overflow="fold")
    for row in shown.itertuples(index=False):
        table.add_row(*(f"{v:,}" if isinstance(v, int) else str(v) for v in row))
    return console.print(table)


@contextmanager
def sentences():
    """What cannot be used, read or written is said in one sentence, with exit code 2."""
    try:
        yield
    except BrokenPipeError:
        raise
    except _refusals() as error:
        says = Terminal(stderr=True, soft_wrap=True)
        says.print("cxresearch:", style="red", end=" ")
        says.print(" ".join(in_words(error).split()))
        sys.exit(2)


def in_words(error: Exception) -> str:
    """What an error says; of one of the system's, what could not be done to which file; of one of
    the database's, which may quote customers' texts, only its kind and where it came from."""
    if not isinstance(error, InputError | OSError):
        ours = [f for f in extract_tb(error.__traceback__) if "cxresearch" in f.filename]
        where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "cxresearch"
        return (
            f"this could not be worked out ({type(error).__name__} at {where}). If memory and disk "
            "have room, it is a fault of cxresearch: please report this line."
        )
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename} cannot be used: " if error.filename else ""
        return f"{where}{error.strerror}."
    return str(error)


def _refusals() -> tuple[type[Exception], ...]:
    import duckdb  # check does without it

    return InputError, OSError, duckdb.Error, pa.ArrowException
