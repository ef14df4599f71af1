"""One column at a time: its own log density from spacings, and the part the columns share from neighbours.

log f(x) = Σ_d log f_d(x_d) + log c(x), c the copula density. Taken apart so, the density may vary within a
neighbourhood along each column, up to edges of the support, without biasing anything: only c has to be flat there,
and that it is exactly where the columns are independent.

Source:
    O. Vasicek, "A test for normality based on sample entropy", JRSS B 38 (1976), for spacings; A. Kraskov,
    H. Stögbauer and P. Grassberger, "Estimating mutual information", Phys. Rev. E 69 (2004), eq. 23, for what is
    shared; G. Ariel and Y. Louzoun, "Estimating differential entropy using recursive copula splitting", Entropy 22
    (2020), for the split.
"""

from __future__ import annotations

import dataclasses
from typing import final

import numpy as np
from numpy.typing import NDArray

from kullback.estimators.nearest_neighbours.distances import digamma_table, kth_distance, n_nearer, plant

Array = NDArray[np.float64]


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Terms:
    """What each of n points says, the entropy or cross-entropy being the mean of `surprisal`.

    Attributes:
        columns: −Σ_d log f_d, **(n,)**.
        wide: the same from spacings twice as wide.
        shared: log c, **(n,)**; 0 for one column.
        order: which row of the sample each point is, **(n,)**.
        ranks: of each point in each column of the sample that f is known by, **(n, D)**.
    """

    columns: Array
    wide: Array
    shared: Array
    order: NDArray[np.intp]
    ranks: NDArray[np.intp]

    @property
    def surprisal(self) -> Array:
        """−log f, **(n,)**."""
        return self.columns - self.shared


def own_terms(z: Array, k: int) -> Terms:
    """Surprisals of a sample under the density it was drawn from, each point judged by the others.

    Args:
        z: draws, **(n, D)**.
        k: neighbours; spacings reach over k values on each side.

    Returns:
        The Terms, in an order of their own.
    """
    n, n_columns = z.shape
    shared, psi = np.zeros(n), digamma_table(n + 1)
    radius, at = None, np.arange(n)
    if n_columns > 1:
        tree = plant(z)
        at = tree.indices
        z = z[at]  # neighbours in a row: what a search touches is in the cache
        radius, rank = kth_distance(tree, z, k, own=True)
        shared = psi[rank.astype(np.intp)] + (n_columns - 1) * psi[n]
    narrow, wide, ranks = np.zeros(n), np.zeros(n), np.empty((n, n_columns), dtype=np.intp)
    for column in range(n_columns):
        order = np.argsort(z[:, column])
        values = z[order, column]
        narrow[order] += _spacing_surprisal(values, k, psi)
        wide[order] += _spacing_surprisal(values, 2 * k, psi)
        ranks[order, column] = np.arange(n)
        if radius is not None:
            shared[order] -= psi[n_nearer(values, values, radius[order])]
    return Terms(narrow, wide, shared, at, ranks)


def cross_terms(y: Array, at: Array, k: int) -> Terms:
    """Surprisals of draws of P under Q, which is known by draws of its own.

    Args:
        y: draws of Q, **(m, D)**.
        at: draws of P, **(n, D)**; quickest where rows that follow each other are close.
        k: neighbours; spacings reach over k values on each side.

    Returns:
        The Terms, in the order of `at`.
    """
    m, n_columns = y.shape
    n = len(at)
    shared, psi = np.zeros(n), digamma_table(m + 1)
    radius = None
    if n_columns > 1:
        radius, rank = kth_distance(plant(y), at, k, own=False)
        shared = psi[rank.astype(np.intp)] + (n_columns - 1) * psi[m + 1]
    narrow, wide, ranks = np.zeros(n), np.zeros(n), np.empty((n, n_columns), dtype=np.intp)
    for column in range(n_columns):
        values, order = np.sort(y[:, column]), np.argsort(at[:, column])
        places = at[order, column]
        right = np.searchsorted(values, places)
        ranks[order, column] = right
        narrow[order] += _cross_surprisal(values, places, right, k, psi)
        wide[order] += _cross_surprisal(values, places, right, 2 * k, psi)
        if radius is not None:
            shared[order] -= psi[n_nearer(values, places, radius[order]) + 1]
    return Terms(narrow, wide, shared, np.arange(n), ranks)


def _spacing_surprisal(values: Array, k: int, psi: Array) -> Array:
    """log(x_(i+k) − x_(i−k)) − ψ(2k) + ψ(n + 1), with fewer steps at the ends.

    F(x_(j)) − F(x_(i)) ∼ Beta(j − i, n + 1 − j + i), whose log has mean ψ(j − i) − ψ(n + 1).
    """
    n = len(values)
    here = np.arange(n)
    low, high = np.maximum(here - k, 0), np.minimum(here + k, n - 1)
    width = values[high] - values[low]
    tied = np.flatnonzero(width == 0)
    if len(tied):
        low[tied] = np.maximum(np.searchsorted(values, values[tied], "left") - 1, 0)
        high[tied] = np.minimum(np.searchsorted(values, values[tied], "right"), n - 1)
        width[tied] = values[high[tied]] - values[low[tied]]
    return np.log(width) - psi[high - low] + psi[n + 1]


def _cross_surprisal(values: Array, places: Array, right: NDArray[np.intp], k: int, psi: Array) -> Array:
    """log(y_right − y_left) − ψ(number of spacings) + ψ(m + 1), k values on each side; a side without any ends at x."""
    m = len(values)
    low, high = np.maximum(right - k, 0), np.minimum(right + k, m)
    width = _reach(values, places, low, high, right)
    tied = np.flatnonzero(width == 0)
    if len(tied):
        first = np.searchsorted(values, places[tied], "left")
        last = np.searchsorted(values, places[tied], "right")
        low[tied], high[tied] = np.maximum(first - 1, 0), np.minimum(last + 1, m)
        width[tied] = _reach(values, places[tied], low[tied], high[tied], right[tied])
    return np.log(width) - psi[high - low] + psi[m + 1]


def _reach(
    values: Array, places: Array, low: NDArray[np.intp], high: NDArray[np.intp], right: NDArray[np.intp]
) -> Array:
    """Measure from the value at `low` to the one before `high`, or from the place itself where a side has none."""
    left_end = np.where(low < right, values[np.minimum(low, len(values) - 1)], places)
    right_end = np.where(high > right, values[high - 1], places)
    return right_end - left_end
