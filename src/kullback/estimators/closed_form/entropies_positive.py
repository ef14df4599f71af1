"""Differential entropies on the positive half-line, in nats."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

from kullback.estimators.closed_form.gamma_functions import EULER, HALF_LOG_TAU, concentrated


def exponential(p: Any) -> Tensor:
    """1 − log r."""
    return 1 - p.rate.double().log()


def gamma(p: Any) -> Tensor:
    """a − log r + log Γ(a) + (1 − a) ψ(a)."""
    return concentrated(p.concentration.double()) - p.rate.double().log()


def inverse_gamma(p: Any) -> Tensor:
    """a + log r + log Γ(a) − (1 + a) ψ(a)."""
    a = p.concentration.double()
    return concentrated(a) - 2 * a.digamma() + p.rate.double().log()


def log_normal(p: Any) -> Tensor:
    """μ + ½ log(2πe σ²)."""
    return p.scale.double().log() + p.loc.double() + (HALF_LOG_TAU + 0.5)


def weibull(p: Any) -> Tensor:
    """γ (1 − 1/k) + log(λ/k) + 1."""
    k = p.concentration.double()
    return EULER * (1 - 1 / k) + (p.scale.double() / k).log() + 1


def half_normal(p: Any) -> Tensor:
    """½ log(πe σ²/2)."""
    return p.scale.double().log() + (HALF_LOG_TAU + 0.5 - math.log(2))


def half_cauchy(p: Any) -> Tensor:
    """Log 2πγ."""
    return p.scale.double().log() + math.log(2 * math.pi)


def pareto(p: Any) -> Tensor:
    """Log(σ/α) + 1 + 1/α."""
    alpha = p.alpha.double()
    return (p.scale.double() / alpha).log() + (1 + 1 / alpha)


def generalized_pareto(p: Any) -> Tensor:
    """Log σ + ξ + 1."""
    return p.scale.double().log() + p.concentration.double() + 1


def fisher_snedecor(p: Any) -> Tensor:
    """Log B(a, b) − (a − 1)(ψ(a) − ψ(b)) + c (ψ(c) − ψ(b)) + log(b/a), a = d₁/2, b = d₂/2, c = a + b."""
    a, b = 0.5 * p.df1.double(), 0.5 * p.df2.double()
    c = a + b
    parts = concentrated(a) + concentrated(b) - concentrated(c)
    return parts - 2 * b.digamma() + c.digamma() + (b / a).log()
