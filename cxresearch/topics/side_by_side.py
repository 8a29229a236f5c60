"""Several pieces of work at once, each in one thread, so that no bit depends on how many there are.

How many threads share a product of matrices decides in which order it is summed.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_info, threadpool_limits

Item = TypeVar("Item")
Made = TypeVar("Made")


def side_by_side(work: Callable[[Item], Made], items: Iterable[Item]) -> list[Made]:
    """What work makes of each item, in order; as many at once as the libraries had threads."""
    threads = max((library["num_threads"] for library in threadpool_info()), default=1)
    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))
