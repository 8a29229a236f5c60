"""Membership in long lists of text."""

import pandas as pd


def among(values: pd.Series, known: pd.Series | pd.Index) -> pd.Series:
    """values.isin(known) of text: pandas 3 makes an object of each of the known for that."""
    return pd.Series(pd.Index(known).unique().get_indexer(values) >= 0, values.index)
