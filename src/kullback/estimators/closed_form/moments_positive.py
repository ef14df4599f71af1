"""Expectations under distributions of the positive half-line and the unit interval, +inf where they are.

E x, E (x − m)², E |x − m|, E log x, E (log x − m)², E (x/scale)^k, E 1/x, E log(1 − x), E e^{−(x − m)/b}.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from kullback.estimators.closed_form.gamma_functions import EULER, lgamma_excess, lgamma_step, trigamma
from kullback.estimators.closed_form.stable import finite_if

_ROOT = math.sqrt(2 / math.pi)


def _about(mean: Tensor, variance: Tensor, m: Any) -> Tensor:
    """Variance + (mean − m)², +inf where either is."""
    shift = torch.where(variance < torch.inf, mean, m) - m
    return variance + shift * shift


def _beyond(mean: Tensor, m: Any) -> Tensor | None:
    """E |x − m| = E x − m where m ≤ 0, and where both are +inf; for m inside it takes an incomplete integral."""
    return mean - m if bool(((m <= 0) | (mean == torch.inf)).all()) else None


def exponential_mean(p: Any) -> Tensor:
    """1/r."""
    return 1 / p.rate.double()


def exponential_square(p: Any, m: Any) -> Tensor:
    """1/r² + (1/r − m)²."""
    mean = 1 / p.rate.double()
    return mean * mean + (mean - m) ** 2


def exponential_absolute(p: Any, m: Any) -> Tensor:
    """m + (2 e^{−rm} − 1)/r for m > 0, 1/r − m else."""
    mean = 1 / p.rate.double()
    positive = torch.where(m > 0, m, 0.0)
    return torch.where(m > 0, positive + mean * (2 * torch.exp(-positive / mean) - 1), mean - m)


def exponential_log(p: Any) -> Tensor:
    """−γ − log r."""
    return -EULER - p.rate.double().log()


def exponential_log_square(p: Any, m: Any) -> Tensor:
    """π²/6 + (γ + log r + m)²."""
    return math.pi**2 / 6 + (EULER + p.rate.double().log() + m) ** 2


def exponential_power(p: Any, k: Tensor, scale: Tensor) -> Tensor:
    """Γ(1 + k)/(r scale)^k, for k > −1."""
    return torch.exp(torch.lgamma(1 + k) - k * (p.rate.double() * scale).log())


def exponential_inverse(p: Any) -> Tensor:
    """+inf."""
    return torch.full_like(p.rate, torch.inf, dtype=torch.float64)


def exponential_exponential(p: Any, m: Any, b: Tensor) -> Tensor:
    """e^{m/b}/(1 + 1/(rb))."""
    return torch.exp(m / b) / (1 + 1 / (p.rate.double() * b))


def gamma_mean(p: Any) -> Tensor:
    """a/r."""
    return p.concentration.double() / p.rate.double()


def gamma_square(p: Any, m: Any) -> Tensor:
    """a/r² + (a/r − m)²."""
    mean = gamma_mean(p)
    return mean / p.rate.double() + (mean - m) ** 2


def gamma_absolute(p: Any, m: Any) -> Tensor | None:
    """a/r − m for m ≤ 0."""
    return _beyond(gamma_mean(p), m)


def gamma_log(p: Any) -> Tensor:
    """ψ(a) − log r."""
    return p.concentration.double().digamma() - p.rate.double().log()


def gamma_log_square(p: Any, m: Any) -> Tensor:
    """ψ′(a) + (ψ(a) − log r − m)²."""
    return trigamma(p.concentration.double()) + (gamma_log(p) - m) ** 2


def gamma_power(p: Any, k: Tensor, scale: Tensor) -> Tensor:
    """Γ(a + k)/(Γ(a) (r scale)^k), for k > 0."""
    return torch.exp(lgamma_step(p.concentration.double(), k) - k * (p.rate.double() * scale).log())


def gamma_inverse(p: Any) -> Tensor:
    """r/(a − 1), +inf for a ≤ 1."""
    a = p.concentration.double()
    return p.rate.double() * finite_if(a > 1, a, 2.0, lambda a: 1 / (a - 1))


def gamma_exponential(p: Any, m: Any, b: Tensor) -> Tensor:
    """e^{m/b} (1 + 1/(rb))^{−a}."""
    return torch.exp(m / b - p.concentration.double() * torch.log1p(1 / (p.rate.double() * b)))


def inverse_gamma_square(p: Any, m: Any) -> Tensor:
    """r²/((a − 1)² (a − 2)) + (E x − m)², +inf for a ≤ 2."""
    a, r = p.concentration.double(), p.rate.double()
    return _about(gamma_inverse(p), r * r * finite_if(a > 2, a, 3.0, lambda a: 1 / ((a - 1) ** 2 * (a - 2))), m)


def inverse_gamma_absolute(p: Any, m: Any) -> Tensor | None:
    """E x − m for m ≤ 0."""
    return _beyond(gamma_inverse(p), m)


def inverse_gamma_log(p: Any) -> Tensor:
    """Log r − ψ(a)."""
    return -gamma_log(p)


def inverse_gamma_log_square(p: Any, m: Any) -> Tensor:
    """ψ′(a) + (log r − ψ(a) − m)²."""
    return gamma_log_square(p, -m)


def inverse_gamma_power(p: Any, k: Tensor, scale: Tensor) -> Tensor:
    """(r/scale)^k Γ(a − k)/Γ(a), +inf for k ≥ a."""
    a = p.concentration.double()
    rest = torch.where(k < a, k, 0.0)
    finite = torch.exp(lgamma_step(a, -rest) + rest * (p.rate.double() / scale).log())
    return torch.where(k < a, finite, torch.inf)


def log_normal_mean(p: Any) -> Tensor:
    """e^{μ + s²/2}."""
    s = p.scale.double()
    return torch.exp(p.loc.double() + 0.5 * s * s)


def log_normal_square(p: Any, m: Any) -> Tensor:
    """e^{2μ + s²} (e^{s²} − 1) + (E x − m)²."""
    s, mean = p.scale.double(), log_normal_mean(p)
    return mean * mean * torch.expm1(s * s) + (mean - m) ** 2


def log_normal_absolute(p: Any, m: Any) -> Tensor | None:
    """E x − m for m ≤ 0."""
    return _beyond(log_normal_mean(p), m)


def log_normal_power(p: Any, k: Tensor, scale: Tensor) -> Tensor:
    """Exp(k (μ − log scale) + k² s²/2)."""
    s = p.scale.double()
    return torch.exp(k * (p.loc.double() - scale.log()) + 0.5 * (k * s) ** 2)


def log_normal_inverse(p: Any) -> Tensor:
    """e^{−μ + s²/2}."""
    s = p.scale.double()
    return torch.exp(0.5 * s * s - p.loc.double())


def weibull_mean(p: Any) -> Tensor:
    """λ Γ(1 + 1/k)."""
    return p.scale.double() * torch.exp(torch.lgamma(1 + 1 / p.concentration.double()))


def weibull_square(p: Any, m: Any) -> Tensor:
    """(E x)² (e^D − 1) + (E x − m)², D = log Γ(1 + 2/k) − 2 log Γ(1 + 1/k) by the excesses of log Γ from 1."""
    y, mean = 1 / p.concentration.double(), weibull_mean(p)
    one = torch.ones_like(y)
    spread = lgamma_excess(one, 1 + 2 * y, 2 * y) - 2 * lgamma_excess(one, 1 + y, y)
    return mean * mean * torch.expm1(spread) + (mean - m) ** 2


def weibull_absolute(p: Any, m: Any) -> Tensor | None:
    """E x − m for m ≤ 0."""
    return _beyond(weibull_mean(p), m)


def weibull_log(p: Any) -> Tensor:
    """Log λ − γ/k."""
    return p.scale.double().log() - EULER / p.concentration.double()


def weibull_log_square(p: Any, m: Any) -> Tensor:
    """π²/(6k²) + (log λ − γ/k − m)²."""
    k = p.concentration.double()
    return math.pi**2 / 6 / (k * k) + (weibull_log(p) - m) ** 2


def weibull_power(p: Any, k: Tensor, scale: Tensor) -> Tensor:
    """(λ/scale)^j Γ(1 + j/k), for j > 0."""
    return torch.exp(torch.lgamma(1 + k / p.concentration.double()) + k * (p.scale.double() / scale).log())


def weibull_inverse(p: Any) -> Tensor:
    """Γ(1 − 1/k)/λ, +inf for k ≤ 1."""
    k = p.concentration.double()
    return finite_if(k > 1, k, 2.0, lambda k: torch.exp(torch.lgamma(1 - 1 / k))) / p.scale.double()


def half_normal_mean(p: Any) -> Tensor:
    """σ √(2/π)."""
    return _ROOT * p.scale.double()


def half_normal_square(p: Any, m: Any) -> Tensor:
    """σ² (1 − 2/π) + (E x − m)²."""
    s = p.scale.double()
    return (1 - 2 / math.pi) * s * s + (_ROOT * s - m) ** 2


def half_normal_absolute(p: Any, m: Any) -> Tensor:
    """σ √(2/π) (2 e^{−z²/2} − 1) + m (2 erf(z/√2) − 1), z = m/σ ≥ 0; E x − m else."""
    s = p.scale.double()
    z = torch.where(m > 0, m, 0.0) / s
    return _ROOT * s * (2 * torch.exp(-0.5 * z * z) - 1) + m * (2 * torch.erf(z * math.sqrt(0.5)) - 1)


def half_normal_log(p: Any) -> Tensor:
    """Log σ − (γ + log 2)/2."""
    return p.scale.double().log() - 0.5 * (EULER + math.log(2))


def half_normal_log_square(p: Any, m: Any) -> Tensor:
    """π²/8 + (E log x − m)²."""
    return math.pi**2 / 8 + (half_normal_log(p) - m) ** 2


def half_normal_power(p: Any, k: Tensor, scale: Tensor) -> Tensor:
    """(√2 σ/scale)^k Γ((k + 1)/2)/√π, for k > −1."""
    step = torch.lgamma(0.5 * k + 0.5) - 0.5 * math.log(math.pi)
    return torch.exp(step + k * (math.sqrt(2) * p.scale.double() / scale).log())


def half_normal_exponential(p: Any, m: Any, b: Tensor) -> Tensor:
    """e^{m/b} erfcx(σ/(√2 b))."""
    return torch.exp(m / b) * torch.special.erfcx(p.scale.double() / b * math.sqrt(0.5))
