"""explore.ipynb in a real JupyterLab: it runs, its table fits, and a picked cause keeps its quotes.

Runs where Chromium is installed: a browser is no package of Python's.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--no-first-run"]  # fmt: skip
MINUTES = 3 * 60_000  # of a slow machine, in milliseconds

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a copy of the notebook, without token, and its address."""
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    shutil.copy(ROOT / "notebooks" / "explore.ipynb", folder)
    places = {"CXRESEARCH_STUDY": ROOT / "data/demo", "PYTHONPATH": ROOT,
              "JUPYTER_CONFIG_DIR": folder / "config"}  # fmt: skip
    environment = os.environ | {name: str(place) for name, place in places.items()}
    asked = [sys.executable, "-m", "jupyterlab", f"--port={port}", "--no-browser", "--allow-root",
             "--IdentityProvider.token=", "--ServerApp.password=", "--LabApp.news_url=None",
             f"--ServerApp.root_dir={folder}", "--ServerApp.disable_check_xsrf=True"]  # fmt: skip
    server = subprocess.Popen(asked, env=environment, cwd=folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/api").close()
            break
        except OSError:
            continue
    yield address
    server.terminate()
    server.wait(30)


@pytest.fixture(scope="module")
def page(lab):
    """The notebook with all its cells run."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.set_default_timeout(MINUTES)
        page.goto(f"{lab}/lab/tree/explore.ipynb")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        # the last cell ends in a table of counts, when all before it have run
        page.locator(".jp-Cell").last.locator(".jp-OutputArea-output").first.wait_for()
        yield page
        browser.close()


def test_every_cell_runs(page):
    expect(page.locator('[data-mime-type="application/vnd.jupyter.stderr"]')).to_have_count(0)
    expect(page.locator(".jp-OutputArea-output .ansi-red-fg")).to_have_count(0)


def test_the_ticket_table_is_no_wider_than_what_holds_it(page):
    table = page.locator("table.dataTable").first
    table.wait_for()
    outer = page.locator(".jp-OutputArea-output", has=table).first
    assert table.bounding_box()["width"] <= outer.bounding_box()["width"] + 1


def test_a_cause_that_is_picked_keeps_its_quotes(page):
    picked = page.locator("select").filter(has=page.locator("option")).last
    cell = page.locator(".jp-Cell", has=picked).last
    for place in (3, 0, 5):
        name = picked.locator("option").nth(place).inner_text()
        picked.select_option(index=place)
        expect(cell.locator("table.cx-table tbody tr")).to_have_count(8)
        title = cell.locator("img").get_attribute("alt")
        expect(cell.locator("img")).to_be_visible()
        assert name.rpartition(" (")[0][:30] in title or "half" in title
