"""Which causes reach the public, which stay inside, and what each does to the stars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.incidents import tickets_with_causes
from cxresearch.kpis.public.reviewed import PRAISE, bounded, complaints, reviewed, whose
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, SaidOnce, finding
from cxresearch.study.intervals import normal, of_many, wider
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.words import listed, low_to_high, view

RATE = 0.05  # of false discoveries among the causes that are told
FEW = 5  # reviews or tickets; of fewer nothing is compared
LEAST = 3  # complaints to be expected of a cause, by those about all others
PUBLIC, INSIDE, UNTOLD = "reaches the public", "stays inside", "cannot tell"
DRAWN, NAMED = 12, 3


@dataclass(frozen=True, eq=False)
class Reach(Result):
    """How often each cause is complained about in public for each of its tickets, a row a cause:
    cause, tickets, complaints, praise (reviews), per 1,000 (complaints, of its tickets), times (as
    often as of all other causes), low, high, p, q, verdict. Beside them: how many complaints were
    about no ticket's cause."""

    elsewhere: int

    def said(self, row: str = "") -> Finding | CannotTell:
        """Which causes reach the public; "inside" which stay inside, "elsewhere" what is about no
        cause of the tickets."""
        rows = without(self.frame)[0]
        if row == "elsewhere":
            return finding("{n:,} of {of:,} public complaints are near to no ticket: they are in "
                           "no cause here.", n=self.elsewhere,
                           of=self.elsewhere + int(self.frame["complaints"].sum()))  # fmt: skip
        wanted = INSIDE if row == "inside" else PUBLIC
        clear = rows[rows["verdict"] == wanted].sort_values("times", ascending=row == "inside")
        if clear.empty:
            how = "stays inside" if row == "inside" else "reaches the public"
            return CannotTell(
                f"which cause {how} more than others: none of {len(rows)} differs clearly."
            )
        if row == "inside":
            names = [*clear["cause"].head(NAMED)]
            names += [f"{len(clear) - NAMED} more"] if len(clear) > NAMED else []
            return finding("Seldom heard in public, for their tickets: {names}. Reading reviews "
                           "alone would miss them.", names=listed(names))  # fmt: skip
        first = clear.iloc[0]
        return finding(
            "For its tickets, **{cause}** is complained about in public most: {complaints:,} "
            "times, beside {tickets:,} tickets. That is {times:.1f} times as often as other causes "
            "({low:.1f} to {high:.1f}).",
            cause=first["cause"], complaints=int(first["complaints"]),
            tickets=int(first["tickets"]), times=first["times"], low=first["low"],
            high=first["high"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """All causes, those that reach the public most first."""
        return view(self.frame, "cause", "tickets", "complaints as complaints in public", "praise",
                    "per 1,000 .1f as complaints on 1,000 tickets",
                    "times ±.1f as times as often as others", "q as p BH", "verdict")  # fmt: skip

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """How many times as often each cause is complained about in public."""
        rows = without(self.frame)[0].dropna(subset="times").head(DRAWN)
        ax = drawing.axes(0.38 * max(len(rows), 1) + 1.6, ax)
        clear = (rows["verdict"] == PUBLIC).to_numpy()
        drawing.forest(ax, rows, rows["cause"], "times", clear=clear)
        drawing.ratio_axis(ax, rows["low"].min(), rows["high"].max())
        drawing.xlabel(ax, "public complaints a ticket, times those of all other causes")
        n, of = int((self.frame["verdict"] == PUBLIC).sum()), len(self.frame)
        drawing.title(ax, f"{n} of {of} causes reach the public more than their tickets say")
        return ax

    def described(self) -> str:
        """What dots, bars and the line are."""
        return (
            "Dots are ratios, bars their 95% intervals, orange where a cause clearly reaches the "
            "public more than others. At the dotted line a cause is complained about as often."
        )


@once
def reach(study: Study) -> Reach | CannotTell:
    """Complaints in public for each ticket of a cause, against all other causes.

    Tickets count from the month of the first review on. The interval is that of a ratio of two
    rates, with half a review added to each, as wide as weeks and customers differ, but no narrower
    than Poisson counts (linearised; Cochran 1977, Sampling Techniques, ch. 6; both ways as Cameron,
    Gelbach and Miller 2011, J Business & Economic Statistics 29): who complains again and again
    counts once where it is known who it is. Verdicts hold the rate of false discoveries at 5%
    (Benjamini and Hochberg 1995). With reviews alone there is nothing to compare with.
    """
    rows = reviewed(study)
    if isinstance(rows, CannotTell):
        return rows if study.has("reviews") else SaidOnce(rows.reason)
    tickets = tickets_with_causes(study)
    if tickets["ticket_id"].isin(rows["review_id"]).mean() > 0.5:
        return DoesNotApply("which causes stay inside: the study has reviews alone.")
    since = rows["written_at"].min().normalize() - pd.Timedelta(days=30)
    tickets = tickets[tickets["created_at"] >= since]
    bad = rows[complaints(rows)]
    told = bad.dropna(subset="cause")
    if told.empty or tickets.empty:
        return CannotTell("which causes reach the public: no review is near to a ticket's cause.")
    weekly = _counted(tickets, _week(tickets["created_at"], since),
                      told, _week(told["written_at"], since))  # fmt: skip
    by_customer = _counted(tickets, tickets["who"], told, whose(told))
    praise = rows[rows["tone"].eq(PRAISE)].groupby("cause").size()
    frame = pd.DataFrame([_against(cause, weekly, by_customer) for cause in weekly[0].columns])
    frame = frame.assign(praise=frame["cause"].map(praise).fillna(0).astype(int))
    return Reach(_judged(frame), len(bad) - len(told))


def _week(at: pd.Series, since: pd.Timestamp) -> pd.Series:
    return (at - since) // pd.Timedelta(weeks=1)


def _counted(tickets: pd.DataFrame, by: pd.Series, told: pd.DataFrame, by_too: pd.Series):
    """Tickets and complaints, a row a week or customer, a column a cause."""
    wrote, said = pd.crosstab(by, tickets["cause"]), pd.crosstab(by_too, told["cause"])
    return wrote.align(said, fill_value=0)


def _against(cause: str, weekly, by_customer) -> dict:
    """A cause's rate of public complaints for each ticket over that of all others."""
    from scipy.special import ndtr

    parts = _parts(cause, *weekly)
    sums = [part.sum() + 0.5 * (place in (0, 2)) for place, part in enumerate(parts)]
    row = {"cause": cause, "tickets": int(parts[1].sum()), "complaints": int(parts[0].sum())}
    row["per 1,000"] = 1000 * row["complaints"] / row["tickets"] if row["tickets"] else np.nan
    expected = sums[1] * sums[2] / sums[3] if sums[3] else 0
    if expected < LEAST or parts[2].sum() < FEW or row["tickets"] < FEW:  # not by its own count
        return row | dict.fromkeys(("times", "low", "high", "p"), np.nan)
    counts = sum(1 / total for total in sums)
    weeks, customers = _differ(parts, sums), _differ(_parts(cause, *by_customer), sums)
    error = np.sqrt(max(weeks, counts) + max(customers - counts, 0))
    log = np.log(sums[0] / sums[1] / (sums[2] / sums[3]))
    low, high = np.exp(normal(log, error))
    p = float(2 * ndtr(-abs(log) / error))
    return row | {"times": np.exp(log), "low": low, "high": high, "p": p}


def _parts(cause: str, wrote: pd.DataFrame, said: pd.DataFrame) -> list[pd.Series]:
    """Complaints and tickets of a cause, and of all others."""
    others = [each.drop(columns=cause).sum(axis=1) for each in (said, wrote)]
    return [said[cause], wrote[cause], *others]


def _differ(parts: list[pd.Series], sums: list[float]) -> float:
    """The variance of the logarithm of a ratio whose rows are apart from each other."""
    one, two, three, four = (part / total for part, total in zip(parts, sums, strict=True))
    return float(((one - two - three + four) ** 2).sum())


def _judged(frame: pd.DataFrame) -> pd.DataFrame:
    """With q and a verdict, those that reach the public most first."""
    frame = frame.assign(q=of_many(frame["p"], "fdr_bh"))
    clear = frame["q"] < RATE
    verdict = np.select([clear & (frame["times"] > 1), clear], [PUBLIC, INSIDE], UNTOLD)
    frame = frame.assign(verdict=verdict)
    return frame.sort_values("times", ascending=False, na_position="last", ignore_index=True)


@dataclass(frozen=True, eq=False)
class CauseStars(Result):
    """Stars by cause, the lowest first: cause, reviews (with stars), stars, low, high, less (than
    reviews about anything else, with less low and less high), q, verdict, customers (who wrote
    about it in tickets), lowest, highest (the mean of all of these, whatever the others think)."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """The cause whose reviews have clearly fewer stars than the rest."""
        rows = without(self.frame)[0]
        clear = rows[rows["verdict"] == "fewer stars"]
        if clear.empty:
            return CannotTell(f"which cause costs stars: none of {len(rows)} differs clearly.")
        first = clear.sort_values("stars").iloc[0]
        return finding(
            "Reviews about **{cause}** have {stars:.1f} stars (95% interval {low:.1f} to "
            "{high:.1f}; {n:,} reviews), {less:.1f} fewer than the rest.",
            cause=first["cause"], stars=first["stars"], low=first["low"], high=first["high"],
            n=int(first["reviews"]), less=-first["less"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The causes, and what the mean can be of all who wrote tickets about one."""
        rows = self.frame.assign(all=low_to_high(self.frame["lowest"], self.frame["highest"]))
        return view(rows, "cause", "reviews as reviews with stars", "stars ±.1f",
                    "less ±+.1f as against the rest", "verdict", "customers",
                    "all as of all of these it may be")  # fmt: skip


@once
def cause_stars(study: Study) -> CauseStars | CannotTell:
    """Stars by cause against all other reviews, false discoveries held at 5%.

    Who reviews a cause again and again counts once, by their mean, where it is known who it is. The
    test is Student's; intervals are by his t, from a variance to which one review that differs as
    all do was added: a few that agree are not certain. lowest and highest are Manski's bounds, a
    review each of the customers who wrote tickets.
    """
    rows = reviewed(study)
    if isinstance(rows, CannotTell):
        return rows
    rated = rows.dropna(subset=["stars", "cause"])
    customers = tickets_with_causes(study).groupby("cause")["who"].nunique()
    means = rated.groupby(["cause", whose(rated)])["stars"].mean()
    told = [_apart(cause, own, means.drop(cause, level=0), int(customers.get(cause, 0)))
            for cause, own in means.groupby(level=0) if len(own) >= FEW]  # fmt: skip
    if not told:
        return CannotTell(f"the stars of causes: none has {FEW} who reviewed it with stars.")
    frame = pd.DataFrame(told)
    frame.insert(1, "reviews", frame["cause"].map(rated.groupby("cause").size()))
    frame["q"] = of_many(frame["p"].fillna(1), "fdr_bh")
    clear = frame["q"] < RATE
    verdict = np.select([clear & (frame["less"] < 0), clear], ["fewer stars", "more stars"], UNTOLD)
    return CauseStars(frame.assign(verdict=verdict).sort_values("stars", ignore_index=True))


def _apart(cause: str, own: pd.Series, rest: pd.Series, customers: int) -> dict:
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    n, mean, usual = len(own), own.mean(), pd.concat([own, rest]).var()
    error = np.sqrt(((n - 1) * own.var() + usual) / n / n) * wider(1, df=n - 1)
    low, high = normal(mean, error)
    lowest, highest = bounded(mean, n, customers)
    p, ends = np.nan, (np.nan, np.nan)
    if len(rest) > 1 and usual > 0:
        both = CompareMeans(DescrStatsW(own), DescrStatsW(rest))
        p, ends = both.ttest_ind()[1], both.tconfint_diff()
    return {
        "cause": cause, "stars": mean, "low": max(low, 1), "high": min(high, 5),
        "less": mean - rest.mean(), "less low": ends[0], "less high": ends[1], "p": p,
        "customers": customers, "lowest": lowest, "highest": highest,
    }  # fmt: skip
