"""Notebook 07: why there are more tickets or fewer, and whether customers give up."""

import pandas as pd

from cxresearch.kpis.volume import YEAR, Volume, two_periods, volume_change
from cxresearch.outcomes.giving_up import WINDOW
from cxresearch.pages.words import with_interval
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study

PART = {
    "customers": "more or fewer customers",
    "mix": "another mix of segments",
    "rate": "more or fewer tickets a customer",
}


def latest(study: Study) -> Volume | CannotTell:
    """The change from one year to the next, or from the first half of a shorter study to its last;
    kpis.volume."""
    periods = two_periods(study)
    return periods if isinstance(periods, CannotTell) else volume_change(study, *periods)


@cannot_tell_passes
def change(volume: Volume) -> Finding:
    """What the change in tickets is made of, and whether the rate surely moved."""
    before, after = volume.periods.loc["before"], volume.periods.loc["after"]
    parts = volume.parts.set_index("part")
    rate = parts.loc["rate"]
    mix = "{mix:+,.0f} for their mix" if "mix" in parts.index else "nothing known of their mix"
    clear = "" if rate["low"] > 0 or rate["high"] < 0 else ", which holds no change"
    season = " The halves lie in different seasons." * (after["end"] - after["start"] != YEAR)
    return finding(
        "From {before:,} to {after:,} tickets: {customers:+,.0f} for the number of customers, "
        + mix + ", **{rate:+,.0f}** for how often they write (95% interval "
        "{low:+,.0f} to {high:+,.0f}" + clear + "), and {other:+,.0f} of nobody who was a customer "
        "at the time." + season,
        before=int(before["tickets"]), after=int(after["tickets"]),
        customers=parts.loc["customers", "tickets"], mix=float(parts["tickets"].get("mix", 0.0)),
        rate=rate["tickets"], low=rate["low"], high=rate["high"], other=parts["tickets"].iloc[-1],
    )  # fmt: skip


@cannot_tell_passes
def change_table(volume: Volume) -> pd.DataFrame:
    """The parts of the change, which add up to it, with their intervals."""
    parts = volume.parts
    told = with_interval(parts.dropna(subset="low"), "tickets", form="{:+,.0f}")
    total = float(parts["tickets"].sum())
    rest = [f"{parts['tickets'].iloc[-1]:+,.0f}", f"{total:+,.0f}"]
    names = [*(PART.get(p, p) for p in parts["part"]), "change in all"]
    return pd.DataFrame({"part": names, "tickets": [*told, *rest]})


@cannot_tell_passes
def cause_changes(volume: Volume) -> pd.DataFrame:
    """The causes of which customers wrote more, or less, often: tickets before, after, and their
    part of the change in the rate."""
    rounded = volume.causes.assign(tickets=volume.causes["tickets"].round().astype("int64"))
    return rounded.rename(columns={"tickets": "part of the rate's change"})


@cannot_tell_passes
def gave_up(found: pd.DataFrame) -> Finding | CannotTell:
    """Do customers with an unresolved issue write less afterwards than those whose was solved?"""
    rows = found.set_index("group")
    gap = rows.loc["difference"]
    said = finding(
        "{gap:+.2f} tickets in {days} days (difference in differences, 95% interval {low:+.2f} to "
        "{high:+.2f}; {n:,} issues of {m:,} customers)",
        gap=gap["change"], low=gap["low"], high=gap["high"], days=WINDOW, n=int(gap["issues"]),
        m=int(gap["customers"]),
    )  # fmt: skip
    if gap["low"] <= 0 <= gap["high"]:
        return CannotTell(
            "whether customers give up writing after an unresolved issue: against those whose "
            f"issue was solved in time they write {said.text}, which holds no difference."
        )
    less = "less" if gap["change"] < 0 else "more"
    return Finding(
        f"After an unresolved issue customers write {less} than after one solved in time: "
        f"{said.text}.",
        said.numbers,
    )


def contact_table(found: pd.DataFrame | CannotTell) -> pd.DataFrame | CannotTell:
    """Tickets in the 90 days before and after, by group, with the change's interval."""
    if isinstance(found, CannotTell):
        return CannotTell("contact before and after, for the same reason.")
    return pd.DataFrame(
        {
            "group": found["group"],
            "issues": found["issues"],
            "customers": found["customers"],
            "before": found["before"],
            "after": found["after"],
            "change": with_interval(found, "change", form="{:+.2f}"),
            "p": found["p"],
        }
    )
