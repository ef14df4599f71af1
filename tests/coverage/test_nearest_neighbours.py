"""Do the intervals of the nearest-neighbour estimators cover? Samples from densities whose truth is known.

Each world is drawn anew some hundred times. Among the draws called reliable the share covered may fall short of 95 %
by 2 % and four simulation errors; above, only by those.
"""

import numpy as np
import pytest

from kullback.estimators import nearest_neighbours as nn

SEED = 20261126
NORMAL = 0.5 * np.log(2 * np.pi * np.e)


def coverage(estimates, truth):
    """The share covered and called reliable, and the mean error in standard errors."""
    values = np.array([e.value for e in estimates])
    errors = np.array([e.std_error for e in estimates])
    reliable = np.array([e.reliable for e in estimates])
    covered = np.abs(values - truth) < 1.96 * errors
    return covered[reliable].mean(), reliable.mean(), (values - truth).mean() / errors.mean()


def check(estimates, truth, *, most_reliable=0.85):
    share, reliable, bias = coverage(estimates, truth)
    allowed = 4 * np.sqrt(0.95 * 0.05 / (len(estimates) * reliable))
    assert reliable > most_reliable
    assert 0.93 - allowed <= share <= 0.97 + allowed
    assert abs(bias) < 0.35 + 4 / np.sqrt(len(estimates))


ENTROPY = {
    "normal": (lambda rng, s: rng.normal(size=s), NORMAL),
    "uniform": (lambda rng, s: rng.random(s), 0.0),
    "exponential": (lambda rng, s: rng.exponential(size=s), 1.0),
    "lognormal": (lambda rng, s: rng.lognormal(size=s), NORMAL),
    "Laplace": (lambda rng, s: rng.laplace(size=s), 1 + np.log(2)),
}


@pytest.mark.parametrize("n_columns", [1, 3])
@pytest.mark.parametrize("world", ENTROPY)
def test_entropy(world, n_columns):
    draw, truth = ENTROPY[world]
    rng = np.random.default_rng(SEED)
    check([nn.entropy(draw(rng, (300, n_columns))) for _ in range(100)], n_columns * truth)


def test_entropy_of_correlated_and_of_many_columns():
    rng = np.random.default_rng(SEED)
    mix = np.linalg.cholesky(0.1 * np.eye(3) + 0.9)
    truth = 3 * NORMAL + np.log(np.diag(mix)).sum()
    check([nn.entropy(rng.normal(size=(500, 3)) @ mix.T) for _ in range(100)], truth)
    check([nn.entropy(rng.normal(size=(500, 10))) for _ in range(50)], 10 * NORMAL)


@pytest.mark.parametrize(("scale", "n_columns"), [(1.0, 1), (0.7, 1), (1.0, 2), (0.7, 2)])
def test_kl_and_cross_entropy(scale, n_columns):
    rng = np.random.default_rng(SEED)
    pairs = [(scale * rng.normal(size=(1200, n_columns)), rng.normal(size=(1200, n_columns))) for _ in range(80)]
    kl = n_columns * (-np.log(scale) + scale**2 / 2 - 0.5)
    check([nn.kl_divergence(x, y) for x, y in pairs], kl, most_reliable=0.6)
    crossed = n_columns * (0.5 * np.log(2 * np.pi) + scale**2 / 2)
    check([nn.cross_entropy(x, y) for x, y in pairs[:40]], crossed, most_reliable=0.6)


@pytest.mark.parametrize("measure", [nn.kl_divergence, nn.cross_entropy])
def test_few_draws_of_q_count_too(measure):
    """Most of the spread comes from 100 draws of Q: the spread of 200 values and their std_errors agree."""
    rng = np.random.default_rng(SEED)
    estimates = [measure(0.6 * rng.normal(size=(2000, 1)), rng.normal(size=(100, 1))) for _ in range(200)]
    spread = np.std([e.value for e in estimates])
    assert np.mean([e.std_error for e in estimates]) == pytest.approx(spread, rel=4 / np.sqrt(2 * 200))


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_mutual_information(rho):
    rng = np.random.default_rng(SEED)
    pairs = [rng.normal(size=(2, 500, 1)) for _ in range(100)]
    estimates = [nn.mutual_information(x, rho * x + np.sqrt(1 - rho**2) * noise) for x, noise in pairs]
    check(estimates, -0.5 * np.log(1 - rho**2), most_reliable=0.6)


def test_where_it_would_not_cover_it_says_so():
    """A thin shell in five columns: the neighbours are too far away, and no draw is called reliable."""
    rng = np.random.default_rng(SEED)
    for _ in range(20):
        u = rng.normal(size=(300, 5))
        shell = u / np.linalg.norm(u, axis=1, keepdims=True) * (3 + 0.3 * rng.normal(size=(300, 1)))
        assert not nn.entropy(shell).reliable
