"""Groups of few customers are on no page, nor what would tell of one by subtraction.

What a page shows goes through `without`: it leaves out the rows of groups under least customers
and, where these could be worked out from a total, the smallest other ones (primary and secondary
suppression; Hundepool et al. 2012, Statistical Disclosure Control). Which rows were small is not
said: two that add up to 8 would be known to be 4 and 4. Where customers are not counted, tickets
are.
"""

from dataclasses import dataclass

import pandas as pd

CUSTOMERS = ("customers", "customers exposed", "accounts")
TICKETS = ("n", "eligible", "size", "of", "due", "solved tickets", "tickets", "issues")
GROUPED = ["cause", "topic", "month", "column", "group"]
WHOLES = ("all ", "any ", "difference ")  # how rows begin that hold the others


@dataclass(frozen=True)
class Few:
    """Groups under least customers are not shown, nor those of the names."""

    least: float = 5
    names: frozenset[str] = frozenset()


_few = [Few()]


def hide(few: Few) -> None:
    """From now on pages of this process show no groups but those that few leaves."""
    _few[0] = few


def counted(frame: pd.DataFrame) -> dict[str, list] | None:
    """What tells how large the groups in a frame's rows are: a list each of what a row belongs to
    (block), its name (group) and its customers or tickets; None where it has no groups."""
    if (held := frame.attrs.get("groups")) and set(frame.index) <= set(range(len(held["count"]))):
        return {name: [values[row] for row in frame.index] for name, values in held.items()}
    named = frame.index.names != [None]
    rows = frame.reset_index(allow_duplicates=True) if named else frame
    rows = rows.loc[:, ~rows.columns.duplicated()]
    keys = [c for c in GROUPED if c in rows]
    names = [c for c in CUSTOMERS if c in rows] if "step" not in rows else []
    names += [c for c in TICKETS if c in rows] if keys else []
    names = [c for c in names if pd.api.types.is_numeric_dtype(rows[c])]
    if frame.empty or not (names or keys):
        return None
    keys = keys or [rows.columns[0]]
    group = rows[keys].astype("str").fillna("").agg("\t".join, axis=1)
    block = group.str.rpartition("\t")[0] if "column" in keys else group.mask(group != "", "")
    count = rows[names[0]].astype(float) if names else pd.Series(float("nan"), rows.index)
    if names and names[0] in TICKETS:
        count = count.groupby(group).transform("sum")
    return {"block": list(block), "group": list(group), "count": [float(n) for n in count]}


def unshown(groups: pd.DataFrame, few: Few) -> pd.Series:
    """Which rows of block, group and count are not to be shown.

    In each block a group under least is not, and as many others, the smallest first, as it takes
    that two or more are missing, of least customers together and not all of them ones.
    """
    names = groups["group"].str.split("\t")
    each = groups.assign(
        named=[not few.names.isdisjoint(name) for name in names],
        whole=[f"{name[-1]} ".startswith(WHOLES) for name in names],
    )
    each = each.groupby(["block", "group"], sort=False).max().reset_index()
    small = each["named"] | (each["count"] > 0) & (each["count"] < few.least)
    for _, block in each[~each["whole"]].groupby("block"):
        others = block[~small[block.index] & (block["count"] > 0)].sort_values("count").index
        gone = list(block.index[small[block.index]])
        for other in others:
            total = block.loc[gone, "count"].sum()
            if not gone or (len(gone) > 1 and total >= few.least and total > len(gone)):
                break
            gone.append(other)
        small[gone] = True
    hidden = set(zip(each["block"][small], each["group"][small], strict=True))
    rows = zip(groups["block"], groups["group"], strict=True)
    return pd.Series([row in hidden for row in rows], groups.index, dtype=bool)


def without(frame: pd.DataFrame, least: float | None = None) -> tuple[pd.DataFrame, str]:
    """A frame without what is not to be shown, and a sentence that says so, "" where it is whole;
    with least its groups are judged by that alone."""
    few, groups = _few[0] if least is None else Few(least), counted(frame)
    if groups is None or not few.least:
        return frame, ""
    gone = unshown(pd.DataFrame(groups), few).to_numpy()
    if not gone.any():
        return frame, ""
    return frame[~gone], (
        f"{gone.sum():,} of {len(frame):,} rows are not shown: groups of fewer than "
        f"{few.least:g} customers, or what would tell of one."
    )
