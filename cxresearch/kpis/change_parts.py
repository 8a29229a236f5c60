"""What a change came from: another mix, the rate within, or how many customers there are.

By Shapley's value over all orders in which these could have changed, so that parts add up to the
change exactly (see shapley).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.change_results import of_a_change
from cxresearch.kpis.overdue import overdue_facts
from cxresearch.kpis.period_kpis import FEWEST, WATCHED
from cxresearch.kpis.periods import is_watched, kind_of, last_two, whole_weeks
from cxresearch.kpis.shapley import parts_of
from cxresearch.kpis.tidy import DAY, group_of
from cxresearch.kpis.volume import NO_CAUSE, Volume, of_period, volume_change
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
from cxresearch.study.words import NONE, interval, side
from cxresearch.topics.causes import named

DRAWS, SEED = 500, 22
# By its name in the frame how a part reads in a table.
NUMBER = {"customers": "more or fewer customers", "each": "tickets of each", "mix": "another mix",
          "rate": "rate within"}  # fmt: skip
SHARE = {"mix": "another mix", "rate": "rate within"}
GROUPS = {"cause": "causes", "created_channel": "channels", "segment": "segments"}
ISSUES = {"Overdue": "issues that ran over", "Came back": "solved tickets that came back"}


@dataclass(frozen=True, eq=False)
class Parts(Result):
    """Parts of a change, a row a part: what ("Overdue"), of (its share, or its number of tickets),
    by (causes, channels, segments), part, value with low and high (each alone at 95%; shares from 0
    to 1), verdict (more, less, cannot tell). Values of one what, of and by add up to its change.
    """

    before: str
    after: str

    def said(self, row: str = "") -> Finding | CannotTell:
        """Of each share what made most of its change by causes; cannot tell if no part can."""
        told = self.frame[(self.frame["verdict"] != "cannot tell") & (self.frame["of"] == "share")]
        if told.empty:
            return CannotTell(
                "what changes of shares came from: no part of one is surely more than chance."
            )
        first = told.loc[told["value"].abs().idxmax()]
        alike = self.frame[["what", "of", "by"]].eq(first[["what", "of", "by"]]).all(axis=1)
        rest = self.frame[alike]["value"].sum() - first["value"]
        return finding(
            "{what}: {part} made {value:+.1f} points ({low:+.1f} to {high:+.1f}) of the change, by "
            "{by}; the rest made {rest:+.1f}.",
            what=first["what"], part=SHARE[first["part"]], value=100 * first["value"],
            low=100 * first["low"], high=100 * first["high"], by=first["by"], rest=100 * rest,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """How the change of each share splits into mix and rate, in points, a row a grouping."""
        return self.split("share", SHARE, 100.0, "+.1f", "points")

    def split(self, of: str, parts: dict[str, str], by: float, form: str, unit: str):
        """The parts of all changes of shares, or of numbers, a row a grouping."""
        rows = self.frame[self.frame["of"] == of]
        shown = []
        for (what, group), each in rows.groupby(["what", "by"], sort=False):
            each = each.set_index("part")
            told = {
                "what": what,
                "by": group,
                f"change, {unit}": f"{by * each['value'].sum():{form}}",
            }
            for part, words in parts.items():
                ends = (by * each.loc[part, name] for name in ("value", "low", "high"))
                told[words] = interval(*ends, form) if part in each.index else NONE
            shown.append(told)
        return pd.DataFrame(shown, columns=["what", "by", f"change, {unit}", *parts.values()])


@of_a_change
def numbers(parts: Parts) -> pd.DataFrame:
    """How the change of each number splits into customers, tickets of each, mix and rate."""
    rows = parts.split("number", NUMBER, 1.0, "+,.0f", "tickets")
    return rows.assign(what=rows["what"].map(ISSUES))


@once
def change_parts(study: Study, before: str, after: str) -> Parts | CannotTell:
    """What the changes of two periods came from: of the share of overdue issues, and of solved
    tickets that came back, how much is another mix of causes, channels or segments and how much the
    rate within these; of their number, how much is customers and how many tickets each has, too.

    A return study's customers are those who wrote. Intervals: 95% of draws of customers with
    replacement, by seed, each alone. Raises InputError as two_periods.compare does.
    """
    by = kind_of(before, after)
    if not is_watched(study, after):
        return CannotTell(f"what the change came from: {after} was not watched for long enough.")
    lives = _lives(study, before, after)
    rows = []
    for what, facts in _facts(study).items():
        if isinstance(facts, CannotTell):
            continue
        period = group_of(study, facts, by).map({before: 0, after: 1})
        facts = facts.assign(period=period)[period.notna()].astype({"period": int})
        if facts["period"].value_counts().reindex([0, 1], fill_value=0).min() < FEWEST:
            continue
        rows += [row for column in GROUPS for row in _split(study, facts, column, lives, what)]
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


def _lives(study: Study, before: str, after: str) -> pd.DataFrame:
    """How much of a customer each was in the whole weeks of either period: customer_id, 0, 1."""
    weeks = whole_weeks(study, before, after)
    days = [of_period(study, *period)[0].groupby("customer_id")["days"].sum() for period in weeks]
    of = [(end - start) / DAY if study.outcome == "churn" else 1.0 for start, end in weeks]
    return pd.concat([each / n for each, n in zip(days, of, strict=True)], axis=1, keys=[0, 1])


def _split(study: Study, facts: pd.DataFrame, column: str, lives: pd.DataFrame, what: str):
    """The parts by one grouping; none where the study does not tell one group from another."""
    group = _groups(study, facts, column)
    if group is None or group.nunique() < 2:
        return []
    counts, there = _summed(facts.assign(group=group), lives)
    n = len(counts)
    drawn = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), size=DRAWS).astype(float)
    whole = np.ones((1, n))
    rows = []
    for of, parts in (("share", SHARE), ("number", NUMBER)):
        value, draws = (
            _parts(np.tensordot(w, counts, axes=1), w @ there, of) for w in (whole, drawn)
        )
        low, high = of_draws(draws)
        ends = zip(parts, value[0], low, high, strict=True)
        told = {"what": what, "of": of, "by": GROUPS[column]}
        rows += [told | {"part": p, "value": v, "low": a, "high": b} for p, v, a, b in ends]
    return rows


def _groups(study: Study, facts: pd.DataFrame, column: str) -> pd.Series | None:
    if column == "cause":
        if not study.has("ticket_causes"):
            return None
        causes = named(study).sort_values("weight", ascending=False, kind="stable")
        causes = causes.drop_duplicates("ticket_id").set_index("ticket_id")["cause"]
        return facts["ticket_id"].map(causes).astype("str").fillna(NO_CAUSE)
    if column == "segment" and not study.has("customers"):
        return None
    facts = facts[["ticket_id", "customer_id", "at"]]
    return group_of(study, facts, column)


def _summed(facts: pd.DataFrame, lives: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """By customer: issues and those that held by period and group; how much there, by period."""
    who = pd.Index(sorted({*facts["customer_id"], *lives.index}))
    groups = pd.Index(sorted(facts["group"].unique()))
    counts = np.zeros((len(who), 2, 2, len(groups)))
    at = (who.get_indexer(facts["customer_id"]), facts["period"].to_numpy())
    place = groups.get_indexer(facts["group"])
    np.add.at(counts, (*at, 0, place), 1.0)
    np.add.at(counts, (*at, 1, place), facts["held"].to_numpy(float))
    return counts, lives.reindex(who).fillna(0.0).to_numpy()


def _parts(counts: np.ndarray, there: np.ndarray, of: str) -> np.ndarray:
    """Shapley's parts of a share (mix, rate), or of a number (customers, each, mix, rate), a row a
    draw. A group that is empty in one period has the rate of the other."""
    issues, held = counts[:, :, 0], counts[:, :, 1]
    total = issues.sum(axis=2)
    share = issues / np.maximum(total, 1)[:, :, None]
    rate = held / np.where(issues > 0, issues, 1)
    rate = np.where(issues > 0, rate, rate[:, ::-1])
    if of == "share":
        return parts_of(share, rate)
    there = np.maximum(there, 1e-9)
    return parts_of(there, total / there, share, rate)
