"""How shares, ratios and their doubt are worded, so that every page words them alike."""

import functools

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.study import Study
from cxresearch.topics.text import joined_text, people


def share(count: int, of: int) -> dict[str, float]:
    """A share with its 95% interval (Wilson), count and denominator, ready for a sentence."""
    low, high = proportion_confint(count, of, method="wilson") if of else (np.nan, np.nan)
    value = count / of if of else np.nan
    return {"share": value, "low": float(low), "high": float(high), "count": count, "of": of}


SHARE = "{share:.1%} (95% interval {low:.1%} to {high:.1%}; {count:,} of {of:,})"


def ratio(row, who: str, verb: str, against: str) -> Finding | CannotTell:
    """A hazard ratio as a sentence: who verb at so many times the rate of whom; cannot tell if it
    might be none, or if too few events leave no estimate."""
    events = next(c for c in row.index if str(c).endswith("while exposed"))
    if np.isnan(row["hazard ratio"]):
        others = "left in the reference"
        if others in row.index and row[others] < row[events]:
            events = others
        return CannotTell(f"only {row[events]:,.0f} {events}, too few for a hazard ratio.")
    numbers = {"hr": row["hazard ratio"], "low": row["low"], "high": row["high"]}
    numbers |= {"events": int(row[events])}
    if row["low"] <= 1 <= row["high"]:
        said = finding(
            "whether {who} {verb} more or less often than {against}: the hazard ratio is "
            "{hr:.2f}, and its 95% interval, {low:.2f} to {high:.2f}, holds 1 ({events:,} "
            + events + ").",
            who=who, verb=verb, against=against, **numbers,
        )  # fmt: skip
        return CannotTell(said.text)
    return finding(
        "{who} {verb} at **{hr:.2f} times** the rate of {against} (95% interval {low:.2f} to "
        "{high:.2f}; {events:,} " + events + ").",
        who=who[:1].upper() + who[1:], verb=verb, against=against, **numbers,
    )  # fmt: skip


@functools.lru_cache(maxsize=1)
def names_in(study: Study) -> frozenset[str]:
    """The words that name people in the study's tickets (text.people), for quotes to hide."""
    return people(joined_text(study.tickets))


def with_interval(
    frame: pd.DataFrame, value: str, low: str = "low", high: str = "high", form: str = "{:.1%}"
) -> list[str]:
    """Each row's estimate and interval as one text, "4.5% (3.9% to 5.2%)"; a dash where null."""
    shown = f"{form} ({form} to {form})"
    rows = zip(frame[value], frame[low], frame[high], strict=True)
    return [shown.format(*row) if pd.notna(row[0]) else "–" for row in rows]


EVENT = {"churn": "leave", "return": "come back"}
DONE = {"churn": "left", "return": "came back"}
SOLVED = "customers who by the landmark had the answer that became the solution"
