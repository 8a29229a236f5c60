"""Rows: how many came in, were kept and set aside, are left out, are odd, or are there twice."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.schema import TABLES
from cxresearch.study.study import Study

AGAIN = "another row has the same ticket_id"
HOUR = pd.Timedelta(hours=1)
ALARM = 0.2  # share of tickets from which on a flag says more of the import than of tickets
FIRST = "Mend the import, or know why, before any number is believed"
ALARMS = {
    "solved_before_created": "created or solved may be read from another column, or on another "
    f"clock. {FIRST}",
    "replied_before_created": "created or the first reply may be read from another column, or on "
    f"another clock. {FIRST}",
    "no_words": "what customers wrote cannot be told of them",
    "no_requester": "who wrote them, and who came back, cannot be told",
    "requester_rounded": "who wrote them cannot be told. Export without Excel",
}


@dataclass(frozen=True, eq=False)
class RowsKept(Result):
    """Rows by table: read, kept and quarantined, as the last import counted them; or held, of a
    study that was not imported."""

    def said(self, row: str = "") -> Finding:
        """How many rows came in, were kept and set aside."""
        total = self.frame.sum().astype(int)
        if "read" not in total:
            return finding(
                "The study holds {n:,} rows; how many were read is not known.", n=total["held"]
            )
        return finding(
            "Of {read:,} rows read, {kept:,} were kept and {aside:,} set aside ({part:.2%}), each "
            "with its reason: none is lost.",
            read=total["read"], kept=total["kept"], aside=total["quarantined"],
            part=float(total["quarantined"] / total["read"]),
        )  # fmt: skip


def conservation(study: Study) -> RowsKept:
    """Rows read, kept and set aside by table, as the last import counted them (by_import tells of
    each); or rows held now."""
    rows = study.import_report.get("rows")
    if rows:
        return RowsKept(pd.DataFrame(rows).set_index("table"))
    held = {name: len(study.table(name)) for name in TABLES if study.has(name)}
    return RowsKept(pd.DataFrame({"held": held}).rename_axis("table"))


def by_import(study: Study) -> pd.DataFrame | CannotTell:
    """What each export brought to each table, the last one first: rows read, and how many of them
    were new, updated or unchanged, set aside, or of people whom the study has forgotten."""
    imports = study.import_report.get("imports", [])
    if len(imports) < 2:
        return DoesNotApply("what each export brought: there was one.")
    rows = [
        {"import": number, "help desk": each["source"], "until": each["until"][:10], **row}
        for number, each in reversed([*enumerate(imports, 1)])
        for row in each["rows"]
    ]
    return pd.DataFrame(rows).set_index("import")


def by_file(study: Study) -> pd.DataFrame | CannotTell:
    """Records read, kept and set aside of each file of the export.

    A record may make rows of several tables, and several records one row, so these counts are not
    those of the tables.
    """
    files = study.import_report.get("files")
    if not files:
        return CannotTell("how many records each file held: the import did not count by file.")
    return pd.DataFrame(files).set_index("file")


def reasons(study: Study) -> pd.DataFrame:
    """Why rows were set aside: table, reason, rows, and the file and row of the first one."""
    columns = {"rows": ("row", "size"), "file": ("file", "first"), "first row": ("row", "min")}
    each = study.quarantine.groupby(["table", "reason"], sort=False).agg(**columns).reset_index()
    return each.sort_values("rows", ascending=False, ignore_index=True, kind="stable")


@dataclass(frozen=True, eq=False)
class LeftOut(Result):
    """Tickets in the study, less those that later counts leave out: group and tickets."""

    def said(self, row: str = "") -> Finding:
        """How many tickets count, out of those kept."""
        tickets = self.frame["tickets"]
        return finding(
            "Counted are {count:,} of {of:,} tickets: customers' own, neither spam nor merged nor "
            "deleted. Where the export cannot tell, a ticket is kept.",
            count=tickets["tickets counted"], of=tickets["tickets kept"],
        )  # fmt: skip


@once
def left_out(study: Study) -> LeftOut:
    """Tickets in the study, and those that later counts leave out.

    A ticket that is left out for two reasons is counted under the first.
    """
    tickets = study.tickets
    why = {
        "left out: spam": tickets["is_spam"].fillna(False),
        "left out: merged into another": tickets["is_merged"].fillna(False),
        "left out: deleted": tickets["is_deleted"].fillna(False),
        "left out: nobody is known to have asked": tickets["requester_id"].isna(),
    }
    first = np.select(list(why.values()), list(why), "tickets counted")
    counts = pd.Series(first).value_counts().reindex([*why, "tickets counted"], fill_value=0)
    counts = counts.where(counts.index == "tickets counted", -counts)
    counts = pd.concat([pd.Series({"tickets kept": len(tickets)}), counts])
    return LeftOut(counts.rename_axis("group").to_frame("tickets"))


@once
def oddities(study: Study) -> pd.DataFrame:
    """Tickets kept but flagged, by flag: tickets and share."""
    counts = study.tickets["dq_flags"].explode().value_counts()
    counts.index = counts.index.str.replace("_", " ")
    return _of_tickets(counts, study).rename_axis("what is odd")


def alarms(tickets: pd.DataFrame | Iterable[pd.DataFrame]) -> tuple[Finding, ...]:
    """A sentence for each flag that over a fifth of tickets, or their parts, carry, in order."""
    flags, of = [pd.Series(dtype="int64")], 0
    for part in [tickets] if isinstance(tickets, pd.DataFrame) else tickets:
        flags.append(part["dq_flags"].map(set).map(sorted).explode().value_counts())
        of += len(part)
    counts = pd.concat(flags).groupby(level=0, sort=False).sum()
    counts = counts.sort_values(ascending=False, kind="stable")
    return tuple(
        finding(
            "Alarm: {n:,} of {of:,} tickets ({share:.1%}) are flagged “{flag}”: {why}.",
            n=n, of=of, share=n / of, flag=str(word).replace("_", " "),
            why=ALARMS.get(word, f"that is no exception any more. {FIRST}"),
        )
        for word, n in counts[counts > ALARM * of].items()
    )  # fmt: skip


@once
def duplicates(study: Study) -> pd.DataFrame:
    """What is there twice: rows of one ticket, of which the newest was kept, and tickets with the
    words of an earlier one: tickets and share.

    The same words from the same person within an hour are a double click or a resent mail, later a
    customer who asks again; from another person they are a template, an alert, or spam. Null where
    no ticket has words, or nobody is known to have asked.
    """
    aside = study.quarantine
    rows = aside["table"].eq("tickets") & aside["reason"].str.startswith(AGAIN)
    words = ["subject", "description"]
    tickets = study.tickets.dropna(subset="requester_id").dropna(subset=words, how="all")
    tickets = tickets.sort_values("created_at")
    since = tickets.groupby(["requester_id", *words], dropna=False)["created_at"].diff()
    known = tickets.duplicated(words) & since.isna()
    counts = {
        "same person, same words, within an hour": (since <= HOUR).sum(),
        "same person, same words, later": (since > HOUR).sum(),
        "same words as another person before": known.sum(),
    }
    counts = pd.Series(counts if len(tickets) else dict.fromkeys(counts), dtype="Int64")
    rows = pd.Series({"rows of a ticket that has a newer row": rows.sum()}, dtype="Int64")
    return _of_tickets(pd.concat([rows, counts]), study).rename_axis("what is there twice")


def _of_tickets(counts: pd.Series, study: Study) -> pd.DataFrame:
    counts = counts.astype("Int64")
    share = counts.astype("Float64") / len(study.tickets)
    return pd.DataFrame({"tickets": counts, "share": share})
