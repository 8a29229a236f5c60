"""The runner of the calibration: what it writes, that it goes on, and its tables by hand."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell
from cxresearch.impact import ALL, LEVERS
from cxresearch.lab import coverage_of_savings
from cxresearch.lab.coverage_of_savings import OURS, REFUSED
from tests.benchmarks import calibration

SMALL = {"plain": calibration.Trial("plain", 1, 500), "none": calibration.Trial("plain", 1, 40)}
COMPANIES = [("plain", 0), ("none", 0)]
SOONER = LEVERS[0]
FULL = dict(calibration.TRIALS)


@pytest.fixture(scope="module")
def small():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "TRIALS", SMALL)
        yield


@pytest.fixture(scope="module")
def written(small, tmp_path_factory):
    file = tmp_path_factory.mktemp("calibration") / "runs.csv"
    calibration.run(COMPANIES, file, processes=1)
    return file


def test_a_company_that_cannot_tell_is_counted_all_the_same(written):
    runs = pd.read_csv(written)
    assert runs.groupby("world")["kind"].last().to_dict() == {"plain": "end", "none": "end"}
    assert runs.loc[runs["world"] == "none", "kind"].tolist() == [REFUSED, "end"]
    found = calibration.refused(runs)
    assert found.to_dict("index") == {
        "plain": {"companies": 1, REFUSED: 0},
        "none": {"companies": 1, REFUSED: 1},
    }
    joint = runs[(runs["name"] == ALL) & (runs["lever"] == SOONER)]
    assert set(joint["kind"]) == {"revenue", "kept 90", "kept 180", "kept 365"}
    assert (runs["low"].dropna() <= runs["estimate"][runs["low"].notna()]).all()


def test_no_ranking_picks_more_than_the_best(written):
    picks = pd.read_csv(written).query("kind.str.startswith('pick')")
    assert len(picks) == 2 * 2 * (1 + 4)  # one and three, two measures; ours, four others
    assert (picks["estimate"] <= picks["truth"] + 0.01).all()


def test_a_file_cut_off_within_a_company_is_mended_by_the_same_rows(written, tmp_path):
    whole = written.read_text(encoding="utf-8")
    cut = tmp_path / "cut.csv"
    cut.write_text(whole[: int(len(whole) * 0.6)], encoding="utf-8")
    calibration.run(COMPANIES, cut, processes=1)
    assert cut.read_text(encoding="utf-8") == whole


def runs_of(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=calibration.COLUMNS[:-1]).assign(withheld=None)


def test_coverage_by_hand():
    rows = [("plain", i, "excess", SOONER, ALL, 1.0, 1.1, 0.5, 1.5) for i in range(19)]
    rows.append(("plain", 19, "excess", SOONER, ALL, 1.0, 2.0, 1.5, 2.5))
    found = calibration.held(runs_of(*rows)).frame.iloc[0]
    assert found["coverage"] == pytest.approx(19 / 20)
    # the exact interval of 1 in 20 is 0.001265 to 0.248730 (Clopper and Pearson's tables)
    assert found[["low", "high"]].tolist() == pytest.approx([0.75127, 0.99873], abs=1e-5)
    assert found["holds"]


@pytest.mark.parametrize("name", ["fix_list", "revenue_saved"])
def test_a_company_is_refused_whichever_number_cannot_be_told(small, monkeypatch, name):
    monkeypatch.setattr(calibration, "unchecked_model", lambda _: None)
    monkeypatch.setattr(calibration, "total_models", lambda _: {})
    for number in ("fix_list", "revenue_saved"):
        said = CannotTell("what it saves: no.") if number == name else pd.DataFrame()
        monkeypatch.setattr(calibration.impact, number, lambda *_, said=said, **__: said)
    assert calibration.one(("none", 0))["kind"].tolist() == [REFUSED, "end"]


def test_bootstrap_intervals_stand_beside_delta_ones_of_the_same_companies():
    nan = float("nan")
    runs = runs_of(
        ("plain", 0, "excess", SOONER, ALL, 1.0, 1.0, 0.5, 1.5),
        ("plain", 0, "excess bootstrap", SOONER, ALL, nan, 1.0, 0.6, 1.4),
        ("plain", 1, "excess", SOONER, ALL, 1.0, 1.0, 0.0, 2.0),
        ("plain", 1, "excess bootstrap", SOONER, ALL, nan, 1.0, 0.0, 2.4),
        ("plain", 2, "excess", SOONER, ALL, 1.0, 1.0, 0.0, 9.0),
    )
    wide = calibration.widths(runs)
    found = wide.frame.set_index(["world", "kind", "lever"]).loc[("plain", "excess", SOONER)]
    # widths 1 and 2 by delta, 0.8 and 2.4 by bootstrap: 0.8 and 1.2 times as wide
    assert found.to_list() == pytest.approx([2, 1.5, 1.6, 1.0, 0.8, 1.2])
    said = wide.said().text
    assert "are 1.00 times as wide (0.80 to 1.20)" in said
    none = calibration.widths(runs[runs["kind"] == "excess"])
    assert isinstance(none, CannotTell)


def test_only_causes_without_effect_can_be_flagged_falsely():
    found = calibration.falsely_flagged(
        runs_of(
            ("plain", 0, "hazard ratio", "", "a", 1.0, 2.0, 1.5, 2.5),
            ("plain", 0, "hazard ratio", "", "b", 1.0, 1.1, 0.5, 2.5),
            ("plain", 0, "hazard ratio", "", "c", 3.0, 2.0, 1.5, 2.5),
        )
    ).frame.iloc[0]
    assert found[["estimates", "flagged"]].tolist() == [2, 0.5]


def test_regret_is_the_share_of_the_best_that_is_missed():
    none = (np.nan, np.nan)
    found = calibration.missed(
        runs_of(
            ("plain", 0, "pick 1 revenue", SOONER, OURS, 10, 10, *none),
            ("plain", 1, "pick 1 revenue", SOONER, OURS, 10, 8, *none),
            ("plain", 0, "pick 1 revenue", "", "slowest", 10, 5, *none),
            ("plain", 1, "pick 1 revenue", "", "slowest", 10, 5, *none),
        )
    ).frame.set_index("ranking")
    assert found["missed"].to_dict() == pytest.approx({OURS: 0.1, "slowest": 0.5})
    assert found["best"].to_dict() == {OURS: True, "slowest": False}


def test_page_nine_says_where_coverage_falls_short(written):
    rows = [("plain", i, "excess", SOONER, ALL, 1.0, 1.1, 0.5, 1.5) for i in range(20)]
    rows += [("plain", i, "revenue", SOONER, ALL, 9.0, 1.1, 0.5, 1.5) for i in range(20)]
    rows.append(("plain", 0, "hazard ratio", "", "a", 1.0, 2.0, 1.5, 2.5))
    found = calibration.held(runs_of(*rows))
    said = found.said()
    assert (said.numbers["ok"], said.numbers["n"]) == (2, 3)  # one miss of one proves nothing
    assert "are flagged in 100.0% of 1 estimates" in said.text
    table = found.table()
    assert table["as promised"].tolist() == ["yes", "no", "yes"]


def test_page_nine_compares_the_fix_list_with_the_best_other(written):
    missed = calibration.missed(pd.read_csv(written))
    said = missed.said().text
    assert "in 1 of 1 worlds" in said or "in 0 of 1 worlds" in said
    assert missed.table()["ranking"].str.startswith(OURS).sum() == 1


def test_without_the_runs_page_nine_cannot_tell(tmp_path):
    runs = calibration.read_savings(tmp_path / "none.csv")
    assert "tests.benchmarks.calibration" in runs.reason
    for said in (
        calibration.held(runs),
        calibration.held_by_cause(runs),
        calibration.missed(runs),
        calibration.widths(runs),
    ):
        assert said is runs


def test_the_cells_named_beforehand_are_of_two_simulators():
    assert list(calibration.PRIMARY) == list(coverage_of_savings.PRIMARY)
    assert [of.seeds for of in calibration.PRIMARY.values()] == [120] * 4
    assert sum(name.startswith("second: ") for name in calibration.PRIMARY) == 2


def test_cells_are_told_with_and_without_what_a_rule_withholds():
    rows = [("plain", i, "kept 365", SOONER, ALL, 1.0, 1.0, 0.5, 1.5) for i in range(19)]
    rows.append(("plain", 19, "kept 365", SOONER, ALL, 1.0, 9.0, 8.0, 10.0))
    runs = runs_of(*rows)
    runs.loc[19, "withheld"] = "a rule"
    cell = calibration.cells(runs).frame.iloc[0]
    assert cell[["coverage", "coverage shown", "shown"]].tolist() == [0.95, 1.0, 0.95]
    assert cell["wanted"]
    assert calibration.cells(runs).said().text.startswith("1 of 1 rows are as wanted")


def test_first_fixes_are_counted_over_all_companies_that_were_asked():
    nan = float("nan")
    rows = [("null", i, "named", "", "", 0.0, float(i == 0), nan, nan) for i in range(9)]
    rows.append(("null", 9, REFUSED, "", "", nan, nan, nan, nan))
    found = calibration.named(runs_of(*rows))
    assert found.frame[["held", "companies", "share"]].iloc[0].tolist() == [1, 10, 0.1]
    assert found.said().text.startswith(
        "Where nothing does harm, a first fix is named in 1 of 10 companies (2% to 40%)."
    )


def test_coverage_by_cause_is_clustered_by_company():
    """Two companies, one that holds all and one that holds none: 50% give or take everything."""
    rows = [("plain", i, "hazard ratio", "", c, 1.0, 1.0, 0.5 + i, 1.5 + i)
            for i in range(2) for c in "abcd"]  # fmt: skip
    found = calibration.held(runs_of(*rows)).frame.iloc[0]
    assert found[["coverage", "low", "high"]].tolist() == [0.5, 0.0, 1.0]


def test_a_world_called_null_is_not_made_again(small, tmp_path):
    made = tmp_path / "made.csv"
    made.write_text(
        f"{','.join(calibration.COLUMNS)}\nnull,7,named,,,0,0,,,\nnull,7,end,,,,,,,\n",
        encoding="utf-8",
    )
    assert calibration._done(made) == {("null", 7)}


def test_the_committed_cells_are_of_as_many_companies_each():
    runs = calibration.read_savings()
    cells = coverage_of_savings.cells(runs).frame
    assert cells.groupby("world")["companies"].first().min() >= 60
    assert not runs[["world", "seed", "kind", "lever", "name"]].duplicated().any()
