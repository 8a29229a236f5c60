"""Whether everybody can read the pages: axe-core finds nothing, in light, in dark and on a phone.

Runs where Chromium is installed: a browser is no package of Python's.
"""

import shutil
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import sync_playwright

EXAMPLE = Path(__file__).parents[2] / "reports" / "example"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
# What fails, on what: the whole answer of axe is too long to read.
FAILS = """async () => (await axe.run()).violations.map(
    rule => `${rule.id}: ${rule.nodes.map(node => node.html.slice(0, 120)).slice(0, 3)}`)"""
UNFOLDED = "() => document.querySelectorAll('details').forEach(one => one.open = true)"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(params=["light", "dark", "narrow"])
def page(browser, request):
    narrow = request.param == "narrow"
    opened = browser.new_page(
        color_scheme="dark" if request.param == "dark" else "light",
        viewport={"width": 390 if narrow else 1200, "height": 900},
    )
    yield opened
    opened.close()


@pytest.mark.parametrize("name", sorted(file.name for file in EXAMPLE.glob("*.html")))
def test_axe_finds_nothing(page, name):
    page.goto((EXAMPLE / name).as_uri())
    page.evaluate(AXE)
    assert page.evaluate(FAILS) == []
    page.evaluate(UNFOLDED)
    assert page.evaluate(FAILS) == []


def test_axe_would_find_something(browser):
    page = browser.new_page()
    page.set_content("<img src='data:,'><p style='color:#ccc'>Grey words</p>")
    page.evaluate(AXE)
    found = " ".join(page.evaluate(FAILS))
    assert "image-alt" in found
    assert "color-contrast" in found


@pytest.mark.parametrize("name", sorted(file.name for file in EXAMPLE.glob("*.html")))
def test_no_page_is_wider_than_a_phone(browser, name):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto((EXAMPLE / name).as_uri())
    page.evaluate(UNFOLDED)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
