"""The scorecard: what is counted, where we stand, against which target, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from cxresearch.kpis import compliance
from cxresearch.kpis.backlog import backlog
from cxresearch.kpis.contact_rate import contact_rate
from cxresearch.kpis.durations import (
    first_response_time,
    resolution_time,
    solved_in_time,
    unanswered,
)
from cxresearch.kpis.escalating import escalation
from cxresearch.kpis.first_contact import NAME, OURS, FirstContact, first_contact_resolution
from cxresearch.kpis.handling import follow_up, handling_time, reassignments, touches
from cxresearch.kpis.retention import retention
from cxresearch.kpis.silences import longest_silence, resolved_or_updated, update_cadence
from cxresearch.kpis.standing import WHOLE, Standing
from cxresearch.kpis.staying_solved import recurrence, reopening, true_resolution
from cxresearch.kpis.surveys.voice import ces, csat, nps
from cxresearch.kpis.tidy import COLUMNS
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.study import Study

FIRST = "first contact"
LONG = 60  # letters, of what is not said twice in a row
LIMITS = Finding(
    "Where no business hours are named, nights, weekends and holidays count as waiting. So does "
    "the time in which the desk waits for the customer. A call that an agent wrote down waits "
    "until its first written answer. Intervals do not allow for the months to come being "
    "different. No row says why."
)


@dataclass(frozen=True, eq=False)
class Scorecard(Standing):
    """All KPIs of a study as a whole, a row each and named by it: about, and the columns of a KPI;
    within says what is promised of first answers."""

    within: str = ""

    def said(self, row: str = "") -> Finding | CannotTell:
        """First answers against their target; "targets": how many are met; of a named row, where it
        stands."""
        if row == "targets":
            return self._targets()
        if row:
            return super().said(row)
        return compliance.on_promise(self.frame.loc[compliance.NAME], self.within)

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """What a page begins with."""
        return self.said(), self.said("targets")

    def judged(self) -> Scorecard:
        """The rows with a target, or all shares where nobody set any; of first contact resolution
        only ours, its rivals have a place of their own."""
        rows = self.frame[self.frame["verdict"] != "does not apply"]
        rows = rows[(rows["about"] != FIRST) | (rows["kpi"] == NAME + OURS)]
        wanted = rows["target"].notna()
        if not wanted.any():
            wanted = (rows["unit"] == "%") & rows["estimate"].notna()
        return replace(self, frame=rows[wanted])

    def unjudged(self) -> pd.DataFrame:
        """The other rows that can be told, with what they are about."""
        rows = self.frame.drop(self.judged().frame.index).dropna(subset="estimate")
        rows = rows[rows["about"] != FIRST]
        shown = Standing(rows).table()
        shown.insert(0, "about", rows["about"].where(~rows["about"].duplicated(), ""))
        return shown

    def first_contact(self) -> FirstContact:
        """The rival definitions of first contact resolution."""
        return FirstContact(self.frame[self.frame["about"] == FIRST])

    def definitions(self) -> pd.DataFrame:
        """What each row counts, in one line, and what else: of whom, what to beware of, or what
        would tell it."""
        rows = self.frame[self.frame["verdict"] != "does not apply"]
        first = rows["definition"].str.partition("; ")
        why = rows["why"].where(rows["estimate"].notna(), "Cannot tell: " + rows["why"])
        words = pd.Series(
            [". ".join(told[:1].upper() + told[1:] for told in both if told)
             for both in zip(first[2], why, strict=True)], rows.index,
        )  # fmt: skip
        again = words.eq(words.shift()) & (words.str.len() > LONG)
        words = words.mask(again, "As above.")
        return pd.DataFrame({"KPI": rows["kpi"], "what is counted": first[0], "beware": words})

    def _targets(self) -> Finding | CannotTell:
        """How many targets are met, not met, and cannot be told."""
        counts = self.judged().frame.query("target.notna()")["verdict"].value_counts()
        met, missed, untold = (int(counts.get(k, 0)) for k in ("met", "not met", "cannot tell"))
        if not met + missed + untold:
            return Finding("Nobody set targets (in study.toml), so nothing here is judged.")
        rest = "; {untold} cannot be told" if untold else ""
        return finding(
            "**{met} of {of} targets are met**, {missed} are clearly missed" + rest + ".",
            met=met, of=met + missed + untold, missed=missed, untold=untold,
        )  # fmt: skip


@once
def scorecard(study: Study) -> Scorecard:
    """All rows of CARD, in its order: about, and the columns of a KPI (kpis.tidy), of the whole.

    Shares are from 0 to 1 where unit is %. What the study cannot support keeps its row, and why
    says what would tell. Each interval is a 95% interval of its own row.

    >>> import cxresearch
    >>> card = scorecard(cxresearch.open_study("data/demo"))
    >>> card.frame["verdict"].value_counts().to_dict()
    {'no target': 21, 'not met': 12, 'met': 6}
    """
    rows = [kpi(study).frame.assign(about=about) for about, kpis in CARD.items() for kpi in kpis]
    card = pd.concat(rows)
    card = card.loc[card["group"] == WHOLE, ["about", *COLUMNS.split()]]
    return Scorecard(card.set_axis(list(card["kpi"])), compliance.within_words(study))


def medians(study: Study) -> Standing:
    """Median time to the first answer and to the solution, by the calendar."""
    both = {"First response": first_response_time(study), "Resolution": resolution_time(study)}
    return Standing.of(
        Standing(times.frame.loc[[f"{name}, median"]]) for name, times in both.items()
    )


# By what they are about. Each gives rows of a KPI (see kpis.tidy) of which those of the whole are
# kept; the page shows them in this order.
CARD: dict[str, tuple[Callable[..., Standing], ...]] = {
    "waiting": (
        compliance.response_compliance,
        unanswered,
        solved_in_time,
        resolved_or_updated,
        update_cadence,
        medians,
        longest_silence,
    ),
    FIRST: (first_contact_resolution,),
    "staying fixed": (
        true_resolution,
        reopening,
        partial(recurrence, days=7),
        partial(recurrence, days=14),
        partial(recurrence, days=30),
        partial(follow_up, window="24 to 48 hours"),
        partial(follow_up, window="7 to 14 days"),
    ),
    "load": (escalation, backlog, contact_rate, touches, reassignments, handling_time),
    "voice": (csat, nps, ces),
    "staying": (retention,),
}
