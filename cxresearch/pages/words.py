"""How shares, ratios and their doubt are worded, so that every page words them alike."""

import functools

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from cxresearch.study.study import Study
from cxresearch.topics.text import joined_text, people


def share(count: int, of: int) -> dict[str, float]:
    """A share with its 95% interval (Wilson), count and denominator, ready for a sentence."""
    low, high = proportion_confint(count, of, method="wilson") if of else (np.nan, np.nan)
    value = count / of if of else np.nan
    return {"share": value, "low": float(low), "high": float(high), "count": count, "of": of}


SHARE = "{share:.1%} (95% interval {low:.1%} to {high:.1%}; {count:,} of {of:,})"


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
