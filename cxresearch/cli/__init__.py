"""The command line: a module for what brings data in, finds out, takes out.

A command imports what it needs when it runs, so that --help comes at once.
"""

from collections.abc import Callable

import typer
from typer.core import TyperGroup

from cxresearch.cli import bringing_in, deciding, finding_out, taking_out, watching

__all__ = ["app"]


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
    "'cxresearch check' the study that it made, then 'cxresearch report' it. "
    "Next month, 'cxresearch add' the new export.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)

COMMANDS: dict[str, Callable[..., None]] = {
    "import": bringing_in.import_,
    "add": bringing_in.add,
    "map": bringing_in.map_,
    "check": finding_out.check,
    "topics": finding_out.topics,
    "report": finding_out.report,
    "decide": deciding.decide,
    "watch": watching.watch,
    "simulate": bringing_in.simulate,
    "redact": taking_out.redact_,
    "forget": taking_out.forget,
    "clear": taking_out.clear,
}
for name, command in COMMANDS.items():
    app.command(name)(command)
