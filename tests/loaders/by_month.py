"""A study as its help desk and billing would have exported it month by month."""

from collections.abc import Iterator

import pandas as pd

from cxresearch.loaders.reading.export import Export
from cxresearch.study.conform import Conformed
from cxresearch.study.joining import KEYS
from cxresearch.study.schema import TABLES
from cxresearch.study.study import Study

MADE_HERE = ("ticket_causes", "voice_topics")  # no export has them
# When a row of a table began; of other tables it is valid_from.
BEGAN = {
    "tickets": "created_at", "ticket_events": "event_at", "customers": "started_at",
    "surveys": "offered_at", "reviews": "written_at", "bot_sessions": "started_at",
    "articles": "created_at", "article_views": "viewed_at", "incidents": "started_at",
}  # fmt: skip
NOTHING_YET = pd.Timestamp("1990-01-01", tz="UTC")


def exports(
    study: Study, months: list[pd.Timestamp], overlapping: bool
) -> Iterator[tuple[Export, Conformed]]:
    """What would have been exported at each of these moments, the last of them the study as it is:
    all that was there then or, if not overlapping, what was new or other than the month before."""
    whole = {name: study.table(name) for name in study.rows if name not in MADE_HERE}
    since = NOTHING_YET
    for until in months:
        tables = {name: _at(name, rows, whole, until) for name, rows in whole.items()}
        if not overlapping:
            before = {name: _at(name, rows, whole, since) for name, rows in whole.items()}
            tables = {name: _other(name, before[name], rows) for name, rows in tables.items()}
        told = {"tickets_from": study.settings.tickets_from, "observed_until": until.isoformat()}
        yield Export({}, settings={"source": "Larkfield", **told}), of(tables)
        since = until


def of(tables: dict[str, pd.DataFrame]) -> Conformed:
    """Tables as an import that set nothing aside would have made them."""
    sizes = {name: len(rows) for name, rows in tables.items()}
    rows = pd.DataFrame({"read": sizes, "kept": sizes, "quarantined": dict.fromkeys(sizes, 0)})
    origins = [
        pd.DataFrame({"file": name, "row": range(len(frame)), "table": name,
                      "key": frame[key] if (key := TABLES[name].key) else None})
        for name, frame in tables.items()
    ]  # fmt: skip
    aside = pd.DataFrame(columns=["table", "file", "row", "reason", "original"])
    return Conformed(tables, aside, rows.rename_axis("table"),
                     origins=pd.concat(origins, ignore_index=True))  # fmt: skip


def in_order(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows by their key, whatever order they came in."""
    keys = [TABLES[name].key] if TABLES[name].key else [*KEYS[name]]
    return rows.sort_values([*keys, *(c for c in rows if rows[c].dtype != object)],
                            ignore_index=True)  # fmt: skip


def _at(name: str, rows: pd.DataFrame, whole: dict, until: pd.Timestamp) -> pd.DataFrame:
    if name == "customers":
        rows = rows.assign(observed_until=rows["observed_until"].clip(upper=until))
    began = BEGAN.get(name, "valid_from")
    known = rows[began].notna()  # of some rows nobody knows since when
    always = ~known & (until > NOTHING_YET)
    rows = rows[always | (rows[began] < until).fillna(True)].reset_index(drop=True)
    times = [
        c for c in rows if rows[c].dtype == rows[began].dtype and c not in (began, "renewal_at")
    ]
    later = {c: rows[c].mask(rows[c] > until) for c in times}
    if name == "tickets":
        young = rows["updated_at"] >= until
        later["status"] = rows["status"].mask(young, "open")
        later["updated_at"] = rows["updated_at"].mask(young, _last_event(rows, whole, until))
        later["closed_by"] = rows["closed_by"].mask(young)
    if name == "customers":
        later["end_kind"] = rows["end_kind"].mask(
            later["ended_at"].isna() & rows["ended_at"].notna()
        )
    if name == "surveys":
        later["score_raw"] = rows["score_raw"].mask(later["responded_at"].isna())
    return rows.assign(**later)


def _last_event(rows: pd.DataFrame, whole: dict, until: pd.Timestamp) -> pd.Series:
    events = whole["ticket_events"]
    last = events[events["event_at"] < until].groupby("ticket_id")["event_at"].max()
    return last.reindex(rows["ticket_id"]).set_axis(rows.index).fillna(rows["created_at"])


def _other(name: str, before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The rows that were not the same before."""
    columns = [c for c in now if now[c].dtype != object]
    same = pd.MultiIndex.from_frame(now[columns]).isin(pd.MultiIndex.from_frame(before[columns]))
    return now[~same].reset_index(drop=True)
