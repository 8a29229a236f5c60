"""Who never answers, and how often they leave."""

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from cxresearch.episodes import customer_lives
from cxresearch.kpis.measure import share
from cxresearch.kpis.surveys.reach import ANSWER_DAYS, DAY, invitations, what_became
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.study import Study
from cxresearch.survival import against_rest, at_days, cumulative_share

AT_RISK = 20
NAMES = {
    1: ("answered the first", "did not answer the first"),
    2: ("answered at least once", "answered neither"),
}
TIMES = {1: "once", 2: "twice"}
BY = (90, 180, 365)


def never_answers(study: Study) -> pd.DataFrame | CannotTell:
    """Of customers asked twice or more, the share who answered nothing, by what became of them.

    Columns: group, customers, never answered, share, low, high. Who left early was asked less often
    and had fewer chances to answer, so this describes and compares nothing; see left_after.
    """
    return _never(invitations(study), study)


@cannot_tell_passes
def _never(asked: pd.DataFrame, study: Study) -> pd.DataFrame | CannotTell:
    known = asked[asked["customer_id"].notna()]
    each = known.groupby("customer_id")["answered"].agg(["size", "sum"])
    each = each[each["size"] >= 2]
    if each.empty:
        return CannotTell("who never answers: no known customer was asked twice.")
    each = each.reset_index().rename(columns={"customer_id": "who"})
    silent, became = each["sum"] == 0, what_became(study, each)
    groups = {"all": silent} | {
        name: silent[became == name] for name in became.value_counts().index
    }
    rows = []
    for group, flags in groups.items():
        found = share(flags)
        row = {"group": group, "customers": found["n"], "never answered": int(flags.sum())}
        bounds = {"share": found["estimate"], "low": found["low"], "high": found["high"]}
        rows.append({**row, **bounds})
    return pd.DataFrame(rows)


def silent_cohort(study: Study, times: int = 2) -> pd.DataFrame | CannotTell:
    """Customers still there two weeks after their second invitation: time (days from then), event.

    group: answered one or both of their first two, or neither, as of that day; times=1: answered
    their first, or not. event: left by choice (notice where known, else the end); all others are
    censored. Nothing looks ahead.
    """
    return _silent(invitations(study), study, times)


@cannot_tell_passes
def _silent(asked: pd.DataFrame, study: Study, times: int) -> pd.DataFrame | CannotTell:
    if study.outcome != "churn":
        return CannotTell("whether the silent leave: a customers table from billing would tell.")
    first = asked[asked["customer_id"].notna()].sort_values(["offered_at", "survey_id"])
    first = first.groupby("customer_id").head(times)
    each = first.groupby("customer_id").agg(
        asked=("answered", "size"), spoke=("answered", "any"), second=("offered_at", "max")
    )
    each = each[each["asked"] == times].assign(landmark=lambda e: e["second"] + ANSWER_DAYS * DAY)
    lives = customer_lives(study)[["customer_id", "started_at", "leaves_at", "end"]]
    cohort = each.reset_index().merge(lives, on="customer_id")
    there = (cohort["landmark"] < cohort["leaves_at"]) & (cohort["started_at"] <= cohort["second"])
    since = study.settings.time("customers_from")
    cohort = cohort[there & (since is None or cohort["landmark"] >= since)]
    if cohort["spoke"].nunique() < 2:
        return CannotTell(f"whether the silent leave more: too few were asked {TIMES[times]}.")
    return cohort.assign(
        group=np.where(cohort["spoke"], *NAMES[times]),
        time=(cohort["leaves_at"] - cohort["landmark"]) / DAY,
        event=(cohort["end"] == "voluntary").astype(int),
    )[["customer_id", "group", "time", "event"]].reset_index(drop=True)


def left_after(study: Study) -> pd.DataFrame | CannotTell:
    """Share who left by days after the landmark of silent_cohort: group, day, share, low, high.

    A curve ends where fewer than 20 customers are left to watch.
    """
    return _curves(silent_cohort(study))


@cannot_tell_passes
def _curves(cohort: pd.DataFrame) -> pd.DataFrame | CannotTell:
    curves = cumulative_share(cohort, "group")
    curves = curves[curves["at_risk"] >= AT_RISK]
    if curves["group"].nunique() < 2:
        return CannotTell("whether the silent leave more: too few customers were asked twice.")
    return curves.reset_index(drop=True)


def left_table(study: Study) -> pd.DataFrame | CannotTell:
    """How often those who did not answer left, against those who did: asked (after the first
    invitation, the first two), day, silent, spoke (customers of each), silent left, low, high,
    spoke left, low, high (shares, Kaplan–Meier), difference, low, high, p (Holm over the days).
    Null if not watched so long."""
    return _left(invitations(study), study)


@cannot_tell_passes
def _left(asked: pd.DataFrame, study: Study) -> pd.DataFrame | CannotTell:
    cohorts = {times: _silent(asked, study, times) for times in NAMES}
    told = {k: v for k, v in cohorts.items() if not isinstance(v, CannotTell)}
    if not told:
        return cohorts[1]
    return pd.concat([_beside(cohort, times) for times, cohort in told.items()], ignore_index=True)


def _beside(cohort: pd.DataFrame, times: int) -> pd.DataFrame:
    spoke, silent = NAMES[times]
    size = cohort["group"].value_counts()
    shares = at_days(cumulative_share(cohort, "group"), "group", list(BY))
    rows = cohort.assign(status=cohort["event"])
    pairs = [against_rest(rows, "group", day).set_index("group").loc[silent] for day in BY]
    wide = {name: shares[shares["group"] == name].reset_index() for name in (spoke, silent)}
    found = pd.DataFrame({"asked": TIMES[times], "day": BY, "silent": size[silent]})
    found = found.assign(spoke=size[spoke])
    for word, name in (("silent", silent), ("spoke", spoke)):
        parts = {"left": "share", "low": "low", "high": "high"}
        found = found.assign(**{f"{word} {k}": wide[name][v] for k, v in parts.items()})
    known = found["silent left"].notna() & found["spoke left"].notna()
    gaps = pd.DataFrame(pairs)[["difference", "low", "high", "p"]].reset_index(drop=True)
    found = found.join(gaps.astype(float).where(known))
    tested = found["p"].notna()
    if tested.any():
        found.loc[tested, "p"] = multipletests(found.loc[tested, "p"], method="holm")[1]
    return found
