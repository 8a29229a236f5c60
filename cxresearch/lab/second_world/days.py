"""Days since the opening: calendar months, ends of terms and steps of four weeks."""

import numpy as np
import pandas as pd

from cxresearch.lab.second_world.company import DAYS, OPENED, STEP


def quarter(day: np.ndarray) -> np.ndarray:
    """The number of the calendar quarter in which each day lies, since the opening."""
    return ((OPENED + day).astype("M8[M]") - OPENED.astype("M8[M]")).astype(int) // 3


def month_day(month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The day since the opening that is this day (from 0) of this month since the opening."""
    return ((OPENED.astype("M8[M]") + month).astype("M8[D]") + day - OPENED).astype(int)


def term_end(accounts: pd.DataFrame, day: np.ndarray) -> np.ndarray:
    """The first end of a paid month or year after each day, or after the export's end."""
    date = OPENED + np.minimum(day, DAYS).astype(int)
    month = date.astype("M8[M]")
    early = (date - month.astype("M8[D]")).astype(int) < accounts["day"]
    passed = (month - OPENED.astype("M8[M]")).astype(int) - accounts["month"] - early
    period = np.where(accounts["annual"], 12, 1)
    term = passed // period + 1
    return month_day((accounts["month"] + term * period).to_numpy(), accounts["day"].to_numpy())


def daily(by_step: np.ndarray) -> np.ndarray:
    """Values of 4-week steps as values of days."""
    return by_step.repeat(STEP, axis=1)[:, :DAYS]
