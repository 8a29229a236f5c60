"""The ready mappings of survey tools read rows in the layouts of their exports."""

import json
from pathlib import Path

import pandas as pd
import pytest

from cxresearch import loaders
from cxresearch.loaders import mapped
from cxresearch.loaders.people.mapping import read_mapping

READY = Path(mapped.__file__).parent / "mappings" / "surveys"
QUALTRICS = """\
StartDate,EndDate,Status,IPAddress,Progress,Duration (in seconds),Finished,RecordedDate,ResponseId,\
RecipientLastName,RecipientFirstName,RecipientEmail,ExternalReference,DistributionChannel,\
Q1_NPS_GROUP,Q1
Start Date,End Date,Response Type,IP Address,Progress,Duration (in seconds),Finished,Recorded Date,\
Response ID,Last Name,First Name,Email,External Data,Channel,Would you recommend us? - Group,"Would
you
recommend us?"
"{""ImportId"":""startDate""}","{""ImportId"":""endDate""}","{""ImportId"":""status""}",\
"{""ImportId"":""ipAddress""}","{""ImportId"":""progress""}","{""ImportId"":""duration""}",\
"{""ImportId"":""finished""}","{""ImportId"":""recordedDate""}","{""ImportId"":""_recordId""}",\
"{""ImportId"":""recipientLastName""}","{""ImportId"":""recipientFirstName""}",\
"{""ImportId"":""recipientEmail""}","{""ImportId"":""externalDataReference""}",\
"{""ImportId"":""distributionChannel""}","{""ImportId"":""QID1_NPS_GROUP""}",\
"{""ImportId"":""QID1""}"
2026-03-02 09:00:00,2026-03-02 09:01:00,0,192.0.2.1,100,60,1,2026-03-02 09:01:02,R_1,B,Ann,\
ann@globex.example,A1,email,3,9
2026-03-03 09:00:00,2026-03-03 09:01:00,0,192.0.2.2,40,60,0,2026-03-03 09:01:02,R_2,C,Bob,,A2,\
email,,
"""
SURVEYMONKEY = """\
Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,\
Custom Data 1,How likely is it that you would recommend us to a friend?,Which do you use?,
,,,,,,,,,Response,App,Web
118000000001,450000001,2026-03-02 10:00:00,2026-03-02 10:02:00,192.0.2.1,ann@globex.example,Ann,B,,\
10 - Extremely likely,App,
118000000002,450000001,2026-03-03 10:00:00,2026-03-03 10:02:00,192.0.2.2,,,,,6,,Web
"""
TYPEFORM = """\
#,How likely are you to recommend us?,Anything else?,email,Response Type,Start Date (UTC),\
Stage Date (UTC),Submit Date (UTC),Network ID,Tags
odwdp4nz,9,,ann@globex.example,completed,2026-03-02 09:00:00,null,2026-03-02 09:01:00,653e97acae,
x1mf7q2a,null,,,started,2026-03-03 09:00:00,null,null,653e97acaf,
"""
DELIGHTED = [
    {"id": "5435", "person": {"id": "4945", "email": "ann@globex.example"}, "survey_type": "nps",
     "score": 9, "comment": "Fine", "created_at": 1772442930, "tags": []},
    {"id": "5436", "person": {"id": "4946", "email": None}, "survey_type": "csat", "score": 2,
     "comment": None, "created_at": 1772529330, "tags": []},
]  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """What a ready mapping makes of a file."""

    def of(tool, name, text, **declared):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return loaders.read("mapped", tmp_path / name, mapping=READY / f"{tool}.toml", **declared)

    return of


MADRID = {"time_zone": "Europe/Madrid"}


@pytest.mark.parametrize(
    ("tool", "name", "text", "declared", "first", "scores"),
    [
        ("qualtrics", "q.csv", QUALTRICS, MADRID, "2026-03-02T08:01:02Z", [9, None]),
        ("surveymonkey", "s.csv", SURVEYMONKEY, MADRID, "2026-03-02T09:02:00Z", [10, 6]),
        ("typeform", "t.csv", TYPEFORM, {}, "2026-03-02T09:01:00Z", [9, None]),
        ("delighted", "d.json", json.dumps(DELIGHTED), {}, "2026-03-02T09:15:30Z", [9, 2]),
    ],
)
def test_an_export_of_a_survey_tool_is_read(read, tool, name, text, declared, first, scores):
    found = read(tool, name, text, **declared)[1]
    surveys = found.tables["surveys"]
    assert surveys["responded_at"][0] == pd.Timestamp(first)
    assert (
        surveys["score_raw"].astype(object).where(surveys["score_raw"].notna(), None).tolist()
        == scores
    )
    assert surveys["responded_at"].notna().tolist() == [score is not None for score in scores]
    assert surveys["customer_id"].str.startswith("e-mail:").tolist()[0]
    assert found.files.iloc[0].tolist() == [2, 2, 0]


def test_the_scale_of_a_survey_is_that_of_its_kind(read):
    surveys = read("delighted", "d.json", json.dumps(DELIGHTED))[1].tables["surveys"]
    assert surveys[["kind", "scale_min", "scale_max"]].to_numpy().tolist() == [
        ["nps", 0, 10],
        ["csat", 1, 5],
    ]


def test_an_export_of_answers_alone_cannot_tell_who_was_asked(read):
    notes = read("surveymonkey", "s.csv", SURVEYMONKEY, **MADRID)[0].notes
    assert any(note.startswith("No column says when somebody was asked") for note in notes)


def test_the_rows_of_a_header_are_no_rows_and_keep_their_place_in_the_file(read):
    broken = QUALTRICS.replace(",9\n", ",nine\n")
    found = read("qualtrics", "q.csv", broken, **MADRID)[1]
    assert found.files.iloc[0].tolist() == [2, 1, 1]
    assert found.quarantine["row"].tolist() == [3]


@pytest.mark.parametrize("file", sorted(READY.glob("*.toml")), ids=lambda file: file.stem)
def test_a_ready_mapping_can_be_read(file):
    assert read_mapping(file).sections


def test_surveys_beside_tickets_belong_to_the_accounts_of_their_addresses(tmp_path):
    (tmp_path / "m.toml").write_text(
        READY.joinpath("typeform.toml").read_text()
        + """
        [tickets]
        [tickets.columns]
        ticket_id = "id"
        created_at = "at"
        status = "is"
        requester_id = "who"
        e-mail = "who"
        [customers]
        columns = {customer_id = "account", started_at = "since", domain = "site"}
        fixed = {observed_until = "2026-07-01T00:00:00Z"}
        """
    )
    (tmp_path / "t.csv").write_text(TYPEFORM)
    (tmp_path / "tickets.csv").write_text(
        "id,at,is,who\n1,2026-03-01 09:00:00,open,bob@globex.example\n"
    )
    (tmp_path / "accounts.csv").write_text(
        "account,since,site\nA1,2025-01-01 00:00:00,globex.example\n"
    )
    tables = loaders.load("mapped", tmp_path, mapping=tmp_path / "m.toml")
    assert tables["surveys"]["customer_id"][0] == "A1"
