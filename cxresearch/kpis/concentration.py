"""Do a few customers write most of the tickets, or no more of them than chance would have it?

Chance means Poisson: everybody writes at one rate, independently, over the time they were watched.
Even then some write often, so a top tenth always writes more than a tenth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.episodes import customer_lives, match_gate
from cxresearch.outcomes import outcome, returning
from cxresearch.study import drawing
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.intervals import of_draws
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study

DAY = pd.Timedelta(days=1)
TOP = 0.10
DRAWS = 1000
MOST = 6  # tickets a customer, and more, in one group
FEWEST_TICKETS = 20
MORE, UNTOLD = "more than chance gives", "cannot tell whether more than chance"
SAYS = {
    MORE: "So some customers do write more than chance gives.",
    UNTOLD: "Whether some customers write more than chance gives cannot be told.",
}


@dataclass(frozen=True, eq=False)
class TopTenth(Result):
    """The share of tickets that the customers who wrote most wrote, beside chance, in a row named
    "top": customers, top (how many are in it), tickets, share, low, high (95%, customers drawn
    again), expected, expected low, expected high (mean and 95% range of chance), p (how often
    chance is as concentrated; one-sided), verdict (more than chance gives, or cannot tell)."""

    part: float = TOP

    def said(self, row: str = "") -> Finding:
        """The share beside what chance would give it."""
        top = self.frame.loc["top"]
        return finding(
            "The {top:.0%} of customers who write most write **{share:.1%}** of all tickets (95% "
            "interval {low:.1%} to {high:.1%}; {n:,} customers). By chance it would "
            "be {expected:.1%} ({least:.1%} to {most:.1%}). " + SAYS[top["verdict"]],
            top=self.part, share=top["share"], low=top["low"], high=top["high"],
            n=int(top["customers"]), expected=top["expected"], least=top["expected low"],
            most=top["expected high"],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class TicketsEach(Result):
    """Customers by how many tickets they wrote, beside chance: tickets (the last group and more),
    customers, expected (customers), share of tickets (that they wrote together)."""

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """Bars seen, dots expected by chance."""
        rows, ax = self.frame, drawing.axes(3.4, ax)
        drawing.bars(ax, rows["customers"], rows["tickets"], label="seen")
        ax.scatter(range(len(rows)), rows["expected"], color=drawing.WARN, s=55, zorder=3,
                   label="expected if all wrote at one rate")  # fmt: skip
        ax.set(xlabel="tickets a customer", ylabel="customers")
        ax.legend(frameon=False)
        most = rows.tail(1).squeeze()
        drawing.title(
            ax,
            f"{most['customers']:,} customers wrote {most['tickets']}; chance alone would make it "
            f"{most['expected']:,.0f}",
        )
        return ax

    def described(self) -> str:
        """What bars and dots are."""
        return "Bars are customers seen, dots those expected if all wrote alike."


@once
def tickets_each(study: Study) -> pd.DataFrame | CannotTell:
    """One row a customer: customer_id, tickets, days (watched; null where only writers are known).

    Churn studies count customers at risk, with or without tickets, and their tickets from entering
    to leaving, without requests to leave. Return studies know only who wrote, and each for as long
    as the study lasts.
    """
    if outcome(study) is returning:
        each = study.customer_tickets.groupby("customer_id").size()
        return each.rename("tickets").reset_index().assign(days=np.nan)
    if gate := match_gate(study):
        return gate
    lives = customer_lives(study).query("enters_at < leaves_at")
    wrote = study.customer_tickets[["ticket_id", "customer_id", "created_at"]].merge(
        lives[["customer_id", "enters_at", "leaves_at"]], on="customer_id"
    )
    asks = pd.Series(dtype="str")
    if study.has("ticket_causes"):
        asks = study.ticket_causes.query("is_exit_request")["ticket_id"]
    seen = wrote["created_at"].between(wrote["enters_at"], wrote["leaves_at"], inclusive="left")
    each = wrote[seen & ~among(wrote["ticket_id"], asks)].groupby("customer_id").size()
    return pd.DataFrame(
        {
            "customer_id": lives["customer_id"],
            "tickets": lives["customer_id"].map(each).fillna(0).astype(int),
            "days": (lives["leaves_at"] - lives["enters_at"]) / DAY,
        }
    )


@cannot_tell_passes
def concentration(
    each: pd.DataFrame, *, top: float = TOP, draws: int = DRAWS, seed: int = 1
) -> TopTenth | CannotTell:
    """The share of tickets that the customers who wrote most wrote, beside chance.

    each as from tickets_each. Draws are made from the seed.
    """
    counts = each["tickets"].to_numpy()
    if counts.sum() < FEWEST_TICKETS or counts.max() == counts.min():
        return CannotTell("whether few customers write most: there are too few tickets.")
    size = max(1, round(top * len(counts)))
    rng = np.random.default_rng(seed)
    held = np.bincount(counts)
    again = rng.multinomial(len(counts), held / len(counts), size=draws)
    again = again[again[:, 1:].any(axis=1)]  # a sample without a ticket has no share
    share = float(_top_share(held[None, :], size)[0])
    chance = _top_share(_chance(each, draws, rng), size)
    p = (1 + (chance >= share).sum()) / (1 + draws)
    row = {"customers": len(counts), "top": size, "tickets": int(counts.sum()), "share": share}
    row |= dict(zip(("low", "high"), of_draws(_top_share(again, size)), strict=True))
    row |= dict(zip(("expected low", "expected high"), of_draws(chance), strict=True))
    row |= {"expected": chance.mean(), "p": p, "verdict": MORE if p < 0.05 else UNTOLD}
    return TopTenth(pd.DataFrame([row], index=["top"]), top)


@cannot_tell_passes
def by_tickets(each: pd.DataFrame) -> TicketsEach | CannotTell:
    """Customers by how many tickets they wrote, beside chance. each as from tickets_each."""
    if each["tickets"].sum() < FEWEST_TICKETS:
        return CannotTell("how tickets are spread over customers: there are too few.")
    counts = each["tickets"].clip(upper=MOST)
    known = each["days"].notna().all()
    numbers = np.arange(0 if known else 1, MOST + 1)
    expected = _expected(each, numbers)
    written = each.groupby(counts)["tickets"].sum().reindex(numbers, fill_value=0)
    rows = {
        "tickets": [str(n) if n < MOST else f"{n} or more" for n in numbers],
        "customers": counts.value_counts().reindex(numbers, fill_value=0).to_numpy(),
        "expected": expected,
        "share of tickets": (written / max(each["tickets"].sum(), 1)).to_numpy(),
    }
    return TicketsEach(pd.DataFrame(rows))


def zero_truncated_rate(mean: float) -> float:
    """The Poisson rate at which those who write at all write so many tickets on average.

    Solves rate / (1 - exp(-rate)) = mean, the maximum likelihood estimate; 0 for a mean of 1.
    Source: David and Johnson (1952), Biometrics 8.
    """
    from scipy.optimize import brentq

    if mean <= 1 + 1e-9:
        return 0.0
    return float(brentq(lambda rate: rate / -np.expm1(-rate) - mean, 1e-9, mean + 1))


def _chance(each: pd.DataFrame, draws: int, rng: np.random.Generator) -> np.ndarray:
    """How many customers would write 0, 1, 2 ... tickets if all wrote at one rate: a row a draw.

    Where the time watched is known, as many tickets as there are fall to customers in proportion
    to it, which is what Poisson numbers do once their sum is known.
    """
    from scipy.stats import poisson

    n, total = len(each), int(each["tickets"].sum())
    if each["days"].notna().all():
        share = (each["days"] / each["days"].sum()).to_numpy()
        drawn = [np.bincount(rng.multinomial(total, share)) for _ in range(draws)]
        most = max(map(len, drawn))
        return np.array([np.pad(row, (0, most - len(row))) for row in drawn])
    rate = zero_truncated_rate(total / n)
    most = int(poisson.isf(1e-12, rate)) + 2
    chance = poisson.pmf(np.arange(most), rate) / -np.expm1(-rate)
    chance[0] = 0.0
    return rng.multinomial(n, chance / chance.sum(), size=draws)


def _expected(each: pd.DataFrame, numbers: np.ndarray) -> np.ndarray:
    from scipy.stats import poisson

    total = each["tickets"].sum()
    if each["days"].notna().all():
        rates = (total / each["days"].sum() * each["days"]).to_numpy()[:, None]
        expected = poisson.pmf(numbers, rates).sum(axis=0)
    else:
        rate = max(zero_truncated_rate(total / len(each)), 1e-9)
        expected = len(each) * poisson.pmf(numbers, rate) / -np.expm1(-rate)
    expected[-1] = len(each) - expected[:-1].sum()
    return expected


def _top_share(held: np.ndarray, size: int) -> np.ndarray:
    """Share of all tickets that the size customers with most have, from how many customers have
    0, 1, 2 ... tickets (a row a draw)."""
    numbers = np.arange(held.shape[1])[::-1]
    above = np.cumsum(held[:, ::-1], axis=1)
    taken = np.diff(np.minimum(above, size), axis=1, prepend=0)
    return (taken * numbers).sum(axis=1) / (held[:, ::-1] * numbers).sum(axis=1)
