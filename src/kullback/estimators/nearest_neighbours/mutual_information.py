"""Mutual information of the columns of a sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, polygamma

from kullback.errors import InputError
from kullback.estimate import Estimate
from kullback.estimators.nearest_neighbours import doubts
from kullback.estimators.nearest_neighbours.distances import digamma_table, kth_distance, n_nearer_in_block, plant
from kullback.estimators.nearest_neighbours.samples import Draws, check, frame

Array = NDArray[np.float64]

_FAR = "bias: X and Y share something, and neighbours in more than two columns lie too far to see all of it"
_STRONG = "bias: near or above 0.8 nats, X and Y keep to a strip that is hardly wider than neighbours are apart"
_MOVED = "bias: eight times as many neighbours move the value by more than half its std_error"


def mutual_information(
    x: NDArray[np.float64], y: NDArray[np.float64], *, n_neighbors: int = 3, names: tuple[str, str] = ("x", "y")
) -> Estimate:
    """I(X; Y) of the density that the rows of x and y were drawn from together.

    I = ψ(k) + ψ(n) − 1/n Σ_i [ψ(n_x + 1) + ψ(n_y + 1)], n_x and n_y the points whose x, or y, is strictly nearer than
    the k-th neighbour of (x_i, y_i) in the maximum norm

    Args:
        x: draws, **(n, D_x)**.
        y: draws that belong to the same rows, **(n, D_y)**. A single column is taken by the normal scores of its
            ranks, and several without their linear correlation, which leaves I as it is.
        n_neighbors: k.
        names: of both, for messages.

    Returns:
        Estimate in nats, on either side of 0 where X and Y are independent. std_error is √((Var(log p/(p_x p_y)) +
        1.6 ψ'(k)) / n), the noise of neighbours as in `entropy`. `reliable` is False where there are fewer than 300
        draws; where X and Y share something and either have more than two columns together, or may share more than
        0.8 nats, or eight times as many neighbours give another answer; and where more than one value in a thousand is
        a duplicate.

    Raises:
        InputError: if `x` or `y` does not hold draws of a density, their rows differ in number, or n_neighbors is not
            a positive integer.

    Example:
        >>> x, noise = np.random.default_rng(0).normal(size=(2, 2000, 1))
        >>> mutual_information(x, 0.6 * x + 0.8 * noise)  # truth: −0.5 log(1 − 0.36) = 0.2231
        0.212 ± 0.021 nat (nearest neighbours, n = 2 000)

    Source:
        A. Kraskov, H. Stögbauer and P. Grassberger, "Estimating mutual information", Phys. Rev. E 69 (2004), eq. 8.
    """
    a, b = (check(z, n_neighbors, name=name) for z, name in zip((x, y), names, strict=True))
    n = len(a.x)
    if len(b.x) != n:
        raise InputError(
            f"{names[1]} has {len(b.x)} rows where {names[0]} has {n}, expected one for each; pair them row by row"
        )
    left, right = _placed(a), _placed(b)
    tree = plant(np.concatenate([left, right], axis=1))
    left, right = left[tree.indices], right[tree.indices]
    terms = _terms(tree, left, right, n_neighbors)
    value, noise = float(terms.mean()), doubts.neighbour_noise(n_neighbors)
    spread = max(float(terms.var(ddof=1)) - float(polygamma(1, n_neighbors)), 0.0)
    std_error = float(np.sqrt((spread + noise) / n))
    dependent = value > 2 * np.sqrt(noise / n) or doubts.linked(left, right)
    doubted = doubts.few(n) + (_doubts(tree, (left, right), terms, n_neighbors, std_error) if dependent else [])
    below = ["below 0 by chance: not to be told from 0"] if value < 0 else []
    return Estimate(
        value,
        method="nearest neighbours",
        std_error=std_error,
        reliable=not doubted and not (a.many_ties or b.many_ties),
        notes=(*doubted, *a.remarks, *b.remarks, *below),
        n=n,
    )


def _placed(draws: Draws) -> Array:
    """Map x, or y, to where neighbours see most, by a map that I does not notice."""
    if draws.x.shape[1] > 1:
        return frame(draws)(draws.x)
    ordered = np.sort(draws.x[:, 0])
    ranks = np.searchsorted(ordered, draws.x, "left") + np.searchsorted(ordered, draws.x, "right")
    return ndtri(ranks / (2 * len(ordered)))


def _terms(tree: Any, left: Array, right: Array, k: int) -> Array:
    """log p/(p_x p_y) at each point, the points in the tree's order."""
    radius, rank = kth_distance(tree, np.concatenate([left, right], axis=1), k, own=True)
    psi = digamma_table(len(left))
    return (
        psi[rank.astype(np.intp)]
        + psi[len(left)]
        - psi[n_nearer_in_block(left, radius)]
        - psi[n_nearer_in_block(right, radius)]
    )


def _doubts(tree: Any, blocks: tuple[Array, Array], terms: Array, k: int, std_error: float) -> list[str]:
    """Doubt an information that is not 0; where X and Y are independent there is no bias."""
    value, n = float(terms.mean()), len(terms)
    if blocks[0].shape[1] + blocks[1].shape[1] > 2:
        return [_FAR]
    if value + 3 * std_error > 0.8:
        return [_STRONG]
    more = min(8 * k, n - 1)
    moved = float(_terms(tree, *blocks, more).mean()) - value
    by_chance = np.sqrt((doubts.neighbour_noise(k) - doubts.neighbour_noise(more)) / n)
    return [_MOVED] if abs(moved) > std_error / 2 + by_chance else []
