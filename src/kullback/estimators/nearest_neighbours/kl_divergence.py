"""KL divergence of two samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kullback.estimate import Estimate
from kullback.estimators.nearest_neighbours import doubts
from kullback.estimators.nearest_neighbours.pairs import pair, spacing_moves


def kl_divergence(
    x: NDArray[np.float64], y: NDArray[np.float64], *, n_neighbors: int = 3, names: tuple[str, str] = ("x", "y")
) -> Estimate:
    """KL(P‖Q) = E_{x∼P}[log p(x) − log q(x)] of the densities that x and y were drawn from.

    KL = 1/n Σ_i [log p̂(x_i) − log q̂(x_i)], both as in `entropy` and `cross_entropy`, each point judged by the others

    Args:
        x: draws of P, **(n, D)**.
        y: draws of Q, **(m, D)**; m need not be n.
        n_neighbors: k; spacings reach over k values on each side.
        names: of both, for messages.

    Returns:
        Estimate in nats, on either side of 0 where P = Q. std_error is √((Var(log p/q) + noise)/n +
        ((1 + 0.42 D/k) E_P[p/q] − 1)/m), the noise of spacings and neighbours as in `entropy` and `cross_entropy`: it
        does not vanish where P = Q. `reliable` is False as in `cross_entropy`.

    Raises:
        InputError: if `x` or `y` does not hold draws of a density, their columns differ in number, or n_neighbors is
            not a positive integer.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> kl_divergence(rng.normal(size=(2000, 1)), 2 * rng.normal(size=(2000, 1)))  # truth: 0.3181
        0.338 ± 0.027 nat (nearest neighbours, n = 2 000)

    Source:
        Q. Wang, S. R. Kulkarni and S. Verdú, IEEE Trans. Inf. Theory 55 (2009), for neighbours in the other sample;
        the split as in `entropy`.
    """
    both = pair(x, y, n_neighbors, names)
    n, n_columns = both.own.ranks.shape
    log_ratio = both.log_ratio
    variance = doubts.own_variance(log_ratio, n_neighbors, n_columns) / n + both.variance_from_q()
    std_error = float(np.sqrt(variance))
    noise = float(np.sqrt(spacing_moves(n_neighbors, n_columns) / min(n, both.m)))
    moved = float((both.cross.wide - both.cross.columns - both.own.wide + both.own.columns).mean())
    doubted = [
        *both.thin(std_error),
        *doubts.curved(moved, noise, std_error),
        *doubts.shared(float(both.own.shared.mean()), doubts.neighbour_noise(n_neighbors) / n, names[0]),
        *both.doubted,
    ]
    below = ["below 0 by chance: not to be told from 0"] if log_ratio.mean() < 0 else []
    return Estimate(
        float(log_ratio.mean()),
        method="nearest neighbours",
        std_error=std_error,
        reliable=not doubted and not both.many_ties,
        notes=(*dict.fromkeys(doubted), *both.remarks, *below),
        n=n,
    )
