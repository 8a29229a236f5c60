"""An export as text, with a few rows broken on purpose, and the study folder made from it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.chance import stream
from cxresearch.lab.simulate.interventions import levers
from cxresearch.lab.simulate.parameters import World, make_world
from cxresearch.lab.simulate.world import simulate_world
from cxresearch.study.conform import Conformed, conform
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.settings import Settings
from cxresearch.study.writing import write_study

# What is damaged in a copy of a row: table, column, new text, rows in a thousand.
DAMAGES = (
    ("tickets", "created_at", "2024-13-07 25:10", 0.4),
    ("tickets", "created_at", "", 0.3),
    ("tickets", "created_at", "07/03/2025 14:22", 0.4),
    ("tickets", "ticket_id", None, 0.4),
    ("tickets", "status", "escalted", 0.4),
    ("tickets", "count_reopens", "1.5", 0.2),
    ("tickets", "is_spam", "maybe", 0.2),
    ("ticket_events", "ticket_id", "999{}", 0.5),
    ("ticket_events", "event_at", "yesterday", 0.2),
    ("ticket_events", "event_type", None, 0.1),
    ("customers", "ended_at", "2019-02-28T12:00:00Z", 0.8),
    ("customers", "started_at", "31.02.2024", 0.8),
    ("customers", "end_kind", "ghosted", 0.5),
    ("customer_history", "customer_id", "C77{}", 0.1),
    ("customer_history", "valid_from", "2025-02-30T00:00:00Z", 0.1),
    ("identities", "customer_id", None, 0.8),
    ("identities", "method", "guess", 0.4),
    ("surveys", "score_raw", "11", 0.6),
    ("surveys", "score_raw", "7 out of 10", 0.3),
    ("surveys", "kind", "smiley", 0.3),
    ("reviews", "stars", "7", 2.0),
    ("bot_sessions", "ended", "lost", 1.0),
    ("articles", "title", None, 1.0),
    ("article_views", "viewed_at", "last week", 1.0),
    ("incidents", "kind", "outage", 1.0),
)
OLDER = 1.0  # tickets in a thousand that come a second time in an older state


def as_export(tables: dict[str, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    """The tables as frames of text, as a help desk would write them, with broken rows added.

    Broken rows are damaged copies at random places, so that all sound rows are still there in
    their order: an import sets the broken ones aside and keeps exactly the tables given.
    """
    rng = stream(seed, "broken")
    return {name: _with_broken(name, texts_of(name, frame), rng) for name, frame in tables.items()}


def texts_of(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A canonical table as text: ISO times ending in Z, true and false, lists as JSON."""
    columns = [c for c in TABLES[name].columns if c.name in frame and c.name != "dq_flags"]
    return pd.DataFrame({c.name: _text(frame[c.name], c.kind) for c in columns})


def write_world(
    folder: Path, n_customers: int, seed: int, *, text: bool = True, **world
) -> Conformed:
    """Simulates a company and writes it as a study folder, through the rules of an import.

    Beside the tables lies truth.json: what simulate_world tells, and the levers.
    Returns what was kept and set aside. Raises InputError if the folder is there already.
    """
    folder = Path(folder)
    if folder.exists():
        raise InputError(f"{folder} is there already: remove it or choose another name.")
    tables, truth = simulate_world(n_customers, seed, text=text, **world)
    truth["levers"] = levers(n_customers, seed, **world)
    export = as_export(tables, seed)
    conformed = conform(export, {name: f"{name}.csv" for name in export})
    truth_json = json.dumps(truth, separators=(",", ":")) + "\n"
    settings = study_settings(make_world(**world), f"--customers {n_customers} --seed {seed}")
    write_study(folder, settings, conformed, notes=NOTES, truth_json=truth_json)
    return conformed


def study_settings(world: World, asked: str) -> Settings:
    """The study.toml of a company in this world; asked are the options that simulate was given."""
    start = f"{world.tickets_from}T00:00:00Z"
    return Settings(
        name="Larkfield (simulated demo)",
        source=f"cxresearch simulate {asked}",
        currency="EUR",
        outcome="churn",
        time_zone="Europe/Madrid",
        tickets_from=start,
        customers_from=start,
        observed_until=f"{world.observed_until}T00:00:00Z",
        unresolved_after_days=float(world.promise_days),
        promise_given=True,
        targets_given=True,
        as_of_start=("billing_period", "segment"),
    )


NOTES = (
    "Everything here is simulated: Larkfield does not exist, nor do its customers or their words.",
    "The planted truth is in truth.json; no table holds it.",
    "Some rows were added broken on purpose, to show what is set aside.",
    "Customers who left before the first day of the export are not in it, and tickets written "
    "before it are not either, although some of them were still open.",
)


def _text(values: pd.Series, kind: str) -> pd.Series:
    if kind == "time":
        return values.dt.strftime("%Y-%m-%dT%H:%M:%SZ").astype("str")
    if kind == "flag":
        return values.map({True: "true", False: "false"}).astype("str")
    if kind == "list":
        return values.map(json.dumps, na_action="ignore").astype("str")
    if kind == "number":
        return values.map("{:g}".format, na_action="ignore").astype("str")
    return values.astype("str")


def _with_broken(name: str, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    extra = [
        _damaged(frame, column, text, share, rng)
        for table, column, text, share in DAMAGES
        if table == name and len(frame)
    ]
    if name == "tickets":
        extra.append(_older(frame, rng))
    place = np.concatenate(
        [np.arange(len(frame)), *(rng.random(len(e)) * len(frame) for e in extra)]
    )
    rows = pd.concat([frame, *extra], ignore_index=True)
    return rows.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)


def _damaged(frame, column: str, text: str | None, share: float, rng) -> pd.DataFrame:
    """Copies of some rows with one field damaged, at least one."""
    size = max(1, round(share * len(frame) / 1000))
    copies = frame.iloc[rng.choice(len(frame), size)].copy()
    text = [text.format(i) if text else text for i in rng.integers(10, 99, size)]
    return copies.assign(**{column: pd.Series(text, index=copies.index, dtype="str")})


def _older(frame: pd.DataFrame, rng) -> pd.DataFrame:
    """Some tickets again, as they were when they had just been created."""
    rows = frame.iloc[rng.choice(len(frame), max(1, round(OLDER * len(frame) / 1000)))]
    return rows.assign(status="new", status_raw="New", updated_at=rows["created_at"])
