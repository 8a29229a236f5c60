"""causes.toml: what is refused and how it is said; what is written comes back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.impact.levers import ALL
from cxresearch.kpis.volume import NO_CAUSE
from cxresearch.study.schema import InputError
from cxresearch.topics.causes.file import (
    NO_TOPIC,
    TAKEN,
    CausesFile,
    Entry,
    causes_text,
    read_causes,
)
from cxresearch.topics.causes.vocabulary import ALLOWED

ENTRY = Entry(3, "login · password", 12, "login · password", issue_type="technical",
              suggested={"issue_type": "technical"}, scores={"issue_type": 0.4})  # fmt: skip
HOSTILE = 'x"]\n[[topic]]\ntopic = 9 # <script>alert(1)</script> \\ \t \x00\x7f\u2028 *|`$'


def written(tmp_path, *topics, gone=()):
    file = tmp_path / "causes.toml"
    file.write_text(causes_text(CausesFile(topics, gone)), encoding="utf-8")
    return file


def refusal(tmp_path, line: str, instead_of: str) -> str:
    file = written(tmp_path, ENTRY)
    file.write_text(file.read_text("utf-8").replace(instead_of, line), "utf-8")
    with pytest.raises(InputError) as error:
        read_causes(file)
    assert str(file) in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("key", ALLOWED)
def test_a_word_that_is_not_allowed_is_named_with_file_topic_key_and_all_that_are(tmp_path, key):
    says = refusal(tmp_path, f'{key} = "wierd"\n', f'{key} = "{getattr(ENTRY, key)}"\n')
    assert "topic 3" in says
    assert f"{key} = 'wierd'" in says
    assert all(word in says for word in ALLOWED[key])


@pytest.mark.parametrize(
    ("line", "instead_of", "says"),
    [
        ('effort = -1\n', 'effort = "unknown"\n', "a number above 0, or unknown"),
        ('effort = nan\n', 'effort = "unknown"\n', "a number above 0, or unknown"),
        ('effort = true\n', 'effort = "unknown"\n', "a number above 0, or unknown"),
        ('name = "  "\n', 'name = "login · password"\n', "1 to 120 letters"),
        ('name = "no words"\n', 'name = "login · password"\n', "tickets without a topic"),
        ('name = "all  causes"\n', 'name = "login · password"\n', "all causes together: give"),
        ('name = "any overdue issue"\n', 'name = "login · password"\n', "another name"),
        ('name = "no cause told"\n', 'name = "login · password"\n', "another name"),
        ('carried = "name"\n', "confirmed = false\n", "copy it back"),
        ('carried = ["nam"]\n', "confirmed = false\n", "copy it back"),
        ("name = 5\n", 'name = "login · password"\n', 'a text in "quotes"'),
        ("confirmed = 1\n", "confirmed = false\n", "true or false"),
        ('topic = "3"\n', "topic = 3\n", "whole number"),
        ("", "found = \"login · password\"\n", "lacks 'found'"),
        ('ownr = "x"\n', 'owner = ""\n', "unknown key 'ownr'"),
        ("[topic]\n", "[[topic]]\n", "double brackets"),
        ("[[topics]]\n", "[[topic]]\n", "unknown part 'topics'"),
        ("owner = x\n", 'owner = ""\n', "not valid TOML"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said(tmp_path, line, instead_of, says):
    assert says in refusal(tmp_path, line, instead_of)


def test_a_topic_that_is_there_twice_is_named(tmp_path):
    with pytest.raises(InputError, match="topic 3 more than once"):
        read_causes(written(tmp_path, ENTRY, ENTRY))


def test_a_file_that_is_no_text_is_refused(tmp_path):
    file = tmp_path / "causes.toml"
    file.write_bytes(b"\xff\xfe\x00name")
    with pytest.raises(InputError, match="cannot be read as UTF-8"):
        read_causes(file)


def test_a_value_is_a_person_s_once_it_differs_from_the_suggestion():
    assert ENTRY.by_person == ()
    assert replace(ENTRY, issue_type="service", owner="Ann").by_person == ("issue_type", "owner")
    assert len(replace(ENTRY, confirmed=True).by_person) == 11


def test_names_are_compared_without_spaces_that_nobody_sees(tmp_path):
    (entry,) = read_causes(written(tmp_path, replace(ENTRY, name="  log   in "))).topics
    assert entry.name == "log in"


def test_hostile_names_add_no_topic_and_come_back(tmp_path):
    gone = replace(ENTRY, topic=8, owner=HOSTILE)
    found = read_causes(written(tmp_path, replace(ENTRY, found=HOSTILE), gone=[gone]))
    assert [entry.topic for entry in found.topics] == [3]
    assert found.topics[0].found == HOSTILE
    assert found.gone[0].owner == " ".join(HOSTILE.split())


@given(found=st.text(st.characters(exclude_categories=["Cs"])), effort=st.floats(0.01, 1e6))
def test_what_is_written_comes_back(tmp_path_factory, found, effort):
    entry = Entry(0, found, 1, found, effort=effort, was=4, overlap=0.5, scores={"owner": 0.5},
                  carried=("name", "effort"))  # fmt: skip
    (back,) = read_causes(written(tmp_path_factory.mktemp("toml"), entry)).topics
    assert back == replace(entry, name=" ".join(found.split()))


def test_names_of_the_pages_for_causes_together_are_all_taken():
    assert {ALL, NO_CAUSE, *NO_TOPIC.values()} < set(TAKEN)
