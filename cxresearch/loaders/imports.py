"""An import: the files of an export read, conformed, counted, and joined to accounts."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType

import pandas as pd

from cxresearch.loaders import (
    cfpb,
    freshdesk,
    github,
    help_desk,
    histories,
    hubspot,
    intercom,
    jira,
    kitsune,
    mapped,
    reviews_alone,
    salesforce,
    servicenow,
    zendesk,
)
from cxresearch.loaders.people import billing, identities
from cxresearch.loaders.people.account import accounted
from cxresearch.loaders.reading import files
from cxresearch.loaders.reading.declared import Declared
from cxresearch.loaders.reading.export import Export
from cxresearch.loaders.reading.files import File
from cxresearch.loaders.reading.forms import form_of, held, nearest
from cxresearch.loaders.reading.staging import Staging
from cxresearch.loaders.reading.wrappers import looks
from cxresearch.study.conform import Conformed, conform, flagged
from cxresearch.study.conform_files import conform_files
from cxresearch.study.db import beside_memory
from cxresearch.study.schema import TABLES, TICKETS, UNSOLVED, InputError

DESKS = (
    zendesk, freshdesk, intercom, hubspot, jira, salesforce, servicenow, github, cfpb, kitsune,
    mapped,
)  # fmt: skip
SYSTEMS: dict[str, ModuleType] = {desk.__name__.rpartition(".")[2]: desk for desk in DESKS}
# What mapped reads by a mapping file that the package has: help desks, then what lies beside them.
MAPPINGS = Path(mapped.__file__).parent / "mappings"
FILES = (*sorted(MAPPINGS.glob("*.toml")), *sorted(MAPPINGS.glob("voices/*.toml")))
READY = {file.stem: file for file in FILES}
# Odd only in an import: what a ticket's last moments cannot tell yet.
STILL_OPEN = (
    "reopened_open_censored",
    "(count_reopens > 0 OR list_contains(dq_flags, 'reopens_at_least_1')) "
    f"AND status IN {UNSOLVED}",
)
ODD = replace(TICKETS, flags=(*TICKETS.flags, STILL_OPEN))


def read(
    system: str,
    path: str | Path,
    customers: str | Path | None = None,
    progress: Callable[[str, int], None] = lambda file, records: None,
    beside: Callable[[str], Mapping[str, pd.DataFrame]] = lambda source: {},
    to_files: bool = False,
    alone: bool = True,
    **declared,
) -> tuple[Export, Conformed]:
    """What an export says of itself, and its tables; declared are the fields of Declared.

    system may be "auto" (see detect). customers are files of billing or CRM, which the mapping
    describes; people in the help desk are joined to the accounts in them. An e-mail address that
    stands for somebody becomes a hash. progress is told the name of a file and how many of its
    records were read; beside gives, by source, tables to which rows may belong, too. Memory grows
    with the tables, three to four times their size (see staging); if they go to_files, and rows are
    tickets and surveys as a mapping describes them, by a byte a row and with what is set aside:
    then they lie in Parquet files until the program ends (Conformed.written). Reviews that come
    alone are tickets, too.
    Raises InputError, naming the file and what to do, for what it does not know or cannot find.
    """
    (system, given), path = _ready(system, Declared(**declared)), Path(path)
    module = _module(system, path, given)
    forms = mapped.forms(given) if module is mapped else getattr(module, "FORMS", None)
    _refuse_idle(system, forms, customers, given)
    if forms is None:
        export = module.read(path)
        return export, conform(export.tables, export.files, beside(_source(export)))
    ours, accounts, others = billing.find_both(path, customers)
    plain = to_files and module is mapped and not accounts and mapped.are_plain(given)
    into = Path(mkdtemp(dir=beside_memory().name)) if plain else None
    staging = Staging(ours, forms, given, progress, into)
    export = _exported(module, staging, path, accounts)
    staging.db.close()
    raw, others_of = export.tables, beside(_source(export))
    conformed = _in_files(raw, into) if into else conform(raw, export.files, others_of)
    conformed = accounted(conformed, staging)
    conformed, noted = reviews_alone.as_tickets(conformed) if alone else (conformed, ())
    export = replace(export, tables={})  # their memory is free from here on
    conformed, said = _joined(told_by_history(conformed, export, given), export)
    return _noted(export, staging, others, conformed, (*noted, *said)), conformed


def load(system: str, path: str | Path, **declared) -> dict[str, pd.DataFrame]:
    """The canonical tables in an export; rows that break a rule are left out (see read).

    >>> tables = load("zendesk", "tests/loaders/formats/zendesk", time_zone="Europe/Madrid")
    >>> sorted(tables)
    ['surveys', 'ticket_events', 'tickets']
    """
    return read(system, path, **declared)[1].tables


def detect(path: str | Path, encoding: str | None = None) -> str:
    """The system whose files lie at a path: the one that knows most of them.

    Raises InputError that says what was looked for where no system, or more than one, fits best.
    """
    if all((Path(path) / name).is_file() for name in kitsune.FILES.values()):
        return "kitsune"
    seen = [one for file in files.find(Path(path))[0] for one in looks(file, encoding)[0]]
    known = {name: m.FORMS for name, m in SYSTEMS.items() if hasattr(m, "FORMS")}
    fits = {
        name: sum(held(one, form) for one in seen if (form := form_of(one, forms)))
        for name, forms in known.items()
    }
    best = [name for name, fit in fits.items() if fit and fit == max(fits.values())]
    if len(best) == 1:
        return best[0]
    ready = {name: mapped.forms(Declared(mapping=file)) for name, file in READY.items()}
    near = [said for one in seen[:3] if (said := nearest(one, {**known, **ready}))]
    looked = " ".join(f"{name}: {_wanted(forms)}" for name, forms in known.items())
    names = ", ".join(one.file.name for one in seen)
    says = f"{'; '.join(near)}." if near else f"Looked for: {looked}"
    raise InputError(f"The help desk of {names} cannot be told; name it. {says}")


def _ready(system: str, given: Declared) -> tuple[str, Declared]:
    """mapped with the package's own mapping, for a help desk that has one; others as they are."""
    if system not in READY:
        return system, given
    if given.mapping is not None:
        raise InputError(
            f"{system} has a mapping of its own beside which {given.mapping} is not read: copy "
            f"{READY[system]}, add what you describe, and import 'mapped' with it."
        )
    return "mapped", replace(given, mapping=READY[system])


def _module(system: str, path: Path, given: Declared) -> ModuleType:
    """The loader that reads a path. Raises InputError if there is none, or no such path."""
    if system != "auto" and system not in SYSTEMS:
        known = ", ".join((*SYSTEMS, *READY))
        raise InputError(f"'{system}' is no known help desk; these are: {known}.")
    if not path.exists():
        raise InputError(f"There is no export at {path}: check the path.")
    return SYSTEMS[detect(path, given.encoding) if system == "auto" else system]


def _exported(module: ModuleType, staging: Staging, path: Path, accounts: list[File]) -> Export:
    """What a loader and the mapping of billing's files read. Raises InputError if it is nothing."""
    if not staging.looks and module is not mapped:
        near = [n for seen in staging.unknown if (n := nearest(seen, {module.NAME: module.FORMS}))]
        says = f": {'; '.join(near)}." if near else f". Looked for: {_wanted(module.FORMS)}"
        raise InputError(f"{path} holds no file of {module.NAME} that is known{says}")
    beside = billing.described(staging.declared)
    if accounts:
        staging.add(accounts, mapped.forms(beside))
    export = mapped.read(staging) if module is mapped else help_desk.read(module, staging)
    if accounts and (module is not mapped or beside.billing):
        export = billing.read(export, staging, beside)
    if not (export.tables or staging.unreadable):
        raise InputError(f"{path} holds no tickets or other tables, only files beside them.")
    return export


def _refuse_idle(system: str, forms, customers, given: Declared) -> None:
    """Raises InputError for customers or a mapping that this import would not read."""
    if customers is not None and forms is None:
        raise InputError(f"{system} knows no accounts, so people cannot be joined to customers.")
    billing.described(given)
    told = given.billing or (given.mapping if system != "mapped" else None)
    if given.billing and given.mapping and system != "mapped":
        raise InputError(f"Files of billing are described twice: leave out {given.mapping}, or "
                         f"billing = '{given.billing}'.")  # fmt: skip
    if told is not None and customers is None:
        raise InputError(
            f"{told} describes files of billing or CRM, but none were given: say where "
            "they are, with --customers."
        )


def _wanted(forms) -> str:
    return "; ".join(f"{f.name} ({f.kind} with {', '.join(f.needs)})" for f in forms) + "."


def _joined(conformed: Conformed, export: Export) -> tuple[Conformed, tuple[str, ...]]:
    """With people joined to accounts, their addresses hashed; and what is to be said of it."""
    conformed, said = identities.joined(conformed, export.people, export.match)
    return replace(conformed, tables=identities.without_addresses(conformed.tables)), said


def _source(export: Export) -> str:
    return str(export.settings.get("source", ""))


def told_by_history(conformed: Conformed, export: Export, given: Declared) -> Conformed:
    """With what histories and the rule of escalation tell about tickets."""
    tables = dict(conformed.tables)
    if "tickets" not in tables:
        return conformed
    events = tables.get("ticket_events")
    if events is not None and export.history:
        tables["tickets"] = histories.tell(tables["tickets"], events, export.history)
    if given.escalated:
        rule = histories.escalated(tables["tickets"], events, given.escalated)
        tables["tickets"] = tables["tickets"].assign(is_escalated=rule)
    return replace(conformed, tables=tables | {"tickets": flagged(ODD, tables["tickets"])})


def _in_files(raw: Mapping, folder: Path) -> Conformed:
    """Tables that lie in files of text, conformed into files in the folder."""
    tables, finished = TABLES | {"tickets": ODD}, identities.without_addresses
    try:
        return conform_files(raw, folder, tables, partial(finished, marked=False))
    except identities.MarkedError:  # which holds from the first row on
        return conform_files(raw, folder, tables, partial(finished, marked=True))


def _noted(export: Export, staging: Staging, others, conformed: Conformed, said) -> Export:
    """With files that were not read, what was said on the way, and what was observed when."""
    settings = {"outcome": "churn" if "customers" in conformed.tables else "return"}
    parts = conformed.parts("tickets", ["created_at", "updated_at"])
    if spans := [(part["created_at"].min(), part.max().max()) for part in parts if len(part)]:
        since, until = zip(*spans, strict=True)
        settings |= {"tickets_from": min(since).isoformat(),
                     "observed_until": max(until).isoformat()}  # fmt: skip
    known = {
        export.settings["source"]: [f for f in staging.forms.values() if not staging.has(f.name)]
    }
    near = (f"Not read: {n}." for seen in staging.unknown if (n := nearest(seen, known, 4)))
    if staging.declared.time_zone:
        settings["time_zone"] = staging.declared.time_zone
    return replace(
        export,
        settings=settings | export.settings,
        notes=(*export.notes, *staging.notes, *near, *said),
        not_read=(*export.not_read, *(seen.file.name for seen in staging.unknown), *others),
    )
