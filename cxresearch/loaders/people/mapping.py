"""The TOML file that describes tables of a foreign layout (see mapped), read and checked.

    source = "Our desk"            # what pages call it
    time_zone = "Europe/Madrid"    # of times that are written without one
    date_order = "day"             # what dates begin with, if they do not begin with the year
    times = "local"                # or utc, epoch, offset, or a form such as "%d.%m.%Y %H:%M"
    missing = ["?", "NULL"]        # words that stand for nothing
    outcome = "return"             # or churn; what is asked of the study, if both can be seen
    customers_from = "2024-01-01T00:00:00Z"   # if billing forgot who left before
    match = ["key", "organization", "e-mail", "domain"]   # what joins people to accounts, in order

    [tickets]                      # a canonical table; [[tickets]] if several files tell it
    file = "tickets*.csv"          # only if its columns alone do not tell the file
    row = "ticket"                 # or change, message: what one row is
    header_rows = 1                # rows of header; names stand in the first
    needs = ["ticket_id"]          # columns that a file must have, if it may lack others
    optional = false               # true if there may be no such file
    columns = {ticket_id = "Case no.", created_at = "Opened", first_reply_at = "FRT (min)"}
    fixed = {created_channel = "email"}            # one value for all rows
    words.status = {Offen = "open", Erledigt = "solved"}
    missing.first_reply_at = ["0"]                 # words for nothing in this column only
    times.closed_at = "epoch"                      # of this column; times = "utc" of the section
    durations.first_reply_at = "minutes"           # the column says how long after created_at
    split.tags = ","                               # what stands between words of a list

    [customers]
    columns = {customer_id = "Account", started_at = "Since", e-mail = "Contact", mrr = "MRR"}
    fixed = {observed_until = "2026-07-01T00:00:00Z"}
    as_of_start = ["mrr"]          # columns that hold what was known at the start, not today

    [surveys]                      # the score of each ticket lies in the tickets' own file
    file = "tickets*.csv"
    columns = {survey_id = "Case no.", ticket_id = "Case no.", offered_at = "End", score_raw = "CS"}
    fixed = {kind = "csat", scale_min = 1, scale_max = 5}

Files. CSV, Excel, Parquet and JSON (a list, lines, or a list under a key) are read, in folders and
.zip. A file tells the section whose columns it has, and of several the one that names most. Where
sections of two tables name it under file, it tells both.

Columns. On the left stands our name (docs/tables.md lists them), on the right the file's. Capitals
do not count. The second column called Category is "Category_2", "Label[]" is all that are called
Label, and "*recommend*" the only one that fits it. A field inside a JSON record is "user.name", the
first of a list "comments[0].body", and "labels[].name" a list of all of them.

Values. First missing, then words, then reading; a word that is mapped to "" is nothing, and words
may say what "" stands for. Yes is 1, yes, y, true or t, no is 0, no, n, false or f. Times that all
carry Z or an offset need no zone. Durations are days, hours, minutes, seconds or milliseconds, or
written h:mm:ss, h:mm, m:ss or iso (PT1H30M, 1h 30m), which is always read. They are counted from
created_at of tickets, offered_at of surveys, started_at of customers, bot_sessions and incidents.
Lists are JSON or Python lists or text: what stands between words is a comma, semicolon or |, where
the column holds any, and else a space. Numbers that a spreadsheet wrote as 501.0 or 5.01E+02 are
501; by one whose digits were lost (5.01E+17) nobody is joined.

Rows. In tickets a row may be the ticket after a change, or a message. Both name event_at and may
name actor_id, actor_role, and order, which tells which of two at one moment was first; created_at
is the time of the ticket's first row unless a column tells it. Of changes the ticket is as the last
says. A message may also name event_id, is_public and body; the first opens the ticket, later ones
are replies, or notes where is_public is no. Without actor_role, who is not the requester is an
agent. In ticket_events a row is an event in our words or, with row = "message", a message; one that
is not later than created_at of its ticket opens it.

Surveys. A row is an invitation; without a score it has no answer, and an answer without a time came
when it was asked. Tickets that name satisfaction_raw and fix scale_min and scale_max tell surveys
too: who answered, and who did not though the ticket was solved. For survey tools there are ready
files in cxresearch/loaders/mappings/surveys: copy the section of one beside [tickets], whose files
and the survey tool's then lie in one folder.

Beside tickets. Reviews, bot_sessions, articles, article_views and incidents are told like any
table, a row a row; aside sets those aside that are none, by a place in the file: aside.draft =
["true"]. HTML in the body of articles becomes text. A review or a view without a number gets one of
what it says. For 14 vendors there are ready files in cxresearch/loaders/mappings/voices, whose
names 'import' knows: they make a study of reviews alone, and add the others to one that has
tickets.

People. Tickets, customers, reviews, bot_sessions and article_views may name those by which people
are joined to accounts: key, organization, e-mail, domain (see identities); key may be the column of
customer_id, if the help desk keeps that number. [people] are files of people only: a row has one of
these, and the requester_id or the customer_id it belongs to.

Billing. In customers a row may be a subscription, an invoice (a paid period from started_at to
ended_at, or for billing_period), a deal that was won, or an account; in any order, a customer's
life is the union of the rows (see subscriptions). A row may name its subscription_id; its state
(paying, ended, unpaid or never, with words for the system's own); trial_ends_at; plan; mrr, or
amount, quantity and interval_count (of billing_periods); with cents = true, amounts in hundredths;
activity; and seen_at, a day on which it was true, which tells observed_until if nothing else does.
Plan, mrr and activity become customer_history: of an account from the start on if they are
as_of_start, and else from observed_until, the day on which they were true. Ready files lie in
cxresearch/loaders/mappings/billing: use one with --billing, or copy it.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from cxresearch.loaders.people import subscriptions
from cxresearch.loaders.people.identities import METHODS, PEOPLE
from cxresearch.loaders.people.mapping_keys import (
    KEYS,
    MADE_OF,
    MORE,
    OF_ROW,
    ROWS,
    TOP,
    check_clocks,
    check_told,
    check_values,
    check_words,
    read_keys,
)
from cxresearch.loaders.reading.declared import ORDERS
from cxresearch.study.nearest import nearest, refuse_unknown
from cxresearch.study.schema import SURVEYS, TABLES, TICKET_EVENTS, Column, InputError
from cxresearch.study.toml_text import read_toml

# Where ready mappings of billing systems lie.
BILLING = Path(__file__).parents[1] / "mappings" / "billing"


@dataclass(frozen=True)
class Section:
    """How one kind of file tells rows of a canonical table, or of people."""

    table: str
    columns: dict[str, str]
    name: str = ""
    file: str = "*"
    row: str = ""
    header_rows: int = 1
    needs: tuple[str, ...] | None = None
    optional: bool = False
    fixed: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)
    durations: dict[str, str] = field(default_factory=dict)
    split: dict[str, str] = field(default_factory=dict)
    aside: dict[str, tuple[str, ...]] = field(default_factory=dict)
    as_of_start: tuple[str, ...] | None = None
    cents: bool = False
    unasked: bool = False

    @property
    def needed(self) -> tuple[str, ...]:
        """The places that a file must have to be read for this section."""
        names = self.columns if self.needs is None else self.needs
        return tuple(dict.fromkeys(self.columns[name] for name in names))

    def among(self, names) -> list[str]:
        """Those of these names that the section tells, mapped or fixed."""
        told = (*self.columns, *self.fixed)
        return [name for name in names if name in told]

    def column(self, name: str) -> Column:
        """What the schema says of a column that the section may name: its kind and closed words."""
        tables = [TABLES[self.table]] if self.table in TABLES else []
        tables += [TICKET_EVENTS, SURVEYS] if self.table == "tickets" else []
        tables += [subscriptions.ROW] if self.table == "customers" else []
        known = (c for table in tables for c in table.columns if c.name == name)
        return next(known, Column(name, "text", ""))

    @property
    def made(self) -> list[str]:
        """Columns that are made of others, where the mapping does not name them."""
        made = ["status_raw"] if "status" in self.columns else []
        made += ["dq_flags"] if self.table == "tickets" else []
        made += ["created_at"] if self.table == "tickets" and self.row in OF_ROW else []
        answered = "responded_at" in self.columns and "responded_at" not in self.durations
        made += ["offered_at"] if self.table == "surveys" and answered else []
        made += ["event_id"] if self.table == "ticket_events" else []
        made += ["event_type"] if self.table == "ticket_events" and self.row in OF_ROW else []
        made += [MADE_OF[self.table][0]] if self.table in MADE_OF else []
        return [name for name in made if not self.among([name])]


@dataclass(frozen=True)
class Mapping:
    """A mapping file: its sections, and what holds for all of them."""

    sections: tuple[Section, ...]
    source: str = "mapped tables"
    time_zone: str | None = None
    date_order: str | None = None
    times: str = "local"
    missing: tuple[str, ...] = ()
    outcome: str | None = None
    customers_from: str | None = None
    match: tuple[str, ...] = METHODS

    def clock(self, section: Section, name: str) -> str:
        """How a column's times are written: a word of CLOCKS, or a strptime form."""
        return section.times.get(name, section.times.get("*", self.times))


def read_mapping(file: str | Path | None) -> Mapping:
    """The mapping in a TOML file. Raises InputError naming the file, the key and what to do."""
    if file is None:
        raise InputError("A mapping file says what each column is: name it, --mapping FILE.toml.")
    written = read_toml(file)
    refuse_unknown(file, written, (*TOP, *TABLES, "people"), "key")
    tables = {key: written.pop(key) for key in list(written) if key in TABLES or key == "people"}
    if not tables:
        raise InputError(f"{file} describes no table; these can be: {', '.join(TABLES)}.")
    top = read_keys(file, written, TOP)
    check_words(file, "match", top.get("match", ()), METHODS)
    check_words(file, "outcome", [top.get("outcome", "churn")], ("churn", "return"))
    check_words(file, "date_order", [top.get("date_order", "day")], ORDERS)
    check_clocks(file, {"times": top.get("times", "local")})
    sections = [
        _section(f"{file} [{table}]", table, number, part)
        for table, held in tables.items()
        for number, part in enumerate(held if isinstance(held, list) else [held], 1)
    ]
    if Path(file).parent == BILLING:  # it may be read beside another mapping
        sections = [replace(s, name=f"billing_{s.name}") for s in sections]
    return Mapping(tuple(sections), **top)


def _section(where: str, table: str, number: int, part: object) -> Section:
    if not isinstance(part, dict):
        raise InputError(f"{where} is {part!r}; it must be a table with columns.")
    held = {"columns": {}} | read_keys(where, part, KEYS)
    kinds = ROWS.get(table, ("",))
    section = Section(**{"row": kinds[0]} | held, table=table, name=f"{table}_{number}")
    check_words(where, "row", [section.row], kinds)
    known = (*TABLES[table].names, *MORE.get(table, ())) if table in TABLES else PEOPLE
    known = tuple(dict.fromkeys((*known, *OF_ROW.get(section.row, ()))))
    for key in ("columns", "fixed", "words", "missing", "times", "durations", "split"):
        for name in getattr(section, key):
            if name not in (*known, *(["*"] if key == "times" else [])):
                raise InputError(
                    f"{where}: table {table} has no column '{name}'"
                    f"{nearest(name, known) or '.'} Its columns are {', '.join(known)}."
                )
    check_values(where, section)
    if section.as_of_start is not None:
        own = [name for name in section.columns if name not in METHODS]
        check_words(where, "as_of_start", section.as_of_start, own)
    check_words(where, "needs", section.needs or (), section.columns)
    check_told(where, section)
    places = {f"_aside_{n}": place for n, place in enumerate(section.aside)}
    section = replace(section, columns=section.columns | places)
    return subscriptions.asked(_opened(section))


def _opened(section: Section) -> Section:
    """A ticket that is created at its rows' own time is created at that of its first row."""
    created, at = (section.columns.get(name, "").casefold() for name in ("created_at", "event_at"))
    if section.row not in OF_ROW or created != at:
        return section
    others = {name: place for name, place in section.columns.items() if name != "created_at"}
    return replace(section, columns=others)
