"""Sentences that customers add to tickets about anything, among invented ones."""

from itertools import cycle, islice

import numpy as np
import pytest

from cxresearch.topics.asides import aside_key, asides

THINGS = {
    "login": "password account login code reset sign",
    "parcel": "parcel courier box street delivery van",
    "invoice": "invoice total tax line billing euro",
    "printer": "printer ink paper tray label jam",
}
AXES = {word: at for at, words in enumerate(THINGS.values()) for word in words.split()}


def tickets(each: int = 60) -> list[list[str]]:
    """So many tickets a thing, of one sentence of three of its words."""
    rng = np.random.default_rng(0)
    return [
        [" ".join(rng.choice(words.split(), 3, replace=False)) + f" is wrong {n}."]
        for words in THINGS.values()
        for n in range(each)
    ]


def embedded(texts: list[str]) -> np.ndarray:
    """What a text speaks of, with a little of its own."""
    rng = np.random.default_rng(0)
    vectors = 0.05 * rng.normal(size=(len(texts), 12))
    for at, text in enumerate(texts):
        for word in text.lower().split():
            if word in AXES:
                vectors[at, AXES[word]] += 1
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def found(written: list[list[str]], boilerplate: frozenset[str] = frozenset()) -> frozenset[str]:
    return asides(written, boilerplate, embedded, seed=1)


def added(sentence: str, written: list[list[str]], every: int = 5) -> list[list[str]]:
    """The tickets, of which every fifth also says the sentence."""
    return [[*s, sentence] if n % every == 0 else s for n, s in enumerate(written)]


def test_a_sentence_in_texts_of_all_topics_is_an_aside():
    assert found(added("We run three small shops.", tickets())) == {"we run three small shops"}


def test_a_sentence_in_texts_of_a_single_topic_is_none():
    written = tickets()
    assert found([*added("We run three small shops.", written[:60], 2), *written[60:]]) == set()


@pytest.mark.parametrize(("times", "expected"), [(1, {"we run three small shops"}), (9, set())])
def test_a_sentence_that_is_all_that_a_tenth_of_texts_say_is_none(times, expected):
    alone = [["We run three small shops."]] * times
    assert found([*added("We run three small shops.", tickets()), *alone]) == expected


def test_a_sentence_that_few_hold_is_none():
    assert found(added("We run three small shops.", tickets(), every=13)) == set()


def test_a_heading_is_an_aside_only_if_it_says_nothing():
    written = [[first, *rest] for first, rest in zip(
        islice(cycle(["Spring season.", "Question.", "x", "y"]), 240), tickets(), strict=True)
    ]  # fmt: skip
    assert found(written) == {"question"}


def test_what_bears_a_name_is_left_open():
    assert aside_key("Our invoice for May was fine.") == "our invoice for 0 was fine"
    assert aside_key("Our invoice for June was fine.") == "our invoice for 0 was fine"
    assert aside_key("We think that I should know.") == "we think that i should know"
    assert aside_key("Two Factor Login") == "two factor login"
    assert aside_key("") == ""


def test_one_sentence_with_many_names_is_one_aside():
    months = cycle(["May", "June", "July"])
    written = [
        [*s, f"Our stock count for {next(months)} was fine."] if n % 5 == 0 else s
        for n, s in enumerate(tickets())
    ]
    assert found(written) == {"our stock count for 0 was fine"}


def test_boilerplate_is_not_named_again():
    written = added("We run three small shops.", tickets())
    assert found(written, frozenset({"we run three small shops"})) == set()


def test_the_order_of_texts_changes_nothing():
    written = added("We run three small shops.", tickets())
    order = np.random.default_rng(2).permutation(len(written))
    assert found([written[at] for at in order]) == found(written)


def test_without_texts_there_is_none():
    assert found([]) == found([[]]) == set()
