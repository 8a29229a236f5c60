"""The folder of a report: what is ours in it, and what is never taken for it."""

import pytest

from cxresearch.report.folder import MARK, refuse_what_is_not_ours, remove_report
from cxresearch.study.schema import InputError


@pytest.fixture
def report(tmp_path):
    """A report with a page and its data."""
    (tmp_path / "index.html").write_text(f"<html>{MARK}</html>", encoding="utf-8")
    (tmp_path / "answers.json").write_text("{}", encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cause-a-table-2.csv").write_text("a\n", encoding="utf-8")
    return tmp_path


def test_pages_with_their_data_are_a_report(report):
    (report / "data" / ".DS_Store").write_text("", encoding="utf-8")
    assert refuse_what_is_not_ours(report) is None  # it raises for what is not ours
    (report / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="notes"):
        refuse_what_is_not_ours(report)


def test_a_folder_of_csv_files_of_ones_own_is_none(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tickets-table-1.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds data, which is not part of a report"):
        refuse_what_is_not_ours(tmp_path)


def test_data_that_no_report_made_is_kept_and_named(report):
    (report / "data" / "tickets.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds data"):
        refuse_what_is_not_ours(report)
    remove_report(report)
    assert [str(file.relative_to(report)) for file in report.rglob("*") if file.is_file()] == [
        "data/tickets.csv"
    ]


def test_a_report_that_is_removed_leaves_nothing(report):
    remove_report(report)
    assert not report.exists()
