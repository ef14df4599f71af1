"""Distances to nearest neighbours in the maximum norm, and how many points lie nearer in one column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from scipy.special import digamma

Array = NDArray[np.float64]
Order = NDArray[np.intp]

_MANY = 20_000
"""Queries from which a second thread earns what it costs to start."""


def plant(points: Array) -> Any:
    """Build the tree over points **(n, D)**: tight boxes are searched faster, and take long to make of many points."""
    few = len(points) < _MANY
    return KDTree(points, leafsize=12 if few else 16, balanced_tree=False, compact_nodes=few)


def kth_distance(tree: Any, at: Array, k: int, *, own: bool) -> tuple[Array, Array]:
    """Distance to the k-th neighbour, and where that is 0 to the first neighbour that is not a duplicate.

    Args:
        tree: of the points.
        at: where to look from, **(n, D)**; neighbours in this order are searched quickest where they are close.
        k: which neighbour.
        own: whether `at` are the points themselves, which are not their own neighbours.

    Returns:
        The distances **(n,)**, none of them 0, and which neighbour each one is, **(n,)**.
    """
    workers = 2 if len(at) >= _MANY else 1
    radius = tree.query(at, k=[k + own], p=np.inf, workers=workers)[0][:, 0]
    rank = np.full(len(at), float(k))
    zero = np.flatnonzero(radius == 0)
    while len(zero):
        k = min(2 * k, tree.n - own)
        near = tree.query(at[zero], k=k + own, p=np.inf)[0][:, own:].reshape(len(zero), -1)
        first = np.argmax(near > 0, axis=1)
        found = near[np.arange(len(zero)), first] > 0
        radius[zero[found]] = near[found, first[found]]
        rank[zero[found]] = first[found] + 1.0
        zero = zero[~found]
    return radius, rank


def n_nearer(ordered: Array, at: Array, radius: Array) -> NDArray[np.intp]:
    """Count the values strictly nearer than radius, for each place of `at`; a place among the values counts itself.

    Args:
        ordered: the values of one column, ascending, **(m,)**.
        at: places, **(n,)**; quickest if ascending.
        radius: **(n,)**.

    Returns:
        Counts **(n,)**.
    """
    inside = radius * (1 - 1e-10)  # a neighbour exactly at the radius stays outside whatever at ± radius rounds to
    return np.searchsorted(ordered, at + inside, "right") - np.searchsorted(ordered, at - inside, "left")


def n_nearer_in_block(points: Array, radius: Array) -> NDArray[np.intp]:
    """Count the points of **(n, D)** strictly nearer to each than its radius in the maximum norm, itself included."""
    if points.shape[1] == 1:
        order = np.argsort(points[:, 0])
        counts = np.empty(len(points), dtype=np.intp)
        values = points[order, 0]
        counts[order] = n_nearer(values, values, radius[order])
        return counts
    workers = 2 if len(points) >= _MANY // 10 else 1
    inside = radius * (1 - 1e-10)
    found = plant(points).query_ball_point(points, inside, p=np.inf, workers=workers, return_length=True)
    return np.asarray(found, dtype=np.intp)


def digamma_table(n: int) -> Array:
    """ψ(0 … n), **(n + 1,)**; ψ(0) = −∞ is never looked up."""
    table = np.empty(n + 1)
    table[0] = -np.inf
    table[1:] = digamma(np.arange(1, n + 1))
    return table
