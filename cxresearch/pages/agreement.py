"""Notebook 04: do topics agree with what people, or the simulation, say the tickets are about?"""

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from cxresearch.lab.against_truth import exit_requests_against_truth
from cxresearch.pages.words import share
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study
from cxresearch.topics.topic_model import TopicModel

BY_PEOPLE, PLANTED = "label chosen by people", "planted cause"


def labels(study: Study) -> pd.Series | CannotTell:
    """What each ticket is about in a simulated study's truth, else as people said, by ticket_id.

    Named after which of the two it is; of a ticket about two causes the main one counts.
    """
    if study.truth:
        told = study.truth["tickets"]
        true = {ticket: each["causes"][0] for ticket, each in told.items() if each.get("causes")}
        return pd.Series(true, dtype="str", name=PLANTED)
    until = study.settings.time("types_by_people_until")
    tickets = study.tickets.set_index("ticket_id")
    chosen = tickets.loc[tickets["created_at"] < until, "type"].dropna() if until else ()
    if not len(chosen):
        return CannotTell(
            "whether topics agree with people: no ticket of this study is known to have a topic "
            "that a person chose (types_by_people_until in study.toml says until when)."
        )
    return chosen.rename(BY_PEOPLE)


@cannot_tell_passes
def beside(topics: TopicModel, label: pd.Series) -> pd.DataFrame | CannotTell:
    """Tickets by topic (its name), the largest first, and by label, the most common first."""
    told = topics.labels >= 0
    names = pd.Series(topics.labels[told], index=topics.ids[told]).map(topics.names())
    both = pd.DataFrame({"topic": names, label.name: label}).dropna()
    if both.empty:
        return CannotTell(f"whether topics agree with the {label.name}: no ticket has both.")
    counts = pd.crosstab(both["topic"], both[label.name])
    ordered = [name for name in topics.names() if name in counts.index]
    return counts.loc[ordered, counts.sum().sort_values(ascending=False, kind="stable").index]


@cannot_tell_passes
def agreement(counts: pd.DataFrame) -> Finding:
    """How many tickets lie where most have their label, against one label for all, and ARI."""
    n, right, common = counts.to_numpy().sum(), counts.max(axis=1).sum(), counts.sum()
    row, column = np.nonzero(counts.to_numpy())
    each = counts.to_numpy()[row, column]
    return finding(
        "{share:.0%} of {of:,} tickets (95% interval {low:.0%} to {high:.0%}) lie in a topic whose "
        "most common {what} is their own; with one for all, {most}, it would be {naive:.0%}. The "
        "adjusted Rand index, nought for chance and one for full agreement, is {index:.2f} "
        "({topics} topics, {labels} labels).",
        **share(int(right), int(n)), what=counts.columns.name, most=str(common.idxmax()),
        naive=common.max() / n, topics=len(counts), labels=len(common),
        index=adjusted_rand_score(np.repeat(row, each), np.repeat(column, each)),
    )  # fmt: skip


def exits(study: Study) -> tuple[Finding, ...]:
    """How many of the planted requests to leave are marked, and how many of those marked are some;
    nothing where none was planted."""
    found = exit_requests_against_truth(study)
    if isinstance(found, CannotTell):
        return ()
    told = {f"{r['measure']}_{k}": v for r in found.to_dict("records") for k, v in r.items()}
    said = finding(
        "Of the planted requests to leave, {recall_share:.0%} (95% interval {recall_low:.0%} to "
        "{recall_high:.0%}; of {recall_of:,}) are marked as such; of those marked, "
        "{precision_share:.0%} ({precision_low:.0%} to {precision_high:.0%}; of {precision_of:,}) "
        "are one.",
        **told,
    )
    return (said,)
