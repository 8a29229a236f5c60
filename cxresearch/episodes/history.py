"""What was known of a customer at a moment: history as it was then, and no snapshot."""

import numpy as np
import pandas as pd

from cxresearch.study.schema import InputError
from cxresearch.study.study import Study


def history_fields(study: Study) -> list[str]:
    """The fields that customer_history holds as they were then: plan, mrr, activity ..."""
    if not study.has("customer_history"):
        return []
    return sorted(study.customer_history["field"].dropna().unique())


def readings(study: Study, field: str) -> pd.DataFrame:
    """The rows of customer_history that tell a field, written in any case, as it was before the
    last day on which the customer was seen: from that day on it is today's value, and no history.
    """
    if not study.has("customer_history"):
        return pd.DataFrame(columns=["customer_id", "valid_from", "field", "value"])
    rows = study.customer_history.loc[lambda rows: rows["field"].str.lower() == field]
    last = pd.Series(study.observed_until, index=rows.index)
    if study.has("customers"):
        seen = study.customers.set_index("customer_id")["observed_until"]
        last = rows["customer_id"].map(seen).fillna(study.observed_until)
    return rows[rows["valid_from"] < last]


def as_it_was(study: Study, field: str, customers: pd.Series, at: pd.Series) -> pd.Series:
    """What a history field held, as text, for each customer at each time; null where not known."""
    if field not in history_fields(study):
        return pd.Series(None, index=customers.index, dtype="str")
    return _latest(study.customer_history.query("field == @field"), customers, at)["value"]


def activity_as_it_was(study: Study, customers: pd.Series, at: pd.Series) -> pd.DataFrame:
    """For each customer at each time the latest reading of activity and the mean of all readings up
    to then: activity, usual_activity (numbers; null where there was none yet)."""
    columns = ["activity", "usual_activity"]
    if "activity" not in history_fields(study):
        return pd.DataFrame(np.nan, index=customers.index, columns=columns)
    readings = study.customer_history.query("field == 'activity'").sort_values("valid_from")
    value = pd.to_numeric(readings["value"], errors="coerce")
    by = value.groupby(readings["customer_id"])
    usual = by.cumsum() / value.notna().groupby(readings["customer_id"]).cumsum()
    readings = readings.assign(activity=value, usual_activity=usual).dropna(subset="activity")
    return _latest(readings, customers, at)[columns]


def _latest(history: pd.DataFrame, customers: pd.Series, at: pd.Series) -> pd.DataFrame:
    """The latest row of a history for each customer at each time."""
    wanted = pd.DataFrame({"customer_id": customers, "at": at}).reset_index(names="row")
    latest = pd.merge_asof(
        wanted.sort_values("at"),
        history.sort_values("valid_from"),
        left_on="at",
        right_on="valid_from",
        by="customer_id",
    )
    return latest.set_index("row").reindex(customers.index)


def with_customer_columns(episodes: pd.DataFrame, study: Study, names: list[str]) -> pd.DataFrame:
    """The episodes with columns of the customers table that were known when customers started.

    Raises InputError for a snapshot: a column as of the export holds what became of a customer, and
    whoever left has none or zero. study.toml says which columns are known (as_of_start).
    """
    for name in names:
        if name not in study.settings.as_of_start:
            raise InputError(
                f"'{name}' is a snapshot: it holds what was true when billing was exported, not "
                "when the customer was at risk. Use customer_history, or, if it was known at the "
                f"start and never changes, add '{name}' to as_of_start in study.toml."
            )
        if name not in study.customers:
            raise InputError(f"The customers table has no column '{name}'.")
    known = study.customers.set_index("customer_id")[names]
    return episodes.drop(columns=names, errors="ignore").join(known, on="customer_id")
