"""The command line: import, map, check, topics, report, simulate, redact, forget, clear.

A command imports what it needs when it runs, so that --help comes at once.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

import cxresearch


class Commands(TyperGroup):
    """Commands that quote nobody's letters to a terminal as more than letters."""

    def invoke(self, ctx):
        """Runs a command; what is wrong with its arguments is said in plain letters."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if hasattr(error, "format_message"):
                from cxresearch.study.visible import visible

                error.message = visible(error.message)
            raise


app = typer.Typer(
    cls=Commands,
    help="From a help desk's export to the root-cause story: why customers write, what stays "
    "unresolved, and what that is associated with. To begin: 'cxresearch import' an export, "
    "'cxresearch check' the study that it made, then 'cxresearch report' it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
StudyFolder = Annotated[Path, typer.Argument(help="The study's folder, such as data/demo.")]
SYSTEMS = (
    "zendesk, freshdesk, intercom, hubspot, jira, salesforce, servicenow, github, cfpb, kitsune, "
    "mapped"
)
BILLING = "stripe, chargebee, recurly, hubspot, salesforce"
READY = "dynamics365, front, gorgias, helpscout, zammad, zohodesk"


@app.command("import")
def import_(
    system: Annotated[str, typer.Argument(help=f"The help desk: auto, {SYSTEMS}, {READY}.")],
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
        typer.Option(help="Files of billing or CRM, which --billing or --mapping describes."),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            help="The TOML file that describes the columns of --customers, or of 'mapped'; what it "
            "can say stands in docs/reference.md, under Mapping files."
        ),
    ] = None,
    billing: Annotated[
        str | None,
        typer.Option(help=f"Whose export --customers is, in place of --mapping: {BILLING}."),
    ] = None,
    grace_days: Annotated[
        float, typer.Option(help="Who pays again within so many days never left.")
    ] = 30,
) -> None:
    """Read a help desk's export and write a study folder.

    Files of billing beside it tell who left; people are joined to the accounts in them. Every row
    is kept, or set aside with its reason in quarantine.parquet; nothing is guessed.
    """
    from cxresearch import loaders
    from cxresearch.pages import terminal
    from cxresearch.study.settings import Settings
    from cxresearch.study.writing import refuse_existing, write_study

    with terminal.sentences():
        refuse_existing(to)
        with terminal.doing(f"reading {export}") as tell:
            loaded, conformed = loaders.read(
                system, export, customers,
                progress=lambda file, n: tell(f"{file}: {n:,} records read"),
                time_zone=time_zone, date_order=date_order, encoding=encoding,
                escalated=escalated, mapping=mapping, billing=billing, grace_days=grace_days,
            )  # fmt: skip
        terminal.say_import(loaded, conformed)
        write_study(
            to, replace(Settings(), name=to.name, **loaded.settings), conformed, loaded.notes
        )
        terminal.say(f"wrote {to}. Next: cxresearch check {to}", style="green")


@app.command("map")
def map_(
    export: Annotated[Path, typer.Argument(help="The export: a file, a folder, a .zip or a .gz.")],
    billing: Annotated[
        Path | None, typer.Option(help="Files of billing or CRM, to be described beside it.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of text that is not UTF-8, such as windows-1252.")
    ] = None,
) -> None:
    """Draft the mapping of an export that no other loader knows.

    What each column may be is written to stdout as TOML, with what speaks for it; correct it, then
    'cxresearch import mapped' the export with it. What is not sure is a question in a comment, and
    no word of a person is shown.
    """
    from cxresearch.loaders.drafting.drafts import draft
    from cxresearch.pages import terminal

    with terminal.sentences():
        typer.echo(draft(export, billing, encoding).encode(), nl=False)


@app.command()
def check(study: StudyFolder) -> None:
    """Show what is in a study, what is missing, what cannot be said.

    Nothing is changed. Every table is read, so a table that cannot be used is named here.
    """
    from cxresearch.pages import terminal

    with terminal.sentences():
        terminal.say_all(cxresearch.open_study(study))


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
    from cxresearch.pages import terminal
    from cxresearch.study.exchange import alone
    from cxresearch.topics import causes

    with terminal.sentences():
        opened = cxresearch.open_study(study)
        with alone(study):
            made = cxresearch.study_topics(opened, refit=refit, progress=True, causes_again=True)
        terminal.say_topics(opened, made.info(), refit)
        terminal.say(f"causes: {study / causes.NAME} is for people to edit, then run this again.")


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
    brief: Annotated[bool, typer.Option("--brief", help="Only one A4 page, to print.")] = False,
) -> None:
    """Make pages to read and to forward from a study.

    Open index.html in a browser. Each page needs nothing but itself, and each cause has one. A page
    on which something fails says so, the others are made all the same, and the exit code is 1.
    """
    from cxresearch.pages import terminal
    from cxresearch.report import report_study, stopped
    from cxresearch.report.folder import refuse_what_is_not_ours
    from cxresearch.report.run import numbered, packaged
    from cxresearch.study.exchange import alone

    with terminal.sentences():
        opened, notebooks = cxresearch.open_study(study), notebooks or packaged()
        numbered(notebooks, only)
        if to:
            refuse_what_is_not_ours(to)
        with alone(study):
            cxresearch.study_topics(opened, progress=True)
            index = report_study(study, notebooks, to, only or ("00" if brief else None))
        terminal.say(f"wrote {index.with_name('brief.html') if brief else index}", style="green")
    if failed := stopped(index):
        for why in failed:
            terminal.say(f"not complete: {why}", style="red")
        raise typer.Exit(1)


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
    from cxresearch.kpis import quality
    from cxresearch.lab.simulate import write_world
    from cxresearch.pages import terminal
    from cxresearch.study.writing import refuse_existing

    with terminal.sentences():
        refuse_existing(to)
        with terminal.console.status(f"simulating {customers:,} customers"):
            write_world(to, customers, seed)
        terminal.say_rows(quality.conservation(cxresearch.open_study(to)).frame, "made")
        terminal.say(f"wrote {to}. Next: cxresearch report {to}", style="green")


@app.command("redact")
def redact_(
    file: Annotated[Path, typer.Argument(help="A text, .csv, .tsv or .jsonl file, in UTF-8.")],
    to: Annotated[
        Path | None, typer.Option(help="Where to write; FILE.redacted beside it if left out.")
    ] = None,
) -> None:
    """Write a file anew, with what could tell who wrote it masked.

    Names, addresses, numbers and secrets are found by rules, as on the pages; rules miss some, so
    read the file before you forward it.
    """
    from cxresearch.pages import terminal
    from cxresearch.topics.text.redact_file import redact_file

    with terminal.sentences():
        written, masked = redact_file(file, to)
        terminal.say(f"wrote {written}. Masked: {masked or 'nothing'}", style="green")


@app.command()
def forget(
    study: StudyFolder,
    customer: Annotated[
        str | None,
        typer.Argument(help="An id of the customers table, or of one who asks (requester_id)."),
    ] = None,
    before: Annotated[
        str | None, typer.Option(help="In place of one: all from before a day, as 2024-01-31.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
) -> None:
    """Take a customer, or all that is old, out of a study.

    With neither a customer nor --before, what is older than forget_after_days in study.toml goes.
    Tables, rows set aside, topics, kept results and vectors are left without them, and reports of
    the study are removed. forgotten.json keeps counts, and digests by which they stay away.
    """
    from cxresearch.pages import terminal
    from cxresearch.report.folder import reports_removed
    from cxresearch.topics.forget import forget as forget_them

    with terminal.sentences():
        rows = forget_them(study, customer, before, dry_run)
        terminal.say_forgotten(study, rows, dry_run)
        for told in reports_removed(cxresearch.open_study(study).name, study, dry_run):
            terminal.say(told)


@app.command()
def clear(study: StudyFolder) -> None:
    """Remove what is kept of a study outside of its folder.

    Tables and results that were made of it lie in the cache folder, readable by you alone, so that
    the next page need not make them again. They are made again when they are asked for.
    """
    from cxresearch.pages import terminal
    from cxresearch.study.shelf import Shelf

    with terminal.sentences():
        files, size = Shelf(study).size()
        Shelf(study).clear()
        terminal.say(f"removed {files:,} kept tables and results, {size / 1e6:,.1f} MB")


if __name__ == "__main__":
    app()
