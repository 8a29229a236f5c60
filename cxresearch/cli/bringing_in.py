"""What brings data in: import, map, simulate."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

import cxresearch

SYSTEMS = (
    "zendesk, freshdesk, intercom, hubspot, jira, salesforce, servicenow, github, cfpb, kitsune, "
    "mapped"
)
BILLING = "stripe, chargebee, recurly, hubspot, salesforce"
READY = "dynamics365, front, gorgias, helpscout, zammad, zohodesk"


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
