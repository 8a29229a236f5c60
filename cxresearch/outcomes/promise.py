"""After how many days is an issue overdue? What was promised, what other days would say, and from
which day on customers leave more."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.episodes import build_episodes, exposure_gate, known_since
from cxresearch.outcomes.models import (
    COMPARISONS,
    ENOUGH_EVENTS,
    HEADLINE,
    STRATA,
    adjustable,
    modelled,
    ratio_row,
    usable,
)
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import side, view
from cxresearch.survival import coxph

SHOWN = (3.0, 7.0, 14.0)
TRIED = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 21.0, 30.0)
APART = 3.84  # of twice the log likelihood: 95%, one degree of freedom
MEMORY = 90.0  # days, of build_episodes
DAY = pd.Timedelta(days=1)
NO_EFFECT = (
    "from which day on customers leave more: of no day tried ({first:g} to {last:g}) do those "
    "whose issue is open for longer surely leave more often."
)
FROM_THE_FIRST = (
    "from which day on customers leave more: they do so from the first day of waiting on. So would "
    "those who ask to leave in words that were not recognised. Marking such requests would tell."
)


@dataclass(frozen=True, eq=False)
class Promise(Result):
    """The headline by the days of the promise, a row each: days, hazard ratio, low, high, left
    while exposed, verdict; the days that hold, and whether nobody gave them."""

    days: float
    assumed: bool

    def said(self, row: str = "") -> Finding:
        """What overdue means here, and who said so."""
        if not self.assumed:
            return finding("Overdue means open for more than {days:g} days, the promise that this "
                           "study was given.", days=self.days)  # fmt: skip
        return finding(
            "Overdue means open for more than {days:g} days: **nobody said so**. Write the promise "
            "into study.toml (unresolved_after_days); what other days would say stands below.",
            days=self.days,
        )

    def table(self) -> pd.DataFrame:
        """The headline for each number of days."""
        return view(self.frame, "days as overdue after, days", "hazard ratio ±.2f",
                    "left while exposed")  # fmt: skip


@once
def promise(study: Study) -> Promise | CannotTell:
    """What overdue means, and the headline for other days."""
    if gate := exposure_gate(study):
        return gate
    days = study.settings.unresolved_after_days
    rows = []
    for each in sorted({*SHOWN, days}):
        seen, adjusted = adjustable(modelled(build_episodes(_with(study, each))))
        rows.append({"days": each, **ratio_row(seen, HEADLINE, adjusted)})
    frame = pd.DataFrame(rows)
    frame = frame.assign(verdict=side(frame["low"], frame["high"]))
    return Promise(frame, days, study.settings.promise_assumed)


@dataclass(frozen=True, eq=False)
class Proposed(Result):
    """How well each number of days tells who leaves, a row each: days, fit (twice the log
    likelihood below the best), inside (may it be the day?), hazard ratio, low, high."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """The day from which customers leave more, with those that cannot be told apart."""
        best = self.frame.loc[self.frame["fit"].idxmin()]
        if not (self.frame["low"] > 1).any():
            return CannotTell(NO_EFFECT.format(first=TRIED[0], last=TRIED[-1]))
        if best["days"] == TRIED[0] and self.frame["inside"].sum() == 1:
            return CannotTell(FROM_THE_FIRST)
        inside = self.frame.loc[self.frame["inside"], "days"]
        return finding(
            "Customers leave more from about {best:g} days on ({low:g} to {high:g} could be the "
            "day): a promise of so many days would be one that matters.",
            best=best["days"], low=inside.min(), high=inside.max(),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Each day tried."""
        shown = self.frame.assign(inside=self.frame["inside"].map({True: "yes", False: "no"}))
        return view(shown, "days as open for more than, days", "hazard ratio ±.2f",
                    "fit .1f as worse than the best by", "inside as may be the day")  # fmt: skip


@once
def proposed(study: Study) -> Proposed | CannotTell:
    """From which day on customers leave more: the likelihood of the headline's model for each of
    TRIED, over the same days of the same customers, and the 95% set that it leaves (profile
    likelihood; Venzon and Moolgavkar 1988, Appl. Stat. 37)."""
    if gate := exposure_gate(study):
        return gate
    found = [of for days in TRIED if (of := _tried(study, days))]
    if not found:
        return CannotTell("from which day on customers leave more: too few departures.")
    frame = pd.DataFrame(found)
    frame["fit"] = 2 * (frame["loglik"].max() - frame["loglik"])
    frame = frame.drop(columns="loglik")
    return Proposed(frame.assign(inside=frame["fit"] < APART))


def _tried(study: Study, days: float) -> dict | None:
    rows, adjusted = adjustable(modelled(build_episodes(_with(study, days))))
    rows = _from(study, rows)
    left = rows[rows["event"] == 1]
    if not ENOUGH_EVENTS <= left["any overdue"].sum() <= len(left) - ENOUGH_EVENTS:
        return None
    beside = [name for name in COMPARISONS["second"].beside if left[name].any()]
    try:
        fit = coxph(rows, ["any overdue", *beside, *usable(rows, adjusted)], strata=STRATA)
    except InputError:
        return None
    ratio = fit.summary_frame().loc["any overdue", ["hazard_ratio", "low", "high"]]
    return {"days": days, "loglik": fit.loglik[1],
            **dict(zip(("hazard ratio", "low", "high"), ratio, strict=True))}  # fmt: skip


def _from(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows from when on they are there whatever the promise, so that all have the same."""
    latest = max(TRIED)
    started = study.customers.set_index("customer_id")["started_at"]
    known = (known_since(study) - started) / DAY
    from_customers = study.settings.time("customers_from") or known_since(study)
    enters = np.maximum(known, (from_customers - started) / DAY).clip(lower=0) + latest
    settled = (known + latest + MEMORY).where(known > 0, 0)
    first = rows["customer_id"].map(np.maximum(enters, settled))
    rows = rows.assign(start=np.maximum(rows["start"], first))
    return rows[rows["stop"] > rows["start"] + 1e-6]


def _with(study: Study, days: float) -> Study:
    same = days == study.settings.unresolved_after_days
    return study if same else study.with_settings(unresolved_after_days=days)
