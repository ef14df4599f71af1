"""The variance of an average over neighbours, and when the bias is not small beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, ndtri, polygamma

Array = NDArray[np.float64]


FEW = 300
"""Draws from which the intervals of entropies and of mutual information were seen to cover."""


def few(n: int) -> list[str]:
    """Doubt the std_error of few draws: of 100, intervals cover 87 %, of 20, 60 %."""
    return [f"fewer than {FEW} draws: the std_error is itself uncertain, and too small"] if n < FEW else []


def neighbour_noise(k: int) -> float:
    """n times the variance that neighbours add to the mean of a sample's own log distances: 1.6 ψ'(k).

    Each log distance has variance ψ'(k); that points share neighbours adds to it, that n is fixed takes 1 away. The
    factor was measured on a torus of 1000 points: 1.5 to 1.7 for D = 1, 2, 3 and 5 (1.3 to 1.5 for k = 1) and
    k from 2 to 20, in the Euclidean norm; in the maximum norm for D = 2.
    """
    return 1.6 * float(polygamma(1, k))


def spacing_noise(m: int) -> float:
    """n times the variance that spacings over m steps add to the mean of −log f: (2m² − 2m + 1) ψ'(m) − 2m + 1."""
    return (2 * m * m - 2 * m + 1) * float(polygamma(1, m)) - 2 * m + 1


def cross_noise(k: int) -> float:
    """n times the variance of −log q at draws of P from spacings of as many draws of Q = P: ψ'(2k) + 0.42 / k.

    ψ'(2k) is the scatter of each point alone; the rest, measured for k = 3 and 6, is owed to points sharing spacings.
    """
    return float(polygamma(1, 2 * k)) + 0.42 / k


def own_variance(surprisal: Array, k: int, n_columns: int) -> float:
    """n times the variance of the mean of `surprisal`: Var(log f) and the noise of spacings and neighbours.

    The scatter of the points holds Var(log f) and, for each point alone, ψ'(2k) from each column and ψ'(k).
    """
    alone = n_columns * float(polygamma(1, 2 * k))
    together = n_columns * spacing_noise(2 * k)
    if n_columns > 1:
        alone += float(polygamma(1, k))
        together += neighbour_noise(k)
    return max(float(surprisal.var(ddof=1)) - alone, 0.0) + together


def curved(moved: float, noise: float, std_error: float) -> list[str]:
    """Doubt the columns' densities where spacings twice as wide give another answer.

    Half a std_error is allowed, and one and a half of what the noise of the spacings moves, whose variance is the
    difference of theirs, as of any two estimates of which one is nearly efficient (Hausman, Econometrica 46, 1978).

    Args:
        moved: by how much wide spacings move the value.
        noise: the standard deviation of that by chance.
        std_error: of the value.

    Returns:
        The doubt, or nothing.
    """
    if abs(moved) <= std_error / 2 + 1.5 * noise:
        return []
    return ["bias: spacings twice as wide move the value by more than half its std_error"]


def dependent(ranks: NDArray[np.intp], name: str) -> list[str]:
    """Doubt a density whose columns depend on each other beyond linear correlation.

    Two signs of it: normal scores g of the ranks, and g², correlate between columns, χ² over all pairs, p < 0.001; the
    g² correlate to one side, four standard errors.

    Args:
        ranks: of each point in each column of its own sample, **(n, D)**.
        name: of the sample.

    Returns:
        The doubt, or nothing.
    """
    n, n_columns = ranks.shape
    if n_columns == 1:
        return []
    correlations = _correlations(ranks)
    of_pairs = correlations[np.triu(np.ones((n_columns, n_columns), dtype=bool), 1)]
    any_way = n * float((of_pairs**2).sum()) > chdtri(of_pairs.size, 0.001)
    one_way = abs(float(of_pairs[:, 1, 1].sum())) > 4 * np.sqrt(len(of_pairs) / n)
    return [_dependent(name)] if any_way or one_way else []


def linked(left: Array, right: Array) -> bool:
    """Say whether x **(n, D_x)** and y **(n, D_y)** show any dependence, by the scores of `dependent`, p < 0.05."""
    z = np.concatenate([left, right], axis=1)
    ranks = np.argsort(np.argsort(z, axis=0), axis=0)
    across = _correlations(ranks)[: left.shape[1], left.shape[1] :]
    return len(z) * float((across**2).sum()) > chdtri(across.size, 0.05)


def _correlations(ranks: NDArray[np.intp]) -> Array:
    """Correlate normal scores g and g² of column i with those of column j, **(D, D, 2, 2)**."""
    n, n_columns = ranks.shape
    scores = ndtri((np.arange(n) + 0.5) / n)
    scores /= scores.std()
    squares = scores**2 - 1
    features = np.concatenate([scores[ranks], squares[ranks] / squares.std()], axis=1)
    return (features.T @ features / n).reshape(2, n_columns, 2, n_columns).transpose(1, 3, 0, 2)


def shared(share: float, variance: float, name: str) -> list[str]:
    """Doubt a density whose columns share information, E[log c] more than three standard errors from 0."""
    return [_dependent(name)] if abs(share) > 3 * np.sqrt(variance) else []


def _dependent(name: str) -> str:
    return f"bias: the columns of {name} depend on each other beyond linear correlation"
