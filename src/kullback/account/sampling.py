"""Means over items and their covariance, with items, or groups of items, as the sampling unit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def covariance_of_mean(x: Array, groups: Codes | None) -> Array:
    """Estimate the covariance of the mean of rows that are independent between groups.

    V = G/(G−1) Σ_g S_g S_gᵀ / n², where S_g is the sum of x − x̄ over group g; without groups each row is its own.

    Args:
        x: **(N, D)** values.
        groups: **(N,)** group codes 0 … G−1, or None.

    Returns:
        **(D, D)** covariance; infinite where there are fewer than two sampling units.

    Source:
        Liang & Zeger (1986), "Longitudinal data analysis using generalized linear models", eq. 2, for means.
    """
    n, d = x.shape
    residuals = sum_by_group(x - x.mean(axis=0), groups)
    units = len(residuals)
    if units < 2:
        return np.full((d, d), np.inf)
    return residuals.T @ residuals * (units / (units - 1) / n**2)


def sum_by_group(x: Array, groups: Codes | None) -> Array:
    """Sum **(N, D)** values over each group, **(G, D)**; without groups each row is its own."""
    if groups is None:
        return x
    return np.stack([np.bincount(groups, weights=column).astype(np.float64) for column in x.T], axis=1)


def mean_and_error(x: Array, groups: Codes | None) -> tuple[float, float]:
    """Give the mean of **(N,)** values and its standard error, clustered by group where groups are given."""
    return float(x.mean()), float(np.sqrt(covariance_of_mean(x[:, None], groups)[0, 0]))


def pick(groups: Codes | None, rows: Codes) -> Codes | None:
    """Give the group codes of some rows, numbered anew from 0 without gaps."""
    return None if groups is None else np.unique(groups[rows], return_inverse=True)[1].astype(np.int64)
