"""Sums over all outcomes of finite distributions, however they are written."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
import torch
import torch.distributions as td
from tests.cases.families import f64, mixture

import kullback as kb

INF = math.inf


def kl(p, q):
    """Σ p log p/q of two rows."""
    return sum(a * math.log(a / b) if b else INF for a, b in zip(p, q, strict=True) if a)


def binomial(n, p, size):
    return [math.comb(n, k) * p**k * (1 - p) ** (n - k) if k <= n else 0.0 for k in range(size)]


PAIRS = {
    "Binomial(5) beside Binomial(7)": (
        td.Binomial(5, f64(0.3)),
        td.Binomial(7, f64(0.4)),
        kl(binomial(5, 0.3, 8), binomial(7, 0.4, 8)),
    ),
    "Binomial(7) beside Binomial(5)": (td.Binomial(7, f64(0.3)), td.Binomial(5, f64(0.4)), INF),
    "unequal categoricals": (
        td.Categorical(f64([0.3, 0.7])),
        td.Categorical(f64([0.2, 0.3, 0.5])),
        kl([0.3, 0.7], [0.2, 0.3]),
    ),
    "zero beside zero": (
        td.Categorical(f64([0.5, 0.5, 0.0])),
        td.Categorical(f64([0.25, 0.75, 0.0])),
        kl([0.5, 0.5], [0.25, 0.75]),
    ),
    "certain": (td.Bernoulli(f64(1.0)), td.Bernoulli(f64(0.25)), math.log(4)),
    "impossible": (td.Bernoulli(f64(0.5)), td.Bernoulli(f64(0.0)), INF),
    "Bernoulli beside Poisson": (td.Bernoulli(f64(0.3)), td.Poisson(f64(1.0)), kl([0.7, 0.3], [math.exp(-1)] * 2)),
    "SciPy's bernoulli beside torch's": (scipy.stats.bernoulli(0.3), td.Bernoulli(f64(0.8)), 0.5826853020432398),
    "probabilities beside Poisson": ([0.5, 0.5], td.Poisson(f64(1.0)), kl([0.5, 0.5], [math.exp(-1)] * 2)),
    "randint beside binom": (scipy.stats.randint(0, 3), scipy.stats.binom(2, 0.5), kl([1 / 3] * 3, [0.25, 0.5, 0.25])),
    "mixture of categoricals": (
        mixture([0.4, 0.6], td.Categorical(f64([[0.5, 0.5], [0.1, 0.9]]))),
        td.Categorical(f64([0.3, 0.7])),
        kl([0.26, 0.74], [0.3, 0.7]),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_pair(name):
    p, q, truth = PAIRS[name]
    assert float(kb.kl_divergence(p, q)) == pytest.approx(truth, rel=1e-13)


@pytest.mark.parametrize(
    ("p", "truth"),
    [
        (td.Categorical(torch.tensor([1.0, 0.0])), 0.0),
        (td.Binomial(5, torch.tensor(1.0)), 0.0),
        (td.Bernoulli(torch.tensor(0.0)), 0.0),
        (scipy.stats.hypergeom(20, 7, 12), scipy.stats.entropy(scipy.stats.hypergeom(20, 7, 12).pmf(np.arange(8)))),
        (scipy.stats.randint(3, 13), math.log(10)),
        (td.OneHotCategorical(f64([0.2, 0.3, 0.5])), scipy.stats.entropy([0.2, 0.3, 0.5])),
        (td.Independent(td.Bernoulli(f64([0.2, 0.5])), 1), scipy.stats.entropy([0.2, 0.8]) + math.log(2)),
    ],
)
def test_entropy(p, truth):
    got = kb.entropy(p)
    assert float(got) == pytest.approx(truth, rel=1e-13, abs=0)
    assert (got.std_error, got.reliable) == (0.0, True)


def test_multinomial():
    probabilities = [0.2, 0.3, 0.5]
    rows = [x for x in itertools.product(range(5), repeat=3) if sum(x) == 4]
    p = [
        math.factorial(4) * math.prod(q**k / math.factorial(k) for q, k in zip(probabilities, x, strict=True))
        for x in rows
    ]
    for multinomial in (td.Multinomial(4, f64(probabilities)), scipy.stats.multinomial(4, probabilities)):
        assert float(kb.entropy(multinomial)) == pytest.approx(scipy.stats.entropy(p), rel=1e-13)


def test_a_batch_is_its_elements():
    p, q = td.Binomial(f64([1.0, 5.0, 9.0]), f64([0.3, 0.3, 0.2])), td.Binomial(f64(7.0), f64(0.4))
    got = kb.kl_divergence(p, q).value.tolist()
    truth = [kl(binomial(n, a, 10), binomial(7, 0.4, 10)) for n, a in ((1, 0.3), (5, 0.3), (9, 0.2))]
    assert got == pytest.approx(truth, rel=1e-13)
    assert got[2] == INF
    wide = kb.kl_divergence(td.Bernoulli(f64([0.0, 0.3])), td.Bernoulli(f64([[0.5], [1.0]]))).value
    assert wide.tolist() == [pytest.approx([math.log(2), kl([0.7, 0.3], [0.5, 0.5])], rel=1e-13), [INF, INF]]


def test_near_equals_keep_their_digits():
    p, q = [0.25, 0.75], [0.25 + 2.0**-30, 0.75 - 2.0**-30]
    truth = sum((2.0**-30) ** 2 / (2 * a) for a in p)
    got = kb.kl_divergence(td.Categorical(f64(p)), td.Categorical(f64(q)))
    assert float(got) == pytest.approx(truth, rel=1e-6)
