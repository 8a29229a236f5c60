"""How other tools rank causes: by count, by waiting, by satisfaction, by "NPS without this cause".

None of them asks what fixing would save; they stand beside the fix list to see what they miss.
"""

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from cxresearch.impact.burden import issues
from cxresearch.impact.fixes import TOP
from cxresearch.kpis.surveys.reach import invitations
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.study import Study

DAY = pd.Timedelta(days=1)
FEW = 5  # answers: below that a mean is not taken
RANKINGS = ("most frequent", "slowest", "lowest CSAT", "leave-one-out NPS")


def baselines(study: Study) -> pd.DataFrame:
    """Each ranking's value and rank of each cause: ranking, cause, value, rank (1 is fixed first;
    null where the export cannot tell, or fewer than five answered).

    most frequent: tickets. slowest: mean days to the first solution, of solved tickets. lowest
    CSAT: mean score on its own scale, 0 to 1, of answers about tickets of the cause. leave-one-out
    NPS: by how many points the score of all customers rises without those who wrote about it.
    """
    rows = issues(study)
    values = {
        "most frequent": rows.groupby("cause")["weight"].sum(),
        "slowest": _days_to_solution(study, rows),
        "lowest CSAT": -_satisfaction(study, rows),
        "leave-one-out NPS": _without(study, rows),
    }
    causes = values["most frequent"].index
    found = []
    for name, value in values.items():
        value = value.reindex(causes)
        rank = value.rank(ascending=False, method="first").astype("Int64")
        shown = -value if name == "lowest CSAT" else value
        found.append(pd.DataFrame({"ranking": name, "value": shown, "rank": rank}))
    found = pd.concat(found).rename_axis("cause").reset_index()
    return found[["ranking", "cause", "value", "rank"]].sort_values(
        ["ranking", "rank", "cause"], ignore_index=True
    )


@cannot_tell_passes
def differences(fixes: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """How each ranking differs from the fix list's: lever, ranking, causes (ranked by both),
    Kendall's tau, shared (of the first three), first (its first cause), rank of first (in the fix
    list)."""
    rows = []
    for (lever, ranking), both in fixes.merge(
        others.dropna(subset="rank"), on="cause", suffixes=("", " other")
    ).groupby(["lever", "ranking"], sort=False):
        tau = kendalltau(both["rank"], both["rank other"]).statistic if len(both) > 1 else np.nan
        ours, theirs = (set(both.nsmallest(TOP, c)["cause"]) for c in ("rank", "rank other"))
        first = both.loc[both["rank other"].astype(int).idxmin()]
        rows.append([lever, ranking, len(both), tau, len(ours & theirs), first["cause"],
                     int(first["rank"])])  # fmt: skip
    names = "lever ranking causes tau shared first".split()
    return pd.DataFrame(rows, columns=[*names, "rank of first"])


def _days_to_solution(study: Study, rows: pd.DataFrame) -> pd.Series:
    tickets = study.tickets.set_index("ticket_id")
    days = (tickets["first_solved_at"] - tickets["created_at"]) / DAY
    return rows.assign(days=rows["ticket_id"].map(days)).groupby("cause")["days"].mean()


def _answers(study: Study, kind: str) -> pd.DataFrame:
    """Answered invitations of a kind, with score: where on its scale, 0 to 1."""
    asked = invitations(study)
    if isinstance(asked, CannotTell):
        columns = ["ticket_id", "customer_id", "offered_at", "score"]
        return pd.DataFrame({c: pd.Series(dtype=float if c == "score" else object)
                             for c in columns})  # fmt: skip
    own = asked[(asked["kind"] == kind) & asked["answered"]]
    score = (own["score_raw"] - own["scale_min"]) / (own["scale_max"] - own["scale_min"])
    return own.assign(score=score.astype(float)).dropna(subset="score")


def _satisfaction(study: Study, rows: pd.DataFrame) -> pd.Series:
    told = rows[["ticket_id", "cause"]].merge(_answers(study, "csat"), on="ticket_id")
    found = told.groupby("cause")["score"].agg(["mean", "size"])
    return found["mean"].where(found["size"] >= FEW)


def _without(study: Study, rows: pd.DataFrame) -> pd.Series:
    """Points of NPS gained by leaving out the customers of each cause; of each the last answer."""
    answers = _answers(study, "nps").dropna(subset="customer_id").sort_values("offered_at")
    last = answers.drop_duplicates("customer_id", keep="last").set_index("customer_id")["score"]
    points = 100.0 * ((last >= 0.9 - 1e-9).astype(int) - (last <= 0.6 + 1e-9).astype(int))
    found = {}
    for cause, who in rows.groupby("cause")["customer_id"]:
        wrote = points.index.isin(who)
        enough = min(wrote.sum(), (~wrote).sum()) >= FEW
        found[cause] = points[~wrote].mean() - points.mean() if enough else np.nan
    return pd.Series(found, dtype=float)
