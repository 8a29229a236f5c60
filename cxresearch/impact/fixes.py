"""What to fix first: causes by lever, what each would save, how surely, and for what effort."""

import numpy as np
import pandas as pd

from cxresearch.impact import kept, revenue
from cxresearch.impact.burden import by_cause, issues
from cxresearch.impact.doubt import bounds, covariance
from cxresearch.impact.hazard import expected
from cxresearch.impact.levers import LEVERS
from cxresearch.impact.model import CauseModel, cause_model
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study
from cxresearch.topics.causes import cause_table

DAY = pd.Timedelta(days=1)
YEAR = 365
APART = 0.95
TOP = 3


def fix_list(
    study: Study,
    model: CauseModel | CannotTell | None = None,
    *,
    effort: pd.Series | dict | None = None,
    minutes_a_reply: float | None = None,
    draws: int = 4000,
    seed: int = 8,
) -> pd.DataFrame | CannotTell:
    """A row a lever and cause, in the order of what it would save: lever, cause, tickets,
    customers, share late, hazard ratio (raw) with low and high, shrunken with its low and high;
    customers kept in a year, revenue (null where it cannot be told) and their bounds; tickets saved
    and replies saved, as many as there were in the last year (hours saved, if minutes_a_reply is
    given); by (what ranks: revenue, else customers kept), rank with low and high, top 3 (chance),
    band; effort and saved per effort (of what ranks).

    Intervals and chances come from draws of all causes together, from the shrunken model with the
    errors that its intervals have (shrunken.widening), so chances are on the careful side: ranks
    that hold 95% of draws. A band holds the causes that cannot be told apart from its first one: in
    less than 95% of draws that one saves more. Such a cause may rank below one of the next band.
    Answering sooner saves no tickets; replies stand in for handling time, which an export of
    tickets lacks. effort is by cause, in any unit; without it, what causes.toml says, in days.
    """
    model = cause_model(study) if model is None else model
    if isinstance(model, CannotTell):
        return model
    causes = by_cause(study)
    if isinstance(causes, CannotTell):
        return causes
    table = _causes(study, model, causes, minutes_a_reply)
    parts = [_lever(study, model, lever, table, draws, seed) for lever in LEVERS]
    refused = next((part for part in parts if isinstance(part, CannotTell)), None)
    if refused is not None:
        return refused
    found = pd.concat(parts, ignore_index=True)
    effort = _effort(study) if effort is None else effort
    if effort is not None:
        found["effort"] = found["cause"].map(pd.Series(effort, dtype=float))
        saved = found["revenue"].where(found["by"] == "revenue", found["customers kept"])
        found["saved per effort"] = saved / found["effort"].where(found["effort"] > 0)
    return found


def _effort(study: Study) -> pd.Series | None:
    """The days of work that people wrote down for causes, if they did for any."""
    known = cause_table(study)
    if isinstance(known, CannotTell) or known["effort"].isna().all():
        return None
    return known.set_index("cause")["effort"]


def bands(values: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """The band of each of some numbers; drawn holds draws of them in columns. A band begins with
    the largest number that is left, and all that are not apart from it are in it, wherever they
    stand in the order."""
    left, band, number = list(np.argsort(-values, kind="stable")), np.empty(len(values), int), 0
    while left:
        number += 1
        more = (drawn[:, [left[0]]] > drawn[:, left]).mean(axis=0)
        band[[k for k, share in zip(left, more, strict=True) if share < APART]] = number
        left = [k for k, share in zip(left, more, strict=True) if share >= APART]
    return band


def _causes(study: Study, model: CauseModel, causes: pd.DataFrame, minutes) -> pd.DataFrame:
    """What is known of each told cause that does not depend on the lever."""
    shown = ["cause", "tickets", "customers", "share late"]
    ratio = causes.reindex(columns=["hazard ratio", "low", "high"])
    ratio.columns = ["hazard ratio", "ratio low", "ratio high"]
    found = causes[shown].join(ratio).set_index("cause")
    limits = model.fit.conf_int().add_prefix("shrunken ")
    shrunken = np.exp(limits.assign(shrunken=model.fit.params))
    shrunken = shrunken[shrunken.index.str.startswith("overdue: ")]
    shrunken.index = shrunken.index.str.removeprefix("overdue: ")
    found = found.join(shrunken)
    last = study.tickets.set_index("ticket_id")["created_at"] > study.observed_until - YEAR * DAY
    rows = issues(study)
    rows = rows[rows["ticket_id"].map(last)]
    replies = rows["replies"].astype(float) * rows["weight"]
    by = rows.assign(replies=replies).groupby("cause")
    found["tickets a year"] = by["weight"].sum().reindex(found.index, fill_value=0.0)
    found["replies a year"] = by["replies"].sum(min_count=1).reindex(found.index)
    if minutes is not None:
        found["hours a year"] = found["replies a year"] * minutes / 60
    return found.loc[found.index.isin(model.told)]


def _lever(study, model, lever: str, table: pd.DataFrame, draws: int, seed: int):
    """The rows of one lever, ranked by revenue if it can be told, else by customers kept."""
    here = list(table.index)
    cohort = kept.followed(model.rows, YEAR)
    if model.rows["begins"].min() > -YEAR or not cohort["event"].any():
        return CannotTell("what fixing a cause would save in a year: the study is shorter than a "
                          "year, or nobody left in its last one.")  # fmt: skip
    due = expected(model.fit, model.rows)
    ranked = _together(model, [kept.savings(due, cohort, lever, c, (YEAR,)) for c in here])
    found = table.assign(**_named("customers kept", *ranked[:2]))
    mrr = revenue.mrr_now(study)
    path = None if isinstance(mrr, CannotTell) else revenue.replay(model.rows, mrr)
    told = path is not None and len(path) > 0
    if told:
        parts = [revenue.savings(due, path, lever, c) for c in here]
        ranked = _together(model, [(a[:1], s[:1], o[:, :1]) for a, s, o in parts])
    money = ranked[:2] if told else (np.full(len(here), np.nan),) * 2
    found = found.assign(**_named("revenue", *money))
    found = _saved_work(found, lever).assign(**_ranks(*ranked, draws, seed))
    found.insert(0, "lever", lever)
    found["by"] = "revenue" if told else "customers kept"
    return found.sort_values("rank", kind="stable").reset_index(names="cause")


def _together(model: CauseModel, parts: list):
    """Savings of several causes: estimates, their bounds' half width, and joint covariance."""
    estimate = np.concatenate([part[0] for part in parts])
    slope, own = np.vstack([part[1] for part in parts]), np.column_stack([p[2] for p in parts])
    cov = covariance(model.fit, model.rows, slope, own)
    return estimate, bounds(estimate, cov)["high"] - estimate, cov


def _named(name: str, estimate: np.ndarray, width: np.ndarray) -> dict:
    return {name: estimate, f"{name} low": estimate - width, f"{name} high": estimate + width}


def _saved_work(found: pd.DataFrame, lever: str) -> pd.DataFrame:
    """tickets, replies (and hours) saved in a year: all of them, or none."""
    share = 1.0 if lever == "prevent" else 0.0
    for name in ("tickets", "replies", "hours"):
        if f"{name} a year" in found:
            found = found.assign(**{f"{name} saved": share * found[f"{name} a year"]})
            found = found.drop(columns=f"{name} a year")
    return found


def _ranks(estimate: np.ndarray, _, cov: np.ndarray, draws: int, seed: int) -> dict:
    rng = np.random.default_rng(seed)
    drawn = rng.multivariate_normal(estimate, cov, size=draws, method="eigh")
    ranks = pd.DataFrame(drawn).rank(axis=1, ascending=False)
    return {
        "rank": pd.Series(estimate).rank(ascending=False, method="first").astype(int).to_numpy(),
        "rank low": ranks.quantile(0.025, interpolation="lower").astype(int).to_numpy(),
        "rank high": ranks.quantile(0.975, interpolation="higher").astype(int).to_numpy(),
        "top 3": (ranks <= TOP).mean().to_numpy(),
        "band": bands(estimate, drawn),
    }
