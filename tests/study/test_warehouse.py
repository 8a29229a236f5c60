"""A study whose tables lie elsewhere: a folder that knows when it was watched, and nothing more."""

import pandas as pd
import pytest

from cxresearch.study.engine import engine_in_memory
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study, open_study
from cxresearch.study.told_dates import settings_of
from cxresearch.study.warehouse import begin
from cxresearch.study.whole_customers import partitions


@pytest.fixture(scope="module")
def demo() -> Study:
    return open_study("data/demo")


@pytest.fixture(scope="module")
def there(demo):
    return engine_in_memory({name: demo.table(name) for name in demo.rows})


def test_a_folder_is_begun_with_what_the_tables_tell(there, demo, tmp_path):
    begin(tmp_path / "support", there, "support")
    study = open_study(tmp_path / "support", engine=there)
    last = demo.tickets[["created_at", "updated_at"]].max().max()
    assert study.outcome == "churn"
    assert study.observed_until == last.floor("s")
    assert study.settings.time("tickets_from") == demo.tickets["created_at"].min()
    assert study.rows == demo.rows  # fewer than sample_tickets: all of them
    assert study.sample.says == ""
    assert sorted(f.name for f in (tmp_path / "support").iterdir()) == ["study.toml"]


def test_without_customers_the_outcome_is_return(demo, tmp_path):
    begin(tmp_path / "forum", engine_in_memory({"tickets": demo.tickets}), "forum")
    assert settings_of(tmp_path / "forum").outcome == "return"


def test_partitions_hold_every_row_once(demo):
    parts = list(partitions(demo, 3))
    for name in ("tickets", "ticket_events", "customers", "surveys"):
        key = demo.table(name).columns[0]
        held = pd.concat([part.table(name)[key] for part in parts])
        assert sorted(held) == sorted(demo.table(name)[key])
    assert all(part.settings.tickets_from == demo.settings.tickets_from for part in parts)


def test_a_study_in_memory_has_no_partitions(demo):
    with pytest.raises(InputError, match="folder or an engine"):
        next(partitions(Study.from_tables({"tickets": demo.tickets}), 2))


def test_what_was_made_of_a_sample_is_found_again(demo):
    """A table's state is the same before it is read and after, in this program and the next."""
    held = [next(partitions(demo, 2)).held for _ in range(2)]
    before = held[0].state("table", "customers")
    assert before == held[1].state("table", "customers")
    held[0].table("customers")
    assert before == held[0].state("table", "customers")
    assert before != held[0].with_table("customers", demo.customers).state("table", "customers")
    others = list(partitions(demo, 2))[1].held
    assert before != others.state("table", "customers")


def test_each_review_talk_and_search_is_in_one_part_and_articles_are_in_all():
    whole = open_study("data/demo")
    named, shared = ("reviews", "bot_sessions", "article_views"), ("articles", "incidents")
    rows = [{name: len(part.table(name)) for name in (*named, *shared)}
            for part in partitions(whole, 3)]  # fmt: skip
    for name in named:
        assert sum(each[name] for each in rows) == len(whole.table(name)), name
        assert min(each[name] for each in rows) > 0.2 * len(whole.table(name)), name
    for name in shared:
        assert {each[name] for each in rows} == {len(whole.table(name))}
