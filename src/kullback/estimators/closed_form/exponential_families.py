"""Two one-parameter exponential families whose log-partition needs care: e^{λx} on (0, 1) and e^{κ cos x}.

Their divergences are excesses of the log-partition F: F(b) − F(a) − (b − a) F′(a), by an integral of F″ where a and b
are close.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from kullback.estimators.closed_form.gamma_functions import remainder
from kullback.estimators.closed_form.stable import piecewise

LARGE = 50.0  # from here on ten terms of the series of log I₀ hold 15 digits
SERIES = (
    1 / 8,
    1 / 16,
    25 / 384,
    13 / 128,
    1073 / 5120,
    103 / 192,
    375733 / 229376,
    23797 / 4096,
    55384775 / 2359296,
    2180461 / 20480,
)
"""log I₀(κ) = κ − ½ log 2πκ + Σ_j c_j κ^{−j}, the logarithm of DLMF 10.40.1."""


def truncated_log_partition(x: Tensor) -> Tensor:
    """Log((e^λ − 1)/λ)."""
    return 0.5 * x + _even_part(x)


def truncated_mean(x: Tensor) -> Tensor:
    """1/(1 − e^{−λ}) − 1/λ."""
    return 0.5 + even_slope(x)


def truncated_variance(x: Tensor) -> Tensor:
    """1/λ² − 1/(4 sinh²(λ/2))."""
    return piecewise(x, _is_small, _curvature_near, _curvature_far, within=0.0, without=2.0)


def truncated_entropy(x: Tensor) -> Tensor:
    """Log((e^λ − 1)/λ) − λ E x, without the part |λ|/2 that the two terms share."""
    return piecewise(x, _is_small, lambda x: _even_near(x) - x * _slope_near(x), _entropy_far, within=0.0, without=2.0)


def truncated_divergence(a: Tensor, b: Tensor, h: Tensor) -> Tensor:
    """F(b) − F(a) − h F′(a) for F = log((e^λ − 1)/λ), h = b − a."""
    near = h.abs() < torch.clamp(0.5 * a.abs(), min=1.0)
    if near.all():
        return remainder(a, h, truncated_variance)
    far = _far_divergence(a, b, h)
    return torch.where(near, remainder(a, torch.where(near, h, 0.0), truncated_variance), far) if near.any() else far


def _far_divergence(a: Tensor, b: Tensor, h: Tensor) -> Tensor:
    """The excess for distant parameters; where a is large, linear parts that cancel are left out."""
    small = a.abs() < 1
    if small.all():
        return _even_part(b) - _even_part(a) - h * even_slope(a)
    safe = torch.where(small, 2.0, a)
    shared = safe.abs().log() - _edge(safe) - h * _edge_slope(safe) + b / safe - 1
    large = shared + piecewise(
        b * torch.sign(safe),
        _is_small,
        lambda b: _even_near(b) - 0.5 * b,
        lambda b: torch.relu(-b) - b.abs().log() + _edge(b),
        within=0.0,
        without=2.0,
    )
    return torch.where(small, _even_part(b) - _even_part(a) - h * even_slope(a), large)


def _is_small(x: Any) -> Any:
    return abs(x) < 1


def _even_part(x: Tensor) -> Tensor:
    """Log(sinh(λ/2)/(λ/2))."""
    return piecewise(x, _is_small, _even_near, _even_far, within=0.0, without=2.0)


def _even_near(x: Tensor) -> Tensor:
    s = 0.25 * x * x
    return torch.log1p(_sinh_quotient(s))


def _sinh_quotient(s: Tensor) -> Tensor:
    """Sinh y/y − 1 for s = y² ≤ ¼."""
    return s / 6 * (1 + s / 20 * (1 + s / 42 * (1 + s / 72 * (1 + s / 110 * (1 + s / 156)))))


def _even_far(x: Tensor) -> Tensor:
    return 0.5 * x.abs() - x.abs().log() + _edge(x)


def _edge(x: Tensor) -> Tensor:
    """Log(1 − e^{−|λ|})."""
    return torch.log(-torch.expm1(-x.abs()))


def _edge_slope(x: Tensor) -> Tensor:
    """±1/(e^{|λ|} − 1)."""
    return torch.sign(x) * _excess_odds(x.abs())


def _excess_odds(y: Tensor) -> Tensor:
    return torch.exp(-y) / -torch.expm1(-y)


def even_slope(x: Tensor) -> Tensor:
    """½ coth(λ/2) − 1/λ."""
    return piecewise(x, _is_small, _slope_near, _slope_far, within=0.0, without=2.0)


def _slope_near(x: Tensor) -> Tensor:
    s = 0.25 * x * x
    rising = 1 + s / 10 * (1 + s / 28 * (1 + s / 54 * (1 + s / 88 * (1 + s / 130 * (1 + s / 180)))))
    return x / 12 * rising / (1 + _sinh_quotient(s))


def _slope_far(x: Tensor) -> Tensor:
    return torch.sign(x) * (0.5 + _excess_odds(x.abs())) - 1 / x


def _curvature_near(x: Tensor) -> Tensor:
    s = 0.25 * x * x
    bend = 1 / 3 + s * (
        1 / 10 + s * (1 / 168 + s * (1 / 6480 + s * (1 / 443520 + s * (1 / 47174400 + s / 7185024000))))
    )
    slope = _slope_near(x)
    return 0.25 * bend / (1 + _sinh_quotient(s)) - slope * slope


def _curvature_far(x: Tensor) -> Tensor:
    y = x.abs()
    decay = torch.exp(-0.5 * y) / -torch.expm1(-y)
    return 1 / (x * x) - decay * decay


def _entropy_far(x: Tensor) -> Tensor:
    y = x.abs()
    return 1 - y.log() + _edge(x) - y * _excess_odds(y)


def bessel_complement(k: Tensor) -> Tensor:
    """1 − I₁(κ)/I₀(κ), which falls like 1/(2κ)."""
    return piecewise(k, _is_large, _complement_far, _complement_near, within=LARGE, without=1.0)


def bessel_entropy(k: Tensor) -> Tensor:
    """Log 2π I₀(κ) − κ I₁(κ)/I₀(κ)."""
    return torch.special.i0e(k).log() + math.log(2 * math.pi) + k * bessel_complement(k)


def bessel_divergence(a: Tensor, b: Tensor, shift: Tensor) -> Tensor:
    """The excess of log I₀ + 2 κ_q A(κ_p) sin²(Δ/2), A = I₁/I₀, for the angle Δ between the two means."""
    h = b - a
    aligned = (1 - bessel_complement(a)) * b * 2 * torch.sin(0.5 * shift) ** 2
    near = h.abs() < torch.clamp(0.5 * a, min=1.0)
    if near.all():
        return aligned + remainder(a, h, bessel_curvature)
    far = (torch.special.i0e(b) / torch.special.i0e(a)).log() + h * bessel_complement(a)
    if not near.any():
        return aligned + far
    return aligned + torch.where(near, remainder(a, torch.where(near, h, 0.0), bessel_curvature), far)


def bessel_curvature(k: Tensor) -> Tensor:
    """1 − A/κ − A², the derivative of A."""
    return piecewise(k, _is_large, _bend_far, _bend_near, within=LARGE, without=1.0)


def _is_large(k: Any) -> Any:
    return k >= LARGE


def _complement_near(k: Tensor) -> Tensor:
    return 1 - torch.special.i1e(k) / torch.special.i0e(k)


def _complement_far(k: Tensor) -> Tensor:
    """1/(2κ) + Σ_j j c_j κ^{−j−1}."""
    y = 1 / k
    total = torch.zeros_like(y)
    for j, c in reversed(list(enumerate(SERIES, start=1))):
        total = y * (total + j * c)
    return y * (0.5 + total)


def _bend_near(k: Tensor) -> Tensor:
    a = torch.special.i1e(k) / torch.special.i0e(k)
    return 1 - a / k - a * a


def _bend_far(k: Tensor) -> Tensor:
    y = 1 / k
    total = torch.zeros_like(y)
    for j, c in reversed(list(enumerate(SERIES, start=1))):
        total = y * (total + j * (j + 1) * c)
    return y * y * (0.5 + total)
