"""The p-value of recalibration: its level, its power, and scipy's own tests where they say the same."""

import numpy as np
import pytest
import scipy.stats
from tests.account.worlds import draw

from kullback.account.observations import observe
from kullback.account.scaling import Rows, families, scores
from kullback.account.score_test import score_tests


def _p_values(seen):
    return score_tests(seen, families(len(seen.classes)))


def _share(reject, **world):
    runs = [draw(np.random.default_rng(seed), **world) for seed in range(300)]
    return (np.array([_p_values(observe(w.q, w.labels, groups=w.groups)) for w in runs]) < reject).mean(axis=0)


@pytest.mark.parametrize(
    "world",
    [
        {"n": 200, "n_classes": 3},
        {"n": 200, "n_classes": 3, "sharp": 8.0},
        {"n": 50, "n_classes": 2, "sharp": 6.0},
        {"n": 100, "n_classes": 2, "k": 5},
        {"n": 150, "n_classes": 4, "k": 4, "missing": 0.5},
        {"n": 400, "n_classes": 3, "group_size": 4},
    ],
    ids=["plain", "errors are rare", "and few rows", "five labels", "varying labels", "groups"],
)
def test_a_calibrated_model_is_rarely_refuted(world):
    assert (_share(0.05, **world) <= 0.05 + 4 * (0.05 * 0.95 / 300) ** 0.5).all()


@pytest.mark.parametrize("world", [{"slope": 2.0}, {"slope": 0.6}, {"slope": 2.0, "k": 3}])
def test_a_model_that_is_not_calibrated_is_refuted(world):
    assert (_share(0.01, n=500, n_classes=3, **world) > 0.9).all()


def test_with_one_parameter_it_is_the_t_test_or_the_z_test_whichever_is_larger():
    for seed in range(20):
        world = draw(np.random.default_rng(seed), 80, 3)
        seen = observe(world.q, world.labels)
        family = families(3)[0]
        g = scores(Rows(seen.log_q, seen.shares), family, family.identity)[:, 0]
        variance = (world.q * seen.log_q**2).sum(axis=1) - (world.q * seen.log_q).sum(axis=1) ** 2
        z = g.sum() / variance.sum() ** 0.5
        oracle = max(scipy.stats.ttest_1samp(g, 0).pvalue, 2 * scipy.stats.norm.sf(abs(z)))
        assert _p_values(seen)[0] == pytest.approx(oracle, rel=1e-6)


def test_constant_predictions_have_scores_of_lower_rank():
    labels = np.random.default_rng(0).integers(0, 3, 300)
    p = _p_values(observe(np.full((300, 3), 1 / 3), labels))
    # temperature does nothing to uniform predictions; the offsets are Pearson's test of the frequencies
    assert p[0] == 1
    assert p[1] == pytest.approx(scipy.stats.chisquare(np.bincount(labels)).pvalue, abs=0.02)
