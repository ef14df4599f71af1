"""Loops over rows in several threads of Python's own: compiled code lets go of the interpreter's lock.

numba's parallel loops are not used: after one of them a forked process is killed by OpenMP, or two threads that call
at once abort. Here a fork begins with no threads and makes its own, and calls from several threads share the pool.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

PIECE = 1 << 17
"""Elements that a thread takes at a time: some fifty microseconds, beside which being asked costs little."""

_POOLS: dict[int, ThreadPoolExecutor] = {}


def count() -> int:
    """Give the number of threads: torch's where torch is at hand, else that of the cores this process may use."""
    torch = sys.modules.get("torch")
    return torch.get_num_threads() if torch is not None else os.cpu_count() or 1


class Loop(NamedTuple):
    """A compiled loop and its arrays.

    Attributes:
        compiled: compiled(*given, *made, begin, end) takes rows begin … end − 1, without the interpreter's lock.
        given: arrays that it reads, and numbers. Arrays are made read-only and put in memory order, so that a loop is
            compiled once for all that may come.
        made: arrays that it writes, C-contiguous.
    """

    compiled: Callable[..., None]
    given: tuple[Any, ...] = ()
    made: tuple[Any, ...] = ()


def over_rows(n: int, width: int, *loops: Loop) -> None:
    """Take loops over the rows 0 … n − 1 in pieces: each piece one loop after the other, while it is in the cache.

    What a row gives must depend on that row alone; then nothing depends on the number of threads.

    Args:
        n: rows.
        width: elements of a row, all arrays together.
        loops: what is to be done.

    Example:
        >>> seen = []
        >>> over_rows(10, 4, Loop(lambda begin, end: seen.append((begin, end))))
        >>> seen
        [(0, 10)]
    """
    rows = max(PIECE // max(width, 1), 1)
    pieces = -(-n // rows)
    calls = [(loop.compiled, (*map(_to_read, loop.given), *loop.made)) for loop in loops]
    following = itertools.count()

    def work() -> None:
        while (begin := next(following) * rows) < n:
            for compiled, arguments in calls:
                compiled(*arguments, begin, min(begin + rows, n))

    others = (
        [_pool(threads - 1).submit(work) for _ in range(threads - 1)] if (threads := min(count(), pieces)) > 1 else []
    )
    work()
    for other in others:
        other.result()


def _to_read(x: Any) -> Any:
    """A view of an array, in memory order, that cannot be written to."""
    if not isinstance(x, np.ndarray):
        return x
    x = np.ascontiguousarray(x).view()
    x.flags.writeable = False
    return x


def _pool(threads: int) -> ThreadPoolExecutor:
    """The pool of this process with so many threads."""
    if not _POOLS:
        os.register_at_fork(after_in_child=_POOLS.clear)
    if threads not in _POOLS:
        _POOLS[threads] = ThreadPoolExecutor(threads, thread_name_prefix="kullback")
    return _POOLS[threads]
