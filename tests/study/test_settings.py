"""study.toml: what only a person can know, told apart from what a person mistyped."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.study.business_hours import BusinessHours
from cxresearch.study.schema import InputError
from cxresearch.study.settings import FORMAT, Settings, changed, read_settings, settings_text
from cxresearch.study.study import open_study
from cxresearch.study.toml_text import read_toml

DEMO = Path(__file__).parents[2] / "data" / "demo"


def read(tmp_path, text, encoding="utf-8"):
    file = tmp_path / "study.toml"
    file.write_bytes(text.encode(encoding))
    return read_settings(file)


def test_settings_come_back_as_they_were_written(tmp_path):
    written = Settings(
        name="Nordlicht", outcome="return", unresolved_after_days=2.5, hold_stops_clock=True,
        observed_until="2026-01-31T00:00:00Z", languages=("en", "de"), time_zone="Europe/Madrid",
        business_hours=("Mon-Fri 08:00-18:00",), holidays=("2026-01-06",),
    )  # fmt: skip
    assert read(tmp_path, settings_text(written)) == written


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_any_name_comes_back_as_it_was_written(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("settings")
    assert read(folder, settings_text(Settings(name=name))).name == name


@pytest.mark.parametrize(
    "name", ['"""', "a\\", "a\nb = 1", '"\nname = "x', "\x7f\0", "[red]", "é🙂"]
)
def test_a_hostile_name_stays_a_name(tmp_path, name):
    found = read(tmp_path, settings_text(Settings(name=name)))
    assert found == Settings(name=name)


def test_half_a_character_in_a_name_is_replaced(tmp_path):
    assert read(tmp_path, settings_text(Settings(name="a\ud83d"))).name == "a\ufffd"


def test_every_setting_is_explained_in_the_file():
    lines = settings_text(Settings()).splitlines()
    assert all(line.startswith("# ") for line in lines[::2])


def test_what_the_file_leaves_out_has_its_default(tmp_path):
    assert read(tmp_path, 'name = "x"') == Settings(name="x")


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path):
    assert read(tmp_path, 'name = "x"', "utf-8-sig").name == "x"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = ", "not valid TOML"),
        ("colour = 1", "unknown setting 'colour'. Known are: name"),
        ("[table]\nx = 1", "unknown setting 'table'"),
        ("name = 7", 'name = 7 must be a text in "quotes"'),
        ('unresolved_after_days = "7"', "must be a number"),
        ("unresolved_after_days = true", "must be a number"),
        ("unresolved_after_days = inf", "must be a number"),
        ("unresolved_after_days = nan", "must be a number"),
        ("unresolved_after_days = 0", "must be more than 0 days"),
        ("landmark_days = -1", "landmark_days must be more than 0 days"),
        ("status_settles_after_days = -1", "must be 0 days or more"),
        ("target_topics = 2.5", "must be a whole number"),
        ("forget_after_days = 0.5", "must be a whole number"),
        ("forget_after_days = 1e9", "must be from 0 to 36500 days"),
        ("hold_stops_clock = 1", "must be true or false"),
        ('languages = "en"', "must be a list of texts"),
        ('business_hours = "Mon-Fri 08:00-18:00"', "must be a list of texts"),
        ('business_hours = ["9 to 5"]', "'9 to 5' is not as in 'Mon-Fri 08:00-18:00'"),
        ('business_hours = ["Mon 08:00-12:00", "Mon 11:00-14:00"]', "two lines for Mon overlap"),
        ('business_hours = ["Mon 18:00-08:00"]', "'Mon 18:00-08:00' ends before it begins"),
        (
            'business_hours = ["Mon 08:00-12:00"]\nholidays = ["25/12/2026"]',
            "Holidays: '25/12/2026' is no date such as 2026-12-25",
        ),
        ('business_hours = ["Mon 08:00-12:00"]\nholidays = ["2026-02-30"]', "'2026-02-30' is no"),
        ('holidays = ["2026-12-25"]', "business_hours is empty: say when the desk is open"),
        ("languages = [1]", "must be a list of texts"),
        ('outcome = "sales"', "must be churn or return"),
        ('time_zone = "Mars/Olympus"', "is no time zone"),
        ('time_zone = "../../etc/passwd"', "is no time zone"),
        ("observed_until = 2026-01-31T00:00:00Z", "must be a text"),
        ('observed_until = "2026-01-31T00:00:00"', "has no offset from UTC: write 2026-01-31T00"),
        ('observed_until = "01/02/2026 00:00Z"', "is not a time such as"),
        ('observed_until = "2026-02-30T00:00:00Z"', "is not a time such as"),
        ('observed_until = "now"', "is not a time such as"),
    ],
)
def test_what_cannot_be_a_setting_is_said_with_the_file(tmp_path, text, says):
    with pytest.raises(InputError) as error:
        read(tmp_path, text)
    assert says in str(error.value)
    assert str(tmp_path / "study.toml") in str(error.value)


def test_a_start_after_the_end_is_refused():
    with pytest.raises(InputError, match="tickets_from is after observed_until"):
        Settings(tickets_from="2026-02-01T00:00:00Z", observed_until="2026-01-01T00:00:00Z")


def test_a_file_that_is_not_utf_8_is_said(tmp_path):
    with pytest.raises(InputError, match=r"study\.toml cannot be read as UTF-8"):
        read(tmp_path, 'name = "Müller"', "latin-1")


def test_times_are_the_instants_they_name():
    assert Settings(observed_until="2026-01-31T02:00:00+02:00").time("observed_until").hour == 0
    assert Settings().time("observed_until") is None


def test_the_desks_hours_are_on_the_clocks_of_the_studys_time_zone():
    told = Settings(
        time_zone="Europe/Madrid", business_hours=("Mon-Fri 08:00-18:00",), holidays=("2026-01-06",)
    )
    assert told.open_hours == BusinessHours(told.time_zone, told.business_hours, told.holidays)
    assert Settings().open_hours is None


def test_the_form_of_the_folder_is_written_and_is_no_setting(tmp_path):
    assert settings_text(Settings()).splitlines()[1] == f"format = {FORMAT}"
    assert read(tmp_path, f'format = {FORMAT}\nname = "x"').name == "x"
    with pytest.raises(InputError, match="unknown setting 'format'"):
        changed(Settings(), {"format": 1})


def test_a_newer_form_is_refused_before_its_settings_are_looked_at(tmp_path):
    with pytest.raises(InputError) as error:
        read(tmp_path, f"format = {FORMAT + 1}\nnot_known_yet = 1")
    assert str(error.value) == (
        f"{tmp_path / 'study.toml'} says that its folder has form {FORMAT + 1}, and this "
        f"cxresearch knows forms up to {FORMAT}: install a newer cxresearch to open it. Nothing "
        "was changed."
    )


@pytest.mark.parametrize("told", ['"1"', "1.0", "true", "-1"])
def test_a_form_that_is_no_number_is_said(tmp_path, told):
    with pytest.raises(InputError, match="is no form of a study folder"):
        read(tmp_path, f"format = {told}")


def test_a_folder_from_before_forms_were_told_is_read_as_it_is():
    assert "format" not in (DEMO / "study.toml").read_text(encoding="utf-8")
    study = open_study(DEMO)
    assert study.settings.target_topics == 0
    assert study.rows["tickets"] == len(study.tickets) > 0


def test_a_wrong_setting_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match="unknown setting 'time_zoen'; did you mean 'time_zone'"):
        read(tmp_path, 'time_zoen = "UTC"')


def test_a_file_that_is_not_there_or_not_text_is_said_with_its_name(tmp_path):
    with pytest.raises(InputError, match=r"no\.toml cannot be read as UTF-8 text"):
        read_toml(tmp_path / "no.toml")
    (tmp_path / "a.toml").write_text("colour = 1")
    assert read_toml(tmp_path / "a.toml") == {"colour": 1}
    with pytest.raises(InputError, match=r"a\.toml has an unknown key 'colour'\. Known are: name"):
        read_toml(tmp_path / "a.toml", ["name"], "key")
