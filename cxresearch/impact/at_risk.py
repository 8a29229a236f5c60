"""What today's open issues put at risk, if they stay open, against resolving them today."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from cxresearch.episodes import open_spells
from cxresearch.impact.doubt import covariance, delta_interval
from cxresearch.impact.levers import IF, SOONER, rough, seen, shift
from cxresearch.impact.model import CauseModel, Expected, expected, of_expected
from cxresearch.impact.revenue import ENOUGH_DAYS, MONTH, NEAR, of_today, paid
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import side

DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, eq=False)
class AtRisk(Result):
    """Revenue of today's open issues, a row a number of days ahead: customers (with an issue open),
    overdue (of these, with one overdue already), mrr (theirs, a month), customers kept and saved
    (customers not lost by then, and revenue, if all were resolved today, against staying open),
    low, high and verdict of the revenue; left out: customers with an issue open whose MRR is not
    known, or who are not among those of today in the model. In coin."""

    coin: str

    def said(self, row: str = "") -> Finding:
        """Whose issues are open today, and what they put at risk in the furthest days."""
        days = self.frame.index.max()
        of = self.frame.loc[days]
        out = " {out:,} more could not be counted." if of["left out"] >= 5 else ""
        return finding(
            "{n:,} of today's customers, who pay {coin} {mrr:,.0f} a month, have an issue open; "
            "for {late:,} it is overdue." + out + " Solving all of them today may keep {coin} "
            "{saved:,.0f} ({low:,.0f} to {high:,.0f}) over {days:g} days, {iff}.",
            n=int(of["customers"]), late=int(of["overdue"]), out=int(of["left out"]), iff=IF,
            coin=self.coin, mrr=rough(of["mrr"]), saved=rough(of["saved"]), low=rough(of["low"]),
            high=rough(of["high"]), days=float(days),
        )  # fmt: skip


def due_later(study: Study) -> pd.DataFrame:
    """Issues open today whose promise has not run out: customer_id, cause, days (until it does, if
    the clock runs from now on; null while the customer is waited for, for as long as that lasts is
    not known)."""
    issues = open_spells(study)
    days = (issues["overdue_at"] - study.observed_until) / DAY
    waits = issues["resolved_at"].isna() & ~(days <= 0)
    return issues.loc[waits, ["customer_id", "cause"]].assign(days=days[waits])


@cannot_tell_passes
def revenue_at_risk(
    model: CauseModel,
    mrr: pd.Series,
    later: pd.DataFrame | None = None,
    days: tuple[int, ...] = (30, 90),
) -> AtRisk | CannotTell:
    """What today's open issues put at risk if they stay open, against resolving them today.

    later (due_later) says when the promise on issues in time runs out; from then on they are
    overdue. Those without a day, or of a cause that has no ratio, add no harm. Without later only
    what is overdue today counts. The rate at which customers of a billing period, plan and span of
    tenure left in the last 90 days, given their issues, is taken to go on; where none did, it is 0.
    Resolved today means solved late for what is overdue: a late solution keeps what harm the model
    says it has. Intervals as in revenue_saved; the error of the rate is in them.
    """
    later = pd.DataFrame(columns=["customer_id", "cause", "days"]) if later is None else later
    now, with_one = _with_issues(model.rows, later, mrr)
    if now.empty:
        return CannotTell(
            f"what today's open issues put at risk: of {with_one:,} customers with an issue "
            "open none is known to be still a customer, and what they pay."
        )
    recent = _recent(model.rows)
    if not recent["event"].any():
        return CannotTell(f"what today's open issues put at risk: nobody left in the last "
                          f"{ENOUGH_DAYS} days. More customers would tell.")  # fmt: skip
    due = expected(model.fit, recent, strata=["billing_period", "plan"])
    later = later[("overdue: " + later["cause"].astype("str")).isin(model.fit.params.index)]
    rows = {length: _row(model, due, _ahead(now, later, length)) for length in days}
    whom = {"customers": len(now), "overdue": int((now["overdue"] > 0).sum()),
            "mrr": now["mrr"].sum(), "left out": with_one - len(now)}  # fmt: skip
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("days").assign(**whom)
    return AtRisk(frame.assign(verdict=side(frame["low"], frame["high"], 0)), str(mrr.name))


def _with_issues(rows: pd.DataFrame, later: pd.DataFrame, mrr: pd.Series):
    """The rows of today's customers with an issue open, with what they pay, where that is known;
    and how many customers have one."""
    today = among(rows["customer_id"], of_today(rows)) & (rows["ends"] > -NEAR)
    waits = among(rows["customer_id"], later["customer_id"])
    now = rows[today & ((rows["overdue"] > 0) | waits)]
    with_one = set(now["customer_id"]) | set(later["customer_id"])
    now = now[now["customer_id"].isin(mrr.index)]
    return now.assign(mrr=now["customer_id"].map(mrr)), len(with_one)


def _row(model: CauseModel, due: Expected, ahead: pd.DataFrame) -> dict:
    kept, saved, slope, own = _resolved_today(model, due, ahead)
    limits = delta_interval(np.array([saved]), covariance(model.fit, model.rows, slope, own))
    (low,), (high,) = limits["low"], limits["high"]
    return {"customers kept": kept, "saved": saved, "low": low, "high": high}


def _recent(rows: pd.DataFrame) -> pd.DataFrame:
    """What of the rows lies in the last 90 days."""
    recent = rows[rows["ends"] > -ENOUGH_DAYS]
    return recent.assign(start=recent["start"] + (-ENOUGH_DAYS - recent["begins"]).clip(lower=0))


def _ahead(now: pd.DataFrame, later: pd.DataFrame, length: int) -> pd.DataFrame:
    """The days ahead of each customer, cut where a promise runs out: the columns of now (index: its
    row), days, and more (the causes that have become overdue by then)."""
    pieces = []
    due = dict(list(later.sort_values("days").groupby("customer_id")))
    for at, who in now["customer_id"].items():
        of = due.get(who)
        cuts = [] if of is None else sorted({d for d in of["days"] if d < length})
        for begins, ends in zip([0.0, *cuts], [*cuts, length], strict=True):
            more = [] if of is None else list(of.loc[of["days"] <= begins, "cause"])
            pieces.append((at, ends - begins, frozenset(more)))
    ahead = pd.DataFrame(pieces, columns=["row", "days", "more"]).set_index("row")
    return ahead.join(now).rename_axis(index=None)


def _resolved_today(model: CauseModel, due: Expected, ahead: pd.DataFrame):
    """Customers and revenue saved over the days ahead; the revenue's slope in the log hazard ratios
    and what each row of the model adds to its error at given ratios."""
    beta = model.fit.params.to_numpy()
    names, at = list(model.fit.params.index), due.rows.index.get_indexer(ahead.index)
    resolved, stays = _if_resolved(ahead, names), _if_open(ahead, names)
    times = ahead["days"].to_numpy() / (due.rows["stop"] - due.rows["start"]).to_numpy()[at]
    pays, saved, courses = ahead["mrr"].to_numpy() / MONTH, 0.0, []
    by, slope = np.zeros(len(due.rows)), np.zeros(len(names))
    for sign, moved in ((1, resolved), (-1, stays)):
        factor = np.exp(moved @ beta)
        hazard = due.due[at] * times * factor
        income, fall = paid(ahead, hazard, pays)
        saved += sign * income
        by += sign * np.bincount(at, fall * factor * times, len(by))
        slope += sign * (csr_matrix((fall * hazard)[None, :]) @ moved).toarray()[0]
        courses.append(pd.Series(hazard).groupby(ahead["customer_id"].to_numpy()).sum())
    kept = float((np.exp(-courses[0]) - np.exp(-courses[1])).sum())
    by_rate, recent = of_expected(due, by)
    own = np.zeros((len(model.rows), 1))
    own[model.rows.index.get_indexer(due.rows.index), 0] = recent
    return kept, saved, (slope + by_rate)[None, :], own


def _if_resolved(ahead: pd.DataFrame, names: list[str]) -> csr_matrix:
    """Covariates less today's, if all is resolved today: what was overdue is solved late, and what
    was solved late before stays remembered."""
    moved = shift(seen(ahead), SOONER, seen(ahead).causes, names).tolil()
    if "solved late" in names:
        moved[:, names.index("solved late")] = (ahead["overdue"] > 0).to_numpy(int)[:, None]
    return moved.tocsr()


def _if_open(ahead: pd.DataFrame, names: list[str]) -> csr_matrix:
    """Covariates less today's, if all stays open: what the promise runs out on is overdue."""
    moved = np.zeros((len(ahead), len(names)))
    for k, more in enumerate(ahead["more"]):
        new = {f"overdue: {cause}" for cause in more} & set(names)
        for name in new:
            moved[k, names.index(name)] = 1 - ahead[name].iloc[k]
        for name in {"solved late", "none"} & set(names) if new else ():
            moved[k, names.index(name)] = -ahead[name].iloc[k]
    return csr_matrix(moved)
