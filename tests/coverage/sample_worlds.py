"""Samples from densities whose truth is known: what is drawn, what is measured, what is true.

Truths: entropies and divergences of the laws by their formulas; those of independent columns add; the mutual
information of normals is −½ log(1 − ρ²).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kullback import Estimate
from kullback.estimators import nearest_neighbours as nn

NORMAL = 0.5 * np.log(2 * np.pi * np.e)
LAWS = {
    "normal": (lambda rng, s: rng.normal(size=s), NORMAL),
    "uniform": (lambda rng, s: rng.random(s), 0.0),
    "exponential": (lambda rng, s: rng.exponential(size=s), 1.0),
    "lognormal": (lambda rng, s: rng.lognormal(size=s), NORMAL),
    "Laplace": (lambda rng, s: rng.laplace(size=s), 1 + np.log(2)),
}


class World(NamedTuple):
    """One measurement that can be repeated.

    Attributes:
        measure: a generator → the Estimate from one fresh sample.
        truth: what it estimates, in nats.
        repeats: how often the test takes it.
        reliable: the least share of samples that have to be called reliable.
    """

    measure: Callable[[np.random.Generator], Estimate]
    truth: float
    repeats: int = 100
    reliable: float = 0.85


def _entropy(law: str, n: int, n_columns: int) -> World:
    draw, truth = LAWS[law]
    return World(lambda rng: nn.entropy(draw(rng, (n, n_columns))), n_columns * truth)


def _correlated(n: int) -> World:
    mix = np.linalg.cholesky(0.1 * np.eye(3) + 0.9)
    truth = 3 * NORMAL + np.log(np.diag(mix)).sum()
    return World(lambda rng: nn.entropy(rng.normal(size=(n, 3)) @ mix.T), truth)


def _pair(measure: Callable[..., Estimate], scale: float, n_columns: int, truth: float, repeats: int) -> World:
    def once(rng: np.random.Generator) -> Estimate:
        return measure(scale * rng.normal(size=(1200, n_columns)), rng.normal(size=(1200, n_columns)))

    return World(once, n_columns * truth, repeats, 0.6)


def _kl(scale: float, n_columns: int) -> World:
    return _pair(nn.kl_divergence, scale, n_columns, -np.log(scale) + scale**2 / 2 - 0.5, 80)


def _crossed(scale: float, n_columns: int) -> World:
    return _pair(nn.cross_entropy, scale, n_columns, 0.5 * np.log(2 * np.pi) + scale**2 / 2, 40)


def _shared(rho: float) -> World:
    def once(rng: np.random.Generator) -> Estimate:
        x, noise = rng.normal(size=(2, 500, 1))
        return nn.mutual_information(x, rho * x + np.sqrt(1 - rho**2) * noise)

    return World(once, -0.5 * np.log(1 - rho**2), 100, 0.6)


SCALES = ((1.0, 1), (0.7, 1), (1.0, 2), (0.7, 2))
WORLDS: dict[str, World] = {
    **{f"H of {law}, 300 × {d}": _entropy(law, 300, d) for law in LAWS for d in (1, 3)},
    "H of correlated normals, 500 × 3": _correlated(500),
    "H of normal, 500 × 10": _entropy("normal", 500, 10)._replace(repeats=50),
    **{f"KL of N(0, {s}²), N(0, 1), 1,200 × {d} each": _kl(s, d) for s, d in SCALES},
    **{f"cross-entropy of N(0, {s}²), N(0, 1), 1,200 × {d} each": _crossed(s, d) for s, d in SCALES},
    **{f"I of normals with correlation {rho}, 500": _shared(rho) for rho in (0.0, 0.6)},
}
