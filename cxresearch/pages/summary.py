"""Notebook 00: what should we fix first, and how sure are we?"""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from cxresearch import impact
from cxresearch.episodes import open_spells
from cxresearch.episodes.return_cohort import return_cohort
from cxresearch.outcomes import outcome
from cxresearch.outcomes.cause_ratios import CauseRatios
from cxresearch.pages import ends
from cxresearch.pages import what_to_fix_first as saves
from cxresearch.pages.words import SHARE, share
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study
from cxresearch.topics.causes import named


def fix_first(study: Study, fixes: pd.DataFrame | CannotTell) -> Finding | CannotTell:
    """The cause to fix first by each lever, with what that would save, or why it cannot be told and
    what would tell; where nobody can be seen to leave, the cause to answer first."""
    if study.outcome == "churn":
        return saves.first(saves.clear(fixes, study), study, impact.by_cause(study))
    return _by_silence(outcome(study).by_cause(study), study)


def left_without(study: Study) -> tuple[Finding | CannotTell, ...]:
    """Where nobody can be seen to leave: who ends without an answer or a solution, and whether
    those come back; else nothing."""
    if study.outcome == "churn":
        return ()
    found = impact.endings(study)
    whom = impact.among_whom(study)
    return (ends.unanswered(found), ends.unsolved(found), ends.most_among(whom))


def how_sure(study: Study) -> tuple[Finding | CannotTell, ...]:
    """The headline of notebook 06, and a warning where causes may not differ at all."""
    weak = _alike(study)
    return (outcome(study).hazards(study).said("headline"), *([Finding(weak)] if weak else []))


def why_they_write(study: Study) -> Finding | CannotTell:
    """The three largest causes and their shares of tickets."""
    causes = named(study)
    if causes.empty:
        return CannotTell("what customers write about: no ticket has a topic.")
    sizes = causes.groupby("cause")["weight"].sum().sort_values(ascending=False)
    total = study.ticket_causes["weight"].sum()
    top = "; ".join(f"{name} {size / total:.0%}" for name, size in sizes.head(3).items())
    return finding(
        "Customers write most about: {top} ({n} causes; shares of {of:,} "
        "tickets).",
        top=top, n=len(sizes), of=round(total),
    )  # fmt: skip


def how_many_wait(study: Study) -> Finding | CannotTell:
    """Share of issues that became overdue, or of first tickets left unanswered."""
    if study.outcome == "churn":
        spells = open_spells(study)
        spells = spells[spells["customer_id"].isin(study.customers["customer_id"])]
        late = ~(spells["resolved_at"].fillna(study.observed_until) <= spells["overdue_at"])
        issues = (
            spells.assign(late=late)
            .groupby("ticket_id")
            .agg(late=("late", "any"), due=("overdue_at", "min"))
        )
        known = issues[issues["due"] <= study.observed_until]
        if known.empty:
            return CannotTell("how many wait: no issue of a known customer is old enough.")
        return finding(
            SHARE + " of issues were at some time open longer than the promise of {days:g} days; "
            "issues younger than the promise and requests to leave are not counted.",
            **share(int(known["late"].sum()), len(known)),
            days=study.settings.unresolved_after_days,
        )  # fmt: skip
    tickets = study.customer_tickets
    never = int(tickets["first_reply_at"].isna().sum())
    day = study.settings.landmark_days
    cohort = return_cohort(study)
    if cohort.empty:
        return CannotTell("how many wait: no ticket was watched past the landmark day.")
    return finding(
        SHARE + " of tickets never had an answer from outside; of the first tickets in notebook "
        "06 {by:.1%} had none by day {day:g}.",
        **share(never, len(tickets)), by=1 - float(cohort["answered"].mean()), day=day,
    )  # fmt: skip


def cannot_tell(study: Study) -> Finding:
    """What cannot be told, and what data would tell it."""
    by_cause = outcome(study).by_cause(study)
    if isinstance(by_cause, CannotTell):
        return Finding(f"What we cannot tell: {by_cause.reason}")
    by_cause = by_cause.frame
    open_questions = by_cause[by_cause["verdict"].str.startswith("cannot")]
    told = len(by_cause) - len(open_questions)
    if study.outcome == "return":
        would = "Who leaves is not in this data: a customers table from billing would tell."
    else:
        would = "More months of the same data would tell; so would fewer, larger causes."
    middle = by_cause["smallest visible ratio"].median()
    rare = (
        ": half of all causes are so rare that only a hazard ratio of {middle:.1f} or more could "
        "have been seen"
        if np.isfinite(middle)
        else ""
    )
    return finding(
        "For {n} of {of} causes we cannot tell whether customers {verb} more often ({told} we "
        "can)" + rare + ". " + would,
        n=len(open_questions), of=len(by_cause), told=told, verb=outcome(study).WORDS.verb,
        middle=float(middle),
    )  # fmt: skip


def _alike(study: Study) -> str:
    """A warning where the causes differ no more than causes dealt to tickets at random."""
    if study.outcome != "churn":
        return ""
    found = outcome(study).causes_differ(study)
    if isinstance(found, CannotTell) or not found["p"] >= 0.05:
        return ""
    return f"The evidence that causes differ from each other at all is weak: {found['found']}."


@cannot_tell_passes
def _by_silence(by_cause: CauseRatios, study: Study) -> Finding | CannotTell:
    """The cause whose first tickets are most surely left unanswered more often than the rest.

    Intervals are Wilson's at 95% for all causes together (Bonferroni), because the worst is picked.
    """
    cohort, by_cause = return_cohort(study), by_cause.frame
    silent = (by_cause["unanswered"] * by_cause["customers"]).round()
    alpha = 0.05 / len(by_cause)
    low, high = proportion_confint(silent, by_cause["customers"], alpha=alpha, method="wilson")
    others = len(cohort) - by_cause["customers"]
    rest = ((~cohort["answered"]).sum() - silent) / others.where(others > 0)
    ahead = (low / rest)[low > rest]
    if ahead.empty:
        return CannotTell("which cause to answer first: no cause is clearly left unanswered more.")
    worst = by_cause.loc[ahead.idxmax()]
    return finding(
        "**Answer first: {cause}.** {share:.0%} ({low:.0%} to {high:.0%}; {n:,} customers) of its "
        "first tickets had no outside answer by day {day:g}, against {rest:.0%} of all others. Who "
        "leaves cannot be seen in this data, so nothing here says what that costs.",
        cause=worst["cause"], share=worst["unanswered"], low=float(low[worst.name]),
        high=float(high[worst.name]), n=int(worst["customers"]), rest=float(rest[worst.name]),
        day=study.settings.landmark_days,
    )  # fmt: skip
