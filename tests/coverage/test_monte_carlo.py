"""Do the 95 % intervals of Monte Carlo cover? Worlds whose truth is known, each measured 400 times.

What is drawn from plainly is measured in one call, as a batch of 400 equal laws, and again twelve times alone to see
whether the library calls it reliable. Nets and strata are for single laws: these are measured one by one.
"""

import math

import numpy as np
import pytest
import scipy.stats
import torch
import torch.distributions as td
from tests.cases.families import f64, image, mixture

import kullback as kb

REPEATS, ALONE, FEWER = 400, 12, 120
EVALS = 5000


def normal(loc, scale):
    """A batch of one: without a batch it would be measured by nets."""
    return td.Normal(f64([loc]), f64([scale]))


def gamma(a, b):
    return td.Gamma(f64(a), f64(b))


def round_normal(dimensions, variance=1.0, mean=0.0):
    eye = torch.eye(dimensions, dtype=torch.float64)
    return td.MultivariateNormal(torch.full((dimensions,), mean, dtype=torch.float64), variance * eye)


STANDARD = td.Normal(f64(0.0), f64(1.0))
STUDENT = scipy.stats.t(5)
WORLDS = {
    "H Laplace": (td.Laplace(f64(0.0), f64(1.0)), None, 1 + math.log(2)),
    "H Gamma(2)": (gamma(2.0, 1.0), None, scipy.stats.gamma(2).entropy()),
    "H StudentT(5)": (td.StudentT(f64(5.0)), None, STUDENT.entropy()),
    "H Cauchy": (td.Cauchy(f64(0.0), f64(1.0)), None, math.log(4 * math.pi)),
    "H Exponential": (td.Exponential(f64(1.0)), None, 1.0),
    "H Beta(.5, .5)": (td.Beta(f64(0.5), f64(0.5)), None, math.log(math.pi / 4)),
    "H Poisson(3)": (td.Poisson(f64(3.0)), None, 1.93147019814857),
    "H Geometric(.3)": (td.Geometric(f64(0.3)), None, 2.0362143401829784),
    "H Dirichlet(1, 2, 3)": (td.Dirichlet(f64([1.0, 2.0, 3.0])), None, -1.2443445622221008),
    "KL N(0,1), N(.1,1)": (normal(0.0, 1.0), normal(0.1, 1.0), 0.005),
    "KL N(0,1), N(1,1)": (normal(0.0, 1.0), normal(1.0, 1.0), 0.5),
    "KL N(0,1), N(3,1)": (normal(0.0, 1.0), normal(3.0, 1.0), 4.5),
    "KL N(0,½), N(0,1)": (normal(0.0, 0.5), normal(0.0, 1.0), math.log(2) - 0.375),
    "KL N(0,1), N(0,½)": (normal(0.0, 1.0), normal(0.0, 0.5), 1.5 - math.log(2)),
    "KL Exponential, N": (td.Exponential(f64(1.0)), STANDARD, 0.9189385332046727),
    "KL Exponential, Gamma(2)": (td.Exponential(f64(1.0)), gamma(2.0, 1.0), float(np.euler_gamma)),
    "KL Poisson(3), Geometric": (td.Poisson(f64(3.0)), td.Geometric(f64(0.3)), 0.3425274379935642),
    "KL Beta, Kumaraswamy": (
        td.Beta(f64(2.0), f64(3.0)),
        td.Kumaraswamy(f64(2.0), f64(3.0)),
        0.04052362514486188,
    ),
    "KL N in 4 dimensions": (
        td.Independent(td.Normal(f64([0.0] * 4), f64(1.0)), 1),
        td.Independent(td.Normal(f64([0.1] * 4), f64(1.0)), 1),
        0.02,
    ),
    "KL StudentT(5), N": (td.StudentT(f64(5.0)), STANDARD, 0.1247691941236101),
    "KL StudentT(3), N": (
        td.StudentT(f64(3.0)),
        STANDARD,
        -scipy.stats.t(3).entropy() + 0.5 * math.log(2 * math.pi) + 1.5,
    ),
    "KL StudentT(2.1), N": (td.StudentT(f64(2.1)), STANDARD, 9.48554712957),
}
UNRELIABLE = {"KL StudentT(5), N", "KL StudentT(3), N", "KL StudentT(2.1), N"}
"""Scores without a third moment, or without a second."""

BIMODAL = td.Normal(f64([-1.0, 2.0]), f64([1.0, 0.3]))
SINGLE = {
    "nets: KL N, Laplace": (STANDARD, td.Laplace(f64(0.0), f64(1.0)), 0.07209320815813793),
    "nets: KL N, N(0,2)": (STANDARD, td.Normal(f64(0.0), f64(2.0)), math.log(2) + 1 / 8 - 0.5),
    "nets: H tanh N": (image(STANDARD, td.TanhTransform()), None, 0.6698041182217968),
    "nets: KL N in 5 dimensions": (
        round_normal(5),
        round_normal(5, 2.0, 0.3),
        0.5 * (5 * math.log(2) + 5 * 1.09 / 2 - 5),
    ),
    "strata: mixture, N: cross-entropy": (
        mixture([0.4, 0.6], BIMODAL),
        td.Normal(f64(0.0), f64(2.0)),
        0.5 * math.log(8 * math.pi) + (0.4 * 2.0 + 0.6 * 4.09) / 8,
    ),
    "strata: H mixture of Poissons": (mixture([0.3, 0.7], td.Poisson(f64([2.0, 40.0]))), None, 3.405215986138214),
}


def measured(name, p, q, seed, evals=EVALS):
    how = {"method": "monte carlo", "rng": seed, "max_evals": evals}
    if q is None:
        return kb.entropy(p, **how)
    return (kb.cross_entropy if "cross-entropy" in name else kb.kl_divergence)(p, q, **how)


def covered(estimate, truth):
    low, high = estimate.interval(0.95)
    return (low <= truth) & (truth <= high)


def check(share, repeats, floor=0.93):
    assert floor - 4 * math.sqrt(0.07 * 0.93 / repeats) <= share <= 0.97 + 4 * math.sqrt(0.03 * 0.97 / repeats)


@pytest.mark.parametrize("name", WORLDS)
def test_intervals_cover(name):
    p, q, truth = WORLDS[name]
    wide = p.expand((REPEATS,))
    share = float(covered(measured(name, wide, q, 0), truth).double().mean())
    alone = np.mean([measured(name, p, q, seed).reliable for seed in range(ALONE)])
    if name in UNRELIABLE:
        assert alone <= 0.25
    else:
        assert alone >= 0.75
        check(share, REPEATS)


@pytest.mark.parametrize("name", SINGLE)
def test_intervals_of_single_laws_cover(name):
    p, q, truth = SINGLE[name]
    found = [measured(name, p, q, seed, 8192) for seed in range(FEWER)]
    believed = [e for e in found if e.reliable]
    kind = "monte carlo, Sobol nets" if name.startswith("nets") else "monte carlo, stratified"
    assert len(believed) >= 0.9 * FEWER
    assert {e.method for e in believed} == {kind}
    check(np.mean([bool(covered(e, truth)) for e in believed]), len(believed))
