"""decisions.toml: written once, read back, never overwritten; what is wrong is named."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from cxresearch import CannotTell, InputError, Study
from cxresearch.impact import decisions
from cxresearch.impact.decisions import Decision, decide, read_decisions
from cxresearch.study.conform import conform
from cxresearch.study.settings import Settings
from cxresearch.study.study import open_study
from cxresearch.study.writing import write_study
from cxresearch.topics.causes.file import CausesFile, Entry, causes_text
from tests.impact.test_fixes import fixes_of

SINCE = date(2025, 3, 1)
ENTRY = '[[decision]]\nwhat = "Fix it"\ncause = "mail"\nfrom = 2025-03-01\n'
SETTINGS = {"outcome": "return", "observed_until": "2025-06-01T00:00:00Z"}


@pytest.fixture
def study(tmp_path) -> Study:
    """Four tickets, one about pay and three about mail, in two products."""
    tickets = pd.DataFrame({
        "ticket_id": list("1234"), "created_at": ["2025-01-01T00:00:00Z"] * 4,
        "status": ["open"] * 4, "requester_id": list("abcd"), "product": ["A", "A", "B", "B"],
    })  # fmt: skip
    write_study(tmp_path / "s", Settings(name="s", **SETTINGS), conform({"tickets": tickets}, {}))
    made = open_study(tmp_path / "s")
    causes = pd.DataFrame(
        {
            "ticket_id": list("1234"),
            "topic": 0,
            "weight": 1.0,
            "cause": ["mail", "pay", "mail", "mail"],
            "is_exit_request": False,
        }
    )
    made.put("ticket_causes", causes)
    return made


@pytest.fixture
def expecting(monkeypatch):
    """A fix list in which mail keeps 10 customers (5 to 15)."""
    fixes = fixes_of()
    monkeypatch.setattr(decisions, "fix_list", lambda study: fixes)
    return fixes


def write(tmp_path, text: str):
    file = tmp_path / "decisions.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_what_is_written_is_read_back(study, expecting):
    made = Decision('Say "sorry"', "mail", SINCE, "Ana", {"product": ("A", "B")})
    kept, new = decide(study, made)
    assert new
    assert set(kept.expected) >= {"tickets", "customers"}
    assert read_decisions(study.path / "decisions.toml") == (kept,)
    assert kept.expected["customers"] == (5, 1, 9)
    assert kept.expected["tickets"] == pytest.approx((9, 9 - 1.96 * 3, 9 + 1.96 * 3), abs=0.05)


def test_of_some_groups_their_share_of_the_cause_is_expected(study, expecting):
    kept, _ = decide(study, Decision("Fix it", "mail", SINCE, "", {"product": ("B",)}))
    # two of its three tickets are in B: of 5 customers (1 to 9) two thirds
    assert kept.expected["customers"] == pytest.approx((3.3, 0.7, 6.0), abs=0.05)


def test_a_column_of_many_values_may_not_say_where_and_none_of_them_is_told(study, monkeypatch):
    monkeypatch.setattr(decisions, "MOST_GROUPS", 3)
    for column, values in (("ticket_id", "1234"), ("requester_id", "abcd")):
        with pytest.raises(InputError, match=f"'{column}', which holds 4 values") as raised:
            decide(study, Decision("Fix it", "mail", SINCE, "", {column: ("x",)}))
        assert not {f"'{v}'" for v in values} & {*str(raised.value).split()}
        assert ", ".join(values) not in str(raised.value)


@pytest.fixture
def renamed(study, expecting):
    """A study with a causes.toml in which mail is two topics; a decision was made for it."""
    entries = (
        Entry(0, "mail · send", 2, "mail"),
        Entry(1, "mail · lost", 1, "mail"),
        Entry(2, "pay · bill", 1, "pay"),
    )

    def rename(*names: str):
        told = tuple(replace(e, name=n) for e, n in zip(entries, names, strict=True))
        (study.path / "causes.toml").write_text(causes_text(CausesFile(told)), encoding="utf-8")
        now = dict(zip(("mail", "pay"), (names[0], names[2]), strict=True))
        causes = study.ticket_causes
        study.put("ticket_causes", causes.assign(cause=causes["cause"].replace(now)))

    rename("mail", "mail", "pay")
    kept, _ = decide(study, Decision("Fix it", "mail", SINCE))
    assert kept.found == ("mail · send", "mail · lost")
    return study, rename


def test_a_cause_that_a_person_renamed_is_followed(renamed):
    study, rename = renamed
    rename("post", "post", "pay")
    [now] = decisions.decisions(study)
    assert now.cause == "post"
    assert read_decisions(study.path / "decisions.toml")[0].cause == "mail"  # as it was written


def test_a_cause_that_was_split_or_is_unknown_is_not_guessed(renamed):
    study, rename = renamed
    rename("post", "lost post", "pay")
    assert decisions.decisions(study)[0].cause == "mail"
    (study.path / "causes.toml").write_text("[[topic", encoding="utf-8")
    assert decisions.decisions(study)[0].cause == "mail"
    (study.path / "causes.toml").unlink()
    assert decisions.decisions(study)[0].cause == "mail"


def test_what_a_person_wrote_stays_and_nothing_is_written_twice(study, monkeypatch):
    monkeypatch.setattr(decisions, "fix_list", lambda study: CannotTell("why."))
    file = write(study.path, f"# mine\n{ENTRY}  # agreed on Monday\n")
    decide(study, Decision("Fix more", "mail", SINCE))
    text = file.read_text(encoding="utf-8")
    assert text.startswith(f"# mine\n{ENTRY}  # agreed on Monday\n")
    _, new = decide(study, Decision("Fix  more", "mail", SINCE, "Bo"))
    assert not new
    assert file.read_text(encoding="utf-8") == text
    assert [d.what for d in read_decisions(file)] == ["Fix it", "Fix more"]
    assert decide(study, Decision("Fix more", "mail", date(2025, 3, 2)))[1]


def test_where_the_fix_list_cannot_tell_nothing_is_expected(study, monkeypatch, expecting):
    stopped = replace(expecting, stopped=CannotTell("why."))
    for fixes in (CannotTell("why."), stopped):
        monkeypatch.setattr(decisions, "fix_list", lambda study, fixes=fixes: fixes)
        kept, _ = decide(study, Decision(f"Fix {id(fixes)}", "mail", SINCE))
        assert kept.expected == {}
    assert "expected =" not in (study.path / "decisions.toml").read_text(encoding="utf-8")


def test_an_unknown_cause_column_or_value_is_answered_with_the_nearest(study):
    for decision, says in [
        (Decision("Fix it", "mial", SINCE), "'mial' is no cause of .* did you mean 'mail'"),
        (Decision("Fix it", "mail", SINCE, "", {"prodct": ("A",)}),
         "where names 'prodct', no column of tickets or customers; did you mean 'product'"),
        (Decision("Fix it", "mail", SINCE, "", {"month": ("A",)}), "where names 'month', no col"),
        (Decision("Fix it", "mail", SINCE, "", {"product": ("C",)}), "unknown value 'C'"),
    ]:  # fmt: skip
        with pytest.raises(InputError, match=says):
            decide(study, decision)
    assert not (study.path / "decisions.toml").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("decision = 3", r"write \[\[decision\]\] above each decision"),
        ("[[decison]]", "unknown part 'decison'; did you mean 'decision'"),
        (ENTRY + "form = 1", "decision 1 has an unknown key 'form'; did you mean 'from'"),
        (ENTRY + ENTRY.replace('cause = "mail"\n', ""), "decision 2 lacks 'cause'"),
        (ENTRY.replace('"mail"', "3"), "cause = 3 must be a text"),
        (ENTRY.replace('"Fix it"', '" "'), "what = ' ' must be a text"),
        (ENTRY.replace("2025-03-01", '"2025-03-01"'), "must be a day without quotes"),
        (ENTRY.replace("2025-03-01", "2025-03-01T10:00:00"), "must be a day without quotes"),
        (ENTRY.replace("2025", "0025"), "must be a day without quotes"),
        (ENTRY + "found = 3", "found = 3 must be a list of texts"),
        (ENTRY + "where = 3", "where = 3 must be in braces"),
        (ENTRY + 'where = { a = "x", b = "y" }', "where names 2 columns"),
        (ENTRY + "where = { a = [] }", "must be texts"),
        (ENTRY + "expected = { tickets = 3 }", r"must be \[value, low, high\]"),
        (ENTRY + "expected = { tickets = [3, 4, 5] }", r"must be \[value, low, high\]"),
        (ENTRY + "expected = { tickts = [3, 2, 5] }", "unknown key 'tickts'"),
        (ENTRY + "expected = { tickets = [nan, 2, 5] }", r"must be \[value, low, high\]"),
        (ENTRY + f"expected = {{ tickets = [{'9' * 400}, 2, 5] }}", "must be .value, low, high"),
        (ENTRY + "expected = { currency = 3 }", "currency = 3 must be a text"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(tmp_path, text, says):
    with pytest.raises(InputError, match=says):
        read_decisions(write(tmp_path, text))


def test_a_study_without_the_file_or_a_folder(study):
    assert decisions.decisions(study) == ()
    loose = Study.from_tables({n: study.table(n) for n in study.rows}, **SETTINGS)
    assert decisions.decisions(loose) == ()
    with pytest.raises(InputError, match="without a folder"):
        decide(loose, Decision("Fix it", "mail", SINCE))


def test_a_file_that_cannot_be_added_to_stays_as_it_is(study, monkeypatch):
    monkeypatch.setattr(decisions, "fix_list", lambda study: CannotTell("why."))
    text = 'decision = [{ what = "a", cause = "mail", from = 2025-01-01 }]\n'
    file = write(study.path, text)
    with pytest.raises(InputError, match="nothing can be added"):
        decide(study, Decision("Fix it", "mail", SINCE))
    assert file.read_text(encoding="utf-8") == text
