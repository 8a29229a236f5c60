"""How much processor time and memory does an import take, next to programs that check nothing?

    pip install -c constraints.txt -e '.[bench]'
    python -m tests.benchmarks.import_speed [--csv] [tickets ...]

writes tests/benchmarks/import_speed.csv. The export is generated from a seed into a temporary
folder: Zendesk-like tickets and four ticket audits for each, as JSON lines (200,000 tickets and
800,000 audits, which hold 1.4 million events; with another number nothing is written). Each program
is a process of its own and reads both files: pandas only into frames whose nested fields are Python
objects; duckdb and polars flatten them into Parquet files, a row a ticket and a row an event, with
the fields that canonical tables are made of, their types inferred; cxresearch into canonical tables
with histories, every row accounted for. With --csv the tickets are the rows of a CSV file that a
mapping describes, of 100,000 and of 300,000 rows: writes import_speed_rows.csv. cpu_seconds are of
processor time, all threads together, seconds by the clock, both without the import of modules;
megabytes are the most that the process held (VmHWM), modules included. With --csv cxresearch writes
Parquet files too, as its command does. What counts is one run's ratios: seconds depend on the
machine and on what else runs there.
"""

import csv
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from cxresearch import loaders

FILE = Path(__file__).with_suffix(".csv")
ROWS_FILE = FILE.with_name("import_speed_rows.csv")
TICKETS, CUSTOMERS, AGENTS = 200_000, 20_000, 50
ROWS = [100_000, 300_000]
STEPS = 4  # audits of a ticket: asked, answered, solved, closed
WORDS = (
    "invoice charged twice sync stopped export button missing login reset password cannot open the "
    "app after update since Friday please help error again page slow größe señor 😡 مرحبا refund"
).split()
BEGIN = pd.Timestamp("2026-01-05T08:00:00Z")


def tickets(rng: np.random.Generator, number: int) -> Iterator[tuple[dict, list[dict]]]:
    """Tickets as Zendesk's JSON export writes them, each with its audits."""
    for i in range(1, number + 1):
        who, agent = int(rng.integers(CUSTOMERS)) + 1, int(rng.integers(AGENTS)) + 900_001
        text = " ".join(rng.choice(WORDS, rng.integers(10, 120)))
        steps = np.cumsum(rng.integers(30, 90_000, STEPS))
        at = [f"{BEGIN + pd.Timedelta(int(i * 90 + s), 's'):%Y-%m-%dT%H:%M:%SZ}" for s in steps]
        yield _ticket(i, who, agent, text, at), _audits(i, who, agent, text, at, rng)


def _ticket(number: int, who: int, agent: int, text: str, at: list[str]) -> dict:
    subject = text[:40]
    return {
        "url": f"https://acme.example/api/v2/tickets/{number}.json", "id": number,
        "external_id": None,
        "via": {"channel": "email", "source": {
            "from": {"address": f"c{who}@globex.example", "name": f"Customer {who}"},
            "to": {"name": "Acme", "address": "support@acme.example"}, "rel": None}},
        "created_at": at[0], "updated_at": at[-1], "type": "incident", "subject": subject,
        "raw_subject": subject, "description": text, "priority": "normal", "status": "closed",
        "recipient": "support@acme.example", "requester_id": who, "submitter_id": who,
        "assignee_id": agent, "organization_id": who % 997, "group_id": agent % 7,
        "collaborator_ids": [], "follower_ids": [], "email_cc_ids": [], "problem_id": None,
        "has_incidents": False, "is_public": True, "due_at": None, "tags": text.split()[:3],
        "custom_fields": [{"id": 360001, "value": "billing"}, {"id": 360002, "value": None}],
        "satisfaction_rating": {"score": "offered"}, "custom_status_id": 1, "brand_id": 41,
        "ticket_form_id": 51, "allow_channelback": False, "allow_attachments": True,
    }  # fmt: skip


def _audits(number: int, who: int, agent: int, text: str, at: list[str], rng) -> list[dict]:
    answer = " ".join(rng.choice(WORDS, rng.integers(10, 60)))
    parts = [
        (who, "email", [_said(who, text), *_made({"status": "new", "requester_id": str(who)})]),
        (agent, "web", [_said(agent, answer), _moved("assignee_id", None, str(agent))]),
        (agent, "web", [_moved("status", "new", "solved")]),
        (-1, "rule", [_moved("status", "solved", "closed")]),
    ]
    first = number * 100
    return [
        {
            "id": first + n, "ticket_id": number, "created_at": at[n], "author_id": author,
            "metadata": {"system": {"client": "Mozilla/5.0", "ip_address": "192.0.2.1",
                                    "location": "Madrid", "latitude": 40.4, "longitude": -3.7},
                         "custom": {}},
            "events": [{"id": first * 10 + n * 10 + m} | part for m, part in enumerate(events)],
            "via": {"channel": channel, "source": {"from": {}, "to": {}, "rel": None}},
        }
        for n, (author, channel, events) in enumerate(parts)
    ]  # fmt: skip


def _said(author: int, text: str) -> dict:
    return {"type": "Comment", "author_id": author, "body": text, "html_body": f"<p>{text}</p>",
            "plain_body": text, "public": True, "attachments": []}  # fmt: skip


def _made(fields: dict[str, str]) -> list[dict]:
    return [{"type": "Create", "field_name": name, "value": v} for name, v in fields.items()]


def _moved(field: str, before: str | None, after: str) -> dict:
    return {"type": "Change", "field_name": field, "previous_value": before, "value": after}


def write_export(folder: Path, number: int, seed: int = 1) -> None:
    """tickets.ndjson and ticket_audits.ndjson in a folder."""
    rng = np.random.default_rng(seed)
    files = (folder / "tickets.ndjson").open("w"), (folder / "ticket_audits.ndjson").open("w")
    with files[0], files[1]:
        for ticket, audits in tickets(rng, number):
            files[0].write(json.dumps(ticket) + "\n")
            files[1].writelines(json.dumps(audit) + "\n" for audit in audits)


COLUMNS = (
    "id created_at updated_at subject description status type priority requester_id submitter_id "
    "assignee_id organization_id group_id tags"
).split()
NESTED = {"channel": "via.channel", "score": "satisfaction_rating.score"}
AUDIT = ("ticket_id", "created_at", "author_id")
EVENT = ("id", "type", "field_name", "previous_value", "value", "public", "body")
MAPPED = {name: name for name in COLUMNS if name not in ("id", "submitter_id")}
FLAT = ".flat"  # a folder for what is written, which no import looks into


def write_rows(folder: Path, number: int, seed: int = 1) -> None:
    """tickets.csv in a folder, and mapping.toml, which describes it."""
    rng = np.random.default_rng(seed)
    texts = [" ".join(rng.choice(WORDS, rng.integers(10, 60))) for _ in range(1000)]
    with (folder / "tickets.csv").open("w", newline="") as file:
        lines = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        lines.writeheader()
        for i in range(1, number + 1):
            at = [f"{BEGIN + pd.Timedelta(i * 9 + s, 's'):%Y-%m-%dT%H:%M:%SZ}" for s in (0, 900)]
            row = _ticket(i, i % CUSTOMERS + 1, 900_001 + i % AGENTS, texts[i % len(texts)], at)
            lines.writerow(row | {"tags": ",".join(row["tags"])})
    told = "".join(f'{n} = "{where}"\n' for n, where in (MAPPED | {"ticket_id": "id"}).items())
    (folder / "mapping.toml").write_text(f'source = "a table"\n[tickets.columns]\n{told}')


def read_with_pandas(folder: Path) -> int:
    frames = [pd.read_json(file, lines=True) for file in sorted(folder.glob("*.ndjson"))]
    frames += [pd.read_csv(file, dtype="str") for file in folder.glob("*.csv")]
    return sum(map(len, frames))


def read_with_duckdb(folder: Path) -> int:
    nested = (f"{place} AS {name}" for name, place in NESTED.items())
    events = (f"e.{name} AS e_{name}" for name in EVENT)
    queries = {
        "tickets.ndjson": f"{', '.join((*COLUMNS, *nested))} FROM read_json('{{}}')",
        "ticket_audits.ndjson": f"""{", ".join((*AUDIT, "channel", *events))} FROM (
            SELECT {", ".join(AUDIT)}, via.channel AS channel, unnest(events) AS e
            FROM read_json('{{}}'))""",
        "tickets.csv": "* FROM read_csv('{}', all_varchar = true)",
    }
    with duckdb.connect() as db:
        for name, sql in queries.items():
            if (file := folder / name).exists():
                db.execute(f"COPY (SELECT {sql.format(file)}) TO '{folder / FLAT / name}.parquet'")
    return _written(folder)


def read_with_polars(folder: Path) -> int:
    import polars as pl

    def inside(place: str) -> pl.Expr:
        return pl.col(place.split(".")[0]).struct.field(place.split(".")[1])

    if (file := folder / "tickets.csv").exists():
        pl.scan_csv(file, infer_schema=False).sink_parquet(folder / FLAT / "tickets.parquet")
        return _written(folder)
    tickets = pl.scan_ndjson(folder / "tickets.ndjson").select(
        *COLUMNS, *(inside(place).alias(name) for name, place in NESTED.items())
    )
    tickets.sink_parquet(folder / FLAT / "tickets.parquet")
    audits = pl.scan_ndjson(folder / "ticket_audits.ndjson")
    events = audits.select(*AUDIT, inside("via.channel"), "events").explode("events")
    values = [inside(f"events.{name}").alias(f"e_{name}") for name in EVENT]
    events.select(*AUDIT, "channel", *values).sink_parquet(folder / FLAT / "events.parquet")
    return _written(folder)


def _written(folder: Path) -> int:
    return sum(pq.read_metadata(file).num_rows for file in (folder / FLAT).iterdir())


def read_with_cxresearch(folder: Path) -> int:
    mapping = folder / "mapping.toml"
    if mapping.exists():
        told = {"mapping": mapping, "time_zone": "UTC"}
        found = loaders.read("mapped", folder / "tickets.csv", to_files=True, **told)
    else:
        found = loaders.read("zendesk", folder)
    return int(found[1].files["kept"].sum())


PROGRAMS = {
    "pandas": read_with_pandas, "duckdb": read_with_duckdb, "polars": read_with_polars,
    "cxresearch": read_with_cxresearch,
}  # fmt: skip


def _measure(program: str, folder: Path) -> None:
    """In a process of its own: print records, seconds, and megabytes before and at most."""
    before, begun, started = _highest(), time.process_time(), time.perf_counter()
    records = PROGRAMS[program](folder)
    seconds, clock = time.process_time() - begun, time.perf_counter() - started
    print(records, seconds, clock, before, _highest())


def _highest() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _run(program: str, folder: Path) -> dict:
    """One row of the table."""
    command = [sys.executable, "-m", "tests.benchmarks.import_speed", "--measure", program]
    shutil.rmtree(folder / FLAT, ignore_errors=True)
    (folder / FLAT).mkdir()
    got = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=True)
    names = ["records", "cpu_seconds", "seconds", "mb_before", "mb_highest"]
    return {"program": program} | dict(zip(names, map(float, got.stdout.split()), strict=True))


def compared(write: Callable[[Path, int], None], number: int) -> pd.DataFrame:
    """One row a program, for an export of so many tickets."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder, number)
        megabytes = sum(file.stat().st_size for file in folder.iterdir()) / 2**20
        found = pd.DataFrame([_run(program, folder) for program in PROGRAMS])
    for other in ("pandas", "duckdb"):
        for name in ("cpu_seconds", "mb_highest"):
            by = found.loc[found["program"] == other, name].item()
            found[f"{name.split('_')[0]}_to_{other}"] = found[name] / by
    return found.assign(
        tickets=number, file_mb=megabytes, cores=os.cpu_count(), python=platform.python_version(),
        **{name: version(name) for name in ("pandas", "duckdb", "polars", "pyarrow")},
    )  # fmt: skip


def main(asked: list[str]) -> None:
    rows = "--csv" in asked
    usual = ROWS if rows else [TICKETS]
    sizes = [int(number) for number in asked if number.isdecimal()] or usual
    write, file = (write_rows, ROWS_FILE) if rows else (write_export, FILE)
    found = pd.concat([compared(write, size) for size in sizes], ignore_index=True).round(3)
    print(found.T.to_string(header=False))
    if sizes == usual:
        found.to_csv(file, index=False, lineterminator="\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        _measure(sys.argv[2], Path(sys.argv[3]))
    else:
        main(sys.argv[1:])
