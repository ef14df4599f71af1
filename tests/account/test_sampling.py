"""Means, clustered errors and folds, against loops."""

import numpy as np
import pytest

from kullback.account.sampling import covariance_of_mean, mean_and_error, pick, sum_by_group


def test_covariance_of_the_mean_is_numpys_over_n():
    x = np.random.default_rng(0).normal(size=(50, 3))
    assert covariance_of_mean(x, None) == pytest.approx(np.cov(x, rowvar=False) / 50)


def test_clustered_covariance_is_the_loop_over_groups():
    rng = np.random.default_rng(1)
    x, groups = rng.normal(size=(80, 2)), rng.integers(0, 9, 80)
    v = np.zeros((2, 2))
    for g in range(9):
        s = (x[groups == g] - x.mean(axis=0)).sum(axis=0)
        v += np.outer(s, s)
    assert covariance_of_mean(x, groups) == pytest.approx(v * 9 / 8 / 80**2)
    assert sum_by_group(x, groups)[4] == pytest.approx(x[groups == 4].sum(axis=0))


def test_groups_of_one_change_nothing():
    x = np.random.default_rng(2).normal(size=60)
    assert mean_and_error(x, np.arange(60)) == pytest.approx(mean_and_error(x, None))


def test_one_unit_has_no_error():
    assert np.isinf(mean_and_error(np.ones(4), np.zeros(4, int))[1])


def test_picked_groups_are_numbered_anew():
    assert pick(np.array([0, 1, 2, 2]), np.array([0, 2, 3])).tolist() == [0, 1, 1]
    assert pick(None, np.array([1])) is None
