"""What goes with something that differs between tickets: differences in points, tickets alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.teams.handled import BESIDE
from cxresearch.kpis.teams.pooling import scores, slope
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import of_many
from cxresearch.study.results import Result
from cxresearch.study.words import view

LEAST = 30  # tickets on either side
UNTOLD = "cannot be told apart"  # from what tickets are made alike in


@dataclass(frozen=True, eq=False)
class GoesWith(Result):
    """A row a measure: column, tickets, difference (points, tickets alike), low, high, p (Holm),
    verdict (more, less, cannot tell, or UNTOLD: no numbers); where is what goes with it, in words;
    where some tickets have it and others have not, n (with it), share (of these), others (of the
    rest)."""

    where: str

    def said(self, row: str = "") -> Finding | CannotTell:
        """What is most clearly different, or a named row."""
        tells = self.frame[self.frame["verdict"] != UNTOLD]
        if tells.empty or (row and row not in tells.index):
            return CannotTell(
                f"what goes with {self.where}: it {UNTOLD} from what tickets are made alike in."
            )
        of = tells.loc[row or tells["p"].idxmin()]
        told, n = {name: of[name] for name in ("difference", "low", "high")}, len(tells)
        shares = ""
        if "share" in of:
            shares = f" ({of['share']:.0%} beside {of['others']:.0%})"
        says = (
            "With {where}, the share {what} is **{difference:+.1f} points** apart{shares}, tickets "
            "being alike (95% interval {low:+.1f} to {high:+.1f}). It goes with it; why is not "
            "told."
        )
        if of["verdict"] == "cannot tell":
            says = (
                "what goes with {where}: none of {n} shares is clearly apart. Nearest is "
                "{what}, {difference:+.1f} points ({low:+.1f} to {high:+.1f})."
            )
        made = finding(says, where=self.where, what=of["column"], shares=shares, n=n, **told)
        return CannotTell(made.text) if of["verdict"] == "cannot tell" else made

    def table(self) -> pd.DataFrame:
        """A measure a row."""
        both = ["n as with it", "share .1% as of these", "others .1% as of the others"]
        return view(self.frame, "column as share of tickets", "tickets",
                    *(both if "n" in self.frame else ()),
                    "difference ±+.1f as points, tickets alike", "verdict")  # fmt: skip


def differences(
    rows: pd.DataFrame, names: list[str], given: str, beside: list[str], clusters: str
) -> pd.DataFrame | CannotTell:
    """The frame of GoesWith: the slope of each named measure (1 or 0; null: not told) on a column
    given, alike in BESIDE and beside; rows of one cluster are alike. Null where these tell it."""
    made = []
    for name in names:
        of = rows.dropna(subset=[name, given])
        if len(of) < LEAST or of[name].nunique() < 2 or of[given].nunique() < 2:
            continue
        found = slope(scores(of[name], of[[given]], of[[*beside, *BESIDE]], of[clusters]))
        ends = [100 * found[end] for end in ("estimate", "low", "high")]
        row = {"column": name, "tickets": len(of), "p": found["p"],
               **dict(zip(("difference", "low", "high"), ends, strict=True))}  # fmt: skip
        if rows[given].dtype == bool:
            shares = of.groupby(given)[name].agg(["size", "mean"])
            row |= {"n": int(shares.loc[True, "size"]), "share": shares.loc[True, "mean"],
                    "others": shares.loc[False, "mean"]}  # fmt: skip
            if shares["size"].min() < LEAST:
                continue
        made.append(row)
    if not made:
        return CannotTell("too few tickets tell.")
    frame = pd.DataFrame(made).set_axis([row["column"] for row in made])
    p = of_many(frame["p"])
    which = [frame["difference"].isna(), ~(p < 0.05), frame["difference"] > 0]
    verdict = np.select(which, [UNTOLD, "cannot tell", "more"], "less")
    return frame.assign(p=p, verdict=verdict)
