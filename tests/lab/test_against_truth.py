"""The method tried on planted truth: what it must find, what the obvious analysis says instead."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from cxresearch import CannotTell, Study
from cxresearch.lab import against_truth as trial
from cxresearch.lab import truth_results
from cxresearch.lab.estimators import EVER, OURS
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.pages.can_the_method_be_trusted import truth_found
from cxresearch.study.study import open_study

PLAIN = {"mediated": 0.0, "fade_share": 0.0, "silent": 0.0, "pending": 0.0, "reopened": 0.0}


def company(seed: int, customers: int, **world) -> Study:
    return trial.planted_study(*simulate_world(customers, seed, text=False, **PLAIN, **world))


@pytest.fixture(scope="module")
def harmful() -> Study:
    return company(5, 2500)


@pytest.fixture(scope="module")
def harmless() -> Study:
    return company(6, 1500, harm=0.0)


@pytest.fixture(scope="module")
def planted_causes(harmful) -> truth_results.PlantedCauses:
    return trial.against_truth(harmful)


@pytest.fixture(scope="module")
def compared(planted_causes) -> pd.DataFrame:
    return planted_causes.frame


@pytest.fixture(scope="module")
def every(harmful) -> truth_results.Analyses:
    return trial.every_analysis(harmful)


@pytest.fixture(scope="module")
def analyses(every) -> pd.DataFrame:
    return every.frame


def test_planted_ratios_lie_in_most_intervals(compared):
    told = compared[compared["verdict"] != truth_results.FEW]
    assert len(told) >= 5
    assert (told["verdict"] == truth_results.HOLDS).sum() >= len(told) - 1
    found = compared
    assert found.loc["sync", "planted"] == pytest.approx(3)
    assert found.loc["sync", "low"] > 1


def test_every_planted_cause_has_a_row_even_without_an_estimate(compared, harmful):
    assert set(compared["cause"]) == set(harmful.truth["hazard_ratio"])
    few = compared["hazard ratio"].isna()
    assert few.any()
    assert (compared.loc[few, "left while exposed"] < 10).all()
    assert compared.loc[few, "verdict"].eq(truth_results.FEW).all()


def test_ever_overdue_turns_the_sign_and_day_by_day_does_not(every):
    by = analyses = every.frame
    assert by.loc[EVER, "high"] < 1 < by.loc[OURS, "low"]
    assert analyses["planted"].nunique() == 1
    assert "the wrong way round" in every.said().text


def test_without_harm_ever_overdue_still_finds_some_and_day_by_day_none(harmless):
    found = trial.every_analysis(harmless).frame
    assert found["planted"].tolist() == pytest.approx([1] * len(found))
    by = found.set_index("analysis")
    assert by.loc[OURS, "low"] < 1 < by.loc[OURS, "high"]
    assert by.loc[EVER, "high"] < 0.6


def test_requests_to_leave_counted_as_issues_raise_the_ratio():
    tables, truth = simulate_world(1500, 6, text=False, **WORLDS["exit requests"])
    found = trial.every_analysis(trial.planted_study(tables, truth)).frame["ratio"]
    assert found["requests to leave counted"] > 1.3 * found[OURS]


USUAL = {"plans": [{"name": "small", "hazard_ratio": 2.0}, {"name": "big", "hazard_ratio": 0.5}],
         "early_days": 5, "early_ratio": 3.0, "activity_effect": -1.0}  # fmt: skip


def overdue_rows(**more) -> tuple[Study, pd.DataFrame]:
    """10 days with a overdue (ratio 2), 30 with a and b (2 × 3), 60 with nothing."""
    study = Study.from_tables({"tickets": tickets(1)})
    study.truth = {"hazard_ratio": {"a": 2.0, "b": 3.0}, "world": USUAL | more}
    rows = pd.DataFrame(
        {"start": [10, 20, 50], "stop": [20, 50, 110], "overdue": [1, 2, 0], "activity": 10.0,
         "plan": "small", "overdue: a": [1, 1, 0], "overdue: b": [0, 2, 0]}
    )  # fmt: skip
    return study, rows


def test_the_planted_mean_weighs_by_days_and_multiplies_causes_overdue_together():
    assert trial.planted_mean(*overdue_rows()) == pytest.approx((10 * 2 + 30 * 6) / 40)


def test_moments_count_by_the_hazard_without_harm():
    # 10 days of a small plan in its first days with twice the usual sessions: 2 × 3 / 2 = 3;
    # 30 days of a big plan: 0.5.
    study, rows = overdue_rows()
    rows = rows.assign(start=[0, 20, 50], stop=[10, 50, 110], activity=[20, 10, 10])
    rows["plan"] = ["small", "big", "big"]
    expected = (10 * 3 * 2 + 30 * 0.5 * 6) / (10 * 3 + 30 * 0.5)
    assert trial.planted_mean(study, rows) == pytest.approx(expected)


def test_additive_harm_adds_what_it_would_add_to_the_usual_customer():
    # Usual hazard 2 all along: 10 days at 2 + 1, 30 days at 2 + 5.
    found = trial.planted_mean(*overdue_rows(additive=True))
    assert found == pytest.approx((10 * 3 + 30 * 7) / (40 * 2))


def tickets(count: int) -> pd.DataFrame:
    created = pd.date_range("2024-01-01", periods=count, freq="D", tz="UTC")
    ids = [str(i) for i in range(count)]
    return pd.DataFrame({"ticket_id": ids, "created_at": created, "status": "open",
                         "requester_id": ids})  # fmt: skip


def planted(causes: list[list[str]], **more) -> Study:
    study = Study.from_tables({"tickets": tickets(len(causes)), **more})
    named = {str(i): {"causes": c} for i, c in enumerate(causes)}
    study.truth = {"hazard_ratio": {"login": 1.0, "sync": 3.0}, "tickets": named}
    return study


def test_true_causes_replace_what_was_found_and_mark_who_asks_to_leave():
    study = planted([["sync", "login"], ["exit_request"], [], ["login"]])
    found = trial.with_true_causes(study).ticket_causes
    assert found["ticket_id"].tolist() == ["0", "1", "3"]
    assert found["cause"].tolist() == ["sync", "exit_request", "login"]
    assert found["topic"].tolist() == [1, -1, 0]
    assert found["is_exit_request"].tolist() == [False, True, False]
    assert not study.has("ticket_causes")


def test_a_found_cause_stands_beside_the_planted_one_it_mostly_is(monkeypatch):
    words = pd.DataFrame({"ticket_id": list("01234"), "topic": [0, 0, 0, 1, -1], "weight": 1.0,
                          "cause": ["x", "x", "x", "y", "no words"],
                          "is_exit_request": False})  # fmt: skip
    study = planted([["sync"], ["sync"], ["login"], ["login"], ["sync"]], ticket_causes=words)
    ratios = pd.DataFrame({"cause": ["x"], "hazard ratio": [2.5], "low": [2.0], "high": [2.9],
                           "left while exposed": [12], "p": [0.0], "verdict": ["?"]})  # fmt: skip
    monkeypatch.setattr(trial.leaving, "by_cause", lambda _: SimpleNamespace(frame=ratios))
    beside = trial.topics_against_truth(study)
    found = beside.frame
    assert found.loc["x", ["tickets", "mostly", "planted"]].tolist() == [3, "sync", 3.0]
    assert found.loc["x", "purity"] == pytest.approx(2 / 3)
    assert found["verdict"].tolist() == [truth_results.MISSES, truth_results.FEW]
    said = beside.said().text
    assert "0 of 1 estimates hold" in said
    assert "Of 4 tickets 75%" in said


def test_marks_of_requests_to_leave_are_counted_against_those_planted():
    causes = pd.DataFrame({"ticket_id": list("01234"), "topic": 0, "cause": "x", "weight": 1.0,
                           "is_exit_request": [True, True, False, True, False]})  # fmt: skip
    study = planted([["exit_request"], ["sync", "exit_request"], ["exit_request"], ["sync"], []],
                    ticket_causes=causes)  # fmt: skip
    found = trial.exit_requests_against_truth(study).frame
    assert found["share"].to_dict() == pytest.approx({"recall": 2 / 3, "precision": 2 / 3})
    assert found["of"].to_dict() == {"recall": 3, "precision": 3}
    # Wilson's interval of 2 in 3, as R's prop.test(2, 3, correct = FALSE) says
    assert found.loc["recall", ["low", "high"]].tolist() == pytest.approx(
        [0.2077, 0.9385], abs=1e-4
    )


def test_a_study_without_a_truth_cannot_be_compared():
    study = Study.from_tables({"tickets": tickets(2)})
    for ask in (trial.against_truth, trial.every_analysis, trial.topics_against_truth,
                trial.exit_requests_against_truth, trial.known_differences):  # fmt: skip
        assert isinstance(ask(study), CannotTell)
    nothing = trial.every_analysis(study)
    assert truth_found(nothing, nothing) is nothing


def test_a_study_reads_its_truth_from_its_folder(tmp_path):
    study = Study.from_tables({"tickets": tickets(1)})
    assert study.truth == {}
    (tmp_path / "truth.json").write_text(json.dumps({"seed": 3}), encoding="utf-8")
    assert Study(study.settings, tmp_path, {}).truth == {"seed": 3}


def test_differences_that_a_world_lacks_are_not_named(harmful):
    said = trial.known_differences(harmful).to_string()
    assert "heavy users" in said
    assert "stands still" not in said
    assert "fades" not in said


def test_failures_stay_on_the_page(compared, every):
    missed = truth_results.PlantedCauses(compared.assign(verdict=truth_results.MISSES))
    assert "the method finds 0 of 12 harms that were built in" in truth_found(missed, every).text
    assert set(missed.table()["cause"]) == set(compared["cause"])
    misses = truth_results.Analyses(every.frame.assign(verdict=truth_results.MISSES))
    assert "Its interval **misses**" in misses.said().text


def test_without_any_estimate_page_nine_cannot_tell(compared, every):
    few = truth_results.PlantedCauses(compared.assign(verdict=truth_results.FEW))
    assert isinstance(truth_found(few, every), CannotTell)
    none = truth_results.Analyses(every.frame.assign(ratio=float("nan")))
    assert isinstance(truth_found(truth_results.PlantedCauses(compared), none), CannotTell)
    assert isinstance(none.plot(), CannotTell)


def test_planted_ratios_are_drawn_as_diamonds_beside_their_estimates(planted_causes, compared):
    ax = planted_causes.plot()
    diamonds = ax.collections[2].get_offsets()
    place = dict(zip((t.get_text() for t in ax.get_yticklabels()), ax.get_yticks(), strict=True))
    assert diamonds.tolist() == [[r["planted"], place[r["cause"]]] for _, r in compared.iterrows()]
    colours = [to_hex(colour) for colour in ax.collections[1].get_facecolors()]
    assert colours == [truth_results.COLOURS[verdict] for verdict in compared["verdict"]]
    held = (compared["verdict"] == truth_results.HOLDS).sum()
    assert ax.get_figure().get_suptitle().startswith(f"{held} of ")


def test_the_figure_of_all_analyses_counts_those_that_turn_the_sign(every, analyses):
    told = analyses.dropna(subset="ratio")
    wrong = (told["high"] < 1).sum()
    assert every.plot().get_figure().get_suptitle().startswith(f"{wrong} of {len(told)} analyses")


def test_the_demo_has_a_truth():
    assert open_study().truth["hazard_ratio"]
