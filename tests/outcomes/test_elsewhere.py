"""The page on the same model in R and lifelines shows what the demo's rows still say here."""

import re
from pathlib import Path

import pandas as pd
import pytest

from cxresearch import coxph, open_study
from cxresearch.outcomes import leaving

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/cox-elsewhere.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return leaving.model_rows(open_study(ROOT / "data/demo"))


def test_our_numbers_are_those_of_r_and_lifelines(rows):
    names = re.findall(r'"([^"]+)"', re.search(r"names = \[(.*)\]", PAGE)[1])
    fit = coxph(rows, names, strata=leaving.STRATA)
    told = re.findall(r"^\| ([a-z ]+) \| (-?0\.\d{6}) \|(.*)\|$", PAGE, re.M)
    assert [name for name, *_ in told] == fit.params.index.tolist()
    for name, ours, rest in told:
        r, lifelines, robust, of_r, *errors = (float(v) for v in rest.split("|"))
        assert float(ours) == r == lifelines == pytest.approx(fit.params[name], abs=1e-6)
        assert robust == of_r == pytest.approx(fit.robust_bse[name], abs=1e-6)
        assert errors == pytest.approx([fit.bse[name]] * 2, abs=1e-6)
    assert f"{len(rows):,} rows and {fit.events:,} departures" in PAGE
    assert fit.cox_zph().loc["any overdue", "chisq"] == pytest.approx(2.0827, abs=1e-4)


def test_the_rows_written_for_others_can_be_read_back(rows, tmp_path):
    names = re.findall(r'"([^"]+)"', re.search(r"names = \[(.*)\]", PAGE)[1])
    columns = ["customer_id", "start", "stop", "event", *names, *leaving.STRATA]
    rows[columns].to_csv(tmp_path / "episodes.csv", index=False)
    again = pd.read_csv(tmp_path / "episodes.csv")
    assert len(again) == len(rows)
    assert again["event"].sum() == rows["event"].sum()
