"""Six signs of a number that is made to look better, as rows that near_limit can judge."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from cxresearch.kpis.audit.deeds import (
    ANSWER,
    OVER,
    SOLUTION,
    WAITS,
    audited_tickets,
    deeds,
    window,
)
from cxresearch.kpis.audit.near_limit import SHARE
from cxresearch.kpis.escalating import order_of
from cxresearch.kpis.tidy import HOUR
from cxresearch.study.answers import CannotTell, plain
from cxresearch.study.study import Study
from cxresearch.study.told import SOLVED, cannot_tell

LOWERED = "priority lowered just before a first answer was due"
AGAIN = pd.Timedelta(days=7)  # in which a closed ticket is asked again
SHORT, SAVED = 120, 10  # letters of an answer with nothing in it, or as often word for word
AROUND = 4 * SHARE  # windows
TOLD = 0.5  # the share of first answers whose text, or of changes whose words, must be told
TELLS = {ANSWER: "first_reply_at", SOLUTION: SOLVED}


@dataclass(frozen=True)
class Sign:
    """One of the six (number, name), of one limit; rows gives what near_limit judges: ticket_id,
    who, group, past, window, hour and, where kinds of work are compared, act and stratum."""

    number: int
    name: str
    limit: str
    rows: Callable[[Study], pd.DataFrame | CannotTell]


def _ends(study: Study, limit: str) -> pd.DataFrame | CannotTell:
    """First answers, or first solutions by agents, each once, with their way past the limit."""
    if lacks := cannot_tell(study, TELLS[limit]):
        return lacks
    rows = deeds(study)
    if limit == ANSWER:
        found = rows["event_type"].eq("reply") & rows["agent"] & ~rows["met"]
        found &= rows["event_at"].eq(rows["first"])
        return _told(study, rows[found].drop_duplicates("ticket"), "answer")
    solved = rows[rows["field"].eq("status") & rows["value_to"].isin(OVER)]
    solved = solved.drop_duplicates("ticket")
    return _told(study, solved[solved["agent"]], "solution")


def empty_answers(study: Study) -> pd.DataFrame | CannotTell:
    """First answers; act: short, or word for word in SAVED tickets, and the agent's next message,
    before the customer writes again, is twice as long."""
    rows = _ends(study, ANSWER)
    if isinstance(rows, CannotTell):
        return rows
    if rows["letters"].notna().mean() < TOLD:
        return CannotTell("what first answers say: the export lacks their text.")
    wrote = deeds(study)
    wrote = wrote[wrote["event_type"].eq("reply") & (wrote["agent"] | ~wrote["told"])]
    following = wrote.shift(-1).reindex(rows.index)
    act = following["ticket"].eq(rows["ticket"]) & following["agent"].eq(True)
    act &= following["letters"] >= 2 * rows["letters"]
    often = rows["text"].map(rows["text"].value_counts()) >= SAVED
    return rows.assign(act=act & (often | (rows["letters"] <= SHORT)))


def paused(study: Study) -> pd.DataFrame | CannotTell:
    """Agents' work on tickets that are not solved; act: set to wait, and taken up again or ended by
    the desk without a word from the customer."""
    rows = deeds(study)
    changes = rows[rows["field"].eq("status") & rows["value_to"].notna()]
    if not changes["value_to"].isin(WAITS).any():
        return CannotTell("when tickets waited: the export lacks the history of their states.")
    following = changes[["ticket", "told", "said"]].shift(-1)
    act = following["ticket"].eq(changes["ticket"]) & following["told"].eq(True)
    act &= following["said"].eq(changes["said"]) & changes["told"]
    act &= changes["value_to"].isin(WAITS) & ~changes["state"].isin(WAITS)
    return _compared(study, rows, act.reindex(rows.index, fill_value=False), "solution")


def lowered(study: Study) -> pd.DataFrame | CannotTell:
    """Agents' work on tickets without an answer; act: the priority is lowered."""
    if lacks := cannot_tell(study, TELLS[ANSWER]):
        return lacks
    rows, order = deeds(study), order_of(study)
    changed = rows[rows["field"].eq("priority").fillna(False)]
    if changed.empty:
        return CannotTell("when priorities changed: the export lacks their history.")
    words = changed[["value_from", "value_to"]].apply(lambda c: c.str.strip().str.lower())
    before, after = (words[c].map(order) for c in words)
    given = words["value_from"].isna() & (changed["event_at"] <= changed["made"] + HOUR / 60)
    if (before.notna() & after.notna())[~given].mean() < TOLD:  # not so where nothing changed
        return CannotTell(_strange(words[~given], order))
    act = (after < before).reindex(rows.index, fill_value=False)
    return _compared(study, rows, act, "answer")


def asked_again(study: Study) -> pd.DataFrame | CannotTell:
    """Agents' first solutions; act: a follow-up within AGAIN, by the export's own link or, where it
    has none, by another ticket of the same person."""
    rows = _ends(study, SOLUTION)
    if isinstance(rows, CannotTell):
        return rows
    tickets = audited_tickets(study)
    linked = tickets.groupby("follow_up_of_ticket_id")["created_at"].min()
    later = rows["ticket_id"].map(linked) if len(linked) else _next_of_person(rows, tickets)
    return rows.assign(act=(later > rows["event_at"]) & (later <= rows["event_at"] + AGAIN))


def merged(study: Study, limit: str) -> pd.DataFrame | CannotTell:
    """Agents' work on tickets that wait for an answer, or, answered, for a solution; act: merged
    into another ticket."""
    if lacks := cannot_tell(study, "is_merged", TELLS[limit]):
        return lacks
    rows = deeds(study)
    if limit == SOLUTION:
        rows = rows[rows["met"]]
    past = "answer" if limit == ANSWER else "solution"
    return _compared(study, rows, rows["event_type"].eq("merge"), past)


SIGNS = (
    Sign(1, "first answered just before the limit", ANSWER, lambda study: _ends(study, ANSWER)),
    Sign(1, "solved just before the limit", SOLUTION, lambda study: _ends(study, SOLUTION)),
    Sign(2, "first answer with nothing in it just before the limit", ANSWER, empty_answers),
    Sign(3, "set to wait just before the limit, then taken up again", SOLUTION, paused),
    Sign(4, LOWERED, ANSWER, lowered),
    Sign(5, "closed just before the limit, then asked again", SOLUTION, asked_again),
    Sign(
        6, "merged just before a first answer was due", ANSWER, lambda study: merged(study, ANSWER)
    ),
    Sign(
        6, "merged just before a solution was due", SOLUTION, lambda study: merged(study, SOLUTION)
    ),
)


def _compared(study: Study, rows: pd.DataFrame, act: pd.Series, past: str) -> pd.DataFrame:
    """What agents did, and the acts whoever did them, once a ticket and moment."""
    rows = rows.assign(act=act)[(rows["agent"] | act & rows["told"]) & rows[past].abs().le(AROUND)]
    rows = rows.sort_values("act", ascending=False, kind="stable")
    rows = rows[~rows.duplicated(["ticket", "event_at"])]
    return _told(study, rows[~rows["act"] | ~rows.duplicated(["ticket", "act"])], past)


def _told(study: Study, rows: pd.DataFrame, past: str) -> pd.DataFrame:
    """Rows of deeds with their ticket_id, who, group, past, window (its hours), hour (of the
    study's time zone; from 24 on at weekends) and stratum (the agent)."""
    tickets = audited_tickets(study)
    told = {c: tickets[c].array[rows["ticket"]] for c in ("ticket_id", "who", "group")}
    promised = tickets["promised"].array[rows["ticket"]]
    hours = promised if past == "answer" else 24 * study.settings.unresolved_after_days
    here = rows["event_at"].dt.tz_convert(study.settings.time_zone).dt
    hour = here.hour + here.minute / 60 + here.second / 3600 + 24 * (here.day_of_week > 4)
    rows = rows.assign(**told, past=rows[past], window=window(hours), hour=hour)
    return rows.assign(stratum=rows["actor_id"].fillna(rows["group"]))


def _strange(words: pd.DataFrame, order: dict[str, int]) -> str:
    """Why nobody can tell whether priorities were lowered."""
    strange = sorted(set(words.stack().dropna()) - set(order))
    if not strange:
        return "whether priorities were lowered: the export lacks what they changed from."
    named = ", ".join(f"'{plain(word)}'" for word in strange[:4])
    return (
        f"whether priorities were lowered: nothing tells the place of {named}; give all words, "
        "from the lowest to the highest, as priorities in study.toml."
    )


def _next_of_person(rows: pd.DataFrame, tickets: pd.DataFrame) -> pd.Series:
    own = tickets[["requester_id", "created_at"]].sort_values("created_at")
    asked = rows[["event_at"]].assign(
        requester_id=rows["ticket_id"].map(tickets.set_index("ticket_id")["requester_id"]),
        row=rows.index,
    )
    found = pd.merge_asof(
        asked.sort_values("event_at"), own, left_on="event_at", right_on="created_at",
        by="requester_id", direction="forward", allow_exact_matches=False,
    )  # fmt: skip
    return found.set_index("row")["created_at"].reindex(rows.index)
