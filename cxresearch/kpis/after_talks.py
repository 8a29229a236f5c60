"""After a talk with a bot: who left, beside those who wrote to a person, and what came next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.incidents import main_causes
from cxresearch.kpis.measure import share
from cxresearch.kpis.talks import DAY, FATES, STAYS, left_within, talks
from cxresearch.kpis.tidy import sees_leaving
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.beside_tickets import CONTAINED
from cxresearch.study.intervals import difference, together, wilson
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.told import leaving_untold
from cxresearch.study.words import side, view
from cxresearch.topics.causes.exit_requests import by_rule

ENDS = {"settled": CONTAINED, "were handed over": ["handed_over"], "broke off": ["abandoned"]}
LOST = list(ENDS)[-1]
ENOUGH, FEWEST = 5, 20  # who left after writing to a person; talks
GAP = ["difference", "difference low", "difference high"]  # in points
UNSEEN = DoesNotApply("who leaves after a talk with a bot: nobody can be seen to leave.")


@dataclass(frozen=True, eq=False)
class LeftAfter(Result):
    """Who left within 30 days after a talk, by how its maker says that it ended: talks that,
    talks, customers, left, share, low, high, expected (share after tickets that followed no talk,
    in the same months), difference, difference low, difference high (points; intervals hold
    together), verdict. What came after a talk is no group: who leaves cannot write any more."""

    def said(self, row: str = LOST) -> Finding | CannotTell:
        """Do customers whose talk broke off leave more often than those who wrote instead?"""
        of = self.frame.loc[row]
        if pd.isna(of["difference"]):
            return CannotTell(f"whether talks that {row} go with leaving: too few left.")
        doubt = "Who breaks off may have been leaving before: this is an association."
        shares = (
            "Of customers whose talk {row} {share:.1%} left within {days} days; of those who "
            "wrote to a person in the same months, {expected:.1%}. The difference is {d:+.1f} "
            f"points ({{low:+.1f}} to {{high:+.1f}}). {doubt}"
        )
        ends = dict(zip(("d", "low", "high"), of[GAP], strict=True))
        told = finding(
            shares, row=row, share=of["share"], days=STAYS, expected=of["expected"], **ends
        )
        if of["verdict"] != "cannot tell":
            return told
        why = told.text.removesuffix(f" {doubt}").replace("Of", "of", 1)
        return CannotTell(f"whether talks that {row} go with leaving: {why}")

    def table(self) -> pd.DataFrame:
        """An end a row, who left, who did after writing to a person, and the difference."""
        return view(
            self.frame, "talks that", "talks", "customers", "share ±.1% as left",
            "expected .1% as after writing to a person", "difference ±+.1f as points apart",
            "verdict",
        )  # fmt: skip


@once
def left_after(study: Study) -> LeftAfter | CannotTell:
    """Who said that they leave, or ended, within 30 days after a talk, by how it ended, beside the
    customers who wrote to a person: own tickets that followed no talk, weighed so that each month
    counts as it does among the talks. Requests to leave are in neither.
    """
    every = talks(study)
    if isinstance(every, CannotTell):
        return every
    if not sees_leaving(study):
        return UNSEEN
    if lacks := leaving_untold(study):
        return lacks
    asks = by_rule(every["body"]).fillna(False).astype(bool)
    rows = _watched(study, every[(every["untold"] == "") & ~asks])
    others = _watched(study, _without_talk(study, every))
    made = {name: _beside(rows[rows["ended"].isin(of)], others) for name, of in ENDS.items()}
    frame = pd.DataFrame.from_dict(made, orient="index")
    told = frame["difference"].notna()
    for end, wide in zip(GAP[1:], together(*(frame.loc[told, c] for c in GAP)), strict=True):
        frame.loc[told, end] = wide
    frame.insert(0, "talks that", frame.index)
    return LeftAfter(frame.assign(verdict=side(frame[GAP[1]], frame[GAP[2]], none=0)))


@once
def came_next(study: Study) -> pd.DataFrame | CannotTell:
    """What the tickets are about with which customers came to a person after a talk: intent,
    tickets, customers, cause (the commonest) and its share."""
    every = talks(study)
    if isinstance(every, CannotTell):
        return every
    if not study.has("ticket_causes"):
        return CannotTell("what customers wrote about next: causes are not known.")
    rows = every[every["fate"].isin(FATES[1:3])].merge(main_causes(study), on="ticket_id")
    rows = rows.sort_values("at").drop_duplicates("ticket_id", keep="last")
    if rows.empty:
        return CannotTell("what customers wrote about next: no ticket with a cause came of a talk.")
    made = []
    for intent, of in rows.groupby("intent"):
        cause = of["cause"].value_counts().sort_index().idxmax()
        held = share(of["cause"] == cause, of["who"].fillna(of["session_id"]))
        made.append({"intent": intent, "cause": cause, "customers": of["who"].nunique()} | held)
    frame = pd.DataFrame(made).sort_values("n", ascending=False, kind="stable")
    return view(frame, "intent", "n as tickets", "customers", "cause", "estimate ±.0% as share")


def _without_talk(study: Study, every: pd.DataFrame) -> pd.DataFrame:
    """Own tickets, written while there were talks, that followed none and ask not to leave."""
    own = study.whole.customer_tickets.rename(columns={"created_at": "at"})
    out = every.loc[every["fate"].isin(FATES[1:3]), "ticket_id"]
    if study.has("ticket_causes"):
        asks = study.whole.ticket_causes.query("is_exit_request")["ticket_id"]
        out = pd.concat([out, asks])
    within = own["at"].between(every["at"].min(), every["at"].max())
    return own[within & ~among(own["ticket_id"], out)].assign(who=own["customer_id"])


def _watched(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of customers who had not left by then and were watched for 30 days, with left and
    month."""
    rows = rows.assign(left=left_within(study, rows), month=rows["at"].dt.strftime("%Y-%m"))
    rows = rows[rows["left"].notna() & (rows["at"] + STAYS * DAY <= study.observed_until)]
    return rows.astype({"left": bool})


def _beside(rows: pd.DataFrame, others: pd.DataFrame) -> dict:
    """What is told of talks; null differences where too few left."""
    held = share(rows["left"], rows["who"])
    made = {"talks": len(rows), "customers": rows["who"].nunique(), "left": rows["left"].sum(),
            "share": held["estimate"], "low": held["low"], "high": held["high"]}  # fmt: skip
    of, months = rows["month"].value_counts(), others["month"]
    all_of, ours_of = (months.map(each).astype(float) for each in (months.value_counts(), of))
    weights = ours_of.fillna(0.0) / all_of
    if len(rows) < FEWEST or others.loc[weights > 0, "left"].sum() < ENOUGH:
        return made | dict.fromkeys(["expected", *GAP], np.nan)
    expected = float((weights * others["left"]).sum() / weights.sum())
    apart = (weights * (others["left"] - expected)).groupby(others["who"]).sum()
    worth = expected * (1 - expected) * weights.sum() ** 2 / (apart**2).sum()
    ours, beside = tuple(held.values())[:3], (expected, *wilson(expected * worth, worth))
    gap = 100 * np.array(difference(ours, beside))
    return made | dict(zip(["expected", *GAP], (expected, *gap), strict=True))
