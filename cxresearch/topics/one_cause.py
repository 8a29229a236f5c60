"""Which topics may be one cause: do they share words, customers and fate?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import difference, wilson
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.told import cannot_tell, told
from cxresearch.topics.topic_model import TopicModel

ALIKE = 0.72  # cosine of two topics' mean directions, from which on their words are alike
WIDE = 0.2  # a difference in fate whose interval is wider than that says nothing
FATE = ["fate", "fate low", "fate high", "of", "other of"]
MAY, NOT, UNTOLD = "may be one", "differ", "cannot tell"


@dataclass(frozen=True, eq=False)
class Pairs(Result):
    """Pairs of topics, the most alike first: topic, other, words (cosine of their mean directions),
    customers (times as many of the other tickets of one's customers are of the other as of all
    customers' tickets, low, high), fate (share not solved within the promise of the one less that
    of the other, low, high, of, other of (tickets judged); null where it cannot be told), says."""

    def said(self, row: str = "") -> Finding:
        """Which pairs share all three, by name."""
        may = self.frame[self.frame["says"] == MAY]
        if may.empty:
            return finding(
                "None of {n} pairs of near topics shares words, customers and fate, so none is "
                "proposed as one cause.", n=len(self.frame),
            )  # fmt: skip
        return finding(
            "**{k} of {n}** pairs of near topics share words, customers and fate, and may be one "
            "cause. Whoever agrees gives both one name in causes.toml.",
            k=len(may), n=len(self.frame),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The evidence for each pair, in words a person can judge."""
        rows = self.frame
        fate = [
            ""
            if np.isnan(gap)
            else f"{100 * gap:+.0f} ({100 * low:+.0f} to {100 * high:+.0f}; "
            f"{one:,.0f} and {other:,.0f} tickets)"
            for gap, low, high, one, other in rows[FATE].to_numpy(float)
        ]
        customers = [
            "" if np.isnan(ratio) else f"{ratio:.1f} ({low:.1f} to {high:.1f})"
            for ratio, low, high in rows[["customers", "low", "high"]].to_numpy()
        ]
        return pd.DataFrame(
            {
                "and": rows["other"], "words alike": rows["words"].round(2),
                "share customers, times": customers, "late, points apart": fate,
                "says": rows["says"],
            }
        ).set_axis(rows["topic"])  # fmt: skip


def one_cause(study: Study, topics: TopicModel) -> Pairs | CannotTell:
    """The pairs of topics that would join first, with what speaks for their being one cause.

    Proposed are those whose words are alike (cosine at least 0.72), whose customers come to both
    more often than by chance (95% interval above 1), and whose share of tickets that were not
    solved within the promise differs by an interval (Wilson; Zou & Donner 2008) that holds 0 and is
    at most 20 points wide. One that holds no 0 says that they differ; anything else cannot be told.
    Tickets younger than the promise are left out of that share, and those of which no solution is
    told. Intervals take tickets as independent. By words alone, topics of near but different things
    cannot be told from halves of one.
    """
    names, joins = topics.names(), topics.hierarchy()
    pairs = joins[joins[["left", "right"]].isin(names.index).all(axis=1)]  # not of what they joined
    if pairs.empty:
        return CannotTell("which topics are alike: there are not two.")
    labels = pd.Series(topics.labels, index=topics.ids)
    of = study.customer_tickets.set_index("ticket_id")["customer_id"].dropna()
    topic = labels.reindex(of.index).fillna(-1).astype(int)
    wrote = pd.crosstab(of[topic >= 0], topic[topic >= 0]).reindex(
        columns=names.index, fill_value=0
    )
    late = _late(study)
    rows = []
    for a, b, distance in pairs[["left", "right", "distance"]].itertuples(index=False):
        words = 1 - distance
        shared = _shared(wrote, a, b)
        gap = _gap(late, topic, a, b)
        rows.append((names[a], names[b], words, *shared, *gap, _says(words, shared, gap)))
    columns = ["topic", "other", "words", "customers", "low", "high", *FATE, "says"]
    return Pairs(pd.DataFrame(rows, columns=columns))


def _shared(wrote: pd.DataFrame, a: int, b: int) -> tuple[float, float, float]:
    """How many times as many of the tickets that a's customers wrote of other things are of b, as
    of those that all customers did."""
    elsewhere = wrote.drop(columns=a)
    own, every = elsewhere[wrote[a] > 0].sum(), elsewhere.sum()
    n, usual = own.sum(), every[b] / every.sum() if every.sum() else 0
    if not n or not usual:
        return (np.nan,) * 3
    return tuple(np.array([own[b] / n, *wilson(own[b], n)]) / usual)


def _late(study: Study) -> pd.Series | None:
    """Of each ticket that is old enough: was it not solved within the promise? By ticket_id."""
    if cannot_tell(study, "first_solved_at"):
        return None
    promise = pd.Timedelta(days=study.settings.unresolved_after_days)
    tickets = study.customer_tickets
    old = tickets[tickets["created_at"] <= study.observed_until - promise]
    old = old[told(study, "first_solved_at", old)]
    in_time = old["first_solved_at"] - old["created_at"] <= promise
    return (~in_time.fillna(False)).set_axis(old["ticket_id"])


def _gap(late: pd.Series | None, topic: pd.Series, a: int, b: int) -> tuple[float, ...]:
    if late is None:
        return (np.nan,) * 5
    groups = [late.reindex(topic.index[topic == each]).dropna().astype(bool) for each in (a, b)]
    if not all(map(len, groups)):
        return (np.nan,) * 5
    one, other = ((g.mean(), *wilson(g.sum(), len(g))) for g in groups)
    return *difference(one, other), *map(len, groups)


def _says(words: float, shared: tuple, gap: tuple) -> str:
    _, low, high, *_ = gap
    if low > 0 or high < 0:
        return NOT
    if words >= ALIKE and shared[1] > 1 and high - low <= WIDE:
        return MAY
    return UNTOLD
