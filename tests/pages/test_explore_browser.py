"""explore.ipynb in a real JupyterLab: it runs, its table fits, and a picked cause keeps its quotes.

Runs where Chromium is installed: a browser is no package of Python's.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--no-first-run", "--no-proxy-server"]  # fmt: skip
MINUTES = 3 * 60_000  # of a slow machine, in milliseconds
FAILED = ", ".join(f'[data-mime-type="application/vnd.jupyter.{of}"]' for of in ("stderr", "error"))
READY = "() => window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel"
RUN_ALL = """async () => {
    await jupyterapp.shell.currentWidget.context.sessionContext.ready;
    jupyterapp.commands.execute("notebook:run-all-cells").finally(() => window.ran = true);
}"""
# of each cell of a table in how many lines its text stands, and whether it runs out of the cell
LINES = """table => [...table.querySelectorAll("thead th, tbody td")].map(cell => {
    const range = document.createRange();
    range.selectNodeContents(cell.querySelector(".dt-column-title") ?? cell);
    const lines = [...range.getClientRects()];
    const end = Math.max(...lines.map(line => line.right));
    return [cell.textContent, lines.length, end > cell.getBoundingClientRect().right];
})"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        time.sleep(0.2)
        return False
    return True


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A copy of the demo that may be written to."""
    return shutil.copytree(ROOT / "data/demo", tmp_path_factory.mktemp("study") / "demo")


@pytest.fixture(scope="module")
def lab(tmp_path_factory, study):
    """JupyterLab on a copy of the notebook and of the demo, without token, and its address."""
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    shutil.copy(ROOT / "notebooks" / "explore.ipynb", folder)
    places = {"CXRESEARCH_STUDY": study, "PYTHONPATH": ROOT,
              "JUPYTER_CONFIG_DIR": tmp_path_factory.mktemp("config")}  # fmt: skip
    environment = os.environ | {name: str(place) for name, place in places.items()}
    asked = [sys.executable, "-m", "jupyterlab", f"--port={port}", "--no-browser", "--allow-root",
             "--IdentityProvider.token=", "--ServerApp.password=", "--LabApp.news_url=None",
             "--LabApp.expose_app_in_browser=True",
             "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
             f"--ServerApp.root_dir={folder}", "--ServerApp.disable_check_xsrf=True"]  # fmt: skip
    server = subprocess.Popen(asked, env=environment, cwd=folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)  # fmt: skip
    until = time.monotonic() + MINUTES / 1000
    while not listens(port) and server.poll() is None and time.monotonic() < until:
        pass
    yield f"http://127.0.0.1:{port}"
    server.terminate()  # its kernels end with it
    server.wait(60)


@pytest.fixture(scope="module")
def asked():
    """The addresses that the page asked anything of."""
    return []


@pytest.fixture(scope="module")
def page(lab, asked):
    """The notebook with all its cells run, or those before one that failed."""
    expect.set_options(timeout=MINUTES)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.set_default_timeout(MINUTES)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{lab}/lab/tree/explore.ipynb")
        page.wait_for_function(READY)
        page.evaluate(RUN_ALL)
        page.wait_for_function("() => window.ran")
        yield page
        browser.close()


def test_every_cell_runs(page):
    assert page.locator(FAILED).all_text_contents() == []
    expect(page.locator(".jp-Cell").last.locator("table tbody tr")).to_have_count(5)


def test_the_ticket_table_fits_and_keeps_words_whole(page):
    table = page.locator("table.cx-tickets")
    table.scroll_into_view_if_needed()
    outer = page.locator(".jp-OutputArea-output", has=table)
    assert table.bounding_box()["width"] <= outer.bounding_box()["width"]
    cells = table.evaluate(LINES)
    heads, rows = cells[:8], [cells[row : row + 8] for row in range(8, len(cells), 8)]
    assert len(rows) == 10
    assert [text for text, _, beyond in cells if beyond] == []
    whole = [*heads, *(cell for row in rows for cell in row[:3])]  # its number, day and status
    assert [text for text, lines, _ in whole if lines != 1] == []


def test_the_map_names_its_topics_and_offers_to_send_it_nowhere(page):
    figure = page.locator(".js-plotly-plot")
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".legendtext")).to_have_count(13)
    offered = figure.locator(".modebar-btn").evaluate_all("all => all.map(b => b.dataset.title)")
    assert "Zoom" in offered
    assert [title for title in offered if re.search("cloud|share|edit", title, re.I)] == []


def test_a_cause_that_is_picked_keeps_its_quotes_and_its_name(page):
    cell = page.locator(".jp-Cell", has=page.locator(".cx-about"))
    picked = cell.locator("select")
    offered = picked.locator("option").all_text_contents()
    named = [" ".join(each.split()[:-1]) for each in offered]  # without how many tickets it has
    longest = named.index(max(named, key=len))
    seen = set()
    for place in (3, longest, 0):
        picked.select_option(index=place)
        image = cell.get_by_alt_text(re.compile("^" + re.escape(named[place])))
        expect(image).to_be_visible()
        assert not image.get_attribute("alt").endswith("…")
        expect(cell.locator("table.cx-table tbody tr")).to_have_count(8)
        seen.add(cell.locator("table.cx-table").inner_text())
    assert len(seen) == 3


def test_a_cause_is_called_otherwise_and_its_effect_seen_before_it_is_saved(page, study):
    form, before = page.locator(".cx-teach"), (study / "causes.toml").read_text("utf-8")
    form.scroll_into_view_if_needed()
    form.get_by_label("cause", exact=True).select_option(label="App crashes (1,090)")
    expect(form.get_by_label("call it")).to_have_value("App crashes")
    form.get_by_label("call it").fill("<b>The app</b> stops")
    form.get_by_role("button", name="See the effect").click()
    row = form.locator("table.cx-table tbody tr")
    expect(row).to_have_count(1)
    assert row.locator("td").all_text_contents() == [
        "<b>The app</b> stops", "App crashes", "1,090", "1,090", "0", "0", ""]  # fmt: skip
    assert (study / "causes.toml").read_text("utf-8") == before
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("Saved.")).to_contain_text("called otherwise: 1,090.")
    assert 'name = "<b>The app</b> stops"' in (study / "causes.toml").read_text("utf-8")
    told = pd.read_parquet(study / "ticket_causes.parquet")["cause"]
    assert (told == "<b>The app</b> stops").sum() == 1090


def test_a_merge_a_split_and_a_moved_ticket_are_seen_together(page, study):
    form, saved = page.locator(".cx-teach"), pd.read_parquet(study / "ticket_causes.parquet")
    choose, name = form.get_by_label("cause", exact=True), form.get_by_label("call it")
    stock = saved.loc[saved["cause"] == "Stock not synchronised", "ticket_id"].iloc[0]
    choose.select_option(label="Verification code not arriving · Authenticator (720)")
    expect(name).to_have_value("Verification code not arriving · Authenticator")
    name.fill("Roles and permissions")
    choose.select_option(label="a new cause, or a part of one")
    expect(name).to_have_value("")
    name.fill("The scanner freezes")
    form.get_by_label("customers would write").fill("the scanner freezes\nmy handheld hangs")
    form.get_by_label("ticket", exact=True).fill(stock)
    form.get_by_label("belongs to").select_option(
        "Where is our refund · Promised the reimbursement"
    )
    form.get_by_role("button", name="See the effect").click()
    rows = form.locator("table.cx-table tbody tr")
    expect(rows.filter(has_text="The scanner freezes")).to_have_count(1)
    told = [row.locator("td").all_text_contents() for row in rows.all()]
    cells = {cause: [int(n.replace(",", "")) for n in counts] for cause, *counts, _ in told}
    now, then, come, _ = cells["The scanner freezes"]
    assert now == 0 < then == come
    assert cells["Verification code not arriving · Authenticator"][:2] == [720, 0]
    assert cells["Roles and permissions"][2] > 600
    assert cells["Where is our refund · Promised the reimbursement"][2] >= 1
    pd.testing.assert_frame_equal(pd.read_parquet(study / "ticket_causes.parquet"), saved)
    form.get_by_role("button", name="Start over").click()
    expect(rows).to_have_count(0)


def test_what_cannot_be_is_said_in_the_form(page):
    form = page.locator(".cx-teach")
    form.get_by_label("ticket", exact=True).fill("<i>nobody's</i>")
    form.get_by_role("button", name="See the effect").click()
    expect(form.get_by_text("'<i>nobody's</i>' is no ticket of this study")).to_be_visible()
    form.get_by_role("button", name="Start over").click()
    expect(form.get_by_label("ticket", exact=True)).to_have_value("")
    assert page.locator(FAILED).all_text_contents() == []


def test_another_promise_and_a_part_say_what_they_are(page):
    for said in ("the promise of 7 days", "the promise of 14 days", "within 24 hours",
                 "within 48 hours", "This is a part of"):  # fmt: skip
        expect(page.locator(".jp-OutputArea-output").get_by_text(said)).to_have_count(1)


def test_nothing_is_asked_of_any_other_machine(page, lab, asked):
    assert any(url.startswith(lab) for url in asked)
    assert [url for url in asked if not url.startswith((lab, "data:", "blob:"))] == []
