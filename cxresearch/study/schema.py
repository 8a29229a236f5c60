"""The canonical tables: columns, types and rules, and what is wrong with a row, in words.

Names follow the dbt Zendesk package where it has one. A count that an export cannot tell is null,
never 0. Times are UTC.
"""

from dataclasses import dataclass

from cxresearch.study.visible import visible


class InputError(ValueError):
    """What was given cannot be used; the message says what is wrong, where, and what to do."""

    def __str__(self) -> str:
        """The message, in which nothing hides."""
        return visible(super().__str__())


@dataclass(frozen=True)
class Column:
    """A column of a canonical table.

    kind is one of text, time, integer, number, flag (true, false or null) and list (of words);
    words are the only values allowed, if any are named.
    """

    name: str
    kind: str
    says: str
    needed: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A canonical table; rules and flags are pairs of a sentence (or word) and the SQL that is true
    for a row that breaks it. A row that breaks a rule is set aside, a flagged row is kept."""

    name: str
    says: str
    key: str | None
    columns: tuple[Column, ...]
    rules: tuple[tuple[str, str], ...] = ()
    flags: tuple[tuple[str, str], ...] = ()
    newest_by: str | None = None
    belongs_to: tuple[str, str] | None = None

    @property
    def names(self) -> list[str]:
        """The table's column names, in order."""
        return [column.name for column in self.columns]


STATUS = ("new", "open", "pending", "hold", "solved", "closed", "deleted", "unknown")
UNSOLVED = STATUS[:4]  # somebody still works on it, or waits
# What an event may be; a loader may keep a word of its help desk's for others.
EVENT_TYPES = (
    "created", "reply", "note", "status", "assignment", "change", "update", "merge", "spam",
    "escalation", "sla",
)  # fmt: skip


# A number of which a spreadsheet kept too few digits, as text.
ROUNDED = "^[0-9]([.,][0-9]+)?[eE][+][0-9]+$"


def _whole(name: str) -> tuple[str, str]:
    says = f"{name} was rounded by Excel and cannot be mended: export it without Excel"
    return says, f"regexp_matches({name}, '{ROUNDED}')"


def _columns(kind: str, needed: bool = False, **says: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind, text, needed) for name, text in says.items())


TICKETS = Table(
    "tickets",
    "one row a ticket, as it stood when it was exported",
    "ticket_id",
    (
        *_columns("text", needed=True, ticket_id="the help desk's own number, as text"),
        *_columns("time", needed=True, created_at="when the customer wrote"),
        *_columns("time", updated_at="when the row last changed"),
        *_columns(
            "text",
            subject="the first line",
            description="the first message",
            language="locale or language tag of the text",
        ),
        *_columns("list", tags="words that people or machines put on it"),
        Column("status", "text", "state at export; unknown where it cannot be told", True, STATUS),
        *_columns(
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
        *_columns(
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
        *_columns(
            "integer",
            count_reopens="times reopened",
            total_agent_replies="public answers",
            assignee_changes="times handed to another agent",
            group_changes="times handed to another group",
        ),
        *_columns(
            "flag",
            is_escalated="escalated, by the study's rule",
            is_merged="merged into another ticket",
        ),
        *_columns(
            "text",
            merged_into_ticket_id="the ticket that survived the merge",
            follow_up_of_ticket_id="the closed ticket that it continues",
        ),
        *_columns(
            "flag",
            is_spam="not a customer's message",
            is_deleted="deleted in the help desk",
            is_agent_created="written by an agent for the customer",
        ),
        *_columns("text", satisfaction_raw="the help desk's own satisfaction word"),
        *_columns("list", dq_flags="what is odd about the row"),
    ),
    rules=(
        ("created_at lies in the future of the export", "updated_at < created_at - INTERVAL 1 DAY"),
        ("created_at is before 1990", "created_at < TIMESTAMPTZ '1990-01-01 00:00:00+00'"),
        _whole("ticket_id"),
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
        *_columns("text", needed=True, event_id="number of the event", ticket_id="its ticket"),
        *_columns("time", needed=True, event_at="when"),
        *_columns("text", needed=True, event_type=", ".join(EVENT_TYPES)),
        *_columns("text", actor_id="who did it"),
        Column("actor_role", "text", "their part", False, ("customer", "agent", "bot", "system")),
        *_columns("text", field="what changed", value_from="from", value_to="to"),
        *_columns("flag", is_public="seen by the customer"),
        *_columns("text", body="what was written, where the export has it"),
    ),
    belongs_to=("tickets", "ticket_id"),
)

CUSTOMERS = Table(
    "customers",
    "one row an account that pays, from billing or CRM",
    "customer_id",
    (
        *_columns("text", needed=True, customer_id="billing's own number, as text"),
        *_columns("time", needed=True, started_at="first day as a customer"),
        *_columns(
            "time",
            notice_at="when the decision to leave was said",
            ended_at="last day as a customer; null = still one when last seen",
        ),
        Column("end_kind", "text", "why it ended", False, ("voluntary", "involuntary", "unknown")),
        Column("billing_period", "text", "how often it renews", False, ("month", "year", "other")),
        *_columns("time", renewal_at="next renewal"),
        *_columns("time", needed=True, observed_until="until when this row can be trusted"),
        *_columns("text", segment="plan, size or kind of customer", currency="of its revenue"),
    ),
    rules=(
        ("ended_at is before started_at", "ended_at < started_at"),
        ("notice_at is before started_at", "notice_at < started_at"),
        ("started_at is after observed_until", "started_at > observed_until"),
        _whole("customer_id"),
    ),
)

CUSTOMER_HISTORY = Table(
    "customer_history",
    "what a customer's plan, MRR and activity were, and from when",
    None,
    (
        *_columns("text", needed=True, customer_id="the account"),
        *_columns("time", needed=True, valid_from="from when"),
        *_columns("text", needed=True, field="plan, mrr or activity", value="the value, as text"),
    ),
    belongs_to=("customers", "customer_id"),
)

IDENTITIES = Table(
    "identities",
    "which person in the help desk belongs to which account in billing",
    None,
    (
        *_columns("text", needed=True, requester_id="the person", customer_id="the account"),
        *_columns("time", valid_from="from when", valid_to="until when"),
        Column("method", "text", "how matched", False, ("key", "organization", "e-mail", "domain")),
    ),
    rules=(_whole("requester_id"), _whole("customer_id")),
)

TICKET_CAUSES = Table(
    "ticket_causes",
    "what each ticket is about; made here, never imported",
    None,
    (
        *_columns("text", needed=True, ticket_id="the ticket"),
        *_columns("integer", needed=True, topic="number of the topic that the machine found"),
        *_columns("text", needed=True, cause="a person's name for it; until then the topic's"),
        *_columns("number", needed=True, weight="share of the ticket; a ticket's add up to 1"),
        *_columns("flag", needed=True, is_exit_request="asks to cancel or leave"),
    ),
)

SURVEYS = Table(
    "surveys",
    "one row an invitation, answered or not",
    "survey_id",
    (
        *_columns("text", needed=True, survey_id="number of the invitation"),
        *_columns("text", customer_id="who was asked", ticket_id="about what"),
        Column("kind", "text", "the question asked", True, ("csat", "nps", "ces")),
        *_columns("time", needed=True, offered_at="when asked"),
        *_columns("time", responded_at="when answered"),
        *_columns(
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
    )
}
