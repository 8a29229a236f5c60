"""A forum dump: what it can tell is told, and what it cannot stays unknown."""

import pandas as pd
import pytest

from cxresearch import loaders
from cxresearch.study.schema import InputError

LAST = pd.Timestamp("2025-12-31")


def questions(**columns):
    """Eleven questions: 0 to 9 asked 1,000, 900, … and 100 days before the last one, 10."""
    made = {
        "question_id": range(11),
        "created": [LAST - pd.Timedelta(days=1000 - 100 * i) for i in range(11)],
        "updated": LAST,
        "customer_id": [f"u{i}" for i in range(11)],
        "locale": "en-US", "topic": "calendar", "tags": 'a"b, c,,', "title": "Help", "text": "me",
        "is_solved": False, "solution_answer_id": pd.Series([None] * 11, dtype="Int64"),
        "is_spam": False, "is_locked": False,
    }  # fmt: skip
    frame = pd.DataFrame(made).astype({"is_solved": "boolean", "is_spam": "boolean"})
    for name, changes in columns.items():
        frame.loc[list(changes), name] = list(changes.values())
    return frame


def answers(*rows):
    """Answers from (question, days after it was asked, what else is not usual)."""
    made = []
    for number, (question, days, more) in enumerate(rows):
        asked = LAST - pd.Timedelta(days=1000 - 100 * question)
        row = {"answer_id": 100 + number, "question_id": question, "author_id": "helper"}
        row |= {"created": asked + pd.Timedelta(days=days), "by_asker": False}
        made.append(row | {"is_spam": False, "is_solution": False} | more)
    columns = "answer_id question_id created author_id by_asker is_spam is_solution".split()
    frame = pd.DataFrame(made, columns=columns)
    kinds = dict.fromkeys(("by_asker", "is_spam", "is_solution"), "boolean")
    return frame.astype(kinds | {"created": "datetime64[ns]", "question_id": "int64"})


@pytest.fixture
def read(tmp_path):
    """Reads a dump of these questions and answers: (export, what conform made of it)."""

    def dump(asked=None, answered=None):
        (questions() if asked is None else asked).to_parquet(tmp_path / "questions.parquet")
        (answers() if answered is None else answered).to_parquet(tmp_path / "answers.parquet")
        return loaders.read("kitsune", tmp_path)

    return dump


def tickets(dump):
    return dump[1].tables["tickets"].set_index("ticket_id")


def test_where_is_solved_is_missing_the_status_is_unknown_never_open(read):
    found = tickets(read(questions(is_solved={0: None, 1: None})))
    assert found["status"].head(3).tolist() == ["unknown", "unknown", "open"]


def test_unsolved_questions_younger_than_180_days_are_unknown(read):
    assert tickets(read())["status"].tolist() == ["open"] * 9 + ["unknown"] * 2


def test_a_question_marked_as_solved_without_a_solution_is_unknown(read):
    found = tickets(read(questions(is_solved={0: True})))
    assert found.loc["0", "status"] == "unknown"


def test_a_ticket_is_solved_when_its_solution_was_posted(read):
    asked = questions(is_solved={0: True}, solution_answer_id={0: 101})
    found = tickets(read(asked, answers((0, 1, {}), (0, 3, {"is_solution": True}), (0, 9, {}))))
    assert found.loc["0", "status"] == "solved"
    assert (found.loc["0", "first_solved_at"] - found.loc["0", "created_at"]).days == 3


def test_a_solved_question_is_solved_however_young(read):
    asked = questions(is_solved={10: True}, solution_answer_id={10: 100})
    found = tickets(read(asked, answers((10, 1, {"is_solution": True}))))
    assert found.loc["10", "status"] == "solved"


def test_the_askers_answer_and_spam_are_no_outside_answers(read):
    given = answers((0, 1, {"by_asker": True}), (0, 2, {"is_spam": True}), (0, 3, {}))
    found = tickets(read(answered=given)).loc["0"]
    assert (found["first_reply_at"] - found["created_at"]).days == 3
    assert found["total_agent_replies"] == 1


def test_an_answer_of_which_spam_is_unknown_counts_as_an_answer(read):
    found = tickets(read(answered=answers((0, 1, {"is_spam": None}))))
    assert found.loc["0", "total_agent_replies"] == 1


def test_a_question_without_an_answer_has_none(read):
    found = tickets(read())
    assert found["first_reply_at"].isna().all()
    assert found["total_agent_replies"].tolist() == [0] * 11


def test_spam_stays_flagged_and_unknown_spam_stays_unknown(read):
    found = tickets(read(questions(is_spam={0: True, 1: None})))["is_spam"]
    assert found.head(3).tolist() == [True, pd.NA, False]


def test_who_wrote_an_answer_is_unknown_where_the_dump_cannot_tell(read):
    given = answers((0, 1, {"by_asker": True}), (0, 2, {}), (0, 3, {"by_asker": None}))
    roles = read(answered=given)[1].tables["ticket_events"]["actor_role"]
    assert roles.head(2).tolist() == ["customer", "agent"]
    assert roles.isna().tolist() == [False, False, True]


def test_tags_are_words_and_ids_are_text(read):
    found = tickets(read())
    assert [tag.strip() for tag in found.loc["0", "tags"]] == ['a"b', "c"]
    assert found["requester_id"].tolist() == [f"u{i}" for i in range(11)]


def test_of_a_question_that_stands_twice_the_newest_row_is_kept(read):
    twice = pd.concat([questions(), questions().head(1).assign(title="old", updated=LAST.floor("D")
                       - pd.Timedelta(days=9))], ignore_index=True)  # fmt: skip
    found = read(twice)
    assert tickets(found).loc["0", "subject"] == "Help"
    assert found[1].quarantine[["file", "row"]].to_numpy().tolist() == [["questions.parquet", 12]]


def test_an_answer_that_stands_twice_is_counted_once(read):
    given = answers((0, 1, {"answer_id": 7}), (0, 1, {"answer_id": 7}))
    found = read(answered=given)
    assert tickets(found).loc["0", "total_agent_replies"] == 1
    assert found[1].rows.loc["ticket_events"].tolist() == [2, 1, 1]


def test_answers_of_questions_that_are_not_there_are_set_aside(read):
    found = read(answered=answers((0, 1, {}), (77, 1, {})))[1]
    assert found.rows.loc["ticket_events"].tolist() == [2, 1, 1]
    assert found.quarantine["reason"].item().startswith("its ticket_id is not among the tickets")


def test_rows_are_counted_as_they_lie_in_the_file(read):
    backwards = questions(customer_id={3: None})[::-1].assign(
        question_id=lambda f: f["question_id"]
    )
    found = read(backwards, answers((77, 1, {}), (0, 1, {})))[1]
    assert found.quarantine["row"].tolist() == [1]
    assert found.tables["tickets"]["ticket_id"].iloc[0] == "10"


def test_answers_dated_before_their_question_are_kept_flagged_and_noted(read):
    export, found = read(answered=answers((0, -1, {}), (1, 1, {})))
    assert "replied_before_created" in found.tables["tickets"]["dq_flags"].iloc[0]
    assert "1 answers are dated before their question." in export.notes


def test_notes_count_what_is_missing(read):
    asked = questions(is_solved={0: None, 1: None}, is_spam={0: None})
    given = answers((5, 1, {"is_solution": True, "by_asker": True}), (6, 1, {"is_solution": True}))
    said = " ".join(read(asked, given)[0].notes)
    assert "is_solved is missing in 2 of 11 questions (18%)" in said
    assert "is_spam is missing in 1 of 11 questions" in said
    assert "2 questions are not marked as solved but younger than 180 days" in said
    assert "The asker wrote 50% of the answers that became solutions" in said


def test_the_study_is_of_return_and_watched_until_the_last_question(read):
    known = read()[0].settings
    assert known["outcome"] == "return"
    assert known["observed_until"] == "2025-12-31T00:00:00Z"
    assert known["tickets_from"] == "2023-04-06T00:00:00Z"


def test_files_that_the_loader_does_not_know_are_listed(read, tmp_path):
    (tmp_path / "votes.parquet").write_text("")
    (tmp_path / "old").mkdir()
    assert read()[0].not_read == ("old", "votes.parquet")


def test_a_dump_without_answers_is_read(read):
    assert read()[1].rows.loc["ticket_events"].tolist() == [0, 0, 0]


def test_times_with_a_zone_are_the_same_instants(read):
    asked, answered = (
        frame.assign(created=frame["created"].dt.tz_localize("Europe/Madrid"))
        for frame in (questions(), answers((10, 1, {})))
    )
    assert tickets(read(asked, answered)).loc["10", "created_at"].hour == 23


def test_brackets_in_a_folders_name_are_no_pattern(tmp_path):
    for name, rows in (("a[b]", 11), ("ab", 3)):
        (tmp_path / name).mkdir()
        questions().head(rows).to_parquet(tmp_path / name / "questions.parquet")
        answers().to_parquet(tmp_path / name / "answers.parquet")
    assert len(loaders.load("kitsune", tmp_path / "a[b]")["tickets"]) == 11


def test_an_empty_file_of_questions_is_said(read):
    with pytest.raises(InputError, match=r"questions\.parquet holds no question"):
        read(questions().head(0))


@pytest.mark.parametrize("column", ["customer_id", "is_solved", "created"])
def test_a_missing_column_is_named_with_its_file(read, column):
    with pytest.raises(InputError, match=rf"questions\.parquet lacks the column {column}"):
        read(questions().drop(columns=column))


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (questions().assign(created="2025-01-01"), answers()),
        (questions().assign(is_solved="perhaps"), answers()),
        (questions(), answers((0, 1, {})).assign(by_asker="no one knows")),
        (questions(), answers((0, 1, {})).assign(created=17)),
    ],
)
def test_a_column_of_another_type_is_said_with_its_folder(read, tmp_path, asked, answered):
    with pytest.raises(InputError, match="Kitsune export") as error:
        read(asked, answered)
    assert str(tmp_path) in str(error.value)


def test_a_file_that_is_no_parquet_is_named(read, tmp_path):
    read()
    (tmp_path / "answers.parquet").write_text("answer_id,question_id\n1,2\n")
    with pytest.raises(InputError, match=r"answers\.parquet is no readable Parquet file"):
        loaders.read("kitsune", tmp_path)


def test_a_parquet_file_cut_short_is_named(read, tmp_path):
    read()
    whole = (tmp_path / "questions.parquet").read_bytes()
    (tmp_path / "questions.parquet").write_bytes(whole[:300] + b"\0" * 900 + whole[1200:])
    with pytest.raises(InputError, match=r"Kitsune export|no readable Parquet"):
        loaders.read("kitsune", tmp_path)


def test_a_wrong_path_or_system_is_said(tmp_path):
    (tmp_path / "questions.parquet").write_text("")
    with pytest.raises(InputError, match="There is no export at"):
        loaders.read("kitsune", tmp_path / "nowhere")
    with pytest.raises(InputError, match="a Kitsune export is a folder with both"):
        loaders.read("kitsune", tmp_path / "questions.parquet")
    with pytest.raises(InputError, match="'pigeons' is no known help desk; these are: "):
        loaders.read("pigeons", tmp_path)
