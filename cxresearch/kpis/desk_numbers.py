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
from cxresearch.kpis.tidy import HOUR, is_settled, since, solved
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.schema import UNSOLVED
from cxresearch.study.study import Study
from cxresearch.study.told import cannot_tell

MERGED, SPAM = "merged tickets", "spam or deleted tickets"
NOBODY, BEFORE = "tickets of nobody", "answers older than the question"
EARLY, BY_AGENT = "tickets not yet due", "tickets written by agents"
AFTER, UNTOLD = "answers after the study's end", "not told"
NEGATIVE, UNREAD = "times below zero", "answers not understood"
WAITING, OPEN = "tickets still waiting", "tickets still open"
TARGET, TO_CLOSING = "its own targets", "its own targets to the closing"
ROUNDED, LAST, CLOSING = "whole minutes", "counting to the last solution", "counting to the closing"
AUTOMATIC, NOTES, FEWER = "automatic replies", "internal notes", "counting solutions less one"
FIRST, ZONE, CLOCK = "a first answer to a survey", "the time zone", "business hours"
UNEXPLAINED = "unexplained"
# The order in which they are switched, from the help desk's number to ours.
REASONS = (
    MERGED, SPAM, NOBODY, BEFORE, AFTER, EARLY, BY_AGENT, UNTOLD, NEGATIVE, UNREAD, WAITING, OPEN,
    ROUNDED, LAST, CLOSING, AUTOMATIC, NOTES, FEWER, FIRST, TARGET, TO_CLOSING, ZONE, CLOCK,
    UNEXPLAINED,
)  # fmt: skip
SECOND, MINUTE = 1 / 60 + 1e-6, 1 - 1e-6  # within which two numbers of minutes are the same
VERY = r"((extremely|very|somewhat) )?"
SATISFIED = rf"good([ _]?with.*)?|{VERY}(happy|satisfied)"
NOT = rf"bad([ _]?with.*)?|{VERY}(unhappy|dissatisfied|unsatisfied)|neutral"
NO_ANSWER = r"|(un|not )?offered"
COLUMNS = ["theirs", "ours", "reason", "limit", "clocked", "other"]
LIVE = ("agent", "bot", "system")
Told = dict[str, list[pd.Series]]  # by reason, the numbers that it alone would give


def first_replies(study: Study) -> pd.DataFrame | CannotTell:
    """Minutes to a first answer; ours is infinite of who waits longer than promised. wait is ours:
    null where that is not told, or not due."""
    facts, rows = response_facts(study), _rows(study)
    if isinstance(facts, CannotTell):
        return facts
    facts = facts.set_index("ticket_id").reindex(rows.index)
    due = facts["mature"].isin([True])
    waited = 60 * facts["waited"].astype(float).fillna(np.inf)
    rows["ours"] = rows["wait"] = waited.where(due & facts["held"].notna())
    rows["limit"] = 60 * facts["promised"].fillna(study.settings.first_reply_hours)
    asked, replied = rows["created_at"], rows["first_reply_at"]
    known = [replied < asked, facts["mature"].isin([False]), due & facts["held"].isna()]
    _left_out(rows, known, [BEFORE, EARLY, UNTOLD])
    begun, earliest = _with_merged(rows, asked, "min"), _with_merged(rows, replied, "min")
    spans = {
        "": [(asked, replied)],
        AFTER: [(asked, replied.where(replied > study.observed_until))],
        AUTOMATIC: [(asked, _said(study, rows, ("reply",), LIVE, "min"))],
        NOTES: [(asked, _said(study, rows, ("reply", "note"), LIVE[:1], "min"))],
        MERGED: [(begun, replied), (asked, earliest), (begun, earliest)],
    }
    return _timed(study, rows, "first_reply", spans, promise_clock(study))


def resolutions(study: Study) -> pd.DataFrame | CannotTell:
    """Minutes to the first solution of what was solved by the study's end; to the last where only
    that is told. wait is infinite of who waits longer than promised, null where that is not due."""
    rows, facts = _rows(study), solutions(study)
    only_last = isinstance(facts, CannotTell)
    if only_last and (why := cannot_tell(study, "last_solved_at")):
        return why
    asked, last, closed = rows["created_at"], rows["last_solved_at"], rows["closed_at"]
    first = last if only_last else rows["first_solved_at"].fillna(closed)
    minutes, rows["limit"] = (
        (first - asked) / HOUR * 60,
        1440 * study.settings.unresolved_after_days,
    )
    sure = rows["own"] & is_settled(study, rows)
    if only_last:
        sure &= last.notna() | rows["status"].isin(UNSOLVED)
    else:
        sure &= facts.set_index("ticket_id")["known"].reindex(rows.index).isin([True])
    over, age = first <= study.observed_until, (study.observed_until - asked) / HOUR * 60
    rows["ours"] = minutes.where(sure & over & (minutes >= 0))
    due = sure & (age >= rows["limit"])
    rows["wait"] = rows["ours"].where(over, np.inf).where(due)
    out = [first > study.observed_until, sure & over & (minutes < 0),
           rows["own"] & ~is_settled(study, rows) & (rows["status"] != "unknown"),
           rows["own"] & ~sure]  # fmt: skip
    _left_out(rows, out, [AFTER, BEFORE, EARLY, UNTOLD])
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
    """Public answers by a person to what was solved; to any ticket where no solution is told."""
    rows = _rows(study)
    ours = rows["total_agent_replies"].astype(float)
    over = pd.Series(among(rows.index.to_series(), solved(study)["ticket_id"]), rows.index)
    if not cannot_tell(study, "first_solved_at") and over.any():
        _left_out(rows, [~over & rows["status"].isin(UNSOLVED), ~over], [OPEN, UNTOLD])
        rows["own"] &= over
    own = ours.add(1).where(rows["is_agent_created"].isin([True]))
    more = {AUTOMATIC: ("reply", ("bot", "system")), NOTES: ("note", ("agent",))}
    told = {why: [ours + _said(study, rows, (kind,), who, "count").fillna(0)]
            for why, (kind, who) in more.items()}  # fmt: skip
    return _counted(rows, "total_agent_replies", "vendor_replies", {**told, BY_AGENT: [own]})


def satisfied(study: Study) -> pd.DataFrame:
    """Is a rated ticket's customer satisfied (0 or 1): 4 or 5 of 5, or as far up the one scale of
    the surveys. Ours is the last survey's, else the export's own word of the ticket."""
    rows, told, scale = _rows(study), {}, (1.0, 5.0)
    asked = study.surveys.query("kind == 'csat'") if study.has("surveys") else pd.DataFrame()
    scales = asked.reindex(columns=["scale_min", "scale_max"]).dropna().drop_duplicates()
    if len(scales) == 1:
        scale = tuple(scales.iloc[0].astype(float))
    said = {"theirs": rows["vendor_satisfaction"], "ours": rows["satisfaction_raw"]}
    rows = rows.assign(**{name: _good(words, *scale) for name, words in said.items()})
    if len(asked):
        span = asked["scale_max"] - asked["scale_min"]
        place = (asked["score_raw"] - asked["scale_min"]) / span
        good = (place >= TOP).astype(float).where(place.notna())
        by = good[asked.sort_values("responded_at").index].groupby(asked["ticket_id"])
        rows["ours"] = by.last().reindex(rows.index).fillna(rows["ours"])
        told[FIRST] = [by.first().reindex(rows.index)]
    unread = [rows[name].isna() & words.notna() & ~words.str.lower().str.fullmatch(NO_ANSWER)
              for name, words in said.items()]  # fmt: skip
    rows["odd"] = np.where(unread[0] | (unread[1] & rows["own"]), UNREAD, "")
    rows["ours"] = rows["ours"].where(rows["own"])
    return _reasoned(rows, told)


def kept(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that one of the two counts, or that tell a number which nobody can count."""
    told = rows[["theirs", "ours"]].notna().any(axis=1) | rows["reason"].isin([NEGATIVE, UNREAD])
    return rows.loc[told, COLUMNS]


def _rows(study: Study) -> pd.DataFrame:
    """Tickets of the period by ticket_id: own (a customer's), out (why not), odd, limit (none)."""
    tickets, start = study.tickets, study.settings.time("tickets_from")
    inside = tickets["created_at"] < study.observed_until
    rows = tickets[inside if start is None else inside & (tickets["created_at"] >= start)]
    spam = rows["is_spam"].isin([True]) | rows["is_deleted"].isin([True])
    of = [rows["is_merged"].isin([True]), spam, rows["requester_id"].isna()]
    rows = rows.assign(out=np.select(of, [MERGED, SPAM, NOBODY], ""), odd="", limit=np.nan)
    return rows.assign(own=rows["ticket_id"].isin(since(study)["ticket_id"])).set_index("ticket_id")


def _left_out(rows: pd.DataFrame, of: list[pd.Series], names: list[str]) -> None:
    """Names why we do not count more of these rows."""
    rows["out"] = rows["out"].where(rows["out"] != "", np.select(of, names, ""))


def _counted(rows: pd.DataFrame, name: str, vendor: str, told: Told) -> pd.DataFrame:
    """A count."""
    ours = rows[name].astype(float)
    rows = rows.assign(theirs=rows[vendor].astype(float), ours=ours.where(rows["own"]))
    joined = _with_merged(rows, ours, "sum")
    return _reasoned(rows, {**told, MERGED: [joined.mask(joined == ours)]})


def _timed(study: Study, rows: pd.DataFrame, name: str, spans: dict, clock: str) -> pd.DataFrame:
    """Reasons of minutes: spans by reason on our clock, shifted by a zone, on the other clock. A
    span that is the plain one is no reason."""
    columns = {"calendar": f"vendor_{name}_minutes", "business": f"vendor_{name}_business_minutes"}
    other = "business" if clock == "calendar" else "calendar"
    theirs = rows[columns[clock]].fillna(rows[columns[other]]).astype(float)
    rows = rows.assign(theirs=theirs.mask(theirs < 0), odd=np.where(theirs < 0, NEGATIVE, ""))
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
    whole = (theirs.dropna() % 1 == 0).all() or (end.dropna().dt.second == 0).all()
    return _reasoned(rows, *map(_apart, (told, beside)), MINUTE if whole else SECOND)


def _apart(told: Told) -> Told:
    """The numbers of each reason where they are not the plain span's; answers after the end are."""
    return {why: [number.mask((number - told[""][0]).abs() <= SECOND)
                  if why not in ("", AFTER) else number for number in numbers]
            for why, numbers in told.items() if numbers}  # fmt: skip


def _reasoned(
    rows: pd.DataFrame, told: Told, beside: Told | None = None, near: float = SECOND
) -> pd.DataFrame:
    """Rows with their reason ("" where theirs is ours), clocked (by the other clock) and other (our
    number by that). What the help desk does not count is not told, but for minutes."""
    theirs, ours, timed, beside = rows["theirs"], rows["ours"], beside is not None, beside or {}
    steps = [("", [ours], SECOND), (ROUNDED, [ours], near)]
    steps += [(why, numbers, near) for why, numbers in told.items() if why]
    steps += [(why or CLOCK, numbers[:1], near) for why, numbers in beside.items()]
    fits = [(why, (theirs - number.astype(float)).abs() <= within) for why, numbers, within in steps
            for number in numbers]  # fmt: skip
    place = np.argmax([*(fit for _, fit in fits), np.ones(len(rows), bool)], axis=0)
    names = np.array([*(why for why, _ in fits), UNEXPLAINED], dtype=object)
    unsolved, only_theirs = rows["status"].isin(UNSOLVED), theirs.notna() & ours.isna()
    reason = np.select(
        [(rows["odd"] != "") & (theirs.isna() | ours.isna()), only_theirs & (rows["out"] != ""),
         only_theirs & unsolved & (names[place] == UNEXPLAINED), theirs.notna(),
         pd.Series(not timed, rows.index), rows["is_agent_created"].isin([True]), np.isinf(ours),
         unsolved],
        [rows["odd"], rows["out"], OPEN, names[place], UNTOLD, BY_AGENT, WAITING, OPEN],
        UNEXPLAINED,
    )  # fmt: skip
    clocked = (place >= len(fits) - len(beside)) & (place < len(fits)) & (reason == names[place])
    other = beside[""][0] if beside else pd.Series(np.nan, index=rows.index)
    return rows.assign(reason=reason, clocked=clocked, other=other)


def _said(study: Study, rows: pd.DataFrame, kinds: Sequence[str], roles: Sequence[str], how: str):
    """By ticket when the first, or how many, messages of these kinds and roles were written."""
    if not study.has("ticket_events"):
        never = rows["created_at"].iloc[:0].reindex(rows.index)
        return never if how == "min" else pd.Series(0.0, index=rows.index)
    events = study.ticket_events
    public = events["is_public"].fillna(True) | ("note" in kinds)
    said = events["event_type"].isin(kinds) & events["actor_role"].isin(roles) & public
    return events[said].groupby("ticket_id")["event_at"].agg(how).reindex(rows.index)


def _with_merged(rows: pd.DataFrame, values: pd.Series, how: str) -> pd.Series:
    """The least, or the sum, of each ticket's value and those of the tickets merged into it; a sum
    is null where one of them is."""
    into = rows["merged_into_ticket_id"].fillna(rows.index.to_series()).to_numpy()
    found = values.groupby(into).agg(how)
    if how == "sum":
        found = found.where(values.notna().groupby(into).all())
    return found.reindex(rows.index)


def _good(words: pd.Series, least: float, most: float) -> pd.Series:
    """1 for a satisfied answer in the help desk's word or number, 0 for any other answer, null for
    what is not understood: other words, and all numbers where one is not of this scale."""
    number, word = pd.to_numeric(words, errors="coerce"), words.str.lower().fillna("")
    number = number if number.dropna().between(least, most).all() else np.nan * number
    good = ((number - least) / (most - least)).ge(TOP) | word.str.fullmatch(SATISFIED)
    return good.astype(float).where(number.notna() | word.str.fullmatch(f"{SATISFIED}|{NOT}"))
