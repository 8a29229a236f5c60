"""Do those who open an article write less? Like is compared with like: searches about the same
cause in the same week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from cxresearch.kpis.incidents import tickets_with_causes
from cxresearch.kpis.looked_up import SITTING, searches, untold
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.intervals import LEVEL, of_many
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import view

AFTER = pd.Timedelta(days=7)  # a ticket so long after a search follows it
CUSTOMERS, TICKETS = 20, 10  # of each side, and of both, for an interval
ASKED = "whether those who open an article write less"
ALL, FEWER, MORE = "all causes", "fewer write", "more write"
CAVEAT = "Who opens an article may differ from who does not: that is no proof of its effect."


@dataclass(frozen=True, eq=False)
class Deflection(Result):
    """By cause, after a row named "all" of all causes together: cause, customers, opened, not
    opened (searches compared), wrote after, wrote without (shares with a ticket on the cause within
    seven days, weighed alike), difference, low, high, p (Holm over causes), verdict (fewer write,
    more write, or cannot tell). left is how many searches were left out and why."""

    left: dict[str, int]

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many tickets fewer go with a hundred readers; "left": what was left out."""
        if row == "left":
            return self._left()
        all_ = self.frame.loc["all"]
        if np.isnan(all_["difference"]):
            return CannotTell(f"{ASKED}: too few searches about one cause in one week, with an "
                              "article opened and without, can be followed.")  # fmt: skip
        sign = -1 if all_["difference"] <= 0 else 1
        low, high = sorted(100 * sign * all_[["low", "high"]])
        says = finding(
            "With 100 readers of an article go **{n:.0f} {fewer} tickets** on its cause (95% "
            "interval {low:.0f} to {high:.0f}). Within 7 days {after:.0%} of readers wrote, and "
            "{without:.0%} of those who opened none after searching about the same cause in the "
            "same week. " + CAVEAT,
            n=100 * abs(all_["difference"]), fewer="fewer" if sign < 0 else "more", low=low,
            high=high, after=all_["wrote after"], without=all_["wrote without"],
        )  # fmt: skip
        untold = all_["verdict"].startswith("cannot")
        return CannotTell(f"{ASKED}. {says.text}") if untold else says

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """All causes together, and what was left out."""
        return (self.said(), self.said("left"))

    def table(self) -> pd.DataFrame:
        """Shares of both sides and their difference."""
        return view(
            self.frame, "cause", "customers", "opened as opened one", "not opened as opened none",
            "wrote after .0% as wrote after", "wrote without .0% as wrote without",
            "difference ±.0%", "verdict",
        )  # fmt: skip

    def _left(self) -> Finding:
        return finding(
            "Left out: {nobody:,} searches of nobody known and {unclear:,} about no known cause. "
            "Also {young:,} of the last 7 days and {again:,} about what was searched for or "
            "written about shortly before.", **self.left,
        )  # fmt: skip


@once
def deflection(study: Study) -> Deflection | CannotTell:
    """Tickets after searches that led to an article against those that led to none, standardised
    over cause and week. It is an association: who opens one chose to."""
    if untold(study):
        return DoesNotApply(f"{ASKED}: see what is missing.")
    if not study.has("article_views") or searches(study)["who"].isna().all():
        return CannotTell(f"{ASKED}: it is not told who searched for what.")
    looks, left = first_looks(study)
    frame = pd.DataFrame(
        [_row(ALL, looks)] + [_row(str(cause), of) for cause, of in looks.groupby("cause")]
    )
    frame.index = ["all", *map(str, range(1, len(frame)))]
    frame.loc[frame.index[1:], "p"] = of_many(frame["p"].drop("all"))
    how = [frame["p"].isna(), frame["p"] > 1 - LEVEL, frame["difference"] < 0]
    words = ["cannot tell: too few", "cannot tell", FEWER]
    return Deflection(frame.assign(verdict=np.select(how, words, MORE)), left)


def first_looks(study: Study) -> tuple[pd.DataFrame, dict[str, int]]:
    """The first search of each customer about a cause for seven days, without one that follows a
    ticket on it within seven: who, cause, at, opened (within half an hour, and before any ticket),
    wrote (a ticket on the cause within seven days), stratum (cause and week); and how many searches
    were left out: nobody, unclear, young, again."""
    rows, tickets = searches(study), tickets_with_causes(study)
    known = rows[rows["who"].notna()]
    clear = known[known["cause"].notna()].reset_index(drop=True)
    told = tickets[["who", "cause"]].assign(wrote_at=tickets["created_at"]).sort_values("wrote_at")
    near = {"left_on": "at", "right_on": "wrote_at", "by": ["who", "cause"]}
    before = pd.merge_asof(clear, told, **near, tolerance=AFTER, allow_exact_matches=False)
    looks = pd.merge_asof(clear, told, **near, direction="forward")
    again = clear.groupby(["who", "cause"])["at"].diff() <= AFTER
    first = looks[~again & before["wrote_at"].isna()]
    old = first["at"] + AFTER <= study.observed_until
    left = {"nobody": len(rows) - len(known), "unclear": len(known) - len(clear),
            "young": int((~old).sum()), "again": len(clear) - len(first)}  # fmt: skip
    first = first[old]
    week = first["at"].dt.tz_convert(None).dt.to_period("W").astype("str")
    soon = first["opened_at"] - first["at"] <= SITTING
    return first.assign(
        opened=soon & ~(first["opened_at"] > first["wrote_at"]),
        wrote=first["wrote_at"] - first["at"] <= AFTER,
        stratum=first["cause"].astype("str") + " " + week,
    ), left


def standardised(looks: pd.DataFrame) -> dict[str, float]:
    """The share that wrote after opening an article and without, and their difference with low,
    high and p, standardised over strata.

    The difference is Mantel and Haenszel's (Greenland and Robins 1985, Biometrics 41), which is the
    least squares slope within strata. Its error sums over each customer's rows, with residuals as
    the stratum without the row would leave them (after Bell and McCaffrey's jackknife, 2002, Survey
    Methodology 28), and Student's t has as many degrees of freedom as customers weigh.
    """
    opened, wrote = looks["opened"].astype(float), looks["wrote"].astype(float)
    by = [values.groupby(looks["stratum"]) for values in (opened, wrote)]
    size, part = by[0].transform("size"), by[0].transform("mean")
    x, y = opened - part, wrote - by[1].transform("mean")
    both, weight = (x != 0), float((x**2).sum())
    after = np.average(wrote[both & (opened == 1)], weights=(1 - part)[both & (opened == 1)])
    gap = float((x * y).sum()) / weight
    apart = x * (y - gap * x) * size / (size - 1).clip(lower=1)
    each = pd.DataFrame({"apart": apart, "weighs": x**2})[both].groupby(looks["who"]).sum()
    free = each["weighs"].sum() ** 2 / (each["weighs"] ** 2).sum() - 1
    error = np.sqrt((each["apart"] ** 2).sum()) / weight
    reach = float(stdtrit(free, (1 + LEVEL) / 2)) * error
    p = float(2 * stdtr(free, -abs(gap) / error)) if error > 0 else np.nan
    return {"wrote after": after, "wrote without": after - gap, "difference": gap,
            "low": gap - reach, "high": gap + reach, "p": p}  # fmt: skip


def _row(cause: str, looks: pd.DataFrame) -> dict:
    """A cause with its comparison; null where either side is too small."""
    mixed = looks.groupby("stratum")["opened"].transform("nunique") == 2
    both = looks[mixed]
    sides = both.groupby("opened")["who"].nunique().reindex([True, False], fill_value=0)
    row = {"cause": cause, "customers": both["who"].nunique(), "opened": int(both["opened"].sum())}
    row |= {"not opened": len(both) - row["opened"]}
    enough = sides.min() >= CUSTOMERS and TICKETS <= both["wrote"].sum() <= len(both) - TICKETS
    names = ["wrote after", "wrote without", "difference", "low", "high", "p"]
    return row | (standardised(both) if enough else dict.fromkeys(names, np.nan))
