"""What the loops over rows of logits share: the largest of a block, the log-sum-exp, and series for small arguments."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types  # pyright: ignore[reportMissingTypeStubs]  # numba ships none
from numba.extending import overload  # pyright: ignore[reportMissingTypeStubs]  # numba ships none

from kullback.kernels.cpu.arithmetic import exp, exp2
from kullback.kernels.cpu.compiled import helper, inlined
from kullback.kernels.cpu.elements import like, load
from kullback.kernels.cpu.intrinsics import larger

BLOCK = 1024
"""Elements that stay in the first cache, and that are summed in float32 before the sum goes to float64."""

_F = np.float32


def kind_of(*arrays: np.ndarray) -> np.ndarray:
    """Give an empty-handed array whose type is the one that a loop over these arrays computes in."""
    return np.zeros(1, np.float64 if any(x.dtype == np.float64 for x in arrays) else np.float32)


def scale_of(kind: np.ndarray, temperature: float) -> np.ndarray:
    """Give 1 / temperature as an array **(1,)** of the type of `kind`."""
    return np.full_like(kind, 1.0 / temperature)


@helper
def maximum(block: Any, least: Any) -> Any:
    """Largest element of a block, and `least` of nothing; nan if one is."""
    top = least
    for j in range(len(block)):
        top = larger(top, load(block[j]))  # pyright: ignore[reportCallIssue]  # numba passes the first
    return top


_LOG2E = 1.4426950408889634


@helper
def log_sum_exp(row: Any, scale: Any, buffer: Any) -> Any:
    """(m, log s) with log Σ exp(scale · row) = scale · m + log s, m the largest; `buffer` **(BLOCK,)** is used up."""
    top, log_s = exponentials(row, scale, buffer, buffer[:0])
    return top, like(scale, log_s)


@helper
def _block(block: Any, shift: Any, k: Any, out: Any, following: Any) -> Any:
    """Write 2^(k (x − shift)); their sum, and the largest element of the following block, which is as long."""
    total, top = like(k, 0.0), like(k, -np.inf)
    for j in range(len(block)):
        e = exp2((load(block[j]) - shift) * k)
        out[j] = e
        total += e
        top = larger(top, load(following[j]))  # pyright: ignore[reportCallIssue]  # numba passes the first
    return total, top


@helper
def exponentials(row: Any, scale: Any, buffer: Any, origins: Any) -> Any:
    """(m, log s) with log Σ exp(scale · row) = scale · m + log s, m the largest; one read of the row.

    If there is a place in `origins` for every block, `buffer` **(K,)** keeps exp(scale · (row − origin)), the origin of
    a block being the largest element up to there; without, `buffer` **(BLOCK,)** is used over and over. While the
    exponentials of a block are taken, the next one is fetched: its maximum is sought in the same loop.
    """
    least, zero = like(scale, -np.inf), like(scale, 0.0)
    top, s, at = least, 0.0, 0
    b = maximum(row[:BLOCK], least)
    k = like(scale, np.float64(scale) * _LOG2E)
    for begin in range(0, len(row), BLOCK):
        if b > top:
            s = s * math.exp((np.float64(top) - np.float64(b)) * np.float64(scale))
            top = b
        shift = top if top > least else zero  # −inf − −inf would be nan
        if len(origins):
            origins[begin // BLOCK], at = shift, begin
        block, following = row[begin : begin + BLOCK], row[begin + BLOCK : begin + 2 * BLOCK]
        alike = len(following) == len(block)
        a, c = _block(block, shift, k, buffer[at : at + len(block)], following if alike else block)
        s, b = s + np.float64(a), c if alike else maximum(following, least)
    return top, math.log(s)


def excess(r: Any) -> Any:
    """e^r − 1 − r for |r| ≤ ½, by Taylor's series. Only for compiled code."""
    return math.expm1(r) - r


def log1p(u: Any) -> Any:
    """log(1 + u) for |u| ≤ ¼, by the series of artanh. Only for compiled code."""
    return math.log1p(u)


_C32 = tuple(_F(1.0 / math.factorial(i)) for i in range(10))
_C = tuple(1.0 / math.factorial(i) for i in range(16))
_TWO, _R3, _R5, _R7, _R9 = _F(2.0), _F(1 / 3), _F(1 / 5), _F(1 / 7), _F(1 / 9)


@inlined
def _excess32(r: Any) -> Any:
    y = ((((((_C32[9] * r + _C32[8]) * r + _C32[7]) * r + _C32[6]) * r + _C32[5]) * r + _C32[4]) * r + _C32[3]) * r
    return r * r * (y + _C32[2])


@inlined
def _excess64(r: Any) -> Any:
    y = ((((((_C[15] * r + _C[14]) * r + _C[13]) * r + _C[12]) * r + _C[11]) * r + _C[10]) * r + _C[9]) * r + _C[8]
    y = (((((y * r + _C[7]) * r + _C[6]) * r + _C[5]) * r + _C[4]) * r + _C[3]) * r + _C[2]
    return r * r * y


@inlined
def _log1p32(u: Any) -> Any:
    w = u / (_TWO + u)
    s = w * w
    return _TWO * (w + w * s * (_R3 + s * (_R5 + s * (_R7 + s * _R9))))


@inlined
def _log1p64(u: Any) -> Any:
    w = u / (2.0 + u)
    s = w * w
    y = 1 / 3 + s * (
        1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s * (1 / 13 + s * (1 / 15 + s * (1 / 17 + s / 19))))))
    )
    return 2.0 * (w + w * s * y)


@overload(excess, jit_options={"forceinline": True}, strict=False)
def _excess(r: Any) -> Any:
    if r == types.float32:
        return lambda r: _excess32(r)  # pyright: ignore[reportUnknownLambdaType]  # numba is untyped
    return (lambda r: _excess64(r)) if r == types.float64 else None  # pyright: ignore[reportUnknownLambdaType]  # numba is untyped


@overload(log1p, jit_options={"forceinline": True}, strict=False)
def _log1p(u: Any) -> Any:
    if u == types.float32:
        return lambda u: _log1p32(u)  # pyright: ignore[reportUnknownLambdaType]  # numba is untyped
    return (lambda u: _log1p64(u)) if u == types.float64 else None  # pyright: ignore[reportUnknownLambdaType]  # numba is untyped


@helper
def kl_row(  # noqa: PLR0917 (compiled loops take arrays one by one)
    p_row: Any, q_row: Any, scale: Any, p_shift: Any, p_log: Any, q_shift: Any, q_log: Any, g: Any, out: Any
) -> Any:
    """KL(P‖Q) of a row, p = exp(scale · (p_row − p_shift) − p_log), q alike; and its gradient by q_row.

    Sums p·(e^r − 1 − r), r = log(q/p), which are never negative, and q where p is 0. The gradient scale · (q − p) is
    written to g **(K,)** in the type of its elements unless `out` is false.
    """
    zero, one, half, low = like(scale, 0.0), like(scale, 1.0), like(scale, 0.5), like(scale, -np.inf)
    total = 0.0
    for begin in range(0, len(p_row), BLOCK):
        p_block, q_block = p_row[begin : begin + BLOCK], q_row[begin : begin + BLOCK]
        a = zero
        for j in range(len(p_block)):
            lp = (load(p_block[j]) - p_shift) * scale - p_log
            lq = (load(q_block[j]) - q_shift) * scale - q_log
            p, q, r = exp(lp), exp(lq), lq - lp
            near = (r >= -half) & (r <= half)
            e = excess(r)
            term = p * e if near else q - p * (one + r)
            term = q if p == zero else term
            a += -low if (lq == low) & (lp > low) else term
        total += np.float64(a)
        if out:
            g_block = g[begin : begin + BLOCK]
            for j in range(len(p_block)):
                lp = (load(p_block[j]) - p_shift) * scale - p_log
                lq = (load(q_block[j]) - q_shift) * scale - q_log
                p, q, r = exp(lp), exp(lq), lq - lp
                near = (r >= -half) & (r <= half)
                e = excess(r)
                g_block[j] = like(g[0], scale * (p * (r + e) if near & (p > zero) else q - p))
    return total
