"""Studies mismeasured on purpose, to see what a method makes of it: snapshots and wrong causes."""

import numpy as np
import pandas as pd

from cxresearch.study.schema import TABLES
from cxresearch.study.study import Study


def study_with(study: Study, name: str, frame: pd.DataFrame) -> Study:
    """The same study with another table in the place of its own."""
    tables = {table: study.table(table) for table in TABLES if study.has(table)}
    other = Study(study.settings, None, tables | {name: frame})
    other.truth = study.truth
    return other


def with_wrong_causes(study: Study, share: float, seed: int) -> Study:
    """The study after topics mistook a share of its tickets: these, drawn at random, swap their
    causes among each other, requests to leave among them."""
    causes = study.ticket_causes
    rng = np.random.default_rng(seed)
    mistaken = rng.choice(len(causes), size=round(share * len(causes)), replace=False)
    told = ["topic", "cause", "is_exit_request"]
    other = causes.copy()
    swapped = causes.loc[causes.index[rng.permutation(mistaken)], told]
    other.loc[causes.index[mistaken], told] = swapped.set_axis(causes.index[mistaken])
    return study_with(study, "ticket_causes", other)


def activity_today(study: Study) -> pd.Series:
    """Each customer's activity in a billing export made today: the last that is known, and zero for
    customers who are gone. It holds what became of them: no model may use it."""
    customers = study.customers
    gone = customers.loc[customers["ended_at"] <= study.observed_until, "customer_id"]
    activity = study.customer_history.query("field == 'activity'").sort_values("valid_from")
    last = activity.drop_duplicates("customer_id", keep="last").set_index("customer_id")["value"]
    last = pd.to_numeric(last).reindex(customers["customer_id"])
    return last.mask(last.index.isin(gone), 0.0)


def with_activity_of_today(study: Study) -> Study:
    """The study as if its history had been made from such an export: activity is today's since the
    customer started."""
    history = study.customer_history
    today = activity_today(study).dropna()
    started = study.customers.set_index("customer_id")["started_at"].reindex(today.index)
    mismeasured = pd.DataFrame({"valid_from": started, "value": today.map("{:.1f}".format)})
    mismeasured = mismeasured.assign(field="activity").rename_axis("customer_id").reset_index()
    kept = history[history["field"] != "activity"]
    return study_with(study, "customer_history", pd.concat([kept, mismeasured])[history.columns])
