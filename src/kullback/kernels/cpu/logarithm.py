"""Rows of probabilities and of logits: whether they are what they say, and the log-softmax of logits."""

from __future__ import annotations

from typing import Any

import numpy as np

from kullback.kernels.cpu.arithmetic import exp
from kullback.kernels.cpu.compiled import kernel
from kullback.kernels.cpu.elements import load
from kullback.kernels.cpu.terms import smallest, sum_of_row, wide
from kullback.kernels.cpu.threads import over_rows


def sums(p: Any) -> Any:
    """Σ_k p_k, nan where a number is negative or nan.

    Args:
        p: numbers, **(N, K)**, C-contiguous.

    Returns:
        The sums, **(N,)**, in float64.

    Example:
        >>> sums(np.asarray([[0.5, 0.5], [1.5, -0.5]]))
        array([ 1., nan])
    """
    totals = np.empty(len(p))
    over_rows(_sums, *p.shape, (p,), (totals,))
    return totals


def log_softmax(x: Any) -> Any:
    """log softmax(x) = x − max x − log Σ exp(x − max x).

    Args:
        x: logits, **(N, K)**, C-contiguous; −inf is an outcome of probability zero.

    Returns:
        Log-probabilities, **(N, K)**, in float64; rows with a nan, with +inf or with −inf alone begin with nan.

    Example:
        >>> np.exp(log_softmax(np.asarray([[0.0, 0.0]])))
        array([[0.5, 0.5]])
    """
    log_p = np.empty(x.shape)
    over_rows(_log_softmax, *x.shape, (x,), (log_p,))
    return log_p


@kernel
def _sums(p: Any, totals: Any, begin: int, end: int) -> None:
    for i in range(begin, end):
        totals[i] = sum_of_row(wide, p[i]) if smallest(p[i]) >= 0 else np.nan


@kernel
def _log_softmax(x: Any, log_p: Any, begin: int, end: int) -> None:
    K = x.shape[1]
    for i in range(begin, end):
        most, odd = -np.inf, 0
        for k in range(K):
            y = np.float64(load(x[i, k]))
            most = y if y > most else most
            odd += 0 if y < np.inf else 1
        total = 0.0
        for k in range(K):
            shifted = np.float64(load(x[i, k])) - most
            log_p[i, k] = shifted
            total += exp(shifted)
        rest = np.log(total)
        for k in range(K):  # from memory: x − (max x + rest), which would be allowed, loses digits of large logits
            log_p[i, k] -= rest
        if odd or most == -np.inf:
            log_p[i, 0] = np.nan
