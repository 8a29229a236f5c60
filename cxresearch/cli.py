"""The command line: import, check, topics, report, simulate."""

import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import duckdb
import pandas as pd
import pyarrow as pa
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cxresearch import loaders
from cxresearch.episodes import match_gate
from cxresearch.kpis import quality
from cxresearch.study.conform import Conformed
from cxresearch.study.exchange import alone
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study, open_study
from cxresearch.study.writing import refuse_existing, write_study
from cxresearch.topics import causes
from cxresearch.topics.causes.table import entry_moves

app = typer.Typer(
    help="From a help desk's export to the root-cause story: why customers write, what stays "
    "unresolved, and what that is associated with. To begin: 'cxresearch import' an export, "
    "'cxresearch check' the study that it made, then 'cxresearch report' it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
console = Console(highlight=False)
StudyFolder = Annotated[Path, typer.Argument(help="The study's folder, such as data/demo.")]
OUTCOME = {
    "churn": "churn: who left, as the customers table tells",
    "return": "return: the time to a customer's next ticket; who left cannot be seen",
}


@app.command("import")
def import_(
    system: Annotated[
        str, typer.Argument(help=f"The help desk: auto, {', '.join(loaders.SYSTEMS)}.")
    ],
    export: Annotated[Path, typer.Argument(help="The export: a file, a folder, a .zip or a .gz.")],
    to: Annotated[Path, typer.Option(help="Where to write the study, such as data/mine.")],
    time_zone: Annotated[
        str | None, typer.Option(help="Of times written without one, such as Europe/Madrid.")
    ] = None,
    date_order: Annotated[
        str | None, typer.Option(help="day, month or year: what dates begin with.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of text that is not UTF-8, such as windows-1252.")
    ] = None,
    escalated: Annotated[
        str | None, typer.Option(help="What escalated means: a SQL condition on tickets or events.")
    ] = None,
    customers: Annotated[
        Path | None,
        typer.Option(
            help="Files of billing or CRM, which --mapping describes: who left can be seen."
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            help="The TOML file that describes the columns of --customers, or of 'mapped'."
        ),
    ] = None,
) -> None:
    """Read a help desk's export and write a study folder.

    Files of billing beside it tell who left; people are joined to the accounts in them. Every row
    is kept, or set aside with its reason in quarantine.parquet; nothing is guessed.
    """
    with _sentences():
        refuse_existing(to)
        with console.status(f"reading {escape(str(export))}") as status:
            loaded, conformed = loaders.read(
                system, export, customers,
                progress=lambda file, n: status.update(f"{escape(file)}: {n:,} records read"),
                time_zone=time_zone, date_order=date_order, encoding=encoding,
                escalated=escalated, mapping=mapping,
            )  # fmt: skip
        _say_import(loaded, conformed)
        write_study(
            to, replace(Settings(), name=to.name, **loaded.settings), conformed, loaded.notes
        )
        _say(f"wrote {to}. Next: cxresearch check {to}", style="green")


@app.command()
def check(study: StudyFolder) -> None:
    """Show what is in a study, what is missing, what cannot be said.

    Nothing is changed. Every table is read, so a table that cannot be used is named here.
    """
    with _sentences():
        opened = open_study(study)
        held = {t: len(opened.table(t)) for t in TABLES if opened.has(t)}
        _say_study(opened)
        _print(pd.DataFrame({"rows": held}).rename_axis("table"), "tables in the study")
        if opened.import_report.get("files"):
            _print(quality.by_file(opened), "records of each file of the export")
        if opened.import_report:
            _print(quality.conservation(opened).frame, "rows when it was imported")
        if len(opened.quarantine):
            _print(quality.reasons(opened).set_index("reason"), "why rows were set aside")
        _print(quality.left_out(opened).frame, "tickets that later counts leave out")
        _print(_percent(quality.filled(opened)), "how many tickets have each field")
        if len(own := quality.own_columns(opened)):
            _print(_percent(own), "columns of your own, kept as they are")
        _print(_percent(quality.oddities(opened)), "odd tickets, kept")
        _print(_percent(quality.duplicates(opened)), "what is there twice")
        _print(quality.missing(opened).frame, "what cannot be said for want of data")
        _say_gates(opened)
        for note in opened.import_report.get("notes", []):
            _say(f"note: {note}")


@app.command()
def topics(
    study: StudyFolder,
    refit: Annotated[bool, typer.Option("--refit", help="Start anew; labels may change.")] = False,
) -> None:
    """Find what customers write about.

    The result is kept in the study folder and read from there ever after, so that labels stay
    the same; --refit starts anew. causes.toml in that folder is for people: name and merge topics
    there, say what kind of cause each is, and run this again; nothing is fitted anew for that.
    """
    with _sentences():
        from cxresearch.topics.causes.refit import study_topics

        opened = open_study(study)
        with alone(study):
            info = study_topics(opened, refit=refit, progress=True, causes_again=True).info()
        shown = info[["name", "size", "share"]].assign(share=info["share"].map("{:.1%}".format))
        _print(shown.set_index("name"), f"{(info['topic'] >= 0).sum()} topics")
        if refit and len(moved := entry_moves(opened)):
            edited = moved["by_person"].map({True: "yes", False: "no"})
            moved = moved.assign(by_person=edited).set_index("name").astype("str")
            _print(moved.replace({"<NA>": "–", "nan": "–"}), "what became of topics of before")
        _say(f"causes: {study / causes.NAME} is for people to edit, then run this again.")


@app.command()
def report(
    study: StudyFolder,
    to: Annotated[
        Path | None, typer.Option(help="Where to write; reports/NAME if left out.")
    ] = None,
    only: Annotated[str | None, typer.Option(help="Only this notebook, such as 04.")] = None,
    notebooks: Annotated[
        Path | None, typer.Option(help="A folder of your own notebooks; the package's if left out.")
    ] = None,
) -> None:
    """Make pages to read and to forward from a study.

    Runs the numbered notebooks on the study and renders each as a page that needs nothing but
    itself. Open index.html in a browser.
    """
    with _sentences():
        from cxresearch.report import report_study
        from cxresearch.report.folder import refuse_what_is_not_ours
        from cxresearch.report.run import numbered, packaged
        from cxresearch.topics.causes.refit import study_topics

        opened, notebooks = open_study(study), notebooks or packaged()
        numbered(notebooks, only)
        if to:
            refuse_what_is_not_ours(to)
        with alone(study):
            study_topics(opened, progress=True)
            index = report_study(study, notebooks, to, only)
        _say(f"wrote {index}", style="green")


@app.command()
def simulate(
    customers: Annotated[int, typer.Option(min=1, help="How many customers ever start.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same company.")],
    to: Annotated[Path, typer.Option(help="Where to write the study, such as data/small.")],
) -> None:
    """Make up a company whose causes of leaving are known.

    It has tickets, customers, surveys and departures, all simulated; truth.json tells what was
    planted, so that a method can be tried on it.
    """
    with _sentences():
        from cxresearch.lab.simulate import write_world

        refuse_existing(to)
        with console.status(f"simulating {customers:,} customers"):
            write_world(to, customers, seed)
        _say_rows(quality.conservation(open_study(to)).frame, "made")
        _say(f"wrote {to}. Next: cxresearch report {to}", style="green")


def _say(text: str, style: str | None = None) -> None:
    """A line as it is: names and paths are no markup, and nothing is wrapped."""
    console.print(text, style=style, markup=False, soft_wrap=True)


def _say_import(export: loaders.Export, conformed: Conformed) -> None:
    """What was read, what was set aside and why, and what a person should know about it."""
    if conformed.files is not None:
        _say_rows(conformed.files, "read")
    _say_rows(conformed.rows, "read")
    counts = conformed.quarantine.groupby(["table", "reason"]).size()
    for (name, reason), count in counts.items():
        _say(f"  {name}: {count:,} set aside because {reason}")
    for file in export.not_read:
        _say(f"  not read: {file} (this loader does not know it)")
    for note in export.notes:
        _say(f"  note: {note}")


def _say_rows(rows: pd.DataFrame, verb: str) -> None:
    for name, row in rows.iterrows():
        _say(
            f"{name}: {verb} {row['read']:,} = kept {row['kept']:,} "
            f"+ quarantined {row['quarantined']:,}"
        )


def _say_study(study: Study) -> None:
    tickets = study.customer_tickets
    first, last = study.tickets["created_at"].min(), study.tickets["created_at"].max()
    _say(f"{study.name} · {study.settings.source}", style="bold")
    _say(
        f"{len(study.tickets):,} tickets from {first:%Y-%m-%d} to {last:%Y-%m-%d}, "
        f"watched until {study.observed_until:%Y-%m-%d}; "
        f"{tickets['customer_id'].nunique():,} customers wrote {len(tickets):,} of them that count."
    )
    _say(f"outcome {OUTCOME[study.outcome]}.")


def _say_gates(study: Study) -> None:
    """What a whole page cannot say, and what would tell."""
    if study.outcome == "churn" and (gate := match_gate(study)):
        _say(f"cannot tell who leaves and why: {gate.reason}")
    if not study.has("ticket_causes"):
        _say(f"causes: no topics were found yet; run 'cxresearch topics {study.path}'.")


def _percent(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(share=frame["share"].map("{:.1%}".format))


def _print(frame: pd.DataFrame, title: str) -> None:
    if frame.empty:
        return _say(f"{title}: nothing")
    shown = frame.reset_index()
    table = Table(title=escape(title), title_justify="left")
    for name in shown:
        number = pd.api.types.is_numeric_dtype(shown[name]) or name == "share"
        table.add_column(escape(str(name)), justify="right" if number else "left", overflow="fold")
    for row in shown.itertuples(index=False):
        table.add_row(*(f"{v:,}" if isinstance(v, int) else escape(str(v)) for v in row))
    return console.print(table)


@contextmanager
def _sentences():
    """What cannot be used, read or written is said in one sentence, with exit code 2."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (InputError, OSError, duckdb.Error, pa.ArrowException) as error:
        says = " ".join(_in_words(error).split())
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"[red]cxresearch:[/] {escape(says)}"
        )
        sys.exit(2)


def _in_words(error: Exception) -> str:
    """What an error says; of one of the system's, what could not be done to which file."""
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename} cannot be used: " if error.filename else ""
        return f"{where}{error.strerror}."
    return str(error)


if __name__ == "__main__":
    app()
