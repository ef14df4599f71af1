"""Integrals over the plane and over space."""

import math

import numpy as np
import pytest
import scipy.stats
import torch
import torch.distributions as td
from tests.cases.families import f64, mixture

import kullback as kb
from kullback.errors import UnsupportedError

EYE = torch.eye(2, dtype=torch.float64)
WEIGHTS, MEANS = [0.3, 0.7], np.array([[-1.0, 0.0], [1.0, 1.0]])
COVARIANCES = np.array([[[1.0, 0.5], [0.5, 1.0]], [[0.5, 0.0], [0.0, 2.0]]])
MIXED = mixture(WEIGHTS, td.MultivariateNormal(f64(MEANS), f64(COVARIANCES)))


def normal(covariance, mean=None):
    covariance = f64(covariance)
    return td.MultivariateNormal(
        torch.zeros(len(covariance), dtype=torch.float64) if mean is None else f64(mean), covariance
    )


def on_grid(score):
    """E under MIXED by the trapezoid rule, with SciPy's densities."""
    line = np.arange(-16, 16.01, 0.1)
    x = np.stack(np.meshgrid(line, line, indexing="ij"), -1)
    parts = zip(WEIGHTS, MEANS, COVARIANCES, strict=True)
    p = sum(w * scipy.stats.multivariate_normal(m, c).pdf(x) for w, m, c in parts)
    return float((p * score(x, p)).sum() * 0.1**2)


def log_or_zero(p):
    return np.log(np.where(p > 0, p, 1.0))


def test_entropy_of_a_mixture():
    got = kb.entropy(MIXED)
    assert (got.method, got.reliable) == ("cubature", True)
    assert float(got) == pytest.approx(on_grid(lambda x, p: -log_or_zero(p)), rel=1e-9)
    assert float(got.error) < 1e-8


def test_cross_entropy_is_a_second_moment():
    """−E log N(x; 0, 2·1) = log 4π + E|x|²/4."""
    squares = (COVARIANCES.trace(axis1=1, axis2=2) + (MEANS**2).sum(1)) @ WEIGHTS
    got = kb.cross_entropy(MIXED, normal(2 * EYE), method="cubature")
    assert float(got) == pytest.approx(math.log(4 * math.pi) + squares / 4, rel=1e-10)


def test_far_and_narrow_modes():
    """log 2 + the mean of the components' entropies, which do not overlap."""
    covariances = torch.stack([1e-4 * EYE, f64([[1.0, 0.999], [0.999, 1.0]])])
    p = mixture([0.5, 0.5], td.MultivariateNormal(f64([[0.0, 0.0], [100.0, -100.0]]), covariances))
    parts = [0.5 * math.log(np.linalg.det(2 * math.pi * math.e * c.numpy())) for c in covariances]
    got = kb.entropy(p)
    assert got.method == "cubature"
    assert float(got) == pytest.approx(math.log(2) + sum(parts) / 2, rel=1e-8)


def test_tails_of_a_power():
    """Two independent Students: the sum of their entropies."""
    p = td.Independent(td.StudentT(f64([5.0, 7.0]), f64([0.0, 1.0]), f64([1.0, 3.0])), 1)
    truth = scipy.stats.t(5).entropy() + scipy.stats.t(7, scale=3).entropy()
    got = kb.entropy(p, method="cubature", rtol=1e-5)
    assert float(got) == pytest.approx(truth, rel=1e-5)


def test_space():
    c = f64([[2.0, 0.3, 0.0], [0.3, 1.0, -0.2], [0.0, -0.2, 0.5]])
    p, q = normal(c), normal(torch.eye(3, dtype=torch.float64), [0.5, 0.0, 0.0])
    truth = 0.5 * (3.5 - 3 + 0.25 - math.log(np.linalg.det(c.numpy())))
    got = kb.kl_divergence(p, q, method="cubature", rtol=1e-6)
    assert (got.method, float(got)) == ("cubature", pytest.approx(truth, rel=1e-6))


def test_what_is_not_smooth_is_drawn_from():
    """A grid does not settle on kinks: H of two far Laplace components is log 2 + 2 (1 + log 2)."""
    component = td.Independent(td.Laplace(f64([[0.0, 0.0], [90.0, 90.0]]), f64(1.0)), 1)
    got = kb.entropy(mixture([0.5, 0.5], component), rng=0, max_evals=100_000)
    assert got.method == "monte carlo, stratified"
    assert abs(float(got) - (math.log(2) + 2 * (1 + math.log(2)))) < 4 * float(got.std_error)


@pytest.mark.parametrize(
    "p",
    [
        normal(torch.eye(4, dtype=torch.float64) + 0.1),
        td.Dirichlet(f64([1.0, 2.0, 3.0])),
        td.Multinomial(2, f64([0.5, 0.5])),
    ],
    ids=["four dimensions", "a simplex", "counts"],
)
def test_elsewhere_it_does_not_apply(p):
    name = type(p).__name__
    with pytest.raises(UnsupportedError) as caught:
        kb.entropy(p, method="cubature")
    assert str(caught.value) == f"method is 'cubature', which does not apply to {name}; leave it out"
