"""Customers' time at risk: from when their exposure is known to the day they decide, or are lost
from sight."""

import numpy as np
import pandas as pd

from cxresearch.episodes.history import as_it_was, history_fields, readings
from cxresearch.study.once import once
from cxresearch.study.study import Study

DAY = pd.Timedelta(days=1)
YEAR = pd.DateOffset(years=1)
KNOWN_OF = 0.8  # of customers, for a field to be one that was known as they began


@once
def customer_lives(study: Study, lag: float = 0) -> pd.DataFrame:
    """Each customer's time at risk, as times: customer_id, started_at, enters_at, leaves_at, end.

    end is voluntary, involuntary, or null where the customer is censored at leaves_at. Leaving is
    at notice or at the end, whichever is first; an end of unknown kind counts as voluntary, and
    kind_unknown says so. Customers never at risk have enters_at >= leaves_at.

    decision_known is False where a yearly contract ended by choice and no notice is on record: the
    decision fell somewhere in the term that began at term_began. `decided` acts on it.

    >>> import cxresearch
    >>> lives = customer_lives(cxresearch.open_study("data/demo"))
    >>> int((lives["end"] == "voluntary").sum())
    1257
    """
    customers = study.customers
    settings = study.settings
    known_from = [known_since(study), settings.time("customers_from")]
    enters = customers["started_at"].clip(lower=max(filter(None, known_from)))
    last_seen = customers["observed_until"].clip(upper=study.observed_until)
    willing = customers["end_kind"].ne("involuntary")
    ends = customers[["notice_at", "ended_at"]].min(axis=1).where(willing, customers["ended_at"])
    seen = ends <= last_seen
    kind = pd.Series(np.where(willing, "voluntary", "involuntary"), index=customers.index)
    unsaid = seen & willing & customers["notice_at"].isna()
    yearly = customers["billing_period"].eq("year").fillna(False).astype(bool)
    began = (customers["ended_at"] - YEAR).clip(lower=customers["started_at"])
    ids = customers["customer_id"]
    activity = as_it_was(study, "activity", ids, enters)
    return pd.DataFrame(
        {
            "customer_id": ids,
            "started_at": customers["started_at"],
            "enters_at": enters + (settings.unresolved_after_days + lag) * DAY,
            "leaves_at": ends.where(seen, last_seen),
            "end": kind.where(seen),
            "kind_unknown": seen & ~customers["end_kind"].isin(["voluntary", "involuntary"]),
            "notice_known": customers["notice_at"].notna(),
            "decision_known": ~(unsaid & yearly),
            "term_began": began.where(unsaid & yearly),
            "billing_period": customers["billing_period"].fillna("unknown"),
            "plan": as_it_was(study, "plan", ids, enters).fillna("unknown"),
            "activity": pd.to_numeric(activity, errors="coerce"),
        }
    )


@once
def at_start(study: Study) -> pd.DataFrame:
    """What was known of each customer when its time at risk began, by customer_id, a column "FIELD
    at start" each: the first reading of every field of numbers in customer_history but activity,
    and the columns of customers that study.toml calls known then (but for the billing period);
    numbers as floats, else text, null where not known by then. What few have by then is left out:
    who has it later is who stayed.
    """
    lives = customer_lives(study).set_index("customer_id")
    known, columns = study.customers.set_index("customer_id"), {}
    for field in dict.fromkeys(name.lower() for name in history_fields(study)):
        if field not in ("activity", "plan"):
            first = readings(study, field).sort_values("valid_from", kind="stable")
            first = first.drop_duplicates("customer_id").set_index("customer_id")
            by_then = first["valid_from"] <= lives["enters_at"].reindex(first.index)
            columns[field] = pd.to_numeric(first["value"].where(by_then), errors="coerce")
    told = [name for name in study.settings.as_of_start if name in known]
    columns |= {name: known[name] for name in told if name not in ("billing_period", "plan")}
    frame = pd.DataFrame(columns, index=known.index).replace([np.inf, -np.inf], np.nan)
    frame = frame.loc[:, frame.notna().mean() >= KNOWN_OF]
    numbers = frame.select_dtypes(["number", "bool", "boolean"]).astype(float)
    texts = frame.drop(columns=numbers.columns).select_dtypes(exclude="datetimetz").astype("str")
    return numbers.join(texts).add_suffix(" at start")


def decided(lives: pd.DataFrame) -> pd.DataFrame:
    """The lives as models from day to day see them: whoever left a yearly contract without a notice
    is censored when that term began, because the day of the decision is not known.

    Taking the end of the term for it moves departures by months and draws a ratio towards 1;
    `renewal_hazard` is the comparison for those contracts.
    """
    unknown = ~lives["decision_known"]
    return lives.assign(
        leaves_at=lives["leaves_at"].mask(unknown, lives["term_began"]),
        end=lives["end"].mask(unknown),
        kind_unknown=lives["kind_unknown"] & ~unknown,
    )


def known_since(study: Study) -> pd.Timestamp:
    """From when on every ticket is known: the setting tickets_from, else the first ticket's day."""
    first = study.tickets["created_at"].min()
    return study.settings.time("tickets_from") or first


def quarter_of(times: pd.Series) -> pd.Series:
    """The quarter of the calendar in which each time lies: 2024Q1."""
    number, known = pd.factorize(times.dt.year * 4 + times.dt.quarter - 1)
    names = pd.array([f"{int(n) // 4}Q{int(n) % 4 + 1}" for n in known], "str")
    return pd.Series(names.take(number, allow_fill=True), times.index)
