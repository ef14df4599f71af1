"""Distributions of torch and SciPy: every class has an entropy, conversions keep the law, nonsense is refused."""

import math

import mpmath as mp
import numpy as np
import pytest
import scipy.stats as st
import torch
import torch.distributions as td
from tests.cases.families import FAMILIES, f64, image

import kullback as kb
from kullback.distributions.density import Points
from kullback.distributions.foreign import TorchDensity, from_scipy
from kullback.errors import InputError, UnsupportedError

EYE = torch.eye(2, dtype=torch.float64)
NORMAL_ENTROPY = 0.5 * math.log(2 * math.pi * math.e)
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(150)
PROBABILITIES = np.array([0.2, 0.3, 0.5])


def stick_breaking_entropy(locs, scales):
    """H(x) + E log |dy/dx|: z_i = σ(x_i − log(K − i)), y_i = z_i Π_{j<i} (1 − z_j)."""
    total = 0.0
    for i, (loc, scale) in enumerate(zip(locs, scales, strict=True)):
        x = loc + scale * NODES - math.log(len(locs) - i)
        log_z, log_rest = -np.logaddexp(0, -x), -np.logaddexp(0, x)
        mean = (WEIGHTS * (log_z + (len(locs) - i) * log_rest)).sum() / WEIGHTS.sum()
        total += NORMAL_ENTROPY + math.log(scale) + mean
    return float(total)


def relaxed_entropy(temperature):
    """By the trapezoid rule in log x_k − log x_K of (K−1)! τ^(K−1) Π π_k x_k^(−τ−1) / (Σ π_k x_k^−τ)^K, K = 3."""
    line = np.arange(-60, 60, 0.1)
    z = np.stack([*np.meshgrid(line, line, indexing="ij"), np.zeros((len(line),) * 2)], -1)
    log_x = z - np.logaddexp.reduce(z, -1, keepdims=True)
    powers = np.log(PROBABILITIES) - temperature * log_x
    log_p = math.log(2 * temperature**2) + (powers - log_x).sum(-1) - 3 * np.logaddexp.reduce(powers, -1)
    return float(-(np.exp(log_p + log_x.sum(-1)) * log_p).sum() * 0.1**2)


def lkj_entropy():
    """K = 3, η = 1.5: L₂₁ = 2 Beta(2, 2) − 1, and (L₃₁, L₃₂) on the disc with a density ∝ √(1 − ρ²)."""
    return float(math.log(2) + st.beta(2, 2).entropy() - math.log(1.5 / math.pi) + 0.5 / 1.5)


def tanh_entropy(locs):
    """Σ H(x) + E log(1 − tanh² x)."""
    log_slope = [2 * (math.log(2) - (m + NODES) - np.logaddexp(0, -2 * (m + NODES))) for m in locs]
    return float(sum(NORMAL_ENTROPY + (WEIGHTS * s).sum() / WEIGHTS.sum() for s in log_slope))


VECTORS = {
    "Dirichlet": (lambda: td.Dirichlet(f64([1.0, 2.0, 3.0])), -1.2443445622221008),
    "Independent": (
        lambda: td.Independent(td.Cauchy(f64([0.0, 1.0]), f64([1.0, 2.0])), 1),
        math.log(2 * (4 * math.pi) ** 2),
    ),
    "LKJCholesky": (lambda: td.LKJCholesky(3, f64(1.5)), lkj_entropy()),
    "LogisticNormal": (
        lambda: td.LogisticNormal(f64([0.0, 0.5]), f64([1.0, 0.7])),
        stick_breaking_entropy([0.0, 0.5], [1.0, 0.7]),
    ),
    "LowRankMultivariateNormal": (
        lambda: td.LowRankMultivariateNormal(f64([0.0, 0.0]), f64([[1.0], [0.5]]), f64([0.5, 0.7])),
        2 * NORMAL_ENTROPY + 0.5 * math.log(1.5 * 0.95 - 0.25),
    ),
    "Multinomial": (lambda: td.Multinomial(4, f64(PROBABILITIES)), 2.3490839816745117),
    "MultivariateNormal": (lambda: td.MultivariateNormal(f64([0.0, 1.0]), 2 * EYE), 2 * NORMAL_ENTROPY + math.log(2)),
    "OneHotCategorical": (lambda: td.OneHotCategorical(f64(PROBABILITIES)), st.entropy(PROBABILITIES)),
    "OneHotCategoricalStraightThrough": (
        lambda: td.OneHotCategoricalStraightThrough(f64(PROBABILITIES)),
        st.entropy(PROBABILITIES),
    ),
    "RelaxedOneHotCategorical": (
        lambda: td.RelaxedOneHotCategorical(f64(0.8), f64(PROBABILITIES)),
        relaxed_entropy(0.8),
    ),
    "TransformedDistribution": (
        lambda: image(td.MultivariateNormal(f64([0.0, 1.0]), EYE), td.TanhTransform()),
        tanh_entropy([0.0, 1.0]),
    ),
    "Wishart": (lambda: td.Wishart(f64(4.0), covariance_matrix=EYE), 6.301387092430769),
}
"""The classes whose outcomes are no numbers, with their entropies."""


def test_every_class_of_torch_is_here():
    classes = {name for name in td.__all__ if isinstance(getattr(td, name), type)}
    classes = {name for name in classes if issubclass(getattr(td, name), td.Distribution)}
    ours = {type(make()).__name__ for make in FAMILIES.values()} | set(VECTORS)
    assert classes - {"Distribution", "ExponentialFamily"} == ours - {"LogitRelaxedBernoulli"}
    assert len(ours - {"LogitRelaxedBernoulli"}) == 41


@pytest.mark.parametrize("name", VECTORS)
def test_every_class_has_an_entropy(name):
    make, truth = VECTORS[name]
    got = kb.entropy(make(), rng=0, max_evals=200_000)
    assert got.reliable
    assert abs(float(got) - truth) <= 4 * float(got.std_error) + 1e-9
    assert float(got.std_error) < 0.01


SHARED = {
    "norm": st.norm(1, 2),
    "laplace": st.laplace(1, 2),
    "cauchy": st.cauchy(1, 2),
    "t": st.t(3.3, 1, 2),
    "gumbel_r": st.gumbel_r(1, 2),
    "uniform": st.uniform(1, 2),
    "genpareto": st.genpareto(-0.3, 1, 2),
    "expon": st.expon(scale=2),
    "gamma": st.gamma(2.5, scale=2),
    "invgamma": st.invgamma(2.5, scale=2),
    "lognorm": st.lognorm(0.5, scale=2),
    "weibull_min": st.weibull_min(1.5, scale=2),
    "pareto": st.pareto(2.5, scale=2),
    "halfnorm": st.halfnorm(scale=2),
    "halfcauchy": st.halfcauchy(scale=2),
    "beta": st.beta(0.5, 1.5),
    "chi2": st.chi2(3),
    "f": st.f(5, 7),
    "vonmises": st.vonmises(2, loc=0.5),
    "poisson": st.poisson(3.3),
    "binom": st.binom(7, 0.3),
    "bernoulli": st.bernoulli(0.3),
    "nbinom": st.nbinom(2.5, 0.3),
}


@pytest.mark.parametrize("name", SHARED)
def test_a_conversion_keeps_the_law(name):
    frozen = SHARED[name]
    density = from_scipy(frozen, "p")
    assert isinstance(density, TorchDensity)
    assert (density.name, density.in_torch, density.batch_shape) == (name, False, ())
    x = frozen.ppf([0.01, 0.3, 0.5, 0.9, 0.99])  # of vonmises these lie on one turn around loc, not around 0
    expected = frozen.logpmf(x) if hasattr(frozen, "logpmf") and density.support.discrete else frozen.logpdf(x)
    np.testing.assert_allclose(density.log_prob(Points(f64(x))).numpy(), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "frozen",
    [st.gamma(2, loc=1), st.beta(2, 3, scale=2), st.poisson(3, loc=4), st.geom(0.3), st.logistic(), st.expon(loc=-1)],
)
def test_what_torch_does_not_have_stays_scipys(frozen):
    assert not isinstance(from_scipy(frozen, "p"), TorchDensity)
    kind = "series" if isinstance(frozen.dist, st.rv_discrete) else "quadrature"
    base = type(frozen)(frozen.dist, *frozen.args, **{k: v for k, v in frozen.kwds.items() if k != "loc"})
    assert float(kb.entropy(frozen)) == pytest.approx(float(kb.entropy(base, method=kind)), rel=1e-10)


def test_batches_of_scipy():
    got = kb.entropy(st.logistic(scale=[1.0, 2.0]))
    assert isinstance(got.value, np.ndarray)
    np.testing.assert_allclose(got.value, [2.0, 2 + math.log(2)], rtol=1e-12)
    wide = kb.kl_divergence(st.norm([[0.0], [1.0]], 1), st.norm([0.0, 1.0, 2.0], 1))
    np.testing.assert_allclose(wide.value, [[0, 0.5, 2], [0.5, 0, 0.5]], atol=1e-12)
    assert isinstance(kb.entropy(st.norm()).value, float)
    assert isinstance(kb.kl_divergence(st.norm(), td.Normal(0.0, 1.0)).value, torch.Tensor)


FLOAT32 = {
    "Gamma(1e8, 1)": (td.Gamma(torch.tensor(1e8), torch.tensor(1.0)), 10.629278901847523),
    "Beta(1e8, 1e8)": (td.Beta(torch.tensor(1e8), torch.tensor(1e8)), -8.831122612),
    "StudentT(1e8)": (td.StudentT(torch.tensor(1e8)), NORMAL_ENTROPY + 1e-8),
    "Dirichlet([1e6] * 3)": (
        td.Dirichlet(torch.tensor([1e6] * 3)),
        float(
            3 * mp.loggamma(10**6)
            - mp.loggamma(3 * 10**6)
            + (3 * 10**6 - 3) * mp.digamma(3 * 10**6)
            - 3 * (10**6 - 1) * mp.digamma(10**6)
        ),
    ),
}


@pytest.mark.parametrize("name", FLOAT32)
def test_float32_parameters_are_computed_with_in_float64(name):
    p, truth = FLOAT32[name]
    got = kb.entropy(p)
    assert got.value.dtype == torch.float64
    assert float(got) == pytest.approx(truth, rel=1e-9)


def log_poisson(k, rate):
    with mp.workdps(40):
        return float(k * mp.log(rate) - rate - mp.loggamma(k + 1))


FAR = {
    "Poisson(1e9)": (td.Poisson(f64(1e9)), 1e9 + 31622, log_poisson(10**9 + 31622, 10**9)),
    "InverseGamma at 1e200": (
        td.InverseGamma(f64(2.5), f64(1.0)),
        1e200,
        float(-mp.loggamma(2.5) - 3.5 * mp.log(1e200)),
    ),
    "Cauchy at 1e200": (td.Cauchy(f64(0.0), f64(1.0)), 1e200, -math.log(math.pi) - 2 * math.log(1e200)),
    "Normal at 1e5": (td.Normal(f64(0.0), f64(1.0)), 1e5, -0.5e10 - 0.5 * math.log(2 * math.pi)),
    "Gumbel at 800": (td.Gumbel(f64(0.0), f64(1.0)), 800.0, -800.0),
    "Weibull at 1e-200": (td.Weibull(f64(1.0), f64(0.5)), 1e-200, math.log(0.5) - 0.5 * math.log(1e-200) - 1e-100),
    "VonMises(300) at π": (
        td.VonMises(f64(0.0), f64(300.0)),
        math.pi,
        float(-300 - mp.log(2 * mp.pi * mp.besseli(0, 300))),
    ),
}


@pytest.mark.parametrize("name", FAR)
def test_log_densities_far_out(name):
    p, x, truth = FAR[name]
    assert float(TorchDensity(p).log_prob(Points(f64(x)))) == pytest.approx(truth, rel=1e-13)


UNCHECKED = {"validate_args": False}
NONSENSE = {
    "scale 0": (lambda: td.Normal(f64(0.0), f64(0.0), **UNCHECKED), "a Normal with scale 0, expected a number above 0"),
    "loc nan": (
        lambda: td.Laplace(f64(math.nan), f64(1.0), **UNCHECKED),
        "a Laplace with loc nan, expected a real number",
    ),
    "in a batch": (
        lambda: td.Cauchy(f64([0.0, math.nan]), f64(1.0), **UNCHECKED),
        "a Cauchy with loc nan, expected a real number",
    ),
    "rate −1": (lambda: td.Poisson(f64(-1.0), **UNCHECKED), "a Poisson with rate -1, expected a number of at least 0"),
    "probs 2": (
        lambda: td.Bernoulli(f64(2.0), **UNCHECKED),
        "a Bernoulli with probs 2, expected a number between 0 and 1",
    ),
    "within": (
        lambda: td.Independent(td.Normal(f64([math.nan]), f64(1.0), **UNCHECKED), 1, **UNCHECKED),
        "a Normal with loc nan, expected a real number",
    ),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_unchecked_parameters_are_checked(name):
    make, what = NONSENSE[name]
    with pytest.raises(InputError) as caught:
        kb.entropy(make())
    assert str(caught.value) == f"p has {what}; without validate_args=False torch says which"
    with pytest.raises(InputError, match=r"^q has "):
        kb.kl_divergence(valid_beside(make()), make())


def valid_beside(d):
    """A law that is defined beside it."""
    if isinstance(d, td.Independent):
        return td.Independent(td.Normal(f64([0.0]), f64(1.0)), 1)
    return td.Poisson(f64(1.0)) if isinstance(d, td.Poisson | td.Bernoulli) else td.Normal(f64(0.0), f64(1.0))


@pytest.mark.parametrize("frozen", [st.norm(0, 0), st.logistic(math.nan, 1), st.gamma(-1), st.zipf(0.5)])
def test_invalid_parameters_of_scipy_are_refused(frozen):
    name = frozen.dist.name
    with pytest.raises(InputError) as caught:
        kb.entropy(frozen)
    assert str(caught.value) == (
        f"p is a {name} of SciPy with parameters that it calls invalid, expected a scale above 0 and shapes in their "
        f"range; print(p.support()) is nan where they are not"
    )


def test_a_density_that_cannot_be_evaluated_is_refused():
    with pytest.raises(UnsupportedError, match=r"^p .* has no log_prob|^p is "):
        kb.entropy(image(td.Normal(f64(0.0), f64(1.0)), td.AbsTransform()))


@pytest.mark.parametrize(
    "p", [td.Normal(torch.zeros(0), torch.ones(0)), td.Poisson(torch.ones(0, 3)), td.StudentT(torch.ones(2, 0))]
)
def test_empty_batches(p):
    assert kb.entropy(p).value.shape == p.batch_shape
    assert kb.kl_divergence(p, p).value.shape == p.batch_shape
