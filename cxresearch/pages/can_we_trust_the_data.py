"""Notebook 01: can we trust the data?"""

import numpy as np
import pandas as pd

from cxresearch.episodes import match, match_by_month, match_by_value, match_gate
from cxresearch.episodes.match_rate import MATCHED_AT_LEAST
from cxresearch.kpis import quality
from cxresearch.outcomes import outcome
from cxresearch.pages.words import SHARE, share
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding, plain
from cxresearch.study.study import Study

NEEDED = MATCHED_AT_LEAST
NO_ACCOUNTS = CannotTell("how tickets and accounts match: there are no accounts.")


def answer(study: Study) -> Finding:
    """How many rows came in, were kept and set aside, and how much cannot be said."""
    rows = quality.conservation(study)
    lacks = len(quality.missing(study))
    if "read" not in rows:
        return finding(
            "The study holds {n:,} rows; how many were read is not known. " + _lacking(lacks),
            n=int(rows["held"].sum()), lacks=lacks,
        )  # fmt: skip
    total = rows.sum()
    return finding(
        "Of {read:,} rows read, {kept:,} were kept and {aside:,} set aside ({part:.2%}), each with "
        "its reason: none is lost. " + _lacking(lacks),
        read=int(total["read"]), kept=int(total["kept"]), aside=int(total["quarantined"]),
        part=float(total["quarantined"] / total["read"]), lacks=lacks,
    )  # fmt: skip


def kept(study: Study) -> Finding:
    """How many tickets count, out of those kept."""
    return finding(
        "{count:,} of {of:,} tickets are counted in what follows: customers' own, neither spam nor "
        "merged nor deleted. Where the export cannot tell, a ticket is kept.",
        count=len(study.customer_tickets), of=len(study.tickets),
    )  # fmt: skip


def spans(study: Study) -> Finding:
    """Which fields begin or end in the middle."""
    found = quality.spans(study)
    if found.empty:
        return Finding("No field begins or ends in the middle of the time.")
    return finding(
        "Fields that begin or end in the middle of the time: {n} ({names}). No trend of them, and "
        "no count by them, holds outside their months.",
        n=len(found), names=", ".join(found.index),
    )  # fmt: skip


def clock(study: Study) -> Finding:
    """Does the hour of the day jump, as no people's habits do?"""
    jumps = quality.clock_jumps(study)
    if jumps.empty:
        return finding("The hours of creation keep their shape: no jump of {n} hours or more.", n=3)
    at = "; ".join(
        f"{r['from']} to {r['to']} by {r['hours']:+.1f} hours" for _, r in jumps.iterrows()
    )
    return finding(
        "The mean hour of creation **jumps** ({at}): the clock or its time zone changed, so hours "
        "of the day cannot be compared across it. Differences between two times are not touched.",
        at=at,
    )  # fmt: skip


def weekends(study: Study) -> Finding:
    """How much comes in at weekends, and whether that begins or ends at a point."""
    total, jumps = quality.weekends(study).sum(), quality.weekend_jumps(study)
    says = SHARE + " of tickets were created on a Saturday or Sunday, two days of seven. "
    numbers = share(int(total["weekend"]), int(total["tickets"]))
    if jumps.empty:
        return finding(says + "That share does not jump from one quarter to the next.", **numbers)
    at = "; ".join(
        f"{r['from']} to {r['to']} from {r['share before']:.0%} to {r['share']:.0%}"
        for _, r in jumps.iterrows()
    )
    return finding(
        says + "It **jumps** ({at}): a new shift, or an export, a queue or a mailbox that left "
        "weekends out on one side of it.",
        **numbers, at=at,
    )  # fmt: skip


def gaps(study: Study) -> Finding:
    """On which days nothing came in where much was to be expected."""
    found = quality.gaps(study)
    if found.empty:
        return Finding("There are no days in a row without a ticket where many were expected.")
    worst = found.sort_values("expected", ascending=False).iloc[0]
    return finding(
        "**Gaps**, days in a row without a ticket where many were expected: {n}. The largest is "
        "from {first} to {last}, where about {expected:,.0f} tickets were expected: the desk was "
        "closed, or a file is missing.",
        n=len(found), first=f"{worst['from']:%Y-%m-%d}", last=f"{worst['to']:%Y-%m-%d}",
        expected=float(worst["expected"]),
    )  # fmt: skip


def notes(study: Study) -> Finding:
    """What the loader said of this export."""
    said = study.import_report.get("notes", [])
    return Finding("\n".join("- " + plain(note) for note in said) or "The import left no notes.")


def linked(study: Study) -> Finding | CannotTell:
    """How many tickets find their customer, and whether that is enough to study churn."""
    if study.outcome == "return":
        return CannotTell(
            "who left: there is no customers table. The outcome of this study is return, the time "
            "to a customer's next ticket. Customers with the day they started and ended, from "
            "billing or CRM, would tell."
        )
    if gate := match_gate(study):
        return gate
    tickets = match(study).iloc[0]
    return finding(
        SHARE + " of tickets find the account that pays, enough to study who leaves.",
        **share(int(tickets["matched"]), int(tickets["of"])),
    )


def match_table(study: Study) -> pd.DataFrame | CannotTell:
    """Matched tickets and accounts in percent, with denominators."""
    if study.outcome == "return":
        return NO_ACCOUNTS
    return _in_percent(match(study))


def months(study: Study) -> pd.DataFrame | CannotTell:
    """Matched tickets by month."""
    return NO_ACCOUNTS if study.outcome == "return" else match_by_month(study)


def value_table(study: Study) -> pd.DataFrame | CannotTell:
    """Accounts with a person known by what they pay, in percent, with denominators."""
    return NO_ACCOUNTS if study.outcome == "return" else _in_percent(match_by_value(study))


def visible(study: Study) -> Finding | CannotTell:
    """The smallest effect that this study could show at all, before any model is run."""
    power = outcome(study).power(study)
    if isinstance(power, CannotTell):
        return power
    best = power.sort_values("smallest visible ratio").iloc[0]
    if not np.isfinite(best["smallest visible ratio"]):
        return CannotTell("any effect at all: nobody was exposed, or nothing happened to anybody.")
    return finding(
        "The smallest hazard ratio that could be seen here (80% power, 5% two-sided) is "
        "{ratio:.2f}, for: {group}. An effect nearer to 1 is missed in "
        "more than one study in five.",
        ratio=best["smallest visible ratio"], group=best["group"],
    )  # fmt: skip


def impossible(study: Study) -> Finding:
    """What each kind of data that is missing makes impossible, a sentence each."""
    found = quality.missing(study)["cannot be said"]
    said = [f"- Without **{plain(name)}** nobody can tell {says}." for name, says in found.items()]
    return Finding("\n".join(said) or "Every kind of data that the pages ask for is there.")


@cannot_tell_passes
def _in_percent(found: pd.DataFrame) -> pd.DataFrame:
    return found.rename(columns={name: f"{name} %" for name in found if "share" in name}).assign(
        **{f"{name} %": 100 * found[name] for name in found if "share" in name}
    )


def _lacking(kinds: int) -> str:
    if not kinds:
        return "Every kind of data that the pages ask for is there."
    return "Kinds of data that are missing, each with its answers: {lacks} (see the end)."
