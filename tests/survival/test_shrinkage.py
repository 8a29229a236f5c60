"""How much wider intervals of shrunken estimates must be, against its definition."""

import numpy as np
import pytest
from scipy.stats import norm

from cxresearch.survival.shrinkage import widening


@pytest.mark.parametrize(("bias", "variance"), [(0.0, 1.0), (0.0, 3.0), (0.0, 0.0)])
def test_without_bias_nothing_is_wider(bias, variance):
    assert widening(np.array([bias]), np.array([variance])) == 1


@pytest.mark.parametrize("level", [0.95, 0.8])
@pytest.mark.parametrize("bias", [0.05, 0.3, 1.0, 4.0])
def test_no_two_biases_of_that_mean_square_miss_more_often_than_stated(bias, level):
    """Errors are 1; a share of the estimates has one bias and the others none, or two biases."""
    wider = widening(np.array([bias]), np.array([1 + bias]), level)[0]
    reach = norm.ppf(0.5 + level / 2) * np.sqrt(1 + bias) * wider

    def missed(size):
        return norm.cdf(-reach - size) + norm.sf(reach - size)

    worst = 0.0
    for small in np.sqrt(bias * np.linspace(0, 1, 21)):
        for large in np.sqrt(bias * np.geomspace(1.001, 1e4, 400)):
            share = (bias - small**2) / (large**2 - small**2)
            worst = max(worst, share * missed(large) + (1 - share) * missed(small))
    assert 0.99 < worst / (1 - level) < 1.002


def test_the_more_is_bias_the_wider():
    bias = np.array([0.0, 0.1, 0.5, 1.0, 5.0])
    wider = widening(bias, 1 + bias)
    assert (np.diff(wider) > 0).all()
    assert wider[1] < 1.01  # where hardly anything is shrunk, hardly anything changes
