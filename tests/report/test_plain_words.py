"""Pages are read in a minute: few words in the open, short sentences, no terms of the trade."""

from pathlib import Path

import pandas as pd
import pytest

from cxresearch import open_study
from cxresearch.report.glossary import WORDS
from cxresearch.report.page import read_page
from cxresearch.report.sections import flat
from tests.page_cells import page_book
from tests.readable import JARGON, numbers, read, sentence_lengths, sentences, words

EXAMPLE = Path(__file__).parents[2] / "reports" / "example"
PAGES = sorted(file for file in EXAMPLE.glob("*.html") if file.stem != "brief")
# Words in the open; of the index, which holds the answers of all pages, as many more; else 700.
MOST = {"09-can-the-method-be-trusted": 900, "index": 1000}


@pytest.fixture(scope="module")
def told() -> pd.DataFrame:
    return sentence_lengths(EXAMPLE)


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_what_is_open_is_read_in_a_few_minutes(file):
    assert read(file)["open words"] <= MOST.get(file.stem, 700)


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_terms_of_the_trade_stand_in_folded_parts(file):
    assert JARGON.findall(read(file)["open text"]) == []


def test_computed_sentences_are_short_and_hold_few_numbers(told):
    assert len(told) > 200
    assert told["words"].quantile(0.9) <= 25
    assert told.loc[told["words"] > 35, "sentence"].tolist() == []
    opened = told[~told["folded"]]
    assert opened.loc[opened["words"] > 30, "sentence"].tolist() == []
    assert opened.loc[opened["numbers"] > 3, "sentence"].tolist() == []


@pytest.mark.parametrize("page", ["00", "01", "02", "05", "06", "07", "08", "10"])
def test_they_are_so_on_a_company_without_words_that_is_too_small(small, page):
    name, book, _ = page_book(open_study(small), page)
    said = [said.text for said in read_page(name, book, frozenset()).said]
    lengths = pd.Series([len(words(one)) for text in said for one in sentences(text)])
    assert lengths.max() <= 45
    assert lengths.quantile(0.9) <= 30
    shown = [b.html for b in flat(read_page(name, book, frozenset()).blocks) if b.kind == "said"]
    assert not [html for html in shown if "does not apply" in html]


def test_sentences_words_and_numbers_are_counted_as_a_reader_would():
    said = "Of 12 causes 3 (2 to 5) are late. It was on 2025-01-31, at 7.5 hours! So it is."
    assert [len(words(one)) for one in sentences(said)] == [9, 7, 3]
    assert [numbers(one) for one in sentences(said)] == [["12", "3"], ["7.5"], []]


def test_each_term_has_one_sentence():
    for word, of in WORDS.items():
        assert len(sentences(of["says"])) == 1, word
        assert len(words(of["says"])) <= 35, word
