"""Which person in the help desk belongs to which account in billing.

Help desks know people, billing knows accounts. Loaders hand over, as a frame of text with the
columns of PEOPLE, by what each can be found: a row with a requester_id tells of a person, one with
a customer_id of an account, one with neither of the organization that its organization_id names, to
which people belong. A person or an account may have several rows.

    key             one number that both keep: the account's own, which the help desk keeps of a
                    person or an organization; or the help desk's of a person, which billing keeps
    organization    billing keeps the help desk's number or name of the organization
    e-mail          both keep the same address
    domain          the address, or the organization, is at the account's domain

Capitals and spaces around do not count. What names two accounts joins nobody, and a person whom one
way joins to two accounts is joined by the next way; nobody is joined by a domain at which everybody
may have an address.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import pandas as pd

from cxresearch.loaders.people.free_mail import FREE_MAIL
from cxresearch.study.column_types import typed
from cxresearch.study.conform import Conformed
from cxresearch.study.db import connect, frame, put
from cxresearch.study.schema import IDENTITIES, ROUNDED

METHODS = ("key", "organization", "e-mail", "domain")
PEOPLE = ("requester_id", "customer_id", "organization_id", *METHODS)
# The columns whose values may stand for somebody; value_from and value_to of a change of assignee.
WHO = (
    "requester_id", "customer_id", "organization_id", "assignee_id", "group_id", "actor_id",
    "value_from", "value_to", "agent_id", "team",
)  # fmt: skip
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# What may stand between the digits of a phone number, and texts of such that are none: dates, 0.5.
BETWEEN = r"[\s()./\u2010-\u2015-]"
MAY_BE_PHONE = re.compile(rf"\+\d|\d{BETWEEN}+\d|^\D*00\d")
NO_PHONE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d*\.\d+")
AMERICAN = re.compile(r"(1[ .-]?)?(\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}")

# What each person is known by, what their organization is known by among it.
PERSONS = f"""
    CREATE VIEW of_people AS SELECT * FROM people WHERE requester_id IS NOT NULL;
    CREATE VIEW persons AS
    SELECT requester_id, organization_id, key, organization, "e-mail", domain FROM of_people
    UNION ALL
    SELECT person.requester_id, NULL, org.key, org.organization, NULL, org.domain
    FROM of_people AS person JOIN people AS org ON person.organization_id = org.organization_id
    WHERE org.requester_id IS NULL AND org.customer_id IS NULL
      AND NOT regexp_matches(person.organization_id, '{ROUNDED}');
    CREATE VIEW accounts AS SELECT * FROM people WHERE customer_id IS NOT NULL"""
ADDRESSES = """unnest(regexp_extract_all({}, '[^\\s,;<>"]+@[^\\s,;<>"]+'))"""
AT = f"split_part({ADDRESSES}, '@', 2)"
DOMAINS = """regexp_replace(unnest(string_split_regex({}, '[,;\\s]+')),
    '^(\\w+://)?(www\\.|@)?|[/:?#].*$', '', 'g')"""
# The help desk's own numbers are compared only with numbers that billing keeps for it: that a
# person and an account both have the number 501 means nothing.
OF_PERSONS = ("persons", "requester_id", {
    "key": ["key", "'person ' || requester_id"],
    "organization": ["organization_id", "organization"],
    "e-mail": [ADDRESSES.format('"e-mail"'), ADDRESSES.format("requester_id")],
    "domain": [DOMAINS.format("domain"), AT.format('"e-mail"'), AT.format("requester_id")],
})  # fmt: skip
OF_ACCOUNTS = ("accounts", "customer_id", {
    "key": ["key", "CASE WHEN key <> customer_id THEN 'person ' || key END"],
    "organization": ["organization"],
    "e-mail": [ADDRESSES.format('"e-mail"')],
    "domain": [DOMAINS.format("domain"), AT.format('"e-mail"')],
})  # fmt: skip
JOIN = """
    WITH person AS ({persons}), account AS ({accounts}),
    told AS (SELECT method, value, min(who) AS customer_id FROM account
             WHERE value <> '' AND NOT regexp_matches(value, $3)
               AND NOT (method = 'domain' AND regexp_matches(value, $2))
             GROUP BY method, value HAVING count(DISTINCT who) = 1),
    found AS (SELECT who AS requester_id, method, min(customer_id) AS customer_id,
                     list_position($1, method) AS place
              FROM person JOIN told USING (method, value) WHERE list_contains($1, method)
              GROUP BY who, method HAVING count(DISTINCT customer_id) = 1)
    SELECT requester_id, arg_min(customer_id, place) AS customer_id,
           arg_min(method, place) AS method
    FROM found GROUP BY requester_id ORDER BY requester_id"""


def joined(
    conformed: Conformed, people: pd.DataFrame | None, order: Sequence[str] = METHODS
) -> tuple[Conformed, tuple[str, ...]]:
    """With the identities of all who could be joined to an account, and a sentence on how many.

    Without customers, or anything by which they could be found, nothing is joined. Whom a file of
    identities knows already stays as it says. A survey whose customer_id is an address belongs to
    the account that the address joins.
    """
    if not (can_be_found(people) and "customers" in conformed.tables):
        return conformed, ()
    people = people.reindex(columns=list(PEOPLE)).astype("str")
    phones = _phones([*conformed.tables.values(), people])
    tables = {name: _hashed_in(rows, WHO, phones) for name, rows in conformed.tables.items()}
    people = _hashed_in(people, (*WHO, "key"), phones)
    known = people["customer_id"].isin(tables["customers"]["customer_id"])
    people = people[known | people["customer_id"].isna()]
    wrote = tables["tickets"] if "tickets" in tables else people
    wrote = wrote[["requester_id", "organization_id"]].dropna(subset="requester_id")
    told = people.dropna(subset=["requester_id", "organization_id"])["requester_id"]
    others = wrote[~wrote["requester_id"].isin(told)].drop_duplicates()
    asked = _addressed(tables.get("surveys"))
    pairs = join_people(
        pd.concat([people, others, pd.DataFrame({"requester_id": asked})], ignore_index=True), order
    )
    ours = pairs["requester_id"].isin([*people["requester_id"].dropna(), *wrote["requester_id"]])
    identities = _beside(tables.get("identities"), pairs[ours])
    new = {"identities": identities}
    if len(asked):
        surveys = tables["surveys"]
        account = surveys["customer_id"].map(pairs.set_index("requester_id")["customer_id"])
        new["surveys"] = surveys.assign(customer_id=account.fillna(surveys["customer_id"]))
    return replace(conformed, tables=tables | new), (_said(identities, wrote["requester_id"]),)


def can_be_found(people: pd.DataFrame | None) -> bool:
    """Is anything told by which people could be joined to an account?"""
    if people is None or "customer_id" not in people:
        return False
    accounts = people[people["customer_id"].notna()].reindex(columns=list(METHODS))
    return bool(accounts.notna().any(axis=None))


class MarkedError(Exception):
    """A number has the marks of a phone number, though it was said that none has."""


def without_addresses(
    tables: dict[str, pd.DataFrame], marked: bool | None = None
) -> dict[str, pd.DataFrame]:
    """The tables with a hash in place of each e-mail address, and each phone number, that stands
    for a person or account.

    The same address gives the same hash, and so does the same number however it is grouped, so
    what belongs together still does; a hash hides an address from readers, not from somebody who
    knows it and wants to find it. A number without marks of a phone (+49, 00 49, 030/12 34) is
    taken for an id, unless a number has them here or, of tables in parts, anywhere (marked). Raises
    MarkedError if that is wrong.
    """
    phones = _phones(tables.values(), marked)
    return {
        name: _hashed_in(_hashed_in(rows, WHO, phones), WHO, _addresses)
        for name, rows in tables.items()
    }


def hashed(words: pd.Series) -> pd.Series:
    """Words as tables hold them: a hash in the place of an address."""
    return without_addresses({"": words.to_frame("requester_id")})[""]["requester_id"]


def join_people(people: pd.DataFrame, order: Sequence[str] = METHODS) -> pd.DataFrame:
    """People who belong to an account: requester_id, customer_id, and the first method in the order
    that tells it."""
    with connect() as db:
        put(db, "people", people.reindex(columns=list(PEOPLE)).astype("str"))
        db.execute(PERSONS)
        query = JOIN.format(persons=_facts(*OF_PERSONS), accounts=_facts(*OF_ACCOUNTS))
        return frame(db.sql(query, params=[list(order), FREE_MAIL, ROUNDED]))


def _facts(view: str, who: str, facts: dict[str, list[str]]) -> str:
    return " UNION ALL ".join(
        f"SELECT {who} AS who, '{method}' AS method, lower(trim({value})) AS value FROM {view}"
        for method, values in facts.items()
        for value in values
    )


def _addressed(surveys: pd.DataFrame | None) -> pd.Series:
    """The e-mail addresses that stand for customers in surveys."""
    who = pd.Series(dtype="str") if surveys is None else surveys["customer_id"].dropna()
    return who[who.str.strip().str.fullmatch(ADDRESS)].drop_duplicates()


def _beside(given: pd.DataFrame | None, pairs: pd.DataFrame) -> pd.DataFrame:
    if given is None:
        return typed(IDENTITIES, pairs)
    new = pairs[~pairs["requester_id"].isin(given["requester_id"])]
    return typed(IDENTITIES, pd.concat([given, new], ignore_index=True))


def _said(identities: pd.DataFrame, wrote: pd.Series) -> str:
    who = identities[identities["requester_id"].isin(wrote)].drop_duplicates("requester_id")
    ways = who["method"].fillna("a file of identities").value_counts()
    by = ", ".join(f"{n:,} by {way}" for way, n in ways.items())
    return (
        f"{len(who):,} of {wrote.nunique():,} people who wrote were joined to an account"
        f"{': ' + by if by else ''}."
    )


def _hashed_in(rows: pd.DataFrame, columns: Iterable[str], found: Callable) -> pd.DataFrame:
    """The rows with hashes in place of what is found in these columns; found gives, of each value
    as it is written, its kind and the text to hash."""
    new = {}
    for name in (name for name in columns if name in rows):
        hashes = {
            written: f"{kind}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
            for written, kind, text in found(rows[name])
        }
        if hashes:
            new[name] = rows[name].map(hashes).fillna(rows[name]).astype(rows[name].dtype)
    return rows.assign(**new)


def _addresses(values: pd.Series) -> Iterator[tuple[str, str, str]]:
    for written in values[values.str.contains("@", regex=False, na=False)].unique():
        if ADDRESS.fullmatch(written.strip()):
            yield written, "e-mail", written.strip().lower()


def _phones(frames: Iterable[pd.DataFrame], marked: bool | None = None) -> Callable:
    """What finds phone numbers in a column. One of digits alone, as 0049301234567, may be an id: it
    is a phone where any of the frames holds a number with the marks of one, or marked."""
    who = [rows[name] for rows in frames for name in (*WHO, "key") if name in rows]
    written = {text for values in who for text in values.dropna().unique().tolist()}
    numbers = {t: number for t in written if MAY_BE_PHONE.search(t) and (number := _phone(t))}
    if all(text.isdecimal() for text in numbers):
        numbers = numbers if marked else {}
    elif marked is False:
        raise MarkedError
    return lambda values: (
        (t, "phone", numbers[t]) for t in (values.unique() if numbers else ()) if t in numbers
    )


def _phone(written: str) -> str:
    """A phone number as +49301234567, or its digits where its country is not told; else ""."""
    text = unicodedata.normalize("NFKC", written).strip().lower()
    text = re.sub(r"^(tel|phone|sms|whatsapp):\s*", "", text)
    text, _, extension = re.sub(r"\s*(;ext=|extension|ext\.?|x)\s*(?=\d+$)", "x", text).partition(
        "x"
    )
    text = re.sub(r"^(\+|00)(.*?)\(0\)", r"\1\2", text)
    if not re.fullmatch(rf"\+?(\d|{BETWEEN})+", text) or NO_PHONE.fullmatch(text):
        return ""
    digits = re.sub(r"\D", "", text)
    if text.startswith("+"):
        number = f"+{digits}"
    elif re.match(r"00[1-9]\d{8}", digits):
        number = f"+{digits[2:]}"
    elif AMERICAN.fullmatch(text):
        number = f"+{digits}" if len(digits) == 11 else digits
    else:
        number = digits if digits != text and digits.startswith("0") else ""
    return f"{number}x{extension}" * (7 <= len(number) <= 16)
