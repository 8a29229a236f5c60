"""Person-time cells: days at risk and departures by state, quarter, plan, contract and time since
writing, as SQL for any engine. The sums of build_episodes, without its rows.

Spells, lives and pieces are those of episodes.spells, lives and pieces (lag 0, nothing forgotten),
whose pandas serves tables in memory; tests hold them together on every engine.
"""

from itertools import pairwise

import pandas as pd

from cxresearch.episodes.pieces import WRITTEN
from cxresearch.study.engine import Engine, Views
from cxresearch.study.own_views import OWN, values_of
from cxresearch.study.settings import Settings

DAY = 86_400
CELL = ["quarter", "billing_period", "plan", "state", "since_writing"]

SPELLS: Views = {
    "stretches": """
    SELECT ticket_id, customer_id, since, lead(since) OVER (PARTITION BY ticket_id ORDER BY since,
               place, event_id) AS till, state, place, event_id
    FROM (SELECT own.ticket_id, own.customer_id, own.created AS since, 'open' AS state, 0 AS place,
                 '' AS event_id
          FROM own JOIN (SELECT DISTINCT ticket_id FROM changes) c ON c.ticket_id = own.ticket_id
          UNION ALL
          SELECT c.ticket_id, own.customer_id, c.moment,
                 CASE WHEN c.value_to IN ('solved', 'closed', 'deleted') THEN 'resolved'
                      WHEN c.value_to = 'pending' OR (c.value_to = 'hold' AND :hold_waits = 1)
                      THEN 'waiting' ELSE 'open' END, 1, c.event_id
          FROM changes c JOIN own ON own.ticket_id = c.ticket_id) steps
    UNION ALL
    SELECT ticket_id, customer_id,
           CASE kind WHEN 0 THEN created WHEN 1 THEN reopened_last WHEN 2 THEN ended
                     ELSE ended_again END,
           CASE kind WHEN 0 THEN ended WHEN 1 THEN ended_again END,
           CASE WHEN kind < 2 THEN 'open' ELSE 'resolved' END, CASE WHEN kind < 2 THEN 0 ELSE 1 END,
           CASE WHEN kind IN (1, 3) THEN '1' ELSE '' END
    FROM without CROSS JOIN (SELECT 0 AS kind UNION ALL SELECT 1 UNION ALL SELECT 2
                             UNION ALL SELECT 3) four
    WHERE kind = 0 OR (kind = 2 AND ended IS NOT NULL)
       OR (kind = 1 AND reopened_last IS NOT NULL AND ended IS NOT NULL)
       OR (kind = 3 AND reopened_last IS NOT NULL AND ended IS NOT NULL
           AND ended_again IS NOT NULL)""",
    # Tickets without a history of states, and when they ended by their columns.
    "without": """
    SELECT ticket_id, customer_id, created, reopened_last, ended,
           CASE WHEN coalesce(solved_last, closed) > reopened_last
                THEN coalesce(solved_last, closed) END AS ended_again
    FROM (SELECT own.*, coalesce(own.solved, CASE WHEN own.closed_by = 'automation' THEN NULL
                        ELSE own.closed END) AS ended
          FROM own LEFT JOIN (SELECT DISTINCT ticket_id FROM changes) c
               ON c.ticket_id = own.ticket_id
          WHERE c.ticket_id IS NULL AND own.customer_id IS NOT NULL AND NOT (
              own.solved IS NULL AND (own.solved_last IS NOT NULL
                  OR coalesce(own.count_reopens, 0) > 0
                  OR (own.status IN ('solved', 'closed') AND own.closed IS NULL)))) known
    WHERE NOT ((ended IS NULL AND status IN ('solved', 'closed', 'deleted')
                AND coalesce(closed_by, '') <> 'automation')
               OR coalesce(ended < created, 1 = 0))""",
    "numbered": """
    SELECT * FROM (
        SELECT s.*, sum(CASE WHEN state = 'resolved' THEN 1 ELSE 0 END) OVER (
                   PARTITION BY ticket_id ORDER BY since, place, event_id
                   ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS spell
        FROM stretches s) every
    WHERE state <> 'resolved'""",
    # How much of the promise is left as each stretch begins.
    "clocked": """
    SELECT n.*, CASE WHEN state = 'open' THEN till - since ELSE 0 END AS running,
           CASE WHEN used < :promise THEN :promise - used ELSE 0 END AS remains
    FROM (SELECT m.*, coalesce(sum(CASE WHEN state = 'open' THEN till - since END) OVER (
                     PARTITION BY ticket_id ORDER BY since, place, event_id
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS used
          FROM numbered m) n""",
    "spells": """
    SELECT ticket_id, customer_id, min(since) AS opened,
           coalesce(min(runs_out), max(CASE WHEN place_back = 1 THEN would END)) AS overdue,
           max(CASE WHEN place_back = 1 THEN till END) AS resolved
    FROM (SELECT c.*,
                 CASE WHEN remains = 0 OR (state = 'open'
                           AND coalesce(running > remains, 1 = 1)) THEN since + remains
                      END AS runs_out,
                 till + CASE WHEN remains > running THEN remains - running ELSE 0 END AS would,
                 row_number() OVER (PARTITION BY ticket_id, spell
                                    ORDER BY since DESC, place DESC, event_id DESC) AS place_back
          FROM clocked c) each_one
    GROUP BY ticket_id, customer_id, spell""",
    # Without requests to leave, which are the outcome.
    "issues": """
    SELECT s.* FROM spells s LEFT JOIN (SELECT DISTINCT ticket_id FROM ticket_causes_there
        WHERE is_exit_request IS TRUE) asks ON asks.ticket_id = s.ticket_id
    WHERE asks.ticket_id IS NULL""",
}  # fmt: skip

LIVES: Views = {
    "customers_seen": """
    SELECT customer_id, seconds(started_at) AS started, billing_period, end_kind,
           CASE WHEN seconds(observed_until) < :until THEN seconds(observed_until) ELSE :until END
               AS seen_until,
           seconds(notice_at) AS notice, seconds(ended_at) AS ended,
           seconds(ended_at - INTERVAL '1' YEAR) AS year_before,
           CASE WHEN end_kind = 'involuntary' THEN seconds(ended_at)
                ELSE least(seconds(notice_at), seconds(ended_at)) END AS ends
    FROM customers_there""",
    # Whoever left a yearly contract without a notice is censored when that term began.
    "lives": """
    SELECT customer_id, started, billing_period,
           greatest(started, :known_from) + :promise AS enters,
           CASE WHEN undecided = 1 THEN greatest(year_before, started)
                WHEN ends <= seen_until THEN ends ELSE seen_until END AS leaves,
           CASE WHEN undecided = 0 AND ends <= seen_until
                     AND coalesce(end_kind, '') <> 'involuntary' THEN 1 ELSE 0 END AS left_then
    FROM (SELECT c.*, CASE WHEN ends <= seen_until AND coalesce(end_kind, '') <> 'involuntary'
                     AND notice IS NULL AND billing_period = 'year' THEN 1 ELSE 0 END AS undecided
          FROM customers_seen c) d""",
    "at_risk": "SELECT * FROM lives WHERE enters < leaves",
}  # fmt: skip


PIECES: Views = {
    # What an issue is in its time: open, overdue, remembered as solved, written so long ago.
    "kinds": " UNION ALL ".join(
        f"SELECT '{kind}' AS kind, {a * DAY} AS a, {b * DAY} AS b"
        for kind, a, b in (
            *((kind, 0, 0) for kind in ("open", "overdue", "solved")),
            *((f"w{a}", a, b) for a, b in pairwise(WRITTEN)),
        )
    ),
    "spans": """
    SELECT customer_id,
           CASE kind WHEN 'open' THEN opened WHEN 'overdue' THEN overdue
                     WHEN 'solved' THEN resolved ELSE opened + a END AS since,
           CASE kind WHEN 'open' THEN coalesce(resolved, :far)
                     WHEN 'overdue' THEN coalesce(resolved, :far)
                     WHEN 'solved' THEN resolved + :memory ELSE opened + b END AS till,
           CASE WHEN kind <> 'solved' THEN kind WHEN resolved > overdue THEN 'late'
                ELSE 'prompt' END AS what
    FROM issues CROSS JOIN kinds""",
    "marks": """
    SELECT customer_id, CASE WHEN change = 1 THEN since ELSE till END AS moment, what, change
    FROM spans CROSS JOIN (SELECT 1 AS change UNION ALL SELECT -1) signs
    WHERE since < till""",
    "plans": """
    SELECT customer_id, value, seconds(valid_from) AS moment,
           lead(seconds(valid_from)) OVER (PARTITION BY customer_id ORDER BY valid_from, value)
               AS until_then
    FROM customer_history_there WHERE field = 'plan'""",
    # Every moment at which something changes in a life, with what changes.
    "moments": """
    SELECT l.customer_id, greatest(m.moment, l.enters) AS moment, m.what, m.change,
           CASE WHEN 1 = 0 THEN m.what END AS plan
    FROM marks m JOIN at_risk l ON l.customer_id = m.customer_id WHERE m.moment < l.leaves
    UNION ALL SELECT customer_id, enters, 'enters', 0, CASE WHEN 1 = 0 THEN customer_id END
    FROM at_risk
    UNION ALL SELECT l.customer_id, q.since, 'quarter', 0, CASE WHEN 1 = 0 THEN customer_id END
    FROM at_risk l JOIN quarters q ON l.enters < q.since AND q.since < l.leaves
    UNION ALL SELECT customer_id, :settled, 'settled', 0, CASE WHEN 1 = 0 THEN customer_id END
    FROM at_risk WHERE enters < :settled AND :settled < leaves
    UNION ALL SELECT l.customer_id, greatest(p.moment, l.enters), 'plan', 0, p.value
    FROM plans p JOIN at_risk l ON l.customer_id = p.customer_id
    WHERE p.moment < l.leaves AND (p.until_then IS NULL OR p.until_then > l.enters)""",
    "steps": """
    SELECT customer_id, moment, max(plan) AS plan, """ + ", ".join(
        f"sum(CASE WHEN what = '{what}' THEN change ELSE 0 END) AS {what}_"
        for what in ("open", "overdue", "late", "prompt", *(f"w{a}" for a in WRITTEN[:-1]))
    ) + """
    FROM moments GROUP BY customer_id, moment""",
    "counted": """
    SELECT customer_id, moment, plan,
           lead(moment) OVER (PARTITION BY customer_id ORDER BY moment) AS next_one,
           count(plan) OVER (PARTITION BY customer_id ORDER BY moment
               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS plans_so_far, """ + ", ".join(
        f"sum({what}_) OVER (PARTITION BY customer_id ORDER BY moment "
        f"ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS {what}_"
        for what in ("open", "overdue", "late", "prompt", *(f"w{a}" for a in WRITTEN[:-1]))
    ) + """
    FROM steps""",
    "pieces": """
    SELECT c.customer_id, c.moment AS since, coalesce(c.next_one, l.leaves) AS till,
           CASE WHEN c.next_one IS NULL THEN l.left_then ELSE 0 END AS event,
           coalesce(l.billing_period, 'unknown') AS billing_period,
           coalesce(max(c.plan) OVER (PARTITION BY c.customer_id, c.plans_so_far), 'unknown')
               AS plan,
           CASE WHEN l.started < :tickets_from AND c.moment < :settled THEN 'unknown'
                WHEN overdue_ > 0 THEN 'overdue' WHEN late_ > 0 THEN 'solved late'
                WHEN open_ > 0 THEN 'open in time' WHEN prompt_ > 0 THEN 'solved in time'
                ELSE 'none' END AS state,
           CASE """ + " ".join(f"WHEN w{a}_ > 0 THEN {a}" for a in WRITTEN[:-1])
    + f""" ELSE {WRITTEN[-1]} END AS since_writing
    FROM counted c JOIN at_risk l ON l.customer_id = c.customer_id""",
}  # fmt: skip

CELLS = """
    SELECT q.quarter, p.billing_period, p.plan, p.state, p.since_writing,
           CAST(sum(p.till - p.since) AS BIGINT) AS seconds_at_risk,
           CAST(sum(p.event) AS BIGINT) AS events, count(DISTINCT p.customer_id) AS customers
    FROM pieces p JOIN quarters q ON q.since <= p.since AND p.since < q.till
    GROUP BY q.quarter, p.billing_period, p.plan, p.state, p.since_writing"""


def person_time_cells(engine: Engine, settings: Settings, memory: float = 90) -> pd.DataFrame:
    """Days at risk and departures of all customers by cell: quarter, billing_period, plan, state
    (of episodes.STATES, or unknown where an issue could lie before the export), since_writing (of
    WRITTEN), days, events, customers. Sorted by cell; what survival.poisson_hazard takes.
    """
    values = values_of(engine, settings)
    settled = values["tickets_from"] + values["promise"] + round(memory * DAY)
    views = {**OWN, **SPELLS, **LIVES, **PIECES, "quarters": quarters(values)}
    cells = engine.ask(CELLS, views, **values, memory=round(memory * DAY), settled=settled)
    cells = cells.assign(days=cells.pop("seconds_at_risk") / DAY)
    return cells.sort_values(CELL, ignore_index=True)


def quarters(values: dict[str, int]) -> str:
    """The quarters of the calendar as a view: quarter, since, till."""
    ends = pd.to_datetime([values["tickets_from"], values["until"]], unit="s", utc=True)
    starts = pd.period_range(ends[0].tz_localize(None), ends[1].tz_localize(None), freq="Q")
    return " UNION ALL ".join(
        f"SELECT '{q.year}Q{q.quarter}' AS quarter, {int(q.start_time.timestamp())} AS since, "
        f"{int((q + 1).start_time.timestamp())} AS till"
        for q in starts
    )
