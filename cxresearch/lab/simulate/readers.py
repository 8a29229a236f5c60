"""Articles and who reads them: some answer a question before it becomes a ticket."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.chance import second_of_day, stream
from cxresearch.lab.simulate.facts import time
from cxresearch.lab.simulate.mess import clauses
from cxresearch.lab.simulate.parameters import DAY, World, seconds
from cxresearch.lab.simulate.voice_parameters import Voices


def readers(
    world: World, voices: Voices, tables: Mapping, tickets: pd.DataFrame, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """The articles and article_views tables, and by view_id its cause. Who searched and wrote is
    in the tickets; with each come those who searched and did not, as many as the chances say."""
    rng, since = stream(seed, "articles"), seconds(voices.articles_from)
    held, until = clauses("public"), world.seconds("observed_until")
    rows = [
        _searches(voices, of, cause, cause in held["articles"], tickets, (since, until), rng)
        for cause, of in tickets[tickets["created"] > since + 2 * DAY].groupby("cause")
    ]
    views = pd.concat(rows).sort_values("at", kind="stable", ignore_index=True)
    n, number = len(views), {cause: f"A{place + 1}" for place, cause in enumerate(held["articles"])}
    queries = [held["searches"][c][rng.integers(len(held["searches"][c]))] for c in views["cause"]]
    results = np.where(views["cause"].isin(list(number)), 1 + rng.integers(0, 4, n), 0)
    results = np.where(views["seen"], results, np.where(rng.random(n) < 0.6, 0, results))
    told = pd.DataFrame({
        "view_id": [f"V{300_001 + place}" for place in range(n)], "viewed_at": time(views["at"]),
        "article_id": views["cause"].map(number).where(views["seen"]), "query": queries,
        "count_results": results, "requester_id": views["requester_id"],
    })  # fmt: skip
    return (
        _articles(held, since, rng),
        told,
        dict(zip(told["view_id"], views["cause"], strict=True)),
    )


def _searches(voices, wrote, cause: str, there: bool, tickets, span, rng) -> pd.DataFrame:
    """Searches about a cause: before a ticket of it, and those after which none came."""
    kept, found = voices.answers.get(cause, 0.0), voices.found * there
    opened = found * (1 - kept) / (found * (1 - kept) + 1 - found)
    of = wrote[rng.random(len(wrote)) < voices.searches]
    before = (600 + rng.exponential(10 * 3600, len(of))).clip(max=2.9 * DAY).astype(np.int64)
    with_ticket = of.assign(at=of["created"] - before, seen=rng.random(len(of)) < opened)
    parts = [with_ticket[["requester_id", "at", "seen"]]]
    for seen, writes in ((True, voices.would * (1 - kept)), (False, voices.would)):
        same = with_ticket[with_ticket["seen"] == seen]
        size = rng.poisson(len(same) * (1 - writes) / writes) if len(same) else 0
        like = same.iloc[rng.integers(0, max(len(same), 1), size)]  # in the same weeks
        day = like["at"].to_numpy() // DAY * DAY + rng.integers(-2, 3, size) * DAY
        people = tickets.iloc[rng.integers(0, len(tickets), size)]["requester_id"].to_numpy()
        at = np.clip(day + second_of_day(rng, size), span[0], span[1] - 1)
        parts.append(pd.DataFrame({"requester_id": people, "at": at, "seen": seen}))
    return pd.concat(parts).assign(cause=cause)


def _articles(held: dict, since: int, rng) -> pd.DataFrame:
    rows = [(f"A{place + 1}", title, body)
            for place, (title, body) in enumerate(held["articles"].values())]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["article_id", "title", "body"])
    written = since - rng.integers(5, 300, len(frame)) * DAY
    changed = since + rng.integers(0, 400, len(frame)) * DAY
    return frame.assign(created_at=time(pd.Series(written)), updated_at=time(pd.Series(changed)),
                        language="en")  # fmt: skip
