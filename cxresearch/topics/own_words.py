"""What each cause sounds like, and what customers ask for in their own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pandas as pd

from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import SHARE, share, view
from cxresearch.topics.causes.per_ticket import WHOLLY, named
from cxresearch.topics.text import joined_text, scrub
from cxresearch.topics.text.doubtful import in_doubt
from cxresearch.topics.text.requests import requests
from cxresearch.topics.text.scrubbing import sentence_key, sentences
from cxresearch.topics.text.shown import QUOTES, common_in, shown, undoubted

if TYPE_CHECKING:
    from cxresearch.topics.topic_model import TopicModel

TOP, TRIED, ASKED = 5, 12, 3
READ = 300  # tickets of a cause that are read for requests, drawn by seed
SEED = 8


def stories(study: Study, topics: TopicModel, top: int = TOP) -> pd.DataFrame | CannotTell:
    """Three masked quotes of each of the most frequent causes: cause, quote, ticket. Drawn by seed
    from all tickets that are wholly of the cause and have a first message, central or not; without
    greeting and signature, and where no doubt is left that nothing personal stands in them."""
    rows = named(study)
    if rows.empty:
        return CannotTell("what causes sound like: no ticket has one.")
    texts = study.tickets.set_index("ticket_id")["description"].dropna()
    wholly = set(topics.ids[(topics.weights >= WHOLLY).any(axis=1)]) & set(texts.index)
    quotes = [
        {"cause": cause, "quote": quote, "ticket": ticket}
        for cause, tickets in _drawn(rows, top, wholly, TRIED)
        for ticket, quote in undoubted(study, texts, tickets, 220, scrub)
    ]
    if not quotes:
        return CannotTell("what causes sound like: no ticket of them has a first message.")
    return pd.DataFrame(quotes)


def quotes_of(study: Study, causes: list[str], most: int = QUOTES) -> dict[str, list[str]]:
    """At most so many masked quotes of each cause, by cause: of tickets that are wholly of it,
    drawn by a seed of its own, those that leave no doubt that nothing personal stands in them."""
    return {cause: [quote for _, quote in told_in(study, cause, most)] for cause in causes}


def told_in(study: Study, cause: str, most: int = QUOTES) -> list[tuple[str, str]]:
    """At most so many tickets of a cause, each with a masked quote of it (see quotes_of)."""
    rows = named(study)
    own = rows.loc[(rows["cause"] == cause) & (rows["weight"] >= WHOLLY), "ticket_id"]
    texts = study.tickets.set_index("ticket_id")["description"].dropna()
    rng = np.random.default_rng([SEED, crc32(cause.encode())])
    drawn = rng.permutation(np.array(sorted({*own} & {*texts.index}), dtype=object))
    told = partial(_telling, stems=_stems(cause))
    return list(undoubted(study, texts, drawn[: TRIED * most], 220, told, most))


def _stems(name: str) -> frozenset[str]:
    """How the words of a name begin, so that "synced" is one of "synchronised"."""
    return frozenset(word[:4] for word in re.findall(r"[^\W\d_]{4,}", name.casefold()))


def _telling(text: str, stems: frozenset[str]) -> str:
    """The sentence of a text that holds most words of these stems, the first of several, and the
    next one."""
    told = sentences(text)
    counts = [sum(stem in one.casefold() for stem in stems) for one in told]
    at = counts.index(max(counts)) if told else 0
    return " ".join(told[at : at + 2])


@dataclass(frozen=True, eq=False)
class Requests(Result):
    """The requests in tickets of the most frequent causes: cause, ticket_id, request (masked), key,
    doubt (text.doubtful); a row a sentence, request null where a ticket holds none."""

    def said(self, row: str = "") -> Finding:
        """How many of the tickets that were read ask for something outright."""
        asks = self.frame["request"].notna().groupby(self.frame["ticket_id"]).any()
        return finding(
            SHARE + " of the tickets read ask for something outright. They are of the {n} most "
            "frequent causes, in English, German or Spanish.",
            n=self.frame["cause"].nunique(), **share(int(asks.sum()), len(asks)),
        )  # fmt: skip

    def table(self) -> pd.DataFrame | CannotTell:
        """What customers ask for, how many say the same, and the ticket of one of them. The most
        frequent first, and of those as frequent the first of the draw; without those that leave a
        doubt (text.doubtful)."""
        rows = self.frame.dropna(subset="request").drop_duplicates(["cause", "ticket_id", "key"])
        if rows.empty:
            return CannotTell("what customers ask for: no sentence asks for anything outright.")
        by = rows.groupby(["cause", "key"], sort=False)
        once = by.agg(
            request=("request", "first"), doubt=("doubt", "any"),
            tickets=("ticket_id", "nunique"), ticket=("ticket_id", "first"),
        ).reset_index()  # fmt: skip
        place = {cause: i for i, cause in enumerate(self.frame["cause"].unique())}
        once = once.assign(place=once["cause"].map(place))
        once = once.sort_values(["place", "tickets"], ascending=[True, False], kind="stable")
        few = once[~once["doubt"]].groupby("cause", sort=False).head(ASKED)
        return view(few, "cause", "request as in their own words",
                    "tickets as tickets that say so", "ticket")  # fmt: skip


@once
def asked_for(study: Study, top: int = TOP) -> Requests | CannotTell:
    """What tickets of the most frequent causes ask for, by the rule in text.requests.

    Of a cause 300 tickets are read, drawn by seed.
    """
    rows = named(study)
    if rows.empty:
        return CannotTell("what customers ask for: no ticket has a cause.")
    texts = joined_text(study.tickets.set_index("ticket_id"))
    asked = [
        (cause, ticket, shown(sentence, study, 160, texts[ticket]) if sentence else None)
        for cause, tickets in _drawn(rows, top, set(rows["ticket_id"]), READ)
        for ticket in tickets
        for sentence in requests(texts[ticket]) or [None]
    ]
    table = pd.DataFrame(asked, columns=["cause", "ticket_id", "request"])
    keys = table["request"].map(lambda s: sentence_key(s) if pd.notna(s) else None)
    common = common_in(study)
    doubt = [pd.notna(said) and in_doubt(said, common) for said in table["request"]]
    return Requests(table.astype({"request": "str"}).assign(key=keys, doubt=doubt))


def _drawn(
    rows: pd.DataFrame, top: int, allowed: set[str], n: int
) -> Iterator[tuple[str, np.ndarray]]:
    """The most frequent causes, each with so many of its tickets, drawn by seed."""
    groups = dict(iter(rows.groupby("cause")["ticket_id"]))
    order = sorted(groups, key=lambda cause: (-len(groups[cause]), cause))
    for place, cause in enumerate(order[:top]):
        ids = np.array(sorted(allowed.intersection(groups[cause])), dtype=object)
        yield cause, np.random.default_rng([SEED, place]).permutation(ids)[:n]
