"""Notebook 02: where do we stand against our targets?"""

import pandas as pd

from cxresearch.kpis.first_contact import DEFINITIONS, NAME, OURS
from cxresearch.kpis.surveys.voice import chance_of_target
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.study import Study

UNITS = {"%": (100, "{:.1f}%"), "of 10": (1, "{:.1f}"), "points": (1, "{:.0f}"),
         "hours": (1, "{:,.1f}"), "tickets": (1, "{:,.0f}"), "answers": (1, "{:.2f}"),
         "times": (1, "{:.2f}"), "messages": (1, "{:.2f}"),
         "tickets a month": (1, "{:.3f}")}  # fmt: skip
TOLD = ("%", "hours", "of 10", "points")  # units that stand beside the number, or the target
VERDICTS = ("met", "not met", "cannot tell")
LIMITS = (
    "Where no business hours are named, every clock is the calendar's: nights, weekends and "
    "holidays count. The time until a solution counts what waits on the customer too. Where an "
    "agent writes the ticket, as on the phone, somebody has listened already, and yet the clock "
    "runs to the first written answer. Intervals allow for one customer's tickets being alike, not "
    "for the months to come being different. No row says why."
)


def answer(study: Study, card: pd.DataFrame) -> Finding | CannotTell:
    """First answers against their target."""
    row, settings = card.iloc[0], study.settings
    if pd.isna(row["estimate"]):
        return CannotTell("how many are answered in time: no ticket was watched for so long.")
    within = f"within {settings.first_reply_hours:g} hours"
    if settings.promises or settings.promises_in_business_hours:
        within = "within the time promised"
    young = int(row["eligible"] - row["n"])
    more = "; {young:,} more are not yet due or oddly timed" if young else ""
    return finding(
        "**{share:.1%}** (95% interval {low:.1%} to {high:.1%}; {n:,} tickets" + more + ") of "
        "customers' tickets get a first answer {within}. The target is {target:.0%}: "
        "**{verdict}**.",
        share=row["estimate"], low=row["low"], high=row["high"], n=int(row["n"]), young=young,
        within=within, target=row["target"], verdict=row["verdict"],
    )  # fmt: skip


def others(card: pd.DataFrame) -> Finding | CannotTell:
    """The verdicts on the other targets, first contact counted once."""
    rest = card.iloc[1:]
    rest = rest[rest["target"].notna()]
    first = rest["kpi"].str.startswith(NAME)
    verdicts = rest.loc[~first].set_index("kpi")["verdict"].to_dict()
    verdicts["First contact resolution"] = _agreed(rest[first])
    if set(verdicts.values()) == {"cannot tell"}:
        return CannotTell(
            "where the other targets stand (" + ", ".join(k.lower() for k in verdicts) + "): the "
            "last column of the scorecard says which export would tell."
        )
    parts = "; ".join(f"{name.lower()}: {said}" for name, said in verdicts.items())
    return finding("Of the other targets: {parts}.", parts=parts)


def rivals(card: pd.DataFrame) -> Finding | CannotTell:
    """How far the rival definitions of first contact resolution lie apart."""
    rows = card[card["kpi"].str.startswith(NAME)].dropna(subset="estimate")
    if len(rows) < 2:
        return CannotTell("how far definitions of first contact resolution lie apart.")
    worst, best = rows.loc[rows["estimate"].idxmin()], rows.loc[rows["estimate"].idxmax()]
    return finding(
        "The desk solves **{low:.0%}** of its tickets on first contact ({worst}; {n_low:,} "
        "tickets) or **{high:.0%}** ({best}; {n_high:,}), as one likes to define it; {told} of "
        "{of} definitions can be counted here. A target without its definition is no target.",
        low=worst["estimate"], high=best["estimate"], worst=_short(worst["kpi"]),
        best=_short(best["kpi"]), n_low=int(worst["n"]), n_high=int(best["n"]), told=len(rows),
        of=len(DEFINITIONS),
    )  # fmt: skip


def windows(found: pd.DataFrame) -> Finding | CannotTell:
    """How much our definition of first contact resolution hangs on its window."""
    if found["estimate"].isna().any():
        return CannotTell(f"how much the window matters: {first_said(found['why'])}")
    first, last = found.iloc[0], found.iloc[-1]
    fewer = first["estimate"] > last["estimate"]
    longer = ": who looks longer sees more come back" if fewer else ""
    return finding(
        "By our definition {high:.1%} stay solved with a window of {short:g} and {low:.1%} with "
        "one of {long:g} days" + longer + ". All windows ask the same "
        "{of:,} tickets; those count that were watched for the longest and whose customer stayed.",
        high=first["estimate"], short=float(first["days"]), low=last["estimate"],
        long=float(last["days"]), of=int(last["eligible"]),
    )  # fmt: skip


def window_table(found: pd.DataFrame) -> pd.DataFrame:
    """Our definition by window as a page shows it."""
    rows = card_table(found)[["estimate (95% interval)", "n", "verdict"]]
    rows.insert(0, "window, days", found["days"].map("{:g}".format))
    untold = found["estimate"].isna().all()
    return rows if untold else rows.assign(leavers=found["why"].replace("", None))


def card_table(card: pd.DataFrame) -> pd.DataFrame:
    """The scorecard as a page shows it."""
    return pd.DataFrame(
        {
            "KPI": card["kpi"] + card["unit"].map(lambda unit: "" if unit in TOLD else f", {unit}"),
            "estimate (95% interval)": [with_interval(row) for _, row in card.iterrows()],
            "n": card["n"].astype(int),
            "target": [_target(row) for _, row in card.iterrows()],
            "verdict": card["verdict"],
        }
    )


def judged(card: pd.DataFrame) -> pd.DataFrame:
    """The rows with a target; of first contact resolution only ours, its rivals have a place of
    their own."""
    rival = card["kpi"].str.startswith(NAME) & (card["kpi"] != NAME + OURS)
    return card[card["target"].notna() & ~rival].reset_index(drop=True)


def unjudged(card: pd.DataFrame) -> pd.DataFrame:
    """The rows without a target as a page shows them, with what they are about."""
    rows = card[card["target"].isna()].reset_index(drop=True)
    shown = card_table(rows).drop(columns=["target", "verdict"])
    shown.insert(0, "about", rows["about"].where(~rows["about"].duplicated(), ""))
    return shown


def chances(card: pd.DataFrame) -> Finding | CannotTell:
    """How probable it is that each score reaches its target, of those who answer."""
    rows = card[card["unit"].isin(["points", "of 10"]) & card["target"].notna()]
    rows = rows.dropna(subset="estimate")
    if rows.empty:
        return CannotTell("how probable a score's target is: it takes answered surveys.")
    told = zip(rows["kpi"], rows["target"], chance_of_target(rows), strict=True)
    parts = "; ".join(f"{kpi.lower()}, {target:g}: {_chance(p)}" for kpi, target, p in told)
    return finding(
        "How probable is it that the true score of those who answer reaches its target, if nothing "
        "else is known? {parts}. The silent are not in it.",
        parts=parts,
    )


def definitions(card: pd.DataFrame) -> pd.DataFrame:
    """What each row of the scorecard counts, and what to beware of or what would tell it."""
    told = card["estimate"].notna()
    beware = (". Beware: " + card["why"]).where(told, ". Cannot tell: " + card["why"])
    return pd.DataFrame(
        {
            "KPI": card["kpi"],
            "what is counted": card["definition"] + beware.where(card["why"] != "", ""),
        }
    )


def rival_table(card: pd.DataFrame) -> pd.DataFrame:
    """The rival definitions of first contact resolution as a page shows them, with their words."""
    own = card[card["kpi"].str.startswith(NAME)]
    rows = card_table(own).drop(columns=["KPI", "target"])
    words = own["definition"].str.split(": ", n=1).str[1]
    rows.insert(0, "definition", own["kpi"].map(_short) + ": " + words)
    return rows


def limits(study: Study) -> Finding:
    """What this page is not."""
    return finding("{text}", text=LIMITS)


def _agreed(rows: pd.DataFrame) -> str:
    """One verdict if all definitions that can be counted give the same."""
    verdicts = set(rows.loc[rows["estimate"].notna(), "verdict"]) or {"cannot tell"}
    return verdicts.pop() if len(verdicts) == 1 else "it depends on the definition"


def with_interval(row: pd.Series) -> str | None:
    """An estimate with its interval as a page shows it; a whole count has none."""
    if pd.isna(row["estimate"]):
        return None
    times, form = UNITS[row["unit"]]
    values = [form.format(times * row[k]) for k in ("estimate", "low", "high")]
    if pd.isna(row[["low", "high"]]).all():
        return values[0]
    values = ["more" if "nan" in value else value for value in values]  # a bound not reached
    return "{} ({} to {})".format(*values) + " h" * (row["unit"] == "hours")


def _chance(p: float) -> str:
    if pd.isna(p):
        return "cannot tell"
    return "under 1%" if p < 0.01 else "over 99%" if p > 0.99 else f"{p:.0%}"


def _target(row: pd.Series) -> str | None:
    if pd.isna(row["target"]):
        return None
    times, _ = UNITS[row["unit"]]
    unit = "%" if row["unit"] == "%" else f" {row['unit']}"
    return f"{row['wanted']} {times * row['target']:g}{unit}"


def first_said(why: pd.Series) -> str | None:
    """The first thing said of any row."""
    return next(iter(why[why != ""]), None)


def _short(name: str) -> str:
    return name.removeprefix(NAME)
