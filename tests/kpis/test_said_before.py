"""What reports said before: kept once, read again, and wider where it did not hold."""

import json

import pandas as pd
import pytest

from cxresearch import InputError
from cxresearch.kpis import said_before as before
from cxresearch.kpis.said_before import FILE, SaidBefore, claims, read_said, remember, said_before
from cxresearch.kpis.two_periods import compare, compared
from cxresearch.report.render import _stamp
from cxresearch.study.exchange import alone
from cxresearch.study.settings import settings_text
from cxresearch.study.study import open_study
from cxresearch.study.writing import write_parquet
from cxresearch.topics.forget import forget
from tests.kpis.test_two_periods import two_quarters

THEN = "2025-08-10T00:00:00+00:00"  # the second quarter was watched by then


@pytest.fixture
def study(tmp_path):
    """Two quarters in a folder, watched until the second can be compared."""
    made, folder = two_quarters(until=230), tmp_path / "s"
    folder.mkdir()
    for name in made.rows:
        write_parquet(made.table(name), folder / f"{name}.parquet")
    (folder / "study.toml").write_text(settings_text(made.settings), encoding="utf-8")
    return open_study(folder)


def said(rows: list[tuple]) -> SaidBefore:
    """What was said: estimate, low, high, and now."""
    frame = pd.DataFrame(rows, columns=["estimate", "low", "high", "now"]).astype(float)
    held = ((frame["low"] <= frame["now"]) & (frame["now"] <= frame["high"])).astype("boolean")
    frame = frame.assign(held=held.mask(frame["now"].isna()), unit="%", period="2025Q1",
                         claim=[f"KPI {i}" for i in frame.index], observed_until=THEN)  # fmt: skip
    return SaidBefore(frame)


def test_nothing_is_said_of_what_was_never_said(study):
    record = said_before(study)
    assert [s.text for s in record.sentences()] == [before.NEVER.text]
    assert record.table().empty
    assert record.factor() == 1
    assert read_said(two_quarters()).empty  # a study without a folder


def test_a_report_keeps_each_claim_once(study):
    then = study.with_settings(observed_until=THEN)
    assert remember(then) == len(claims(then)) > 5
    assert remember(then) == 0
    kept = json.loads((study.path / FILE).read_text(encoding="utf-8"))["said"]
    assert {row["period"] for row in kept} == {"2025Q2"}
    assert not {"first0", "second39"} & {*json.dumps(kept).split('"')}  # nobody is named
    assert remember(study) > 5  # of another end of the observation


def test_the_report_of_today_is_not_held_against_itself(study):
    remember(study)
    assert said_before(study).frame.empty
    later = study.with_settings(observed_until="2025-09-10T00:00:00Z")
    assert len(said_before(later).frame) > 5


def test_the_same_months_are_read_again_with_what_is_known_now(study):
    remember(study.with_settings(observed_until=THEN))
    row = said_before(study).frame.set_index("claim").loc["Overdue"]
    assert (row["estimate"], row["now"], row["held"]) == (0.8, 0.8, True)
    assert "the same months now say" in said_before(study).said().text
    kept = read_said(study)
    kept.loc[kept["claim"] == "Overdue", ["estimate", "low", "high"]] = 0.3, 0.2, 0.4
    (study.path / FILE).write_text(json.dumps({"said": kept.to_dict("records")}))
    row = said_before(study).frame.set_index("claim").loc["Overdue"]
    assert (row["now"], row["held"]) == (0.8, False)


def test_what_is_counted_otherwise_now_is_not_compared(study):
    remember(study.with_settings(observed_until=THEN))
    other = study.with_settings(unresolved_after_days=5)
    row = said_before(other).frame.set_index("claim").loc["Overdue"]
    assert pd.isna(row["now"])
    assert pd.isna(row["held"])


def test_intervals_that_held_as_promised_are_left_as_they_are():
    held = said([(0.5, 0.4, 0.6, 0.55)] * 19 + [(0.5, 0.4, 0.6, 0.7)])
    assert held.factor() == 1
    assert held.said("held").numbers["held"] == 19
    assert held.said("wider").text == ""


def test_intervals_that_held_less_are_widened_by_what_would_have_held_them():
    # of 20, ten lie twice their half width off, nine hold, and one lies three times off
    record = said([(0.5, 0.4, 0.6, 0.7)] * 10 + [(0.5, 0.4, 0.6, 0.5)] * 9 + [(0.5, 0.4, 0.6, 0.8)])
    assert record.factor() == pytest.approx(2)  # 19 of 20 are 95%
    assert "2.00 times as wide" in record.said("wider").text
    assert said([(0.5, 0.4, 0.5, 0.45)] * 3 + [(0.5, 0.45, 0.6, 0.4)] * 17).factor() == (
        pytest.approx(2)  # the side counts on which the interval was missed
    )


def test_a_miss_of_few_claims_widens_nothing():
    miss = (0.5, 0.4, 0.6, 0.9)
    assert [said([miss] * n).factor() for n in (1, 3, 19)] == [1, 1, 1]
    assert said([miss] * 20).factor() == 3
    # of 20 one may miss, or three (exact: up to 96.8%); four may not (up to 94.3%)
    held = (0.5, 0.4, 0.6, 0.5)
    assert said([miss] * 3 + [held] * 17).factor() == 1
    assert said([miss] * 4 + [held] * 16).factor() == 3


def test_intervals_are_widened_threefold_at_most_and_it_is_said():
    record = said([(1.0, 0.9, 1.0, 1.2)] * 20)  # the estimate is an end: no width would do
    assert record.factor() == 3
    assert record.said("wider").text.endswith("3.00 times as wide: more is not done.")


def test_of_the_rates_of_who_waits_the_last_is_read_again(study, monkeypatch):
    asked = []
    monkeypatch.setattr(before, "_read_again", lambda _, row: asked.append(row["period"]) or 1.8)
    rows = [{"claim": before.RATIO, "period": f"until 2025-0{m}-01", "counted": "churn",
             "unit": "times", "observed_until": f"2025-0{m}-01T00:00:00+00:00", "estimate": 1.9,
             "low": 1.6, "high": 2.3} for m in (5, 6, 7)]  # fmt: skip
    (study.path / FILE).write_text(json.dumps({"said": rows}))
    assert "we said 1.9 (1.6 to 2.3); the same months now say 1.8" in said_before(study).said().text
    assert asked == ["until 2025-07-01"]


def test_what_cannot_be_read_again_counts_neither_way():
    record = said([(0.5, 0.4, 0.6, 0.5), (0.5, 0.4, 0.6, float("nan"))])
    assert record.said("held").numbers["n"] == 1
    assert said([(0.5, 0.4, 0.6, float("nan"))]).factor() == 1


def test_a_page_is_as_much_wider_and_says_so(study, monkeypatch):
    plain = compare(study, "2025Q1", "2025Q2")
    record = said([(0.5, 0.4, 0.6, 0.7)] * 20)
    monkeypatch.setattr("cxresearch.kpis.two_periods.said_before", lambda _: record)
    wide = compare(study, "2025Q1", "2025Q2")
    for one, other in ((plain.frame, wide.frame), (plain.causes, wide.causes)):
        share = one["unit"] == "%"
        width = (other["high"] - other["change"]) / (one["high"] - one["change"])
        assert width[~share].dropna().tolist() == pytest.approx([2] * width[~share].count())


def test_what_was_said_is_no_part_of_a_pages_hash_nor_of_what_is_compared(study):
    stamp = _stamp(study)
    change = compared(study, "2025Q1", "2025Q2")
    remember(study.with_settings(observed_until=THEN))
    assert _stamp(open_study(study.path)) == stamp
    again = compared(study, "2025Q1", "2025Q2")
    assert change.frame["low"].array is not None
    pd.testing.assert_frame_equal(change.frame, again.frame)


@pytest.mark.parametrize("text", ["[]", '{"said": 1}', '{"said": [{"claim": 1}]}', "{"])
def test_a_file_that_is_not_as_it_was_written_is_named(study, text):
    (study.path / FILE).write_text(text)
    with pytest.raises(InputError, match=r"said\.json cannot be used"):
        said_before(study)


def test_who_is_forgotten_leaves_what_was_said(study):
    remember(study)
    kept = (study.path / FILE).read_bytes()
    forget(study.path, "first0")
    assert (study.path / FILE).read_bytes() == kept


def test_a_folder_that_cannot_be_written_costs_no_report(study, monkeypatch, caplog):
    def refuse(_):
        raise PermissionError("read-only")

    monkeypatch.setattr(before, "replacing", refuse)
    with alone(study.path):
        assert remember(study) == 0
    assert "not kept" in caplog.text
