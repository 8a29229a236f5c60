"""Notebook 03: may we believe what customers tell us?"""

import functools

import numpy as np
import pandas as pd

from cxresearch.kpis import surveys
from cxresearch.kpis.measure import verdict
from cxresearch.kpis.surveys.reach import NO_SURVEYS, invitations
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study
from cxresearch.survival import at_days

WORD = {"csat": "satisfied, in percent", "nps": "net promoter score, in points"}
NAME = {"csat": "the share satisfied", "nps": "the net promoter score"}
FORM = {"csat": "{:.1f}%", "nps": "{:.0f}"}
UNIT = {"csat": "tickets", "nps": "chances to ask a customer"}
LEFT_OUT = {
    "tickets": "their ticket was written before the first invitation, or too late to be judged "
    "(the promise and two weeks more), or is no customer's own, or was asked about twice",
    "customers": "they went to nobody known as a customer when the first of that month went out, "
    "or asked a second time in that month",
}
AFTER = 365
EXPORTS = (
    "whether customers' scores can be believed: no survey invitations are in this study. A list of "
    "everyone who was asked, answered or not, would tell: what a survey tool calls its recipients "
    "or send list, or a help desk's satisfaction ratings with those offered and never given."
)
LIMITS = (
    "What the silent would have said is not known, and no model knows it: the bounds assume "
    "nothing, and whatever is narrower assumes something. Stayed or left later describes what "
    "became of customers after they were asked, and explains nothing. Who was not asked may differ "
    "from who did not answer. An answer counts if it came within two weeks."
)


def asks(question: str):
    """Makes a function say which question stays open where there are no survey invitations."""

    def wrap(function):
        @functools.wraps(function)
        def asking(*args):
            if any(isinstance(a, CannotTell) and a.reason == NO_SURVEYS for a in args):
                return CannotTell(f"{question}: it takes survey invitations.")
            return cannot_tell_passes(function)(*args)

        return asking

    return wrap


def answer(study: Study) -> Finding | CannotTell:
    """How many speak, for how many, what that leaves open; the survey about tickets first."""
    for kind in ("csat", "nps"):
        found = surveys.bounds(study, kind)
        if not isinstance(found, CannotTell):
            return _answer(found, kind, left_out(study, kind))
    return CannotTell(EXPORTS) if found.reason == NO_SURVEYS else found


def target(study: Study, kind: str) -> float:
    """The study's target of the score in bounds(): none for the share satisfied."""
    return study.settings.nps_target if kind == "nps" else np.nan


def left_out(study: Study, kind: str) -> Finding | CannotTell:
    """How many invitations, and answers, page 02 counts and this page does not, and why."""
    return _left_out(invitations(study), surveys.eligible(study, kind), kind)


@asks("which invitations are not counted here")
def _left_out(sent: pd.DataFrame, units: pd.DataFrame, kind: str) -> Finding | CannotTell:
    own, about = sent[sent["kind"] == kind], "tickets" if "ticket_id" in units else "customers"
    sent, spoke = len(own), int(own["answered"].sum())
    asked, heard = int(units["invited"].sum()), int(units["answered"].sum())
    if sent == asked:
        return finding("All {sent:,} invitations ({spoke:,} answered) are counted.", sent=sent,
                       spoke=spoke)  # fmt: skip
    return finding(
        "Of {sent:,} invitations ({spoke:,} answered), {out:,} ({lost:,} answered) are not "
        "counted here: {why}.",
        sent=sent, spoke=spoke, out=sent - asked, lost=spoke - heard, why=LEFT_OUT[about],
    )  # fmt: skip


@asks("how many were asked, and how many answered")
def reach(funnel: pd.DataFrame, kind: str) -> Finding | CannotTell:
    """Eligible, invited and answered in one sentence."""
    row = funnel.iloc[0]
    if not row["invited"]:
        return CannotTell("how many answered: nobody was asked who could have been.")
    return finding(
        "Of {n:,} {unit}, **{invited:.1%}** were used ({a:.1%} to {b:.1%}; {asked:,} asked), and "
        "**{answered:.1%}** of those asked answered ({c:.1%} to {d:.1%}; {spoke:,}).",
        n=int(row["eligible"]), unit=UNIT[kind], invited=row["invited share"],
        a=row["invited low"], b=row["invited high"], asked=int(row["invited"]),
        answered=row["answered share"], c=row["answered low"], d=row["answered high"],
        spoke=int(row["answered"]),
    )  # fmt: skip


@asks("who was asked and who answered, group by group")
def funnel_table(funnel: pd.DataFrame) -> pd.DataFrame:
    """The funnel as a page shows it: counts and percentages with intervals."""
    return pd.DataFrame(
        {
            "group": funnel["group"],
            "could be asked": funnel["eligible"],
            "asked": funnel["invited"],
            "asked (of those who could be)": _percents(funnel, "invited share", "invited "),
            "answered": funnel["answered"],
            "answered (of those asked)": _percents(funnel, "answered share", "answered "),
        }
    )


@asks("whether those who left answered less")
def lopsided(funnel: pd.DataFrame) -> Finding | CannotTell:
    """Did those who later left answer as often as those who stayed?"""
    rows = funnel.set_index("group")
    if not {"left later", "stayed"} <= set(rows.index):
        return CannotTell("whether those who left answered less: who left is not known.")
    columns = ["answered share", "answered low", "answered high"]
    left, stayed = (
        rows.loc["left later", columns].to_numpy(),
        rows.loc["stayed", columns].to_numpy(),
    )
    gap, low, high = difference(left, stayed)
    if np.isnan(gap):
        return CannotTell("whether those who left answered less: none of a group were asked.")
    values = {"left": left[0], "stayed": stayed[0], "gap": 100 * gap}
    values |= {"low": 100 * low, "high": 100 * high}
    if low <= 0 <= high:
        return CannotTell(
            finding(
                "whether those who later left answered less or more often: {left:.1%} of their "
                "invitations, {stayed:.1%} of those of customers who stayed, a difference of "
                "{gap:+.1f} points (95% interval {low:+.1f} to {high:+.1f}).",
                **values,
            ).text
        )
    return finding(
        "Customers who later left answered **{left:.1%}** of their invitations, those who stayed "
        "**{stayed:.1%}**: {gap:+.1f} points (95% interval {low:+.1f} to {high:+.1f}). "
        + ("So the score hears the leavers less." if gap < 0 else "So it hears the leavers more."),
        **values,
    )


@asks("between which bounds the score lies")
def bounds_table(bounds: pd.DataFrame, kind: str, aim: float = np.nan) -> pd.DataFrame:
    """The bounds as a page shows them, with a verdict where the score has a target (aim)."""
    shown = pd.DataFrame(
        {
            "of whom": bounds["of whom"],
            "n": bounds["n"],
            "answered": bounds["answered"],
            WORD[kind]: [_range(*row) for row in bounds[["lowest", "highest"]].to_numpy()],
            "with chance (95%)": [
                f"{low:.1f} to {high:.1f}" for low, high in bounds[["low", "high"]].to_numpy()
            ],
        }
    )
    if np.isnan(aim):
        return shown
    told = [verdict(low, high, aim) for low, high in bounds[["low", "high"]].to_numpy()]
    return shown.assign(**{f"at least {aim:g}?": told})


@asks("what the silence leaves open")
def believe(bounds: pd.DataFrame, kind: str) -> Finding:
    """What the silence leaves open, and how much of it is chance."""
    spoke, could = bounds.iloc[0], bounds.iloc[-1]
    return finding(
        "Among those who answered, {name} is {score} ({low} to {high}). Among all who could have "
        "been asked it is anything from **{lowest} to {highest}**: {share:.0%} of them are heard, "
        "and that width is silence, which more answers from the same kind of people do not mend.",
        name=NAME[kind], share=float(could["answered"] / could["n"]),
        **_shown(spoke, could, kind),
    )  # fmt: skip


@asks("who never answers")
def never_table(never: pd.DataFrame) -> pd.DataFrame:
    """Who never answers, as a page shows it."""
    return pd.DataFrame(
        {
            "group": never["group"],
            "asked twice or more": never["customers"],
            "never answered": never["never answered"],
            "never answered (95% interval)": _percents(never, "share", ""),
        }
    )


@asks("whether the silent leave")
def silent_leave(curves: pd.DataFrame) -> Finding | CannotTell:
    """Do those who answered neither of their first two invitations leave more often?"""
    rows = at_days(curves, "group", [AFTER]).dropna().set_index("group")
    if len(rows) < 2:
        return CannotTell("whether the silent leave more: too few were watched for a year.")
    columns = ["share", "low", "high"]
    silent = rows.loc["answered neither", columns].to_numpy(float)
    spoke = rows.loc["answered at least once", columns].to_numpy(float)
    gap, low, high = difference(silent, spoke)
    said = finding(
        "a year on, {silent:.1%} ({a:.1%} to {b:.1%}) of those who had answered neither of their "
        "first two invitations had left, and {spoke:.1%} ({c:.1%} to {d:.1%}) of those who had "
        "answered: a difference of {gap:+.1f} points (95% interval {low:+.1f} to {high:+.1f}).",
        silent=silent[0], a=silent[1], b=silent[2], spoke=spoke[0], c=spoke[1], d=spoke[2],
        gap=100 * gap, low=100 * low, high=100 * high,
    )  # fmt: skip
    if low <= 0 <= high:
        return CannotTell("whether the silent leave more or less often: " + said.text)
    return Finding(said.text[0].upper() + said.text[1:], said.numbers)


def difference(one, other) -> tuple[float, float, float]:
    """one less other, each as (estimate, low, high), with its interval.

    From the two intervals (Zou and Donner 2008, Statistics in Medicine 27); for independent groups.
    """
    gap = one[0] - other[0]
    down = np.hypot(one[0] - one[1], other[2] - other[0])
    up = np.hypot(one[2] - one[0], other[0] - other[1])
    return float(gap), float(gap - down), float(gap + up)


def limits(study: Study) -> Finding:
    """What this page is not."""
    return finding("{text}", text=LIMITS)


def _answer(bounds: pd.DataFrame, kind: str, out: Finding) -> Finding:
    spoke, could = bounds.iloc[0], bounds.iloc[-1]
    said = finding(
        "The score hears **{share:.0%}** of those it is about ({answered:,} of {n:,} {unit}). "
        "Among those who answered, {name} is {score} (95% interval {low} to {high}); among all it "
        "may be anything from **{lowest} to {highest}**. Believe it of those who spoke.",
        share=float(could["answered"] / could["n"]), answered=int(could["answered"]),
        n=int(could["n"]), unit=UNIT[kind], name=NAME[kind], **_shown(spoke, could, kind),
    )  # fmt: skip
    return Finding(f"{said.text} {out.text}", said.numbers)


def _shown(spoke: pd.Series, could: pd.Series, kind: str) -> dict[str, str]:
    values = {"score": spoke["lowest"], "low": spoke["low"], "high": spoke["high"]}
    values |= {"lowest": could["lowest"], "highest": could["highest"]}
    return {k: FORM[kind].format(v) for k, v in values.items()}


def _percents(frame: pd.DataFrame, value: str, prefix: str) -> list[str]:
    columns = [value, f"{prefix}low", f"{prefix}high"]
    return [
        f"{v:.1%} ({low:.1%} to {high:.1%})" if pd.notna(v) else "–"
        for v, low, high in frame[columns].to_numpy(float)
    ]


def _range(lowest: float, highest: float) -> str:
    return f"{lowest:.1f}" if lowest == highest else f"{lowest:.1f} to {highest:.1f}"
