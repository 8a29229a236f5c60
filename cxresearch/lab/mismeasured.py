"""What a snapshot of activity would tell of its customers."""

import pandas as pd

from cxresearch.study.study import Study


def activity_today(study: Study) -> pd.Series:
    """Each customer's activity in a billing export made today: the last that is known, and zero for
    customers who are gone. It holds what became of them: no model may use it."""
    customers = study.customers
    gone = customers.loc[customers["ended_at"] <= study.observed_until, "customer_id"]
    activity = study.customer_history.query("field == 'activity'").sort_values("valid_from")
    last = activity.drop_duplicates("customer_id", keep="last").set_index("customer_id")["value"]
    last = pd.to_numeric(last).reindex(customers["customer_id"])
    return last.mask(last.index.isin(gone), 0.0)
