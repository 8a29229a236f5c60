"""Months beside each other: only those whose window is over for all of them are compared."""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportions_chisquare

from cxresearch.kpis.tidy import WHOLE
from cxresearch.pages.who_stays_silent import asks
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding

FEWEST = 5  # expected in every month, for a chi-squared test
LEAST = 3


@asks("whether the share who answer changed by month")
def answered_months(funnel: pd.DataFrame) -> pd.DataFrame:
    """The share answered by month, as recurrence.by_month shows what came back: month, of, count,
    share, low, high, mature, and effect, the design effect of several rows by one customer."""
    return pd.DataFrame(
        {
            "month": funnel["group"],
            "of": funnel["invited"],
            "count": funnel["answered"],
            "share": funnel["answered share"],
            "low": funnel["answered low"],
            "high": funnel["answered high"],
            "mature": funnel["mature"],
            "effect": funnel["answered effect"],
        }
    )


@cannot_tell_passes
def came_back_months(months: pd.DataFrame) -> pd.DataFrame:
    """recurrence.by_month in the form of answered_months."""
    return months.rename(columns={"tickets": "of", "came back": "count"})


def of_kpi(found: pd.DataFrame) -> pd.DataFrame | CannotTell:
    """A KPI by month (see kpis.tidy) in the form of answered_months, with its target."""
    rows = found[found["group"] != WHOLE]
    if rows["estimate"].isna().all():
        return CannotTell(f"how months differ: {found['why'].iloc[0] or 'no month can be told.'}")
    names = {"group": "month", "estimate": "share", "n": "of"}
    return rows.rename(columns=names).reset_index(drop=True)


@cannot_tell_passes
def span(months: pd.DataFrame) -> str:
    """A heading: the KPI, and its lowest and highest share in months that are over."""
    ripe = months.loc[months["mature"] & months["share"].notna(), "share"]
    name = months["kpi"].iloc[0]
    if ripe.empty:
        return f"{name}: no month is over yet"
    return f"{name}, month by month: {ripe.min():.0%} to {ripe.max():.0%} in months that are over"


@cannot_tell_passes
def compared(months: pd.DataFrame, what: str) -> Finding | CannotTell:
    """Do the mature months differ by more than chance?

    Chi-squared is divided by the months' mean design effect, column effect, weighed by of (Rao and
    Scott 1981, JASA 76); without that column rows are taken as independent, which is said. With
    20 customers a month it still errs to the alarming side.
    """
    ripe = months[months["mature"] & months["share"].notna() & (months["of"] > 0)]
    young = int((~months["mature"]).sum())
    verb = "is" if young == 1 else "are"
    unripe = f" {young} of {len(months)} months {verb} not over and not compared." if young else ""
    if len(ripe) < LEAST:
        return CannotTell(f"how {what} changed by month: too few months are over." + unripe)
    clustered = "effect" in ripe
    effect = np.average(ripe["effect"], weights=ripe["of"]) if clustered else 1.0
    count, of = ripe["count"] / effect, ripe["of"] / effect
    usual = count.sum() / of.sum()
    least = min(usual, 1 - usual) * of.min()
    if least < FEWEST:
        return CannotTell(
            f"whether {what} changed by month: in the smallest month {least:.1f} would be expected "
            f"by chance, too few to compare {len(ripe)} months." + unripe
        )
    _, p, _ = proportions_chisquare(count, of)
    of_whom = "clustered by customer" if clustered else "rows taken as independent"
    low, high = ripe["share"].min(), ripe["share"].max()
    if p >= 0.05:
        return CannotTell(
            f"whether {what} changed by month: from {low:.1%} to {high:.1%} over {len(ripe)} "
            f"months, no more than chance would have it (p = {p:.2f}, {of_whom})." + unripe
        )
    return finding(
        "From month to month {what} differs by more than chance: from {low:.1%} to {high:.1%} "
        "over {n} months (p {p}, {of_whom}). {unripe}",
        what=what, low=float(low), high=float(high), n=len(ripe),
        p=f"= {p:.3f}" if p >= 0.001 else "below 0.001", of_whom=of_whom, unripe=unripe,
    )  # fmt: skip


@cannot_tell_passes
def heading(months: pd.DataFrame, what: str) -> str:
    """The figure's finding: the range over the months that are over."""
    ripe = months.loc[months["mature"], "share"].dropna()
    if ripe.empty:
        return f"No month is over yet for {what}"
    return f"{what[0].upper() + what[1:]} by month: {ripe.min():.0%} to {ripe.max():.0%}"
