"""What finds out: check, topics, report."""

from pathlib import Path
from typing import Annotated

import typer

import cxresearch
from cxresearch.cli.study_folder import StudyFolder


def check(study: StudyFolder) -> None:
    """Show what is in a study, what is missing, what cannot be said.

    Nothing is changed. Every table is read, so a table that cannot be used is named here.
    """
    from cxresearch.pages import terminal

    with terminal.sentences():
        terminal.say_all(cxresearch.open_study(study))


def topics(
    study: StudyFolder,
    refit: Annotated[
        bool, typer.Option("--refit", help="Propose topics fitted anew; nothing changes yet.")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take what was proposed; with --refit, at once.")
    ] = False,
) -> None:
    """Find what customers write about.

    The result is kept in the study folder, so that tickets keep their topics; tickets that came
    since are placed among these. --refit fits anew, and shows what would move; --accept takes it.
    causes.toml in that folder is for people: name and merge topics there, say what kind of cause
    each is, and run this again; nothing is fitted anew for that.
    """
    from cxresearch.pages import terminal
    from cxresearch.study.exchange import alone
    from cxresearch.topics import causes
    from cxresearch.topics.causes import proposed

    with terminal.sentences():
        opened = cxresearch.open_study(study)
        with alone(study):
            if refit and not accept and (study / proposed.KEPT).is_dir():
                return terminal.say_proposed(study, proposed.propose(opened, progress=True))
            if accept and not refit:
                proposed.accept(opened)
            made = cxresearch.study_topics(opened, refit=refit, progress=True, causes_again=True)
        terminal.say_topics(opened, made.info(), refit or accept)
        terminal.say(f"causes: {study / causes.NAME} is for people to edit, then run this again.")


def report(
    study: StudyFolder,
    to: Annotated[
        Path | None, typer.Option(help="Where to write; reports/NAME if left out.")
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(help="Only this notebook, such as 04; other pages that stand there stay."),
    ] = None,
    notebooks: Annotated[
        Path | None, typer.Option(help="A folder of your own notebooks; the package's if left out.")
    ] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Only one A4 page, to print.")] = False,
    engine: Annotated[
        str | None,
        typer.Option(help="Where the tables lie: postgresql://… or spark; else the folder."),
    ] = None,
    schema: Annotated[str, typer.Option(help="Which schema of the engine holds them.")] = "public",
) -> None:
    """Make pages to read and to forward from a study.

    With --engine the study's tables are read where they lie, and nothing is written there: what is
    counted is counted by the engine, and models rest on a sample of whole customers (sample_tickets
    in study.toml). The folder holds settings, topics and causes; it is made if it is not there.

    Open index.html in a browser. Each page needs nothing but itself, and each cause has one. A page
    on which something fails says so, the others are made all the same, and the exit code is 1. What
    a whole report says is kept in said.json of the study, for the next one to be held against.
    """
    from cxresearch.kpis.said_before import remember
    from cxresearch.pages import terminal
    from cxresearch.report import report_study, stopped
    from cxresearch.report.folder import refuse_what_is_not_ours
    from cxresearch.report.run import numbered, packaged
    from cxresearch.study.exchange import alone
    from cxresearch.study.warehouse import name_engine

    with terminal.sentences():
        if engine:
            name_engine(engine, schema, study)
        opened = cxresearch.open_study(study, sampled=True)
        notebooks = notebooks or packaged()
        numbered(notebooks, only)
        if to:
            refuse_what_is_not_ours(to)
        with alone(study):
            cxresearch.study_topics(opened, progress=True)
            index = report_study(study, notebooks, to, only or ("00" if brief else None))
            if not (only or brief):
                remember(opened)
        terminal.say(f"wrote {index.with_name('brief.html') if brief else index}", style="green")
    if failed := stopped(index):
        for why in failed:
            terminal.say(f"not complete: {why}", style="red")
        raise typer.Exit(1)
