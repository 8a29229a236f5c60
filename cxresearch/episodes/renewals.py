"""Yearly contracts: who does not renew, by how much of the term an issue was overdue.

Where nobody says when the decision fell, a customer on a yearly contract is at risk only when a
term ends. A row is a term, and the exposure is the share of its days with an overdue issue.
"""

import numpy as np
import pandas as pd

from cxresearch.episodes.history import as_it_was
from cxresearch.episodes.lives import DAY, YEAR, customer_lives, known_since
from cxresearch.episodes.spells import merged_runs, open_spells, unresolved_spells
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study

ENOUGH_EVENTS = 10
NEAR = 7 * DAY  # an end so close to a renewal is that renewal's
WIDEST = 4.0  # of a log hazard ratio: e^4 is 55


def contract_terms(study: Study) -> pd.DataFrame:
    """One row a term of a yearly contract whose end and exposure can be seen: customer_id, term
    (1, 2 ...), began_at, ends_at, event (1 = left by choice when it ended), overdue (share of the
    days of the term with an overdue issue), plan and log_activity (as the term began).

    Terms that began before every ticket was known, that were still running when last seen, or in
    which the customer ended against their will are left out: their exposure, or their end, is
    unknown. A customer who gave notice and whose term is not over has not left yet.
    """
    lives = customer_lives(study)
    customers = study.customers.set_index("customer_id")
    lives = lives[lives["billing_period"] == "year"]
    ended = lives["customer_id"].map(customers["ended_at"])
    years = (lives["leaves_at"] - lives["started_at"]).max() / DAY / 365
    most = 1 if lives.empty else int(years) + 2
    terms = pd.concat([_term(lives, ended, number) for number in range(most)])
    begins = known_since(study) + study.settings.unresolved_after_days * DAY
    early = (terms["began_at"] < begins) & (terms["started_at"] < known_since(study))
    terms = terms[~early & (terms["ends_at"] <= study.observed_until)]
    return _with_exposure(study, terms).reset_index(drop=True)


def renewal_hazard(study: Study) -> pd.DataFrame | CannotTell:
    """The hazard ratio of deciding to leave while an issue is overdue, against any other time of
    the term, from renewals alone.

    One row: comparison, terms, left, hazard ratio, low, high, p. A decision can fall on any day of
    a term, so the chance to renew is exp(-H (1 + s (R - 1))), with s the share of the term that was
    overdue, R the ratio, and log H linear in log activity and plan as the term began: a binomial
    model with complementary log-log link and an offset in R (Prentice and Gloeckler 1978,
    Biometrics 34, for grouped times). R by maximum likelihood, its interval from the profile
    likelihood. CannotTell with fewer than ten departures, or ten overdue terms among them.
    """
    terms = contract_terms(study)
    left, overdue = int(terms["event"].sum()), terms["overdue"] > 0
    touched = int(terms.loc[overdue, "event"].sum())
    if min(left - touched, touched) < ENOUGH_EVENTS:
        return CannotTell(
            f"what renewals say: {len(terms):,} yearly terms could be seen from end to end, "
            f"{left:,} were not renewed, {touched:,} of these with an overdue issue (at least "
            f"{ENOUGH_EVENTS} with and without one are needed). More years of tickets would tell."
        )
    best, low, high, p = _profile(terms)
    row = {"comparison": "overdue / not, from renewals", "terms": len(terms), "left": left}
    ratio = {"hazard ratio": np.exp(best), "low": np.exp(low), "high": np.exp(high), "p": p}
    return pd.DataFrame([{**row, "left while exposed": touched, **ratio}])


def _term(lives: pd.DataFrame, ended: pd.Series, number: int) -> pd.DataFrame:
    """Everybody's term of one number, if they were still customers when it began."""
    began = lives["started_at"] + number * YEAR
    ends = lives["started_at"] + (number + 1) * YEAR
    gone = (ended - ends).abs() <= NEAR
    there = ended.isna() | (ended >= ends - NEAR)
    terms = lives.assign(
        term=number + 1, began_at=began, ends_at=ends,
        event=(gone & (lives["end"] == "voluntary")).astype(int),
    )  # fmt: skip
    return terms[there & (began < ended.fillna(ends)) & ~(gone & (lives["end"] == "involuntary"))]


def _with_exposure(study: Study, terms: pd.DataFrame) -> pd.DataFrame:
    """Terms with the share of their days that was overdue, and what was known as they began."""
    spells = unresolved_spells(study, open_spells(study), "overdue")
    ends = spells["ends_at"].fillna(study.observed_until)
    runs = merged_runs(spells["customer_id"], spells["begins_at"], ends)
    terms = terms.assign(row=range(len(terms)))
    both = terms[["row", "customer_id", "began_at", "ends_at"]].merge(runs, on="customer_id")
    since = both[["began_at", "since"]].max(axis=1)
    days = (both[["ends_at", "until"]].min(axis=1) - since).clip(lower=pd.Timedelta(0))
    overdue = days.groupby(both["row"]).sum().reindex(terms["row"]).fillna(pd.Timedelta(0))
    length = (terms["ends_at"] - terms["began_at"]).to_numpy()
    who, began = terms["customer_id"], terms["began_at"]
    activity = pd.to_numeric(as_it_was(study, "activity", who, began), errors="coerce")
    return terms.assign(
        overdue=overdue.to_numpy() / length,
        plan=as_it_was(study, "plan", who, began).fillna("unknown"),
        log_activity=np.log1p(activity.clip(lower=0)),
    )[[*"customer_id term began_at ends_at event overdue plan log_activity".split()]]


def _profile(terms: pd.DataFrame) -> tuple[float, float, float, float]:
    """Log ratio, its 95% bounds and p (likelihood ratio test of no difference)."""
    import statsmodels.api as sm
    from scipy.optimize import brentq, minimize_scalar
    from scipy.stats import chi2

    event, share = terms["event"].to_numpy(float), terms["overdue"].to_numpy()
    X = _design(terms)
    family = sm.families.Binomial(sm.families.links.CLogLog())

    def deviance(log_ratio: float) -> float:
        offset = np.log1p(share * np.expm1(log_ratio))
        with np.errstate(over="ignore"):  # a step too far on the way is taken back
            return sm.GLM(event, X, family=family, offset=offset).fit().deviance

    best = minimize_scalar(deviance, bounds=(-WIDEST, WIDEST), method="bounded").x
    least = deviance(best)
    limit = least + chi2.ppf(0.95, 1)
    bounds = [
        brentq(lambda b: deviance(b) - limit, *sorted((best, end)), xtol=1e-4)
        if deviance(end) > limit
        else end * np.inf
        for end in (-WIDEST, WIDEST)
    ]
    return best, *bounds, float(chi2.sf(deviance(0.0) - least, 1))


def _design(terms: pd.DataFrame) -> np.ndarray:
    """Intercept, activity where it is known for all, and plans but the most frequent."""
    columns = [np.ones(len(terms))]
    activity = terms["log_activity"]
    if activity.notna().all() and activity.nunique() > 1:
        columns.append(activity - activity.mean())
    left = terms.groupby("plan")["event"].agg(["sum", "size"]).sort_values("size")
    told = left[(left["sum"] > 0) & (left["sum"] < left["size"])].index[:-1]
    return np.column_stack([*columns, *[(terms["plan"] == p).astype(float) for p in told]])
