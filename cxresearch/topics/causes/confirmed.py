"""How far people stand behind the cause layer, what a refit moved, and what kind causes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import SHARE, listed, share, view
from cxresearch.topics.causes.suggest import agreement, suggested_layers
from cxresearch.topics.causes.table import cause_table, entry_moves, tickets_by_word

if TYPE_CHECKING:
    from cxresearch.topics.topic_model import TopicModel

WORDS = {"issue_type": "issue type", "cause_kind": "cause kind"}
SHOWN = ("issue_type", "cause_kind", "category", "owner")


@dataclass(frozen=True, eq=False)
class Confirmed(Result):
    """Tickets by word of the layer (cause, issue_type, ...): confirmed by a person, suggested,
    other, of all that were read."""

    def said(self, row: str = "") -> Finding:
        """How many tickets have a cause that a person confirmed, one that is suggested, or none."""
        cause = self.frame.loc["cause"]
        confirmed = SHARE + " of tickets have a cause that a person named or confirmed"
        nobody = "No person has named or confirmed a cause yet"
        return finding(
            (confirmed if cause["confirmed"] else nobody)
            + ". For {suggested:,} of {of:,} tickets the cause and its name are the machine's, and "
            "{other:,} have none.",
            **share(int(cause["confirmed"]), int(cause["of"])), suggested=int(cause["suggested"]),
            other=int(cause["other"]),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Moved(Result):
    """What became of topics when they were last fitted anew: name, was, topic, overlap,
    by_person."""

    def said(self, row: str = "") -> Finding:
        """What became of what people wrote."""
        edited = self.frame[self.frame["by_person"]]
        gone = edited.loc[edited["topic"].isna(), "name"].unique()
        without = " Without a topic now: {gone}." if len(gone) else ""
        return finding(
            "When topics were last fitted anew, what people wrote followed {kept} of {of} topics "
            "that they had edited." + without,
            kept=int(edited["topic"].notna().sum()), of=len(edited), gone="; ".join(gone),
        )  # fmt: skip


def confirmed(study: Study) -> Confirmed | CannotTell:
    """How many tickets have a cause that a person stands behind."""
    counts = tickets_by_word(study)
    return counts if isinstance(counts, CannotTell) else Confirmed(counts)


def moved(study: Study) -> Moved | CannotTell:
    """What a refit did to what people wrote."""
    moves = entry_moves(study)
    if not isinstance(moves, CannotTell) and (moves.empty or not moves["by_person"].any()):
        return DoesNotApply("what people wrote: no topic of theirs was fitted anew.")
    return moves if isinstance(moves, CannotTell) else Moved(moves)


def names_asked(topics: TopicModel) -> tuple[Finding, ...]:
    """Which language model was asked for names of topics; nothing where none was."""
    asked = topics.made.get("names_from")
    if not asked:
        return ()
    says = finding(
        "A language model at {host}, {model}, was asked for names of {topics} topics; what it said "
        "are suggestions in causes.toml, and no name until a person takes one over.",
        **asked,
    )
    return (says,)


@dataclass(frozen=True, eq=False)
class Agreement(Result):
    """How far people and a machine agree on the words of a layer, as suggest.agreement returns it;
    of all sets of tickets together and of each."""

    def said(self, row: str = "") -> Finding:
        """Which layers have suggestions, and how far these are right."""
        whole = self.frame[self.frame["of"] == "all"].set_index("layer")
        names = {layer: WORDS.get(layer, layer) for layer in whole.index}
        used = [names[layer] for layer in suggested_layers()]
        says = "for " + listed(used) if used else "no kind of cause"
        return finding(
            "A machine suggests " + says + ". Two readers of {tickets:,} tickets agree at a kappa "
            "of {people:.2f} or more, the machine with them at {machine:.2f} or less.",
            tickets=int(whole["tickets"].max()), people=whole["people"].min(),
            machine=whole["machine"].max(),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """All sets and layers."""
        layer = self.frame["layer"].map(lambda name: WORDS.get(name, name))
        return view(self.frame.assign(layer=layer), "layer", "of as tickets of", "tickets",
                    "people .2f as readers with each other", "machine ±.2f as machine with readers",
                    "told .0% as has a word")  # fmt: skip


def agreed() -> Agreement:
    """How far a machine's words for causes are those that two readers chose, as once measured."""
    return Agreement(agreement().sort_values(["layer", "of"], ignore_index=True))


def kinds(study: Study) -> pd.DataFrame | CannotTell:
    """The causes with what kind each is; a star marks what is only suggested."""
    causes = cause_table(study)
    if isinstance(causes, CannotTell):
        return causes
    shown = causes[["cause", "tickets", *SHOWN]].copy()
    for key in SHOWN:
        by_machine = ~causes["by_person"].map(lambda keys, key=key: key in keys)
        told = ~causes[key].isin(["", "unknown", "other"])
        shown[key] = shown[key].where(shown[key] != "", "nobody named")
        shown[key] = shown[key].mask(by_machine & told, shown[key] + "*")
    return shown.rename(columns=WORDS)
