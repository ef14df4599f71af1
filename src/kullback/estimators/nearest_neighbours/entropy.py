"""Differential entropy of a sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kullback.estimate import Estimate
from kullback.estimators.nearest_neighbours import doubts
from kullback.estimators.nearest_neighbours.columns import Terms, own_terms
from kullback.estimators.nearest_neighbours.samples import check, frame


def entropy(x: NDArray[np.float64], *, n_neighbors: int = 3, name: str = "x") -> Estimate:
    """H(P), the differential entropy of the density that x was drawn from.

    H(P) = −log|det A| + Σ_d H(Z_d) − I(Z_1; …; Z_D),   Z = A X, A taking out linear correlation

    H(Z_d) from spacings of the sorted column, the shared information I from nearest neighbours in the maximum norm,
    which count, of each column, the points nearer than the k-th neighbour. A single k-neighbour distance (Kozachenko
    and Leonenko 1987) is biased by more than its error from D = 3 on, at edges and in tails even before; taken apart,
    the bias comes only from what columns share beyond linear correlation.

    Args:
        x: draws, **(n, D)**.
        n_neighbors: k; spacings reach over k values on each side.
        name: of `x`, for messages.

    Returns:
        Estimate in nats. std_error is √((Var(log f) + D s(2k) + 1.6 ψ'(k)) / n) with s(m) = (2m² − 2m + 1) ψ'(m) −
        2m + 1: the noise of spacings and of neighbours, which share points, is known whatever the density.
        `reliable` is False where there are fewer than 300 draws, where wider spacings give another answer, where
        columns depend on each other beyond linear correlation, and where more than one value in a thousand is a
        duplicate. In many columns a dependence that shows in no pair of them can escape.

    Raises:
        InputError: if `x` does not hold draws of a density over all its columns, or n_neighbors is not a positive
            integer.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(2000, 3))
        >>> entropy(x)  # truth: 1.5 log(2πe) = 4.257
        4.205 ± 0.033 nat (nearest neighbours, n = 2 000)

    Source:
        L. F. Kozachenko and N. N. Leonenko (1987); A. Kraskov, H. Stögbauer and P. Grassberger, Phys. Rev. E 69
        (2004), eq. 23; O. Vasicek, JRSS B 38 (1976); G. Ariel and Y. Louzoun, Entropy 22 (2020), for the split;
        S. Delattre and N. Fournier, J. Stat. Plan. Inference 185 (2017), for the variance.
    """
    draws = check(x, n_neighbors, name=name)
    n, n_columns = draws.x.shape
    to_z = frame(draws)
    terms = own_terms(to_z(draws.x), n_neighbors)
    surprisal = terms.surprisal
    std_error = float(np.sqrt(doubts.own_variance(surprisal, n_neighbors, n_columns) / n))
    doubted = own_doubts(terms, n_neighbors, std_error, name)
    return Estimate(
        float(surprisal.mean()) + to_z.log_volume,
        method="nearest neighbours",
        std_error=std_error,
        reliable=not doubted and not draws.many_ties,
        notes=(*dict.fromkeys(doubted), *draws.remarks),
        n=n,
    )


def own_doubts(terms: Terms, k: int, std_error: float, name: str) -> list[str]:
    """Doubt an entropy whose bias is not small beside std_error."""
    n, n_columns = terms.ranks.shape
    moved = float((terms.wide - terms.columns).mean())
    noise = np.sqrt(n_columns * (doubts.spacing_noise(2 * k) - doubts.spacing_noise(4 * k)) / n)
    return [
        *doubts.few(n),
        *doubts.curved(moved, float(noise), std_error),
        *doubts.shared(float(terms.shared.mean()), doubts.neighbour_noise(k) / n, name),
        *doubts.dependent(terms.ranks, name),
    ]
