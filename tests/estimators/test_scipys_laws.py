"""Laws of SciPy where floating point is coarse or their kind is unusual: singular ends away from 0, tables, vectors."""

import math

import mpmath
import numpy as np
import pytest
import scipy.stats as st
import torch
import torch.distributions as td
from scipy.integrate import quad

import kullback as kb
from kullback.errors import InputError, UnsupportedError

WIDE = st.norm(0, 3)


def test_a_singular_end_that_numbers_cannot_resolve_widens_the_error_or_is_doubted():
    """p = 0.2 (x + 1)^−0.8: 0.07 % of the mass is nearer to −1 than two numbers are to each other."""
    p = st.powerlaw(0.2, loc=-1)
    assert float(kb.entropy(p)) == pytest.approx(math.log(0.2) * -1 - 4, rel=1e-13)
    mp = mpmath.mp
    truth = mp.quad(lambda s: mp.exp(-s) * (mp.log(0.2) + 4 * s + _surprisal(mp.exp(-5 * s) - 1)), [0, 1, 10, 60])
    estimate = kb.kl_divergence(p, WIDE)
    assert not estimate.reliable
    assert abs(float(estimate) - float(truth)) < float(estimate.error)


def _surprisal(x):
    return mpmath.log(3 * mpmath.sqrt(2 * mpmath.pi)) + x * x / 18


@pytest.mark.parametrize("p", [st.arcsine(-1, 2), st.arcsine(), st.arcsine(5, 0.5)])
def test_arcsine(p):
    """∫ p log p is known, and so are mean and variance."""
    entropy, (mean, variance) = (
        math.log(math.pi / 4) + math.log(p.kwds.get("scale", p.args[1] if p.args else 1)),
        p.stats(),
    )
    kl = 0.5 * math.log(18 * math.pi) + (mean**2 + variance) / 18 - entropy
    for estimate, truth in ((kb.entropy(p), entropy), (kb.kl_divergence(p, WIDE), kl)):
        assert estimate.reliable
        assert abs(float(estimate) - truth) <= float(estimate.error) < 2e-6


def test_one_law_by_two_names_is_0_within_its_error():
    estimate = kb.kl_divergence(st.arcsine(), st.beta(0.5, 0.5))
    assert abs(float(estimate)) <= float(estimate.error) < 1e-7


def test_draws_rounded_to_a_singular_end_are_said():
    estimate = kb.entropy(st.powerlaw(0.2, loc=-1), method="monte carlo", max_evals=100_000, rng=0)
    assert not estimate.reliable
    assert "some draws of p were rounded to a point where its density is 0 or infinite" in estimate.notes


@pytest.mark.parametrize("base", [td.Uniform(0.0, 1.0), td.Beta(2.0, 2.0)], ids=["logistic", "of a beta"])
def test_a_logit_reaches_the_whole_line(base):
    q = td.TransformedDistribution(base, [td.SigmoidTransform().inv])
    mine = st.logistic.logpdf if isinstance(base, td.Uniform) else _of_beta
    truth = quad(lambda x: -st.norm.pdf(x) * mine(x), -12, 12, epsabs=1e-12)[0]
    assert float(kb.cross_entropy(td.Normal(0.0, 1.0), q)) == pytest.approx(truth, rel=1e-9)


def _of_beta(x):
    s = 1 / (1 + math.exp(-x))
    return math.log(6) + 2 * math.log(s) + 2 * math.log1p(-s)


def test_listed_values_and_histograms():
    assert float(kb.entropy(st.rv_discrete(values=([1, 2, 5], [0.2, 0.3, 0.5])))) == pytest.approx(
        st.entropy([0.2, 0.3, 0.5])
    )
    heights, bins = np.histogram(np.random.default_rng(0).normal(size=1000), bins=20)
    p, shares, widths = st.rv_histogram((heights, bins)), heights / 1000, np.diff(bins)
    seen = shares > 0
    entropy = -(shares[seen] * np.log(shares[seen] / widths[seen])).sum()
    assert float(kb.entropy(p)) == pytest.approx(entropy, rel=1e-9)
    second = ((bins[1:] ** 3 - bins[:-1] ** 3) / 3 / widths * shares).sum()
    assert float(kb.kl_divergence(p, st.norm())) == pytest.approx(
        0.5 * math.log(2 * math.pi) + second / 2 - entropy, rel=1e-9
    )


def test_directions_are_drawn():
    p = st.vonmises_fisher([0, 0, 1], 5)
    estimate = kb.entropy(p, rng=0)
    assert isinstance(estimate.value, float)
    assert float(estimate) == pytest.approx(p.entropy(), abs=4 * float(estimate.std_error))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: st.multivariate_hypergeom([3, 4], 3), "p is a multivariate_hypergeom of SciPy, expected numbers or"),
        (lambda: st.uniform_direction(3), "p is a uniform_direction of SciPy, expected numbers or vectors with"),
        (lambda: st.invwishart(5, np.eye(2)), "p is a invwishart of SciPy, expected numbers or vectors with a logpdf"),
        (lambda: st.rv_discrete(values=([1, 2.5], [0.5, 0.5])), "p has the outcome 2.5, expected whole numbers; "),
        (lambda: st.norm, "A family? p(...) with its parameters."),
        (lambda: td.Normal, "A family? p(...) with its parameters."),
    ],
)
def test_kinds_that_cannot_be_measured(make, words):
    with pytest.raises(UnsupportedError) as caught:
        kb.entropy(make())
    assert words in str(caught.value)


def test_samples_that_tell_too_little():
    few = kb.entropy(kb.Sample(np.random.default_rng(0).normal(size=200)))
    assert "fewer than 300 draws: the std_error is itself uncertain, and too small" in few.notes
    assert not few.reliable
    same = kb.cross_entropy(kb.Sample([0.5] * 40), td.Normal(0.0, 1.0))
    assert same.notes == ("all observations are the same: the std_error knows nothing of others",)
    assert not same.reliable
    for x, words in (
        ([0.5] * 40, r"p is constant in column 0, .*; one outcome\? kb.Sample\(x, continuous=False\)"),
        ([0.5], "p has 1 rows, expected at least 4 for n_neighbors=3; one draw tells nothing of a spread"),
        (["a", None, "b"], "p holds None, expected observations; drop what is missing first"),
    ):
        with pytest.raises(InputError, match=words):
            kb.entropy(kb.Sample(x))
    with pytest.raises(UnsupportedError, match=r"p has draws of a density where q \(Poisson\) has probabilities of"):
        kb.cross_entropy(kb.Sample([0.5, 1.5]), td.Poisson(3.0))


def test_a_perplexity_beyond_floating_point_says_so():
    estimate = kb.perplexity(td.Normal(0.0, 1.0), td.Normal(1e3, 1.0))
    assert estimate.notes == ("too large for float64: its logarithm is finite",)
    assert torch.isinf(estimate.value)
