"""Do the silent leave? Groups as of one day, and who has left by each day after it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.episodes import customer_lives
from cxresearch.kpis.surveys.reach import ANSWER_DAYS, DAY, invitations
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.intervals import difference, of_many
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.told import leaving_untold
from cxresearch.study.words import NONE, intervals, side, view
from cxresearch.survival import against_rest, at_days, cumulative_share
from cxresearch.survival.curves import YEAR, Curves

AT_RISK = 20
NAMES = {
    1: ("answered the first", "did not answer the first"),
    2: ("answered at least once", "answered neither"),
}
TIMES = {1: "once", 2: "twice"}
BY = (90, 180, YEAR)


@dataclass(frozen=True, eq=False)
class SilentLeave(Curves):
    """Who leaves of those who had answered neither of two invitations, and of the others."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """Do those who answered neither of their first two invitations leave more often?"""
        year = at_days(self.frame, self.by, [YEAR]).dropna().set_index(self.by)
        if len(year) < 2:
            return CannotTell("whether the silent leave more: too few were watched for a year.")
        ends = year[["share", "low", "high"]].astype(float)
        spoke, silent = (ends.loc[name].to_numpy() for name in NAMES[2])
        gap, low, high = difference(silent, spoke)
        said = finding(
            "A year on, {silent:.1%} of those who answered neither of their first two invitations "
            "had left (95% interval {a:.1%} to {b:.1%}). Of those who answered, {spoke:.1%} had "
            "({c:.1%} to {d:.1%}). The difference is {gap:+.1f} points ({low:+.1f} to "
            "{high:+.1f}).",
            silent=silent[0], a=silent[1], b=silent[2], spoke=spoke[0], c=spoke[1], d=spoke[2],
            gap=100 * gap, low=100 * low, high=100 * high,
        )  # fmt: skip
        if side(low, high, 0) == "cannot tell":
            return CannotTell("whether the silent leave more or less often. " + said.text)
        return said


@dataclass(frozen=True, eq=False)
class LeftByDay(Result):
    """Who had left among the silent and among those who answered, in rows "once 90" and so on
    (times asked, days on): asked, day, silent, spoke (customers of each), silent left and spoke
    left (shares, Kaplan-Meier; low, high), difference, low, high, p (Holm over the days), and
    verdict (more, less or cannot tell of the silent). Null if not watched so long."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """Those who did not answer their first invitation: on which days had more of them left?"""
        named = [f"{TIMES[1]} {day}" for day in BY]
        first = self.frame.reindex(named).dropna(subset="difference")
        if first.empty:
            return CannotTell(
                "whether those who did not answer left: too few were watched so long."
            )
        clear = first[first["verdict"] != "cannot tell"]
        if clear.empty:
            return CannotTell(
                "whether those who did not answer their first invitation left more often than "
                "those who did: no difference is clear."
            )
        silent, spoke = (intervals(clear, f"{who} left")[0] for who in ("silent", "spoke"))
        return finding(
            "By day {day:.0f}, **{silent}** of those who did not answer their first invitation had "
            "left, and **{spoke}** of those who did.",
            day=clear["day"].iloc[0], silent=silent, spoke=spoke,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Day by day the shares, their groups' sizes, and the difference."""
        gaps = ["difference", "low", "high"]
        columns = {
            "of the silent left": _of(self.frame, "silent"),
            "of those who answered left": _of(self.frame, "spoke"),
            "difference, points": intervals(100 * self.frame[gaps], "difference", "+.1f"),
        }
        return view(self.frame.assign(**columns), "asked", "day as days on", *columns, "p")


@once
def silent_cohort(study: Study, times: int = 2) -> pd.DataFrame | CannotTell:
    """Customers still there two weeks after their second invitation: time (days from then), event.

    group: answered one or both of their first two, or neither, as of that day; times=1: answered
    their first, or not. event: left by choice (notice where known, else the end); all others are
    censored. Nothing looks ahead.
    """
    asked = invitations(study, "whether the silent leave")
    if isinstance(asked, CannotTell):
        return asked
    if study.outcome != "churn":
        return DoesNotApply("whether the silent leave: a customers table from billing would tell.")
    if lacks := leaving_untold(study):
        return lacks
    first = asked[asked["customer_id"].notna()].sort_values(["offered_at", "survey_id"])
    first = first.groupby("customer_id").head(times)
    each = first.groupby("customer_id").agg(
        asked=("answered", "size"), spoke=("answered", "any"), second=("offered_at", "max")
    )
    each = each[each["asked"] == times].assign(landmark=lambda e: e["second"] + ANSWER_DAYS * DAY)
    lives = customer_lives(study)[["customer_id", "started_at", "leaves_at", "end"]]
    cohort = each.reset_index().merge(lives, on="customer_id")
    there = (cohort["landmark"] < cohort["leaves_at"]) & (cohort["started_at"] <= cohort["second"])
    since = study.settings.time("customers_from")
    cohort = cohort[there & (since is None or cohort["landmark"] >= since)]
    if cohort["spoke"].nunique() < 2:
        return CannotTell(f"whether the silent leave more: too few were asked {TIMES[times]}.")
    return cohort.assign(
        group=np.where(cohort["spoke"], *NAMES[times]),
        time=(cohort["leaves_at"] - cohort["landmark"]) / DAY,
        event=(cohort["end"] == "voluntary").astype(int),
    )[["customer_id", "group", "time", "event"]].reset_index(drop=True)


@once
def left_after(study: Study) -> SilentLeave | CannotTell:
    """Share who left by days after the landmark of silent_cohort.

    A curve ends where fewer than 20 customers are left to watch.
    """
    cohort = silent_cohort(study)
    if isinstance(cohort, CannotTell):
        return cohort
    curves = cumulative_share(cohort, "group")
    curves = curves[curves["at_risk"] >= AT_RISK].reset_index(drop=True)
    if curves["group"].nunique() < 2:
        return CannotTell("whether the silent leave more: too few customers were asked twice.")
    return SilentLeave(curves, "group", "left", "leave", "two weeks after the second invitation")


@once
def left_by_day(study: Study) -> LeftByDay | CannotTell:
    """How often those who did not answer left, against those who did, after their first invitation
    and after the first two."""
    asking = "whether those who did not answer their first invitation left more often"
    asked = invitations(study, asking)
    if isinstance(asked, CannotTell):
        return asked
    cohorts = {times: silent_cohort(study, times) for times in NAMES}
    told = {k: v for k, v in cohorts.items() if not isinstance(v, CannotTell)}
    if not told:
        return cohorts[1]
    return LeftByDay(pd.concat([_beside(cohort, times) for times, cohort in told.items()]))


def _beside(cohort: pd.DataFrame, times: int) -> pd.DataFrame:
    """The rows of LeftByDay after so many invitations."""
    spoke, silent = NAMES[times]
    shares = at_days(cumulative_share(cohort, "group"), "group", list(BY))
    rows = pd.DataFrame({"asked": TIMES[times], "day": BY}, [f"{TIMES[times]} {d}" for d in BY])
    for word, name in (("silent", silent), ("spoke", spoke)):
        of = shares[shares["group"] == name][["share", "low", "high"]].to_numpy(float).T
        columns = [f"{word} left", f"{word} left low", f"{word} left high"]
        ends = dict(zip(columns, of, strict=True))
        rows = rows.assign(**{word: (cohort["group"] == name).sum()}, **ends)
    known = rows["silent left"].notna() & rows["spoke left"].notna()
    gaps = _gaps(cohort, silent).set_axis(rows.index)
    return _tested(rows.join(gaps.where(known)))


def _gaps(cohort: pd.DataFrame, silent: str) -> pd.DataFrame:
    cohort = cohort.assign(status=cohort["event"])
    pairs = [against_rest(cohort, "group", day).set_index("group").loc[silent] for day in BY]
    return pd.DataFrame(pairs)[["difference", "low", "high", "p"]].astype(float)


def _tested(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with p corrected for so many days, and the verdict that it allows."""
    rows = rows.assign(p=of_many(rows["p"]))
    clear, more = rows["p"] < 0.05, rows["difference"] > 0
    verdict = np.select([clear & more, clear], ["more", "less"], "cannot tell")
    return rows.assign(verdict=verdict)


def _of(rows: pd.DataFrame, who: str) -> list[str]:
    """Shares with their intervals, and of how many they are."""
    shares = zip(intervals(rows, f"{who} left"), rows[who], strict=True)
    return [text if text == NONE else f"{text} of {n:,.0f}" for text, n in shares]
