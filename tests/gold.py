"""R's answers (tests/reference/gold.csv) as series by name or by day."""

from pathlib import Path

import pandas as pd

REFERENCE = Path(__file__).parent / "reference"
GOLD = pd.read_csv(REFERENCE / "gold.csv", keep_default_na=False, na_values={"time": [""]})


def r_says(case: str, quantity: str) -> pd.Series:
    """One quantity of a case: by day where it has days, else by name."""
    found = GOLD[(GOLD["case"] == case) & (GOLD["quantity"] == quantity)]
    return found.set_index("time" if found["time"].notna().any() else "name")["value"].astype(float)


def after(curve: pd.DataFrame, days: pd.Index) -> pd.DataFrame:
    """A curve's rows that hold on given days."""
    return curve.set_index("day").reindex(days, method="ffill")
