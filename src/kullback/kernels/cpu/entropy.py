"""H(P) = −Σ p log p, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from kullback.kernels.cpu.arithmetic import kernel, load
from kullback.kernels.cpu.terms import BLOCK, power, times, times_own_log, zero
from kullback.kernels.cpu.threads import over_rows


def entropy(p: Any) -> Any:
    """H(P) = −Σ_k p_k log p_k.

    Args:
        p: probabilities, **(N, K)**, C-contiguous.

    Returns:
        Entropies in nats, **(N,)**, float64.

    Example:
        >>> entropy(np.asarray([[0.5, 0.5, 0.0]]))
        array([0.69314718])
    """
    h = np.empty(len(p))
    over_rows(_entropy, *p.shape, p, h)
    return h


def entropy_of_logs(log_p: Any) -> Any:
    """H(P) = −Σ_k p_k log p_k, from log-probabilities.

    Args:
        log_p: log-probabilities, **(N, K)**, C-contiguous.

    Returns:
        Entropies in nats, **(N,)**, float64.
    """
    h = np.empty(len(log_p))
    over_rows(_entropy_of_logs, *log_p.shape, log_p, h)
    return h


@kernel
def _entropy(p: Any, h: Any, begin: int, end: int) -> None:
    K = p.shape[1]
    for i in range(begin, end):
        total = 0.0
        for start in range(0, K, BLOCK):
            s = zero(load(p[i, start]))
            for k in range(start, min(start + BLOCK, K)):
                x = load(p[i, k])
                s += times_own_log(x)
            total += np.float64(s)
        h[i] = 0.0 - total


@kernel
def _entropy_of_logs(log_p: Any, h: Any, begin: int, end: int) -> None:
    K = log_p.shape[1]
    for i in range(begin, end):
        total = 0.0
        for start in range(0, K, BLOCK):
            s = zero(load(log_p[i, start]))
            for k in range(start, min(start + BLOCK, K)):
                x = load(log_p[i, k])
                s += times(power(x), x)
            total += np.float64(s)
        h[i] = 0.0 - total
