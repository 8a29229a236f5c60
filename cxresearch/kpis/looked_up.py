"""Who searched the help centre, about which cause, and did they open an article?"""

import pandas as pd

from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.voice_ids import search_id
from cxresearch.topics.voices import voice_causes

SITTING = pd.Timedelta(minutes=30)  # what is opened so long after a search belongs to it
WANTED = {
    "articles": "articles are not told; the help centre's list of articles would tell.",
    "ticket_causes": "causes are not known; run the topic model first.",
    "voice_topics": "articles and searches have no topics; run the topic model again.",
}


def untold(study: Study) -> CannotTell | None:
    """Why articles and causes cannot be brought together, if they cannot."""
    why = [says for name, says in WANTED.items() if not study.has(name)]
    return CannotTell(f"what an article would have answered: {why[0]}") if why else None


@once(on_disk=False)
def searches(study: Study) -> pd.DataFrame:
    """A row a search, the first first: who (the account, else the person; null of nobody known),
    at, cause (null of none), opened_at (the first article opened within half an hour, unless a
    search about something else led there)."""
    if not study.has("article_views"):
        return pd.DataFrame(columns=["who", "at", "cause", "opened_at"])
    views = study.article_views.sort_values(["viewed_at", "view_id"], ignore_index=True)
    asked, at = views["query"].fillna("").str.strip() != "", views["viewed_at"]
    who = study.account(views.assign(ticket_id=views["view_id"], created_at=at))
    if study.outcome == "churn":
        who = views["customer_id"].fillna(who)
    who = who.fillna(views["requester_id"]).astype("str")
    rows = pd.DataFrame({"who": who, "at": at})
    cause = views["query"][asked].map(search_id).map(voice_causes(study, "search")["cause"])
    rows = rows.assign(cause=cause.astype("str"), opened_at=at.where(views["article_id"].notna()))
    known = rows[rows["who"].notna()]
    reads = known[known["opened_at"].notna()].rename(columns={"cause": "about"})
    then = pd.merge_asof(
        known.drop(columns="opened_at").reset_index(), reads,
        on="at", by="who", direction="forward", tolerance=SITTING,
    ).set_index("index")  # fmt: skip
    fits = then["about"].isna() | (then["about"] == then["cause"])
    opened = rows["opened_at"].fillna(then["opened_at"].where(fits))
    return rows.assign(opened_at=opened)[asked].reset_index(drop=True)
