"""Simulated worlds for the account's tests: the truth p, a model q that may distort it, and drawn labels."""

import dataclasses

import numpy as np
from scipy.special import softmax


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
