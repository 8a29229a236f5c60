"""Rules on what desk and customer wrote: sentences invented for it, threads by hand, agreement."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.topics import desk_threads
from cxresearch.topics.desk_threads import agreement, messages, read_threads, untrusted
from cxresearch.topics.text.desk_words import rules, says, written_sentences
from cxresearch.topics.text.due_dates import due_at
from tests.benchmarks.desk_wrote import FILE, of_threads, scores
from tests.kpis.desk import desk, event, ticket

WEDNESDAY = pd.Timestamp("2025-01-01 09:00", tz="Europe/Madrid")
DOES = {
    "acknowledged": ["Sorry for the trouble.", "Thanks for telling us.", "It sounds like a bug."],
    "info_asked": ["Which version do you use?", "Please send a photo.", "Order no. please?"],
    "workaround": ["Until the fix is out, please use the web version.", "Workaround: export it."],
    "date_promised": ["We’ll call you at 3.", "You will have it within two working days."],
    "confirmed": ["That did the trick!", "It works now.", "The parcel arrived."],
    "not_solved": ["It still crashes.", "That didn't help.", "Same error again."],
    "version": ["Chrome on Windows 11", "App version 5.8", "My iPhone 12 is dead"],
    "error": ["It says \"disk not found\"", "Error 0x80070057", "I get error code 1618"],
    "steps": ["I have restarted it twice.", "We tried another browser."],
    "told_twice": ["As I told your colleague", "I already sent that."],
}  # fmt: skip
DOES_NOT = {
    "acknowledged": ["Sorry, this is not covered.", "Go to settings."],
    "info_asked": ["Is there anything else?", "Let us know if it comes back.", "Does it help?"],
    "workaround": ["There is no workaround.", "Hold it until the light flashes.",
                   "Thank you for your patience in the meantime."],
    "date_promised": ["It worked until Friday.", "Your Friday delivery was returned.",
                      "We will close this in 5 days.", "Could you call me tomorrow?"],
    "confirmed": ["I hope it works.", "Thanks in advance!", "It worked for a day.", "Is it fixed?"],
    "not_solved": ["If it does not work I will write.", "Thank you!"],
    "version": ["It does not open."],
    "error": ["There was no error.", "My voucher code does nothing."],
    "steps": ["I ordered two of them.", "It is broken."],
}  # fmt: skip


@pytest.mark.parametrize(("rule", "said"), [(r, s) for r, all_ in DOES.items() for s in all_])
def test_a_rule_finds_what_it_looks_for(rule, said):
    assert says(rule, said)


@pytest.mark.parametrize(("rule", "said"), [(r, s) for r, all_ in DOES_NOT.items() for s in all_])
def test_a_near_miss_is_none(rule, said):
    assert not says(rule, said)


def test_what_a_message_quotes_is_not_read():
    assert says("date_promised", "We will call you by Friday.\n> It did not help.")
    assert not says("date_promised", "Did not help.\n> We will call you by Friday.")
    assert not says("date_promised", None)


@given(st.text(max_size=300))
def test_any_text_can_be_read_and_a_sentence_more_takes_nothing_away(text):
    found = {rule for rule in rules() if says(rule, text)}
    more = {rule for rule in rules() if says(rule, "Restart it.\n" + text)}
    if not any(line.startswith((">", "On ", "--")) for line in text.splitlines()):
        assert found <= more
    assert all(sentence == sentence.lower() for sentence in written_sentences(text))


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("We will call you by Friday.", "2025-01-04 00:00"),
        ("I'll write within two working days.", "2025-01-04 00:00"),
        ("You will have an answer within 24 hours.", "2025-01-02 09:00"),
        ("It will be there tomorrow morning.", "2025-01-03 00:00"),
        ("I will call you at 3.", "2025-01-01 15:00"),
        ("You will hear from us before noon.", "2025-01-01 12:00"),
        ("It should arrive by 5 pm tomorrow.", "2025-01-02 17:00"),
        ("It takes 3 to 5 business days.", "2025-01-09 00:00"),
        ("We expect it on 14 March.", "2025-03-15 00:00"),
        ("You will have it by December 24th.", "2025-12-25 00:00"),
        ("You will have it by 2025-01-07.", "2025-01-08 00:00"),
        ("It came in today; it will be back in two hours.", "2025-01-01 11:00"),
        ("The fix should be out next week.", "2025-01-13 00:00"),
        ("We will tell you on Wednesday.", "2025-01-02 00:00"),
        ("We will refund the 2 separate payments by Monday.", "2025-01-07 00:00"),
        ("We will take 3 decisions by Monday.", "2025-01-07 00:00"),
        ("We will have it by 12 am tomorrow.", "2025-01-02 00:00"),
        ("We will have it by 12 pm tomorrow.", "2025-01-02 12:00"),
        ("We will send it by 3 May 2027.", "2027-05-04 00:00"),
        ("It will be out on September 3rd, 2026.", "2026-09-04 00:00"),
        ("You will have it by the 20th.", "2025-01-21 00:00"),
    ],
)
def test_a_promise_is_due_as_late_as_its_words_allow(said, due):
    assert due_at(said, WEDNESDAY) == pd.Timestamp(due, tz="Europe/Madrid")


@pytest.mark.parametrize("said", ["I hope so.", "We will see it on 31 February.",
                                  "We will see it by 9999-12-31.", "", None])  # fmt: skip
def test_where_no_moment_is_read_none_is_told(said):
    assert due_at(said, WEDNESDAY) is None


def test_a_day_of_a_promise_is_as_long_as_the_clocks_make_it():
    before = pd.Timestamp("2025-03-29 12:00", tz="Europe/Madrid")  # the next day has 23 hours
    due = due_at("You will have it tomorrow.", before)
    assert due == pd.Timestamp("2025-03-31 00:00", tz="Europe/Madrid")


def thread(*said: tuple[str, str]) -> pd.Series:
    """What a thread of (who, text) does; an agent is named after the colon."""
    rows = pd.DataFrame(
        [{"ticket_id": "t", "role": who.split(":")[0], "actor_id": who.partition(":")[2] or None,
          "body": text, "first": at == 0} for at, (who, text) in enumerate(said)]
    )  # fmt: skip
    return read_threads(rows).loc["t"]


def test_only_the_first_answer_of_an_agent_acknowledges():
    asked, sorry = ("customer", "It hangs."), ("agent:a", "Sorry for that.")
    assert thread(asked, sorry)["acknowledged"]
    assert not thread(asked, ("agent:a", "Restart it."), sorry)["acknowledged"]
    assert not thread(asked, ("bot", "Sorry for that."))["acknowledged"]


def test_a_customer_confirms_only_after_an_answer_and_not_what_failed_again():
    asked, told = ("customer", "It works now and then."), ("agent:a", "Restart it.")
    assert thread(asked, told, ("customer", "It works now."))["confirmed"]
    assert not thread(asked, ("customer", "It works now."))["confirmed"]
    again = thread(asked, told, ("customer", "It works now. But the report still fails."))
    assert (again["confirmed"], again["not_solved"]) == (False, True)


def test_a_ticket_is_told_twice_only_after_another_agent_took_over():
    asked = ("customer", "Chrome 126 shows a blank page.")
    again = "Which browser do you use?"
    assert thread(asked, ("agent:a", "I pass it on."), ("agent:b", again))["told_twice"]
    assert not thread(asked, ("agent:a", "I pass it on."), ("agent:a", again))["told_twice"]
    other = thread(asked, ("agent:a", "I pass it on."), ("agent:b", "What is your order number?"))
    assert not other["told_twice"]
    complains = [("agent:a", "One moment."), ("agent:b", "Hello."),
                 ("customer", "I already told your colleague.")]  # fmt: skip
    assert thread(asked, *complains)["told_twice"]


def test_messages_are_those_of_english_tickets_with_an_agents_words():
    tickets = [
        ticket("en", "a", 0, description="The report does not open any more on my laptop."),
        ticket("de", "b", 0, description="Der Bericht lässt sich leider nicht mehr öffnen."),
        ticket("no words", "c", 0, description="The report does not open any more at all."),
    ]
    events = [event("en", 1, body="Sorry for that.", actor_id="A"),
              event("en", 2, "note", body="Secret.", is_public=False),
              event("de", 1, body="Das tut uns leid."), event("no words", 1)]  # fmt: skip
    rows = messages(desk(tickets, events))
    assert rows["ticket_id"].unique().tolist() == ["en"]
    assert rows["role"].tolist() == ["customer", "agent"]
    assert isinstance(messages(desk(tickets, [event("en", 1)])), DoesNotApply)
    assert isinstance(messages(desk(tickets)), DoesNotApply)


def test_the_table_that_decides_is_what_the_benchmark_measures():
    held = pd.read_csv(FILE)
    held = held[held["read"] == "invented threads"].reset_index(drop=True)
    pd.testing.assert_frame_equal(of_threads("w2").round(3), held, atol=0.002)


def test_a_rule_that_agrees_too_little_with_people_is_not_used(monkeypatch):
    rows = pd.DataFrame({"rule": ["steps", "steps", "error"], "kappa": [0.9, 0.59, 0.6]})
    monkeypatch.setattr(desk_threads, "agreement", lambda: rows)
    assert "too little with people" in untrusted("steps").reason  # the worst of its texts decides
    assert untrusted("error") is None
    assert isinstance(untrusted("a rule nobody checked"), CannotTell)


def test_agreement_is_cohens_kappa_by_hand():
    # of 10 texts both say yes to 4, both no to 4: agreement .8, by chance .5, kappa .6
    one = pd.Series([True] * 5 + [False] * 5)
    other = pd.Series([True] * 4 + [False, True] + [False] * 4)
    told = scores(one, [other, other])
    assert told["kappa"] == pytest.approx(0.6)
    assert (told["precision"], told["recall"], told["hands"]) == (0.8, 0.8, 1.0)
    assert set(agreement()["rule"]) == set(desk_threads.RULES)
