"""What keeps a decision: decide."""

from datetime import datetime
from typing import Annotated

import typer

import cxresearch
from cxresearch.cli.study_folder import StudyFolder


def decide(
    study: StudyFolder,
    what: Annotated[str, typer.Argument(help='What was decided, in "words".')],
    cause: Annotated[str, typer.Option(help="The cause that it is for, as the pages name it.")],
    since: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The day from which it holds.")
    ],
    owner: Annotated[str, typer.Option(help="Who sees to it.")] = "",
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only where a column has this value: product=Sync. Several are allowed."),
    ] = None,
) -> None:
    """Write a decision down, with what is expected of it.

    It is added to decisions.toml in the study folder; what stands there stays as it is. The page
    "Did it work?" compares later what was expected with what came of it.
    """
    from cxresearch.impact.decisions import NAME, Decision
    from cxresearch.impact.decisions import decide as written
    from cxresearch.pages import terminal

    with terminal.sentences():
        groups = _groups(where or [])
        made = Decision(what, cause, since.date(), owner, groups)
        kept, new = written(cxresearch.open_study(study), made)
        terminal.say(f"wrote {study / NAME}" if new else f"{study / NAME} has it already.")
        for name, (value, low, high) in kept.expected.items():
            terminal.say(f"  expected in a year: {name} {value:,.0f} ({low:,.0f} to {high:,.0f})")
        if not kept.expected:
            terminal.say("  what to expect of it cannot be told: page 08 says why.")


def _groups(where: list[str]) -> dict[str, tuple[str, ...]]:
    """Values by column."""
    groups: dict[str, tuple[str, ...]] = {}
    for told in where:
        column, found, value = (part.strip() for part in told.partition("="))
        if not (column and found and value):
            raise cxresearch.InputError(f"--where {told}: write it as column=value.")
        groups[column] = (*groups.get(column, ()), value)
    if len(groups) > 1:
        raise cxresearch.InputError(f"--where names {len(groups)} columns: name one.")
    return groups
