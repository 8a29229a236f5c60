"""Notebook 04: which topics are emerging?"""

import pandas as pd

from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study
from cxresearch.topics.emerging import emerging, surges
from cxresearch.topics.topic_model import TopicModel


def weekly(study: Study, topics: TopicModel) -> pd.DataFrame | CannotTell:
    """Each topic's tickets by week against its own history, with its name: see emerging()."""
    created = study.tickets.set_index("ticket_id")["created_at"].reindex(topics.ids)
    since, until = study.settings.time("tickets_from"), study.observed_until
    rows = emerging(created.reset_index(drop=True), topics.labels, since=since, until=until)
    if not rows["p"].notna().any():
        return CannotTell("what is emerging: no topic has a history of weeks to judge it by.")
    return rows.assign(name=rows["topic"].map(topics.names()))


@cannot_tell_passes
def surge_table(weeks: pd.DataFrame) -> pd.DataFrame | CannotTell:
    """Surges, the newest first: topic, since when (with bounds), tickets, times expected."""
    found = surges(weeks)
    if found.empty:
        return CannotTell("when a topic surged: none rose beyond its own history.")
    return pd.DataFrame(
        {
            "topic": found["topic"].map(_names(weeks)),
            "since": found["onset"],
            "earliest": found["low"],
            "latest": found["high"],
            "last week": found["last"],
            "tickets": found["tickets"],
            "times expected": found["ratio"],
            "low": found["ratio_low"],
            "high": found["ratio_high"],
            "goes on": found["ongoing"],
        }
    )


@cannot_tell_passes
def emerging_now(weeks: pd.DataFrame) -> Finding:
    """What surges in the last whole week, and how often anything did before."""
    found = surges(weeks)
    now = found[found["ongoing"]]
    last = weeks.loc[weeks["p"].notna(), "week"].max()
    names = "; ".join(now["topic"].map(_names(weeks)))
    return finding(
        "In the last whole week, from {week} on, " + ("{now} surging: {names}. " if len(now)
        else "no topic surges. ") + "Surges flagged in all: {n}, in {topics} of {of} topics, among "
        "{judged:,} weeks of topics. At most a twentieth of flagged weeks should be chance.",
        week=f"{last:%Y-%m-%d}", now=len(now), names=names, n=len(found),
        topics=int(found["topic"].nunique()), of=int(weeks["topic"].nunique()),
        judged=int(weeks["p"].notna().sum()),
    )  # fmt: skip


def _names(weeks: pd.DataFrame) -> pd.Series:
    return weeks.drop_duplicates("topic").set_index("topic")["name"]
