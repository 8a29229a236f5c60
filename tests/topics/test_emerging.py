"""Which topics surge, by simulation: few false flags, short delays, onsets where they were."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.study.schema import InputError
from cxresearch.topics.emerging import WEEK, emerging, surges, thinner

START = pd.Timestamp("2023-01-02", tz="UTC")
TOPICS, WEEKS, LENGTH, SURGING = 12, 104, 8, 4


def tickets(counts: np.ndarray) -> tuple[pd.Series, np.ndarray]:
    """Times, an hour apart from each week's beginning on, and topics of weeks × topics counts."""
    week, topic = np.nonzero(counts)
    week, topic = (np.repeat(each, counts[week, topic]) for each in (week, topic))
    hour = pd.Series(week).groupby(week).cumcount() % 168
    return pd.Series(START + pd.to_timedelta(168 * week + hour.to_numpy(), unit="h")), topic


def rows_of(counts: np.ndarray, **more) -> pd.DataFrame:
    until = START + len(counts) * WEEK
    return emerging(*tickets(counts), **{"since": START, "until": until, **more})


def world(seed: int, surging: int = 0, weeks: int = WEEKS) -> tuple[np.ndarray, np.ndarray]:
    """Over-dispersed counts (mean 4 to 40, dispersion 0.1), and where some are tripled."""
    rng = np.random.default_rng(seed)
    mean = np.tile(np.exp(rng.uniform(np.log(4), np.log(40), TOPICS)), (weeks, 1))
    surge = np.zeros((weeks, TOPICS), dtype=bool)
    for topic in range(surging):
        onset = rng.integers(40, weeks - LENGTH)
        surge[onset : onset + LENGTH, topic] = True
    mean = np.where(surge, 3 * mean, mean)
    return rng.negative_binomial(10, 10 / (10 + mean)), surge


@pytest.fixture(scope="module")
def surging():
    """Ten worlds with four surges each: rows with the truth beside them, and the surges found."""
    rows, found = [], []
    for seed in range(10):
        counts, truth = world(seed, SURGING)
        each = rows_of(counts)
        rows.append(each.assign(seed=seed, truth=truth.T.ravel()))
        found.append(surges(each).assign(seed=seed))
    return pd.concat(rows, ignore_index=True), pd.concat(found, ignore_index=True)


@pytest.mark.parametrize("weeks", [40, WEEKS, 208])
def test_of_weeks_without_a_surge_no_more_are_flagged_than_the_stated_rate(weeks):
    null = pd.concat(rows_of(world(seed, weeks=weeks)[0], rate=0.05) for seed in range(8))
    assert null["p"].notna().mean() > 0.5
    assert null["flagged"].sum() / null["p"].notna().sum() <= 0.05
    assert (null["p"] <= 0.05).sum() / null["p"].notna().sum() <= 0.05


def test_among_flagged_weeks_at_most_the_stated_rate_is_false(surging):
    rows, _ = surging
    false = (~rows.loc[rows["flagged"], "truth"]).groupby(rows["seed"]).mean()
    assert len(false) == 10
    assert false.mean() <= 0.05


def test_half_of_the_tripled_topics_are_seen_within_two_weeks(surging):
    rows, _ = surging
    began = rows[rows["truth"]].groupby(["seed", "topic"])["week"].min()
    seen = rows[rows["truth"] & rows["flagged"]].groupby(["seed", "topic"])["week"].min() + WEEK
    delay = (seen.reindex(began.index) - began).fillna(99 * WEEK)
    assert len(delay) == 10 * SURGING
    assert delay.median() <= 2 * WEEK


def test_the_onset_lies_in_its_interval_and_the_ratio_near_three(surging):
    rows, found = surging
    began = rows[rows["truth"]].groupby(["seed", "topic"])["week"].min().rename("began")
    both = found.merge(began.reset_index(), on=["seed", "topic"])
    both = both[(both["began"] <= both["last"]) & (both["last"] < both["began"] + LENGTH * WEEK)]
    assert ((both["low"] <= both["began"]) & (both["began"] <= both["high"])).mean() >= 0.9
    # less than 95%, because weeks are flagged for being high
    assert ((both["ratio_low"] <= 3) & (3 <= both["ratio_high"])).mean() >= 0.8
    assert both["ratio"].median() == pytest.approx(3, rel=0.15)


@pytest.fixture
def steady() -> np.ndarray:
    """Sixty weeks of ten tickets, give or take three, in two topics."""
    return np.tile([[10, 7], [7, 10], [13, 10], [10, 13]], (15, 1))


def test_a_jump_from_ten_to_forty_begins_where_it_begins(steady):
    steady[50:54, 1] = 40
    found = surges(rows_of(steady)).iloc[0]
    assert found["topic"] == 1
    assert found["low"] <= found["onset"] == START + 50 * WEEK <= found["high"]
    assert found["last"] == START + 53 * WEEK
    assert found["ratio"] == pytest.approx(4, rel=0.05)
    assert not found["ongoing"]


def test_a_week_that_is_not_over_is_never_flagged(steady):
    steady[-1, 0] = 400
    over, before = (
        rows_of(steady, until=START + 60 * WEEK - late) for late in (0 * WEEK, WEEK / 7)
    )
    assert over["flagged"].sum() == 1
    assert surges(over)["ongoing"].tolist() == [True]
    assert not before["flagged"].any()
    assert before.groupby("topic").tail(1)["p"].isna().all()


def test_what_comes_later_does_not_change_what_was_expected(steady):
    short = rows_of(steady[:50])
    steady[55:, 0] = 60
    both = short.merge(rows_of(steady), on=["topic", "week"], suffixes=("", "_later"))
    assert both["expected"].dropna().tolist() == pytest.approx(
        both["expected_later"].dropna().tolist()
    )


def test_a_surge_is_not_its_own_history_but_a_lasting_level_becomes_it(steady):
    steady = np.tile(steady, (2, 1))
    steady[50:, 0] *= 4
    rows = rows_of(steady).query("topic == 0").set_index("week")
    assert rows["flagged"].iloc[50:60].all()
    assert rows["expected"].iloc[60] == pytest.approx(10, rel=0.1)
    assert not rows["flagged"].iloc[-20:].any()
    assert rows["expected"].iloc[-1] == pytest.approx(40, rel=0.1)


def test_a_topic_that_was_never_there_is_seen_when_it_comes(steady):
    steady[:50, 1] = 0
    rows = rows_of(steady).query("topic == 1 and flagged")
    assert rows["week"].min() == START + 50 * WEEK


def test_a_small_topic_is_seen_by_weeks_together_that_tell_little_each(steady):
    small = np.c_[steady, np.tile([2, 1, 3, 2], 15)]
    small[50:54, 2] = 7
    rows = rows_of(small).query("topic == 2 and flagged")
    assert rows["week"].tolist() == [START + week * WEEK for week in (51, 52, 53)]


def seasonal(years: int) -> np.ndarray:
    """Topic 0 is tripled in the last six weeks of every year."""
    counts = np.tile([[10, 7], [7, 10], [13, 10], [10, 13]], (13 * years, 1))
    counts[np.arange(len(counts)) % 52 >= 46, 0] *= 3
    return counts


def test_the_time_of_the_year_is_known_in_the_fourth_year_and_said_unknown_before():
    rows = rows_of(seasonal(4)).query("topic == 0")
    year = (rows["week"] - START) // (52 * WEEK)
    assert rows["flagged"].groupby(year).any().tolist() == [True, True, True, False]
    assert rows["seasonal"][year == 3].iloc[-6:].all()
    assert not rows_of(seasonal(2))["seasonal"].any()


def test_a_surge_on_top_of_the_season_is_seen():
    counts = seasonal(4)
    counts[-3:, 0] *= 3
    rows = rows_of(counts).query("topic == 0 and flagged")
    assert rows["week"].max() == START + 207 * WEEK
    assert rows["seasonal"].iloc[-1]


@pytest.mark.parametrize(("seed", "left"), [(60, 0), (171, 1), (357, 0)])
def test_a_surge_whose_ratio_may_be_one_is_none(seed, left):
    rng = np.random.default_rng(
        seed
    )  # counts so uneven that a week ten times the usual says little
    topics, size, mean = rng.integers(1, 4), rng.choice([0.3, 1, 3]), rng.choice([0.3, 1, 3, 10])
    rows = rows_of(rng.negative_binomial(size, size / (size + mean), (60, topics)))
    found = surges(rows)
    assert len(found) == left
    assert (found["ratio_low"] > 1).all()
    assert rows.loc[rows["flagged"], "onset"].notna().all()


def thin(counts: np.ndarray) -> pd.Series:
    """The chance of so few tickets in each of the weeks, or fewer, after the first sixteen."""
    times, _ = tickets(counts[:, None])
    return thinner(times, since=START, until=START + len(counts) * WEEK)["p"].iloc[16:]


def test_an_import_that_ends_before_the_study_does_is_thin():
    counts = np.tile([20, 17, 23, 20], 15)
    assert thin(counts).min() > 0.05
    counts[-1] = 0
    assert thin(counts).iloc[-1] < 1e-4
    assert thin(counts).iloc[:-1].min() > 0.05


def test_a_few_tickets_less_are_no_thin_import_but_weeks_of_half_are():
    counts = np.tile([20, 17, 23, 20], 15)
    counts[-1] = 13
    assert thin(counts).iloc[-1] > 0.01
    counts[-4:] = 11
    assert thin(counts).iloc[-1] < 1e-3


def test_of_usual_weeks_few_are_thin():
    rng = np.random.default_rng(1)
    p = pd.concat([thin(rng.negative_binomial(10, 10 / 40, WEEKS)) for _ in range(10)])
    assert (p <= 0.05).mean() <= 0.05
    assert (p <= 0.001).mean() <= 0.003


def test_no_topic_and_no_ticket_give_no_row():
    times = pd.Series(pd.date_range("2024-01-01", periods=3, tz="UTC"))
    for none in (emerging(times, [-1, -2, -1]), emerging(times[:0], [])):
        assert none.empty
        assert surges(none).empty


def test_times_and_labels_must_be_as_many():
    with pytest.raises(InputError, match="2 times but 1 labels"):
        emerging(pd.Series(pd.date_range("2024-01-01", periods=2, tz="UTC")), [0])


def test_weeks_count_from_monday_and_the_first_partial_week_is_left_out():
    times = pd.Series(pd.to_datetime(["2024-01-03", "2024-01-08", "2024-01-14"], utc=True))
    rows = emerging(times, [0, 0, 0], until=pd.Timestamp("2024-01-15", tz="UTC"))
    assert rows["week"].tolist() == [pd.Timestamp("2024-01-08", tz="UTC")]
    assert rows["count"].tolist() == [2]
