"""A newer export, of the same or another help desk, added to a study: month two."""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from cxresearch.loaders.added_said import dates_of_both, refuse_a_new_name, to_be_told, unseen
from cxresearch.loaders.imports import detect, read, told_by_history
from cxresearch.loaders.people.identities import hashed
from cxresearch.loaders.reading.declared import Declared
from cxresearch.loaders.reading.export import Export
from cxresearch.study.column_types import typed
from cxresearch.study.conform import Conformed
from cxresearch.study.exchange import alone, replacing
from cxresearch.study.gone import are_theirs, aside_without, ids_forgotten, without
from cxresearch.study.joining import NEW, UNCHANGED, UPDATED, became, joined
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.study import Study, open_study
from cxresearch.study.time_text import time_told
from cxresearch.study.told_dates import apart
from cxresearch.study.toml_text import with_line
from cxresearch.study.writing import write_parquet, write_report

FORGOTTEN, ASIDE = "forgotten", "quarantined"
BECAME = (NEW, UPDATED, UNCHANGED, ASIDE, FORGOTTEN)
REMEMBERED = ("time_zone", "date_order", "encoding", "escalated", "billing", "grace_days")
OF_BILLING = ("billing", "grace_days")  # which say nothing of an export without files of billing
# Columns that hold a help desk's own numbers, which another's may equal; in NAMES may stand words.
NUMBERS = ("ticket_id", "requester_id", "event_id", "survey_id", "merged_into_ticket_id",
           "follow_up_of_ticket_id", "actor_id", "review_id", "session_id", "article_id",
           "view_id", "incident_id")  # fmt: skip
NAMES = ("assignee_id", "organization_id", "group_id", "agent_id", "team")
SAME_IN_ALL = r"^(?:e-mail|phone):"  # an address is the same person's in every help desk


@dataclass(frozen=True)
class Addition:
    """What an export brought to a study: by table the rows read, and how many of them were new,
    updated, unchanged, set aside, or of people whom the study has forgotten; and what a person
    should know about it."""

    rows: pd.DataFrame
    said: tuple[str, ...]


def add(
    path: Path,
    export: str | Path,
    system: str | None = None,
    customers: str | Path | None = None,
    progress: Callable[[str, int], None] = lambda file, records: None,
    **declared,
) -> tuple[Export, Conformed, Addition]:
    """Adds an export to the study in a folder, all of it or nothing: what the export said of
    itself, its own tables, and what became of their rows.

    The newest state of a row counts (study.joining), histories are joined and tell about their
    tickets anew, what the export does not hold stays. A ticket that was open, and that the export
    could not hold, is not known to be open any more (added_said.unseen). Another help desk's
    numbers get its name in front, so that they are nobody else's. What is not declared is as in the
    last import of that help desk. The dates that exports tell move (study.told_dates); what a
    person wrote in study.toml and causes.toml stays, and so do topics. Nobody whom the study has
    forgotten comes back. A run that was stopped has changed nothing, and the same export once more
    changes nothing.
    Raises InputError as imports.read does, or where there is no study.
    """
    path = path.resolve()
    with alone(path.parent), alone(path):
        study = open_study(path)
        report = study.import_report
        before = report.get("imports") or [_first(study)]
        system = system or _system(path, before, export, declared.get("encoding"))
        last = next((one for one in reversed(before) if one["system"] == system), {"declared": {}})
        told = last["declared"] | {name: v for name, v in declared.items() if v is not None}
        now = {n: v for n, v in told.items() if customers is not None or n not in OF_BILLING}
        prefixes = {each["source"]: each["prefix"] for each in before}
        loaded, conformed = read(
            system, export, customers, progress, lambda of: _parents(study, prefixes.get(of)),
            alone=_of_reviews(study), **now,
        )  # fmt: skip
        source = str(loaded.settings.get("source", system))
        prefix = prefixes.get(source, re.sub(r"\W+", "-", source).lower() + ":")
        if source not in prefixes:
            refuse_a_new_name(study, conformed, source)
        dates, freed, moved = dates_of_both(study, apart(loaded.settings)[1])
        named = _apart(conformed, prefix)
        tables, aside, rows = _with(study, loaded, named, Declared(**now))
        this = _entry(system, source, prefix, told, loaded, rows)
        lost = unseen(study, tables, named, [*before, this], dates)
        tables |= lost
        said = (*to_be_told(study, conformed, tables, lost), *moved)
        if source not in prefixes:
            said = (f"{source} is new to this study: its numbers get '{prefix}' in front.", *said)
        report = _reported(report, [*before, this], conformed, said) | {"told": dates}
        _write(path, tables, aside, report, freed)
        return loaded, conformed, Addition(rows, said)


def _of_reviews(study: Study) -> bool:
    """Are the study's tickets its reviews, because there is no help desk?"""
    return study.has("reviews") and bool(
        study.tickets["ticket_id"].isin(study.reviews["review_id"]).all()
    )


def _write(path: Path, tables: Mapping, aside: pd.DataFrame, report: dict, freed) -> None:
    """Puts a study with these tables in the place of the one that stands."""
    with replacing(path) as folder:
        shutil.copytree(path, folder)
        for name, table in tables.items():
            write_parquet(table, folder / f"{name}.parquet")
        write_parquet(aside, folder / "quarantine.parquet")
        write_report(folder, report)
        file = folder / "study.toml"
        text = file.read_text(encoding="utf-8-sig")
        for name in freed:
            text = with_line(text, name, "")
        file.write_text(text, encoding="utf-8")


def _system(path: Path, before: list[dict], export: str | Path, encoding: str | None) -> str:
    """The help desk of which an export is, where nobody says it: the only one of the study, else
    that whose files these are."""
    known = {one["system"] for one in before}
    if known == {None}:
        raise InputError(f"{path} does not say of which help desk it is: name it, or auto.")
    return known.pop() if len(known) == 1 else detect(export, encoding)


def first_entry(system: str, loaded: Export, conformed: Conformed, declared: Mapping) -> dict:
    """What import.json keeps of a first import beside its counts: told (the dates), imports."""
    rows = conformed.rows.rename(columns={"kept": NEW}).reindex(columns=["read", *BECAME])
    rows = rows.fillna(0).astype("int64")
    source = str(loaded.settings.get("source", system))
    this = _entry(system, source, "", declared, loaded, rows)
    return {"told": apart(loaded.settings)[1], "imports": [this]}


def _entry(system, source, prefix, told: Mapping, loaded: Export, rows: pd.DataFrame) -> dict:
    return {
        "system": system, "source": source, "prefix": prefix,
        "until": apart(loaded.settings)[1].get("observed_until", ""),
        "declared": {name: told[name] for name in REMEMBERED if told.get(name) is not None},
        "rows": rows.reset_index().to_dict("records"), "notes": [*loaded.notes],
    }  # fmt: skip


def _first(study: Study) -> dict:
    """The entry of a study that was made before there were entries, or not by an import."""
    report, source = study.import_report, study.settings.source
    rows = [
        dict.fromkeys(BECAME, 0)
        | {"table": row["table"], "read": row["read"], NEW: row["kept"], ASIDE: row["quarantined"]}
        for row in report.get("rows", [])
    ]
    return {"system": None, "source": source, "prefix": "", "until": study.settings.observed_until,
            "declared": {}, "rows": rows, "notes": report.get("notes", [])}  # fmt: skip


def _parents(study: Study, prefix: str | None) -> dict[str, pd.DataFrame]:
    """The tables to which rows of an export may belong, with the numbers of its help desk."""
    held = {name: study.table(name) for name in ("tickets", "customers") if study.has(name)}
    if prefix is None:  # of a help desk that is new here
        held.pop("tickets")
    elif prefix:
        ids = held["tickets"]["ticket_id"]
        ids = ids[ids.str.startswith(prefix)].str.removeprefix(prefix)
        held["tickets"] = ids.to_frame()
    return held


def _apart(conformed: Conformed, prefix: str) -> Conformed:
    """The tables with the help desk's name before its own numbers, where it is not the first."""
    if not prefix:
        return conformed
    tables = {}
    for name, rows in conformed.tables.items():
        new = {c: _named(rows[c], prefix, SAME_IN_ALL) for c in NUMBERS if c in rows}
        new |= {c: _named(rows[c], prefix, r"\D") for c in NAMES if c in rows}
        if "value_to" in rows:
            of_ids = rows["field"].isin([*NAMES, *NUMBERS]) | (rows["event_type"] == "merge")
            for c in ("value_from", "value_to"):
                new[c] = rows[c].where(~of_ids, _named(rows[c], prefix, r"\D"))
        tables[name] = rows.assign(**new)
    return replace(conformed, tables=tables)


def _named(ids: pd.Series, prefix: str, but: str) -> pd.Series:
    return ids.where(ids.isna() | ids.str.contains(but, regex=True, na=False), prefix + ids)


def _with(
    study: Study, loaded: Export, conformed: Conformed, given: Declared
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame, pd.DataFrame]:
    """The study's tables with those of an export, all rows set aside, and what became of rows."""
    new, ids = conformed.tables, ids_forgotten(study.path, conformed.tables)
    left, aside = without(new, ids), conformed.quarantine
    if any(ids.values()):
        aside = aside_without(aside, new, ids, hashed)
    held = {n: study.table(n) if study.has(n) else typed(TABLES[n], new[n].head(0)) for n in left}
    until = time_told("observed_until", apart(loaded.settings)[1].get("observed_until", ""))
    later = until is None or until >= study.observed_until
    _refuse_another_desk(held, left)
    both = {name: joined(name, held[name], left[name], later) for name in left}
    tables = {name: table for name, (table, _) in both.items()}
    if "tickets" in held or "ticket_events" in held:
        tables |= _told_anew(study, tables, left, loaded, given)
    status = {}
    for name, (_, now) in both.items():
        gone = are_theirs(new[name], ids)
        status[name] = pd.Series(FORGOTTEN, new[name].index)
        status[name][~gone] = became(name, held[name], tables[name], now).array
    rows = _counted(conformed, status, len(conformed.quarantine) - len(aside))
    again = pd.MultiIndex.from_frame(study.quarantine[["table", "reason", "original"]])
    known = pd.MultiIndex.from_frame(aside[["table", "reason", "original"]]).isin(again)
    aside = pd.concat([study.quarantine, aside[~known]], ignore_index=True)
    changed = {n: t for n, t in tables.items() if not study.has(n) or not t.equals(study.table(n))}
    return changed, aside, rows


def _refuse_another_desk(held: Mapping, new: Mapping) -> None:
    """Raises InputError where tickets of one number began at quite other moments."""
    if "tickets" not in new:
        return
    both = held["tickets"].merge(new["tickets"], on="ticket_id")
    days = (both["created_at_x"] - both["created_at_y"]).abs() / pd.Timedelta(days=1)
    if len(both) and (days > 1).mean() > 0.05:
        odd = both.loc[days > 1].iloc[0]
        raise InputError(
            f"Ticket {odd['ticket_id']} began on {odd['created_at_x']:%Y-%m-%d} in the study and "
            f"on {odd['created_at_y']:%Y-%m-%d} in the export, and so do "
            f"{(days > 1).mean():.0%} of those in both: this is another account's export, or its "
            "dates are read otherwise. Import it as a study of its own, or say the order of "
            "its dates."
        )


def _told_anew(study: Study, tables: dict, new: dict, loaded: Export, given: Declared) -> dict:
    """tickets of which the export says anything, as their whole history tells them."""
    tickets = tables["tickets"] if "tickets" in tables else study.tickets
    events = tables.get(
        "ticket_events", study.ticket_events if study.has("ticket_events") else None
    )
    ids = pd.concat([new[n]["ticket_id"] for n in ("tickets", "ticket_events") if n in new])
    touched = tickets["ticket_id"].isin(ids)
    some = {"tickets": tickets[touched]}
    if events is not None:
        events = events.sort_values("event_at", kind="stable", ignore_index=True)
        some["ticket_events"] = events[events["ticket_id"].isin(ids)]
    part = Conformed(some, pd.DataFrame(), pd.DataFrame(columns=["read", "kept", "quarantined"]))
    told = told_by_history(part, loaded, given).tables["tickets"]
    whole = typed(TABLES["tickets"], pd.concat([tickets[~touched], told]).loc[tickets.index])
    return {"tickets": whole} | ({"ticket_events": events} if "ticket_events" in tables else {})


def _counted(conformed: Conformed, status: dict[str, pd.Series], forgotten: int) -> pd.DataFrame:
    """By table rows read, and what became of each: several that tell of one row share its fate."""
    counts = {}
    for name, row in conformed.rows.iterrows():
        key = conformed.origins.loc[conformed.origins["table"] == name, "key"]
        at = range(len(key)) if TABLES[name].key is None else pd.factorize(key)[0]
        fates = status[name].iloc[list(at)].value_counts() if len(key) else {}
        counts[name] = {"read": row["read"], **dict.fromkeys(BECAME, 0), **fates}
        counts[name][ASIDE] = row["quarantined"]
    rows = pd.DataFrame(counts).T.astype("int64").rename_axis("table")
    if (rows["read"] != rows[[*BECAME]].sum(axis=1)).any():
        raise AssertionError(f"rows read are not what became of them: {rows.to_dict()}")
    return rows


def _reported(report: dict, entries: list[dict], conformed: Conformed, said) -> dict:
    """import.json: rows and records of files of the last import, each import by itself, and notes
    of the last one of each help desk."""
    rows = [
        {"table": one["table"], "read": one["read"],
         "kept": sum(one[fate] for fate in (NEW, UPDATED, UNCHANGED)),
         "quarantined": one[ASIDE] + one[FORGOTTEN]}
        for one in entries[-1]["rows"]
    ]  # fmt: skip
    last = {one["source"]: one["notes"] for one in entries}
    notes = dict.fromkeys([*(note for notes in last.values() for note in notes), *said])
    files = {} if conformed.files is None else conformed.files.reset_index().to_dict("records")
    return report | {"rows": rows, "notes": [*notes], "files": [*files], "imports": entries}
