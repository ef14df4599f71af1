"""The cross-entropy of one label and the softmax of few logits: many short rows are taken together.

A row of ten logits is too short for vectors, but a thousand of them are one long row of exponentials. No maximum has to
be subtracted where all logits of such a block are moderate; other blocks are taken row by row.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kullback.kernels.cpu.compiled import helper, kernel
from kullback.kernels.cpu.intrinsics import larger
from kullback.kernels.cpu.logit_rows import BLOCK, element, logarithm, of_type
from kullback.kernels.cpu.terms import power

FEW = 64
"""Classes up to which rows are taken together."""

MODERATE = 60.0
"""Logits whose exponentials, and the sums of those, neither overflow nor underflow in float32."""


def is_one_label(labels: np.ndarray, weights: np.ndarray, shared: np.ndarray, rows: np.ndarray) -> bool:
    """Tell whether a target, as `softmax_cross_entropy` takes it, is one label for each row."""
    return labels.shape[1] == 1 and not weights.shape[1] and not len(shared) and not len(rows)


@helper
def _most(block: Any, kind: Any) -> Any:
    """The largest absolute value, nan if a number is."""
    top = of_type(kind, 0.0)
    for j in range(len(block)):
        top = larger(top, abs(element(block[j])))  # pyright: ignore[reportCallIssue]  # numba passes the first
    return top


@helper
def _exponentials(x: Any, sums: Any, exps: Any) -> None:
    """exp(x) of the rows of a block, and their sums."""
    K = x.shape[1]
    flat = x.reshape(-1)
    for j in range(len(flat)):
        exps[j] = power(element(flat[j]))
    for i in range(len(x)):
        s = of_type(exps[0], 0.0)
        for j in range(K):
            s += exps[i * K + j]
        sums[i] = np.float64(s)


@helper
def _exponentials_from_maximum(x: Any, lse: Any, sums: Any, exps: Any) -> None:
    """exp(x − the largest of a row), their sums, and what the logarithm of a sum lacks, row by row."""
    K = x.shape[1]
    for i in range(len(x)):
        top = of_type(exps[0], -np.inf)
        for j in range(K):
            top = larger(top, element(x[i, j]))  # pyright: ignore[reportCallIssue]  # numba passes the first
        shift = top if top > of_type(exps[0], -np.inf) else of_type(exps[0], 0.0)
        s = of_type(exps[0], 0.0)
        for j in range(K):
            e = power(element(x[i, j]) - shift)
            exps[i * K + j] = e
            s += e
        sums[i], lse[i] = np.float64(s), np.float64(shift)


@helper
def _gradient(exps: Any, labels: Any, sums: Any, unit: Any, g: Any) -> None:
    """g = unit · (exp(x) / Σ exp(x) − the label's one), 0 without a label."""
    K = g.shape[1]
    for i in range(len(g)):
        y = labels[i, 0]
        u = unit[i] if len(unit) > 1 else unit[0]
        f = of_type(exps[0], u / sums[i] if y >= 0 else 0.0)
        for j in range(K):
            g[i, j] = of_type(g[0, 0], f * exps[i * K + j] if y >= 0 else f)
        if y >= 0:
            g[i, y] = of_type(g[0, 0], f * exps[i * K + y] - of_type(exps[0], u))


@kernel
def few_classes(  # noqa: PLR0917 (compiled loops take arrays one by one)
    x: Any, labels: Any, unit: Any, loss: Any, lse: Any, g: Any, kind: Any, begin: int, end: int
) -> None:
    """Losses, log-sum-exps and gradients of rows `begin` to `end`, as `softmax_cross_entropy` gives them."""
    K = x.shape[1]
    step = BLOCK // K
    exps, sums = np.empty(step * K, kind.dtype), np.empty(step)
    logs = np.empty(step)
    for first in range(begin, end, step):
        last = min(first + step, end)
        rows, y, lack = x[first:last], labels[first:last], lse[first:last]
        lack[:] = 0.0
        if _most(rows.reshape(-1), kind[0]) <= MODERATE:
            _exponentials(rows, sums, exps)
        else:
            _exponentials_from_maximum(rows, lack, sums, exps)
        for i in range(len(rows)):
            logs[i] = logarithm(sums[i])
        for i in range(len(rows)):
            label = y[i, 0]
            gap = lack[i] - np.float64(element(rows[i, max(label, 0)]))
            loss[first + i] = gap + logs[i] if label >= 0 else 0.0
            lack[i] = lack[i] + logs[i] if label >= 0 else 0.0
        if len(g):
            _gradient(exps, y, sums, unit[first:last] if len(unit) > 1 else unit, g[first:last])
