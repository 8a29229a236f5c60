"""How much processor time and memory does an import take, next to pandas.read_json(lines=True)?

    python -m tests.benchmarks.import_speed [tickets]

writes tests/benchmarks/import_speed.csv. The export is generated from a seed into a temporary
folder: Zendesk-like tickets and four ticket audits for each, as JSON lines (200,000 tickets and
800,000 audits, which hold 1.4 million events; with another number nothing is written). Each program
is a process of its own and reads both files: pandas only into frames whose nested fields are Python
objects; cxresearch into canonical tables with histories, every row accounted for. cpu_seconds are
of processor time, all threads together, seconds by the clock, both without the import of modules;
megabytes are the most that the process held (VmHWM), modules included. What counts is one run's
ratios: seconds depend on the machine and on what else runs there.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch import loaders

FILE = Path(__file__).with_suffix(".csv")
TICKETS, CUSTOMERS, AGENTS = 200_000, 20_000, 50
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


def read_with_pandas(folder: Path) -> int:
    frames = [pd.read_json(file, lines=True) for file in sorted(folder.glob("*.ndjson"))]
    return sum(map(len, frames))


def read_with_cxresearch(folder: Path) -> int:
    return int(loaders.read("zendesk", folder)[1].files["kept"].sum())


PROGRAMS = {"pandas": read_with_pandas, "cxresearch": read_with_cxresearch}


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
    got = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=True)
    names = ["records", "cpu_seconds", "seconds", "mb_before", "mb_highest"]
    return {"program": program} | dict(zip(names, map(float, got.stdout.split()), strict=True))


def main(number: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_export(Path(folder), number)
        megabytes = sum(file.stat().st_size for file in Path(folder).iterdir()) / 2**20
        found = pd.DataFrame([_run(program, Path(folder)) for program in PROGRAMS])
    for name in ("cpu_seconds", "mb_highest"):
        found[f"{name.split('_')[0]}_to_pandas"] = found[name] / found[name].iloc[0]
    found = found.assign(
        tickets=number, file_mb=megabytes, cores=os.cpu_count(), python=platform.python_version(),
        **{name: version(name) for name in ("pandas", "duckdb", "pyarrow")},
    )  # fmt: skip
    print(found.round(3).T.to_string(header=False))
    if number == TICKETS:
        found.round(3).to_csv(FILE, index=False, lineterminator="\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        _measure(sys.argv[2], Path(sys.argv[3]))
    else:
        main(int((sys.argv[1:] or [TICKETS])[0]))
