"""Churn studies: what an overdue issue is associated with, overall and by cause.

Every function takes a Study and answers with a table, or with CannotTell where tickets cannot be
joined to customers. outcomes.returning answers the same questions where nobody can leave.
"""

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from cxresearch.causes import named
from cxresearch.episodes import STATES, build_episodes, customer_lives, match_gate, open_spells
from cxresearch.say import CannotTell
from cxresearch.study import Study
from cxresearch.survival.cox import coxph
from cxresearch.survival.curves import cumulative_share
from cxresearch.survival.power import smallest_hazard_ratio

DAY = pd.Timedelta(days=1)
YEAR = 365.25
STRATA = ["quarter", "billing_period", "plan"]
LAGS = (0, 7, 14, 30, 60, 90)
# Below about ten events per variable Cox estimates and their intervals go wrong: Peduzzi, Concato,
# Feinstein and Holford (1995), J. Clin. Epidemiol. 48.
ENOUGH_EVENTS = 10
NOBODY = CannotTell("who leaves: no customer was watched long enough to be at risk.")


def population(study: Study) -> pd.DataFrame:
    """Every customer accounted for: step and customers."""
    lives = customer_lives(study)
    at_risk = lives[lives["enters_at"] < lives["leaves_at"]]
    unknown = at_risk["kind_unknown"]
    steps = {
        "customers in the table": len(lives),
        "gone, or too new, before their exposure could be known": len(at_risk) - len(lives),
        "at risk": len(at_risk),
        "of these, left by choice": int(((at_risk["end"] == "voluntary") & ~unknown).sum()),
        "ended, unknown why: counted as by choice": int(unknown.sum()),
        "ended against their will": int((at_risk["end"] == "involuntary").sum()),
        "still customers when last seen": int(at_risk["end"].isna().sum()),
    }
    if 0 < at_risk["activity"].notna().sum() < len(at_risk):
        without = int(at_risk["activity"].isna().sum())
        steps["at risk, but not in rows adjusted for activity: it is not known"] = -without
    return pd.DataFrame({"customers": steps}).rename_axis("step")


def power(study: Study) -> pd.DataFrame | CannotTell:
    """What could be seen at all: exposed years, departures, and the smallest visible ratio."""
    if gate := match_gate(study):
        return gate
    episodes = build_episodes(study)
    if episodes.empty:
        return NOBODY
    return pd.DataFrame([_exposure(episodes, "any overdue issue", episodes["overdue"] > 0)])


def curves(study: Study) -> pd.DataFrame | CannotTell:
    """Share who left by choice by days after the promise on their first issue ran out, by group.

    Time zero is created + promise of each customer's first issue in view, among those still
    customers then; groups are as of that day: solved in time, or still open. Customers who ended
    against their will are censored, as if they could still have chosen to leave.
    """
    if gate := match_gate(study):
        return gate
    issues = open_spells(study).sort_values("opened_at").drop_duplicates("ticket_id")
    cohort = issues.merge(customer_lives(study), on="customer_id")
    zero = cohort["overdue_at"]
    watched = (zero >= cohort["enters_at"]) & (zero < cohort["leaves_at"])
    cohort = cohort[watched].drop_duplicates("customer_id")
    in_time = cohort["resolved_at"] <= cohort["overdue_at"]
    cohort = cohort.assign(
        group=np.where(in_time, "solved in time", "still open"),
        time=(cohort["leaves_at"] - cohort["overdue_at"]) / DAY,
        event=(cohort["end"] == "voluntary").astype(int),
    )
    return cumulative_share(cohort, "group")


def hazards(study: Study) -> pd.DataFrame | CannotTell:
    """Hazard ratios of leaving: comparison, adjusted for, hazard ratio, low, high, p, left.

    Time-varying Cox, Efron, strata calendar quarter, billing period and plan at entry, robust by
    customer. The
    first row is the headline: while an issue is overdue against all other time. Rows adjusted for
    activity hold the customers whose activity at entry is known. An estimate needs ten departures
    on either side.
    """
    if gate := match_gate(study):
        return gate
    episodes = _with_states(build_episodes(study))
    if episodes.empty:
        return NOBODY
    known, adjusted = _adjustable(episodes)
    rows = [_row(known, "any overdue", "overdue now / not", adjusted)]
    rows += [
        _row(known, state, f"{state} / {against}", adjusted, others)
        for state, against, others in _contrasts()
    ]
    if adjusted:
        rows.append(_row(episodes, "any overdue", "overdue now / not", []))
    return pd.DataFrame(rows)


def by_cause(study: Study) -> pd.DataFrame | CannotTell:
    """Hazard ratios of leaving while an issue of each cause is overdue, all causes in one model.

    A row a cause: customers and years exposed, left while exposed, hazard ratio, low, high, p (Holm
    over causes), smallest visible ratio, adjusted for, verdict. Causes with fewer than 10 exposed
    departures are not estimated; they stay in the model together. Customers and adjustment are
    those of the headline.
    """
    if gate := match_gate(study):
        return gate
    episodes, adjusted = _adjustable(_with_states(build_episodes(study, by="cause")))
    told = set("overdue: " + named(study)["cause"])
    overdue = [c for c in episodes if c.startswith("overdue: ")]
    columns = [c for c in overdue if c in told]
    if episodes.empty or not columns:
        return CannotTell("which cause matters: no issue of a known cause was ever overdue.")
    table = pd.DataFrame(
        [_exposure(episodes, c.removeprefix("overdue: "), episodes[c] > 0) for c in columns]
    ).rename(columns={"group": "cause"})
    enough = table["left while exposed"] >= ENOUGH_EVENTS
    tested = [c for c, n in zip(columns, enough, strict=True) if n]
    rare = episodes[[c for c in overdue if c not in tested]].any(axis=1)
    fits = _cause_fits(episodes.assign(rare=rare.astype(int)), tested, adjusted)
    table = table.merge(fits, on="cause", how="left")
    table = table.assign(verdict=verdicts(table, "leave"), **{"adjusted for": _says(adjusted)})
    return table.sort_values("left while exposed", ascending=False)


def doubts(study: Study) -> pd.DataFrame | CannotTell:
    """The headline under other choices: lag by lag, with exit requests, and for ends that no issue
    should cause (involuntary: a hazard ratio far from 1 there means the comparison is unfair)."""
    if gate := match_gate(study):
        return gate
    rows = []
    for lag in LAGS:
        for exits in (False, True):
            episodes = _with_states(build_episodes(study, lag=lag, include_exit_requests=exits))
            known, adjusted = _adjustable(episodes)
            row = _row(known, "any overdue", f"overdue {lag} days before / not", adjusted)
            version = "biased: exit requests counted" if exits else "exit requests left out"
            rows.append({"comparison": row.pop("comparison"), "version": version, **row})
    control, adjusted = _adjustable(_with_states(build_episodes(study)))
    control = control.assign(event=(control["end"] == "involuntary").astype(int))
    name = "overdue now / not, for involuntary ends"
    row = _row(control, "any overdue", name, adjusted)
    rows.append({"comparison": row.pop("comparison"), "version": "negative control", **row})
    return pd.DataFrame(rows)


def exit_requests(study: Study) -> tuple[int, int]:
    """Tickets of known customers that ask to leave, and all their tickets."""
    tickets = study.customer_tickets
    own = tickets.loc[tickets["customer_id"].isin(study.customers["customer_id"]), "ticket_id"]
    asks = study.ticket_causes.groupby("ticket_id")["is_exit_request"].any()
    return int(asks.reindex(own).fillna(False).sum()), len(own)


def verdicts(table: pd.DataFrame, verb: str) -> np.ndarray:
    """What each row's corrected p and ratio allow to say: cannot tell, verb more, verb less."""
    return np.select(
        [table["p"].isna(), table["p"] >= 0.05, table["hazard ratio"] > 1],
        ["cannot tell: too few events", "cannot tell", f"{verb} more"],
        f"{verb} less",
    )


def _with_states(episodes: pd.DataFrame) -> pd.DataFrame:
    states = {state: (episodes["state"] == state).astype(int) for state in STATES}
    return episodes.assign(
        **states,
        **{"any overdue": (episodes["overdue"] > 0).astype(int)},
        log_activity=np.log1p(episodes["activity"].clip(lower=0)),
    )


def _adjustable(episodes: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Episodes of customers whose activity is known, to be adjusted for it; all of them, and
    nothing to adjust for, where it is never known or always the same."""
    known = episodes[episodes["log_activity"].notna()]
    if known["log_activity"].nunique() < 2:
        return episodes, []
    return known, ["log_activity"]


def _says(adjusted: list[str]) -> str:
    return "activity at entry" if adjusted else "nothing more"


def _contrasts():
    """The contrasts that lead, as (state, reference, the other states in the model)."""
    for state, against in [
        ("overdue", "solved in time"),
        ("solved late", "solved in time"),
        ("solved in time", "none"),
    ]:
        yield state, against, [s for s in STATES if s not in (state, against)]


def _row(episodes, exposure, comparison, adjusted, others=()) -> dict:
    """One Cox model's row; without an estimate where either side has too few departures."""
    left = int(episodes["event"].sum())
    events = episodes[episodes["event"] == 1]
    exposed = int((events[exposure] > 0).sum())
    reference = int((events[[exposure, *others]] == 0).all(axis=1).sum())
    found = {"hazard ratio": np.nan, "low": np.nan, "high": np.nan, "p": np.nan}
    if min(exposed, reference) >= ENOUGH_EVENTS:
        used = [c for c in others if (events[c] > 0).any()]
        fit = coxph(episodes, [exposure, *used, *adjusted], strata=STRATA)
        estimate = fit.summary_frame().loc[exposure]
        found = dict(zip(found, estimate[["hazard_ratio", "low", "high", "p"]], strict=True))
    row = {"comparison": comparison, "adjusted for": _says(adjusted), **found}
    return {**row, "left while exposed": exposed, "left": left}


def _exposure(episodes: pd.DataFrame, group: str, exposed: pd.Series) -> dict:
    time = episodes["stop"] - episodes["start"]
    left = int(episodes["event"].sum())
    share = time[exposed].sum() / time.sum()
    return {
        "group": group,
        "customers exposed": int(episodes.loc[exposed, "customer_id"].nunique()),
        "years exposed": time[exposed].sum() / YEAR,
        "left while exposed": int(episodes.loc[exposed, "event"].sum()),
        "smallest visible ratio": smallest_hazard_ratio(left, share),
    }


def _cause_fits(episodes: pd.DataFrame, columns: list[str], adjusted: list[str]) -> pd.DataFrame:
    empty = pd.DataFrame(columns=["cause", "hazard ratio", "low", "high", "p"])
    if not columns:
        return empty.astype({c: float for c in empty.columns[1:]} | {"cause": "str"})
    rare = ["rare"] if episodes.loc[episodes["rare"] > 0, "event"].any() else []
    fit = coxph(episodes, [*columns, *rare, *adjusted], strata=STRATA).summary_frame()
    fit = fit.loc[columns].rename(columns={"hazard_ratio": "hazard ratio"})
    fit["p"] = multipletests(fit["p"], method="holm")[1]
    return fit.assign(cause=[c.removeprefix("overdue: ") for c in fit.index]).reset_index(drop=True)
