"""The method tried where the truth is known: a simulated company whose causes were planted.

A planted ratio is the total effect of a cause while one of its issues is overdue. Every function
takes a Study and answers with a table, or with CannotTell where nothing was planted.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm

from cxresearch.causes import named
from cxresearch.conform import typed
from cxresearch.coverage import OURS
from cxresearch.episodes import build_episodes
from cxresearch.outcomes import leaving
from cxresearch.say import CannotTell
from cxresearch.schema import TABLES
from cxresearch.simulate.causes import EXIT_REQUEST
from cxresearch.study import Study
from cxresearch.survival import coxph

NO_TRUTH = CannotTell("only a simulated company has a truth to compare with.")
HOLDS, MISSES, FEW = "holds the truth", "misses the truth", "too few left to tell"


def planted_study(tables: dict[str, pd.DataFrame], truth: dict) -> Study:
    """What simulate_world returned, as a study whose tickets carry their true causes."""
    world = truth["world"]
    start, until = (f"{world[name]}T00:00:00Z" for name in ("tickets_from", "observed_until"))
    study = Study.from_tables(
        tables,
        tickets_from=start,
        customers_from=start,
        observed_until=until,
        unresolved_after_days=float(world["promise_days"]),
    )
    study.truth = truth
    return with_true_causes(study)


def with_true_causes(study: Study) -> Study | CannotTell:
    """The same study with the planted cause of each ticket in the place of the topic found.

    Of a ticket about two causes the main one counts; requests to leave are marked as such.
    """
    if not study.truth:
        return NO_TRUTH
    told = study.truth["tickets"]
    ids = [ticket for ticket in study.tickets["ticket_id"] if told.get(ticket, {}).get("causes")]
    cause = pd.Series([told[ticket]["causes"][0] for ticket in ids], dtype="str")
    order = {name: place for place, name in enumerate(study.truth["hazard_ratio"])}
    causes = pd.DataFrame(
        {
            "ticket_id": ids,
            "topic": cause.map(order).fillna(-1).astype("Int64"),
            "cause": cause,
            "weight": 1.0,
            "is_exit_request": (cause == EXIT_REQUEST).astype("boolean"),
        }
    )
    tables = {name: study.table(name) for name in TABLES if study.has(name)}
    tables["ticket_causes"] = typed(TABLES["ticket_causes"], causes)
    seen = Study(study.settings, study.path, tables)
    seen.truth = study.truth
    return seen


def against_truth(study: Study) -> pd.DataFrame | CannotTell:
    """Each planted hazard ratio beside its estimate, from tickets with their true causes.

    A row a cause, the most harmful first: planted, hazard ratio, low, high, left while exposed,
    smallest visible ratio, verdict (does the 95% interval hold the planted ratio?).
    """
    seen = with_true_causes(study)
    if isinstance(seen, CannotTell):
        return seen
    found = leaving.by_cause(seen)
    if isinstance(found, CannotTell):
        return found
    planted = pd.Series(study.truth["hazard_ratio"], name="planted").rename_axis("cause")
    both = planted.reset_index().merge(found.drop(columns=["p", "verdict"]), how="left")
    both["left while exposed"] = both["left while exposed"].fillna(0).astype(int)
    both = both.sort_values(["planted", "left while exposed"], ascending=False, ignore_index=True)
    return both.assign(verdict=_verdict(both))


def topics_against_truth(study: Study) -> pd.DataFrame | CannotTell:
    """Each cause that the study found, beside the planted cause of most of its tickets.

    Requests to leave are left out, as from every exposure. Columns: cause, tickets, mostly
    (planted cause), purity (its share of the tickets), planted (its ratio), hazard ratio, low,
    high, left while exposed, verdict. A mixture should show a mixed ratio, so an impure cause that
    misses its main one need not be the method's fault.
    """
    if not study.truth:
        return NO_TRUTH
    true = with_true_causes(study).ticket_causes[["ticket_id", "cause"]]
    told = named(study)
    told = told.loc[~told["is_exit_request"].astype(bool), ["ticket_id", "cause"]].merge(
        true, on="ticket_id", suffixes=("", "_true")
    )
    counts = told.groupby(["cause", "cause_true"]).size().unstack(fill_value=0)
    found = leaving.by_cause(study)
    if isinstance(found, CannotTell):
        return found
    mostly = counts.idxmax(axis=1)
    beside = pd.DataFrame(
        {
            "tickets": counts.sum(axis=1),
            "mostly": mostly,
            "purity": counts.max(axis=1) / counts.sum(axis=1),
            "planted": mostly.map(study.truth["hazard_ratio"]),
        }
    )
    both = beside.reset_index().merge(found.drop(columns=["p", "verdict"]), on="cause", how="left")
    both["left while exposed"] = both["left while exposed"].fillna(0).astype(int)
    both = both.sort_values("tickets", ascending=False, ignore_index=True)
    return both.assign(verdict=_verdict(both))


def rivals(study: Study) -> pd.DataFrame | CannotTell:
    """What other analyses say of the same customers: any overdue issue against none.

    A row an analysis: analysis, measure, left while exposed, ratio, low, high, looks ahead,
    planted (the mean of the planted ratios over the customer-time in which something was overdue),
    verdict. All are adjusted for activity at entry; the day-by-day rows are stratified as in
    outcomes.leaving, rows of whole customers by billing period alone.
    """
    seen = with_true_causes(study)
    if isinstance(seen, CannotTell):
        return seen
    episodes = build_episodes(seen, by="cause")
    asks = build_episodes(seen, include_exit_requests=True)
    quarterly, plain = leaving.STRATA, ["billing_period"]
    lives = _one_row_a_customer(episodes)
    rows = [
        _cox(OURS, episodes, "overdue now", quarterly, False),
        _cox("the same, counting requests to leave", asks, "overdue now", quarterly, False),
        _cox("ever overdue: Cox, a row a customer", lives, "ever", plain, True),
        _logit("ever overdue: logistic regression", lives, "ever", True),
        _logit("overdue when last seen: logistic regression", lives, "at the end", False),
    ]
    found = pd.DataFrame(rows).assign(planted=planted_mean(seen, episodes))
    found = found.rename(columns={"ratio": "hazard ratio"})
    return found.assign(verdict=_verdict(found)).rename(columns={"hazard ratio": "ratio"})


def one_company(study: Study) -> pd.DataFrame:
    """What the method and its rivals say of one simulated company: kind (cause or analysis), name,
    planted, ratio, low, high, left while exposed. NaN where too few left."""
    causes = against_truth(study).rename(columns={"cause": "name", "hazard ratio": "ratio"})
    analyses = rivals(study).rename(columns={"analysis": "name"})
    rows = pd.concat([causes.assign(kind="cause"), analyses.assign(kind="analysis")])
    columns = ["kind", "name", "planted", "ratio", "low", "high", "left while exposed"]
    return rows[columns].reset_index(drop=True)


def planted_mean(study: Study, episodes: pd.DataFrame) -> float:
    """Mean planted ratio over the customer-time with an overdue issue; NaN if there is none.

    episodes are of build_episodes(study, by="cause") with true causes; the ratios of causes that
    are overdue together multiply, as they do in the simulated company.
    """
    names = [c for c in episodes if c.startswith("overdue: ")]
    ratio = pd.Series(study.truth["hazard_ratio"])
    log = np.log(ratio.reindex([c.removeprefix("overdue: ") for c in names]).fillna(1.0))
    planted = np.exp(episodes[names].to_numpy(float) @ log.to_numpy())
    time = ((episodes["stop"] - episodes["start"]) * (episodes["overdue"] > 0)).to_numpy()
    return float((planted * time).sum() / time.sum()) if time.sum() else np.nan


@dataclass(frozen=True)
class _Row:
    """An analysis and what it says; NaN where fewer than ten left in either group."""

    analysis: str
    measure: str
    ahead: bool

    def __call__(self, left: int, ratio=np.nan, low=np.nan, high=np.nan) -> dict:
        said = {"analysis": self.analysis, "measure": self.measure, "left while exposed": left}
        return said | {"ratio": ratio, "low": low, "high": high, "looks ahead": self.ahead}


def _cox(analysis: str, rows: pd.DataFrame, exposure: str, strata: list[str], ahead: bool) -> dict:
    row = _Row(analysis, "hazard ratio", ahead)
    rows, activity = _with_activity(rows.assign(**{"overdue now": _overdue(rows)}))
    left, few = _left(rows, exposure)
    if few:
        return row(left)
    fit = coxph(rows, [exposure, *activity], strata=strata).summary_frame().loc[exposure]
    return row(left, *fit[["hazard_ratio", "low", "high"]])


def _logit(analysis: str, lives: pd.DataFrame, exposure: str, ahead: bool) -> dict:
    row = _Row(analysis, "odds ratio", ahead)
    lives, activity = _with_activity(lives)
    left, few = _left(lives, exposure)
    if few:
        return row(left)
    X = sm.add_constant(lives[[exposure, *activity]].astype(float))
    fit = sm.Logit(lives["event"], X).fit(disp=0)
    return row(left, *np.exp([fit.params[exposure], *fit.conf_int().loc[exposure]]))


def _one_row_a_customer(episodes: pd.DataFrame) -> pd.DataFrame:
    """Lives with what was overdue at any time (which looks ahead) and in their last piece."""
    exposed = episodes.assign(ever=_overdue(episodes), last=_overdue(episodes))
    return exposed.groupby("customer_id", as_index=False).agg(
        start=("start", "min"),
        stop=("stop", "max"),
        event=("event", "max"),
        ever=("ever", "max"),
        billing_period=("billing_period", "first"),
        activity=("activity", "first"),
        **{"at the end": ("last", "last")},
    )


def _overdue(rows: pd.DataFrame) -> pd.Series | int:
    return (rows["overdue"] > 0).astype(int) if "overdue" in rows else 0


def _with_activity(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    known = rows["activity"].notna().all()
    return rows.assign(log_activity=np.log1p(rows["activity"])), ["log_activity"] * bool(known)


def _left(rows: pd.DataFrame, exposure: str) -> tuple[int, bool]:
    """How many left while exposed, and whether too few did, exposed or not, for an estimate."""
    left = rows[rows["event"] == 1]
    exposed = int((left[exposure] > 0).sum())
    return exposed, min(exposed, len(left) - exposed) < leaving.ENOUGH_EVENTS


def _verdict(rows: pd.DataFrame) -> np.ndarray:
    holds = (rows["low"] <= rows["planted"]) & (rows["planted"] <= rows["high"])
    unknown = rows["hazard ratio"].isna() | rows["planted"].isna()
    return np.select([unknown, holds], [FEW, HOLDS], MISSES)
