"""Eligible → invited → answered, of all, by any column, or by month."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.measure import design_effect, share
from cxresearch.kpis.months import Months
from cxresearch.kpis.surveys.reach import ANSWER_DAYS, DAY, eligible, unit_words
from cxresearch.kpis.tidy import group_of
from cxresearch.study.answers import (
    CannotTell,
    DoesNotApply,
    Finding,
    cannot_tell_passes,
    finding,
)
from cxresearch.study.intervals import difference
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.words import side, view

ASKED_WITHIN = 30  # days of a ticket, so that old and young months are counted alike
ANSWERED = ["answered share", "answered share low", "answered share high"]


@dataclass(frozen=True, eq=False)
class Funnel(Result):
    """A row a group, named by it: group, customers, eligible, invited, invited share (low, high),
    answered, answered share (of the invited; low, high) and its design effect; the difference of
    that share from that of those who stayed (low, high), and its verdict. Of several groupings of
    all column says which a row is of.

    unit is what the eligible are.
    """

    unit: str

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many were asked and answered; "left later" compares them with those who stayed."""
        if row == "left later":
            return self._leavers()
        every = self.frame.loc["all"]
        if not every["invited"]:
            return CannotTell("how many answered: nobody was asked who could have been.")
        return finding(
            "Of {n:,} {unit}, **{invited:.1%}** led to a question (95% interval {a:.1%} to "
            "{b:.1%}; {asked:,}). Of those asked, **{answered:.1%}** answered ({c:.1%} to {d:.1%}; "
            "{spoke:,}).",
            n=int(every["eligible"]), unit=self.unit, invited=every["invited share"],
            a=every["invited share low"], b=every["invited share high"],
            asked=int(every["invited"]), answered=every["answered share"],
            c=every["answered share low"], d=every["answered share high"],
            spoke=int(every["answered"]),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Counts, and percentages with intervals."""
        return view(
            self.frame, "group", "eligible as could be asked", "invited as asked",
            "invited share ±.1% as asked (of those who could be)", "answered",
            "answered share ±.1% as answered (of those asked)",
        )  # fmt: skip

    def _leavers(self) -> Finding | CannotTell:
        """Did those who later left answer as often as those who stayed?"""
        whether = "whether those who left answered less"
        if not {"left later", "stayed"} <= set(without(self.frame)[0].index):
            return DoesNotApply(f"{whether}: who left is not known, or too few did.")
        row, stayed = self.frame.loc["left later"], self.frame.loc["stayed"]
        if np.isnan(row["difference"]):
            return CannotTell(f"{whether}: none of a group were asked.")
        values = {"left": row["answered share"], "stayed": stayed["answered share"]}
        values |= {"gap": 100 * row["difference"], "low": 100 * row["difference low"]}
        values |= {"high": 100 * row["difference high"]}
        if row["verdict"] == "cannot tell":
            doubt = finding(
                "whether those who later left answered less or more often ({left:.1%}) than those "
                "who stayed ({stayed:.1%}). The difference is {gap:+.1f} points (95% interval "
                "{low:+.1f} to {high:+.1f}).",
                **values,
            )
            return CannotTell(doubt.text)
        so = {
            "less": "So the score hears the leavers less.",
            "more": "So it hears the leavers more.",
        }
        return finding(
            "Customers who later left answered **{left:.1%}** of their invitations, those who "
            "stayed **{stayed:.1%}**. The difference is {gap:+.1f} points (95% interval {low:+.1f} "
            "to {high:+.1f}). " + so[row["verdict"]],
            **values,
        )


@once
def funnel(study: Study, kind: str) -> Funnel | CannotTell:
    """Eligible → invited → answered, by what became of the customer and solved or not.

    Shares are Wilson's, clustered by customer.
    """
    units = eligible(study, kind, "how many were asked, and how many answered")
    if isinstance(units, CannotTell):
        return units
    groups = {"all": units.index.notna()}
    groups |= {name: units["became"] == name for name in units["became"].value_counts().index}
    if units["solved"].notna().any():
        groups |= {"solved": units["solved"].eq(True), "not solved": units["solved"].eq(False)}
    of = ["solved" if "solved" in name else "became" for name in groups]  # each makes up the whole
    rows = [step(units[rows], name) for name, rows in groups.items()]
    return _funnel(rows, unit_words(units), column=of)


@once
def funnel_by(study: Study, kind: str, by: str) -> Funnel | CannotTell:
    """The same, a row a group of by, with mature.

    by: a column of eligible (solved, became), of the customers or of the tickets, or "month": that
    in which the ticket was written or the customer could be asked, on the study's clock. A month
    counts invitations within 30 days of the ticket only; it is mature if these and the two weeks
    to answer were over for all of it. CannotTell where no table has such a column.
    """
    units = eligible(study, kind, "who was asked and who answered, group by group")
    return _grouped(units, study, by)


@once
def answered_by_month(study: Study, kind: str) -> Months | CannotTell:
    """The share who answered, month by month as funnel_by counts them."""
    units = eligible(study, kind, "whether the share who answer changed by month")
    months = _grouped(units, study, "month")
    if isinstance(months, CannotTell):
        return months
    names = {"group": "month", "invited": "of", "answered": "count", "answered effect": "effect"}
    names |= dict(zip(ANSWERED, ("share", "low", "high"), strict=True))
    rows = months.frame[[*names, "mature"]].rename(columns=names).reset_index(drop=True)
    return Months(rows, "the share who answer", "share who answered")


@cannot_tell_passes
def _grouped(units: pd.DataFrame, study: Study, by: str) -> Funnel | CannotTell:
    units = units.rename(columns={"month": "asked_month"}).assign(customer_id=units["who"])
    wait = ANSWER_DAYS
    if by == "month" and "ticket_id" in units:
        soon = units["asked_at"] - units["at"] <= ASKED_WITHIN * DAY
        invited, wait = units["invited"] & soon, ANSWER_DAYS + ASKED_WITHIN
        units = units.assign(invited=invited, answered=units["answered"] & invited)
    try:
        group = group_of(study, units, by)
    except InputError:
        return DoesNotApply(f"who was asked and answered by {by}: a column {by} would tell.")
    rows = [step(of, str(name)) for name, of in units.groupby(group)]
    mature = [by != "month" or _is_over(study, row["group"], wait) for row in rows]
    return _funnel(rows, unit_words(units), mature=mature)


def _funnel(steps: list[dict], unit: str, **columns) -> Funnel:
    """The rows of a funnel by name, each with its difference from those who stayed."""
    frame = pd.DataFrame(steps, index=[row["group"] for row in steps]).assign(**columns)
    stayed = frame[ANSWERED].reindex(["stayed"]).to_numpy(float)
    gap, low, high = difference(frame[ANSWERED].to_numpy(float).T, stayed.T)
    ends = {"difference": gap, "difference low": low, "difference high": high}
    return Funnel(frame.assign(**ends, verdict=side(low, high, 0)), unit)


def step(units: pd.DataFrame, group: str) -> dict:
    """One row of a funnel: the counts of some units, the two shares with their intervals, and the
    design effect of several answers by one customer."""
    asked = units[units["invited"]]
    reached, spoke = share(units["invited"], units["who"]), share(asked["answered"], asked["who"])
    return {
        "group": group,
        "customers": units["who"].nunique(),
        "eligible": len(units),
        "invited": len(asked),
        "invited share": reached["estimate"],
        "invited share low": reached["low"],
        "invited share high": reached["high"],
        "answered": int(asked["answered"].sum()),
        "answered share": spoke["estimate"],
        "answered share low": spoke["low"],
        "answered share high": spoke["high"],
        "answered effect": design_effect(asked["answered"], asked["who"]),
    }


def _is_over(study: Study, month: str, wait: int) -> bool:
    after = pd.Timestamp(f"{month}-01") + pd.DateOffset(months=1)
    ends = after.tz_localize(study.settings.time_zone, ambiguous=True, nonexistent="shift_forward")
    return bool(ends + wait * DAY <= study.observed_until)
