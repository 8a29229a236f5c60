"""Help desks small enough to check on paper: everything is said in days since START."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch import Study, loaders
from cxresearch.kpis.standing import Standing

START = pd.Timestamp("2025-01-01T00:00:00Z")
ZENDESK = Path(__file__).parents[1] / "loaders" / "formats" / "zendesk"


def day(n) -> pd.Timestamp:
    return pd.NaT if n is None else START + pd.Timedelta(days=n)


def ticket(name: str, who: str, created: float, solved: float | None = None, **more) -> dict:
    times = {key: day(n) for key, n in more.items() if key.endswith("_at")}
    status = "open" if solved is None else "solved"
    return {"ticket_id": name, "requester_id": who, "created_at": day(created), "status": status,
            "first_solved_at": day(solved), "count_reopens": 0, **more, **times}  # fmt: skip


def event(name: str, at: float, kind: str = "reply", role: str = "agent", **more) -> dict:
    return {"ticket_id": name, "event_at": day(at), "event_type": kind, "actor_role": role,
            "is_public": True, **more}  # fmt: skip


def status(name: str, at: float, before: str, after: str) -> dict:
    return event(name, at, "status", field="status", value_from=before, value_to=after)


def survey(name: str, who: str, offered: float, score=None, kind="nps", scale=(0, 10)) -> dict:
    return {"survey_id": name, "customer_id": who, "kind": kind, "offered_at": day(offered),
            "responded_at": day(offered + 1) if score is not None else pd.NaT,
            "score_raw": np.nan if score is None else float(score),
            "scale_min": float(scale[0]), "scale_max": float(scale[1])}  # fmt: skip


def customer(name: str, ended: float | None = None, started: float = -100, **more) -> dict:
    return {"customer_id": name, "started_at": day(started), "ended_at": day(ended),
            "observed_until": day(365), **more}  # fmt: skip


def desk(tickets, events=None, causes=None, customers=None, surveys=None, until=365, **settings):
    """A study of these rows; causes gives each ticket one, customers makes it a churn study."""
    tables = {"tickets": _frame(tickets)}
    if events is not None:
        tables["ticket_events"] = _frame(events).assign(
            event_id=[str(i) for i in range(len(events))]
        )
    if causes is not None:
        rows = [{"ticket_id": t, "topic": 0, "cause": c, "weight": 1.0, "is_exit_request": False}
                for t, c in causes.items()]  # fmt: skip
        tables["ticket_causes"] = pd.DataFrame(rows)
    for name, rows in (("customers", customers), ("surveys", surveys)):
        if rows is not None:
            tables[name] = _frame(rows)
    settings = {"targets_given": True} | settings
    settings.setdefault("observed_until", day(until).isoformat())
    return Study.from_tables(tables, **settings)


@cache
def _zendesk() -> dict[str, pd.DataFrame]:
    return loaders.load("zendesk", ZENDESK, time_zone="Europe/Madrid")


def fixtures(**settings) -> Study:
    """The nine tickets of the Zendesk export."""
    return Study.from_tables(_zendesk(), **settings)


def whole(standing: Standing, kpi: str | None = None) -> pd.Series:
    """The row of all, of one KPI if there are several."""
    return standing.frame.loc[kpi or standing.frame.index[0]]


def _frame(rows) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows))
    for name in frame.columns[frame.columns.str.endswith("_at")]:
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame
