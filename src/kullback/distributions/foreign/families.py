"""What quadrature and sums need to know of torch's families besides their log-densities: two literal tables.

A family that is in neither is asked for a few thousand draws instead.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any, final

import torch
import torch.distributions as td
from torch import Tensor


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Family:
    """The shape of a family on the line.

    Attributes:
        middle: distribution → (a point within the mass, the reach of the mass around it), **(B…)** both.
        kinked: whether the log-density has a kink at that point.
        support: distribution → (lower, upper) where torch's own constraint does not say it.
    """

    middle: Callable[[Any], tuple[Tensor, Tensor]]
    kinked: bool = False
    support: Callable[[Any], tuple[Any, Any]] | None = None


def _loc_scale(d: Any) -> tuple[Tensor, Tensor]:
    return d.loc, d.scale


def _at_scale(d: Any) -> tuple[Tensor, Tensor]:
    return d.scale, d.scale


def _gamma(d: Any) -> tuple[Tensor, Tensor]:
    return d.concentration / d.rate, d.concentration.sqrt() / d.rate


def _inverse_gamma(d: Any) -> tuple[Tensor, Tensor]:
    """Mode of the density in log x, where the width is that of log x, the square root of 1/concentration."""
    a, b = d.base_dist.concentration, d.base_dist.rate
    return b / a, b / a / a.sqrt()


def _beta(d: Any) -> tuple[Tensor, Tensor]:
    a, b = d.concentration1, d.concentration0
    mean = a / (a + b)
    return mean, (mean * (1 - mean) / (a + b + 1)).sqrt()


def _kumaraswamy(d: Any) -> tuple[Tensor, Tensor]:
    """The median, (1 − 2^(−1/b))^(1/a)."""
    a, b = d.concentration1, d.concentration0
    median = torch.exp(torch.log(-torch.expm1(-math.log(2) / b)) / a)
    inside = torch.where((median > 0) & (median < 1), median, 0.5)
    return inside, inside * (1 - inside) / torch.maximum(a, b)


def _halfway(d: Any) -> tuple[Tensor, Tensor]:
    return torch.full_like(d.probs, 0.5), torch.full_like(d.probs, 0.3)


def _uniform(d: Any) -> tuple[Tensor, Tensor]:
    return 0.5 * (d.low + d.high), 0.25 * (d.high - d.low)


def _pareto(d: Any) -> tuple[Tensor, Tensor]:
    """The scale of log x is 1/alpha, but no further than one unit."""
    reach = d.scale / torch.clamp(d.alpha, min=1.0)
    return d.scale + reach, reach


def _generalized_pareto(d: Any) -> tuple[Tensor, Tensor]:
    bounded = d.concentration < 0
    width = torch.where(bounded, -d.scale / torch.where(bounded, d.concentration, -1.0), d.scale)
    reach = torch.minimum(0.5 * width, d.scale)
    return d.loc + reach, reach


def _generalized_pareto_ends(d: Any) -> tuple[Tensor, Tensor]:
    bounded = d.concentration < 0
    upper = d.loc - d.scale / torch.where(bounded, d.concentration, -1.0)
    return d.loc, torch.where(bounded, upper, torch.inf)


def _f(d: Any) -> tuple[Tensor, Tensor]:
    width = (2 / d.df1 + 2 / d.df2).sqrt()
    return torch.ones_like(width), torch.clamp(width, max=1.0)


def _weibull(d: Any) -> tuple[Tensor, Tensor]:
    return d.scale, d.scale / torch.clamp(d.concentration, min=1.0)


def _exponential(d: Any) -> tuple[Tensor, Tensor]:
    return 1 / d.rate, 1 / d.rate


def _von_mises(d: Any) -> tuple[Tensor, Tensor]:
    width = 1 / torch.clamp(d.concentration, min=1.0).sqrt()
    return torch.remainder(d.loc + math.pi, 2 * math.pi) - math.pi, width


def _logistic(d: Any) -> tuple[Tensor, Tensor]:
    return d.logits / d.temperature, 1 / d.temperature


def _circle(d: Any) -> tuple[float, float]:
    """torch says the support is real; its draws, and the mass of one, are on one turn from −π."""
    del d
    return -math.pi, math.pi


LINE: dict[type, Family] = {
    td.Normal: Family(_loc_scale),
    td.Laplace: Family(_loc_scale, kinked=True),
    td.Cauchy: Family(_loc_scale),
    td.StudentT: Family(_loc_scale),
    td.Gumbel: Family(_loc_scale),
    td.HalfNormal: Family(_at_scale),
    td.HalfCauchy: Family(_at_scale),
    td.Exponential: Family(_exponential),
    td.Gamma: Family(_gamma),
    td.Chi2: Family(_gamma),
    td.InverseGamma: Family(_inverse_gamma),
    td.Weibull: Family(_weibull),
    td.Pareto: Family(_pareto),
    td.GeneralizedPareto: Family(_generalized_pareto, support=_generalized_pareto_ends),
    td.FisherSnedecor: Family(_f),
    td.Beta: Family(_beta),
    td.Kumaraswamy: Family(_kumaraswamy),
    td.ContinuousBernoulli: Family(_halfway),
    td.Uniform: Family(_uniform),
    td.VonMises: Family(_von_mises, support=_circle),
    td.relaxed_bernoulli.LogitRelaxedBernoulli: Family(_logistic),
}
"""Densities on the line."""


def _poisson(d: Any) -> tuple[Tensor, Tensor]:
    return d.rate.floor(), d.rate.sqrt()


def _geometric(d: Any) -> tuple[Tensor, Tensor]:
    return torch.zeros_like(d.probs), 1 / d.probs


def _negative_binomial(d: Any) -> tuple[Tensor, Tensor]:
    odds = torch.exp(d.logits)
    mode = torch.clamp(odds * (d.total_count - 1), min=0.0).floor()
    return mode, (d.total_count * odds * (1 + odds)).sqrt()


def _binomial(d: Any) -> tuple[Tensor, Tensor]:
    return (d.total_count * d.probs).floor(), (d.total_count * d.probs * (1 - d.probs)).sqrt()


LATTICE: dict[type, Callable[[Any], tuple[Tensor, Tensor]]] = {
    td.Poisson: _poisson,
    td.Geometric: _geometric,
    td.NegativeBinomial: _negative_binomial,
    td.Binomial: _binomial,
}
"""Probabilities of whole numbers: the mode and the standard deviation."""
