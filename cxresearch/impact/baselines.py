"""How other tools rank causes: by count, by waiting, by satisfaction, by "NPS without this cause".

None of them asks what fixing would save; they stand beside the fix list to see what they miss.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.impact.fixes import FixList
from cxresearch.impact.issue_rows import issues
from cxresearch.impact.levers import SOONER
from cxresearch.impact.order import TOP
from cxresearch.kpis.surveys.reach import invitations
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study

DAY = pd.Timedelta(days=1)
FEW = 5  # answers: below that a mean is not taken


@dataclass(frozen=True, eq=False)
class OtherRankings(Result):
    """How each ranking differs from the fix list's, a row a lever and ranking: causes (ranked by
    both), Kendall's tau, shared (of the first three), first (its first cause), rank of first (in
    the fix list). ranks has each cause's rank by lever and ranking."""

    ranks: pd.DataFrame

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many others would have had one fix another cause first, and which most wrongly."""
        rows = self.frame.loc[SOONER]
        if rows["tau"].isna().any():
            return CannotTell("how rankings differ: there is one cause only to rank.")
        worst = rows.loc[rows["rank of first"].idxmax()]
        return finding(
            "{n} of {of} other rankings put another cause first. Farthest off is {by}: its first, "
            "{cause}, is number {rank} here.",
            n=int((rows["rank of first"] > 1).sum()), of=len(rows), by=str(worst.name),
            cause=worst["first"], rank=int(worst["rank of first"]),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The rank of each cause in the fix list and in the other rankings."""
        return self.ranks.sort_values(SOONER).reset_index()


@once
def baselines(study: Study) -> pd.DataFrame | CannotTell:
    """Each ranking's value and rank of each cause: ranking, cause, value, rank (1 is fixed first;
    null where the export cannot tell, or fewer than five answered).

    most frequent: tickets. slowest: mean days to the first solution, of solved tickets. lowest
    CSAT: mean score on its own scale, 0 to 1, of answers about tickets of the cause. leave-one-out
    NPS: by how many points the score of all customers rises without those who wrote about it.
    """
    rows = issues(study)
    if rows.empty:
        return CannotTell("how others rank: no ticket of a known customer tells a cause.")
    values = {
        "most frequent": rows.groupby("cause")["weight"].sum(),
        "slowest": _days_to_solution(study, rows),
        "lowest CSAT": -_satisfaction(study, rows),
        "leave-one-out NPS": _without(study, rows),
    }
    causes = values["most frequent"].index
    rows = []
    for name, value in values.items():
        value = value.reindex(causes)
        rank = value.rank(ascending=False, method="first").astype("Int64")
        shown = -value if name == "lowest CSAT" else value
        rows.append(pd.DataFrame({"ranking": name, "value": shown, "rank": rank}))
    table = pd.concat(rows).rename_axis("cause").reset_index()
    return table[["ranking", "cause", "value", "rank"]].sort_values(
        ["ranking", "rank", "cause"], ignore_index=True
    )


@cannot_tell_passes
def other_rankings(fixes: FixList, others: pd.DataFrame) -> OtherRankings:
    """The rankings of baselines beside the fix list's, lever by lever."""
    ours = fixes.frame["rank"].reset_index()
    theirs = others.dropna(subset="rank")
    pairs = ours.merge(theirs, on="cause", suffixes=("", " other"))
    by = pairs.groupby(["lever", "ranking"], sort=False)
    rows = {names: _difference(both) for names, both in by}
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis(["lever", "ranking"])
    wide = others.pivot(index="cause", columns="ranking", values="rank")
    ranks = fixes.frame["rank"].unstack("lever")[fixes.levers].join(wide)
    return OtherRankings(frame, ranks.rename_axis(columns=None))


def _difference(both: pd.DataFrame) -> dict:
    """How two ranks of the same causes differ."""
    from scipy.stats import kendalltau

    tau = kendalltau(both["rank"], both["rank other"]).statistic if len(both) > 1 else np.nan
    ours, theirs = (set(both.nsmallest(TOP, c)["cause"]) for c in ("rank", "rank other"))
    first = both.loc[both["rank other"].astype(int).idxmin()]
    return {"causes": len(both), "tau": tau, "shared": len(ours & theirs),
            "first": first["cause"], "rank of first": int(first["rank"])}  # fmt: skip


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
    scores = told.groupby("cause")["score"].agg(["mean", "size"])
    return scores["mean"].where(scores["size"] >= FEW)


def _without(study: Study, rows: pd.DataFrame) -> pd.Series:
    """Points of NPS gained by leaving out the customers of each cause; of each the last answer."""
    answers = _answers(study, "nps").dropna(subset="customer_id").sort_values("offered_at")
    last = answers.drop_duplicates("customer_id", keep="last").set_index("customer_id")["score"]
    points = 100.0 * ((last >= 0.9 - 1e-9).astype(int) - (last <= 0.6 + 1e-9).astype(int))
    gained = {}
    for cause, who in rows.groupby("cause")["customer_id"]:
        wrote = points.index.isin(who)
        enough = min(wrote.sum(), (~wrote).sum()) >= FEW
        gained[cause] = points[~wrote].mean() - points.mean() if enough else np.nan
    return pd.Series(gained, dtype=float)
