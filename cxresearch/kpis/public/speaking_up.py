"""Who speaks in public after an issue: praise after a good solution, blame while one is overdue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.episodes import open_spells
from cxresearch.kpis.public.reviewed import BLAME, PRAISE, reviewed
from cxresearch.study.answers import CannotTell, Finding, SaidOnce, finding
from cxresearch.study.intervals import difference, of_many, wilson, z
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import view

DAYS = 30
ROWS = {"in time": "solved in time", "late": "solved late", "overdue": "overdue, not solved"}
FEW = 5  # reviews in both groups together


@dataclass(frozen=True, eq=False)
class SpeakingUp(Result):
    """What is said in public within 30 days after issues were solved in time, solved late, or
    became overdue, named rows "in time", "late" and "overdue": after, issues, praise and complaint
    (how many are followed by one), and of each the share of issues with low and high, its
    difference from "in time" with low and high, and verdict (more, fewer, cannot tell). known is
    the share of reviews whose customer is known: the others cannot be followed."""

    known: float

    def said(self, row: str = "") -> Finding | CannotTell:
        """Whether late but good solutions are praised as those in time; "overdue" says whether an
        overdue issue is complained about more, "known" how many reviews can be followed."""
        if row == "known":
            return finding(
                "Only reviews whose customer is known can follow an issue: {known:.0%} of all. So "
                "the true numbers are higher, in each group alike if being known is chance.",
                known=self.known,
            )  # fmt: skip
        name, tone = ("overdue", BLAME) if row == "overdue" else ("late", PRAISE)
        own, usual = self.frame.loc[name], self.frame.loc["in time"]
        shares = {"one": 1000 * own[tone + " share"], "other": 1000 * usual[tone + " share"],
                  "low": 1000 * own[tone + " share low"],
                  "high": 1000 * own[tone + " share high"]}  # fmt: skip
        what = "overdue issues" if row == "overdue" else "late solutions"
        done = "complained about" if row == "overdue" else "praised"
        advice = "" if row == "overdue" else " That is no reason to be late: who waited differs."
        if own[tone + " verdict"] == "cannot tell":
            return CannotTell(
                f"whether {what} are {done} in public more or less than solutions in time: "
                f"{own[tone]:,} of {own['issues']:,}, against {usual[tone]:,} of "
                f"{usual['issues']:,}."
            )
        return finding(
            "Of 1,000 {what} **{one:.0f}** are {done} in public within {days} days ({low:.0f} to "
            "{high:.0f}), of 1,000 solved in time {other:.0f}." + advice,
            what=what, done=done, days=DAYS, **shares,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The three groups of issues."""
        rows = self.frame
        return view(rows, "after", "issues", f"{PRAISE}", f"{PRAISE} share ±.1% as praised",
                    f"{PRAISE} verdict as praise, against in time", f"{BLAME} as complaints",
                    f"{BLAME} share ±.1% as complained about",
                    f"{BLAME} verdict as complaints, against in time")  # fmt: skip


@once
def speaking_up(study: Study) -> SpeakingUp | CannotTell:
    """What customers say in public within 30 days after an issue of theirs was solved in time,
    solved late, or became overdue; an issue that is overdue and then solved is in two rows.

    Each is followed from a moment that does not look ahead, and only if 30 days after it were
    watched. Only reviews whose customer is known can follow. The intervals are Wilson's and that of
    a difference of two shares (Zou and Donner 2008); the four comparisons share one rate of false
    alarms (Holm). Whoever waits also differs otherwise: this is an association.
    """
    rows = reviewed(study)
    if isinstance(rows, CannotTell):
        return rows
    known = rows.dropna(subset="customer_id")
    if known.empty:
        return SaidOnce("who speaks up: no review says whose it is.")
    issues, window = _issues(study), pd.Timedelta(days=DAYS)
    last = min(study.observed_until, rows["written_at"].max())
    first = rows["written_at"].min()
    issues = issues[(issues["from"] >= first - window) & (issues["from"] + window <= last)]
    for tone in (PRAISE, BLAME):
        issues[tone] = _followed(issues, known[known["tone"].eq(tone)], window)
    told = issues.groupby("after")[[PRAISE, BLAME]].sum().astype(int)
    told.insert(0, "issues", issues.groupby("after").size())
    if not {*ROWS} <= {*told.index}:
        return SaidOnce("who speaks up: no issue was late, or none in time.")
    return SpeakingUp(_compared(told.loc[[*ROWS]]), rows["customer_id"].notna().mean())


def _issues(study: Study) -> pd.DataFrame:
    """Issues with the moment from which each is followed: customer_id, after, from."""
    spells = open_spells(study).sort_values("opened_at").drop_duplicates("ticket_id")
    over = spells["resolved_at"].notna()
    late = spells["resolved_at"] > spells["overdue_at"]
    waits = spells[(late | ~over) & (spells["overdue_at"] < study.observed_until)]
    parts = [
        spells[over].assign(after=np.where(late[over], "late", "in time"),
                            **{"from": spells["resolved_at"]}),
        waits.assign(after="overdue", **{"from": waits["overdue_at"]}),
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[["customer_id", "after", "from"]]


def _followed(issues: pd.DataFrame, said: pd.DataFrame, window: pd.Timedelta) -> np.ndarray:
    """Which issues are followed by one of these reviews of the same customer within the window."""
    left = issues.reset_index(names="row").sort_values("from")
    right = said[["customer_id", "written_at"]].sort_values("written_at")
    found = pd.merge_asof(
        left, right, left_on="from", right_on="written_at", by="customer_id",
        direction="forward", tolerance=window, allow_exact_matches=False,
    )  # fmt: skip
    return found.set_index("row")["written_at"].notna().reindex(issues.index).to_numpy()


def _compared(told: pd.DataFrame) -> pd.DataFrame:
    """With shares, and differences from what was solved in time."""
    frame, scores = told.assign(after=pd.Series(ROWS)), {}
    for tone in (PRAISE, BLAME):
        share = told[tone] / told["issues"]
        low, high = wilson(told[tone], told["issues"])
        usual = (share["in time"], low["in time"], high["in time"])
        gap = difference((share, low, high), usual)
        names = ["share", "share low", "share high", "gap", "gap low", "gap high"]
        for name, values in zip(names, (share, low, high, *gap), strict=True):
            frame[f"{tone} {name}"] = values
        few = told[tone] + told[tone]["in time"] < FEW
        width = np.where(gap[0] > 0, gap[0] - gap[1], gap[2] - gap[0])
        scores |= {(tone, row): np.nan if few[row] else abs(gap[0][row]) / width[place] * z()
                   for place, row in enumerate(told.index) if row != "in time"}  # fmt: skip
    return _with_verdicts(frame, scores)


def _with_verdicts(frame: pd.DataFrame, scores: dict) -> pd.DataFrame:
    from scipy.special import ndtr

    known = {key: 2 * ndtr(-score) for key, score in scores.items() if pd.notna(score)}
    p = dict(zip(known, of_many([*known.values()]), strict=True)) if known else {}
    for tone in (PRAISE, BLAME):
        gap = frame[f"{tone} gap"]
        clear = pd.Series([p.get((tone, row), 1.0) < 0.05 for row in frame.index], frame.index)
        frame[f"{tone} verdict"] = np.select([clear & (gap > 0), clear], ["more", "fewer"],
                                             "cannot tell")  # fmt: skip
        frame.loc["in time", f"{tone} verdict"] = ""
    return frame
