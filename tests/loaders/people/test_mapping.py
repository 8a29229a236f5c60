"""A mapping file is read key by key; what is wrong is said with the nearest that is right."""

import pytest

from cxresearch.loaders.people.mapping import read_mapping
from cxresearch.study.schema import InputError

COLUMNS = "columns = {ticket_id = 'id', created_at = 'at', status = 'is'}\n"


@pytest.fixture
def read(tmp_path):
    def of(text):
        (tmp_path / "m.toml").write_text(text)
        return read_mapping(tmp_path / "m.toml")

    return of


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[ticket]\n" + COLUMNS, "unknown key 'ticket'; did you mean 'tickets'?"),
        ("[tickets]\nduration.x = 1\n" + COLUMNS, "unknown key 'duration'; did you mean 'duration"),
        ("[tickets]\ncolumns = {ticketid = 'id'}", "'ticketid'; did you mean 'ticket_id'"),
        ("[tickets]\nwords.status = {A = 'opne'}\n" + COLUMNS, "holds 'opne'.*mean 'open'"),
        ("[tickets]\nwords.is_spam = {A = 'ja'}\n" + COLUMNS, "is_spam holds 'ja'; it can hold 1"),
        ("[tickets]\nfixed = {closed_by = 'agnet'}\n" + COLUMNS, "did you mean 'agent'"),
        ("[tickets]\nrow = 'messages'\n" + COLUMNS, "did you mean 'message'"),
        ("[tickets]\nrow = 'message'\n" + COLUMNS, "a row that is a message needs event_at"),
        ("[surveys]\nrow = 'ticket'\ncolumns = {}", "row holds 'ticket'; it can hold "),
        ("[ticket_events]\nfixed = {event_type = 'replies'}\ncolumns = {}", "did you mean 'reply'"),
        ("times = 'UTC'\n[tickets]\n" + COLUMNS, "times holds 'UTC'.*did you mean 'utc'"),
        ("date_order = 'dy'\n[tickets]\n" + COLUMNS, "date_order holds 'dy'.*mean 'day'"),
        ("outcome = 'churned'\n[tickets]\n" + COLUMNS, "outcome holds 'churned'.*mean 'churn'"),
        ("[tickets]\ntimes.created_at = 'epoc'\n" + COLUMNS, "did you mean 'epoch'"),
        ("[tickets]\ndurations.closed_at = 'min'\n" + COLUMNS, "durations holds 'min'"),
        ("[tickets]\ndurations.created_at = 'days'\n" + COLUMNS, "created_at cannot be told"),
        ("[tickets]\ndurations.subject = 'days'\n" + COLUMNS, "subject cannot be told"),
        ("[tickets]\nneeds = ['subject']\n" + COLUMNS, "needs holds 'subject'"),
        # a key of the wrong kind
        ("[tickets]", "does not say ticket_id"),
        ("tickets = 1", "is 1; it must be a table"),
        ("tickets = [1]", "is 1; it must be a table"),
        ("[tickets]\ncolumns = 'id'", "columns is 'id'; it must be by our column, the file's"),
        ("[tickets]\ncolumns = {ticket_id = ['id']}", "columns is .* it must be"),
        ("[tickets]\nwords = {status = 'open'}\n" + COLUMNS, "words is .* it must be"),
        ("[tickets]\nheader_rows = 0\n" + COLUMNS, "header_rows is 0; it must be a number from 1"),
        ("[tickets]\noptional = 'no'\n" + COLUMNS, "optional is 'no'; it must be true"),
        ("source = {}\n[tickets]\n" + COLUMNS, "source is {}; it must be a name"),
        ("missing = {a = 1}\n[tickets]\n" + COLUMNS, "missing is .* it must be a list of words"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_what_would_be_right(read, text, says):
    with pytest.raises(InputError, match=says):
        read(text)


def test_words_and_values_may_be_numbers_and_truth_values(read):
    text = "words = {is_merged = {5 = true}, status = {1 = 'new'}}\nfixed = {is_spam = false}\n"
    [section] = read("[tickets]\n" + text + COLUMNS).sections
    assert section.words == {"is_merged": {"5": "true"}, "status": {"1": "new"}}
    assert section.fixed == {"is_spam": "false"}


def test_one_word_for_nothing_may_stand_alone(read):
    mapping = read("missing = '-'\n[tickets]\nmissing.status = '?'\n" + COLUMNS)
    assert (mapping.missing, mapping.sections[0].missing) == (("-",), {"status": ("?",)})


def test_how_times_are_written_is_said_of_all_a_section_or_a_column(read):
    mapping = read("times = 'epoch'\n[tickets]\ntimes.created_at = 'utc'\n" + COLUMNS)
    [section] = mapping.sections
    assert mapping.clock(section, "created_at") == "utc"
    assert mapping.clock(section, "closed_at") == "epoch"
    mapping = read("times = 'epoch'\n[tickets]\ntimes = '%d.%m.%Y'\n" + COLUMNS)
    assert mapping.clock(mapping.sections[0], "closed_at") == "%d.%m.%Y"
