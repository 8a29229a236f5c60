"""Topics of written-out tickets, with the real encoder, and a study that keeps them."""

import json
import os
import subprocess
import sys
from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study
from cxresearch.topics.causes.refit import study_topics
from cxresearch.topics.embed import embed
from cxresearch.topics.fit import QUOTES, fit_topics
from cxresearch.topics.topic_model import load_topics

CAUSES = {
    "login": ["I cannot log in", "the password reset link does not arrive", "my login is refused"],
    "invoice": ["the invoice is wrong", "I was charged twice", "the invoice lacks our tax number"],
    "printer": ["the printer does not print", "printing stops with paper jam", "no ink is seen"],
    "delivery": ["my parcel is late", "the delivery went to a neighbour", "the parcel is damaged"],
    "crash": ["the app crashes at start", "the app freezes on opening", "it crashed after update"],
}
SINCE = ["since Monday", "again", "for two days", "after the holiday", "on my laptop", "at work"]
ASKS = ["what can I do", "please look into it", "this is urgent"]
TICKETS = pd.DataFrame(
    [
        (cause, f"{text} {since}, {ask}.")
        for cause, texts in CAUSES.items()
        for text, since, ask in product(texts, SINCE, ASKS)
    ],
    columns=["cause", "text"],
)
FIT = {"target_topics": 5, "seed": 42}
# Another process in which nothing can reach the network, and whoever tries is written down. It
# leaves without Python's farewell, in which DuckDB may complain of what is still in memory.
ALONE = """
import json, os, socket, sys
asked = []
def refuse(*what, **_):
    asked.append(repr(what))
    raise OSError("there is no network")
for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, refuse)
for name in ("getaddrinfo", "gethostbyname", "create_connection"):
    setattr(socket, name, refuse)
from cxresearch.topics.fit import fit_topics
order, texts, fit, cache = json.load(sys.stdin)
model = fit_topics([texts[i] for i in order], cache=cache, **fit)
told = [model.labels.tolist(), model.names().tolist(), model.weights.tolist(), asked]
print(json.dumps(told), flush=True)
os._exit(0)
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def model(cache):
    return fit_topics(TICKETS["text"], cache=cache, **FIT)


@pytest.fixture(scope="module", params=["1", "3"])
def elsewhere(request, tmp_path_factory):
    """Labels and names from a fit of the texts in another order, in a process without network that
    hashes otherwise and has as many threads as the parameter says."""
    order = np.random.default_rng(int(request.param)).permutation(len(TICKETS)).tolist()
    given = [order, TICKETS["text"].tolist(), FIT, str(tmp_path_factory.mktemp("other"))]
    unset = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    env = {key: value for key, value in os.environ.items() if key not in unset}
    env |= {"PYTHONHASHSEED": request.param, "OMP_NUM_THREADS": request.param}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", ALONE],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        env=env,
    )
    return order, run


def test_causes_that_stand_apart_are_found(model):
    assert adjusted_rand_score(TICKETS["cause"], model.labels) > 0.6


def test_fitting_asks_nothing_of_the_network_and_says_nothing(elsewhere):
    _, run = elsewhere
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert json.loads(run.stdout)[-1] == []


def test_another_process_hash_seed_thread_count_and_order_give_the_same_topics(model, elsewhere):
    order, run = elsewhere
    labels, names, weights, _ = json.loads(run.stdout)
    assert labels == model.labels[order].tolist()
    assert names == model.names().tolist()
    assert weights == model.weights[order].tolist()


def test_labels_agree_with_info_bertopic_and_the_clusterer(model):
    info = model.info()
    assert info["size"].tolist() == np.bincount(model.labels).tolist()
    assert list(model.bertopic.topics_) == model.labels.tolist()
    assert model.bertopic.hdbscan_model.labels_.tolist() == model.labels.tolist()
    telling = {word for word, _ in model.bertopic.get_topic(0)}
    assert set(info["words"][0]) <= telling


def test_a_topic_is_described(model):
    info = model.info()
    assert list(info["topic"]) == list(range(len(info)))
    assert info["name"].is_unique
    assert info["name"].str.len().between(3, 100).all()
    assert (info["words"].map(len) == 6).all()
    assert ((info["low"] < info["share"]) & (info["share"] < info["high"])).all()
    assert info["stability"].between(0, 1).all()


def test_no_person_is_a_word_of_a_topic(cache):
    """Miranda's printer trouble comes 54 times; that she is a person is known where she signs."""
    printers = TICKETS.loc[TICKETS["cause"] == "printer", "text"]
    others = TICKETS.loc[TICKETS["cause"] != "printer", "text"].tolist()
    told = {}
    for signed in ("", "\nRegards,\nMiranda"):
        texts = [*others, *(f"For Miranda {text}{signed}" for text in printers)]
        info = fit_topics(texts, cache=cache, **FIT).info()
        told[signed] = " ".join([*info["name"], *(w for words in info["words"] for w in words)])
    assert ["miranda" in each for each in told.values()] == [True, False]


def test_the_interval_of_a_share_is_wilson_s(model):
    n, p, z = len(TICKETS), model.info()["share"][0], 1.959964
    middle, half = p + z**2 / 2 / n, z * np.sqrt(p * (1 - p) / n + z**2 / 4 / n**2)
    assert model.info()["low"][0] == pytest.approx((middle - half) / (1 + z**2 / n), abs=1e-5)


def test_quotes_are_twelve_different_texts_of_their_topic(model):
    for topic, quotes in model.info().set_index("topic")["quotes"].items():
        assert set(model.labels[quotes]) == {topic}
        texts = TICKETS["text"].iloc[quotes]
        assert texts.nunique() == min(QUOTES, np.sum(model.labels == topic))


def test_a_new_text_goes_to_the_topic_of_its_kind(model):
    (topic,), _ = model.bertopic.transform(["the printer has no paper"])
    printers = model.labels[TICKETS["cause"] == "printer"]
    assert topic == np.bincount(printers).argmax()


def test_every_text_with_words_has_a_topic_and_no_other(cache):
    texts = [*TICKETS["text"][::4], None, "", "12 34", "<p></p>", "мой принтер сломан"]
    served = [*[True] * (len(texts) - 1), False]
    labels = fit_topics(texts, cache=cache, served=served).labels
    assert labels[:-5].min() == 0
    assert labels[-5:].tolist() == [-1, -1, -1, -1, -2]


def test_what_is_surely_not_english_is_set_apart_and_a_short_text_is_not(cache):
    german = "Unser Drucker druckt seit gestern nicht mehr, können Sie uns bitte helfen?"
    labels = fit_topics([*TICKETS["text"][::4], german, "Drucker kaputt"], cache=cache).labels
    assert labels[:-2].min() == 0
    assert labels[-2] == -2
    assert labels[-1] >= 0


@pytest.mark.parametrize("texts", [[], [""], ["lost card"], ["lost card", "slow app"], ["a b"] * 9])
def test_few_texts_work_too(texts, cache):
    model = fit_topics(texts, cache=cache)
    assert len(model.labels) == len(texts)
    assert model.info()["size"].sum() == (model.labels >= 0).sum()


def test_the_shares_of_a_text_add_up_to_one_where_it_has_a_topic(cache):
    model = fit_topics([*TICKETS["text"][::4], ""], cache=cache)
    np.testing.assert_allclose(model.weights.sum(axis=1)[:-1], 1)
    assert model.weights[-1].sum() == 0


def test_topics_that_were_saved_are_read_back(model, tmp_path):
    model.named([f"t{i}" for i in range(len(TICKETS))]).save(tmp_path / "topics")
    read = load_topics(tmp_path / "topics")
    assert read.labels.tolist() == model.labels.tolist()
    assert (read.weights == model.weights).all()
    assert read.info()["quotes"][0] == [f"t{i}" for i in model.info()["quotes"][0]]
    pd.testing.assert_frame_equal(
        read.info().drop(columns="quotes"), model.info().drop(columns="quotes")
    )
    pd.testing.assert_frame_equal(read.hierarchy(), model.hierarchy())


NEW = ["the printer has no paper", "I was charged two times", "parcel?", "", None]


def test_a_model_read_back_assigns_the_same_topics(model, tmp_path, cache):
    model.save(tmp_path)
    files = {file.suffix or file.name for file in tmp_path.iterdir()}
    assert files == {".parquet", ".json", ".safetensors", "SHA256SUMS"}
    assert load_topics(tmp_path).assign(NEW, cache).tolist() == model.assign(NEW, cache).tolist()


def test_texts_that_were_fitted_are_assigned_their_own_topics(model, cache):
    assert model.assign(TICKETS["text"], cache).tolist() == model.labels.tolist()
    assert model.assign(NEW, cache)[-2:].tolist() == [-1, -1]


def test_a_model_kept_without_vectors_makes_them_again_from_its_texts(model, tmp_path, cache):
    model.save(tmp_path, vectors=False)
    read = load_topics(tmp_path)
    with pytest.raises(InputError, match="recalled"):
        read.assign(NEW, cache)
    again = read.recalled(TICKETS["text"], cache)
    assert again.assign(NEW, cache).tolist() == model.assign(NEW, cache).tolist()


def test_customers_are_counted_once_a_topic(model):
    wrote = [f"c{i % 7}" for i in range(len(TICKETS) - 1)] + [None]
    info = model.named(range(len(TICKETS)), wrote).info()
    assert model.info()["customers"].isna().all()
    expected = pd.Series(wrote).groupby(model.labels).nunique()
    assert info["customers"].tolist() == expected.tolist()


def test_the_last_join_of_the_hierarchy_holds_every_topic(model):
    assert model.hierarchy()["topics"].iloc[-1] == model.info()["topic"].tolist()


def test_a_topic_that_does_not_come_back_is_marked(model):
    info = model.info()
    assert (info["reproducible"] == (info["stability"] >= 0.5)).all()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("made.json", "[]"),
        ("made.json", "[" * 99_999),
        ("labels.parquet", "no parquet"),
        ("labels.parquet", pd.DataFrame({"x": [1]})),
        ("weights.parquet", pd.DataFrame({"row": [9e9], "topic": [0], "weight": [1.0]})),
        ("weights.parquet", pd.DataFrame({"row": [10**9], "topic": [0], "weight": [1.0]})),
        ("info.parquet", pd.DataFrame({"words": [1], "quotes": [2]})),
        ("info.parquet", pd.DataFrame({"topic": [1]})),
        ("boilerplate.json", "5"),
    ],
)
def test_topics_in_odd_files_are_said_in_our_words(model, tmp_path, name, content):
    model.save(tmp_path)
    (tmp_path / "SHA256SUMS").unlink()
    if isinstance(content, str):
        (tmp_path / name).write_text(content)
    else:
        content.to_parquet(tmp_path / name)
    with pytest.raises(InputError, match=r"cannot be used \((they are not as|.*it is)"):
        load_topics(tmp_path)


def test_topics_that_are_not_there_are_said_to_be_missing(tmp_path):
    with pytest.raises(InputError, match="fit them anew"):
        load_topics(tmp_path)


@pytest.fixture
def study(tmp_path, cache, monkeypatch):
    monkeypatch.setenv("CXRESEARCH_CACHE", str(cache))
    some = TICKETS.iloc[::3].reset_index(drop=True)
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(len(some))],
            "created_at": pd.Timestamp("2026-01-01", tz="UTC"),
            "status": "open",
            "subject": None,
            "description": [some["text"][0], "Unser Drucker druckt nicht", *some["text"][2:]],
            "tags": [["zebra"]] * len(some),
            "is_spam": [True] + [None] * (len(some) - 1),
            "language": ["en-US", "de-AT"] + [None] * (len(some) - 2),
            "dq_flags": [[]] * len(some),
        }
    )
    frames = Study.from_tables({"tickets": tickets})
    settings = Settings(outcome="return", observed_until="2026-02-01T00:00:00Z")
    return Study(settings, tmp_path, {"tickets": frames.tickets})


def test_a_study_s_topics_are_fitted_once_and_then_read(study):
    fitted = study_topics(study)
    again = study_topics(Study(study.settings, study.path, {"tickets": study.tickets}))
    assert fitted.bertopic is not None
    assert again.bertopic is None
    assert again.labels.tolist() == fitted.labels.tolist()
    made = ["causes.toml", "ticket_causes.parquet", "topics"]
    assert sorted(file.name for file in study.path.iterdir()) == made


def test_a_broken_causes_toml_is_refused_before_topics_are_fitted_anew(study):
    study_topics(study)
    old = (study.path / "topics" / "made.json").stat().st_mtime_ns
    (study.path / "causes.toml").write_text("name = ", "utf-8")
    with pytest.raises(InputError, match="not valid TOML"):
        study_topics(study, refit=True)
    assert (study.path / "topics" / "made.json").stat().st_mtime_ns == old


def test_spam_has_no_topic_and_another_language_is_set_apart(study):
    topics = study_topics(study)
    causes = study.ticket_causes.set_index("ticket_id")
    assert "t0" not in causes.index
    assert causes.loc["t1", "cause"] == "other language"
    assert (causes["topic"] == -2).sum() == 1
    assert len(topics.labels) == len(causes) == len(study.tickets) - 1


def test_no_ticket_s_text_and_no_tag_is_kept_with_the_topics(study):
    study_topics(study)
    texts = pd.concat(
        pd.read_parquet(file).astype(str).stack() for file in study.path.rglob("*.parquet")
    )
    assert not texts.str.contains("zebra").any()
    assert not texts.isin(study.tickets["description"]).any()


def test_topics_fitted_anew_replace_the_old_and_are_the_same(study):
    study_topics(study)
    old = (study.path / "topics" / "labels.parquet").read_bytes()
    (study.path / "topics" / "stray").write_text("x")
    study_topics(study, refit=True)
    assert not (study.path / "topics" / "stray").exists()
    assert (study.path / "topics" / "labels.parquet").read_bytes() == old


def test_topics_of_other_tickets_are_refused(study):
    study_topics(study)
    renamed = study.tickets.assign(ticket_id="new" + study.tickets["ticket_id"])
    with pytest.raises(InputError, match="--refit"):
        study_topics(Study(study.settings, study.path, {"tickets": renamed}))


def test_a_study_without_a_folder_keeps_its_causes_in_memory(study):
    homeless = Study(study.settings, None, {"tickets": study.tickets})
    study_topics(homeless)
    assert len(homeless.ticket_causes) == len(study.tickets) - 1


def test_opening_the_package_imports_nothing_slow():
    slow = "{'torch', 'bertopic'}"
    code = f"import sys, cxresearch.topics.fit; sys.exit(bool({slow} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_fitting_leaves_other_people_s_warnings_alone(cache, model):
    """model has imported the libraries, which have filters of their own."""
    import warnings

    before = list(warnings.filters)
    fit_topics(["lost card", "slow app"], cache=cache)
    assert list(warnings.filters) == before
    assert embed(["lost card"], cache=cache).shape == (1, 384)
