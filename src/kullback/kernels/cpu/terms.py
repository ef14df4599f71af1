"""What one outcome adds to a sum, in the type of its arguments; inlined into the loops, without branches.

Each is 0 where the probability is 0. The choices are between values that are both computed, so that loops vectorise.
"""

# pyright: reportUnknownLambdaType=false
# numba types what it compiles by itself

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types  # pyright: ignore[reportMissingTypeStubs]  # numba ships none
from numba.extending import overload  # pyright: ignore[reportMissingTypeStubs]  # numba ships none

from kullback.kernels.cpu.arithmetic import exp, log_p, nearest_power
from kullback.kernels.cpu.compiled import helper, inlined, term
from kullback.kernels.cpu.elements import load
from kullback.kernels.cpu.intrinsics import fma

BLOCK = 256
"""Terms that are summed in their own type before the sum goes to float64: float32 keeps seven digits."""

_F = np.float32


@helper
def sum_of_row(of: Any, x: Any) -> Any:
    """Σ_k of(x_k), of a row **(K,)**: blocks in the type of the terms, their sums in float64."""
    total = 0.0
    for start in range(0, len(x), BLOCK):
        s = zero(of(load(x[start])))
        for k in range(start, min(start + BLOCK, len(x))):
            s += of(load(x[k]))
        total += np.float64(s)
    return total


@helper
def sum_of_pair(of: Any, x: Any, y: Any) -> Any:
    """Σ_k of(x_k, y_k), of two rows **(K,)**: blocks in the type of the terms, their sums in float64."""
    total = 0.0
    for start in range(0, len(x), BLOCK):
        s = zero(load(x[start]))
        for k in range(start, min(start + BLOCK, len(x))):
            s += of(load(x[k]), load(y[k]))
        total += np.float64(s)
    return total


@inlined
def row(x: Any, i: int) -> Any:
    """Row i of **(N, K)**, or the one that stands for all."""
    return x[i if len(x) > 1 else 0]


def zero(x: Any) -> Any:
    """0 in the type of x. Only for compiled code."""
    return x * 0


@overload(zero, jit_options={"forceinline": True}, strict=False)
def _zero(x: Any) -> Any:
    if x == types.float32:
        return lambda x: _F(0.0)
    return (lambda x: 0.0) if x == types.float64 else None


def infinity(x: Any) -> Any:
    """An infinity of the type of x. Only for compiled code."""
    return x * np.inf


@overload(infinity, jit_options={"forceinline": True}, strict=False)
def _infinity(x: Any) -> Any:
    if x == types.float32:
        return lambda x: _F(np.inf)
    return (lambda x: np.inf) if x == types.float64 else None


@term
def wide(x: Any) -> Any:
    """Give x in float64."""
    return np.float64(x)


@term
def times_own_log(p: Any) -> Any:
    """Give p log p, 0 where p = 0."""
    return p * log_p(p)


@term
def times_log(p: Any, q: Any) -> Any:
    """Give p log q, 0 where p = 0 and −inf where p > 0 = q."""
    log_q = log_p(q) if q > zero(q) else -infinity(q)
    return p * log_q if p > zero(p) else zero(p)


@term
def times(p: Any, x: Any) -> Any:
    """Give p·x, 0 where p = 0."""
    return p * x if p > zero(p) else zero(p)


def divergence(p: Any, q: Any) -> Any:
    """p log(p/q) − p + q ≥ 0, q where p = 0, +inf where p > 0 = q. Only for compiled code.

    Let c = q/2ⁿ lie within 2/3 and 3/2 of p, and w = (c − p)/(c + p). As log(c/p) = 2 (w + w³/3 + w⁵/5 + …), it is
    q − c − n p log 2 + w (c − p) − 2 p (w³/3 + w⁵/5 + …). Where p and q are close, n = 0, c = q and nothing cancels.
    """
    return q - p - p * log_p(q / p)


def mean_divergence(p: Any, q: Any) -> Any:
    """½ p log(p/m) + ½ q log(q/m) ≥ 0, m = ½ (p + q). Only for compiled code.

    With x = (q − p)/(q + p) it is ½ m Σ_n x²ⁿ/(n (2n − 1)) near x = 0.
    """
    return 0.5 * (p * log_p(p) + q * log_p(q))


_ONE, _TWO, _HALF = _F(1.0), _F(2.0), _F(0.5)
_A = tuple(_F(2 / k) for k in range(3, 11, 2))
_UP32, _DOWN32, _HIGH32, _LOW32 = _F(2.0**64), _F(2.0**-64), _F(0.693359375), _F(-2.1219444e-4)
_B = tuple(2 / k for k in range(3, 25, 2))
_UP, _DOWN, _HIGH, _LOW = 2.0**512, 2.0**-512, 0.693147180369123816490, 1.90821492927058770002e-10


@inlined
def _divergence32(p: Any, q: Any) -> Any:
    a, b = p * _UP32, q * _UP32  # subnormal ones become normal
    n, c = nearest_power(a, b)
    gap = c - a
    w = gap / (c + a)
    s = w * w
    series = ((_A[3] * s + _A[2]) * s + _A[1]) * s + _A[0]
    m = n * a
    d = fma(m, -_HIGH32, b - c) + (w * (gap - a * s * series) - m * _LOW32)  # pyright: ignore[reportCallIssue]  # numba passes the first
    d = infinity(d) if (q <= zero(q)) & (p > zero(p)) else d * _DOWN32
    return q if p <= zero(p) else d


@inlined
def _divergence64(p: Any, q: Any) -> Any:
    a, b = p * _UP, q * _UP
    n, c = nearest_power(a, b)
    gap = c - a
    w = gap / (c + a)
    s = w * w
    series = ((((_B[10] * s + _B[9]) * s + _B[8]) * s + _B[7]) * s + _B[6]) * s + _B[5]
    series = ((((series * s + _B[4]) * s + _B[3]) * s + _B[2]) * s + _B[1]) * s + _B[0]
    m = n * a
    d = fma(m, -_HIGH, b - c) + (w * (gap - a * s * series) - m * _LOW)  # pyright: ignore[reportCallIssue]  # numba passes the first
    d = infinity(d) if (q <= zero(q)) & (p > zero(p)) else d * _DOWN
    return q if p <= zero(p) else d


_C = tuple(_F(1 / (n * (2 * n - 1))) for n in range(1, 11))


@inlined
def _mean_divergence32(p: Any, q: Any) -> Any:
    total = p + q
    some = total > _F(0.0)
    safe = total if some else _ONE
    x = (q - p) / safe
    s = x * x
    series = (((_C[9] * s + _C[8]) * s + _C[7]) * s + _C[6]) * s + _C[5]
    series = ((((series * s + _C[4]) * s + _C[3]) * s + _C[2]) * s + _C[1]) * s + _C[0]
    far = p * _log_or_0(_TWO * (p / safe)) + q * _log_or_0(_TWO * (q / safe))
    return _HALF * (_HALF * safe * s * series if s < _F(0.25) else far) if some else _F(0.0)


_D = tuple(1 / (n * (2 * n - 1)) for n in range(1, 14))


@inlined
def _mean_divergence64(p: Any, q: Any) -> Any:
    total = p + q
    some = total > 0.0
    safe = total if some else 1.0
    x = (q - p) / safe
    s = x * x
    series = ((((_D[12] * s + _D[11]) * s + _D[10]) * s + _D[9]) * s + _D[8]) * s + _D[7]
    series = ((((((series * s + _D[6]) * s + _D[5]) * s + _D[4]) * s + _D[3]) * s + _D[2]) * s + _D[1]) * s + _D[0]
    far = p * _log_or_0(2.0 * (p / safe)) + q * _log_or_0(2.0 * (q / safe))
    return 0.5 * (0.5 * safe * s * series if s < 0.0625 else far) if some else 0.0


@inlined
def _log_or_0(x: Any) -> Any:
    return log_p(x) if x > zero(x) else zero(x)


@overload(divergence, jit_options={"forceinline": True}, strict=False)
def _divergence(p: Any, q: Any) -> Any:
    if p == q == types.float32:
        return lambda p, q: _divergence32(p, q)
    return (lambda p, q: _divergence64(p, q)) if p == q == types.float64 else None


@overload(mean_divergence, jit_options={"forceinline": True}, strict=False)
def _mean_divergence(p: Any, q: Any) -> Any:
    if p == q == types.float32:
        return lambda p, q: _mean_divergence32(p, q)
    return (lambda p, q: _mean_divergence64(p, q)) if p == q == types.float64 else None


_E = tuple(1 / math.factorial(n) for n in range(2, 14))


@term
def divergence_of_logs(log_p: Any, log_q: Any) -> Any:
    """Give p (e^r − 1 − r), r = log q − log p, and q where p = 0; in float64 whatever comes in."""
    a, b = np.float64(log_p), np.float64(log_q)
    p, q = exp(a), exp(b)
    seen = p > 0.0
    r = (b - a) if seen else 0.0
    near = abs(r) < 0.3
    s = r if near else 0.0
    series = ((((_E[11] * s + _E[10]) * s + _E[9]) * s + _E[8]) * s + _E[7]) * s + _E[6]
    series = (((((series * s + _E[5]) * s + _E[4]) * s + _E[3]) * s + _E[2]) * s + _E[1]) * s + _E[0]
    term = p * (s * s * series) if near else q - p - p * r
    return term if seen else q
