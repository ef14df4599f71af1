"""H(P) = −Σ p log p, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from kullback.kernels.cpu.arithmetic import exp
from kullback.kernels.cpu.compiled import kernel, term
from kullback.kernels.cpu.terms import sum_of_row, times, times_own_log
from kullback.kernels.cpu.threads import Loop, over_rows


def entropy(p: Any, *also: Loop) -> Any:
    """H(P) = −Σ_k p_k log p_k.

    Args:
        p: probabilities, **(N, K)**, C-contiguous.
        also: loops over the same rows, which are taken with them from the cache.

    Returns:
        Entropies in nats, **(N,)**, float64.

    Example:
        >>> entropy(np.asarray([[0.5, 0.5, 0.0]]))
        array([0.69314718])
    """
    h = np.empty(len(p))
    over_rows(*p.shape, Loop(_entropy, (p,), (h,)), *also)
    return h


def entropy_of_logs(log_p: Any) -> Any:
    """H(P) = −Σ_k p_k log p_k, from log-probabilities.

    Args:
        log_p: log-probabilities, **(N, K)**, C-contiguous.

    Returns:
        Entropies in nats, **(N,)**, float64.
    """
    h = np.empty(len(log_p))
    over_rows(*log_p.shape, Loop(_entropy_of_logs, (log_p,), (h,)))
    return h


@term
def _times_own_power(x: Any) -> Any:
    return times(exp(x), x)


@kernel
def _entropy(p: Any, h: Any, begin: int, end: int) -> None:
    for i in range(begin, end):
        h[i] = 0.0 - sum_of_row(times_own_log, p[i])


@kernel
def _entropy_of_logs(log_p: Any, h: Any, begin: int, end: int) -> None:
    for i in range(begin, end):
        h[i] = 0.0 - sum_of_row(_times_own_power, log_p[i])
