"""How shares, ratios and their doubt are worded, so that every page words them alike."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import wilson
from cxresearch.study.small_groups import counted

SHARE = "{share:.1%} (95% interval {low:.1%} to {high:.1%}; {count:,} of {of:,})"
NONE = "–"
LIKELY = {0.99: "almost certain", 0.9: "very likely", 0.66: "likely",
          0.33: "about as likely as not", 0.1: "unlikely"}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """What customers do in a study: verb (they ...), done (they have ...), and the columns that
    count it while exposed and in the reference (of returns: in all); still, what those who did not
    are called."""

    verb: str
    done: str
    exposed: str
    reference: str
    still: str


LEAVING = Words("leave", "left", "left while exposed", "left in the reference", "still there")
RETURNING = Words(
    "come back", "came back", "returned while exposed", "returned", "without another ticket"
)


def share(count: int, of: int) -> dict[str, float]:
    """A share with its 95% interval (Wilson), count and denominator, ready for SHARE."""
    low, high = wilson(count, of)
    value = count / of if of else np.nan
    return {"share": value, "low": low, "high": high, "count": count, "of": of}


def interval(estimate: float, low: float, high: float, form: str = ".1%") -> str:
    """An estimate with its interval, "4.5% (3.9% to 5.2%)"; a dash for what is not told.

    >>> interval(0.045, 0.039, 0.052), interval(0.5, float("nan"), float("nan"))
    ('4.5% (3.9% to 5.2%)', '50.0% (–)')
    """
    if pd.isna(estimate):
        return NONE
    if pd.isna(low):
        return f"{estimate:{form}} ({NONE})"
    return f"{estimate:{form}} ({low:{form}} to {high:{form}})"


def intervals(frame: pd.DataFrame, name: str, form: str = ".1%") -> list[str]:
    """Each row's estimate and interval as a text; the bounds are "name low" and "name high", or low
    and high where the frame has none of that name."""
    bounds = [f"{name} {end}" if f"{name} {end}" in frame else end for end in ("low", "high")]
    rows = zip(*(frame[c] for c in (name, *bounds)), strict=True)
    return [interval(*row, form) for row in rows]


def view(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Columns of a frame as a page shows them, without its index.

    A column is its name; a format after it words its values ("share .0%"), with ± the interval
    too ("hazard ratio ±.2f"); "as" gives it another name ("share ±.1% as came back").

    >>> view(pd.DataFrame({"cause": ["a"], "low": [1.0], "high": [3.0], "ratio": [2.0]}),
    ...      "cause", "ratio ±.1f as times").to_dict("records")
    [{'cause': 'a', 'times': '2.0 (1.0 to 3.0)'}]
    """
    shown = {}
    for column in columns:
        name, _, other = column.partition(" as ")
        values, name = _worded(frame, name)
        shown[other or name] = list(values) if isinstance(values, list) else values.to_numpy()
    made = pd.DataFrame(shown)
    if groups := counted(frame):
        made.attrs["groups"] = groups
    return made


def _worded(frame: pd.DataFrame, column: str):
    """The values of a column in the form asked for, and its name."""
    if column in frame:
        return frame[column], column
    name, _, form = column.rpartition(" ")
    if form.startswith("±"):
        return intervals(frame, name, form[1:]), name
    return [NONE if pd.isna(v) else f"{v:{form}}" for v in frame[name]], name


def listed(items, last: str = "and") -> str:
    """Things in a row: "a, b and c".

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    items = [str(item) for item in items]
    return f" {last} ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def likely(chance: float) -> str:
    """A chance in words that always mean the same, with the chance (after Mastrandrea et al. 2010,
    IPCC guidance on uncertainties).

    >>> likely(0.96), likely(0.4)
    ('very likely (96%)', 'about as likely as not (40%)')
    """
    told = round(chance, 2)
    words = next((said for least, said in LIKELY.items() if told >= least), "very unlikely")
    if not 0.01 < told < 0.99:
        return f"{words} ({'99% or more' if told > 0.5 else '1% or less'})"
    return f"{words} ({told:.0%})"


def side(low, high, none: float = 1.0) -> np.ndarray:
    """On which side of no effect each whole interval lies: more, less, or cannot tell."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    return np.select([low > none, high < none], ["more", "less"], "cannot tell")


def ratio(row: pd.Series, words: Words) -> Finding | CannotTell:
    """A row of hazard ratios as a sentence: who verb at so many times the rate of whom; cannot tell
    if its verdict cannot, or if too few events leave no estimate.

    The row has hazard ratio, low, high, verdict (see `side`), who, against, and how many events
    there were while exposed, which stands beside the sentence as a number.
    """
    if np.isnan(row["hazard ratio"]):
        return _too_few(row, words)
    numbers = {"hr": row["hazard ratio"], "low": row["low"], "high": row["high"]}
    numbers |= {"events": int(row[words.exposed]), "verb": words.verb, "against": row["against"]}
    if row["verdict"] == "cannot tell":
        doubt = finding(
            "whether {who} {verb} more or less often than {against}: {hr:.2f} times the rate "
            "({low:.2f} to {high:.2f}).", who=row["who"], **numbers,
        )  # fmt: skip
        return CannotTell(doubt.text)
    return finding(
        "{who} {verb} at **{hr:.2f} times** the rate of {against} ({low:.2f} to {high:.2f}).",
        who=row["who"][:1].upper() + row["who"][1:],
        **numbers,
    )


def _too_few(row: pd.Series, words: Words) -> CannotTell:
    fewest = words.exposed
    if words.reference in row.index and row[words.reference] < row[words.exposed]:
        fewest = words.reference
    return CannotTell(f"only {row[fewest]:,.0f} {fewest}, too few for a hazard ratio.")


def each(names, frame: pd.DataFrame, name: str, form: str = ".1%") -> str:
    """Rows by their names with an estimate and its interval, as `intervals` words them.

    >>> each(["a", "b"], pd.DataFrame({"x": [2, 3], "low": [1, 2], "high": [3, 4]}), "x", ".0f")
    'a 2 (1 to 3); b 3 (2 to 4)'
    """
    rows = zip(names, intervals(frame, name, form), strict=True)
    return "; ".join(f"{row} {text}" for row, text in rows)


def low_to_high(low, high, form: str = ".1f") -> list[str]:
    """Each row's two ends as a text; one number where they agree, a dash where there is none.

    >>> low_to_high([1.0, 2.0], [3.0, 2.0])
    ['1.0 to 3.0', '2.0']
    """
    return [_span(*ends, form) for ends in zip(low, high, strict=True)]


def _span(low: float, high: float, form: str) -> str:
    if pd.isna(low):
        return NONE
    return f"{low:{form}}" if low == high else f"{low:{form}} to {high:{form}}"
