"""Distribution objects for tests: those named in distributions.json, and one of every univariate class of torch.

`FAMILIES` is what every law runs over: a new family is one line here.
"""

import json
from pathlib import Path

import scipy.stats
import torch
import torch.distributions as td
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli

HERE = Path(__file__).parent


def f64(x):
    return torch.as_tensor(x, dtype=torch.float64)


def mixture(weights, components):
    """A mixture of one family: components is a distribution whose last batch dimension is that of the weights."""
    return td.MixtureSameFamily(td.Categorical(f64(weights)), components)


def image(base, *transforms):
    return td.TransformedDistribution(base, list(transforms))


FAMILIES = {
    "Normal": lambda: td.Normal(f64(0.3), f64(0.8)),
    "Laplace": lambda: td.Laplace(f64(-0.4), f64(0.6)),
    "Cauchy": lambda: td.Cauchy(f64(0.5), f64(1.7)),
    "StudentT": lambda: td.StudentT(f64(5.0), f64(-0.2), f64(1.3)),
    "Gumbel": lambda: td.Gumbel(f64(-0.3), f64(0.9)),
    "MixtureSameFamily": lambda: mixture([0.4, 0.6], td.Normal(f64([-1.0, 1.5]), f64([1.0, 0.25]))),
    "LogitRelaxedBernoulli": lambda: LogitRelaxedBernoulli(f64(1.8), logits=f64(0.7)),
    "Exponential": lambda: td.Exponential(f64(1.4)),
    "Gamma": lambda: td.Gamma(f64(2.7), f64(1.9)),
    "Chi2": lambda: td.Chi2(f64(3.0)),
    "InverseGamma": lambda: td.InverseGamma(f64(2.5), f64(1.2)),
    "LogNormal": lambda: td.LogNormal(f64(0.2), f64(0.6)),
    "Weibull": lambda: td.Weibull(f64(1.2), f64(1.8)),
    "HalfNormal": lambda: td.HalfNormal(f64(1.3)),
    "HalfCauchy": lambda: td.HalfCauchy(f64(0.8)),
    "FisherSnedecor": lambda: td.FisherSnedecor(f64(5.0), f64(7.0)),
    "GeneralizedPareto": lambda: td.GeneralizedPareto(f64(0.0), f64(1.0), f64(0.2)),
    "Beta": lambda: td.Beta(f64(0.7), f64(1.6)),
    "Kumaraswamy": lambda: td.Kumaraswamy(f64(1.7), f64(0.8)),
    "ContinuousBernoulli": lambda: td.ContinuousBernoulli(f64(0.3)),
    "RelaxedBernoulli": lambda: td.RelaxedBernoulli(f64(0.8), logits=f64(0.5)),
    "Uniform": lambda: td.Uniform(f64(0.0), f64(1.0)),
    "Pareto": lambda: td.Pareto(f64(0.5), f64(3.5)),
    "VonMises": lambda: td.VonMises(f64(0.7), f64(2.0)),
    "Uniform, wide": lambda: td.Uniform(f64(-0.4), f64(2.2)),
    "Poisson": lambda: td.Poisson(f64(3.2)),
    "Geometric": lambda: td.Geometric(f64(0.35)),
    "NegativeBinomial": lambda: td.NegativeBinomial(f64(4.0), probs=f64(0.45)),
    "Bernoulli": lambda: td.Bernoulli(f64(0.3)),
    "Binomial": lambda: td.Binomial(5, f64(0.4)),
    "Categorical": lambda: td.Categorical(f64([0.2, 0.5, 0.3])),
}
"""One of every class of torch whose outcomes are numbers, in float64."""

DISCRETE = ("Poisson", "Geometric", "NegativeBinomial", "Bernoulli", "Binomial", "Categorical")
CONTINUOUS = tuple(name for name in FAMILIES if name not in DISCRETE)


def cases():
    """The cases with known answers, by name."""
    rows = json.loads((HERE / "distributions.json").read_text(encoding="utf-8"))
    return {row["name"]: row for row in rows}


def build(spec):
    """The distribution of a `{"family", "params"}`."""
    family, params = spec["family"], spec["params"]
    if family in SPECIAL:
        return SPECIAL[family](**params)
    return getattr(td, family)(**{name: _parameter(name, value) for name, value in params.items()})


def _parameter(name, value):
    return value if name == "total_count" and isinstance(value, int) else f64(value)


def _mixture(weights, components):
    parts = [build(component) for component in components]
    stacked = {name: torch.stack([getattr(part, name) for part in parts]) for name in type(parts[0]).arg_constraints}
    if isinstance(parts[0], td.MultivariateNormal):
        stacked = {name: stacked[name] for name in ("loc", "covariance_matrix")}
    return mixture(weights, type(parts[0])(**stacked))


SPECIAL = {
    "MixtureSameFamily": _mixture,
    "TransformedDistribution": lambda base, transforms: image(build(base), *(getattr(td, t)() for t in transforms)),
    "LogitNormal": lambda loc, scale: image(td.Normal(f64(loc), f64(scale)), td.SigmoidTransform()),
    "NegativeBinomial": lambda total_count, probs: td.NegativeBinomial(f64(total_count), probs=f64(probs)),
    "Zipf": scipy.stats.zipf,
    "Levy": scipy.stats.levy,
    "Logistic": scipy.stats.logistic,
    "scipy.geom": scipy.stats.geom,
}
"""Families whose parameters in distributions.json are not the keywords of a torch class."""
