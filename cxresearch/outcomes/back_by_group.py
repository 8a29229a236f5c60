"""What share of solved tickets comes back, cause by cause and month by month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.outcomes.coming_back import MONTH, came_back
from cxresearch.outcomes.hazards import told
from cxresearch.outcomes.recurrence import DAY, cohort, solved_tickets
from cxresearch.outcomes.shares import GroupShares
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import of_many
from cxresearch.study.once import once
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.words import each, view
from cxresearch.survival import against_rest

ENOUGH_EVENTS = 5  # seen in a cause and outside of it, for a normal interval of their difference
LARGEST = 12  # causes drawn


@dataclass(frozen=True, eq=False)
class CausesBack(GroupShares):
    """Each cause's share that came back within a month: cause, tickets, came back, share, low,
    high, difference (from the rest, as a share), p (Holm over causes), verdict."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many causes come back clearly more or less often than all others (Holm), and the
        ends of these."""
        rows, of = without(self.frame)[0], len(self.frame)
        clear = rows[told(rows)].sort_values("share")
        if clear.empty:
            return CannotTell(
                f"which cause comes back most within {MONTH} days: none of {of} differs clearly "
                "from all others."
            )
        says = "Of {of} causes {n} come back clearly more or less often than all others."
        ends = {"More": clear.tail(1), "Less": clear.head(1)}
        ends = {how: e for how, e in ends.items() if e["verdict"].item().endswith(how.lower())}
        says += "".join(f" {how} often: {{{how}}}." for how in ends)
        ends = {how: each(end["cause"], end, "share") for how, end in ends.items()}
        return finding(says, of=of, n=len(clear), **ends)

    def table(self) -> pd.DataFrame:
        """The causes with most solved tickets first."""
        return view(self.frame, "cause", "tickets as solved tickets", "share ±.1%", "p", "verdict")

    def described(self) -> str:
        """What dots, bars and the line are."""
        return (
            "Dots are shares, bars their 95% intervals, orange where clearly more or less than all "
            f"others. The dotted line is the share of all, {self.whole:.1%}."
        )

    def _title(self) -> str:
        clear = int(told(self.frame).sum())
        return f"{clear} of {len(self.frame)} causes come back clearly more or less than the rest"

    def _drawn(self) -> pd.DataFrame:
        largest = self.frame.nlargest(LARGEST, "tickets")
        return largest.dropna(subset="share").sort_values("share", ascending=False)


@once
def back_by_cause(study: Study, day: int = MONTH) -> CausesBack | CannotTell:
    """Each cause's share that came back by a day, against all others.

    Causes with too few events to compare, and shares past the last day watched, are null.
    """
    watched = cohort(study)
    if isinstance(watched, CannotTell):
        return watched
    rows = _shares(watched, "cause", day).drop(columns="came back")
    rows = rows.merge(against_rest(watched, "cause", day).drop(columns=["low", "high"]))
    few = rows[["events", "others"]].min(axis=1) < ENOUGH_EVENTS
    rows[["difference", "p"]] = rows[["difference", "p"]].mask(few)
    rows["p"] = of_many(rows["p"])
    verdict = np.select(
        [rows["p"].isna(), rows["p"] >= 0.05, rows["difference"] > 0],
        ["cannot tell: too few events", "cannot tell", "comes back more"],
        "comes back less",
    )
    rows = rows.assign(verdict=verdict).rename(columns={"events": "came back"})
    names = ["cause", "tickets", "came back", "share", "low", "high", "difference", "p", "verdict"]
    rows = rows[names].sort_values(["tickets", "cause"], ascending=False, ignore_index=True)
    axis = f"share of solved tickets that came back within {day} days on the same cause"
    return CausesBack(rows, "cause", axis, whole=came_back(watched, day)["share"])


@once
def by_month(
    study: Study, day: int = MONTH, definition: str = "same cause"
) -> pd.DataFrame | CannotTell:
    """The share that came back by a day, by the month of the solution: month, of, count (came
    back), share, low, high, effect (design effect: tickets for each effective one), mature.

    A month is mature when all of it was watched for so long, and its tickets are settled: the last
    ones are estimates from a part of their tickets, or null, and not to be compared with others.
    """
    watched = cohort(study, definition, day)
    if isinstance(watched, CannotTell):
        return watched
    zone = study.settings.time_zone
    solved = solved_tickets(study).set_index("ticket_id")["solved_at"].dt.tz_convert(zone)
    watched = watched.assign(month=watched["ticket_id"].map(solved.dt.strftime("%Y-%m")))
    rows = _shares(watched, "month", day).rename(columns={"tickets": "of", "came back": "count"})
    over = pd.to_datetime(rows["month"]) + pd.DateOffset(months=1)
    over = over.dt.tz_localize(
        zone, nonexistent="shift_forward", ambiguous=np.zeros(len(over), bool)
    )
    wait = max(day, study.settings.status_settles_after_days) * DAY
    rows = rows.assign(mature=over + wait <= study.observed_until)
    return rows[["month", "of", "count", "share", "low", "high", "effect", "mature"]]


def _shares(watched: pd.DataFrame, by: str, day: float) -> pd.DataFrame:
    """came_back of each group."""
    rows = [{by: group, **came_back(part, day)} for group, part in watched.groupby(by)]
    return pd.DataFrame(rows)
