"""What stood in a report's folder stays: other pages when some are made anew, earlier months."""

import json
from dataclasses import replace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output

from cxresearch import finding
from cxresearch.report import render_report, report_study
from cxresearch.report.earlier import month_of
from cxresearch.report.folder import earlier_reports, reports_removed
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study


@pytest.fixture
def book(notebook, ran):
    """Makes a notebook of a title that says and shows one thing."""

    def make(title, says):
        table = new_output("display_data", {"text/html": "<table><tr><td>1</td></tr></table>",
                                            "text/csv": f"{says}\n"})  # fmt: skip
        cell = ran(lambda s: s.say(finding(says)))
        return notebook(f"# {title}\n\n> {title}?", cell, new_code_cell("t", outputs=[table]))

    return make


@pytest.fixture
def whole(book):
    """A summary, two pages and two causes, the larger one first."""
    pages = [("00-first", "Sums"), ("01-data", "Data"), ("04-why", "Why"), ("cause-z", "Z"),
             ("cause-b", "B")]  # fmt: skip
    return [(name, book(title, f"{title} was.")) for name, title in pages]


@pytest.fixture
def out(whole, study, tmp_path):
    return render_report(whole, study, tmp_path / "out", ["Z", "B"]).parent


def files(folder):
    every = (f for f in folder.rglob("*") if f.is_file())
    return {str(f.relative_to(folder)): f.read_bytes() for f in every}


def observed(study: Study, until: str) -> Study:
    """The study, watched until another day."""
    return Study(replace(study.settings, observed_until=until), study.path, {})


def test_a_page_that_is_made_again_changes_no_other(book, study, out):
    before = files(out)
    render_report([("01-data", book("Data", "Data is."))], study, out, part=True)
    after = files(out)
    changed = {name for name in before if before[name] != after[name]}
    assert after.keys() == before.keys()
    assert changed == {
        "01-data.html", "answers.json", "data/01-data-table-1.csv", "index.html"
    }  # fmt: skip
    assert b"Data is." in after["index.html"]
    assert after["data/01-data-table-1.csv"] == b"Data is.\n"


def test_index_and_answers_hold_all_pages_and_say_which_is_new(book, study, out, read):
    old = json.loads((out / "answers.json").read_text(encoding="utf-8"))["notebooks"]
    render_report([("04-why", book("Why so", "Why is."))], study, out, part=True)
    new = json.loads((out / "answers.json").read_text(encoding="utf-8"))["notebooks"]
    assert new["04-why"]["answer"] == "Why is."
    assert {n: t for n, t in new.items() if n != "04-why"} == {
        n: t for n, t in old.items() if n != "04-why"
    }
    index = read(out / "index.html")
    assert "Sums was." in index.text.split("The pages")[0]  # the summary's answer still leads
    assert [each["class"] for each in index["section"]] == ["answer"]
    assert "Not all pages were made at once" in index.text
    assert [a["href"] for a in index["a"]][1:] == [
        "brief.html", "00-first.html", "01-data.html", "04-why.html"
    ]  # fmt: skip


def test_a_page_that_is_new_to_the_folder_can_be_reached_and_changes_no_other(
    book, study, out, read
):
    before = files(out)
    render_report([("02-how", book("How", "How is."))], study, out, part=True)
    after = files(out)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"answers.json", "index.html"}
    assert after.keys() - before.keys() == {"02-how.html", "data/02-how-table-1.csv"}
    assert "02-how.html" in [a["href"] for a in read(out / "index.html")["a"]]
    menu = [a["href"].removesuffix(".html") for a in read(out / "02-how.html")["a"]][1:]
    half = menu[: menu.index("index", 1)]
    assert half == ["index", "00-first", "01-data", "02-how", "04-why", "cause-b", "cause-z"]


def test_the_summary_made_anew_is_what_can_be_printed(book, study, out):
    render_report([("00-first", book("Sums", "Sums are."))], study, out, part=True)
    assert "Sums are." in (out / "brief.html").read_text(encoding="utf-8")
    assert "Sums are." in (out / "index.html").read_text(encoding="utf-8")


def test_a_page_that_shows_a_table_no_more_leaves_no_data(book, study, out):
    without = book("Data", "Data is.")
    without.cells.pop()
    render_report([("01-data", without)], study, out, part=True)
    assert not (out / "data" / "01-data-table-1.csv").exists()
    assert (out / "data" / "04-why-table-1.csv").exists()


def test_data_of_a_page_whose_name_begins_alike_stays(book, study, whole, tmp_path):
    more = [*whole, ("cause-z-table", book("T", "T was."))]
    out = render_report(more, study, tmp_path / "out").parent
    render_report([("cause-z", book("Z", "Z is."))], study, out, part=True)
    assert (out / "data" / "cause-z-table-table-1.csv").read_text(encoding="utf-8") == "T was.\n"


def test_a_part_of_nothing_is_a_report_of_its_own(book, study, tmp_path, read):
    index = render_report([("01-data", book("D", "D."))], study, tmp_path / "new", part=True)
    assert "Not all pages were made at once" not in read(index).text


def test_pages_that_nothing_tells_of_are_not_guessed(book, study, out):
    (out / "answers.json").write_text("[]", encoding="utf-8")
    before = files(out)
    with pytest.raises(InputError, match="make the whole report"):
        render_report([("01-data", book("D", "D."))], study, out, part=True)
    assert files(out) == before


def test_a_later_month_moves_the_report_to_its_month(whole, study, out, read):
    january = files(out)
    render_report(whole[:3], observed(study, "2026-02-28T00:00:00Z"), out, kept=12)
    assert files(out / "2026-01") == january
    assert month_of(out) == "2026-02"
    assert read(out / "index.html")["a"][-1] == {"href": "2026-01/index.html"}
    assert not (out / "cause-z.html").exists()


def test_the_same_month_replaces_and_the_oldest_go_first(whole, study, out):
    render_report(whole, observed(study, "2026-01-02T00:00:00Z"), out, kept=12)
    assert earlier_reports(out) == []
    for month in ("02", "02", "03", "04", "05"):
        render_report(whole, observed(study, f"2026-{month}-20T00:00:00Z"), out, kept=2)
    assert [folder.name for folder in earlier_reports(out)] == ["2026-03", "2026-04"]
    render_report(whole, observed(study, "2026-06-20T00:00:00Z"), out, kept=0)
    assert earlier_reports(out) == []


def test_a_part_leaves_earlier_reports_where_they_are(whole, study, out, read):
    render_report(whole, observed(study, "2026-02-28T00:00:00Z"), out, kept=12)
    old = files(out / "2026-01")
    march = observed(study, "2026-03-31T00:00:00Z")
    index = render_report(whole[1:2], march, out, part=True, kept=12)
    assert files(out / "2026-01") == old
    assert "2026-01" in read(index).text.split("Earlier reports")[1]


@pytest.mark.parametrize("between", ["01", "02"])
def test_a_part_of_the_next_month_loses_no_month(whole, study, out, between):
    january = files(out)
    part = observed(study, f"2026-{between}-03T00:00:00Z")
    render_report(whole[4:], part, out, part=True, kept=12)
    render_report(whole, observed(study, "2026-02-28T00:00:00Z"), out, kept=12)
    kept = files(out / "2026-01")
    same = {name for name in january if kept[name] == january[name]}
    assert same >= january.keys() - (
        {"index.html", "cause-b.html"} if between == "01" else set()
    )  # of January's own part the page is the newer one


def test_an_earlier_month_takes_the_place_of_no_later_one(whole, study, out):
    january = files(out)
    render_report(whole, observed(study, "2025-12-31T00:00:00Z"), out, kept=12)
    assert files(out / "2026-01") == january


def test_a_kept_report_has_no_link_that_leads_nowhere(whole, study, out, read):
    for month in ("02", "03", "04"):
        render_report(whole, observed(study, f"2026-{month}-20T00:00:00Z"), out, kept=2)
    assert [folder.name for folder in earlier_reports(out)] == ["2026-02", "2026-03"]
    for page in out.rglob("*.html"):
        for a in read(page)["a"]:
            to = a["href"].partition("#")[0]
            assert (page.parent / to).exists() or not to, (page, to)


def test_what_a_person_laid_beside_an_earlier_report_is_refused_not_removed(whole, study, out):
    render_report(whole, observed(study, "2026-02-28T00:00:00Z"), out, kept=12)
    (out / "2026-01" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="holds 2026-01, which is not part of a report"):
        render_report(whole, observed(study, "2026-03-31T00:00:00Z"), out, kept=0)


def test_the_number_kept_is_a_setting(notebook, ran, study_folder, tmp_path):
    (tmp_path / "books").mkdir()
    nbformat.write(notebook("# T", new_code_cell("1")), tmp_path / "books" / "01-t.ipynb")
    told = (study_folder / "study.toml").read_text(encoding="utf-8")
    for until, kept in (("01", 12), ("02", 12), ("03", 1)):
        text = told.replace("2026-01-31", f"2026-{until}-28") + f"reports_kept = {kept}\n"
        (study_folder / "study.toml").write_text(text, encoding="utf-8")
        index = report_study(study_folder, tmp_path / "books", tmp_path / "out")
    assert [folder.name for folder in earlier_reports(index.parent)] == ["2026-02"]


def test_who_is_forgotten_goes_out_of_earlier_reports_too(whole, study, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for month in ("01", "02"):
        until = observed(study, f"2026-{month}-20T00:00:00Z")
        render_report(whole, until, tmp_path / "reports" / "nordlicht", kept=12)
    said = list(reports_removed(study.name, study.path, dry_run=False))
    assert [line.split("/")[-1] for line in said] == ["2026-01", "nordlicht"]
    assert not (tmp_path / "reports" / "nordlicht").exists()
