"""While whose issue is overdue do customers leave more: said where it is so, and only there?

    python -m tests.benchmarks.cuts_leaving          writes cuts_leaving.csv

Companies of lab.simulate with 2,500 customers, whose tickets are dealt anew to groups: product (8,
by ticket), channel (4, by customer) and language (3, by customer). Kinds:

- null: groups are dealt by chance
- planted: as null, but product g00 holds all tickets about sync and double charges, whose overdue
  issues were built to multiply the rate of leaving by 3; the other products hold all other causes,
  whose own multiples (lab.simulate.causes) are 1 to 5, so the truth of g00 against them is not one
  number

Columns: worlds; alarms (share of worlds in which a group of a cut without an effect is called more
than others); power (share of worlds in which g00 is called so); coverage (share of 95% intervals of
groups of cuts without an effect that hold 1); ratio (of g00, geometric mean).

Wanted: alarms at most 5%, coverage at least 93%.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.kpis.cuts_leaving import leaves_more
from cxresearch.kpis.segments import VERDICTS
from cxresearch.study.swapped import study_with
from tests.outcomes.test_leaving import company

FILE = Path(__file__).with_suffix(".csv")
KINDS = {"null": 60, "planted": 30}
CUSTOMERS, SEED = 2500, 900
HARMFUL = ["sync", "double_charge"]


def judge(kind: str, seed: int) -> pd.DataFrame:
    """What is said of a company's groups."""
    study = company(SEED + 100 * list(KINDS).index(kind) + seed, CUSTOMERS)
    rng, tickets = np.random.default_rng([SEED, seed]), study.tickets
    who = pd.factorize(tickets["requester_id"])[0]
    product = rng.integers(1, 9, len(tickets))
    if kind == "planted":
        causes = study.ticket_causes.query("cause in @HARMFUL")["ticket_id"]
        product = np.where(tickets["ticket_id"].isin(causes), 0, product)
    dealt = {
        "product": product,
        "created_channel": rng.integers(0, 4, who.max() + 1)[who],
        "language": rng.integers(0, 3, who.max() + 1)[who],
    }
    named = {cut: [f"g{code:02}" for code in codes] for cut, codes in dealt.items()}
    dealt = study_with(study, "tickets", tickets.assign(**named))
    return leaves_more(dealt.with_settings(cuts=tuple(named))).frame


def measured(kind: str, worlds: int) -> dict:
    """A row of the table."""
    found = []
    for seed in range(worlds):
        rows = judge(kind, seed)
        own = (rows["column"] == "product") & (kind == "planted")
        more, free = rows["verdict"] == VERDICTS[0], rows[~own & rows["p"].notna()]
        g00 = rows[own & (rows["group"] == "g00")]
        found.append({
            "alarms": more[~own].any(),
            "power": more[g00.index].any() if kind == "planted" else np.nan,
            "coverage": free["low"].le(1).where(free["high"] >= 1, False).mean(),
            "log": np.log(g00["ratio"]).mean(),
        })  # fmt: skip
    mean = pd.DataFrame(found).astype(float).mean()
    return {"kind": kind, "worlds": worlds, **mean.drop("log"), "ratio": np.exp(mean["log"])}


if __name__ == "__main__":
    table = pd.DataFrame([measured(kind, worlds) for kind, worlds in KINDS.items()]).round(3)
    table.to_csv(FILE, index=False)
    print(table.to_string(index=False))
