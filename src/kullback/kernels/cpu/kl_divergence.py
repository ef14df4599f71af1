"""KL(P‖Q) as a sum of terms that are never negative, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from kullback.kernels.cpu.compiled import kernel
from kullback.kernels.cpu.terms import divergence, divergence_of_logs, row, sum_of_pair
from kullback.kernels.cpu.threads import Loop, over_rows


def kl_divergence(p: Any, q: Any, *also: Loop) -> Any:
    """KL(P‖Q) = Σ_k p_k (e^r_k − 1 − r_k) + Σ_{p_k = 0} q_k, r = log(q/p); +inf where p > 0 = q.

    Args:
        p: probabilities of the truth, **(N, K)** or **(1, K)**, C-contiguous.
        q: probabilities of the model, of the same type, **(N, K)** or **(1, K)**; one row stands for all.
        also: loops over the same rows, which are taken with them from the cache.

    Returns:
        Divergences in nats, **(N,)**, float64, never negative.

    Example:
        >>> kl_divergence(np.asarray([[1.0, 0.0]]), np.asarray([[0.5, 0.5]]))
        array([0.69314718])
    """
    d = np.empty(max(len(p), len(q)))
    over_rows(len(d), 2 * p.shape[1], Loop(_kl_divergence, (p, q), (d,)), *also)
    return d


def kl_divergence_of_logs(log_p: Any, log_q: Any) -> Any:
    """KL(P‖Q), from log-probabilities.

    Args:
        log_p: log-probabilities of the truth, **(N, K)** or **(1, K)**, C-contiguous.
        log_q: log-probabilities of the model, of the same type, **(N, K)** or **(1, K)**; one row stands for all.

    Returns:
        Divergences in nats, **(N,)**, float64, never negative.
    """
    d = np.empty(max(len(log_p), len(log_q)))
    over_rows(len(d), 2 * log_p.shape[1], Loop(_kl_divergence_of_logs, (log_p, log_q), (d,)))
    return d


@kernel
def _kl_divergence(p: Any, q: Any, d: Any, begin: int, end: int) -> None:
    for i in range(begin, end):
        d[i] = sum_of_pair(divergence, row(p, i), row(q, i))


@kernel
def _kl_divergence_of_logs(log_p: Any, log_q: Any, d: Any, begin: int, end: int) -> None:
    for i in range(begin, end):
        d[i] = sum_of_pair(divergence_of_logs, row(log_p, i), row(log_q, i))
