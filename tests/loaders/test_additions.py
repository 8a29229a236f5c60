"""Month two: a newer export joins a study, and in one go or in twelve steps the study is one."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cxresearch import open_study
from cxresearch.cli import app
from cxresearch.lab.simulate import simulate_world
from cxresearch.loaders import additions
from cxresearch.loaders.added_said import UNSEEN
from cxresearch.loaders.additions import add, first_entry
from cxresearch.loaders.imports import told_by_history
from cxresearch.loaders.reading.declared import Declared
from cxresearch.loaders.reading.export import Export
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study
from cxresearch.study.told_dates import apart
from cxresearch.study.writing import write_study
from cxresearch.topics.forget import forget
from tests.loaders.by_month import MADE_HERE, exports, in_order, of

ROOT = Path(__file__).parents[2]
ZENDESK = Path(__file__).parent / "formats" / "zendesk"
NONE = Export({})


def day(at: int) -> pd.Timestamp:
    return pd.Timestamp("2025-01-01", tz="UTC") + pd.Timedelta(days=at)


def tickets(*ids: str, **columns) -> pd.DataFrame:
    """Open tickets, a day apart, each of a person of its own."""
    given = {"ticket_id": list(ids), "created_at": [day(at) for at in range(len(ids))],
             "status": "open", "requester_id": [f"p{each}" for each in ids],
             "updated_at": [day(at) for at in range(len(ids))],
             "dq_flags": [[] for _ in ids]}  # fmt: skip
    return pd.DataFrame(given | columns)


@pytest.fixture
def came(monkeypatch):
    """What the next export holds, in place of reading one."""

    def next_export(until: pd.Timestamp, source="Desk", **tables):
        whole = Study.from_tables(tables)
        told = {"source": source, "observed_until": until.isoformat(),
                "tickets_from": day(0).isoformat()}  # fmt: skip
        export = Export({}, settings=told)
        made = of({name: whole.table(name) for name in whole.rows})
        monkeypatch.setattr(additions, "read", lambda *given, **more: (export, made))
        return export, made

    return next_export


def write(folder: Path, export: Export, made, outcome="return") -> Path:
    """A study of a first export."""
    settings = replace(Settings(), name="s", outcome=outcome, **apart(export.settings)[0])
    told = first_entry("zendesk", export, made, {})
    write_study(folder, settings, made, (), told)
    return folder


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def grown(study: Study, folder: Path, months, overlapping: bool, monkeypatch) -> Path:
    """The study as it grew month by month; what an import says of each row is checked."""
    for number, (export, made) in enumerate(exports(study, list(months), overlapping)):
        if not number:
            write(folder, export, made, study.outcome)
            continue
        monkeypatch.setattr(additions, "read", lambda *a, e=export, m=made, **k: (e, m))
        rows = add(folder, "export")[2].rows
        assert rows["read"].equals(rows.drop(columns="read").sum(axis=1))
        assert rows["read"].to_dict() == {name: len(t) for name, t in made.tables.items()}
    return folder


def assert_is(study: Study, whole: Study) -> None:
    """The same rows, and of tickets what an import would have found odd."""
    tables = {name: whole.table(name) for name in whole.rows if name not in MADE_HERE}
    tables = told_by_history(of(tables), NONE, Declared()).tables
    for name, rows in tables.items():
        pd.testing.assert_frame_equal(in_order(name, study.table(name)), in_order(name, rows))


def test_the_demo_in_twelve_steps_is_the_demo(tmp_path, monkeypatch):
    demo = open_study(ROOT / "data" / "demo")
    months = pd.date_range("2025-01-01", "2026-01-01", freq="MS", tz="UTC")
    study = open_study(grown(demo, tmp_path / "s", months, False, monkeypatch))
    assert_is(study, demo)
    assert study.observed_until == demo.observed_until
    assert len(study.import_report["imports"]) == 13


def test_exports_that_overlap_make_the_same_study(tmp_path, monkeypatch):
    tables = {name: rows for name, rows in simulate_world(150, seed=5)[0].items()
              if name != "truth"}  # fmt: skip
    until = "2026-01-01T00:00:00Z"
    whole = Study.from_tables(tables, observed_until=until, tickets_from="2024-01-01T00:00:00Z")
    months = pd.date_range("2025-07-01", "2026-01-01", freq="MS", tz="UTC")
    folder = grown(whole, tmp_path / "s", months, True, monkeypatch)
    assert_is(open_study(folder), whole)
    before = {name: held for name, held in bytes_of(folder).items() if name != "import.json"}
    rows = add(folder, "export")[2].rows  # once more
    assert (rows["read"] == rows["unchanged"]).all()
    assert bytes_of(folder).items() >= before.items()


def test_a_history_that_comes_in_parts_tells_as_the_whole(tmp_path):
    lines = (ZENDESK / "ticket_audits.ndjson").read_text().splitlines(keepends=True)
    early = [line for line in lines if json.loads(line)["created_at"] < "2026-03-10"]
    for name, part in (("one", early), ("two", [each for each in lines if each not in early])):
        shutil.copytree(ZENDESK, tmp_path / name)
        (tmp_path / name / "ticket_audits.ndjson").write_text("".join(part))
    run = CliRunner()
    given = ["--time-zone", "Europe/Madrid"]
    for words in (
        ["import", "zendesk", ZENDESK, "--to", tmp_path / "whole", *given],
        ["import", "zendesk", tmp_path / "one", "--to", tmp_path / "s", *given],
        ["add", tmp_path / "s", tmp_path / "two"],  # its zone is remembered
    ):
        done = run.invoke(app, [str(word) for word in words])
        assert done.exit_code == 0, done.output
    assert 0 < len(early) < len(lines)
    study, whole = open_study(tmp_path / "s"), open_study(tmp_path / "whole")
    for name in ("tickets", "ticket_events", "surveys"):
        one, other = (in_order(name, each.table(name)) for each in (study, whole))
        pd.testing.assert_frame_equal(one, other)
    assert "tickets: read" in done.output
    assert study.observed_until == whole.observed_until


def test_import_with_add_is_the_same(tmp_path):
    words = ["import", "zendesk", str(ZENDESK), "--to", str(tmp_path / "s"), "--time-zone", "UTC"]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert "is there already" in CliRunner().invoke(app, words).output
    done = CliRunner().invoke(app, [*words, "--add"])
    assert done.exit_code == 0
    assert "tickets: read 35 = 0 new + 35 unchanged" in done.output


def test_the_newest_state_counts_and_what_is_not_there_stays(tmp_path, came):
    gone = [False, True, None]
    first = tickets("1", "2", "3", status=["solved", "closed", "open"], is_deleted=gone,
                    closed_at=[day(1), day(2), None], priority="low")  # fmt: skip
    folder = write(tmp_path / "s", *came(day(9), tickets=first))
    came(day(20), tickets=tickets("1", "4", updated_at=day(15), created_at=[day(0), day(12)]))
    rows = add(folder, "x")[2].rows
    assert rows.loc["tickets"].drop("forgotten").tolist() == [2, 1, 1, 0, 0]
    held = open_study(folder).tickets.set_index("ticket_id")
    assert held["status"].tolist() == ["open", "closed", "open", "open"]
    assert held["closed_at"].isna().tolist() == [True, False, True, True]  # 1 was opened again
    assert held["is_deleted"].tolist()[:3] == [False, True, pd.NA]
    assert held["priority"].tolist()[:3] == ["low"] * 3  # of which this export does not tell
    assert open_study(folder).observed_until == day(20)


def test_an_older_export_that_comes_late_undoes_nothing(tmp_path, came):
    folder = write(
        tmp_path / "s", *came(day(20), tickets=tickets("1", status="closed", updated_at=day(9)))
    )
    came(day(5), tickets=tickets("1", "0"))
    rows = add(folder, "x")[2].rows
    assert rows.loc["tickets", ["new", "updated", "unchanged"]].tolist() == [1, 0, 1]
    study = open_study(folder)
    assert study.tickets.set_index("ticket_id").loc["1", "status"] == "closed"
    assert study.observed_until == day(20)


def test_what_a_person_decided_stays(tmp_path, came):
    folder = write(tmp_path / "s", *came(day(9), tickets=tickets("1")))
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace('observed_until = ""', f'observed_until = "{day(8)}"')
                    .replace(' 00:00:00+00:00"', 'T00:00:00+00:00"') + "\n# mine\n")  # fmt: skip
    (folder / "causes.toml").write_text("# mine too\n")
    written = toml.read_text()
    came(day(20), tickets=tickets("1", "2"))
    said = " ".join(add(folder, "x")[2].said)
    assert not (folder / "forgotten.json").exists()
    assert "observed_until stays 2025-01-09T00:00:00+00:00, as study.toml says" in said
    assert toml.read_text() == written
    assert (folder / "causes.toml").read_text() == "# mine too\n"
    assert open_study(folder).observed_until == day(8)


def test_dates_that_an_older_import_wrote_move_all_the_same(tmp_path, came):
    export, made = came(day(1), tickets=tickets("1", "2"))
    write_study(tmp_path / "s", replace(Settings(), outcome="return", **export.settings), made)
    came(day(20), tickets=tickets("3"))
    assert add(tmp_path / "s", "x", "zendesk")[2].said == ()
    assert open_study(tmp_path / "s").observed_until == day(20)
    assert f'observed_until = "{day(1).isoformat()}"' not in (tmp_path / "s/study.toml").read_text()


def test_another_help_desks_numbers_are_nobody_elses(tmp_path, came):
    events = pd.DataFrame({"event_id": ["9"], "ticket_id": ["1"], "event_at": [day(0)],
                           "event_type": ["reply"], "actor_id": ["7"]})  # fmt: skip
    first = tickets("1", "2", status="closed")
    folder = write(tmp_path / "s", *came(day(9), tickets=first, ticket_events=events))
    other = tickets("1", "5", requester_id=["e-mail:0a1b", "7"], group_id=["Billing", "12"],
                    created_at=[day(10), day(11)], updated_at=day(12))  # fmt: skip
    came(day(20), "Fresh desk!", tickets=other, ticket_events=events)
    assert add(folder, "x")[2].rows["new"].to_dict() == {"tickets": 2, "ticket_events": 1}
    study = open_study(folder)
    assert study.tickets["ticket_id"].tolist() == ["1", "2", "fresh-desk-:1", "fresh-desk-:5"]
    assert study.tickets["requester_id"].tolist()[2:] == ["e-mail:0a1b", "fresh-desk-:7"]
    assert study.tickets["group_id"].tolist()[2:] == ["Billing", "fresh-desk-:12"]
    assert study.ticket_events["ticket_id"].tolist() == ["1", "fresh-desk-:1"]
    rows = add(folder, "x")[2].rows  # the same once more is known by its name
    assert rows["unchanged"].to_dict() == {"tickets": 2, "ticket_events": 1}


def test_a_help_desk_under_another_name_is_refused(tmp_path, came):
    folder = write(tmp_path / "s", *came(day(9), tickets=tickets("1", "2")))
    came(day(20), "desk export", tickets=tickets("1", "2", "3"))
    with pytest.raises(
        InputError, match="2 of 3 tickets of 'desk export' are in the study already"
    ):
        add(folder, "x")


def test_open_tickets_of_the_help_desk_that_was_left_are_not_known_to_be_open(tmp_path, came):
    folder = write(
        tmp_path / "s", *came(day(9), tickets=tickets("1", "2", status=["open", "closed"]))
    )
    came(day(40), "Other", tickets=tickets("1", created_at=[day(30)], updated_at=[day(30)]))
    new, said = add(folder, "x")[2].said[::2]
    assert new.startswith("Other is new to this study: its numbers get 'other:' in front")
    assert said.startswith("1 tickets that were open could not be in this export")
    held = open_study(folder).tickets.set_index("ticket_id")
    assert held["status"].to_dict() == {"1": "unknown", "2": "closed", "other:1": "open"}
    assert [UNSEEN in each for each in held["dq_flags"]] == [True, False, False]


@pytest.mark.parametrize(
    ("held", "status"),
    [
        ("3456", "unknown"),  # all since day 2: made by when tickets were written
        ("36", "open"),  # some of them: what changed, and 1 did not
        ("13456", "open"),  # all that there is
    ],
)
def test_an_open_ticket_from_before_the_export_begins_may_have_been_solved(
    tmp_path, came, held, status
):
    folder = write(tmp_path / "s", *came(day(9), tickets=tickets(*"12345")))
    created = [day(int(each) - 1) for each in held]
    came(day(20), tickets=tickets(*held, created_at=created, updated_at=created))
    add(folder, "x")
    assert open_study(folder).tickets.set_index("ticket_id").loc["1", "status"] == status
    came(day(30), tickets=tickets("1", created_at=[day(0)], updated_at=[day(25)]))
    add(folder, "x")
    seen = open_study(folder).tickets.set_index("ticket_id").loc["1"]
    assert seen["status"] == "open"  # seen again
    assert UNSEEN not in seen["dq_flags"]


def test_what_is_remembered_is_that_help_desks_own(tmp_path, came, monkeypatch):
    folder = write(tmp_path / "s", *came(day(9), tickets=tickets("1")))
    first = {"billing": "stripe", "grace_days": 9.0, "time_zone": "Europe/Madrid"}
    report = json.loads((folder / "import.json").read_text())
    report["imports"][0]["declared"] = first
    (folder / "import.json").write_text(json.dumps(report))
    export, made = came(day(20), "Other", tickets=tickets("8", updated_at=day(19)))
    given = {}
    monkeypatch.setattr(
        additions, "read", lambda *a, alone, **more: given.update(more) or (export, made)
    )
    add(folder, "x", "freshdesk", time_zone="UTC")
    assert given == {"time_zone": "UTC"}
    monkeypatch.setattr(additions, "detect", lambda *files: "zendesk")
    given.clear()
    add(folder, "x")
    assert given == {"time_zone": "Europe/Madrid"}  # billing says nothing without its files
    given.clear()
    add(folder, "x", customers="files")
    assert given == first


def test_another_accounts_export_is_refused(tmp_path, came):
    folder = write(tmp_path / "s", *came(day(9), tickets=tickets("1", "2")))
    before = bytes_of(folder)
    came(day(500), tickets=tickets("1", "2", created_at=day(400), updated_at=day(400)))
    with pytest.raises(InputError, match="Ticket 1 began on 2025-01-01 in the study and on 2026"):
        add(folder, "x")
    assert bytes_of(folder) == before


def test_a_run_that_was_stopped_has_changed_nothing(tmp_path, came, monkeypatch):
    folder = write(tmp_path / "s", *came(day(9), tickets=tickets("1")))
    before = bytes_of(folder)
    came(day(20), tickets=tickets("2"))
    with monkeypatch.context() as stopped:
        stopped.setattr(additions, "write_report", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            add(folder, "x")
    assert bytes_of(folder) == before
    assert [each.name for each in tmp_path.iterdir()] == ["s"]
    assert add(folder, "x")[2].rows.loc["tickets", "new"] == 1


def test_who_was_forgotten_does_not_come_back(tmp_path, came):
    first = tickets("1", "2")
    folder = write(tmp_path / "s", *came(day(9), tickets=first))
    forget(folder, "p2")
    came(day(20), tickets=tickets("1", "2", "3"))
    rows = add(folder, "x")[2].rows
    assert rows.loc["tickets", ["new", "unchanged", "forgotten"]].tolist() == [1, 1, 1]
    assert open_study(folder).tickets["ticket_id"].tolist() == ["1", "3"]


def test_days_that_no_export_seems_to_cover_are_said(tmp_path, came):
    folder = write(tmp_path / "s", *came(day(2), tickets=tickets("1", "2", status="closed")))
    came(day(90), tickets=tickets("3", "4", created_at=[day(60), day(61)], updated_at=day(61)))
    (said,) = add(folder, "x")[2].said
    assert said.startswith("No ticket is from between 2025-01-02 and 2025-03-02, longer than ever")


def test_new_people_whom_no_billing_tells_are_counted(tmp_path, came):
    customers = pd.DataFrame({"customer_id": ["A"], "started_at": day(0), "observed_until": day(9)})
    links = pd.DataFrame({"requester_id": ["p1"], "customer_id": ["A"]})
    first = came(day(9), tickets=tickets("1"), customers=customers, identities=links)
    folder = write(tmp_path / "s", *first, outcome="churn")
    came(day(20), tickets=tickets("1", "2"))
    (said,) = add(folder, "x")[2].said
    assert said.startswith("1 of 1 people who wrote for the first time are joined to no account")


def test_a_newer_system_must_be_named_where_none_is_known(tmp_path, came):
    export, made = came(day(1), tickets=tickets("1"))
    write_study(tmp_path / "s", replace(Settings(), outcome="return", **export.settings), made)
    with pytest.raises(InputError, match="does not say of which help desk it is"):
        add(tmp_path / "s", "x")
