"""Does the headline hold? The same comparison by other choices, and what would have to be true for
it to be wrong."""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from cxresearch.episodes import (
    build_episodes,
    exposure_gate,
    open_spells,
    unresolved_spells,
)
from cxresearch.outcomes.models import (
    BESIDE,
    ENOUGH_EVENTS,
    HEADLINE,
    STRATA,
    adjustable,
    modelled,
    ratio_row,
    usable,
    with_departures,
)
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.survival import CoxFit, coxph

LAGS = (7, 14, 30, 60, 90)
DRAWS, SEED = 200, 6
EARLY, LONG = 365, 30  # days as a customer, and overdue, at which the ratio is split
DAY = pd.Timedelta(days=1)


@once
def doubts(study: Study) -> dict[str, dict] | CannotTell:
    """The headline under other choices, as rows of Variants: lag by lag, with requests to leave,
    and for ends that no issue should cause (involuntary: a ratio far from 1 there means that the
    comparison is unfair)."""
    if gate := exposure_gate(study):
        return gate
    rows = {}
    for lag in LAGS:
        known, adjusted = adjustable(modelled(build_episodes(study, lag=lag)))
        row = ratio_row(known, HEADLINE, adjusted)
        rows[f"lag {lag}"] = row | {"variant": f"waiting as it was {lag} days before"}
    known, adjusted = adjustable(modelled(build_episodes(study, include_exit_requests=True)))
    exits = "biased: with requests to leave counted as issues"
    rows["exits"] = ratio_row(known, HEADLINE, adjusted) | {"variant": exits, "asks": False}
    known, adjusted = adjustable(modelled(build_episodes(study)))
    control = known.assign(event=(known["end"] == "involuntary").astype(int))
    ends = "a control, should be near 1: of ends against the customer's will"
    rows["control"] = ratio_row(control, HEADLINE, adjusted) | {"variant": ends, "asks": False}
    return rows


@once
def checks(study: Study) -> pd.DataFrame | CannotTell:
    """What the headline rests on beside its rules: check, found, p, reads.

    Proportional hazards: the test of Grambsch and Therneau (1994, Biometrika 81) for the exposure;
    E-value: see `e_value`.
    """
    headline = headline_model(study, "what the headline rests on")
    if isinstance(headline, CannotTell):
        return headline
    _, _, row, fit = headline
    checked = [proportionality(fit, "any overdue"), unmeasured(row)]
    return pd.DataFrame(checked, columns=["check", "found", "p", "reads"])


@once
def halves(study: Study) -> list[dict]:
    """The headline's ratio in two halves of time, as rows of checks, with both ratios (one, two):
    in a customer's first year and later, in an issue's first overdue month and later."""
    headline = headline_model(study, "whether the ratio turns with time")
    if isinstance(headline, CannotTell):
        return []
    rows, others, *_ = headline
    spans = {
        "in the first year as a customer / later": rows["start"] < EARLY,
        "in the first overdue month / later": _days_overdue(rows) < LONG,
    }
    return [_split(rows, on, name, others) for name, on in spans.items()]


@once
def causes_differ(study: Study) -> pd.Series | CannotTell:
    """Whether causes differ at all: that one row of checks."""
    headline = headline_model(study, "whether causes differ at all")
    if isinstance(headline, CannotTell):
        return headline
    rows, _, _, fit = headline
    return pd.Series(permuted_causes(study, rows, fit))


def proportionality(fit: CoxFit, exposure: str) -> dict:
    """The test of proportional hazards of one covariate as a row of checks."""
    test = fit.cox_zph().loc[exposure]
    steady = test["p"] >= 0.05
    return {
        "check": "does the ratio change with time as a customer?",
        "found": f"chi-square {test['chisq']:.1f}",
        "p": test["p"],
        "reads": "no sign of it" if steady else "it does: one ratio is an average, read the next",
    }


def e_value(ratio: float, low: float, high: float) -> tuple[float, float]:
    """How strongly something unmeasured would have to go with both the exposure and leaving, as a
    risk ratio, to explain the hazard ratio away, and the bound of its interval next to 1.

    For outcomes that are not rare (VanderWeele and Ding 2017, Ann. Intern. Med. 167); 1 where the
    interval holds 1.
    """
    bound = low if ratio > 1 else high
    crossed = low <= 1 <= high
    return _e_value(ratio), 1.0 if crossed else _e_value(bound)


def unmeasured(headline: dict) -> dict:
    """The E-value of the headline as a row of checks."""
    point, bound = e_value(headline["hazard ratio"], headline["low"], headline["high"])
    return {
        "check": "could something that was not measured explain it?",
        "found": f"E-value {point:.1f}, of the interval {bound:.1f}",
        "p": np.nan,
        "reads": f"only what goes with both, waiting and leaving, by a risk ratio of {bound:.1f}",
    }


def permuted_causes(study: Study, rows: pd.DataFrame, fit: CoxFit) -> dict:
    """Do causes differ at all? Departures while an issue of each cause was overdue, against what
    the headline's model expects if all causes were alike, and against causes dealt to the overdue
    tickets at random: the share of 200 deals (fixed seed) with as much difference between causes.

    The difference is the sum over causes of (observed - expected)^2, the score for a variance of
    their log ratios above 0 (Commenges and Andersen 1995, Lifetime Data Anal. 1).
    """
    tickets = _expected_by_ticket(study, rows, fit)
    codes, names = pd.factorize(tickets["cause"])
    if len(names) < 2 or tickets["seen"].sum() < ENOUGH_EVENTS:
        return {"check": "do causes differ at all?", "found": "too few departures", "p": np.nan,
                "reads": "cannot tell"}  # fmt: skip
    rng = np.random.default_rng(SEED)
    deals = [codes, *(rng.permutation(codes) for _ in range(DRAWS))]
    spread = np.array([_spread(tickets, deal, len(names)) for deal in deals])
    p = (1 + (spread[1:] >= spread[0]).sum()) / (DRAWS + 1)
    return {
        "check": "do causes differ at all?",
        "found": f"{int((spread[1:] >= spread[0]).sum())} of {DRAWS} random deals differ as much",
        "p": p,
        "reads": "they do" if p < 0.05 else "no more than causes dealt at random",
    }


@once(on_disk=False)
def headline_model(
    study: Study, asked: str
) -> tuple[pd.DataFrame, list[str], dict, CoxFit] | CannotTell:
    """The headline's rows, the covariates beside its exposure, its row of leaving.hazards, and its
    model; asked is what cannot be told without a headline."""
    if gate := exposure_gate(study):
        return gate
    rows, adjusted = adjustable(modelled(build_episodes(study)))
    row = ratio_row(rows, HEADLINE, adjusted)
    if np.isnan(row["hazard ratio"]):
        return CannotTell(f"{asked}: there is no headline.")
    rows, used = with_departures(rows, BESIDE)
    others = [*used, *usable(rows, adjusted)]
    return rows, others, row, coxph(rows, ["any overdue", *others], strata=STRATA)


def _e_value(hazard_ratio: float) -> float:
    if hazard_ratio < 1:
        hazard_ratio = 1 / hazard_ratio
    risk = (1 - 0.5 ** np.sqrt(hazard_ratio)) / (1 - 0.5 ** np.sqrt(1 / hazard_ratio))
    return float(risk + np.sqrt(risk * (risk - 1)))


def _split(rows: pd.DataFrame, split: pd.Series, name: str, others: list[str]) -> dict:
    one, two = rows["any overdue"] * split, rows["any overdue"] * ~split
    halves = rows.assign(one=one, two=two)
    left = halves.loc[halves["event"] == 1, ["one", "two"]].sum()
    row = {"check": f"the ratio {name}", "found": "too few departures", "p": np.nan,
           "reads": "cannot tell", "one": np.nan, "two": np.nan}  # fmt: skip
    if left.min() < ENOUGH_EVENTS:
        return row
    fit = coxph(halves, ["one", "two", *others], strata=STRATA)
    gap = fit.params["one"] - fit.params["two"]
    V = fit.robust_cov
    z = gap / np.sqrt(V.loc["one", "one"] + V.loc["two", "two"] - 2 * V.loc["one", "two"])
    p = float(2 * ndtr(-abs(z)))
    ratios = np.exp(fit.params[["one", "two"]])
    return row | {
        "found": f"{ratios['one']:.2f} / {ratios['two']:.2f}",
        "p": p,
        "reads": "no sign of a difference" if p >= 0.05 else "they differ",
        **ratios,
    }


def _days_overdue(rows: pd.DataFrame) -> pd.Series:
    """For each row the days since the present run of overdue rows began."""
    on = rows["any overdue"] > 0
    who = rows["customer_id"]
    run = (on & ~on.groupby(who).shift(fill_value=False)).groupby(who).cumsum()
    began = rows["start"].where(on).groupby([who, run]).transform("min")
    return (rows["start"] - began).where(on)


def _expected_by_ticket(study: Study, rows: pd.DataFrame, fit: CoxFit) -> pd.DataFrame:
    """A row an overdue ticket: cause, seen and expected departures in the rows in which it was."""
    spells = unresolved_spells(study, open_spells(study), "overdue")
    spells = spells.sort_values("weight", ascending=False).drop_duplicates(
        ["ticket_id", "opened_at"]
    )
    started = study.customers.set_index("customer_id")["started_at"]
    zero = spells["customer_id"].map(started)
    spells = spells.assign(
        begins=(spells["begins_at"] - zero) / DAY,
        ends=((spells["ends_at"] - zero) / DAY).fillna(np.inf),
    )
    pieces = rows[["customer_id", "start", "stop", "event"]].assign(
        expected=rows["event"] - fit.residuals("martingale")
    )
    pieces = pieces[rows["any overdue"] > 0]
    both = spells[["ticket_id", "customer_id", "cause", "begins", "ends"]].merge(pieces)
    inside = (both["begins"] <= both["start"] + 1e-6) & (both["stop"] <= both["ends"] + 1e-6)
    by = both[inside].groupby(["ticket_id", "cause"])
    return by.agg(seen=("event", "sum"), expected=("expected", "sum")).reset_index()


def _spread(tickets: pd.DataFrame, codes: np.ndarray, causes: int) -> float:
    seen = np.bincount(codes, tickets["seen"], causes)
    expected = np.bincount(codes, tickets["expected"], causes)
    return float(((seen - expected) ** 2).sum())
