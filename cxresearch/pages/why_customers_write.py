"""Notebook 04: why do customers write?"""

import pandas as pd

from cxresearch.lab.against_truth import exit_requests_against_truth
from cxresearch.outcomes.cause_months import cause_months
from cxresearch.study.answers import CannotTell, Finding
from cxresearch.study.study import Study
from cxresearch.study.words import NONE, view
from cxresearch.topics.text.shown import undoubted
from cxresearch.topics.topic_model import TopicModel
from cxresearch.topics.topic_results import FIRST

FEELINGS = CannotTell(
    "how customers feel: no ticket carries a label that a list of angry words could be held "
    "against. A few hundred tickets sorted by two people would tell how far a list can be trusted."
)


def largest_causes(study: Study, topics: TopicModel) -> pd.DataFrame:
    """The five largest causes (Sizes.causes): tickets, share, by how much a month's tickets changed
    from the first half of the time to the second, a masked quote and its ticket."""
    rows = topics.sizes.causes().head(FIRST)
    texts = study.tickets.set_index("ticket_id")["description"]
    quotes = [next(undoubted(study, texts, ids, 150), (NONE, NONE)) for ids in rows["quotes"]]
    ticket, quote = zip(*quotes, strict=True) if quotes else ((), ())
    months = cause_months(study)
    changes = pd.Series(dtype=float) if isinstance(months, CannotTell) else months.changes()
    rows = rows.assign(change=rows["name"].map(changes), quote=quote, ticket=ticket)
    return view(
        rows, "name as cause", "size as tickets", "share ±.1% as share of all",
        "change +.0% as tickets a month, second half to first", "quote as a customer's words",
        "ticket",
    ).dropna(axis="columns", how="all")  # fmt: skip


def planted_exits(study: Study) -> tuple[Finding | CannotTell, ...]:
    """How many of the planted requests to leave are marked; nothing where none was planted."""
    marked = exit_requests_against_truth(study)
    return () if isinstance(marked, CannotTell) else marked.sentences()
