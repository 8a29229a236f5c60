"""What would a hidden trouble do? As strong as what was measured, it would take a ratio so far.

A trouble that nobody measured goes with waiting (a ratio of shares) and with leaving (a ratio of
rates). Whatever else is true of it, it can make a ratio at most BOUND = a b / (a + b - 1) times too
high. What was measured shows how large a and b may be.

Sources: Ding and VanderWeele (2016), Epidemiology 27 (the bound); Cinelli and Hazlett (2020), J. R.
Stat. Soc. B 82 (to measure a hidden cause by those that are seen).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from cxresearch.outcomes.doubts import headline_model
from cxresearch.outcomes.models import ADJUSTED, AT_START, ENOUGH_EVENTS, STRATA
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import of_many, z
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import view
from cxresearch.survival import coxph

STRONGEST = "the strongest of each"
# Where nothing was measured: of a trouble with which customers leave twice as often, and are
# overdue half as often again.
UNMEASURED = 1.2
KINDS = {
    "activity": tuple(ADJUSTED),
    "what was known at the start": (AT_START,),
    "contract": ("billing_period",),
    "plan": ("plan",),
}


@dataclass(frozen=True, eq=False)
class Yardstick(Result):
    """What was measured, as a measure of what was not, a named row each: leaving and waiting (how
    many times as often customers leave, and are overdue, on its bad side, against its good one),
    bound (times a ratio could be too far from 1), ratio and low (the headline's, and the end of its
    interval next to 1, so much nearer to 1; low may pass it). The last row takes the strongest of
    each."""

    @property
    def bound(self) -> float:
        """Of a trouble as strong as the strongest measured, in leaving and in waiting."""
        return float(self.frame.loc[STRONGEST, "bound"])

    def said(self, row: str = "") -> Finding | CannotTell:
        """What would be left of the headline."""
        of = self.frame.loc[row or STRONGEST]
        return finding(
            "A hidden trouble as strong as the strongest that was measured would leave {ratio:.2f} "
            "times the rate, and of its interval's nearer end {low:.2f}.",
            ratio=of["ratio"], low=of["low"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Each measured thing, and what a hidden one like it would leave of the headline."""
        rows = self.frame.rename_axis("a hidden trouble like").reset_index()
        return view(rows, "a hidden trouble like", "leaving .2f as leaving, times",
                    "waiting .2f as waiting, times", "bound .2f as too high by at most",
                    "ratio .2f as ratio left", "low .2f as end next to 1")  # fmt: skip


@once
def yardstick(study: Study) -> Yardstick | CannotTell:
    """How strongly each thing that was measured goes with leaving and with waiting, split in halves
    of customers' time by how often customers like that leave. Waiting is against all other time, in
    which many have not written: on the careful side."""
    headline = headline_model(study, "how strong a hidden trouble could be")
    if isinstance(headline, CannotTell):
        return headline
    rows, others, row, fit = headline
    found = {}
    for kind, names in KINDS.items():
        columns = [c for c in others if any(name in c for name in names)]
        if kind in ("contract", "plan"):
            risk = _risk_by(rows, names[0])
        else:
            risk = rows[columns].to_numpy() @ fit.params[columns].to_numpy()
        bad = _worse_half(risk, rows["stop"] - rows["start"])
        if bad is not None:
            dropped = (*columns, *(names if kind in ("contract", "plan") else ()))
            found[kind] = _strength(rows.assign(bad=bad), others, dropped)
    found = {kind: of for kind, of in found.items() if of is not None}
    if not found:
        return CannotTell("how strong a hidden trouble could be: nothing was measured of customers "
                          "that could be its yardstick.")  # fmt: skip
    frame = pd.DataFrame.from_dict(found, orient="index", columns=["leaving", "waiting"])
    frame.loc[STRONGEST] = frame.max()
    a, b = frame["leaving"], frame["waiting"]
    frame["bound"] = a * b / (a + b - 1)
    towards = frame["bound"] if row["hazard ratio"] > 1 else 1 / frame["bound"]
    nearer = row["low"] if row["hazard ratio"] > 1 else row["high"]
    ratio, end = row["hazard ratio"] / towards, nearer / towards
    return Yardstick(frame.assign(ratio=ratio, low=end))


def bound_of(study: Study) -> float:
    """How many times too high a hidden trouble as strong as the strongest measured could make a
    ratio; UNMEASURED where nothing was measured."""
    measure = yardstick(study)
    return UNMEASURED if isinstance(measure, CannotTell) else measure.bound


def survives(causes: pd.DataFrame, bound: float) -> pd.Series:
    """Which causes' ratios are surely above what a hidden trouble of this bound could make alone
    (Holm's p over all that were tested), of rows of by_cause."""
    tested = causes.dropna(subset=["hazard ratio", "low", "high"])
    log = np.log(tested[["hazard ratio", "low", "high"]].astype(float))
    error = (log["high"] - log["low"]) / (2 * z())
    p = 2 * ndtr(-((log["hazard ratio"] - np.log(bound)) / error).clip(lower=0))
    sure = pd.Series(of_many(p) < 0.05 if len(tested) else [], tested.index, dtype=bool)
    return sure.reindex(causes.index, fill_value=False)


def _risk_by(rows: pd.DataFrame, name: str) -> np.ndarray:
    """How often customers left, by what a column holds; where few left, together."""
    left = rows.groupby(name)["event"].transform("sum")
    rows = rows.assign(**{name: rows[name].where(left >= ENOUGH_EVENTS, "others")})
    by = rows.assign(days=rows["stop"] - rows["start"]).groupby(name)[["event", "days"]].sum()
    return rows[name].map(by["event"] / by["days"]).to_numpy()


def _worse_half(risk: np.ndarray, days: pd.Series) -> np.ndarray | None:
    """The rows of the half of the time in which more is risked, where there are two halves."""
    order = np.argsort(risk, kind="stable")
    middle = risk[order][np.searchsorted(days.to_numpy()[order].cumsum(), days.sum() / 2)]
    bad = risk > middle if (risk > middle).any() else risk >= middle
    return bad.astype(int) if 0 < bad.mean() < 1 else None


def _strength(rows: pd.DataFrame, others: list[str], dropped: tuple[str, ...]):
    """How many times as often customers leave, and are overdue, on the bad side; both at least 1,
    whichever side waits."""
    strata = [name for name in STRATA if name not in dropped]
    held = [name for name in others if name not in dropped]
    try:
        fit = coxph(rows, ["any overdue", "bad", *held], strata=strata)
    except InputError:
        return None
    days, waits = rows["stop"] - rows["start"], rows["any overdue"] > 0
    one, other = (np.average(rows.loc[on, "bad"], weights=days[on]) for on in (waits, ~waits))
    if not (0 < one < 1 and 0 < other < 1):
        return None
    shares = (one / other, other / one, (1 - one) / (1 - other), (1 - other) / (1 - one))
    return float(np.exp(abs(fit.params["bad"]))), float(max(shares))
