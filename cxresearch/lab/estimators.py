"""Every estimator that an analyst might reach for: any overdue issue against none.

Each takes what CompanyRows has built once and answers with a ratio and its 95% interval, or with
NaN where fewer than ten left on either side. Which of them are wrong, and where, is tried by
tests/benchmarks/estimator_bias; only the first is used on the other pages.
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cxresearch.episodes import STATES, build_episodes, customer_lives, open_spells, renewal_hazard
from cxresearch.lab.mismeasured import activity_today
from cxresearch.outcomes import leaving
from cxresearch.outcomes.models import ADJUSTED, BESIDE, NOW, held_alike, modelled, with_departures
from cxresearch.study.answers import CannotTell
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.survival import coxph

DAY = pd.Timedelta(days=1)
OURS = "overdue now, day by day (ours)"
EVER = "ever overdue: Cox"
HAZARD, ODDS = "hazard ratio", "odds ratio"
WINDOW = 90  # days that a stacked landmark is followed
LAG = 30


@dataclass(frozen=True)
class Estimate:
    """Departures while exposed, the ratio (hazard or odds) and its 95% interval; NaN if too few."""

    exposed: int
    ratio: float = np.nan
    low: float = np.nan
    high: float = np.nan


class CompanyRows:
    """A study's rows as the estimators need them, each built when first asked for and then kept."""

    def __init__(self, study: Study):
        self.study = study

    @cached_property
    def now(self) -> pd.DataFrame:
        """Day-by-day rows with a count a cause, requests to leave left out."""
        return _described(build_episodes(self.study, by="cause"))

    @cached_property
    def asking(self) -> pd.DataFrame:
        """The same, with requests to leave counted as issues."""
        if not self.study.ticket_causes["is_exit_request"].fillna(False).any():
            return self.now
        return _described(build_episodes(self.study, include_exit_requests=True))

    @cached_property
    def before(self) -> pd.DataFrame:
        """The same as now, with everything as it was LAG days before."""
        return _described(build_episodes(self.study, lag=LAG))

    @cached_property
    def issues(self) -> pd.DataFrame:
        """Each issue's spells of being open, with the life of its customer."""
        lives = customer_lives(self.study)
        return open_spells(self.study).merge(lives[lives["enters_at"] < lives["leaves_at"]])

    @cached_property
    def customers(self) -> pd.DataFrame:
        """A row a customer at risk: start, stop, event (at the end of the term where no notice is
        known), ever (overdue at any time, which looks ahead), last (overdue when last seen)."""
        lives = customer_lives(self.study)
        lives = lives[lives["enters_at"] < lives["leaves_at"]]
        issues = self.issues
        until = issues["resolved_at"].fillna(self.study.observed_until + DAY)
        late = issues["overdue_at"] < issues[["leaves_at"]].assign(until=until).min(axis=1)
        who, still = issues["customer_id"], until >= issues["leaves_at"]
        return lives.assign(
            start=(lives["enters_at"] - lives["started_at"]) / DAY,
            stop=(lives["leaves_at"] - lives["started_at"]) / DAY,
            event=(lives["end"] == "voluntary").astype(int),
            ever=lives["customer_id"].isin(who[late & (until > issues["enters_at"])]).astype(int),
            last=lives["customer_id"].isin(who[late & still]).astype(int),
            log_activity=np.log1p(lives["activity"].clip(lower=0)),
        )


def ours(seen: CompanyRows) -> Estimate:
    """Cox on day-by-day rows: overdue now against in time, or solved in time and remembered, given
    activity before the issue, time since writing and what was known at the start; strata quarter,
    billing period and plan; requests to leave left out.
    """
    return _cox(seen.now, "exposed", _like_ours(seen.now))


def _like_ours(rows: pd.DataFrame) -> list[str]:
    return [*BESIDE, *ADJUSTED, *held_alike(rows)]


def any_day(seen: CompanyRows) -> Estimate:
    """As ours, against all other days, those of customers without an issue among them."""
    return _cox(seen.now, "exposed", ["solved late", *ADJUSTED, *held_alike(seen.now)])


def concurrent(seen: CompanyRows) -> Estimate:
    """As ours, against customers whose issue is open and in time, alone."""
    beside = ["solved late", "none", "solved in time"]
    return _cox(seen.now, "exposed", [*beside, *ADJUSTED, *held_alike(seen.now)])


def unadjusted(seen: CompanyRows) -> Estimate:
    """Overdue now against all other days, without activity, what was solved late, or strata."""
    return _cox(seen.now, "exposed", strata=None)


def exits_counted(seen: CompanyRows) -> Estimate:
    """As ours, with requests to leave counted as issues."""
    return _cox(seen.asking, "exposed", _like_ours(seen.asking))


def lagged(seen: CompanyRows) -> Estimate:
    """As ours, with the exposure as it was LAG days before."""
    return _cox(seen.before, "exposed", _like_ours(seen.before))


def direct(seen: CompanyRows) -> Estimate:
    """As ours, given activity now: what the issue does other than through lower activity."""
    return _cox(seen.now, "exposed", [*BESIDE, NOW, *held_alike(seen.now)])


def snapshot(seen: CompanyRows) -> Estimate:
    """As ours, given activity as billing knows it today: zero for whoever is gone."""
    today = np.log1p(activity_today(seen.study))
    rows = seen.now.assign(log_today=seen.now["customer_id"].map(today))
    return _cox(rows, "exposed", [*BESIDE, "log_today", *held_alike(seen.now)])


def poisson(seen: CompanyRows) -> Estimate:
    """Poisson regression on cells of person-time: quarter, billing period, plan and thirds of
    activity. Constant hazards within a cell; the usual errors (not by customer)."""
    import statsmodels.api as sm

    thirds = pd.qcut(seen.now["log activity"], 3, labels=False, duplicates="drop").fillna(-1)
    rows = seen.now.assign(third=thirds, time=seen.now["stop"] - seen.now["start"])
    by = ["exposed", *leaving.STRATA, "third"]
    cells = rows.groupby(by, as_index=False)[["event", "time"]].sum()
    left = cells.groupby("exposed")["event"].sum().reindex([0, 1], fill_value=0)
    if left.min() < leaving.ENOUGH_EVENTS:
        return Estimate(int(left[1]))
    X = pd.get_dummies(cells[by], columns=by[1:], drop_first=True, dtype=float)
    model = sm.GLM(
        cells["event"], sm.add_constant(X), sm.families.Poisson(), exposure=cells["time"]
    )
    return _exponentiated(model.fit(), int(left[1]))


def landmark(seen: CompanyRows) -> Estimate:
    """Cox from the day the promise on a customer's first issue ran out: still open then, or solved.
    Groups do not change afterwards."""
    first = seen.issues.sort_values("opened_at").drop_duplicates("ticket_id")
    zero = first["overdue_at"]
    watched = (zero >= first["enters_at"]) & (zero < first["leaves_at"])
    rows = first.assign(
        start=0.0,
        stop=(first["leaves_at"] - zero) / DAY,
        event=(first["end"] == "voluntary").astype(int),
        exposed=(first["resolved_at"].isna() | (first["resolved_at"] > zero)).astype(int),
    )[watched].drop_duplicates("customer_id")
    return _cox(rows, "exposed", strata=["billing_period"])


def stacked(seen: CompanyRows) -> Estimate:
    """Cox over landmarks on the first day of each quarter: overdue then or not, followed for
    WINDOW days, adjusted and stratified as ours."""
    each = seen.now.groupby("customer_id")
    rows = seen.now.assign(ends=each["stop"].transform("max"), left=each["event"].transform("max"))
    rows = rows.drop_duplicates(["customer_id", "quarter"])
    rows = rows[rows["customer_id"].duplicated()]  # the first quarter began before they were seen
    stop = (rows["ends"] - rows["start"]).clip(upper=WINDOW)
    event = rows["left"] * (rows["ends"] <= rows["start"] + WINDOW)
    rows = rows.assign(start=0.0, stop=stop, event=event)
    return _cox(rows, "exposed", _like_ours(rows))


def renewals(seen: CompanyRows) -> Estimate:
    """Yearly contracts at the ends of their terms, by the share of each term that was overdue."""
    if not seen.study.customers["billing_period"].eq("year").any():
        return Estimate(0)
    hazard = renewal_hazard(seen.study)
    if isinstance(hazard, CannotTell):
        return Estimate(0)
    return Estimate(*hazard[["left while exposed", "hazard ratio", "low", "high"]].iloc[0])


def ever_cox(seen: CompanyRows) -> Estimate:
    """Cox, a row a customer: overdue at any time, which looks ahead."""
    return _cox(seen.customers, "ever", ["log_activity"], ["billing_period"])


def ever_logistic(seen: CompanyRows) -> Estimate:
    """Logistic regression, a row a customer: overdue at any time, which looks ahead."""
    return _logistic(seen.customers, "ever")


def last_logistic(seen: CompanyRows) -> Estimate:
    """Logistic regression, a row a customer: overdue on the day they were last seen."""
    return _logistic(seen.customers, "last")


@dataclass(frozen=True)
class Estimator:
    """An estimator: its name, what it estimates, whether it looks ahead, and its function."""

    name: str
    measure: str
    looks_ahead: bool
    estimate: Callable[[CompanyRows], Estimate]


ESTIMATORS = (
    Estimator(OURS, HAZARD, False, ours),
    Estimator("against any other day", HAZARD, False, any_day),
    Estimator("unadjusted", HAZARD, False, unadjusted),
    Estimator("requests to leave counted", HAZARD, False, exits_counted),
    Estimator(f"overdue {LAG} days before", HAZARD, False, lagged),
    Estimator("given activity now (direct effect)", HAZARD, False, direct),
    Estimator("given activity today (snapshot)", HAZARD, True, snapshot),
    Estimator("Poisson on person-time", HAZARD, False, poisson),
    Estimator("landmark at the first issue", HAZARD, False, landmark),
    Estimator("stacked landmarks", HAZARD, False, stacked),
    Estimator("at renewals", HAZARD, False, renewals),
    Estimator(EVER, HAZARD, True, ever_cox),
    Estimator("ever overdue: logistic", ODDS, True, ever_logistic),
    Estimator("against issues open in time", HAZARD, False, concurrent),
    Estimator("overdue when last seen: logistic", ODDS, False, last_logistic),
)


def estimates(seen: CompanyRows) -> pd.DataFrame:
    """A row an estimator: analysis, measure, looks ahead, left while exposed, ratio, low, high."""
    columns = ["analysis", "measure", "looks ahead", "left while exposed", "ratio", "low", "high"]
    rows = [(of.name, of.measure, of.looks_ahead, *astuple(of.estimate(seen))) for of in ESTIMATORS]
    return pd.DataFrame(rows, columns=columns)


def _described(episodes: pd.DataFrame) -> pd.DataFrame:
    """The rows of outcomes.models with exposed, 0 or 1: any issue overdue."""
    return modelled(episodes).assign(exposed=lambda rows: rows["any overdue"])


def _cox(rows, exposure: str, others=(), strata: list[str] | None = leaving.STRATA) -> Estimate:
    """A Cox model's estimate, NaN where coxph finds none that is finite; covariates in which those
    who left do not differ, or that are another one again, are left out."""
    rows, kept = with_departures(rows, [c for c in others if c in STATES])
    others = [c for c in others if c in kept or c not in STATES]
    others = [c for c in others if rows.loc[rows["event"] == 1, c].nunique() > 1]
    others = [
        c for i, c in enumerate(others) if not any(rows[c].equals(rows[d]) for d in others[:i])
    ]
    rows = rows.dropna(subset=others)
    exposed, few = _exposed(rows, [exposure, *(c for c in others if c in STATES)])
    if few:
        return Estimate(exposed)
    try:
        fit = coxph(rows, [exposure, *others], strata=strata).summary_frame().loc[exposure]
    except InputError:
        return Estimate(exposed)
    return Estimate(exposed, *fit[["hazard_ratio", "low", "high"]])


def _logistic(customers: pd.DataFrame, exposure: str) -> Estimate:
    """A logistic regression's odds ratio, adjusted for activity at entry and billing period."""
    import statsmodels.api as sm

    customers = customers.dropna(subset="log_activity")
    exposed, few = _exposed(customers, [exposure])
    if few or _exposed(customers.assign(event=1 - customers["event"]), [exposure])[1]:
        return Estimate(exposed)
    yearly = customers["billing_period"].eq("year").astype(float)
    X = customers[[exposure, "log_activity"]].astype(float).assign(yearly=yearly)
    X = X.loc[:, X.nunique() > 1]
    return _exponentiated(sm.Logit(customers["event"], sm.add_constant(X)).fit(disp=0), exposed)


def _exponentiated(fit, exposed: int) -> Estimate:
    name = next(n for n in fit.params.index if n in ("exposed", "ever", "last"))
    return Estimate(exposed, *np.exp([fit.params[name], *fit.conf_int().loc[name]]))


def _exposed(rows: pd.DataFrame, states: list[str]) -> tuple[int, bool]:
    """How many left in the first of the states, and whether too few did, in it or in none of the
    states, for an estimate."""
    left = rows.loc[rows["event"] == 1, states] > 0
    exposed, reference = int(left[states[0]].sum()), int((~left).all(axis=1).sum())
    return exposed, min(exposed, reference) < leaving.ENOUGH_EVENTS
