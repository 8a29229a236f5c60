"""What brings data in: import, add, map, simulate."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

import cxresearch
from cxresearch.cli.study_folder import StudyFolder

SYSTEMS = (
    "zendesk, freshdesk, intercom, hubspot, jira, salesforce, servicenow, github, cfpb, kitsune, "
    "mapped"
)
BILLING = "stripe, chargebee, recurly, hubspot, salesforce"
READY = "dynamics365, front, gorgias, helpscout, zammad, zohodesk"
VOICES = (  # what customers say and meet beside tickets
    "app_store, confluence, google_business_profile, google_play, intercom_articles, intercom_fin, "
    "opsgenie, pagerduty, statuspage, trustpilot, x, yelp, zendesk_agents, zendesk_bot, "
    "zendesk_guide"
)


Exported = Annotated[Path, typer.Argument(help="The export: a file, a folder, a .zip or a .gz.")]
TimeZone = Annotated[
    str | None, typer.Option(help="Of times written without one, such as Europe/Madrid.")
]
DateOrder = Annotated[str | None, typer.Option(help="day, month or year: what dates begin with.")]
Encoding = Annotated[
    str | None, typer.Option(help="Of text that is not UTF-8, such as windows-1252.")
]
Escalated = Annotated[
    str | None, typer.Option(help="What escalated means: a SQL condition on tickets or events.")
]
Customers = Annotated[
    Path | None,
    typer.Option(help="Files of billing or CRM, which --billing or --mapping describes."),
]
Mapping = Annotated[
    Path | None,
    typer.Option(
        help="The TOML file that describes the columns of --customers, or of 'mapped'; what it "
        "can say stands in docs/reference.md, under Mapping files."
    ),
]
Billing = Annotated[
    str | None,
    typer.Option(help=f"Whose export --customers is, in place of --mapping: {BILLING}."),
]


def import_(
    system: Annotated[
        str,
        typer.Argument(
            help=f"The help desk: auto, {SYSTEMS}, {READY}. Or what lies beside one: {VOICES}."
        ),
    ],
    export: Exported,
    to: Annotated[Path, typer.Option(help="Where to write the study, such as data/mine.")],
    added: Annotated[
        bool, typer.Option("--add", help="Add it to the study that is there, as 'add' does.")
    ] = False,
    time_zone: TimeZone = None,
    date_order: DateOrder = None,
    encoding: Encoding = None,
    escalated: Escalated = None,
    customers: Customers = None,
    mapping: Mapping = None,
    billing: Billing = None,
    grace_days: Annotated[
        float | None,
        typer.Option(help="Who pays again within so many days never left.", show_default="30"),
    ] = None,
) -> None:
    """Read a help desk's export and write a study folder.

    Files of billing beside it tell who left; people are joined to the accounts in them. Every row
    is kept, or set aside with its reason in quarantine.parquet; nothing is guessed. With --add, the
    next month's export joins the study, and so do reviews, bots, articles and incidents. Reviews
    alone are tickets, too.
    """
    from cxresearch import loaders
    from cxresearch.loaders.additions import first_entry
    from cxresearch.pages import terminal
    from cxresearch.study.settings import Settings
    from cxresearch.study.told_dates import apart
    from cxresearch.study.writing import refuse_existing, write_study

    declared = {
        "time_zone": time_zone, "date_order": date_order, "encoding": encoding,
        "escalated": escalated, "billing": billing, "grace_days": grace_days,
    }  # fmt: skip
    if added:
        return add(to, export, system, customers=customers, mapping=mapping, **declared)
    with terminal.sentences():
        refuse_existing(to)
        told = {name: value for name, value in declared.items() if value is not None}
        with terminal.doing(f"reading {export}") as tell:
            loaded, conformed = loaders.read(
                system, export, customers,
                progress=lambda file, n: tell(f"{file}: {n:,} records read"),
                to_files=True, mapping=mapping, **told,
            )  # fmt: skip
        terminal.say_import(loaded, conformed)
        settings, _ = apart(loaded.settings)
        write_study(
            to, replace(Settings(), name=to.name, **settings), conformed, loaded.notes,
            first_entry(system, loaded, conformed, told),
        )  # fmt: skip
        terminal.say(f"wrote {to}. Next: cxresearch check {to}", style="green")


def add(
    study: StudyFolder,
    export: Exported,
    system: Annotated[
        str | None, typer.Option(help="Of which help desk it is; that of the last import if none.")
    ] = None,
    time_zone: TimeZone = None,
    date_order: DateOrder = None,
    encoding: Encoding = None,
    escalated: Escalated = None,
    customers: Customers = None,
    mapping: Mapping = None,
    billing: Billing = None,
    grace_days: Annotated[
        float | None, typer.Option(help="Who pays again within so many days never left.")
    ] = None,
) -> None:
    """Add a newer export to a study: month two.

    It may overlap with what is there, hold only what changed, or come from another help desk. The
    newest state of a ticket counts, histories are joined, nothing is lost; what you wrote in
    study.toml and causes.toml stays. What is not said here is as in the last import.
    """
    from cxresearch.loaders.additions import add as add_to
    from cxresearch.pages import terminal

    with terminal.sentences():
        with terminal.doing(f"reading {export}") as tell:
            loaded, conformed, addition = add_to(
                study, export, system, customers,
                progress=lambda file, n: tell(f"{file}: {n:,} records read"),
                time_zone=time_zone, date_order=date_order, encoding=encoding,
                escalated=escalated, mapping=mapping, billing=billing, grace_days=grace_days,
            )  # fmt: skip
        terminal.say_import(loaded, conformed)
        terminal.say_added(addition.rows, addition.said)
        terminal.say(f"added to {study}. Next: cxresearch topics {study}", style="green")


def map_(
    export: Exported,
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
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same company.")],
    to: Annotated[Path, typer.Option(help="Where to write the study, such as data/small.")],
    customers: Annotated[
        int | None, typer.Option(min=1, help="How many customers ever start.")
    ] = None,
    tickets: Annotated[
        int | None,
        typer.Option(min=1, help="How many tickets at least, in place of --customers: any number."),
    ] = None,
    text: Annotated[
        bool, typer.Option(help="Do tickets have a text? Most time goes there.")
    ] = True,
    text_for: Annotated[
        int | None, typer.Option(min=0, help="Of --tickets, how many at least have a text.")
    ] = None,
) -> None:
    """Make up a company whose causes of leaving are known.

    It has tickets, customers, surveys and departures, all simulated; truth.json tells what was
    planted, so that a method can be tried on it. With --tickets it is written in blocks of
    customers, so that memory does not grow with it; what tickets without a text are about is given.
    """
    from cxresearch.kpis import quality
    from cxresearch.lab.simulate import stream_world, write_world
    from cxresearch.pages import terminal
    from cxresearch.study.schema import InputError
    from cxresearch.study.writing import refuse_existing

    with terminal.sentences():
        refuse_existing(to)
        if (customers is None) == (tickets is None):
            raise InputError("Say how large the company is: either --customers or --tickets.")
        asked = [not text, text_for is not None]
        if any(asked) and (customers or all(asked)):
            raise InputError("--text-for or --no-text go with --tickets, one of them at most.")
        if tickets is None:
            with terminal.doing(f"simulating {customers:,} customers"):
                write_world(to, customers, seed)
            rows = quality.conservation(cxresearch.open_study(to)).frame
        else:
            with terminal.doing(f"simulating {tickets:,} tickets") as tell:
                rows = stream_world(
                    to, tickets, seed, text_for=text_for if text else 0,
                    progress=lambda n: tell(f"{n:,} of {tickets:,} tickets simulated"),
                )  # fmt: skip
        terminal.say_rows(rows, "made")
        terminal.say(f"wrote {to}. Next: cxresearch report {to}", style="green")
