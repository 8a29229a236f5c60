"""The one model that every number of savings comes from: all causes at once, shrunken; and how many
departures it expects in each piece of a customer's life.

A Cox model's own baseline jumps at each departure, by as much as few were at risk just then. Added
up along one customer's life that is mostly noise, and those who stayed seem safer than they were:
somebody at risk with them left, and they did not. So here, with the ratios of the Cox model, the
baseline is one rate in each cell: a stratum (quarter, billing period, plan) and a span of tenure.

Source: Friedman (1982), Ann. Stat. 10 (piecewise exponential models).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.impact.levers import seen, shift
from cxresearch.outcomes import outcome
from cxresearch.outcomes.cause_rows import enough_expected
from cxresearch.outcomes.models import ENOUGH_EVENTS, STRATA
from cxresearch.outcomes.rules import stopped
from cxresearch.outcomes.topic_doubt import topic_doubt
from cxresearch.study.answers import (
    CannotTell,
    DoesNotApply,
    Finding,
    cannot_tell_passes,
    finding,
)
from cxresearch.study.once import once
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import listed
from cxresearch.survival import CoxFit, coxph

DAY = pd.Timedelta(days=1)
NOBODY_LEAVES = DoesNotApply("what solving sooner would save: nobody can be seen to leave.")
SPANS = (90, 365)  # days of tenure at which the baseline rate may change
TOO_FEW = CannotTell(
    "what fixing a cause would save: no cause was overdue so long, among so many, that the "
    f"{ENOUGH_EVENTS} departures which an estimate needs were to be expected. More months would "
    "tell."
)


@dataclass(frozen=True)
class CauseModel:
    """Leaving by cause: the fit, and the rows it was fitted on, in order of customer and time.

    Beside the columns of episodes rows have begins and ends, in days before the study's end (so
    below 0). told are the causes that tickets tell; other levels are "no words", "unclear" and so
    on. rare are those of them without a ratio of their own: they are in the model together, and no
    lever moves them.
    """

    fit: CoxFit
    rows: pd.DataFrame
    told: tuple[str, ...]
    rare: tuple[str, ...] = ()

    def said(self, row: str = "") -> Finding:
        """What leaving depends on in it, and on how much it rests."""
        return finding(
            "The model rests on {pieces:,} pieces of {customers:,} customers' lives, of whom "
            "{left:,} left. It compares customers of the same {strata}.",
            strata=listed(self.fit.strata).replace("_", " "), pieces=len(self.rows),
            customers=self.rows["customer_id"].nunique(), left=int(self.rows["event"].sum()),
        )  # fmt: skip

    def sentences(self) -> tuple[Finding, ...]:
        """That alone."""
        return (self.said(),)

    def table(self) -> pd.DataFrame:
        """The last pieces of the longest life of all who left while something was overdue."""
        left = self.rows[(self.rows["event"] == 1) & (self.rows["overdue"] > 0)]
        lives = self.rows[self.rows["customer_id"].isin(left["customer_id"])]
        longest = lives["customer_id"].value_counts().head(1).index
        shown = ["start", "stop", "event", "overdue", "solved late", "none"]
        return lives.loc[lives["customer_id"].isin(longest), shown].tail(6)


def cause_model(study: Study) -> CauseModel | CannotTell:
    """The model of outcomes.leaving.by_cause in which causes are drawn together. It needs ten
    exposed departures, and that no rule withholds the headline (outcomes.rules). With one or two
    causes there is no prior, and a cause needs ten expected ones of its own; those with fewer are
    together in a column, rare, so that they do not count among what causes are compared with.

    >>> import cxresearch
    >>> model = cause_model(cxresearch.open_study("data/demo"))
    >>> len(model.told)
    13
    """
    if study.outcome != "churn":
        return NOBODY_LEAVES
    return stopped(study) or unchecked_model(study)


@once
def unchecked_model(study: Study) -> CauseModel | CannotTell:
    """The same, whether or not a rule withholds what comes of it."""
    lives = outcome(study).cause_rows(study)
    if isinstance(lives, CannotTell):
        return lives
    rows, told, others, _ = lives
    left = rows[rows["event"] == 1]
    own = [c for c in rows if c.startswith("overdue: ") and rows[c].nunique() > 1]
    exposed = int((left[own] > 0).any(axis=1).sum())
    if exposed < ENOUGH_EVENTS:
        return CannotTell(
            f"what fixing a cause would save: only {exposed} customers left while an issue was "
            f"overdue, and an estimate needs {ENOUGH_EVENTS}. More months would tell."
        )
    few: set[str] = set()
    if len(own) < 3:
        few = set(own) - set(enough_expected(rows, own, ENOUGH_EVENTS))
        rows = rows.assign(rare=rows[sorted(few)].any(axis=1).astype(int))
        own, others = [c for c in own if c not in few], ["rare", *others]
    if not own:
        return TOO_FEW
    rows = in_days(study, rows)
    left = rows[rows["event"] == 1]
    used = [c for c in others if left[c].nunique() > 1]
    pooled = own if len(own) >= 3 else None
    try:
        fit = coxph(rows, [*own, *used], strata=STRATA, pooled=pooled).doubted(topic_doubt(study))
    except InputError as error:
        return CannotTell(f"what fixing a cause would save: {error}")
    return CauseModel(fit, rows, _causes(told - few), _causes(told & few))


def _causes(columns: set[str]) -> tuple[str, ...]:
    return tuple(sorted(c.removeprefix("overdue: ") for c in columns))


def in_days(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with begins and ends, in days before the study's end, by customer and time."""
    started = study.customers.set_index("customer_id")["started_at"]
    zero = (rows["customer_id"].map(started) - study.observed_until) / DAY
    rows = rows.assign(begins=rows["start"] + zero, ends=np.minimum(rows["stop"] + zero, 0))
    return rows.sort_values(["customer_id", "begins"], ignore_index=True)


@cannot_tell_passes
def pulled(model: CauseModel, lever: str) -> pd.DataFrame:
    """What a lever on all causes changes, a row a departure on which it bears: how many causes are
    overdue, whether one was solved late, whether none was there, after less before; and by how much
    the hazard is multiplied."""
    names, rows = list(model.fit.params.index), model.rows[model.rows["event"] == 1]
    of = seen(rows)
    change = pd.DataFrame(shift(of, lever, of.causes, names).toarray(), columns=names)
    change = change[(change != 0).any(axis=1)].reset_index(drop=True)
    shown = {"overdue": change.filter(like="overdue: ").sum(axis=1)}
    shown |= {name: change[name] for name in ("solved late", "none") if name in change}
    hazard = np.exp(change @ model.fit.params)
    return pd.DataFrame(shown).astype(int).assign(**{"hazard times": hazard})


@dataclass(frozen=True)
class Expected:
    """Departures to be expected of each row (due), with what they are made of: the cell of each
    row and its hazard ratio times its days (risk). In each cell due adds up to what there was.
    weight is how often the row's customer counts."""

    fit: CoxFit
    rows: pd.DataFrame
    cell: np.ndarray
    risk: np.ndarray
    due: np.ndarray
    weight: np.ndarray


def expected(
    fit: CoxFit,
    rows: pd.DataFrame,
    weight: np.ndarray | None = None,
    strata: list[str] | None = None,
) -> Expected:
    """From a fit and its rows; by weight, if customers were drawn. The cells are of the fit's own
    strata, unless others are given."""
    strata = fit.strata if strata is None else strata
    middle = (rows["start"] + rows["stop"]) / 2
    span = pd.Series(np.digitize(middle, SPANS), rows.index, name="span")
    cell = rows[strata].join(span).groupby([*strata, "span"]).ngroup().to_numpy()
    ratio = np.exp(rows[list(fit.params.index)].to_numpy(float) @ fit.params.to_numpy())
    risk = ratio * (rows["stop"] - rows["start"]).to_numpy()
    one = np.ones(len(rows)) if weight is None else weight
    left, at_risk = (np.bincount(cell, one * of) for of in (rows["event"].to_numpy(), risk))
    due = risk * (left / np.where(at_risk > 0, at_risk, 1))[cell]
    return Expected(fit, rows, cell, risk, due, one)


def of_expected(of: Expected, by: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sum over rows of expected departures times `by`: its slope in the log hazard ratios (the
    baseline found anew), and what each row adds to its error at given ratios."""
    mean = (np.bincount(of.cell, by * of.risk) / np.bincount(of.cell, of.risk))[of.cell]
    X = of.rows[list(of.fit.params.index)].to_numpy(float)
    return ((by - mean) * of.due) @ X, mean * (of.rows["event"].to_numpy() - of.due)
