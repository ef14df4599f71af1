"""H(P, Q) = −Σ p log q, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from kullback.kernels.cpu.compiled import kernel
from kullback.kernels.cpu.terms import row, sum_of_pair, times, times_log
from kullback.kernels.cpu.threads import Loop, over_rows


def cross_entropy(p: Any, q: Any, *also: Loop) -> Any:
    """H(P, Q) = −Σ_k p_k log q_k; +inf where p > 0 = q.

    Args:
        p: probabilities of the truth, **(N, K)** or **(1, K)**, C-contiguous.
        q: probabilities of the model, of the same type, **(N, K)** or **(1, K)**; one row stands for all.
        also: loops over the same rows, which are taken with them from the cache.

    Returns:
        Cross-entropies in nats, **(N,)**, float64.

    Example:
        >>> cross_entropy(np.asarray([[1.0, 0.0]]), np.asarray([[0.5, 0.5]]))
        array([0.69314718])
    """
    d = np.empty(max(len(p), len(q)))
    over_rows(len(d), 2 * p.shape[1], Loop(_cross_entropy, (p, q), (d,)), *also)
    return d


def cross_entropy_of_logs(p: Any, log_q: Any, *also: Loop) -> Any:
    """H(P, Q) = −Σ_k p_k log q_k, from the model's log-probabilities.

    Args:
        p: probabilities of the truth, **(N, K)** or **(1, K)**, C-contiguous.
        log_q: log-probabilities of the model, of the same type, **(N, K)** or **(1, K)**; one row stands for all.
        also: loops over the same rows, which are taken with them from the cache.

    Returns:
        Cross-entropies in nats, **(N,)**, float64.
    """
    d = np.empty(max(len(p), len(log_q)))
    over_rows(len(d), 2 * p.shape[1], Loop(_cross_entropy_of_logs, (p, log_q), (d,)), *also)
    return d


@kernel
def _cross_entropy(p: Any, q: Any, d: Any, begin: int, end: int) -> None:
    for i in range(begin, end):
        d[i] = 0.0 - sum_of_pair(times_log, row(p, i), row(q, i))


@kernel
def _cross_entropy_of_logs(p: Any, log_q: Any, d: Any, begin: int, end: int) -> None:
    for i in range(begin, end):
        d[i] = 0.0 - sum_of_pair(times, row(p, i), row(log_q, i))
