"""Notebook 08, what fixing would save: in words and small tables."""

import numpy as np
import pandas as pd

from cxresearch.episodes import customer_lives
from cxresearch.impact import CauseModel, customers_kept, excess_fraction, revenue_saved
from cxresearch.impact.levers import ALL, LEVERS
from cxresearch.outcomes import outcome
from cxresearch.outcomes.leaving_by_cause import power
from cxresearch.pages.words import with_interval
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study

SOONER, PREVENT = LEVERS
RATIO = 2.0  # a doubled rate is worth seeing
SEEN = 32  # departures at which a doubled rate shows in even halves: ((1.96 + 0.84) / ln 2)^2 * 2
IF = "if the association is the cause's effect, in a year like the last one"


def first(fixes: pd.DataFrame | CannotTell, study: Study, causes) -> Finding | CannotTell:
    """What to fix first, by each lever; or why causes cannot be ranked by what they cost, what
    would tell, and how they rank by tickets and work."""
    if isinstance(fixes, CannotTell):
        return _not_yet(fixes, study, causes)
    parts = [_lever(fixes[fixes["lever"] == lever], lever, study) for lever in LEVERS]
    return Finding(" ".join(p.text for p in parts), parts[0].numbers | parts[1].numbers)


@cannot_tell_passes
def clear(fixes: pd.DataFrame, study: Study) -> pd.DataFrame | CannotTell:
    """The fix list, unless no cause's own interval excludes that it makes no difference: then there
    is nothing yet to rank by."""
    by_cause = outcome(study).by_cause(study)
    if isinstance(by_cause, CannotTell):
        return by_cause
    by_cause = by_cause.frame
    if (by_cause["verdict"] == "leave more").any():
        return fixes
    left, tested = int((customer_lives(study)["end"] == "voluntary").sum()), by_cause["p"].count()
    return CannotTell(
        f"of {tested} causes that were overdue enough to be tested none differs clearly, after "
        f"correction for so many tests ({left:,} departures)."
    )


def _lever(rows: pd.DataFrame, lever: str, study: Study) -> Finding:
    """The first of a lever, its savings, and how many cannot be told apart from it."""
    top, band = rows.iloc[0], int((rows["band"] == rows["band"].iloc[0]).sum()) - 1
    key = lever.split()[-1]
    values = {"cause": top["cause"], "lever": lever, "n": len(rows), "band": band}
    values |= {"top": top["top 3"], "iff": IF, "coin": _coin(study)}
    values |= {"kept": top["customers kept"], "k0": top["customers kept low"],
               "k1": top["customers kept high"]}  # fmt: skip
    values |= {"money": top["revenue"], "m0": top["revenue low"], "m1": top["revenue high"]}
    money = (
        " and {coin} {money:,.0f} ({m0:,.0f} to {m1:,.0f})" if np.isfinite(top["revenue"]) else ""
    )
    alone = (
        "no other of {n} causes is as good in {sure:.0%} of draws"
        if band == 0 and len(rows) > 1
        else "there is no other to compare it with"
        if len(rows) == 1
        else "{band} other of {n} causes cannot be told apart from it"
    )
    said = finding(
        "**{lever}: {cause}** first. It would save {kept:.1f} customers ({k0:.1f} to {k1:.1f})"
        + money + ", {iff}; it is among the first three in {top:.0%} of draws, and " + alone + ".",
        sure=0.95, **values | {"lever": lever[:1].upper() + lever[1:]},
    )  # fmt: skip
    return Finding(said.text, {f"{k} {key}": v for k, v in said.numbers.items()})


def _coin(study: Study) -> str:
    coins = study.customers["currency"].dropna().unique()
    return coins[0] if len(coins) == 1 else "revenue of"


def _not_yet(why: CannotTell, study: Study, causes) -> CannotTell:
    """The reason, how many months would do, and the rankings that need no departures."""
    said = [f"Causes cannot yet be ranked by revenue. {why.reason[:1].upper()}{why.reason[1:]}"]
    if study.outcome == "churn":
        said.append(_months(study))
    if not isinstance(causes, CannotTell):
        for name, column in (("tickets", "tickets"), ("replies, for hours", "replies")):
            if causes[column].notna().any():
                top = causes.nlargest(3, column)
                listed = "; ".join(
                    finding("{c} ({n:,.0f})", c=c, n=float(n)).text
                    for c, n in zip(top["cause"], top[column], strict=True)
                )
                said.append(f"By {name}: {listed}.")  # fmt: skip
    return CannotTell(" ".join(s for s in said if s))


def _months(study: Study) -> str:
    """How many more months of the same would show a doubled rate for the most exposed cause."""
    seen = power(study)
    if isinstance(seen, CannotTell) or len(seen) < 2:
        return ""
    months = (study.observed_until - study.tickets["created_at"].min()) / pd.Timedelta(days=30.4)
    row = seen.iloc[1]
    if not row["left while exposed"]:
        return "Nobody has left yet while an issue of the most exposed cause was overdue."
    more = max(SEEN / row["left while exposed"] - 1, 0) * months
    if more < 1:
        return ""
    return finding(
        "To see a doubled rate for the cause most often overdue, {cause}, about {more:,.0f} more "
        "months like these {months:,.0f} would do.",
        cause=row["group"], more=float(np.ceil(more)), months=float(months),
    ).text  # fmt: skip


@cannot_tell_passes
def excess(model: CauseModel) -> Finding:
    """The excess share of departures under each lever, over all causes."""
    rows = [excess_fraction(model.fit, model.rows, None, lever=lever).iloc[0] for lever in LEVERS]
    parts, values = [], {"n": int(rows[0]["departures"])}
    for i, (lever, row) in enumerate(zip(LEVERS, rows, strict=True)):
        parts.append(f"{{share{i}:.1%}} ({{low{i}:.1%}} to {{high{i}:.1%}}) if {WOULD[lever]}")
        values |= {f"share{i}": row["excess fraction"], f"low{i}": row["low"],
                   f"high{i}": row["high"]}  # fmt: skip
    return finding(
        "Of the {n:,} who left by choice and of whom all that the model asks for is known, this "
        "share is in excess of what was to be expected: "
        + "; ".join(parts) + ". It is not a share of departures prevented: who is kept today may "
        "still leave tomorrow.",
        **values,
    )  # fmt: skip


@cannot_tell_passes
def excess_table(model: CauseModel) -> pd.DataFrame:
    """The excess share of departures split among causes and what tells none, by lever, so that they
    add up to all. Beside it how many left with anything of the cause for the lever to move; a
    departure may count for several."""
    by_lever = {
        lever: excess_fraction(model.fit, model.rows, lever=lever).set_index("cause")
        for lever in LEVERS
    }
    parts = by_lever[SOONER]["excess fraction"].drop(ALL)
    order = [ALL, *parts.sort_values(ascending=False, kind="stable").index]
    table = pd.DataFrame({"cause": order})
    for lever, found in by_lever.items():
        shown = found.loc[order].round({"excess fraction": 3, "low": 3, "high": 3}) + 0.0  # no -0.0
        table[LEFT[lever]] = shown["exposed"].astype(int).to_numpy()
        table[f"excess, {lever}"] = list(with_interval(shown, "excess fraction", form="{:.1%}"))
    return table


LEFT = {SOONER: "left with it overdue or late", PREVENT: "left with it at all"}
WOULD = {
    SOONER: "every issue had been solved within the promise",
    PREVENT: "no issue had been written at all",
}


@cannot_tell_passes
def kept_table(model: CauseModel) -> pd.DataFrame | CannotTell:
    """Customers kept by all causes together, by lever and day."""
    parts = []
    for lever in LEVERS:
        found = customers_kept(model, lever, causes=[])
        if isinstance(found, CannotTell):
            return found
        parts.append(found.assign(lever=lever))
    rows = pd.concat(parts)
    return pd.DataFrame(
        {
            "lever": rows["lever"],
            "day": rows["day"],
            "customers at first": rows["customers"],
            "left": (rows["left"] * rows["customers"]).round().astype(int),
            "kept": with_interval(rows, "kept", form="{:.1f}"),
        }
    )


@cannot_tell_passes
def money_table(model: CauseModel, mrr: pd.Series) -> pd.DataFrame | CannotTell:
    """Revenue saved in a year by all causes together, with and without the largest account."""
    parts = []
    for lever in LEVERS:
        found = revenue_saved(model, mrr, lever, causes=[])
        if isinstance(found, CannotTell):
            return found
        parts.append(found.assign(lever=lever))
    rows = pd.concat(parts)
    names = [f"{name} without largest" for name in ("saved", "low", "high")]
    return pd.DataFrame(
        {
            "lever": rows["lever"],
            "customers today": rows["customers"],
            "left out": rows["too new"],
            "MRR": rows["mrr"].round().astype(int),
            "saved": with_interval(rows, "saved", form="{:,.0f}"),
            "without the largest account": with_interval(rows, *names, form="{:,.0f}"),
        }
    )


@cannot_tell_passes
def today(risk: pd.DataFrame, study: Study) -> Finding:
    """What today's open issues put at risk."""
    row, last = risk.iloc[0], risk.iloc[-1]
    return finding(
        "{n:,} of today's customers, who pay {coin} {mrr:,.0f} a month, have an issue open, "
        "{late:,} of them an overdue one; {out:,} more could not be counted. If all were resolved "
        "today instead of staying open, {coin} {near:,.0f} ({n0:,.0f} to {n1:,.0f}) more would be "
        "paid over {days:g} days and {coin} {far:,.0f} "
        "({f0:,.0f} to {f1:,.0f}) over {later:g}, if the association is their effect.",
        n=int(row["customers"]), late=int(row["overdue"]), out=int(row["left out"]),
        coin=_coin(study), mrr=row["mrr"], near=row["saved"], n0=row["low"], n1=row["high"],
        days=float(row["days"]), far=last["saved"], f0=last["low"], f1=last["high"],
        later=float(last["days"]),
    )  # fmt: skip


@cannot_tell_passes
def fix_table(fixes: pd.DataFrame, lever: str) -> pd.DataFrame:
    """The list of one lever: what each cause would save in a year, and how surely."""
    rows = fixes[fixes["lever"] == lever]
    found = pd.DataFrame(
        {
            "band": rows["band"],
            "cause": rows["cause"],
            "ratio, shrunken": with_interval(
                rows, "shrunken", "shrunken low", "shrunken high", "{:.1f}"
            ),
            "customers kept": with_interval(
                rows, "customers kept", "customers kept low", "customers kept high", "{:.1f}"
            ),
            "revenue": with_interval(rows, "revenue", "revenue low", "revenue high", "{:,.0f}"),
            "rank": [f"{a}–{b}" for a, b in zip(rows["rank low"], rows["rank high"], strict=True)],
            "top 3": [f"{share:.0%}" for share in rows["top 3"]],
        }
    )
    if "effort" in rows and rows["effort"].notna().any():
        found["effort, days"] = rows["effort"]
        found["saved a day"] = rows["saved per effort"].round(1)
    if lever == PREVENT:
        found["tickets saved"] = rows["tickets saved"].round().astype(int)
        found["replies saved"] = rows["replies saved"].round().astype("Int64")
    return found


@cannot_tell_passes
def others(different: pd.DataFrame) -> Finding | CannotTell:
    """What the rankings of other tools would have had one fix first."""
    rows = different[different["lever"] == SOONER]
    if rows["tau"].isna().any():
        return CannotTell("how rankings differ: there is one cause only to rank.")
    parts, values = [], {}
    for i, row in enumerate(rows.to_dict("records")):
        parts.append(f"{{by{i}}}: {{cause{i}}}, number {{rank{i}}} here ({{n{i}}} of three shared, "
                     f"tau {{tau{i}:.2f}})")  # fmt: skip
        values |= {f"by{i}": row["ranking"], f"cause{i}": row["first"], f"tau{i}": row["tau"],
                   f"rank{i}": int(row["rank of first"]), f"n{i}": int(row["shared"])}  # fmt: skip
    return finding("What other rankings put first: " + "; ".join(parts) + ".", **values)


@cannot_tell_passes
def others_table(others: pd.DataFrame, fixes: pd.DataFrame) -> pd.DataFrame:
    """The rank of each cause in the fix list and in the other rankings."""
    ours = fixes.pivot(index="cause", columns="lever", values="rank")[list(LEVERS)]
    theirs = others.pivot(index="cause", columns="ranking", values="rank")
    both = ours.join(theirs[list(dict.fromkeys(others["ranking"]))])
    return both.sort_values(SOONER).rename_axis(columns=None).reset_index()
