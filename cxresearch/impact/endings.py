"""Where nobody can be seen to leave: which causes end without an answer or a solution, among whom,
and whether those customers come back."""

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from cxresearch.episodes.return_cohort import return_cohort
from cxresearch.kpis.measure import share_by, waiting_curve
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study

BACK = 180  # days after the landmark by which a customer has come back, or not
FEW = 20  # customers: a smaller group has no row
KNOWN_AT_START = ("language", "product", "type", "created_channel", "priority")
NOBODY = CannotTell("how causes end: nobody was watched past the landmark day.")


def endings(study: Study) -> pd.DataFrame | CannotTell:
    """A row a cause with at least 20 customers, the most unanswered first: customers (whose first
    ticket it was), unanswered by the landmark with low and high, known (customers of whom it is
    known whether it was ever solved), unsolved (of these) with low and high, and the shares who
    came back within 180 days, unanswered and answered, with low and high (Kaplan-Meier; null in
    groups under 20). Intervals are Wilson's. Unsolved looks ahead, and so is no forecast."""
    cohort = return_cohort(study)
    cohort = cohort[cohort["topic"] >= 0]
    rows = [_ending(cause, of) for cause, of in cohort.groupby("cause") if len(of) >= FEW]
    if not rows:
        return NOBODY
    return pd.DataFrame(rows).sort_values("unanswered", ascending=False, ignore_index=True)


def among_whom(study: Study) -> pd.DataFrame | CannotTell:
    """Shares of first tickets unanswered by the landmark, by what was known when they were written:
    field, level (of at least 20 customers), customers, unanswered, low, high."""
    cohort = return_cohort(study)
    if cohort.empty:
        return NOBODY
    fields = study.tickets.set_index("ticket_id").reindex(columns=list(KNOWN_AT_START))
    cohort = cohort.drop(columns="language").join(fields, on="ticket_id")
    rows = []
    for field in KNOWN_AT_START:
        sizes = cohort[field].value_counts()
        levels = sizes[sizes >= FEW].index
        for level in levels if len(levels) > 1 else ():
            of = cohort[cohort[field] == level]
            found = _share(~of["answered"].astype(bool), "unanswered")
            rows.append({"field": field, "level": level, "customers": len(of), **found})
    if not rows:
        return CannotTell("among whom tickets end without an answer: nothing that was known when "
                          "they were written tells customers apart.")  # fmt: skip
    return pd.DataFrame(rows)


def _ending(cause: str, of: pd.DataFrame) -> dict:
    answered = of["answered"].astype(bool)
    known = of["solved_ever"].dropna()
    return {
        "cause": cause,
        "customers": len(of),
        **_share(~answered, "unanswered"),
        "known": len(known),
        **_share(~known.astype(bool), "unsolved"),
        **_back(of[~answered], "back, unanswered"),
        **_back(of[answered], "back, answered"),
    }


def _share(yes: pd.Series, name: str) -> dict:
    if yes.empty:
        return {name: float("nan"), f"{name} low": float("nan"), f"{name} high": float("nan")}
    low, high = proportion_confint(yes.sum(), len(yes), method="wilson")
    return {name: float(yes.mean()), f"{name} low": low, f"{name} high": high}


def _back(of: pd.DataFrame, name: str) -> dict:
    if len(of) < FEW:
        return _share(pd.Series(dtype=bool), name)
    rows = of[["time", "event"]].assign(who=of["customer_id"])
    found = share_by(waiting_curve(rows, (BACK,)), BACK)
    return {name: found["estimate"], f"{name} low": found["low"], f"{name} high": found["high"]}
