"""The help desk's own number of each ticket beside ours, and the one reason why they differ.

A reason holds where it alone makes our number the help desk's, to the second, or to the minute if
it tells minutes. Reasons are tried in order, first by the help desk's own clock, then by the other.
What none makes equal is unexplained: the rest is never shared out.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxresearch.kpis.compliance import response_facts
from cxresearch.kpis.durations import elapsed, promise_clock, solutions
from cxresearch.kpis.messages import message_counts
from cxresearch.kpis.surveys.scores import TOP
from cxresearch.kpis.tidy import HOUR, since
from cxresearch.study.answers import CannotTell
from cxresearch.study.schema import UNSOLVED
from cxresearch.study.study import Study
from cxresearch.study.told import cannot_tell

MERGED, SPAM = "merged tickets", "spam or deleted tickets"
NOBODY, BEFORE = "tickets of nobody", "answers older than the question"
EARLY, BY_AGENT = "tickets not yet due", "tickets written by agents"
WAITING, OPEN = "tickets still waiting", "tickets still open"
TARGET, TO_CLOSING = "its own targets", "its own targets to the closing"
ROUNDED, LAST, CLOSING = "whole minutes", "counting to the last solution", "counting to the closing"
AUTOMATIC, NOTES, FEWER = "automatic replies", "internal notes", "counting solutions less one"
FIRST, ZONE, CLOCK = "a first answer to a survey", "the time zone", "business hours"
UNEXPLAINED = "unexplained"
# The order in which they are switched, from the help desk's number to ours.
REASONS = (
    MERGED, SPAM, NOBODY, BEFORE, EARLY, BY_AGENT, WAITING, OPEN, ROUNDED, LAST, CLOSING,
    AUTOMATIC, NOTES, FEWER, FIRST, TARGET, TO_CLOSING, ZONE, CLOCK, UNEXPLAINED,
)  # fmt: skip
SECOND, MINUTE = 1 / 60 + 1e-6, 1 - 1e-6  # within which two numbers of minutes are the same
COLUMNS = ["theirs", "ours", "reason", "limit", "clocked", "other"]
LIVE = ("agent", "bot", "system")
Told = dict[str, list[pd.Series]]  # by reason, the numbers that it alone would give


def first_replies(study: Study) -> pd.DataFrame | CannotTell:
    """Minutes to a first answer; ours is infinite of who waits longer than promised."""
    facts, rows = response_facts(study), _rows(study)
    if isinstance(facts, CannotTell):
        return facts
    facts = facts.set_index("ticket_id").reindex(rows.index)
    due = facts["mature"].isin([True])
    waited = 60 * facts["waited"].astype(float).fillna(np.inf)
    rows["ours"] = waited.where(due & facts["held"].notna())
    rows["limit"] = 60 * facts["promised"].fillna(study.settings.first_reply_hours)
    asked, replied = rows["created_at"], rows["first_reply_at"]
    odd = np.select([replied < asked, facts["mature"].isin([False])], [BEFORE, EARLY], "")
    rows["out"] = rows["out"].where(rows["out"] != "", odd)
    begun, earliest = _with_merged(rows, asked, "min"), _with_merged(rows, replied, "min")
    spans = {
        "": [(asked, replied)],
        AUTOMATIC: [(asked, _said(study, rows, ("reply",), LIVE, "min"))],
        NOTES: [(asked, _said(study, rows, ("reply", "note"), LIVE[:1], "min"))],
        MERGED: [(begun, replied), (asked, earliest), (begun, earliest)],
    }
    return _timed(study, rows, "first_reply", spans, promise_clock(study))


def resolutions(study: Study) -> pd.DataFrame | CannotTell:
    """Minutes to the first solution of what was solved; to the last where only that is told."""
    rows, facts = _rows(study), solutions(study)
    only_last = isinstance(facts, CannotTell)
    if only_last and (why := cannot_tell(study, "last_solved_at")):
        return why
    asked, last, closed = rows["created_at"], rows["last_solved_at"], rows["closed_at"]
    first = last if only_last else rows["first_solved_at"].fillna(closed)
    rows["ours"] = ((first - asked) / HOUR * 60).where(rows["own"])
    rows["limit"] = 1440 * study.settings.unresolved_after_days
    begun = _with_merged(rows, asked, "min")
    spans = {"": [(asked, first)], LAST: [(asked, last)], CLOSING: [(asked, closed)],
             MERGED: [(begun, end) for end in (first, last, closed)]}  # fmt: skip
    return _timed(study, rows, "resolution", spans, "calendar")


def reopenings(study: Study) -> pd.DataFrame:
    """Times reopened."""
    rows, counts = _rows(study), message_counts(study)
    told: Told = {}
    if not isinstance(counts, CannotTell):
        told[FEWER] = [pd.to_numeric(counts["solutions"], "coerce").reindex(rows.index) - 1]
    return _counted(rows, "count_reopens", "vendor_reopens", told)


def answers(study: Study) -> pd.DataFrame:
    """Public answers by a person."""
    rows = _rows(study)
    ours = rows["total_agent_replies"].astype(float)
    own = ours.add(1).where(rows["is_agent_created"].isin([True]))
    more = {AUTOMATIC: ("reply", ("bot", "system")), NOTES: ("note", ("agent",))}
    told = {why: [ours + _said(study, rows, (kind,), who, "count").fillna(0)]
            for why, (kind, who) in more.items()}  # fmt: skip
    return _counted(rows, "total_agent_replies", "vendor_replies", {**told, BY_AGENT: [own]})


def breaches(
    study: Study, timed: pd.DataFrame | CannotTell, name: str
) -> pd.DataFrame | CannotTell:
    """Is it late (0 or 1), of tickets of which the help desk says. timed is first_replies or
    resolutions: where its minutes say what its word says, the reason is theirs. Else its targets
    may be others: one for all tickets of a priority, over which all are late and under which none.
    """
    if isinstance(timed, CannotTell):
        return timed
    rows, limit = _rows(study), timed["limit"].median()
    timed = timed.reindex(rows.index).fillna({"limit": limit, "reason": "", "ours": np.inf})
    theirs = rows[f"vendor_{name}_breached"].astype(float)
    mature = (study.observed_until - rows["created_at"]) / HOUR * 60 >= timed["limit"]
    ours = timed["ours"].gt(timed["limit"]).where(rows["own"] & mature & theirs.notna())
    by_word, by_other = (timed[of].gt(timed["limit"]).where(timed[of].notna()).astype(float)
                         for of in ("theirs", "other"))  # fmt: skip
    known = (by_word == theirs) & ~timed["reason"].isin(["", UNEXPLAINED])
    waits = np.isinf(timed["ours"]) & theirs.eq(0)
    target, fits = _targets(rows, theirs, timed, name)
    reason = np.select(
        [theirs == ours, rows["out"] != "", ours.isna(), known, waits, by_other == theirs, fits],
        ["", rows["out"], EARLY, timed["reason"], WAITING, CLOCK, target], UNEXPLAINED,
    )  # fmt: skip
    return _kept(rows.assign(theirs=theirs, ours=ours.astype(float), reason=reason))


def satisfied(study: Study) -> pd.DataFrame:
    """Is a rated ticket's customer satisfied (0 or 1): 4 or 5 of 5, or as far up another scale."""
    rows, told = _rows(study), {}
    rows["theirs"], rows["ours"] = (
        _good(rows[name]) for name in ("vendor_satisfaction", "satisfaction_raw")
    )
    asked = study.surveys.query("kind == 'csat'") if study.has("surveys") else pd.DataFrame()
    if len(asked):
        span = asked["scale_max"] - asked["scale_min"]
        place = (asked["score_raw"] - asked["scale_min"]) / span
        good = (place >= TOP).astype(float).where(place.notna())
        by = good[asked.sort_values("responded_at").index].groupby(asked["ticket_id"])
        rows["ours"], told[FIRST] = by.last().reindex(rows.index), [by.first().reindex(rows.index)]
    rows["ours"] = rows["ours"].where(rows["own"])
    return _reasoned(rows, told)


def _rows(study: Study) -> pd.DataFrame:
    """Tickets of the period by ticket_id: own (a customer's), out (why not), limit (none)."""
    tickets, start = study.tickets, study.settings.time("tickets_from")
    inside = tickets["created_at"] < study.observed_until
    rows = tickets[inside if start is None else inside & (tickets["created_at"] >= start)]
    spam = rows["is_spam"].isin([True]) | rows["is_deleted"].isin([True])
    of = [rows["is_merged"].isin([True]), spam, rows["requester_id"].isna()]
    rows = rows.assign(out=np.select(of, [MERGED, SPAM, NOBODY], ""), limit=np.nan)
    return rows.assign(own=rows["ticket_id"].isin(since(study)["ticket_id"])).set_index("ticket_id")


def _counted(rows: pd.DataFrame, name: str, vendor: str, told: Told) -> pd.DataFrame:
    """A count of tickets that the help desk counts."""
    rows["theirs"], ours = rows[vendor].astype(float), rows[name].astype(float)
    rows["ours"] = ours.where(rows["own"] & rows["theirs"].notna())
    joined = [ours + _with_merged(rows, ours, "sum") - ours]
    return _reasoned(rows, {**told, MERGED: joined})


def _timed(study: Study, rows: pd.DataFrame, name: str, spans: dict, clock: str) -> pd.DataFrame:
    """Reasons of minutes: spans by reason on our clock, shifted by a zone, on the other clock."""
    columns = {"calendar": f"vendor_{name}_minutes", "business": f"vendor_{name}_business_minutes"}
    other = "business" if clock == "calendar" else "calendar"
    rows["theirs"] = rows[columns[clock]].fillna(rows[columns[other]])
    told, beside = (
        {why: [60 * hours for start, end in each
               if not isinstance(hours := elapsed(study, start, end, on), CannotTell)]
         for why, each in spans.items()} for on in (clock, other)
    )  # fmt: skip
    [(start, end)] = spans[""]
    zones = (time.dt.tz_convert(study.settings.time_zone).dt.tz_localize(None) -
             time.dt.tz_localize(None) for time in (start, end))  # fmt: skip
    early, late = (zone / HOUR * 60 for zone in zones)
    ours = (end - start) / HOUR * 60
    shifts = (early, late, late - early)
    told[ZONE] = [ours + sign * shift for shift in shifts for sign in (1, -1)]
    whole = (rows["theirs"].dropna() % 1 == 0).all() or (end.dropna().dt.second == 0).all()
    return _reasoned(rows, told, MINUTE if whole else SECOND, beside)


def _reasoned(
    rows: pd.DataFrame, told: Told, near: float = SECOND, beside: Told | None = None
) -> pd.DataFrame:
    """Rows that either counts: theirs, ours, reason ("" where they are the same), limit, clocked
    (by the other clock) and other (our number by that)."""
    theirs, ours = rows["theirs"], rows["ours"]
    beside = {why: numbers for why, numbers in (beside or {}).items() if numbers}
    steps = [("", [ours], SECOND), (ROUNDED, [ours], near)]
    steps += [(why, numbers, near) for why, numbers in told.items() if why]
    steps += [(why or CLOCK, numbers[:1], near) for why, numbers in beside.items()]
    fits = [(why, (theirs - number.astype(float)).abs() <= within) for why, numbers, within in steps
            for number in numbers]  # fmt: skip
    place = np.argmax([*(fit for _, fit in fits), np.ones(len(rows), bool)], axis=0)
    names = np.array([*(why for why, _ in fits), UNEXPLAINED], dtype=object)
    unsolved = rows["status"].isin(UNSOLVED)
    reason = np.select(
        [theirs.notna() & ours.isna() & (rows["out"] != ""),
         theirs.notna() & ours.isna() & unsolved & (names[place] == UNEXPLAINED), theirs.notna(),
         rows["is_agent_created"].isin([True]), np.isinf(ours), unsolved],
        [rows["out"], OPEN, names[place], BY_AGENT, WAITING, OPEN], UNEXPLAINED,
    )  # fmt: skip
    clocked = (place >= len(fits) - len(beside)) & (place < len(fits)) & (reason == names[place])
    other = beside[""][0] if beside else np.nan
    return _kept(rows.assign(reason=reason, clocked=clocked, other=other))


def _kept(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that one of the two counts."""
    rows = rows[rows[["theirs", "ours"]].notna().any(axis=1)]
    return rows.reindex(columns=COLUMNS)


def _said(study: Study, rows: pd.DataFrame, kinds: Sequence[str], roles: Sequence[str], how: str):
    """By ticket when the first, or how many, messages of these kinds and roles were written."""
    if not study.has("ticket_events"):
        never = rows["created_at"].iloc[:0].reindex(rows.index)
        return never if how == "min" else never.isna() - 1.0
    events = study.ticket_events
    public = events["is_public"].fillna(True) | ("note" in kinds)
    said = events["event_type"].isin(kinds) & events["actor_role"].isin(roles) & public
    return events[said].groupby("ticket_id")["event_at"].agg(how).reindex(rows.index)


def _with_merged(rows: pd.DataFrame, values: pd.Series, how: str) -> pd.Series:
    """The least, or the sum, of each ticket's value and those of the tickets merged into it."""
    into = rows["merged_into_ticket_id"].fillna(rows.index.to_series())
    return values.groupby(into.to_numpy()).agg(how).reindex(rows.index)


def _targets(rows: pd.DataFrame, theirs: pd.Series, timed: pd.DataFrame, name: str):
    """Which targets of its own fit most words, to the solution or to the closing, and which words
    they fit: those on the right side of one limit for all tickets of a priority that has both."""
    closed = ((rows["closed_at"] - rows["created_at"]) / HOUR * 60).fillna(np.inf)
    ends = {TARGET: timed["theirs"].fillna(timed["ours"])}
    ends |= {TO_CLOSING: closed} if name == "resolution" else {}
    fits = {why: pd.Series(False, index=rows.index) for why in ends}
    for why, minutes in ends.items():
        for _, of in minutes[theirs.notna()].sort_values().groupby(rows["priority"].fillna("")):
            late = theirs[of.index].to_numpy(bool)
            wrong = np.r_[0, np.cumsum(late)] + np.r_[np.cumsum(~late[::-1])[::-1], 0]
            wrong[1:-1][of.to_numpy()[1:] == of.to_numpy()[:-1]] = len(of)  # no limit lies there
            both = late.any() and not late.all()
            fits[why][of.index] = both & (late == (np.arange(len(of)) >= wrong.argmin()))
    best = max(fits, key=lambda why: fits[why].sum())
    return best, fits[best]


def _good(words: pd.Series) -> pd.Series:
    """1 for a satisfied answer in the help desk's word or number, 0 for any other answer."""
    number, word = pd.to_numeric(words, errors="coerce"), words.str.lower().fillna("")
    least = 4 if number.max() <= 5 else 6  # of 5, of 7; from 101 on of Freshdesk's numbers
    good = (number.ge(least) & number.ne(100)) | word.str.fullmatch(r"good.*|(\w+ )?happy")
    rated = number.notna() | word.str.fullmatch(r"(good|bad).*|(\w+ )?(un)?happy|neutral")
    return good.astype(float).where(rated)
