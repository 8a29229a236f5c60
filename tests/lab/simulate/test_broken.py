import json

import pytest
from pandas.testing import assert_frame_equal

from cxresearch.lab.simulate import as_export, write_world
from cxresearch.lab.simulate.broken import DAMAGES, texts_of
from cxresearch.study.conform import conform
from cxresearch.study.schema import InputError
from cxresearch.study.study import open_study


@pytest.fixture(scope="module")
def imported(small):
    return conform(as_export(small[0], seed=3), {})


def test_a_world_as_text_is_imported_without_loss(small):
    found = conform({name: texts_of(name, frame) for name, frame in small[0].items()}, {})
    assert found.rows["quarantined"].sum() == 0
    for name, frame in small[0].items():
        assert_frame_equal(found.tables[name], frame)


def test_sound_rows_are_all_kept_in_their_order_when_broken_ones_are_added(small, imported):
    for name, frame in small[0].items():
        assert_frame_equal(imported.tables[name], frame)


def test_every_added_row_is_set_aside(small, imported):
    exported = as_export(small[0], seed=3)
    added = {name: len(exported[name]) - len(frame) for name, frame in small[0].items()}
    assert imported.rows["quarantined"].to_dict() == added
    assert all(n for name, n in added.items() if name != "agents")  # a list that few export


@pytest.mark.parametrize(
    "says",
    [
        "created_at is not a time",
        "ticket_id is empty",
        "is newer or later",
        "its ticket_id is not among the tickets kept",
        "status is none of",
        "score_raw is outside its scale",
        "ended_at is before started_at",
        "its customer_id is not among the customers kept",
        "is not true or false",
        "count_reopens is not a whole number",
    ],
)
def test_each_kind_of_damage_is_named(imported, says):
    assert imported.quarantine["reason"].str.contains(says).any()


def test_about_three_in_a_thousand_rows_of_tickets_are_broken():
    assert 2 < sum(share for table, *_, share in DAMAGES if table == "tickets") < 4


def test_a_written_world_is_a_study(tmp_path):
    write_world(tmp_path / "demo", n_customers=60, seed=2)
    study = open_study(tmp_path / "demo")
    truth = json.loads((tmp_path / "demo" / "truth.json").read_text(encoding="utf-8"))
    assert len(study.customers) == 60
    assert set(study.tickets["ticket_id"]) == set(truth["tickets"])
    assert study.settings.source == "cxresearch simulate --customers 60 --seed 2"
    assert len(study.quarantine) > 0


def test_a_folder_that_is_there_is_not_overwritten(tmp_path):
    with pytest.raises(InputError, match="is there already"):
        write_world(tmp_path, n_customers=20, seed=2)
