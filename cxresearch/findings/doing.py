"""Notebook 02: where do we stand against our targets?"""

import pandas as pd

from cxresearch.kpis import first_reply
from cxresearch.kpis.scorecard import FIRST_CONTACT
from cxresearch.say import CannotTell, Finding, finding
from cxresearch.study import Study

UNITS = {"%": (100, "{:.1f}%"), "of 10": (1, "{:.1f}"), "points": (1, "{:.0f}")}
VERDICTS = ("met", "not met", "cannot tell")
LIMITS = (
    "Every clock here is the calendar's: nights, weekends and holidays count, and time that waits "
    "on the customer counts too. Where an agent writes the ticket, as on the phone, somebody has "
    "listened already, and yet the clock runs to the first written answer. Intervals allow for one "
    "customer's tickets being alike, not for the months to come being different. No row says why."
)


def answer(study: Study, card: pd.DataFrame) -> Finding | CannotTell:
    """First answers against their target."""
    row = card.iloc[0]
    if pd.isna(row["estimate"]):
        return CannotTell("how many are answered in time: no ticket was watched for so long.")
    return finding(
        "**{share:.1%}** (95% interval {low:.1%} to {high:.1%}; {n:,} tickets) of customers' "
        "tickets get a first answer within {hours:g} hours. The target is {target:.0%}: "
        "**{verdict}**.",
        share=row["estimate"], low=row["low"], high=row["high"], n=int(row["n"]),
        hours=study.settings.first_reply_hours, target=row["target"], verdict=row["verdict"],
    )  # fmt: skip


def others(card: pd.DataFrame) -> Finding | CannotTell:
    """The verdicts on the other targets, first contact counted once."""
    rest = card.iloc[1:]
    rest = rest[rest["target"].notna()]
    first = rest["kpi"].str.startswith(FIRST_CONTACT)
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


def naive(typical: pd.DataFrame) -> Finding | CannotTell:
    """What the mean of answered tickets says beside the median of all."""
    if typical.empty or pd.isna(typical["median"].iloc[0]):
        return CannotTell("the median wait: fewer than half were answered while watched.")
    row = typical.iloc[0]
    silent = 1 - row["answered"] / row["tickets"]
    forgets = "it forgets the {silent:.1%} without an answer: " if silent else ""
    return finding(
        "Half of all tickets are answered within **{median:.1f} hours** (95% interval {low:.1f} to "
        "{high}). The mean of those answered is {mean:.1f} hours, {ratio:.1f} times as long, and "
        + forgets + "a few long waits move a mean, those still waiting never do.",
        median=row["median"], low=row["low"], mean=row["mean of answered"],
        high="more than was watched" if pd.isna(row["high"]) else f"{row['high']:.1f}",
        ratio=row["mean of answered"] / row["median"], silent=silent,
    )  # fmt: skip


def channels(found: pd.DataFrame) -> Finding | CannotTell:
    """Which channels meet the target for first answers."""
    each = found.iloc[1:]
    if each.empty:
        return CannotTell("how channels differ: all tickets came through one channel.")
    if each["estimate"].isna().all():
        return CannotTell("how channels differ: no ticket was watched for so long.")
    groups = each.groupby("verdict")["group"].agg(", ".join)
    parts = "; ".join(f"{v} in {groups[v]}" for v in VERDICTS if v in groups.index)
    best = each.sort_values("estimate", na_position="first").iloc[-1]
    return finding(
        "Against the target, channel by channel: {parts}. The best is {group} with {share:.0%} in "
        "time ({low:.0%} to {high:.0%}; {n:,} tickets).",
        parts=parts, group=best["group"], share=best["estimate"], low=best["low"],
        high=best["high"], n=int(best["n"]),
    )  # fmt: skip


def rivals(card: pd.DataFrame) -> Finding | CannotTell:
    """How far the rival definitions of first contact resolution lie apart."""
    rows = card[card["kpi"].str.startswith(FIRST_CONTACT)].dropna(subset="estimate")
    if len(rows) < 2:
        return CannotTell("how far definitions of first contact resolution lie apart.")
    worst, best = rows.loc[rows["estimate"].idxmin()], rows.loc[rows["estimate"].idxmax()]
    return finding(
        "The same {n:,} solved tickets were solved on first contact in **{low:.0%}** of cases "
        "({worst}) or in **{high:.0%}** ({best}), as one likes to define it; {told} of {of} "
        "definitions can be counted here. A target without its definition is no target.",
        n=int(rows["n"].max()), low=worst["estimate"], high=best["estimate"],
        worst=_short(worst["kpi"]), best=_short(best["kpi"]), told=len(rows),
        of=int(card["kpi"].str.startswith(FIRST_CONTACT).sum()),
    )  # fmt: skip


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
    return pd.DataFrame(
        {
            "KPI": card["kpi"],
            "what is counted": card["definition"],
            "beware": card["why"].replace("", None),
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


def channel_table(found: pd.DataFrame) -> pd.DataFrame:
    """Verdicts by channel as a page shows them."""
    if found.empty:
        return found
    return pd.DataFrame(
        {
            "group": found["group"],
            "tickets": found["n"],
            "in time": [_percent(*row) for row in found[["estimate", "low", "high"]].to_numpy()],
            "target": [f"{target:.0%}" for target in found["target"]],
            "verdict": found["verdict"],
        }
    )


def rival_table(card: pd.DataFrame) -> pd.DataFrame:
    """The rival definitions of first contact resolution as a page shows them."""
    rows = card_table(card[card["kpi"].str.startswith(FIRST_CONTACT)])
    return rows.assign(KPI=rows["KPI"].map(_short)).rename(columns={"KPI": "definition"})


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
    return "{} ({} to {})".format(*values)


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


def _short(name: str) -> str:
    return name.removeprefix(FIRST_CONTACT)
