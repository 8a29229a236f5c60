"""Notebook 00: what should we fix first, and how sure are we?"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from cxresearch.causes import named
from cxresearch.episodes import customer_lives, open_spells
from cxresearch.findings import leaves
from cxresearch.findings.words import SHARE, share
from cxresearch.returns import return_cohort
from cxresearch.say import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study import Study
from cxresearch.survival import outcome

WORTH_SEEING = 2.0


def fix_first(study: Study) -> Finding | CannotTell:
    """The cause to fix first with what is associated with it, or why it cannot be told."""
    by_cause = outcome(study).by_cause(study)
    return (_by_departures if study.outcome == "churn" else _by_silence)(by_cause, study)


def how_sure(study: Study) -> Finding | CannotTell:
    """The headline of notebook 06."""
    return leaves.answer(study)


def why_they_write(study: Study) -> Finding | CannotTell:
    """The three largest causes and their shares of tickets."""
    causes = named(study)
    sizes = causes.groupby("cause")["weight"].sum().sort_values(ascending=False)
    total = study.ticket_causes["weight"].sum()
    top = "; ".join(f"{name} {size / total:.0%}" for name, size in sizes.head(3).items())
    return finding(
        "Customers write most about: {top} ({n} causes; shares of {of:,} "
        "tickets).",
        top=top, n=len(sizes), of=round(total),
    )  # fmt: skip


def how_many_wait(study: Study) -> Finding:
    """Share of issues that became overdue, or of first tickets left unanswered."""
    if study.outcome == "churn":
        issues = open_spells(study).drop_duplicates("ticket_id")
        known = issues[(issues["resolved_at"].notna())
                       | (issues["overdue_at"] <= study.observed_until)]  # fmt: skip
        late = ~(known["resolved_at"] <= known["overdue_at"])
        return finding(
            SHARE + " of issues were open longer than the promise of {days:g} days, issues too "
            "young to tell left out.",
            **share(int(late.sum()), len(known)), days=study.settings.unresolved_after_days,
        )  # fmt: skip
    tickets = study.customer_tickets
    never = int(tickets["first_reply_at"].isna().sum())
    day = study.settings.landmark_days
    cohort = return_cohort(study)
    return finding(
        SHARE + " of tickets never had an answer from outside; of first tickets {by:.1%} had none "
        "by day {day:g}.",
        **share(never, len(tickets)), by=1 - float(cohort["answered"].mean()), day=day,
    )  # fmt: skip


def cannot_tell(study: Study) -> Finding:
    """What cannot be told, and what data would tell it."""
    by_cause = outcome(study).by_cause(study)
    if isinstance(by_cause, CannotTell):
        return Finding(f"What we cannot tell: {by_cause.reason}")
    open_questions = by_cause[by_cause["verdict"].str.startswith("cannot")]
    told = len(by_cause) - len(open_questions)
    if study.outcome == "return":
        would = "Who leaves is not in this data: a customers table from billing would tell."
    else:
        would = "More months of the same data would tell; so would fewer, larger causes."
    return finding(
        "For {n} of {of} causes we cannot tell whether customers {verb} more often ({told} we "
        "can): half of all causes are so rare that only a hazard ratio of {middle:.1f} or more "
        "could have been seen. "
        + would,
        n=len(open_questions), of=len(by_cause), told=told, verb=leaves.EVENT[study.outcome],
        middle=float(by_cause["smallest visible ratio"].median()),
    )  # fmt: skip


@cannot_tell_passes
def _by_departures(by_cause: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """The cause with most departures beyond what its customers would have had anyway."""
    clear = by_cause[by_cause["verdict"] == "leave more"]
    if clear.empty:
        return _not_yet(by_cause, study)
    excess = clear["left while exposed"] * (1 - 1 / clear["hazard ratio"])
    worst = clear.loc[excess.idxmax()]
    n = worst["left while exposed"]
    return finding(
        "**Fix first: {cause}.** While such an issue is overdue, customers leave at {hr:.1f} times "
        "the rate ({low:.1f} to {high:.1f}): about {excess:.0f} ({least:.0f} to {most:.0f}) of the "
        "{n:,} who left in that state would not be expected to, if the association is causal.",
        cause=worst["cause"], hr=worst["hazard ratio"], low=worst["low"], high=worst["high"],
        excess=float(excess.max()), least=float(n * (1 - 1 / worst["low"])),
        most=float(n * (1 - 1 / worst["high"])), n=int(n),
    )  # fmt: skip


def _not_yet(by_cause: pd.DataFrame, study: Study) -> CannotTell:
    """No cause stands out: how long until one twice as bad would."""
    lives = customer_lives(study)
    months = (study.observed_until - lives["enters_at"].min()) / pd.Timedelta(days=30.4)
    left = int((lives["end"] == "voluntary").sum())
    largest = by_cause.sort_values("years exposed").iloc[-1]
    share_exposed = largest["years exposed"] / _years(lives)
    needed = ((norm.ppf(0.975) + norm.ppf(0.8)) / np.log(WORTH_SEEING)) ** 2
    needed = needed / (share_exposed * (1 - share_exposed)) if share_exposed > 0 else np.inf
    more = max(needed / max(left, 1) - 1, 0) * months
    said = finding(
        "which cause to fix first by departures: no cause's interval excludes no difference "
        "({left:,} departures). To see a doubled rate for the cause most often overdue, {cause}, "
        "about {more:,.0f} more months like these would do.",
        left=left, cause=largest["cause"], more=float(more),
    )  # fmt: skip
    return CannotTell(said.text)


def _by_silence(by_cause: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """The cause whose first tickets are most surely left unanswered more often than the rest."""
    total, silent = (
        by_cause["customers"].sum(),
        (by_cause["unanswered"] * by_cause["customers"]).sum(),
    )
    rest = (silent - by_cause["unanswered"] * by_cause["customers"]) / (
        total - by_cause["customers"]
    )
    sure = by_cause[by_cause["unanswered low"] > rest]
    if sure.empty:
        return CannotTell("which cause to answer first: no cause is clearly left unanswered more.")
    worst = sure.loc[(sure["unanswered low"] / rest[sure.index]).idxmax()]
    return finding(
        "**Answer first: {cause}.** {share:.0%} ({low:.0%} to {high:.0%}; {n:,} customers) of its "
        "first tickets had no outside answer by day {day:g}, against {rest:.0%} of all others. Who "
        "leaves cannot be seen in this data, so nothing here says what that costs.",
        cause=worst["cause"], share=worst["unanswered"], low=worst["unanswered low"],
        high=worst["unanswered high"], n=int(worst["customers"]), rest=float(rest[worst.name]),
        day=study.settings.landmark_days,
    )  # fmt: skip


def _years(lives: pd.DataFrame) -> float:
    time = (lives["leaves_at"] - lives["enters_at"]).clip(lower=pd.Timedelta(0))
    return time.sum() / pd.Timedelta(days=365.25)
