"""A cause on a page of its own: what customers say, who, since when, how it ends, what it costs."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from cxresearch import impact
from cxresearch.impact.fixes import FixList
from cxresearch.kpis.compliance import response_facts
from cxresearch.kpis.measure import share, share_told
from cxresearch.kpis.no_return import our_facts
from cxresearch.kpis.overdue import overdue_facts
from cxresearch.kpis.tidy import asked
from cxresearch.outcomes import outcome
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import difference, together
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import likely, side, view
from cxresearch.topics.causes import named
from cxresearch.topics.causes.per_ticket import of_few
from cxresearch.topics.causes.table import cause_table
from cxresearch.topics.own_words import told_in

ASKED_FOR = "CXRESEARCH_CAUSE"
LATE = "overdue"
QUOTED, GROUPS = 5, ("segment", "plan", "product", "created_channel", "priority")
# How tickets end: by what is asked, facts of which "held" is the answer.
ENDS: dict[str, Callable] = {
    "answered in time": response_facts,
    LATE: overdue_facts,
    "solved and not back within a week": our_facts,
}


def causes_shown(study: Study) -> list[str]:
    """The causes that have a page each, the largest first: those of enough customers."""
    if not study.has("ticket_causes"):
        return []
    told = named(study)
    told = told[told["ticket_id"].isin(asked(study)["ticket_id"])]
    sizes = told.groupby("cause")["weight"].sum().sort_values(ascending=False)
    few = of_few(study, study.settings.least_shown)
    return [cause for cause in sizes.index if cause not in few]


def the_cause(study: Study) -> str:
    """The cause that a page is asked for, else the largest. Raises InputError for another."""
    shown = causes_shown(study)
    cause = os.environ.get(ASKED_FOR) or next(iter(shown), "")
    if cause not in shown:
        raise InputError(f"{study.path} has no page on the cause '{cause}'; see causes.toml.")
    return cause


@once
def tickets_of(study: Study, cause: str) -> pd.DataFrame:
    """The tickets of a cause without texts, newest first: ticket, customer, written, first answer,
    first solved, reopened (how often), status, days overdue."""
    rows = _own(study, cause)
    waits = impact.counting(study).waits(study, rows).set_index("ticket_id")
    late = rows["ticket_id"].map(waits["late_days"]).round(1)
    shown = pd.DataFrame(
        {
            "ticket": rows["ticket_id"],
            "customer": rows["customer_id"].fillna(rows["requester_id"]),
            "written": rows["created_at"],
            "first answer": rows["first_reply_at"],
            "first solved": rows["first_solved_at"],
            "reopened": rows["count_reopens"],
            "status": rows["status"],
            "days overdue" if impact.counting(study).leavers else "days unanswered": late,
        }
    )
    return shown.sort_values("written", ascending=False, kind="stable", ignore_index=True)


def in_short(study: Study, cause: str, fixes: FixList | CannotTell) -> tuple:
    """How many write about it, what solving it sooner may keep, and whether they leave more."""
    rows = tickets_of(study, cause)
    said = [
        finding(
            "**{n:,} customers** wrote {tickets:,} tickets about “{cause}”, {share:.0%} of all.",
            n=_customers(rows), tickets=len(rows), cause=cause,
            share=len(rows) / max(len(asked(study)), 1),
        )
    ]  # fmt: skip
    if isinstance(fixes, FixList) and not fixes.stopped and cause in _saved(fixes).index:
        said.append(_worth(fixes, _saved(fixes).loc[cause]))
    ratios = outcome(study).by_cause(study)
    if not isinstance(ratios, CannotTell) and cause in ratios.frame.index:
        said.append(_rate(study, ratios.frame.loc[cause]))
    return tuple(said)


def size(study: Study, cause: str) -> str:
    """How many tickets of how many customers a cause has, and what share of them waits too long."""
    rows, ends = tickets_of(study, cause), how_it_ends(study, cause).frame
    said = f"{len(rows):,} tickets of {_customers(rows):,} customers"
    return f"{said}, {ends.loc[LATE, 'own']:.0%} {LATE}" if LATE in ends.index else said


def voices(study: Study, cause: str) -> pd.DataFrame:
    """Five masked quotes, each with its ticket."""
    rows = told_in(study, cause, QUOTED)
    return pd.DataFrame(rows, columns=["ticket", "what the customer writes"])


@dataclass(frozen=True, eq=False)
class Against(Result):
    """A cause's tickets against all others, a row a question and named by it: own and rest with
    low, high and n, difference with low and high, verdict (more, less, cannot tell)."""

    def table(self) -> pd.DataFrame:
        """Both shares with their intervals, and the difference."""
        rows = self.frame.reset_index(names="of its tickets")
        both = (
            "own ±.0% as this cause",
            "own n as of",
            "rest ±.0% as all others",
            "rest n as of these",
        )
        return view(rows, "of its tickets", *both, "difference ±+.0%", "verdict")


@once
def how_it_ends(study: Study, cause: str) -> Against:
    """How tickets of a cause end beside those of all others; what the study cannot tell has no
    row."""
    own, rows = {*_own(study, cause)["ticket_id"]}, {}
    for name, facts in ENDS.items():
        told = facts(study)
        if isinstance(told, CannotTell):
            continue
        mine = told["ticket_id"].isin(own)
        both = {"own": share_told(told[mine]), "rest": share_told(told[~mine])}
        rows[name] = _beside(both)
    return Against(_together(pd.DataFrame.from_dict(rows, orient="index")))


def who_writes(study: Study, cause: str) -> pd.DataFrame:
    """The groups that the cause has a clearly larger share of than all other tickets have, by what
    the study knows of them: the ten that differ most; intervals of all differences hold together
    at 95% (Bonferroni)."""
    every, own = asked(study), {*_own(study, cause)["ticket_id"]}
    if study.has("customers"):
        more = [c for c in GROUPS if c in study.customers and c not in every]
        every = every.merge(study.customers[["customer_id", *more]], on="customer_id", how="left")
    mine, rows = every["ticket_id"].isin(own), []
    for column in (c for c in GROUPS if c in every):
        for level in every[column].dropna().unique():
            flags = every[column].eq(level).fillna(False)
            both = {"own": share(flags[mine], every.loc[mine, "who"]),
                    "rest": share(flags[~mine], every.loc[~mine, "who"])}  # fmt: skip
            customers = every.loc[mine & flags, "who"].nunique()
            rows.append(_beside(both) | {"group": f"{column.replace('_', ' ')}: {level}",
                                         "customers": customers})  # fmt: skip
    found = pd.DataFrame(rows)
    if found.empty:
        return found
    found = _together(found)
    found = found[found["verdict"] == "more"].nlargest(10, "difference")
    shares = "own ±.0% as of this cause", "rest ±.0% as of all others"
    return view(found, "group", "customers", *shares)


def what_is_known(study: Study, cause: str) -> pd.DataFrame | CannotTell:
    """What people or the machine say of a cause: owner, kind, effort, whether it is confirmed."""
    told = cause_table(study)
    if isinstance(told, CannotTell):
        return told
    row = told.loc[told["cause"] == cause].drop(columns=["cause", "topics", "by_person"])
    row = row.astype(object).where(row.notna(), "not told")
    return row.T.set_axis(["said"], axis=1).rename_axis("what").reset_index()


def _customers(rows: pd.DataFrame) -> int:
    return int(rows["customer"].nunique())


def _own(study: Study, cause: str) -> pd.DataFrame:
    rows = named(study)
    own = rows.loc[rows["cause"] == cause, "ticket_id"]
    every = asked(study)
    return every[every["ticket_id"].isin(own)]


def _beside(both: dict[str, dict]) -> dict:
    row = {f"{name} {key}".removesuffix(" estimate"): value for name, of in both.items()
           for key, value in of.items()}  # fmt: skip
    ends = ([of[k] for k in ("estimate", "low", "high")] for of in both.values())
    gap, low, high = difference(*ends)
    return row | {"difference": gap, "difference low": low, "difference high": high}


def _together(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with intervals of differences so wide that all of them hold together, and verdicts
    from these."""
    if rows.empty:
        return rows
    names = ["difference", "difference low", "difference high"]
    low, high = (end.clip(-1, 1) for end in together(*(rows[name] for name in names)))
    return rows.assign(**dict(zip(names[1:], (low, high), strict=True)), verdict=side(low, high, 0))


def _saved(fixes: FixList) -> pd.DataFrame:
    return fixes.frame.loc[impact.SOONER]


def _worth(fixes: FixList, row: pd.Series) -> Finding | CannotTell:
    kept = {
        "days": fixes.days,
        "low": row["customers kept low"],
        "high": row["customers kept high"],
    }
    if row["customers kept low"] <= 0:
        return CannotTell(finding(
            "whether solving it within {days:g} days keeps customers: {low:.0f} to {high:.0f} a "
            "year.", **kept,
        ).text)  # fmt: skip
    return finding(
        "Solving it within {days:g} days may keep {kept:.0f} customers a year ({low:.0f} to "
        "{high:.0f}); it is {sure} to be among the three causes worth most.",
        kept=row["customers kept"], sure=likely(row["top 3"]), chance=row["top 3"], **kept,
    )  # fmt: skip


def _rate(study: Study, row: pd.Series) -> Finding | CannotTell:
    verb = outcome(study).WORDS.verb
    if pd.isna(row["hazard ratio"]):
        return CannotTell(f"whether its customers {verb} more often: too few did.")
    said = finding(
        "they {verb} at {ratio:.1f} times the rate of others ({low:.1f} to {high:.1f}).",
        verb=verb, ratio=row["hazard ratio"], low=row["low"], high=row["high"],
    )  # fmt: skip
    if str(row["verdict"]).startswith("cannot"):
        return CannotTell(f"whether its customers {verb} more often: {said.text}")
    return Finding(f"While it waits, {said.text}", said.numbers)
