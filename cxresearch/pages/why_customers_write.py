"""Notebook 04: why do customers write?"""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from cxresearch.episodes import known_since
from cxresearch.pages.words import SHARE, names_in, share
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.study import Study
from cxresearch.topics.causes import named
from cxresearch.topics.text import excerpt
from cxresearch.topics.topic_model import TopicModel

FEW_TICKETS = 30
SECOND = 0.2  # share of a ticket from which on it holds a second issue


def answer(topics: TopicModel) -> Finding | CannotTell:
    """How many topics, and the largest with its share."""
    info = topics.info()
    if info.empty:
        return CannotTell("why customers write: no ticket holds words that could be read.")
    top = info.iloc[0]
    return finding(
        "{n} topics hold {told:,} of {of:,} tickets. The largest, **{name}**, is {share:.1%} of "
        "them (95% interval {low:.1%} to {high:.1%}); the five largest together {five:.0%}.",
        n=len(info), told=int(info["size"].sum()), of=len(topics.labels), name=top["name"],
        share=top["share"], low=top["low"], high=top["high"], five=info["share"].head(5).sum(),
    )  # fmt: skip


def unheard(topics: TopicModel) -> Finding:
    """Tickets in no topic, and why."""
    return finding(
        "{words:,} tickets hold no words and {language:,} are in a language that the encoder does "
        "not serve; they are counted apart. No other ticket is left out.",
        words=int((topics.labels == -1).sum()), language=int((topics.labels == -2).sum()),
    )  # fmt: skip


def read_from(study: Study, topics: TopicModel) -> Finding | CannotTell:
    """Of which words topics are made, and whether all texts made them or a sample."""
    told = study.tickets[study.tickets["ticket_id"].isin(topics.ids)]
    if told.empty:
        return CannotTell("what topics are made of: there is no ticket.")
    described = int(told["description"].notna().sum())
    voters, texts = topics.made["voters"], topics.made["texts"]
    sample = " A sample of {voters:,} of {texts:,} tickets made the topics; the others went where "
    sample += "their nearest neighbours in it are."
    if not described:
        says = (
            "No ticket of this export has a description: topics are **modelled on subjects only**."
        )
    else:
        says = "Topics are made of subject and first message; {described:.0%} of tickets have one."
    return finding(
        says + sample * (voters < texts),
        described=described / len(told), voters=voters, texts=texts,
    )  # fmt: skip


def topic_table(topics: TopicModel) -> pd.DataFrame:
    """Topics with tickets, customers, share in percent with 95% interval, and words."""
    info = topics.info()
    percent = (100 * info[["share", "low", "high"]]).rename(columns=lambda c: f"{c} %")
    return pd.DataFrame(
        {
            "topic": info["name"],
            "tickets": info["size"],
            "customers": info["customers"],
            **percent,
            "words": info["words"].map(lambda words: ", ".join(words)),
        }
    )


def trust_table(topics: TopicModel) -> pd.DataFrame:
    """How far to trust each topic, the least reproducible first; see TopicModel.info."""
    info = topics.info().sort_values(["stability", "topic"])
    return pd.DataFrame(
        {
            "topic": info["name"],
            "tickets": info["size"],
            "customers": info["customers"],
            "overlap when refitted": info["stability"],
            "reproducible": info["reproducible"],
            "coherence": info["coherence"],
            "distinctness": info["distinctness"],
        }
    )


def stable(topics: TopicModel) -> Finding | CannotTell:
    """How many topics come back when a fifth of the tickets is left out."""
    found = topics.info()
    if found.empty:
        return CannotTell("whether topics are reproducible: there are none.")
    shaky = found.loc[~found["reproducible"], "name"]
    return finding(
        "{firm} of {n} topics come back, by at least half of their tickets, when a fifth of all "
        "tickets is left out. Those that do not: {shaky}. Reproducible is not the same as correct.",
        firm=len(found) - len(shaky), n=len(found), shaky="; ".join(shaky) or "none",
    )  # fmt: skip


def two_issues(topics: TopicModel) -> Finding | CannotTell:
    """How many tickets belong to a second topic as well."""
    shares = topics.weights[topics.labels >= 0]
    if not shares.shape[1] > 1:
        return CannotTell("which tickets hold two issues: there are not two topics.")
    second = np.sort(shares, axis=1)[:, -2]
    return finding(
        SHARE + " of tickets belong to a second topic by at least a fifth.",
        **share(int((second >= SECOND).sum()), len(second)),
    )  # fmt: skip


def nearest_topics(topics: TopicModel) -> pd.DataFrame | CannotTell:
    """The pairs of topics that would join first, with their distance (one minus cosine)."""
    joins, names = topics.hierarchy(), topics.names()
    pairs = joins[joins["right"] < len(names)]
    pairs = pairs[pairs["left"] < len(names)]
    if pairs.empty:
        return CannotTell("which topics are alike: there are not two.")
    return pd.DataFrame(
        {
            "topic": pairs["left"].map(names),
            "and": pairs["right"].map(names),
            "distance": pairs["distance"],
        }
    )


def quotes(study: Study, topics: TopicModel, largest: int = 6) -> pd.DataFrame:
    """Three redacted quotes of each of the largest topics, drawn by seed: topic, quote, ticket."""
    info = topics.info().head(largest)
    told = study.tickets.set_index("ticket_id")["description"]
    rows = [
        {"topic": name, "quote": excerpt(told[ticket], 180, names_in(study)), "ticket": ticket}
        for name, ids in zip(info["name"], info["quotes"], strict=True)
        for ticket in ids
        if ticket in told.index
    ]
    return pd.DataFrame(rows)


def monthly(study: Study) -> pd.DataFrame | CannotTell:
    """Tickets (weighted) a month and cause, whole months only: cause, month, tickets."""
    told = study.tickets[["ticket_id", "created_at"]].merge(named(study), on="ticket_id")
    if told.empty:
        return CannotTell("how causes change: no ticket has one.")
    month = told["created_at"].dt.tz_localize(None).dt.to_period("M")
    counts = told.pivot_table(
        index=month.rename("month"), columns="cause", values="weight", aggfunc="sum", fill_value=0
    )
    first = known_since(study).tz_localize(None)
    months = pd.period_range(first, study.observed_until.tz_localize(None), freq="M")
    whole = [m for m in months if m.start_time >= first.normalize()
             and m.end_time <= study.observed_until.tz_localize(None)]  # fmt: skip
    if len(whole) < 4:
        return CannotTell("how causes change: fewer than four whole months were watched.")
    counts = counts.reindex(pd.PeriodIndex(whole, name="month"), fill_value=0)
    counts.index = counts.index.to_timestamp()
    return counts.stack().rename("tickets").reset_index()


def silence(study: Study) -> pd.DataFrame | CannotTell:
    """Share of each cause's tickets that never had an answer, in percent with 95% interval."""
    tickets = study.customer_tickets[["ticket_id", "first_reply_at"]]
    told = tickets.merge(named(study), on="ticket_id")
    never = told["first_reply_at"].isna().groupby(told["cause"])
    found = pd.DataFrame({"tickets": never.size(), "never answered": never.sum()})
    found = found[found["tickets"] >= FEW_TICKETS]
    low, high = proportion_confint(found["never answered"], found["tickets"], method="wilson")
    percent = 100 * found["never answered"] / found["tickets"]
    found = found.assign(**{"share %": percent, "low %": 100 * low, "high %": 100 * high})
    if found.empty:
        return CannotTell(f"who is left without an answer: no cause has {FEW_TICKETS} tickets.")
    return found.sort_values("share %", ascending=False)


def answered(study: Study) -> Finding | CannotTell:
    """Share of tickets never answered, and the cause where it is highest."""
    tickets = study.customer_tickets
    by_cause = silence(study)
    if isinstance(by_cause, CannotTell):
        return by_cause
    top = by_cause.iloc[0]
    return finding(
        SHARE + " of customers' tickets never had an answer from a person other than the asker. "
        "The cause with the highest share is {cause}: {top:.0%} ({top_low:.0%} to {top_high:.0%}).",
        **share(int(tickets["first_reply_at"].isna().sum()), len(tickets)), cause=str(top.name),
        top=top["share %"] / 100, top_low=top["low %"] / 100, top_high=top["high %"] / 100,
    )  # fmt: skip


def causes(study: Study) -> Finding | CannotTell:
    """Whether a person has named or merged topics yet."""
    rows = named(study)
    if rows.empty:
        return CannotTell("what the causes are: no ticket has one.")
    merged = rows["topic"].nunique() - rows["cause"].nunique()
    by_whom = (
        "no person has merged any yet, so a cause is a topic"
        if not merged
        else f"a person has merged {merged} of them"
    )
    return finding(
        "{n} causes stand for {of} topics: " + by_whom + ".",
        n=rows["cause"].nunique(), of=rows["topic"].nunique(),
    )  # fmt: skip


def exits(study: Study) -> Finding | CannotTell:
    """How many tickets ask to leave, by their words or their topic."""
    if study.outcome == "return":
        return CannotTell("who asks to leave: nobody has a contract here that could be ended.")
    asks = study.ticket_causes.groupby("ticket_id")["is_exit_request"].any()
    return finding(SHARE + " of tickets ask to leave, by their words or because "
                   "they lie wholly in a topic of which half do.",
                   **share(int(asks.sum()), len(asks)))  # fmt: skip
