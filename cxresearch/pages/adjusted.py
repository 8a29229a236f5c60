"""Notebook 03: what if the silent are like those who answered, and how wrong may that be?"""

import numpy as np
import pandas as pd

from cxresearch.kpis.surveys.weighted import ALIKE, ALL, ASKED, SAME
from cxresearch.pages.who_stays_silent import asks
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding

NAME = {"csat": "mean satisfaction", "nps": "the net promoter score"}
FORM = {"csat": "{:.2f} of 10", "nps": "{:+.0f} points"}
SHORT = {"csat": "{:.2f}", "nps": "{:+.0f}"}
AXIS = {"csat": "mean satisfaction, of 10", "nps": "net promoter score, in points"}


@asks("what the score would be if the silent were like those who answered")
def weighed(rows: pd.DataFrame, kind: str) -> Finding | CannotTell:
    """The adjusted mean, its weights, and, in the same breath, the bounds that assume nothing."""
    spoke, alike, asked, could = (rows.iloc[place] for place in range(4))
    if pd.isna(alike["lowest"]):
        return CannotTell(
            f"{NAME[kind]} weighed for silence: too few answered, or all alike, or some kinds of "
            "customers hardly ever did."
        )
    values = {"score": alike["lowest"], "low": alike["low"], "high": alike["high"]}
    values |= {"heard": spoke["lowest"], "a": asked["low"], "b": asked["high"]}
    values |= {"c": could["low"], "d": could["high"]}
    return finding(
        "If customers who are alike answer alike, {name} of all who were asked is **{score}** "
        "(95% interval {low} to {high}), against {heard} as heard. Nothing in the data can show "
        "that they do. **Assuming nothing**, it lies anywhere from {a} to {b} for all who were "
        "asked, and from {c} to {d} for all who could have been. Alike is by {known}; an answer "
        "weighs {least:.1f} to {most:.1f}, and {n:,} answers are worth {worth:,.0f}.",
        name=NAME[kind], known=alike["adjusted for"], least=alike["weight from"],
        most=alike["weight to"], n=int(spoke["n"]), worth=alike["worth"],
        **{k: (FORM if k == "score" else SHORT)[kind].format(v) for k, v in values.items()},
    )  # fmt: skip


@asks("what the score would be if the silent were like those who answered")
def weighed_table(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The mean under each assumption about the silent, with the sampling interval and verdict."""
    return pd.DataFrame(
        {
            "of whom": rows["of whom"],
            "the silent would say": rows["the silent would say"],
            "n": rows["n"],
            AXIS[kind]: _ranges(rows, "lowest", "highest", kind),
            "with the 95% interval": _ranges(rows, "low", "high", kind),
            "target met?": rows["verdict"],
        }
    )


@asks("how different the silent would have to be to change the verdict")
def turning(rows: pd.DataFrame, kind: str, target: float) -> Finding | CannotTell:
    """What the silent would have to average before the verdict changed, for both populations."""
    if rows["verdict"].eq("no target").all():
        return CannotTell(f"what would change the verdict on {NAME[kind]}: no target is set.")
    if rows["low"].isna().all():
        return CannotTell(
            f"what would change the verdict on {NAME[kind]}: all answers are alike or from one "
            "customer, so chance cannot be told; more answers would tell."
        )
    parts = "; ".join(_turns(rows[rows["of whom"] == whom], kind) for whom in (ASKED, ALL))
    told = rows.loc[rows["the silent would say"] == SAME, "verdict"].iloc[0]
    return finding(
        "If the silent were as those who answered, the verdict on {name} of at least {target} "
        "would be **{told}**. {parts}.",
        name=NAME[kind], target=SHORT[kind].format(target), told=told,
        parts=parts[0].upper() + parts[1:],
    )  # fmt: skip


@asks("how different the silent would have to be to change the verdict")
def turning_table(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The rows of tipping() as a page shows them."""
    form = SHORT[kind].format
    return pd.DataFrame(
        {
            "of whom": rows["of whom"],
            "the silent would say": rows["the silent would say"],
            "their mean": [form(v) for v in rows["silent"]],
            "apart from those who answered": [_signed(v, kind) for v in rows["apart"]],
            "mean of all (95% interval)": [
                f"{form(m)} ({form(low)} to {form(high)})" if pd.notna(low) else f"{form(m)} (–)"
                for m, low, high in rows[["mean", "low", "high"]].to_numpy(float)
            ],
            "target met?": rows["verdict"],
        }
    )


@cannot_tell_passes
def turning_title(rows: pd.DataFrame, kind: str) -> str:
    """The figure's finding: where the verdict turns first above those who answered, if it does."""
    of = rows[rows["of whom"] == ALL]
    if of["low"].isna().all():
        return "All answers are alike or from one customer, so there is no verdict"
    up = of[of["the silent would say"].str.startswith("enough") & (of["apart"] > 0)]
    if up.empty:
        return "No answers of the silent could lift the score over its target"
    first = SHORT[kind].format(up.iloc[0]["silent"])
    return f"Only if the silent averaged {first} or more would the verdict be other"


@asks("whether those who did not answer their first invitation left more often")
def left_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Who left among the silent and among those who answered, day by day, with the difference."""
    return pd.DataFrame(
        {
            "asked": rows["asked"],
            "days on": rows["day"],
            "of the silent left": _shares(rows, "silent left", "silent ", "silent"),
            "of those who answered left": _shares(rows, "spoke left", "spoke ", "spoke"),
            "difference, points": [
                f"{100 * v:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})" if pd.notna(v) else "–"
                for v, low, high in rows[["difference", "low", "high"]].to_numpy(float)
            ],
            "p": rows["p"],
        }
    )


@asks("whether those who did not answer their first invitation left more often")
def left_after_first(rows: pd.DataFrame) -> Finding | CannotTell:
    """Those who did not answer their first invitation: on which days had more of them left?"""
    first = rows[rows["asked"] == "once"].dropna(subset="difference")
    if first.empty:
        return CannotTell("whether those who did not answer left: too few were watched so long.")
    told = "; ".join(
        f"within {r['day']} days {r['silent left']:.1%} ({r['silent low']:.1%} to "
        f"{r['silent high']:.1%}) against {r['spoke left']:.1%} ({r['spoke low']:.1%} to "
        f"{r['spoke high']:.1%})"
        for _, r in first.iterrows()
    )
    clear = first[first["p"] < 0.05]
    days = " and ".join(f"{d}" for d in clear["day"])
    if clear.empty:
        return CannotTell(
            "whether those who did not answer their first invitation left more often than those "
            f"who did: {told}; no difference is clear (Holm over the days)."
        )
    more = "more" if (clear["difference"] > 0).all() else "not equally"
    return finding(
        "Of those who did not answer their first invitation, **{more} had left by day {days}** "
        "than of those who did (Holm over the days): {told}.",
        more=more, days=days, told=told,
    )  # fmt: skip


def _turns(rows: pd.DataFrame, kind: str) -> str:
    """What would turn the verdict for one population, in words."""
    whom = rows["of whom"].iloc[0]
    turns = rows[rows["the silent would say"].str.startswith("enough")]
    if turns.empty:
        return f"for {whom}, no answers of the silent could change it"
    now = rows.loc[rows["the silent would say"] == SAME, "apart"].iloc[0]
    parts = [
        f"{SHORT[kind].format(t['silent'])} or {'more' if t['apart'] > now else 'less'} "
        f"({_signed(t['apart'], kind)} from those who answered) for “{t['verdict']}”"
        for _, t in turns.iterrows()
    ]
    alike = rows.loc[rows["the silent would say"] == ALIKE, "silent"]
    beside = f"; alike customers averaged {SHORT[kind].format(alike.iloc[0])}" if len(alike) else ""
    return f"for {whom}, the silent would have to average " + ", ".join(parts) + beside


def _signed(value: float, kind: str) -> str:
    return f"{value:+.2f}" if kind == "csat" else f"{value:+.0f}"


def _ranges(rows: pd.DataFrame, low: str, high: str, kind: str) -> list[str]:
    form = SHORT[kind].format
    return [
        "–" if np.isnan(a) else form(a) if a == b else f"{form(a)} to {form(b)}"
        for a, b in rows[[low, high]].to_numpy(float)
    ]


def _shares(rows: pd.DataFrame, value: str, prefix: str, of: str) -> list[str]:
    return [
        f"{v:.1%} ({low:.1%} to {high:.1%}) of {n:,.0f}" if pd.notna(v) else "–"
        for v, low, high, n in rows[[value, f"{prefix}low", f"{prefix}high", of]].to_numpy(float)
    ]
