"""Files of billing or CRM beside a help desk's export, read by a mapping."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from cxresearch.loaders import mapped
from cxresearch.loaders.people.identities import METHODS, can_be_found
from cxresearch.loaders.people.mapping import BILLING
from cxresearch.loaders.reading import files
from cxresearch.loaders.reading.declared import Declared
from cxresearch.loaders.reading.export import Export
from cxresearch.loaders.reading.files import File
from cxresearch.loaders.reading.staging import Staging
from cxresearch.study.nearest import nearest
from cxresearch.study.schema import InputError

TOLD = ("customers", "customer_history", "identities", "surveys")


def find_both(path: Path, customers: str | Path | None) -> tuple[list[File], list[File], list[str]]:
    """The export's files, those of billing, and the names of the export's others, not read.

    Billing's files may lie in the export's folder. Raises InputError if a file there and one of
    billing's have the same name, because names tell where a row comes from.
    """
    exported, others = files.find(path)
    if customers is None:
        return exported, [], others
    billing, _ = files.find(Path(customers))
    ours = {file.path.resolve() for file in billing}
    exported = [file for file in exported if file.path.resolve() not in ours]
    for name in {file.name for file in exported} & {file.name for file in billing}:
        raise InputError(f"{path} and {customers} both hold a file {name}: rename one of them.")
    return exported, billing, others


def described(given: Declared) -> Declared:
    """What is declared of billing's files: with the ready mapping of a billing system, if one is
    named. Raises InputError, with the nearest names, for one that has none."""
    if given.billing is None:
        return given
    known = sorted(file.stem for file in BILLING.glob("*.toml"))
    if given.billing not in known:
        raise InputError(
            f"'{given.billing}' is no billing system that is known"
            f"{nearest(given.billing, known) or '.'} Known are: {', '.join(known)}. Any other "
            "can be described by a mapping file: --mapping FILE.toml."
        )
    return replace(given, mapping=BILLING / f"{given.billing}.toml")


def read(export: Export, staging: Staging, given: Declared) -> Export:
    """The export with the tables of billing's mapping beside its own.

    Raises InputError if the mapping tells other tables than billing can, no customers, or nothing
    by which people could be joined to them.
    """
    wanted = [form for form in mapped.forms(given) if form.table == "customers"]
    if given.billing and not any(staging.has(form.name) for form in wanted):
        raise InputError(
            f"None of the files of --customers is one in which {given.billing} tells customers. "
            f"Looked for: a file with {'; or with '.join(', '.join(f.needs) for f in wanted)}."
        )
    told, where = mapped.read(staging, given), given.mapping
    for table in told.tables:
        if table not in TOLD:
            raise InputError(
                f"{where} describes {table}, which the export tells already; beside an export it "
                f"can describe {', '.join(TOLD)} and people."
            )
    if "customers" not in told.tables:
        raise InputError(f"{where} describes no customers: add [customers].")
    if not (can_be_found(told.people) or "identities" in told.tables):
        raise InputError(
            f"Nothing joins people to accounts: name a column of billing under [customers] in "
            f"{where}, as {', '.join(METHODS)}."
        )
    own = {k: v for k, v in told.settings.items() if k not in ("source", "time_zone")}
    return replace(
        export,
        tables=export.tables | {t: _both(export.tables.get(t), f) for t, f in told.tables.items()},
        settings=export.settings | own,
        people=pd.concat([p for p in (export.people, told.people) if p is not None]),
        match=told.match,
        notes=(*export.notes, *told.notes),
    )


def _both(ours: pd.DataFrame | None, theirs: pd.DataFrame) -> pd.DataFrame:
    return theirs if ours is None else pd.concat([ours, theirs], ignore_index=True)
