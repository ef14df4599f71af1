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
from concurrent.futures import ThreadPoolExecutor
from typing import Any, final

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


def own_terms(z: Array, k: int, tree: Any = None) -> Terms:
    """Surprisals of a sample under the density it was drawn from, each point judged by the others.

    Args:
        z: draws, **(n, D)**.
        k: neighbours; spacings reach over k values on each side.
        tree: over z, if there is one.

    Returns:
        The Terms, in the order of the tree.
    """
    n, n_columns = z.shape
    psi = digamma_table(n + 1)
    if n_columns == 1:
        column = _column(z[:, 0], k, psi)
        return Terms(column.narrow, column.wide, np.zeros(n), np.arange(n), column.ranks[:, None])
    tree = plant(z) if tree is None else tree
    z = z[tree.indices]  # neighbours in a row: what a search touches is in the cache
    with ThreadPoolExecutor(1) as thread:  # the search lets go of the interpreter: the columns are done meanwhile
        search = thread.submit(kth_distance, tree, z, k, own=True)
        columns = [_column(z[:, d], k, psi) for d in range(n_columns)]
        radius, rank = search.result()
    shared = psi[rank.astype(np.intp)] + (n_columns - 1) * psi[n]
    for column in columns:
        shared[column.order] -= psi[n_nearer(column.values, column.values, radius[column.order])]
    narrow, wide = (np.sum([getattr(c, name) for c in columns], axis=0) for name in ("narrow", "wide"))
    return Terms(narrow, wide, shared, tree.indices, np.stack([c.ranks for c in columns], axis=1))


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Column:
    """What one column of a sample says by itself.

    Attributes:
        order: the rows in ascending order, **(n,)**.
        values: the column in that order.
        ranks: of each row, **(n,)**.
        narrow: −log f_d of each row, from spacings over k values on each side, **(n,)**.
        wide: the same over 2 k.
    """

    order: NDArray[np.intp]
    values: Array
    ranks: NDArray[np.intp]
    narrow: Array
    wide: Array


def _column(x: Array, k: int, psi: Array) -> Column:
    order = np.argsort(x)
    values = x[order]
    ranks = np.empty(len(x), dtype=np.intp)
    ranks[order] = np.arange(len(x))
    narrow, wide = (_spacing_surprisal(values, steps, psi)[ranks] for steps in (k, 2 * k))
    return Column(order, values, ranks, narrow, wide)


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
