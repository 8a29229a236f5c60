"""Notebook 00 and the report's first page: what to do first, how sure that is, where we stand."""

import numpy as np
import pandas as pd

from cxresearch import impact
from cxresearch.impact.endings import Endings
from cxresearch.impact.fixes import FixList
from cxresearch.impact.levers import rough
from cxresearch.lab import coverage_of_savings as savings
from cxresearch.outcomes import outcome
from cxresearch.outcomes.cause_months import cause_months
from cxresearch.pages.cards import Cards, cause_pages, of_rows
from cxresearch.pages.cause_in_full import causes_shown, size
from cxresearch.pages.what_to_fix_first import first
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.study import Study
from cxresearch.study.words import likely
from cxresearch.topics.causes import named
from cxresearch.topics.causes.table import cause_table
from cxresearch.topics.own_words import quotes_of

Said = tuple[Finding | CannotTell, ...]
FIRST = 5  # causes
FEW_ASK = Finding("Only who writes is counted: who gives up in silence is in no number here.")


def decision(study: Study, fixes: FixList | CannotTell) -> Said:
    """What to do first, its range, and how sure that is: by customers kept, or, where nobody can be
    seen to leave, by who ends without an answer. Or why nothing can be named yet, and what would
    tell."""
    if not impact.counting(study).leavers:
        return _answer_first(impact.endings(study))
    if isinstance(fixes, CannotTell) or fixes.stopped:
        return (first(fixes, study, impact.cause_burden(study)),)
    top, kept = fixes.top(impact.SOONER), impact.total_kept(study)
    whole = impact.ALL if isinstance(kept, CannotTell) else ""
    of = np.nan if whole else kept.frame.loc[impact.SOONER].loc[impact.ALL]["customers"].iloc[-1]
    rest = fixes.alike(impact.SOONER) - 1
    return (
        finding(
            "**Solve “{cause}” within {days:g} days first**: that may keep {kept:.0f}"
            + (" of {of:,.0f}" if np.isfinite(of) else "") + " customers in a year.",
            cause=str(top.name), days=fixes.days, kept=top["customers kept"], of=float(of),
        ),
        finding(
            "The range is {k0:.0f} to {k1:.0f} customers a year, if waiting is what makes them "
            "leave.",
            k0=top["customers kept low"], k1=top["customers kept high"],
        ),
        finding(
            "It is {sure} to be among the three causes worth most" + (
                "; we cannot say that it is the first." if rest else " and the first of them."),
            sure=likely(top["top 3"]), chance=top["top 3"],
        ),
    )  # fmt: skip


def _answer_first(ends: Endings | CannotTell) -> Said:
    if isinstance(ends, CannotTell):
        return (ends,)
    rows, top = ends.frame, ends.first
    rest = int((rows["unanswered high"] >= top["unanswered low"]).sum()) - 1
    return (
        finding(
            "**Answer “{cause}” first**: {share:.0%} of the {n:,} customers who wrote about it "
            "first were left without an answer.",
            cause=str(top["cause"]), share=top["unanswered"], n=int(top["customers"]),
        ),
        finding(
            "The range is {low:.0%} to {high:.0%} of them; whether they left cannot be seen "
            "without a list of customers.", low=top["unanswered low"], high=top["unanswered high"],
        ),
        finding("Of {of} other causes {rest} may be left as often.", rest=rest,
                of=len(rows) - 1),
    )  # fmt: skip


def first_causes(study: Study, fixes: FixList | CannotTell) -> Cards:
    """At most five causes, a card each: by what solving sooner may keep; else by who ends without
    an answer; else by tickets."""
    worth = _worth(study, fixes)
    told = cause_table(study)
    told = pd.DataFrame() if isinstance(told, CannotTell) else told.set_index("cause")
    quotes, months = quotes_of(study, [*worth]), cause_months(study).frame
    pages = dict(zip(shown := causes_shown(study), cause_pages(shown), strict=True))
    return of_rows([
        {
            "title": cause,
            "value": value,
            "lines": [*lines, size(study, cause), _owner(told, cause)],
            "quotes": quotes.get(cause, []),
            "trend": list(months.loc[months["cause"] == cause, "tickets"]) if len(months) else [],
            "page": pages[cause],
        }
        for cause, (value, lines) in worth.items()
        if cause in pages
    ])  # fmt: skip


def _worth(study: Study, fixes: FixList | CannotTell) -> dict[str, tuple[str, list[str]]]:
    """The causes that come first, each with what it is worth and how sure that is."""
    if not impact.counting(study).leavers:
        ends = impact.endings(study)
        rows = ends.frame if isinstance(ends, CannotTell) else ends.frame.nlargest(
            FIRST, "unanswered low")  # fmt: skip
        return {
            row["cause"]: (
                f"{row['unanswered']:.0%} without an answer",
                [f"{row['unanswered low']:.0%} to {row['unanswered high']:.0%} of "
                 f"{row['customers']:,} first tickets"],
            )
            for _, row in rows.iterrows()
        }  # fmt: skip
    if isinstance(fixes, CannotTell) or fixes.stopped:
        sizes = named(study).groupby("cause")["weight"].sum().nlargest(FIRST)
        return {cause: (f"{size:,.0f} tickets", []) for cause, size in sizes.items()}
    rows = fixes.frame.loc[impact.SOONER].nsmallest(FIRST, "rank")
    return {
        cause: (
            f"may keep {row['customers kept']:.0f} customers"
            + (f", {fixes.coin} {rough(row['revenue']):,.0f}" if pd.notna(row["revenue"]) else "")
            + " a year",
            [f"{row['customers kept low']:.0f} to {row['customers kept high']:.0f} customers; "
             f"{likely(row['top 3'])} to be among the first three"],
        )
        for cause, row in rows.iterrows()
    }  # fmt: skip


def _owner(told: pd.DataFrame, cause: str) -> str:
    """Whose it is and what it takes, or where to write that down."""
    if cause not in told.index:
        return "owner and effort: not told"
    owner, effort = told.loc[cause, "owner"], told.loc[cause, "effort"]
    days = f"{effort:g} days of work" if pd.notna(effort) else "effort not estimated yet"
    return f"owner: {owner or 'nobody yet'}; {days}"


def achieved() -> Finding | CannotTell:
    """How often intervals of savings held in simulated companies, over all causes together and of
    single causes."""
    runs = savings.read_savings()
    whole, each = savings.achieved(runs), savings.achieved_by_cause(runs)
    if isinstance(whole, CannotTell):
        return whole
    return Finding(f"{whole.text} {each.text}", whole.numbers)


def doubts(study: Study) -> Said:
    """The three doubts that whoever decides should know of."""
    if not impact.counting(study).leavers:
        seen = Finding("Whoever never writes again may be helped, or gone: nothing here tells.")
        return (seen, cannot_tell(study), FEW_ASK)
    what = Finding(
        "Waiting goes with leaving. That it makes customers leave is not proved; solving some "
        "issues sooner, chosen by lot, would tell."
    )
    return what, cannot_tell(study), impact.sight(study)


def how_sure(study: Study) -> Said:
    """The headline of notebook 06, which rules speak against it, and what was promised."""
    seen = outcome(study)
    headline = seen.headline(study)
    if not impact.counting(study).leavers:
        return headline
    return *headline, seen.rules(study).said(), seen.promise(study).said()


def cannot_tell(study: Study) -> Finding:
    """What cannot be told, and what data would tell it."""
    by_cause, words = outcome(study).by_cause(study), outcome(study).WORDS
    if isinstance(by_cause, CannotTell):
        return Finding(f"What we cannot tell: {by_cause.reason}")
    told, of = len(by_cause.told()), len(by_cause.frame)
    return finding(
        "For {n} of {of} causes we cannot tell whether customers {verb} more often. "
        + outcome(study).WOULD_TELL,
        n=of - told, of=of, verb=words.verb,
    )  # fmt: skip
