"""Rows of probabilities and of logits: whether they are what they say, and the log-softmax of logits."""

from __future__ import annotations

from typing import Any

import numpy as np

from kullback.kernels.cpu.arithmetic import exp
from kullback.kernels.cpu.compiled import helper, kernel
from kullback.kernels.cpu.elements import bits, load
from kullback.kernels.cpu.terms import sum_of_row, wide
from kullback.kernels.cpu.threads import Loop, over_rows


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
    loop, totals = summing(p)
    over_rows(*p.shape, loop)
    return totals


def summing(p: Any) -> tuple[Loop, Any]:
    """The loop behind `sums`, not yet run, and where it puts the sums, **(N,)**."""
    totals = np.empty(len(p))
    return Loop(_sums, (p,), (totals,)), totals


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
    over_rows(*x.shape, Loop(_log_softmax, (x,), (log_p,)))
    return log_p


@helper
def _signs(x: Any) -> Any:
    """All bits of a row **(K,)** together, below 0 if a number has a sign: sooner found than a minimum is."""
    signs = bits(x[0])
    for k in range(len(x)):
        signs |= bits(x[k])
    return signs


@helper
def _is_negative(x: Any) -> Any:
    """Tell whether a number of a row is below 0, which −0 is not."""
    for k in range(len(x)):  # noqa: SIM110 (any() is slower here)
        if load(x[k]) < 0:
            return True
    return False


@kernel
def _sums(p: Any, totals: Any, begin: int, end: int) -> None:
    for i in range(begin, end):
        negative = _signs(p[i]) < 0 and _is_negative(p[i])
        totals[i] = np.nan if negative else sum_of_row(wide, p[i])


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
