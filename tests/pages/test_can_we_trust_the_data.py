"""Notebook 01 begins with what came in and what cannot be said, and says what could be seen."""

import numpy as np
import pandas as pd

from cxresearch.pages import can_we_trust_the_data as trust
from cxresearch.study.answers import CannotTell
from tests.kpis.quality.studies import study


def test_the_answer_is_with_care_where_a_check_is_not_passed_and_yes_where_all_are(monkeypatch):
    two = study(subject=["a", "b"])
    rows = trust.checks(two)
    assert rows.loc[0].tolist()[::2] == ["kinds of data that are missing", "look below"]
    assert set(rows["verdict"][1:]) == {"passed"}
    said = trust.headline(two)
    assert said.text.startswith("**With care**: 1 of 7 checks are not passed; the table says which")
    assert said.text.endswith("The study holds 2 rows; how many were read is not known.")
    assert (said.numbers["odd"], said.numbers["n"]) == (1, 2)
    monkeypatch.setattr(trust, "checks", lambda _: rows[1:])
    assert trust.headline(two).text.startswith("**Yes**: all 6 checks are passed.")


def test_notes_of_the_import_are_a_list_of_plain_text(monkeypatch):
    one = study(subject=["a"])
    assert trust.notes(one).text == "The import left no notes."
    report = property(lambda _: {"notes": ["a *star*", "b"]})
    monkeypatch.setattr(type(one), "import_report", report)
    assert trust.notes(one).text == "- a \\*star\\*\n- b"


def test_the_smallest_ratio_that_could_be_seen_is_named_with_its_group(monkeypatch):
    ratios = {"group": ["a", "b"], "customers exposed": [9, 8]}
    power = pd.DataFrame(ratios | {"smallest visible ratio": [2.0, 1.5]})

    class Seen:
        @staticmethod
        def power(_):
            return power

    monkeypatch.setattr(trust, "outcome", lambda _: Seen)
    said = trust.visible(None).text
    assert said.startswith("Most can be seen of: b (8 customers). There a rise to **1.50 times**")
    power["smallest visible ratio"] = np.inf
    assert isinstance(trust.visible(None), CannotTell)
