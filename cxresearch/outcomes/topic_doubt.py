"""What it adds to the error of a cause's ratio that tickets were assigned to topics by a machine.

Each ticket's topic is drawn from the shares that its neighbours' votes gave it, the model is fitted
anew, and how far the ratios move from draw to draw is the error (Rubin 1987, Multiple Imputation
for Nonresponse in Surveys, chapter 3: the variance between imputations).
"""

import numpy as np
import pandas as pd

from cxresearch.outcomes.cause_rows import cause_rows, pooled_fit
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.readable import readable
from cxresearch.study.study import Study
from cxresearch.study.swapped import study_with

DRAWS, SEED, FEWEST = 5, 18, 3


@once
def topic_doubt(study: Study) -> pd.Series:
    """The variance of the log hazard ratio of each cause ("overdue: CAUSE") that the assignment of
    tickets to topics adds; empty where topics are not kept in the study's folder, so that causes
    are what somebody wrote, and in a part of a study."""
    shares = _shares(study)
    if shares is None or shares.empty or study.cut:
        return pd.Series(dtype=float)
    rng = np.random.default_rng(SEED)
    fits = [_ratios(_drawn(study, shares, rng)) for _ in range(DRAWS)]
    every = pd.DataFrame([fit for fit in fits if fit is not None])
    if len(every) < FEWEST:
        return pd.Series(dtype=float)
    return (every.var(ddof=1) * (1 + 1 / len(every))).dropna()


def _shares(study: Study) -> pd.DataFrame | None:
    """The shares of each ticket that was read, a row each: ticket_id, topic, until (the sum of
    shares so far)."""
    files = [study.whole.path and study.whole.path / "topics" / f"{name}.parquet"
             for name in ("labels", "weights")]  # fmt: skip
    if not all(file and file.is_file() for file in files):
        return None
    with readable(files[0]), readable(files[1]):
        labels, weights = map(pd.read_parquet, files)
    weights["ticket_id"] = labels["ticket_id"].to_numpy()[weights["row"]]
    return weights.assign(until=weights.groupby("row")["weight"].cumsum())


def _drawn(study: Study, shares: pd.DataFrame, rng: np.random.Generator) -> Study:
    """The study with each ticket's topic drawn from its shares; who asks to leave stays as told."""
    points = rng.random(shares["row"].max() + 1)
    over = shares[shares["until"] > points[shares["row"]] - 1e-9].drop_duplicates("row")
    topic = over.set_index("ticket_id")["topic"]
    causes = study.ticket_causes
    names = causes.groupby("topic")["cause"].agg(lambda of: of.value_counts().index[0])
    taught = causes["cause"] != causes["topic"].map(names)  # by a person, who is not in doubt
    drawn = causes["ticket_id"].map(topic).where(causes["topic"] >= 0)
    drawn = drawn.where(drawn.isin(names.index), causes["topic"]).astype(causes["topic"].dtype)
    drawn = drawn.where(~taught, causes["topic"])
    cause = drawn.map(names).where(~taught, causes["cause"]).astype(causes["cause"].dtype)
    return study_with(study, "ticket_causes", causes.assign(topic=drawn, cause=cause))


def _ratios(study: Study) -> pd.Series | None:
    lives = cause_rows(study)
    fit = None if isinstance(lives, CannotTell) else pooled_fit(lives[0], lives[2])
    if fit is None:
        return None
    return fit.params[[name for name in fit.params.index if name.startswith("overdue: ")]]
