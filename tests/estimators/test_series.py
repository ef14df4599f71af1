"""Sums over whole numbers: large rates, power tails, infinite divergences, batches."""

import math

import mpmath as mp
import pytest
import scipy.stats
import torch
import torch.distributions as td
from tests.cases.families import f64, mixture

import kullback as kb


def poisson_entropy(rate):
    """½ log(2πeλ) − 1/(12λ) − 1/(24λ²) − 19/(360λ³), for large λ."""
    x = mp.mpf(rate)
    return float(mp.log(2 * mp.pi * mp.e * x) / 2 - 1 / (12 * x) - 1 / (24 * x**2) - 19 / (360 * x**3))


def zipf_entropy(a):
    """log ζ(a) + a E log k, E log k = −ζ′(a)/ζ(a)."""
    s = mp.mpf(str(a))
    return float(mp.log(mp.zeta(s)) - s * mp.zeta(s, derivative=1) / mp.zeta(s))


def log_series_entropy(p):
    """−E[log p^k/k] + log(−log(1 − p)), by mpmath's sum."""
    s = mp.mpf(str(p))
    c = -mp.log(1 - s)
    e_log = mp.nsum(lambda k: s**k / (c * k) * mp.log(k), [1, mp.inf])
    return float(e_log + mp.log(c) - mp.log(s) * s / ((1 - s) * c))


ENTROPIES = {
    "poisson(1e4)": (scipy.stats.poisson(1e4), poisson_entropy(10**4)),
    "poisson(1e6)": (scipy.stats.poisson(1e6), poisson_entropy(10**6)),
    "Poisson(1e9)": (td.Poisson(f64(1e9)), poisson_entropy(10**9)),
    "Poisson(0)": (td.Poisson(f64(0.0)), 0.0),
    "nbinom(.5, .01)": (scipy.stats.nbinom(0.5, 0.01), 4.7476541064),
    "Geometric(1e-4)": (td.Geometric(f64(1e-4)), -math.log(1e-4) - (1 - 1e-4) * math.log1p(-1e-4) * 1e4),
    "Geometric(1)": (td.Geometric(f64(1.0)), 0.0),
    "zipf(2)": (scipy.stats.zipf(2), zipf_entropy(2)),
    "zipf(1.5)": (scipy.stats.zipf(1.5), zipf_entropy(1.5)),
    "zipf(1.1)": (scipy.stats.zipf(1.1), zipf_entropy(1.1)),
    "logser(.99)": (scipy.stats.logser(0.99), log_series_entropy(0.99)),
    "geom(.3)": (scipy.stats.geom(0.3), 2.0362143401829784),
    "shifted poisson": (scipy.stats.poisson(3, loc=10), 1.93147019814857),
    "mixture of Poissons": (mixture([0.3, 0.7], td.Poisson(f64([2.0, 40.0]))), 3.405215986138214),
}


@pytest.mark.parametrize("name", ENTROPIES)
def test_entropies_that_others_get_wrong(name):
    p, truth = ENTROPIES[name]
    got = kb.entropy(p, method="series")
    assert (got.method, got.reliable, got.std_error) == ("series", True, 0.0)
    assert float(got) == pytest.approx(truth, rel=2e-11, abs=1e-13)
    assert float(got.error) < 1e-9


def zipf_beside_geometric(a, p):
    """E log(k^−a/ζ(a)) − E log p(1−p)^(k−1), E k = ζ(a − 1)/ζ(a)."""
    s, q = mp.mpf(str(a)), mp.mpf(str(p))
    mean = mp.zeta(s - 1) / mp.zeta(s)
    return float(-zipf_entropy(a) - mp.log(q) - (mean - 1) * mp.log(1 - q))


DIVERGENCES = {
    "Poisson(0) beside Poisson(1)": (td.Poisson(f64(0.0)), td.Poisson(f64(1.0)), 1.0),
    "Poisson(1) beside Poisson(0)": (td.Poisson(f64(1.0)), td.Poisson(f64(0.0)), math.inf),
    "large Poissons": (
        td.Poisson(f64(1e6)),
        td.Poisson(f64(1.001e6)),
        float(mp.mpf("1e3") - mp.mpf(10) ** 6 * mp.log(mp.mpf("1.001"))),
    ),
    "near-equal Poissons": (
        td.Poisson(f64(3.0)),
        td.Poisson(f64(3.0 + 2.0**-20)),
        float(mp.mpf(2) ** -20 - 3 * mp.log1p(mp.mpf(2) ** -20 / 3)),
    ),
    "zipf(2.2) beside geom": (scipy.stats.zipf(2.2), scipy.stats.geom(0.3), zipf_beside_geometric(2.2, 0.3)),
    "zipf(2) beside geom": (scipy.stats.zipf(2), scipy.stats.geom(0.3), math.inf),
    "zipf(3) beside zipf(1.1)": (
        scipy.stats.zipf(3),
        scipy.stats.zipf(1.1),
        float(mp.log(mp.zeta("1.1") / mp.zeta(3)) + (3 - mp.mpf("1.1")) * mp.zeta(3, derivative=1) / mp.zeta(3)),
    ),
    "geom from 1 beside Geometric from 0": (scipy.stats.geom(0.3), td.Geometric(f64(0.3)), -math.log(0.7)),
    "Geometric from 0 beside geom from 1": (td.Geometric(f64(0.3)), scipy.stats.geom(0.3), math.inf),
    "SciPy beside torch": (scipy.stats.poisson(3), td.Geometric(f64(0.3)), 0.3425274379935642),
}


@pytest.mark.parametrize("name", DIVERGENCES)
def test_divergences(name):
    p, q, truth = DIVERGENCES[name]
    got = kb.kl_divergence(p, q)
    assert got.reliable
    assert float(got) == pytest.approx(truth, rel=1e-9)


def test_an_infinite_mean_makes_the_divergence_from_a_geometric_infinite():
    got = kb.kl_divergence(scipy.stats.zipf(2), scipy.stats.geom(0.3))
    assert (got.method, got.value) == ("tail-slope", math.inf)
    assert got.notes == ("infinite because the terms fall no faster than 1/k: a numerical test, not a proof",)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (td.Poisson(f64([0.0, 0.01, 3.0, 1e4])), td.Geometric(f64([[0.2], [0.9]]))),
        (td.NegativeBinomial(f64([0.3, 3.0, 50.0]), probs=f64([0.9, 0.5, 0.1])), td.Poisson(f64(2.0))),
        (td.Geometric(f64([1.0, 0.3])), td.NegativeBinomial(f64(2.5), probs=f64(0.6))),
    ],
    ids=["Poisson", "negative binomial", "geometric"],
)
def test_a_batch_is_its_elements(p, q):
    got = kb.kl_divergence(p, q, method="series")
    shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape)
    assert got.value.shape == shape
    wide = p.expand(shape), q.expand(shape)
    for i in [tuple(row) for row in torch.cartesian_prod(*(torch.arange(n) for n in shape)).reshape(-1, len(shape))]:
        a, b = (pick(d, i) for d in wide)
        assert float(got.value[i]) == pytest.approx(
            float(kb.kl_divergence(a, b, method="series")), rel=1e-12, abs=1e-15
        )


def pick(d, i):
    """One element of a batch."""
    if isinstance(d, td.NegativeBinomial):
        return td.NegativeBinomial(d.total_count[i], probs=d.probs[i])
    (parameter,) = d.arg_constraints.keys() & {"rate", "probs"}
    return type(d)(**{parameter: getattr(d, parameter)[i]})


def test_infinite_elements_among_finite_ones():
    q = td.Poisson(f64([1.0, 0.0, 2.0]))
    values = kb.kl_divergence(td.Poisson(f64(1.5)), q, method="series").value.tolist()
    assert values[1] == math.inf
    for i, rate in ((0, 1.0), (2, 2.0)):
        assert values[i] == pytest.approx(rate - 1.5 + 1.5 * math.log(1.5 / rate), rel=1e-12)


def test_jensen_shannon_of_disjoint_and_equal_laws():
    far = kb.jensen_shannon(td.Poisson(f64(1.0)), td.Poisson(f64(1e4)))
    assert float(far) == pytest.approx(math.log(2), rel=1e-12)
    assert float(kb.jensen_shannon(td.Poisson(f64(3.0)), td.Poisson(f64(3.0)))) == pytest.approx(0.0, abs=1e-15)
