"""Which cause follows which: pairs of the same customer against dates dealt anew.

Every customer keeps their causes and every cause its dates; only whose date is whose is dealt anew,
within the time in which each was a customer (a permutation test; Good 2005). So neither a busy
month nor a customer who writes a lot makes one cause follow another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.episodes import customer_lives
from cxresearch.kpis.set_off import with_verdicts
from cxresearch.outcomes.recurrence import own_tickets
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.words import view

WITHIN = 14 * 86400  # seconds
DEALS, FIRST, BETWEEN, SEED = 300, 25, 2, 7  # deals; rounds of swaps before the first, and each
LEAST = 1.0  # customers expected, for a pair to be compared
FOLLOWS, TOGETHER = "follows", "together, either way round"
BOTH = " {together} come together more often, but either way round."


@dataclass(frozen=True, eq=False)
class Cascades(Result):
    """Ordered pairs, most customers beyond dealt dates first: pair, first, then, customers (who
    wrote about then within 14 days after first), expected, ratio, low, high, p, q, back (the ratio
    the other way round), verdict. what is the word for what follows."""

    what: str

    def said(self, row: str = "") -> Finding | CannotTell:
        """Which pair has most customers beyond dealt dates, or that none has more."""
        clear = self.frame[self.frame["verdict"].eq(FOLLOWS)]
        n, top = int(self.frame["p"].notna().sum()), without(clear)[0].head(1)
        if not n:
            return CannotTell(f"which {self.what} follows which: too few customers wrote twice.")
        if top.empty:
            together = int(self.frame["verdict"].eq(TOGETHER).sum())
            return finding(
                "No {what} follows another within 14 days more than dealt dates would: {n} pairs "
                "were compared." + (BOTH if together else ""),
                what=self.what, n=n, together=together,
            )  # fmt: skip
        names = ["first", "then", "customers", "expected", "ratio", "low", "high"]
        return finding(
            "**{then} follows {first}**: {customers} customers wrote so within 14 days, and "
            "{expected:.0f} would if dates were dealt anew. That is {ratio:.1f} times as many "
            "({low:.1f} to {high:.1f}). {clear} of {n} pairs are clear.",
            n=n, clear=len(clear), **top[names].iloc[0],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Every pair that could be compared."""
        return view(
            self.frame[self.frame["p"].notna()], "pair", "customers",
            "expected .1f as by dealt dates", "ratio ±.1f as times as many",
            "back .1f as the other way round", "verdict",
        )  # fmt: skip


@once
def cascades(study: Study, by: str = "cause") -> Cascades | CannotTell:
    """Which cause (or channel, where it is known) follows which within 14 days.

    Customers' own tickets, without duplicates and requests to leave. p and interval are those of a
    count with the mean of 300 deals, as much wider than Poisson's as deals differ (so few deals
    have no tail of their own). A customer's bad time brings pairs either way round: so a pair
    follows only if it is also more frequent than its reverse (exact binomial; the larger p counts,
    an intersection-union test, Berger 1982, Technometrics 24); q over all pairs.
    CannotTell where it is not known since when people are customers.
    """
    if study.outcome != "churn":
        return CannotTell(f"which {by} follows which: since when people are customers is not "
                          "known. A customers table would tell.")  # fmt: skip
    tickets = _tickets(study, "cause" if by == "cause" else "created_channel")
    label, names = pd.factorize(tickets["label"], sort=True)
    if len(names) < 2:
        return CannotTell(f"which {by} follows which: fewer than two are known.")
    return Cascades(pairs(tickets, label, np.asarray(names)), by)


def pairs(tickets: pd.DataFrame, label: np.ndarray, names: np.ndarray) -> pd.DataFrame:
    """The frame of Cascades; tickets have who (a number), at, since and until (when the customer
    was there, in seconds), label the number of each one's name."""
    rng, k = np.random.default_rng(SEED), len(names)
    who, at, since, until = (tickets[c].to_numpy().copy() for c in ("who", "at", "since", "until"))
    seen, dealt = followed(who, label, at, k), np.empty((DEALS, k * k))
    for deal in range(DEALS):
        for _ in range(BETWEEN if deal else FIRST):
            _swap(at, label, since, until, rng)
        dealt[deal] = followed(who, label, at, k)
    first, then = np.divmod(np.arange(k * k), k)
    rows = pd.DataFrame({"first": names[first], "then": names[then]})
    rows.insert(0, "pair", rows["first"] + ", then " + rows["then"])
    rows = rows.join(against_deals(seen, dealt))
    turned = np.arange(k * k).reshape(k, k).T.ravel()
    rows["back"] = rows["ratio"].to_numpy()[turned]
    in_order = rows["p"].clip(lower=_in_order(rows, rows.iloc[turned].reset_index(drop=True)))
    rows.loc[rows["p"].isna(), "verdict"] = "cannot tell: too few customers"
    rows, apart = rows[first != then], in_order[first != then]
    both = with_verdicts(rows, FOLLOWS, "does not")["verdict"].eq(FOLLOWS)
    rows = with_verdicts(rows.assign(p=apart), FOLLOWS, "does not")
    rows["verdict"] = rows["verdict"].mask(both & ~rows["verdict"].eq(FOLLOWS), TOGETHER)
    more = (rows["expected"] - rows["customers"]).sort_values(kind="stable")
    return rows.loc[more.index].reset_index(drop=True)


def _in_order(rows: pd.DataFrame, turned: pd.DataFrame) -> pd.Series:
    """The chance that of the customers of a pair and its reverse so many had it this way round, if
    both are beyond dealt dates alike."""
    from scipy.stats import binom

    one, other = rows["customers"], turned["customers"]
    share = rows["expected"] / (rows["expected"] + turned["expected"].fillna(rows["expected"]))
    return pd.Series(binom.sf(one - 1, one + other, share), rows.index).fillna(1.0)


def followed(who: np.ndarray, label: np.ndarray, at: np.ndarray, k: int) -> np.ndarray:
    """How many customers wrote so within 14 days after, for each of k * k ordered pairs."""
    order = np.lexsort((at, who))
    who, label, at = who[order], label[order], at[order]
    keys = [np.empty(0, np.int64)]
    for lag in range(1, len(who)):
        gap = at[lag:] - at[:-lag]
        near = (who[lag:] == who[:-lag]) & (gap <= WITHIN)
        if not near.any():
            break
        keys.append(((who[lag:] * k + label[:-lag]) * k + label[lag:])[near & (gap > 0)])
    return np.bincount(np.unique(np.concatenate(keys)) % (k * k), minlength=k * k)


def against_deals(seen: np.ndarray, dealt: np.ndarray) -> pd.DataFrame:
    """customers, expected, ratio, low, high, p (two-sided) of counts against deals (a row each);
    null where fewer than one customer is expected."""
    from scipy.special import gammainc, gammaincinv

    mean = dealt.mean(axis=0)
    expected = np.where(mean >= LEAST, mean, np.nan)
    wider = np.maximum(1, dealt.var(axis=0, ddof=1) / expected)
    count = seen / wider + 0.5
    more = gammainc(count, expected / wider)
    return pd.DataFrame({
        "customers": seen, "expected": expected, "ratio": seen / expected,
        "low": gammaincinv(count, 0.025) * wider / expected,
        "high": gammaincinv(count, 0.975) * wider / expected,
        "p": 2 * np.minimum(more, 1 - more),
    })  # fmt: skip


def _swap(at, label, since, until, rng: np.random.Generator) -> None:
    """Pairs tickets of one label at random; a pair swaps dates, in place, if both were there."""
    order = np.argsort(label + rng.random(len(label)))
    one, other = order[: len(order) // 2 * 2].reshape(-1, 2).T
    may = (label[one] == label[other]) & (since[one] <= at[other]) & (at[other] <= until[one])
    may &= (since[other] <= at[one]) & (at[one] <= until[other])
    one, other = one[may], other[may]
    at[one], at[other] = at[other], at[one]


def _tickets(study: Study, label: str) -> pd.DataFrame:
    """who (a number), label, at, since, until of the tickets of known customers."""
    lives = customer_lives(study)[["customer_id", "started_at", "leaves_at"]]
    tickets = own_tickets(study).query("~duplicate").merge(lives, on="customer_id")
    tickets = tickets.dropna(subset=label)
    who = pd.Series(pd.factorize(tickets["customer_id"])[0], tickets.index)
    at, since, until = (tickets[of].dt.as_unit("s").astype("int64")
                        for of in ("created_at", "started_at", "leaves_at"))  # fmt: skip
    since = since.clip(upper=at.groupby(who).transform("min"))
    until = until.clip(lower=at.groupby(who).transform("max"))
    label = tickets[label].rename("label")
    return pd.DataFrame({"who": who, "label": label, "at": at, "since": since, "until": until})
