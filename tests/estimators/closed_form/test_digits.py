"""Nearly equal distributions, large and small parameters, float32: no digit is lost that the parameters hold."""

import math

import mpmath as mp
import numpy as np
import pytest
import torch
from tests.estimators.closed_form.oracles import TEXTBOOK, f64, textbook
from torch import distributions as d
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli

from kullback.estimators.closed_form import closed_form

STEP = 1e-7
BASES = {
    d.Normal: [(0.0, 1.0), (3e4, 2e-3)],
    d.Laplace: [(0.0, 1.0), (-5.0, 40.0)],
    d.Cauchy: [(0.0, 1.0), (2.0, 0.01)],
    d.Gumbel: [(0.5, 1.0), (-8.0, 30.0)],
    d.Exponential: [(1.0,), (1e-6,)],
    d.Gamma: [(0.01, 2.0), (1.0, 1.0), (7.0, 0.3), (1e3, 2.0), (1e8, 1e-3)],
    d.InverseGamma: [(0.4, 2.0), (50.0, 3.0)],
    d.Chi2: [(0.3,), (3.0,), (1e6,)],
    d.Weibull: [(1.0, 1.5), (30.0, 0.2)],
    d.HalfNormal: [(1.0,), (1e5,)],
    d.HalfCauchy: [(1.0,), (1e5,)],
    d.Pareto: [(1.0, 3.0), (1e-3, 0.1)],
    d.Kumaraswamy: [(2.0, 3.0)],
    d.Beta: [(0.02, 0.5), (2.0, 3.0), (40.0, 0.7), (1e8, 2e8)],
    d.VonMises: [(0.5, 0.02), (0.5, 3.0), (-1.0, 48.0), (0.2, 1e5)],
    d.Poisson: [(0.01,), (1e6,)],
    d.Geometric: [(0.3,), (0.001,)],
    d.ContinuousBernoulli: [(0.3,), (0.49999,), (0.99999,)],
}
DISTANT = {
    d.Normal: ((0.0, 1.0), (5.0, 30.0)),
    d.Laplace: ((0.0, 1.0), (5.0, 30.0)),
    d.Cauchy: ((0.0, 1.0), (5.0, 30.0)),
    d.Gumbel: ((0.0, 1.0), (2.0, 7.0)),
    d.Exponential: ((1.0,), (1e20,)),
    d.Gamma: ((1e4, 2.0), (3e8, 5e4)),
    d.InverseGamma: ((0.01, 1.0), (80.0, 3.0)),
    d.Chi2: ((0.2,), (500.0,)),
    d.Weibull: ((1.0, 1.5), (3.0, 0.5)),
    d.HalfNormal: ((1.0,), (30.0,)),
    d.HalfCauchy: ((1.0,), (1e6,)),
    d.Pareto: ((1.0, 3.0), (0.01, 50.0)),
    d.Kumaraswamy: ((2.0, 3.0), (2.0, 90.0)),
    d.Beta: ((0.03, 1e6), (4.0, 5.0)),
    d.Uniform: ((1.0, 1.5), (-1e6, 3.0)),
    d.VonMises: ((0.5, 2e3), (2.0, 4e3)),
    d.Poisson: ((0.01,), (1e4,)),
    d.Geometric: ((0.3,), (1e-9,)),
    d.ContinuousBernoulli: ((0.3,), (0.999999,)),
    d.Binomial: ((30.0, 0.2), (30.0, 0.9)),
    d.NegativeBinomial: ((2.5, 0.2), (2.5, 0.9)),
}


def divergence(family, p, q):
    return float(closed_form("kl_divergence", family(*f64(*p)), family(*f64(*q))))


def neighbours(family, base):
    """Parameters that differ by 1e-7, one at a time, together and against each other."""
    signs = [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, -1.0)] if len(base) == 2 else [(1.0,), (-1.0,)]
    if family is d.Kumaraswamy:
        signs = [(0.0, 1.0)]
    if family is d.Pareto:
        signs = [(0.0, 1.0), (-1.0, -1.0)]
    shift = base[-1] * STEP if family in (d.Normal, d.Laplace, d.Cauchy, d.Gumbel, d.VonMises) else None
    for s in signs:
        yield [
            x + e * shift if shift and i == 0 else x * (1 + e * STEP)
            for i, (x, e) in enumerate(zip(base, s, strict=True))
        ]


CLOSE = [(family, base, q) for family, bases in BASES.items() for base in bases for q in neighbours(family, base)]


@pytest.mark.parametrize(("family", "p", "q"), CLOSE)
def test_nearly_equal(family, p, q):
    assert divergence(family, p, q) == pytest.approx(textbook(family, p, q), rel=1e-9)


@pytest.mark.parametrize(("family", "base"), [(f, b) for f, bases in BASES.items() for b in bases])
def test_equal_is_exactly_zero(family, base):
    assert divergence(family, base, base) == 0.0


@pytest.mark.parametrize("family", DISTANT)
def test_distant(family):
    p, q = DISTANT[family]
    assert divergence(family, p, q) == pytest.approx(textbook(family, p, q), rel=1e-11)


@pytest.mark.parametrize("family", DISTANT)
def test_every_distance_between(family):
    """Continuous through every change of formula, and never negative."""
    p, q = (np.asarray(x) for x in DISTANT[family])
    for step in (1e-12, 1e-4, 0.01, 0.0999, 0.1001, 0.3, 0.499, 0.501, 0.8):
        between = list(p + step * (q - p))
        assert divergence(family, list(p), between) == pytest.approx(textbook(family, p, between), rel=2e-9 / step**0.1)
        assert divergence(family, list(p), between) >= 0


@pytest.mark.parametrize(
    ("p", "q"),
    [(-500.0, 20.0), (20.0, -500.0), (0.0, 3.0), (1e-9, 2e-9), (0.3, 0.3 * (1 + STEP)), (1e8, 2e8), (-1e8, -1.1e8)],
)
def test_continuous_bernoulli_by_logits(p, q):
    a, b = (d.ContinuousBernoulli(logits=x) for x in f64(p, q))
    true = textbook("logits", (p or 1e-40,), (q,))
    assert float(closed_form("kl_divergence", a, b)) == pytest.approx(true, rel=1e-9)


def test_bernoulli_kinds_by_logits():
    x, y = f64(0.4, 0.4 * (1 + STEP))
    with mp.workdps(60):
        p, q = (1 / (1 + mp.exp(-mp.mpf(float(v)))) for v in (x, y))
        true = float(TEXTBOOK[d.Geometric](p, q))
    assert float(closed_form("kl_divergence", d.Geometric(logits=x), d.Geometric(logits=y))) == pytest.approx(
        true, 1e-9
    )


def test_logistic_of_one_temperature():
    t, x, y, z = f64(0.7, 0.4, 0.4 * (1 + STEP), -30.0)
    a, b, c = (LogitRelaxedBernoulli(t, logits=v) for v in (x, y, z))
    for other, logit in ((b, y), (c, z)):
        with mp.workdps(60):
            shift = mp.mpf(float(x)) - mp.mpf(float(logit))
            true = float(shift * mp.coth(shift / 2) - 2)
        assert float(closed_form("kl_divergence", a, other)) == pytest.approx(true, rel=1e-9)
    hotter = LogitRelaxedBernoulli(t * 2, logits=x)
    assert closed_form("kl_divergence", a, hotter) is None
    relaxed = d.RelaxedBernoulli(t, logits=x), d.RelaxedBernoulli(t, logits=z)
    assert float(closed_form("kl_divergence", *relaxed)) == pytest.approx(true, rel=1e-9)


def test_generalized_pareto():
    """One start and one ξ/σ: ρ − 1 − log ρ; Q exponential: by E x; −, and one end for both."""
    p, q = d.GeneralizedPareto(*f64(0.3, 2.0, 0.5)), d.GeneralizedPareto(*f64(0.3, 4.0, 1.0))
    assert float(closed_form("kl_divergence", p, q)) == pytest.approx(0.5 - 1 - math.log(0.5), rel=1e-14)
    to = d.GeneralizedPareto(*f64(0.1, 3.0, 0.0))
    true = (math.log(3.0) + (0.3 + 2.0 / 0.5 - 0.1) / 3.0) - (math.log(2.0) + 1.5)
    assert float(closed_form("kl_divergence", p, to)) == pytest.approx(true, rel=1e-13)
    assert float(closed_form("kl_divergence", q, to)) == np.inf
    assert closed_form("kl_divergence", to, p) is None


def _gamma_entropy(a):
    return a + mp.loggamma(a) + (1 - a) * mp.psi(0, a)


def _beta_entropy(a, b):
    return mp.log(mp.beta(a, b)) - (a - 1) * mp.psi(0, a) - (b - 1) * mp.psi(0, b) + (a + b - 2) * mp.psi(0, a + b)


def _student_entropy(v):
    gap = mp.psi(0, (v + 1) / 2) - mp.psi(0, v / 2)
    return (v + 1) / 2 * gap + mp.log(mp.sqrt(v) * mp.beta(v / 2, mp.mpf(1) / 2))


def _fisher_entropy(v, w):
    a, b = v / 2, w / 2
    c = a + b
    linear = (1 - a) * mp.psi(0, a) - (1 + b) * mp.psi(0, b) + c * mp.psi(0, c)
    return mp.log(mp.beta(a, b)) + linear + mp.log(w / v)


def _von_mises_entropy(k):
    return mp.log(2 * mp.pi * mp.besseli(0, k)) - k * mp.besseli(1, k) / mp.besseli(0, k)


def _continuous_bernoulli_entropy(x):
    return mp.log(mp.expm1(x) / x) - x * (1 / -mp.expm1(-x) - 1 / x)


ENTROPIES = {
    "gamma": (lambda a: d.Gamma(a, torch.ones_like(a)), _gamma_entropy, [(0.001,), (9.99,), (10.0,), (1e8,), (1e15,)]),
    "beta": (d.Beta, _beta_entropy, [(0.01, 0.02), (1e8, 1e8), (1e8, 0.5), (11.0, 4.0)]),
    "student": (d.StudentT, _student_entropy, [(0.05,), (2.0,), (19.6,), (25.0,), (1e8,), (1e14,)]),
    "fisher": (d.FisherSnedecor, _fisher_entropy, [(0.3, 0.4), (5.0, 7.0), (1e8, 3e7)]),
    "von mises": (
        lambda k: d.VonMises(0 * k, k),
        _von_mises_entropy,
        [(1e-6,), (2.0,), (49.9,), (50.1,), (1e5,), (1e8,)],
    ),
    "continuous bernoulli": (
        lambda x: d.ContinuousBernoulli(logits=x),
        _continuous_bernoulli_entropy,
        [(1e-9,), (0.99,), (-1.01,), (-500.0,), (1e8,)],
    ),
}


@pytest.mark.parametrize(("name", "parameters"), [(n, x) for n, (_, _, xs) in ENTROPIES.items() for x in xs])
def test_entropies_of_any_size(name, parameters):
    make, formula, _ = ENTROPIES[name]
    with mp.workdps(50):
        true = float(formula(*(mp.mpf(x) for x in parameters)))
    assert float(closed_form("entropy", make(*f64(*parameters)))) == pytest.approx(true, rel=1e-12, abs=1e-14)


def test_float32_parameters_are_taken_as_they_are():
    """Values of the design's notes; torch says 0.0, 256, 9.21, −12 and 4e-4."""
    assert float(closed_form("entropy", d.Gamma(1e8, 1.0))) == pytest.approx(10.6292789018, rel=1e-10)
    assert float(closed_form("entropy", d.Beta(1e8, 1e8))) == pytest.approx(-8.8311226, rel=1e-8)
    assert float(closed_form("entropy", d.StudentT(1e8))) == pytest.approx(1.41893854, rel=1e-8)
    assert float(closed_form("entropy", d.Dirichlet(torch.tensor([1e6] * 3)))) == pytest.approx(
        -13.72416476878098, rel=1e-12
    )
    near = closed_form("kl_divergence", d.Gamma(1000.0, 1.0), d.Gamma(1000.1, 1.0))
    assert float(near) == pytest.approx(5.002e-6, rel=1e-3)
    tiny = closed_form("kl_divergence", d.Normal(0.0, 1.0), d.Normal(0.0, 1 + 2.0**-23))
    assert float(tiny) == pytest.approx(1.42108518917593e-14, rel=1e-13)


def test_what_overflows_is_infinite_and_not_nan():
    wide, narrow = d.Normal(*f64(0.0, 1e200)), d.Normal(*f64(0.0, 1e-10))
    assert float(closed_form("kl_divergence", wide, narrow)) == np.inf
    scales = torch.tensor([1e200, 1.0], dtype=torch.float64)
    batch = closed_form("kl_divergence", d.Normal(torch.zeros(2), scales), d.Normal(*f64(0.0, 2.0)))
    assert batch.tolist() == [np.inf, pytest.approx(np.log(2) - 0.375, rel=1e-14)]
