"""Is a group said to fare worse where it does, and none where none does?

    python -m tests.benchmarks.cuts          writes cuts.csv

Worlds of about 4,000 tickets by 900 customers, made here and sharing no code with lab.simulate:
one customer in a hundred writes a hundred tickets or more, customers differ in how often their
tickets go wrong (beta, 0.3 in the mean) and mostly keep to one channel, browser and cause. Cuts:
product (8, by ticket), channel (4, mostly by customer), browser (5, by customer, a third of them
named), plan (3, by customer), country (20, by customer). Kinds:

- null: no group differs
- few: as null, among 60 customers
- product: tickets of one product go wrong 1.6 times as often
- plan: tickets of customers on one plan go wrong 1.6 times as often
- mix: a channel carries a cause that goes wrong twice as often, and has no effect of its own

Columns: worlds; alarms (share of worlds in which a group of a cut without an effect is called more
than others); power (share of worlds in which the planted group is called so); coverage (share of
95% intervals of groups without an effect that hold 1, over all such groups); alike (the planted
group's ratio among tickets of the same cause, in the mean: the truth is 1.6, in mix 1); lost (share
of worlds in which it is said that differences shrink or turn within causes). In mix other cuts are
not free of the cause, and alarms are not to be read.

Wanted: alarms at most 5%.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.kpis.cuts import ByGroup, by_cut
from cxresearch.kpis.segments import VERDICTS, judged

FILE = Path(__file__).with_suffix(".csv")
KINDS = {"null": 100, "few": 100, "product": 50, "plan": 50, "mix": 50}
CUSTOMERS, FEW, SEED, TIMES = 900, 60, 500, 1.6
GROUPS = {"product": 8, "channel": 4, "browser": 5, "plan": 3, "country": 20}
BY_TICKET = {"product": 1.0, "channel": 0.2}  # share of tickets whose group is not their customer's


def world(kind: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Tickets (ticket_id, customer_id, about), their groups, their causes."""
    rng = np.random.default_rng([SEED, sorted(KINDS).index(kind), seed])
    n = FEW if kind == "few" else CUSTOMERS
    tickets = 1 + rng.poisson(2.5 * rng.gamma(0.7, 1 / 0.7, n))
    tickets[: max(n // 100, 2)] += rng.integers(60, 160, max(n // 100, 2))
    who = np.repeat(np.arange(n), tickets)
    groups = {}
    for cut, k in GROUPS.items():
        own = rng.choice(k, n, p=rng.dirichlet(np.full(k, 3.0)))[who]
        other = rng.integers(0, k, len(who))
        groups[cut] = np.where(rng.random(len(who)) < BY_TICKET.get(cut, 0), other, own)
    cause = np.where(rng.random(len(who)) < 0.4, rng.integers(0, 6, n)[who],
                     rng.integers(0, 6, len(who)))  # fmt: skip
    wrong = rng.beta(1.5, 3.5, n)[who]
    if kind in ("product", "plan"):
        wrong = np.where(groups[kind] == 0, wrong * TIMES, wrong)
    if kind == "mix":
        cause = np.where((groups["channel"] == 0) & (rng.random(len(who)) < 0.6), 0, cause)
        wrong = np.where(cause == 0, 2 * wrong, wrong)
    about = rng.random(len(who)) < np.clip(wrong, 0, 1)
    ids = pd.Index(np.arange(len(who)).astype(str), name="ticket_id")
    named = {cut: pd.Series(codes, ids).map(lambda c: f"g{c:02}") for cut, codes in groups.items()}
    named["browser"] = named["browser"].mask(rng.random(n)[who] > 1 / 3)
    facts = pd.DataFrame({"ticket_id": ids, "customer_id": who, "about": about})
    return facts, pd.DataFrame(named), pd.Series(cause, ids)


def judge(kind: str, seed: int) -> pd.DataFrame:
    """What is said of a world's groups."""
    return judged(by_cut(*world(kind, seed)).assign(measure="wrong"), *VERDICTS)


def measured(kind: str, worlds: int) -> dict:
    """A row of the table."""
    cut = {"product": "product", "plan": "plan", "mix": "channel"}.get(kind)
    found = []
    for seed in range(worlds):
        rows = judge(kind, seed)
        more = rows["verdict"] == VERDICTS[0]
        own = (rows["column"] == cut) & (rows["group"] == "g00")
        free = rows[(rows["column"] != cut) & rows["p"].notna()] if kind != "mix" else rows.head(0)
        said = ByGroup(rows).alike()
        found.append({
            "alarms": more[rows["column"] != cut].any(),
            "power": more[own].any() if cut else np.nan,
            "coverage": free["low"].le(1).where(free["high"] >= 1, False).mean(),
            "alike": float(rows.loc[own, "alike"].mean()) if cut else np.nan,
            "lost": "lose half" in getattr(said, "text", ""),
        })  # fmt: skip
    mean = pd.DataFrame(found).astype(float).mean().round(3)
    return {"kind": kind, "worlds": worlds, **mean}


if __name__ == "__main__":
    table = pd.DataFrame([measured(kind, worlds) for kind, worlds in KINDS.items()])
    table.to_csv(FILE, index=False)
    print(table.to_string(index=False))
