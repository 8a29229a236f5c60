"""How many customers are still there some time after they joined?"""

from functools import partial

import pandas as pd

from cxresearch.kpis.measure import UNKNOWN, Kpi
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.tidy import DAY, measured, of_them, sees_leaving
from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.told import leaving_untold
from cxresearch.survival import kaplan_meier


def retention(study: Study, days: float = 365, by: str | None = None) -> Standing:
    """Share of customers still there so many days after they joined, however they left.

    The tidy frame of kpis.tidy; target retention_target; month is when they joined. Kaplan-Meier,
    with those still there when last seen censored, so with nobody censored it is the share of the
    cohort. Customers who joined before departures are known (customers_from) count from then on
    only: who left before is not in the table. Greenwood, log-minus-log bounds.

    >>> import cxresearch
    >>> stay = retention(cxresearch.open_study("data/demo"))
    >>> stay.frame["estimate"].round(3).tolist()
    [0.77]
    """
    kpi = Kpi(
        "Retention", f"of customers, still there {days:g} days after they joined",
        target=study.settings.target("retention_target"),
    )  # fmt: skip

    def note(facts: pd.DataFrame) -> str:
        out = f"customers left out: in their first {days:g} days departures were not known"
        return of_them(len(study.customers) - len(facts), out)

    measure = partial(_staying, days=days)
    return measured(study, kpi, lives(study, days), measure, by, note)


@once
def lives(study: Study, days: float = 365) -> pd.DataFrame | CannotTell:
    """A row a customer watched in their first so many days: customer_id, at (joined), entry and
    time (days since: watched from, watched until), event (1 left, 0 still there), mature."""
    if not sees_leaving(study) or not study.has("customers"):
        return DoesNotApply("whether customers stay: a customers table would tell.")
    if lacks := leaving_untold(study):
        return lacks
    customers, since = study.customers, study.settings.time("customers_from")
    joined, ended = customers["started_at"], customers["ended_at"]
    last = customers["observed_until"].clip(upper=study.observed_until)
    left = ended.notna() & (ended <= last)
    late = (since - joined) / DAY if since is not None else pd.Series(0.0, customers.index)
    rows = pd.DataFrame(
        {
            "customer_id": customers["customer_id"],
            "at": joined,
            "entry": late.clip(lower=0.0),
            "time": (ended.where(left, last) - joined) / DAY,
            "event": left.astype(int),
        }
    )
    rows = rows[(rows["entry"] < rows["time"]) & (rows["entry"] < days)].reset_index(drop=True)
    if rows.empty:
        return CannotTell("whether customers stay: nobody was watched from when they joined.")
    return rows.assign(mature=(rows["event"] == 1) | (rows["time"] >= days))


def _staying(part: pd.DataFrame, days: float) -> dict:
    curve = kaplan_meier(part, entry="entry")
    at = curve[curve["day"] <= days].tail(1).squeeze()
    last = part["time"].max()
    emptied = at["survival"] == 0 and last > at["day"] and part["time"].gt(days).any()
    if emptied or (days > last and at["survival"] > 0):
        return {**UNKNOWN, "n": len(part)}
    ends = {"estimate": at["survival"], "low": at["low"], "high": at["high"]}
    return {**{k: float(v) for k, v in ends.items()}, "n": len(part)}
