"""Titles of topics: what several customers wrote in a row, and nothing that means another thing."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from cxresearch import open_study
from cxresearch.lab.simulate import simulate_world
from cxresearch.topics.causes.refit import told_tickets
from cxresearch.topics.fit import fit_topics
from cxresearch.topics.names import topic_names
from cxresearch.topics.second_phrase import TopicWords
from cxresearch.topics.text import joined_text
from cxresearch.topics.text.scrubbing import sentences
from cxresearch.topics.title_runs import LONGEST
from tests.topics.titles import titles_that_nobody_wrote

ROOT = Path(__file__).parents[2]
OTHERS = ["Our parcel is late", "The handheld shows no stock", "An invoice lacks our address"]
DIRECTIONS = np.eye(8)


def alike(texts: list[str]) -> np.ndarray:
    """Vectors that prefer no phrase."""
    return np.tile(DIRECTIONS[0], (len(texts), 1))


def names_of(*topics: Sequence[str], customers: Sequence | None = None, **told) -> list[str]:
    """The titles of topics, each given as the texts of its customers."""
    texts = [sentences(text) for topic in topics for text in topic]
    topic = np.repeat(np.arange(len(topics)), [len(each) for each in topics])
    wrote = range(len(texts)) if customers is None else customers
    central = [np.flatnonzero(topic == each) for each in range(len(topics))]
    vectors = DIRECTIONS[topic]
    return topic_names(texts, vectors, topic, wrote, central, alike, **told)


def title(texts: Sequence[str], **told) -> str:
    """The title of a topic beside which there is another."""
    return names_of(texts, OTHERS[:2], **told)[0]


def title_of_known_words(texts: Sequence[str]) -> str:
    """The title of a topic whose every word stands in three texts elsewhere: nobody's name."""
    known = ", ".join(sorted({word for text in texts for word in text.split()}, reverse=True))
    return names_of(texts, OTHERS[:2], [known] * 3)[0]


def test_three_customers_make_a_title_and_two_do_not():
    rest = ["Where are my boxes?", "Boxes came wet"]
    assert title(["Printer jams", "Printer jams", "The printer jams", *rest]) == "Printer jams"
    assert title([*rest, "Printer jams", "Printer jams"]) in (
        "Where are my boxes",
        "Boxes came wet",
    )


def test_what_one_or_two_customers_write_ten_times_is_no_title():
    texts = ["Boxes came wet", "No ink is seen", *["Printer jams"] * 10]
    assert title(texts, customers=["a", "b", *["c"] * 10, "d", "e"]) != "Printer jams"
    assert title(texts, customers=["a", "b", *"cccccddddd", "f", "g"]) != "Printer jams"
    assert title(texts, customers=["a", "b", *"ccccccccde", "f", "g"]) == "Printer jams"


@pytest.mark.parametrize(
    "asked",
    [
        "Please confirm whether the refund was sent",
        "I doubt that; tell me if the refund was sent",
        "Nobody says that the refund was sent",
        "The refund was sent to nobody",
    ],
)
def test_a_phrase_whose_sense_a_word_beside_it_turns_is_no_title(asked):
    assert "refund was sent" in title(["The refund was sent"] * 5).lower()
    assert title([asked] * 5).lower() != "refund was sent"


def test_what_is_asked_is_not_said():
    assert title(["The refund sent was mine"] * 2 + ["Was the refund sent?"] * 8) != "Refund sent"


def test_a_title_may_end_with_what_denies_it():
    assert title(["Die App startet nicht"] * 4) == "App startet nicht"
    assert title_of_known_words(["Die App startet nicht"]) == "App startet nicht"


def test_a_phrase_that_a_quarter_of_its_uses_turn_is_none_and_one_of_a_fifth_is():
    said, asked = "The refund was sent", "Confirm whether the refund was sent"
    assert title([said] * 8 + [asked] * 2) == "Refund was sent"
    assert title([said] * 6 + [asked] * 4) != "Refund was sent"


def test_a_title_keeps_its_cannot():
    assert title(["I cannot log in"] * 4) == "Cannot log in"
    assert title(["We can't log in at work"] * 4) == "Can't log in at work"


def test_singular_and_plural_are_one_use():
    texts = ["Missing parcel", "Missing parcels", "Missing parcels"]
    assert title(["Boxes came wet", *texts]) == "Missing parcels"


def test_a_title_has_seven_words_at_most():
    texts = ["Red green blue black white brown pink grey gold", "Red green blue is out"]
    assert len(title([texts[0]] * 4).split()) <= LONGEST == 7


def test_a_title_stays_within_a_thought():
    assert "late" not in title(["The parcel. Late!", "Parcel: late", "a parcel - late"]).lower()


def test_a_question_goes_on_to_its_end():
    texts = [f"How do I change my password when {what}?" for what in ("away", "locked", "new")]
    assert title(texts) == "Change my password"
    assert title(["How do I change my password?"] * 3) == "How do I change my password"


def test_no_two_topics_share_a_title():
    names = names_of(*[["Printer jams"] * 3] * 3)
    assert len(set(names)) == 3
    assert all(names)


def test_of_two_topics_with_one_phrase_the_first_has_it_and_the_other_its_next():
    both = [["Printer jams", "Ink runs"]] * 3
    texts = [" and ".join(each) for each in both]
    first, second = names_of(texts, texts)
    assert {first, second} <= {"Printer jams", "Ink runs", "Printer jams and ink runs",
                               "Printer jams and Ink runs"}  # fmt: skip
    assert first != second


def test_the_phrase_nearest_to_the_texts_and_far_from_others_is_chosen():
    texts = [["Printer jams"], ["Ink runs"]] * 4 + [["Boxes wet"]] * 3
    topic = np.repeat([0, 1], [8, 3])
    near = {"Printer jams": [1, 0], "Ink runs": [0, 1], "Boxes wet": [0, 0]}
    for wanted, other in (("Printer jams", "Ink runs"), ("Ink runs", "Printer jams")):
        vectors = np.array([near[wanted]] * 8 + [near[other]] * 3, dtype=float)
        names = topic_names(texts, vectors, topic, range(11), [np.arange(8), np.arange(8, 11)],
                            lambda said: np.array([near[p] for p in said], float))  # fmt: skip
        assert names[0] == wanted


def test_a_title_has_a_second_phrase_where_the_first_tells_only_a_part():
    texts = [["Printer jams"], ["Ink runs"]] * 5
    near = {"Printer jams": [1, 0.1], "Ink runs": [0.1, 1]}
    vectors = np.array([near[text[0]] for text in texts])
    named = topic_names(texts, vectors, np.zeros(10, int), range(10), [np.arange(10)],
                        lambda said: np.array([near.get(p, [0, 0]) for p in said]))  # fmt: skip
    assert sorted(named[0].split(" · ")) == ["Ink runs", "Printer jams"]


def test_the_second_phrase_may_be_a_word_that_those_use_whom_the_first_does_not_tell():
    jams = ["Printer jams", "The printer jams at work", "Printer jams", "Our printer jams"] * 2
    ink = ["We see smears of toner", "Toner runs out", "Toner ran over it", "Is toner cheap?"] * 2
    assert names_of([*jams, *ink], OTHERS * 5)[0] == "Printer jams · Toner"
    assert names_of([*jams, *ink[:4]], OTHERS * 5)[0] == "Printer jams"  # four are too few


def test_no_second_word_says_what_may_be_denied_or_says_nothing():
    dull = ("refunded", "lost", "sent", "please", "problem", "a4", "hp")
    used = {word: set(range(9)) for word in ("toner", *dull)}
    words = TopicWords(used, dict.fromkeys(used, 8.0), 9)
    assert words.alone() == ["toner"]
    assert TopicWords({"toner": set(range(4))}, {"toner": 8.0}, 9).alone() == []


def test_what_a_phrase_tells_beyond_the_first_by_hand():
    words = TopicWords({"toner": {1, 2, 3}, "cable": {3, 4}}, {"toner": 4.0, "cable": 4.0}, 8)
    log = np.log(4)
    assert words.tells_more(("toner",), ("cable",)) == pytest.approx(log / 8)
    # 1 and 2 use one of the two words: a quarter of each is told; 3 uses both, 4 the other
    both = words.tells_more((), ("toner", "cable"))
    assert both == pytest.approx((3 * 0.25 + 1) / 8 * log)
    # a word that could stand in any ticket tells nobody, and makes a phrase tell less
    assert words.tells_more((), ("toner", "problem")) == pytest.approx(3 / 8 * log / np.sqrt(2))


def test_no_person_is_in_a_title():
    texts = ["Zorblat Quark broke it", "Printer of Zorblat jams", "Ask Zorblat Quark"] * 4
    assert "Zorblat" in title(texts)
    assert "zorblat" not in title(texts, people={"zorblat"}).lower()


@pytest.mark.parametrize("private", ["ann@example.com", "4111111111111111", "+44 20 7946 0958"])
def test_what_is_redacted_is_in_no_title(private):
    for texts in ([f"Card {private} blocked"] * 4, [f"Card {private}"], [private] * 4):
        assert not set(re.findall(r"\w{3,}", private)) & set(re.findall(r"\w+", title(texts)))


def test_words_that_tell_nothing_are_no_title():
    texts = ["Not working, printer jams", "Printer jams, not working"] * 4 + ["Not working"] * 9
    assert title(texts) == "Printer jams"


@pytest.mark.parametrize(
    ("sentence", "shortened"),
    [
        ("And we have the boxes in stock", "Boxes in stock"),
        ("Boxes of our shop came wet with the driver", "Boxes of our shop came wet"),
        ("Boxes in the yard behind it will not open for us", "Boxes in the yard behind"),
        ("Boxes", "Boxes"),
    ],
)
def test_without_a_phrase_a_sentence_is_shortened_without_a_torn_end(sentence, shortened):
    assert title_of_known_words([sentence]) == shortened


def test_without_a_phrase_a_word_that_nobody_else_writes_is_no_title():
    assert title(["Zandile called again"]) == "Topic 1"
    assert title(["zandile called again"]) == "Topic 1"


def test_without_a_phrase_a_sentence_that_tells_something_goes_before_one_that_does_not():
    assert title_of_known_words(["HELP", "Boxes came wet"]) == "Boxes came wet"


def test_without_words_a_topic_has_its_number():
    assert names_of([""], ["1234567"])[0] == "Topic 1"


def test_the_order_of_texts_changes_nothing():
    topics = [["Printer jams", "No ink", "Printer jams at work", "Printer jams"], OTHERS * 3]
    back = [each[::-1] for each in topics]
    assert names_of(*topics) == names_of(*back)


@pytest.fixture(scope="module", params=["demo", "simulated"])
def fitted(request):
    """Texts of a study, and the topics of them."""
    if request.param == "demo":
        tickets = told_tickets(open_study(ROOT / "data" / "demo")).sample(400, random_state=1)
    else:
        tickets = simulate_world(150, seed=3)[0]["tickets"]
    texts = joined_text(tickets)
    return texts, fit_topics(texts, customers=tickets["requester_id"].fillna("?"))


def test_every_title_is_a_run_of_words_that_a_ticket_of_its_topic_holds(fitted):
    assert titles_that_nobody_wrote(*fitted) == []


def test_every_title_of_a_study_is_short_and_its_own(fitted):
    names = fitted[1].names()
    assert names.is_unique
    assert names.str.replace(" · ", " ").str.split().str.len().between(1, LONGEST).all()
