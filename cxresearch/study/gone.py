"""Who leaves a study for good: their ids, what is left of the tables, and how they stay away."""

import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

import pandas as pd

from cxresearch.study.among import among
from cxresearch.study.readable import read_json
from cxresearch.study.schema import TABLES
from cxresearch.study.study import Study
from cxresearch.study.voice_ids import voice_ids

NOTE = "forgotten.json"
Ids = Mapping[str, set[str]]  # of who goes, by the column that makes a row theirs
DATED = {  # what is taken out by its age: key, table and time
    "customer_id": ("customers", "ended_at"),
    "ticket_id": ("tickets", "created_at"),
    "survey_id": ("surveys", "offered_at"),
    "review_id": ("reviews", "written_at"),
    "session_id": ("bot_sessions", "started_at"),
    "view_id": ("article_views", "viewed_at"),
}
OWN = ("requester_id", *DATED)
# Columns in which a row of somebody else may name who goes.
NAMED = {"merged_into_ticket_id": "ticket_id", "follow_up_of_ticket_id": "ticket_id",
         "actor_id": "requester_id", "assignee_id": "requester_id"}  # fmt: skip


def whose(study: Study, accounts: set[str], people: set[str]) -> Ids:
    """The ids of accounts and people: with people who belong to these accounts alone, and with all
    their tickets. In a return study, and without identities, a person is an account."""
    tickets, others = study.tickets, set()
    if study.outcome == "return" or not study.has("identities"):
        accounts = people = accounts | people
    else:
        theirs = study.identities["customer_id"].isin(accounts)
        links = study.identities["requester_id"]
        people = people | ({*links[theirs]} - {*links[~theirs]})
        others = people - {*study.customers["customer_id"]}  # who is asked, but joined to nobody
    wrote = among(tickets["requester_id"], pd.Index(sorted(people)))
    wrote |= among(study.account(tickets), pd.Index(sorted(accounts)))
    none: dict[str, set] = {column: set() for column in OWN}
    return none | {"customer_id": accounts | others, "requester_id": people,
                   "ticket_id": {*tickets.loc[wrote, "ticket_id"]}}  # fmt: skip


def from_before(study: Study, day: pd.Timestamp) -> Ids:
    """The ids of customers who left and of what was written or sent before a day (DATED)."""
    frames = {key: study.table(name) for key, (name, _) in DATED.items() if study.has(name)}
    old = {key: {*rows.loc[rows[DATED[key][1]] < day, key]} for key, rows in frames.items()}
    ids = whose(study, old.pop("customer_id", set()), set())
    return {key: of | old.get(key, set()) for key, of in ids.items()}


def limit(study: Study, today: pd.Timestamp) -> pd.Timestamp | None:
    """The beginning of the day before which nothing is to be kept (forget_after_days), or None.

    It is counted from today, not from observed_until: the law counts how long what is known of a
    person has been held, and a study that nobody adds to grows old all the same. So the same
    command takes out more tomorrow; forgotten.json notes on which day it was run.
    """
    days = study.settings.forget_after_days
    here = today.tz_convert(study.settings.time_zone)
    return here.normalize() - pd.DateOffset(days=int(days)) if days else None


def too_old(study: Study, today: pd.Timestamp) -> int:
    """How many rows hang on what is older than the limit and should have gone."""
    if (day := limit(study, today)) is None:
        return 0
    tables = {name: study.table(name) for name in study.rows}
    left = without(tables, from_before(study, day))
    return sum(len(tables[name]) - len(left[name]) for name in tables)


def without(tables: Mapping[str, pd.DataFrame], ids: Ids) -> dict[str, pd.DataFrame]:
    """What is left of tables: rows of these ids go; where another row names one of them, or holds
    what one of them wrote, that is null. A frame without any of that is the same frame."""
    left = {name: _nameless(_left(frame, ids), ids) for name, frame in tables.items()}
    if "voice_topics" in left:  # of what is there no more
        rows, held = left["voice_topics"], pd.MultiIndex.from_frame(voice_ids(left))
        there = pd.MultiIndex.from_frame(rows[["voice", "voice_id"]]).isin(held)
        left["voice_topics"] = rows if there.all() else rows[there].reset_index(drop=True)
    return left


def aside_without(
    quarantine: pd.DataFrame, tables: Mapping[str, pd.DataFrame], ids: Ids, hashed: Callable
) -> pd.DataFrame:
    """The rows set aside in whose text no id of theirs, or of a row of theirs in the tables, is a
    word. A short id may be another's word, too: then more goes. hashed makes of words what stands
    for them in the tables."""
    known = {each for of in ids.values() for each in of}
    for name, frame in tables.items():
        if key := TABLES[name].key:
            known |= {*frame[key]} - {*_left(frame, ids)[key]}
    words = quarantine["original"].fillna("").map(_words).explode()
    found = pd.Index(sorted(known))
    theirs = among(words, found) | among(hashed(words), found)
    return quarantine[~theirs.groupby(level=0).any()].reset_index(drop=True)


def forgotten(path: Path) -> dict:
    """What a study's folder notes of those it forgot: salt, digests of their ids keyed by it, and
    notes: on which day how many rows went. It names nobody, but tells of an id at hand whether it
    was forgotten (was_forgotten)."""
    note = {"salt": secrets.token_hex(16), "digests": [], "notes": []}
    note |= read_json(path / NOTE, {}, ("digests",)) if (path / NOTE).exists() else {}
    return note | {"digests": {*note["digests"]}}


def was_forgotten(note: dict, column: str, each: str) -> bool:
    """Is an id, as of a column such as customer_id, one that was forgotten?"""
    return _digest(note, column, each) in note["digests"]


def noted(note: dict, ids: Ids, rows: Mapping[str, int]) -> str:
    """The note as text, with these ids and how many rows went by table."""
    new = {_digest(note, column, each) for column, of in ids.items() for each in of}
    notes = [*note["notes"], {"on": date.today().isoformat(), "rows": dict(rows)}]
    told = {"digests": sorted(new | note["digests"]), "notes": notes}  # in no telling order
    return json.dumps(note | told, indent=1) + "\n"


def ids_forgotten(path: Path, tables: Mapping[str, pd.DataFrame]) -> Ids:
    """The ids, in tables that are to be added to a study, of those whom it has forgotten."""
    note, ids = forgotten(path), {column: set() for column in OWN}
    for frame in tables.values() if note["digests"] else ():
        for column, key in _ids_in(frame, ids).items():
            each = frame[column].dropna().unique()
            ids[key] |= {one for one in each if was_forgotten(note, key, one)}
    if "tickets" in tables:
        theirs = tables["tickets"]["requester_id"].isin(ids["requester_id"])
        ids["ticket_id"] |= {*tables["tickets"].loc[theirs, "ticket_id"]}
    return ids


def are_theirs(frame: pd.DataFrame, ids: Ids) -> pd.Series:
    """Which rows of a table are of these ids."""
    theirs = pd.Series(False, frame.index)
    for column, key in _ids_in(frame, ids).items():
        theirs |= among(frame[column], pd.Index(sorted(ids[key])))
    return theirs


def _ids_in(frame: pd.DataFrame, ids: Ids) -> dict[str, str]:
    """By column that makes a row theirs, whose ids it holds; an agent is a person, too."""
    held = {column: column for column in ids} | {"agent_id": "requester_id"}
    return {column: key for column, key in held.items() if column in frame}


def _left(frame: pd.DataFrame, ids: Ids) -> pd.DataFrame:
    theirs = are_theirs(frame, ids)
    return frame[~theirs].reset_index(drop=True) if theirs.any() else frame


def _nameless(frame: pd.DataFrame, ids: Ids) -> pd.DataFrame:
    for column, of in NAMED.items():
        if column in frame and (named := frame[column].isin(ids[of])).any():
            texts = [name for name in (column, "body") if name in frame]
            frame = frame.assign(**{name: frame[name].mask(named) for name in texts})
    if "value_to" in frame:
        of_ids = frame["field"].str.endswith("_id").fillna(False) | (frame["event_type"] == "merge")
        for name in ("value_from", "value_to"):
            named = of_ids & frame[name].isin(ids["ticket_id"] | ids["requester_id"])
            frame = frame.assign(**{name: frame[name].mask(named)}) if named.any() else frame
    return frame


def _words(original: str) -> list[str]:
    """The words of a row as it was written, and the fields of one that is a JSON object."""
    fields = None
    with suppress(ValueError, RecursionError):
        fields = json.loads(original)
    told = fields.values() if isinstance(fields, dict) else ()
    return [
        *re.split(r"""[\s"',;|<>{}\[\]]+""", original),
        *(x for x in told if isinstance(x, str)),
    ]


def _digest(note: dict, column: str, each: str) -> str:
    words = f"{column} {each}".encode()
    return hmac.new(bytes.fromhex(note["salt"]), words, "sha256").hexdigest()[:32]
