"""Vectors, matrices and distributions made of distributions."""

import math

import mpmath as mp
import numpy as np
import pytest
import scipy.stats
import torch
from tests.estimators.closed_form.oracles import f64, textbook
from torch import distributions as d

from kullback.estimators.closed_form import closed_form

RNG = np.random.default_rng(20261125)


def matrix(n):
    root = RNG.normal(size=(n, n))
    return torch.tensor(root @ root.T + 0.3 * np.eye(n))


def normal_divergence(p, q):
    """In 60 digits, from the matrices."""
    with mp.workdps(60):
        a, b = (mp.matrix(x.covariance_matrix.double().tolist()) for x in (p, q))
        z = mp.matrix((p.loc - q.loc).double().tolist())
        trace = sum((mp.inverse(b) * a)[i, i] for i in range(a.rows))
        log_det = mp.log(mp.det(b)) - mp.log(mp.det(a))
        return float((trace - a.rows + log_det + (z.T * mp.inverse(b) * z)[0]) / 2)


A, B = matrix(3), matrix(3)
LOC, SHIFT = torch.tensor([0.3, -1.0, 2.0], dtype=torch.float64), torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64)
FACTOR = torch.tensor(RNG.normal(size=(3, 2)))
NORMALS = {
    "covariance": d.MultivariateNormal(LOC, A),
    "precision": d.MultivariateNormal(SHIFT, precision_matrix=B),
    "tril": d.MultivariateNormal(SHIFT, scale_tril=torch.linalg.cholesky(B)),
    "low rank": d.LowRankMultivariateNormal(LOC, FACTOR, torch.tensor([0.2, 1.0, 0.5], dtype=torch.float64)),
    "independent": d.Independent(d.Normal(SHIFT, torch.tensor([0.4, 1.0, 2.0], dtype=torch.float64)), 1),
}


class Plain:
    """Mean and covariance of a normal vector."""

    def __init__(self, p):
        self.loc = p.mean
        inner = isinstance(p, d.Independent)
        self.covariance_matrix = torch.diag(p.variance) if inner else p.covariance_matrix


@pytest.mark.parametrize("p", NORMALS)
@pytest.mark.parametrize("q", NORMALS)
def test_normal_vectors(p, q):
    a, b = NORMALS[p], NORMALS[q]
    true = normal_divergence(Plain(a), Plain(b))
    entropy = scipy.stats.multivariate_normal(a.mean, Plain(a).covariance_matrix).entropy()
    assert float(closed_form("kl_divergence", a, b)) == pytest.approx(true, rel=1e-11, abs=1e-15)
    assert float(closed_form("entropy", a)) == pytest.approx(entropy, rel=1e-12)
    assert float(closed_form("cross_entropy", a, b)) == pytest.approx(true + entropy, rel=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nearly_singular(dtype):
    rho = 1 - 2.0**-20
    p = d.MultivariateNormal(torch.zeros(2, dtype=dtype), torch.eye(2, dtype=dtype))
    q = d.MultivariateNormal(torch.zeros(2, dtype=dtype), torch.tensor([[1, rho], [rho, 1]], dtype=dtype))
    assert float(closed_form("kl_divergence", p, q)) == pytest.approx(524280.66510166547123, rel=1e-9)


def test_float32_matrices_are_factored_in_float64():
    p = d.MultivariateNormal(LOC.float(), A.float())
    for name, matrix in (("precision_matrix", B), ("scale_tril", torch.linalg.cholesky(B)), ("covariance_matrix", B)):
        short = d.MultivariateNormal(SHIFT.float(), **{name: matrix.float()})
        long = d.MultivariateNormal(SHIFT.float().double(), **{name: matrix.float().double()}, validate_args=False)
        true = normal_divergence(d.MultivariateNormal(LOC.float().double(), A.float().double()), long)
        assert float(closed_form("kl_divergence", p, short)) == pytest.approx(true, rel=1e-11)


def test_nearly_equal_vectors():
    tril = torch.linalg.cholesky(A)
    p, q = (d.MultivariateNormal(x, scale_tril=t) for x, t in ((LOC, tril), (LOC, tril * (1 + 1e-7))))
    with mp.workdps(60):
        r = [mp.mpf(float(x)) / mp.mpf(float(y)) for x, y in zip(tril.diagonal(), q.scale_tril.diagonal(), strict=True)]
        true = float(sum(x**2 - 1 - 2 * mp.log(x) for x in r) / 2)
    assert float(closed_form("kl_divergence", p, q)) == pytest.approx(true, rel=1e-8)
    assert float(closed_form("kl_divergence", p, p)) == 0.0


DIRICHLETS = [
    ([1.0, 2.0, 3.0], [4.0, 0.5, 1.0]),
    ([0.01, 200.0, 3.0], [0.02, 1.0, 1e3]),
    ([1e8, 2e8, 3e7], [1e8, 2.0001e8, 3e7]),
    ([1.0, 2.0, 3.0], [1 + 1e-7, 2.0, 3 - 2e-7]),
    ([1e3, 2e3, 3e3], [1e3 * (1 + 1e-7), 2e3 * (1 + 1e-7), 3e3 * (1 + 1e-7)]),
]


@pytest.mark.parametrize(("a", "b"), DIRICHLETS)
def test_dirichlet(a, b):
    p, q = (d.Dirichlet(torch.tensor(x, dtype=torch.float64)) for x in (a, b))
    assert float(closed_form("kl_divergence", p, q)) == pytest.approx(textbook(d.Dirichlet, a, b), rel=1e-9)
    assert float(closed_form("kl_divergence", p, p)) == 0.0


def test_dirichlet_entropy():
    for alpha in ([1.0, 2.0, 3.0], [0.1, 0.02], [40.0, 3e5, 2.0]):
        with mp.workdps(60):
            total, a = mp.mpf(sum(alpha)), [mp.mpf(x) for x in alpha]
            log_beta = sum(mp.loggamma(x) for x in a) - mp.loggamma(total)
            true = log_beta + (total - len(a)) * mp.psi(0, total) - sum((x - 1) * mp.psi(0, x) for x in a)
        p = d.Dirichlet(torch.tensor(alpha, dtype=torch.float64))
        assert float(closed_form("entropy", p)) == pytest.approx(float(true), rel=1e-12)


def wishart_divergence(v, a, w, b):
    with mp.workdps(60):
        a, b = (mp.matrix(x.tolist()) for x in (a, b))
        n, v, w = a.rows, mp.mpf(v), mp.mpf(w)

        def log_gamma(x):
            return sum(mp.loggamma(x - mp.mpf(i) / 2) for i in range(n))

        ratio = mp.inverse(b) * a
        slope = sum(mp.psi(0, (v - i) / 2) for i in range(n))
        trace = sum(ratio[i, i] for i in range(n))
        parts = -w * mp.log(mp.det(ratio)) + v * (trace - n) + (v - w) * slope
        return float(parts / 2 + log_gamma(w / 2) - log_gamma(v / 2))


@pytest.mark.parametrize(("v", "w", "b"), [(5.5, 7.0, B), (5.0, 5 + 5e-7, A), (1e6, 1.1e6, A * 0.9), (300.0, 4.0, A)])
def test_wishart(v, w, b):
    p, q = d.Wishart(torch.tensor(v, dtype=torch.float64), A), d.Wishart(torch.tensor(w, dtype=torch.float64), b)
    assert float(closed_form("kl_divergence", p, q)) == pytest.approx(wishart_divergence(v, A, w, b), rel=1e-9)
    true = scipy.stats.wishart(v, A.numpy()).entropy()
    assert float(closed_form("entropy", p)) == pytest.approx(true, rel=1e-9)


def test_lkj_is_the_density_of_its_log_prob():
    """In two dimensions L₂₁ alone is free: quadrature of log_prob."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    angle = torch.tensor(nodes * np.pi / 2)
    tril = torch.zeros(400, 2, 2, dtype=torch.float64)
    tril[:, 0, 0], tril[:, 1, 0], tril[:, 1, 1] = 1.0, angle.sin(), angle.cos()
    p, q = (d.LKJCholesky(2, torch.tensor(x, dtype=torch.float64), validate_args=False) for x in (1.7, 3.2))
    log_p, log_q = p.log_prob(tril), q.log_prob(tril)
    mass = log_p.exp() * angle.cos() * torch.tensor(weights * np.pi / 2)
    assert float(mass.sum()) == pytest.approx(1, rel=1e-9)
    assert float(closed_form("entropy", p)) == pytest.approx(float(-(mass * log_p).sum()), rel=1e-9)
    assert float(closed_form("kl_divergence", p, q)) == pytest.approx(float((mass * (log_p - log_q)).sum()), rel=1e-8)


def test_lkj_of_three_dimensions():
    """Rows on half-spheres: L₃₃² ∼ Beta(η, 1), L₂₂² ∼ Beta(η + ½, ½). (torch 2.13 draws L₃₃² from another law.)"""
    eta, other = 1.7, 2.6
    p, q = (d.LKJCholesky(3, torch.tensor(x, dtype=torch.float64)) for x in (eta, other))
    x = np.array([(0.3, -0.2, 0.4)])
    tril = torch.zeros(1, 3, 3, dtype=torch.float64)
    tril[:, 0, 0], tril[:, 1, 0], tril[:, 2, 0], tril[:, 2, 1] = 1.0, *torch.tensor(x[0])
    tril[:, 1, 1], tril[:, 2, 2] = math.sqrt(1 - 0.09), math.sqrt(1 - 0.04 - 0.16)
    norm = (
        float(p.log_prob(tril)) - (2 * eta - 1) * math.log(math.sqrt(0.91)) - (2 * eta - 2) * math.log(math.sqrt(0.8))
    )
    mean_2 = float(mp.psi(0, eta + 0.5) - mp.psi(0, eta + 1)) / 2
    mean_3 = float(mp.psi(0, eta) - mp.psi(0, eta + 1)) / 2
    true = -norm - (2 * eta - 1) * mean_2 - (2 * eta - 2) * mean_3
    assert float(closed_form("entropy", p)) == pytest.approx(true, rel=1e-12)
    assert float(closed_form("kl_divergence", p, q)) > 0
    assert closed_form("kl_divergence", p, d.LKJCholesky(4)) is None


def test_independent_sums_over_its_dimensions():
    base, other = d.Gamma(*f64([[1.0, 2.0], [3.0, 4.0]], 1.0)), d.Exponential(*f64([2.0, 0.5]))
    single = closed_form("kl_divergence", base, other)
    p, q = d.Independent(base, 1), d.Independent(other, 1)
    assert torch.allclose(closed_form("kl_divergence", p, q), single.sum(-1), rtol=1e-14)
    assert torch.allclose(closed_form("entropy", p), closed_form("entropy", base).sum(-1), rtol=1e-14)
    cross = closed_form("cross_entropy", p, q)
    assert torch.allclose(cross, closed_form("cross_entropy", base, other).sum(-1), rtol=1e-14)
    nested = d.Independent(d.Independent(base, 1), 1)
    assert torch.allclose(closed_form("kl_divergence", nested, d.Independent(base, 2)), torch.zeros(1).double())
    assert closed_form("kl_divergence", p, d.Independent(d.StudentT(*f64([2.0, 3.0])), 1)) is None
    poisson = d.Independent(d.Poisson(*f64([2.0, 3.0])), 1)
    geometric = d.Independent(d.Geometric(*f64([0.4, 0.5])), 1)
    true = -math.log(0.4) - 2 * math.log(0.6) - math.log(0.5) - 3 * math.log(0.5)
    assert float(closed_form("cross_entropy", poisson, geometric)) == pytest.approx(true, rel=1e-14)
    assert closed_form("kl_divergence", poisson, geometric) is None


def test_common_transforms_leave_the_divergence():
    p, q = d.Normal(*f64(0.0, 1.0)), d.Normal(*f64(0.5, 2.0))
    squashed = [d.TransformedDistribution(x, [d.TanhTransform()]) for x in (p, q)]
    assert float(closed_form("kl_divergence", *squashed)) == pytest.approx(0.3493971805599453, rel=1e-13)
    assert closed_form("entropy", squashed[0]) is None
    assert closed_form("kl_divergence", squashed[0], p) is None
    folded = [d.TransformedDistribution(x, [d.AbsTransform()]) for x in (p, q)]
    assert closed_form("kl_divergence", *folded) is None
    a, b = (d.LogisticNormal(x, torch.ones(2)) for x in (torch.zeros(2), torch.tensor([1.0, 2.0])))
    assert float(closed_form("kl_divergence", a, b)) == pytest.approx(2.5, rel=1e-14)


def test_affine_images():
    base = d.StudentT(*f64(5.0, 0.2, 1.5))
    moved = d.TransformedDistribution(base, [d.AffineTransform(1.0, -2.0), d.AffineTransform(0.5, 3.0)])
    assert float(closed_form("entropy", moved)) == pytest.approx(
        float(closed_form("entropy", base)) + math.log(6), 1e-14
    )
    same = d.StudentT(*f64(5.0, 1.0 * 3 + 0.5 - 6 * 0.2, 9.0))
    q = d.Normal(*f64(1.0, 4.0))
    assert float(closed_form("kl_divergence", moved, q)) == pytest.approx(float(closed_form("kl_divergence", same, q)))
    image = d.TransformedDistribution(d.Normal(*f64(0.0, 2.0)), [d.AffineTransform(1.0, 2.0)])
    assert float(closed_form("kl_divergence", q, image)) == pytest.approx(0.0, abs=1e-30)
    vector = d.TransformedDistribution(d.Independent(d.Gamma(*f64([2.0, 3.0], 1.0)), 1), [d.AffineTransform(0.0, 4.0)])
    true = float(closed_form("entropy", d.Gamma(*f64([2.0, 3.0], 1.0))).sum()) + 2 * math.log(4)
    assert float(closed_form("entropy", vector)) == pytest.approx(true, rel=1e-14)


def test_multinomial():
    p, q = (d.Multinomial(7, torch.tensor(x, dtype=torch.float64)) for x in ([0.2, 0.3, 0.5], [0.4, 0.4, 0.2]))
    assert float(closed_form("kl_divergence", p, q)) == pytest.approx(
        7 * scipy.stats.entropy(p.probs, q.probs), rel=1e-14
    )
    assert closed_form("kl_divergence", p, d.Multinomial(8, q.probs)) is None
