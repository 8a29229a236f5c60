"""One small world with text and one larger without, made once for all tests."""

import pytest

from cxresearch.lab.simulate import simulate_world


@pytest.fixture(scope="session")
def small():
    """Tables and truth of 400 customers, with text."""
    return simulate_world(400, seed=3)


@pytest.fixture(scope="session")
def demo():
    """Tables and truth of the demo's size and seed."""
    return simulate_world(4000, seed=7)


@pytest.fixture(scope="session")
def mute():
    """Tables and truth of 3,000 customers without text."""
    return simulate_world(3000, seed=1, text=False)
