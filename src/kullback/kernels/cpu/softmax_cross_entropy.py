"""The cross-entropy of target weights and the softmax of logits, with its gradient.

A row is read from memory once and then lies in the cache: first its log-sum-exp, then the gradient. The target is
subtracted before a gradient is rounded to half precision, and the gradient may be written over the logits.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kullback.kernels.cpu.compiled import helper, kernel
from kullback.kernels.cpu.logit_rows import BLOCK, element, kind_of, log_sum_exp, of_type
from kullback.kernels.cpu.terms import power
from kullback.kernels.cpu.threads import over_rows


def softmax_cross_entropy(  # noqa: PLR0917 (compiled loops take arrays one by one)
    x: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    shared: np.ndarray,
    share: np.ndarray,
    rows: np.ndarray,
    z: float = 0.0,
    *,
    unit: np.ndarray | None = None,
    out: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Losses and log-sum-exps of logits, and their gradient if there is a place for it.

    Args:
        x: logits **(N, K)**, C-contiguous: float32, float64, or the bits of bfloat16 (int16) and float16 (uint16).
        labels: classes, int64 **(N, k)**, −1 where missing; k may be 0.
        weights: of the labels, float64 **(N, k)**, or **(N, 0)**: 1 each.
        shared: weights of the classes that all rows have in common **(K,)**, or **(0,)**.
        share: how much of them a row has, float64 **(N,)**, or **(0,)**.
        rows: weights of the classes of every row **(N, K)**, with k = 0 and nothing shared, or **(0, K)**.
            These and the shared ones are float64 if x is, else float32.
        z: factor of the squared log-sum-exp.
        unit: what the gradient is multiplied by, float64 **(1,)** or **(N,)**; 1 if None.
        out: where the gradient goes, **(N, K)** of the type of x; x itself may be given.

    Returns:
        Losses in nats and log-sum-exps, float64 **(N,)** each; both are 0 in a row all of whose labels are missing.
    """
    N, K = x.shape
    loss, lse = np.empty(N), np.empty(N)
    g = x[:0] if out is None else out
    target = (labels, weights, shared, share, rows, z)
    over_rows(_forward, N, K, x, *target, np.ones(1) if unit is None else unit, loss, lse, g, kind_of(x))
    return loss, lse


def gradient_of_softmax_cross_entropy(  # noqa: PLR0917 (compiled loops take arrays one by one)
    x: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    shared: np.ndarray,
    share: np.ndarray,
    rows: np.ndarray,
    z: float,
    upstream: np.ndarray,
    lse: np.ndarray,
    *,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Gradients of the losses by the logits, from the log-sum-exps.

    Args:
        x: logits **(N, K)**, as for `softmax_cross_entropy`, like the next six.
        labels: **(N, k)**.
        weights: **(N, k)** or **(N, 0)**.
        shared: **(K,)** or **(0,)**.
        share: **(N,)** or **(0,)**.
        rows: **(N, K)** or **(0, K)**.
        z: factor of the squared log-sum-exp.
        upstream: what a row is multiplied by, float64 **(N,)**, or all rows **(1,)**.
        lse: log-sum-exps, float64 **(N,)**.
        out: where the gradient goes; x itself may be given.

    Returns:
        Gradients **(N, K)** of the type of x.
    """
    N, K = x.shape
    g = np.empty_like(x) if out is None else out
    over_rows(_backward, N, K, x, labels, weights, shared, share, rows, z, upstream, lse, g, kind_of(x))
    return g


@helper
def _has_label(labels: Any) -> Any:
    for y in labels:  # noqa: SIM110 (any() is slower here)
        if y >= 0:
            return True
    return False


@helper
def _weigh(row: Any, b: Any, top: Any) -> Any:
    """(Σ b (top − x), Σ b) of a row, 0 where b is."""
    zero = of_type(top, 0.0)
    total, mass = 0.0, 0.0
    for begin in range(0, len(b), BLOCK):
        x_block, b_block = row[begin : begin + BLOCK], b[begin : begin + BLOCK]
        s, t = zero, zero
        for j in range(len(b_block)):
            term = b_block[j] * (top - element(x_block[j]))
            s += zero if b_block[j] == zero else term
            t += b_block[j]
        total, mass = total + np.float64(s), mass + np.float64(t)
    return total, mass


@helper
def _mass(labels: Any, weights: Any) -> Any:
    """Σ v over the labels that are not missing."""
    mass = 0.0
    for j in range(len(labels)):
        if labels[j] >= 0:
            mass += weights[j] if len(weights) else 1.0
    return mass


@helper
def _of_labels(row: Any, labels: Any, weights: Any, top: Any, log_s: Any) -> Any:
    """Σ v (λ − x_y) of a row; a weight of 0 makes 0 of an infinite surprisal."""
    loss = 0.0
    for j in range(len(labels)):
        y = labels[j]
        if y >= 0:
            v = weights[j] if len(weights) else 1.0
            gap = 0.0 if v == 0.0 else np.float64(top) - np.float64(element(row[y]))
            loss += v * (gap + log_s)
    return loss


@helper
def _write(row: Any, shift: Any, factor: Any, b: Any, u: Any, buffer: Any, g: Any) -> None:  # noqa: PLR0917 (compiled loops take arrays one by one)
    """g = factor · exp(x − shift) − u · b, by way of a buffer: g may be the row, and still loops become vectors."""
    for begin in range(0, len(row), BLOCK):
        x_block, g_block = row[begin : begin + BLOCK], g[begin : begin + BLOCK]
        for j in range(len(x_block)):
            buffer[j] = factor * power(element(x_block[j]) - shift)
        if len(b):
            b_block = b[begin : begin + BLOCK]
            for j in range(len(b_block)):
                buffer[j] -= u * b_block[j]
        for j in range(len(x_block)):
            g_block[j] = of_type(g[0], buffer[j])


@helper
def _gradient_row(  # noqa: PLR0917 (compiled loops take arrays one by one)
    row: Any,
    labels: Any,
    weights: Any,
    b: Any,
    share: Any,
    shift: Any,
    factor: Any,
    u: Any,
    buffer: Any,
    kept: Any,
    g: Any,
) -> None:
    """Write factor · exp(x − shift) − u · (the target of a row); label by label what is subtracted is summed first."""
    for j in range(len(labels)):
        kept[j] = element(row[max(labels[j], 0)])
    _write(row, shift, of_type(shift, factor), b, of_type(shift, u * share), buffer, g)
    for j in range(len(labels)):
        y = labels[j]
        if y < 0:
            continue
        v = 0.0
        for i in range(len(labels)):
            if labels[i] == y:
                v += weights[i] if len(weights) else 1.0
        value = of_type(shift, factor) * power(kept[j] - shift)
        if len(b):
            value -= of_type(shift, u * share) * b[y]
        g[y] = of_type(g[0], value - of_type(shift, u * v))


@kernel
def _forward(  # noqa: PLR0917 (compiled loops take arrays one by one)
    x: Any,
    labels: Any,
    weights: Any,
    shared: Any,
    share: Any,
    rows: Any,
    z: Any,
    unit: Any,
    loss: Any,
    lse: Any,
    g: Any,
    kind: Any,
    begin: int,
    end: int,
) -> None:
    zero, one = of_type(kind[0], 0.0), of_type(kind[0], 1.0)
    buffer = np.empty(BLOCK, kind.dtype)
    kept = np.empty(labels.shape[1], kind.dtype)
    for i in range(begin, end):
        row, y, v = x[i], labels[i], weights[i]
        if len(rows) == 0 and not _has_label(y):
            loss[i], lse[i] = 0.0, 0.0
            if len(g):
                g[i, :] = of_type(x[0, 0], zero)
            continue
        top, log_s = log_sum_exp(row, one)
        log_s = np.float64(log_s)
        t = share[i] if len(share) else 1.0
        b = rows[i] if len(rows) else shared
        total, mass = _weigh(row, b, top)
        a = t * mass + _mass(y, v)
        lse[i] = np.float64(top) + log_s
        loss[i] = t * (total + mass * log_s) + _of_labels(row, y, v, top, log_s) + z * lse[i] * lse[i]
        if len(g):
            u = unit[i] if len(unit) > 1 else unit[0]
            factor = u * (a + 2.0 * z * lse[i]) * math.exp(-log_s)
            _gradient_row(row, y, v, b, t, top, factor, u, buffer, kept, g[i])


@kernel
def _backward(  # noqa: PLR0917 (compiled loops take arrays one by one)
    x: Any,
    labels: Any,
    weights: Any,
    shared: Any,
    share: Any,
    rows: Any,
    z: Any,
    upstream: Any,
    lse: Any,
    g: Any,
    kind: Any,
    begin: int,
    end: int,
) -> None:
    buffer = np.empty(BLOCK, kind.dtype)
    kept = np.empty(labels.shape[1], kind.dtype)
    mass_of_shared = 0.0
    for s in shared:
        mass_of_shared += np.float64(s)
    for i in range(begin, end):
        y, v = labels[i], weights[i]
        if len(rows) == 0 and not _has_label(y):
            g[i, :] = of_type(x[0, 0], of_type(kind[0], 0.0))
            continue
        t = share[i] if len(share) else 1.0
        b = rows[i] if len(rows) else shared
        mass = mass_of_shared
        for j in range(len(rows[i]) if len(rows) else 0):
            mass += np.float64(b[j])
        shift = of_type(kind[0], lse[i])  # what float32 cannot hold of it goes into the factor
        u = upstream[i] if len(upstream) > 1 else upstream[0]
        a = t * mass + _mass(y, v) + 2.0 * z * lse[i]
        factor = u * a * math.exp(np.float64(shift) - lse[i])
        _gradient_row(x[i], y, v, b, t, shift, factor, u, buffer, kept, g[i])
