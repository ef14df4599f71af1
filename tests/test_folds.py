"""Folds: sizes, groups and seeds."""

from __future__ import annotations

import numpy as np
import pytest

from kullback.folds import assign_folds


@pytest.mark.parametrize(("n", "n_folds"), [(103, 5), (10, 10), (7, 2)])
def test_sizes_differ_by_one_at_most(n: int, n_folds: int):
    sizes = np.bincount(assign_folds(n, None, n_folds), minlength=n_folds)
    assert sizes.sum() == n
    assert np.ptp(sizes) <= 1


def test_groups_are_not_divided_and_folds_are_even():
    groups = np.random.default_rng(0).integers(0, 200, 3000) ** 2 // 200
    groups = np.unique(groups, return_inverse=True)[1]
    folds = assign_folds(3000, groups, 5)
    assert all(len(set(folds[groups == g])) == 1 for g in range(groups.max() + 1))
    assert np.ptp(np.bincount(folds)) <= np.bincount(groups).max()


def test_the_seed_draws_the_folds():
    assert (assign_folds(50, None, 5, seed=1) == assign_folds(50, None, 5, seed=1)).all()
    assert (assign_folds(50, None, 5, seed=1) != assign_folds(50, None, 5, seed=2)).any()
