"""What is printed: one sheet of the page to print, few of the rest, each with its number."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "reports" / "example"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MOST = 48  # sheets of A4: three a page, of sixteen pages; the index

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")


@pytest.fixture(scope="module")
def sheets(tmp_path_factory):
    """How many sheets each page of the example has."""
    folder, counts = tmp_path_factory.mktemp("printed"), {}
    for file in sorted(EXAMPLE.glob("*.html")):
        to = folder / f"{file.stem}.pdf"
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        where = [f"--user-data-dir={folder}/browser", f"--print-to-pdf={to}"]
        command = [CHROMIUM, *flags, *where, file.as_uri()]
        subprocess.run(command, check=True, capture_output=True)
        counts[file.stem] = len(re.findall(rb"/Type\s*/Page\b", to.read_bytes()))
    return counts


def test_the_page_to_print_is_one_sheet(sheets):
    assert sheets["brief"] == 1


def test_the_report_is_printed_on_few_sheets(sheets):
    assert sum(n for name, n in sheets.items() if name != "brief") <= MOST
    assert max(sheets.values()) <= 5
