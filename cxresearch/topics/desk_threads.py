"""What desk and customer wrote in each ticket, read by the rules of text.desk_words.

A rule that agrees too little with two readers is not used: what it finds is null. The table that
decides (desk_words.csv) is written by tests/benchmarks/desk_wrote on threads of tests/reference.
"""

from functools import cache
from pathlib import Path

import pandas as pd

from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.topics.text import desk_words
from cxresearch.topics.text.desk_words import BY_AGENT, BY_CUSTOMER, OF_FIRST, asks_again, says
from cxresearch.topics.text.language import language_of
from cxresearch.topics.text.ticket_text import joined_text

LEAST = 0.6  # kappa with two readers of a rule that is used
RULES = (*BY_AGENT, *BY_CUSTOMER, "told_twice", *OF_FIRST)
NO_WORDS = DoesNotApply(
    "what the desk wrote: no customer's ticket has words of agents. Ticket events with a body "
    "would tell."
)


@cache
def agreement() -> pd.DataFrame:
    """How far each rule agrees with two readers: rule, texts, held (share that a hand says so),
    hands, kappa, precision, recall, each of the last four with low and high."""
    return pd.read_csv(Path(desk_words.__file__).with_suffix(".csv"))


def untrusted(rule: str) -> CannotTell | None:
    """Why a rule is not used; None where on each kind of text it agrees with people."""
    kappa = agreement().loc[agreement()["rule"] == rule, "kappa"]
    if len(kappa) and kappa.min() >= LEAST:
        return None
    return CannotTell("the rule agrees too little with people who read the same texts.")


@once(on_disk=False)
def messages(study: Study) -> pd.DataFrame | CannotTell:
    """The public messages of the tickets that can be read, in order: ticket_id, at, role, actor_id,
    body, first. Read are the customers' own tickets in English with a body of an agent's answer."""
    tickets = languages(study)
    if isinstance(tickets, CannotTell):
        return tickets
    tickets = tickets[tickets["read"]]
    first = pd.DataFrame(
        {"ticket_id": tickets["ticket_id"], "at": tickets["created_at"], "role": "customer",
         "body": joined_text(tickets), "first": True}
    )  # fmt: skip
    later = replies(study).rename(columns={"event_at": "at", "actor_role": "role"})
    later = later[among(later["ticket_id"], tickets["ticket_id"])].assign(first=False)
    both = pd.concat([first, later[["ticket_id", "at", "role", "actor_id", "body", "first"]]])
    both = both[both["body"].notna() & ~(both["at"] > study.observed_until)]
    return both.sort_values(["ticket_id", "first", "at"], ascending=[True, False, True],
                            kind="stable", ignore_index=True)  # fmt: skip


@once(on_disk=False)
def languages(study: Study) -> pd.DataFrame | CannotTell:
    """The customers' own tickets with an agent's answer whose words are known: their columns, and
    language and read (is it English, the one language of the rules?)."""
    spoke = replies(study)
    spoke = spoke.loc[(spoke["actor_role"] == "agent") & spoke["body"].notna(), "ticket_id"]
    tickets = study.customer_tickets
    tickets = tickets[among(tickets["ticket_id"], spoke)].reset_index(drop=True)
    if tickets.empty:
        return NO_WORDS
    told = language_of(joined_text(tickets), tickets["language"])
    return tickets.assign(language=told.fillna("unknown"), read=told.eq("en").fillna(False))


def replies(study: Study) -> pd.DataFrame:
    """The public messages after the first of each ticket; no rows without a history."""
    if not study.has("ticket_events"):
        columns = ["ticket_id", "event_at", "actor_role", "actor_id", "body", "is_public"]
        return pd.DataFrame(columns=columns)
    events = study.ticket_events
    public = (events["event_type"] == "reply") & events["is_public"].fillna(True).astype(bool)
    return events[public]


def read_threads(rows: pd.DataFrame) -> pd.DataFrame:
    """What each ticket's messages do, by ticket_id: a boolean column a rule. rows are messages()
    or like them. Without an agent's message nobody did anything; acknowledged is of the first."""
    by_agent, by_customer = (rows["role"] == role for role in ("agent", "customer"))
    answers = rows["role"].isin(["agent", "bot"]).groupby(rows["ticket_id"]).cumsum()
    nth = by_agent.groupby(rows["ticket_id"]).cumsum()
    of = dict.fromkeys(BY_AGENT, by_agent) | dict.fromkeys(BY_CUSTOMER, by_customer & (answers > 0))
    of |= dict.fromkeys(OF_FIRST, rows["first"]) | {"acknowledged": by_agent & (nth == 1)}
    found = {name: read_rule(rows[some], name).reindex(rows.index, fill_value=False)
             for name, some in of.items()}  # fmt: skip
    found["confirmed"] &= ~found["not_solved"]
    each = pd.DataFrame(found).groupby(rows["ticket_id"]).any()
    hands = rows[by_agent].groupby("ticket_id")["actor_id"].nunique()
    changed = rows[among(rows["ticket_id"], hands.index[hands > 1])]
    twice = {name: _told_twice(part) for name, part in changed.groupby("ticket_id")}
    each["told_twice"] = pd.Series(twice, dtype=bool).reindex(each.index, fill_value=False)
    return each[list(RULES)]


def read_rule(rows: pd.DataFrame, rule: str) -> pd.Series:
    """Does each message do what a rule looks for, whoever wrote it? Equal texts are read once."""
    found = {body: says(rule, body) for body in rows["body"].unique()}
    return rows["body"].map(found).astype(bool)


def _told_twice(thread: pd.DataFrame) -> bool:
    """After another agent took over: does that one ask for what was told, or is it said so?"""
    agents = thread["actor_id"].where(thread["role"] == "agent")
    seen = agents.ffill().shift()
    taken = ((agents != seen) & agents.notna() & seen.notna()).cumsum() > 0
    new = taken & agents.notna() & (agents != agents.dropna().iloc[0])
    asked = any(
        asks_again(thread["body"][at], thread.loc[: at - 1].query("role == 'customer'")["body"])
        for at in thread.index[new]
    )
    complains = thread["body"][taken & (thread["role"] == "customer")]
    return asked or any(says("told_twice", body) for body in complains)
