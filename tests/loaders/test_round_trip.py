"""Any tickets, written as each system writes them and read back, are the same tickets.

Texts are those that break readers: quotes, line ends, commas, formulas, words for nothing, emoji,
right-to-left text, any other character; numbers have leading zeros or more digits than a float.
"""

import csv
import datetime as dt
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxresearch import loaders

CLOCK, OFFSET = "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"
MAPPING = """
time_zone = "UTC"
[tickets]
fixed = {created_channel = "email"}
[tickets.columns]
ticket_id = "id"
created_at = "at"
subject = "s"
description = "d"
status = "is"
requester_id = "who"
"""


@dataclass(frozen=True)
class Layout:
    """Where a system's file holds the fields of a ticket, and how it writes states and times.

    places are headers or JSON paths; fixed is what the form needs beside them; page is the key that
    a page of the API lists its records under; number turns digits into one of the system's numbers.
    """

    system: str
    kind: str
    places: dict[str, str]
    states: dict[str, object]
    time: str | Callable = CLOCK
    fixed: dict[str, object] = field(default_factory=dict)
    page: str = "tickets"
    number: Callable = str

    def values(self, ticket: dict) -> dict[str, object]:
        """What is written of a ticket, by place."""
        at = ticket["created_at"]
        said = ticket | {
            "ticket_id": self.number(ticket["ticket_id"]),
            "status": self.states[ticket["status"]],
            "created_at": at.strftime(self.time) if isinstance(self.time, str) else self.time(at),
        }
        return self.fixed | {place: said[name] for name, place in self.places.items()}


LAYOUTS = [
    Layout("zendesk", "csv", {"ticket_id": "Id", "created_at": "Created at", "subject": "Subject",
                              "status": "Status", "requester_id": "Requester id"},
           {"open": "Open", "closed": "Closed"}, fixed={"Tags": "a b"}),
    Layout("zendesk", "json", {"ticket_id": "id", "created_at": "created_at", "subject": "subject",
                               "description": "description", "status": "status",
                               "requester_id": "requester_id"},
           {"open": "open", "closed": "closed"}, OFFSET,
           {"submitter_id": "1", "via.channel": "web"}),
    Layout("freshdesk", "csv", {"ticket_id": "Ticket ID", "created_at": "Created time",
                                "subject": "Subject", "status": "Status",
                                "requester_id": "Contact ID"},
           {"open": "Open", "closed": "Closed"}),
    Layout("freshdesk", "json", {"ticket_id": "id", "created_at": "created_at",
                                 "subject": "subject", "description": "description_text",
                                 "status": "status", "requester_id": "requester_id"},
           {"open": 2, "closed": 5}, OFFSET,
           {"responder_id": None, "source": 2, "fr_due_by": None}),
    Layout("intercom", "json", {"ticket_id": "id", "created_at": "created_at", "subject": "title",
                                "description": "source.body", "status": "state"},
           {"open": "open", "closed": "closed"}, lambda at: int(at.timestamp()),
           {"contacts.contacts": []}, "conversations"),
    Layout("hubspot", "csv", {"ticket_id": "Ticket ID", "created_at": "Create date",
                              "subject": "Ticket name", "description": "Ticket description",
                              "status": "Ticket status", "requester_id": "Associated Contact IDs"},
           {"open": "Waiting on us", "closed": "Closed"}),
    Layout("hubspot", "json", {"ticket_id": "id", "created_at": "properties.createdate",
                               "subject": "properties.subject",
                               "description": "properties.content",
                               "status": "properties.hs_pipeline_stage"},
           {"open": "3", "closed": "4"}, OFFSET, {"createdAt": None}, "results"),
    Layout("jira", "csv", {"ticket_id": "Issue key", "created_at": "Created", "subject": "Summary",
                           "description": "Description", "status": "Status",
                           "requester_id": "Reporter Id"},
           {"open": "In Progress", "closed": "Closed"}, fixed={"Issue Type": "Incident"}),
    Layout("jira", "json", {"ticket_id": "key", "created_at": "fields.created",
                            "subject": "fields.summary", "status": "fields.status.name",
                            "requester_id": "fields.reporter.accountId"},
           {"open": "In Progress", "closed": "Closed"}, "%Y-%m-%dT%H:%M:%S.000+0000", {}, "issues",
           "SUP-{}".format),
    Layout("salesforce", "csv", {"ticket_id": "Id", "created_at": "CreatedDate",
                                 "subject": "Subject", "description": "Description",
                                 "status": "Status", "requester_id": "ContactId"},
           {"open": "Working", "closed": "Closed"}, "%Y-%m-%dT%H:%M:%S.000+0000",
           {"CaseNumber": "1", "IsClosed": ""}),
    Layout("servicenow", "csv", {"ticket_id": "Number", "created_at": "Opened",
                                 "subject": "Short description", "description": "Description",
                                 "status": "State"},
           {"open": "In Progress", "closed": "Closed"}, number="INC{}".format),
    Layout("servicenow", "json", {"ticket_id": "number", "created_at": "opened_at",
                                  "subject": "short_description", "description": "description",
                                  "status": "state", "requester_id": "caller_id"},
           {"open": "2", "closed": "7"}, CLOCK, {"sys_id": "x"}, "result", "INC{}".format),
    Layout("github", "json", {"ticket_id": "number", "created_at": "created_at",
                              "subject": "title", "description": "body", "status": "state",
                              "requester_id": "user.login"},
           {"open": "open", "closed": "closed"}, OFFSET,
           {"id": 1, "labels": [], "comments": 0}, "items"),
    Layout("cfpb", "csv", {"ticket_id": "Complaint ID", "created_at": "Date received",
                           "description": "Consumer complaint narrative",
                           "status": "Company response to consumer"},
           {"open": "In progress", "closed": "Closed with explanation"}, "%Y-%m-%d",
           {"Product": "Card", "Issue": "Bill"}),
    *(Layout("mapped", kind, {"ticket_id": "id", "created_at": "at", "subject": "s",
                              "description": "d", "status": "is", "requester_id": "who"},
             {"open": "open", "closed": "closed"}) for kind in ("csv", "parquet")),
]  # fmt: skip

NASTY = [
    '"', '""', '"a', "a\nb", "a\r\nb", "\r", ",", ";\t", "\\", '\\"', "'", "=1+1", "+1", "-1",
    "@A1", '=HYPERLINK("http://evil.example","x")', "NA", "null", "None", "nan", "007", "1e5",
    " a ", "😡", "مرحبا, שלום", "<script>alert(1)</script>", "\u2028", "\x85", "\ufeff", "a\0b",
    "{", "[{", "}]", '{"id": 1}', "Id", "$x", "%s", "{}",
]  # fmt: skip
PIECES = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TEXT = st.lists(PIECES, min_size=1, max_size=3).map("".join)
DIGITS = st.from_regex(r"[0-9]{1,20}", fullmatch=True)
TICKETS = st.lists(
    st.fixed_dictionaries(
        {
            "ticket_id": DIGITS,
            "created_at": st.datetimes(dt.datetime(2012, 1, 1), dt.datetime(2026, 1, 1)).map(
                lambda at: at.replace(microsecond=0, tzinfo=dt.UTC)
            ),
            "subject": st.none() | TEXT,
            "description": st.none() | TEXT,
            "status": st.sampled_from(["open", "closed"]),
            "requester_id": st.none() | DIGITS,
        }
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda ticket: ticket["ticket_id"],
)


def csv_text(rows, quoting, end):
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), quoting=quoting, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def nested(values):
    """A JSON record from values by path."""
    record = {}
    for path, value in values.items():
        *keys, last = path.split(".")
        inner = record
        for key in keys:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return record


def json_text(records, how, page, readable):
    written = [json.dumps(record, ensure_ascii=not readable) for record in records]
    if how == "lines":
        return "".join(line + "\n" for line in written)
    listed = "[" + ",\n ".join(written) + "]"
    return f'{{"count": {len(written)}, "{page}": {listed}}}' if how == "page" else listed


def write(file, layout, tickets, draw):
    rows = [layout.values(ticket) for ticket in tickets]
    if layout.kind == "parquet":
        pd.DataFrame(rows, dtype="str").to_parquet(file)
        return
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    if layout.kind == "csv":
        quoting = draw(st.sampled_from([(csv.QUOTE_ALL, "\n"), (csv.QUOTE_MINIMAL, "\r\n")]))
        text = csv_text(rows, *quoting)
    else:
        how = draw(st.sampled_from(["lines", "list", "page"]))
        text = json_text(map(nested, rows), how, layout.page, draw(st.booleans()))
    file.write_bytes(text.encode(encoding))


def expected(layout, ticket):
    """A ticket as it must come back: nothing and an empty text are the same."""
    told = {name: ticket[name] or None for name in layout.places}
    told["ticket_id"] = layout.number(ticket["ticket_id"])
    if layout.system == "cfpb":
        told["created_at"] = ticket["created_at"].replace(hour=0, minute=0, second=0)
        told["description"] = None if told["description"] == "None" else told["description"]
    if layout.system == "intercom" and told["status"] == "closed":
        told["status"] = "solved"  # an Intercom conversation that is closed can be opened again
    told["created_at"] = pd.Timestamp(told["created_at"])
    return told


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: f"{layout.system}-{layout.kind}")
@settings(
    max_examples=8, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(tickets=TICKETS, data=st.data())
def test_tickets_come_back_as_they_were_written(tmp_path, layout, tickets, data):
    file = tmp_path / f"tickets.{layout.kind}"
    write(file, layout, tickets, data.draw)
    (tmp_path / "m.toml").write_text(MAPPING)
    given = {"mapping": tmp_path / "m.toml"} if layout.system == "mapped" else {"time_zone": "UTC"}
    _, found = loaders.read(layout.system, file, **given)
    assert found.files.iloc[0].tolist() == [len(tickets), len(tickets), 0]
    read = found.tables["tickets"][list(layout.places)].astype("object")
    read = read.where(read.notna() & (read != ""), None).to_dict("records")
    assert read == [expected(layout, ticket) for ticket in tickets]
