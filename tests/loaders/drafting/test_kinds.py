"""What a row of a file is seen to be."""

import pytest

from cxresearch.loaders.drafting.kinds import kind_of
from cxresearch.loaders.drafting.sights import sights
from cxresearch.loaders.reading import files


def seen(tmp_path, header, *rows, name="t.csv", billing=False):
    (tmp_path / name).write_text("\n".join([header, *rows]) + "\n")
    (sight,) = sights(files.find(tmp_path / name)[0])
    return kind_of(sight, billing)


def rows(of, first, second):
    return [f"{i},2026-01-0{d}T0{i}:00:00Z,{v}" for i in of for d, v in ((1, first), (2, second))]


@pytest.mark.parametrize(
    ("header", "lines", "kind"),
    [
        ("id,created,status", ["1,2026-01-01,open", "2,2026-01-02,open"], "ticket"),
        ("ticket id,updated,status", rows("123", "open", "closed"), "change"),
        ("ticket id,sent,message", rows("123", "hello there", "thanks a lot"), "message"),
        ("response id,sent,nps score", ["1,2026-01-01,9", "2,2026-01-02,3"], "survey answer"),
        ("account,start date,mrr", ["A,2024-01-01,49", "B,2024-02-01,99"], "account"),
        ("customer id,start date,plan", ["A,2024-01-01,x", "A,2025-01-01,y"], "subscription"),
        ("review id,stars,review,created", ["1,5,ok,2026-01-01", "2,1,no,2026-01-02"], "review"),
        ("call id,caller,created,talk time", ["1,a,2026-01-01,70", "2,b,2026-01-02,80"], "call"),
    ],
)  # fmt: skip
def test_a_row_is_told_by_names_and_by_what_repeats(tmp_path, header, lines, kind):
    assert seen(tmp_path, header, *lines).name == kind


def test_rows_of_one_ticket_that_are_neither_changes_nor_messages_are_doubted(tmp_path):
    kind = seen(tmp_path, "ticket id,created,status", *rows("123", "open", "open"))
    assert (kind.name, kind.row) == ("ticket", "")
    assert "neither changes nor messages" in kind.doubt


def test_what_is_nothing_known_is_not_described(tmp_path):
    assert seen(tmp_path, "colour,weight", "red,3", "blue,4") is None


def test_files_of_billing_are_accounts_even_if_nothing_tells_when_they_left(tmp_path):
    kind = seen(tmp_path, "account,city", "A,Rome", "B,Bonn", billing=True)
    assert kind.table == "customers"
    assert "no column tells" in kind.doubt
