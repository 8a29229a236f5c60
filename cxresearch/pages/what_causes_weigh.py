"""Notebook 08: what to fix first, by what the causes weigh (saves: by what fixing saves)."""

import pandas as pd

from cxresearch.impact import DEPARTURES, known_tickets
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study
from cxresearch.topics.causes import named

SURE = 0.95
MANY = 30  # a mean of fewer tickets says little
LATE = {"churn": "overdue", "return": "unanswered"}
NO_DEPARTURES = {
    "churn": "which cause to fix first by departures: tickets cannot be joined to enough "
    "customers, or too few left while an issue of one cause was overdue.",
    "return": "which cause makes customers leave: who leaves is not in this data. A customers "
    "table from billing would tell.",
}
LIMITS = {
    "churn": "Departures are those beyond what the same customers would have had at a hazard ratio "
    "of one. That is what answering in time would save only if waiting is what makes them leave, "
    "and it counts nobody who leaves after the issue was solved.",
    "return": "An unanswered question is not a lost customer: whether it matters cannot be seen "
    "here. A forum's answers come from whoever likes to answer, so a share unanswered says as much "
    "about them as about the cause.",
}


@cannot_tell_passes
def answer(ranks: pd.DataFrame, study: Study) -> Finding:
    """Which cause comes first on which ranking, and whether it is sure."""
    tops = ranks[ranks["rank"] == 1].drop_duplicates("ranking").reset_index(drop=True)
    parts, values = [], {"limit": SURE}
    for i, (cause, rows) in enumerate(tops.groupby("cause", sort=False)):
        said = [_place(place, row, values) for place, row in rows.iterrows()]
        parts.append(f"**{{cause{i}}}** by " + " and by ".join(said))
        values[f"cause{i}"] = cause
    opening = (
        "Every ranking puts the same cause first: "
        if len(parts) == 1
        else "Which cause comes first depends on what counts: "
    )
    missing = "" if DEPARTURES in set(tops["ranking"]) else " No cause can be ranked by departures."
    return finding(
        opening + "; ".join(parts) + ". (Sure: first in at least {limit:.0%} of draws.)" + missing,
        **values,
    )


def _place(place: int, top: pd.Series, values: dict) -> str:
    """How a first place is said; its numbers are added to the values."""
    values |= {f"value{place}": top["value"], f"first{place}": top["first"]}
    what = {DEPARTURES: "departures beyond those expected"}.get(top["ranking"], top["ranking"])
    if top["first"] >= SURE:
        return f"{what} ({{value{place}:,.0f}}, sure)"
    return f"{what} ({{value{place}:,.0f}}, not sure: first in {{first{place}:.0%}})"


def counted(study: Study) -> Finding:
    """How many tickets count on this page and why others do not."""
    tickets = study.customer_tickets
    told = named(study)
    unknown = ~tickets["ticket_id"].isin(known_tickets(study)["ticket_id"])
    wordless = ~tickets["ticket_id"].isin(told["ticket_id"]) & ~unknown
    asking = told.loc[told["is_exit_request"].fillna(False).astype(bool), "ticket_id"]
    asks = tickets["ticket_id"].isin(asking) & ~unknown & ~wordless & (study.outcome == "churn")
    return finding(
        "{n:,} of {of:,} customers' tickets are counted here. Left out are {unknown:,} whose "
        "customer is not known, {wordless:,} that tell no cause, and {asks:,} that ask to leave.",
        n=int((~unknown & ~wordless & ~asks).sum()), of=len(tickets), unknown=int(unknown.sum()),
        wordless=int(wordless.sum()), asks=int(asks.sum()),
    )  # fmt: skip


@cannot_tell_passes
def reach_table(causes: pd.DataFrame, study: Study) -> pd.DataFrame:
    """How many customers each cause reaches and how often it is late, with intervals."""
    late = [f"{r['late']:.0f} of {r['known']}: " for _, r in causes.iterrows()]
    reach = [f"{n:,}: " for n in causes["customers"]]
    return pd.DataFrame(
        {
            "cause": causes["cause"],
            "tickets": causes["tickets"].round().astype(int),
            "customers": _with_share(causes, reach, "share of customers"),
            LATE[study.outcome]: _with_share(causes, late, "share late"),
        }
    )


@cannot_tell_passes
def effort_table(causes: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Days of waiting and agents' replies by cause, most days first."""
    names = {
        "churn": {"days open": "days", "days overdue": "late days"},
        "return": {"days without an answer": "days"},
    }[study.outcome]
    causes = causes.sort_values(list(names.values())[-1], ascending=False)
    days = {name: causes[of].astype(float).round().astype("Int64") for name, of in names.items()}
    return pd.DataFrame(
        {
            "cause": causes["cause"],
            "tickets": causes["tickets"].round().astype(int),
            **days,
            "agent replies": causes["replies"].round().astype("Int64"),
            "replies a ticket": causes["replies"] / causes["tickets"],
        }
    )


@cannot_tell_passes
def waits(causes: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """Which causes keep customers waiting more often than the others."""
    late = LATE[study.outcome]
    known = causes["known"].sum()
    if not known:
        return CannotTell(f"which cause is {late} most: no issue is old enough to tell.")
    whole = float(causes["late"].sum() / known)
    more = causes[(causes["p"] < 0.05) & (causes["share late"] > whole)]
    if more.empty:
        return CannotTell(f"which cause is {late} more often than the others: no share differs.")
    parts = "; ".join(
        f"{r['cause']} {r['share late']:.0%} ({r['share late low']:.0%} to "
        f"{r['share late high']:.0%})"
        for _, r in more.sort_values("share late", ascending=False).head(5).iterrows()
    )
    first = "first tickets" if study.outcome == "return" else "issues"
    return finding(
        "{n} of {of} causes are {late} more often than the others (Holm-corrected), against "
        "{whole:.0%} of {known:,} {first} in all: {parts}" + ("; …" if len(more) > 5 else "."),
        n=len(more), of=len(causes), late=late, whole=whole, known=int(known), first=first,
        parts=parts,
    )  # fmt: skip


@cannot_tell_passes
def effort(causes: pd.DataFrame) -> Finding | CannotTell:
    """What stands in for handling time, and that it is not handling time."""
    if causes["replies"].isna().all():
        return CannotTell("how much work the causes make: the export counts neither hours nor "
                          "replies. A time sheet, or ticket events, would tell.")  # fmt: skip
    replies, tickets = float(causes["replies"].sum()), float(causes["tickets"].sum())
    said = finding(
        "Hours of work are **not measured**: no time sheet is in the export. Replies stand in for "
        "them: {replies:,.0f} to {tickets:,.0f} tickets, {mean:.2f} a ticket.",
        replies=replies, tickets=tickets, mean=replies / tickets,
    )  # fmt: skip
    each = (causes["replies"] / causes["tickets"])[causes["tickets"] >= MANY].dropna()
    if each.empty:
        return said
    most = finding(
        " Most for {most}: {top:.2f}; least for {least}: {low:.2f} (causes of {many} tickets or "
        "more).",
        most=causes.loc[each.idxmax(), "cause"], top=float(each.max()),
        least=causes.loc[each.idxmin(), "cause"], low=float(each.min()), many=MANY,
    )  # fmt: skip
    return Finding(said.text + most.text, said.numbers | most.numbers)


@cannot_tell_passes
def disagree(ranks: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """The cause whose ranks differ most between two counts, if they surely differ."""
    counts = ranks[ranks["ranking"] != DEPARTURES]
    pairs = counts.merge(counts, on="cause", suffixes=("", " b"))
    apart = pairs[pairs["high"] < pairs["low b"]]
    if apart.empty:
        return CannotTell("whether the counts rank causes differently: all rank ranges overlap.")
    far = apart.loc[(apart["rank b"] - apart["rank"]).idxmax()]
    return finding(
        "The counts surely disagree about {n} of {of} causes. Most about {cause}: number {a} "
        "({a_low} to {a_high}) by {by}, but number {b} ({b_low} to {b_high}) by {than}.",
        n=apart["cause"].nunique(), of=counts["cause"].nunique(), cause=far["cause"],
        a=int(far["rank"]), a_low=int(far["low"]), a_high=int(far["high"]), by=far["ranking"],
        b=int(far["rank b"]), b_low=int(far["low b"]), b_high=int(far["high b"]),
        than=far["ranking b"],
    )  # fmt: skip


@cannot_tell_passes
def inbox_and_exit(ranks: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """The cause whose rank by departures is furthest from its rank by tickets, among those that
    have both."""
    left = ranks[ranks["ranking"] == DEPARTURES].set_index("cause")
    if left.empty:
        return CannotTell(
            "whether the inbox shows who leaves: no cause can be ranked by departures."
        )
    tickets = ranks[ranks["ranking"] == "tickets"].set_index("cause")["value"].reindex(left.index)
    by_tickets = tickets.rank(ascending=False, method="min").astype(int)
    gap = by_tickets - left["rank"]
    if gap.max() <= 0:
        return finding("Among the {n} causes with an estimate, tickets and departures rank alike.",
                       n=len(left))  # fmt: skip
    far = gap.idxmax()
    if left.loc[far, "high"] >= by_tickets[far]:
        return CannotTell(
            "whether tickets and departures rank causes differently: the ranges of ranks overlap."
        )
    return finding(
        "Among the {n} causes with an estimate, {cause} is number {rank} ({low} to {high}) by "
        "departures but number {place} by tickets: the inbox does not show who leaves.",
        n=len(left), cause=far, rank=int(left.loc[far, "rank"]), low=int(left.loc[far, "low"]),
        high=int(left.loc[far, "high"]), place=int(by_tickets[far]),
    )  # fmt: skip


@cannot_tell_passes
def top_table(ranks: pd.DataFrame) -> pd.DataFrame:
    """In how many draws, in percent, each cause is among the first three of each ranking."""
    order = list(dict.fromkeys(ranks["ranking"]))
    wide = ranks.assign(share=100 * ranks["top 3"]).pivot(
        index="cause", columns="ranking", values="share"
    )[order]
    wide = wide[(wide > 0).any(axis=1)].sort_values(order[::-1], ascending=False)
    return wide.rename_axis(columns=None).rename(columns=lambda c: f"{c} %").reset_index()


@cannot_tell_passes
def departures(causes: pd.DataFrame, ranks: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """The cause with most departures beyond the expected, and how many causes could be judged."""
    known = causes.dropna(subset="departures")
    if known.empty:
        return CannotTell(NO_DEPARTURES[study.outcome])
    sure = known[known["departures low"] > 0]
    top = known.loc[known["departures"].idxmax()]
    chance = ranks[(ranks["ranking"] == DEPARTURES) & (ranks["cause"] == top["cause"])].iloc[0]
    return finding(
        "For {n} of {of} causes departures can be estimated; for {sure} of them each cause's own "
        "interval excludes none. Most: {cause}, {value:.0f} ({low:.0f} to {high:.0f}) of the "
        "{left:,.0f} who left while such an issue was overdue; first in {first:.0%} of draws.",
        n=len(known), of=len(causes), sure=len(sure), cause=top["cause"], value=top["departures"],
        low=top["departures low"], high=top["departures high"], left=top["left while exposed"],
        first=chance["first"],
    )  # fmt: skip


@cannot_tell_passes
def departure_table(causes: pd.DataFrame, study: Study) -> pd.DataFrame | CannotTell:
    """Departures beyond the expected by cause, with the hazard ratios behind them."""
    known = causes.dropna(subset="departures").sort_values("departures", ascending=False)
    if known.empty:
        return CannotTell("departures by cause, for the same reason.")
    ratio = known[["hazard ratio", "low", "high"]].itertuples(index=False)
    beyond = known[["departures", "departures low", "departures high"]].itertuples(index=False)
    return pd.DataFrame(
        {
            "cause": known["cause"],
            "left while exposed": known["left while exposed"].astype(int),
            "hazard ratio": [f"{v:.2f} ({a:.2f} to {b:.2f})" for v, a, b in ratio],
            "departures beyond": [f"{v:.1f} ({a:.1f} to {b:.1f})" for v, a, b in beyond],
        }
    )


def limits(study: Study) -> Finding:
    """What this page is not."""
    return finding("{text}", text=LIMITS[study.outcome])


def _with_share(causes: pd.DataFrame, counts: list[str], share: str) -> list[str]:
    columns = [share, f"{share} low", f"{share} high"]
    shares = causes[columns].astype(float).itertuples(index=False, name=None)
    return [
        f"{said}{v:.0%} ({low:.0%} to {high:.0%})" if v == v else said.rstrip(": ")
        for said, (v, low, high) in zip(counts, shares, strict=True)
    ]
