"""A study grows: old tickets keep their topics, new ones are placed, what fits nowhere is apart."""

import json
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cxresearch.cli import app
from cxresearch.study.answers import DoesNotApply
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study
from cxresearch.topics import assigning, grouping
from cxresearch.topics.causes import named, proposed, refit
from cxresearch.topics.causes.refit import study_topics
from cxresearch.topics.corpus import NEW_OR_OTHER
from cxresearch.topics.drift import Drift, drift
from cxresearch.topics.new_themes import COLUMNS, new_themes, themes
from cxresearch.topics.topic_model import load_topics
from tests.topics.test_model import CAUSES, SINCE

MEETING = [
    "The meeting notes write down the wrong speaker",
    "Meeting notes stop recording after ten minutes",
    "The recording of our meeting has no notes at all",
    "The assistant that listens to meetings does not hear my microphone",
    "The meeting summary invents things that nobody said",
    "After the meeting no summary of the call is written",
    "The notes assistant joins the meeting but writes nothing",
    "Notes of the video meeting are attributed to the wrong person",
]
ENDS = [
    "This began when the feature was added.",
    "We use it for our weekly team call.",
    "Other participants see the same.",
    "How do I correct the transcript?",
    "The transcript is empty.",
]
CAPTIONS = [
    f"Captions. {text}. {end}"
    for text, end in product(
        ["Captions stop in a long call", "The captions of the call freeze", "Captions come late"],
        ENDS,
    )
]
SLIDES = [
    f"Slides. {text}. {end}"
    for text, end in product(
        ["Shared slides are blurred", "The slides that I present do not turn", "Slides lose fonts",
         "My slides are black", "The presenter of slides is not seen"],
        ["It began last week.", "We present every week.", "Others see it too.", "How is it undone?",
         "The screen is empty."],
    )
]  # fmt: skip
THEME = [f"Meeting notes. {text}. {end}" for text, end in product(MEETING, ENDS)]
OLD = [f"{text} {since}." for texts in CAUSES.values() for text in texts for since in SINCE]
MORE = [f"Hello, {text} here." for texts in CAUSES.values() for text in texts] * 2
ENTRY = """
[[cause]]
name = "Meeting notes"
examples = ["Meeting notes are wrong", "The summary of the meeting is missing"]
"""


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CXRESEARCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def tickets(texts: list[str], prefix: str, month: str) -> pd.DataFrame:
    n = len(texts)
    return pd.DataFrame(
        {
            "ticket_id": [f"{prefix}{i}" for i in range(n)],
            "created_at": pd.date_range(f"{month}-01", periods=n, freq="2h", tz="UTC"),
            "status": "open",
            "subject": None,
            "description": texts,
            "requester_id": [f"who{i % 20}" for i in range(n)],
            "is_spam": pd.array([None] * n, dtype="boolean"),
            "dq_flags": [[]] * n,
        }
    )


FIRST = tickets(OLD, "a", "2026-01")
LATER = pd.concat([tickets(MORE, "b", "2026-02"), tickets(THEME, "c", "2026-03")])


def study_of(rows: pd.DataFrame, folder) -> Study:
    held = Study.from_tables({"tickets": rows.reset_index(drop=True)})
    settings = Settings(outcome="return", observed_until="2026-04-01T00:00:00Z", target_topics=5)
    return Study(settings, folder, {"tickets": held.tickets})


@pytest.fixture
def fitted(tmp_path):
    study_topics(study_of(FIRST, tmp_path))
    return tmp_path


def grown(folder, *parts: pd.DataFrame) -> tuple[Study, pd.Series]:
    """The study with these tickets too, opened anew, and the topic of each ticket."""
    study = study_of(pd.concat([FIRST, *parts]), folder)
    topics = study_topics(study)
    return study, pd.Series(topics.labels, index=topics.ids)


def test_old_tickets_keep_their_topics_and_causes_toml_stays(fitted):
    before = load_topics(fitted / "topics")
    file = (fitted / "causes.toml").read_bytes()
    _, labels = grown(fitted, LATER)
    assert labels[before.ids].tolist() == before.labels.tolist()
    assert (fitted / "causes.toml").read_bytes() == file
    after = load_topics(fitted / "topics")
    assert after.names().sort_index().tolist() == before.names().sort_index().tolist()
    assert after.table["size"].sum() == (after.labels >= 0).sum()
    assert after.made_fit.sum() == len(FIRST)


def test_nothing_is_fitted_for_tickets_that_came_since(fitted, monkeypatch):
    monkeypatch.setattr(refit, "fit_topics", None)
    _, labels = grown(fitted, LATER)
    assert len(labels) == len(FIRST) + len(LATER)


def test_new_tickets_go_where_tickets_like_them_are(fitted):
    _, labels = grown(fitted, tickets(MORE, "b", "2026-02"))
    told = pd.Series([labels[f"a{i * 6}"] for i in range(15)] * 2)
    placed = labels[[f"b{i}" for i in range(30)]].to_numpy()
    assert (placed == told)[placed != NEW_OR_OTHER].mean() > 0.9
    assert (placed == NEW_OR_OTHER).mean() < 0.2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_in_one_go_or_in_steps_each_ticket_has_the_same_cause(tmp_path, seed):
    rng = np.random.default_rng(seed)
    once, steps = tmp_path / "once", tmp_path / "steps"
    for folder in (once, steps):
        folder.mkdir()
        study_topics(study_of(FIRST, folder))
    whole, _ = grown(once, LATER)
    step = np.sort(rng.integers(0, 4, len(LATER)))
    mixed = LATER.iloc[rng.permutation(len(LATER))]
    for upto in range(4):
        part, _ = grown(steps, mixed[step <= upto])
    key = ["ticket_id"]
    one, other = (s.ticket_causes.sort_values(key, ignore_index=True) for s in (whole, part))
    pd.testing.assert_frame_equal(one, other)
    pd.testing.assert_frame_equal(new_themes(whole), new_themes(part))


def test_what_fits_nowhere_is_apart_and_in_no_ranking(fitted):
    study, labels = grown(fitted, LATER)
    assert (labels.filter(regex="^c") == NEW_OR_OTHER).mean() > 0.9
    causes = study.ticket_causes.set_index("ticket_id")["cause"]
    assert set(causes[labels.index[labels == NEW_OR_OTHER]]) == {"new or other"}
    assert "new or other" not in set(named(study)["cause"])
    assert study_topics(study).sizes.new == (labels == NEW_OR_OTHER).sum()


def test_a_theme_of_forty_tickets_is_found_without_a_fit(fitted):
    study, _ = grown(fitted, LATER)
    found = new_themes(study)
    assert list(found.columns) == COLUMNS
    assert len(found) == 1
    theme = found.iloc[0]
    assert theme["tickets"] >= 36
    assert {each[0] for each in theme["ids"]} == {"c"}
    assert theme["customers"] == 20
    assert theme["stability"] > 0.8
    assert "meeting" in theme["name"].lower() or "notes" in theme["name"].lower()
    assert "meeting" in themes(study).said().text.lower() or "notes" in theme["name"].lower()


def test_a_theme_keeps_its_number_and_name_as_it_grows_and_others_come(fitted):
    first = tickets(CAPTIONS, "c", "2026-02")
    study, _ = grown(fitted, first)
    before = new_themes(study).iloc[0]
    parts = [first, tickets(SLIDES, "s", "2026-03"), tickets(CAPTIONS[:6], "d", "2026-03")]
    study, _ = grown(fitted, *parts)
    after = new_themes(study).set_index("theme")
    assert after.loc[before["theme"], "name"] == before["name"]
    assert {*before["ids"]} < {*after.loc[before["theme"], "ids"]}
    assert len(after) == after["name"].nunique() == 2
    assert sorted(after.index) == [0, 1]
    assert {each[0] for each in after.loc[1, "ids"]} == {"s"}


def test_a_number_is_given_to_one_theme_only():
    """Theme 4 is no more; what is new is 5 and 6, though 0 and 4 are free."""
    was = pd.Series([pd.NA, 2, pd.NA], dtype="Int64")
    assert grouping._numbers(was, 5) == ([5, 2, 6], 7)


def test_a_new_theme_of_the_same_words_has_a_name_of_its_own():
    assert grouping._other("Captions", 3, {1: "Captions"}) == "Captions (3)"
    assert grouping._other("Slides", 3, {1: "Captions"}) == "Slides"


@pytest.mark.parametrize(
    ("kept", "named"), [(range(15), True), (range(14), False), ([*range(7)] * 3, False)]
)
def test_the_name_of_a_theme_goes_with_its_tickets(fitted, kept, named):
    """Of fifteen tickets by eight customers it stays; of fewer tickets or customers it goes."""
    grown(fitted, LATER)
    topics = load_topics(fitted / "topics")
    rows = topics.came["theme"].eq(0).fillna(False)
    ids = topics.ids[rows][: len(kept)]
    left = topics.left([*topics.ids[~rows], *ids], pd.Series(dtype="str"))
    left = grouping.themes_left(left, dict(zip(ids, map(str, kept), strict=True)))
    assert bool(left.made["themes"]) == left.came["theme"].notna().any() == named


def test_where_the_fits_texts_are_nearly_the_same_themes_hold_all_the_same(tmp_path):
    same = [texts[0] for texts in CAUSES.values() for _ in range(20)]
    first = tickets(same, "a", "2026-01")
    study_topics(study_of(first, tmp_path))
    study = study_of(pd.concat([first, tickets(same, "d", "2026-02"), LATER]), tmp_path)
    study_topics(study)
    topics = load_topics(tmp_path / "topics")
    placing = topics.made["placing"]
    assert (placing["least"], placing["close"], placing["alike"]) == (0.9, 0, 0.6)
    assert new_themes(study)["tickets"].tolist() == [len(THEME)]
    told = drift(study, topics)
    assert told.usual == (0, len(first))
    assert told.frame["close"].sum() == 0


def test_a_theme_of_few_customers_is_none(fitted):
    few = LATER.assign(requester_id=[f"who{i % 7}" for i in range(len(LATER))])
    study, _ = grown(fitted, few)
    assert new_themes(study).empty


def test_a_theme_that_a_person_adds_as_a_cause_is_no_more_new(fitted):
    grown(fitted, LATER)
    file = fitted / "causes.toml"
    file.write_text(file.read_text("utf-8") + ENTRY, "utf-8")
    study, labels = grown(fitted, LATER)
    causes = study.ticket_causes.set_index("ticket_id")["cause"]
    apart = labels.index[(labels == NEW_OR_OTHER) & labels.index.str.startswith("c")]
    assert (causes[apart] == "Meeting notes").mean() > 0.85
    assert new_themes(study).empty


def test_a_ticket_whose_text_changed_keeps_its_topic_and_has_no_vote(fitted):
    first = FIRST.copy()
    first.loc[:4, "description"] = "The rocket to the moon leaves at noon."
    before = load_topics(fitted / "topics")
    study = study_of(pd.concat([first, LATER]), fitted)
    topics = study_topics(study)
    after = pd.Series(topics.labels, index=topics.ids)
    assert after[before.ids].tolist() == before.labels.tolist()
    assert topics.made["placing"]["changed"] == 5


def test_a_ticket_that_is_spam_by_now_is_left_out_and_comes_back_as_it_was(fitted):
    spam = FIRST.assign(is_spam=pd.array([True] + [None] * (len(FIRST) - 1), dtype="boolean"))
    was = load_topics(fitted / "topics").labels[0]
    study = study_of(spam, fitted)
    assert "a0" not in set(study_topics(study).ids)
    assert "a0" not in set(study.ticket_causes["ticket_id"])
    _, labels = grown(fitted)
    assert labels["a0"] == was


def test_after_some_are_forgotten_new_tickets_are_placed_by_those_that_are_left(fitted):
    topics, gone = load_topics(fitted / "topics"), set(FIRST["ticket_id"][::9])
    left = topics.left([each for each in topics.ids if each not in gone], pd.Series(dtype="str"))
    left.save(fitted / "topics", vectors=False)
    study = study_of(pd.concat([FIRST[~FIRST["ticket_id"].isin(gone)], LATER]), fitted)
    labels = pd.Series((grew := study_topics(study)).labels, index=grew.ids)
    assert labels[left.ids].tolist() == left.labels.tolist()
    assert set(labels.index) == set(study.tickets["ticket_id"])
    assert len(new_themes(study)) == 1


def test_a_run_that_stopped_after_the_topics_is_taken_up(fitted, monkeypatch):
    def stops(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("cxresearch.topics.causes.table.write_parquet", stops)
        with pytest.raises(KeyboardInterrupt):
            grown(fitted, LATER)
    file = (fitted / "causes.toml").read_bytes()
    study, labels = grown(fitted, LATER)
    assert set(study.ticket_causes["ticket_id"]) == set(labels.index)
    assert (fitted / "causes.toml").read_bytes() == file


def test_topics_without_a_text_that_made_them_place_none(fitted):
    other = FIRST.assign(description="Something else altogether.")
    with pytest.raises(InputError, match="No text that made the topics is as it was"):
        study_topics(study_of(pd.concat([other, LATER]), fitted))


def test_each_ticket_knows_how_it_came(fitted):
    grown(fitted, LATER)
    kept = pd.read_parquet(fitted / "topics" / "labels.parquet").set_index("ticket_id")
    assert kept.loc[FIRST["ticket_id"], "assigned"].isna().all()
    assert (kept.loc[LATER["ticket_id"], "assigned"] == pd.Timestamp("2026-04-01", tz="UTC")).all()
    near = kept.loc[FIRST["ticket_id"], "near"].dropna()
    least = json.loads((fitted / "topics" / "made.json").read_text())["placing"]["least"]
    assert (near < least).sum() <= np.ceil(assigning.FAR * len(near))
    assert kept.loc[kept["topic"] == NEW_OR_OTHER, "near"].max() < least


def test_where_nothing_came_since_nothing_is_said(fitted):
    study, _ = grown(fitted)
    assert isinstance(drift(study, study_topics(study)), DoesNotApply)
    assert isinstance(themes(study), DoesNotApply)
    assert new_themes(study).empty


def test_drift_counts_what_came_later_by_month(fitted):
    study, labels = grown(fitted, LATER)
    told = drift(study, study_topics(study))
    rows = told.frame.set_index(told.frame["month"].dt.strftime("%Y-%m"))
    assert rows["tickets"].to_dict() == {"2026-02": len(MORE), "2026-03": len(THEME)}
    assert rows.loc["2026-03", "new"] == (labels.filter(regex="^c") == NEW_OR_OTHER).sum()
    count, of = told.usual
    assert (count / of, of) == (pytest.approx(0.05, abs=0.07), len(FIRST))
    assert told.recent[1] == len(LATER)
    assert "2026-03" in told.table()["month"].tolist()


@pytest.mark.parametrize(
    ("recent", "says"),
    [
        ((36, 300), "still fit"),
        ((75, 300), "refit would pay"),
        ((60, 150), "200 in 3 months would tell"),
    ],
)
def test_a_refit_pays_where_more_is_doubtful_than_at_first(recent, says):
    """115 of 1,000 at first (Wilson 0.097 to 0.136): 75 of 300 is 0.135 more, low 0.08."""
    told = Drift(pd.DataFrame(), (115, 1000), recent)
    said = told.said()
    assert says in getattr(said, "text", getattr(said, "reason", ""))


def test_the_command_proposes_and_then_accepts(fitted, monkeypatch):
    monkeypatch.setattr("cxresearch.open_study", lambda path: grown(fitted, LATER)[0])
    before = CliRunner().invoke(app, ["topics", str(fitted)])
    assert before.exit_code == 0, before.output
    was = state(fitted)
    said = CliRunner().invoke(app, ["topics", str(fitted), "--refit"])
    assert "topics that stand, and those proposed" in said.output
    assert "Nothing has changed yet" in said.output
    assert state(fitted) == was
    done = CliRunner().invoke(app, ["topics", str(fitted), "--accept"])
    assert done.exit_code == 0, done.output
    assert load_topics(fitted / "topics").made_fit.all()


def state(folder) -> dict:
    kept = (f for f in folder.rglob("*") if f.is_file() and proposed.PROPOSED not in f.parts)
    return {file: file.read_bytes() for file in kept}


def test_a_proposal_changes_nothing_before_it_is_accepted(fitted):
    study, labels = grown(fitted, LATER)
    before = state(fitted)
    shown = proposed.propose(study)
    assert state(fitted) == before
    new = load_topics(fitted / "topics" / "proposed")
    assert shown.frame["tickets"].sum() == (new.labels >= 0).sum()
    assert shown.of == (labels >= 0).sum()
    assert 0 <= shown.moved < shown.of / 2
    accepted = proposed.accept(study)
    assert accepted.labels.tolist() == new.labels.tolist()
    assert accepted.made_fit.all()
    assert not (fitted / "topics" / "proposed").exists()


def test_what_people_wrote_follows_a_proposal_that_is_accepted(fitted):
    file = fitted / "causes.toml"
    lines = file.read_text("utf-8").split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("name ="))
    lines[at] = 'name = "What I call it"'
    file.write_text("\n".join(lines), "utf-8")
    study, _ = grown(fitted, LATER)
    shown = proposed.propose(study).frame
    assert "What I call it" in shown["name"].tolist()
    assert "What I call it" in shown["was"].tolist()
    proposed.accept(study)
    assert "What I call it" in set(study.ticket_causes["cause"])


def test_tickets_that_came_after_a_proposal_are_placed_when_it_is_accepted(fitted):
    study, _ = grown(fitted, LATER)
    proposed.propose(study)
    more = tickets(["my parcel is late once more"], "d", "2026-03")
    study = study_of(pd.concat([FIRST, LATER, more]), fitted)
    study_topics(study)
    topics = proposed.accept(study)
    assert topics.made_fit.sum() == len(topics.ids) - 1
    assert set(study.ticket_causes["ticket_id"]) == set(study.tickets["ticket_id"])


def test_without_a_proposal_nothing_is_accepted(fitted):
    with pytest.raises(InputError, match="no proposed topics"):
        proposed.accept(study_of(FIRST, fitted))


def test_a_proposal_tells_tickets_that_move_from_those_that_stay(fitted):
    """Two tickets of one topic go to another; numbers of topics alone are no move."""
    study, labels = grown(fitted)
    topics = load_topics(fitted / "topics")
    swapped = labels.replace({0: 1, 1: 0})
    swapped[labels.index[labels == 2][:2]] = 3
    new = replace(topics, labels=swapped.reindex(topics.ids).to_numpy())
    assert proposed.compared(study, new).moved == 2


def test_a_proposal_says_how_many_tickets_would_have_a_topic_that_have_none(fitted):
    study, labels = grown(fitted, LATER)
    labels[apart := labels.index[labels == NEW_OR_OTHER]] = 3
    topics = load_topics(fitted / "topics")
    new = replace(topics, labels=labels.reindex(topics.ids).to_numpy())
    shown = proposed.compared(study, new)
    assert (shown.moved, shown.gained, shown.without) == (0, len(apart), len(apart))
    assert f"{len(apart)} of {len(apart)} tickets without a topic would" in shown.said().text


def test_a_number_that_a_theme_had_is_not_given_again_after_a_refit(tmp_path):
    (tmp_path / refit.KEPT).mkdir()
    (tmp_path / refit.KEPT / "made.json").write_text('{"numbered": 4}')
    texts = ["The invoice is wrong", "My invoice is wrong again", "It crashes", "The app crashes"]
    told = {"ticket_id": [str(n) for n in range(24)], "description": texts * 6, "status": "open"}
    tickets = pd.DataFrame(told).assign(created_at=pd.Timestamp("2025-01-01", tz="UTC"))
    study = Study.from_tables({"tickets": tickets}, outcome="return")
    study.path = tmp_path
    assert refit.fitted(study, progress=False).made["numbered"] == 4
