"""Notebook 05: is resolved really resolved, and is it the same customers?"""

import pandas as pd

from cxresearch.kpis.concentration import TOP
from cxresearch.pages.words import with_interval
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study

SAME, ANY = "same cause", "any cause"
BACK = "{share:.1%} (95% interval {low:.1%} to {high:.1%}; {n:,} solved tickets)"
WHO = {"churn": "Still customers, and", "return": "Customers"}
LIMITS = {
    "churn": "The same cause is the same topic, as the machine found it: it is not proof that the "
    "first solution failed. A topic that holds two problems makes them look like one; a problem "
    "split over several topics makes recurrence look rarer than it is. Solved "
    "is what the help desk says, not what the customer says. Who went silent may be content, or "
    "on the way out.",
    "return": "Here solved is known only for tickets whose answer somebody marked as the solution, "
    "and its time is when that answer was posted: those who marked it stayed, so how often "
    "the others come back cannot be told. People who write under another name are strangers here. "
    "Nobody can be seen to leave; on a forum most of the helped are silent too.",
}


@cannot_tell_passes
def answer(within: pd.DataFrame, day: int = 30) -> Finding | CannotTell:
    """The share of solved tickets that came back about the same cause within a month."""
    row = _row(within, SAME, day)
    if pd.isna(row["share"]):
        return CannotTell(
            f"how many issues come back within {day} days: nobody was watched so long."
        )
    return finding(
        "Within {day} days of being solved, **" + BACK.replace(" (95%", "** (95%") + " come back: "
        "the same customer writes again about the same cause.",
        day=day, n=int(row["tickets"]), **_numbers(row),
    )  # fmt: skip


@cannot_tell_passes
def rivals(within: pd.DataFrame, day: int = 30) -> Finding | CannotTell:
    """What other definitions of coming back would say of the same tickets."""
    rows = within[(within["day"] == day) & (within["definition"] != SAME)]
    told = rows.dropna(subset="share")
    if told.empty:
        return CannotTell("what other definitions would say: none could be watched so long.")
    parts = "; ".join(
        f"{r['definition']}: {r['share']:.1%} ({r['low']:.1%} to {r['high']:.1%})"
        for _, r in told.iterrows()
    )
    unknown = "; ".join(rows.loc[rows["share"].isna(), "definition"])
    more = " This export cannot tell: {unknown}." if unknown else ""
    untold = int(_row(within, SAME, day)["tickets"] - told["tickets"].min())
    more += " Without {untold:,} tickets whose reopening is not told." if untold else ""
    return finding(
        "Of the same tickets, counting otherwise: {parts}." + more,
        parts=parts, unknown=unknown, untold=untold,
    )  # fmt: skip


@cannot_tell_passes
def curves_title(within: pd.DataFrame, day: int = 30) -> str:
    """The figure's finding: the narrow definition beside the wide one."""
    same, every = _row(within, SAME, day)["share"], _row(within, ANY, day)["share"]
    if pd.isna(same) or pd.isna(every):
        return f"Nobody was watched for {day} days"
    return f"Within {day} days {same:.1%} write again on the same cause, {every:.0%} on any"


@cannot_tell_passes
def chance(within: pd.DataFrame, expected: float, day: int = 30) -> Finding | CannotTell:
    """How much of it would come without any link between one ticket and the next."""
    row = _row(within, SAME, day)
    if pd.isna(row["share"]):
        return CannotTell("how often causes meet by chance: nobody was watched so long.")
    if row["low"] <= expected <= row["high"]:
        return CannotTell(
            f"whether causes come back more often than they meet by chance: {expected:.1%} would, "
            f"and the interval, {row['low']:.1%} to {row['high']:.1%}, holds it."
        )
    more = "more" if row["share"] > expected else "less"
    return finding(
        "If the cause of the next ticket had nothing to do with that of the solved one, about "
        "{expected:.1%} would come back about the same cause; {share:.1%} do ({low:.1%} to "
        "{high:.1%}), which is " + more + ".",
        expected=expected, **_numbers(row),
    )  # fmt: skip


@cannot_tell_passes
def overall(within: pd.DataFrame, day: int = 30) -> float:
    """The share that came back about the same cause over all causes, for a line in a figure."""
    return float(_row(within, SAME, day)["share"])


@cannot_tell_passes
def definition_table(within: pd.DataFrame) -> pd.DataFrame:
    """A row a definition: tickets, and the share that came back by each day with its interval."""
    shown = within.assign(text=with_interval(within, "share"), by=_days(within["day"]))
    wide = shown.pivot(index="definition", columns="by", values="text")
    wide = wide[list(dict.fromkeys(shown["by"]))].reindex(list(dict.fromkeys(shown["definition"])))
    size = shown.drop_duplicates("definition").set_index("definition")["tickets"].astype("Int64")
    last = shown[shown["day"] == shown["day"].max()].set_index("definition")
    return wide.assign(
        **{"solved tickets": size, "came back by the last day": last["came back"].astype("Int64")}
    )


@cannot_tell_passes
def causes(by_cause: pd.DataFrame, day: int = 30) -> Finding | CannotTell:
    """Which causes come back more or less often than the rest, after Holm's correction."""
    told = by_cause[~by_cause["verdict"].str.startswith("cannot")]
    few = int(by_cause["p"].isna().sum())
    doubt = (
        f"{len(by_cause) - len(told) - few} of {len(by_cause)} causes were compared without a "
        f"clear result, {few} had too few recurrences to be compared"
    )
    if told.empty:
        return CannotTell(f"which cause comes back most within {day} days: {doubt}.")
    parts = "; ".join(
        f"{r['cause']} {r['share']:.1%} ({r['low']:.1%} to {r['high']:.1%})"
        for _, r in told.sort_values("share", ascending=False).iterrows()
    )
    return finding(
        "Against all others, within {day} days, {parts}: {n} of {of} causes differ "
        "(Holm-corrected). " + doubt + ".",
        day=day, parts=parts, n=len(told), of=len(by_cause),
    )  # fmt: skip


@cannot_tell_passes
def causes_title(by_cause: pd.DataFrame) -> str:
    """The finding of the figure by cause, short enough for its title."""
    told = by_cause[~by_cause["verdict"].str.startswith("cannot")]
    return f"{len(told)} of {len(by_cause)} causes come back clearly more or less than the rest"


@cannot_tell_passes
def largest(by_cause: pd.DataFrame, rows: int = 12) -> pd.DataFrame:
    """The causes with most solved tickets, the one that comes back most first."""
    return by_cause.nlargest(rows, "tickets").sort_values("share", ascending=False)


@cannot_tell_passes
def cause_table(by_cause: pd.DataFrame) -> pd.DataFrame:
    """The causes with most solved tickets: how many came back, the share with its interval, p
    of the difference from the rest, and verdict."""
    return pd.DataFrame(
        {
            "cause": by_cause["cause"],
            "solved tickets": by_cause["tickets"],
            "came back": by_cause["came back"],
            "share": with_interval(by_cause, "share"),
            "p": by_cause["p"],
            "verdict": by_cause["verdict"],
        }
    )


@cannot_tell_passes
def same_customers(found: pd.Series) -> Finding:
    """The top tenth's share of tickets beside what chance would give it."""
    beyond = found["p"] < 0.05
    verdict = "more than chance gives" if beyond else "cannot tell whether more than chance"
    return finding(
        "The {top:.0%} of customers who write most write **{share:.1%}** of all tickets (95% "
        "interval {low:.1%} to {high:.1%}; {n:,} customers, {tickets:,} tickets). If everybody "
        "wrote at one rate, it would be {expected:.1%} (95% of draws {least:.1%} to {most:.1%}): "
        + verdict + ".",
        top=TOP, share=found["share"], low=found["low"], high=found["high"],
        n=int(found["customers"]), tickets=int(found["tickets"]), expected=found["expected"],
        least=found["expected low"], most=found["expected high"],
    )  # fmt: skip


@cannot_tell_passes
def spread_table(by_tickets: pd.DataFrame) -> pd.DataFrame:
    """Customers by how many tickets they wrote, beside chance, and their part of all tickets."""
    return pd.DataFrame(
        {
            "tickets a customer": by_tickets["tickets"],
            "customers": by_tickets["customers"],
            "customers expected by chance": by_tickets["expected"].round().astype(int),
            "% of all tickets": 100 * by_tickets["share of tickets"],
        }
    )


@cannot_tell_passes
def silence(silent: pd.DataFrame, study: Study, day: int = 90) -> Finding | CannotTell:
    """Who wrote nothing more within a quarter of a year, by whether the issue was solved."""
    told = silent.dropna(subset="silent")
    if told.empty:
        return CannotTell("who goes silent: nobody was watched so long.")
    parts = "; ".join(
        f"{r['group']} {r['silent']:.1%} ({r['low']:.1%} to {r['high']:.1%}; {r['customers']:,})"
        for _, r in told.sort_values("silent", ascending=False).iterrows()
    )
    return finding(
        WHO[study.outcome] + " without a further ticket {day} days on: {parts} (95% intervals; "
        "customers). A description: silence is not contentment.",
        day=day, parts=parts,
    )  # fmt: skip


@cannot_tell_passes
def silence_table(silent: pd.DataFrame, study: Study) -> pd.DataFrame:
    """What became of each group by then, in percent; who left only where that can be seen."""
    shown = pd.DataFrame(
        {
            "group": silent["group"],
            "customers": silent["customers"],
            "silent": with_interval(silent, "silent"),
            "wrote again %": 100 * silent["wrote again"],
            "left %": 100 * silent["left"],
        }
    )
    return shown if study.outcome == "churn" else shown.drop(columns="left %")


def limits(study: Study) -> Finding:
    """What this page is not."""
    return Finding(LIMITS[study.outcome])


def _row(within: pd.DataFrame, definition: str, day: int) -> pd.Series:
    return within[(within["definition"] == definition) & (within["day"] == day)].iloc[0]


def _numbers(row: pd.Series) -> dict[str, float]:
    return {name: float(row[name]) for name in ("share", "low", "high")}


def _days(days: pd.Series) -> pd.Series:
    return "within " + days.astype(int).astype(str) + " days"
