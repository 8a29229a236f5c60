"""Do tickets find their customers? Where they do not, churn cannot be studied."""

import pandas as pd

from cxresearch.say import CannotTell
from cxresearch.study import Study

MATCHED_AT_LEAST = 0.90
MATCH_DIFFERS_AT_MOST = 0.05


def match(study: Study) -> pd.DataFrame:
    """How well tickets find their customers: a row a group with matched, of and share.

    Groups: tickets with an account in the customers table; then, where people are joined to
    accounts by identities, customers with any person known, by left or stayed.
    """
    tickets = study.customer_tickets
    customers = study.customers
    rows = {"tickets with an account": tickets["customer_id"].isin(customers["customer_id"])}
    if study.has("identities"):
        known = customers["customer_id"].isin(study.identities["customer_id"])
        left = customers["ended_at"].notna() | customers["notice_at"].notna()
        rows["accounts that left, with a person"] = known[left]
        rows["accounts that stayed, with a person"] = known[~left]
    found = {g: {"matched": int(v.sum()), "of": len(v)} for g, v in rows.items()}
    frame = pd.DataFrame.from_dict(found, orient="index").rename_axis("group")
    return frame.assign(share=frame["matched"] / frame["of"])


def match_gate(study: Study) -> CannotTell | None:
    """Why churn cannot be studied for want of links from tickets to customers, or None."""
    share = match(study)["share"].fillna(0)
    tickets, *accounts = share
    if tickets < MATCHED_AT_LEAST:
        return CannotTell(
            f"only {tickets:.0%} of tickets find their customer (at least {MATCHED_AT_LEAST:.0%} "
            "are needed): an identities table that joins people to accounts would tell."
        )
    left, stayed = accounts or (0, 0)
    if abs(left - stayed) > MATCH_DIFFERS_AT_MOST and min(match(study)["of"]) > 0:
        return CannotTell(
            f"{left:.0%} of the accounts that left but {stayed:.0%} of those that stayed have a "
            "person known in the help desk: such a difference alone makes a hazard ratio."
        )
    return None
