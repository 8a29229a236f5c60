"""Causes beside each other by what they weigh: tickets, customers, waiting, departures. No money.

Only tickets of known customers that tell a cause and do not ask to leave are counted here. Hours
are not in an export: days of waiting and agents' replies stand in for them and are named so.
"""

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact, norm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from cxresearch.episodes import open_spells
from cxresearch.episodes.return_cohort import return_cohort
from cxresearch.outcomes import outcome
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.study import Study
from cxresearch.topics.causes import named

DAY = pd.Timedelta(days=1)
DRAWS, SEED = 200, 8
RANKED = {
    "churn": ("tickets", "customers", "overdue days"),
    "return": ("tickets", "customers", "unanswered first tickets", "days without answer"),
}
DEPARTURES = "departures"
RATIO = ["hazard ratio", "low", "high", "left while exposed"]


def issues(study: Study) -> pd.DataFrame:
    """A row a ticket and cause: ticket_id, customer_id, cause, weight, late, days, late days,
    replies.

    Churn: late, the issue was open longer than the promise (null: too young to tell); days open in
    all and days overdue, a second time open included, open issues counted until observed_until.
    Return: late, a first ticket in the cohort had no outside answer by the landmark; days without
    an answer, at most until the landmark (null: too young). replies are agents' public answers.
    Requests to leave are left out where there is something to leave.
    """
    told = named(study)[["ticket_id", "cause", "weight", "is_exit_request"]]
    if study.outcome == "churn":
        told = told[~told["is_exit_request"].fillna(False).astype(bool)]
    tickets = known_tickets(study).merge(told, on="ticket_id")
    waits = _open_days if study.outcome == "churn" else _unanswered_days
    rows = tickets.merge(waits(study, tickets), on="ticket_id", how="left")
    rows = rows.rename(columns={"total_agent_replies": "replies"})
    return rows[
        "ticket_id customer_id cause weight late days late_days replies".split()
    ].reset_index(drop=True)


def known_tickets(study: Study) -> pd.DataFrame:
    """Customers' own tickets whose customer is known; in a churn study, is in the customers."""
    tickets = study.customer_tickets.dropna(subset="customer_id")
    if study.outcome == "churn":
        tickets = tickets[tickets["customer_id"].isin(study.customers["customer_id"])]
    return tickets


def by_cause(study: Study) -> pd.DataFrame | CannotTell:
    """A row a cause, the most frequent first.

    tickets; customers, their share of all customers with low and high (Wilson); late, known, share
    late with low and high (Wilson, by issue) and p (against all other causes; Fisher's exact test,
    Holm over causes); days, late days, replies (see issues; sums, weighted where a ticket has
    several causes; null where the export cannot tell). Where it can be seen who leaves also hazard
    ratio with low and high, left while exposed, and departures: those of them beyond what the same
    customers would have had at a ratio of one, if the association is causal, with low and high.
    """
    rows = issues(study)
    if rows.empty:
        return CannotTell("what weighs most: no ticket of a known customer tells a cause.")
    sums = rows.assign(
        **{c: rows[c].astype(float) * rows["weight"] for c in ("days", "late_days", "replies")}
    )
    found = sums.groupby("cause").agg(
        tickets=("weight", "sum"),
        customers=("customer_id", "nunique"),
        late=("late", "sum"),
        known=("late", "count"),
        days=("days", _total),
        **{"late days": ("late_days", _total), "replies": ("replies", _total)},
    )
    everyone = len(study.customers) if study.outcome == "churn" else _askers(study)
    found = found.join(_shares(found["customers"], everyone, "share of customers"))
    found = found.join(_shares(found["late"], found["known"], "share late"))
    found["p"] = _against_rest(found["late"], found["known"])
    found = found.join(_departures(study), on="cause").reset_index()
    return found.sort_values(["tickets", "cause"], ascending=[False, True], ignore_index=True)


@cannot_tell_passes
def rankings(study: Study, causes: pd.DataFrame, draws: int = DRAWS) -> pd.DataFrame:
    """How the causes rank, and how surely: ranking, cause, value, rank, low, high, first, top 3.

    low and high hold the rank in 95% of draws; first and top 3 are shares of draws in which the
    cause is first (and no other with it), or among the first three. A draw takes customers with
    replacement, except for departures, where each cause's hazard ratio is drawn from its own
    interval. Causes whose ratio could not be estimated have no rank by departures. The seed is
    fixed.
    """
    rng = np.random.default_rng(SEED)
    found = [*_counted(study, causes, draws, rng)]
    if causes["departures"].notna().any():
        found.append(_by_departures(causes, draws, rng))
    return pd.concat(found, ignore_index=True)


def _open_days(study: Study, tickets: pd.DataFrame) -> pd.DataFrame:
    """By ticket: late at its first opening, days open and days overdue over all its openings."""
    spells = open_spells(study).drop_duplicates(["ticket_id", "opened_at"])
    until = spells["resolved_at"].fillna(study.observed_until).clip(upper=study.observed_until)
    overdue = (until - spells["overdue_at"]).clip(lower=pd.Timedelta(0)) / DAY
    known = spells["resolved_at"].notna() | (spells["overdue_at"] <= study.observed_until)
    in_time = spells["resolved_at"] <= spells["overdue_at"]
    spells = spells.assign(
        days=((until - spells["opened_at"]) / DAY).clip(lower=0),
        late_days=overdue,
        late=(~in_time).astype("Float64").where(known),
    )
    by = spells.sort_values("opened_at", kind="stable").groupby("ticket_id")
    late = spells.drop_duplicates("ticket_id").set_index("ticket_id")["late"]
    return by[["days", "late_days"]].sum().join(late).reset_index()


def _unanswered_days(study: Study, tickets: pd.DataFrame) -> pd.DataFrame:
    """By ticket: days without an answer up to the landmark; first tickets: late, none by then."""
    after = study.settings.landmark_days * DAY
    each = tickets.drop_duplicates("ticket_id")
    waited = (each["first_reply_at"] - each["created_at"]).fillna(after)
    waited = waited.clip(lower=pd.Timedelta(0), upper=after) / DAY
    old = each["created_at"] + after <= study.observed_until
    cohort = return_cohort(study).set_index("ticket_id")
    late = (~cohort["answered"].astype(bool)).astype("Float64").rename("late")
    days = pd.DataFrame({"ticket_id": each["ticket_id"], "days": waited.where(old)})
    return days.assign(late_days=days["days"]).join(late, on="ticket_id")


def _total(values: pd.Series) -> float:
    return values.sum(min_count=1)


def _against_rest(late: pd.Series, known: pd.Series) -> np.ndarray:
    """p of each cause's share late against that of all others, Holm-corrected."""
    late, in_time = late.astype(int), (known - late).astype(int)
    tables = zip(late, in_time, late.sum() - late, in_time.sum() - in_time, strict=True)
    p = [fisher_exact(np.reshape(counts, (2, 2))).pvalue for counts in tables]
    return multipletests(p, method="holm")[1]


def _askers(study: Study) -> int:
    return study.customer_tickets["customer_id"].nunique()


def _shares(counts: pd.Series, of: pd.Series | int, name: str) -> pd.DataFrame:
    of = pd.Series(of, index=counts.index).astype(float)
    counts = counts.astype(float)
    low, high = proportion_confint(counts, of.where(of > 0, 1), method="wilson")
    bounds = {name: counts / of, f"{name} low": low, f"{name} high": high}
    return pd.DataFrame(bounds, index=counts.index).where(of > 0)


def _departures(study: Study) -> pd.DataFrame:
    """By cause the hazard ratio of leaving and the departures beyond it; empty where unknown."""
    columns = [*RATIO, "departures", "departures low", "departures high"]
    if study.outcome != "churn":
        return pd.DataFrame(columns=columns, dtype=float)
    ratios = outcome(study).by_cause(study)
    if isinstance(ratios, CannotTell):
        return pd.DataFrame(columns=columns, dtype=float)
    found = ratios.frame.set_index("cause")[RATIO].astype(float)
    left = found["left while exposed"]
    bounds = {"departures": "hazard ratio", "departures low": "low", "departures high": "high"}
    return found.assign(**{name: left * (1 - 1 / found[of]) for name, of in bounds.items()})


def _counted(study: Study, causes: pd.DataFrame, draws: int, rng: np.random.Generator):
    """The rankings by sums over customers, each with the ranks in draws of customers."""
    rows = issues(study)
    weight = rows["weight"]
    each = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "cause": rows["cause"],
            "tickets": weight,
            "overdue days": rows["late_days"].astype(float) * weight,
            "unanswered first tickets": rows["late"].astype(float),
            "days without answer": rows["days"].astype(float) * weight,
        }
    )
    sums = each.groupby(["customer_id", "cause"]).sum().assign(customers=1.0)
    n = each["customer_id"].nunique()
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=draws).astype(float)
    for name in RANKED[study.outcome]:
        wide = sums[name].unstack(fill_value=0.0).reindex(columns=causes["cause"])
        yield _ranked(name, wide.sum(), pd.DataFrame(drawn @ wide.to_numpy(), columns=wide.columns))


def _by_departures(causes: pd.DataFrame, draws: int, rng: np.random.Generator) -> pd.DataFrame:
    known = causes.dropna(subset="departures").set_index("cause")
    log = np.log(known[["hazard ratio", "low", "high"]])
    error = (log["high"] - log["low"]) / (2 * norm.ppf(0.975))
    ratio = np.exp(rng.normal(log["hazard ratio"], error, size=(draws, len(known))))
    drawn = known["left while exposed"].to_numpy() * (1 - 1 / ratio)
    return _ranked(DEPARTURES, known["departures"], pd.DataFrame(drawn, columns=known.index))


def _ranked(name: str, values: pd.Series, drawn: pd.DataFrame) -> pd.DataFrame:
    ranks = drawn.rank(axis=1, ascending=False, method="min")
    alone = (ranks == 1).sum(axis=1) == 1
    return pd.DataFrame(
        {
            "ranking": name,
            "cause": values.index,
            "value": values.to_numpy(),
            "rank": values.rank(ascending=False, method="min").astype(int).to_numpy(),
            "low": ranks.quantile(0.025, interpolation="lower").astype(int).to_numpy(),
            "high": ranks.quantile(0.975, interpolation="higher").astype(int).to_numpy(),
            "first": (ranks == 1).mul(alone, axis=0).mean().to_numpy(),
            "top 3": (ranks <= 3).mean().to_numpy(),
        }
    ).sort_values(["rank", "cause"], ignore_index=True)
