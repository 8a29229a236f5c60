"""Are these rows fit for a model of time at risk, and what could they show at all?"""

import warnings

import numpy as np
import pandas as pd

from cxresearch.study.schema import InputError
from cxresearch.survival import smallest_hazard_ratio

YEAR = 365.25
CLOSE_TO_THE_END = 14  # days before an exit in which closures should be no more frequent than usual
TIDY = 0.01  # of p, below which they are


class TidyingUpWarning(UserWarning):
    """Issues were closed more often just before customers left than at other times."""


def check_episodes(
    episodes: pd.DataFrame, covariates: list[str] = (), exposure: str = "overdue"
) -> pd.DataFrame:
    """What the rows can show: power, overall and for each level of the exposure.

    A row a group: customers exposed, years exposed, left while exposed, left, smallest visible
    ratio (the smallest hazard ratio that these departures could show with 80% power; Schoenfeld
    1983). Levels are the columns "EXPOSURE: LEVEL" that `build_episodes(by=...)` makes.

    Raises InputError naming customer or column if pieces are empty, overlap or leave a gap, if an
    event comes before a customer's last piece, or if a covariate is the same for all exposed rows
    or parts those who left from those who stayed at their last value. Warns (TidyingUpWarning) if
    issues were closed more often in the two weeks before customers left than at other times.

    >>> import cxresearch
    >>> rows = cxresearch.build_episodes(cxresearch.open_study("data/demo"))
    >>> float(check_episodes(rows)["smallest visible ratio"].round(2).iloc[0])
    1.26
    """
    rows = episodes.sort_values(["customer_id", "start"], kind="stable")
    _refuse_broken_lives(rows)
    for name in covariates:
        _refuse_covariate(rows, name, exposure)
    _warn_of_tidying_up(rows, exposure)
    return power(rows, exposure)


def power(rows: pd.DataFrame, exposure: str = "overdue") -> pd.DataFrame:
    """The table of check_episodes, of rows that need no check."""
    levels = [c for c in rows if str(c).startswith(f"{exposure}: ")]
    groups = {f"any {exposure} issue": rows[exposure] > 0}
    groups |= {c.removeprefix(f"{exposure}: "): rows[c] > 0 for c in levels}
    return pd.DataFrame([exposed_time(rows, name, who) for name, who in groups.items()])


def exposed_time(episodes: pd.DataFrame, group: str, exposed: pd.Series) -> dict:
    """One row of power: group, customers exposed, years exposed, left while exposed, left, smallest
    visible ratio."""
    time = episodes["stop"] - episodes["start"]
    left = int(episodes["event"].sum())
    share = time[exposed].sum() / time.sum() if len(time) else 0.0
    return {
        "group": group,
        "customers exposed": int(episodes.loc[exposed, "customer_id"].nunique()),
        "years exposed": time[exposed].sum() / YEAR,
        "left while exposed": int(episodes.loc[exposed, "event"].sum()),
        "left": left,
        "smallest visible ratio": smallest_hazard_ratio(left, share),
    }


def _refuse_broken_lives(rows: pd.DataFrame) -> None:
    who = rows["customer_id"]
    before = rows["stop"].groupby(who).shift()
    broken = {
        "a piece that is empty or runs backwards": ~(rows["start"] < rows["stop"]),
        "pieces that overlap": rows["start"] < before - 1e-9,
        "a gap between pieces": rows["start"] > before + 1e-9,
        "an event before the last piece": rows["event"].eq(1) & who.duplicated(keep="last"),
    }
    for what, where in broken.items():
        if where.any():
            first = rows[where].iloc[0]
            raise InputError(
                f"Customer {first['customer_id']} has {what} at day {first['start']:g} "
                f"({int(where.sum()):,} such rows in all): mend the rows before a model is fitted."
            )


def _refuse_covariate(rows: pd.DataFrame, name: str, exposure: str) -> None:
    if name not in rows:
        raise InputError(f"The episodes have no column '{name}'.")
    exposed = rows.loc[rows[exposure] > 0, name]
    if len(exposed) and name != exposure and exposed.nunique(dropna=False) == 1:
        raise InputError(
            f"'{name}' is {exposed.iloc[0]} in all {len(exposed):,} exposed rows: its effect and "
            "that of the exposure cannot be told apart. Leave it out or choose another group."
        )
    last = rows.drop_duplicates("customer_id", keep="last")
    left, stayed = last.loc[last["event"] == 1, name], last.loc[last["event"] != 1, name]
    if left.nunique() and stayed.nunique() and not set(left.dropna()) & set(stayed.dropna()):
        if left.nunique() == 1 or stayed.nunique() == 1:
            raise InputError(
                f"The last value of '{name}' parts the {len(left):,} customers who left from the "
                f"{len(stayed):,} who stayed: it says who left, as a snapshot does. Use what was "
                "known before."
            )


def closures(rows: pd.DataFrame, exposure: str = "overdue") -> dict[str, float]:
    """Whether issues are closed more often just before customers leave: near (closures in the last
    days of those who left), closures (in all), share (of the exposed time that lies there), p
    (exact binomial, one-sided), of rows by customer and time."""
    from scipy.stats import binomtest

    who = rows["customer_id"]
    end = rows["stop"].groupby(who).transform("last")
    leaver = rows["event"].groupby(who).transform("max") == 1
    closes = (rows[exposure] > 0) & (rows[exposure].groupby(who).shift(-1) == 0)
    open_time = (rows["stop"] - rows["start"]).where(rows[exposure] > 0, 0.0)
    close = leaver & (rows["stop"] > end - CLOSE_TO_THE_END) & (rows["stop"] < end)
    near, every = int((closes & close).sum()), int(closes.sum())
    late = leaver & (rows["stop"] > end - CLOSE_TO_THE_END)
    inside = (rows["stop"] - np.maximum(rows["start"], end - CLOSE_TO_THE_END)).clip(lower=0)
    share = inside.where(late & (rows[exposure] > 0), 0.0).sum() / max(open_time.sum(), 1e-9)
    share = float(min(share, 1.0))
    p = binomtest(near, every, share, "greater").pvalue if every and near > 5 else 1.0
    return {"near": near, "closures": every, "share": share, "p": float(p)}


def _warn_of_tidying_up(rows: pd.DataFrame, exposure: str) -> None:
    found = closures(rows, exposure)
    if found["p"] < TIDY:
        warnings.warn(
            f"{found['near']} of {found['closures']} closures fell in the {CLOSE_TO_THE_END} days "
            f"before customers left, where {found['share']:.1%} of the time open lies: agents may "
            "tidy up before an exit, which hides harm. Look at the table of lags.",
            TidyingUpWarning,
            stacklevel=3,
        )
