"""A cut: which customers or tickets of a study some conditions choose, and what that means."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study.nearest import nearest
from cxresearch.study.schema import InputError

if TYPE_CHECKING:
    from cxresearch.study.study import Study

Conditions = dict[str, list]


@dataclass(frozen=True)
class Cut:
    """The study that a part was cut from, what was asked for, and a sentence that says it."""

    whole: "Study"
    asked: Conditions
    says: str


@dataclass(frozen=True)
class Part:
    """The tables of a part of a study, what the cut means in a sentence, and the part's name."""

    tables: dict[str, pd.DataFrame]
    says: str
    name: str


def conditions(asked: dict, before: Conditions) -> Conditions:
    """What is asked for as a list of values a column, together with what was asked before."""
    if not asked:
        raise InputError("where() wants a condition, such as where(segment='large').")
    by_column = dict(before)
    for column, wanted in asked.items():
        values = list(wanted) if pd.api.types.is_list_like(wanted) else [wanted]
        if not values or pd.isna(values).any():
            raise InputError(
                f"where({column}=...) wants a value or a list of values, none of them empty: what "
                "is not known belongs to no part."
            )
        if not all(pd.api.types.is_scalar(value) for value in values):
            raise InputError(f"where({column}=...) wants plain values, not {wanted!r}.")
        by_column[column] = [v for v in values if v in before.get(column, values)]
        if not by_column[column]:
            raise InputError(
                f"The part was chosen by {column} = {', '.join(map(str, before[column]))}, so "
                f"nothing in it has {wanted!r}."
            )
    return by_column


def by_table(asked: Conditions, frames: dict[str, pd.DataFrame]) -> dict[str, Conditions]:
    """The conditions by the table that has the column. Raises InputError if none has it, or two."""
    by_name = {name: {} for name in frames}
    for column, values in asked.items():
        held = [name for name, frame in frames.items() if column in frame]
        if len(held) != 1:
            raise InputError(_which(column, held, frames))
        by_name[held[0]][column] = values
    return by_name


def _which(column: str, held: list[str], frames: dict[str, pd.DataFrame]) -> str:
    if held:
        return (
            f"'{column}' is a column of {' and of '.join(held)}: rename one of them, so that it is "
            "clear what to cut by."
        )
    known = [str(name) for frame in frames.values() for name in frame]
    return (
        f"A study is cut by a column of its {' or '.join(frames)}, and none of these is called "
        f"'{column}'{nearest(column, known) or '.'} Columns: {', '.join(known)}."
    )


def part(
    asked: Conditions, tables: dict[str, pd.DataFrame], accounts: pd.Series, name: str
) -> Part:
    """The rows that meet all conditions, in all tables; accounts says whose each ticket is.

    Raises InputError for a column or a value that is not there, or if nothing is left.
    """
    cut_by = [t for t in ("customers", "tickets") if t in tables]
    asked_of = by_table(asked, {t: tables[t] for t in cut_by})
    met = {t: chosen(tables[t], asked_of[t], t) for t in cut_by}
    customers = None
    if asked_of.get("customers"):
        customers = set(tables["customers"].loc[met["customers"], "customer_id"])
        met["tickets"] &= accounts.isin(customers)
    if not all(rows.any() for rows in met.values()):
        raise InputError(f"No ticket is left where {in_words(asked)}: ask for less at once.")
    tickets = set(tables["tickets"].loc[met["tickets"], "ticket_id"])
    says = sentence(asked_of, met, _outside(asked_of, tables, accounts), name)
    return Part(kept(tables, customers, tickets), says, f"{name}, where {in_words(asked)}")


def chosen(frame: pd.DataFrame, asked: Conditions, what: str) -> pd.Series:
    """Which rows of a table meet all conditions; a list of words meets one if it holds the word.

    What is null meets none. Raises InputError for a value that no row has.
    """
    met = pd.Series(True, index=frame.index)
    for column, wanted in asked.items():
        values = frame[column]
        for value in wanted:
            if not _meets(values, [value]).any():
                like = nearest(value, values.explode().dropna().unique()) or "."
                raise InputError(f"No row of {what} has {value!r} as its {column}{like}")
        met &= _meets(values, wanted)
    return met


def _meets(values: pd.Series, wanted: list) -> pd.Series:
    if values.dtype == object and values.map(pd.api.types.is_list_like).any():
        held = [set(v) if pd.api.types.is_list_like(v) else set() for v in values]
        return pd.Series([not words.isdisjoint(wanted) for words in held], index=values.index)
    return values.isin(wanted).fillna(False).astype(bool)


def kept(
    tables: dict[str, pd.DataFrame], customers: set | None, tickets: set
) -> dict[str, pd.DataFrame]:
    """All tables with the rows of these customers (None: of all) and of these tickets only.

    A survey or a bot's session about a ticket goes with it, one about none with its customer.
    """
    remaining = {}
    for name, frame in tables.items():
        met = pd.Series(True, index=frame.index)
        if "customer_id" in frame and customers is not None:
            met &= _named(frame, tables).isin(customers)
        if "ticket_id" in frame:
            about = frame["ticket_id"].isin(tickets)
            alone = met & frame["ticket_id"].isna()
            met = about | alone if name in ("surveys", "bot_sessions") else about
        remaining[name] = frame[met].reset_index(drop=True)
    return remaining


def _named(frame: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.Series:
    """The customer of each row, by the person where only that is named."""
    if "requester_id" not in frame:
        return frame["customer_id"]
    links = tables.get("identities", frame.head(0)).drop_duplicates("requester_id", keep="last")
    people = links.set_index("requester_id")["customer_id"]
    return frame["customer_id"].fillna(frame["requester_id"].map(people))


def in_words(asked: Conditions) -> str:
    """The conditions as words: segment is large or small, and product is Sync."""
    return ", and ".join(
        f"{column} is {' or '.join(map(str, values))}" for column, values in asked.items()
    )


def sentence(
    asked: dict[str, Conditions], met: dict[str, pd.Series], outside: list[str], name: str
) -> str:
    """What a cut means, in one sentence. Its values are texts of the study: it is no markup."""
    told = {t: f"{rows.sum():,} of {len(rows):,}" for t, rows in met.items()}
    customers, tickets = asked.get("customers"), asked.get("tickets")
    says = f"This is a part of {name}: "
    if customers:
        says += f"customers whose {in_words(customers)} ({told['customers']}), with "
    if tickets:
        says += f"tickets whose {in_words(tickets)} ({told['tickets']}); other tickets of a "
        says += "customer still count as other issues"
    else:
        says += f"all their tickets ({told['tickets']})"
    return says + (f"; outside are {', '.join(outside)}" if outside else "") + "."


def _outside(asked: dict[str, Conditions], tables, accounts: pd.Series) -> list[str]:
    """What belongs to no part, because a column is null or a ticket is nobody's."""
    unknown = {
        f"{table} whose {column} is unknown": int(tables[table][column].isna().sum())
        for table, columns in asked.items()
        for column in columns
    }
    if asked.get("customers"):
        unknown["tickets of no known customer"] = int(accounts.isna().sum())
    return [f"{count:,} {what}" for what, count in unknown.items() if count]
