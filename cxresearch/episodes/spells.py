"""When each issue was open, when it became overdue, and when it was unresolved by other rules.

The promise's clock runs while an issue is open and stands still while it waits on the customer
(pending, and hold if study.toml says so). A ticket with a history of states is taken at its word.
Without one, when it waited is not known: the clock runs on, and days_waiting is null.
"""

import numpy as np
import pandas as pd

from cxresearch.study.among import among
from cxresearch.study.once import once
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.told import SOLVED, told
from cxresearch.topics.causes import OTHER, OTHER_ISSUES

DAY, NONE = pd.Timedelta(days=1), pd.Timedelta(0)
RESOLVED = ("solved", "closed", "deleted")
BY_RULE = ("system", "bot")
UNRESOLVED = ("overdue", "abandoned", "reopened", "closed_unheard")
SPELL = (
    "ticket_id customer_id cause topic weight opened_at resolved_at overdue_at days_waiting "
    "is_exit_request"
).split()
ENDS = ["begins_at", "ends_at"]


@once
def open_spells(
    study: Study, include_exit_requests: bool = False, others: bool = False
) -> pd.DataFrame:
    """When each issue of a known customer was open, and when it became overdue.

    A row a ticket, cause and spell: ticket_id, customer_id, cause, topic, weight (of the cause; a
    ticket's weights add up to 1), opened_at, resolved_at (null = open when last seen), overdue_at
    (when the promise ran out, or would have), days_waiting (in the spell, with the clock standing
    still; null without a history of states), is_exit_request.

    With a history every reopening begins a spell. Without one a ticket has a spell from creation to
    first solution and, if it was reopened, one from the last reopening to the solution after it.
    The time used up before a reopening stays used up. A ticket that a rule closed without anybody
    solving it is not resolved. Left out are tickets said to be solved without a time, or before
    they were written: when they were open is unknown. In a part of a study that was cut by a column
    of tickets, issues outside the cut are here only with others; their cause is "other issues" and
    their topic OTHER.
    """
    spells, causes = _ticket_spells(study.whole), study.whole.ticket_causes
    if not include_exit_requests:
        asks = causes.loc[causes["is_exit_request"].fillna(False).astype(bool), "ticket_id"]
        spells = spells[~among(spells["ticket_id"], asks)]
    spells = spells.merge(causes, on="ticket_id", how="left")
    if study.cut:
        spells = _of_a_part(study, spells, others)
    return spells.assign(weight=spells["weight"].fillna(1.0))[SPELL]


def _of_a_part(study: Study, spells: pd.DataFrame, others: bool) -> pd.DataFrame:
    """The spells inside a study's cut; with others also those outside, a row each."""
    inside = among(spells["ticket_id"], study.tickets["ticket_id"])
    if not others:
        return spells[inside].reset_index(drop=True)
    outside = spells[~inside].drop_duplicates(["ticket_id", "opened_at"])
    outside = outside.assign(cause=OTHER_ISSUES, weight=1.0, topic=OTHER)
    outside = outside.astype({"topic": spells["topic"].dtype})
    return pd.concat([spells[inside], outside], ignore_index=True)


def unresolved_spells(study: Study, spells: pd.DataFrame, rule: str) -> pd.DataFrame:
    """The spells in which issues were unresolved by a rule, as begins_at and ends_at (null = to the
    end) beside the columns of `open_spells`.

    overdue: open, and the promise has run out, until it is solved. abandoned: the promise has run
    out without an agent's answer, until the first one, also if it was closed meanwhile, unless the
    customer closed it. reopened: open again after a solution. closed_unheard: closed by a rule,
    from then until it is reopened. Raises InputError for another rule, or where the export cannot
    tell.
    """
    if rule not in UNRESOLVED:
        raise InputError(f"unresolved is '{rule}'; it must be one of: {', '.join(UNRESOLVED)}.")
    if rule == "overdue":
        return spells.assign(begins_at=spells["overdue_at"], ends_at=spells["resolved_at"])
    if rule == "reopened":
        again = spells[spells.duplicated(["ticket_id", "cause"])]
        return again.assign(begins_at=again["opened_at"], ends_at=again["resolved_at"])
    needs = {"abandoned": "first_reply_at", "closed_unheard": "closed_by"}[rule]
    if study.whole.tickets[needs].isna().all():
        raise InputError(f"unresolved='{rule}' needs {needs}, which this export does not have.")
    facts = "ticket_id first_reply_at closed_at closed_by last_reopened_at".split()
    first = spells.drop_duplicates(["ticket_id", "cause"]).merge(study.whole.tickets[facts])
    first = first[told(study, needs, first)] if rule == "abandoned" else first
    if rule == "abandoned":
        own = first["closed_at"].where(first["closed_by"] == "customer")
        ends = pd.concat([first["first_reply_at"], own], axis=1).min(axis=1)
        return first.assign(begins_at=first["overdue_at"], ends_at=ends)[[*SPELL, *ENDS]]
    closed = first[(first["closed_by"] == "automation") & first["closed_at"].notna()]
    back = closed["last_reopened_at"].where(closed["last_reopened_at"] > closed["closed_at"])
    return closed.assign(begins_at=closed["closed_at"], ends_at=back)[[*SPELL, *ENDS]]


def merged_runs(customers: pd.Series, since: pd.Series, until: pd.Series) -> pd.DataFrame:
    """Intervals of a customer joined where they touch: customer_id, since, until; by time."""
    runs = pd.DataFrame({"customer_id": customers, "since": since, "until": until}).dropna()
    runs = runs[runs["since"] < runs["until"]].sort_values("since")
    so_far = runs.groupby("customer_id")["until"].cummax()
    before = so_far.groupby(runs["customer_id"]).shift()
    runs["run"] = (~(runs["since"] <= before)).groupby(runs["customer_id"]).cumsum()
    whole = runs.groupby(["customer_id", "run"]).agg(since=("since", "min"), until=("until", "max"))
    return whole.reset_index().drop(columns="run").sort_values("since", ignore_index=True)


@once
def _ticket_spells(study: Study) -> pd.DataFrame:
    """The spells of each ticket."""
    tickets = study.customer_tickets
    tickets = tickets[tickets["customer_id"].notna()]
    states = _stretches_told(study, tickets)
    without = tickets[~among(tickets["ticket_id"], states["ticket_id"])]
    without = without[told(study, SOLVED, without)]
    stretches = pd.concat([states, _stretches_from_columns(without)], ignore_index=True)
    spells = _spells(stretches, study.settings.unresolved_after_days * DAY)
    return spells.merge(tickets[["ticket_id", "customer_id"]], on="ticket_id")


def _stretches_told(study: Study, tickets: pd.DataFrame) -> pd.DataFrame:
    """Tickets with a history of states: ticket_id, begin, end (null: still so), state."""
    columns = ["ticket_id", "begin", "end", "state", "told"]
    if not study.has("ticket_events"):
        none = tickets.iloc[:0]
        return none.assign(begin=none["created_at"], end=none["created_at"], state="", told=True)[
            columns
        ]
    events = study.ticket_events
    changes = events[(events["field"] == "status") & events["value_to"].notna()]
    changes = changes[among(changes["ticket_id"], tickets["ticket_id"])]
    changes = changes.sort_values(["ticket_id", "event_at", "event_id"], kind="stable")
    by_rule = changes["value_to"].isin(RESOLVED) & changes["actor_role"].isin(BY_RULE)
    solved = changes["value_to"].eq("solved").groupby(changes["ticket_id"]).cummax()
    changes = changes[~by_rule | solved]  # a rule that closes what nobody solved changes nothing
    made = tickets[among(tickets["ticket_id"], changes["ticket_id"])]
    first = made[["ticket_id"]].assign(begin=made["created_at"], state="new")
    steps = changes[["ticket_id"]].assign(begin=changes["event_at"], state=changes["value_to"])
    steps = pd.concat([first, steps], ignore_index=True)
    steps = steps.sort_values(["ticket_id", "begin"], kind="stable", ignore_index=True)
    end = steps.groupby("ticket_id")["begin"].shift(-1)
    return steps.assign(end=end, state=_clock(steps["state"], study), told=True)[columns]


def _clock(state: pd.Series, study: Study) -> np.ndarray:
    """What each state means to the promise: resolved, waiting (stands still) or open (runs)."""
    still = ["pending", *["hold"] * study.settings.hold_stops_clock]
    return np.select([state.isin(RESOLVED), state.isin(still)], ["resolved", "waiting"], "open")


def _stretches_from_columns(tickets: pd.DataFrame) -> pd.DataFrame:
    """Tickets without a history: from creation to the first solution, and from the last reopening
    to the solution after it."""
    closed = tickets["closed_at"].where(tickets["closed_by"] != "automation")
    solved = tickets["first_solved_at"].fillna(closed)
    over = tickets["status"].isin(RESOLVED) & (tickets["closed_by"] != "automation")
    unknown = (solved.isna() & over) | (solved < tickets["created_at"])
    first = tickets.assign(begin=tickets["created_at"], end=solved)[~unknown]
    again = first[first["last_reopened_at"].notna() & first["end"].notna()]
    last = again["last_solved_at"].fillna(again["closed_at"])
    again = again.assign(
        begin=again["last_reopened_at"], end=last.where(last > again["last_reopened_at"])
    )
    spans = pd.concat([first, again])[["ticket_id", "begin", "end"]].assign(told=False)
    open_again = spans.assign(state="open")
    never = spans["end"].mask(spans["end"].notna())
    shut = spans.assign(begin=spans["end"], end=never, state="resolved")[spans["end"].notna()]
    return pd.concat([open_again, shut])


def _spells(stretches: pd.DataFrame, promise: pd.Timedelta) -> pd.DataFrame:
    """Stretches of one state joined to spells of being open, with the moment the promise ran out
    (or would have, had the issue stayed open)."""
    s = stretches.sort_values(["ticket_id", "begin"], kind="stable", ignore_index=True)
    s["number"] = s["state"].eq("resolved").groupby(s["ticket_id"]).cumsum()
    s = s[s["state"] != "resolved"]
    s = s.assign(**_clock_reading(s, promise))
    by = s.groupby(["ticket_id", "number"], sort=False)
    last = s.drop_duplicates(["ticket_id", "number"], keep="last")
    last = last.set_index(["ticket_id", "number"])
    spells = by.agg(opened_at=("begin", "min"), overdue_at=("runs_out", "min"))
    return spells.assign(
        resolved_at=last["end"],
        overdue_at=spells["overdue_at"].fillna(last["would"]),
        days_waiting=by["waiting"].sum(min_count=1),
    ).reset_index()


def _clock_reading(s: pd.DataFrame, promise: pd.Timedelta) -> dict[str, pd.Series]:
    """For each stretch: runs_out (when the promise does, if it does in it), would (when it would
    have, had the clock run on after the end), waiting (days)."""
    length = s["end"] - s["begin"]
    runs = s["state"] == "open"
    running = length.where(runs, NONE)
    known = running.fillna(NONE)
    used = known.groupby(s["ticket_id"]).cumsum() - known  # over all spells of the ticket
    left = (promise - used).clip(lower=NONE)
    out = (left == NONE) | (runs & ~(running <= left))
    return {
        "runs_out": (s["begin"] + left).where(out),
        "would": s["end"] + (left - running).clip(lower=NONE),
        "waiting": (length.where(~runs, NONE) / DAY).where(s["told"].astype(bool)),
    }
