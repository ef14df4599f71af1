"""What the tables of the documentation are about: families of distributions, and what a person may hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, final

import numpy as np
import scipy.stats
import torch
import torch.distributions as td
from torch.distributions import constraints

import kullback as kb

ROW = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
HALVES, ZERO, ONE, EYE = torch.tensor([0.5, 0.5]), torch.zeros(2), torch.ones(2), torch.eye(2)

FAMILIES: dict[str, Callable[[], Any]] = {
    "Bernoulli": lambda: td.Bernoulli(torch.tensor(0.3)),
    "Beta": lambda: td.Beta(2.0, 3.0),
    "Binomial": lambda: td.Binomial(10, torch.tensor(0.3)),
    "Categorical": lambda: td.Categorical(ROW),
    "Cauchy": lambda: td.Cauchy(0.0, 1.0),
    "Chi2": lambda: td.Chi2(3.0),
    "ContinuousBernoulli": lambda: td.ContinuousBernoulli(0.3),
    "Dirichlet": lambda: td.Dirichlet(torch.tensor([1.0, 2.0, 3.0])),
    "Exponential": lambda: td.Exponential(2.0),
    "FisherSnedecor": lambda: td.FisherSnedecor(5.0, 7.0),
    "Gamma": lambda: td.Gamma(2.0, 3.0),
    "GeneralizedPareto": lambda: td.GeneralizedPareto(0.0, 1.0, 0.2),
    "Geometric": lambda: td.Geometric(torch.tensor(0.3)),
    "Gumbel": lambda: td.Gumbel(0.0, 1.0),
    "HalfCauchy": lambda: td.HalfCauchy(1.0),
    "HalfNormal": lambda: td.HalfNormal(1.0),
    "Independent": lambda: td.Independent(td.Laplace(ZERO, ONE), 1),
    "InverseGamma": lambda: td.InverseGamma(3.0, 2.0),
    "Kumaraswamy": lambda: td.Kumaraswamy(2.0, 3.0),
    "LKJCholesky": lambda: td.LKJCholesky(3, 2.0),
    "Laplace": lambda: td.Laplace(0.0, 1.0),
    "LogNormal": lambda: td.LogNormal(0.0, 1.0),
    "LogisticNormal": lambda: td.LogisticNormal(ZERO, ONE),
    "LowRankMultivariateNormal": lambda: td.LowRankMultivariateNormal(ZERO, torch.ones(2, 1), ONE),
    "MixtureSameFamily": lambda: td.MixtureSameFamily(td.Categorical(HALVES), td.Normal(2 * HALVES, ONE)),
    "Multinomial": lambda: td.Multinomial(5, ROW),
    "MultivariateNormal": lambda: td.MultivariateNormal(ZERO, EYE),
    "NegativeBinomial": lambda: td.NegativeBinomial(5.0, torch.tensor(0.3)),
    "Normal": lambda: td.Normal(0.0, 1.0),
    "OneHotCategorical": lambda: td.OneHotCategorical(ROW),
    "OneHotCategoricalStraightThrough": lambda: td.OneHotCategoricalStraightThrough(ROW),
    "Pareto": lambda: td.Pareto(1.0, 3.0),
    "Poisson": lambda: td.Poisson(4.0),
    "RelaxedBernoulli": lambda: td.RelaxedBernoulli(torch.tensor(0.5), 0.3),
    "RelaxedOneHotCategorical": lambda: td.RelaxedOneHotCategorical(torch.tensor(0.5), ROW),
    "StudentT": lambda: td.StudentT(5.0),
    "TransformedDistribution": lambda: td.TransformedDistribution(td.Normal(0.0, 1.0), [td.transforms.TanhTransform()]),
    "Uniform": lambda: td.Uniform(0.0, 1.0),
    "VonMises": lambda: td.VonMises(torch.tensor(0.0), torch.tensor(2.0)),
    "Weibull": lambda: td.Weibull(1.0, 2.0),
    "Wishart": lambda: td.Wishart(torch.tensor(5.0), EYE),
}
"""Every distribution class of torch.distributions, with parameters."""

NUMBERS = ("Normal", "Laplace", "StudentT", "Cauchy", "MixtureSameFamily", "Gamma", "LogNormal", "Beta", "Uniform")
WHOLE = ("Poisson", "NegativeBinomial", "Geometric", "Binomial", "Categorical")
VECTORS = ("MultivariateNormal", "Independent", "Dirichlet", "LogisticNormal")
MODELS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "numbers": (
        NUMBERS,
        {
            "Normal": td.Normal(1.0, 2.0),
            "Cauchy": td.Cauchy(1.0, 2.0),
            "MixtureSameFamily": td.MixtureSameFamily(td.Categorical(HALVES), td.Normal(3 * HALVES, ONE)),
            "Gamma": td.Gamma(3.0, 2.0),
            "Beta": td.Beta(1.0, 2.0),
        },
    ),
    "whole numbers": (
        WHOLE,
        {
            "Poisson": td.Poisson(3.0),
            "NegativeBinomial": td.NegativeBinomial(3.0, torch.tensor(0.5)),
            "Binomial": td.Binomial(12, torch.tensor(0.4)),
        },
    ),
    "vectors": (
        VECTORS,
        {
            "MultivariateNormal": td.MultivariateNormal(ONE, 2 * EYE),
            "Independent": td.Independent(td.Laplace(ONE, ONE), 1),
            "Dirichlet": td.Dirichlet(torch.tensor([2.0, 2.0, 2.0])),
        },
    ),
}
"""Kind of outcome → families of P, and models Q."""


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Holding:
    """What a person holds of P and Q.

    Attributes:
        p: the truth.
        q: the model.
        x: an outcome.
        joint: the arguments that tell of a pair of variables, in the same kind.
    """

    p: Any
    q: Any
    x: Any
    joint: tuple[Any, ...]


def _mixture(middle: float) -> td.MixtureSameFamily:
    return td.MixtureSameFamily(td.Categorical(HALVES), td.Normal(torch.tensor([-2.0, middle]), ONE))


class _Shear(td.Transform):
    """One step of a flow: (a, b) → (a, b e^(tanh a) + a²)."""

    bijective = True
    domain = constraints.real_vector
    codomain = constraints.real_vector

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shear)

    def __hash__(self) -> int:
        return hash(_Shear)

    def _call(self, x: torch.Tensor) -> torch.Tensor:
        a, b = x[..., 0], x[..., 1]
        return torch.stack([a, b * a.tanh().exp() + a**2], -1)

    def _inverse(self, y: torch.Tensor) -> torch.Tensor:
        a, b = y[..., 0], y[..., 1]
        return torch.stack([a, (b - a**2) * (-a.tanh()).exp()], -1)

    def log_abs_det_jacobian(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Give tanh a, by which the second number is stretched."""
        del y
        return x[..., 0].tanh()


def _flow(shift: float) -> td.TransformedDistribution:
    shear = _Shear()
    move = td.transforms.AffineTransform(torch.tensor([shift, 0.0]), 1.0, event_dim=1)
    return td.TransformedDistribution(td.MultivariateNormal(ZERO.double(), EYE.double()), [shear, move, shear])


def _flat_mixture() -> td.MixtureSameFamily:
    return td.MixtureSameFamily(td.Categorical(HALVES), td.MultivariateNormal(EYE, EYE))


_DRAWN = np.random.default_rng(0)
_OUTCOMES = tuple(kb.Sample(_DRAWN.integers(0, 3, 300)) for _ in range(2))
_NUMBERS = tuple(kb.Sample(_DRAWN.normal(0.3 * i, 1.0, 500)) for i in range(2))

HELD: dict[str, Holding] = {
    "probabilities": Holding([0.5, 0.3, 0.2], [0.2, 0.3, 0.5], 0, ([[0.4, 0.1], [0.1, 0.4]],)),
    "`kb.Logits`": Holding(
        kb.Logits([2.0, 1.0, 0.0]), kb.Logits([0.0, 1.0, 2.0]), 0, (kb.Logits([[1.0, 0.0], [0.0, 1.0]]),)
    ),
    "`kb.Counts`": Holding(kb.Counts([50, 30, 20]), kb.Counts([30, 30, 40]), 0, (kb.Counts([[40, 10], [10, 40]]),)),
    "`kb.Sample` of outcomes": Holding(_OUTCOMES[0], _OUTCOMES[1], 0, _OUTCOMES),
    "`kb.Sample` of a density": Holding(_NUMBERS[0], _NUMBERS[1], 0.1, _NUMBERS),
    "`kb.Sample`, and a distribution Q": Holding(
        _NUMBERS[0], td.Normal(0.0, 1.0), 0.1, (_NUMBERS[0], td.Normal(0.0, 1.0))
    ),
    "torch distribution": Holding(td.Normal(0.0, 1.0), td.Laplace(0.0, 1.0), 0.1, (td.MultivariateNormal(ZERO, EYE),)),
    "SciPy distribution": Holding(
        scipy.stats.skewnorm(4), scipy.stats.norm(0, 1), 0.1, (scipy.stats.multivariate_normal([0.0, 0.0]),)
    ),
    "mixture": Holding(_mixture(2.0), _mixture(1.0), 0.1, (_flat_mixture(),)),
    "flow (vectors)": Holding(_flow(0.0), _flow(0.3), [0.1, 0.1], (_flow(0.0),)),
}
"""What a person may hold, as the rows of the README's table."""
