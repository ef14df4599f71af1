"""KL divergence of a sample from a model whose density is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kullback.estimate import Estimate
from kullback.estimators.nearest_neighbours import doubts
from kullback.estimators.nearest_neighbours.columns import own_terms
from kullback.estimators.nearest_neighbours.entropy import own_doubts
from kullback.estimators.nearest_neighbours.samples import check, frame

Array = NDArray[np.float64]


def kl_to_known(x: Array, information: Array, *, n_neighbors: int = 3) -> Estimate:
    """KL(P‖Q) = E_{x∼P}[log p(x) − log q(x)] of the density that x was drawn from and a Q that is known.

    KL = 1/n Σ_i [log p̂(x_i) − log q(x_i)], p̂ as in `entropy`

    Args:
        x: draws of P, **(n, D)**.
        information: −log q(x_i), **(n, B)**, of B models.
        n_neighbors: k; spacings reach over k values on each side.

    Returns:
        Estimate in nats, **(B,)**. std_error is that of the mean difference: √((Var(log p/q) + noise)/n), the noise
        of spacings and neighbours as in `entropy`; it does not vanish where P = Q. `reliable` as in `entropy`.

    Raises:
        InputError: if `x` does not hold draws of a density over all its columns, or n_neighbors is not a positive
            integer.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(2000, 1))
        >>> to_normal = 0.5 * x**2 + 0.5 * np.log(2 * np.pi)
        >>> bool(abs(kl_to_known(x, to_normal).value[0]) < 0.05)  # truth: 0
        True

    Source:
        as `entropy`.
    """
    draws = check(x, n_neighbors, name="p")
    n, n_columns = draws.x.shape
    to_z = frame(draws)
    terms = own_terms(to_z(draws.x), n_neighbors)
    log_ratio = information[terms.order] - (terms.surprisal + to_z.log_volume)[:, None]
    variances = [
        doubts.own_variance(column, n_neighbors, n_columns) if np.isfinite(column).all() else 0.0
        for column in log_ratio.T
    ]
    std_error = np.sqrt(np.asarray(variances) / n)
    doubted = own_doubts(terms, n_neighbors, float(std_error.min(initial=np.inf)), "p")
    return Estimate(
        log_ratio.mean(axis=0),
        method="nearest neighbours",
        std_error=std_error,
        reliable=not doubted and not draws.many_ties,
        notes=(*dict.fromkeys(doubted), *draws.remarks),
        n=n,
    )
