"""Notebook 09, over many simulated companies: do the intervals of savings hold, and does the fix
list pick well?"""

import pandas as pd

from cxresearch.lab.coverage_of_savings import OURS
from cxresearch.pages.words import with_interval
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding

PICK = "pick 1 revenue"
SEVERAL = 20  # companies, for shares of each cause to say anything


@cannot_tell_passes
def held(found: pd.DataFrame, flags: pd.DataFrame) -> Finding:
    """In how many rows coverage is as promised, where it is not, and false alarms."""
    found = found.reset_index()
    short = found[~found["holds"]]
    listed = "; ".join(
        f"{r['kind']}{', ' + r['lever'] if isinstance(r['lever'], str) and r['lever'] else ''}, "
        f"{r['whose']} in “{r['world']}” ({r['coverage']:.0%})"
        for r in short.to_dict("records")
    )
    false = flags.reset_index()
    listed_false = "; ".join(
        f"{r['kind']} in “{r['world']}” {r['flagged']:.0%} ({r['low']:.0%} to {r['high']:.0%} of "
        f"{r['estimates']:,})"
        for r in false.to_dict("records")
    )
    return finding(
        "Of {n} numbers and worlds, coverage is as promised in {ok} (its exact interval holds "
        "95%). It is not in: {short}. Causes without effect are flagged: {false}.",
        n=len(found), ok=int(found["holds"].sum()), short=listed or "none", false=listed_false,
    )  # fmt: skip


@cannot_tell_passes
def picked(missed: pd.DataFrame) -> Finding:
    """How much of the best saving the first cause of each ranking misses, world by world."""
    rows = missed[missed["kind"] == PICK]
    parts = []
    for world, of in rows.groupby("world", sort=False):
        ours = of[of["ranking"] == OURS].sort_values("missed").iloc[-1]
        other = of[of["ranking"] != OURS].sort_values("missed").iloc[0]
        half = "at most half" if ours["best"] else "more than half"
        parts.append(
            f"in “{world}” {ours['missed']:.0%} ({ours['low']:.0%} to {ours['high']:.0%}), against "
            f"{other['missed']:.0%} of the best other ranking, {other['ranking']}: {half} of it"
        )
    return finding(
        "To fix the list's first cause (by the lever that misses more) misses this share of the "
        "revenue that the best single cause would save: {parts}.",
        parts="; ".join(parts),
    )


@cannot_tell_passes
def redrawn(found: pd.DataFrame) -> Finding | CannotTell:
    """How wide intervals are if customers are drawn anew, against those of the delta method."""
    if found.empty:
        return CannotTell("how wide bootstrap intervals are beside these: no company was drawn "
                          "anew. 'python -m tests.benchmarks.calibration' does so.")  # fmt: skip
    listed = "; ".join(
        f"{r['kind']}, {r['lever']}, in “{r['world']}” {r['ratio']:.2f} times ({r['narrowest']:.2f}"
        f" to {r['widest']:.2f} in {r['companies']} companies)"
        for r in found.reset_index().to_dict("records")
    )
    return finding(
        "The intervals tested here are of the delta method. Bootstrap intervals of the same "
        "companies are so many times as wide: {listed}.",
        listed=listed,
    )


@cannot_tell_passes
def coverage_table(found: pd.DataFrame) -> pd.DataFrame:
    """Coverage of each number, world by world."""
    found = found.reset_index()
    share = with_interval(found, "coverage", form="{:.0%}")
    return pd.DataFrame(
        {
            "world": found["world"],
            "number": found["kind"],
            "lever": found["lever"].fillna("").replace("", "–"),
            "of": found["whose"],
            "estimates": found["estimates"],
            "mean truth": found["truth"],
            "mean estimate": found["estimate"],
            "coverage": share,
            "as promised": found["holds"].map({True: "yes", False: "no"}),
        }
    )


@cannot_tell_passes
def cause_table(found: pd.DataFrame) -> pd.DataFrame:
    """Coverage cause by cause, a column a number, in the worlds whose causes are planted."""
    rows = found.reset_index()
    rows = rows[rows.groupby(["world", "kind"])["companies"].transform("max") >= SEVERAL]
    rows = rows.assign(shown=with_interval(rows, "coverage", form="{:.0%}"))
    kinds = list(dict.fromkeys(rows["kind"]))
    wide = rows.pivot(index=["world", "name"], columns="kind", values="shown")[kinds]
    planted = rows[rows["kind"] == "shrunken ratio"].set_index(["world", "name"])["truth"]
    wide.insert(0, "planted ratio", planted)
    wide = wide.fillna("–").sort_values(["world", "planted ratio"], ascending=[False, False])
    return wide.rename_axis(columns=None).reset_index().rename(columns={"name": "cause"})


@cannot_tell_passes
def regret_table(missed: pd.DataFrame) -> pd.DataFrame:
    """What each ranking misses of the best saving, in percent, a column a world."""
    rows = missed[missed["kind"] == PICK]
    names = (rows["ranking"] + " " + rows["lever"]).str.strip()
    wide = rows.assign(ranking=names, shown=with_interval(rows, "missed", form="{:.0%}")).pivot(
        index="ranking", columns="world", values="shown"
    )
    return wide.rename_axis(columns=None).reset_index()
