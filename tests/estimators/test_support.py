"""Where P can put mass outside the support of Q, by strict comparison: pieces, edges in common, batches."""

import math

import pytest
import scipy.stats
import torch
import torch.distributions as td
from tests.cases.families import FAMILIES, f64, image, mixture

import kullback as kb
from kullback.distributions.support import Support, outside
from kullback.errors import UnsupportedError

INF = math.inf


def pieces(*ends, discrete=False):
    low, high = (f64([e[i] for e in ends]) for i in (0, 1))
    return Support(discrete, low, high)


COVERED = {
    "the same": (pieces((0, 1)), pieces((0, 1)), False),
    "wider": (pieces((0, 1)), pieces((-1, 2)), False),
    "narrower": (pieces((0, 1)), pieces((0.1, 2)), True),
    "two that touch": (pieces((0, 2)), pieces((-1, 1), (1, 3)), False),
    "two that overlap": (pieces((0, 2)), pieces((-1, 1.5), (1, 3)), False),
    "a gap": (pieces((0, 2)), pieces((-1, 0.9), (1, 3)), True),
    "two pieces within two": (pieces((0, 1), (5, 6)), pieces((5, 7), (0, 1)), False),
    "two pieces, one outside": (pieces((0, 1), (5, 6)), pieces((0, 1), (5.5, 7)), True),
    "three in a row": (pieces((0, 3)), pieces((2, 3), (0, 1), (1, 2)), False),
    "one of three missing": (pieces((0, 3)), pieces((2, 3), (0, 1), (1.1, 2)), True),
    "whole numbers next to each other": (pieces((0, 3), discrete=True), pieces((0, 1), (2, 3), discrete=True), False),
    "a whole number missing": (pieces((0, 3), discrete=True), pieces((0, 1), (3, 3), discrete=True), True),
    "a half-line": (pieces((0, INF)), pieces((0, 5)), True),
    "half-lines that meet": (pieces((-INF, INF)), pieces((-INF, 0), (0, INF)), False),
}


@pytest.mark.parametrize("name", COVERED)
def test_outside(name):
    p, q, leaves = COVERED[name]
    found = outside(p, q)
    assert (found is not None and bool(found)) == leaves


def uniform(low, high):
    return td.Uniform(f64(low), f64(high))


PAIRS = {
    "edges in common": (uniform(0.0, 1.0), td.Beta(f64(2.0), f64(2.0)), False),
    "beyond an edge": (uniform(0.0, 1.0 + 1e-12), td.Beta(f64(2.0), f64(2.0)), True),
    "Pareto from 1 beside one from .5": (td.Pareto(f64(1.0), f64(3.0)), td.Pareto(f64(0.5), f64(1.0)), False),
    "Pareto from .5 beside one from 1": (td.Pareto(f64(0.5), f64(3.0)), td.Pareto(f64(1.0), f64(1.0)), True),
    "mixture with a gap": (uniform(0.0, 3.0), mixture([0.5, 0.5], uniform([0.0, 2.0], [1.0, 3.0])), True),
    "mixture without a gap": (uniform(0.0, 3.0), mixture([0.5, 0.5], uniform([0.0, 1.0], [1.0, 3.0])), False),
    "reflected": (image(td.Exponential(f64(1.0)), td.AffineTransform(0.0, -1.0)), td.Exponential(f64(1.0)), True),
    "squashed": (image(td.Normal(f64(0.0), f64(1.0)), td.SigmoidTransform()), td.Beta(f64(2.0), f64(2.0)), False),
    "squashed to (−1, 1)": (
        image(td.Normal(f64(0.0), f64(1.0)), td.TanhTransform()),
        td.Beta(f64(2.0), f64(2.0)),
        True,
    ),
    "SciPy's shifted": (scipy.stats.gamma(2, loc=1), scipy.stats.gamma(2), False),
    "SciPy's unshifted": (scipy.stats.gamma(2), scipy.stats.gamma(2, loc=1), True),
    "bounded generalized Pareto": (
        td.GeneralizedPareto(f64(0.0), f64(1.0), f64(-0.5)),
        uniform(0.0, 2.0),
        False,
    ),
    "vectors": (
        td.Independent(uniform([0.0, 0.0], [1.0, 1.0]), 1),
        td.Independent(uniform([0.0, 0.0], [1.0, 0.9]), 1),
        True,
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_pairs(name):
    p, q, leaves = PAIRS[name]
    got = kb.kl_divergence(p, q)
    assert (float(got) == INF) == leaves
    assert (got.method == "support") == leaves
    if leaves:
        assert kb.cross_entropy(p, q).method == "support"
        assert "puts mass where q" in got.notes[0]
        assert (float(got.std_error), float(got.error)) == (0.0, 0.0)


def test_elements_of_a_batch():
    p = td.Uniform(f64([0.0, 0.5, -1.0]), f64([1.0, 3.0, 0.5]))
    got = kb.kl_divergence(p, uniform(0.0, 1.0))
    assert got.value.tolist() == [0.0, INF, INF]
    assert got.method == "closed form, support"
    assert got.notes == ("infinite because p (Uniform) puts mass where q (Uniform) puts none",)
    everywhere = kb.kl_divergence(p, td.Uniform(f64(5.0), f64(6.0)))
    assert (everywhere.value.tolist(), everywhere.method) == ([INF] * 3, "support")


def test_sets_that_are_no_boxes():
    simplex, matrices = td.Dirichlet(f64([1.0, 2.0])), td.Wishart(f64(4.0), torch.eye(2, dtype=torch.float64))
    one_hot = td.OneHotCategorical(f64([0.2, 0.8]))
    assert float(kb.kl_divergence(simplex, td.Dirichlet(f64([2.0, 1.0])))) > 0
    with pytest.raises(UnsupportedError, match=r"^q .Wishart. has outcomes of shape"):
        kb.kl_divergence(simplex, matrices)
    with pytest.raises(UnsupportedError, match=r"^q .OneHotCategorical. has probabilities of single outcomes where"):
        kb.kl_divergence(simplex, one_hot)


@pytest.mark.parametrize("name", FAMILIES)
def test_draws_lie_in_the_support(name):
    """The support of every family holds its draws, and log p is finite there."""
    from kullback.distributions.density import Points
    from kullback.distributions.foreign import TorchDensity

    density = TorchDensity(FAMILIES[name]())
    x = density.sample(500, 0)
    lower, upper = (e if isinstance(e, float) else float(e) for e in (density.support.lower, density.support.upper))
    assert ((x >= lower) & (x <= upper)).all()
    assert density.log_prob(Points(x)).isfinite().all()
    outer = f64([lower - 1.0, upper + 1.0])
    beyond = outer[outer.isfinite()]
    assert (density.log_prob(Points(beyond)) == -INF).all()
