"""Notebook 04: why do customers write?"""

from functools import partial

import pandas as pd

from cxresearch.lab.against_truth import exit_requests_against_truth
from cxresearch.outcomes.cause_months import cause_months
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding
from cxresearch.study.study import Study
from cxresearch.study.words import view
from cxresearch.topics.new_themes import themes
from cxresearch.topics.text import scrub
from cxresearch.topics.text.shown import undoubted
from cxresearch.topics.topic_model import TopicModel
from cxresearch.topics.topic_results import FIRST

QUOTE = 120  # characters
FEELINGS = CannotTell(
    "how customers feel: no ticket carries a label that a list of angry words could be held "
    "against. A few hundred tickets sorted by two people would tell how far a list can be trusted."
)


def largest_causes(study: Study, topics: TopicModel) -> pd.DataFrame:
    """The five largest causes (Sizes.causes): tickets, share, change of a month's tickets from the
    first half of the time to the second, and of three masked quotes from the middle of each the one
    with most of its telling words, with its ticket."""
    rows, months = topics.sizes.causes().head(FIRST), cause_months(study)
    texts = study.tickets.set_index("ticket_id")["description"]
    changes = pd.Series(dtype=float) if isinstance(months, CannotTell) else months.changes()
    sizes = zip(rows["size"], rows["name"].map(changes), strict=True)
    quotes = [
        max(_quoted(study, texts, ids), key=partial(_held, words), default="")
        for ids, words in zip(rows["quotes"], rows["words"], strict=True)
    ]
    tickets = [f"{n:,}" + (f" ({change:+.0%})" if pd.notna(change) else "") for n, change in sizes]
    return view(
        rows.assign(tickets=tickets, quote=quotes), "name as cause", "tickets as tickets (change)",
        "share ±.1% as share of all", "quote as a customer's words (ticket)",
    )  # fmt: skip


def themes_in_words(study: Study) -> pd.DataFrame | CannotTell:
    """The new themes (new_themes.themes), each with a masked quote of its newest tickets, where one
    leaves no doubt."""
    found = themes(study)
    if isinstance(found, CannotTell) or found.frame.empty:
        return DoesNotApply("which new themes there are: none holds.")
    texts = study.tickets.set_index("ticket_id")["description"]
    said = [next(iter(_quoted(study, texts, ids)), "") for ids in found.frame["quotes"]]
    return found.table().assign(**{"a customer's words (ticket)": said})


def _quoted(study: Study, texts: pd.Series, ids: list) -> list[str]:
    return [f"{quote} ({ticket})" for ticket, quote in undoubted(study, texts, ids, QUOTE, scrub)]


def _held(words: list[str], quote: str) -> int:
    return sum(word in quote.lower() for word in words)


def planted_exits(study: Study) -> tuple[Finding | CannotTell, ...]:
    """How many of the planted requests to leave are marked; nothing where none was planted."""
    marked = exit_requests_against_truth(study)
    return () if isinstance(marked, CannotTell) else marked.sentences()
