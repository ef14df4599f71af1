"""Do the intervals of the nearest-neighbour estimators cover? Samples from densities whose truth is known.

Each world is drawn anew some hundred times. Among the draws called reliable the share covered may fall short of 95 %
by 2 % and four simulation errors; above, only by those.
"""

import numpy as np
import pytest
from tests.coverage.sample_worlds import WORLDS

from kullback.estimators import nearest_neighbours as nn

SEED = 20261126


def coverage(estimates, truth):
    """The share covered and called reliable, and the mean error in standard errors."""
    values = np.array([e.value for e in estimates])
    errors = np.array([e.std_error for e in estimates])
    reliable = np.array([e.reliable for e in estimates])
    covered = np.abs(values - truth) < 1.96 * errors
    return covered[reliable].mean(), reliable.mean(), (values - truth).mean() / errors.mean()


def check(estimates, truth, *, most_reliable):
    share, reliable, bias = coverage(estimates, truth)
    allowed = 4 * np.sqrt(0.95 * 0.05 / (len(estimates) * reliable))
    assert reliable > most_reliable
    assert 0.93 - allowed <= share <= 0.97 + allowed
    assert abs(bias) < 0.35 + 4 / np.sqrt(len(estimates))


@pytest.mark.parametrize("name", WORLDS)
def test_intervals_cover(name):
    world = WORLDS[name]
    rng = np.random.default_rng(SEED)
    found = [world.measure(rng) for _ in range(world.repeats)]
    check(found, world.truth, most_reliable=world.reliable)


@pytest.mark.parametrize("measure", [nn.kl_divergence, nn.cross_entropy])
def test_few_draws_of_q_count_too(measure):
    """Most of the spread comes from 100 draws of Q: the spread of 200 values and their std_errors agree."""
    rng = np.random.default_rng(SEED)
    estimates = [measure(0.6 * rng.normal(size=(2000, 1)), rng.normal(size=(100, 1))) for _ in range(200)]
    spread = np.std([e.value for e in estimates])
    assert np.mean([e.std_error for e in estimates]) == pytest.approx(spread, rel=4 / np.sqrt(2 * 200))


def test_where_it_would_not_cover_it_says_so():
    """A thin shell in five columns: the neighbours are too far away, and no draw is called reliable."""
    rng = np.random.default_rng(SEED)
    for _ in range(20):
        u = rng.normal(size=(300, 5))
        shell = u / np.linalg.norm(u, axis=1, keepdims=True) * (3 + 0.3 * rng.normal(size=(300, 1)))
        assert not nn.entropy(shell).reliable
