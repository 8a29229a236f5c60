"""What an added export moves, and what it leaves to a person."""

from collections.abc import Iterator, Mapping

import pandas as pd

from cxresearch.study.conform import Conformed
from cxresearch.study.settings import read_settings
from cxresearch.study.study import Study
from cxresearch.study.time_text import time_told
from cxresearch.study.told_dates import joined_dates


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
        if getattr(own, name) and name not in freed and own.time(name) != time_told(name, date)
    )
    return dates, freed, said


def to_be_told(study: Study, conformed: Conformed, tables: Mapping) -> Iterator[str]:
    """What only a person can decide or bring now."""
    yield from _gap(study, conformed)
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
