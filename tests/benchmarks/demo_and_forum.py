"""Is the simulated company like a real help desk? Distributions of a study beside a real forum's.

    python -m tests.benchmarks.demo_and_forum FORUM_FOLDER [STUDY_FOLDER]

FORUM_FOLDER holds questions.parquet and answers.parquet of a Kitsune forum; STUDY_FOLDER is
data/demo if left out. Prints aggregates only. Tickets without spam, merged and deleted ones (where
a flag is unknown, the ticket counts). A ticket counts for answers if it was written at least 30
days before the last one; without an answer by then its wait is longer than any other.
"""

import sys

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from cxresearch import loaders
from cxresearch.study.study import open_study

AT = (0.05, 0.25, 0.50, 0.75, 0.95)
HOUR, WATCHED = pd.Timedelta(hours=1), pd.Timedelta(days=30)


def main(forum: str, study: str = "data/demo") -> None:
    """Prints two tables: quantiles, and shares with their 95% intervals (Wilson)."""
    sides = {
        "demo": own(open_study(study).tickets),
        "forum": own(loaders.load("kitsune", forum)["tickets"]),
    }
    measured = {name: measures(tickets) for name, tickets in sides.items()}
    counted = {name: shares(tickets) for name, tickets in sides.items()}
    print(beside(measured, quantiles).to_string(), end="\n\n")
    print(beside(counted, proportion).to_string())


def own(tickets: pd.DataFrame) -> pd.DataFrame:
    """The tickets that a customer wrote and nobody put away."""
    flags = ["is_spam", "is_merged", "is_deleted"]
    return tickets[~tickets[flags].fillna(False).any(axis=1)]


def measures(tickets: pd.DataFrame) -> dict[str, pd.Series]:
    """By name, a number for each ticket or customer."""
    old = watched(tickets)
    wait = ((old["first_reply_at"] - old["created_at"]) / HOUR).where(answered(old), np.inf)
    text = tickets["description"].fillna("").str.replace(r"<[^>]+>", " ", regex=True)
    return {
        "words in the first message": text.str.split().str.len(),
        "words in the subject": tickets["subject"].fillna("").str.split().str.len(),
        "hours to the first answer of a person": wait,
        "answers of people a ticket": old["total_agent_replies"].astype(float),
        "tickets of a customer who wrote": tickets["requester_id"].value_counts(),
    }


def shares(tickets: pd.DataFrame) -> dict[str, pd.Series]:
    """By name, true or false for each ticket or customer."""
    old, times = watched(tickets), tickets["requester_id"].value_counts()
    return {
        "no answer of a person in 30 days": ~answered(old),
        "customers who wrote more than once": times > 1,
        "written on Saturday or Sunday": tickets["created_at"].dt.day_of_week >= 5,
        "fewer than five words": measures(tickets)["words in the first message"] < 5,
    }


def watched(tickets: pd.DataFrame) -> pd.DataFrame:
    """Tickets whose first 30 days can be seen."""
    return tickets[tickets["created_at"] <= tickets["created_at"].max() - WATCHED]


def answered(tickets: pd.DataFrame) -> pd.Series:
    """Did a person answer within 30 days?"""
    return tickets["first_reply_at"] <= tickets["created_at"] + WATCHED


def quantiles(values: pd.Series) -> dict[str, float]:
    """n and the quantiles of AT; inf where more than that share never came."""
    found = np.quantile(values.to_numpy(float), AT, method="lower").round(1)
    return {"n": len(values), **{f"{at:.0%}": q for at, q in zip(AT, found, strict=True)}}


def proportion(values: pd.Series) -> dict[str, float]:
    """n, the share in percent, and its 95% interval."""
    low, high = proportion_confint(values.sum(), len(values), method="wilson")
    named = {"share %": values.mean(), "low": low, "high": high}
    return {"n": len(values), **{name: round(100 * v, 1) for name, v in named.items()}}


def beside(sides: dict[str, dict[str, pd.Series]], summary) -> pd.DataFrame:
    """A row a measure and side."""
    rows = {
        (measure, side): summary(found[measure])
        for measure in next(iter(sides.values()))
        for side, found in sides.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(
            "How to run: python -m tests.benchmarks.demo_and_forum FORUM_FOLDER [STUDY_FOLDER]"
        )
    main(*sys.argv[1:])
