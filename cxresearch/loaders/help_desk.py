"""How each help desk is read: its module says what its files are, and one reader runs its SQL.

A module is a page of constants; one that is left out says nothing:

    NAME            what pages call it: the study's source
    FORMS           its kinds of files, each with our names for the places of its values (see Form)
    REFUSES         by query, the sentence in which it refuses to read; see below
    VIEWS           SQL that is run first: macros, views and tables for the queries that follow
    TICKETS, TICKET_EVENTS, SURVEYS, ...
                    a query for the canonical table of that name
    PEOPLE          a query for that by which people can be joined to accounts (see identities)
    HISTORY         by query, the columns of tickets that ticket_events then tell (see histories)
    NOTES           by query, a sentence on what this export cannot tell
    ALWAYS          sentences that hold for every export

What is kept by query holds where the query gives a row; gaps in its sentence are filled with the
row's values. What SQL alone cannot do is done by a function prepare(staging), run before VIEWS.

Each form's files lie in a table named as the form: its columns are text, "" is null, and _file and
_row say where a row lies. A form without a file is an empty table; has('form') tells, and
has_column(_file, 'status') whether a row's file has a column: what an export left out is null,
never 0 or false. In a query
  - carry _file and _row along; never lose a row: each row of each file must come out in a row of a
    table, broken or not (a WHERE or an inner join that loses one fails the import);
  - give each form's tickets a _rank (1 API, 2 CSV, 3 made of events): rows of one ticket become
    one, each field from the lowest rank that fills it; a lower rank's null is filled;
  - leave what cannot be read as it is written: conform sets its row aside with the reason; what is
    no ticket at all (a pull request among issues) gets the reason in words as _aside;
  - turn times to UTC (clock in the form, from_utc, from_epoch) and lists of words to JSON (listed);
    what an export cannot tell is null, never 0 or false;
  - a count that is only known to be at least 1 is null, with reopens_at_least_1 in dq_flags;
  - ticket_events hold canonical status words where field = 'status', in order of time;
  - a ticket whose history is known not to be whole (pages that were not fetched, expired changes)
    has a word of histories.PARTIAL in dq_flags: nothing is then counted in it.
"""

from collections.abc import Iterator
from types import ModuleType

from cxresearch.loaders.reading.export import Export
from cxresearch.loaders.reading.staging import Staging
from cxresearch.study.schema import TABLES, InputError


def read(desk: ModuleType, staging: Staging) -> Export:
    """The canonical tables in a help desk's files that have rows, as text, and what it cannot tell.

    Raises InputError if it is one that the help desk's module refuses to read.
    """
    told = vars(desk)
    for sentence in _said(staging, told.get("REFUSES", {})):
        raise InputError(sentence)
    for form in desk.FORMS:
        if form.clock:
            staging.put_into_utc(form)
    if "prepare" in told:
        desk.prepare(staging)
    staging.run(told.get("VIEWS", ""))
    queries = {table: told[table.upper()] for table in TABLES if table.upper() in told}
    tables = {table: staging.sql(query) for table, query in queries.items()}
    history = _holding(staging, told.get("HISTORY", {}))
    return Export(
        {table: rows for table, rows in tables.items() if len(rows)},
        settings={"source": desk.NAME},
        notes=(*_said(staging, told.get("NOTES", {})), *told.get("ALWAYS", ())),
        history=tuple(sorted({column for columns, _ in history for column in columns})),
        people=staging.sql(desk.PEOPLE) if "PEOPLE" in told else None,
    )


def _said(staging: Staging, sentences: dict[str, str]) -> Iterator[str]:
    """The sentences that hold, with the values of their queries."""
    return (sentence.format(*row) for sentence, row in _holding(staging, sentences))


def _holding(staging: Staging, by_query: dict) -> Iterator[tuple]:
    """What is kept under each query that gives a row, and the row."""
    for query, kept in by_query.items():
        for row in staging.run(query)[:1]:
            yield kept, row
