"""What an added export moves, and what it leaves to a person."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from cxresearch.study.conform import Conformed
from cxresearch.study.gone import NOTE
from cxresearch.study.schema import UNSOLVED, InputError
from cxresearch.study.settings import read_settings
from cxresearch.study.study import Study
from cxresearch.study.time_text import time_told
from cxresearch.study.told_dates import joined_dates

UNSEEN = "open_when_last_seen"  # the flag of a ticket whose state is not known any more
WEEK = pd.Timedelta(days=7)
SAME, ALL = 0.05, 0.95  # shares: of tickets known under another name; of those written since


def dates_of_both(
    study: Study, new: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """The dates that all exports tell; which of study.toml's were an import's and are free to
    move; and what is to be said of those that a person decided."""
    report, own = study.import_report, read_settings(study.path / "study.toml")
    held, freed = report.get("told"), ()
    if held is None:  # of an import that wrote its dates into study.toml
        last = study.tickets[["created_at", "updated_at"]].max().max()
        made = {"tickets_from": study.tickets["created_at"].min(), "observed_until": last}
        freed = tuple(name for name, date in made.items() if report and own.time(name) == date)
        held = {name: getattr(own, name) for name in freed}
    dates = joined_dates(held, new)
    said = tuple(
        f"{name} stays {getattr(own, name)}, as study.toml says; the exports tell {date}. Empty "
        "that line to follow them."
        for name, date in dates.items()
        if getattr(own, name) and name not in freed and _sees_more(study, name, date)
    )
    return dates, freed, said


def _sees_more(study: Study, name: str, date: str) -> bool:
    """Would the study see more with the date that exports tell than with a person's? Not where
    what is older was forgotten."""
    own, told = study.settings.time(name), time_told(name, date)
    if name.endswith("_from"):
        return told < own and not (study.path / NOTE).exists()
    return told > own


def refuse_a_new_name(study: Study, conformed: Conformed, source: str) -> None:
    """Raises InputError where the export of a help desk that is new here holds the study's own
    tickets: it is the same help desk under another name."""
    names, held = ["ticket_id", "created_at"], study.tickets
    tickets = conformed.tables.get("tickets", held.head(0))
    ids = held["ticket_id"].str.split(":").str[-1]
    same = len(tickets[names].merge(held.assign(ticket_id=ids)[names]))
    if same > SAME * len(tickets):
        known = ", ".join(f"'{one}'" for one in _sources(study))
        raise InputError(
            f"{same:,} of {len(tickets):,} tickets of '{source}' are in the study already, as "
            f"those of {known}: it is the same help desk. Give it that name: source in the "
            "mapping, or in study.toml, if it was changed there."
        )


def unseen(
    study: Study, tables: Mapping, export: Conformed, entries: Sequence[dict], dates: Mapping
) -> dict[str, pd.DataFrame]:
    """The tickets table in which those that were open, and that no export could show since, are of
    unknown status and flagged (UNSEEN); nothing where there are none.

    These are open tickets of a help desk whose own last export ends a week or more before the
    study's end, and open ones from before the first ticket of this export, if it holds all tickets
    written since that one: then it was made by when tickets were written, not by when they changed.
    """
    tickets = tables.get("tickets", study.tickets)
    here = export.tables.get("tickets", tickets.head(0))
    opened = tickets["status"].isin(UNSOLVED) & ~tickets["ticket_id"].isin(here["ticket_id"])
    until = time_told("observed_until", dates.get("observed_until", "")) or study.observed_until
    prefixes = {one["source"]: one["prefix"] for one in entries}
    others = tuple(prefix for prefix in prefixes.values() if prefix)
    gone = pd.Series(False, tickets.index)
    for source, prefix in prefixes.items():
        last = [one["until"] for one in entries if one["source"] == source and one["until"]]
        if last and until - max(map(pd.Timestamp, last)) >= WEEK:
            gone |= opened & _of(tickets["ticket_id"], prefix, others)
    if len(here) and entries[-1]["until"] and until == pd.Timestamp(entries[-1]["until"]):
        first, held = here["created_at"].min(), study.tickets
        ours = _of(held["ticket_id"], entries[-1]["prefix"], others)
        since = held.loc[ours & (held["created_at"] >= first), "ticket_id"]
        if since.isin(here["ticket_id"]).sum() >= ALL * len(since):
            of = _of(tickets["ticket_id"], entries[-1]["prefix"], others)
            gone |= opened & of & (tickets["created_at"] < first)
    if not gone.any():
        return {}
    flags = tickets["dq_flags"].map(list)
    flags = flags.where(~gone, flags.map(lambda words: [*words, UNSEEN]))
    return {"tickets": tickets.assign(status=tickets["status"].mask(gone, "unknown"),
                                      dq_flags=flags)}  # fmt: skip


def _of(ids: pd.Series, prefix: str, others: tuple[str, ...]) -> pd.Series:
    """Which tickets are of the help desk with a prefix; without one, of the first."""
    return ids.str.startswith(prefix) if prefix else ~ids.str.startswith(others or (" ",))


def _sources(study: Study) -> list[str]:
    imports = study.import_report.get("imports", [])
    return [*dict.fromkeys(one["source"] for one in imports)] or [study.settings.source]


def to_be_told(study: Study, conformed: Conformed, tables: Mapping, lost: Mapping) -> Iterator[str]:
    """What only a person can decide or bring now."""
    yield from _gap(study, conformed)
    if lost:
        flags, was = lost["tickets"]["dq_flags"], study.tickets["dq_flags"]
        n = sum(UNSEEN in each for each in flags) - sum(UNSEEN in each for each in was)
        yield (
            f"{n:,} tickets that were open could not be in this export, so whether they still are "
            "is unknown: add one that holds what changed."
        )
    if "customers" in tables and study.outcome == "return":
        yield 'Customers came: set outcome = "churn" in study.toml to study who leaves.'
    if study.has("identities") and "tickets" in tables and "customers" not in conformed.tables:
        known = tables.get("identities", study.identities)["requester_id"]
        wrote = tables["tickets"]["requester_id"].dropna().drop_duplicates()
        new = wrote[~wrote.isin(study.tickets["requester_id"])]
        if missing := int((~new.isin(known)).sum()):
            yield (
                f"{missing:,} of {len(new):,} people who wrote for the first time are joined to no "
                "account: add the export again with files of billing (--customers)."
            )


def _gap(study: Study, conformed: Conformed) -> Iterator[str]:
    """Is there a time that neither the study nor the export seems to hold?"""
    if "tickets" not in conformed.tables:
        return
    held, new = (
        t["created_at"].sort_values() for t in (study.tickets, conformed.tables["tickets"])
    )
    earlier, after = (held, new) if held.iloc[0] <= new.min() else (new, held)
    silent = after.min() - earlier.max()
    usual = max(held.diff().max(), new.diff().max(), pd.Timedelta(days=1))
    if silent > usual:
        yield (
            f"No ticket is from between {earlier.max():%Y-%m-%d} and {after.min():%Y-%m-%d}, "
            "longer than ever before: if no export covers these days, add one that does, or set "
            "tickets_from in study.toml to their end."
        )
