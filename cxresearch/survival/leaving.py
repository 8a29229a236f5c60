"""Churn studies: what an overdue issue is associated with, overall and by cause.

Every function takes a Study and answers with a table, or with CannotTell where tickets cannot be
joined to customers. survival.returning answers the same questions where nobody can leave.
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
STRATA = ["quarter", "billing_period"]
LAGS = (0, 7, 14, 30, 60, 90)
# Below about ten events per variable Cox estimates and their intervals go wrong: Peduzzi, Concato,
# Feinstein and Holford (1995), J. Clin. Epidemiol. 48.
ENOUGH_EVENTS = 10
EVENT = "left"


def population(study: Study) -> pd.DataFrame:
    """Every customer accounted for: step and customers."""
    lives = customer_lives(study)
    at_risk = lives[lives["enters_at"] < lives["leaves_at"]]
    steps = {
        "customers in the table": len(lives),
        "gone, or too new, before their exposure could be known": len(at_risk) - len(lives),
        "at risk": len(at_risk),
        "of these, left by choice": int((at_risk["end"] == "voluntary").sum()),
        "ended against their will": int((at_risk["end"] == "involuntary").sum()),
        "still customers when last seen": int(at_risk["end"].isna().sum()),
    }
    return pd.DataFrame({"customers": steps}).rename_axis("step")


def power(study: Study) -> pd.DataFrame | CannotTell:
    """What could be seen at all: exposed years, departures, and the smallest visible ratio."""
    if gate := match_gate(study):
        return gate
    episodes = build_episodes(study)
    return pd.DataFrame([_exposure(episodes, "any overdue issue", episodes["overdue"] > 0)])


def curves(study: Study) -> pd.DataFrame | CannotTell:
    """Share who left by days after the promise ran out on their first issue, by what became of it.

    Time zero is created + promise of each customer's first issue in view, among those still
    customers then; groups are as of that day: solved in time, or still open.
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

    Time-varying Cox, Efron, strata calendar quarter and billing period, robust by customer. The
    first row is the headline: while an issue is overdue against all other time.
    """
    if gate := match_gate(study):
        return gate
    episodes = _with_states(build_episodes(study))
    known = episodes[episodes["log_activity"].notna()]
    rows = []
    if len(known):
        rows.append(_row(known, "any overdue", [], "activity at entry", "overdue now / not"))
        rows += [
            _row(known, state, others, "activity at entry", f"{state} / {against}")
            for state, against, others in _contrasts()
        ]
    rows.append(_row(episodes, "any overdue", [], "nothing more", "overdue now / not"))
    return pd.DataFrame(rows)


def by_cause(study: Study) -> pd.DataFrame | CannotTell:
    """Hazard ratios of leaving while an issue of each cause is overdue, all causes in one model.

    A row a cause: customers and years exposed, left while exposed, hazard ratio, low, high, p (Holm
    over causes), smallest visible ratio, verdict. Causes with fewer than 10 exposed departures are
    not estimated; they stay in the model together.
    """
    if gate := match_gate(study):
        return gate
    episodes = _with_states(build_episodes(study, by="cause"))
    told = set("overdue: " + named(study)["cause"])
    overdue = [c for c in episodes if c.startswith("overdue: ")]
    columns = [c for c in overdue if c in told]
    table = pd.DataFrame(
        [_exposure(episodes, c.removeprefix("overdue: "), episodes[c] > 0) for c in columns]
    ).rename(columns={"group": "cause"})
    enough = [
        c for c, n in zip(columns, table["left while exposed"], strict=True) if n >= ENOUGH_EVENTS
    ]
    rare = episodes[[c for c in overdue if c not in enough]].any(axis=1)
    fits = _cause_fits(episodes.assign(rare=rare.astype(int)), enough)
    table = table.merge(fits, on="cause", how="left")
    verdict = np.select(
        [table["p"].isna(), table["p"] >= 0.05, table["hazard ratio"] > 1],
        ["cannot tell: too few left", "cannot tell", "leave more"],
        "leave less",
    )
    return table.assign(verdict=verdict).sort_values("left while exposed", ascending=False)


def doubts(study: Study) -> pd.DataFrame | CannotTell:
    """The headline under other choices: lag by lag, with exit requests, and for ends that no issue
    should cause (involuntary: a hazard ratio far from 1 there means the comparison is unfair)."""
    if gate := match_gate(study):
        return gate
    rows = []
    for lag in LAGS:
        for exits in (False, True):
            episodes = _with_states(build_episodes(study, lag=lag, include_exit_requests=exits))
            asks = "exit requests counted" if exits else "exit requests left out"
            rows.append(_row(episodes, "any overdue", [], asks, f"overdue {lag} days before / not"))
    control = _with_states(build_episodes(study))
    control = control.assign(event=(control["end"] == "involuntary").astype(int))
    name = "overdue now / not, for involuntary ends"
    rows.append(_row(control, "any overdue", [], "negative control", name))
    return pd.DataFrame(rows)


def exit_requests(study: Study) -> tuple[int, int]:
    """Tickets of known customers that ask to leave, and all their tickets."""
    spells = open_spells(study, include_exit_requests=True).drop_duplicates("ticket_id")
    return int(spells["is_exit_request"].astype(bool).sum()), len(spells)


def _with_states(episodes: pd.DataFrame) -> pd.DataFrame:
    states = {state: (episodes["state"] == state).astype(int) for state in STATES}
    return episodes.assign(
        **states,
        **{"any overdue": (episodes["overdue"] > 0).astype(int)},
        log_activity=np.log1p(episodes["activity"]),
    )


def _contrasts():
    """The two contrasts that lead, as (state, reference, the other states in the model)."""
    for state, against in [
        ("overdue", "solved in time"),
        ("solved late", "solved in time"),
        ("solved in time", "none"),
    ]:
        yield state, against, [s for s in STATES if s not in (state, against)]


def _row(episodes, exposure, others, adjusted, comparison) -> dict:
    activity = ["log_activity"] if adjusted == "activity at entry" else []
    left = int(episodes["event"].sum())
    exposed = int(episodes.loc[episodes[exposure] > 0, "event"].sum())
    row = {"comparison": comparison, "adjusted for": adjusted}
    found = {"hazard ratio": np.nan, "low": np.nan, "high": np.nan, "p": np.nan}
    if exposed >= ENOUGH_EVENTS:
        used = [c for c in others if episodes.loc[episodes[c] > 0, "event"].any()]
        fit = coxph(episodes, [exposure, *used, *activity], strata=STRATA)
        estimate = fit.summary_frame().loc[exposure]
        found = dict(zip(found, estimate[["hazard_ratio", "low", "high", "p"]], strict=True))
    return {**row, **found, "left while exposed": exposed, "left": left}


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


def _cause_fits(episodes: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    empty = pd.DataFrame(columns=["cause", "hazard ratio", "low", "high", "p"])
    if not columns:
        return empty.astype({c: float for c in empty.columns[1:]})
    rare = ["rare"] if episodes.loc[episodes["rare"] > 0, "event"].any() else []
    activity = ["log_activity"] if episodes["log_activity"].notna().all() else []
    fit = coxph(episodes, [*columns, *rare, *activity], strata=STRATA).summary_frame()
    fit = fit.loc[columns].rename(columns={"hazard_ratio": "hazard ratio"})
    fit["p"] = multipletests(fit["p"], method="holm")[1]
    return fit.assign(cause=[c.removeprefix("overdue: ") for c in fit.index]).reset_index(drop=True)
