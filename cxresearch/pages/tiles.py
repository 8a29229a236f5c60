"""What is asked first of a study, a card each: where it stands, against what, and did it change?"""

import pandas as pd

from cxresearch import impact
from cxresearch.impact.levers import rough
from cxresearch.kpis.change_results import Change
from cxresearch.kpis.overdue import overdue
from cxresearch.kpis.scorecard import scorecard
from cxresearch.kpis.standing import with_interval
from cxresearch.kpis.surveys.bounds import bounds
from cxresearch.kpis.two_periods import latest
from cxresearch.pages.cards import Cards, of_rows
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study

FIXES, IF = "08-what-to-fix-first", "if waiting makes them leave"
STANDING, FIXED, ASKED = "02-how-are-we-doing", "05-does-it-stay-fixed", "03-who-stays-silent"
# By its title: the row of the scorecard that a tile shows, what it is of, and the page behind it.
TILES = {
    "First answer": (
        "First response, median", "; half of {n:,} tickets are answered by then", STANDING),
    "First contact resolution": (
        "First contact: no return, ours",
        " of {n:,} solved tickets: not opened again, not back in a week", STANDING),
    "Came back": (
        "Recurrence within 30 days",
        " of {n:,} solved tickets, about the same cause, in 30 days", FIXED),
}  # fmt: skip


def tiles(study: Study) -> Cards:
    """What is at stake in all, and the KPIs that are asked for first, each with its interval, its
    denominator, its target and its change; one that the study knows nothing of is not there."""
    changes = latest(study)
    card = scorecard(study).frame
    rows = [
        *_at_stake(study),
        *_tile("Overdue", overdue(study).frame.iloc[0], _late(study), changes),
    ]
    for title, (name, of, page) in TILES.items():
        rows += _tile(title, card.loc[name], (of, page), changes)
    return of_rows([*rows, *_satisfied(study, changes)])


def _tile(
    title: str, row: pd.Series, words: tuple[str, str], changes: Change | CannotTell
) -> list[dict]:
    if pd.isna(row["estimate"]):
        return []
    of, page = words
    told = with_interval(row) or ""
    value, _, interval = told.partition(" (")
    lines = [f"{interval.partition(')')[0]}{of.format(n=int(row['n']))}".strip("; ")]
    unit = "" if row["unit"] == "%" else f" {row['unit']}"
    if pd.notna(row["target"]):
        aim = f"{row['target']:.0%}" if row["unit"] == "%" else f"{row['target']:g}{unit}"
        lines.append(f"target {row['wanted']} {aim}: {row['verdict']}")
    if not isinstance(changes, CannotTell):
        lines.append(changes.short(title))
    return [{"title": title, "value": value + unit, "lines": lines, "page": page}]


def _late(study: Study) -> tuple[str, str]:
    """What is overdue, of an Overdue tile: where nobody promised anything, the days are said."""
    told = "than promised" if study.settings.promise_given else (
        f"than {study.settings.unresolved_after_days:g} days")  # fmt: skip
    return f" of {{n:,}} issues waited longer {told}", STANDING


def _satisfied(study: Study, changes: Change | CannotTell) -> list[dict]:
    """The share satisfied of those who answered, as page 03 has it, with how many these are."""
    told = bounds(study, "csat")
    if isinstance(told, CannotTell):
        return []
    row, every = told.frame.loc["answered"], told.frame.loc["all"]
    lines = [f"{row['low']:.0f}% to {row['high']:.0f}%, of the "
             f"{every['answered'] / every['n']:.0%} who answered "
             f"({every['answered']:,.0f} of {every['n']:,.0f} tickets)"]  # fmt: skip
    if not isinstance(changes, CannotTell):
        lines.append(changes.short("Satisfied"))
    return [{"title": "Satisfied", "value": f"{row['lowest']:.0f}%", "lines": lines, "page": ASKED}]


def _at_stake(study: Study) -> list[dict]:
    """Customers and money that solving every issue in time may keep, where leaving is seen."""
    if not impact.counting(study).leavers:
        return []
    kept, saved = impact.total_kept(study), impact.total_saved(study)
    rows = []
    if not isinstance(kept, CannotTell):
        last = kept.frame.loc[impact.SOONER].loc[impact.ALL].iloc[-1]
        of = f"of the last year's {last['customers']:,.0f}, {IF}"
        said = f"{last['low']:.0f} to {last['high']:.0f} {of}"
        rows.append(("Customers at stake", f"{last['kept']:.0f}", f"a year; {said}", last["low"]))
    if not isinstance(saved, CannotTell):
        last = saved.frame.loc[(impact.SOONER, impact.ALL)]
        part = last["saved"] / (12 * last["mrr"]) if last["mrr"] > 0 else float("nan")
        said = f"{rough(last['low']):,.0f} to {rough(last['high']):,.0f}"
        said += f"; {part:.1%} of what {last['customers']:,.0f} customers pay" if part > 0 else ""
        value = f"{saved.coin} {rough(last['saved']):,.0f}"
        rows.append(("Revenue at stake", value, f"a year; {said}", last["low"]))
    return [
        {"title": title, "value": value, "lines": [line], "page": FIXES}
        for title, value, line, low in rows
        if low > 0
    ]
