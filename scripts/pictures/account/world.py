"""The world of these pictures: two classes, P(1|z) = 1 / (1 + e^−z), z ~ N(0, 2²), and models that see slope · z."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

import kullback as kb

SHARP = 2.0


def nodes() -> tuple[Any, Any]:
    """Points z and weights for an average over inputs, by Gauss and Hermite."""
    x, w = np.polynomial.hermite.hermgauss(120)
    return 2**0.5 * SHARP * x, w / np.pi**0.5


def rows(z: Any) -> Any:
    """Probabilities of both classes, **(…, 2)**."""
    return np.stack([expit(-z), expit(z)], axis=-1)


def floor() -> float:
    """H(Y|X) in bits."""
    z, w = nodes()
    return float(w @ kb.entropy(rows(z), base=2).value)


def loss(slope: float, offset: float = 0.0) -> float:
    """H(P, Q) in bits, of the model that says rows(slope · z + offset)."""
    z, w = nodes()
    return float(w @ kb.cross_entropy(rows(z), rows(slope * z + offset), base=2).value)


def drawn(n: int, k: int, seed: int, slope: float = 1.0) -> tuple[Any, Any]:
    """Predictions **(n, 2)** of a model and labels **(n, k)**."""
    rng = np.random.default_rng(seed)
    z = SHARP * rng.normal(size=n)
    return rows(slope * z), (rng.random((n, k)) < rows(z)[:, 1:]).astype(int)
