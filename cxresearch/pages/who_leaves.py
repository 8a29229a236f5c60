"""Notebook 06: does an unresolved issue cost us the customer, and which cause does?"""

import pandas as pd

from cxresearch.episodes import customer_lives, open_spells
from cxresearch.outcomes import outcome
from cxresearch.pages.words import ratio, with_interval
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study
from cxresearch.survival import at_days

EVENT = {"churn": "leave", "return": "come back"}
DONE = {"churn": "left", "return": "came back"}
ORIGIN = {
    "churn": "the promise on an issue ran out",
    "return": "the landmark, a week after the first ticket",
}
SOLVED = "customers who by the landmark had the answer that became the solution"
WRITERS = (
    "Who writes is more active just then than on other days, which hides harm where active "
    "customers stay: the headline compares with others who wrote."
)
LIMITS = {
    "churn": "What bothers customers who stop writing before they go is in no ticket. It draws "
    "comparisons with any other day towards no effect, those among customers who wrote hardly so "
    "in the simulated companies of page 09; nothing here shows whether that holds. What else moves "
    "tickets and leaving (a better offer, a new manager) is not taken out; plan is as it was on "
    "each day, activity as before the issue. ",
    "return": "Coming back is neither good nor bad: it may be a new problem, the old one, or "
    "trust. Solved means that an answer was posted by the landmark that somebody, perhaps later, "
    "marked as the solution; so it also measures who stayed with the question, and the row with "
    "messages shows how much. Who went away for good cannot be told from who needs nothing.",
}


def answer(study: Study) -> Finding | CannotTell:
    """The headline hazard ratio with its interval."""
    return headline(study, outcome(study).hazards(study))


@cannot_tell_passes
def headline(study: Study, hazards: pd.DataFrame) -> Finding | CannotTell:
    """The first row of the table of hazard ratios as a sentence."""
    if study.outcome == "churn":
        who, against = "customers with an overdue issue", "those whose issue is or was in time"
    else:
        who, against = SOLVED, "the rest"
    return ratio(hazards.iloc[0], who, EVENT[study.outcome], against)


def leading(study: Study, hazards: pd.DataFrame | CannotTell) -> tuple[Finding | CannotTell, ...]:
    """What the page begins with: late against in time, in time against none, and the headline."""
    if study.outcome == "return":
        return headline(study, hazards), third(study, hazards)
    return late(study, hazards), third(study, hazards), headline(study, hazards)


@cannot_tell_passes
def late(study: Study, hazards: pd.DataFrame) -> Finding | CannotTell:
    """Issues overdue or solved late against those solved in time."""
    row = hazards[hazards["comparison"] == "overdue or solved late / solved in time"].iloc[0]
    who = "customers whose issue is overdue or was solved late"
    return ratio(row, who, EVENT[study.outcome], "those whose issue was solved in time")


@cannot_tell_passes
def direct(study: Study, hazards: pd.DataFrame) -> Finding | CannotTell:
    """The headline given current activity: what does not go through lower use."""
    row = hazards[hazards["adjusted for"].str.startswith("current activity")]
    if row.empty:
        return CannotTell("what goes through lower use: current activity is not known here.")
    return finding(
        "Given the activity of the day itself the ratio is {ratio:.2f} ({low:.2f} to {high:.2f}) "
        "instead of {total:.2f}: what is left is the direct effect, what is gone went through "
        "lower use, or lower use came first.",
        ratio=row["hazard ratio"].iloc[0], low=row["low"].iloc[0], high=row["high"].iloc[0],
        total=hazards["hazard ratio"].iloc[0],
    )  # fmt: skip


@cannot_tell_passes
def alike(landmarks: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """What the curves say a year on when both groups had been alike."""
    year = landmarks.dropna(subset="difference").tail(1)
    if year.empty:
        return CannotTell("what alike groups do: nobody was watched for so long.")
    row = year.iloc[0]
    names = [c for c in landmarks.columns[1:3]]
    return finding(
        "Had both groups been alike in what was known when they wrote, {first:.1%} of “{a}” and "
        "{second:.1%} of “{b}” would {verb} within {day:.0f} days: a difference of "
        "{gap:+.1f} percentage points (95% interval {low:+.1f} to {high:+.1f}).",
        first=row[names[0]], second=row[names[1]], a=names[0], b=names[1],
        verb=EVENT[study.outcome], day=row["day"], gap=100 * row["difference"],
        low=100 * row["low"], high=100 * row["high"],
    )  # fmt: skip


@cannot_tell_passes
def landmark_table(landmarks: pd.DataFrame) -> pd.DataFrame:
    """Alike groups at each day, in percent, and the difference in percentage points."""
    shown = {"day": landmarks["day"]}
    shown |= {f"{c} %": 100 * landmarks[c] for c in landmarks.columns[1:3]}
    points = 100 * landmarks[["difference", "low", "high"]]
    return pd.DataFrame({**shown, **points, "effective rows": landmarks["effective"].round(0)})


@cannot_tell_passes
def second(study: Study, hazards: pd.DataFrame) -> Finding | CannotTell:
    """The comparison that says most about the headline: against any other day, or those alike."""
    if study.outcome == "return":
        row = hazards[hazards["adjusted for"].str.contains("messages")]
        if row.empty:
            return CannotTell("how engaged people were is not known: nothing can be adjusted.")
        return ratio(row.iloc[0], SOLVED, "come back", "the rest with as many messages by then")
    row = hazards[hazards["comparison"] == "overdue now / any other day"].iloc[0]
    found = ratio(row, "customers with an overdue issue", "leave", "all with nothing overdue")
    told = isinstance(found, Finding) and row["hazard ratio"] < hazards["hazard ratio"].iloc[0]
    return Finding(f"{found.text} {WRITERS}", found.numbers) if told else found


@cannot_tell_passes
def third(study: Study, hazards: pd.DataFrame) -> Finding | CannotTell:
    """Issues solved in time against none at all; or answered by the landmark against not."""
    if study.outcome == "churn":
        row = hazards[hazards["comparison"] == "solved in time / none"]
        who, against = "customers whose issue was solved in time", "those without an issue"
    else:
        row = hazards[hazards["comparison"].str.startswith("answered")]
        who, against = "customers answered by the landmark", "the unanswered"
    if row.empty:
        return CannotTell("activity at entry is not known, so nothing can be adjusted for it.")
    return ratio(row.iloc[0], who, EVENT[study.outcome], against)


@cannot_tell_passes
def at_year(curves: pd.DataFrame, study: Study) -> Finding:
    """What the curves say a year on."""
    year = at_days(curves, "group", [365]).dropna(subset="share")
    if year.empty:
        return CannotTell("what happens within a year: nobody was watched for so long.")
    parts = [
        f"{r['group']} {r['share']:.1%} ({r['low']:.1%} to {r['high']:.1%})"
        for _, r in year.sort_values("share", ascending=False).iterrows()
    ]
    return finding(
        "Within a year, {verb}: {parts}. Shares with 95% intervals; the curves compare groups "
        "as they were on day zero and adjust for nothing.",
        verb=EVENT[study.outcome], parts="; ".join(parts),
    )  # fmt: skip


@cannot_tell_passes
def curve_table(curves: pd.DataFrame) -> pd.DataFrame:
    """The curves at a quarter, half a year and a year: in percent, with customers at risk."""
    shares = at_days(curves, "group", [90, 180, 365]).set_index(["group", "day"])
    percent = 100 * shares[["share", "low", "high"]]
    percent = percent.rename(columns=lambda c: f"{c} %")
    return percent.assign(**{"at risk": shares["at_risk"].astype("Int64")})


@cannot_tell_passes
def causes_title(by_cause: pd.DataFrame) -> str:
    """The finding of the figure by cause, short enough for its title."""
    told = by_cause[~by_cause["verdict"].str.startswith("cannot")]
    return f"{len(told)} of {len(by_cause)} causes go with a clearly different rate"


@cannot_tell_passes
def cause_table(by_cause: pd.DataFrame) -> pd.DataFrame:
    """The table by cause as a page shows it: an estimate and its interval side by side."""
    event = "left while exposed" if "left while exposed" in by_cause else "returned"
    columns = {"cause": by_cause["cause"], event: by_cause[event]}
    if "expected" in by_cause:
        both = zip(by_cause[event], by_cause["expected"], strict=True)
        del columns[event]
        columns[f"{event} (expected)"] = [f"{n} ({e:.1f})" for n, e in both]
    if "unanswered" in by_cause:
        columns["customers"] = by_cause["customers"]
        columns["unanswered"] = with_interval(
            by_cause, "unanswered", "unanswered low", "unanswered high", "{:.0%}"
        )
    columns["hazard ratio"] = with_interval(by_cause, "hazard ratio", form="{:.2f}")
    if "shrunken" in by_cause:
        columns["shrunken"] = with_interval(
            by_cause, "shrunken", "shrunken low", "shrunken high", "{:.2f}"
        )
    columns["p"] = by_cause["p"]
    if "p BH" in by_cause:
        columns["p BH"] = by_cause["p BH"]
    columns |= {c: by_cause[c] for c in ("smallest visible ratio", "verdict")}
    return pd.DataFrame(columns)


@cannot_tell_passes
def causes(by_cause: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """Which causes' intervals exclude no difference after Holm's correction."""
    told = by_cause[~by_cause["verdict"].str.startswith("cannot")]
    few = int(by_cause["hazard ratio"].isna().sum())
    lacking = "were overdue too little" if "expected" in by_cause else "had too few events"
    doubt = (
        f"{len(by_cause) - len(told) - few} of {len(by_cause)} causes were tested without a clear "
        f"result, {few} {lacking} to be tested"
    )
    if told.empty:
        return CannotTell(f"which cause matters most: {doubt}.")
    parts = "; ".join(
        f"{r['cause']} {r['hazard ratio']:.2f} ({r['low']:.2f} to {r['high']:.2f})"
        for _, r in told.sort_values("hazard ratio", ascending=False).iterrows()
    )
    return finding(
        "{n} of {of} causes go with a different rate (Holm-corrected; each against {against}): "
        "{parts}. " + doubt + ".",
        n=len(told), of=len(by_cause), parts=parts,
        against="issues in time" if "shrunken" in by_cause else "customers without it",
    )  # fmt: skip


def limits(study: Study) -> Finding:
    """What this page is not, with what is known only for some customers."""
    if study.outcome == "return":
        return Finding(LIMITS["return"])
    lives = customer_lives(study)
    left = lives[lives["end"] == "voluntary"]
    unsaid = left[~left["notice_known"]]
    return finding(
        LIMITS["churn"] + "Of {left:,} departures by choice {unsaid:,} have no notice. On "
        "{yearly:,} yearly contracts among them the day of the decision is unknown, so they are "
        "watched only until their last term began; for the others the end stands for the decision, "
        "which came earlier. " + _clock(study),
        left=len(left), unsaid=len(unsaid), yearly=int((~left["decision_known"]).sum()),
    )  # fmt: skip


def _clock(study: Study) -> str:
    """Whether it is known when issues waited on the customer."""
    waited = open_spells(study)["days_waiting"]
    if waited.isna().all():
        return (
            "This export has no history of states: when an issue waited on the customer is not "
            "known, so the promise's clock runs on and some issues are called overdue too early."
        )
    return (
        f"The promise's clock stands still while an issue waits on the customer, as it did in "
        f"{(waited > 0).mean():.0%} of spells."
    )


@cannot_tell_passes
def doubt_table(doubts: pd.DataFrame) -> pd.DataFrame:
    """The doubts as a page shows them: an estimate and its interval side by side."""
    rows = doubts.assign(**{"hazard ratio": with_interval(doubts, "hazard ratio", form="{:.2f}")})
    return rows.drop(columns=["low", "high"])
