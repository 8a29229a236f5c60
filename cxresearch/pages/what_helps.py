"""Notebook 07: does recovery, or a quick answer, keep customers?"""

import pandas as pd

from cxresearch.outcomes.recovery import DAYS, differences, fates
from cxresearch.pages.words import DONE, EVENT, SOLVED, ratio, with_interval
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study
from cxresearch.survival import at_days
from cxresearch.survival import cumulative_incidence as incidence

ORIGIN = {"churn": "the day of the groups, the first of a quarter", "return": "the landmark"}
ORDER = {
    "churn": ["no issue", "solved in time", "solved late", "unresolved", "open, not yet due"],
    "return": ["solved", "answered, not solved", "no outside answer"],
}
PAIR = {"churn": ("unresolved", "solved in time"), "return": ("solved", "no outside answer")}
BEST = {
    "churn": ("solved late / still overdue", "customers whose issue was solved late",
              "those whose issue is still overdue"),
    "return": ("messages", SOLVED, "the rest with as many messages by then"),
}  # fmt: skip
LIMITS = {
    "churn": "Nobody drew lots for who was solved in time. Easy issues are solved sooner; large "
    "accounts are served first; heavy users write more and leave less, and only plan, contract "
    "and activity at entry are taken out, in the hazard ratios alone. Customers who left while "
    "they waited for their landmark are in no group. What the help desk marks as solved may not "
    "be.",
    "return": "Nobody drew lots for who was answered. A solution is an answer that somebody, "
    "perhaps much later, marked as one: who stays long enough to mark it may come back for that "
    "reason. Coming back is neither good nor bad. Who left for good cannot be told from who "
    "needs nothing.",
}


@cannot_tell_passes
def answer(contrasts: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """Does solving a late issue after all go with leaving less; or a solution with coming back?"""
    wanted, who, against = BEST[study.outcome]
    column = "comparison" if study.outcome == "churn" else "adjusted for"
    return _ratio(contrasts, column, wanted, who, against, study)


@cannot_tell_passes
def lateness(contrasts: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """Solved late against solved in time; or, in return studies, solved against not."""
    if study.outcome == "return":
        against = "the rest, whatever the messages by then"
        return _ratio(contrasts, "comparison", "solved by", SOLVED, against, study)
    return _ratio(
        contrasts, "comparison", "solved late / solved in time",
        "customers whose issue was solved late", "those whose issue was solved in time", study,
    )  # fmt: skip


@cannot_tell_passes
def paradox(contrasts: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """Are customers better kept after a good recovery than without any issue?"""
    if study.outcome == "return":
        return CannotTell(
            "how those fare who had no issue: only people who wrote are known. A list of all "
            "customers, with or without tickets, would tell."
        )
    return _ratio(
        contrasts, "comparison", "solved in time / none",
        "customers whose issue was solved in time", "those without an issue", study,
    )  # fmt: skip


@cannot_tell_passes
def curves(cohort: pd.DataFrame) -> pd.DataFrame | CannotTell:
    """Share by days since the landmark, a curve a group, other ends competing."""
    return incidence(cohort, "group")


@cannot_tell_passes
def decided(curves: pd.DataFrame) -> pd.DataFrame:
    """The curves without the few whose issue was open and not yet due: that may still go well."""
    return curves[curves["group"] != "open, not yet due"]


@cannot_tell_passes
def curves_title(cohort: pd.DataFrame, curves: pd.DataFrame, study: Study, day: int = 180) -> str:
    """The figure's finding: the two groups that matter most, if they differ."""
    if isinstance(gap(cohort, study, day), CannotTell):
        return f"No clear difference within {day} days between " + " and ".join(
            f"“{name}”" for name in PAIR[study.outcome]
        )
    shares = (
        at_days(curves, "group", [day]).set_index("group")["share"].reindex(PAIR[study.outcome])
    )
    told = [f"{value:.1%} of “{name}”" for name, value in shares.items()]
    return f"Within {day} days {told[0]} {DONE[study.outcome]}, {told[1]}"


@cannot_tell_passes
def fate_table(cohort: pd.DataFrame, curves: pd.DataFrame, study: Study) -> pd.DataFrame:
    """A row a group: customers, landmarks, events, and the share with its interval by each day."""
    return _wide(fates(cohort, at_days(curves, "group", list(DAYS)), ORDER[study.outcome]), study)


@cannot_tell_passes
def delay_table(cohort: pd.DataFrame, curves: pd.DataFrame, study: Study) -> pd.DataFrame:
    """A row a band of delay, the quickest first."""
    return _wide(fates(cohort, at_days(curves, "group", list(DAYS)), _steps(cohort)), study)


@cannot_tell_passes
def at_half_a_year(cohort: pd.DataFrame, curves: pd.DataFrame) -> pd.DataFrame:
    """The bands' shares half a year on, the quickest first, for a figure."""
    return fates(cohort, at_days(curves, "group", [180]), _steps(cohort))


@cannot_tell_passes
def gap(cohort: pd.DataFrame, study: Study, day: int = 180) -> Finding | CannotTell:
    """The difference between the two groups that matter most, in points by half a year."""
    group, against = PAIR[study.outcome]
    found = differences(cohort, group, against, day)
    said = finding(
        "{points:+.1f} points (95% interval {low:+.1f} to {high:+.1f}; {n:,} and {m:,} events)",
        points=100 * found["difference"], low=100 * found["low"], high=100 * found["high"],
        n=int(found["events"]), m=int(found["others"]),
    )  # fmt: skip
    if not found["p"] < 0.05:
        return CannotTell(
            f"whether “{group}” and “{against}” differ in who {DONE[study.outcome]} within {day} "
            f"days: {said.text if pd.notna(found['p']) else 'too few customers in one of them'}."
        )
    return finding(
        "Within {day} days, of “{group}” customers {more} {done} than of “{against}”: " + said.text
        + ". Nothing is adjusted for here.",
        day=day, group=group, against=against, done=DONE[study.outcome],
        more="more" if found["difference"] > 0 else "fewer", **{
            f"gap {k}": v for k, v in said.numbers.items()},
    )  # fmt: skip


@cannot_tell_passes
def dose(trend: pd.Series, study: Study) -> Finding | CannotTell:
    """Is each step of delay associated with a higher rate?"""
    numbers = {k: float(trend[k]) for k in ("hazard ratio", "low", "high")}
    numbers["hr"] = numbers.pop("hazard ratio")
    said = finding(
        "{hr:.2f} times the rate (95% interval {low:.2f} to {high:.2f}; {n:,} who {done}; "
        "adjusted for: {adjusted})",
        n=int(trend["events"]), done=DONE[study.outcome], adjusted=trend["adjusted for"], **numbers,
    )  # fmt: skip
    if numbers["low"] <= 1 <= numbers["high"]:
        return CannotTell(
            f"whether customers {EVENT[study.outcome]} more the longer they waited: a step from "
            f"one band to the next goes with {said.text}, which holds 1."
        )
    return Finding(
        f"On average over the bands, a step to the next longer wait goes with {said.text}. "
        "The table shows whether every step rises.",
        said.numbers,
    )


def waits_title(
    rows: pd.DataFrame | CannotTell, trend: pd.Series | CannotTell, study: Study
) -> str:
    """The finding of the figure of bands: the shortest and the longest wait, if they differ."""
    if isinstance(rows, CannotTell) or isinstance(dose(trend, study), CannotTell):
        return "No clear difference from one band of waiting to the next"
    first, last = rows.iloc[0], rows.iloc[-1]
    if first["high"] >= last["low"] and last["high"] >= first["low"]:
        return "The shortest and the longest wait are not clearly apart"
    return (
        f"{first['share']:.1%} of “{first['group']}” {DONE[study.outcome]}, "
        f"{last['share']:.1%} of “{last['group']}”"
    )


def limits(study: Study) -> Finding:
    """What this page is not."""
    return Finding(LIMITS[study.outcome])


def _ratio(contrasts, column, wanted, who, against, study) -> Finding | CannotTell:
    row = contrasts[contrasts[column].str.contains(wanted, regex=False)]
    if row.empty:
        return CannotTell("what recovery goes with: the export lacks what that comparison needs.")
    return ratio(row.iloc[0], who, EVENT[study.outcome], against)


def _steps(cohort: pd.DataFrame) -> list[str]:
    return list(cohort.sort_values("step")["group"].unique())


def _wide(found: pd.DataFrame, study: Study) -> pd.DataFrame:
    shown = found.assign(text=with_interval(found, "share"))
    shown = shown.assign(by=f"{DONE[study.outcome]} by day " + shown["day"].astype(int).astype(str))
    wide = shown.pivot(index="group", columns="by", values="text")[list(shown["by"].unique())]
    size = shown.drop_duplicates("group").set_index("group")[["customers", "rows", "events"]]
    once = (size["customers"] == size["rows"]).all()
    size = size.rename(columns={"rows": "times counted"})
    size = size.drop(columns="times counted") if once else size
    return size.join(wide)
