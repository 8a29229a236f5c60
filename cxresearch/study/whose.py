"""Whose a ticket is: the account that its requester belonged to on the day it was written."""

from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study.once import once

if TYPE_CHECKING:
    from cxresearch.study.study import Study


def account_on_that_day(identities: pd.DataFrame, tickets: pd.DataFrame) -> pd.Series:
    """The customer_id of each ticket; null where its requester is joined to no account on that day.

    Of two accounts on one day the one joined last counts.
    """
    links = identities.merge(
        tickets[["ticket_id", "requester_id", "created_at"]], on="requester_id"
    )
    valid = (links["valid_from"].isna() | (links["valid_from"] <= links["created_at"])) & (
        links["valid_to"].isna() | (links["created_at"] < links["valid_to"])
    )
    links = links[valid].sort_values("valid_from", na_position="first", kind="stable")
    links = links.drop_duplicates("ticket_id", keep="last").set_index("ticket_id")
    return tickets["ticket_id"].map(links["customer_id"]).astype("str")


@once(on_disk=False)
def customers_own(study: "Study") -> pd.DataFrame:
    """The tickets of study.customer_tickets."""
    tickets = study.tickets
    left_out = tickets[["is_spam", "is_merged", "is_deleted"]].fillna(False).any(axis=1)
    own = tickets[~left_out & tickets["requester_id"].notna()]
    return own.assign(customer_id=study.account(own)).sort_values(
        ["created_at", "ticket_id"], ignore_index=True
    )
