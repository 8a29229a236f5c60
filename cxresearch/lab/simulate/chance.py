"""Chance: one stream of random numbers a room, times in whole seconds."""

import zlib

import numpy as np

# When customers write: weight of each day (Monday first) and of each hour of the day, UTC.
BY_WEEKDAY = np.array([1.25, 1.15, 1.1, 1.1, 1.0, 0.35, 0.3])
BY_HOUR = np.array(
    [1, 1, 1, 1, 2, 4, 9, 16, 22, 24, 23, 20, 17, 19, 21, 20, 17, 13, 9, 7, 5, 4, 3, 2], dtype=float
)


def stream(seed: int, room: str) -> np.random.Generator:
    """A room's own random numbers: what one room draws does not move another's."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(room.encode())]))


def pick(rng: np.random.Generator, weights, size: int) -> np.ndarray:
    """Random places 0, 1, … with these weights."""
    edges = np.cumsum(weights) / np.sum(weights)
    return np.minimum(np.searchsorted(edges, rng.random(size), side="right"), len(edges) - 1)


def log_normal(rng: np.random.Generator, median, sigma: float) -> np.ndarray:
    """Positive random numbers with this median; as many as there are medians."""
    median = np.asarray(median, dtype=float)
    return median * np.exp(sigma * rng.standard_normal(median.shape))


def second_of_day(rng: np.random.Generator, size: int) -> np.ndarray:
    """Seconds after midnight UTC at which customers are awake and write."""
    return pick(rng, BY_HOUR, size) * 3600 + rng.integers(0, 3600, size)
