"""Studies mismeasured on purpose, to see what a method makes of it: snapshots and wrong causes."""

import numpy as np
import pandas as pd

from cxresearch.lab.mismeasured import activity_today
from cxresearch.study.study import Study
from cxresearch.study.swapped import study_with


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
