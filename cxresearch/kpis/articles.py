"""Which article to write first, and does what the desk learns reach the articles?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.incidents import tickets_with_causes
from cxresearch.kpis.looked_up import searches, untold
from cxresearch.kpis.measure import share
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.intervals import difference
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.words import listed, side, view
from cxresearch.topics.text.shown import shown
from cxresearch.topics.voices import voice_causes

BEFORE = pd.Timedelta(days=3)  # a search so long before a ticket on its cause led to nothing
MISSED = 0.05  # chance that any of the causes' intervals misses
NONE, SELDOM, OPENED = "no article", "seldom opened", "opened"
SELDOM_BELOW = 0.5  # of searches
NAMED, TITLES, YEAR = 3, 2, 12
FIRST = "which article to write first"


@dataclass(frozen=True, eq=False)
class Wanted(Result):
    """Causes by the tickets before which an article was searched in vain, most first: cause,
    tickets, customers, articles (near it), titles (masked), searched (tickets whose writer had
    searched about it in the three days before), in vain (and opened nothing), customers in vain,
    share (in vain of tickets), low, high, verdict (more or less than of all), searches, opened
    (share of these after which one was opened), article (no article, seldom opened: clearly after
    less than half, opened), could be first (yes, no). All causes' intervals hold together."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """The article to write first, the tickets it could touch, and which could be as good."""
        if (self.frame["article"] == OPENED).all():
            return finding("Every cause has an article that is opened when searched for.")
        rows = without(self.frame)[0]
        rows = rows[rows["article"] != OPENED]
        if not rows["in vain"].max() > 0:
            return CannotTell(f"{FIRST}: too few tickets are known to follow a search in vain.")
        first, also = rows.iloc[0], rows.loc[rows["could be first"] == "yes", "cause"].iloc[1:]
        write = "Write an article" if first["article"] == NONE else "Rewrite the article"
        return finding(
            write + " about **{cause}** first. Its writers had searched in vain before "
            "{share:.0%} of its tickets ({low:.0%} to {high:.0%}). These are {n:,} tickets of "
            "{customers:,} customers. " + ("As good could be {also}." if len(also) else ""),
            cause=first["cause"], share=first["share"], low=first["low"], high=first["high"],
            n=int(first["in vain"]), customers=int(first["customers in vain"]),
            also=listed([*also[:NAMED], f"{len(also) - NAMED} more"][: len(also)]),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Causes beside their articles."""
        return view(
            self.frame, "cause", "tickets", "customers", "articles", "titles",
            "in vain .0f as searched in vain", "share ±.0% as share in vain",
            "verdict as beside all", "article", "could be first",
        )  # fmt: skip


@once
def wanted(study: Study) -> Wanted | CannotTell:
    """Which article to write first. Tickets count from three days after the first search that is
    told until the last one. Shares allow for several tickets by one customer."""
    if why := untold(study):
        return why
    looked, articles = searches(study), _near(study)
    articles["title"] = [shown(title, study, 60) for title in articles["title"]]
    tickets = _after_searches(tickets_with_causes(study), looked)
    if tickets.empty:
        return CannotTell(f"{FIRST}: no ticket with a cause was written while searches were told.")
    level = 1 - MISSED / tickets["cause"].nunique()
    looked["opened"] = looked["opened_at"].notna()
    looked["who"] = looked["who"].fillna(looked.index.to_series().astype("str"))
    rows = [
        _of_cause(own, *(of[of["cause"] == cause] for of in (articles, looked)), level)
        for cause, own in tickets.groupby("cause")
    ]
    return Wanted(_ranked(pd.DataFrame(rows), tickets["vain"].mean()))


def _after_searches(tickets: pd.DataFrame, looked: pd.DataFrame) -> pd.DataFrame:
    """The tickets with whether their writer searched before (searched), and opened nothing (vain);
    all tickets, both null, where no search is known to be anybody's."""
    known = looked.dropna(subset=["who", "cause"])
    if known.empty:
        return tickets.assign(searched=np.nan, vain=np.nan)
    tickets = tickets[tickets["created_at"].between(known["at"].min() + BEFORE, known["at"].max())]
    pairs = tickets.merge(known, on=["who", "cause"])
    ago = pairs["created_at"] - pairs["at"]
    pairs = pairs[(ago >= pd.Timedelta(0)) & (ago <= BEFORE)]
    opened = pairs["opened_at"] <= pairs["created_at"]
    opened = tickets["ticket_id"].map(opened.groupby(pairs["ticket_id"]).any())
    return tickets.assign(searched=1.0 * opened.notna(), vain=1.0 * opened.eq(False))


def _of_cause(own: pd.DataFrame, articles: pd.DataFrame, about: pd.DataFrame, level: float) -> dict:
    told, vain = own[own["vain"].notna()], own["vain"] == 1
    in_vain = share(told["vain"] == 1, told["who"], level)
    opened = share(about["opened"], about["who"], level)
    return {
        "cause": own["cause"].iloc[0], "tickets": len(own), "customers": own["who"].nunique(),
        "articles": len(articles),
        "titles": "; ".join(articles["title"].head(TITLES)),
        "searched": own["searched"].sum(min_count=1), "in vain": own["vain"].sum(min_count=1),
        "customers in vain": own.loc[vain, "who"].nunique(),
        "share": in_vain["estimate"], "low": in_vain["low"], "high": in_vain["high"],
        "searches": len(about), "opened": opened["estimate"], "opened high": opened["high"],
    }  # fmt: skip


def _ranked(rows: pd.DataFrame, in_vain: float) -> pd.DataFrame:
    """Most in vain first; which of those without an article that is opened could be first?"""
    rows = rows.sort_values(["in vain", "tickets"], ascending=False, ignore_index=True)
    lacks = [rows["articles"] == 0, rows["opened high"] < SELDOM_BELOW]
    rows["article"] = np.select(lacks, [NONE, SELDOM], OPENED)
    rows["verdict"] = side(rows["low"], rows["high"], in_vain)
    lacking = rows[rows["article"] != OPENED]
    counts = lacking[["share", "low", "high"]].mul(lacking["tickets"], axis=0).T.to_numpy()
    behind = difference(counts[:, :1], counts)[1] > 0
    rows["could be first"] = ""
    rows.loc[lacking.index, "could be first"] = np.where(behind, "no", "yes")
    return rows.drop(columns="opened high")


@dataclass(frozen=True, eq=False)
class Contribution(Result):
    """By month, the last first: month, tickets (with a cause), share (of which an article was near
    when they were written), low, high, written, changed (articles; of changes the last is told)."""

    def said(self, row: str = "") -> Finding:
        """The share of the last month's tickets that an article is near, and articles a month."""
        last, year = self.frame.iloc[0], self.frame.head(YEAR)
        says = (
            "An article is near the cause of **{share:.0%}** of the tickets of {month} "
            "({low:.0%} to {high:.0%}; {of:,} tickets)."
        )
        if year[["written", "changed"]].notna().all(axis=None):
            says += (
                " In the last {n} months {written:.0f} articles were written and {changed:.0f} "
                "changed."
            )
        return finding(
            says, share=last["share"], low=last["low"], high=last["high"],
            of=int(last["tickets"]), month=last["month"], n=len(year),
            written=year["written"].sum(), changed=year["changed"].sum(),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The last year by month."""
        return view(self.frame.head(YEAR), "month", "tickets", "share ±.0% as near an article",
                    "written", "changed")  # fmt: skip


@once
def contribution(study: Study) -> Contribution | CannotTell:
    """Articles written or changed by month, and the share of customers' tickets with a cause that
    an article was near; one that does not tell since when counts as always there. Only months that
    are over."""
    if why := untold(study):
        return DoesNotApply(why.reason)
    tickets, articles, near = tickets_with_causes(study), study.articles, _near(study)
    since = near["created_at"].fillna(pd.Timestamp(0, tz="UTC")).groupby(near["cause"]).min()
    tickets = tickets.join(since.rename("since"), on="cause")
    tickets["near"] = tickets["created_at"] >= tickets["since"]
    tickets["month"] = _month(study, tickets["created_at"])
    [now] = _month(study, pd.Series([study.observed_until]))
    over = tickets[tickets["month"] < now]
    if over.empty:
        return CannotTell("what share of tickets an article is near: no month with one is over.")
    rows = [{"month": month, "tickets": len(of), **share(of["near"], of["who"])}
            for month, of in over.groupby("month")]  # fmt: skip
    frame = pd.DataFrame(rows).rename(columns={"estimate": "share"}).drop(columns="n")
    written, changed = (_month(study, articles[name]) for name in ("created_at", "updated_at"))
    for name, of, which in (("written", written, written.notna()),
                            ("changed", changed, changed != written)):  # fmt: skip
        count = frame["month"].map(of[which].value_counts())
        frame[name] = count.fillna(0.0) if of.notna().any() else np.nan
    return Contribution(frame.iloc[::-1].reset_index(drop=True))


def told_sums(study: Study) -> Finding | CannotTell:
    """How often articles were read and helped, where only sums are told."""
    sums = study.articles if study.has("articles") else pd.DataFrame(columns=["count_views"])
    views = sums["count_views"].sum()
    if study.has("article_views"):
        each = study.article_views
        views += each.loc[each["article_id"].notna() & (each["times"] > 1), "times"].sum()
    if not views > 0:
        return DoesNotApply("how often articles are read: no sum is told.")
    votes = [int(sums[name].sum()) for name in ("count_helpful", "count_unhelpful")]
    return finding(
        "Articles were read {views:,} times, as sums tell. " + (
            "{helped:,} of {votes:,} votes say that they helped. " if sum(votes) else ""
        ) + "A sum does not tell who read, nor whether readers write less.",
        views=int(views), helped=votes[0], votes=sum(votes),
    )  # fmt: skip


def _near(study: Study) -> pd.DataFrame:
    """Articles with the cause that each is near; those near none are not there."""
    cause = study.articles["article_id"].map(voice_causes(study, "article")["cause"])
    return study.articles.assign(cause=cause).dropna(subset="cause")


def _month(study: Study, times: pd.Series) -> pd.Series:
    return times.dt.tz_convert(study.settings.time_zone).dt.strftime("%Y-%m")
