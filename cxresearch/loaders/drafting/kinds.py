"""What a row of a file is: a ticket, a change, a message, a survey's answer, an account, …"""

from dataclasses import dataclass, field
from pathlib import Path

from cxresearch.loaders.drafting.guesses import Guess, data, guesses, words_of
from cxresearch.loaders.drafting.sights import Column, Sight

LIFE = {"started_at", "ended_at", "notice_at", "renewal_at", "mrr", "plan", "billing_period"}
DESK = {"subject", "priority", "assignee_id", "description"}
TICKET = {"ticket_id", "created_at", "status", "requester_id", *DESK}


@dataclass(frozen=True)
class Kind:
    """What a row is, why, and what speaks against it; the tables of a mapping and of names.toml,
    the mapping's word for the row, and what holds for all rows."""

    name: str
    table: str = "tickets"
    names: str = "tickets"
    row: str = ""
    fixed: dict[str, str] = field(default_factory=dict)
    why: str = ""
    doubt: str = ""

    @property
    def repeats(self) -> bool:
        """Does a number of a row's own thing stand in several rows?"""
        return self.row in ("change", "subscription")


def kind_of(sight: Sight, billing: bool = False) -> Kind | None:
    """What the rows of files are; None if they are nothing that is known."""
    if sight.headless:
        return None
    signs, desk = _signs(sight), _sure(guesses("tickets", sight))
    life = _sure(guesses("customers", sight)) & LIFE
    if billing or (len(life) >= 2 and not desk & DESK):
        doubt = "" if life else "no column tells when a customer started or left"
        return _customers(sight, signs, f"it has {', '.join(sorted(life))}", doubt)
    scored = any(guess.ours == "score_raw" for guess in guesses("surveys", sight))
    if scored and signs["survey"] and not desk & {"status", "priority", "subject"}:
        return Kind("survey answer", "surveys", "surveys", why="a score and words of surveys")
    if "satisfaction_raw" in desk and signs["review"] >= 2 and "status" not in desk:
        return Kind("review", fixed={"created_channel": "web"}, why="a rating and words of reviews")
    if signs["call"] >= 3 and not desk & {"subject", "description"}:
        return Kind("call", fixed={"created_channel": "phone"}, why="words of telephone calls")
    number = next((g for g in guesses("tickets", sight, True) if g.ours == "ticket_id"), None)
    if number is not None and number.column.filled > 1.05 * number.column.distinct:
        return _of_one_ticket(sight, signs, number)
    return Kind("ticket") if len(desk & TICKET) >= 2 else None


def _customers(sight: Sight, signs: dict[str, int], why: str, doubt: str) -> Kind:
    account = next((g for g in guesses("customers", sight, True) if g.ours == "customer_id"), None)
    several = account is not None and account.column.distinct < account.column.filled
    row = "subscription" if several or signs["subscription"] >= 3 else ""
    return Kind(row or "account", "customers", "customers", row, why=why, doubt=doubt)


def _of_one_ticket(sight: Sight, signs: dict[str, int], number: Guess) -> Kind:
    """What several rows of one ticket are: its changes, or its messages."""
    held = number.column
    why = f"{held.filled:,} rows tell of {held.distinct:,} numbers in {held.name}"
    if {"body", "event_at"} <= _sure(guesses("messages", sight)) and signs["message"]:
        return Kind("message", names="messages", row="message", why=why)
    changes = {guess.ours: guess for guess in guesses("changes", sight, True) if guess.sure}
    moving = [
        changes[name].column for name in ("status", "assignee_id", "group_id") if name in changes
    ]
    if "event_at" in changes and any(_varies(column, held) for column in moving):
        return Kind("change", names="changes", row="change", why=f"{why} and differ")
    doubt = "the rows of a ticket are neither changes nor messages" if number.sure else ""
    return Kind("ticket", why=why, doubt=doubt)


def _varies(column: Column, number: Column) -> bool:
    return bool((column.values.groupby(number.values).nunique() > 1).any())


def _signs(sight: Sight) -> dict[str, int]:
    """How many columns are named, and whether the file is, with words that say what a row is."""
    names = [*(column.name for column in sight.columns), Path(sight.files[0].name).stem]
    texts = [f" {' '.join(words_of(name))} " for name in names]
    signs = {}
    for kind, words in data("names.toml")["signs"].items():
        wanted = [f" {' '.join(words_of(word))} " for word in words.split(", ")]
        signs[kind] = sum(any(word in text for word in wanted) for text in texts)
    return signs


def _sure(made: list[Guess]) -> set[str]:
    return {guess.ours for guess in made if guess.sure}
