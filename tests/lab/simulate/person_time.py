"""A short oracle for the tests: person-time of a simulated world, and PHReg on it."""

import numpy as np
import pandas as pd
from statsmodels.duration.hazard_regression import PHReg

PROMISE = 7.0


def days(times: pd.Series) -> pd.Series:
    """Times as days since 2022 began."""
    return (times - pd.Timestamp("2022-01-01", tz="UTC")) / pd.Timedelta(days=1)


def overdue_spells(tables, truth) -> pd.DataFrame:
    """customer_id, cause, start and stop (days) of every overdue issue of a matched person."""
    tickets = tables["tickets"]
    cause = pd.Series({ticket: of["causes"][0] for ticket, of in truth["tickets"].items()})
    owner = tables["identities"].set_index("requester_id")["customer_id"]
    open_ = ~tickets["status"].isin(["solved", "closed", "deleted"])
    spells = pd.DataFrame(
        {
            "customer_id": tickets["requester_id"].map(owner),
            "cause": tickets["ticket_id"].map(cause),
            "start": days(tickets["created_at"]) + PROMISE,
            "stop": days(tickets["last_solved_at"]).mask(open_, np.inf),
        }
    )
    own = ~tickets["is_spam"] & ~tickets["is_merged"] & (spells["cause"] != "exit_request")
    return spells[own & spells["customer_id"].notna() & (spells["start"] < spells["stop"])]


def person_time(tables, truth) -> pd.DataFrame:
    """One row a customer and stretch in which nothing changed: entry and exit (days as a
    customer), left (decided to leave at exit),
    failed (ended by failed payments at exit), activity, one column of 0 and 1 a cause."""
    customers = tables["customers"].set_index("customer_id")
    started = days(customers["started_at"])
    enter = np.maximum(started, days(pd.Timestamp("2024-01-01", tz="UTC"))) + PROMISE
    leave = customers["notice_at"].fillna(customers["ended_at"])
    leave = days(leave.fillna(customers["observed_until"]))
    spells = overdue_spells(tables, truth)
    use = _activity(tables)
    cuts = pd.concat(
        [
            enter.rename("at").reset_index(),
            leave.rename("at").reset_index(),
            *(
                spells[["customer_id", c]].set_axis(["customer_id", "at"], axis=1)
                for c in ("start", "stop")
            ),
            use[["customer_id", "at"]],
        ]
    )
    of = cuts["customer_id"]
    inside = cuts["at"].between(of.map(enter), of.map(leave))
    cuts = cuts[inside].drop_duplicates().sort_values(["customer_id", "at"], ignore_index=True)
    rows = cuts.assign(until=cuts.groupby("customer_id")["at"].shift(-1)).dropna()
    rows = rows.sort_values("at", ignore_index=True)
    rows = pd.merge_asof(rows, use, on="at", by="customer_id")
    of = rows["customer_id"]
    noticed = customers["notice_at"].notna()
    unpaid = customers["end_kind"] == "involuntary"
    out = pd.DataFrame(
        {
            "entry": rows["at"] - of.map(started),
            "exit": rows["until"] - of.map(started),
            "left": (rows["until"] == of.map(leave)) & of.map(noticed),
            "failed": (rows["until"] == of.map(leave)) & of.map(unpaid),
            "activity": rows["activity"].fillna(use["activity"].mean()),
        }
    )
    return out.join(_exposed(rows, spells))


def hazard_ratios(rows: pd.DataFrame, columns: list[str], event: str = "left") -> pd.DataFrame:
    """Hazard ratio, and its 95% interval, of each column in a Cox model (PHReg, Efron)."""
    entry = np.nextafter(rows["entry"].to_numpy(), np.inf)
    model = PHReg(
        rows["exit"].to_numpy(),
        rows[columns].to_numpy(dtype=float),
        status=rows[event].to_numpy(dtype=int),
        entry=entry,
        ties="efron",
    ).fit()
    at = {"hr": 0.0, "low": -1.96, "high": 1.96}
    values = {name: np.exp(model.params + z * model.bse) for name, z in at.items()}
    return pd.DataFrame(values, index=columns)


def _activity(tables) -> pd.DataFrame:
    history = tables["customer_history"]
    use = history[history["field"] == "activity"]
    level = np.log(use["value"].astype(float).clip(lower=0.1))
    frame = pd.DataFrame(
        {"customer_id": use["customer_id"], "at": days(use["valid_from"]), "activity": level}
    )
    return frame.sort_values("at", ignore_index=True)


def _exposed(rows: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    pairs = rows[["customer_id", "at"]].reset_index().merge(spells, on="customer_id")
    pairs = pairs[(pairs["start"] <= pairs["at"]) & (pairs["at"] < pairs["stop"])]
    counts = pairs.groupby(["index", "cause"]).size().unstack(fill_value=0)
    return counts.clip(upper=1).reindex(rows.index, fill_value=0)
