"""Reviews and posts as they are counted: how each speaks, about which cause, of which customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.intervals import normal, wilson
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import SHARE, share, view
from cxresearch.topics.voices import voice_causes

PRAISE, MIXED, BLAME = "praise", "mixed", "complaint"
WANTED = (
    "what is said in public: there is no table of reviews. An export of Trustpilot, Google, Yelp, "
    "an app store or X would tell."
)
FEW = 5  # reviews; of fewer there is no mean


@once
def reviewed(study: Study) -> pd.DataFrame | CannotTell:
    """A row a review, oldest first: review_id, written_at, source, stars, tone (praise: 4 or 5
    stars, complaint: 1 or 2, else mixed; null without stars), cause (null: near to no ticket),
    customer_id (null where it is not known), answered (has the company answered in public?)."""
    if not study.has("reviews"):
        return DoesNotApply(WANTED)  # page 12 begins with reaching.reach, which says it once
    rows = study.reviews.sort_values(["written_at", "review_id"], ignore_index=True)
    if rows.empty:
        return CannotTell("what is said in public: the table of reviews is empty.")
    who = study.account(rows.rename(columns={"review_id": "ticket_id", "written_at": "created_at"}))
    stars = rows["stars"]
    tone = np.select([stars >= 4, stars <= 2, stars.notna()], [PRAISE, BLAME, MIXED], "")
    return rows[["review_id", "written_at", "source", "stars"]].assign(
        tone=pd.Series(tone, dtype="str").where(stars.notna().to_numpy()),
        cause=rows["review_id"].map(voice_causes(study, "review")["cause"]),
        customer_id=rows["customer_id"].fillna(who),
        answered=rows["replied_at"].notna(),
    )


def complaints(rows: pd.DataFrame) -> pd.Series:
    """Which reviews complain: those of 1 or 2 stars; where none has stars, nobody knows, and all
    are taken."""
    return rows["tone"].eq(BLAME).fillna(False) | rows["stars"].isna().all()


def whose(rows: pd.DataFrame) -> pd.Series:
    """The customer of each review; who is not known is taken as another each time."""
    return rows["customer_id"].fillna("review " + rows["review_id"].astype("str")).rename("whose")


@dataclass(frozen=True, eq=False)
class Stars(Result):
    """Stars of all reviews and by site, a row each: source, reviews, stars (their mean), low, high,
    praise (share of 4 or 5 of those with stars, with low and high), complaint, answered (share), of
    how many with stars. lowest and highest are the mean of all customers if who wrote nothing would
    give 1, or 5; customers how many there are."""

    lowest: float
    highest: float
    customers: int

    def said(self, row: str = "") -> Finding | CannotTell:
        """The mean of stars, and for how many it speaks; "praise" says which share praises."""
        all_ = self.frame.iloc[0]
        if all_["rated"] < FEW:
            return CannotTell(f"how many stars there are: {all_['rated']} reviews have any.")
        if row == "praise":
            return finding(
                "Praise (4 or 5 stars): " + SHARE + ".",
                **share(int(all_["praise count"]), int(all_["rated"])),
            )
        return finding(
            "Reviews give **{stars:.1f} of 5 stars** (95% interval {low:.1f} to {high:.1f}; "
            "{rated:,} reviews). With those who wrote nothing the mean of {customers:,} customers "
            "could be anything from {lowest:.1f} to {highest:.1f}.",
            stars=all_["stars"], low=all_["low"], high=all_["high"], rated=int(all_["rated"]),
            customers=self.customers, lowest=self.lowest, highest=self.highest,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The sites, the most reviewed first."""
        return view(self.frame, "source as site", "reviews", "stars ±.1f", "praise ±.0%",
                    "complaint .0% as complaints", "answered .0% as answered by us")  # fmt: skip


@once
def stars(study: Study) -> Stars | CannotTell:
    """Stars of all reviews and by site. Intervals take reviews as apart from each other."""
    rows = reviewed(study)
    if isinstance(rows, CannotTell):
        return rows
    groups = [("all", rows), *rows.groupby("source")]
    told = [{"source": str(name), **_of(each)} for name, each in groups]
    frame = pd.DataFrame(told)
    frame = pd.concat([frame.head(1), frame.iloc[1:].sort_values("reviews", ascending=False)])
    who = study.customers if study.has("customers") else study.customer_tickets
    mean, reviewers = _of_reviewers(rows.dropna(subset="stars"))
    customers = max(who["customer_id"].nunique(), int(np.ceil(reviewers)))
    lowest, highest = bounded(mean, reviewers, customers)
    return Stars(frame.reset_index(drop=True), lowest, highest, customers)


def _of_reviewers(rated: pd.DataFrame) -> tuple[float, float]:
    """The mean of customers who gave stars, each by their own mean, and how many they are; those
    who are not known are taken to review as often as the others."""
    known = rated.groupby("customer_id")["stars"].mean()
    unknown = rated.loc[rated["customer_id"].isna(), "stars"]
    often = (len(rated) - len(unknown)) / len(known) if len(known) else 1.0
    n = len(known) + len(unknown) / often
    return ((known.sum() + unknown.sum() / often) / n if n else np.nan), n


def bounded(mean: float, n: float, of: float) -> tuple[float, float]:
    """The least and the most that a mean of n reviews can be of so many customers, a review each
    (Manski 1989, J Human Resources 24): everybody else gives 1, or 5.

    >>> bounded(3.0, 10, 40)
    (1.5, 4.5)
    """
    of = max(of, n)
    return (mean * n + (of - n)) / of, (mean * n + 5 * (of - n)) / of


def _of(rows: pd.DataFrame) -> dict:
    rated, praised = int(rows["stars"].notna().sum()), int(rows["tone"].eq(PRAISE).sum())
    mean, error = rows["stars"].mean(), rows["stars"].sem() if rated >= FEW else np.nan
    low, high = normal(mean, error)
    praise = wilson(praised, rated)
    return {
        "reviews": len(rows), "rated": rated, "stars": mean, "low": max(low, 1) if rated else low,
        "high": min(high, 5) if rated else high, "praise": praised / rated if rated else np.nan,
        "praise count": praised, "praise low": praise[0], "praise high": praise[1],
        "complaint": rows["tone"].eq(BLAME).sum() / rated if rated else np.nan,
        "answered": rows["answered"].mean(),
    }  # fmt: skip
