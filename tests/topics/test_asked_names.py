"""Names that a language model suggests: what it is told, and what becomes of its answers; asked of
a stand-in on this machine only."""

import json
import logging
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pandas as pd
import pytest

from cxresearch.study.model_address import KEY, host_of
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings, read_settings
from cxresearch.study.study import Study
from cxresearch.topics.causes import confirmed
from cxresearch.topics.causes.file import read_causes
from cxresearch.topics.causes.refit import study_topics
from cxresearch.topics.fit import fit_topics
from cxresearch.topics.topic_model import load_topics

PRIVATE = ["xaver", "quillfeather", "example.org", "7946", "123456", "4111"]
SINCE = ["Monday", "Friday", "noon", "today", "the update", "last week", "my holiday", "Easter"]
TEXTS = [
    *(f"Hi Xaver, I cannot log in since {since}. Write to x.quillfeather@example.org please.\n"
      "Best regards,\nXaver Quillfeather" for since in SINCE * 2),
    *(f"The invoice is {how} since {since} as Xaver says, call +44 20 7946 0123 or see 123456789, "
      "card 4111 1111 1111 1111" for how in ("wrong", "missing a tax number") for since in SINCE),
]  # fmt: skip
SECRET = "key-that-nobody-may-read"


class StandIn(BaseHTTPRequestHandler):
    """Keeps what it is sent, and answers as the server says."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.got.append((self.path, dict(self.headers), body))
        status, headers, said = self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said)

    def do_GET(self):
        self.do_POST()

    def log_message(self, *_):
        pass


def says(text) -> tuple:
    return 200, {}, json.dumps({"choices": [{"message": {"content": text}}]}).encode()


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), StandIn) as server:
        server.got, server.answer = [], says("Cannot log in")
        server.address = f"http://127.0.0.1:{server.server_port}/v1"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def called(monkeypatch):
    """What would have been asked of anybody; nothing is."""
    calls = []

    def refused(*what, **_):
        calls.append(what)
        raise OSError("nobody may be asked")

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", refused)
    return calls


def fitted(server, **more):
    return fit_topics(TEXTS, target_topics=2, names_from=server.address, names_model="m", **more)


def suggestions(server, answer) -> list:
    server.answer = answer
    return fitted(server).table["suggested_name"].tolist()


@pytest.fixture
def study(server, tmp_path):
    """A study in a folder, of the texts above, whose study.toml names the stand-in."""
    n = len(TEXTS)
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(n)],
            "created_at": pd.date_range("2026-01-01", periods=n, freq="h", tz="UTC"),
            "status": "solved",
            "description": TEXTS,
            "dq_flags": [[]] * n,
        }
    )
    frames = Study.from_tables({"tickets": tickets})
    settings = Settings(outcome="return", observed_until="2026-02-01T00:00:00Z", target_topics=2.0,
                        names_from=server.address, names_model="m")  # fmt: skip
    return Study(settings, tmp_path, {"tickets": frames.tickets})


def test_what_is_told_is_central_texts_and_words_without_what_identifies(server):
    fitted(server)
    assert [path for path, _, _ in server.got] == ["/v1/chat/completions"] * 2
    for _, _, body in server.got:
        asked = json.loads(body)
        assert (asked["model"], asked["temperature"], asked["seed"]) == ("m", 0, 42)
        told = asked["messages"][1]["content"].splitlines()
        assert told[0].startswith("Words: ")
        assert 1 < len(told) <= 11
        assert all(len(line) <= len("Text: ") + 300 for line in told[1:])
        assert [word for word in PRIVATE if word in body.lower()] == []
    assert any("cannot log in" in body for _, _, body in server.got)
    assert any("The invoice is wrong since" in body for _, _, body in server.got)
    assert any("[name] says" in body for _, _, body in server.got)


def test_the_search_for_what_identifies_can_fail():
    assert all(word in " ".join(TEXTS).lower() for word in PRIVATE)


def test_off_by_default_nobody_is_asked(called):
    model = fit_topics(TEXTS, target_topics=2)
    assert (called, confirmed.names_asked(model)) == ([], ())
    assert "names_from" not in model.made
    assert model.table["suggested_name"].isna().all()
    assert (Settings().names_from, Settings().names_model) == ("", "")


def test_where_an_address_is_given_it_would_be_seen(called, server):
    fitted(server)
    assert len(called) == 2


def test_a_suggestion_stands_beside_the_name_and_moves_nothing_else(server):
    plain, asked = fit_topics(TEXTS, target_topics=2), fitted(server)
    assert asked.table["suggested_name"].tolist() == ["Cannot log in"] * 2
    rest = [c for c in plain.table if c != "suggested_name"]
    pd.testing.assert_frame_equal(asked.table[rest], plain.table[rest])


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b"xaver"),
        (200, {}, b"no JSON"),
        (200, {}, b"[" * 60_000),
        (200, {}, b'{"choices": []}'),
        (200, {}, b'{"choices": [{"message": {"content": null}}]}'),
        (200, {}, b"\xff\xfe"),
        says(""),
        says("\n \x00 *** <b></b>"),
        says("=1+2"),
        says("x" * 81),
    ],
)
def test_an_answer_that_is_none_costs_a_line_of_the_log(server, caplog, answer):
    assert pd.isna(suggestions(server, answer)).all()
    lines = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(lines) == 2
    assert all("gave topic" in line and "xaver" not in line.lower() for line in lines)


def test_a_server_that_is_not_there_costs_no_topic(server, caplog):
    server.shutdown()
    server.server_close()
    model = fitted(server)
    assert model.table["suggested_name"].isna().all()
    assert "ConnectionRefusedError" in caplog.text


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("Cannot log in\n\n[[topic]]\ntopic = 9", "Cannot log in"),
        ('<script>alert(1)</script> "Cannot" **log** in', "alert(1) Cannot log in"),
        (
            '=HYPERLINK("http://evil.example/x";"Invoice wrong")',
            "HYPERLINK( [link] ; Invoice wrong )",
        ),
        ("+-= Invoice is not right", "Invoice is not right"),
        ("word " * 500, "word word word word word word word"),
        ("Write to x.quill@example.org or Xaver", "Write to [e-mail] or [name]"),
        ("Log\x00in\x1b[31m \u202efails\ud83d", "Log in [31m fails"),
        ("<think>Xaver\nsaid</think>\nAnmeldung geht nicht", "Anmeldung geht nicht"),
        ("लॉग इन नहीं हो रहा", "लॉग इन नहीं हो रहा"),
    ],
)
def test_a_hostile_answer_is_a_short_line_of_words(server, answer, name):
    assert suggestions(server, says(answer)) == [name] * 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(server, status):
    with ThreadingHTTPServer(("127.0.0.1", 0), StandIn) as other:
        other.got, other.answer = [], says("stolen")
        threading.Thread(target=other.serve_forever, daemon=True).start()
        away = {"Location": f"http://localhost:{other.server_port}/v1/chat/completions"}
        assert pd.isna(suggestions(server, (status, away, b""))).all()
        other.shutdown()
    assert (len(server.got), other.got) == (2, [])


def test_a_model_on_this_machine_is_asked_through_no_proxy(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert suggestions(server, says("Cannot log in")) == ["Cannot log in"] * 2


def test_after_three_failures_it_is_asked_no_more(server, caplog):
    server.answer = (503, {}, b"")
    texts = [f"{what} {how}" for what in ("login fails", "invoice is wrong", "printer has no ink",
             "parcel is late", "app crashes") for how in "abcdefghijkl"]  # fmt: skip
    model = fit_topics(texts, target_topics=5, names_from=server.address, names_model="m")
    assert len(model.table) > 3
    assert len(server.got) == model.made["names_from"]["topics"] == 3
    assert "it was asked no more" in caplog.text


def test_the_key_is_a_header_and_stands_in_no_file(server, study, monkeypatch, caplog):
    monkeypatch.setenv(KEY, SECRET)
    topics = study_topics(study)
    assert {headers["Authorization"] for _, headers, _ in server.got} == {f"Bearer {SECRET}"}
    files = [file for file in study.path.rglob("*") if file.is_file()]
    assert len(files) > 5
    assert [file.name for file in files if SECRET.encode() in file.read_bytes()] == []
    assert SECRET not in caplog.text + repr(topics.made) + "".join(b for _, _, b in server.got)


def test_a_key_that_is_no_header_is_not_repeated(server, monkeypatch, caplog):
    monkeypatch.setenv(KEY, f"{SECRET}\nX: y")
    assert fitted(server).table["suggested_name"].isna().all()
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text


def test_causes_toml_marks_it_as_suggested_and_a_person_takes_it_over(server, study):
    server.answer = says("Login is refused")
    study_topics(study)
    file = study.path / "causes.toml"
    text = file.read_text("utf-8")
    assert "a language model suggests" in " ".join(text.replace("#", "").split())
    first = read_causes(file).topics[0]
    assert (first.asked, first.by_person) == ("Login is refused", ())
    assert first.name == first.found != first.asked
    taken = text.replace(f'name = "{first.name}"', 'name = "Login is refused"', 1)
    file.write_text(taken, "utf-8")
    study_topics(study)
    assert read_causes(file).topics[0].by_person == ("name",)
    assert "Login is refused" in set(study.ticket_causes["cause"])


def test_topics_that_are_kept_know_who_was_asked_and_the_page_says_it(server, study):
    study_topics(study)
    kept = load_topics(study.path / "topics")
    host = server.address.removeprefix("http://").removesuffix("/v1")
    assert kept.made["names_from"] == {"host": host, "model": "m", "topics": 2}
    assert kept.table["suggested_name"].tolist() == ["Cannot log in"] * 2
    [says] = confirmed.names_asked(kept)
    assert f"A language model at {host}, m, was asked for names of 2 topics" in says.text
    assert "suggestions in causes.toml" in says.text


@pytest.mark.parametrize(
    "address",
    ["ftp://a/v1", "file:///etc/hosts", "localhost:11434/v1", "http://", "http:///v1",
     "http://a b", "http://user:secret@a/v1", "https://a/v1?key=secret", "https://a/#secret",
     "http://a:b/v1", "http://a\nb/v1", "http://[a/v1", "http://a\\@b/v1"],
)  # fmt: skip
def test_an_address_that_is_none_or_might_hold_a_key_is_refused(tmp_path, address):
    with pytest.raises(InputError, match="must be an address") as error:
        fit_topics(TEXTS, names_from=address, names_model="m")
    assert "secret" not in str(error.value)
    file = tmp_path / "study.toml"
    file.write_text(f'names_from = {json.dumps(address)}\nnames_model = "m"\n', "utf-8")
    with pytest.raises(InputError, match=r"study\.toml: names_from"):
        read_settings(file)


def test_an_address_needs_the_name_of_the_model():
    with pytest.raises(InputError, match="names_from needs names_model"):
        Settings(names_from="http://localhost:11434/v1")
    assert host_of("http://localhost:11434/v1", "llama") == "localhost:11434"
    assert host_of("http://[::1]:8080/v1", "llama") == "[::1]:8080"
