"""SQL that makes customers' lives of billing's rows (see subscriptions).

raw, of text, becomes text in our words, told in types, paid by price and life, and lives.
"""

from cxresearch.study.conform_sql import TEXT_FORM
from cxresearch.study.schema import CUSTOMERS

# What billing systems call a state, where the mapping has no word for it (words.state).
WORDS = {
    "paying": "active past_due non_renewing live paused paid",
    "ended": "canceled cancelled expired ended closed churned terminated",
    "unpaid": "unpaid not_paid",
    "never": "trialing trial in_trial incomplete incomplete_expired future not_started failed "
    "draft void voided uncollectible",
}
# Words that tell what was never paid in any column Status, also if the mapping does not name it.
SURE = ("incomplete", "incomplete_expired", "trialing", "in_trial", "not_started")
# Months in a period, by how its word begins; currencies that have no hundredths.
PERIODS = {"semi.?annual|half.?year": 6, "bi": "NULL", "year|annual": 12, "quarter": 3, "month": 1,
           "week": 12 / 52, "day|daily": 12 / 365}  # fmt: skip
WHOLE = tuple("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split())
EARLY = "notice_at is before started_at"
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
        {
    " ".join(
        f"WHEN regexp_matches(lower(period), '(^|[^a-z])({w})') THEN {PERIODS[w]}" for w in PERIODS
    )
}
        END"""
# An invoice that does not say its end covers the period that it is for; if nobody says until when
# billing was watched, it is until the last thing that happened in it.
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
            CASE WHEN months IS NULL THEN billing_period WHEN months = 1 THEN 'month'
                 WHEN months = 12 THEN 'year' ELSE 'other' END AS billing_period,
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
# From when to when each row was paid, or why it is set aside. A row may tell a notice from before
# its own start, but none from before its customer's.
TOLD = f"""
    CREATE TABLE told AS
    WITH times AS (
        SELECT checked.*, _file, _row, word, months, greatest(started_at, trial_ends_at) AS begins,
               CASE WHEN notice_at IS NOT NULL THEN greatest(notice_at, trial_ends_at) END
                   AS said_at,
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
    FROM times;
    UPDATE told SET row_is = CASE WHEN EXISTS (
        SELECT 1 FROM told WHERE aside IS NULL
        GROUP BY customer_id HAVING count(DISTINCT begins) > 1) THEN 'subscription'
        ELSE 'account' END WHERE row_is IS NULL"""
# Rows that count, with the price of a month, in which of their customer's lives they are, and
# whether they end last (or are open); a row that stands twice, which its number tells, counts once.
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
           row_number() OVER (PARTITION BY customer_id,
               coalesce(subscription_id, CAST(_at AS VARCHAR)), begins, ends, plan, mrr
               ORDER BY _at) > 1 AS again
    FROM gaps"""
HELD = ", ".join(
    f"first({n} ORDER BY mrr DESC NULLS LAST, {n}) FILTER (final AND {n} IS NOT NULL) AS {n}"
    for n in ("billing_period", "renewal_at", "segment", "currency")
)
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
               max(observed_until) AS observed_until,
               max(said_at) FILTER (life = latest) AS said_at,
               bool_and(said_at IS NOT NULL) FILTER (final) AS noticed,
               bool_and(row_is = 'invoice') FILTER (final) AS period,
               CASE WHEN bool_and(kind = 'involuntary') FILTER (final) THEN 'involuntary'
                    WHEN bool_or(kind = 'voluntary') FILTER (final) THEN 'voluntary'
                    WHEN bool_or(kind = 'unknown') FILTER (final) THEN 'unknown' END AS kind, {HELD}
        FROM kinds GROUP BY customer_id),
    ended AS (
        SELECT *, coalesce(next <= later(last), FALSE) AS goes_on,
               last < {FAR} AND NOT goes_on
                   AND NOT (period AND later(last) >= observed_until) AS ended
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
               unnest([plan, CASE WHEN n = 0 AND (SELECT count(mrr) > 0 FROM paid) THEN '0.00'
                             ELSE mrr END, activity]) AS value
        FROM held WHERE n > 0 OR next > later(t)),
    changed AS (
        SELECT *, value IS DISTINCT FROM lag(value) OVER (
                   PARTITION BY customer_id, field ORDER BY t) AS new
        FROM fields WHERE value IS NOT NULL)
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
