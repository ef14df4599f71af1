"""Expectations under beta, Kumaraswamy, Pareto, F and half-Cauchy distributions, +inf where they are."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from kullback.estimators.closed_form.gamma_functions import EULER, lgamma_step, trigamma
from kullback.estimators.closed_form.moments_line import absolute_around_unit
from kullback.estimators.closed_form.stable import finite_if


def _sides(p: Any) -> tuple[Tensor, Tensor]:
    return p.concentration1.double(), p.concentration0.double()


def beta_mean(p: Any) -> Tensor:
    """a/(a + b)."""
    a, b = _sides(p)
    return a / (a + b)


def beta_square(p: Any, m: Any) -> Tensor:
    """ab/(c² (c + 1)) + (a/c − m)², c = a + b."""
    a, b = _sides(p)
    c = a + b
    return (a / c) * (b / c) / (c + 1) + (a / c - m) ** 2


def beta_absolute(p: Any, m: Any) -> Tensor | None:
    """|E x − m| for m outside of (0, 1)."""
    return absolute_around_unit(beta_mean(p), m)


def beta_log(p: Any) -> Tensor:
    """ψ(a) − ψ(a + b)."""
    a, b = _sides(p)
    return a.digamma() - (a + b).digamma()


def beta_log_complement(p: Any) -> Tensor:
    """ψ(b) − ψ(a + b)."""
    a, b = _sides(p)
    return b.digamma() - (a + b).digamma()


def beta_log_square(p: Any, m: Any) -> Tensor:
    """ψ′(a) − ψ′(a + b) + (E log x − m)²."""
    a, b = _sides(p)
    return trigamma(a) - trigamma(a + b) + (beta_log(p) - m) ** 2


def beta_power(p: Any, k: Tensor, scale: Tensor) -> Tensor:
    """B(a + k, b)/B(a, b)/scale^k, for k > 0."""
    a, b = _sides(p)
    return torch.exp(lgamma_step(a, k) - lgamma_step(a + b, k) - k * scale.log())


def beta_inverse(p: Any) -> Tensor:
    """(a + b − 1)/(a − 1), +inf for a ≤ 1."""
    a, b = _sides(p)
    return 1 + b * finite_if(a > 1, a, 2.0, lambda a: 1 / (a - 1))


def kumaraswamy_log(p: Any) -> Tensor:
    """−(ψ(b + 1) + γ)/a."""
    a, b = _sides(p)
    return -((b + 1).digamma() + EULER) / a


def kumaraswamy_log_square(p: Any, m: Any) -> Tensor:
    """(π²/6 − ψ′(b + 1))/a² + (E log x − m)²."""
    a, b = _sides(p)
    return (math.pi**2 / 6 - trigamma(b + 1)) / (a * a) + (kumaraswamy_log(p) - m) ** 2


def _kumaraswamy_moment(p: Any, k: Any) -> Tensor:
    """Γ(1 + k/a) Γ(1 + b)/Γ(1 + b + k/a)."""
    a, b = _sides(p)
    step = k / a
    return torch.exp(torch.lgamma(1 + step) - lgamma_step(1 + b, step))


def kumaraswamy_mean(p: Any) -> Tensor:
    """b B(1 + 1/a, b)."""
    return _kumaraswamy_moment(p, 1)


def kumaraswamy_square(p: Any, m: Any) -> Tensor:
    """E x² − 2 m E x + m²."""
    mean = kumaraswamy_mean(p)
    return (_kumaraswamy_moment(p, 2) - mean * mean) + (mean - m) ** 2


def kumaraswamy_absolute(p: Any, m: Any) -> Tensor | None:
    """|E x − m| for m outside of (0, 1)."""
    return absolute_around_unit(kumaraswamy_mean(p), m)


def kumaraswamy_power(p: Any, k: Tensor, scale: Tensor) -> Tensor:
    """b B(1 + k/a, b)/scale^k, for k > 0."""
    return _kumaraswamy_moment(p, k) * torch.exp(-k * scale.log())


def kumaraswamy_inverse(p: Any) -> Tensor:
    """b B(1 − 1/a, b), +inf for a ≤ 1."""
    a, b = _sides(p)
    return finite_if(a > 1, a, 2.0, lambda a: torch.exp(torch.lgamma(1 - 1 / a) - lgamma_step(1 + b, -1 / a)))


def pareto_mean(p: Any) -> Tensor:
    """α σ/(α − 1), +inf for α ≤ 1."""
    alpha = p.alpha.double()
    return p.scale.double() * finite_if(alpha > 1, alpha, 2.0, lambda a: a / (a - 1))


def pareto_square(p: Any, m: Any) -> Tensor:
    """α σ²/((α − 1)² (α − 2)) + (E x − m)², +inf for α ≤ 2."""
    alpha, scale = p.alpha.double(), p.scale.double()
    variance = scale * scale * finite_if(alpha > 2, alpha, 3.0, lambda a: a / ((a - 1) ** 2 * (a - 2)))
    finite = variance < torch.inf
    shift = torch.where(finite, pareto_mean(p), scale) - m
    return variance + shift * shift


def pareto_absolute(p: Any, m: Any) -> Tensor:
    """E x − m + 2 ∫ F up to m: E x + m − 2σ − 2σ (1 − (m/σ)^{1 − α})/(α − 1) for m > σ; +inf for α ≤ 1."""
    alpha, scale = p.alpha.double(), p.scale.double()
    heavy = alpha <= 1
    a = torch.where(heavy, 2.0, alpha) - 1
    reach = torch.where(m > scale, m / scale, 1.0)
    below = (reach - 1) + torch.expm1(-a * reach.log()) / a
    return torch.where(heavy, torch.inf, scale * (1 + 1 / a) - m + 2 * scale * below)


def pareto_log(p: Any) -> Tensor:
    """Log σ + 1/α."""
    return p.scale.double().log() + 1 / p.alpha.double()


def pareto_log_square(p: Any, m: Any) -> Tensor:
    """1/α² + (log σ + 1/α − m)²."""
    return 1 / p.alpha.double() ** 2 + (pareto_log(p) - m) ** 2


def pareto_power(p: Any, k: Tensor, scale: Tensor) -> Tensor:
    """(σ/scale)^k α/(α − k), +inf for k ≥ α."""
    alpha = p.alpha.double()
    finite = alpha / torch.where(k < alpha, alpha - k, 1.0) * torch.exp(k * (p.scale.double() / scale).log())
    return torch.where(k < alpha, finite, torch.inf)


def pareto_inverse(p: Any) -> Tensor:
    """α/((α + 1) σ)."""
    alpha = p.alpha.double()
    return alpha / (alpha + 1) / p.scale.double()


def _freedom(p: Any) -> tuple[Tensor, Tensor]:
    return 0.5 * p.df1.double(), 0.5 * p.df2.double()


def fisher_mean(p: Any) -> Tensor:
    """b/(b − 1), b = d₂/2, +inf for b ≤ 1."""
    a, b = _freedom(p)
    return finite_if(b > 1, b, 2.0, lambda b: b / (b - 1)) + 0 * a


def fisher_square(p: Any, m: Any) -> Tensor:
    """b² (a + b − 1)/(a (b − 1)² (b − 2)) + (E x − m)², +inf for b ≤ 2."""
    a, b = _freedom(p)
    variance = finite_if(b > 2, b, 3.0, lambda b: b * b * (a + b - 1) / (a * (b - 1) ** 2 * (b - 2)))
    shift = torch.where(variance < torch.inf, fisher_mean(p), 0.0) - m
    return variance + shift * shift


def fisher_log(p: Any) -> Tensor:
    """ψ(a) − ψ(b) + log(b/a)."""
    a, b = _freedom(p)
    return (a.digamma() - a.log()) - (b.digamma() - b.log())


def fisher_log_square(p: Any, m: Any) -> Tensor:
    """ψ′(a) + ψ′(b) + (E log x − m)²."""
    a, b = _freedom(p)
    return trigamma(a) + trigamma(b) + (fisher_log(p) - m) ** 2


def fisher_power(p: Any, k: Tensor, scale: Tensor) -> Tensor:
    """(b/(a scale))^k Γ(a + k) Γ(b − k)/(Γ(a) Γ(b)), for k > 0, +inf for k ≥ b."""
    a, b = _freedom(p)
    rest = torch.where(k < b, k, 0.0)
    finite = torch.exp(lgamma_step(a, rest) + lgamma_step(b, -rest) + rest * (b / (a * scale)).log())
    return torch.where(k < b, finite, torch.inf)


def fisher_inverse(p: Any) -> Tensor:
    """a/(a − 1), a = d₁/2, +inf for a ≤ 1."""
    a, b = _freedom(p)
    return finite_if(a > 1, a, 2.0, lambda a: a / (a - 1)) + 0 * b


def half_cauchy_log(p: Any) -> Tensor:
    """Log γ."""
    return p.scale.double().log()


def half_cauchy_log_square(p: Any, m: Any) -> Tensor:
    """π²/4 + (log γ − m)²."""
    return math.pi**2 / 4 + (half_cauchy_log(p) - m) ** 2


def half_cauchy_power(p: Any, k: Tensor, scale: Tensor) -> Tensor:
    """(γ/scale)^k/cos(kπ/2), +inf for k ≥ 1."""
    rest = torch.where(k < 1, k, 0.0)
    finite = torch.exp(rest * (p.scale.double() / scale).log()) / torch.cos(0.5 * math.pi * rest)
    return torch.where(k < 1, finite, torch.inf)


def generalized_pareto_mean(p: Any) -> Tensor:
    """μ + σ/(1 − ξ), +inf for ξ ≥ 1."""
    x = p.concentration.double()
    return p.loc.double() + p.scale.double() * finite_if(x < 1, x, 0.0, lambda x: 1 / (1 - x))


def generalized_pareto_square(p: Any, m: Any) -> Tensor:
    """σ²/((1 − ξ)² (1 − 2ξ)) + (E x − m)², +inf for ξ ≥ ½."""
    x, scale = p.concentration.double(), p.scale.double()
    variance = scale * scale * finite_if(x < 0.5, x, 0.0, lambda x: 1 / ((1 - x) ** 2 * (1 - 2 * x)))
    shift = torch.where(variance < torch.inf, generalized_pareto_mean(p), p.loc.double()) - m
    return variance + shift * shift
