"""A company in blocks: each is a company of its own, and nothing of two blocks is mixed up."""

import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from cxresearch.lab.against_truth import (
    exit_requests_against_truth,
    topics_against_truth,
    with_true_causes,
)
from cxresearch.lab.simulate import simulate_world, stream_world
from cxresearch.outcomes.topic_doubt import topic_doubt
from cxresearch.study.readable import unbroken
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.study import open_study
from cxresearch.topics.causes.refit import study_topics
from cxresearch.topics.given import without_text
from cxresearch.topics.topic_results import read_from

BLOCK = 60


@pytest.fixture(scope="module")
def streamed(tmp_path_factory):
    """A folder of at least 450 tickets in blocks of 60 customers, of which 250 have a text."""
    folder = tmp_path_factory.mktemp("streamed") / "s"
    stream_world(folder, 450, seed=5, text_for=250, block=BLOCK)
    return folder


@pytest.fixture(scope="module")
def study(streamed):
    return open_study(streamed)


def of_block(frame, number):
    """The rows whose first id begins with the number of a block."""
    key = next(name for name in frame if name.endswith("_id"))
    return frame[frame[key].str.startswith(f"{number}-")].reset_index(drop=True)


def test_each_block_is_a_simulated_company_of_its_own(study):
    second = study.truth["blocks"][1]
    alone, _ = simulate_world(**second, text=True, voices=False)
    for name, frame in alone.items():
        block = of_block(study.table(name), 2)
        ids = [column for column in frame if column.endswith("_id")]
        unnumbered = block.assign(**{c: block[c].str.removeprefix("2-") for c in ids})
        assert_frame_equal(unnumbered[frame.columns], frame)


def test_agents_and_groups_serve_all_blocks(study):
    assert set(of_block(study.tickets, 1)["group_id"]) == set(
        of_block(study.tickets, 2)["group_id"]
    )
    roles = study.ticket_events.dropna(subset="actor_id")
    numbered = roles["actor_id"].str.match(r"\d+-")
    assert (numbered == (roles["actor_role"] == "customer")).all()


def test_ids_of_blocks_do_not_collide_and_rows_find_what_they_belong_to(study):
    for name in ("tickets", "ticket_events", "customers", "surveys"):
        assert study.table(name)[TABLES[name].key].is_unique
    assert set(study.ticket_events["ticket_id"]) <= set(study.tickets["ticket_id"])
    assert set(study.identities["customer_id"]) <= set(study.customers["customer_id"])
    assert study.customer_tickets["customer_id"].notna().mean() > 0.9


def test_it_stops_at_the_block_in_which_the_number_is_reached(streamed, study):
    blocks = len(study.truth["blocks"])
    sizes = study.tickets["ticket_id"].str.partition("-")[0].value_counts()
    assert len(sizes) == blocks > 2
    assert sizes.sum() - sizes[str(blocks)] < 450 <= sizes.sum()
    file = pq.ParquetFile(streamed / "tickets.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(blocks)] == [
        sizes[str(number + 1)] for number in range(blocks)
    ]


def test_the_first_blocks_have_text_until_as_many_tickets_as_asked_for(study):
    texts = ~without_text(study.tickets)
    block = study.tickets["ticket_id"].str.partition("-")[0].astype(int)
    last = block[texts].max()
    assert texts.equals(block <= last)
    assert (block < last).sum() < 250 <= texts.sum()


def test_what_is_not_there_is_said(study):
    notes = " ".join(study.import_report["notes"])
    mute = int(without_text(study.tickets).sum())
    assert f"{mute} of {len(study.tickets)} tickets have no text" in notes
    assert "neither single tickets nor what levers" in notes
    assert {"tickets", "levers"}.isdisjoint(study.truth)


def test_causes_are_those_that_were_planted(study):
    given = study.tickets.set_index("ticket_id")["given_cause"]
    causes = study.ticket_causes
    assert (causes["cause"] == causes["ticket_id"].map(given)).all()
    assert causes.groupby("cause")["topic"].nunique().eq(1).all()
    assert (causes["is_exit_request"] == (causes["cause"] == "exit_request")).all()
    _, truth = simulate_world(**study.truth["blocks"][0], text=False)
    planted = {f"1-{ticket}": told["causes"][0] for ticket, told in truth["tickets"].items()}
    assert of_block(study.tickets, 1).set_index("ticket_id")["given_cause"].to_dict() == planted


def test_the_method_is_tried_on_the_planted_causes(study):
    true = with_true_causes(study).ticket_causes
    assert true["cause"].tolist() == study.tickets["given_cause"].tolist()


def test_the_same_seed_writes_the_same_bytes(streamed, tmp_path):
    stream_world(tmp_path / "again", 450, seed=5, text_for=250, block=BLOCK)
    assert {f.name: f.read_bytes() for f in (tmp_path / "again").iterdir()} == {
        f.name: f.read_bytes() for f in streamed.iterdir()
    }


def test_more_tickets_of_the_same_seed_begin_with_the_same_blocks(study, tmp_path):
    stream_world(tmp_path / "less", 1, seed=5, block=BLOCK)
    first = open_study(tmp_path / "less").tickets
    assert_frame_equal(first, of_block(study.tickets, 1))


def test_tables_are_sealed(streamed):
    file = streamed / "tickets.parquet"
    assert unbroken(file) == file.read_bytes()
    broken = streamed.parent / "broken.parquet"
    broken.write_bytes(file.read_bytes().replace(b"1-100001", b"1-100002", 1)[:-9] + bytes(9))
    with pytest.raises(InputError, match="checksum"):
        unbroken(broken)


def test_a_run_that_fails_leaves_nothing(tmp_path):
    def stops(tickets):
        raise InputError("enough")

    with pytest.raises(InputError, match="enough"):
        stream_world(tmp_path / "s", 1, seed=5, block=BLOCK, progress=stops)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is there already"):
        stream_world(tmp_path, 1, seed=5, block=BLOCK)
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_without_text_rows_are_counted_and_no_cause_counts_as_found(tmp_path):
    rows = stream_world(tmp_path / "s", 100, seed=5, text_for=0, block=BLOCK)
    written = {n: pq.read_metadata(tmp_path / "s" / f"{n}.parquet").num_rows for n in rows.index}
    assert rows["kept"].to_dict() == written
    mute = open_study(tmp_path / "s")
    said = read_from(mute, study_topics(mute))
    assert said.reason.endswith("all causes were given with tickets, none found.")
    for compared in (topics_against_truth(mute), exit_requests_against_truth(mute)):
        assert compared.reason.startswith("no ticket has a text")
    assert topic_doubt(mute).empty
