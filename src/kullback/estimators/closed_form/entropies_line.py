"""Differential entropies on the real line, on an interval of it and on the circle, in nats: −E log p, worked out."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from kullback.estimators.closed_form.exponential_families import bessel_entropy, truncated_entropy
from kullback.estimators.closed_form.gamma_functions import (
    EULER,
    HALF_LOG_TAU,
    binet,
    binet_slope,
    concentrated,
)
from kullback.estimators.closed_form.parameters import log_odds
from kullback.estimators.closed_form.stable import ratio_excess


def normal(p: Any) -> Tensor:
    """½ log(2πe σ²)."""
    return p.scale.double().log() + (HALF_LOG_TAU + 0.5)


def laplace(p: Any) -> Tensor:
    """1 + log 2b."""
    return p.scale.double().log() + (1 + math.log(2))


def cauchy(p: Any) -> Tensor:
    """Log 4πγ."""
    return p.scale.double().log() + math.log(4 * math.pi)


def gumbel(p: Any) -> Tensor:
    """1 + γ + log β."""
    return p.scale.double().log() + (1 + EULER)


def student_t(p: Any) -> Tensor:
    """a (ψ(a) − ψ(b)) + log B(b, ½) + ½ log ν + log σ, b = ν/2, a = b + ½, the differences formed by Stirling."""
    b = 0.5 * p.df.double()
    a = b + 0.5
    y = 0.5 / b
    kernel = b * ratio_excess(1 + y, lambda: y) + binet(b) - binet(a)
    slope = a * (torch.log1p(y) + (binet_slope(a) - binet_slope(b))) + 0.5 * y
    return p.scale.double().log() + HALF_LOG_TAU + kernel + slope


def logistic(p: Any) -> Tensor:
    """2 − log T, of the logit of a relaxed Bernoulli variable of temperature T."""
    return (2 - p.temperature.double().log()).expand(p.batch_shape)


def uniform(p: Any) -> Tensor:
    """Log of the width."""
    return (p.high.double() - p.low.double()).log()


def beta(p: Any) -> Tensor:
    """Log B(a, b) − (a − 1) ψ(a) − (b − 1) ψ(b) + (c − 2) ψ(c), c = a + b, the parts linear in a, b, c cancelled."""
    a, b = p.concentration1.double(), p.concentration0.double()
    c = a + b
    parts = concentrated(a) + concentrated(b) - concentrated(c)
    return parts - c.digamma()


def kumaraswamy(p: Any) -> Tensor:
    """(1 − 1/b) + (1 − 1/a) (ψ(b + 1) + γ) − log ab."""
    a, b = p.concentration1.double(), p.concentration0.double()
    return (1 - 1 / b) + (1 - 1 / a) * ((b + 1).digamma() + EULER) - (a * b).log()


def continuous_bernoulli(p: Any) -> Tensor:
    """Log((e^λ − 1)/λ) − λ E x, with the log-odds λ."""
    return truncated_entropy(log_odds(p))


def von_mises(p: Any) -> Tensor:
    """Log 2π I₀(κ) − κ I₁(κ)/I₀(κ)."""
    return bessel_entropy(p.concentration.double())
