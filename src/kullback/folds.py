"""Folds: which rows are held out together, drawn at random, groups never divided."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def assign_folds(n: int, groups: NDArray[np.int64] | None, n_folds: int, seed: int = 0) -> NDArray[np.int64]:
    """Give each of n rows a fold at random; folds are of one size, or as near to it as whole groups allow.

    Args:
        n: number of rows N.
        groups: **(N,)** group codes 0 … G−1, or None where every row is its own group.
        n_folds: number of folds.
        seed: the same seed draws the same folds.

    Returns:
        **(N,)** fold codes 0 … n_folds − 1; some folds are empty if there are fewer groups than folds.

    Example:
        >>> import numpy as np
        >>> np.bincount(assign_folds(10, None, 5))
        array([2, 2, 2, 2, 2])
    """
    draw = np.random.default_rng(seed)
    if groups is None:
        return draw.permutation(n) % n_folds
    sizes = np.bincount(groups)
    order = draw.permutation(len(sizes))
    fold_of, load = np.zeros(len(sizes), np.int64), np.zeros(n_folds)
    # the largest groups first, each to the emptiest fold
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        fold_of[group] = int(load.argmin())
        load[fold_of[group]] += sizes[group]
    return fold_of[groups]
