"""What reaches a person by itself: watch."""

from pathlib import Path
from typing import Annotated

import typer

import cxresearch
from cxresearch.cli.study_folder import StudyFolder

NEW, FAILED = 3, 1


def watch(
    study: StudyFolder,
    to: Annotated[
        Path | None, typer.Option(help="Write the text (Markdown) here, not to the terminal.")
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="Write the same as JSON here, with ids of tickets.")
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(help="Post the JSON to this address of yours, if anything is new."),
    ] = None,
) -> None:
    """Say what is new in a study since the last run, for cron or CI.

    Causes that rise, new themes, targets that are missed, fields that broke, fewer tickets than
    expected: each is told once, and again when it returns after it had gone. Weekly looks expect at
    most one false alert a year. What was told is kept in watched.json in the study's folder.
    Causes and themes are named in customers' own words, with personal data masked; nothing else of
    a ticket is told but its id, in the JSON. Exit code: 0 nothing new, or nothing that can be
    judged yet, 3 something new, 1 not delivered (told again by the next run), 2 the study cannot be
    used.
    """
    from cxresearch.pages import terminal
    from cxresearch.report.watch import checked, deliver, news, remember
    from cxresearch.study.exchange import alone
    from cxresearch.study.schema import InputError
    from cxresearch.topics.causes.refit import KEPT

    with terminal.sentences():
        if webhook:
            checked(webhook)
        opened = cxresearch.open_study(study)
        with alone(study):
            if (study / KEPT).is_dir() or not opened.has("ticket_causes"):
                cxresearch.study_topics(opened)  # else causes come from elsewhere, and stay
            told = news(opened)
            try:
                deliver(told, to, json, webhook)
            except (InputError, OSError) as error:
                terminal.say(f"not delivered: {terminal.in_words(error)}", style="red")
                raise typer.Exit(FAILED) from error
            if to is None:
                typer.echo(told.markdown(), nl=False)
            remember(opened, told)
    if told.alerts:
        raise typer.Exit(NEW)
