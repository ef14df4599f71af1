"""Cross-entropy of two samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kullback.estimate import Estimate
from kullback.estimators.nearest_neighbours import doubts
from kullback.estimators.nearest_neighbours.pairs import pair, spacing_moves


def cross_entropy(
    x: NDArray[np.float64], y: NDArray[np.float64], *, n_neighbors: int = 3, names: tuple[str, str] = ("x", "y")
) -> Estimate:
    """H(P, Q) = −E_{x∼P}[log q(x)] of the densities that x and y were drawn from.

    H(P, Q) = −log|det A| − Σ_d E_P[log q_d(Z_d)] − E_P[log c_q(Z)],   Z = A X, A taking linear correlation out of y

    q_d from the spacing of y that holds x, c_q, what the columns of y share, from the neighbours of x in y.

    Args:
        x: draws of P, **(n, D)**.
        y: draws of Q, **(m, D)**.
        n_neighbors: k; spacings reach over k values on each side.
        names: of both, for messages.

    Returns:
        Estimate in nats. std_error is √(Var(−log q̂)/n + ((1 + 0.42 D/k) E_P[p/q] − 1)/m): the draws of Q count as much
        as those of P, and without bound where P has mass that Q hardly has. `reliable` is False as in `entropy`, with
        fewer than 1,000 draws of each, which can hide that Q's tails are thinner than P's, and where x lies where
        draws of y are rare.

    Raises:
        InputError: if `x` or `y` does not hold draws of a density, their columns differ in number, or n_neighbors is
            not a positive integer.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> cross_entropy(rng.normal(size=(2000, 1)), 2 * rng.normal(size=(2000, 1)))  # truth: 1.7371
        1.753 ± 0.023 nat (nearest neighbours, n = 2 000)

    Source:
        Q. Wang, S. R. Kulkarni and S. Verdú, IEEE Trans. Inf. Theory 55 (2009), for neighbours in the other sample;
        the split as in `entropy`.
    """
    both = pair(x, y, n_neighbors, names)
    n, n_columns = both.own.ranks.shape
    surprisal = both.cross.surprisal
    std_error = float(np.sqrt(surprisal.var(ddof=1) / n + both.variance_from_q()))
    noise = float(np.sqrt(spacing_moves(n_neighbors, n_columns) / min(n, both.m)))
    moved = float((both.cross.wide - both.cross.columns).mean())
    doubted = [*both.thin(std_error), *doubts.curved(moved, noise, std_error), *both.doubted]
    return Estimate(
        float(surprisal.mean()) + both.cross_volume,
        method="nearest neighbours",
        std_error=std_error,
        reliable=not doubted and not both.many_ties,
        notes=(*dict.fromkeys(doubted), *both.remarks),
        n=n,
    )
