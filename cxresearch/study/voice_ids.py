"""By which ids reviews, searches and articles are known where topics are kept for them."""

import hashlib
from collections.abc import Mapping

import pandas as pd


def search_id(query: str) -> str:
    """The id of a search: a hash of its words, in small letters and with single spaces, so that the
    words themselves stand in one table only."""
    return hashlib.md5(" ".join(query.lower().split()).encode()).hexdigest()


def voice_ids(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """voice (review, search, article) and voice_id of what tables hold, each once, named by the row
    of its table. A search that led to an article counts by its words, too."""
    none = pd.DataFrame({"review_id": [], "query": [], "article_id": []}, dtype="str")
    reviews, views, articles = (
        tables.get(name, none) for name in ("reviews", "article_views", "articles")
    )
    searched = views["query"].dropna()
    searched = searched[searched.str.strip() != ""]
    ids = {
        "review": reviews["review_id"],
        "search": searched.map(search_id),
        "article": articles["article_id"],
    }
    rows = [pd.DataFrame({"voice": v, "voice_id": of.astype("str")}) for v, of in ids.items()]
    return pd.concat(rows).drop_duplicates()
