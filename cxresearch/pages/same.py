"""Notebook 05: is it the same type of customer, and how wide does an incident reach?"""

import pandas as pd

from cxresearch.pages.words import with_interval
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study
from cxresearch.topics.causes import named
from cxresearch.topics.emerging import emerging, surges

WEEK = pd.Timedelta(weeks=1)
RATIO = "{:.2f}"


def surging(study: Study) -> pd.DataFrame | CannotTell:
    """The windows in which a cause rose beyond its own history: cause, since, until (the end of the
    last week flagged), as topics.emerging finds them."""
    if not study.has("ticket_causes"):
        return CannotTell(
            "how wide incidents reached: causes are not known; run the topic model first."
        )
    causes = named(study).sort_values("weight", ascending=False, kind="stable")
    causes = causes.drop_duplicates("ticket_id")[["ticket_id", "cause"]]
    rows = study.tickets[["ticket_id", "created_at"]].merge(causes, on="ticket_id")
    if rows.empty:
        return CannotTell("how wide incidents reached: no ticket has a known cause.")
    labels, names = pd.factorize(rows["cause"], sort=True)
    since, until = study.settings.time("tickets_from"), study.observed_until
    found = surges(emerging(rows["created_at"], labels, since=since, until=until))
    if found.empty:
        return CannotTell("how wide incidents reached: no cause rose beyond its own history.")
    return pd.DataFrame(
        {"cause": names[found["topic"]], "since": found["onset"], "until": found["last"] + WEEK}
    )


@cannot_tell_passes
def types(lift: pd.DataFrame) -> Finding | CannotTell:
    """Which groups of customers write clearly more or less than all others."""
    told = lift[~lift["verdict"].str.startswith("cannot")]
    if told.empty:
        return CannotTell(
            f"which type of customer writes more: of {len(lift)} groups none differs clearly from "
            "all other customers, at a false-discovery rate of 5%."
        )
    parts = "; ".join(
        f"{r['column']} {r['group']} {r['ratio']:.2f} ({r['low']:.2f} to {r['high']:.2f})"
        for _, r in told.sort_values("ratio", ascending=False).iterrows()
    )
    return finding(
        "Tickets a year, as a multiple of those of all other customers: **{parts}** (95% "
        "intervals; {n} of {of} groups differ at a false-discovery rate of 5%). A larger account "
        "has more people who can write: writing more is associated with the group, not explained "
        "by it.",
        parts=parts, n=len(told), of=len(lift),
    )  # fmt: skip


@cannot_tell_passes
def types_table(lift: pd.DataFrame) -> pd.DataFrame:
    """Who writes more, as a page shows it."""
    return pd.DataFrame(
        {
            "known of the customer": lift["column"] + " " + lift["group"],
            "customers": lift["customers"],
            "their years": lift["years"].round().astype(int),
            "tickets a year": lift["rate"],
            "times all others": with_interval(lift, "ratio", form=RATIO),
            "verdict": _with_q(lift),
        }
    )


@cannot_tell_passes
def types_title(lift: pd.DataFrame) -> str:
    """The figure's finding: the group that writes most beyond the others."""
    told = lift[lift["verdict"] == "writes more"].sort_values("ratio")
    if told.empty:
        return "No type of customer clearly writes more than all others"
    most = told.iloc[-1]
    name = f"{most['column']} {most['group']}"
    return f"{name[0].upper()}{name[1:]} writes {most['ratio']:.2f} times as much as others"


@cannot_tell_passes
def topics_of_types(beyond: pd.DataFrame) -> Finding | CannotTell:
    """About which causes some groups write more than their tickets in all would have it."""
    tested, told = beyond["p"].notna().sum(), _clear(beyond)
    if told.empty:
        top = beyond.dropna(subset="p").sort_values("p").head(1)
        nearest = "".join(
            f"The nearest: {r['column']} {r['group']} on {r['cause']}, {r['ratio']:.2f} times "
            f"({r['low']:.2f} to {r['high']:.2f}; q = {r['q']:.2f})."
            for _, r in top.iterrows()
        )
        said = finding(
            "whether a type of customer writes more about some cause: none of {tested} pairs of "
            "cause and group stands out at a false-discovery rate of 5%. {nearest}",
            tested=int(tested), nearest=nearest,
        )  # fmt: skip
        return CannotTell(said.text.strip())
    parts = "; ".join(
        f"{r['column']} {r['group']} on {r['cause']}: {r['ratio']:.2f} times ({r['low']:.2f} to "
        f"{r['high']:.2f})"
        for _, r in told.head(5).iterrows()
    )
    return finding(
        "**{n} of {of}** pairs of cause and group stand out at a false-discovery rate of 5%; the "
        "clearest, as shares of tickets against all others: {parts}.",
        n=len(told), of=int(tested), parts=parts,
    )  # fmt: skip


@cannot_tell_passes
def topics_of_types_table(beyond: pd.DataFrame, rows: int = 8) -> pd.DataFrame:
    """The pairs of cause and group that lie farthest from what all others write about."""
    far = beyond.dropna(subset="p").sort_values("p", kind="stable").head(rows)
    return pd.DataFrame(
        {
            "cause": far["cause"],
            "group": far["column"] + " " + far["group"],
            "tickets": far["tickets"],
            "expected": far["expected"].round().astype(int),
            "times all others": with_interval(far, "ratio", form=RATIO),
            "residual": far["residual"],
            "q": far["q"],
        }
    )


@cannot_tell_passes
def radius(found: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """How many customers the widest incident touched beyond what its cause brings anyway."""
    told = found.dropna(subset="excess").sort_values("excess", ascending=False)
    if told.empty:
        return CannotTell("how wide incidents reached: no cause had a long enough history before.")
    r = told.iloc[0]
    share = f", {r['customers'] / r['active']:.1%} of those active" if r["active"] > 0 else ""
    money = ""
    if pd.notna(r["revenue"]):
        money = f"They paid {r['revenue']:,.0f} {study.settings.currency} a month."
    return finding(
        "The widest of {n} incidents, {cause} from {since} to before {until}, touched "
        "**{customers:,} customers**{share}; a usual stretch of so many weeks would bring "
        "{expected:.0f}: {excess:.0f} more (95% interval {low:.0f} to {high:.0f}). {money}",
        n=len(found), cause=r["cause"], since=f"{r['since']:%Y-%m-%d}",
        until=f"{r['until']:%Y-%m-%d}", customers=int(r["customers"]), share=share,
        expected=r["expected"], excess=r["excess"], low=r["excess low"], high=r["excess high"],
        money=money,
    )  # fmt: skip


@cannot_tell_passes
def radius_table(found: pd.DataFrame) -> pd.DataFrame:
    """Every incident with the customers that it touched and those expected, the widest first."""
    wide = found.sort_values("excess", ascending=False, na_position="last")
    shown = pd.DataFrame(
        {
            "cause": wide["cause"],
            "since (weeks)": [
                f"{since:%Y-%m-%d} ({(until - since) / WEEK:.0f})"
                for since, until in zip(wide["since"], wide["until"], strict=True)
            ],
            "customers (of active)": _of_active(wide),
            "expected": wide["expected"].round().astype("Int64"),
            "more (95% interval)": with_interval(
                wide, "excess", "excess low", "excess high", form="{:.0f}"
            ),
            "paid a month": wide["revenue"].round().astype("Int64"),
        }
    )
    return shown.dropna(axis="columns", how="all")


def _of_active(wide: pd.DataFrame) -> list[str]:
    rows = zip(wide["customers"], wide["customers"] / wide["active"], strict=True)
    return [f"{n:,}" + (f" ({share:.1%})" if pd.notna(share) else "") for n, share in rows]


@cannot_tell_passes
def radius_title(found: pd.DataFrame) -> str:
    """The figure's finding: how wide the widest incident reached."""
    told = found.dropna(subset="excess").sort_values("excess", ascending=False)
    if told.empty:
        return f"{len(found)} incidents, none with a history to judge it by"
    wide = told.iloc[0]
    return (
        f"The widest incident touched {wide['customers']} customers where "
        f"{wide['expected']:.0f} were to be expected"
    )


def _clear(beyond: pd.DataFrame) -> pd.DataFrame:
    told = beyond[~beyond["verdict"].str.startswith("cannot")]
    return told.sort_values("p", kind="stable")


def _with_q(rows: pd.DataFrame) -> list[str]:
    """The verdict with the false-discovery rate at which it stands."""
    q = [f"q = {v:.2f}" if v >= 0.01 else "q < 0.01" for v in rows["q"]]
    told = zip(rows["verdict"], q, rows["q"].notna(), strict=True)
    return [f"{verdict}, {rate}" if known else verdict for verdict, rate, known in told]
