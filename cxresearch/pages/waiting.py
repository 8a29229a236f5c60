"""Notebook 02: how long do customers wait, by which clock, and is the promise kept for all?"""

import itertools

import numpy as np
import pandas as pd

from cxresearch.kpis import first_reply
from cxresearch.kpis.durations import (
    CLOCKS,
    REPLY_DAYS,
    SOLVED_DAYS,
    first_response_time,
    resolution_time,
)
from cxresearch.kpis.tidy import WHOLE
from cxresearch.pages.how_are_we_doing import VERDICTS, card_table, first_said, with_interval
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.study import Study

CUT = (
    f"Open tickets count for as long as they were watched; a median not reached is empty. In the "
    f"restricted mean, waits are cut at {REPLY_DAYS} days (first answers) and {SOLVED_DAYS} days "
    "(solutions)."
)


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
        cells = [with_interval(row) for _, row in found.iterrows()]
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
    times = ", {ratio:.1f} times as long" if row["estimate"] > 0 else ""
    forgets = "it forgets the {silent:.1%} without an answer: " if silent else ""
    return finding(
        "Half of all tickets are answered within **{median:.1f} hours** (95% interval {low:.1f} to "
        "{high}). The mean of those answered is {mean:.1f} hours" + times + ", and "
        + forgets + "a few long waits move a mean, those still waiting never do.",
        median=row["estimate"], low=row["low"], mean=mean["estimate"],
        high="more than was watched" if pd.isna(row["high"]) else f"{row['high']:.1f}",
        ratio=mean["estimate"] / (row["estimate"] or np.nan), silent=silent,
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
    beware = first_said(found["why"])
    return finding(
        "Against the target, {what} one by one: {parts}. The best is {group} with {share:.0%} in "
        "time ({low:.0%} to {high:.0%}; {n:,} tickets)." + (" Beware: {beware}." if beware else ""),
        what=what, parts=parts, group=best["group"], share=best["estimate"], low=best["low"],
        high=best["high"], n=int(best["n"]), beware=beware or "",
    )  # fmt: skip


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


def _percent(estimate: float, low: float, high: float) -> str:
    return "–" if pd.isna(estimate) else f"{estimate:.0%} ({low:.0%} to {high:.0%})"


def _span(hours: float) -> str:
    return f"{hours:g} h" if hours < 48 else f"{hours / 24:g} days"
