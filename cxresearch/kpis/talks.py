"""What became of each talk with a bot: contained, handed over, written again, or broken off."""

import numpy as np
import pandas as pd

from cxresearch.episodes import known_since
from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.beside_tickets import CONTAINED
from cxresearch.study.once import once
from cxresearch.study.study import Study

DAY = pd.Timedelta(days=1)
WINDOW, STAYS = 7, 30  # days in which no person is to be needed, and in which nobody is to leave
FATES = ("contained", "handed over", "wrote again", "broke off")
UNTOLD = {"too new": "{} too new to judge", "too old": "{} from before tickets are known",
          "nobody": "{} of nobody known", "no end": "{} whose end is not told"}  # fmt: skip
NO_BOT = DoesNotApply("what a bot contains: no talk with one is in this study.")


@once
def talks(study: Study, days: int = WINDOW) -> pd.DataFrame | CannotTell:
    """A row a talk with a bot: session_id, customer_id, who (the customer, else the person; null:
    not known), intent, body, at, ended (as its maker tells), maker (does its maker count it as
    contained?), again_at and ticket_id (when its customer next came to a person, and with which
    ticket), fate and untold (why it is not judged; "": it is).

    Handed over: its maker says so, or a ticket was made of it. Wrote again: within so many days the
    same customer or person wrote an own ticket, or was handed over in a later talk. Broke off:
    abandoned, and nothing of that. A ticket that was made of a talk which its maker counts as
    contained, and to which nobody replied, is no contact with a person.
    """
    if not study.has("bot_sessions") or study.bot_sessions.empty:
        return NO_BOT
    rows = study.bot_sessions.rename(columns={"started_at": "at"}).reset_index(drop=True)
    asked = rows[["requester_id"]].assign(ticket_id=rows["session_id"], created_at=rows["at"])
    rows["customer_id"] = rows["customer_id"].fillna(study.account(asked))
    rows["who"] = rows["customer_id"].fillna(rows["requester_id"])
    rows["maker"] = rows["ended"].isin(CONTAINED)
    replies = study.whole.tickets.set_index("ticket_id")["total_agent_replies"]
    replies = rows["ticket_id"].map(replies)
    unread = rows["maker"] & (replies == 0).fillna(False).astype(bool)
    handed = (rows["ended"] == "handed_over") | (rows["ticket_id"].notna() & ~unread)
    rows = rows.merge(_again(study, rows, handed, rows.loc[unread, "ticket_id"]), "left")
    rows["ticket_id"] = rows["ticket_id"].mask(unread).fillna(rows["again_id"])
    within = rows["again_at"] <= rows["at"] + days * DAY
    over = [handed, within, rows["ended"] == "abandoned", rows["ended"] == "unknown"]
    rows["fate"] = np.select(over, [*FATES[1:], "not told"], FATES[0])
    late = rows["at"] + days * DAY > study.observed_until
    reasons = [late, rows["at"] < known_since(study.whole), rows["who"].isna()]
    rows["untold"] = np.select([*reasons, rows["ended"] == "unknown"], list(UNTOLD), "")
    rows["intent"] = rows["intent"].fillna("no intent told")
    return rows[["session_id", "customer_id", "who", "intent", "body", "at", "ended", "maker",
                 "again_at", "ticket_id", "fate", "untold"]]  # fmt: skip


def left_within(study: Study, rows: pd.DataFrame, days: int = STAYS) -> pd.Series:
    """Did the customer of each row say that they leave, or end, within so many days of at? Null
    where they had by then, or are not in the customers table."""
    ends = study.customers.set_index("customer_id")[["notice_at", "ended_at"]].min(axis=1)
    ends = rows["customer_id"].map(ends)
    known = rows["customer_id"].isin(study.customers["customer_id"]) & ~(ends <= rows["at"])
    return (ends <= rows["at"] + days * DAY).astype("boolean").mask(~known)


def _again(study: Study, rows: pd.DataFrame, handed: pd.Series, unread: pd.Series):
    """When the same customer, or person, next came to a person after each talk: session_id,
    again_at, again_id (the ticket)."""
    tickets = study.whole.customer_tickets.rename(columns={"created_at": "at"})
    columns = ["at", "ticket_id", "customer_id", "requester_id"]
    came = pd.concat([tickets[~tickets["ticket_id"].isin(unread)][columns], rows[handed][columns]])
    came = came.rename(columns={"ticket_id": "again_id"}).assign(again_at=came["at"])
    found = []
    for key in ("customer_id", "requester_id"):
        asked = rows[["session_id", "at", key]].dropna().sort_values("at")
        of = came[["at", "again_at", "again_id", key]].dropna(subset=key).sort_values("at")
        found.append(pd.merge_asof(asked, of, on="at", by=key, direction="forward",
                                   allow_exact_matches=False))  # fmt: skip
    first = pd.concat(found).sort_values("again_at", kind="stable").drop_duplicates("session_id")
    return first[["session_id", "again_at", "again_id"]]
