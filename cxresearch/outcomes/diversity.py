"""How diverse a company's issues are, and how deep: how many causes, and how often each customer.

Hill numbers tell diversity as a number of equally large causes: order 1 weighs each cause by its
share (the exponential of Shannon's entropy), order 2 looks at the largest (one over Simpson's
concentration). Source: Hill 1973, Ecology 54; Jost 2006, Oikos 113.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import normal
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import view
from cxresearch.topics.causes.per_ticket import named

DRAWS, SEED = 500, 11
ENOUGH = 10  # tickets a cause
ROWS = {
    "shares": "equally large causes, by shares",
    "largest": "equally large causes, by the largest",
    "deep": "tickets of a customer about a cause, mean",
    "again": "tickets that are a customer's third or later about it, share",
}


@dataclass(frozen=True, eq=False)
class Diversity(Result):
    """Rows shares and largest (Hill numbers of order 1 and 2), deep and again: what, estimate, low,
    high (normal, the error by drawing customers anew), n (tickets)."""

    def said(self, row: str = "") -> Finding:
        """How many equally large causes there are, and how often a customer writes about one."""
        told, deep = self.frame.loc["shares"], self.frame.loc["deep"]
        return finding(
            "The tickets are as diverse as **{as_many:.1f}** equally large causes would be "
            "({low:.1f} to {high:.1f}). A customer writes {deep:.2f} times about a cause that "
            "concerns them.",
            as_many=told["estimate"], low=told["low"], high=told["high"], deep=deep["estimate"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """All rows with their intervals."""
        return view(self.frame, "what", "estimate ±.2f", "n as tickets")


@once
def diversity(study: Study) -> Diversity | CannotTell:
    """How diverse and how deep the issues of customers are, requests to leave left out.

    Customers are drawn anew for the errors, and for the bias: what few tickets show is less diverse
    than what they were drawn from. With fewer than ten tickets a cause that is not enough.
    """
    causes = named(study)
    causes = causes[~causes["is_exit_request"].fillna(False).astype(bool)]
    rows = study.customer_tickets[["ticket_id", "customer_id"]].dropna()
    rows = rows.merge(causes[["ticket_id", "cause"]].drop_duplicates("ticket_id"), on="ticket_id")
    if rows["customer_id"].nunique() < 2:
        return CannotTell("how diverse issues are: no tickets of two known customers tell a cause.")
    if len(rows) < ENOUGH * rows["cause"].nunique():
        return CannotTell(f"how diverse issues are: {len(rows):,} tickets are too few for so many "
                          "causes.")  # fmt: skip
    counts = by_customer(rows)
    rng = np.random.default_rng(SEED)
    size = counts.shape[0]
    drawn = [measures(counts, rng.multinomial(size, np.full(size, 1 / size)))
             for _ in range(DRAWS)]  # fmt: skip
    seen = measures(counts)
    estimate = 2 * seen - np.mean(
        drawn, axis=0
    )  # as far above what was seen as that is above draws
    low, high = normal(estimate, np.std(drawn, axis=0))
    told = {"estimate": estimate, "low": low, "high": high}
    return Diversity(pd.DataFrame({"what": [*ROWS.values()], **told, "n": len(rows)}, [*ROWS]))


def by_customer(rows: pd.DataFrame) -> csr_matrix:
    """Tickets of each customer (rows) about each cause (columns)."""
    who, causes = (pd.factorize(rows[name], sort=True)[0] for name in ("customer_id", "cause"))
    return csr_matrix((np.ones(len(rows)), (who, causes)))


def measures(counts: csr_matrix, times: np.ndarray | None = None) -> np.ndarray:
    """The four measures of ROWS, each customer counted so many times."""
    times = np.ones(counts.shape[0]) if times is None else np.asarray(times, float)
    tickets = counts.T @ times
    shares = tickets[tickets > 0] / tickets.sum()
    each = np.repeat(times, np.diff(counts.indptr))
    later = each @ np.clip(counts.data - 2, 0, None)
    return np.array([
        np.exp(-(shares * np.log(shares)).sum()), 1 / (shares**2).sum(),
        tickets.sum() / each.sum(), later / tickets.sum(),
    ])  # fmt: skip
