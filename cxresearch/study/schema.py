"""The canonical tables: columns, types and rules, and what is wrong with a row, in words.

Names follow the dbt Zendesk package where it has one. A count that an export cannot tell is null,
never 0. Times are UTC.
"""

from cxresearch.study.beside_tickets import BESIDE
from cxresearch.study.table_form import ROUNDED, Column, InputError, Table, columns_of, whole

__all__ = ["ROUNDED", "TABLES", "Column", "InputError", "Table"]

STATUS = ("new", "open", "pending", "hold", "solved", "closed", "deleted", "unknown")
UNSOLVED = STATUS[:4]  # somebody still works on it, or waits
# What the help desk itself says of a ticket, by its own definitions; nothing else is told by it.
VENDOR = (
    *columns_of(
        "number",
        vendor_first_reply_minutes="the help desk's own first reply time, calendar minutes",
        vendor_first_reply_business_minutes="the same in its business hours",
        vendor_resolution_minutes="the help desk's own full resolution time, calendar minutes",
        vendor_resolution_business_minutes="the same in its business hours",
    ),
    *columns_of(
        "integer",
        vendor_reopens="times reopened, as the help desk counts",
        vendor_replies="answers, as the help desk counts",
    ),
    *columns_of(
        "flag",
        vendor_first_reply_breached="first reply late, as the help desk says",
        vendor_resolution_breached="solution late, as the help desk says",
    ),
    *columns_of("text", vendor_satisfaction="satisfaction, in the help desk's own word or number"),
)
# What an event may be; a loader may keep a word of its help desk's for others.
EVENT_TYPES = (
    "created", "reply", "note", "status", "assignment", "change", "update", "merge", "spam",
    "escalation", "sla",
)  # fmt: skip


TICKETS = Table(
    "tickets",
    "one row a ticket, as it stood when it was exported",
    "ticket_id",
    (
        *columns_of("text", needed=True, ticket_id="the help desk's own number, as text"),
        *columns_of("time", needed=True, created_at="when the customer wrote"),
        *columns_of("time", updated_at="when the row last changed"),
        *columns_of(
            "text",
            subject="the first line",
            description="the first message",
            language="locale or language tag of the text",
        ),
        *columns_of("list", tags="words that people or machines put on it"),
        Column("status", "text", "state at export; unknown where it cannot be told", True, STATUS),
        *columns_of(
            "text",
            status_raw="the help desk's own word for the state",
            type="the help desk's own category",
            priority="priority at export",
            created_channel="e-mail, chat, phone, web, forum",
            product="what it is about",
            requester_id="the person who asked",
            organization_id="their organisation in the help desk",
            assignee_id="the agent at export",
            group_id="the group at export",
        ),
        *columns_of(
            "time",
            first_reply_at="first public answer by a person who is not the asker",
            first_solved_at="when it was first solved",
            last_solved_at="when it was last solved",
            last_reopened_at="when it was last reopened",
            closed_at="when it was closed for good",
        ),
        Column(
            "closed_by",
            "text",
            "who closed it",
            False,
            ("agent", "customer", "automation", "merge"),
        ),
        *columns_of(
            "integer",
            count_reopens="times reopened",
            total_agent_replies="public answers",
            assignee_changes="times handed to another agent",
            group_changes="times handed to another group",
        ),
        *columns_of(
            "flag",
            is_escalated="escalated, by the study's rule",
            is_merged="merged into another ticket",
        ),
        *columns_of(
            "text",
            merged_into_ticket_id="the ticket that survived the merge",
            follow_up_of_ticket_id="the closed ticket that it continues",
        ),
        *columns_of(
            "flag",
            is_spam="not a customer's message",
            is_deleted="deleted in the help desk",
            is_agent_created="written by an agent for the customer",
        ),
        *columns_of("text", satisfaction_raw="the help desk's own satisfaction word"),
        *VENDOR,
        *columns_of("list", dq_flags="what is odd about the row"),
    ),
    rules=(
        ("created_at lies in the future of the export", "updated_at < created_at - INTERVAL 1 DAY"),
        ("created_at is before 1990", "created_at < TIMESTAMPTZ '1990-01-01 00:00:00+00'"),
        whole("ticket_id"),
    ),
    flags=(
        ("solved_before_created", "coalesce(first_solved_at, last_solved_at) < created_at"),
        ("replied_before_created", "first_reply_at < created_at"),
        ("no_words", "coalesce(trim(subject), '') = '' AND coalesce(trim(description), '') = ''"),
        ("no_requester", "requester_id IS NULL"),
        ("requester_rounded", f"regexp_matches(requester_id, '{ROUNDED}')"),
    ),
    newest_by="updated_at",
)

TICKET_EVENTS = Table(
    "ticket_events",
    "one row a change or message, where the export has history",
    "event_id",
    (
        *columns_of("text", needed=True, event_id="number of the event", ticket_id="its ticket"),
        *columns_of("time", needed=True, event_at="when"),
        *columns_of("text", needed=True, event_type=", ".join(EVENT_TYPES)),
        *columns_of("text", actor_id="who did it"),
        Column("actor_role", "text", "their part", False, ("customer", "agent", "bot", "system")),
        *columns_of("text", field="what changed", value_from="from", value_to="to"),
        *columns_of("flag", is_public="seen by the customer"),
        *columns_of("text", body="what was written, where the export has it"),
    ),
    belongs_to=("tickets", "ticket_id"),
)

CUSTOMERS = Table(
    "customers",
    "one row an account that pays, from billing or CRM",
    "customer_id",
    (
        *columns_of("text", needed=True, customer_id="billing's own number, as text"),
        *columns_of("time", needed=True, started_at="first day as a customer"),
        *columns_of(
            "time",
            notice_at="when the decision to leave was said",
            ended_at="last day as a customer; null = still one when last seen",
        ),
        Column("end_kind", "text", "why it ended", False, ("voluntary", "involuntary", "unknown")),
        Column("billing_period", "text", "how often it renews", False, ("month", "year", "other")),
        *columns_of("time", renewal_at="next renewal"),
        *columns_of("time", needed=True, observed_until="until when this row can be trusted"),
        *columns_of("text", segment="plan, size or kind of customer", currency="of its revenue"),
    ),
    rules=(
        ("ended_at is before started_at", "ended_at < started_at"),
        ("notice_at is before started_at", "notice_at < started_at"),
        ("started_at is after observed_until", "started_at > observed_until"),
        whole("customer_id"),
    ),
)

CUSTOMER_HISTORY = Table(
    "customer_history",
    "what a customer's plan, MRR and activity were, and from when",
    None,
    (
        *columns_of("text", needed=True, customer_id="the account"),
        *columns_of("time", needed=True, valid_from="from when"),
        *columns_of("text", needed=True, field="plan, mrr or activity", value="the value, as text"),
    ),
    belongs_to=("customers", "customer_id"),
)

IDENTITIES = Table(
    "identities",
    "which person in the help desk belongs to which account in billing",
    None,
    (
        *columns_of("text", needed=True, requester_id="the person", customer_id="the account"),
        *columns_of("time", valid_from="from when", valid_to="until when"),
        Column("method", "text", "how matched", False, ("key", "organization", "e-mail", "domain")),
    ),
    rules=(whole("requester_id"), whole("customer_id")),
)

TICKET_CAUSES = Table(
    "ticket_causes",
    "what each ticket is about; made here, never imported",
    None,
    (
        *columns_of("text", needed=True, ticket_id="the ticket"),
        *columns_of("integer", needed=True, topic="number of the topic that the machine found"),
        *columns_of("text", needed=True, cause="a person's name for it; until then the topic's"),
        *columns_of("number", needed=True, weight="share of the ticket; a ticket's add up to 1"),
        *columns_of("flag", needed=True, is_exit_request="asks to cancel or leave"),
    ),
)

SURVEYS = Table(
    "surveys",
    "one row an invitation, answered or not",
    "survey_id",
    (
        *columns_of("text", needed=True, survey_id="number of the invitation"),
        *columns_of("text", customer_id="who was asked", ticket_id="about what"),
        Column("kind", "text", "the question asked", True, ("csat", "nps", "ces")),
        *columns_of("time", needed=True, offered_at="when asked"),
        *columns_of("time", responded_at="when answered"),
        *columns_of(
            "number",
            score_raw="the answer",
            scale_min="lowest answer possible",
            scale_max="highest answer possible",
        ),
    ),
    rules=(
        ("score_raw is outside its scale", "score_raw NOT BETWEEN scale_min AND scale_max"),
        ("responded_at is before offered_at", "responded_at < offered_at"),
    ),
)

TABLES = {
    table.name: table
    for table in (
        TICKETS,
        TICKET_EVENTS,
        CUSTOMERS,
        CUSTOMER_HISTORY,
        IDENTITIES,
        TICKET_CAUSES,
        SURVEYS,
        *BESIDE,
    )
}
