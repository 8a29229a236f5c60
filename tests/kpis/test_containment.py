"""What a bot contains, by hand: a person within a week, broken off, nobody known; the proof."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from cxresearch import CannotTell, Study
from cxresearch.kpis.after_talks import came_next, left_after
from cxresearch.kpis.containment import WHOLE, against_rest, by_definition, containment
from cxresearch.kpis.talks import FATES, talks
from cxresearch.study.answers import DoesNotApply
from tests.benchmarks.containment import FILE
from tests.kpis.desk import customer, day, desk, ticket
from tests.page_cells import page_says

UNTIL = 100


def talk(name: str, who: str | None, ended: str, at: float = 10, intent="login", **more) -> dict:
    return {"session_id": name, "requester_id": who, "ended": ended, "started_at": day(at),
            "intent": intent, **more}  # fmt: skip


TALKS = [
    talk("helped", "a", "assumed"),
    talk("seventh day", "b", "confirmed"),
    talk("eighth day", "c", "assumed"),
    talk("handed", "d", "handed_over"),
    talk("silent", "e", "abandoned", intent=None),
    talk("broke off, wrote", "f", "abandoned"),
    talk("made a ticket", "g", "assumed", ticket_id="of g"),
    talk("bot's own ticket", "k", "assumed", ticket_id="of k"),
    talk("colleague wrote", "j1", "assumed"),
    talk("nobody", None, "assumed"),
    talk("no end", "h", "unknown"),
    talk("too new", "i", "assumed", at=UNTIL - 6.9),
]
TICKETS = [
    ticket("b1", "b", 17), ticket("c1", "c", 17.01), ticket("f1", "f", 12),
    ticket("of g", "g", 10, total_agent_replies=2), ticket("of k", "k", 10, total_agent_replies=0),
    ticket("j2's", "j2", 11), ticket("a0", "a", 10), ticket("first", "z", 0),
]  # fmt: skip


def study(rows=TALKS, tickets=TICKETS, **more) -> Study:
    made = desk(tickets, until=UNTIL, **more)
    return with_rows(made, bot_sessions=rows)


def with_rows(made: Study, **tables) -> Study:
    """A study with more tables, made of rows."""
    typed = Study.from_tables({name: pd.DataFrame(rows) for name, rows in tables.items()})
    for name in tables:
        made.put(name, typed.table(name))
    return made


@pytest.fixture(scope="module")
def accounts() -> Study:
    """The talks of a study with accounts: two people are of one."""
    names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "k", "z"]
    made = study(customers=[customer(n) for n in [*names, "j"]])
    links = {**dict(zip(names, names, strict=True)), "j1": "j", "j2": "j"}
    joined = [{"requester_id": p, "customer_id": of, "method": "key"} for p, of in links.items()]
    return with_rows(made, identities=joined)


def test_what_became_of_each_talk(accounts):
    rows = talks(accounts).set_index("session_id")
    assert rows["fate"][rows["untold"] == ""].to_dict() == {
        "helped": "contained", "seventh day": "wrote again", "eighth day": "contained",
        "handed": "handed over", "silent": "broke off", "broke off, wrote": "wrote again",
        "made a ticket": "handed over", "bot's own ticket": "contained",
        "colleague wrote": "wrote again",
    }  # fmt: skip
    left = rows["untold"][rows["untold"] != ""].to_dict()
    assert left == {"nobody": "nobody", "no end": "no end", "too new": "too new"}


def test_the_headline_and_its_bounds_by_hand(accounts):
    made = containment(accounts)
    row = made.frame.loc[WHOLE]
    assert row[["share", "maker", *FATES[1:]]].tolist() == pytest.approx(
        [3 / 9, 6 / 9, 2 / 9, 3 / 9, 1 / 9]
    )
    assert (made.least, made.most) == pytest.approx((3 / 11, 5 / 11))
    first, rest, left = (said.text for said in made.sentences())
    assert first.startswith(
        "The bot spares a person **33 of 100** talks (12 to 65); its maker counts 67 as contained."
    )
    assert rest.startswith("Of 100 talks 22 were handed over, and after 33 more")
    assert "Broken off were 11: whether these were helped is not known" in rest
    assert left.startswith("Talks not judged: 1 too new to judge, 1 of nobody known and 1 whose")
    assert "27 of 100 if all of them came to a person, 45 if none did" in left


def test_without_accounts_a_colleague_is_somebody_else():
    assert talks(study()).set_index("session_id").loc["colleague wrote", "fate"] == "contained"


def test_a_later_talk_that_is_handed_over_is_contact_with_a_person():
    rows = [talk("one", "a", "assumed"), talk("two", "a", "handed_over", at=12)]
    assert talks(study(rows))["fate"].tolist() == ["wrote again", "handed over"]


def test_talks_from_before_tickets_are_known_are_not_judged():
    early = study([talk("one", "a", "assumed", at=10)], tickets=[ticket("t", "z", 20)])
    made = containment(early)
    assert isinstance(made, CannotTell)
    assert "no talk can be judged; 1 from before tickets are known" in made.reason


def test_one_customers_many_talks_count_as_fewer():
    alike = [talk(f"{who}{n}", who, end, at=10 + n) for n in range(5) for who, end in
             [*zip("abcdefgh", ["assumed"] * 4 + ["abandoned"] * 4, strict=True)]]  # fmt: skip
    row = containment(study(alike, [ticket("t", "z", 0)])).frame.loc[WHOLE]
    few = containment(study(alike[:8], [ticket("t", "z", 0)])).frame.loc[WHOLE]
    assert row["share"] == few["share"] == 0.5
    assert row["high"] - row["low"] == pytest.approx(few["high"] - few["low"], abs=0.02)


def test_an_intent_is_held_against_the_rest_by_hand():
    flags = pd.Series([True] * 30 + [False] * 10 + [True] * 10 + [False] * 30)
    group = pd.Series(["x"] * 40 + ["y"] * 40)
    who = pd.Series(range(80))
    # Each score is +-.5 * +-.5 = +-.25: their sum is 10, the error sqrt(80 * .0625 * 80 / 79).
    z = 10 / np.sqrt(80 * 0.0625 * 80 / 79)
    p = against_rest(flags, who, group)
    assert z == pytest.approx(4.444, abs=1e-3)
    assert p["x"] == p["y"] == pytest.approx(1.5 * 2 * norm.sf(z))  # of two: times 1 + 1/2
    assert against_rest(flags, who, group.replace("y", "x")).empty


def test_definitions_side_by_side_by_hand():
    rows = by_definition(study()).set_index("definition")["contained"].str.split(" ").str[0]
    # Without accounts ten talks are known, one of them with no end, one too new for 14 days.
    assert rows["its maker's count"] == "67%"
    assert rows["confirmed only"] == "11%"
    assert rows["no person within 3 days"] == "56%"
    assert rows["no person within 7 days"] == "44%"
    assert rows["no person within 14 days"] == "33%"
    assert rows["no person within 7 days, broken off counted"] == "56%"


def leavers(left_after_off: int) -> Study:
    """Forty talks that broke off, of whose customers some leave 10 days on; of the
    customers of 100 tickets, 10 leave."""
    off = [talk(f"s{n}", f"o{n}", "abandoned") for n in range(40)]
    off.append(talk("last", "o0", "assumed", at=60))
    wrote = [ticket(f"t{n}", f"w{n}", 10, 11) for n in range(100)]
    who = [customer(f"o{n}", 20 if n < left_after_off else None) for n in range(40)]
    who += [customer(f"w{n}", 30 if n < 10 else None) for n in range(100)]
    return study(off, [ticket("first", "w99", 0), *wrote], customers=who)


def test_who_leaves_is_held_against_those_who_wrote_to_a_person():
    row = left_after(leavers(20)).frame.loc["broke off"]
    assert (row["talks"], row["left"]) == (40, 20)
    assert row[["share", "expected", "difference"]].tolist() == pytest.approx([0.5, 0.1, 40])
    said = left_after(leavers(20)).said().text
    assert "broke off 50.0% left within 30 days" in said
    assert "this is an association" in said
    assert isinstance(left_after(leavers(4)).said(), CannotTell)


def test_a_study_that_sees_nobody_leave_says_nothing_of_it():
    assert isinstance(left_after(study()), DoesNotApply)


def test_what_customers_come_to_a_person_with():
    made = study(causes={"b1": "Login", "f1": "Login", "of g": "Invoice", "c1": "Other"})
    row = came_next(made).squeeze()
    assert (row["intent"], row["cause"], row["tickets"]) == ("login", "Login", 3)
    assert row["share"].startswith("67% (")


def test_the_figure_holds_what_the_table_says(accounts):
    ax = containment(accounts).plot()
    assert ax.figure.get_suptitle() == "The bot spares a person 33% of talks; its maker counts 67%"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["login", "no intent told"]


def test_a_study_without_talks_says_once_what_would_tell():
    said = page_says(desk([ticket("t", "a", 0)]), "13")
    every = {text.replace("**", "") for texts in said.values() for text in texts}
    assert len(every) == 1  # the report says it once
    assert "a table bot_sessions would tell" in every.pop()


def test_the_page_of_a_study_with_talks_tells_all_its_sections(accounts):
    said = page_says(accounts, "13")
    every = " ".join(text for texts in said.values() for text in texts)
    assert "**33 of 100**" in every
    assert "broken off counted" in every


ENDED = st.sampled_from(["confirmed", "assumed", "handed_over", "abandoned", "unknown"])
ROWS = st.lists(st.tuples(st.sampled_from("abc"), ENDED, st.floats(0, 90)), min_size=1, max_size=12)
WROTE = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 99)), max_size=6)


@settings(max_examples=20, deadline=None)
@given(ROWS, WROTE)
def test_shares_add_up_and_a_longer_window_never_contains_more(rows, wrote):
    made = study(
        [talk(f"s{n}", *row) for n, row in enumerate(rows)],
        [ticket("first", "z", 0), *(ticket(f"t{n}", *row) for n, row in enumerate(wrote))],
    )
    result = containment(made)
    short, long = (talks(made, days).set_index("session_id")["fate"] for days in (3, 14))
    assert not ((long == "contained") & (short != "contained")).any()
    if not isinstance(result, CannotTell):
        row = result.frame.loc[WHOLE]
        assert row[["share", *FATES[1:]]].sum() == pytest.approx(1)
        assert row["share"] <= row["maker"] + 1e-9
        assert result.least <= row["share"] + 1e-9
        assert result.least <= result.most


@pytest.fixture(scope="module")
def proof() -> pd.DataFrame:
    return pd.read_csv(FILE, keep_default_na=False, na_values=[""]).set_index(["world", "of"])


def test_intervals_hold_what_was_planted(proof):
    known = proof.drop(index="addresses", level="world")["coverage"].dropna()
    assert (known >= 0.93).all()


def test_intents_that_are_alike_are_not_told_apart(proof):
    assert proof.loc[("null", "all"), "alarms"] <= 0.05
    assert proof.loc[("null", "broke off"), "alarms"] <= 0.05
    assert (proof["wrong"].drop(index="null", level="world").dropna() <= 0.05).all()


def test_unknown_addresses_make_the_bot_look_better(proof):
    assert proof.loc[("addresses", "all"), "off"] > 2
    assert abs(proof.loc[("base", "all"), "off"]) < 0.5
