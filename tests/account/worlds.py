"""Simulated worlds for the account's tests: the truth p, a model q that may distort it, and drawn labels."""

import dataclasses

import numpy as np
from scipy.special import log_softmax, softmax, xlogy


@dataclasses.dataclass(frozen=True)
class World:
    p: np.ndarray
    q: np.ndarray
    labels: np.ndarray
    groups: np.ndarray | None = None


def draw(rng, n, n_classes, k=1, *, slope=1.0, shift=(), sharp=1.5, missing=0.0, group_size=0):
    """Draw n inputs with logits of standard deviation `sharp`; the model multiplies them by `slope`, adds `shift`."""
    groups = np.arange(n) // group_size if group_size else None
    logits = sharp * rng.normal(size=(n, n_classes))
    if group_size:
        logits = logits[groups * group_size]
    p = softmax(logits, axis=1)
    distortion = np.pad(np.asarray(shift, float), (0, n_classes - len(shift)))
    q = softmax(slope * logits + distortion, axis=1)
    labels = (p.cumsum(axis=1)[:, None, :] < rng.random((n, k, 1))).sum(axis=2).clip(0, n_classes - 1)
    if missing:
        gone = rng.random(labels.shape) < missing
        gone[:, 0] = False
        labels = np.where(gone, -1, labels)
    return World(p, q, labels, groups)


def entropy(p):
    return -xlogy(p, p).sum(axis=-1)


def expected(n_classes, *, slope=1.0, shift=(), sharp=1.5, size=400_000):
    """The world's true numbers in nats, from a large draw of inputs and exact sums over labels."""
    rng = np.random.default_rng(99)
    z = sharp * rng.normal(size=(size, n_classes))
    p, log_q = (
        softmax(z, axis=1),
        log_softmax(slope * z + np.pad(np.asarray(shift, float), (0, n_classes - len(shift))), axis=1),
    )
    q = np.exp(log_q)
    loss = -(p * log_q).sum(axis=1)
    floor, prior = entropy(p).mean(), entropy(p.mean(axis=0))
    return {
        "prior_entropy": prior,
        "cross_entropy": loss.mean(),
        "information": prior - floor,
        "floor": floor,
        "learnable": loss.mean() - floor,
        "entropy_gap": (loss - entropy(q)).mean(),
        "brier": (1 - 2 * (p * q).sum(axis=1) + (q**2).sum(axis=1)).mean(),
        "brier_floor": (1 - (p**2).sum(axis=1)).mean(),
    }
