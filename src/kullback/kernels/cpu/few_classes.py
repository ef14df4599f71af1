"""The cross-entropy of one label and the softmax of few logits: many short rows are taken together.

A row of ten logits is too short for vectors, but a thousand of them are one long row of exponentials. No maximum has to
be subtracted where all logits of such a block are moderate; other blocks are taken row by row.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kullback.kernels.cpu.arithmetic import exp, log
from kullback.kernels.cpu.compiled import helper, kernel
from kullback.kernels.cpu.elements import like, load
from kullback.kernels.cpu.intrinsics import larger
from kullback.kernels.cpu.logit_rows import BLOCK, maximum

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
    top = like(kind, 0.0)
    for j in range(len(block)):
        top = larger(top, abs(load(block[j])))  # pyright: ignore[reportCallIssue]  # numba passes the first
    return top


@helper
def _exponentials(x: Any, K: int, n: int, sums: Any, exps: Any) -> None:
    """exp(x) of the n rows of a block, and their sums."""
    for j in range(len(x)):
        exps[j] = exp(load(x[j]))
    for i in range(n):
        s = like(exps[0], 0.0)
        for j in range(K):
            s += exps[i * K + j]
        sums[i] = np.float64(s)


@helper
def _exponentials_from_maximum(x: Any, K: int, n: int, lacks: Any, sums: Any, exps: Any) -> None:  # noqa: PLR0917 (compiled loops take arrays one by one)
    """exp(x − the largest of a row), their sums, and what the logarithm of a sum lacks, row by row."""
    for i in range(n):
        row, least = x[i * K : i * K + K], like(exps[0], -np.inf)
        top = maximum(row, least)
        shift = top if top > least else like(exps[0], 0.0)
        s = like(exps[0], 0.0)
        for j in range(i * K, i * K + K):
            e = exp(load(x[j]) - shift)
            exps[j] = e
            s += e
        sums[i], lacks[i] = np.float64(s), np.float64(shift)


@helper
def _gradient(exps: Any, labels: Any, K: int, sums: Any, unit: Any, g: Any) -> None:  # noqa: PLR0917 (compiled loops take arrays one by one)
    """g = unit · (exp(x) / Σ exp(x) − the label's one), 0 without a label."""
    for i in range(len(labels)):
        y, at = labels[i], i * K
        u = unit[i] if len(unit) > 1 else unit[0]
        f = like(exps[0], u / sums[i] if y >= 0 else 0.0)
        for j in range(at, at + K):
            g[j] = like(g[0], f * exps[j] if y >= 0 else f)
        if y >= 0:
            g[at + y] = like(g[0], f * exps[at + y] - like(exps[0], u))


@kernel
def few_classes(  # noqa: PLR0917 (compiled loops take arrays one by one)
    x: Any, labels: Any, unit: Any, K: int, kind: Any, loss: Any, lse: Any, g: Any, begin: int, end: int
) -> None:
    """Losses, log-sum-exps and gradients of rows `begin` to `end`, as `softmax_cross_entropy` gives them.

    Logits and gradients come as **(N·K,)**, which is compiled sooner than rows of rows are.
    """
    step = BLOCK // K
    exps, sums = np.empty(step * K, kind.dtype), np.empty(step)
    logs, lacks = np.empty(step), np.empty(step)
    for first in range(begin, end, step):
        n = min(step, end - first)
        block, y = x[first * K : (first + n) * K], labels[first : first + n]
        if _most(block, kind[0]) <= MODERATE:
            lacks[:] = 0.0
            _exponentials(block, K, n, sums, exps)
        else:
            _exponentials_from_maximum(block, K, n, lacks, sums, exps)
        for i in range(n):
            logs[i] = log(sums[i])
        for i in range(n):
            label = y[i]
            gap = lacks[i] - np.float64(load(block[i * K + max(label, 0)]))
            loss[first + i] = gap + logs[i] if label >= 0 else 0.0
            lse[first + i] = lacks[i] + logs[i] if label >= 0 else 0.0
        if len(g):
            of_rows = unit[first : first + n] if len(unit) > 1 else unit
            _gradient(exps, y, K, sums, of_rows, g[first * K : (first + n) * K])
