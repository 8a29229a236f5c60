"""What takes out: redact, forget, clear."""

from pathlib import Path
from typing import Annotated

import typer

import cxresearch
from cxresearch.cli.study_folder import StudyFolder


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
    Tables, rows set aside, topics, kept results and vectors are left without them; reports of the
    study, and topics that were proposed and not accepted, are removed. forgotten.json keeps counts,
    and digests by which they stay away.
    """
    from cxresearch.pages import terminal
    from cxresearch.report.folder import reports_removed
    from cxresearch.topics.causes.refit import KEPT, PROPOSED
    from cxresearch.topics.forget import forget as forget_them

    with terminal.sentences():
        proposed = (study / KEPT / PROPOSED).is_dir()
        rows = forget_them(study, customer, before, dry_run)
        terminal.say_forgotten(study, rows, dry_run)
        if proposed and rows:
            terminal.say(
                f"Proposed topics go too; 'cxresearch topics {study} --refit' proposes anew."
            )
        for told in reports_removed(cxresearch.open_study(study).name, study, dry_run):
            terminal.say(told)


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
