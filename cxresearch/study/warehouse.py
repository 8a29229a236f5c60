"""A study whose tables lie in a warehouse: its folder holds settings, topics and causes."""

import os
from pathlib import Path

import pandas as pd

from cxresearch.study.engine import THERE, Engine, engine_at
from cxresearch.study.settings import Settings, changed, settings_text

SEEN = f"""
    SELECT min(seconds(created_at)) AS first,
           max(greatest(seconds(created_at), coalesce(seconds(updated_at), 0))) AS last
    FROM tickets{THERE}"""


def name_engine(address: str, schema: str, folder: Path) -> None:
    """Makes an engine the place of a study's tables for this program and those that it starts, and
    its folder, if it is not there, with what the tables tell. Raises InputError as engine_at does.
    """
    engine = engine_at(address, schema)
    os.environ["CXRESEARCH_ENGINE"], os.environ["CXRESEARCH_SCHEMA"] = address, schema
    if not (folder / "study.toml").exists():
        begin(folder, engine, schema)


def begin(folder: Path, engine: Engine, schema: str) -> None:
    """Writes study.toml of a study whose tables lie in a schema: watched from the first ticket to
    the last change, who leaves is seen where there are customers."""
    seen = engine.ask(SEEN, {}).iloc[0]
    told = {
        "name": schema,
        "source": f"the schema {schema} of {engine.kind}",
        "outcome": "churn" if "customers" in engine.tables else "return",
        "tickets_from": pd.Timestamp(seen["first"], unit="s", tz="UTC").isoformat(),
        "observed_until": pd.Timestamp(seen["last"], unit="s", tz="UTC").isoformat(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = settings_text(changed(Settings(), told))
    (folder / "study.toml").write_text(text, encoding="utf-8", newline="\n")
