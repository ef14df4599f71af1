"""The cross-entropy of target weights and the softmax of logits, with its gradient.

A row is read from memory once. Its exponentials are kept in a buffer of one row, which lies in the cache, and become
the gradient when their sum is known. The target is subtracted before a gradient is rounded to half precision, and the
gradient may be written over the logits.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kullback.kernels.cpu.compiled import helper, kernel
from kullback.kernels.cpu.elements import like, load
from kullback.kernels.cpu.few_classes import FEW, few_classes, is_one_label
from kullback.kernels.cpu.logit_rows import BLOCK, exponentials, kind_of
from kullback.kernels.cpu.threads import Loop, over_rows


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
    g = np.empty((0, K), x.dtype) if out is None else out
    unit = np.ones(1) if unit is None else unit
    if K <= FEW and is_one_label(labels, weights, shared, rows) and not z:
        given = (x.reshape(-1), labels.reshape(-1), unit, K, kind_of(x))
        over_rows(N, K, Loop(few_classes, given, (loss, lse, g.reshape(-1))))
        return loss, lse
    target = (labels, weights, shared, share, rows, z)
    over_rows(N, K, Loop(_forward, (x, *target, unit, kind_of(x)), (loss, lse, g)))
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
    *,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Gradients of the losses by the logits.

    Args:
        x: logits **(N, K)**, as for `softmax_cross_entropy`, like the next six.
        labels: **(N, k)**.
        weights: **(N, k)** or **(N, 0)**.
        shared: **(K,)** or **(0,)**.
        share: **(N,)** or **(0,)**.
        rows: **(N, K)** or **(0, K)**.
        z: factor of the squared log-sum-exp.
        upstream: what a row is multiplied by, float64 **(N,)**, or all rows **(1,)**.
        out: where the gradient goes; x itself may be given.

    Returns:
        Gradients **(N, K)** of the type of x.
    """
    g = np.empty_like(x) if out is None else out
    softmax_cross_entropy(x, labels, weights, shared, share, rows, z, unit=upstream, out=g)
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
    zero = like(top, 0.0)
    total, mass = 0.0, 0.0
    for begin in range(0, len(b), BLOCK):
        x_block, b_block = row[begin : begin + BLOCK], b[begin : begin + BLOCK]
        s, t = zero, zero
        for j in range(len(b_block)):
            term = b_block[j] * (top - load(x_block[j]))
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
            gap = 0.0 if v == 0.0 else np.float64(top) - np.float64(load(row[y]))
            loss += v * (gap + log_s)
    return loss


@helper
def _write(exps: Any, origins: Any, top: Any, factor: Any, b: Any, u: Any, g: Any) -> None:  # noqa: PLR0917 (compiled loops take arrays one by one)
    """g = factor · exp(x − top) − u · b, of the exponentials of a row that were kept."""
    for begin in range(0, len(g), BLOCK):
        f = _factor(factor, origins[begin // BLOCK], top)
        e, out = exps[begin : begin + BLOCK], g[begin : begin + BLOCK]
        if len(b):
            b_block = b[begin : begin + BLOCK]
            for j in range(len(out)):
                out[j] = like(g[0], f * e[j] - u * b_block[j])
        else:
            for j in range(len(out)):
                out[j] = like(g[0], f * e[j])


@helper
def _factor(factor: Any, origin: Any, top: Any) -> Any:
    """Factor for exponentials that were taken from `origin` on, of their type."""
    return like(top, factor * math.exp(np.float64(origin) - np.float64(top)) if origin < top else factor)


@helper
def _gradient_row(  # noqa: PLR0917 (compiled loops take arrays one by one)
    exps: Any, origins: Any, top: Any, factor: Any, labels: Any, weights: Any, b: Any, share: Any, u: Any, g: Any
) -> None:
    """Write factor · exp(x − top) − u · (the target of a row); label by label what is subtracted is summed first."""
    _write(exps, origins, top, factor, b, like(top, u * share), g)
    for j in range(len(labels)):
        y = labels[j]
        if y < 0:
            continue
        v = 0.0
        for i in range(len(labels)):
            if labels[i] == y:
                v += weights[i] if len(weights) else 1.0
        value = _factor(factor, origins[y // BLOCK], top) * exps[y]
        if len(b):
            value -= like(top, u * share) * b[y]
        g[y] = like(g[0], value - like(top, u * v))


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
    kind: Any,
    loss: Any,
    lse: Any,
    g: Any,
    begin: int,
    end: int,
) -> None:
    zero, one = like(kind[0], 0.0), like(kind[0], 1.0)
    exps = np.empty(x.shape[1] if len(g) else BLOCK, kind.dtype)
    origins = np.empty(1 + x.shape[1] // BLOCK if len(g) else 0, kind.dtype)
    for i in range(begin, end):
        row, y, v = x[i], labels[i], weights[i]
        if len(rows) == 0 and not _has_label(y):
            loss[i], lse[i] = 0.0, 0.0
            if len(g):
                g[i, :] = like(x[0, 0], zero)
            continue
        top, log_s = exponentials(row, one, exps, origins)
        t = share[i] if len(share) else 1.0
        b = rows[i] if len(rows) else shared
        total, mass = _weigh(row, b, top)
        a = t * mass + _mass(y, v)
        lse[i] = np.float64(top) + log_s
        loss[i] = t * (total + mass * log_s) + _of_labels(row, y, v, top, log_s) + z * lse[i] * lse[i]
        if len(g):
            u = unit[i] if len(unit) > 1 else unit[0]
            factor = u * (a + 2.0 * z * lse[i]) * math.exp(-log_s)
            _gradient_row(exps, origins, top, factor, y, v, b, t, u, g[i])
