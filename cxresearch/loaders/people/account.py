"""The account of an import: every record of every file is kept, or set aside with its own text."""

from dataclasses import replace

import pandas as pd

from cxresearch.loaders.reading.staging import Staging
from cxresearch.study.conform import QUARANTINE, Conformed


def accounted(conformed: Conformed, staging: Staging) -> Conformed:
    """With the lines that could not be read, original texts, and records read, kept and set aside
    by file.

    A record is kept if anything in a table came from it, or if it is one that things were looked up
    in. Raises AssertionError naming the file if a record is neither kept nor set aside.
    """
    unreadable = pd.DataFrame(staging.unreadable, columns=QUARANTINE)
    unread = unreadable["original"].isna()  # as rows were read, and left out only later
    unreadable = pd.concat(
        [unreadable[~unread], _with_originals(unreadable[unread], staging)], ignore_index=True
    )
    aside = _with_originals(conformed.quarantine, staging)
    quarantine = pd.concat([unreadable, aside], ignore_index=True) if len(unreadable) else aside
    more = unreadable.groupby("table").size()
    rows = conformed.rows.copy()
    for table, count in more.items():
        read, kept, refused = rows.loc[table] if table in rows.index else (0, 0, 0)
        rows.loc[table] = [read + count, kept, refused + count]
    return replace(
        conformed, quarantine=quarantine, rows=rows, files=_by_file(conformed, quarantine, staging)
    )


def _by_file(conformed: Conformed, quarantine: pd.DataFrame, staging: Staging) -> pd.DataFrame:
    """Records read, kept and quarantined of each file; see accounted."""
    refused = quarantine[["file", "row"]].drop_duplicates()
    came = [any(conformed.kept.get(f, b"")[r : r + 1]) for f, r in refused.itertuples(index=False)]
    refused = refused[~pd.Series(came, refused.index, dtype=bool)]
    counts = pd.DataFrame({"read": pd.Series(staging.read, dtype="int64")}).rename_axis("file")
    counts["kept"] = [conformed.kept.get(file, b"").count(1) for file in counts.index]
    counts["quarantined"] = refused.groupby("file").size().reindex(counts.index, fill_value=0)
    looked_up = [name for name, (_, form) in staging.looks.items() if not form.table]
    counts.loc[looked_up, "kept"] = counts["read"] - counts["quarantined"]
    return counts


def _with_originals(quarantine: pd.DataFrame, staging: Staging) -> pd.DataFrame:
    """The rows set aside, with their text as it lies in the file."""
    wanted = quarantine.groupby("file")["row"].agg(set).to_dict()
    texts = staging.originals(wanted)
    places = zip(quarantine["file"], quarantine["row"], quarantine["original"], strict=True)
    return quarantine.assign(
        original=pd.Series([texts.get((f, r), o) for f, r, o in places], dtype="str")
    )
