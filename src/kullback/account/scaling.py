"""Families of recalibration maps, fitted by Newton's method: temperature, affine and vector scaling.

All are q′ = softmax(a ∘ log q + b) with (a, b) restricted to a subspace, (a, b) = M θ; the loss is convex in θ.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from kullback.account.observations import average
from kullback.account.sampling import Array, Codes, covariance_of_mean

BLOCK = 1 << 14
"""Rows handled at once: 16 384 × 10 float64 stay in the cache."""

MAX_SLOPE = 50.0
"""Slopes are kept in [0, 50], since a model without a mistake would ask for an infinite one."""


@dataclasses.dataclass(frozen=True, eq=False)
class Family:
    """A linear subspace of maps.

    Attributes:
        name: as it is printed.
        basis: **(2K, D)** matrix M; the first K rows give the slopes a, the last K the offsets b.
        identity: **(D,)** the θ that leaves predictions as they are.
    """

    name: str
    basis: Array
    identity: Array


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
    return tuple(Family(name, m, (np.arange(m.shape[1]) < ones).astype(float)) for name, m, ones in named)


def rescale(log_q: Array, family: Family, theta: Array) -> Array:
    """Give the recalibrated log-probabilities, **(N, K)**; a probability of zero stays zero."""
    a, b = np.split(family.basis @ theta, 2)
    possible = np.isfinite(log_q)
    if possible.all():
        u = log_q * a + b
    else:
        u = np.where(possible, a * np.where(possible, log_q, 0.0) + b, -np.inf)
    u -= u.max(axis=1, keepdims=True)
    return u - np.log(np.exp(u).sum(axis=1, keepdims=True))


def scores(log_q: Array, shares: Array, family: Family, theta: Array) -> Array:
    """Give each row's gradient of the loss −Σ share · log q′ at θ, **(N, D)**."""
    g = np.empty((len(log_q), len(theta)))
    for begin in range(0, len(g), BLOCK):
        z, t = log_q[begin : begin + BLOCK], shares[begin : begin + BLOCK]
        r = np.exp(rescale(z, family, theta)) - t
        g[begin : begin + BLOCK] = np.hstack([r * np.where(np.isfinite(z), z, 0.0), r]) @ family.basis
    return g


NEAR = 1e-5
"""A Newton decrement, in nats, below which one more full step leaves an error of about its square."""


def fit(log_q: Array, shares: Array, family: Family, start: Array | None = None) -> tuple[Array, Array, float]:
    """Minimise the mean of −Σ share · log q′ over θ by damped Newton steps.

    Args:
        log_q: **(N, K)** log-probabilities.
        shares: **(N, K)** label shares.
        family: the maps to choose among.
        start: **(D,)** where to begin; the identity if None.

    Returns:
        **(D,)** the minimiser, **(D, D)** the Hessian of the mean loss there, and the mean loss there, in nats.
    """
    theta = family.identity if start is None else start
    loss, gradient, hessian = _derivatives(log_q, shares, family, theta)
    for _ in range(30):
        ridge = 1e-9 * (np.trace(hessian) / len(theta) + 1e-12)
        step = np.linalg.solve(hessian + ridge * np.eye(len(theta)), gradient)
        decrement = float(gradient @ step)
        if decrement < NEAR:
            return _inside(theta - step, family), hessian, loss - decrement / 2
        moved = _backtrack(log_q, shares, family, theta, step, loss)
        if moved is None:
            break
        theta, (loss, gradient, hessian) = moved
    return theta, hessian, loss


def _inside(theta: Array, family: Family) -> Array:
    """Keep the slopes, the parameters that are 1 in the identity, in their range."""
    return np.where(family.identity > 0, np.clip(theta, 0.0, MAX_SLOPE), theta)


def _backtrack(
    log_q: Array, shares: Array, family: Family, theta: Array, step: Array, loss: float
) -> tuple[Array, tuple[float, Array, Array]] | None:
    for halvings in range(8):
        proposal = _inside(theta - step * 0.5**halvings, family)
        derivatives = _derivatives(log_q, shares, family, proposal)
        if derivatives[0] < loss:
            return proposal, derivatives
    return None


def _derivatives(log_q: Array, shares: Array, family: Family, theta: Array) -> tuple[float, Array, Array]:
    """Give the mean loss, its gradient **(D,)** and Hessian **(D, D)**, in blocks of rows."""
    n, n_classes = log_q.shape
    loss, gradient, diagonal = 0.0, np.zeros(2 * n_classes), np.zeros((3, n_classes))
    outer = np.zeros((2 * n_classes, 2 * n_classes))
    for begin in range(0, n, BLOCK):
        z, t = log_q[begin : begin + BLOCK], shares[begin : begin + BLOCK]
        log_p = rescale(z, family, theta)
        p, z = np.exp(log_p), np.where(np.isfinite(z), z, 0.0)
        pz = p * z
        loss += float(average(t, -log_p).sum())
        gradient += np.concatenate([(pz - t * z).sum(axis=0), (p - t).sum(axis=0)])
        diagonal += np.stack([(pz * z).sum(axis=0), pz.sum(axis=0), p.sum(axis=0)])
        w = np.hstack([pz, p])
        outer += w.T @ w
    aa, ab, bb = (np.diag(row) for row in diagonal)
    hessian = np.block([[aa, ab], [ab, bb]]) - outer
    m = family.basis
    return loss / n, m.T @ gradient / n, m.T @ hessian @ m / n


def optimism(g: Array, hessian: Array, groups: Codes | None) -> float:
    """Estimate by how much the in-sample loss flatters the fit, tr(H⁻¹ V), in nats.

    For independent single labels and a true model this is D / N.

    Args:
        g: **(N, D)** scores at the fit.
        hessian: **(D, D)** of the mean loss.
        groups: **(N,)** group codes, or None.

    Source:
        Takeuchi (1976), the information criterion of misspecified models.
    """
    return float(np.trace(np.linalg.pinv(hessian) @ covariance_of_mean(g, groups)))
