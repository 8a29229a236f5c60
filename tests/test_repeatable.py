"""An import is the same, to the last bit, whatever machine, clock and language it meets."""

import os
import subprocess
import sys

import pytest

from tests.benchmarks.import_speed import write_export

PLAIN = {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
ODD = {
    "TZ": "Pacific/Auckland",
    "LC_ALL": "tr_TR.UTF-8",
    "PYTHONHASHSEED": "1",
    "OMP_NUM_THREADS": "2",
}


def turkish(folder):
    """The environment in which glibc finds Turkish; without it where that cannot be made."""
    command = ["localedef", "-i", "tr_TR", "-f", "UTF-8", folder / "tr_TR.UTF-8"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"LOCPATH": str(folder)}


def imported(export, to, environment):
    """The tables of an import, byte by byte, by their names."""
    command = [sys.executable, "-m", "cxresearch.cli", "import", "zendesk", export, "--to", to]
    subprocess.run(command, env=os.environ | environment, check=True, capture_output=True)
    return {file.name: file.read_bytes() for file in to.glob("*.parquet")}


@pytest.fixture
def export(tmp_path):
    folder = tmp_path / "İhracat"  # which Turkish would write in small letters otherwise
    folder.mkdir()
    write_export(folder, 40)
    return folder


def test_threads_hashes_time_zone_language_and_folder_change_no_bit_of_an_import(export, tmp_path):
    plain = imported(export, tmp_path / "plain", PLAIN)
    odd = imported(export, tmp_path / "Größe und Maß", ODD | turkish(tmp_path))
    assert {"tickets.parquet", "ticket_events.parquet"} <= set(plain)
    assert odd == plain
