"""Two states of a table, an earlier and a later one, become one: the newest state of each row."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from cxresearch.study.column_types import typed
from cxresearch.study.schema import TABLES, UNSOLVED

# What makes a row one and the same where a table has no key of one column.
KEYS = {
    "customer_history": ("customer_id", "valid_from", "field"),
    "identities": ("requester_id", "customer_id", "valid_from"),
    "agents": ("agent_id", "valid_from"),
}
# When a row was last looked at; where that is unknown, the later export's state is the newer.
LOOKED_AT = {
    "tickets": "updated_at",
    "customers": "observed_until",
    "surveys": "responded_at",
    "articles": "updated_at",
}
# What makes two events one, whatever number each has: loaders number some by where they stand.
SAME_EVENT = ["ticket_id", "event_at", "event_type", "field", "value_to", "actor_id"]
# Told of a ticket that is closed alone: an open one has none of them, also if it had.
OF_CLOSED = ("closed_at", "closed_by")
NEW, UPDATED, UNCHANGED = "new", "updated", "unchanged"


def joined(
    name: str, held: pd.DataFrame, new: pd.DataFrame, later: bool
) -> tuple[pd.DataFrame, pd.Index]:
    """A table of a study with the rows of an export that was made later, or earlier; and for each
    of these rows the key that it has now.

    A row that only one of them holds stays. Of a row in both, the newer state counts (LOOKED_AT,
    else the later export's); but a column that the export fills for nobody, and a flag that it
    leaves empty, stay as they were: it does not tell them. Events of one ticket, moment and content
    are one event, and a number that two others have gets their moment behind it. An undated link of
    a person to an account gives way to a later one.
    """
    if name == "ticket_events":
        new = _renumbered(held, new)
    if name == "identities" and later:
        held = _without_old_links(held, new)
    key = TABLES[name].key
    keys = [key] if key else list(KEYS[name])
    held, new = _by(held, keys), _by(new, keys)
    now, last = new.index, new[~new.index.duplicated(keep="last")]
    in_both = held.index.isin(last.index)
    both = _newest(name, held[in_both], last.reindex(held.index[in_both]), later, last)
    rows = pd.concat([held[~in_both], both, last[~last.index.isin(held.index)]])
    places = np.concatenate([np.flatnonzero(~in_both), np.flatnonzero(in_both)])
    order = [*np.argsort(places), *range(len(held), len(rows))]
    return typed(TABLES[name], rows.iloc[order].reset_index(drop=True)), now


def _newest(
    name: str, held: pd.DataFrame, state: pd.DataFrame, later: bool, export: pd.DataFrame
) -> pd.DataFrame:
    """The newest state of rows that the study holds and an export tells, too."""
    wins = _is_newer(name, held, state, later)
    table = held.copy()
    for column in state:
        takes = wins if export[column].notna().any() else ~wins & wins
        value = state[column]
        if value.dtype == "boolean" and column in held:
            value = value.fillna(held[column])
        if name == "tickets" and column in OF_CLOSED:
            takes |= wins & state["status"].isin(UNSOLVED)
        table[column] = value if column not in held else held[column].where(~takes, value)
    return table


def became(name: str, held: pd.DataFrame, table: pd.DataFrame, now: pd.Index) -> pd.Series:
    """For each row of an export, by the key that it has now: new, updated or unchanged in a table
    that was held before. What is odd about a row (dq_flags) does not count."""
    keys = [TABLES[name].key] if TABLES[name].key else list(KEYS[name])
    held, table = (rows[rows.index.isin(now)] for rows in (_by(held, keys), _by(table, keys)))
    both = held.index.intersection(table.index).unique()
    one, other = held.loc[both], table.loc[both]
    differ = pd.Series(False, both)
    for column in (c for c in other if c != "dq_flags"):
        differ |= _differ(one[column], other[column]) if column in one else other[column].notna()
    state = differ.map({True: UPDATED, False: UNCHANGED})
    return state.reindex(now).fillna(NEW).reset_index(drop=True)


def _by(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The frame with its key as one word a row."""
    first, *more = (_as_words(frame[key]) for key in keys)
    for other in more:
        first = first + "|" + other
    return frame.set_axis(pd.Index(first, dtype="str"), axis=0)


def _as_words(values: pd.Series) -> pd.Series:
    if values.dtype == "datetime64[us, UTC]":
        values = pd.Series(values.to_numpy("datetime64[us]").view("i8"), values.index)
    return values.astype("str").fillna("")


def _is_newer(name: str, held: pd.DataFrame, new: pd.DataFrame, later: bool) -> pd.Series:
    """Is the later state of a row the newer?"""
    if name not in LOOKED_AT:
        return pd.Series(later, held.index)
    at = LOOKED_AT[name]
    if name == "surveys":  # an answer beside none
        return (new[at].notna() & held[at].isna()) | (later & new[at].notna().eq(held[at].notna()))
    known = held[at].notna() & new[at].notna()
    newer = (new[at] > held[at]) | (later & new[at].eq(held[at]))
    return newer.where(known, later)


def _differ(one: pd.Series, other: pd.Series) -> pd.Series:
    if one.dtype == object:
        one, other = one.map(_word), other.map(_word)
    same = (one == other).fillna(False) | (one.isna() & other.isna())
    return ~same.astype(bool)


def _word(value: object) -> object:
    return repr(list(value)) if isinstance(value, Iterable) else value


def _renumbered(held: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Events with the numbers that the study has for them; whose number is another's gets one of
    its own."""
    same = [_by(frame.assign(n=_nth(frame)), [*SAME_EVENT, "n"]).index for frame in (held, new)]
    at = same[0].get_indexer(same[1])
    ids = new["event_id"].where(at < 0, held["event_id"].to_numpy()[at] if len(held) else None)
    theirs = held.set_index("event_id")[["ticket_id", "event_at"]].reindex(ids)
    other = (
        (at < 0)
        & theirs["ticket_id"].notna().to_numpy()
        & ~(
            (theirs["ticket_id"].to_numpy() == new["ticket_id"].to_numpy())
            & (theirs["event_at"].to_numpy() == new["event_at"].to_numpy())
        )
    )
    other |= (at < 0) & ids.duplicated(keep=False).to_numpy()
    moment = new["event_at"].dt.strftime("%Y-%m-%dT%H:%M:%S.%f")
    return new.assign(event_id=ids.mask(other, new["event_id"] + " " + moment))


def _nth(events: pd.DataFrame) -> pd.Series:
    """Which of several events that are alike."""
    return events.groupby(SAME_EVENT, dropna=False, sort=False).cumcount()


def _without_old_links(held: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """The links of before, less the undated ones of people whom the new ones join elsewhere."""
    undated = held["valid_from"].isna() & held["valid_to"].isna()
    again = _by(held, ["requester_id", "customer_id"]).index.isin(
        _by(new, ["requester_id", "customer_id"]).index
    )
    return held[~(undated & ~again & held["requester_id"].isin(new["requester_id"]))]
