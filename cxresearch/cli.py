"""The command line: import, check, topics, report, simulate."""

import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cxresearch import loaders, quality
from cxresearch.schema import InputError
from cxresearch.settings import Settings
from cxresearch.study import open_study, write_study

app = typer.Typer(
    help="From a help desk's export to the root-cause story: why customers write, what stays "
    "unresolved, and what that is associated with.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
console = Console(highlight=False)
StudyFolder = Annotated[Path, typer.Argument(help="The study's folder, such as data/demo.")]


@app.command("import")
def import_(
    system: Annotated[str, typer.Argument(help=f"The help desk: {', '.join(loaders.SYSTEMS)}.")],
    export: Annotated[Path, typer.Argument(help="The export: a file or a folder.")],
    to: Annotated[Path, typer.Option(help="Where to write the study, such as data/mine.")],
) -> None:
    """Read a help desk's export and write a study folder; every row is kept or set aside."""
    with _sentences():
        if to.exists():
            raise InputError(f"{to} is there already: remove it or choose another name.")
        with console.status(f"reading {export}"):
            found, conformed = loaders.read(system, export)
        for name, row in conformed.rows.iterrows():
            console.print(
                f"{name}: read {row['read']:,} = kept {row['kept']:,} "
                f"+ quarantined {row['quarantined']:,}"
            )
        counts = conformed.quarantine.groupby(["table", "reason"]).size()
        for (name, reason), count in counts.items():
            console.print(f"  {name}: {count:,} set aside because {escape(reason)}")
        for file in found.not_read:
            console.print(f"  not read: {escape(file)} (this loader does not know it)")
        settings = replace(Settings(), name=to.name, **found.settings)
        write_study(to, settings, conformed, found.notes)
        console.print(f"[green]wrote[/] {to}. Next: cxresearch check {to}")


@app.command()
def check(study: StudyFolder) -> None:
    """Show what is in a study, what is missing, and what no analysis can say for want of it."""
    with _sentences():
        opened = open_study(study)
        _print(quality.conservation(opened), f"{opened.name}: rows")
        _print(quality.left_out(opened), "tickets that later counts leave out")
        if len(opened.quarantine):
            _print(quality.reasons(opened).set_index("reason"), "why rows were set aside")
        _print(quality.missing(opened), "what cannot be said for want of data")
        for note in opened.import_report.get("notes", []):
            console.print(f"note: {escape(note)}")


@app.command()
def topics(
    study: StudyFolder,
    refit: Annotated[bool, typer.Option("--refit", help="Start anew; labels may change.")] = False,
) -> None:
    """Find what customers write about; the result is kept in the study folder."""
    with _sentences():
        from cxresearch.topics import study_topics

        found = study_topics(open_study(study), refit=refit, progress=True).info()
        shown = found[["name", "size", "share"]].assign(share=found["share"].map("{:.1%}".format))
        _print(shown.set_index("name"), f"{(found['topic'] >= 0).sum()} topics")


@app.command()
def report(
    study: StudyFolder,
    to: Annotated[
        Path | None, typer.Option(help="Where to write; reports/NAME if left out.")
    ] = None,
    only: Annotated[str | None, typer.Option(help="Only this notebook, such as 04.")] = None,
) -> None:
    """Run the numbered notebooks on a study and render them as pages to read and to forward."""
    with _sentences():
        from cxresearch.report import report_study
        from cxresearch.topics import study_topics

        opened = open_study(study)
        study_topics(opened, progress=True)
        index = report_study(study, _notebooks(), to, only)
        console.print(f"[green]wrote[/] {index}")


@app.command()
def simulate(
    customers: Annotated[int, typer.Option(min=1, help="How many customers ever start.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same company.")],
    to: Annotated[Path, typer.Option(help="Where to write the study, such as data/small.")],
) -> None:
    """Make up a company with tickets, customers and departures whose causes are known."""
    with _sentences():
        from cxresearch.simulate import write_world

        with console.status(f"simulating {customers:,} customers"):
            conformed = write_world(to, customers, seed)
        for name, row in conformed.rows.iterrows():
            console.print(
                f"{name}: made {row['read']:,} = kept {row['kept']:,} "
                f"+ quarantined {row['quarantined']:,}"
            )
        console.print(f"[green]wrote[/] {to}. Next: cxresearch report {to}")


def _notebooks() -> Path:
    folder = Path("notebooks")
    if not folder.is_dir():
        raise InputError("There is no folder 'notebooks' here: run this from the project's folder.")
    return folder


def _print(frame, title: str) -> None:
    shown = frame.reset_index()
    table = Table(*map(str, shown.columns), title=title, title_justify="left")
    for row in shown.itertuples(index=False):
        table.add_row(*(f"{v:,}" if isinstance(v, int) else escape(str(v)) for v in row))
    console.print(table if len(shown) else f"{title}: nothing")


@contextmanager
def _sentences():
    """What cannot be used is said in one sentence, with exit code 2."""
    try:
        yield
    except InputError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"[red]cxresearch:[/] {escape(str(error))}"
        )
        sys.exit(2)


if __name__ == "__main__":
    app()
