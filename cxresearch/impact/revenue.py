"""What today's customers would pay more in a year like the last one, under a lever.

Each customer lives their own last year again: the same pieces with the same exposures, hazards from
the fitted model. Who has been seen for less than a year repeats what there is of it; who has been
seen for less than ENOUGH_DAYS is left out, and counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from cxresearch.impact.doubt import covariance, delta_interval
from cxresearch.impact.levers import ALL, DOING, LEVERS, SOONER, ByLever, rough, seen, shift
from cxresearch.impact.model import CauseModel, Expected, expected, of_expected
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study
from cxresearch.study.words import side, view

YEAR, MONTH, ENOUGH_DAYS = 365, 30.4, 90
NEAR = 1e-6
NO_MRR = CannotTell(
    "what fixing a cause would save in money: the study has no history of what customers pay. MRR "
    "with the day from which it held, by customer, would tell."
)


@dataclass(frozen=True, eq=False)
class Saved(ByLever):
    """Revenue more than without the lever in a year like the last one, a row a lever and cause:
    customers, too new, mrr (theirs, a month), saved, low, high, verdict (more, less, cannot tell),
    and saved without largest, the largest account, with its bounds; in coin."""

    coin: str

    def said(self, row: str = SOONER) -> Finding | CannotTell:
        """Revenue saved by a lever on all causes together."""
        of = self.frame.loc[(row or SOONER, ALL)]
        told = {"coin": self.coin, "saved": rough(of["saved"]), "low": rough(of["low"]),
                "high": rough(of["high"])}  # fmt: skip
        doing = DOING[row or SOONER]
        if of["low"] <= 0 <= of["high"]:
            doubt = finding(
                "whether {doing} would bring more revenue: {coin} {saved:,.0f} ({low:,.0f} to "
                "{high:,.0f}) in a year, which holds none.", doing=doing, **told,
            )  # fmt: skip
            return CannotTell(doubt.text)
        return finding(
            "In money, {doing} may keep **{coin} {saved:,.0f}** ({low:,.0f} to {high:,.0f}) in a "
            "year: {share:.1%} of what today's customers pay.", doing=doing,
            share=of["saved"] / (of["mrr"] * YEAR / MONTH), **told,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Revenue saved in a year, with and without the largest account."""
        rows = self.frame.assign(mrr=self.frame["mrr"].round().astype(int)).reset_index()
        counts = ("customers as customers today", "too new as left out", "mrr as MRR")
        without = "saved without largest ±,.0f as without the largest account"
        return view(rows, *self.names, *counts, "saved ±,.0f", without)


def mrr_now(study: Study) -> pd.Series | CannotTell:
    """What each customer pays a month as of now, by customer_id; of the latest reading of MRR
    (what is to be paid only after the study's end is not counted). Named by its currency."""
    if not study.has("customer_history"):
        return NO_MRR
    history = study.customer_history
    known = history["valid_from"] <= study.observed_until
    paid = history[known & (history["field"].str.lower() == "mrr")]
    paid = paid.sort_values("valid_from", kind="stable")
    last = paid.drop_duplicates("customer_id", keep="last").set_index("customer_id")["value"]
    values = pd.to_numeric(last, errors="coerce").dropna()
    if values.empty:
        return NO_MRR
    coins = sorted(study.customers["currency"].dropna().unique())
    if len(coins) > 1:
        return CannotTell(
            f"what fixing a cause would save in money: customers pay in {', '.join(coins)},"
            " which cannot be added. MRR in one currency would tell."
        )
    return values.rename(" ".join(coins) or "revenue of")


@cannot_tell_passes
def revenue_saved(
    model: CauseModel,
    mrr: pd.Series,
    levers: Iterable[str] = LEVERS,
    causes: Iterable[str] = (),
) -> Saved | CannotTell:
    """Revenue saved from today's customers by each lever on all causes together and on each of
    causes alone; mrr by customer, named by its currency (mrr_now).

    The sum over customers and days of MRR times the difference in the chance to be still there,
    over 30.4 days a month; in the currency of MRR. Intervals by the delta method, clustered by
    customer, of the expectation for these customers. too new counts customers left out because they
    were seen for less than 90 days, or their MRR is not known.

    >>> import cxresearch
    >>> from cxresearch.impact import mrr_now
    >>> study = cxresearch.open_study("data/demo")
    >>> saved = revenue_saved(cxresearch.cause_model(study), mrr_now(study), ["solve sooner"])
    >>> saved.frame["saved"].round(-2).tolist()
    [118200.0]
    """
    path = replay(model.rows, mrr)
    if path.empty:
        return CannotTell("what fixing a cause would save in money: no customer of today, seen for "
                          "90 days, has a known MRR.")  # fmt: skip
    today = of_today(model.rows).nunique()
    money = path.drop_duplicates("customer_id").set_index("customer_id")["mrr"]
    due = expected(model.fit, model.rows)
    whom = {"customers": len(money), "too new": today - len(money), "mrr": money.sum()}
    chosen = list(product(levers, (ALL, *causes)))
    rows = [whom | _row(model, *savings(due, path, *of)) for of in chosen]
    frame = pd.DataFrame(rows, pd.MultiIndex.from_tuples(chosen, names=["lever", "cause"]))
    return Saved(frame.assign(verdict=side(frame["low"], frame["high"], 0)), str(mrr.name))


def _row(model: CauseModel, estimate: np.ndarray, slope: np.ndarray, own: np.ndarray) -> dict:
    """What is saved, and without the largest account, with bounds."""
    limits = delta_interval(estimate, covariance(model.fit, model.rows, slope, own))
    names = ["saved", "low", "high"]
    names += [f"saved without largest{end}" for end in ("", " low", " high")]
    values = np.transpose([estimate, limits["low"], limits["high"]]).ravel()
    return dict(zip(names, values, strict=True))


def of_today(rows: pd.DataFrame) -> pd.Series:
    """Customers who are still there."""
    return rows.loc[(rows["ends"] > -NEAR) & (rows["event"] == 0) & rows["end"].isna(),
                    "customer_id"]  # fmt: skip


def replay(rows: pd.DataFrame, mrr: pd.Series) -> pd.DataFrame:
    """The last year of today's customers, to be lived again: row (its place), customer_id, lap,
    days, share (of the row), mrr, largest; in order of customer and time."""
    inside = (rows["ends"] > -YEAR) & among(rows["customer_id"], of_today(rows))
    place = np.flatnonzero(inside & among(rows["customer_id"], mrr.index))
    path = rows.iloc[place][["customer_id", "begins", "ends"]].assign(row=place)
    path["days"] = path["ends"] - path["begins"].clip(lower=-YEAR)
    known = path.groupby("customer_id")["days"].transform("sum")
    path = path.assign(known=known)[known >= ENOUGH_DAYS]
    laps = pd.concat([path.assign(lap=lap) for lap in range(-(-YEAR // ENOUGH_DAYS))])
    laps = laps.sort_values(["customer_id", "lap", "row"], ignore_index=True)
    since = laps.groupby("customer_id")["days"].cumsum() - laps["days"]
    left = (YEAR - since).clip(lower=0)
    laps["days"] = np.minimum(laps["days"], left)
    laps = laps[laps["days"] > NEAR].reset_index(drop=True)
    laps = laps.assign(mrr=laps["customer_id"].map(mrr))
    share = laps["days"] / (laps["ends"] - laps["begins"])
    most = laps["mrr"].idxmax() if len(laps) else None
    largest = laps["customer_id"] == (laps["customer_id"].get(most))
    return laps.assign(share=share, largest=largest)


def savings(of_all: Expected, path: pd.DataFrame, lever: str, cause: str):
    """Revenue saved with and without the largest account, its slope in the log hazard ratios, and
    what each row adds to its error at given ratios."""
    rows, names = of_all.rows, list(of_all.fit.params.index)
    of = seen(rows.iloc[path["row"].to_numpy()])
    moved = shift(of, lever, of.causes if cause == ALL else [cause], names)
    who = path["customer_id"]
    some = among(who, who[np.diff(moved.indptr) > 0]).to_numpy()  # to the others it is nothing
    path, moved = path[some], moved[np.flatnonzero(some)]
    place, share = path["row"].to_numpy(), path["share"].to_numpy()
    factor = np.exp(moved @ of_all.fit.params.to_numpy())
    hazard = of_all.due[place] * share
    estimates, slopes, owns = [], [], []
    for without in (False, True):
        pays = path["mrr"].to_numpy() * ~(path["largest"].to_numpy() & without) / MONTH
        before, fall = paid(path, hazard, pays)
        after, fall_after = paid(path, hazard * factor, pays)
        by = np.bincount(place, share * (fall_after * factor - fall), len(rows))
        slope, own = of_expected(of_all, by)
        bent = csr_matrix((fall_after * hazard * factor)[None, :]) @ moved
        estimates.append(after - before)
        slopes.append(slope + bent.toarray()[0])
        owns.append(own)
    return np.array(estimates), np.array(slopes), np.column_stack(owns)


def paid(path: pd.DataFrame, hazard: np.ndarray, pays: np.ndarray) -> tuple[float, np.ndarray]:
    """What is paid along the paths, pays being by day, and its slope in the hazard of each row.

    Within a row the hazard is spread evenly.
    """
    who = path["customer_id"].to_numpy()
    total = pd.Series(hazard).groupby(who).cumsum().to_numpy()
    there = np.exp(-(total - hazard)) * pays * path["days"].to_numpy()
    lived, bend = _lived(hazard)
    paid = there * lived
    later = pd.Series(paid[::-1]).groupby(who[::-1]).cumsum().to_numpy()[::-1] - paid
    return float(paid.sum()), there * bend - later


def _lived(hazard: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean share still there while a hazard is met, spread evenly: (1 - exp(-h)) / h, and its
    slope in the hazard."""
    some = np.where(hazard > 1e-8, hazard, 1.0)
    lived = np.where(hazard > 1e-8, -np.expm1(-some) / some, 1 - hazard / 2)
    bend = np.where(hazard > 1e-4, (np.exp(-some) - lived) / some, -0.5 + hazard / 3)
    return lived, bend
