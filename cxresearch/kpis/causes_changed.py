"""Which causes grew or shrank between two periods: their tickets, and their share of all."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxresearch.study.answers import CannotTell, Finding, plain
from cxresearch.study.results import Result
from cxresearch.study.small_groups import without
from cxresearch.study.words import intervals, listed

NAMED = 3  # changes that a sentence names


@dataclass(frozen=True, eq=False)
class CausesChanged(Result):
    """Each cause's tickets and share in two periods: cause, what (tickets or share), customers, and
    the columns of Change.frame."""

    before: str
    after: str

    def said(self, row: str = "") -> Finding | CannotTell:
        """The causes that take a larger, and a smaller, share of tickets."""
        rows = without(self.frame)[0]
        shares = rows[(rows["what"] == "share") & rows["low"].notna()]
        shares = shares.sort_values("change", kind="stable")
        if shares.empty:
            return CannotTell("which causes take more of the tickets: each has too few customers.")
        if not (shares["verdict"] != "cannot tell").any():
            return CannotTell(
                f"which causes take more of the tickets than before: none of {len(shares)} changed "
                "by surely more than chance."
            )
        counts = rows[rows["what"] == "tickets"].set_index("cause")
        more, less = (
            [f"{plain(cause)} (from {counts.at[cause, 'before']:,.0f} to "
             f"{counts.at[cause, 'after']:,.0f} tickets)" for cause in of]
            for of in (shares.loc[shares["verdict"] == "more", "cause"][::-1],
                       shares.loc[shares["verdict"] == "less", "cause"])
        )  # fmt: skip
        than = f"of the tickets in {self.after} than in {self.before}"
        parts = [
            f"**{how}** {than}: {some(names)}."
            for how, names in (("A larger share", more), ("A smaller share", less))
            if names
        ]
        return Finding(" ".join(parts))

    def table(self) -> pd.DataFrame:
        """A row a cause, its tickets and its share side by side, the largest change first."""
        rows = self.frame.set_index(["what", "cause"])
        tickets, shares = rows.loc["tickets"], rows.loc["share"]
        order = shares["change"].abs().sort_values(ascending=False, kind="stable").index
        tickets, shares = (
            rows.loc[order].assign(change=lambda rows: rows["change"].where(rows["low"].notna()))
            for rows in (tickets, shares)
        )
        shown = pd.DataFrame(
            {
                "cause": order,
                f"tickets {self.before}": tickets["before"].astype("Int64").to_numpy(),
                f"tickets {self.after}": tickets["after"].astype("Int64").to_numpy(),
                "change of tickets": intervals(tickets, "change", "+,.0f"),
                "change of share, points": intervals(
                    shares.assign(**{c: 100 * shares[c] for c in ("change", "low", "high")}),
                    "change", "+.1f"),
                "verdict": shares["verdict"].to_numpy(),
            }
        )  # fmt: skip
        shown.attrs["groups"] = {
            "block": [""] * len(order), "group": list(order),
            "count": [float(n) for n in tickets["customers"]],
        }  # fmt: skip
        return shown


def some(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    return listed([*names[:NAMED], *more])
