"""What a study shows of itself, and what it answers to a wrong name or another setting."""

import copy
from pathlib import Path

import pandas as pd
import pytest

from cxresearch.study.schema import InputError
from cxresearch.study.study import Study, open_study

DEMO = Path(__file__).parents[2] / "data" / "demo"
DAY = pd.Timestamp("2025-01-01T00:00:00Z")
TICKETS = pd.DataFrame(
    {"ticket_id": ["1", "2"], "created_at": [DAY, DAY + pd.Timedelta(days=9)], "status": "open",
     "requester_id": ["ann", "bob"], "dq_flags": [[], []]}
)  # fmt: skip
CUSTOMERS = pd.DataFrame({"customer_id": ["ann"], "started_at": DAY, "observed_until": DAY})


def study(**settings) -> Study:
    return Study.from_tables({"tickets": TICKETS, "customers": CUSTOMERS}, **settings)


def test_dir_and_tab_show_the_tables_that_exist():
    shown = dir(study())
    assert {"tickets", "customers", "where", "with_settings"} <= set(shown)
    assert "surveys" not in shown


def test_a_study_says_its_name_outcome_dates_and_rows():
    assert repr(study(name="Acme")).splitlines() == [
        "Study Acme",
        "  outcome: churn (who left)",
        "  tickets from: 2025-01-01",
        "  watched until: 2025-01-10",
        "  tickets: 2 rows",
        "  customers: 1 rows",
    ]
    assert "cut: This is a part of Acme" in repr(study(name="Acme").where(requester_id="ann"))


def test_the_html_of_a_study_is_escaped():
    shown = study(name="<script>x</script>").where(requester_id="ann")._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "<td style='text-align:right'>1</td>" in shown


def test_a_study_without_tickets_shows_itself():
    bare = Study.from_tables({"customers": CUSTOMERS})
    assert "tickets from: not known" in repr(bare)
    assert "watched until: not known" in repr(bare)


def test_rows_of_tables_on_disk_are_counted_without_reading_them(tmp_path):
    CUSTOMERS.to_parquet(tmp_path / "customers.parquet")
    opened = Study(study().settings, tmp_path, {})
    assert opened.rows == {"customers": 1}
    assert opened.held.tables == {}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (lambda s: s.ticket, "a study has no 'ticket'; did you mean 'tickets'"),
        (
            lambda s: s.table("customer"),
            "'customer' is no canonical table; did you mean 'cust",
        ),
        (lambda s: s.with_settings(unresolved_after=1), "did you mean 'unresolved_after_days'"),
        (lambda s: Study.from_tables({}, time_zne="UTC"), "setting 'time_zne'; did you mean 'time"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(asked, says):
    with pytest.raises((InputError, AttributeError)) as error:
        asked(study())
    assert says in str(error.value)


def test_a_name_like_nothing_is_answered_without_a_guess():
    with pytest.raises(AttributeError) as error:
        _ = study().qqqq
    assert str(error.value) == "a study has no 'qqqq'"


def test_a_study_can_be_copied():
    assert copy.copy(study()).name == "study"


def test_other_settings_give_another_study_with_the_same_tables():
    first = study()
    other = first.with_settings(unresolved_after_days=14, languages=["de"], outcome="return")
    assert (other.settings.unresolved_after_days, other.settings.languages) == (14, ("de",))
    assert first.settings.unresolved_after_days == 7
    assert other.held is first.held
    assert other.customer_tickets["customer_id"].equals(other.customer_tickets["requester_id"])


def test_tables_made_later_stay_with_the_study_that_made_them():
    first = study()
    other = first.with_settings(name="other")
    other.put("surveys", pd.DataFrame())
    assert other.has("surveys")
    assert not first.has("surveys")


def test_a_setting_that_cannot_be_is_refused_as_in_study_toml():
    with pytest.raises(InputError, match="must be more than 0 days"):
        study().with_settings(unresolved_after_days=0)
    forum = Study.from_tables({"tickets": TICKETS})
    with pytest.raises(InputError, match='has outcome = "churn" but no customers table'):
        forum.with_settings(outcome="churn")


def test_frames_refuse_a_setting_that_cannot_hold_with_them():
    with pytest.raises(InputError, match='study has outcome = "churn" but no customers table'):
        Study.from_tables({"tickets": TICKETS}, outcome="churn")
    with pytest.raises(InputError, match="observed_until is empty"):
        study(observed_until="")


def test_settings_that_are_said_are_kept():
    said = study(outcome="return", observed_until="2025-03-01T00:00:00Z")
    assert (said.outcome, said.settings.observed_until) == ("return", "2025-03-01T00:00:00Z")


def test_a_study_with_a_path_keeps_it_with_other_settings():
    demo = open_study(DEMO)
    other = demo.with_settings(unresolved_after_days=14)
    assert other.path == demo.path
    assert other.truth == demo.truth
    part = demo.where(segment="medium")
    assert (part.path, part.truth) == (None, {})
    assert part.import_report == demo.import_report
