"""What speaks against the headline: rules fixed beforehand, each with its limit, what it stops and
what would tell.

A rule that stops the headline takes the ratio, the savings and the ranking with it; one that stops
the ranking leaves the ratio. A control that could not have warned is said to be none, and stops
nothing: what is left then is whether the finding would outlive a hidden trouble (hidden). Nor does
leaving before the promise has run out: a request to leave that was missed looks the same.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.episodes import build_episodes, exposure_gate
from cxresearch.episodes.checks import CLOSE_TO_THE_END, TIDY, closures
from cxresearch.outcomes.doubts import causes_differ, halves, headline_model
from cxresearch.outcomes.issue_cohort import balanced, landmarks
from cxresearch.outcomes.models import (
    DUE,
    HEADLINE,
    Comparison,
    adjustable,
    modelled,
    ratio_row,
    with_departures,
)
from cxresearch.study.answers import CannotTell, Finding, plain
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import interval, listed, side
from cxresearch.survival import smallest_hazard_ratio
from cxresearch.topics.causes import harmless, named

UNLIKE = 0.25  # standard deviations; beyond, adjusting depends on its form: Rubin (2001), Health
# Services and Outcomes Research Methodology 2
FEW = 0.10  # of a group's issues, the least that their weights may leave of them
HEADLINE_TOO, RANKING, NOTHING = "headline", "ranking", "nothing"
DOUBLED = 2.0  # a control that cannot show this ratio is none
WEAK = ", so it is no control"
NO_POWER = "could not have warned, so it is no control: {seen} departures"
BEFORE = Comparison(
    DUE, "open in time / solved in time", ("none", "overdue", "solved late"),
    "customers whose issue is open and not yet overdue", "those whose issue was solved in time",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Rules(Result):
    """A row a rule, named by what it looks for: found and limit in words, speaks (does it speak
    against the headline?), stops (headline, ranking or nothing), tells (what would tell), able
    (could it have spoken?). Too many tickets of nobody known are refused before (match_gate)."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """That none of those that stop anything speaks; or which do, and what would tell."""
        able = self.frame["able"]
        deciding = self.frame[(self.frame["stops"] != NOTHING) & able]
        spoken = deciding[deciding["speaks"]]
        if spoken.empty:
            weak = int((~able).sum())
            silent = f" Not counted: {weak} that could not have warned." * bool(weak)
            return Finding(f"None of the {len(deciding)} rules that could withhold it speaks "
                           f"against the comparison.{silent}", {"n": len(deciding)})  # fmt: skip
        parts = [f"{name[:1].upper()}{name[1:]} ({of['found']}). {of['tells']}"
                 for name, of in spoken.iterrows()]  # fmt: skip
        return Finding(f"Against the comparison: {' '.join(parts)}")

    def stopped(self, what: str) -> CannotTell | None:
        """Why the headline, or the ranking, is withheld; None if no rule stops it."""
        stops = [HEADLINE_TOO] if what == HEADLINE_TOO else [HEADLINE_TOO, RANKING]
        spoken = self.frame[self.frame["speaks"] & self.frame["stops"].isin(stops)]
        if spoken.empty:
            return None
        of = spoken.iloc[0]
        asked = {
            HEADLINE_TOO: "whether customers with an overdue issue leave more often",
            RANKING: "what to fix first",
        }[what]
        return CannotTell(f"{asked}: {spoken.index[0]} ({of['found']}). {of['tells']}")

    def table(self) -> pd.DataFrame:
        """What each rule found, and what it stops where it speaks."""
        rows = self.frame.rename_axis("rule").reset_index()
        rows["speaks"] = rows["speaks"].map({True: "yes", False: "no"})
        return rows[["rule", "found", "limit", "speaks", "stops"]]


@once
def rules(study: Study) -> Rules | CannotTell:
    """Every rule on this study."""
    if gate := exposure_gate(study):
        return gate
    headline = headline_model(study, "what speaks against the comparison")
    if isinstance(headline, CannotTell):
        return headline
    rows, adjusted = adjustable(modelled(build_episodes(study)))
    found: dict[str, dict] = {}
    for name, rule in RULES.items():
        found |= {name: of} if (of := rule(study, rows, adjusted)) else {}
    return Rules(pd.DataFrame.from_dict(found, orient="index"))


def stopped(study: Study, what: str = HEADLINE_TOO) -> CannotTell | None:
    """Why the headline (or the ranking) is withheld; None where no rule stops it, or where there is
    none to withhold."""
    if study.outcome != "churn":
        return None
    of = rules(study)
    return None if isinstance(of, CannotTell) else of.stopped(what)


def _closing(study: Study, rows: pd.DataFrame, adjusted: list[str]) -> dict:
    every = build_episodes(study).sort_values(["customer_id", "start"], kind="stable")
    of = min((closures(every, on) for on in ("overdue", "open")), key=lambda of: of["p"])
    return {
        "found": f"{of['near']:,} of {of['closures']:,} closures in the last {CLOSE_TO_THE_END} "
        f"days, where {of['share']:.1%} of the time open lies",
        "limit": f"p below {TIDY:g}", "speaks": of["p"] < TIDY, "stops": HEADLINE_TOO,
        "tells": "When issues were really solved would tell: what customers answered, or what was "
        "opened again.",
        "able": True,
    }  # fmt: skip


def _against_their_will(study: Study, rows: pd.DataFrame, adjusted: list[str]) -> dict:
    ends = rows.assign(event=(rows["end"] == "involuntary").astype(int))
    return _control(ends, HEADLINE, adjusted, HEADLINE_TOO, "What else changes with waiting would "
                    "tell: something sets customers who wait apart.")  # fmt: skip


def _before_the_promise(study: Study, rows: pd.DataFrame, adjusted: list[str]) -> dict:
    return _control(rows, BEFORE, adjusted, NOTHING, "A shorter promise would tell: harm begins "
                    "earlier, requests to leave were missed, or something hidden goes with long "
                    "answers and with leaving.")  # fmt: skip


def _harmless(study: Study, rows: pd.DataFrame, adjusted: list[str]) -> dict | None:
    declared = harmless(study)
    if not declared:
        return None
    by = build_episodes(study, by="cause")
    names = [f"overdue: {cause}" for cause in declared if f"overdue: {cause}" in by]
    seen, adjusted = adjustable(modelled(by))
    seen = seen.assign(declared=seen[names].any(axis=1).astype(int))
    others = [c for c in seen if str(c).startswith("overdue: ") and c not in names]
    other = seen[others].any(axis=1).astype(int)
    of = Comparison("declared", "", (*HEADLINE.beside, "other"), "", "")
    return _control(seen.assign(other=other), of, adjusted, HEADLINE_TOO, "A cause that a person "
                    f"calls harmless ({plain(listed(declared))}) goes with leaving: it is not, or "
                    "something hidden is at work.")  # fmt: skip


def _control(rows, of: Comparison, adjusted, stops: str, tells: str) -> dict:
    """A comparison in which nothing should be found: it speaks where its interval leaves out 1."""
    seen = ratio_row(rows, of, adjusted)
    known, _ = with_departures(rows, of.beside)
    beside = known[~known[[name for name in of.beside if name in known]].any(axis=1)]
    days = (beside["stop"] - beside["start"]).to_numpy()
    share = np.average(beside[of.exposure] > 0, weights=days) if days.sum() else 0.0
    least = smallest_hazard_ratio(int(beside["event"].sum()), float(share))
    if np.isnan(seen["hazard ratio"]) or not np.isfinite(least):
        counts = NO_POWER.format(seen=f"{seen['left while exposed']:,}")
        return _row(counts, "its interval holds 1", False, stops, tells, able=False)
    speaks = str(side(seen["low"], seen["high"])) != "cannot tell"
    shown = interval(seen["hazard ratio"], seen["low"], seen["high"], ".2f")
    able = speaks or least <= DOUBLED
    return _row(f"ratio {shown}; could have shown {least:.1f}{'' if able else WEAK}",
                "its interval holds 1", speaks, stops, tells, able)  # fmt: skip


def _row(
    found: str, limit: str, speaks: bool, stops: str, tells: str, able: bool = True
) -> dict[str, str | bool]:
    return {"found": found, "limit": limit, "speaks": speaks, "stops": stops, "tells": tells,
            "able": able}  # fmt: skip


def _unlike(study: Study, rows: pd.DataFrame, adjusted: list[str]) -> dict | None:
    table = balanced(study)
    if isinstance(table, CannotTell):
        return None
    worst, before = (table[when].abs().max() for when in ("after", "before"))
    if np.isnan(worst):
        return None
    return _row(f"at most {worst:.2f} standard deviations ({before:.2f} before)", f"{UNLIKE:g}",
                bool(worst > UNLIKE), HEADLINE_TOO, "More that is known of customers when they "
                "write would tell.")  # fmt: skip


def _overlap(study: Study, rows: pd.DataFrame, adjusted: list[str]) -> dict | None:
    table = balanced(study)
    if isinstance(table, CannotTell):
        return None
    weighted = landmarks(study)
    if isinstance(weighted, CannotTell):
        return _row("one row in 20 has no like", f"{FEW:.0%} of a group", True, HEADLINE_TOO,
                    "Customers of one kind alone would tell (a part of the study).")  # fmt: skip
    left = float(weighted.frame["effective"].iloc[0] / weighted.frame["issues"].iloc[0])
    return _row(f"{left:.0%} of a group's issues count", f"{FEW:.0%}", left < FEW, HEADLINE_TOO,
                "Customers of one kind alone would tell (a part of the study).")  # fmt: skip


def _turns(study: Study, rows: pd.DataFrame, adjusted: list[str]) -> dict:
    split = halves(study)
    turned = [of for of in split if of["p"] < 0.05 and (of["one"] - 1) * (of["two"] - 1) < 0]
    shown = "; ".join(of["found"] for of in split) or "too few departures"
    return _row(shown, "both halves on one side of 1", bool(turned), HEADLINE_TOO,
                "One number stands for opposite ones: read the two halves on page 06.")  # fmt: skip


def _order(study: Study, rows: pd.DataFrame, adjusted: list[str]) -> dict | None:
    if named(study)["cause"].nunique() < 2:
        return None
    differ = causes_differ(study)
    if isinstance(differ, CannotTell) or np.isnan(differ["p"]):
        return _row("too few departures", "p below 0.05", True, RANKING, "More months would tell.")
    return _row(differ["found"], "p below 0.05", bool(differ["p"] >= 0.05), RANKING, "More months "
                "would tell, or fewer, larger causes.")  # fmt: skip


RULES: dict[str, Callable] = {
    "issues are closed just before customers leave": _closing,
    "customers who wait also end against their will": _against_their_will,
    "customers leave more before the promise has run out": _before_the_promise,
    "causes that were declared harmless go with leaving": _harmless,
    "those who wait are unlike the others, once weighted": _unlike,
    "hardly anybody who waits has a like who does not": _overlap,
    "the ratio turns with time": _turns,
    "causes differ no more than causes dealt at random": _order,
}
