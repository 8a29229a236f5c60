"""The people behind the accounts: who writes, and which account each belongs to."""

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.accounts import Accounts
from cxresearch.lab.simulate.chance import pick, stream
from cxresearch.lab.simulate.parameters import World

METHODS = ("key", "e-mail", "organization", "domain")
BY_METHOD = (0.55, 0.30, 0.10, 0.05)
LANGUAGES = ("en", "de", "es")


def draw_people(world: World, accounts: Accounts, kept: np.ndarray, seed: int) -> pd.DataFrame:
    """One row a person: requester_id, account, person (0 to 2), customer_id, organization_id,
    started, matched (is there an identity?), method, language.

    Language belongs to the account; whether a person is matched depends on nothing.
    """
    rng = stream(seed, "people")
    who = np.flatnonzero(kept)
    who = who[np.argsort(accounts.started[who], kind="stable")]
    count = np.clip(accounts.seats[who] // 2, 1, 3)
    customer = np.arange(10_001, 10_001 + len(who)).astype(str).astype(object)
    spoken = pick(rng, (1 - world.german - world.spanish, world.german, world.spanish), len(who))
    named = rng.random(len(who)) < 0.9
    rows = np.repeat(np.arange(len(who)), count)
    n = len(rows)
    return pd.DataFrame(
        {
            "requester_id": 500_001 + rng.permutation(n),
            "account": who[rows],
            "person": np.arange(n) - np.repeat(np.cumsum(count) - count, count),
            "customer_id": "C" + customer[rows],
            "organization_id": np.where(named[rows], "ORG-" + customer[::-1][rows], None),
            "started": accounts.started[who][rows],
            "matched": rng.random(n) >= world.unmatched,
            "method": np.array(METHODS, dtype=object)[pick(rng, BY_METHOD, n)],
            "language": np.array(LANGUAGES, dtype=object)[spoken[rows]],
        }
    ).assign(requester_id=lambda p: p["requester_id"].astype(str).astype(object))


def with_people(cases: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """The cases with requester, customer_id, organization_id and language; spam comes from
    strangers, each of whom writes once."""
    keys = ["account", "person"]
    writers = cases[keys].merge(people, on=keys, how="left")
    strangers = "8" + pd.Series(cases.index + 10_000).astype(str)
    return cases.assign(
        requester=writers["requester_id"].where(cases["account"] >= 0, strangers).astype(object),
        customer_id=writers["customer_id"],
        organization_id=writers["organization_id"].where(writers["matched"].eq(True), None),
        language=writers["language"].fillna("en"),
    )


def identities(people: pd.DataFrame) -> pd.DataFrame:
    """The identities table: every matched person, from the account's start on."""
    known = people[people["matched"]].reset_index(drop=True)
    return pd.DataFrame(
        {
            "requester_id": known["requester_id"],
            "customer_id": known["customer_id"],
            "valid_from": pd.to_datetime(known["started"], unit="s", utc=True),
            "method": known["method"],
        }
    )
