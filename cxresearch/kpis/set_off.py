"""What set tickets off: known incidents and releases against matched days around them.

Self-controlled (Whitaker et al. 2006, Statistics in Medicine 25): a window is compared with the
same weekdays of the six weeks on either side, in which nothing else was going on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.incidents import main_causes
from cxresearch.kpis.matched_days import against_matched, days_around, trend_of
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import of_many
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.words import listed, view
from cxresearch.topics.text.shown import shown

AFTER, RELEASE, LONGEST = 2, 7, 42  # days after the end; of a release; of a window, at most
WEEKS, ENOUGH = 4, 8  # the fewest weeks with matched days; days of these with a ticket
TOTAL, PEOPLE, FEWEST = "all tickets", "all customers", 5  # of a cause, tickets on matched days
RATE, MUCH = 0.05, 1.5  # of false discoveries; a rise that "did not" rules out
DRAWN, NAMED = 12, 3
RATIO = ["expected", "ratio", "low", "high", "p"]
ROW = ["tickets", "customers", *RATIO, "more", "more low", "more high", "verdict"]
UNKNOWN = (
    "what set tickets off: no incident, maintenance or release is known. A table of incidents, "
    "from the status page, the on-call desk or the release calendar, would tell."
)


@dataclass(frozen=True, eq=False)
class SetOff(Result):
    """Each incident's window against matched days, most customers beyond the usual first: incident,
    kind, component, also (other windows at the time), tickets, customers, expected, ratio, low,
    high, p, q, more (customers), more low, more high, about (causes that rose), verdict. causes
    holds incident, cause, tickets, expected, ratio, low, high, p, q, verdict."""

    causes: pd.DataFrame

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many incidents were followed by more tickets, and which brought most customers."""
        of, verdict = len(self.frame), self.frame["verdict"]
        rose, calm = int(verdict.eq("rose").sum()), int(verdict.eq("did not").sum())
        if not rose + calm:
            return CannotTell(f"whether incidents are followed by more tickets: of {of} none could "
                              "be compared closely enough with the days around it.")  # fmt: skip
        says = (
            "**{rose} of {of}** incidents, maintenances and releases were followed by more tickets."
            " For {calm} a rise by half is ruled out; {rest} cannot be told."
        )
        numbers = {"rose": rose, "of": of, "calm": calm, "rest": of - rose - calm}
        for _, most in without(self.frame)[0].query("verdict == 'rose'").head(1).iterrows():
            says += (" Most customers came with {name}: **{more:.0f}** more than usual ({low:.0f} "
                     "to {high:.0f}){about}.")  # fmt: skip
            numbers |= {"name": most["incident"], "more": most["more"], "low": most["more low"],
                        "high": most["more high"],
                        "about": f", about {most['about']}" if most["about"] else ""}  # fmt: skip
        return finding(says, **numbers)

    def table(self) -> pd.DataFrame:
        """Every incident with its tickets, those usual, and customers beyond the usual."""
        named = self.frame["incident"] + " (" + self.frame["kind"] + ")"
        return view(
            self.frame.assign(incident=named), "incident", "customers", "tickets",
            "expected .0f as usual", "ratio ±.1f as times the usual",
            "more ±.0f as customers beyond the usual", "about as rose",
            "also as others at the time", "verdict",
        )  # fmt: skip

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes | CannotTell:
        """Tickets in each window over those usual, with intervals; orange where they rose."""
        rows = self._drawn()
        if rows.empty:
            return CannotTell("how incidents compare: none has enough matched days and tickets.")
        ax = drawing.axes(0.42 * len(rows) + 1.6, ax)
        rows[["ratio", "low"]] = rows[["ratio", "low"]].clip(lower=drawing.RATIOS[0])
        drawing.forest(ax, rows, rows["incident"], "ratio", clear=rows["verdict"].eq("rose"))
        drawing.ratio_axis(ax, rows["low"].min(), rows["high"].max())
        drawing.xlabel(ax, "tickets in the window, times the usual number")
        rose = self.frame["verdict"].eq("rose").sum()
        drawing.title(ax, f"{rose} of {len(self.frame)} incidents were followed by more tickets")
        return ax

    def described(self) -> str:
        """What dots, bars and the line are."""
        more = len(self.frame) - len(self._drawn())
        rest = f" {more} further ones are in the table only." if more else ""
        return (
            "Dots are tickets over the usual number, bars 95% intervals, orange where they rose. "
            f"At the dotted line nothing changed; did not means a rise by less than half.{rest}"
        )

    def _drawn(self) -> pd.DataFrame:
        return self.frame.dropna(subset="ratio").head(DRAWN)


@once
def set_off(study: Study) -> SetOff | CannotTell:
    """Customers' own tickets in the window of each incident against matched days.

    A window has whole days from the incident's start until two days after its end (one that is not
    known is taken as the start), seven of a release. A kind whose windows fill more than half of
    all days is no reason to leave a day out, except for its own. For the estimate see
    matched_days; q over incidents, and over incidents and causes, by Benjamini and Hochberg.
    Customers beyond the usual are the distinct ones in the window, less the share of customer-days
    that was usual; the interval tells how many usual ones there may have been. One who cannot be
    matched to an account counts as one customer.
    """
    if not study.has("incidents") or study.incidents.empty:
        return CannotTell(UNKNOWN)
    tickets, spans = _tickets(study), _spans(study)
    since = study.settings.time("tickets_from") or study.tickets["created_at"].min()
    seen = tuple(_days(study, pd.Series([since, study.observed_until])))
    found = [_against(tickets, spans, at, seen) for at in spans.index]
    causes = pd.concat([c for _, c in found], ignore_index=True)
    causes = causes.reindex(columns=["incident", "cause", "tickets", *RATIO])
    causes = with_verdicts(causes, "rose", "did not")
    rose = causes[causes["verdict"].eq("rose")].sort_values("tickets", ascending=False)
    about = {name: listed(of.head(NAMED)) for name, of in rose.groupby("incident")["cause"]}
    frame = pd.DataFrame([row for row, _ in found], columns=ROW)
    frame = spans[["incident", "kind", "component", "also"]].join(frame)
    frame = with_verdicts(frame, "rose", "did not")
    frame["about"] = [about.get(name, "") for name in frame["incident"]]
    return SetOff(frame.sort_values("more", ascending=False, ignore_index=True), causes)


def with_verdicts(rows: pd.DataFrame, more: str, less: str) -> pd.DataFrame:
    """Rows with q (Benjamini and Hochberg over p) and, where they have none yet, a verdict: more;
    less, where a rise by half is ruled out; cannot tell."""
    q = of_many(rows["p"], "fdr_bh")
    high, ratio = rows["high"].astype(float), rows["ratio"].astype(float)
    verdict = np.select([(q <= RATE) & (ratio > 1), high < MUCH], [more, less], "cannot tell")
    before = rows.get("verdict", pd.Series(None, rows.index, dtype="object"))
    return rows.assign(q=q, verdict=before.where(before.notna(), verdict).astype("str"))


def _against(
    tickets: pd.DataFrame, spans: pd.DataFrame, at: int, seen: tuple
) -> tuple[dict, pd.DataFrame]:
    """What is told of an incident, and of its causes."""
    span, none = spans.loc[at], pd.DataFrame()
    own, matched = days_around(spans, at, *seen)
    if span["days"] > LONGEST:
        return {"verdict": f"cannot tell: longer than {LONGEST} days"}, none
    if not len(own) or len(np.unique(matched // 7)) < WEEKS:
        return {"verdict": "cannot tell: too few matched days"}, none
    tickets = tickets.assign(day=np.floor(tickets["at"] - span["start"]).astype(int))
    inside = tickets[tickets["day"].isin(own)]
    row = {"tickets": len(inside), "customers": inside["who"].nunique()}
    near = tickets[tickets["day"].isin(matched)]
    if near["day"].nunique() < ENOUGH:
        return row | {"verdict": "cannot tell: too few tickets"}, none
    every = _series(pd.concat([near, inside]))
    each = every.reindex(columns=matched, fill_value=0)
    each = each[each.sum(axis=1) >= FEWEST]
    counts = every.reindex(columns=own, fill_value=0).sum(axis=1)[each.index]
    trend = trend_of(each.loc[TOTAL], own, tickets["day"], np.array(seen) - span["start"])
    found = against_matched(counts, each, *trend).assign(incident=span["incident"])
    people = found.loc[PEOPLE]
    more = people["tickets"] - people[["expected", "usual high", "usual low"]]
    more *= row["customers"] / max(people["tickets"], 1)
    row |= dict(zip(["more", "more low", "more high"], more, strict=True))
    causes = found.drop(index=[TOTAL, PEOPLE]).rename_axis("cause").reset_index()
    return found.loc[TOTAL, RATIO].to_dict() | row, causes


def _series(tickets: pd.DataFrame) -> pd.DataFrame:
    """Counts by day: of all tickets, of customers a day, and of each cause's tickets."""
    people = tickets.drop_duplicates(["who", "day"])
    rows = pd.concat([tickets.assign(cause=TOTAL), people.assign(cause=PEOPLE), tickets])
    return rows.groupby(["cause", "day"]).size().unstack(fill_value=0)


def _spans(study: Study) -> pd.DataFrame:
    """The windows: incident (its name), kind, component, start, end, days, also."""
    known = study.incidents.sort_values(["started_at", "incident_id"], ignore_index=True)
    start = _days(study, known["started_at"])
    length = _days(study, known["ended_at"].fillna(known["started_at"])) - start
    days = np.ceil(length + AFTER).where(known["kind"] != "release", RELEASE).astype(int)
    title = known["title"].fillna(known["component"]).fillna(known["kind"])
    local = known["started_at"].dt.tz_convert(study.settings.time_zone)
    name = local.dt.strftime("%Y-%m-%d ") + title.map(lambda text: shown(text, study, 60))
    again = name.groupby(name).cumcount() + 1
    name = name.mask(again > 1, name + " (" + again.astype(str) + ")")
    end = (start + days).to_numpy()
    over = (start.to_numpy() < end[:, None]) & (end > start.to_numpy()[:, None])
    return known[["kind", "component"]].assign(
        incident=name, start=start, end=end, days=days, also=over.sum(axis=0) - 1
    )


def _tickets(study: Study) -> pd.DataFrame:
    """who, cause (null without one) and at, in days, of customers' own tickets."""
    tickets, cause = study.customer_tickets, np.nan
    if study.has("ticket_causes"):
        cause = tickets["ticket_id"].map(main_causes(study).set_index("ticket_id")["cause"])
    who = tickets["customer_id"].fillna(tickets["requester_id"])
    return pd.DataFrame({"who": who, "cause": cause, "at": _days(study, tickets["created_at"])})


def _days(study: Study, times: pd.Series) -> pd.Series:
    """Times on the study's clock, in days since 1970."""
    local = times.dt.tz_convert(study.settings.time_zone).dt.tz_localize(None)
    return local.dt.as_unit("s").astype("int64") / 86400
