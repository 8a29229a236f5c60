"""What was known of a customer at a moment: history as it was then, and no snapshot."""

import numpy as np
import pandas as pd

from cxresearch.study.once import once
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study

HISTORY = ["customer_id", "valid_from", "field", "value"]
NOTHING = pd.DataFrame(columns=HISTORY, dtype="str").astype({"valid_from": "datetime64[us, UTC]"})


def history_fields(study: Study) -> list[str]:
    """The fields that customer_history holds as they were then: plan, mrr, activity ..."""
    if not study.has("customer_history"):
        return []
    return sorted(study.customer_history["field"].unique())


def readings(study: Study, field: str) -> pd.DataFrame:
    """The rows of customer_history that tell a field, written in any case, as it was before the
    last day on which the customer was seen: from that day on it is today's value, and no history.
    """
    if not study.has("customer_history"):
        return pd.DataFrame(columns=HISTORY)
    rows = study.customer_history.loc[lambda rows: rows["field"].str.lower() == field]
    last = pd.Series(study.observed_until, index=rows.index)
    if study.has("customers"):
        seen = study.customers.set_index("customer_id")["observed_until"]
        last = rows["customer_id"].map(seen).fillna(study.observed_until)
    return rows[rows["valid_from"] < last]


def as_it_was(study: Study, field: str, customers: pd.Series, at: pd.Series) -> pd.Series:
    """What a history field held, as text, for each customer at each time; null where not known."""
    return held(study, field, latest(study, customers, at), customers.index)


def activity_as_it_was(study: Study, customers: pd.Series, at: pd.Series) -> pd.DataFrame:
    """For each customer at each time the latest reading of activity and the mean of all readings up
    to then: activity, usual_activity (numbers; null where there was none yet)."""
    return activity_held(study, latest(study, customers, at), customers.index)


def latest(study: Study, customers: pd.Series, at: pd.Series) -> np.ndarray:
    """The place of each customer's latest reading, of any field, at each time; -1 before the first:
    what `held` and `activity_held` look up."""
    rows, known = _sorted(study)
    return last_begun(rows["who"], rows["valid_from"], known.get_indexer(customers), at)


def last_begun(who: pd.Series, since: pd.Series, whose: np.ndarray, at: pd.Series) -> np.ndarray:
    """The place of each number's last row at each time, of rows by who (such a number) and since,
    in their order; -1 where there is none."""
    times, rank = np.unique(since.astype("int64"), return_inverse=True)
    until = np.searchsorted(times, at.dt.as_unit(since.dt.unit).astype("int64"), "right")
    key, wanted = (of * (len(times) + 1) for of in (who.to_numpy(), whose))
    place = np.searchsorted(key + rank + 1, wanted + until, "right") - 1
    return np.where(np.append(who, -1)[place] == whose, place, -1)


def held(study: Study, field: str, place: np.ndarray, index: pd.Index) -> pd.Series:
    """What a field held, as text, at places of `latest`."""
    rows = _sorted(study)[0]
    last = _last(rows, rows["field"] == field, place)
    return pd.Series(rows["value"].array.take(last, allow_fill=True), index)


def activity_held(study: Study, place: np.ndarray, index: pd.Index) -> pd.DataFrame:
    """activity_as_it_was at places of `latest`."""
    rows = _sorted(study)[0]
    last = _last(rows, rows["activity"].notna(), place)
    return rows[["activity", "usual_activity"]].reindex(last).set_axis(index)


def _last(rows: pd.DataFrame, told: pd.Series, place: np.ndarray) -> np.ndarray:
    """The last row at or before each place that is told and the same customer's; else -1."""
    last = np.maximum.accumulate(np.where(told.to_numpy(bool), np.arange(len(rows)), -1))
    last, who = np.append(last, -1)[place], np.append(rows["who"], -1)
    return np.where(who[last] == who[place], last, -1)


@once(on_disk=False)
def _sorted(study: Study) -> tuple[pd.DataFrame, pd.Index]:
    """The history by customer and time, with numbers of activity; and the customers, numbered as in
    its who."""
    rows = study.customer_history[HISTORY] if study.has("customer_history") else NOTHING
    who, known = pd.factorize(rows["customer_id"])
    rows = rows.drop(columns="customer_id").assign(who=who)
    rows = rows.sort_values(["who", "valid_from"], kind="stable", ignore_index=True)
    value = pd.to_numeric(rows["value"].where(rows["field"] == "activity"), errors="coerce")
    usual = value.groupby(rows["who"]).cumsum()
    usual /= value.notna().groupby(rows["who"]).cumsum()
    return rows.assign(activity=value, usual_activity=usual), known


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
