"""Memory: a file that holds much of which little is kept takes little, however large it is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cxresearch import loaders

STATUS = Path("/proc/self/status")
BESIDE = 300  # megabytes in the file of which nothing is kept
BOUND = 250  # megabytes that reading it may take: batches and what parses them
IN_A_PROCESS = """
import sys
from pathlib import Path
from cxresearch import loaders

def highest():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

(Path(sys.argv[1]) / "small").mkdir()
(Path(sys.argv[1]) / "small" / "t.ndjson").write_text(sys.argv[2])
loaders.read("zendesk", Path(sys.argv[1]) / "small")
before = highest()
_, found = loaders.read("zendesk", sys.argv[3])
print(len(found.tables["tickets"]), highest() - before)
"""
TICKET = {"id": 1, "requester_id": 2, "submitter_id": 2, "via": {}, "status": "open",
          "created_at": "2026-01-01T00:00:00Z"}  # fmt: skip


def lines(file, many):
    for n in range(many):
        file.write(json.dumps(TICKET | {"id": n, "much": "x" * 1_000_000}) + "\n")


def page(file, many):
    file.write('{"tickets": [')
    for n in range(many):
        file.write(json.dumps(TICKET | {"id": n, "much": "x" * 1_000_000}) + ",")
    file.write(json.dumps(TICKET | {"id": many}) + "]}")


@pytest.mark.skipif(not STATUS.exists(), reason="the system does not tell how much memory was held")
@pytest.mark.parametrize(("write", "name"), [(lines, "t.ndjson"), (page, "t.json")])
def test_what_is_not_kept_takes_no_memory(tmp_path, write, name):
    with (tmp_path / name).open("w") as file:
        write(file, BESIDE)
    command = [sys.executable, "-c", IN_A_PROCESS, tmp_path, json.dumps(TICKET), tmp_path / name]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert int(told[0]) >= BESIDE
    assert float(told[1]) < BOUND


def test_progress_tells_each_file_and_the_records_read_so_far(tmp_path):
    (tmp_path / "t.ndjson").write_text("\n".join(json.dumps(TICKET | {"id": n}) for n in range(3)))
    told = []
    loaders.read("zendesk", tmp_path, progress=lambda file, records: told.append((file, records)))
    assert told == [("t.ndjson", 3)]
