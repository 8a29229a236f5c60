"""Departures beyond those to be expected, by cause: of those who left while it was overdue."""

from dataclasses import dataclass

import pandas as pd

from cxresearch.impact.burden import Burden
from cxresearch.impact.rankings import DEPARTURES, Rankings
from cxresearch.outcomes.hazards import told
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.results import Result
from cxresearch.study.words import view


@dataclass(frozen=True, eq=False)
class Departures(Result):
    """The causes with an estimate of departures, a row each and named by it, most first: left while
    exposed, hazard ratio, low, high, departures with low and high, first (share of draws) and
    verdict (that of CauseRatios: after correction for so many); of so many causes in all."""

    of: int

    def said(self, row: str = "") -> Finding:
        """The cause with most departures beyond the expected, and how many causes can be told."""
        top = self.frame.loc[self.frame["departures"].idxmax()]
        return finding(
            "For {n} of {of} causes departures can be estimated; {sure} of them go with a clearly "
            "different rate (Holm-corrected). Most: {cause}, {value:.0f} ({low:.0f} to {high:.0f}) "
            "of the {left:,.0f} who left while such an issue was overdue; first in {first:.0%} of "
            "draws.",
            n=len(self.frame), of=self.of, sure=int(told(self.frame).sum()), cause=top["cause"],
            value=top["departures"], low=top["departures low"], high=top["departures high"],
            left=top["left while exposed"], first=top["first"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Departures beyond the expected by cause, with the hazard ratios behind them."""
        rows = self.frame.astype({"left while exposed": int})
        beyond = "departures ±.1f as departures beyond"
        return view(rows, "cause", "left while exposed", "hazard ratio ±.2f", beyond)


@cannot_tell_passes
def departures(burden: Burden, ranks: Rankings) -> Departures | CannotTell:
    """Departures beyond those to be expected, of the causes of which they can be estimated."""
    known = burden.frame.dropna(subset="departures").sort_values("departures", ascending=False)
    if known.empty:
        return CannotTell(burden.how.no_departures)
    first = ranks.frame.loc[DEPARTURES, "first"]
    rows = known.assign(first=first, verdict=burden.ratios.frame["verdict"])
    return Departures(rows, len(burden.frame))
