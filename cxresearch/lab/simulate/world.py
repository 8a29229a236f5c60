"""A company with planted truth: canonical tables as a help desk and billing would export them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.accounts import Accounts, draw_accounts
from cxresearch.lab.simulate.beside import draw_voices
from cxresearch.lab.simulate.billing_export import customer_history, customers
from cxresearch.lab.simulate.cases import draw_cases
from cxresearch.lab.simulate.departures import Lives, live
from cxresearch.lab.simulate.events import draw_events
from cxresearch.lab.simulate.issues import draw_issues
from cxresearch.lab.simulate.parameters import World, make_world
from cxresearch.lab.simulate.people import draw_people, identities, with_people
from cxresearch.lab.simulate.replies import write_replies
from cxresearch.lab.simulate.surveys import looks, survey_rows
from cxresearch.lab.simulate.text import write_words
from cxresearch.lab.simulate.ticket_rows import event_rows, ticket_rows
from cxresearch.lab.simulate.truth import truth_of
from cxresearch.lab.simulate.vendor_numbers import vendor_numbers
from cxresearch.study.conform import typed
from cxresearch.study.schema import TABLES, InputError

ORDER = ("tickets", "ticket_events", "customers", "customer_history", "identities", "surveys")


def simulate_world(
    n_customers: int, seed: int, *, text: bool = True, voices: bool = True, **world
) -> tuple[dict[str, pd.DataFrame], dict]:
    """Canonical tables of a simulated company, and the truth behind them.

    n_customers is the number of rows in the customers table; world changes parameters of
    `World`. Times are exact to the second; decisions to leave are drawn once a day at each
    customer's own moment, by thinning, vectorised over customers. The same seed gives the same
    tables, value for value. Without text, subjects and descriptions are null;
    without voices there are no reviews, talks with a bot, articles or incidents.
    Raises InputError if n_customers is below 1 or a parameter is unknown.
    """
    if n_customers < 1:
        raise InputError(f"A world needs at least 1 customer, not {n_customers}.")
    parameters = make_world(**world)
    company = run_company(parameters, n_customers, seed)
    people = draw_people(parameters, company.accounts, company.kept, seed)
    cases = draw_cases(
        parameters, company.accounts, company.lives, company.issues, company.kept, seed
    )
    company = replace(company, issues=company.issues.iloc[:0])  # a large world needs the memory
    cases = with_people(cases, people)
    words = write_words(cases, seed) if text else None
    tables = _desk(parameters, cases, words, seed)
    surveys = survey_rows(parameters, cases, tables["tickets"], company.lives, people, seed)
    told = _with_satisfaction(tables["tickets"], surveys)
    tables["tickets"], planted = vendor_numbers(parameters, told, tables["ticket_events"], seed)
    tables |= {"surveys": surveys, **_billing(parameters, company, people, seed)}
    tables = {name: typed(TABLES[name], tables.pop(name)) for name in ORDER}
    truth = truth_of(parameters, n_customers, seed, tables, cases, words) | {"vendor": planted}
    if voices:
        causes = {ticket: of["causes"][0] for ticket, of in truth["tickets"].items()}
        told, truth["voices"] = draw_voices(parameters, tables, causes, seed, text=text)
        tables |= told
    return tables, truth


@dataclass(frozen=True)
class Company:
    """All accounts, their issues, what became of them, and which accounts are in the export."""

    accounts: Accounts
    issues: pd.DataFrame
    lives: Lives
    kept: np.ndarray


def run_company(world: World, n: int, seed: int) -> Company:
    """A company large enough that n of its customers were still there at tickets_from."""
    size = n + n // 5 + 20
    while True:
        accounts = draw_accounts(world, size, seed)
        issues = draw_issues(world, accounts, seed)
        lives = live(world, accounts, issues, looks(world))
        there = np.flatnonzero(lives.ended > world.seconds("tickets_from"))
        if len(there) >= n:
            kept = np.zeros(size, dtype=bool)
            kept[there[:n]] = True
            return Company(accounts, issues, lives, kept)
        size += size // 2


def _desk(world: World, cases: pd.DataFrame, words, seed: int) -> dict[str, pd.DataFrame]:
    """The help desk's own tables: tickets, and ticket_events in their final types."""
    events = draw_events(world, cases, seed)
    tickets = ticket_rows(world, cases, events, words, seed)
    body = None if words is None else write_replies(cases, events, seed)
    events = event_rows(cases, events.drop(columns="says"), body)
    return {"tickets": tickets, "ticket_events": typed(TABLES["ticket_events"], events)}


def _billing(world: World, company: Company, people: pd.DataFrame, seed: int) -> dict:
    """The tables that billing keeps, and who belongs to which account."""
    of = (world, company.accounts, company.lives, people, seed)
    return {
        "customers": customers(*of),
        "customer_history": customer_history(*of),
        "identities": identities(people),
    }


def _with_satisfaction(tickets: pd.DataFrame, surveys: pd.DataFrame) -> pd.DataFrame:
    """satisfaction_raw in the help desk's words: unoffered, offered, good or bad."""
    asked = surveys[surveys["kind"] == "csat"].set_index("ticket_id")["score_raw"]
    word = asked.map(lambda score: "good" if score >= 4 else "bad").where(asked.notna(), "offered")
    return tickets.assign(
        satisfaction_raw=tickets["ticket_id"].map(word).fillna("unoffered").astype(object)
    )
