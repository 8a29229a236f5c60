"""What became of customers without an issue, with one solved in time, solved late, or unresolved.

Groups are as of a landmark day and everybody is followed from it, so nothing looks ahead; a
customer counts at several landmarks, and errors add up a customer's rows. Ends against a
customer's will compete with leaving.
"""

import pandas as pd

from cxresearch.episodes import STATES, build_episodes, exposure_gate
from cxresearch.outcomes import leaving, outcome, returning
from cxresearch.outcomes.fates import HALF_A_YEAR, Fates, differences, fates
from cxresearch.outcomes.hazards import Hazards, named_rows
from cxresearch.outcomes.issue_cohort import STATUS
from cxresearch.outcomes.models import NOBODY, Comparison, adjustable, in_words, modelled, ratio_row
from cxresearch.outcomes.rules import stopped
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes
from cxresearch.study.intervals import of_many
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.words import LEAVING, RETURNING, Words
from cxresearch.survival import cumulative_incidence
from cxresearch.survival.curves import Curves

UNDECIDED = "open, not yet due"
GROUPS = {
    "none": "no issue",
    "solved in time": "solved in time",
    "solved late": "solved late",
    "overdue": "unresolved",
    "open in time": UNDECIDED,
}
ORDER = {LEAVING: list(GROUPS.values()), RETURNING: returning.FIRST_TICKET}
PAIR = {LEAVING: ("unresolved", "solved in time"), RETURNING: ("solved", "no outside answer")}
ORIGIN = {LEAVING: "the day of the groups, the first of a quarter", RETURNING: "the landmark"}
LIMITS = {
    LEAVING: "Nobody drew lots for who was solved in time. Easy issues are solved sooner, large "
    "accounts are served first, heavy users write more and leave less. Only plan, contract and "
    "activity are taken out, and only of the rates. Customers who left before their groups were "
    "formed are in none. What the help desk marks as solved may not be.",
    RETURNING: "Nobody drew lots for who was answered. A solution is an answer that somebody, "
    "perhaps much later, marked as one. Who stays long enough to mark it may come back for that "
    "reason. Coming back is neither good nor bad. Who left for good cannot be told from who "
    "needs nothing.",
}
CONTRASTS = {
    "headline": Comparison(
        "solved late", "solved late / still overdue",
        tuple(state for state in STATES if state not in ("overdue", "solved late")),
        "customers whose issue was solved late", "those whose issue is still overdue",
    ),
    "restored": leaving.COMPARISONS["third"],
    "overdue": leaving.COMPARISONS["overdue"],
    "late": leaving.COMPARISONS["solved late"],
}  # fmt: skip
AMONG_WRITERS = {"second": "headline", "headline": "late"}  # names of returning.hazards, and here
LACKING = {
    "headline": "what recovery goes with: the export lacks what that comparison needs.",
    "restored": "how those fare who had no issue: only people who wrote are known. A list of all "
    "customers, with or without tickets, would tell.",
}


SELECTED = (
    "That is not what solving does: desks solve first what is easy and whom they value, and who "
    "has given up no longer asks."
)


class Contrasts(Hazards):
    """Hazard ratios between groups, of which the headline says that it is no recovery."""

    def said(self, row: str = "headline") -> Finding | CannotTell:
        """The comparison of a named row; of the headline with why it is not what solving does."""
        said = super().said(row)
        if (row or "headline") != "headline" or isinstance(said, CannotTell):
            return said
        return Finding(f"{said.text} {SELECTED}", said.numbers)


@once
def groups(study: Study) -> pd.DataFrame | CannotTell:
    """Customers by group on their landmark days: customer_id, group, time (days from there to the
    end), status (1 left by choice or, in return studies, came back; 2 ended otherwise; 0 censored).

    Churn studies: the first day of each quarter; the group is the worst issue open then or solved
    in the 90 days before. Return studies: the landmark after the first ticket, and no group without
    an issue, because only those who wrote are known.
    """
    if outcome(study) is returning:
        rows = returning.by_landmark(study)
    elif gate := exposure_gate(study):
        return gate
    else:
        rows = _at_quarters(build_episodes(study))
    if isinstance(rows, CannotTell):
        return rows
    if rows.empty:
        return CannotTell("what became of customers: nobody was watched past a landmark day.")
    return rows[["customer_id", "group", "time", "status"]].reset_index(drop=True)


@cannot_tell_passes
def one_of_each(rows: pd.DataFrame) -> pd.DataFrame:
    """The first row of each group, without whose it is."""
    return rows.groupby("group", sort=False).head(1).drop(columns="customer_id")


@cannot_tell_passes
def by_group(rows: pd.DataFrame, study: Study) -> Fates | CannotTell:
    """What became of the groups by some days after the landmark, day by day, and of the two that
    matter most whether they differ. The curves leave out the few whose issue was open and not yet
    due: that may still go well."""
    words, whole = outcome(study).WORDS, cumulative_incidence(rows, "group")
    frame, gap = fates(rows, ORDER[words]), differences(rows, *PAIR[words], HALF_A_YEAR)
    curves = Curves(
        whole[whole["group"] != UNDECIDED], "group", words.done, words.verb, ORIGIN[words],
        heading=_heading(frame, gap, words), until=365,
    )  # fmt: skip
    return Fates(frame, words, *PAIR[words], gap, curves)


def _heading(frame: pd.DataFrame, gap: pd.Series, words: Words) -> str:
    """The two groups that matter most, if they differ."""
    if gap["verdict"] == "cannot tell":
        pair = " and ".join(f"“{name}”" for name in PAIR[words])
        return f"No clear difference within {HALF_A_YEAR} days between {pair}"
    shares = frame.loc[frame["day"] == HALF_A_YEAR, "share"]
    one, other = (f"{shares[name]:.1%} of “{name}”" for name in PAIR[words])
    return f"Within {HALF_A_YEAR} days {one} {words.done}, {other}"


@once
def contrasts(study: Study) -> Hazards | CannotTell:
    """Hazard ratios between the groups, day by day (churn) or from the landmark (return), a named
    row each; p is Holm's over the rows.

    "headline" is what recovery goes with: solved late against still overdue, or a solution against
    as many messages without one; "late" what lateness does, "restored" how those whose issue was
    solved in time fare against those who had none.
    """
    if outcome(study) is returning:
        return _among_writers(returning.hazards(study))
    if gate := exposure_gate(study):
        return gate
    rows = modelled(build_episodes(study))
    if rows.empty:
        return NOBODY
    known, adjusted = adjustable(rows)
    ratios = {name: ratio_row(known, of, adjusted) for name, of in CONTRASTS.items()}
    rows = in_words(study, named_rows(ratios))
    rows = rows.assign(p=of_many(rows["p"]))
    return Contrasts(rows, LEAVING, withheld=stopped(study))


def limits(study: Study) -> Finding:
    """What these comparisons are not."""
    return Finding(LIMITS[outcome(study).WORDS])


@cannot_tell_passes
def _among_writers(hazards: Hazards) -> Hazards:
    rows = hazards.frame.rename(index=AMONG_WRITERS)
    rows.loc["late", "against"] = "the rest, whatever the messages by then"
    return Hazards(rows.assign(p=of_many(rows["p"])), RETURNING, lacking=LACKING)


def _at_quarters(episodes: pd.DataFrame) -> pd.DataFrame:
    """Each customer on the first day of each quarter but that of entry, followed to the end; from
    when on what was remembered then is known."""
    by = episodes.groupby("customer_id")
    last = by["stop"].transform("last")
    end = by["end"].transform("last")
    begins = ~episodes.duplicated(["customer_id", "quarter"]) & episodes.duplicated("customer_id")
    begins &= episodes["state"].notna()
    return episodes.assign(
        group=episodes["state"].map(GROUPS),
        time=last - episodes["start"],
        status=end.map(STATUS).fillna(0).astype(int),
    )[begins]
