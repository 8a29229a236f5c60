"""Notebook 00: what should we fix first, and how sure are we?"""

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from cxresearch.causes import named
from cxresearch.episodes import customer_lives, open_spells
from cxresearch.findings import leaves
from cxresearch.findings.words import SHARE, share
from cxresearch.outcomes import outcome
from cxresearch.returns import return_cohort
from cxresearch.say import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study import Study

WORTH_SEEING = 2.0
TOO_LONG = 120


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
        n=len(open_questions), of=len(by_cause), told=told, verb=leaves.EVENT[study.outcome],
        middle=float(middle),
    )  # fmt: skip


@cannot_tell_passes
def _by_departures(by_cause: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """The cause with most departures beyond what its customers would have had anyway."""
    clear = by_cause[by_cause["verdict"] == "leave more"]
    if clear.empty:
        return _not_yet(by_cause, study)
    excess = clear["left while exposed"] * (1 - 1 / clear["hazard ratio"])
    order = excess.sort_values(ascending=False)
    worst = clear.loc[order.index[0]]
    n = worst["left while exposed"]
    return finding(
        "**Fix first: {cause}.** While such an issue is overdue, customers leave at {hr:.1f} times "
        "the rate ({low:.1f} to {high:.1f}): about {excess:.0f} ({least:.0f} to {most:.0f}) of the "
        "{n:,} who left in that state would not be expected to, if the association is causal. "
        "{rivals}",
        cause=worst["cause"], hr=worst["hazard ratio"], low=worst["low"], high=worst["high"],
        excess=float(order.iloc[0]), least=float(n * (1 - 1 / worst["low"])),
        most=float(n * (1 - 1 / worst["high"])), n=int(n),
        rivals=f"{_rivals(clear.loc[order.index])} {_alike(study) * (len(clear) > 1)}".strip(),
    )  # fmt: skip


def _alike(study: Study) -> str:
    """A warning where the causes differ no more than causes dealt to tickets at random."""
    found = outcome(study).causes_differ(study)
    if isinstance(found, CannotTell) or not found["p"] >= 0.05:
        return ""
    return f"But the evidence that causes differ from each other at all is weak: {found['found']}."


def _rivals(clear: pd.DataFrame, draws: int = 4000, seed: int = 0) -> str:
    """How often the first cause comes first when every ratio is drawn from its own interval."""
    if len(clear) == 1:
        return "No other cause's result is clear."
    error = (np.log(clear["high"]) - np.log(clear["low"])) / (2 * norm.ppf(0.975))
    rng = np.random.default_rng(seed)
    drawn = rng.normal(np.log(clear["hazard ratio"]), error, (draws, len(clear)))
    excess = clear["left while exposed"].to_numpy() * (1 - np.exp(-drawn))
    first = float((excess.argmax(axis=1) == 0).mean())
    return (
        f"It comes first in {first:.0%} of draws from the causes' intervals; "
        f"next is {clear['cause'].iloc[1]}."
    )


def _not_yet(by_cause: pd.DataFrame, study: Study) -> CannotTell:
    """No cause stands out: how long until one twice as bad would."""
    left = int((customer_lives(study)["end"] == "voluntary").sum())
    tested = int(by_cause["p"].notna().sum())
    why = (
        f"none of {tested} tested causes' intervals excludes no difference"
        if tested
        else "every cause had too few departures to be tested"
    )
    largest = by_cause.sort_values("years exposed").iloc[-1]
    said = finding(
        "which cause to fix first by departures: " + why + " ({left:,} departures). {more}",
        left=left, more=_months_needed(study, largest, left),
    )  # fmt: skip
    return CannotTell(said.text)


def _months_needed(study: Study, cause: pd.Series, left: int) -> str:
    """How many more months would show a doubled rate of one cause, if departures go on as now."""
    lives = customer_lives(study)
    months = (study.observed_until - lives["enters_at"].min()) / pd.Timedelta(days=30.4)
    share_exposed = cause["years exposed"] / _years(lives)
    needed = ((norm.ppf(0.975) + norm.ppf(0.8)) / np.log(WORTH_SEEING)) ** 2
    needed = needed / max(share_exposed * (1 - share_exposed), 1e-9)
    more = max(needed / max(left, 1) - 1, 0) * months
    if more > TOO_LONG or left == 0:
        return "No realistic number of further months like these would tell."
    if more < 1:
        return f"A doubled rate for {cause['cause']} would already have been seen."
    return (
        f"To see a doubled rate for the cause most often overdue, {cause['cause']}, about "
        f"{more:,.0f} more months like these would do."
    )


@cannot_tell_passes
def _by_silence(by_cause: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """The cause whose first tickets are most surely left unanswered more often than the rest.

    Intervals are Wilson's at 95% for all causes together (Bonferroni), because the worst is picked.
    """
    cohort = return_cohort(study)
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


def _years(lives: pd.DataFrame) -> float:
    time = (lives["leaves_at"] - lives["enters_at"]).clip(lower=pd.Timedelta(0))
    return time.sum() / pd.Timedelta(days=365.25)
