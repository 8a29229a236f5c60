"""GitHub issues: what their list and their timelines tell, and what they do not."""

import json

import pandas as pd
import pytest

from cxresearch import loaders
from cxresearch.study.schema import InputError

DAY = "2026-03-02T{:02}:00:00Z"
ISSUE = {"number": 7, "title": "a", "body": "b", "user": {"login": "ann"}, "labels": [],
         "state": "open", "comments": 0, "created_at": DAY.format(8)}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Reads an issue with these keys and its timeline: (event, who, further keys), hourly."""

    def write(*events, name="timeline_7.json", **keys):
        (tmp_path / "issues.json").write_text(json.dumps([ISSUE | keys]))
        rows = [
            {"event": event, "actor": {"login": who, "type": kind}, "created_at": DAY.format(n)}
            | more
            for n, (event, who, kind, more) in enumerate(events, 9)
        ]
        if rows:
            (tmp_path / name).write_text(json.dumps(rows))
        return loaders.read("github", tmp_path)[1]

    return write


def ticket(found):
    return found.tables["tickets"].iloc[0]


def comment(who, association, kind="User"):
    return ("commented", who, kind, {"author_association": association, "body": "x"})


def test_the_first_reply_is_a_maintainers_not_a_bots_or_another_users(read):
    found = read(
        comment("ann", "MEMBER"), comment("helper[bot]", "MEMBER", "Bot"), comment("bob", "NONE"),
        comment("cleo", "CONTRIBUTOR"), comment("dan", "COLLABORATOR"),
    )  # fmt: skip
    assert ticket(found)["first_reply_at"] == pd.Timestamp(DAY.format(13))
    roles = found.tables["ticket_events"]["actor_role"].tolist()
    assert roles == ["customer", "bot", "customer", "customer", "agent"]


@pytest.mark.parametrize(
    ("closer", "kind", "by"),
    [("ann", "User", "customer"), ("dan", "User", "agent"), ("stale", "Bot", "automation")],
)
def test_who_closed_is_told_by_the_list_and_by_the_timeline(read, closer, kind, by):
    keys = dict(state="closed", closed_at=DAY.format(9), closed_by={"login": closer, "type": kind})
    assert ticket(read(**keys))["closed_by"] == by
    keys["closed_by"] = None
    assert ticket(read(("closed", closer, kind, {}), **keys))["closed_by"] == by


def test_a_duplicate_is_merged_and_closed_by_that(read):
    events = [("marked_as_duplicate", "dan", "User", {}), ("closed", "dan", "User", {})]
    keys = dict(state="closed", state_reason="duplicate", closed_by={"login": "dan"})
    assert ticket(read(*events, **keys))[["is_merged", "closed_by"]].tolist() == [True, "merge"]


def test_what_is_reopened_while_it_is_open_is_no_reopening(read):
    events = [("closed", "dan", "User", {}), *[("reopened", "ann", "User", {})] * 2]
    assert ticket(read(*events))["count_reopens"] == 1


def test_labels_are_objects_or_words(read):
    assert list(ticket(read(labels=[{"name": "a, b"}, "c"]))["tags"]) == ["a, b", "c"]


@pytest.mark.parametrize("user", [None, {"login": "ghost"}])
def test_a_deleted_account_is_nobody(read, user):
    found = ticket(read(user=user))
    assert pd.isna(found["requester_id"])
    assert "no_requester" in found["dq_flags"]


def test_a_pull_request_is_set_aside_with_its_text(read):
    found = read(pull_request={"url": "u"})
    aside = found.quarantine.iloc[0]
    assert aside["reason"] == "it is a pull request, not an issue"
    assert json.loads(aside["original"])["title"] == "a"


def test_the_number_comes_from_the_record_or_else_from_the_files_name(read):
    url = {"issue_url": "https://host.example/repos/o/r/issues/7"}
    found = read(("closed", "dan", "User", url), ("reopened", "dan", "User", {}), name="page.json")
    assert found.tables["ticket_events"]["ticket_id"].tolist() == ["7"]
    (says,) = found.quarantine["reason"]
    assert says == "the number of its issue is not in the name of the file"


def test_an_issue_that_a_maintainer_opened_is_no_customers(read):
    assert ticket(read(author_association="MEMBER"))["is_agent_created"]
    assert not ticket(read(author_association="NONE"))["is_agent_created"]


def test_issues_of_two_repositories_are_refused(read, tmp_path):
    second = [ISSUE | {"repository_url": "https://host.example/repos/o/b"}]
    (tmp_path / "more.json").write_text(json.dumps(second))
    with pytest.raises(InputError, match="of 2 repositories"):
        read(repository_url="https://host.example/repos/o/a")


def test_a_timeline_alone_gives_events_only(read, tmp_path):
    read(("closed", "dan", "User", {}))
    tables = loaders.load("github", tmp_path / "timeline_7.json")
    assert {name: len(table) for name, table in tables.items()} == {"ticket_events": 1}
