"""Customers' lives out of billing's rows, in whatever order: a row may be a subscription, a paid
period (an invoice), a deal that was won (it tells a start only), or an account. Of a customer with
rows of several kinds, those count that tell most: subscriptions, else invoices, deals, the account.

A life is the union of a customer's rows. It starts with the first. It has ended only if no row is
open, and none is to begin within the grace of study.toml (grace_days) after the last end; a paid
period stays open until that grace is over. The default, 30 days, is a month that a late payment or
a change of plan may leave between two rows. Notice was given where every row that is open, or ends
last, has one. Who comes back after more than the grace is one customer whose MRR was 0 meanwhile,
and is said. Trials, and what was never paid, are no customer's time: set aside, and said.

Prices are a month's: amount × quantity by the interval, in hundredths where the mapping says cents.
Of subscriptions and invoices, plan and MRR are history from the row's start on; of accounts they
are today's, dated to observed_until, or to the start where they are as_of_start.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.loaders.people import lives_sql as lives
from cxresearch.loaders.reading.export import Export
from cxresearch.study.conform_sql import check_sql
from cxresearch.study.db import connect, frame, put
from cxresearch.study.schema import CUSTOMERS, Column, Table

if TYPE_CHECKING:
    from cxresearch.loaders.people.mapping import Section

KINDS = ("account", "deal", "invoice", "subscription")  # from what tells least; also by the letter
READINGS = ("plan", "mrr", "activity")
STATES = ("paying", "ended", "unpaid", "never")
# What a row may tell beside the columns of customers, and what the mapping says of its file.
OWN = ("subscription_id", "amount", "quantity", "interval_count", "state", "trial_ends_at",
       "seen_at", *READINGS)  # fmt: skip
SAID = ("row_is", "cents", "at_start", "unasked")
ROW = Table("customers", "", None, (
    *CUSTOMERS.columns,
    *(Column(name, "time" if name.endswith("_at") else "text", "", False,
             STATES if name == "state" else ()) for name in (*OWN, *SAID)),
), tuple(rule for rule in CUSTOMERS.rules if rule[0] != lives.EARLY))  # fmt: skip
# Did the period change within a life, can anybody be seen to leave?
TELLS = """
    SELECT EXISTS (SELECT 1 FROM paid
                   GROUP BY customer_id HAVING count(DISTINCT billing_period) > 1),
           (SELECT count(ended_at) + count(notice_at) > 0 FROM lives)"""
NOTES = {
    """SELECT 1 FROM raw JOIN told USING (_at)
       WHERE raw.row_is IS NULL AND told.row_is = 'subscription' LIMIT 1""":
        "Some customers have several rows in billing, so each row was read as a subscription: say "
        'row = "subscription", "invoice" or "account" under [customers].',
    """SELECT count(*) AS n, string_agg(DISTINCT aside[20:], ', ' ORDER BY aside[20:]) FROM told
       WHERE starts_with(aside, 'it was never paid: ') HAVING n > 0""":
        "Rows of billing that were never paid: {:,} ({}). They tell no customers; they are set "
        "aside.",
    "SELECT 1 FROM text WHERE unasked IS NOT NULL AND state = 'never' LIMIT 1":
        "The mapping names no state of customers, so it was read from the column Status: who "
        "never paid is no customer.",
    "SELECT count(*) AS n FROM lives WHERE returns > 0 HAVING n > 0":
        "Customers who came back after more than {grace:g} days without paying: {:,}. Each is one "
        "customer from the first start on, so that they were away is not counted as leaving.",
    "SELECT count(*) AS n FROM paid WHERE mrr IS NULL AND has_price HAVING n > 0":
        "MRR is unknown for {:,} of billing's rows: their amount, or for how long it pays, cannot "
        "be read.",
    "SELECT 1 FROM paid WHERE row_is = 'subscription' AND has_price LIMIT 1":
        "A subscription's price and plan are dated to its start: what changed within one is not "
        "seen, only from one to the next.",
    """SELECT field FROM (SELECT unnest(['plan', 'mrr', 'activity']) AS field, at_start, row_is,
              unnest([plan IS NOT NULL, has_price, activity IS NOT NULL]) AS told FROM paid)
       WHERE told AND (row_is = 'account' OR field = 'activity')
             AND NOT list_contains(string_split(coalesce(at_start, ''), ' '), field)
       GROUP BY field ORDER BY field DESC""":
        "{} of customers is today's value: it is dated to the day on which it was true, so no "
        "comparison of those who left with those who stayed uses it.",
    """SELECT strftime(max(told.observed_until), '%Y-%m-%d') FROM told JOIN raw USING (_at)
       WHERE raw.observed_until IS NULL AND told.observed_until IS NOT NULL HAVING count(*) > 0""":
        "Nothing says until when billing was watched: it was until {}, when the last thing "
        "happened in it.",
    "SELECT 1 FROM lives HAVING count(ended_at) + count(notice_at) = 0":
        "Nobody can be seen to leave: no customer in billing has an end or a notice. So the "
        'outcome is return; if it is true that nobody left, write outcome = "churn" in study.toml.',
}  # fmt: skip


def asked(section: Section) -> Section:
    """The section; of customers whose state it does not name, with a column Status, if there is."""
    if section.table != "customers" or section.among(["state"]):
        return section
    needs = tuple(section.columns) if section.needs is None else section.needs
    columns = {**section.columns, "state": "Status"}
    return replace(section, columns=columns, needs=needs, unasked=True)


def rows(section: Section, view: str) -> str:
    """SQL for rows of customers, with what the mapping says of all of them."""
    said = {
        "row_is": section.row,
        "at_start": " ".join(section.as_of_start or ()),
        "cents": "true" if section.cents else "",
        "unasked": "true" if section.unasked else "",
    }
    told = [f'"{name}"' for name in section.among((*CUSTOMERS.names, *OWN))]
    told += [f"'{text}' AS {name}" for name, text in said.items() if text]
    return f"SELECT {', '.join(told)}, _file, _row FROM {view}"


def united(export: Export, grace_days: float = 30.0) -> Export:
    """The export with customers' lives in place of billing's rows, and what was paid as history.

    Its customers hold columns of ROW, as text. Every row comes out, in its customer's life or with
    the reason why it is set aside. Without row_is, rows are subscriptions if a customer has
    several, and else accounts. Without any end or notice the outcome is return, not churn.
    """
    if "customers" not in export.tables:
        return export
    raw = export.tables["customers"].reindex(columns=[*ROW.names, "_file", "_row"])
    raw = raw.astype(dict.fromkeys(ROW.names, "str")).reset_index(drop=True)
    with connect() as db:
        put(db, "raw", raw.rename_axis("_at").reset_index())
        db.execute(f"CREATE MACRO later(t) AS t + to_seconds({grace_days * 86400:.0f})")
        db.execute(f"{lives.MACROS};{lives.TEXT}")
        db.execute(lives.TOLD.format(checked=check_sql(ROW, ROW.names, {}, db, free=True)))
        db.execute(f"{lives.PAID};{lives.LIVES}")
        notes = [
            sentence.format(*row, grace=grace_days)
            for query, sentence in NOTES.items()
            for row in db.execute(query).fetchall()
        ]
        [(periods, leave)] = db.execute(TELLS).fetchall()
        told = {"customers": frame(db.sql(lives.EVERY_ROW)).drop(columns="_at")}
        history = frame(db.sql(lives.HISTORY))
    if len(history):
        held = export.tables.get("customer_history")
        told["customer_history"] = history if held is None else pd.concat([held, history])
    settings = {"grace_days": float(grace_days)}
    settings |= ({"as_of_start": ()} if periods else {}) | ({} if leave else {"outcome": "return"})
    return replace(export, tables=export.tables | told, settings=settings | export.settings,
                   notes=(*export.notes, *notes))  # fmt: skip
