"""Notebook 02: where do we stand against our targets?"""

import itertools

import pandas as pd

from cxresearch.kpis import first_reply
from cxresearch.kpis.first_contact import DEFINITIONS, NAME
from cxresearch.kpis.tidy import WHOLE
from cxresearch.kpis.times import (
    CLOCKS,
    REPLY_DAYS,
    SOLVED_DAYS,
    first_response_time,
    resolution_time,
)
from cxresearch.say import CannotTell, Finding, finding
from cxresearch.study import Study

UNITS = {"%": (100, "{:.1f}%"), "of 10": (1, "{:.1f}"), "points": (1, "{:.0f}"),
         "hours": (1, "{:,.1f}")}  # fmt: skip
CUT = (
    f"Open tickets count for as long as they were watched; a median not reached is empty. In the "
    f"restricted mean, waits are cut at {REPLY_DAYS} days (first answers) and {SOLVED_DAYS} days "
    "(solutions)."
)
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


def kept(study: Study) -> Finding:
    """Which tickets are timed, and how many were closed without any answer."""
    rows = first_reply.waits(study)
    left = first_reply.left_out(study)["tickets"]
    closed, waiting = int(rows["closed_unanswered"].sum()), int((rows["event"] == 0).sum())
    out, odd = int(left.sum() - left["timed"]), int(left["answered before it was asked"])
    more = "{out:,} more are not ({odd:,} of them carry an answer older than the question)"
    return finding(
        "{n:,} tickets are timed" + (f"; {more}. " if out else ", all there are. ")
        + "{waiting:,} had no answer when last seen, and {closed:,} of these were solved or closed "
        "without one: they count as unanswered.",
        n=len(rows), out=out, odd=odd, waiting=waiting, closed=closed,
    )  # fmt: skip


def times_table(study: Study) -> pd.DataFrame:
    """Median, restricted and naive mean of both waits by the clocks known, with intervals."""
    clocks = CLOCKS if study.settings.open_hours else CLOCKS[:1]
    rows = []
    for wait, clock in itertools.product((first_response_time, resolution_time), clocks):
        found = wait(study, clock=clock)
        name, *_ = found["kpi"].iloc[0].partition(",")
        kinds = found["kpi"].str.split(", ").str[1]
        cells = [_with_interval(row) for _, row in found.iterrows()]
        row = {"wait": name, "tickets": int(found["n"].max())}
        rows.append(row | dict(zip(kinds, cells, strict=True)))
    return pd.DataFrame(rows)


def in_business_hours(study: Study) -> Finding | CannotTell:
    """The median wait for a first answer, counted while the desk is open."""
    row = first_response_time(study, clock="business").iloc[0]
    if pd.isna(row["estimate"]):
        return CannotTell(row["why"])
    return finding(
        "Counted only while the desk is open, half are answered within **{median:.1f} business "
        "hours** (95% interval from {low:.1f}; {n:,} tickets).",
        median=row["estimate"], low=row["low"], n=int(row["n"]),
    )  # fmt: skip


def naive(study: Study) -> Finding | CannotTell:
    """What the mean of answered tickets says beside the median of all."""
    typical = first_response_time(study).set_index("kpi").filter(regex="median|naive", axis=0)
    if typical["estimate"].isna().any():
        return CannotTell("the median wait: fewer than half were answered while watched.")
    row, mean = typical.iloc[0], typical.iloc[1]
    silent = 1 - mean["n"] / row["n"]
    forgets = "it forgets the {silent:.1%} without an answer: " if silent else ""
    return finding(
        "Half of all tickets are answered within **{median:.1f} hours** (95% interval {low:.1f} to "
        "{high}). The mean of those answered is {mean:.1f} hours, {ratio:.1f} times as long, and "
        + forgets + "a few long waits move a mean, those still waiting never do.",
        median=row["estimate"], low=row["low"], mean=mean["estimate"],
        high="more than was watched" if pd.isna(row["high"]) else f"{row['high']:.1f}",
        ratio=mean["estimate"] / row["estimate"], silent=silent,
    )  # fmt: skip


def groups(found: pd.DataFrame, what: str) -> Finding | CannotTell:
    """Which groups (channels, say) meet the target for first answers."""
    each = found[found["group"] != WHOLE].dropna(subset="estimate")
    if len(each) < 2:
        name = each["group"].iloc[0] if len(each) else "unknown"
        lone = "not told" if name in ("unknown", "none") else f"{name} only"
        return CannotTell(f"how {what} differ: {lone}; an export that tells them apart would tell.")
    names = each.groupby("verdict")["group"].agg(", ".join)
    parts = "; ".join(f"{v} in {names[v]}" for v in VERDICTS if v in names.index)
    best = each.sort_values("estimate").iloc[-1]
    beware = _first(found["why"])
    return finding(
        "Against the target, {what} one by one: {parts}. The best is {group} with {share:.0%} in "
        "time ({low:.0%} to {high:.0%}; {n:,} tickets)." + (" Beware: {beware}." if beware else ""),
        what=what, parts=parts, group=best["group"], share=best["estimate"], low=best["low"],
        high=best["high"], n=int(best["n"]), beware=beware or "",
    )  # fmt: skip


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
        return CannotTell(f"how much the window matters: {_first(found['why'])}")
    first, last = found.iloc[0], found.iloc[-1]
    return finding(
        "By our definition {high:.1%} stay solved with a window of {short:g} and {low:.1%} with "
        "one of {long:g} days: who looks longer sees more come back. All windows ask the same "
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
            "KPI": card["kpi"],
            "estimate (95% interval)": [_with_interval(row) for _, row in card.iterrows()],
            "n": card["n"].astype(int),
            "target": [_target(row) for _, row in card.iterrows()],
            "verdict": card["verdict"],
        }
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


def reply_table(found: pd.DataFrame) -> pd.DataFrame:
    """Shares answered within so many hours, in percent with intervals, a row a channel."""
    if found.empty:
        return found
    cells = found.assign(
        text=[_percent(*row) for row in found[["estimate", "low", "high"]].to_numpy()],
        within="within " + found["hours"].map(_span),
    )
    order = {"index": list(dict.fromkeys(cells["group"])), "columns": list(dict.fromkeys(
        cells["within"]))}  # fmt: skip
    wide = cells.pivot(index="group", columns="within", values="text").reindex(**order)
    wide.insert(0, "tickets", cells.drop_duplicates("group").set_index("group")["n"])
    return wide


def group_table(found: pd.DataFrame) -> pd.DataFrame:
    """Verdicts by group as a page shows them; only the whole where there is one group."""
    found = found if len(found) > 2 else found.head(1)
    rows = card_table(found).drop(columns=["KPI", "target"]).rename(columns={"n": "due"})
    rows.insert(0, "group", found["group"])
    return rows.assign(**{"not yet due, or odd": found["eligible"] - found["n"]})


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


def _with_interval(row: pd.Series) -> str | None:
    if pd.isna(row["estimate"]):
        return None
    times, form = UNITS[row["unit"]]
    values = [form.format(times * row[k]) for k in ("estimate", "low", "high")]
    return "{} ({} to {})".format(*values) + " h" * (row["unit"] == "hours")


def _target(row: pd.Series) -> str | None:
    if pd.isna(row["target"]):
        return None
    times, _ = UNITS[row["unit"]]
    unit = "%" if row["unit"] == "%" else f" {row['unit']}"
    return f"{row['wanted']} {times * row['target']:g}{unit}"


def _percent(estimate: float, low: float, high: float) -> str:
    return "–" if pd.isna(estimate) else f"{estimate:.0%} ({low:.0%} to {high:.0%})"


def _span(hours: float) -> str:
    return f"{hours:g} h" if hours < 48 else f"{hours / 24:g} days"


def _first(why: pd.Series) -> str | None:
    """The first thing said of any row."""
    return next(iter(why[why != ""]), None)


def _short(name: str) -> str:
    return name.removeprefix(NAME)
