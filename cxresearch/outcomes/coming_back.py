"""What share of solved tickets comes back: rival definitions, chance, and curves, in results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.outcomes import outcome
from cxresearch.outcomes.recurrence import DEFINITIONS, WINDOWS, cohort, own_tickets
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import LEAVING, RETURNING, intervals, side, view
from cxresearch.survival import at_days, event_weights, share_by_day
from cxresearch.survival import cumulative_incidence as incidence
from cxresearch.survival.curves import Curves

MONTH = WINDOWS[-1]  # days
SHOWN = 90  # days
ESTIMATE = ["share", "low", "high"]
LIMITS = {
    LEAVING: "The same cause is the same topic, as the machine found it: it is not proof that the "
    "first solution failed. A topic that holds two problems makes them look like one; one split "
    "over several topics seems to come back less than it does. Solved is what the help desk says, "
    "not what the customer says. Who went silent may be content, or on the way out.",
    RETURNING: "Solved is known only of tickets whose answer somebody marked as the solution, and "
    "dates from when that answer was posted. Those who marked it stayed; how often the others come "
    "back cannot be told. People who write under another name are strangers here. Nobody can be "
    "seen to leave, and most of the helped are silent too.",
}


@dataclass(frozen=True, eq=False)
class CameBack(Result):
    """Each definition's share of solved tickets that came back by a day, a row named "same cause
    30" each: definition, day, share, low, high, at_risk, tickets, came back (seen by then); and for
    the headline expected (the share if causes met by chance) and verdict (more, less than that, or
    cannot tell). Null where the export cannot tell."""

    day: int = MONTH

    def said(self, row: str = "headline") -> Finding | CannotTell:
        """The headline; "rivals", what other definitions say; "chance", what chance would make of
        it."""
        told_by = {"rivals": self._rivals, "chance": self._chance}
        return told_by.get(row, self._headline)()

    def table(self) -> pd.DataFrame:
        """A row a definition: the share that came back by each day with its interval, tickets."""
        rows = self.frame.dropna(subset="tickets")
        rows = rows.assign(
            text=intervals(rows, "share"),
            by="within " + rows["day"].astype(int).astype(str) + " days",
        )
        wide = rows.pivot(index="definition", columns="by", values="text")
        wide = wide.reindex(index=rows["definition"].unique(), columns=rows["by"].unique())
        size = rows.drop_duplicates("definition").set_index("definition")["tickets"]
        return wide.assign(**{"solved tickets": size.astype("Int64")})

    def _row(self) -> pd.Series:
        return self.frame.loc[_name("same cause", self.day)]

    def _headline(self) -> Finding | CannotTell:
        row = self._row()
        if pd.isna(row["share"]):
            return CannotTell(
                f"how many issues come back within {self.day} days: nobody was watched so long."
            )
        return finding(
            "Of {n:,} solved tickets **{share:.1%}** come back within {day} days (95% interval "
            "{low:.1%} to {high:.1%}): the same customer writes again about the same cause.",
            day=self.day, n=int(row["tickets"]), **row[ESTIMATE],
        )  # fmt: skip

    def _rivals(self) -> Finding | CannotTell:
        rows = self.frame[self.frame["day"] == self.day].dropna(subset="share")
        others = rows[rows["definition"] != "same cause"]
        if others.empty:
            return CannotTell("what other definitions would say: none could be watched so long.")
        untold = int(self._row()["tickets"] - others["tickets"].min())
        more = " Without {untold:,} tickets whose reopening is not told." if untold else ""
        rows = rows.sort_values("share", kind="stable")
        least, most = rows.iloc[0], rows.iloc[-1]
        return finding(
            "It depends on what counts: from {least:.1%} ({narrow}) to {most:.1%} ({wide}) of the "
            "same tickets come back within {day} days." + more,
            least=least["share"], narrow=least["definition"], most=most["share"],
            wide=most["definition"], day=self.day, untold=untold,
        )  # fmt: skip

    def _chance(self) -> Finding | CannotTell:
        row = self._row()
        if pd.isna(row["share"]):
            return CannotTell("how often causes meet by chance: nobody was watched so long.")
        if row["verdict"] == "cannot tell":
            return CannotTell(
                f"whether more come back than chance would bring: it would bring "
                f"{row['expected']:.1%}, and the interval holds that."
            )
        return finding(
            "By coincidence {expected:.1%} would: who writes often repeats a cause. "
            "So **{how}** come back than by coincidence.",
            expected=float(row["expected"]), how={"less": "fewer"}.get(row["verdict"], "more"),
        )  # fmt: skip


@once
def within(study: Study) -> CameBack | CannotTell:
    """The share that came back within 7, 14 and 30 days, by each definition."""
    rows = {}
    for definition in DEFINITIONS:
        watched = cohort(study, definition)
        for day in WINDOWS:
            if "reopened" in definition:  # which tickets are told of depends on the day
                watched = cohort(study, definition, day)
            if isinstance(watched, CannotTell) and definition == "same cause":
                return watched
            shares = {} if isinstance(watched, CannotTell) else came_back(watched, day)
            rows[_name(definition, day)] = {"definition": definition, "day": day, **shares}
    frame = pd.DataFrame.from_dict(rows, orient="index").drop(columns="effect")
    frame.loc[_name("same cause", MONTH), "expected"] = by_chance(study)
    return CameBack(frame.assign(verdict=side(frame["low"], frame["high"], frame["expected"])))


def by_chance(study: Study, day: int = MONTH) -> float | CannotTell:
    """The share that would come back by a day about the same cause if the next ticket's cause had
    nothing to do with the solved one's: each next ticket times its cause's share of all tickets."""
    watched = cohort(study, "any cause")
    if isinstance(watched, CannotTell):
        return watched
    every = own_tickets(study)
    shares = every.loc[~every["duplicate"], "cause"].value_counts(normalize=True)
    weights = np.where(watched["time"] <= day, event_weights(watched), 0.0)
    return float((weights * watched["cause"].map(shares)).sum())


@once
def back_curves(study: Study) -> Curves | CannotTell:
    """Share that came back by each day after the solution, a curve for each definition that the
    export can tell: definition, day, share, low, high, at_risk."""
    cohorts = {name: cohort(study, name) for name in DEFINITIONS}
    if isinstance(cohorts["same cause"], CannotTell):
        return cohorts["same cause"]
    rows = [r.assign(definition=n) for n, r in cohorts.items() if not isinstance(r, CannotTell)]
    same, every = (came_back(cohorts[n], MONTH)["share"] for n in ("same cause", "any cause"))
    heading = f"Within {MONTH} days {same:.1%} write again on the same cause, {every:.0%} on any"
    if np.isnan([same, every]).any():
        heading = f"Nobody was watched for {MONTH} days"
    return Curves(
        incidence(pd.concat(rows), "definition"), "definition", "came back",
        "solved tickets come back", "the ticket was first solved", "solved tickets that came back",
        heading, SHOWN,
    )  # fmt: skip


@cannot_tell_passes
def on_days(curve: pd.DataFrame) -> pd.DataFrame:
    """A curve of all solved tickets on the days on which shares are told."""
    shown = at_days(curve, None, list(WINDOWS))
    return view(shown, "day", "share ±.1%", "at_risk as tickets watched until then")


def limits(study: Study) -> Finding:
    """What these shares are not."""
    return Finding(LIMITS[outcome(study).WORDS])


def came_back(watched: pd.DataFrame, day: float) -> dict:
    """The share of a cohort that came back by a day: share, low, high, effect, at_risk (on that
    day), tickets, came back (seen by then)."""
    by_day = share_by_day(watched, day)
    return {
        "share": by_day["estimate"], "low": by_day["low"], "high": by_day["high"],
        "effect": by_day["effect"], "at_risk": int((watched["time"] >= day).sum()),
        "tickets": len(watched),
        "came back": int(((watched["time"] <= day) & (watched["status"] == 1)).sum()),
    }  # fmt: skip


def _name(definition: str, day: int) -> str:
    return f"{definition} {day}"
