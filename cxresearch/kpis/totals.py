"""KPIs of all tickets, counted where they lie: sums by customer as SQL for any engine.

Each view has a row a ticket that a KPI asks: who, held (0 or 1, null: not told). They are the facts
of compliance, escalating and overdue, whose pandas serves tables in memory; tests hold them
together on every engine. The interval of a share comes from the sums over customers
(measure.share_of_sums), not from rows.
"""

import math

import pandas as pd

from cxresearch.episodes.cells import SPELLS
from cxresearch.kpis.measure import share_of_sums
from cxresearch.study.engine import Engine, Views
from cxresearch.study.once import once
from cxresearch.study.own_views import OWN, values_of
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study
from cxresearch.study.whole_customers import engine_over

HOUR, ESCALATED_WITHIN = 3600, 30 * 86_400
FACTS: Views = {
    "answered": """
    SELECT DISTINCT ticket_id FROM ticket_events_there
    WHERE event_type = 'reply' AND actor_role = 'agent' AND is_public IS NOT FALSE""",
    "first_answers": """
    SELECT a.who, CASE WHEN a.replied < a.created AND a.replied <= :until THEN NULL
                       WHEN a.replied IS NULL AND (a.total_agent_replies > 0
                            OR r.ticket_id IS NOT NULL) THEN NULL
                       WHEN a.replied <= :until AND a.replied - a.created <= :reply_within THEN 1
                       ELSE 0 END AS held
    FROM asked a LEFT JOIN answered r ON r.ticket_id = a.ticket_id
    WHERE :until - a.created >= :reply_within""",
    "escalated": """
    SELECT who, CASE WHEN is_escalated IS TRUE THEN 1 WHEN is_escalated IS FALSE THEN 0 END AS held
    FROM asked WHERE created <= :until - :escalated_within""",
    "late": """
    SELECT who, held FROM (
        SELECT i.ticket_id, min(i.customer_id) AS who, min(i.overdue) AS due,
               max(CASE WHEN coalesce(i.resolved, :until) > i.overdue THEN 1 ELSE 0 END) AS held
        FROM issues i LEFT JOIN customers_there c ON c.customer_id = i.customer_id
        WHERE c.customer_id IS NOT NULL OR :customers = 0
        GROUP BY i.ticket_id) every
    WHERE due <= :until""",
}  # fmt: skip
COUNTED = ("first_answers", "escalated", "late")
SUMS = """
    SELECT fact, count(*) AS customers, CAST(sum(n) AS BIGINT) AS n,
           CAST(sum(held) AS BIGINT) AS held, CAST(sum(held * held) AS BIGINT) AS held_held,
           CAST(sum(held * n) AS BIGINT) AS held_n, CAST(sum(n * n) AS BIGINT) AS n_n
    FROM (SELECT fact, who, count(*) AS n, sum(held) AS held FROM (
              SELECT 'first_answers' AS fact, who, held FROM first_answers
              UNION ALL SELECT 'escalated', who, held FROM escalated
              UNION ALL SELECT 'late', who, held FROM late) facts
          WHERE held IS NOT NULL GROUP BY fact, who) by_customer
    GROUP BY fact"""
BY_CAUSE = """
    SELECT m.cause, count(*) AS tickets
    FROM own JOIN main m ON m.ticket_id = own.ticket_id GROUP BY m.cause"""
ALL = """
    SELECT count(*) AS tickets, count(DISTINCT who) AS customers FROM own"""


def kpi_sums(engine: Engine, settings: Settings) -> pd.DataFrame:
    """By fact (one of COUNTED: a first answer in time, escalated by the help desk's flag, open
    longer than the promise) what measure.share_of_sums takes, over all customers."""
    values = values_of(engine, settings) | {
        "reply_within": round(settings.first_reply_hours * HOUR),
        "escalated_within": ESCALATED_WITHIN,
        "customers": int("customers" in engine.tables),
    }
    sums = engine.ask(SUMS, {**OWN, **SPELLS, **FACTS}, **values)
    return sums.set_index("fact").reindex(COUNTED, fill_value=0)


def share_of_all(study: Study, fact: str, here: dict) -> dict | None:
    """A share over all customers as a KPI has it: estimate, low, high, n, why. None where the study
    is no sample, or where the same SQL, asked of the sample, does not give the share that stands
    here: then the study tells less than the text assumes (promises by channel, untold months)."""
    if study.sample is None:
        return None
    same = share_of_sums(_sums(study, "sample").loc[fact])
    near = math.isclose(same["estimate"], here["estimate"], rel_tol=1e-12)
    if not (near and same["n"] == here["n"]):
        return None
    return share_of_sums(_sums(study, "all").loc[fact]) | {"why": "counted over all customers"}


@once
def _sums(study: Study, of: str) -> pd.DataFrame:
    """kpi_sums of the sample, or of all that it stands for."""
    return kpi_sums(engine_over(study, of), study.settings)


@once
def counts_of_all(study: Study) -> pd.DataFrame:
    """What a study's sample stands for: a row for customers' own tickets, one for who wrote them,
    and one for the tickets of each cause; all (exact), sample. Empty where it is no sample."""
    if study.sample is None:
        return pd.DataFrame({"all": [], "sample": []}, dtype="int64").rename_axis("counted")
    counts = {of: _counts(engine_over(study, of), study.settings) for of in ("all", "sample")}
    if not study.held.asks("ticket_causes"):  # causes were found in the sample alone
        counts = {of: rows.iloc[:2] for of, rows in counts.items()}
    return pd.DataFrame(counts).reindex(counts["all"].index).fillna(0).astype("int64")


def _counts(engine: Engine, settings: Settings) -> pd.Series:
    values = values_of(engine, settings)
    own = engine.ask(ALL, OWN, **values).iloc[0]
    causes = engine.ask(BY_CAUSE, OWN, **values).set_index("cause")["tickets"].sort_index()
    causes = causes.sort_values(ascending=False, kind="stable").add_prefix("tickets: ")
    return pd.concat([own.rename({"tickets": "customers' own tickets", "customers": "who wrote"}),
                      causes]).astype(int).rename_axis("counted")  # fmt: skip
