"""Laws that hold for every distribution: each runs over all of FAMILIES, so a new family is tested by its entry."""

import math

import pytest
import torch
import torch.distributions as td
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cases.families import CONTINUOUS, FAMILIES, f64, image, mixture
from tests.cases.tails import LARGEST, ON, PAIRS, is_infinite

import kullback as kb

LINE = [name for name in CONTINUOUS if ON[name] == "line"]
BESIDE = {p: [q for q in FAMILIES if (p, q) in PAIRS and not is_infinite(p, q) and q != p] for p in FAMILIES}
FINITE = [(p, q) for p, all_q in BESIDE.items() for q in all_q[:2]]
SIZE = {"rel": 1e-9, "abs": 1e-10}


def made(*names):
    return [FAMILIES[name]() for name in names]


def name(x):
    return x.replace(", ", "_")


def numerical(p):
    return "series" if p in LARGEST else "quadrature"


@pytest.mark.parametrize("p", FAMILIES, ids=name)
def test_a_law_has_no_divergence_from_itself(p):
    first, second = made(p, p)
    for method in (None, numerical(p)):
        assert float(kb.kl_divergence(first, second, method=method)) == pytest.approx(0.0, abs=1e-13)
    assert float(kb.jensen_shannon(first, second)) == pytest.approx(0.0, abs=1e-13)


@pytest.mark.parametrize(("p", "q"), FINITE, ids=name)
def test_cross_entropy_is_entropy_and_divergence(p, q):
    a, b = made(p, q)
    for method in (None, numerical(p)):
        cross, divergence = kb.cross_entropy(a, b, method=method), kb.kl_divergence(a, b, method=method)
        assert float(cross) == pytest.approx(float(kb.entropy(a)) + float(divergence), **SIZE)
        assert float(divergence) > 0


@pytest.mark.parametrize("p", FAMILIES, ids=name)
def test_the_cross_entropy_with_itself_is_the_entropy(p):
    first, second = made(p, p)
    assert float(kb.cross_entropy(first, second)) == pytest.approx(float(kb.entropy(first)), **SIZE)


@pytest.mark.parametrize(("loc", "scale"), [(1.3, 2.5), (-0.7, -0.4)])
@pytest.mark.parametrize("p", CONTINUOUS, ids=name)
def test_an_affine_map_adds_the_logarithm_of_its_scale(p, loc, scale):
    (law,) = made(p)
    moved = image(law, td.AffineTransform(f64(loc), f64(scale)))
    truth = float(kb.entropy(law)) + math.log(abs(scale))
    for method in (None, "quadrature"):
        assert float(kb.entropy(moved, method=method)) == pytest.approx(truth, **SIZE)


BIJECTIONS = {
    "affine": (td.AffineTransform(f64(0.5), f64(-2.0)), CONTINUOUS),
    "exp": (td.ExpTransform(), LINE),
    "sigmoid": (td.SigmoidTransform(), LINE),
    "tanh": (td.TanhTransform(), ["Normal", "Laplace", "LogitRelaxedBernoulli"]),
    "log": (td.ExpTransform().inv, ["Gamma", "LogNormal", "Weibull", "FisherSnedecor"]),
}
MAPPED = [(by, p) for by, (_, names) in BIJECTIONS.items() for p in names if BESIDE[p]]


@pytest.mark.parametrize(("by", "p"), MAPPED, ids=name)
def test_a_common_bijection_changes_no_divergence(by, p):
    where = {"affine": BESIDE[p], "log": [q for q in BESIDE[p] if ON[q] == "half-line"]}
    q = next(q for q in where.get(by, LINE) if q in BESIDE[p])
    a, b = made(p, q)
    transform = BIJECTIONS[by][0]
    truth = float(kb.kl_divergence(a, b))
    assert float(kb.kl_divergence(image(a, transform), image(b, transform))) == pytest.approx(truth, **SIZE)
    by_points = kb.kl_divergence(image(a, transform), image(b, transform), method="quadrature")
    assert not by_points.reliable or float(by_points) == pytest.approx(truth, rel=1e-8, abs=1e-9)
    assert by_points.reliable or by in ("exp", "sigmoid", "tanh")  # whose images of heavy tails over- or underflow


@pytest.mark.parametrize(("p", "q"), FINITE, ids=name)
def test_independent_parts_add(p, q):
    a, b = (law.expand((3,)) for law in made(p, q))
    parts = float(kb.kl_divergence(*made(p, q)))
    together = kb.kl_divergence(td.Independent(a, 1), td.Independent(b, 1))
    assert float(together) == pytest.approx(3 * parts, **SIZE)
    assert kb.kl_divergence(a, b).value.tolist() == pytest.approx([parts] * 3, **SIZE)


@pytest.mark.parametrize(("p", "q"), FINITE, ids=name)
def test_jensen_shannon_is_symmetric_and_bounded(p, q):
    a, b = made(p, q)
    forth, back = kb.jensen_shannon(a, b), kb.jensen_shannon(b, a)
    assert float(forth) == pytest.approx(float(back), rel=1e-8, abs=1e-10)
    assert 0 < float(forth) <= math.log(2) + 1e-12
    assert float(forth) <= float(kb.kl_divergence(a, b)) / 2 + 1e-12  # convex in Q, and KL(P‖P) = 0 twice over


@pytest.mark.parametrize("p", FAMILIES, ids=name)
def test_a_mixture_of_equals_is_the_law(p):
    (law,) = made(p)
    assert float(kb.kl_divergence(law, mixture([0.3, 0.7], law.expand((2,))))) == pytest.approx(0.0, abs=1e-11)


@pytest.mark.parametrize("p", FAMILIES, ids=name)
def test_units(p):
    (law,) = made(p)
    nats = kb.entropy(law)
    for base, unit in ((2, "bit"), (10, "ban")):
        got = kb.entropy(law, base=base)
        assert (got.unit, float(got)) == (unit, pytest.approx(float(nats) / math.log(base), rel=1e-14))
    assert float(kb.perplexity(law)) == pytest.approx(math.exp(float(nats)), rel=1e-14)


def positive(high):
    return st.floats(0.05, high)


FEW = settings(max_examples=15)
SOMEWHERE = st.floats(-5.0, 5.0)
PARAMETERS = {
    "Normal": (td.Normal, (SOMEWHERE, positive(5.0))),
    "Laplace": (td.Laplace, (SOMEWHERE, positive(5.0))),
    "Cauchy": (td.Cauchy, (SOMEWHERE, positive(5.0))),
    "Gamma": (td.Gamma, (positive(20.0), positive(20.0))),
    "LogNormal": (td.LogNormal, (SOMEWHERE, positive(3.0))),
    "Weibull": (td.Weibull, (positive(5.0), st.floats(0.3, 3.0))),
    "Beta": (td.Beta, (st.floats(0.3, 20.0), st.floats(0.3, 20.0))),
    "Kumaraswamy": (td.Kumaraswamy, (st.floats(0.3, 5.0), st.floats(0.3, 5.0))),
    "Poisson": (td.Poisson, (positive(50.0),)),
    "Geometric": (td.Geometric, (st.floats(0.02, 0.98),)),
    "Bernoulli": (td.Bernoulli, (st.floats(0.0, 1.0),)),
}


@pytest.mark.parametrize("family", PARAMETERS)
def test_divergences_are_not_negative_and_add_up_whatever_the_parameters(family):
    make, strategies = PARAMETERS[family]
    parameters = st.tuples(*strategies)

    @FEW
    @given(parameters, parameters)
    def law(first, second):
        p, q = (make(*(f64(x) for x in values)) for values in (first, second))
        divergence, cross = (float(measure(p, q)) for measure in (kb.kl_divergence, kb.cross_entropy))
        assert divergence >= 0
        assert cross == pytest.approx(float(kb.entropy(p)) + divergence, rel=1e-9, abs=1e-9)
        if first != second and math.isfinite(divergence):
            by_points = kb.kl_divergence(p, q, method=numerical(family))
            assert float(by_points) == pytest.approx(divergence, rel=1e-7, abs=1e-9)

    law()


def test_a_finer_partition_tells_more():
    """Binning does not raise a divergence: KL of two normals is above that of their signs."""
    p, q = td.Normal(f64(0.3), f64(1.0)), td.Normal(f64(-0.5), f64(1.5))
    signs = [d.cdf(f64(0.0)) for d in (p, q)]
    coarse = kb.kl_divergence(*(torch.stack([s, 1 - s]) for s in signs))
    assert 0 < float(coarse) < float(kb.kl_divergence(p, q))
