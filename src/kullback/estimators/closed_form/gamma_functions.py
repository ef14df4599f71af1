"""Stirling's formula as an identity: log Γ(x) = (x − ½) log x − x + ½ log 2π + μ(x), with μ known to full precision.

Entropies and divergences of gamma, beta, Dirichlet … distributions are differences of log Γ and ψ of large parameters.
Written with μ (Binet's function) the large parts cancel on paper instead of in floating point.

Source:
    NIST Digital Library of Mathematical Functions, 5.11.1 and 5.11.2 (asymptotic series of log Γ and ψ).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kullback.estimators.closed_form.stable import NEAR, piecewise, ratio_excess

LARGE = 10.0  # from here on six terms of the asymptotic series hold 16 digits
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)
EULER = float(np.euler_gamma)

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
NODES = torch.tensor((1 + _NODES) / 2, dtype=torch.float64)
WEIGHTS = torch.tensor(_WEIGHTS / 2 * (1 - _NODES) / 2, dtype=torch.float64)  # with the factor 1 − t of the remainder


def binet(x: Tensor) -> Tensor:
    """μ(x) = log Γ(x) − (x − ½) log x + x − ½ log 2π, which falls like 1/(12x)."""
    return piecewise(x, _is_large, _binet_far, _binet_near, within=LARGE, without=1.0)


def _is_large(x: Any) -> Any:
    return x >= LARGE


def _binet_near(x: Tensor) -> Tensor:
    return x.lgamma() - (x - 0.5) * x.log() + (x - HALF_LOG_TAU)


def _binet_far(x: Tensor) -> Tensor:
    y = 1 / x
    z = y * y
    return y * (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * (691 / 360360))))))


def binet_slope(x: Tensor) -> Tensor:
    """μ′(x) = ψ(x) − log x + 1/(2x)."""
    return piecewise(x, _is_large, _slope_far, _slope_near, within=LARGE, without=1.0)


def _slope_near(x: Tensor) -> Tensor:
    return x.digamma() - x.log() + 0.5 / x


def _slope_far(x: Tensor) -> Tensor:
    z = 1 / (x * x)
    return -z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - z * (691 / 32760))))))


def trigamma(x: Tensor) -> Tensor:
    """ψ′(x) = ζ(2, x): torch.polygamma(1, x) has but ten digits."""
    return torch.special.zeta(2.0, x)


def binet_curvature(x: Tensor) -> Tensor:
    """μ″(x) = ψ′(x) − 1/x − 1/(2x²)."""
    return piecewise(x, _is_large, _curvature_far, _curvature_near, within=LARGE, without=1.0)


def _curvature_near(x: Tensor) -> Tensor:
    y = 1 / x
    return trigamma(x) - y - 0.5 * y * y


def _curvature_far(x: Tensor) -> Tensor:
    y = 1 / x
    z = y * y
    return y * z * (1 / 6 - z * (1 / 30 - z * (1 / 42 - z * (1 / 30 - z * (5 / 66 - z * (691 / 2730))))))


def remainder(a: Tensor, h: Tensor, curvature: Any) -> Tensor:
    """F(a + h) − F(a) − h F′(a) = h² ∫₀¹ (1 − t) F″(a + th) dt, by eight Gauss points, for F″ smooth on the way."""
    nodes, weights = NODES.to(h.device), WEIGHTS.to(h.device)
    values = curvature(a.unsqueeze(-1) + h.unsqueeze(-1) * nodes)
    return h * h * (values @ weights)


def smooth_excess(a: Tensor, b: Tensor, h: Tensor) -> Tensor:
    """The excess of log Γ(x) − x log x + x from a to b = a + h: ½ (b/a − 1 − log b/a) + that of μ, both ≥ 0."""
    if h.numel() == 1 and a.numel() == 1:
        return _excess_near(a, h) if abs(h.item()) < NEAR * a.item() else _excess_far(a, b, h)
    close = h.abs() < NEAR * a
    if close.all():
        return _excess_near(a, h)
    if not close.any():
        return _excess_far(a, b, h)
    return torch.where(close, _excess_near(a, torch.where(close, h, 0.0)), _excess_far(a, b, h))


def _excess_near(a: Tensor, h: Tensor) -> Tensor:
    return 0.5 * ratio_excess(1 + h / a, lambda: h / a) + remainder(a, h, binet_curvature)


def _excess_far(a: Tensor, b: Tensor, h: Tensor) -> Tensor:
    return _smooth(b) - _smooth(a) - h * _smooth_slope(a)


def _smooth(x: Tensor) -> Tensor:
    """Log Γ(x) − x log x + x."""
    return piecewise(
        x,
        _is_large,
        lambda x: HALF_LOG_TAU - 0.5 * x.log() + _binet_far(x),
        lambda x: x.lgamma() - x * x.log() + x,
        within=LARGE,
        without=1.0,
    )


def _smooth_slope(x: Tensor) -> Tensor:
    """ψ(x) − log x."""
    return piecewise(
        x,
        _is_large,
        lambda x: _slope_far(x) - 0.5 / x,
        lambda x: x.digamma() - x.log(),
        within=LARGE,
        without=1.0,
    )


def lgamma_excess(a: Tensor, b: Tensor, h: Tensor) -> Tensor:
    """Log Γ(b) − log Γ(a) − h ψ(a) ≥ 0, with h = b − a."""
    return b * ratio_excess(a / b, lambda: -h / b) + smooth_excess(a, b, h)


def lgamma_step(a: Tensor, k: Tensor) -> Tensor:
    """Log Γ(a + k) − log Γ(a), also for a ≫ k."""
    b = a + k
    return (a - 0.5) * torch.log1p(k / a) + k * b.log() - k + (binet(b) - binet(a))


def concentrated(x: Tensor) -> Tensor:
    """Log Γ(x) − (x − 1) ψ(x) + x: what a parameter gives to the entropy of a gamma distribution."""
    return piecewise(x, _is_large, _concentrated_far, _concentrated_near, within=LARGE, without=1.0)


def _concentrated_near(x: Tensor) -> Tensor:
    return x.lgamma() - (x - 1) * x.digamma() + x


def _concentrated_far(x: Tensor) -> Tensor:
    return 0.5 * x.log() + (HALF_LOG_TAU + 0.5) - 0.5 / x + _binet_far(x) + (1 - x) * _slope_far(x)
