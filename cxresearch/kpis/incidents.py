"""How wide an incident reached: the customers it touched against what its cause brings anyway."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.episodes.history import as_it_was
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.intervals import normal
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.words import view
from cxresearch.topics.causes import named
from cxresearch.topics.emerging import emerging, surges

DAY, WEEK = pd.Timedelta(days=1), pd.Timedelta(weeks=1)
HISTORY, APART, LEAST = 26, 4, 8  # weeks of history, weeks left out before, the fewest of them
ENOUGH = 5  # customers in the history, for an expectation
DRAWN = 12  # incidents
ASKED = "how wide incidents reached"
COLUMNS = [
    "cause", "since", "until", "tickets", "customers", "expected", "ratio", "low", "high",
    "excess", "excess low", "excess high", "active", "revenue",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Incidents(Result):
    """The customers that each incident touched, the widest first: cause, since, until (not in it
    any more), tickets, customers (distinct, who wrote about the cause then), expected, ratio, low,
    high, excess, excess low, excess high, active (customers then; null where unknown), revenue (a
    month, of the customers it touched, as it was then; null where unknown)."""

    currency: str

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many customers the widest incident touched beyond what its cause brings anyway."""
        if (r := self._widest()) is None:
            return CannotTell(f"{ASKED}: no cause had a long enough history before.")
        money = ""
        if pd.notna(r["revenue"]):
            money = f"They paid {r['revenue']:,.0f} {self.currency} a month."
        return finding(
            "**{customers:,} customers** wrote about {cause} from {since} to before {until}, the "
            "widest of {n} incidents. In as many usual weeks {expected:.0f} would: {excess:.0f} "
            "more wrote (95% interval {low:.0f} to {high:.0f}). {money}",
            n=len(self.frame), cause=r["cause"], since=f"{r['since']:%Y-%m-%d}",
            until=f"{r['until']:%Y-%m-%d}", customers=int(r["customers"]), expected=r["expected"],
            excess=r["excess"], low=r["excess low"], high=r["excess high"], money=money,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Every incident with the customers that it touched and those to be expected."""
        rows = self.frame
        weeks = ((rows["until"] - rows["since"]) / WEEK).map("{:.0f}".format)
        shares = (rows["customers"] / rows["active"]).map(" ({:.1%})".format)
        rows = rows.assign(
            since=rows["since"].map("{:%Y-%m-%d}".format) + " (" + weeks + ")",
            customers=rows["customers"].map("{:,}".format)
            + shares.where(rows["active"].notna(), ""),
            expected=rows["expected"].round().astype("Int64"),
            revenue=rows["revenue"].round().astype("Int64"),
        )
        shown = view(
            rows, "cause", "since as since (weeks)", "customers as customers (of active)",
            "expected", "excess ±.0f as more (95% interval)", "revenue as paid a month",
        )  # fmt: skip
        return shown.dropna(axis="columns", how="all")

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """Customers that each incident touched (dots) against those expected (upright marks)."""
        rows = self.frame.head(DRAWN)
        ax, places = drawing.axes(0.42 * max(len(rows), 1) + 1.6, ax), np.arange(len(rows))[::-1]
        low, high = (rows["customers"] - rows[f"excess {end}"] for end in ("high", "low"))
        ax.hlines(places, rows["expected"], rows["customers"], color=drawing.QUIET, lw=1.2)
        ax.hlines(places, low, high, color=drawing.ACCENT, lw=6, alpha=0.35)
        ax.scatter(rows["expected"], places, marker="|", s=160, color=drawing.ACCENT, zorder=3,
                   label="expected from the cause's own history, with 95% interval")  # fmt: skip
        ax.scatter(rows["customers"], places, color=drawing.WARN, s=50, zorder=3, label="touched")
        ax.set_yticks(places, _names(rows))
        ax.set(ylim=(-0.6, len(rows) - 0.4), xlim=(0, None), xlabel="customers")
        ax.figure.legend(*ax.get_legend_handles_labels(), frameon=False, ncols=2, fontsize=9,
                         loc="outside lower center")  # fmt: skip
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """What dots, marks and lines are."""
        more = len(self.frame) - DRAWN
        rest = f" {more} further incidents are in the table only." if more > 0 else ""
        return (
            "Dots are customers touched, marks those that as many usual weeks bring, thick lines "
            f"their 95% intervals.{rest}"
        )

    def _widest(self) -> pd.Series | None:
        rows = without(self.frame)[0].dropna(subset="excess")
        return None if rows.empty else rows.loc[rows["excess"].idxmax()]

    def _title(self) -> str:
        if (wide := self._widest()) is None:
            return f"{len(self.frame)} incidents, none with a history to judge it by"
        return (
            f"The widest incident touched {wide['customers']} customers where "
            f"{wide['expected']:.0f} were to be expected"
        )


def weeks_by_cause(study: Study) -> pd.DataFrame | CannotTell:
    """Each cause's tickets by week against its own history: the rows of topics.emerging, with the
    cause; tickets count under the cause that weighs most in them."""
    if not study.has("ticket_causes"):
        return CannotTell(f"{ASKED}: causes are not known; run the topic model first.")
    rows = study.tickets[["ticket_id", "created_at"]].merge(main_causes(study), on="ticket_id")
    if rows.empty:
        return CannotTell(f"{ASKED}: no ticket has a known cause.")
    labels, names = pd.factorize(rows["cause"], sort=True)
    since, until = study.settings.time("tickets_from"), study.observed_until
    weeks = emerging(rows["created_at"], labels, since=since, until=until)
    return weeks.assign(cause=np.asarray(names)[weeks["topic"]])


def surging(study: Study) -> pd.DataFrame | CannotTell:
    """The windows in which a cause rose beyond its own history: cause, since, until (the end of the
    last week flagged), as topics.emerging finds them."""
    weeks = weeks_by_cause(study)
    if isinstance(weeks, CannotTell):
        return weeks
    found = surges(weeks)
    if found.empty:
        return CannotTell(f"{ASKED}: no cause rose beyond its own history.")
    names = weeks.drop_duplicates("topic").set_index("topic")["cause"]
    return pd.DataFrame(
        {
            "cause": found["topic"].map(names),
            "since": found["onset"],
            "until": found["last"] + WEEK,
        }
    )


@cannot_tell_passes
def blast_radius(study: Study, windows: pd.DataFrame) -> Incidents:
    """The customers of each incident, given as rows of cause, since and until. One who cannot be
    matched to an account counts as one customer.

    Expected: the customers of a usual week, times weeks, from the half year that ends four weeks
    before, without the other windows of the cause; one who writes in two weeks counts twice there,
    so the excess errs low. The interval is Poisson's, as much wider as weeks differ; excess is the
    part of customers that it leaves to the incident. Null where the history is too thin. A surge
    found for being high reads a little high. Raises InputError for a cause that is not there.
    """
    if unknown := set(windows["cause"]) - set(named(study)["cause"]):
        raise InputError(f"There is no cause '{sorted(unknown)[0]}' in ticket_causes.")
    tickets = tickets_with_causes(study)
    rows = [_radius(study, tickets, windows, w) for w in windows.itertuples(index=False)]
    frame = pd.DataFrame(rows, columns=COLUMNS).sort_values(
        "excess", ascending=False, na_position="last", ignore_index=True
    )
    return Incidents(frame, study.settings.currency)


def main_causes(study: Study) -> pd.DataFrame:
    """ticket_id and the known cause that weighs most in it."""
    causes = named(study).sort_values("weight", ascending=False, kind="stable")
    return causes.drop_duplicates("ticket_id")[["ticket_id", "cause"]]


def _names(rows: pd.DataFrame) -> list[str]:
    pairs = zip(rows["since"], rows["cause"], strict=True)
    return [drawing.in_figure(f"{since:%Y-%m-%d} {cause}", 46) for since, cause in pairs]


def tickets_with_causes(study: Study) -> pd.DataFrame:
    """ticket_id, who (the customer, else the person), cause (that weighs most) and created_at of
    the customers' own tickets with a known cause."""
    tickets = study.customer_tickets.merge(main_causes(study), on="ticket_id")
    who = tickets["customer_id"].fillna(tickets["requester_id"])
    return tickets.assign(who=who)[["ticket_id", "who", "cause", "created_at"]]


def _radius(study: Study, tickets: pd.DataFrame, windows: pd.DataFrame, window) -> dict:
    own = tickets[tickets["cause"] == window.cause]
    inside = own["created_at"].between(window.since, window.until, inclusive="left")
    who = own.loc[inside, "who"].unique()
    weeks = (window.until - window.since) / WEEK
    usual = _usual_weeks(study, own, windows[windows["cause"] == window.cause], window.since)
    return {
        "cause": window.cause,
        "since": window.since,
        "until": window.until,
        "tickets": int(inside.sum()),
        "customers": len(who),
        **against_usual(len(who), usual, weeks),
        "active": _active(study, window.since),
        "revenue": _revenue(study, who, window.since),
    }


def against_usual(customers: int, usual: np.ndarray, weeks: float) -> dict:
    """expected, ratio, low, high and excess (low, high) of so many customers in so many weeks,
    from the customers of each usual week."""
    if len(usual) < LEAST or usual.sum() < ENOUGH or not customers:
        names = ["expected", "ratio", "low", "high", "excess", "excess low", "excess high"]
        return dict.fromkeys(names, np.nan)
    expected = usual.mean() * weeks
    wider = max(1.0, usual.var(ddof=1) / usual.mean())
    error = np.sqrt(wider * (1 / customers + 1 / usual.sum()))
    ratio = customers / expected
    low, high = np.exp(normal(np.log(ratio), error))
    return {
        "expected": expected, "ratio": ratio, "low": low, "high": high,
        "excess": customers - expected,
        "excess low": customers * (1 - 1 / low), "excess high": customers * (1 - 1 / high),
    }  # fmt: skip


def _usual_weeks(study, own: pd.DataFrame, busy: pd.DataFrame, since: pd.Timestamp) -> np.ndarray:
    """Distinct customers of each whole week of the half year that ends four weeks before."""
    ends = since - APART * WEEK - np.arange(HISTORY) * WEEK
    first = study.settings.time("tickets_from") or study.tickets["created_at"].min()
    counts = []
    for end in ends:
        start = end - WEEK
        overlaps = ((busy["since"] < end) & (busy["until"] > start)).any()
        if start >= first and not overlaps:
            rows = own["created_at"].between(start, end, inclusive="left")
            counts.append(own.loc[rows, "who"].nunique())
    return np.array(counts, float)


def _active(study: Study, at: pd.Timestamp) -> float:
    if not study.has("customers"):
        return np.nan
    ended = study.customers["ended_at"] <= at
    return int(((study.customers["started_at"] <= at) & ~ended).sum())


def _revenue(study: Study, who: np.ndarray, at: pd.Timestamp) -> float:
    ids = pd.Series(who, dtype="str")
    mrr = pd.to_numeric(as_it_was(study, "mrr", ids, pd.Series(at, ids.index)), errors="coerce")
    return float(mrr.sum()) if mrr.notna().any() else np.nan
