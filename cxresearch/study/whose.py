"""Whose a ticket is: the account that its requester belonged to on the day it was written."""

import pandas as pd


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
