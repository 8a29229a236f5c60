"""A new fit beside the topics that stand: what would move, before a person accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pandas as pd

from cxresearch.study.answers import Finding, finding
from cxresearch.study.exchange import alone, replacing
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import NONE, view
from cxresearch.topics.causes.file import NAME, CausesFile, read_causes
from cxresearch.topics.causes.refit import (
    KEPT,
    PROPOSED,
    fitted,
    of_this,
    save_topics,
    shown_of,
    study_topics,
    told_tickets,
)
from cxresearch.topics.causes.suggest import first_entries
from cxresearch.topics.causes.table import check_causes, keep_causes
from cxresearch.topics.causes.topic_matching import carried, match_topics
from cxresearch.topics.topic_model import TopicModel, load_topics
from cxresearch.topics.voices import place_voices


@dataclass(frozen=True, eq=False)
class Proposal(Result):
    """What a new fit would change, a row a topic of it, the largest first, then those that would be
    no more: name, was (the name of the topic before whose tickets it holds; null if of none),
    overlap (Jaccard), before and tickets (how many it had and would have), stay (in both). of
    tickets known to both fits have a topic, moved of them would be called otherwise; without have
    none, gained of them would have one."""

    moved: int
    of: int
    gained: int
    without: int

    def said(self, row: str = "") -> Finding:
        """How many tickets would move, and how many topics keep what people know them as."""
        kept = self.frame["tickets"].notna() & self.frame["was"].notna()
        return finding(
            "Fitted anew, {moved:,} of {of:,} tickets ({share:.0%}) would have another topic. "
            "{gained:,} of {without:,} tickets without a topic would have one. "
            "{kept} of {n} topics are one of before.",
            moved=self.moved, of=self.of, share=self.moved / max(self.of, 1),
            gained=self.gained, without=self.without, kept=int(kept.sum()),
            n=int(self.frame["tickets"].notna().sum()),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Old beside new."""
        shown = self.frame.astype(object).where(self.frame.notna(), NONE)
        return view(shown, "was as topic that stands", "before as its tickets",
                    "name as topic proposed", "tickets", "stay as in both", "overlap")  # fmt: skip


def propose(study: Study, progress: bool = False) -> Proposal:
    """What fitting the study's topics anew would change; the new fit is kept in topics/proposed/,
    and nothing else changes before accept(). Raises InputError as study_topics() does."""
    with alone(study.path):
        check_causes(study, refit=True)
        topics = fitted(study, progress)
        with replacing(study.path / KEPT / PROPOSED) as new:
            topics.save(new, vectors=False)
    return compared(study, topics)


def accept(study: Study) -> TopicModel:
    """Puts the proposed topics in the place of those that stand, and names and tickets' causes
    after them; tickets that came since the proposal are placed among them. causes.toml as it was
    is kept beside. Raises InputError if nothing was proposed."""
    folder = study.path / KEPT / PROPOSED
    with alone(study.path):
        if not folder.is_dir():
            raise InputError(
                f"{study.path} has no proposed topics: run 'cxresearch topics {study.path} "
                "--refit' first, or add --refit to fit and accept at once."
            )
        check_causes(study, refit=True)
        topics = of_this(study, load_topics(folder))
        shown = shown_of(study, topics, told_tickets(study))
        save = partial(save_topics, topics, study.path / KEPT)
        keep_causes(study, shown, again=True, save=save)
        place_voices(study, shown, again=True)
    return study_topics(study)


def compared(study: Study, topics: TopicModel) -> Proposal:
    """What would change with these topics in the place of those that stand."""
    old = study.ticket_causes.drop_duplicates("ticket_id").set_index("ticket_id")["topic"]
    new = pd.Series(topics.labels, index=topics.ids)
    matches = match_topics(old, new).set_index("topic")
    held = read_causes(study.path / NAME)
    entries = carried(held, first_entries(study, topics), matches.reset_index())
    names, before = _names(entries), _names(held)
    both = pd.DataFrame({"old": old, "new": new}).dropna()
    counts = both.groupby(["old", "new"]).size()
    rows = [
        (names[topic], before.get(was), overlap, (old == was).sum() if pd.notna(was) else None,
         (new == topic).sum(), counts.get((was, topic), 0))
        for topic, was, overlap in matches.reindex(topics.table["topic"]).itertuples()
    ]  # fmt: skip
    gone = sorted(before.keys() - {*matches["was"].dropna()}, key=lambda t: -(old == t).sum())
    rows += [(None, before[t], None, (old == t).sum(), None, 0) for t in gone]
    frame = pd.DataFrame(rows, columns=["name", "was", "overlap", "before", "tickets", "stay"])
    frame = frame.astype({"before": "Int64", "tickets": "Int64", "overlap": "float64"})
    goes = both["old"].map(matches.reset_index().dropna(subset="was").set_index("was")["topic"])
    told = both["old"] >= 0
    moved = told & (goes != both["new"]).fillna(True)
    gained = ~told & (both["new"] >= 0)
    return Proposal(frame, *(int(each.sum()) for each in (moved, told, gained, ~told)))


def _names(causes: CausesFile) -> dict[int, str]:
    return {entry.topic: entry.name for entry in causes.topics}
