"""What a change came from: another mix, or the rate within.

By Shapley's value over all orders in which these could have changed, so that parts add up to the
change exactly (see shapley).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.incidents import main_causes
from cxresearch.kpis.overdue import overdue_facts
from cxresearch.kpis.period_kpis import FEWEST, WATCHED
from cxresearch.kpis.periods import is_watched, kind_of, last_two, whole_weeks
from cxresearch.kpis.shapley import factors, parts_of
from cxresearch.kpis.tidy import group_of
from cxresearch.kpis.volume import NO_CAUSE, Volume, volume_change
from cxresearch.outcomes.recurrence import cohort, solved_tickets
from cxresearch.study.answers import (
    CannotTell,
    DoesNotApply,
    Finding,
    SameReason,
    finding,
    or_cannot_tell,
)
from cxresearch.study.intervals import of_draws
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import interval, side

DRAWS, SEED = 500, 22
# By its name in the frame how a part reads in a table.
SHARE = {"mix": "another mix", "rate": "rate within"}
GROUPS = {"cause": "causes", "created_channel": "channels", "segment": "segments"}


@dataclass(frozen=True, eq=False)
class Parts(Result):
    """Parts of a change of a share, a row a part: what ("Overdue"), by (causes, channels,
    segments), part, value with low and high (each alone at 95%; from 0 to 1), verdict (more, less,
    cannot tell). Values of one what and by add up to its change.
    """

    before: str
    after: str

    def said(self, row: str = "") -> Finding | CannotTell:
        """Of each share what made most of its change by causes; cannot tell if no part can."""
        told = self.frame[self.frame["verdict"] != "cannot tell"]
        if told.empty:
            return CannotTell(
                "what changes of shares came from: no part of one is surely more than chance."
            )
        first = told.loc[told["value"].abs().idxmax()]
        alike = self.frame[["what", "by"]].eq(first[["what", "by"]]).all(axis=1)
        rest = self.frame[alike]["value"].sum() - first["value"]
        return finding(
            "{what}: {part} made {value:+.1f} points ({low:+.1f} to {high:+.1f}) of the change, by "
            "{by}; the rest made {rest:+.1f}.",
            what=first["what"], part=SHARE[first["part"]], value=100 * first["value"],
            low=100 * first["low"], high=100 * first["high"], by=first["by"], rest=100 * rest,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """How the change of each share splits into mix and rate, in points, a row a grouping."""
        shown = []
        for (what, group), each in self.frame.groupby(["what", "by"], sort=False):
            points = 100 * each.set_index("part")[["value", "low", "high"]]
            change = f"{points['value'].sum():+.1f}"
            parts = {words: interval(*points.loc[part], "+.1f") for part, words in SHARE.items()}
            shown.append({"what": what, "by": group, "change, points": change, **parts})
        return pd.DataFrame(shown)


@once
def change_parts(study: Study, before: str, after: str) -> Parts | CannotTell:
    """What the changes of two periods came from: of the share of overdue issues, and of solved
    tickets that came back, how much is another mix of causes, channels or segments and how much the
    rate within these.

    Intervals: 95% of draws of customers with replacement, by seed, each alone. Raises InputError as
    two_periods.compare does.
    """
    by = kind_of(before, after)
    if not is_watched(study, after):
        return CannotTell(f"what the change came from: {after} was not watched for long enough.")
    rows = []
    for what, facts in _facts(study).items():
        if isinstance(facts, CannotTell):
            continue
        period = group_of(study, facts, by).map({before: 0, after: 1})
        facts = facts.assign(period=period)[period.notna()].astype({"period": int})
        if facts["period"].value_counts().reindex([0, 1], fill_value=0).min() < FEWEST:
            continue
        rows += [row for column in GROUPS for row in _split(study, facts, column, what)]
    if not rows:
        return SameReason(
            "what the change came from: a period holds too few issues.",
            {"table": "how changes of shares split"},
        )
    frame = pd.DataFrame(rows)
    return Parts(frame.assign(verdict=side(frame["low"], frame["high"], 0)), before, after)


@once
def latest_parts(study: Study) -> Parts | CannotTell:
    """change_parts of the last two periods that can be compared."""
    periods = last_two(study)
    if isinstance(periods, CannotTell):
        return DoesNotApply(periods.reason)
    return change_parts(study, *periods)


@once
def tickets_between(study: Study) -> Volume | CannotTell:
    """The change in tickets of the last two periods, over as many whole weeks of each, split over
    customers, their mix and their rate: see volume.volume_change."""
    periods = last_two(study)
    if isinstance(periods, CannotTell):
        return DoesNotApply(periods.reason)
    return or_cannot_tell(volume_change, study, *whole_weeks(study, *periods))


def _facts(study: Study) -> dict[str, pd.DataFrame | CannotTell]:
    """By what is split: a row an issue, ticket_id, customer_id, at, held."""
    return {"Overdue": overdue_facts(study, WATCHED), "Came back": _came_back(study)}


def _came_back(study: Study) -> pd.DataFrame | CannotTell:
    watched = cohort(study)
    if isinstance(watched, CannotTell):
        return watched
    solved = solved_tickets(study).set_index("ticket_id")["solved_at"]
    back = (watched["status"] == 1) & (watched["time"] <= WATCHED)
    return watched.assign(at=watched["ticket_id"].map(solved), held=back)


def _split(study: Study, facts: pd.DataFrame, column: str, what: str):
    """The parts by one grouping; none where the study does not tell one group from another."""
    group = _groups(study, facts, column)
    if group is None or group.nunique() < 2:
        return []
    counts = _summed(facts.assign(group=group))
    n = len(counts)
    drawn = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), size=DRAWS).astype(float)
    value, draws = (_parts(np.tensordot(w, counts, axes=1)) for w in (np.ones((1, n)), drawn))
    ends = zip(SHARE, value[0], *of_draws(draws), strict=True)
    told = {"what": what, "by": GROUPS[column]}
    return [told | {"part": p, "value": v, "low": a, "high": b} for p, v, a, b in ends]


def _groups(study: Study, facts: pd.DataFrame, column: str) -> pd.Series | None:
    if column == "cause":
        if not study.has("ticket_causes"):
            return None
        causes = main_causes(study).set_index("ticket_id")["cause"]
        return facts["ticket_id"].map(causes).astype("str").fillna(NO_CAUSE)
    if column == "segment" and not study.has("customers"):
        return None
    facts = facts[["ticket_id", "customer_id", "at"]]
    return group_of(study, facts, column)


def _summed(facts: pd.DataFrame) -> np.ndarray:
    """By customer, issues and those that held by period and group."""
    who = pd.Index(sorted(facts["customer_id"].unique()))
    groups = pd.Index(sorted(facts["group"].unique()))
    counts = np.zeros((len(who), 2, 2, len(groups)))
    at = (who.get_indexer(facts["customer_id"]), facts["period"].to_numpy())
    place = groups.get_indexer(facts["group"])
    np.add.at(counts, (*at, 0, place), 1.0)
    np.add.at(counts, (*at, 1, place), facts["held"].to_numpy(float))
    return counts


def _parts(counts: np.ndarray) -> np.ndarray:
    """Shapley's parts of a share, mix and rate, a row a draw. A group that is empty in one period
    has the rate of the other."""
    return parts_of(*factors(counts)[1:])
