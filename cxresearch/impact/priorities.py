"""The fix list is made here: savings of every cause by each lever, drawn together and ranked."""

import numpy as np
import pandas as pd

from cxresearch.episodes import customer_lives
from cxresearch.impact import kept, revenue
from cxresearch.impact.burden import Burden, cause_burden
from cxresearch.impact.doubt import covariance, delta_interval
from cxresearch.impact.fixes import FixList
from cxresearch.impact.issue_rows import issues
from cxresearch.impact.levers import ALL, LEVERS, PREVENT, SOONER
from cxresearch.impact.model import CauseModel, Expected, cause_model, expected
from cxresearch.impact.order import bands, ranges
from cxresearch.impact.total import total_kept, total_saved
from cxresearch.outcomes.hidden import bound_of, survives
from cxresearch.outcomes.rules import HEADLINE_TOO, RANKING, stopped
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.topics.causes import cause_table

DAY = pd.Timedelta(days=1)
YEAR, AT_MOST = 365, 1.5


def fix_list(
    study: Study,
    model: CauseModel | CannotTell | None = None,
    *,
    effort: pd.Series | dict | None = None,
    minutes_a_reply: float | None = None,
    draws: int = 4000,
    seed: int = 8,
) -> FixList | CannotTell:
    """Every told cause by each lever, in the order of what fixing it would save.

    Intervals and chances come from draws of all causes together, from the shrunken model with the
    errors that its intervals have (shrinkage.widening), made to agree with the total over all
    causes (_agreeing), so chances are on the careful side: ranks
    that hold 95% of draws. A band holds the causes that cannot be told apart from its first one: in
    less than 95% of draws that one saves more. Such a cause may rank below one of the next band.
    Solving sooner saves no tickets; replies stand in for handling time, which an export of
    tickets lacks. effort is by cause, in any unit; without it, what causes.toml says, in days.

    >>> import cxresearch
    >>> first = fix_list(cxresearch.open_study("data/demo"))
    >>> round(float(first.frame["customers kept"].max()), 1)
    18.9
    """
    if model is None and effort is None:
        return _of_a_study(study, minutes_a_reply, draws, seed)
    model = cause_model(study) if model is None else model
    return _fix_list(study, model, effort, minutes_a_reply, draws, seed)


@once
def _of_a_study(study: Study, minutes: float | None, draws: int, seed: int):
    return _fix_list(study, cause_model(study), None, minutes, draws, seed)


def _fix_list(study, model, effort, minutes, draws, seed) -> FixList | CannotTell:
    if isinstance(model, CannotTell):
        return model
    burden = cause_burden(study)
    if isinstance(burden, CannotTell):
        return burden
    cohort = kept.followed(model.rows, YEAR)
    if model.rows["begins"].min() > -YEAR or not cohort["event"].any():
        return CannotTell("what fixing a cause would save in a year: the study is shorter than a "
                          "year, or nobody left in its last one.")  # fmt: skip
    table, due = _causes(study, model, burden, minutes), expected(model.fit, model.rows)
    mrr = revenue.mrr_now(study)
    path = None if isinstance(mrr, CannotTell) else revenue.replay(model.rows, mrr)
    parts, drawn, more = {}, {}, _agreeing(study, model, mrr)
    for lever in LEVERS:
        found = _lever(due, model, lever, table, cohort, path, more, draws, seed)
        parts[lever], drawn[lever] = found
    frame = _per_effort(pd.concat(parts, names=["lever"]), _effort(study, effort))
    frame = _payback(frame, drawn, study.settings.day_price)
    coin, days = str(getattr(mrr, "name", "")), study.settings.unresolved_after_days
    return FixList(frame, coin, drawn, days, _why_not(study, table))


def _agreeing(study: Study, model: CauseModel, mrr) -> dict[str, float]:
    """How many times what the causes save together the total over all of them is, in customers and
    in revenue: its parts are raised to agree with it (benchmarked), at most by half, and never made
    less. 1 where the total is not surely above nothing.

    Source: Datta, Ghosh, Steorts and Maples (2011), Test 20 (benchmarked small area estimates).
    """
    pairs = {
        "customers kept": (total_kept(study), kept.customers_kept(model, [SOONER], days=(YEAR,)),
                           "kept", (SOONER, ALL, YEAR)),
        "revenue": (total_saved(study), revenue.revenue_saved(model, mrr, [SOONER]), "saved",
                    (SOONER, ALL)),
    }  # fmt: skip
    more = {}
    for name, (whole, parts, value, row) in pairs.items():
        more[name] = 1.0
        if not isinstance(whole, CannotTell) and not isinstance(parts, CannotTell):
            told, sum_of = whole.frame.loc[row], float(parts.frame.loc[row, value])
            if told["low"] > 0 and sum_of > 0:
                more[name] = float(np.clip(told[value] / sum_of, 1, AT_MOST))
    return more


def _why_not(study: Study, table: pd.DataFrame) -> CannotTell | None:
    """Why no cause is named as the first to fix, or None."""
    if table["survives"].any():
        return stopped(study, RANKING)
    known, bound = table["hazard ratio"].count(), bound_of(study)
    like = f" by more than a hidden trouble could make (a ratio of {bound:.2f})"
    left = int((customer_lives(study)["end"] == "voluntary").sum())
    return stopped(study, HEADLINE_TOO) or CannotTell(
        f"what to fix first: of {known} causes that were overdue enough to be tested none surely "
        f"goes with more leaving{like}, after correction for so many tests ({left:,} departures)."
    )


def _effort(study: Study, effort: pd.Series | dict | None) -> pd.Series | dict | None:
    """What fixing takes by cause: as given, or the days of work that people wrote down, if any."""
    known = cause_table(study)
    if effort is not None or isinstance(known, CannotTell) or known["effort"].isna().all():
        return effort
    return known.set_index("cause")["effort"]


def _per_effort(rows: pd.DataFrame, effort: pd.Series | dict | None) -> pd.DataFrame:
    if effort is None:
        return rows
    saved = rows["revenue"].where(rows["by"] == "revenue", rows["customers kept"])
    by_cause = pd.Series(effort, dtype=float).reindex(rows.index.get_level_values("cause"))
    spent = by_cause.set_axis(rows.index)
    return rows.assign(effort=spent, **{"saved per effort": saved / spent.where(spent > 0)})


def _payback(rows: pd.DataFrame, drawn: dict[str, pd.DataFrame], price: float) -> pd.DataFrame:
    """What fixing costs, and the chance that it pays within a year, where effort and the price of a
    day are known."""
    if not price or "effort" not in rows or not rows["by"].eq("revenue").all():
        return rows
    cost = rows["effort"] * price
    pays = [float((drawn[lever][cause] > cost[lever, cause]).mean()) for lever, cause in rows.index]
    return rows.assign(cost=cost, **{"pays in a year": pd.Series(pays, rows.index)[cost.notna()]})


def _causes(study: Study, model: CauseModel, burden: Burden, minutes) -> pd.DataFrame:
    """What is known of each told cause that does not depend on the lever."""
    known = burden.frame.loc[burden.frame["cause"].isin(model.told)]
    raw = known[["hazard ratio", "low", "high"]]
    raw = raw.set_axis(["hazard ratio", "ratio low", "ratio high"], axis=1)
    limits = model.fit.conf_int().add_prefix("shrunken ")
    shrunken = np.exp(limits.assign(shrunken=model.fit.params))
    shrunken.index = shrunken.index.str.removeprefix("overdue: ")
    rows = known[["tickets", "customers", "share late"]].join(raw).join(shrunken)
    rows = rows.join(_year_of_work(study, minutes)).rename_axis("cause")
    sure = survives(known, bound_of(study)).reindex(rows.index, fill_value=False)
    return rows.fillna({"tickets saved": 0.0}).assign(survives=sure)


def _year_of_work(study: Study, minutes: float | None) -> pd.DataFrame:
    """By cause: tickets and replies (and hours, at so many minutes a reply) of the last year;
    tickets whose replies are not told took as many as the others of their cause."""
    last = study.tickets.set_index("ticket_id")["created_at"] > study.observed_until - YEAR * DAY
    rows = issues(study)
    rows = rows[rows["ticket_id"].map(last)]
    replies = rows["replies"].astype(float)
    rows = rows.assign(
        replies=replies * rows["weight"], told=rows["weight"].where(replies.notna(), 0.0)
    )
    by = rows.groupby("cause")
    replies = by["replies"].sum(min_count=1) * (by["weight"].sum() / by["told"].sum())
    work = pd.DataFrame({"tickets saved": by["weight"].sum(), "replies saved": replies})
    return work if minutes is None else work.assign(**{"hours saved": replies * minutes / 60})


def _lever(due: Expected, model, lever: str, table, cohort, path, more, draws, seed):
    """The rows of one lever, so many times more, ranked by revenue if it can be told, else by
    customers kept; and the draws."""
    causes, by = list(table.index), "customers kept"
    people = [kept.savings(due, cohort, lever, cause, (YEAR,)) for cause in causes]
    estimate, cov = _together(model, people, more[by])
    rows = table.assign(revenue=np.nan, **{"revenue low": np.nan, "revenue high": np.nan})
    rows = rows.assign(**_named(by, estimate, cov))
    if path is not None and len(path):
        by = "revenue"
        money = [revenue.savings(due, path, lever, cause) for cause in causes]
        first = [(a[:1], s[:1], o[:, :1]) for a, s, o in money]
        estimate, cov = _together(model, first, more[by])
        rows = rows.assign(**_named(by, estimate, cov))
    work = [name for name in rows if name in ("tickets saved", "replies saved", "hours saved")]
    rows[work] *= 1.0 if lever == PREVENT else 0.0
    rng = np.random.default_rng(seed)
    drawn = rng.multivariate_normal(estimate, cov, size=draws, method="eigh")
    drawn = pd.DataFrame(drawn, columns=table.index)
    return rows.assign(by=by).join(_ranked(estimate, drawn)).sort_values("rank"), drawn


def _together(model: CauseModel, parts: list, more: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Savings of several causes, so many times more: estimates and their joint covariance."""
    estimate = np.concatenate([part[0] for part in parts])
    slope, own = np.vstack([part[1] for part in parts]), np.column_stack([p[2] for p in parts])
    return more * estimate, more**2 * covariance(model.fit, model.rows, slope, own)


def _named(name: str, estimate: np.ndarray, cov: np.ndarray) -> dict:
    limits = delta_interval(estimate, cov)
    return {name: estimate, f"{name} low": limits["low"], f"{name} high": limits["high"]}


def _ranked(estimate: np.ndarray, drawn: pd.DataFrame) -> pd.DataFrame:
    """The rank of each estimate, how surely it is held, and its band."""
    held = ranges(drawn.rank(axis=1, ascending=False))
    held = held.rename(columns={"low": "rank low", "high": "rank high"})
    rank = pd.Series(estimate, drawn.columns).rank(ascending=False, method="first").astype(int)
    return held.assign(rank=rank, band=bands(estimate, drawn.to_numpy()))
