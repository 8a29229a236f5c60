"""What a watch tells: each alert once, again when it returns, to whom a person names, few false."""

import json
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cxresearch.cli import app
from cxresearch.kpis.quality.lost import lost
from cxresearch.report import alerts
from cxresearch.report.alerts import last_week, look
from cxresearch.report.watch import MEMORY, news, post, remembered
from cxresearch.study.schema import InputError
from cxresearch.study.settings import settings_text
from cxresearch.study.study import Study, open_study
from cxresearch.study.writing import write_parquet

START = pd.Timestamp("2024-01-01", tz="UTC")
WEEK = pd.Timedelta(weeks=1)
USUAL = np.tile([[10, 7], [7, 10], [13, 10], [10, 13]], (15, 1))


def desk(counts: np.ndarray, least: float = 0.0, people: int = 10_000, **columns) -> Study:
    """A return study of so many tickets a week (rows) and cause (columns: c0, c1)."""
    week, cause = np.nonzero(counts)
    week, cause = (np.repeat(each, counts[week, cause]) for each in (week, cause))
    hour = pd.Series(week).groupby(week).cumcount() % 168
    ids = [f"t{i}" for i in range(len(week))]
    who = [f"p{i % people}" for i in range(len(week))]
    tickets = {
        "ticket_id": ids,
        "status": "open",
        "requester_id": who,
        "subject": "x",
        "created_at": START + pd.to_timedelta(168 * week + hour.to_numpy(), "h"),
        **columns,
    }
    causes = {"ticket_id": ids, "topic": cause, "cause": [f"c{each}" for each in cause],
              "weight": 1.0, "is_exit_request": False}  # fmt: skip
    until = (START + len(counts) * WEEK).isoformat()
    tables = {"tickets": pd.DataFrame(tickets), "ticket_causes": pd.DataFrame(causes)}
    return Study.from_tables(tables, outcome="return", tickets_from=START.isoformat(),
                             observed_until=until, least_shown=least)  # fmt: skip


def surge(weeks: int = 2, times: int = 5, more: int = 0) -> np.ndarray:
    """The usual weeks, in the last but `more` of which c1 is so many times as frequent."""
    counts = USUAL.copy()
    counts[len(counts) - more - weeks : len(counts) - more, 1] *= times
    return counts


@pytest.fixture
def folder(tmp_path):
    """Writes a study to the folder s."""

    def write(study):
        place = tmp_path / "s"
        place.mkdir(exist_ok=True)
        for name in study.rows:
            write_parquet(study.table(name), place / f"{name}.parquet")
        (place / "study.toml").write_text(settings_text(study.settings), encoding="utf-8")
        return place

    return write


def keys(seen):
    return [alert.key for alert in seen.alerts]


def test_usual_weeks_say_nothing_new():
    told = news(desk(USUAL))
    assert keys(told) == []
    assert "Nothing new." in told.markdown()
    assert told.seen.series == 2 + 2 + 1  # causes, fields that are ever filled, the import


def test_a_surge_is_told_with_its_tickets_and_no_text():
    study = desk(surge())
    (alert,) = news(study).alerts
    assert (alert.kind, alert.name, alert.since) == ("surge", "c1", "2025-02-10")
    causes = study.ticket_causes.merge(study.tickets, on="ticket_id")
    late = causes[(causes["cause"] == "c1") & (causes["created_at"] >= START + 58 * WEEK)]
    assert set(alert.tickets) == set(late["ticket_id"])
    assert alert.group == len(late)
    assert "**c1** rises: 115 tickets since 2025-02-10" in alert.text


def test_what_goes_on_is_told_once_and_what_returns_again():
    first = news(desk(surge()))
    assert keys(first) == ["surge: c1"]
    longer = np.vstack([surge(), USUAL[:1] * [1, 5]])
    second = news(desk(longer), first.memory)
    assert keys(second) == []
    quiet = np.vstack([longer, USUAL[:5]])
    third = news(desk(quiet), second.memory)
    assert (keys(third), third.gone) == ([], ("surge: c1",))
    assert "Gone since: surge: c1." in third.markdown()
    back = np.vstack([quiet, USUAL[:1] * [1, 8]])
    fourth = news(desk(back), third.memory)
    assert (keys(fourth), set(fourth.again)) == (["surge: c1"], {"surge: c1"})
    assert "- Again: **c1** rises" in fourth.markdown()


def test_weeks_looked_at_before_are_not_told_again():
    study = desk(surge(more=1))
    assert keys(news(study)) == []  # at first the last week alone
    seen = {"until": "2025-02-03", "open": [], "gone": []}
    told = news(study, seen)
    assert keys(told) == ["surge: c1"]
    assert keys(news(study, told.memory)) == []


def test_a_small_group_is_not_shown_and_comes_when_it_is_large():
    few = desk(surge(), least=5.0, people=4)
    told = news(few)
    assert (keys(told), told.seen.unshown) == ([], 1)
    assert "c1" not in told.markdown() + told.json()
    assert "1 more of fewer customers than are shown" in told.markdown()


def test_a_field_that_breaks_is_told_with_the_tickets_that_lack_it():
    study = desk(USUAL, created_channel="email")
    last = study.tickets["created_at"] >= START + 59 * WEEK
    study.put("tickets", study.tickets.assign(
        created_channel=study.tickets["created_channel"].mask(last)))  # fmt: skip
    (alert,) = news(study).alerts
    assert alert.key == "coverage: created_channel"
    assert set(alert.tickets) == set(study.tickets["ticket_id"][last])
    assert alert.text.startswith("**created\\_channel** is missing in 23 of 23 tickets")


def test_people_who_find_no_account_any_more_are_told():
    tickets = desk(USUAL).tickets
    people = tickets["requester_id"].where(tickets["created_at"] < START + 59 * WEEK).dropna()
    tables = {
        "tickets": tickets,
        "customers": pd.DataFrame(
            {"customer_id": ["a"], "started_at": [START], "observed_until": [START + 60 * WEEK]}
        ),
        "identities": pd.DataFrame(
            {"requester_id": people.unique(), "customer_id": "a", "method": "key"}
        ),
    }
    study = Study.from_tables(tables, tickets_from=START.isoformat(), outcome="churn",
                              observed_until=(START + 60 * WEEK).isoformat())  # fmt: skip
    rows = lost(study, START + 58 * WEEK).set_index("field")
    assert rows.loc["account", "missing"] == 23
    assert rows.loc["account", "p"] < 1e-6
    assert rows.drop("account")["p"].min() > 0.05


def test_a_field_that_was_always_seldom_filled_is_nothing_new():
    rng = np.random.default_rng(3)
    seldom = np.where(rng.random(USUAL.sum()) < 0.3, "email", None)
    rows = lost(desk(USUAL, created_channel=seldom), START)
    p = rows[rows["field"] == "created_channel"]["p"].dropna()
    assert len(p) > 40
    assert (p <= 0.05).mean() <= 0.1


def test_an_export_that_holds_too_little_is_told():
    thin = USUAL.copy()
    thin[-2:] = [[1, 1], [2, 0]]
    (alert,) = news(desk(thin)).alerts
    assert (alert.kind, alert.tickets) == ("import", ())
    assert "**Fewer tickets than expected**: 2 in the week from 2025-02-17" in alert.text


def kpi_row(estimate, low, high, wanted="at least", target=0.9):
    return pd.Series({"estimate": estimate, "low": low, "high": high, "wanted": wanted,
                      "target": target})  # fmt: skip


def test_the_chance_beyond_a_target_is_that_of_the_interval():
    assert alerts._beyond_target(kpi_row(0.8, 0.7, 0.9)) == pytest.approx(0.025)
    assert alerts._beyond_target(kpi_row(0.9, 0.8, 0.95)) == pytest.approx(0.5)
    assert alerts._beyond_target(kpi_row(0.95, 0.91, 0.97)) > 0.9
    assert alerts._beyond_target(kpi_row(0.2, 0.1, 0.3, "at most", 0.1)) == pytest.approx(0.025)
    assert alerts._beyond_target(kpi_row(0.8, 0.8, 0.8)) == 0.0


@pytest.fixture
def answered():
    """A study in which a share of tickets of the last months is answered within an hour."""

    def make(share):
        study = desk(USUAL)
        at = study.tickets["created_at"]
        late = (at >= START + 40 * WEEK) & (np.arange(len(at)) % 100 >= 100 * share)
        replied = at + pd.to_timedelta(np.where(late, 90.0, 1.0), "h")
        study.put("tickets", study.tickets.assign(first_reply_at=replied, status="closed"))
        return study.with_settings(first_reply_target=0.9)

    return make


def test_a_target_that_is_left_is_told_once_and_again_after_it_was_met(answered):
    assert keys(news(answered(1.0))) == []
    missed = news(answered(0.3))
    assert keys(missed) == ["target: First answer in time"]
    assert "**not met**" in missed.markdown()
    still = news(answered(0.3), missed.memory)
    assert keys(still) == []
    met = news(answered(1.0), still.memory)
    assert met.gone == ("target: First answer in time",)
    assert set(news(answered(0.3), met.memory).again) == {"target: First answer in time"}


def test_a_new_theme_is_told_once_though_its_name_moves_and_counts_as_no_series(
    folder, monkeypatch
):
    theme = {"theme": 3, "name": "Strike", "tickets": 20, "customers": 9, "ids": ["t2", "t1"],
             "first": START + 50 * WEEK}  # fmt: skip
    place = folder(desk(USUAL))
    usual = news(open_study(place))
    (place / "topics").mkdir()
    monkeypatch.setattr(alerts, "new_themes", lambda _: pd.DataFrame([theme]))
    told = news(open_study(place))
    (alert,) = told.alerts
    assert (alert.key, alert.name) == ("theme 3", "Strike")
    assert (alert.group, alert.tickets) == (9, ("t1", "t2"))
    assert told.seen.series == usual.seen.series
    assert "**Strike** (theme 3) is new and fits no topic: 20 tickets of 9" in told.markdown()
    theme |= {"name": "Strike at the port", "tickets": 24}
    assert keys(news(open_study(place), told.memory)) == []
    theme["theme"] = 4
    later = news(open_study(place), told.memory)
    assert (keys(later), later.gone) == (["theme 4"], ("theme 3",))


def test_the_last_whole_week_ends_when_the_study_does():
    study = desk(USUAL)
    assert last_week(study) == START + 59 * WEEK
    later = study.with_settings(observed_until=(START + 60 * WEEK + WEEK / 2).isoformat())
    assert last_week(later) == START + 59 * WEEK


def test_the_order_of_rows_changes_nothing():
    study = desk(surge())
    told = look(study)
    study.put("tickets", study.tickets.sample(frac=1, random_state=1, ignore_index=True))
    assert look(study) == told


class Hook:
    """A web server of this machine that keeps what is posted to it."""

    def __init__(self, status: int = 200):
        self.got = got = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                got.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?key=secret"
        self.thread = Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def hook(request):
    made = Hook(getattr(request, "param", 200))
    yield made
    made.close()


def watch(*words):
    return CliRunner().invoke(app, ["watch", *(str(word) for word in words)])


def test_exit_codes_and_files_are_for_cron(folder, tmp_path):
    study = folder(desk(surge()))
    files = "--to", tmp_path / "n.md", "--json", tmp_path / "n.json"
    ran = watch(study, *files)
    assert (ran.exit_code, ran.stdout) == (3, "")
    assert "**c1** rises" in (tmp_path / "n.md").read_text(encoding="utf-8")
    told = json.loads((tmp_path / "n.json").read_text(encoding="utf-8"))
    assert [(a["kind"], a["name"], a["again"]) for a in told["alerts"]] == [("surge", "c1", False)]
    assert len(told["alerts"][0]["tickets"]) == 115
    again = watch(study)
    assert again.exit_code == 0
    assert "Nothing new." in again.stdout


def test_what_is_remembered_names_no_person_and_no_ticket(folder):
    study = folder(desk(surge()))
    watch(study)
    held = json.loads((study / MEMORY).read_text(encoding="utf-8"))
    assert held == {"until": "2025-02-24", "open": ["surge: c1"], "gone": []}


def test_a_memory_that_cannot_be_read_is_a_sentence(folder):
    study = folder(desk(USUAL))
    (study / MEMORY).write_text('{"open": 3}', encoding="utf-8")
    ran = watch(study)
    assert ran.exit_code == 2
    assert "remove it, and all that goes on is told once more" in ran.stderr


def test_a_webhook_gets_the_json_if_anything_is_new(folder, hook):
    study = folder(desk(surge()))
    assert watch(study, "--webhook", hook.url).exit_code == 3
    assert json.loads(hook.got[0])["alerts"][0]["name"] == "c1"
    assert watch(study, "--webhook", hook.url).exit_code == 0
    assert len(hook.got) == 1


@pytest.mark.parametrize("hook", [500, 302], indirect=True)
def test_a_webhook_that_does_not_take_it_is_told_the_next_time(folder, hook):
    study = folder(desk(surge()))
    ran = watch(study, "--webhook", hook.url)
    assert ran.exit_code == 1
    assert "did not take the news (HTTPError" in ran.output
    assert "secret" not in ran.output
    assert not (study / MEMORY).exists()
    assert watch(study).exit_code == 3


def test_nobody_at_the_address_is_a_sentence_too():
    with pytest.raises(InputError, match=r"did not take the news \(URLError\)"):
        post("http://127.0.0.1:9/", "{}")


@pytest.mark.parametrize("address", ["ftp://x", "x", "http://", "file:///etc/passwd", "http://a b"])
def test_an_address_that_is_none_is_refused_before_anything_is_done(folder, address):
    study = folder(desk(surge()))
    ran = watch(study, "--webhook", address)
    assert ran.exit_code == 2
    assert "must be an address that begins with http" in ran.stderr
    assert not (study / MEMORY).exists()


def test_a_file_that_cannot_be_written_is_exit_code_1(folder, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    study = folder(desk(surge()))
    assert watch(study, "--to", tmp_path / "file" / "n.md").exit_code == 1
    assert not (study / MEMORY).exists()


def test_a_study_without_a_folder_remembers_nothing():
    assert remembered(desk(USUAL)) == {"until": "", "open": [], "gone": []}


def test_names_are_no_markup():
    study = desk(surge())
    study.put("ticket_causes", study.ticket_causes.replace({"c1": "<b>[x](http://y)*"}))
    text = news(replace_name(study)).markdown()
    assert "<b>" not in text
    assert "[x](" not in text


def replace_name(study: Study) -> Study:
    return study.with_settings(name=replace(study.settings, name="<i>S*").name)


@pytest.mark.parametrize("days", [3, 20])
def test_a_study_of_a_few_days_judges_nothing(days):
    at = [START, START + pd.Timedelta(days=1)]
    tickets = {"ticket_id": ["1", "2"], "created_at": at, "status": "open", "requester_id": "a"}
    until = (START + pd.Timedelta(days=days)).isoformat()
    study = Study.from_tables({"tickets": pd.DataFrame(tickets)}, outcome="return",
                              observed_until=until)  # fmt: skip
    told = news(study)
    assert (keys(told), told.seen.series) == ([], 0)
    assert "Nothing can be judged yet: a week is held against at least 12" in told.markdown()
    assert "Nothing new" not in told.markdown()


@pytest.mark.parametrize("weeks", [15, 16])
def test_the_sixteenth_week_is_the_first_that_is_judged(weeks):
    told = news(desk(USUAL[:weeks]))
    assert (told.seen.series > 0) == (weeks == 16)
    assert ("Nothing can be judged yet" in told.markdown()) == (weeks == 15)
