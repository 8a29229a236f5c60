"""CFPB complaints: days, words of the bureau, and what is not known of anybody."""

import pandas as pd
import pytest

from cxresearch import loaders

HEAD = (
    "Date received,Product,Sub-product,Issue,Sub-issue,Consumer complaint narrative,Company,Tags,"
    "Submitted via,Company response to consumer,Consumer disputed?,Complaint ID"
)
ROW = {"Date received": "2026-03-02", "Product": "Card", "Issue": "Bill", "Submitted via": "Web",
       "Company response to consumer": "Closed", "Complaint ID": "1"}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Reads one complaint with these fields: what became of it."""

    def write(**fields):
        row = ROW | {name.replace("_", " "): value for name, value in fields.items()}
        line = ",".join(f'"{row.get(name, "")}"' for name in HEAD.split(","))
        (tmp_path / "complaints.csv").write_text(f"{HEAD}\n{line}\n")
        return loaders.read("cfpb", tmp_path / "complaints.csv")[1]

    return write


def ticket(found):
    return found.tables["tickets"].iloc[0]


@pytest.mark.parametrize("text", ["2026-03-02", "03/02/2026", "2026-03-02T23:30:00-05:00"])
def test_a_day_is_the_day_that_is_written(read, text):
    found = ticket(read(Date_received=text))
    assert found["created_at"] == pd.Timestamp("2026-03-02T00:00:00Z")
    assert "date_only" in found["dq_flags"]


@pytest.mark.parametrize("text", ["13/02/2026", "2026-02-30", "soon", ""])
def test_what_is_no_day_is_set_aside(read, text):
    found = read(Date_received=text)
    assert len(found.tables["tickets"]) == 0
    assert found.files.iloc[0].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("says", "status"),
    [
        ("In progress", "open"),
        ("Closed with non-monetary relief", "closed"),
        ("Closed without relief", "closed"),
        ("Untimely response", "unknown"),
        ("None", "unknown"),
    ],
)
def test_responses_are_states_and_an_untimely_one_is_not_known(read, says, status):
    assert ticket(read(Company_response_to_consumer=says))["status"] == status


def test_a_response_that_is_not_known_is_set_aside(read):
    (reason,) = read(Company_response_to_consumer="Vanished").quarantine["reason"]
    assert reason.startswith("status is none of new, open")


@pytest.mark.parametrize(
    ("day", "version"),
    [
        ("2017-04-23", "2011"),
        ("2017-04-24", "2017"),
        ("2023-08-23", "2017"),
        ("2023-08-24", "2023"),
    ],
)
def test_the_version_of_products_and_issues_is_a_tag(read, day, version):
    assert list(ticket(read(Date_received=day))["tags"]) == [f"taxonomy {version}"]


def test_tags_are_words_and_a_dispute_is_one(read):
    fields = {"Tags": "Servicemember, Older American", "Consumer_disputed?": "Yes"}
    tags = list(ticket(read(**fields))["tags"])
    assert tags == ["Servicemember", "Older American", "taxonomy 2023", "disputed"]


def test_none_is_nothing_and_part_of_a_name_is_not(read):
    found = ticket(read(**{"Sub-issue": "None", "Sub-product": "None of these", "Tags": "None"}))
    assert found[["type", "product"]].tolist() == ["Bill", "Card: None of these"]
    assert list(found["tags"]) == ["taxonomy 2023"]


def test_a_company_is_not_the_customer(read):
    found = ticket(read(Company="GLOBEX BANK, N.A."))
    assert found["group_id"] == "GLOBEX BANK, N.A."
    assert found[["requester_id", "organization_id", "first_reply_at"]].isna().all()
