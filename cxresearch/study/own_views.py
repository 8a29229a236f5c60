"""Whose each ticket is, as SQL for any engine: the views behind study.customer_tickets.

The pandas of study.whose is the same definition for tables in memory; tests hold them together on
every engine. Times are whole seconds since 1970 UTC. Of two accounts that a person was joined to
at the same moment, the last by name counts.
"""

from cxresearch.study.engine import Engine, Views
from cxresearch.study.settings import Settings

FAR = 1 << 40  # seconds: after every time
OWN: Views = {
    # Of two accounts on one day the one joined last counts.
    "joined": """
    SELECT ticket_id, customer_id FROM (
        SELECT t.ticket_id, i.customer_id, row_number() OVER (PARTITION BY t.ticket_id ORDER BY
            coalesce(seconds(i.valid_from), -:far) DESC, i.customer_id DESC) AS place
        FROM tickets_there t JOIN identities_there i ON i.requester_id = t.requester_id
        WHERE (i.valid_from IS NULL OR i.valid_from <= t.created_at)
          AND (i.valid_to IS NULL OR t.created_at < i.valid_to)) links
    WHERE place = 1""",
    # Customers' own tickets; who is the customer, or the person where no customer is known.
    "own": """
    SELECT t.ticket_id, t.requester_id, t.status, t.closed_by, t.count_reopens,
           t.total_agent_replies, t.is_escalated, t.created_channel,
           CASE WHEN :joins = 1 THEN j.customer_id ELSE t.requester_id END AS customer_id,
           coalesce(CASE WHEN :joins = 1 THEN j.customer_id END, t.requester_id) AS who,
           seconds(t.created_at) AS created, seconds(t.first_reply_at) AS replied,
           seconds(t.first_solved_at) AS solved, seconds(t.last_solved_at) AS solved_last,
           seconds(t.last_reopened_at) AS reopened_last, seconds(t.closed_at) AS closed
    FROM tickets_there t LEFT JOIN joined j ON j.ticket_id = t.ticket_id
    WHERE t.requester_id IS NOT NULL AND t.is_spam IS NOT TRUE AND t.is_merged IS NOT TRUE
      AND t.is_deleted IS NOT TRUE""",
    # The tickets that KPIs ask: kpis.tidy.since.
    "asked": """
    SELECT * FROM own WHERE created < :until AND created >= :tickets_from""",
    # Changes of state of own tickets, in order; a rule that closes what nobody solved is none.
    "changes": """
    SELECT * FROM (
        SELECT e.ticket_id, seconds(e.event_at) AS moment, e.event_id, e.value_from, e.value_to,
               CASE WHEN e.value_to IN ('solved', 'closed', 'deleted')
                         AND e.actor_role IN ('system', 'bot') THEN 1 ELSE 0 END AS by_rule,
               max(CASE WHEN e.value_to = 'solved' THEN 1 ELSE 0 END) OVER (
                   PARTITION BY e.ticket_id ORDER BY e.event_at, e.event_id
                   ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS was_solved
        FROM ticket_events_there e JOIN own ON own.ticket_id = e.ticket_id
        WHERE e.field = 'status' AND e.value_to IS NOT NULL AND own.customer_id IS NOT NULL) told
    WHERE by_rule = 0 OR was_solved = 1""",
    # A ticket's main cause: the heaviest, the first by name of several.
    "main": """
    SELECT ticket_id, cause, asks FROM (
        SELECT ticket_id, cause, CASE WHEN is_exit_request IS TRUE THEN 1 ELSE 0 END AS asks,
               row_number() OVER (PARTITION BY ticket_id ORDER BY weight DESC, cause) AS place
        FROM ticket_causes_there) heaviest
    WHERE place = 1""",
}  # fmt: skip


def values_of(engine: Engine, settings: Settings) -> dict[str, int]:
    """What the views' :names stand for: settings of a study, in seconds. tickets_from is the first
    ticket's moment where the setting is empty (known_since of episodes.lives)."""
    first = engine.ask("SELECT min(seconds(created_at)) AS first FROM tickets_there", {})
    tickets_from = _seconds(settings, "tickets_from", int(first["first"].iloc[0]))
    return {
        "far": FAR,
        "joins": int(settings.outcome != "return" and "identities" in engine.tables),
        "until": _seconds(settings, "observed_until", FAR),
        "tickets_from": tickets_from,
        "known_from": max(tickets_from, _seconds(settings, "customers_from", tickets_from)),
        "promise": round(settings.unresolved_after_days * 86_400),
        "hold_waits": int(settings.hold_stops_clock),
    }


def _seconds(settings: Settings, name: str, otherwise: int) -> int:
    at = settings.time(name)
    return otherwise if at is None else int(at.timestamp())
