"""Is the help desk's own number ours? Its metrics beside ours, and which reasons make up between.

Reasons are switched one after another, in the order of desk_numbers.REASONS: of the tickets that
one explains the help desk's number is replaced by ours (or left out, or taken in), and what the
headline moves by is the reason's part. So the parts add up to the whole difference; in another
order the same reasons may have other parts. The last step leads to the scorecard's own number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis import desk_numbers as desk
from cxresearch.kpis.compliance import response_compliance, within_words
from cxresearch.kpis.desk_late import breaches
from cxresearch.kpis.durations import resolution_time, solved_in_time
from cxresearch.kpis.handling import touches
from cxresearch.kpis.surveys.voice import csat
from cxresearch.study.answers import (
    CannotTell,
    DoesNotApply,
    Finding,
    cannot_tell_passes,
    finding,
)
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.schema import VENDOR
from cxresearch.study.study import Study
from cxresearch.study.words import listed, view

UNTOLD = "not told"
SHOWN = 3  # reasons in a sentence, and in a row of the table
PERCENT, HOURS, EACH = "%", "hours", "a ticket"
LESS = {PERCENT: 0.0005, HOURS: 0.05, EACH: 0.005}  # half of the last digit that is shown
WATCHED = "tickets still open, counted for as long as they were watched"
SAMPLED = "customers outside the sample"
SURVEYED = "surveys of no ticket, of one asked twice, too young or answered late"


@dataclass(frozen=True, eq=False)
class Reconciled(Result):
    """A metric a row: unit, theirs and ours (each of the tickets that it counts: n theirs, n ours),
    same theirs and same ours (of the n same that both count), differ (tickets, by more than whole
    minutes), unexplained. ours is the scorecard's number where it has such a row, null where it
    cannot tell.

    parts: metric, reason, tickets, part (of theirs less ours; they add up to it). tickets: metric,
    ticket_id, theirs, ours, reason ("" where they are the same): minutes, counts, or 0 and 1.
    """

    parts: pd.DataFrame
    tickets: pd.DataFrame

    def said(self, row: str = "") -> Finding:
        """The first metric, or the one named: theirs, ours, what makes up between, what is left."""
        name = row or self.frame.index[0]
        of, parts = self.frame.loc[name], self._parts(name)
        why = listed(f"{_part(part, of['unit'])} for {reason}" for reason, part in
                     zip(parts["reason"], parts["part"], strict=True))  # fmt: skip
        shown = {"theirs": "theirs", "ours": "ours", "of_them": "same theirs", "of_us": "same ours"}
        shown = {word: _value(of[column], of["unit"]) for word, column in shown.items()}
        left = int(of["unexplained"])
        rest = " Left unexplained: {left:,} of {n:,} tickets."
        return finding(
            "{name}: " + _says(**shown, same=of["n same"], why=why) + "."
            + (rest if left else " Nothing is left unexplained."),
            **shown, name=name, why=why, same=int(of["n same"]), left=left,
            n=int(self.tickets["metric"].eq(name).sum()),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """A metric a row, the reasons that move it most, and how many tickets none explains."""
        return pd.DataFrame([
            {"metric": name, "help desk": _value(of["theirs"], of["unit"]),
             "ours": _value(of["ours"], of["unit"]), "tickets that both count": int(of["n same"]),
             "differ": int(of["differ"]), "because of (tickets)": self._because(name, of["unit"]),
             "unexplained": int(of["unexplained"])}
            for name, of in self.frame.iterrows()
        ])  # fmt: skip

    def _because(self, name: str, unit: str) -> str:
        parts = zip(*(self._parts(name)[c] for c in ("part", "reason", "tickets")), strict=True)
        says = [f"{_part(part, unit)} {reason} ({tickets:,})" for part, reason, tickets in parts]
        return "; ".join(says) or "nothing that moves it"

    def _parts(self, name: str) -> pd.DataFrame:
        """The largest parts that can be seen, without what is unexplained."""
        of = self.parts[self.parts["metric"].eq(name) & self.parts["reason"].ne(desk.UNEXPLAINED)]
        of = of[of["part"].abs() > LESS[self.frame.loc[name, "unit"]]]
        return of.sort_values("part", key=lambda part: -part.abs(), kind="stable").head(SHOWN)


@cannot_tell_passes
def unexplained(of: Reconciled) -> pd.DataFrame:
    """The tickets whose number no reason explains, row by row: metric, ticket, help desk, ours."""
    rows = of.tickets[of.tickets["reason"] == desk.UNEXPLAINED]
    return view(rows, "metric", "ticket_id as ticket",
                "theirs ,.1f as help desk, minutes or a count", "ours ,.1f")  # fmt: skip


@once
def reconciled(study: Study) -> Reconciled | CannotTell:
    """The help desk's own metrics against ours, ticket by ticket: first answers, solutions,
    reopenings, answers, breaches and satisfaction.

    Theirs is what the help desk reports of the tickets that have its number; ours of customers' own
    tickets, as the scorecard counts. Where reasons are found, and what they are: desk_numbers.
    A study whose export holds no such numbers has nothing to compare.
    """
    held = study.tickets[[column.name for column in VENDOR]]
    if held.isna().all(axis=None):
        return DoesNotApply("the help desk's own numbers: the export holds none.")
    replies, solved = desk.first_replies(study), desk.resolutions(study)
    promise = f"{study.settings.unresolved_after_days:g} days"
    on_time, soon = response_compliance(study).frame.iloc[0], solved_in_time(study).frame.iloc[0]
    metrics = {
        f"First answer {within_words(study)}": (PERCENT, replies, SAMPLED, on_time),
        "Time to solution, median": (HOURS, solved, WATCHED, resolution_time(study).frame.iloc[0]),
        "Times reopened, mean": (EACH, desk.reopenings(study), "", None),
        "Answers by agents, mean": (
            EACH, desk.answers(study), SAMPLED, touches(study).frame.iloc[0]),
        "First answer late": (
            PERCENT, breaches(replies, "first_reply"), SAMPLED, _less(on_time)),
        f"Not solved in time ({promise})": (
            PERCENT, breaches(solved, "resolution"), WATCHED, _less(soon)),
        "Satisfied, of those who answered": (
            PERCENT, desk.satisfied(study), SURVEYED, csat(study).frame.iloc[0]),
    }  # fmt: skip
    metrics = {name: (unit, desk.kept(rows), *last) for name, (unit, rows, *last) in metrics.items()
               if not isinstance(rows, CannotTell) and (
                   rows["theirs"].notna() | rows["reason"].eq(desk.UNREAD)).any()}  # fmt: skip
    if not metrics:
        return CannotTell("whether the help desk's numbers are ours: what they count is not told.")
    frame = pd.DataFrame({name: _row(*of) for name, of in metrics.items()}).T
    steps = [_switched(*of).assign(metric=name) for name, of in metrics.items()]
    parts = pd.concat(steps, ignore_index=True)
    tickets = pd.concat([of[1].assign(metric=name) for name, of in metrics.items()]).reset_index()
    return Reconciled(
        frame.infer_objects(), parts[["metric", "reason", "tickets", "part"]],
        tickets[["metric", "ticket_id", "theirs", "ours", "reason"]],
    )  # fmt: skip


def _less(row: pd.Series) -> pd.Series:
    """The share that is not."""
    return pd.Series({**row, "estimate": 1 - row["estimate"]})


def _ours(unit: str, rows: pd.DataFrame, card: pd.Series | None) -> tuple[float, int]:
    """The scorecard's number, and of how many; of these tickets where it does not ask for one."""
    if card is None or (np.isnan(card["estimate"]) and not card["eligible"]):
        return _headline(unit, rows, rows["ours"]), int(rows["ours"].count())
    return float(card["estimate"]), int(card["n"])


def _row(unit: str, rows: pd.DataFrame, last: str, card: pd.Series | None) -> dict:
    both = rows[rows[["theirs", "ours"]].notna().all(axis=1)]
    ours, counted = _ours(unit, rows, card)
    return {
        "unit": unit, "theirs": _headline(unit, rows, rows["theirs"]), "ours": ours,
        "n theirs": int(rows["theirs"].count()), "n ours": counted,
        "same theirs": _headline(unit, both, both["theirs"]),
        "same ours": _headline(unit, both, both["ours"]), "n same": len(both),
        "differ": int((~rows["reason"].isin(["", desk.ROUNDED])).sum()),
        "unexplained": int(rows["reason"].eq(desk.UNEXPLAINED).sum()),
    }  # fmt: skip


def _switched(unit: str, rows: pd.DataFrame, last: str, card: pd.Series | None) -> pd.DataFrame:
    """Each reason's tickets and part, in order, and the last step to the scorecard's number."""
    values, before, parts = rows["theirs"], _headline(unit, rows, rows["theirs"]), []
    clocked = rows["clocked"].isin([True])
    for reason in ("", *desk.REASONS):
        of = rows["reason"] == reason
        values = values.mask(of, rows["ours"].mask(clocked, rows["other"]))
        if reason == desk.CLOCK:
            of, values = of | clocked, values.mask(of | clocked, rows["ours"])
        now = _headline(unit, rows, values)
        now = before if np.isnan(now) else now  # while nothing is counted, nothing moves
        parts.append({"reason": reason, "tickets": int(of.sum()), "part": before - now})
        before = now
    ours, counted = _ours(unit, rows, card)
    if abs(before - ours) > 1e-9:
        more = abs(counted - int(rows["ours"].count()))
        parts.append({"reason": last, "tickets": more, "part": before - ours})
    parts = pd.DataFrame(parts)
    return parts[((parts["tickets"] > 0) | parts["reason"].eq(last)) & (parts["reason"] != "")]


def _headline(unit: str, rows: pd.DataFrame, values: pd.Series) -> float:
    """A median in hours, a mean, or the share within the limit (of 0 and 1, that are 1)."""
    values = values.dropna()
    if unit == HOURS:
        return float(values.median() / 60)
    limit = rows["limit"].reindex(values.index)
    return float(values.mean() if limit.isna().all() else (values <= limit).mean())


def _says(theirs: str, ours: str, of_them: str, of_us: str, same: int, why: str) -> str:
    """The sentence for these words: what both say, and what lies between."""
    if theirs == UNTOLD:
        return "what your help desk counts is **not told**"
    if ours == UNTOLD:
        return "your help desk says **{theirs}**, we **cannot tell**"
    says = "your help desk says **{theirs}**, we say **{ours}**"
    if theirs != ours:
        return says + ". Between them: {why}" * bool(why)
    if not same:
        return says + ", though no ticket is counted by both"
    if theirs == of_them == of_us:
        return says + " of the {same:,} tickets that both count"
    return says + ". Of the {same:,} tickets that both count: **{of_them}** and **{of_us}**"


def _value(value: float, unit: str) -> str:
    forms = {PERCENT: f"{100 * value:.1f}%", HOURS: f"{value:.1f} h", EACH: f"{value:.2f}"}
    return UNTOLD if np.isnan(value) else forms[unit]


def _part(part: float, unit: str) -> str:
    """A part with its sign."""
    forms = {PERCENT: f"{100 * part:+.1f} points", HOURS: f"{part:+.1f} h", EACH: f"{part:+.2f}"}
    return forms[unit] if abs(part) > LESS[unit] else ""
