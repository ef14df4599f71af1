"""What is asked of every token of a language model, from one read of its logits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kullback.kernels.cpu.arithmetic import exp
from kullback.kernels.cpu.compiled import helper, kernel
from kullback.kernels.cpu.elements import like, load
from kullback.kernels.cpu.logit_rows import BLOCK, kind_of, kl_row, log_sum_exp, maximum
from kullback.kernels.cpu.threads import Loop, over_rows


def token_statistics(x: np.ndarray, target: np.ndarray, y: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """Six numbers of every row of logits; the reference of the same name says which.

    Args:
        x: logits **(N, K)**, C-contiguous: float32, float64, or the bits of bfloat16 (int16) or float16 (uint16).
        target: classes int64 **(N,)**, −1 where missing.
        y: logits **(N, K)** of a second model, of float64 if x is and only then, or None.

    Returns:
        Surprisal of the target, entropy, log-sum-exp, argmax, rank of the target and KL(softmax(x) ‖ softmax(y)),
        **(N,)** each, float64 in nats or int64; without y the last is **(0,)**.
    """
    N, K = x.shape
    numbers = [np.empty(N) for _ in range(3)]
    places = [np.empty(N, np.int64) for _ in range(2)]
    kind = kind_of(x)
    if y is None:
        over_rows(N, K, Loop(_of_one, (x, target, kind), (*numbers, *places)))
        return (*numbers, *places, np.empty(0))
    kl = np.empty(N)
    over_rows(N, 2 * K, Loop(_of_two, (x, target, y, kind), (*numbers, *places, kl)))
    return (*numbers, *places, kl)


@helper
def _sums(row: Any, of_target: Any, kind: Any) -> Any:
    """(m, Σ e^z, Σ z e^z, where the block that holds m begins, how many exceed the target's), z = row − m."""
    zero, one = like(kind, 0.0), like(kind, 1.0)
    low = like(kind, -800.0)  # e^low is 0, and 0 · low is 0 where 0 · −inf is nan
    least = like(kind, -np.inf)
    top = least
    s, t, place, above = 0.0, 0.0, 0, 0
    for begin in range(0, len(row), BLOCK):
        block = row[begin : begin + BLOCK]
        b = maximum(block, least)
        if b > top:
            gap = np.float64(top) - np.float64(b) if top > least else 0.0
            t = (t + gap * s) * math.exp(gap)
            s = s * math.exp(gap)
            top, place = b, begin
        shift = top if top > least else zero
        a, c, u = zero, zero, zero
        for j in range(len(block)):
            v = load(block[j])
            z = v - shift
            z = low if z < low else z
            e = exp(z)
            a += e
            u += e * z
            c += one if v > of_target else zero
        s, t, above = s + np.float64(a), t + np.float64(u), above + int(c)
    return top, s, t, place, above


@helper
def _first(row: Any, begin: int, value: Any) -> int:
    """The first place from `begin` on that holds the value, or nan for nan; −1 if none does."""
    for j in range(begin, len(row)):
        v = load(row[j])
        if v == value or (v != v and value != value):  # noqa: PLR0124 (nan alone differs from itself)
            return j
    return -1


@helper
def _row(row: Any, label: int, kind: Any) -> Any:
    """Surprisal, entropy, log-sum-exp, argmax and rank of one row."""
    nan = like(kind, np.nan)
    of_target = load(row[label]) if label >= 0 else nan
    top, s, t, place, above = _sums(row, of_target, kind)
    rank = above if label >= 0 else -1
    if s > 0.0:
        log_s = math.log(s)
        lse = np.float64(top) + log_s
        nll = np.float64(top) - np.float64(of_target) + log_s
        return nll, log_s - t / s, lse, _first(row, place, top), rank
    wrong = _first(row, 0, nan)
    if wrong >= 0:
        return np.nan, np.nan, np.nan, wrong, -1
    return np.nan, np.nan, np.float64(top), _first(row, 0, top), rank


@kernel
def _of_one(  # noqa: PLR0917 (compiled loops take arrays one by one)
    x: Any, target: Any, kind: Any, nll: Any, entropy: Any, lse: Any, top: Any, rank: Any, begin: int, end: int
) -> None:
    for i in range(begin, end):
        nll[i], entropy[i], lse[i], top[i], rank[i] = _row(x[i], target[i], kind[0])


@kernel
def _of_two(  # noqa: PLR0917 (compiled loops take arrays one by one)
    x: Any,
    target: Any,
    y: Any,
    kind: Any,
    nll: Any,
    entropy: Any,
    lse: Any,
    top: Any,
    rank: Any,
    kl: Any,
    begin: int,
    end: int,
) -> None:
    one, buffer = like(kind[0], 1.0), np.empty(BLOCK, kind.dtype)
    for i in range(begin, end):
        nll[i], entropy[i], lse[i], top[i], rank[i] = _row(x[i], target[i], kind[0])
        shift = load(x[i, top[i]])
        y_shift, y_log = log_sum_exp(y[i], one, buffer)
        kl[i] = kl_row(x[i], y[i], one, shift, like(one, lse[i] - np.float64(shift)), y_shift, y_log, buffer, False)
