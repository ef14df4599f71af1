"""Entropies, cross-entropies and divergences of every pair of families on the line, against quadrature."""

import numpy as np
import pytest
import torch
from tests.estimators.closed_form import oracles
from tests.estimators.closed_form.oracles import f64
from torch import distributions as d
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli

from kullback.estimators.closed_form import closed_form

INSTANCES = {
    "normal": d.Normal(*f64(0.3, 0.8)),
    "laplace": d.Laplace(*f64(-0.4, 0.6)),
    "laplace, inside": d.Laplace(*f64(1.5, 0.6)),
    "cauchy": d.Cauchy(*f64(0.5, 1.7)),
    "student": d.StudentT(*f64(5.0, -0.2, 1.3)),
    "student, heavy": d.StudentT(*f64(0.5, 0.1, 0.7)),
    "gumbel": d.Gumbel(*f64(-0.3, 0.9)),
    "logistic": LogitRelaxedBernoulli(*f64(1.8), logits=torch.tensor(0.7, dtype=torch.float64)),
    "uniform, positive": d.Uniform(*f64(0.0, 2.5)),
    "uniform, within (0, 1)": d.Uniform(*f64(0.2, 0.7)),
    "uniform, narrow": d.Uniform(*f64(0.45, 0.5)),
    "uniform, unit": d.Uniform(*f64(0.0, 1.0)),
    "uniform, wide": d.Uniform(*f64(-1.0, 3.0)),
    "beta": d.Beta(*f64(2.5, 1.6)),
    "beta, singular": d.Beta(*f64(0.6, 3.0)),
    "kumaraswamy": d.Kumaraswamy(*f64(1.7, 2.2)),
    "continuous bernoulli": d.ContinuousBernoulli(*f64(0.3)),
    "exponential": d.Exponential(*f64(1.4)),
    "gamma": d.Gamma(*f64(2.7, 1.9)),
    "gamma, singular": d.Gamma(*f64(0.6, 0.8)),
    "chi2": d.Chi2(*f64(3.0)),
    "inverse gamma": d.InverseGamma(*f64(4.5, 2.0)),
    "inverse gamma, heavy": d.InverseGamma(*f64(0.8, 1.1)),
    "log-normal": d.LogNormal(*f64(0.2, 0.6)),
    "weibull": d.Weibull(*f64(1.2, 1.8)),
    "weibull, stretched": d.Weibull(*f64(0.9, 0.7)),
    "half-normal": d.HalfNormal(*f64(1.3)),
    "half-cauchy": d.HalfCauchy(*f64(0.8)),
    "pareto": d.Pareto(*f64(0.5, 3.5)),
    "pareto, heavy": d.Pareto(*f64(1.2, 0.7)),
    "generalized pareto": d.GeneralizedPareto(*f64(0.1, 0.9, 0.2)),
    "generalized pareto, heavy": d.GeneralizedPareto(*f64(0.0, 0.9, 0.55)),
    "generalized pareto, bounded": d.GeneralizedPareto(*f64(0.0, 0.9, -0.4)),
    "fisher": d.FisherSnedecor(*f64(6.0, 9.0)),
}
GUMBEL_FREE = {"beta", "beta, singular", "kumaraswamy", "inverse gamma", "inverse gamma, heavy", "log-normal"}
GUMBEL_FREE |= {"weibull", "weibull, stretched", "half-cauchy", "pareto", "pareto, heavy", "fisher"}
GENERALIZED = {"generalized pareto", "generalized pareto, bounded", "generalized pareto, heavy"}
INSIDE = {"gumbel", "gamma", "gamma, singular", "chi2", "log-normal", "inverse gamma", "weibull", "weibull, stretched"}
INSIDE |= {"student", "fisher"}
ONLY = {
    "cauchy": {"cauchy"},
    "student": set(),
    "student, heavy": set(),
    "logistic": {"logistic"},
    "half-cauchy": {"half-cauchy"},
    "fisher": set(),
    "kumaraswamy": {"kumaraswamy"},
    "generalized pareto": {"generalized pareto"},
    "generalized pareto, heavy": {"generalized pareto, heavy"},
    "generalized pareto, bounded": {"generalized pareto, bounded"},
}
"""Models whose −log q has no closed expectation under other families."""
NOT = {
    "laplace": {"student", "gumbel", "fisher"} | GENERALIZED,
    "laplace, inside": INSIDE | GENERALIZED,
    "gumbel": GUMBEL_FREE | GENERALIZED,
    "beta": {"kumaraswamy", "continuous bernoulli"},
    "beta, singular": {"kumaraswamy", "continuous bernoulli"},
}
"""Families under which a statistic of the model is not closed: E |x − m| for m inside, E e^{−x/b}, E log(1 − x)."""
NO_LOGARITHM = GENERALIZED | {"continuous bernoulli"}
LOGARITHMIC = ("gamma", "gamma, singular", "chi2", "inverse gamma", "inverse gamma, heavy", "log-normal", "weibull")


def within(p, q):
    (a, b), (low, high) = oracles.support(INSTANCES[p]), oracles.support(INSTANCES[q])
    return low <= a and b <= high


PAIRS = [(p, q) for p in INSTANCES for q in INSTANCES if within(p, q)]


def known(p, q):
    if q in ONLY:
        return p in ONLY[q]
    return p not in NOT.get(q, set()) and not (q.startswith(LOGARITHMIC) and p in NO_LOGARITHM)


@pytest.mark.parametrize("name", INSTANCES)
def test_entropy(name):
    p = INSTANCES[name]
    assert float(closed_form("entropy", p)) == pytest.approx(oracles.cross_entropy(p, p), rel=1e-9, abs=1e-11)


@pytest.mark.parametrize(("p", "q"), PAIRS, ids=lambda name: name.replace(" ", "_"))
def test_pair(p, q):
    a, b = INSTANCES[p], INSTANCES[q]
    divergence, cross = closed_form("kl_divergence", a, b), closed_form("cross_entropy", a, b)
    assert (divergence is not None, cross is not None) == (known(p, q), known(p, q))
    if not known(p, q):
        return
    near, far = (oracles.cross_entropy(a, b, reach) for reach in (0.5, 1.0))
    if float(cross) == np.inf:
        assert float(divergence) == np.inf
        assert far == np.inf or far > near + 1  # the part that is cut off does not shrink
        return
    assert far == pytest.approx(near, rel=1e-6)
    assert float(cross) == pytest.approx(far, rel=1e-9, abs=1e-11)
    assert float(divergence) == pytest.approx(oracles.kl_divergence(a, b), rel=1e-9, abs=1e-11)


INFINITE = {
    "E x² of Student's t of 2 degrees": (d.StudentT(2.0), d.Normal(0.0, 1.0), d.StudentT(2.1)),
    "E |x| of Cauchy": (d.StudentT(1.0), d.Laplace(0.0, 1.0), d.StudentT(1.1)),
    "E e^−x of Laplace": (d.Laplace(0.0, 1.0), d.Gumbel(0.0, 1.0), d.Laplace(0.0, 0.9)),
    "E x of InverseGamma": (d.InverseGamma(1.0, 1.0), d.Exponential(1.0), d.InverseGamma(1.2, 1.0)),
    "E x² of Pareto": (d.Pareto(1.0, 2.0), d.HalfNormal(1.0), d.Pareto(1.0, 2.1)),
    "E x^k of Pareto": (d.Pareto(1.0, 1.5), d.Weibull(1.0, 1.5), d.Pareto(1.0, 1.6)),
    "E 1/x of Gamma": (d.Gamma(1.0, 1.0), d.InverseGamma(2.0, 1.0), d.Gamma(1.1, 1.0)),
    "E 1/x of Weibull": (d.Weibull(1.0, 1.0), d.InverseGamma(2.0, 1.0), d.Weibull(1.0, 1.1)),
    "E 1/x of Beta": (d.Beta(1.0, 2.0), d.InverseGamma(2.0, 1.0), d.Beta(1.1, 2.0)),
    "E x² of GeneralizedPareto": (
        d.GeneralizedPareto(0.0, 1.0, 0.5),
        d.Normal(0.0, 1.0),
        d.GeneralizedPareto(0.0, 1.0, 0.4),
    ),
}
"""P at the edge, where the integral diverges; Q; and P just inside, where it does not."""


@pytest.mark.parametrize("case", INFINITE)
def test_infinite_at_the_edge_and_finite_inside(case):
    edge, q, inside = INFINITE[case]
    assert float(closed_form("kl_divergence", edge, q)) == np.inf
    assert 0 < float(closed_form("kl_divergence", inside, q)) < np.inf
