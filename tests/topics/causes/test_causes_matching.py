"""Topics fitted anew are matched by the tickets that they hold."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.topics.causes.file import CausesFile, Entry
from cxresearch.topics.causes.topic_matching import carried, match_topics


def labels(text: str) -> pd.Series:
    """One digit a ticket, "x" for a ticket without words."""
    return pd.Series([-1 if c == "x" else int(c) for c in text], index=range(len(text)))


def test_overlaps_by_hand():
    found = match_topics(labels("0000111x"), labels("1110022x"))
    # new 1 and old 0 share tickets 0 to 2 of 4; new 0 shares 1 of 5 with old 0, 1 of 4 with old 1;
    # new 2 and old 1 share 2 of 3
    assert found["topic"].tolist() == [0, 1, 2]
    assert found["was"].tolist() == [pd.NA, 0, 1]
    assert found["overlap"].iloc[1:].tolist() == pytest.approx([0.75, 0.67])


def test_only_tickets_that_both_fits_knew_count():
    old, new = labels("001"), labels("0011").iloc[1:]
    found = match_topics(old, new)
    assert found["overlap"].tolist() == [1.0, 1.0]


def test_without_topics_in_one_of_the_fits_nothing_is_matched():
    assert match_topics(labels("xx"), labels("01"))["was"].isna().all()
    assert match_topics(labels("01"), labels("xx")).empty


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.permutations(range(6)))
def test_renumbered_topics_are_all_found_again(old, order):
    old = pd.Series(old)
    found = match_topics(old, old.map(dict(enumerate(order))))
    assert [order[was] for was in found["was"]] == found["topic"].tolist()
    assert (found["overlap"] == 1).all()


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), min_size=1, max_size=40),
       st.randoms(use_true_random=False))  # fmt: skip
def test_the_order_of_tickets_does_not_matter(pairs, random):
    old, new = (pd.Series(list(side)) for side in zip(*pairs, strict=True))
    order = list(old.index)
    random.shuffle(order)
    found = match_topics(old, new)
    pd.testing.assert_series_equal(
        found["overlap"].sort_values(ignore_index=True),
        match_topics(old[order], new.sample(frac=1, random_state=1))["overlap"]
        .sort_values(ignore_index=True),
    )  # fmt: skip


def entry(topic: int, **values) -> Entry:
    name = values.pop("found", f"t{topic}")
    return Entry(topic, name, 1, **{"name": name, **values})


def test_what_a_person_wrote_follows_its_tickets_and_suggestions_do_not():
    before = CausesFile((
        entry(0, name="Signing in", cause_kind="training", suggested={"cause_kind": "technology"}),
        entry(1, category="bug", suggested={"category": "bug"}),
    ))  # fmt: skip
    new = (entry(0, category="user error", suggested={"category": "user error"}), entry(1))
    matches = match_topics(labels("0011"), labels("1100"))
    found = carried(before, new, matches).topics
    assert (found[1].name, found[1].cause_kind) == ("Signing in", "training")
    assert (found[1].was, found[1].overlap) == (0, 1.0)
    assert found[1].by_person == ("name", "cause_kind")
    assert (found[0].name, found[0].category, found[0].by_person) == ("t0", "user error", ())


def test_an_edited_topic_that_is_no_more_is_kept_and_one_nobody_edited_is_not():
    before = CausesFile((entry(0, owner="Ann"), entry(1)), gone=(entry(7, owner="Bo"),))
    matches = pd.DataFrame({"topic": [0], "was": pd.array([pd.NA], "Int64"), "overlap": [np.nan]})
    found = carried(before, (entry(0),), matches)
    assert [e.owner for e in found.gone] == ["Bo", "Ann"]
    assert found.topics[0].was is None


def test_a_confirmed_topic_stays_confirmed_with_its_values():
    before = CausesFile((entry(0, issue_type="service", confirmed=True,
                               suggested={"issue_type": "service"}),))  # fmt: skip
    new = replace(entry(2), issue_type="product", suggested={"issue_type": "product"})
    found = carried(before, (new,), match_topics(labels("00"), labels("22"))).topics[0]
    assert found.confirmed
    assert found.issue_type == "service"


def test_a_topic_that_changed_much_keeps_its_values_and_wants_to_be_confirmed_again():
    before = CausesFile((entry(0, issue_type="service", confirmed=True),))
    found = carried(before, (entry(0),), match_topics(labels("0000x"), labels("0000x")))
    assert found.topics[0].confirmed
    wider = match_topics(labels("000111"), labels("000011"))  # 3 of 4 tickets
    found = carried(before, (entry(0),), wider).topics[0]
    assert not found.confirmed
    assert (found.issue_type, found.overlap) == ("service", 0.75)


def refitted(before: CausesFile, *new: Entry, overlap: float = 0.9) -> CausesFile:
    """Topics fitted anew, each holding the tickets of the one of its number."""
    numbers = [e.topic for e in new]
    was = pd.array(numbers, "Int64")
    matches = pd.DataFrame({"topic": numbers, "was": was, "overlap": overlap})
    return carried(before, new, matches)


def test_topics_merged_under_the_found_name_of_one_of_them_stay_merged():
    before = CausesFile((entry(0, found="refund"), entry(1, found="credit", name="refund"),
                         entry(2, found="crash")))  # fmt: skip
    once = refitted(before, entry(0, found="refund bank"), entry(1, found="note"), entry(2))
    assert [e.name for e in once.topics] == ["refund", "refund", "t2"]
    twice = refitted(once, entry(0, found="refund"), entry(1, found="refund"), entry(2))
    thrice = refitted(twice, entry(0, found="a"), entry(1, found="b"), entry(2))
    assert [e.name for e in thrice.topics] == ["refund", "refund", "t2"]
    assert thrice.topics[2].by_person == ()


def test_a_person_s_value_stays_one_when_the_same_is_suggested_once():
    said = entry(0, category="bug", avoidable="no", suggested={"category": "other"})
    same = entry(0, category="bug", suggested={"category": "bug"})
    once = refitted(CausesFile((said,)), same)
    assert once.topics[0].by_person == ("category", "avoidable")
    other = entry(0, category="training need", suggested={"category": "training need"})
    assert refitted(once, other).topics[0].category == "bug"


def test_a_person_s_other_stays_one_when_nothing_is_suggested_once():
    said = entry(0, category="other", suggested={"category": "bug"})
    once = refitted(CausesFile((said,)), entry(0, suggested={"category": "other"}))
    new = entry(0, category="bug", suggested={"category": "bug"})
    assert refitted(once, new).topics[0].category == "other"


def test_confirmed_values_stay_a_person_s_where_the_topic_changed_much():
    words = {"category": "bug"}
    said = entry(0, found="a", **words, confirmed=True, suggested=words)
    once = refitted(CausesFile((said,)), entry(0, found="a", **words, suggested=words), overlap=0.7)
    assert not once.topics[0].confirmed
    assert len(once.topics[0].by_person) == 11
    lost = refitted(once, entry(0, found="b", category="other"), overlap=0.7).topics[0]
    assert (lost.name, lost.category, len(lost.by_person)) == ("a", "bug", 11)
