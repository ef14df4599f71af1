"""Families of recalibration maps, fitted by Newton's method: temperature, affine and vector scaling.

All are q′ = softmax(a ∘ log q + b) with (a, b) restricted to a subspace, (a, b) = M θ; the loss is convex in θ. The
slopes a are kept in [0, 50], since a model without a mistake would ask for an infinite one.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Iterator, Sequence
from functools import reduce

import numpy as np

from kullback.account.observations import average
from kullback.account.sampling import Array, Codes

BLOCK = 1 << 14
"""Rows handled at once: 16 384 × 10 float64 stay in the cache."""

MAX_SLOPE = 50.0
NEAR = 1e-5
"""A Newton decrement, in nats, below which one more full step leaves an error of about its square."""


@dataclasses.dataclass(frozen=True, eq=False)
class Family:
    """A linear subspace of maps.

    Attributes:
        name: as it is printed.
        basis: **(2K, D)** matrix M; the first K rows give the slopes a, the last K the offsets b.
        identity: **(D,)** the θ that leaves predictions as they are; 1 for slopes, 0 for offsets.
    """

    name: str
    basis: Array
    identity: Array


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """Some rows to fit on: **(N, K)** log-probabilities and label shares, and **(N,)** group codes or None."""

    log_q: Array
    shares: Array
    groups: Codes | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Derivatives:
    """The loss −Σ share · log q′ at a θ, its gradient **(D,)** and its Hessian **(D, D)**, summed over `n` rows."""

    n: int
    loss: float
    gradient: Array
    hessian: Array

    def __add__(self, other: Derivatives) -> Derivatives:
        """Sum over the rows of both."""
        return Derivatives(
            self.n + other.n, self.loss + other.loss, self.gradient + other.gradient, self.hessian + other.hessian
        )


def total(parts: Sequence[Derivatives]) -> Derivatives:
    """Sum over pieces."""
    return reduce(operator.add, parts)


def families(n_classes: int) -> tuple[Family, ...]:
    """List the families for K classes: temperature (1 parameter), affine (K), and vector (2K − 1) from K = 3.

    Source:
        Guo et al. (2017), "On calibration of modern neural networks", sec. 4.2; Platt (1999) for the affine map.
    """
    slopes, offsets = np.eye(2 * n_classes)[:, :n_classes], np.eye(2 * n_classes)[:, n_classes + 1 :]
    shared = slopes.sum(axis=1, keepdims=True)
    affine = np.hstack([shared, offsets])
    vector = np.hstack([slopes, offsets])
    named = [("temperature", shared, 1), ("affine", affine, 1)]
    if n_classes > 2:
        named.append(("vector", vector, n_classes))
    return tuple(Family(name, m, np.repeat([1.0, 0.0], [ones, m.shape[1] - ones])) for name, m, ones in named)


def rescale(log_q: Array, family: Family, theta: Array) -> Array:
    """Give the recalibrated log-probabilities, **(N, K)**; a probability of zero stays zero."""
    return np.concatenate([_rescale(z, family, theta) for z in _blocks(log_q)])


def scores(rows: Rows, family: Family, theta: Array) -> Array:
    """Give each row's gradient of the loss at θ, **(N, D)**."""
    parts: list[Array] = []
    for z, t in zip(_blocks(rows.log_q), _blocks(rows.shares), strict=True):
        r = np.exp(_rescale(z, family, theta)) - t
        parts.append(np.hstack([r * np.where(np.isfinite(z), z, 0.0), r]) @ family.basis)
    return np.concatenate(parts)


def derivatives(rows: Rows, family: Family, theta: Array) -> Derivatives:
    """Sum the loss and its derivatives over rows, block by block."""
    n, n_classes = rows.log_q.shape
    loss, gradient, diagonal = 0.0, np.zeros(2 * n_classes), np.zeros((3, n_classes))
    outer = np.zeros((2 * n_classes, 2 * n_classes))
    for z, t in zip(_blocks(rows.log_q), _blocks(rows.shares), strict=True):
        log_p = _rescale(z, family, theta)
        p, finite = np.exp(log_p), np.where(np.isfinite(z), z, 0.0)
        pz = p * finite
        loss += float(average(t, -log_p).sum())
        gradient += np.concatenate([(pz - t * finite).sum(axis=0), (p - t).sum(axis=0)])
        diagonal += np.stack([(pz * finite).sum(axis=0), pz.sum(axis=0), p.sum(axis=0)])
        w = np.hstack([pz, p])
        outer += w.T @ w
    aa, ab, bb = (np.diag(row) for row in diagonal)
    m = family.basis
    return Derivatives(n, loss, m.T @ gradient, m.T @ (np.block([[aa, ab], [ab, bb]]) - outer) @ m)


@dataclasses.dataclass(frozen=True, eq=False)
class Fitted:
    """A minimiser **(D,)**, the mean loss there in nats, and the derivatives there or one small step before."""

    theta: Array
    loss: float
    near: Derivatives


def fit(parts: Sequence[Rows], family: Family, start: Array | None = None, first: Derivatives | None = None) -> Fitted:
    """Minimise the mean of −Σ share · log q′ over θ by damped, projected Newton steps.

    Args:
        parts: the rows to fit on, in one or several pieces.
        family: the maps to choose among.
        start: **(D,)** where to begin; the identity if None.
        first: the derivatives there, if they are known.

    Source:
        Bertsekas (1982), "Projected Newton methods for optimization problems with simple constraints".
    """
    theta = family.identity if start is None else start
    at = first or _over(parts, family, theta)
    for _ in range(50):
        step, decrement = _newton(theta, at, family)
        if decrement < NEAR:
            return Fitted(_inside(theta - step, family), at.loss / at.n - decrement / 2, at)
        moved = _backtrack(parts, family, theta - np.outer(0.5 ** np.arange(12), step), at.loss)
        if moved is None:
            break
        theta, at = moved
    return Fitted(theta, at.loss / at.n, at)


def _newton(theta: Array, at: Derivatives, family: Family) -> tuple[Array, float]:
    """Give the Newton step among the parameters that are free to move, and the decrement, in nats."""
    g, h = at.gradient / at.n, at.hessian / at.n
    outward = ((theta <= 0) & (g > 0)) | ((theta >= MAX_SLOPE) & (g < 0))
    free = np.flatnonzero(~(outward & (family.identity > 0)))
    step = np.zeros_like(theta)
    if len(free):
        ridge = 1e-9 * float(np.trace(h)) / len(theta) + 1e-15
        step[free] = np.linalg.solve(h[np.ix_(free, free)] + ridge * np.eye(len(free)), g[free])
    return step, float(g @ step)


def _backtrack(
    parts: Sequence[Rows], family: Family, proposals: Array, loss: float
) -> tuple[Array, Derivatives] | None:
    """Give the first proposal that lowers the loss."""
    for proposal in proposals:
        theta = _inside(proposal, family)
        at = _over(parts, family, theta)
        if at.loss < loss:
            return theta, at
    return None


def _over(parts: Sequence[Rows], family: Family, theta: Array) -> Derivatives:
    return total([derivatives(rows, family, theta) for rows in parts])


def _inside(theta: Array, family: Family) -> Array:
    """Keep the slopes in their range."""
    return np.where(family.identity > 0, np.clip(theta, 0.0, MAX_SLOPE), theta)


def _blocks(x: Array) -> Iterator[Array]:
    """Cut **(N, K)** into runs of rows with contiguous columns, so that sums over few classes run along the rows."""
    return (np.asfortranarray(x[begin : begin + BLOCK]) for begin in range(0, len(x), BLOCK))


def _rescale(log_q: Array, family: Family, theta: Array) -> Array:
    a, b = np.split(family.basis @ theta, 2)
    possible = np.isfinite(log_q)
    u = np.where(possible, log_q, 0.0) * a + b
    u[~possible] = -np.inf
    u -= u.max(axis=1, keepdims=True)
    u -= np.log(np.exp(u).sum(axis=1, keepdims=True))
    return u
