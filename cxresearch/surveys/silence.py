"""Who never answers, and how often they leave."""

import numpy as np
import pandas as pd

from cxresearch.curves import cumulative_share
from cxresearch.episodes import customer_lives
from cxresearch.kpis.measure import share
from cxresearch.say import CannotTell, cannot_tell_passes
from cxresearch.study import Study
from cxresearch.surveys.reach import ANSWER_DAYS, DAY, invitations, what_became

AT_RISK = 20


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


def silent_cohort(study: Study) -> pd.DataFrame | CannotTell:
    """Customers still there two weeks after their second invitation: time (days from then), event.

    group: answered one or both of their first two, or neither, as of that day. event: left by
    choice (notice where known, else the end); all others are censored. Nothing looks ahead.
    """
    return _silent(invitations(study), study)


@cannot_tell_passes
def _silent(asked: pd.DataFrame, study: Study) -> pd.DataFrame | CannotTell:
    if study.outcome != "churn":
        return CannotTell("whether the silent leave: a customers table from billing would tell.")
    first = asked[asked["customer_id"].notna()].sort_values(["offered_at", "survey_id"])
    first = first.groupby("customer_id").head(2)
    each = first.groupby("customer_id").agg(
        asked=("answered", "size"), spoke=("answered", "any"), second=("offered_at", "max")
    )
    each = each[each["asked"] == 2].assign(landmark=lambda e: e["second"] + ANSWER_DAYS * DAY)
    lives = customer_lives(study)[["customer_id", "started_at", "leaves_at", "end"]]
    cohort = each.reset_index().merge(lives, on="customer_id")
    there = (cohort["landmark"] < cohort["leaves_at"]) & (cohort["started_at"] <= cohort["second"])
    since = study.settings.time("customers_from")
    cohort = cohort[there & (since is None or cohort["landmark"] >= since)]
    if cohort["spoke"].nunique() < 2:
        return CannotTell("whether the silent leave more: too few customers were asked twice.")
    return cohort.assign(
        group=np.where(cohort["spoke"], "answered at least once", "answered neither"),
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
