"""Draws of a density: what is refused, and the affine map that takes linear correlation out of them."""

from __future__ import annotations

import dataclasses
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from kullback.errors import InputError

Array = NDArray[np.float64]


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Frame:
    """An affine map z = (x − centre) A and how it changes a volume.

    Attributes:
        centre: **(D,)**.
        map: A, **(D, D)**, or the diagonal **(D,)** of one that only scales.
        log_volume: −log |det A|, to be added to an entropy of z.
    """

    centre: Array
    map: Array
    log_volume: float

    def __call__(self, x: Array) -> Array:
        """Take x **(n, D)** to z."""
        centred = x - self.centre
        return centred * self.map if self.map.ndim == 1 else centred @ self.map


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Draws:
    """Checked draws of a density.

    Attributes:
        x: **(n, D)**.
        n_duplicates: the values of each column that occurred before.
        name: for messages.
    """

    x: Array
    n_duplicates: tuple[int, ...]
    name: str

    @property
    def remarks(self) -> list[str]:
        """Sentences on duplicates."""
        return [
            f"{self.name} holds {count} duplicates in column {column}: taken for rounding, "
            "the next distinct value stands in their place"
            for column, count in enumerate(self.n_duplicates)
            if count
        ]

    @property
    def many_ties(self) -> bool:
        """Whether more than one value in a thousand of some column is a duplicate."""
        return max(self.n_duplicates) > len(self.x) / 1000


def check(x: Any, n_neighbors: Any, *, name: str) -> Draws:
    """Refuse what holds no draws of a density over all its columns.

    Args:
        x: draws, **(n, D)**.
        n_neighbors: how many neighbours are looked for.
        name: of `x`, for the messages.

    Returns:
        The Draws, as float64.

    Raises:
        InputError: if `x` has another shape, too few rows, a number that is not finite, a constant column, or a
            column of which more than half the values are duplicates; or `n_neighbors` is not a positive integer.
    """
    draws = np.asarray(x, dtype=np.float64)
    if isinstance(n_neighbors, bool) or not isinstance(n_neighbors, int | np.integer) or n_neighbors < 1:
        raise InputError(f"n_neighbors is {n_neighbors!r}, expected a positive integer; use n_neighbors=3")
    if draws.ndim != 2 or not draws.shape[1]:
        raise InputError(f"{name} has shape {draws.shape}, expected (n, D); one column? {name}.reshape(-1, 1)")
    _check_rows(draws, int(n_neighbors), name)
    if not np.isfinite(draws).all():
        row, column = np.argwhere(~np.isfinite(draws))[0]
        raise InputError(
            f"{name} holds {draws[row, column]} in row {row}, column {column}, expected finite numbers; "
            f"leave it out: {name}[numpy.isfinite({name}).all(axis=1)]"
        )
    counts = tuple(_n_duplicates(draws[:, column]) for column in range(draws.shape[1]))
    for column, n_duplicates in enumerate(counts):
        _check_column(draws.shape, n_duplicates, column, name)
    return Draws(draws, counts, name)


def frame(draws: Draws) -> Frame:
    """Find the map that takes linear correlation out of x.

    The columns of z are principal components of the standardised columns of x, of variance 1. Columns whose
    correlations are all within four standard errors of 0 are only scaled: a rotation by noise would smear an edge of
    the support that runs along a column.

    Args:
        draws: x, **(n, D)**.

    Returns:
        The Frame.

    Raises:
        InputError: if a column is a linear combination of those before it.
    """
    x = draws.x
    centre = x.mean(axis=0)
    scale = np.abs(x - centre).max(axis=0)
    z = (x - centre) / scale
    spread = np.sqrt(np.einsum("ij,ij->j", z, z) / len(z))
    scale = scale * spread
    log_volume = float(np.log(scale).sum())
    correlation = (z.T @ z) / len(z) / np.outer(spread, spread)
    _check_rank(correlation, draws.name)
    off_diagonal = np.abs(correlation - np.diag(np.diag(correlation)))
    if off_diagonal.max() * np.sqrt(len(x)) < 4:
        return Frame(centre, 1 / scale, log_volume)
    variances, directions = np.linalg.eigh(correlation)
    turned = directions / np.sqrt(variances) / scale[:, None]
    return Frame(centre, turned, log_volume + float(np.log(variances).sum()) / 2)


def _n_duplicates(values: Array) -> int:
    ordered = np.sort(values)
    return int(np.count_nonzero(ordered[1:] == ordered[:-1]))


def _check_rows(x: Array, n_neighbors: int, name: str) -> None:
    n, n_columns = x.shape
    if n <= n_neighbors:
        remedy = f"use fewer: n_neighbors={n - 1}" if n > 1 else "one draw tells nothing of a spread"
        raise InputError(
            f"{name} has {n} rows, expected at least {n_neighbors + 1} for n_neighbors={n_neighbors}; {remedy}"
        )
    if n <= n_columns:
        raise InputError(
            f"{name} has {n} rows and {n_columns} columns, expected more rows than columns; transposed? {name}.T"
        )


def _check_column(shape: tuple[int, ...], n_duplicates: int, column: int, name: str) -> None:
    n, n_columns = shape
    if n_duplicates == n - 1:
        remedy = "one outcome? kb.Sample(x, continuous=False)"
        if n_columns > 1:
            remedy = f"leave it out: numpy.delete({name}, {column}, axis=1)"
        raise InputError(f"{name} is constant in column {column}, expected draws of a density; {remedy}")
    if 2 * n_duplicates > n:
        raise InputError(
            f"{name} holds {n_duplicates} duplicates among the {n} values of column {column}, expected draws of a "
            f"density; discrete? kb.Sample({name}, continuous=False)"
        )


def _check_rank(correlation: Array, name: str) -> None:
    """Refuse a column of which those before it leave a variance of the size of rounding errors."""
    for column in range(1, len(correlation)):
        before, towards = correlation[:column, :column], correlation[:column, column]
        left_over = 1 - towards @ np.linalg.solve(before, towards)
        if left_over < 1e-12:
            raise InputError(
                f"{name} has in column {column} a linear combination of the columns before it, expected a density "
                f"over all columns (the entropy is -inf); leave it out: numpy.delete({name}, {column}, axis=1)"
            )
