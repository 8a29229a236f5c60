"""The report as a folder of pages that need nothing but themselves."""

import json
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from cxresearch import CannotTell, finding, report
from cxresearch.report import check_published, render_report
from cxresearch.report.render import publish  # a module has that name, too
from cxresearch.study.schema import InputError

CSS = Path(report.__file__).parent / "template" / "style.css"
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)> [a](javascript:alert(1))"
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@pytest.fixture
def executed(notebook, ran):
    """Three notebooks that were run, full of hostile text."""
    summary = notebook(
        "# What first?\n\n> What should we fix first?",
        ran(
            lambda s: s.say(finding("**{n}** leave over login.", n=184)),
            lambda s: s.say(finding("Rate {r:.1f}.", r=float("nan"))),
        ),
        "See [what to fix](04-causes.ipynb), [the evidence](06-who-leaves.ipynb#is-not), "
        "[what could be wrong](09-method.ipynb).",
    )
    causes = notebook(
        f"# Causes {EVIL}\n\n> Which {EVIL}?",
        ran(
            lambda s: s.say(EVIL, CannotTell(EVIL), finding("{x}", x=EVIL)),
            lambda s: s.table(pd.DataFrame({EVIL: [EVIL, "x" * 500]}), EVIL),
            source=f"a = '''{EVIL}</code></pre>'''",
        ),
        f"## {EVIL}\n\n{EVIL}",
    )
    leaves = notebook("# Who leaves", ran(lambda s: s.say(CannotTell("only 81% match."))))
    return [("00-summary", summary), ("04-causes", causes), ("06-who-leaves", leaves)]


@pytest.fixture
def rendered(executed, study, tmp_path):
    return render_report(executed, study, tmp_path / "out").parent


def test_a_report_is_a_page_a_notebook_an_index_and_answers(rendered):
    assert sorted(file.name for file in rendered.iterdir()) == [
        "00-summary.html",
        "04-causes.html",
        "06-who-leaves.html",
        "answers.json",
        "brief.html",
        "data",
        "index.html",
    ]


def test_pages_hold_no_script_and_request_nothing(rendered, read):
    for file in rendered.glob("*.html"):
        for tag, attrs in read(file).found:
            assert tag not in ("script", "iframe", "object", "base", "form", "svg", "img")
            assert not [name for name in attrs if name.startswith("on")]
            assert re.match(r"(#|data:,$|[\w-]+\.html|data/[\w-]+\.csv$)", attrs.get("href", "#"))
        assert not re.search(r"url\(|@import|https?://", file.read_text(encoding="utf-8"))


def test_pages_state_language_policy_and_generator(rendered, read):
    for file in rendered.glob("*.html"):
        page = read(file)
        assert page["html"] == [{"lang": "en"}]
        assert page["meta"][1]["content"].startswith(POLICY)
        assert page["a"][0] == {"class": "skip", "href": "#content"}
        assert len(page["h1"]) == len(page["main"]) == 1


def test_the_menu_marks_the_page_it_is_on(rendered, read):
    marked = [a for a in read(rendered / "04-causes.html")["a"] if "aria-current" in a]
    assert {(a["href"], a["aria-current"]) for a in marked} == {("04-causes.html", "page")}
    listed = {a["href"] for a in read(rendered / "04-causes.html")["a"]}
    assert {"index.html", "00-summary.html", "06-who-leaves.html"} <= listed


def test_the_index_opens_with_the_summarys_answer_and_links(rendered, read):
    page = read(rendered / "index.html")
    links = [a["href"] for a in page["a"]]
    assert links[1:4] == ["brief.html", "00-summary.html", "04-causes.html"]
    assert "09-method.html" not in links
    before, after = page.text.split("What could", 1)[0].split("184 leave over login.")
    assert "What should we fix first?" in before
    assert "Cannot tell: only 81% match." in after


def test_only_what_cannot_be_told_is_amber(rendered, read):
    def answers(name):
        return [s["class"] for s in read(rendered / name)["section"]]

    assert answers("00-summary.html") == ["answer"]
    assert answers("06-who-leaves.html") == ["answer cannot"]


def test_answers_hold_every_sentence_and_its_numbers(rendered):
    text = (rendered / "answers.json").read_text(encoding="utf-8")
    answers = json.loads(text, parse_constant=lambda word: pytest.fail(word))
    assert answers["study"] == "Nordlicht & Söhne"
    assert answers["notebooks"]["00-summary"] == {
        "title": "What first?",
        "question": "What should we fix first?",
        "answer": "184 leave over login.",
        "said": [
            {"text": "184 leave over login.", "numbers": {"n": 184}},
            {"text": "Rate nan.", "numbers": {"r": None}},
        ],
    }


def test_every_page_is_stamped(rendered, read):
    for file in rendered.glob("*.html"):
        text = read(file).text
        assert "Nordlicht & Söhne · watched until 2026-01-31" in text
        assert "1,200 tickets · 2 customers" in text
        assert re.search(r"cxresearch \d+\.\d+\.\d+\S* · [0-9a-f]{12}", text)


def stamps(folder):
    pages = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.html"))]
    return [re.search(r">([0-9a-f]{12})<", page)[1] for page in pages]


def test_the_stamp_changes_with_the_tables_and_with_the_cells(executed, study, tmp_path):
    first = stamps(render_report(executed, study, tmp_path / "out").parent)
    executed[2][1].cells[0].source += " now"
    second = stamps(render_report(executed, study, tmp_path / "out").parent)
    assert [a == b for a, b in zip(first, second, strict=True)] == [True, True, False, True, False]
    study.customers.head(1).to_parquet(study.path / "customers.parquet")
    third = stamps(render_report(executed, study, tmp_path / "out").parent)
    assert not set(second) & set(third)


def test_rendering_twice_gives_the_same_bytes_and_no_path(executed, study, tmp_path):
    one = render_report(executed, study, tmp_path / "one").parent
    two = render_report(executed, study, tmp_path / "two").parent
    for file in (f for f in one.rglob("*") if f.is_file()):
        assert file.read_bytes() == (two / file.relative_to(one)).read_bytes()
        assert str(tmp_path) not in file.read_text(encoding="utf-8")


def test_pages_without_figures_are_small(rendered):
    assert max(file.stat().st_size for file in rendered.iterdir()) < 40_000


def test_an_older_report_is_replaced_whole(executed, study, tmp_path):
    render_report(executed, study, tmp_path / "out")
    render_report(executed[:1], study, tmp_path / "out")
    assert not (tmp_path / "out" / "04-causes.html").exists()
    assert not list(tmp_path.glob(".out*"))


@pytest.mark.parametrize("name", ["notes.txt", "page.html", "folder/x"])
def test_a_folder_that_holds_anything_else_is_left_alone(executed, study, tmp_path, name):
    out = render_report(executed, study, tmp_path / "out").parent
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=f"holds {name.split('/')[0]}"):
        render_report(executed, study, out)
    assert (out / name).read_text(encoding="utf-8") == "mine"


def test_a_failing_render_leaves_the_old_report(executed, study, tmp_path):
    out = render_report(executed, study, tmp_path / "out").parent
    before = stamps(out)
    executed[0][1].cells[1].outputs[0].metadata.cxresearch.numbers = {"n": object()}
    with pytest.raises(TypeError):
        render_report(executed, study, out)
    assert stamps(out) == before
    assert not list(tmp_path.glob(".out*"))


def test_a_published_report_is_stale_once_a_notebook_changes(executed, study_folder, tmp_path):
    for name, book in executed:
        nbformat.write(book, tmp_path / f"{name}.ipynb")
    out = publish(tmp_path, study_folder, tmp_path / "out").parent
    check_published(tmp_path, study_folder, out)
    executed[1][1].cells[2].source += " more"
    nbformat.write(executed[1][1], tmp_path / "04-causes.ipynb")
    (out / "05-old.html").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match=r"now: 04-causes\.html, 05-old\.html, index\.html\."):
        check_published(tmp_path, study_folder, out)


def test_publishing_runs_nothing_and_skips_what_has_no_number(executed, study_folder, tmp_path):
    for name, book in [*executed, ("explore", executed[0][1])]:
        nbformat.write(book, tmp_path / f"{name}.ipynb")
    out = publish(tmp_path, study_folder, tmp_path / "out").parent
    assert "<strong>184</strong> leave" in (out / "index.html").read_text(encoding="utf-8")
    assert not (out / "explore.html").exists()


def test_a_notebook_that_was_never_run_is_not_published(notebook, ran, study_folder, tmp_path):
    nbformat.write(notebook("# T", ran()), tmp_path / "00-summary.ipynb")
    with pytest.raises(InputError, match="00-summary has no outputs yet"):
        publish(tmp_path, study_folder, tmp_path / "out")


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "papers"),
    [
        ("ink", ["paper", "tint", "amber-tint", "code"]),
        ("soft", ["paper"]),
        ("accent", ["paper", "tint"]),
        ("amber", ["paper", "amber-tint"]),
        *((name, ["code"]) for name in ("keyword", "string", "comment", "digit")),
    ],
)
def test_text_contrast_meets_wcag_aa(scheme, ink, papers):
    blocks = re.findall(r":root \{(.*?)\}", CSS.read_text(encoding="utf-8"), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", blocks[scheme]))
    for paper in papers:
        dark, light = sorted((luminance(colours[ink]), luminance(colours[paper])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5
