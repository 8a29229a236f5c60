"""Notebook 04: what each cause sounds like, and what customers ask for in their own words."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from cxresearch.pages.words import SHARE, names_in, share
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study
from cxresearch.topics.causes import named
from cxresearch.topics.causes.per_ticket import WHOLLY
from cxresearch.topics.text import excerpt, joined_text, people, scrub
from cxresearch.topics.text.requests import requests
from cxresearch.topics.text.scrubbing import sentence_key
from cxresearch.topics.topic_model import TopicModel

TOP, QUOTES, ASKED = 5, 3, 3
READ = 300  # tickets of a cause that are read for requests, drawn by seed
SEED = 8


def stories(study: Study, topics: TopicModel, top: int = TOP) -> pd.DataFrame | CannotTell:
    """Three redacted quotes of each of the most frequent causes: cause, quote, ticket. Drawn by
    seed from all tickets that are wholly of the cause and have a first message, central or not."""
    rows = named(study)
    if rows.empty:
        return CannotTell("what causes sound like: no ticket has one.")
    told = study.tickets.set_index("ticket_id")["description"].dropna()
    wholly = set(topics.ids[(topics.weights >= WHOLLY).any(axis=1)]) & set(told.index)
    found = []
    for place, (cause, each) in enumerate(_largest(rows, top)):
        ids = np.array(sorted(wholly.intersection(each["ticket_id"])), dtype=object)
        few = np.random.default_rng([SEED, place]).permutation(ids)[:QUOTES]
        found += [
            {"cause": cause, "quote": quote(told[t], names_in(study)), "ticket": t} for t in few
        ]
    if not found:
        return CannotTell("what causes sound like: no ticket of them has a first message.")
    return pd.DataFrame(found)


def quote(text: str, names: Collection[str] = ()) -> str:
    """What a ticket says, without greeting and signature, redacted and shortened.

    Whom it greets or signs is known before these go, for the name may be left without them.
    """
    return excerpt(scrub(text), 220, people([text]).union(names))


def wishes(study: Study, top: int = TOP) -> pd.DataFrame | CannotTell:
    """The requests in tickets of the most frequent causes: cause, ticket_id, request (redacted),
    key; a row a sentence, request null where a ticket holds none.

    Of a cause 300 tickets are read, drawn by seed. The rule is text.requests.
    """
    rows = named(study)
    if rows.empty:
        return CannotTell("what customers ask for: no ticket has a cause.")
    texts, names = joined_text(study.tickets.set_index("ticket_id")), names_in(study)
    found = []
    for place, (cause, each) in enumerate(_largest(rows, top)):
        ids = np.sort(each["ticket_id"].unique())
        for ticket in np.random.default_rng([SEED, place]).permutation(ids)[:READ]:
            own = names.union(people([texts[ticket]]))
            said = [excerpt(s, 160, own) for s in requests(texts[ticket])] or [None]
            found += [(cause, ticket, s) for s in said]
    table = pd.DataFrame(found, columns=["cause", "ticket_id", "request"]).astype(
        {"request": "str"}
    )
    shown = table["request"].map(
        lambda s: excerpt(s, 160, names_in(study)) if pd.notna(s) else None
    )
    keys = shown.map(lambda s: sentence_key(s) if pd.notna(s) else None)
    return table.assign(request=shown, key=keys)


@cannot_tell_passes
def asking(rows: pd.DataFrame) -> Finding:
    """How many of the tickets that were read ask for something outright."""
    asks = rows["request"].notna().groupby(rows["ticket_id"]).any()
    return finding(
        SHARE + " of the tickets of the {n} most frequent causes that were read ask for something "
        "outright, in English, German or Spanish.",
        n=rows["cause"].nunique(), **share(int(asks.sum()), len(asks)),
    )  # fmt: skip


@cannot_tell_passes
def wish_table(rows: pd.DataFrame, each: int = ASKED) -> pd.DataFrame | CannotTell:
    """What customers ask for: cause, in their own words, tickets (that say the same), ticket (one
    of them). The most frequent first, and of those as frequent the first of the draw."""
    told = rows.dropna(subset="request").drop_duplicates(["cause", "ticket_id", "key"])
    if told.empty:
        return CannotTell("what customers ask for: no sentence asks for anything outright.")
    by = told.groupby(["cause", "key"], sort=False)
    once = by.agg(request=("request", "first"), tickets=("ticket_id", "nunique"),
                  ticket=("ticket_id", "first")).reset_index()  # fmt: skip
    place = {cause: i for i, cause in enumerate(rows["cause"].unique())}
    once = once.assign(place=once["cause"].map(place))
    once = once.sort_values(["place", "tickets"], ascending=[True, False], kind="stable")
    few = once.groupby("cause", sort=False).head(each)
    return few[["cause", "request", "tickets", "ticket"]].rename(
        columns={"request": "in their own words", "tickets": "tickets that say so"}
    )


def _largest(rows: pd.DataFrame, top: int) -> list[tuple[str, pd.DataFrame]]:
    groups = dict(iter(rows.groupby("cause")))
    order = sorted(groups, key=lambda cause: (-len(groups[cause]), cause))
    return [(cause, groups[cause]) for cause in order[:top]]
