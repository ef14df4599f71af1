"""KL and Jensen–Shannon divergence between the softmax of two arrays of logits, with their gradients by the first.

A row is read from memory once and then lies in the cache: first its log-sum-exp, then the terms, then the gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kullback.kernels.cpu.arithmetic import exp, log
from kullback.kernels.cpu.compiled import helper, inlined, kernel
from kullback.kernels.cpu.elements import like, load
from kullback.kernels.cpu.logit_rows import BLOCK, excess, kind_of, kl_row, log1p, log_sum_exp, scale_of
from kullback.kernels.cpu.threads import Loop, over_rows


def kl_divergence_of_logits(
    x: np.ndarray, y: np.ndarray, temperature: float = 1.0, *, gradient: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """KL(P‖Q), P = softmax(y / T), Q = softmax(x / T), and its gradient by x.

    Args:
        x: logits of the model **(N, K)**, C-contiguous: float32, float64, or the bits of bfloat16 (int16) and float16.
        y: logits of the truth **(N, K)**, of float64 if x is and only then.
        temperature: T > 0.
        gradient: whether it is wanted.

    Returns:
        Divergences in nats, float64 **(N,)**; gradients **(N, K)** of the type of x, **(0, K)** if not wanted.
    """
    N, K = x.shape
    values, g = np.empty(N), np.empty((N if gradient else 0, K), x.dtype)
    over_rows(N, 2 * K, Loop(_kl, (x, y, scale_of(kind_of(x), temperature)), (values, g)))
    return values, g


def jensen_shannon_of_logits(
    x: np.ndarray, y: np.ndarray, temperature: float = 1.0, weight: float = 0.5, *, gradient: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """w KL(P‖M) + (1−w) KL(Q‖M), M = w P + (1−w) Q, P = softmax(y / T), Q = softmax(x / T), and its gradient by x.

    Args:
        x: logits of the model **(N, K)**, C-contiguous: float32, float64, or the bits of bfloat16 (int16) and float16.
        y: logits of the truth **(N, K)**, of float64 if x is and only then.
        temperature: T > 0.
        weight: w between 0 and 1, neither included.
        gradient: whether it is wanted.

    Returns:
        Divergences in nats, float64 **(N,)**; gradients **(N, K)** of the type of x, **(0, K)** if not wanted.
    """
    N, K = x.shape
    values, g = np.empty(N), np.empty((N if gradient else 0, K), x.dtype)
    kind = kind_of(x)
    over_rows(N, 2 * K, Loop(_js, (x, y, scale_of(kind, temperature), np.full_like(kind, weight)), (values, g)))
    return values, g


@kernel
def _kl(x: Any, y: Any, scale: Any, values: Any, g: Any, begin: int, end: int) -> None:  # noqa: PLR0917 (compiled loops take arrays one by one)
    t, buffer = scale[0], np.empty(BLOCK, scale.dtype)
    wanted, nowhere = len(g) > 0, np.empty(1, g.dtype)
    for i in range(begin, end):
        x_shift, x_log = log_sum_exp(x[i], t, buffer)
        y_shift, y_log = log_sum_exp(y[i], t, buffer)
        values[i] = kl_row(y[i], x[i], t, y_shift, y_log, x_shift, x_log, g[i] if wanted else nowhere, wanted)


@inlined
def _parts(lp: Any, lq: Any, w: Any) -> Any:
    """(p, q, log(m/p), log(m/q)), m = w p + (1−w) q; the last two without cancellation where p and q are close."""
    zero, one = like(w, 0.0), like(w, 1.0)
    d = lp - lq
    c = one - w if d > zero else w  # the weight of the smaller of the two
    away = -d if d > zero else d
    by_series, by_difference = away + excess(away), exp(away) - one  # both, then one: a branch would not vectorise
    u = c * (by_series if away >= like(w, -0.5) else by_difference)
    by_series, by_difference = log1p(u), log(one + u)
    common = by_series if u >= like(w, -0.25) else by_difference  # log(m / the larger)
    return exp(lp), exp(lq), common - (d if d < zero else zero), common + (d if d > zero else zero)


@inlined
def _term(p: Any, m: Any, r: Any) -> Any:
    """p (e^r − 1 − r) ≥ 0, r = log(m/p); m where p is 0."""
    half = like(p, 0.5)
    by_series, by_difference = p * excess(r), m - p * (like(p, 1.0) + r)
    term = by_series if (r >= -half) & (r <= half) else by_difference
    return m if p == like(p, 0.0) else term


@helper
def _js_row(x: Any, y: Any, scale: Any, w: Any, x_shift: Any, x_log: Any, y_shift: Any, y_log: Any) -> Any:  # noqa: PLR0917 (compiled loops take arrays one by one)
    """(KL(P‖M), KL(Q‖M)) of a row, P of y and Q of x."""
    zero, one = like(w, 0.0), like(w, 1.0)
    of_p, of_q = 0.0, 0.0
    for begin in range(0, len(x), BLOCK):
        x_block, y_block = x[begin : begin + BLOCK], y[begin : begin + BLOCK]
        a, b = zero, zero
        for j in range(len(x_block)):
            lq = (load(x_block[j]) - x_shift) * scale - x_log
            lp = (load(y_block[j]) - y_shift) * scale - y_log
            p, q, r, s = _parts(lp, lq, w)
            m = w * p + (one - w) * q
            a += _term(p, m, r)
            b += _term(q, m, s)
        of_p, of_q = of_p + np.float64(a), of_q + np.float64(b)
    return of_p, of_q


@kernel
def _js(x: Any, y: Any, scale: Any, weight: Any, values: Any, g: Any, begin: int, end: int) -> None:  # noqa: PLR0917 (compiled loops take arrays one by one)
    t, w = scale[0], weight[0]
    zero, one = like(w, 0.0), like(w, 1.0)
    v, buffer = one - w, np.empty(BLOCK, scale.dtype)
    for i in range(begin, end):
        x_row, y_row = x[i], y[i]
        x_shift, x_log = log_sum_exp(x_row, t, buffer)
        y_shift, y_log = log_sum_exp(y_row, t, buffer)
        of_p, of_q = _js_row(x_row, y_row, t, w, x_shift, x_log, y_shift, y_log)
        values[i] = np.float64(w) * of_p + np.float64(v) * of_q
        if len(g) == 0:
            continue
        part, g_row, c = like(w, of_q), g[i], -t * v
        for j in range(len(x_row)):
            lq = (load(x_row[j]) - x_shift) * t - x_log
            lp = (load(y_row[j]) - y_shift) * t - y_log
            _, q, _, s = _parts(lp, lq, w)
            slope = c * q * (s + part)
            g_row[j] = like(g_row[0], zero if q == zero else slope)
