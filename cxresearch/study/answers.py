"""Answers: a sentence with its numbers, or why it cannot be told and what would tell.

Findings are made by code, so that the same notebook is true of every study. What a study cannot
support is a CannotTell: it travels through every function and is said where it arrives.
"""

import functools
import html
import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cxresearch.study.schema import InputError
from cxresearch.study.visible import visible


@dataclass(frozen=True)
class CannotTell:
    """What stands in for a result that the study cannot support; it shows its reason."""

    reason: str

    def said(self, row: str = "") -> "CannotTell":
        """Itself: whatever is asked of a result that cannot be told, this is the answer."""
        return self

    def sentences(self) -> "tuple[CannotTell, ...]":
        """Itself alone."""
        return (self,)

    def table(self) -> "CannotTell":
        """Itself, in place of a table."""
        return self

    def plot(self, ax: object = None) -> "CannotTell":
        """Itself, in place of a figure."""
        return self

    @property
    def frame(self) -> pd.DataFrame:
        """No rows."""
        return pd.DataFrame()

    def described(self) -> str:
        """The reason, in place of a figure's description."""
        return self.reason

    def _repr_markdown_(self) -> str:
        return visible(f"**Cannot tell:** {self.reason}")


@dataclass(frozen=True)
class DoesNotApply(CannotTell):
    """A CannotTell of what such a study has nothing of: no page mentions it."""

    def sentences(self) -> "tuple[CannotTell, ...]":
        """None."""
        return ()


@dataclass(frozen=True)
class Finding:
    """A sentence and the numbers in it, which a report keeps beside it."""

    text: str
    numbers: dict[str, float] = field(default_factory=dict)

    def said(self, row: str = "") -> "Finding":
        """Itself: a sentence says itself."""
        return self

    def sentences(self) -> "tuple[Finding, ...]":
        """Itself alone."""
        return (self,)

    def _repr_markdown_(self) -> str:
        return visible(self.text)


def finding(template: str, **values) -> Finding:
    """A sentence with its values filled in; texts are escaped, numbers are kept beside it.

    >>> finding("{n:,} of {cause}", n=1200, cause="log*in").text
    '1,200 of log\\\\*in'
    """
    texts = {k: plain(v) if isinstance(v, str) else v for k, v in values.items()}
    numbers = {k: _rounded(v) for k, v in values.items() if not isinstance(v, str)}
    return Finding(template.format(**texts), numbers)


def cannot_tell_passes(function):
    """Makes a function return the first CannotTell among its arguments instead of running."""

    @functools.wraps(function)
    def passing(*args, **kwargs):
        for value in (*args, *kwargs.values()):
            if isinstance(value, CannotTell):
                return value
        return function(*args, **kwargs)

    return passing


def or_cannot_tell(function, *args, **kwargs):
    """What a function returns, or that it cannot be told because it refuses what it is given."""
    try:
        return cannot_tell_passes(function)(*args, **kwargs)
    except InputError as error:
        return CannotTell(plain(str(error)))


def plain(text: str) -> str:
    """Text as it may stand in Markdown and HTML: nothing in it is markup."""
    line = html.escape(visible(" ".join(str(text).split())), quote=False)
    return re.sub(r"([\\`*_{}\[\]#|~$])", r"\\\1", line)


def _rounded(value):
    value = value.item() if isinstance(value, np.generic) else value
    return float(f"{value:.4g}") if isinstance(value, float) else value


@dataclass(frozen=True)
class SaidOnce(CannotTell):
    """A CannotTell of a whole page: said once; what else is asked of it does not apply."""

    def said(self, row: str = "") -> CannotTell:
        """Its reason; nothing of a single row."""
        return DoesNotApply(self.reason) if row else self

    def table(self) -> CannotTell:
        """Nothing."""
        return DoesNotApply(self.reason)

    def plot(self, ax: object = None) -> CannotTell:
        """Nothing."""
        return DoesNotApply(self.reason)


@dataclass(frozen=True)
class SameReason(CannotTell):
    """A CannotTell whose reason is said once: what else is asked of it refers to that. rest says
    what cannot be told, by the row that is asked for, or by "table"."""

    rest: dict[str, str] = field(default_factory=dict)

    def said(self, row: str = "") -> CannotTell:
        """Its reason, or that this row cannot be told for the same one."""
        return CannotTell(f"{self.rest[row]}, for the same reason.") if row in self.rest else self

    def table(self) -> CannotTell:
        """That the table cannot be shown for the same reason."""
        return self.said("table")
