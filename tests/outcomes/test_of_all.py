"""Where a sample stands for all, the headline's comparison on the cells of all customers."""

import numpy as np
import pytest

from cxresearch.outcomes.of_all import cells_of, ratios_of_all
from cxresearch.study.study import Study, open_study
from cxresearch.study.whole_customers import draw


@pytest.fixture(scope="module")
def sample() -> Study:
    return draw(open_study("data/demo").with_settings(sample_tickets=4000), None, True)


def test_a_whole_study_has_no_such_rows():
    assert ratios_of_all(open_study("data/demo")) == {}


def test_all_customers_tell_more_than_the_sample(sample):
    rows = ratios_of_all(sample)
    width = {of: np.log(row["high"] / row["low"]) for of, row in rows.items()}
    assert width["all in cells"] < 0.7 * width["sample in cells"]
    assert cells_of(sample, "all")["events"].sum() == 1122  # as build_episodes of the whole demo


def test_cells_that_count_otherwise_than_the_sample_are_not_shown(sample):
    """Without causes nobody knows who asks to leave, so other issues count."""
    lacks = draw(open_study("data/demo").with_settings(sample_tickets=4000), None, True)
    del lacks.sample.engine.tables["ticket_causes"]
    lacks.put("ticket_causes", sample.ticket_causes)
    assert ratios_of_all(lacks) == {}
