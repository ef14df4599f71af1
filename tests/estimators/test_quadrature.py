"""Integrals over the line: what is hard for other integrators, batches and gradients."""

import math

import mpmath as mp
import pytest
import scipy.stats
import torch
import torch.distributions as td
from tests.cases.families import f64, image, mixture

import kullback as kb


def normal(loc, scale):
    return td.Normal(f64(loc), f64(scale))


def uniform(low, high):
    return td.Uniform(f64(low), f64(high))


def new_mixture(*parts):
    """A mixture of normals of SciPy's new infrastructure, in equal parts."""
    return scipy.stats.Mixture([scipy.stats.Normal(mu=mu, sigma=s) for mu, s in parts], weights=[0.5, 0.5])


FAR_NARROW = ((-100.0, 0.01), (100.0, 0.01))
ONE_SPIKE = ((0.0, 1.0), (1000.0, 0.001))

ENTROPIES = {
    "t(.05)": (scipy.stats.t(0.05), 22.5378053919487),
    "lognorm(10)": (scipy.stats.lognorm(10), 3.7215236261987186),
    "betaprime(.05, .05)": (scipy.stats.betaprime(0.05, 0.05), 4.6924547555),
    "kappa3(.1)": (scipy.stats.kappa3(0.1), 9.1927998637),
    "logistic": (scipy.stats.logistic(), 2.0),
    "levy": (scipy.stats.levy(), (1 + 3 * float(mp.euler) + math.log(16 * math.pi)) / 2),
    "exp of a normal": (scipy.stats.exp(scipy.stats.Normal(mu=0.0, sigma=1.0)), 1.4189385332046727),
    "narrow normal": (normal(50.0, 0.01), 0.5 * math.log(2 * math.pi * math.e) + math.log(0.01)),
    "far narrow modes": (new_mixture(*FAR_NARROW), -2.4930844722234733),
    "one narrow mode": (new_mixture(*ONE_SPIKE), -1.3417919257),
    "one narrow mode, torch": (mixture([0.5, 0.5], normal([0.0, 1000.0], [1.0, 0.001])), -1.3417919257),
    "uniform pieces": (mixture([0.3, 0.7], uniform([0.0, 5.0], [1.0, 6.0])), 0.6108643020548935),
    "bounded generalized Pareto": (td.GeneralizedPareto(f64(0.0), f64(1.0), f64(-0.3)), 0.7),
    "reflected exponential": (
        image(td.Exponential(f64(2.0)), td.AffineTransform(f64(1.0), f64(-3.0))),
        1 + math.log(1.5),
    ),
}


@pytest.mark.parametrize("name", ENTROPIES)
def test_entropies_that_others_get_wrong(name):
    p, truth = ENTROPIES[name]
    got = kb.entropy(p, method="quadrature")
    assert got.reliable
    assert float(got) == pytest.approx(truth, abs=2e-10, rel=2e-10)


def test_mass_that_floating_point_cannot_reach_is_said():
    """Half of Beta(.01, .01) lies within 10^−30 of 0 and of 1, some of it within 10^−308."""
    got = kb.entropy(scipy.stats.beta(0.01, 0.01), method="quadrature")
    note = "p has mass where x underflows or overflows: no method that evaluates densities there is right"
    assert (got.reliable, got.notes) == (False, (note,))
    a = mp.mpf("0.01")
    truth = mp.log(mp.beta(a, a)) - 2 * (a - 1) * (mp.digamma(a) - mp.digamma(2 * a))
    assert float(kb.entropy(scipy.stats.beta(0.01, 0.01))) == pytest.approx(float(truth), rel=1e-11)


def student_beside_normal(df):
    """−H(t) + ½ log 2π + ½ E x²."""
    v = mp.mpf(df)
    h = (v + 1) / 2 * (mp.digamma((v + 1) / 2) - mp.digamma(v / 2)) + mp.log(mp.sqrt(v) * mp.beta(v / 2, 0.5))
    return float(-h + mp.log(2 * mp.pi) / 2 + v / (v - 2) / 2)


DIVERGENCES = {
    "t(2.1) beside normal": (td.StudentT(f64(2.1)), normal(0.0, 1.0), student_beside_normal("2.1")),
    "t(2) beside normal": (td.StudentT(f64(2.0)), normal(0.0, 1.0), math.inf),
    "Cauchy beside normal": (td.Cauchy(f64(0.0), f64(1.0)), normal(0.0, 1.0), math.inf),
    "half-Cauchy beside exponential": (td.HalfCauchy(f64(1.0)), td.Exponential(f64(1.0)), math.inf),
    "inverse gamma(1.2) beside exponential": (
        td.InverseGamma(f64(1.2), f64(1.0)),
        td.Exponential(f64(1.0)),
        float(5 - (1.2 + mp.loggamma(1.2) - 2.2 * mp.digamma(1.2))),
    ),
    "Laplace(1) beside Gumbel": (td.Laplace(f64(0.0), f64(1.0)), td.Gumbel(f64(0.0), f64(1.0)), math.inf),
    "continuous Bernoulli beside uniform": (td.ContinuousBernoulli(f64(0.3)), uniform(0.0, 1.0), 0.029386202232129),
    "uniform beside continuous Bernoulli": (uniform(0.0, 1.0), td.ContinuousBernoulli(f64(0.3)), 0.029736123251875433),
    "torch beside SciPy": (normal(0.0, 1.0), scipy.stats.laplace(1, 0.5), 2.333261882350745 - 1.4189385332046727),
    "SciPy beside torch": (scipy.stats.norm(0, 1), td.Cauchy(f64(0.0), f64(1.0)), 0.25924453248886226),
    "both SciPy's": (scipy.stats.norm(0, 1), scipy.stats.cauchy(0, 1), 0.25924453248886226),
}


@pytest.mark.parametrize("method", [None, "quadrature"])
@pytest.mark.parametrize("name", DIVERGENCES)
def test_divergences_that_others_get_wrong(name, method):
    p, q, truth = DIVERGENCES[name]
    got = kb.kl_divergence(p, q, method=method)
    assert got.reliable
    assert float(got) == pytest.approx(truth, rel=1e-11)
    if method and truth == math.inf:
        assert got.method == "tail-slope"
        assert got.notes == ("infinite because the integrand does not fall in its tail: a numerical test, not a proof",)


@pytest.mark.parametrize("p", [td.Kumaraswamy(f64(0.4), f64(9.9)), uniform(0.0, 1.0), td.Gamma(f64(2.0), f64(1.0))])
def test_scores_beyond_floating_point_are_infinite(p):
    """−log q is e^1200 or so wherever p has its mass."""
    q = td.Gumbel(f64(30.0), f64(0.0245))
    assert float(kb.kl_divergence(p, q, method="quadrature")) == math.inf
    assert float(kb.cross_entropy(p, q, method="quadrature")) == math.inf


@pytest.mark.parametrize("delta", [1e-2, 1e-4, 2.0**-23, 1e-10])
def test_near_equals_keep_their_digits(delta):
    d = mp.mpf(delta)
    got = kb.kl_divergence(normal(0.0, 1.0), normal(0.0, 1 + delta), method="quadrature")
    s = mp.mpf(1 + delta)  # as rounded
    truth = float(mp.log(s) + 1 / (2 * s**2) - mp.mpf(1) / 2)
    assert float(got) == pytest.approx(truth, rel=max(1e-9, 1e-15 / delta))
    assert float(got) > 0
    assert float(kb.kl_divergence(normal(0.0, 1.0), normal(delta, 1.0), method="quadrature")) == pytest.approx(
        float(d * d / 2), rel=max(1e-9, 1e-15 / delta)
    )


@pytest.mark.parametrize(
    "p", [normal(0.3, 2.0), td.RelaxedBernoulli(f64(0.8), logits=f64(0.5)), scipy.stats.logistic()]
)
def test_a_law_has_no_divergence_from_itself(p):
    assert abs(float(kb.kl_divergence(p, p, method="quadrature"))) < 1e-20


BATCHES = {
    "normal beside Laplace": (
        td.Normal,
        td.Laplace,
        (f64([[0.0], [50.0]]), f64([[1.0], [0.01]])),
        (f64([0.3, 0.0, -5.0]), f64([0.7, 1.0, 9.0])),
    ),
    "unbatched P": (td.Normal, td.StudentT, (f64(0.0), f64(1.0)), (f64([1.0, 3.0]), f64([[0.0], [2.0]]))),
    "unbatched Q, infinite among finite": (
        td.StudentT,
        td.Normal,
        (f64([1.0, 2.1, 2.0, 50.0]),),
        (f64(0.0), f64(1.0)),
    ),
    "outside among inside": (
        td.Uniform,
        td.Uniform,
        (f64([0.0, 0.5, -1.0, 0.2]), f64([1.0, 3.0, 0.5, 0.9])),
        (f64(0.0), f64(1.0)),
    ),
    "both kinds of end": (
        td.GeneralizedPareto,
        td.Exponential,
        (f64(0.0), f64(1.0), f64([-0.5, 0.0, 0.3, 1.2])),
        (f64(0.7),),
    ),
    "mixtures": (
        lambda m: mixture([0.4, 0.6], td.Normal(torch.stack([m, m + 3], -1), f64([1.0, 0.2]))),
        td.Normal,
        (f64([0.0, 10.0, -4.0]),),
        (f64([[0.0], [1.0]]), f64(2.0)),
    ),
}


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_is_its_elements(name):
    make_p, make_q, a, b = BATCHES[name]
    if name == "mixtures":  # the weights need the batch's shape
        weights = td.Categorical(f64([0.4, 0.6]).expand(3, 2))
        whole = td.MixtureSameFamily(weights, make_p(*a).component_distribution)
    else:
        whole = make_p(*a)
    got = kb.kl_divergence(whole, make_q(*b), method="quadrature")
    every = torch.broadcast_tensors(*a, *b)
    assert got.value.shape == every[0].shape
    rows = zip(*(x.flatten() for x in every), got.value.flatten(), strict=True)
    for *parameters, value in rows:
        one = kb.kl_divergence(make_p(*parameters[: len(a)]), make_q(*parameters[len(a) :]), method="quadrature")
        assert float(value) == pytest.approx(float(one), rel=1e-10, abs=1e-13)


def test_jensen_shannon_in_batches():
    p, q = td.Normal(f64([0.0, 4.0]), f64([1.0, 0.5])), td.Laplace(f64(0.3), f64(0.7))
    got = kb.jensen_shannon(p, q)
    for i in range(2):
        one = kb.jensen_shannon(td.Normal(p.loc[i], p.scale[i]), q)
        assert float(got.value[i]) == pytest.approx(float(one), rel=1e-10)
    far = kb.jensen_shannon(normal(0.0, 1.0), normal(1e4, 1.0))
    assert float(far) == pytest.approx(math.log(2), rel=1e-12)


def test_units():
    got = kb.entropy(mixture([0.3, 0.7], uniform([0.0, 5.0], [1.0, 6.0])), base=2)
    assert (got.unit, float(got)) == ("bit", pytest.approx(0.6108643020548935 / math.log(2), rel=1e-11))


def test_rtol_and_max_evals():
    p, q = normal(0.0, 1.0), td.Cauchy(f64(0.0), f64(1.0))
    coarse, fine = kb.kl_divergence(p, q, rtol=1e-4), kb.kl_divergence(p, q)
    for got, error in ((coarse, 1e-4), (fine, 1e-11)):
        assert abs(float(got) - 0.25924453248886226) <= error * 0.26
        assert float(got.error) <= error * 0.26
