"""Where nobody can be seen to leave: which causes end without an answer or a solution, among whom,
and whether those customers come back."""

from dataclasses import dataclass

import pandas as pd

from cxresearch.episodes.return_cohort import return_cohort
from cxresearch.impact.issue_rows import counting
from cxresearch.kpis.measure import share_by, waiting_curve
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.intervals import wilson
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.told import cannot_tell
from cxresearch.study.words import view
from cxresearch.topics.causes.per_ticket import tells

BACK = 180  # days after the landmark by which a customer has come back, or not
FEW = 20  # customers: a smaller group has no row
KNOWN_AT_START = ("language", "product", "type", "created_channel", "priority")
NOBODY = CannotTell("how causes end: nobody was watched past the landmark day.")
LEAVERS_SEEN = DoesNotApply("how causes end where nobody leaves: here it is seen who leaves.")
ENDS = ("back, unanswered", "back, answered")


@dataclass(frozen=True, eq=False)
class Endings(Result):
    """How causes end, a row a cause and named by it, the most unanswered first: customers (whose
    first ticket it was), unanswered by the landmark with low and high, known (customers of whom it
    is known whether it was ever solved), unsolved (of these) with low and high, and the shares who
    came back within 180 days, unanswered and answered, with low and high (Kaplan-Meier; null in
    groups under 20). Intervals are Wilson's. Unsolved looks ahead, and so is no forecast."""

    def said(self, row: str = "unanswered") -> Finding | CannotTell:
        """The cause that ends unanswered most, or, row "back", whether its customers wrote again,
        or, row "unsolved", the cause that most surely stays so."""
        return {"unsolved": self._unsolved, "back": self._back}.get(row, self._unanswered)()

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """Of all causes both."""
        return self.said("unanswered"), self.said("unsolved")

    def table(self) -> pd.DataFrame:
        """By cause: unanswered, unsolved, and who came back."""
        names = (
            "without an answer",
            "never solved",
            "wrote again if left",
            "wrote again if answered",
        )
        shares = zip(("unanswered", "unsolved", *ENDS), names, strict=True)
        return view(self.frame, "cause", "customers", *(f"{a} ±.0% as {b}" for a, b in shares))

    @property
    def first(self) -> pd.Series:
        """The cause that most surely ends unanswered: by the low end of its interval."""
        return self.frame.loc[self.frame["unanswered low"].idxmax()]

    def _unanswered(self) -> Finding:
        """The cause that most surely ends unanswered."""
        worst = self.first
        return finding(
            "Most often without an answer: {cause}, {share:.0%} ({low:.0%} to {high:.0%}) of {n:,} "
            "first tickets.",
            cause=worst["cause"], share=worst["unanswered"], low=worst["unanswered low"],
            high=worst["unanswered high"], n=int(worst["customers"]),
        )  # fmt: skip

    def _back(self) -> Finding | CannotTell:
        """Whether customers of that cause wrote again, left without an answer or not."""
        of = self.first
        if of[list(ENDS)].isna().any():
            return CannotTell("whether they write again: too few were left, or answered.")
        a, b = ENDS
        return finding(
            "Of those left without an answer about {cause}, {a:.0%} ({a0:.0%} to {a1:.0%}) wrote "
            "again within {day:g} days; of those answered, {b:.0%} ({b0:.0%} to {b1:.0%}).",
            cause=of["cause"], a=of[a], a0=of[f"{a} low"], a1=of[f"{a} high"],
            b=of[b], b0=of[f"{b} low"], b1=of[f"{b} high"], day=float(BACK),
        )  # fmt: skip

    def _unsolved(self) -> Finding | CannotTell:
        """The cause of which most surely stay unsolved, among tickets of which it is known."""
        told = self.frame[self.frame["known"] > 0]
        if told.empty:
            return CannotTell("which causes stay unsolved: no ticket is known to be solved or not.")
        worst = told.loc[told["unsolved low"].idxmax()]
        return finding(
            "Most surely never solved: {cause}, {share:.0%} ({low:.0%} to {high:.0%}) of {n:,} "
            "first tickets.",
            cause=worst["cause"], share=worst["unsolved"], low=worst["unsolved low"],
            high=worst["unsolved high"], n=int(worst["known"]),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class AmongWhom(Result):
    """Shares of first tickets unanswered by the landmark, by what was known when they were written:
    field, level (of at least 20 customers), customers, unanswered, low, high."""

    def said(self, row: str = "") -> Finding:
        """The group, of those known when the ticket was written, that is left unanswered most."""
        worst = self.frame.loc[self.frame["unanswered low"].idxmax()]
        return finding(
            "Most are left where the {field} is {level}: {share:.0%} ({low:.0%} to {high:.0%}) of "
            "{n:,} first tickets. It is the worst of {of} groups, so some of it is chance.",
            field=worst["field"].replace("_", " "), level=str(worst["level"]),
            share=worst["unanswered"], low=worst["unanswered low"], high=worst["unanswered high"],
            n=int(worst["customers"]), of=len(self.frame),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The most unanswered first."""
        rows = self.frame.sort_values("unanswered", ascending=False)
        return view(rows, "field", "level", "customers", "unanswered ±.0%")


@once
def endings(study: Study) -> Endings | CannotTell:
    """How each cause with at least 20 customers ends, where it cannot be seen who leaves."""
    if counting(study).leavers:
        return LEAVERS_SEEN
    if lacks := cannot_tell(study, "first_reply_at"):
        return lacks
    cohort = _heard(return_cohort(study))
    by = cohort[tells(cohort)].groupby("cause")
    rows = {cause: _ending(cause, of) for cause, of in by if len(of) >= FEW}
    if not rows:
        return NOBODY
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return Endings(frame.sort_values("unanswered", ascending=False))


@once
def among_whom(study: Study) -> AmongWhom | CannotTell:
    """Among whom first tickets stay unanswered, where it cannot be seen who leaves."""
    if counting(study).leavers:
        return LEAVERS_SEEN
    if lacks := cannot_tell(study, "first_reply_at"):
        return lacks
    cohort = _heard(return_cohort(study))
    if cohort.empty:
        return NOBODY
    fields = study.tickets.set_index("ticket_id").reindex(columns=list(KNOWN_AT_START))
    cohort = cohort.drop(columns="language").join(fields, on="ticket_id")
    rows = []
    for field in KNOWN_AT_START:
        sizes = cohort[field].value_counts()
        levels = sizes[sizes >= FEW].index
        for level in levels if len(levels) > 1 else ():
            of = cohort[cohort[field] == level]
            share = _share(~of["answered"].astype(bool), "unanswered")
            rows.append({"field": field, "level": level, "customers": len(of), **share})
    if not rows:
        return CannotTell("among whom tickets end without an answer: nothing that was known when "
                          "they were written tells customers apart.")  # fmt: skip
    return AmongWhom(pd.DataFrame(rows))


def _heard(cohort: pd.DataFrame) -> pd.DataFrame:
    """Those of whom it is told whether they were answered."""
    return cohort[cohort["answered"].notna()]


def _ending(cause: str, of: pd.DataFrame) -> dict:
    answered = of["answered"].astype(bool)
    known = of["solved_ever"].dropna()
    return {
        "cause": cause,
        "customers": len(of),
        **_share(~answered, "unanswered"),
        "known": len(known),
        **_share(~known.astype(bool), "unsolved"),
        **_back(of[~answered], "back, unanswered"),
        **_back(of[answered], "back, answered"),
    }


def _share(yes: pd.Series, name: str) -> dict:
    low, high = wilson(int(yes.sum()), len(yes))
    return {name: float(yes.mean()), f"{name} low": low, f"{name} high": high}


def _back(of: pd.DataFrame, name: str) -> dict:
    if len(of) < FEW:
        return _share(pd.Series(dtype=bool), name)
    rows = of[["time", "event"]].assign(who=of["customer_id"])
    share = share_by(waiting_curve(rows, (BACK,)), BACK)
    return {name: share["estimate"], f"{name} low": share["low"], f"{name} high": share["high"]}
