"""Solved and no return, our definition of first contact: neither reopened nor asked again.

Every customer's ticket that was ever solved is asked, those open again among them; the window must
have been watched, and who left in it is not counted.
"""

import pandas as pd

from cxresearch.kpis.measure import share_told
from cxresearch.kpis.messages import message_counts
from cxresearch.kpis.tidy import DAY, HOUR, of_them, sees_leaving, settled, solved_at, who
from cxresearch.outcomes.recurrence import first_unknown, last_seen
from cxresearch.study.answers import CannotTell
from cxresearch.study.db import connect, frame, put
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.told import reads, told
from cxresearch.topics.causes import named

WINDOW = 7  # days
LACKS = "count_reopens, how often a ticket was reopened; a history of states would tell"

# The next ticket of the same customer (and cause, where both are told) after the solution; one
# written within an hour of the ticket itself is the same message sent twice.
AGAIN = """
    SELECT solved.ticket_id, min(others.created_at) AS again_at
    FROM solved JOIN others ON others.who = solved.who AND others.cause = solved.cause
         AND others.created_at > solved.after AND others.created_at <= solved.until
    GROUP BY solved.ticket_id"""


@reads("first_solved_at")
def our_facts(
    study: Study, window: float = WINDOW, *, watched: float | None = None
) -> pd.DataFrame | CannotTell:
    """Customers' tickets that were ever solved: ticket_id, customer_id, who, at (first solved),
    held (not reopened, no return within the window; null: who left in it, or not told), left,
    undated (reopened nobody knows when: not held), unsure (reopened more than once, the first time
    not known to be in the window: null), mature (watched until the end of the window, or for so
    many days, and solved so long ago that its like are settled)."""
    solved = _solved(study)
    if solved.empty:
        return CannotTell("whether it stayed solved: no ticket is known to be solved, and when.")
    if not _tells_reopenings(study):
        return CannotTell(f"whether it stayed solved: the export lacks {LACKS}.")
    if not solved["told"].any():
        return CannotTell("whether it stayed solved: of no solved ticket is the cause known, or "
                          "whether it was reopened.")  # fmt: skip
    until = solved["at"] + window * DAY
    again = _again(study, solved.assign(until=until))
    back = (solved["reopened_at"] <= until) | (again <= until) | solved["undated"]
    unsure = ~back & first_unknown(study, solved, until)
    left = ~back & ~unsure & (solved["left_at"] <= until)
    # A return of a ticket that is not told is left out, too: to count it would choose by the end.
    untold = left | unsure | ~solved["told"]
    held = (~back).astype("boolean").mask(untold)
    settles = study.settings.status_settles_after_days * DAY
    mature = solved["at"] + (watched or window) * DAY <= solved["watched_until"]
    mature &= solved["at"] + settles <= study.observed_until
    columns = ["ticket_id", "customer_id", "who", "at", "undated"]
    return solved[columns].assign(held=held, left=left, unsure=unsure, mature=mature)


def of_stayed(facts: pd.DataFrame) -> dict:
    """The share of those watched and still there, and what the leavers would change."""
    watched = facts[facts["mature"]]
    stayed = share_told(watched)
    left, undated, unsure = watched[["left", "undated", "unsure"]].sum().astype(int)
    n = stayed["n"] + left
    low = stayed["estimate"] * stayed["n"] / n if stayed["n"] else 0.0
    said = [
        of_them(left, "whose customer left in the window are left out; with them it is "
                f"{low:.1%} (none solved) to {low + left / max(n, 1):.1%} (all)"),
        of_them(undated, "reopened nobody knows when count as not solved"),
        of_them(unsure, "reopened more than once, the last time after the window, are left out: "
                "the first time is not told"),
    ]  # fmt: skip
    return stayed | {"why": "; ".join(filter(None, said))}


def definition(study: Study, window: float) -> str:
    """What is counted, in words."""
    causes = study.has("ticket_causes")
    what = "customer and cause" if causes else "customer (causes are not known)"
    left = "who left in that time is not counted" if sees_leaving(study) else (
        "who has gone away does not write again, and is not seen to be gone")  # fmt: skip
    return (
        f"of customers' tickets ever solved: not reopened, and no new ticket of the same {what}, "
        f"within {window:g} days, all of them watched; {left}"
    )


@once
def _solved(study: Study) -> pd.DataFrame:
    tickets = settled(study)
    tickets = tickets.assign(
        at=solved_at(tickets).clip(lower=tickets["created_at"]), who=who(tickets)
    )
    tickets = tickets[tickets["at"] <= study.observed_until].reset_index(drop=True)
    rows = tickets.merge(last_seen(study), on="customer_id", how="left")
    again = _reopened_at(study, rows)
    reopens = rows["count_reopens"].fillna(-1)
    return rows.assign(
        watched_until=rows["watched_until"].fillna(study.observed_until),
        reopened_at=again,
        undated=(reopens > 0) & again.isna(),
        told=((reopens >= 0) | told(study, "last_reopened_at", rows)) & _cause(study, rows).notna(),
    )


def _reopened_at(study: Study, solved: pd.DataFrame) -> pd.Series:
    """When each ticket was first reopened; the last time, where its history does not tell."""
    last = solved["last_reopened_at"].where(solved["last_reopened_at"] > solved["at"])
    history = message_counts(study)
    if isinstance(history, CannotTell):
        return last
    first = history["reopened_at"].reindex(solved["ticket_id"]).set_axis(solved.index)
    return pd.to_datetime(first, utc=True).fillna(last)


def _tells_reopenings(study: Study) -> bool:
    return bool(study.tickets[["count_reopens", "last_reopened_at"]].notna().any(axis=None))


def _again(study: Study, solved: pd.DataFrame) -> pd.Series:
    """When the same customer next wrote about the same cause, until the end of the window."""
    others = study.customer_tickets
    others = others[["created_at"]].assign(who=who(others), cause=_cause(study, others))
    after = solved[["at"]].assign(hour=solved["created_at"] + HOUR).max(axis=1)
    asked = solved[["ticket_id", "who", "until"]].assign(after=after, cause=_cause(study, solved))
    with connect() as db:
        put(db, "others", others)
        put(db, "solved", asked)
        again = frame(db.sql(AGAIN)).set_index("ticket_id")["again_at"]
    return again.reindex(solved["ticket_id"]).set_axis(solved.index)


def _cause(study: Study, tickets: pd.DataFrame) -> pd.Series:
    """Each ticket's main cause; null where it has no words, tells none, or was not read."""
    if not study.has("ticket_causes"):
        return pd.Series("any", index=tickets.index)
    causes = named(study).sort_values("weight", ascending=False, kind="stable")
    main = causes.drop_duplicates("ticket_id").set_index("ticket_id")["cause"]
    return tickets["ticket_id"].map(main)
