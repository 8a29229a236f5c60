"""Customers' lives out of billing's rows, in whatever order: a row may be a subscription, a paid
period (an invoice), a deal that was won (it tells a start only), or an account. Of a customer with
rows of several kinds, those count that tell most: subscriptions, else invoices, deals, the account.

A life is the union of a customer's rows. It starts with the first. It has ended only if no row is
open, and none is to begin within the grace of study.toml (grace_days) after the last end; a paid
period stays open until that grace is over. Notice was given where every row that is open, or ends
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

from cxresearch.loaders.reading.export import Export
from cxresearch.study.conform_sql import TEXT_FORM, check_sql
from cxresearch.study.db import connect, frame, put
from cxresearch.study.schema import CUSTOMERS, Column, Table

if TYPE_CHECKING:
    from cxresearch.loaders.people.mapping import Section

KINDS = ("account", "deal", "invoice", "subscription")  # from what tells least; also by the letter
READINGS = ("plan", "mrr", "activity")
STATES = ("paying", "ended", "unpaid", "never")
# What billing systems call a state, where the mapping has no word for it (words.state).
WORDS = {
    "paying": "active past_due non_renewing live paused paid",
    "ended": "canceled cancelled expired ended closed churned terminated",
    "unpaid": "unpaid not_paid",
    "never": "trialing trial in_trial incomplete incomplete_expired future not_started failed draft "
    "void voided uncollectible",
}
# Words that tell what was never paid in any column Status, also if the mapping does not name it.
SURE = ("incomplete", "incomplete_expired", "trialing", "in_trial", "not_started")
# Months in a period, by what its word holds; currencies that have no hundredths.
PERIODS = {"year|annual": 12, "quarter": 3, "month": 1, "week": 12 / 52, "day|daily": 12 / 365}
WHOLE = tuple("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split())
# What a row may tell beside the columns of customers, and what the mapping says of its file.
OWN = ("subscription_id", "amount", "quantity", "interval_count", "state", "trial_ends_at",
       "seen_at", *READINGS)  # fmt: skip
SAID = ("row_is", "cents", "at_start", "unasked")
MORE = tuple(
    Column(name, "time" if name.endswith("_at") else "text", "", False,
           STATES if name == "state" else ())
    for name in (*OWN, *SAID)
)  # fmt: skip
# A row may tell a notice from before its own start, but none from before its customer's.
EARLY = "notice_at is before started_at"
RULES = tuple(rule for rule in CUSTOMERS.rules if rule[0] != EARLY)
ROW = Table("customers", "", None, (*CUSTOMERS.columns, *MORE), RULES)
FAR = "TIMESTAMPTZ '9000-01-01 00:00:00+00'"
MACROS = rf"""
    CREATE MACRO word(t) AS regexp_replace(lower(trim(t)), '[^a-z0-9]+', '_', 'g');
    CREATE MACRO moment(t) AS
        CASE WHEN regexp_matches(t, '{TEXT_FORM["time"]}') THEN TRY_CAST(t AS TIMESTAMPTZ) END;
    CREATE MACRO digits(t) AS regexp_replace(t, '[^0-9.,-]', '', 'g');
    CREATE MACRO number(t) AS TRY_CAST(CASE
        WHEN regexp_matches(digits(t), '^-?\d{{1,3}}(,\d{{3}})+(\.\d+)?$')
        THEN replace(digits(t), ',', '') WHEN regexp_matches(digits(t), '^-?[\d.]+,\d+$')
        THEN replace(replace(digits(t), '.', ''), ',', '.') ELSE digits(t) END AS DOUBLE);
    CREATE MACRO state_of(t) AS CASE
        {" ".join(f"WHEN word(t) IN {tuple(w.split())} THEN '{s}'" for s, w in WORDS.items())}
        ELSE lower(trim(t)) END;
    CREATE MACRO months_of(period, times) AS coalesce(number(times), number(period), 1) * CASE
        {" ".join(f"WHEN regexp_matches(lower(period), '{w}') THEN {n}" for w, n in PERIODS.items())}
        END"""
# Rows as text in our words. An invoice that does not say its end covers the period that it is for;
# if nobody says until when billing was watched, it is until the last thing that happened in it.
TEXT = f"""
    CREATE TABLE text AS
    WITH ours AS (
        SELECT * REPLACE (
            CASE WHEN unasked IS NULL OR word(state) IN {SURE} THEN state_of(state) END AS state,
            CASE WHEN row_is IN ('subscription', 'invoice')
                      AND end_kind NOT IN ('voluntary', 'involuntary')
                 THEN 'unknown' ELSE end_kind END AS end_kind,
            CASE WHEN regexp_matches(currency, '^[A-Za-z]{{3}}$') THEN upper(currency)
                 ELSE currency END AS currency),
            state AS word, months_of(billing_period, interval_count) AS months FROM raw),
    periods AS (
        SELECT * REPLACE (
            CASE months WHEN 1 THEN 'month' WHEN 12 THEN 'year'
                 ELSE CASE WHEN months IS NULL THEN billing_period ELSE 'other' END END
                AS billing_period,
            CASE WHEN row_is = 'invoice' AND ended_at IS NULL
                 THEN CAST(moment(started_at) + to_months(CAST(months AS INTEGER)) AS VARCHAR)
                 ELSE ended_at END AS ended_at) FROM ours),
    watched AS (
        SELECT max(greatest(moment(seen_at), CASE WHEN state IS DISTINCT FROM 'never' THEN greatest(
                   moment(started_at), moment(notice_at),
                   CASE WHEN state IN ('ended', 'unpaid') THEN moment(ended_at) END) END)) AS last
        FROM periods WHERE word(word) NOT IN ('future', 'not_started') OR word IS NULL)
    SELECT * REPLACE (coalesce(observed_until, CAST(last AS VARCHAR)) AS observed_until),
           CASE WHEN state = 'never' THEN 'it was never paid: ' ||
                CASE word WHEN 'never' THEN 'its state says so' ELSE word END END AS _aside
    FROM periods, watched"""
# The same in types: from when to when each was paid, or why it is set aside.
TOLD = f"""
    CREATE TABLE told AS
    WITH times AS (
        SELECT checked.*, _file, _row, word, months, greatest(started_at, trial_ends_at) AS begins,
               CASE WHEN notice_at IS NOT NULL THEN greatest(notice_at, trial_ends_at) END AS said_at,
               CASE WHEN row_is = 'invoice' OR ended_at <= observed_until
                    THEN ended_at ELSE {FAR} END AS ends,
               min(started_at) OVER (PARTITION BY customer_id) AS first_at,
               max(CASE WHEN _reasons = '' THEN row_is END) OVER (PARTITION BY customer_id) AS best,
               max(observed_until) OVER (PARTITION BY customer_id,
                   coalesce(subscription_id, CAST(started_at AS VARCHAR))) AS newest
        FROM ({{checked}}) AS checked JOIN (SELECT _at, _file, _row, word, months FROM text)
             USING (_at))
    SELECT *, coalesce(nullif(_reasons, ''), CASE
            WHEN notice_at < first_at THEN '{EARLY}'
            WHEN trial_ends_at > started_at AND (ends <= begins OR begins > observed_until)
            THEN 'it was never paid: a trial'
            WHEN row_is = 'invoice' AND number(coalesce(amount, mrr)) <= 0
            THEN 'it was never paid: an invoice of nothing'
            WHEN row_is = 'invoice' AND ended_at IS NULL THEN 'for what period it was paid is empty'
            WHEN row_is = 'invoice' AND ended_at = started_at
            THEN 'it covers no time: what is paid once is no subscription'
            WHEN state IN ('ended', 'unpaid') AND ended_at IS NULL
            THEN 'it has ended (' || word || ') on a day that is not told'
            WHEN row_is < best THEN 'its customer has rows that tell more, each ' || best
            WHEN observed_until < newest THEN 'a newer row tells the same'
        END) AS aside
    FROM times"""
# Rows that count, with the price of a month, in which of their customer's lives they are, and
# whether they end last (or are open); a row that stands twice, which its number tells, counts once.
UNDECLARED = """
    UPDATE told SET row_is = CASE WHEN EXISTS (
        SELECT 1 FROM told WHERE aside IS NULL GROUP BY customer_id HAVING count(DISTINCT begins) > 1)
        THEN 'subscription' ELSE 'account' END WHERE row_is IS NULL"""
PAID = f"""
    CREATE TABLE paid AS
    WITH priced AS (
        SELECT * EXCLUDE (mrr), max(ends) OVER (PARTITION BY customer_id) AS last,
            date_diff('second', begins, ended_at) / 2629746 AS span,
            coalesce(number(mrr), number(amount) * coalesce(number(quantity), 1) / coalesce(months,
                CASE WHEN row_is = 'invoice'
                     THEN greatest(round(span), CASE WHEN span < 0.8 THEN span ELSE 1 END) END))
            / CASE WHEN cents = 'true' AND coalesce(currency, '') NOT IN {WHOLE}
                   THEN 100 ELSE 1 END AS mrr,
            coalesce(mrr, amount) IS NOT NULL AS has_price
        FROM told WHERE aside IS NULL),
    gaps AS (
        SELECT *, coalesce(begins > later(max(ends) OVER (
            PARTITION BY customer_id ORDER BY begins, ends
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)), FALSE) AS back FROM priced)
    SELECT *, ends = last AS final, sum(CAST(back AS INTEGER)) OVER (
               PARTITION BY customer_id ORDER BY begins, ends) AS life,
           row_number() OVER (PARTITION BY customer_id, coalesce(subscription_id, CAST(_at AS VARCHAR)),
               begins, ends, plan, mrr ORDER BY _at) > 1 AS again
    FROM gaps"""
LIVES = f"""
    CREATE TABLE lives AS
    WITH coming AS (SELECT customer_id, min(started_at) AS next FROM told
                    WHERE started_at > observed_until GROUP BY customer_id),
    kinds AS (
        SELECT *, max(life) OVER (PARTITION BY customer_id) AS latest,
               coalesce(end_kind, CASE state WHEN 'unpaid' THEN 'involuntary' END) AS kind
        FROM paid),
    whole AS (
        SELECT customer_id, min(begins) AS started_at, max(last) AS last, max(life) AS returns,
               max(observed_until) AS observed_until, max(said_at) FILTER (life = latest) AS said_at,
               bool_and(said_at IS NOT NULL) FILTER (final) AS noticed,
               bool_and(row_is = 'invoice') FILTER (final) AS period,
               CASE WHEN bool_and(kind = 'involuntary') FILTER (final) THEN 'involuntary'
                    WHEN bool_or(kind = 'voluntary') FILTER (final) THEN 'voluntary'
                    WHEN bool_or(kind = 'unknown') FILTER (final) THEN 'unknown' END AS kind, {", ".join(
                   f"first({name} ORDER BY mrr DESC NULLS LAST, {name}) "
                   f"FILTER (final AND {name} IS NOT NULL) AS {name}"
                   for name in ("billing_period", "renewal_at", "segment", "currency"))}
        FROM kinds GROUP BY customer_id),
    ended AS (
        SELECT *, coalesce(next <= later(last), FALSE) AS goes_on,
               last < {FAR} AND NOT (period AND later(last) >= observed_until) AND NOT goes_on AS ended
        FROM whole LEFT JOIN coming USING (customer_id))
    SELECT * EXCLUDE (last, said_at, noticed, period, kind, next, goes_on, ended),
           CASE WHEN ended THEN last END AS ended_at,
           CASE WHEN noticed AND NOT goes_on THEN said_at END AS notice_at,
           CASE WHEN ended THEN kind END AS end_kind
    FROM ended"""
# What held from each moment on at which a row began or ended; of accounts, as of the last.
HISTORY = f"""
    WITH edges AS (
        SELECT customer_id, unnest([begins, ends]) AS t, NULL AS known, _at FROM paid
        WHERE row_is <> 'account'
        UNION ALL SELECT customer_id, max(begins), coalesce(max(at_start), ''), min(_at) FROM paid
        WHERE row_is = 'account' AND final GROUP BY customer_id),
    moments AS (
        SELECT customer_id, t, max(known) AS known, min(_at) AS _at,
               lead(t) OVER (PARTITION BY customer_id ORDER BY t) AS next
        FROM edges WHERE t < {FAR} GROUP BY customer_id, t),
    held AS (
        SELECT m.customer_id, t, known, m._at, next, count(begins) AS n,
               string_agg(DISTINCT plan, ' + ' ORDER BY plan) AS plan,
               CASE WHEN count(begins) = count(mrr) AND count(DISTINCT currency) < 2
                    THEN printf('%.2f', sum(mrr)) END AS mrr,
               first(activity ORDER BY number(activity) DESC NULLS LAST) AS activity
        FROM moments AS m LEFT JOIN paid ON m.customer_id = paid.customer_id
             AND begins <= t AND t < ends AND NOT again
        GROUP BY ALL),
    fields AS (
        SELECT customer_id, t, known, _at, unnest(['plan', 'mrr', 'activity']) AS field,
               unnest([plan, CASE WHEN n = 0 AND {{priced}} THEN '0.00' ELSE mrr END, activity]) AS value
        FROM held WHERE n > 0 OR next > later(t)),
    changed AS (
        SELECT *, value IS DISTINCT FROM lag(value) OVER (PARTITION BY customer_id, field ORDER BY t)
                  AS new FROM fields WHERE value IS NOT NULL)
    SELECT customer_id, CAST(CASE
               WHEN known IS NULL AND field <> 'activity' THEN t
               WHEN list_contains(string_split(known, ' '), field) THEN started_at
               ELSE observed_until END AS VARCHAR) AS valid_from, field, value, _file, _row
    FROM changed JOIN lives USING (customer_id) JOIN (SELECT _at, _file, _row FROM told) USING (_at)
    WHERE new ORDER BY customer_id, field DESC, t"""
# Each row that counts says its customer's whole life, so that rows kept are rows read.
EVERY_ROW = f"""
    SELECT {", ".join(f"CAST(lives.{n} AS VARCHAR) AS {n}" for n in CUSTOMERS.names)}, _file, _row,
           row_number() OVER (PARTITION BY customer_id ORDER BY _at) AS _rank,
           CAST(NULL AS VARCHAR) AS _aside, _at
    FROM lives JOIN told USING (customer_id) WHERE aside IS NULL
    UNION ALL BY NAME
    SELECT {", ".join(f"text.{n}" for n in CUSTOMERS.names)}, text._file, text._row, 1 AS _rank,
           aside AS _aside, _at
    FROM text JOIN told USING (_at) WHERE aside IS NOT NULL ORDER BY _at"""
# Is a price told, did the period change within a life, can anybody be seen to leave?
TELLS = """
    SELECT (SELECT count(mrr) > 0 FROM paid),
           EXISTS (SELECT 1 FROM paid GROUP BY customer_id HAVING count(DISTINCT billing_period) > 1),
           (SELECT count(ended_at) + count(notice_at) > 0 FROM lives)"""
NOTES = {
    """SELECT 1 FROM raw JOIN told USING (_at)
       WHERE raw.row_is IS NULL AND told.row_is = 'subscription' LIMIT 1""":
        "Some customers have several rows in billing, so each row was read as a subscription: say "
        'row = "subscription", "invoice" or "account" under [customers].',
    """SELECT count(*) AS n, string_agg(DISTINCT replace(aside, 'it was never paid: ', ''), ', '
       ORDER BY replace(aside, 'it was never paid: ', '')) FROM told WHERE starts_with(aside, 'it was never paid: ') HAVING n > 0""":
        "{:,} of billing's rows were never paid ({}): they tell no customers, and are set aside.",
    "SELECT 1 FROM text WHERE unasked IS NOT NULL AND state = 'never' LIMIT 1":
        "The mapping names no state of customers, so it was read from the column Status: who "
        "never paid is no customer.",
    "SELECT count(*) AS n FROM lives WHERE returns > 0 HAVING n > 0":
        "{:,} customers came back after more than {grace:g} days without a subscription. Each is "
        "one customer from the first start on: that they were away is not counted as leaving.",
    "SELECT count(*) AS n FROM paid WHERE mrr IS NULL AND has_price HAVING n > 0":
        "MRR is unknown for {:,} of billing's rows: their amount, or for how long it pays, cannot "
        "be read.",
    "SELECT 1 FROM paid WHERE row_is = 'subscription' AND has_price LIMIT 1":
        "A subscription's price and plan are dated to its start: what changed within one is not "
        "seen, only from one to the next.",
    """SELECT field FROM (SELECT unnest(['plan', 'mrr', 'activity']) AS field,
              unnest([plan IS NOT NULL, has_price, activity IS NOT NULL]) AS told, row_is, at_start
       FROM paid) WHERE told AND NOT coalesce(list_contains(string_split(at_start, ' '), field), FALSE)
       AND (row_is = 'account' OR field = 'activity') GROUP BY field ORDER BY field DESC""":
        "{} of customers is today's value: it is dated to the day on which it was true, so no "
        "comparison of those who left with those who stayed uses it.",
    """SELECT strftime(max(told.observed_until), '%Y-%m-%d') FROM told JOIN raw USING (_at)
       WHERE raw.observed_until IS NULL HAVING count(*) > 0 AND max(told.observed_until) IS NOT NULL""":
        "Nothing says until when billing was watched: it was until {}, when the last thing happened "
        "in it.",
    "SELECT 1 FROM lives HAVING count(ended_at) + count(notice_at) = 0":
        "Nobody can be seen to leave: no customer in billing has an end or a notice. So the outcome "
        "is return; if it is true that nobody left, write outcome = \"churn\" in study.toml.",
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
    yes = {"cents": section.cents, "unasked": section.unasked}
    said = {"row_is": section.row, "at_start": " ".join(section.as_of_start or ())}
    told = [f'"{name}"' for name in section.among((*CUSTOMERS.names, *OWN))]
    told += [f"'{text}' AS {name}" for name, text in said.items() if text]
    told += [f"'true' AS {name}" for name, held in yes.items() if held]
    return f"SELECT {', '.join(told)}, _file, _row FROM {view}"


def united(export: Export, grace_days: float = 30.0) -> Export:
    """The export with each customer's life in place of billing's rows, and what was paid as history.

    Its customers hold columns of ROW, as text. Every row comes out, in its customer's life or with
    the reason why it is set aside. Without row_is, rows are subscriptions if a customer has
    several, and else accounts. Without any end or notice the outcome is return, not churn.
    """
    if "customers" not in export.tables:
        return export
    rows = export.tables["customers"].reindex(columns=[*ROW.names, "_file", "_row"])
    raw = rows.astype(dict.fromkeys(ROW.names, "str")).reset_index(drop=True)
    with connect() as db:
        put(db, "raw", raw.rename_axis("_at").reset_index())
        db.execute(f"CREATE MACRO later(t) AS t + to_seconds({grace_days * 86400:.0f});{MACROS};{TEXT}")
        db.execute(f"{TOLD.format(checked=check_sql(ROW, ROW.names, {}, db))};{UNDECLARED};{PAID};{LIVES}")
        [(priced, periods, leave)] = db.execute(TELLS).fetchall()
        settings = {"grace_days": float(grace_days)}
        settings |= ({"as_of_start": ()} if periods else {}) | ({} if leave else {"outcome": "return"})
        notes = [
            sentence.format(*row, grace=grace_days)
            for query, sentence in NOTES.items()
            for row in db.execute(query).fetchall()
        ]
        history = frame(db.sql(HISTORY.format(priced=priced)))
        told = {"customers": frame(db.sql(EVERY_ROW)).drop(columns="_at")}
    if len(history):
        held = export.tables.get("customer_history")
        told["customer_history"] = history if held is None else pd.concat([held, history])
    return replace(export, tables=export.tables | told, settings=settings | export.settings,
                   notes=(*export.notes, *notes))  # fmt: skip
