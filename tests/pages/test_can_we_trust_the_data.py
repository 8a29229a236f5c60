"""Notebook 01 begins with what came in and what cannot be said, and says what could be seen."""

import numpy as np
import pandas as pd

from cxresearch.pages import can_we_trust_the_data as trust
from cxresearch.study.answers import CannotTell
from tests.kpis.quality.studies import study


def test_the_headline_counts_rows_and_the_kinds_of_data_that_are_missing():
    said = trust.headline(study(subject=["a", "b"]))
    assert said.text.startswith("The study holds 2 rows; how many were read is not known. Kinds")
    assert said.text.endswith(f"each with its answers: {said.numbers['lacks']} (see the end).")
    assert said.numbers["n"] == 2


def test_notes_of_the_import_are_a_list_of_plain_text(monkeypatch):
    one = study(subject=["a"])
    assert trust.notes(one).text == "The import left no notes."
    report = property(lambda _: {"notes": ["a *star*", "b"]})
    monkeypatch.setattr(type(one), "import_report", report)
    assert trust.notes(one).text == "- a \\*star\\*\n- b"


def test_the_smallest_ratio_that_could_be_seen_is_named_with_its_group(monkeypatch):
    power = pd.DataFrame({"group": ["a", "b"], "smallest visible ratio": [2.0, 1.5]})

    class Seen:
        @staticmethod
        def power(_):
            return power

    monkeypatch.setattr(trust, "outcome", lambda _: Seen)
    assert "two-sided) is 1.50, for: b." in trust.visible(None).text
    power["smallest visible ratio"] = np.inf
    assert isinstance(trust.visible(None), CannotTell)
