"""What a study tells of its last weeks that somebody should hear: alerts, few of them false.

A look judges series: causes, fields, KPIs with a target, and the import as a whole. Each has a
chance a week of what was seen if nothing had changed, and is judged at half of one in (looks a year
times series): a year of weekly looks then expects half a false alert, however the series hang
together (Bonferroni), and the other half is for chances that are no more than approximate
(tests/benchmarks/null_weeks.py).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from cxresearch.kpis.compliance import response_compliance
from cxresearch.kpis.escalating import escalation
from cxresearch.kpis.first_contact import OURS, first_contact_resolution
from cxresearch.kpis.handling import follow_up
from cxresearch.kpis.incidents import main_causes, weeks_by_cause
from cxresearch.kpis.quality.lost import lost, missing_at_birth
from cxresearch.kpis.retention import retention
from cxresearch.kpis.standing import WHOLE, Standing, stands
from cxresearch.kpis.staying_solved import recurrence
from cxresearch.kpis.surveys.voice import ces, csat, nps
from cxresearch.kpis.tidy import who
from cxresearch.study.answers import CannotTell, finding
from cxresearch.study.intervals import z
from cxresearch.study.study import Study
from cxresearch.topics.causes.refit import KEPT
from cxresearch.topics.emerging import ALONE, PAUSE, SUMS, WEEK, surges, thinner
from cxresearch.topics.new_themes import new_themes

LOOKS, A_YEAR = 52, 0.5  # looks a year, and false alerts expected of them
IMPORT = "tickets a week"
Series = tuple[str, str, pd.DataFrame]  # of which kind, about what, and its weeks with their p
KPIS: tuple[Callable[..., Standing], ...] = (
    response_compliance,
    partial(first_contact_resolution, definition=OURS),
    partial(recurrence, days=30),
    partial(follow_up, window="24 to 48 hours"),
    partial(follow_up, window="7 to 14 days"),
    escalation,
    csat,
    ces,
    nps,
    retention,
)


@dataclass(frozen=True)
class Alert:
    """What somebody should hear: of which kind (surge, theme, coverage, import, target), about
    what, in a sentence (Markdown), since when, of how many customers (or tickets, where these are
    not counted), the ids of its tickets (none of a KPI, nor where tickets are missing), and of a
    theme its number."""

    kind: str
    name: str
    text: str
    since: str
    group: int
    tickets: tuple[str, ...] = ()
    theme: int | None = None

    @property
    def key(self) -> str:
        """What it is remembered by; of a theme not the name, which tickets that come may change."""
        return f"{self.kind}: {self.name}" if self.theme is None else f"theme {self.theme}"


@dataclass(frozen=True)
class Look:
    """What one look at a study saw: the last whole week (its Monday), alerts, the keys of what goes
    on, how many series were judged, and how many alerts are of fewer customers than are shown."""

    week: pd.Timestamp
    alerts: tuple[Alert, ...]
    going: frozenset[str]
    series: int
    unshown: int


def look(study: Study, after: pd.Timestamp | None = None) -> Look:
    """What the whole weeks that begin after a moment tell (without one: the last), and of each KPI
    the last month that can be judged."""
    last = last_week(study)
    after, lately = min(after, last) if after else last - WEEK, last - (PAUSE + 1) * WEEK
    judged = [*_weekly(study, min(after, lately), last), *_targets(study)]
    level = A_YEAR / (LOOKS * max(len(judged), 1))
    themes = _themes(study)  # not among the series: they hold by resampling, not by a chance
    found, going = [], {theme.key for theme in themes}
    for kind, name, rows in judged:
        rows = rows.assign(flagged=rows["p"] <= level)
        if (rows["flagged"] & (rows["week"] > after)).any():
            found.append(TELL[kind](study, name, rows))
        if ((rows["p"] <= ALONE) & (rows["week"] > lately)).any():
            going.add(f"{kind}: {name}")
    told = [*filter(None, found), *themes]
    shown = tuple(alert for alert in told if alert.group >= study.settings.least_shown)
    return Look(last, shown, frozenset(going), len(judged), len(told) - len(shown))


def last_week(study: Study) -> pd.Timestamp:
    """The Monday of the last week that was over when the study was last observed."""
    day = (study.observed_until - WEEK).normalize()
    return day - pd.Timedelta(days=day.day_of_week)


def _weekly(study: Study, after: pd.Timestamp, last: pd.Timestamp) -> Iterator[Series]:
    """Causes, fields that tickets have from their first moment on, and the import as a whole, of
    which the last week can be judged."""
    causes, since = weeks_by_cause(study), study.settings.time("tickets_from")
    tables = {
        "surge": pd.DataFrame({"cause": []}) if isinstance(causes, CannotTell) else causes,
        "coverage": lost(study, after).rename(columns={"field": "cause"}),
        "import": thinner(
            study.tickets["created_at"], since=since, until=study.observed_until
        ).assign(cause=IMPORT),
    }
    for kind, weeks in tables.items():
        for name, rows in weeks.groupby("cause"):
            if rows.loc[rows["week"] == last, "p"].notna().any():
                yield kind, str(name), rows.astype({"p": float})


def _surge(study: Study, cause: str, rows: pd.DataFrame) -> Alert | None:
    """The last surge of a cause, by its flagged weeks."""
    found = surges(rows).iloc[0]
    if found["ratio_low"] <= 1:
        return None
    ids = main_causes(study).query("cause == @cause")["ticket_id"]
    at = study.tickets.set_index("ticket_id")["created_at"].reindex(ids)
    ids = at.index[(at >= found["onset"]) & (at < found["last"] + WEEK)]
    since = f"{found['onset']:%Y-%m-%d}"
    told = finding(
        "**{cause}** rises: {n:,} tickets since {since}. Usual would be {usual:,.0f}: "
        "{ratio:.1f} times as many ({low:.1f} to {high:.1f}).",
        cause=cause, since=since, n=int(found["tickets"]), ratio=found["ratio"],
        usual=found["tickets"] / found["ratio"], low=found["ratio_low"], high=found["ratio_high"],
    )  # fmt: skip
    return Alert("surge", cause, told.text, since, _customers(study, ids), tuple(sorted(ids)))


def _themes(study: Study) -> list[Alert]:
    """New themes, of tickets that came since topics were found."""
    if study.path is None or not (study.path / KEPT).is_dir():
        return []
    return [_theme(row) for _, row in new_themes(study).iterrows()]


def _theme(row: pd.Series) -> Alert:
    number, since = int(row["theme"]), f"{row['first']:%Y-%m-%d}"
    told = finding(
        "**{name}** (theme {n}) is new and fits no topic: {tickets:,} tickets of {customers:,} "
        "customers since {since}.", name=row["name"], n=number, tickets=int(row["tickets"]),
        customers=int(row["customers"]), since=since,
    )  # fmt: skip
    return Alert("theme", row["name"], told.text, since, int(row["customers"]),
                 tuple(sorted(row["ids"])), number)  # fmt: skip


def _customers(study: Study, ids: pd.Index) -> int:
    own = study.customer_tickets
    return int(who(own[own["ticket_id"].isin(ids)]).nunique())


def _broken(study: Study, field: str, rows: pd.DataFrame) -> Alert:
    """What is missing in the last week that tells it, and which tickets."""
    row = rows[rows["flagged"]].iloc[-1]
    first = row["week"] - (max(SUMS) - 1) * WEEK
    lacks = missing_at_birth(study)
    lacks = lacks[lacks[field] & lacks["week"].between(first, row["week"])]
    since = f"{row['week']:%Y-%m-%d}"
    told = finding(
        "**{field}** is missing in {n:,} of {of:,} tickets of the week from {since}; before it was "
        "missing in {usual:.1%}.",
        field=field, n=int(row["missing"]), of=int(row["tickets"]), since=since,
        usual=row["expected"],
    )  # fmt: skip
    return Alert("coverage", field, told.text, since, len(lacks), tuple(sorted(lacks.index)))


def _thin(_: Study, name: str, rows: pd.DataFrame) -> Alert:
    row = rows[rows["flagged"]].iloc[-1]
    since = f"{row['week']:%Y-%m-%d}"
    told = finding(
        "**Fewer tickets than expected**: {n:,} in the week from {since}, where the weeks before "
        "let expect {usual:,.0f}. Is the export whole?",
        n=int(row["count"]), since=since, usual=row["expected"],
    )  # fmt: skip
    return Alert("import", name, told.text, since, int(np.ceil(row["expected"])))


def _targets(study: Study) -> Iterator[Series]:
    """KPIs with a target, by their last month that is over and was watched for long enough."""
    month = f"{study.observed_until.tz_convert(study.settings.time_zone):%Y-%m}"
    for kpi in KPIS:
        rows = kpi(study, by="month").frame
        rows = rows[rows["mature"] & (rows["group"] != WHOLE) & (rows["group"] < month)]
        rows = rows.dropna(subset=["estimate", "low", "high", "target"])
        for name, of in rows.groupby("kpi"):
            row = of.sort_values("group").tail(1)
            p = _beyond_target(row.iloc[0])
            yield "target", str(name), row.assign(week=study.observed_until, p=p)


def _beyond_target(row: pd.Series) -> float:
    """The chance of an estimate so far on the wrong side of the target, if the truth were there."""
    from scipy.special import ndtr

    least = row["wanted"] == "at least"
    gap = (row["target"] - row["estimate"]) * (1 if least else -1)
    width = row["high"] - row["estimate"] if least else row["estimate"] - row["low"]
    return float(ndtr(-z() * gap / width)) if width > 0 else float(gap <= 0)


def _missed(_: Study, kpi: str, rows: pd.DataFrame) -> Alert:
    row = rows.iloc[0]
    text = stands(row)._repr_markdown_()
    return Alert("target", kpi, text, f"{row['group']}-01", int(row["n"]))


TELL = {"surge": _surge, "coverage": _broken, "import": _thin, "target": _missed}
