"""Small studies of a help centre: tickets, searches and articles by hand."""

import pandas as pd

from cxresearch import Study
from cxresearch.study.voice_ids import search_id

MONDAY = pd.Timestamp("2024-01-01T00:00:00Z")
CAUSES = ["login", "sync"]


def at(days: float) -> pd.Timestamp:
    return MONDAY + pd.Timedelta(days=days)


def study(tickets=(), views=(), near=("login",), until: float = 60, **articles) -> Study:
    """Tickets (day, who, cause), views (day, who, query or None, article or None); a query stands
    for the cause that it names, and each cause in near has an article, a0, a1 …"""
    rows = pd.DataFrame(tickets, columns=["day", "requester_id", "cause"])
    ids = [f"t{i}" for i in range(len(rows))]
    own = pd.DataFrame({"ticket_id": ids, "requester_id": rows["requester_id"],
                        "created_at": rows["day"].map(at), "status": "open"})  # fmt: skip
    causes = pd.DataFrame(
        {
            "ticket_id": ids,
            "cause": rows["cause"],
            "weight": 1.0,
            "topic": rows["cause"].map(CAUSES.index),
            "is_exit_request": False,
        }
    )
    seen = pd.DataFrame(views, columns=["day", "requester_id", "query", "article_id"])
    seen = seen.assign(view_id=[f"v{i}" for i in seen.index], viewed_at=seen["day"].map(at))
    voices = [("search", search_id(cause), CAUSES.index(cause)) for cause in CAUSES]
    voices += [("article", f"a{i}", CAUSES.index(cause)) for i, cause in enumerate(near)]
    voices += [("search", search_id("weather"), -1)]
    told = pd.DataFrame({"article_id": [f"a{i}" for i in range(len(near))], "title": "How"})
    tables = {
        "tickets": own,
        "ticket_causes": causes,
        "articles": told.assign(**articles),
        "article_views": seen.drop(columns="day"),
        "voice_topics": pd.DataFrame(voices, columns=["voice", "voice_id", "topic"]),
    }
    return Study.from_tables(tables, observed_until=at(until).isoformat())
