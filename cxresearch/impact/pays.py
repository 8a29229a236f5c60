"""What fixing costs against what it keeps: the list in the order of what pays."""

from dataclasses import dataclass

import pandas as pd

from cxresearch.impact.fixes import FixList
from cxresearch.impact.levers import SOONER, rough
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.results import Result
from cxresearch.study.words import view

EFFORT = "`effort` (days of work) of each cause in `causes.toml`"
PRICE = "`day_price` in `study.toml`"


@dataclass(frozen=True, eq=False)
class Pays(Result):
    """The fix list's causes whose effort is known, named by it, most kept a day of work first; with
    cost and pays in a year, where the price of a day is known. In coin."""

    coin: str

    def said(self, row: str = "") -> Finding:
        """What pays most, and how surely; or which setting would tell."""
        if self.frame.empty:
            return Finding(f"To order this list by what pays, fill in {EFFORT}, and {PRICE}.")
        top = self.frame.iloc[0]
        said = finding(
            "Per day of work, {cause} pays most: {coin} {saved:,.0f} a day in the first year "
            "({low:,.0f} to {high:,.0f}).",
            cause=str(top.name), coin=self.coin, saved=rough(top["saved per effort"]),
            low=rough(top["revenue low"] / top["effort"]),
            high=rough(top["revenue high"] / top["effort"]),
        )  # fmt: skip
        if "cost" not in self.frame:
            return Finding(f"{said.text} To see what pays, fill in {PRICE}.", said.numbers)
        more = finding(
            " It costs {coin} {cost:,.0f} and pays within a year with a chance of {pays:.0%}.",
            coin=self.coin, cost=top["cost"], pays=top["pays in a year"],
        )  # fmt: skip
        return Finding(said.text + more.text, said.numbers | more.numbers)

    def table(self) -> pd.DataFrame:
        """Kept against cost, cause by cause."""
        if self.frame.empty:
            return self.frame
        known = ["cost ,.0f", "pays in a year .0% as chance to pay in a year"]
        return view(self.frame.reset_index(), "cause", "effort as days of work",
                    f"revenue ±,.0f as {self.coin} kept in a year",
                    "saved per effort ,.0f as kept a day of work",
                    *known * ("cost" in self.frame))  # fmt: skip


@cannot_tell_passes
def pays(fixes: FixList) -> Pays | CannotTell:
    """The causes in the order of what solving them sooner pays a day of work; without rows where
    effort is not known, and then it says where to fill it in."""
    rows = fixes.frame.loc[SOONER]
    if rows["revenue"].isna().all():
        return CannotTell("what pays: what customers pay is not known.")
    if "effort" not in rows:
        return Pays(rows.iloc[:0], fixes.coin)
    known = rows.dropna(subset="saved per effort")
    return Pays(known.sort_values("saved per effort", ascending=False), fixes.coin)
