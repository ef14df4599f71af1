"""Log-densities on the line that hold at any argument: torch's own go through transforms that overflow, or softplus.

torch computes InverseGamma, Weibull, Pareto and Gumbel as images of other distributions, whose Jacobians are inf or 0
far out, and takes log(1 + e^x) to be x from x = 20 on, an error of 2·10⁻⁹.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.distributions as td
from torch import Tensor
from torch.nn.functional import logsigmoid

_LOG_PI = math.log(math.pi)


def _normal(d: Any, x: Tensor) -> Tensor:
    z = (x - d.loc) / d.scale
    return -0.5 * z * z - torch.log(d.scale) - 0.5 * math.log(2 * math.pi)


def _cauchy(d: Any, x: Tensor) -> Tensor:
    return -_LOG_PI - torch.log(d.scale) - _log_one_plus_square((x - d.loc) / d.scale)


def _half_cauchy(d: Any, x: Tensor) -> Tensor:
    return _on_half_line(x, math.log(2) - _LOG_PI - torch.log(d.scale) - _log_one_plus_square(x / d.scale))


def _half_normal(d: Any, x: Tensor) -> Tensor:
    z = x / d.scale
    return _on_half_line(x, -0.5 * z * z - torch.log(d.scale) + 0.5 * math.log(2 / math.pi))


def _student(d: Any, x: Tensor) -> Tensor:
    z = (x - d.loc) / (d.scale * d.df.sqrt())
    constant = torch.lgamma(0.5 * (d.df + 1)) - torch.lgamma(0.5 * d.df) - 0.5 * (torch.log(d.df) + _LOG_PI)
    return constant - torch.log(d.scale) - 0.5 * (d.df + 1) * _log_one_plus_square(z)


def _gumbel(d: Any, x: Tensor) -> Tensor:
    z = (x - d.loc) / d.scale
    return -z - torch.exp(-z) - torch.log(d.scale)


def _inverse_gamma(d: Any, x: Tensor) -> Tensor:
    a, b = d.base_dist.concentration, d.base_dist.rate
    safe, log_x = _log_positive(x)
    return _on_half_line(x, a * torch.log(b) - torch.lgamma(a) - (a + 1) * log_x - b / safe)


def _weibull(d: Any, x: Tensor) -> Tensor:
    k = d.concentration
    _, log_x = _log_positive(x)
    log_z = log_x - torch.log(d.scale)
    return _on_half_line(x, torch.log(k) - torch.log(d.scale) + (k - 1) * log_z - torch.exp(k * log_z))


def _gamma(d: Any, x: Tensor) -> Tensor:
    a, b = d.concentration, d.rate
    _, log_x = _log_positive(x)
    return _on_half_line(x, a * torch.log(b) - torch.lgamma(a) + (a - 1) * log_x - b * x)


def _fisher(d: Any, x: Tensor) -> Tensor:
    m, n = d.df1, d.df2
    _, log_x = _log_positive(x)
    constant = torch.lgamma(0.5 * (m + n)) - torch.lgamma(0.5 * m) - torch.lgamma(0.5 * n)
    log_odds = torch.log(m) - torch.log(n)
    value = constant + 0.5 * m * log_odds + (0.5 * m - 1) * log_x + 0.5 * (m + n) * logsigmoid(-(log_odds + log_x))
    return _on_half_line(x, value)


def _pareto(d: Any, x: Tensor) -> Tensor:
    inside = x >= d.scale
    ratio = torch.where(inside, x, d.scale) / d.scale
    value = torch.log(d.alpha) - torch.log(d.scale) - (d.alpha + 1) * torch.log(ratio)
    return torch.where(inside, value, -torch.inf)


def _generalized_pareto(d: Any, x: Tensor) -> Tensor:
    """−(1 + 1/ξ) log(1 + ξ z), −z in the limit ξ = 0."""
    xi = d.concentration
    z = (x - d.loc) / d.scale
    exponential = xi == 0
    safe = torch.where(exponential, 1.0, xi)
    inside = (z >= 0) & (xi * z > -1)
    grown = torch.log1p(torch.where(inside, safe * z, 0.0))
    value = torch.where(exponential, -z, -(1 + 1 / safe) * grown)
    return torch.where(inside, value - torch.log(d.scale), -torch.inf)


def _logit_relaxed_bernoulli(d: Any, x: Tensor) -> Tensor:
    z = d.logits - d.temperature * x
    return torch.log(d.temperature) + logsigmoid(z) + logsigmoid(-z)


def _log_positive(x: Tensor) -> tuple[Tensor, Tensor]:
    """x and log x, of 1 where x is not positive."""
    safe = torch.where(x > 0, x, 1.0)
    return safe, torch.log(safe)


def _on_half_line(x: Tensor, value: Tensor) -> Tensor:
    """A density at 0 itself does not matter to any integral; below it is 0."""
    return torch.where(x > 0, value, -torch.inf)


def _log_one_plus_square(z: Tensor) -> Tensor:
    """log(1 + z²), also where z² overflows."""
    size = z.abs()
    large = size > 1e8
    return torch.where(
        large, 2 * torch.log(torch.where(large, size, 1.0)), torch.log1p(torch.where(large, 0.0, z) ** 2)
    )


LINE_DENSITIES: dict[type, Callable[[Any, Tensor], Tensor]] = {
    td.Normal: _normal,
    td.Cauchy: _cauchy,
    td.HalfCauchy: _half_cauchy,
    td.HalfNormal: _half_normal,
    td.StudentT: _student,
    td.Gumbel: _gumbel,
    td.InverseGamma: _inverse_gamma,
    td.Weibull: _weibull,
    td.Gamma: _gamma,
    td.Chi2: _gamma,
    td.FisherSnedecor: _fisher,
    td.Pareto: _pareto,
    td.GeneralizedPareto: _generalized_pareto,
    td.relaxed_bernoulli.LogitRelaxedBernoulli: _logit_relaxed_bernoulli,
}
"""Log-densities by class, −inf outside the support."""
