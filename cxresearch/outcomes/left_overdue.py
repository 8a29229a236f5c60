"""Who left while an issue of theirs was overdue, and which issues those were."""

import pandas as pd

from cxresearch.episodes import customer_lives, decided, open_spells
from cxresearch.outcomes import leaving
from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.once import once
from cxresearch.study.study import Study


@once
def left_overdue(study: Study) -> pd.DataFrame | CannotTell:
    """The issues that were overdue when their customer decided to leave, of customers whom the
    headline counts so, a row a ticket and cause, by when the customer left: ticket_id, customer_id,
    cause, overdue_at, leaves_at. Without requests to leave."""
    if study.outcome != "churn":
        return DoesNotApply("who left: nobody can be seen to leave here.")
    lives, rows = decided(customer_lives(study)), leaving.model_rows(study)
    if isinstance(rows, CannotTell):
        return rows
    counted = rows.loc[(rows["event"] == 1) & (rows["state"] == "overdue"), "customer_id"]
    gone = lives[lives["customer_id"].isin(counted)][["customer_id", "leaves_at"]]
    rows = open_spells(study).merge(gone, on="customer_id")
    rows = rows[~rows["is_exit_request"] & (rows["overdue_at"] < rows["leaves_at"])]
    rows = rows[~(rows["resolved_at"] < rows["leaves_at"])].sort_values(["leaves_at", "ticket_id"])
    columns = ["ticket_id", "customer_id", "cause", "overdue_at", "leaves_at"]
    return rows[columns].drop_duplicates(ignore_index=True)
