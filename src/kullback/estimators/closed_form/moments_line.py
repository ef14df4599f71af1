"""Expectations under distributions of the real line: E x, E (x − m)², E |x − m|, E e^{−(x − m)/b}, +inf where they are.

Every function takes P and the numbers of the statistic. A table of them by family is in `expectations.py`.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from kullback.estimators.closed_form.exponential_families import (
    truncated_log_partition,
    truncated_mean,
    truncated_variance,
)
from kullback.estimators.closed_form.gamma_functions import EULER
from kullback.estimators.closed_form.parameters import log_odds
from kullback.estimators.closed_form.stable import finite_if, xlogx_excess

_ROOT = math.sqrt(2 / math.pi)


def loc(p: Any) -> Tensor:
    """μ. Of a Cauchy variable, which has no mean, too: E e^{−x/b}, which stands beside it, is +inf then."""
    return p.loc.double()


def infinite(p: Any, *_: Any) -> Tensor:
    """+inf."""
    return torch.full_like(p.scale, torch.inf, dtype=torch.float64)


def normal_square(p: Any, m: Any) -> Tensor:
    """σ² + (μ − m)²."""
    scale, shift = p.scale.double(), p.loc.double() - m
    return scale * scale + shift * shift


def normal_absolute(p: Any, m: Any) -> Tensor:
    """σ √(2/π) e^{−z²/2} + σ z erf(z/√2), z = (μ − m)/σ."""
    scale = p.scale.double()
    z = (p.loc.double() - m) / scale
    return scale * (_ROOT * torch.exp(-0.5 * z * z) + z * torch.erf(z * math.sqrt(0.5)))


def normal_exponential(p: Any, m: Any, b: Tensor) -> Tensor:
    """Exp(−(μ − m)/b + σ²/(2b²))."""
    s = p.scale.double() / b
    return torch.exp((m - p.loc.double()) / b + 0.5 * s * s)


def laplace_square(p: Any, m: Any) -> Tensor:
    """2s² + (μ − m)²."""
    scale, shift = p.scale.double(), p.loc.double() - m
    return 2 * scale * scale + shift * shift


def laplace_absolute(p: Any, m: Any) -> Tensor:
    """|μ − m| + s e^{−|μ − m|/s}."""
    scale, shift = p.scale.double(), (p.loc.double() - m).abs()
    return shift + scale * torch.exp(-shift / scale)


def laplace_exponential(p: Any, m: Any, b: Tensor) -> Tensor:
    """e^{(m − μ)/b}/(1 − (s/b)²), +inf for s ≥ b."""
    s = p.scale.double() / b
    return torch.exp((m - p.loc.double()) / b) * finite_if(s < 1, s, 0.5, lambda s: 1 / ((1 - s) * (1 + s)))


def student_square(p: Any, m: Any) -> Tensor:
    """σ² ν/(ν − 2) + (μ − m)², +inf for ν ≤ 2."""
    df, scale, shift = p.df.double(), p.scale.double(), p.loc.double() - m
    return scale * scale * finite_if(df > 2, df, 3.0, lambda df: df / (df - 2)) + shift * shift


def student_absolute(p: Any, m: Any) -> Tensor | None:
    """2σ √ν/((ν − 1) B(ν/2, ½)) at the center, +inf for ν ≤ 1; elsewhere it takes an incomplete beta function."""
    df, scale = p.df.double(), p.scale.double()
    if not ((p.loc.double() == m) | (df <= 1)).all():
        return None
    return scale * finite_if(df > 1, df, 2.0, _student_spread) + 0 * m


def _student_spread(df: Tensor) -> Tensor:
    log_beta = (0.5 * df).lgamma() + math.lgamma(0.5) - (0.5 * df + 0.5).lgamma()
    return 2 * df.sqrt() / (df - 1) * torch.exp(-log_beta)


def gumbel_mean(p: Any) -> Tensor:
    """μ + γ s."""
    return p.loc.double() + EULER * p.scale.double()


def gumbel_square(p: Any, m: Any) -> Tensor:
    """π² s²/6 + (μ + γ s − m)²."""
    scale, shift = p.scale.double(), gumbel_mean(p) - m
    return math.pi**2 / 6 * scale * scale + shift * shift


def _logistic(p: Any) -> tuple[Tensor, Tensor]:
    temperature = p.temperature.double()
    return log_odds(p) / temperature, 1 / temperature


def logistic_mean(p: Any) -> Tensor:
    """μ, the log-odds over the temperature."""
    return _logistic(p)[0]


def logistic_square(p: Any, m: Any) -> Tensor:
    """π² s²/3 + (μ − m)²."""
    center, scale = _logistic(p)
    shift = center - m
    return math.pi**2 / 3 * scale * scale + shift * shift


def logistic_absolute(p: Any, m: Any) -> Tensor:
    """|μ − m| + 2s log(1 + e^{−|μ − m|/s})."""
    center, scale = _logistic(p)
    shift = (center - m).abs()
    return shift + 2 * scale * torch.log1p(torch.exp(-shift / scale))


def logistic_exponential(p: Any, m: Any, b: Tensor) -> Tensor:
    """e^{(m − μ)/b} πt/sin πt, t = s/b, +inf for t ≥ 1."""
    center, scale = _logistic(p)
    t = scale / b
    return torch.exp((m - center) / b) * finite_if(t < 1, t, 0.5, lambda t: 1 / torch.sinc(t))


def _interval(p: Any) -> tuple[Tensor, Tensor, Tensor]:
    low, high = p.low.double(), p.high.double()
    return low, high, high - low


def uniform_mean(p: Any) -> Tensor:
    """The middle."""
    low, _, width = _interval(p)
    return low + 0.5 * width


def uniform_square(p: Any, m: Any) -> Tensor:
    """Width²/12 + (middle − m)²."""
    low, _, width = _interval(p)
    shift = low + 0.5 * width - m
    return width * width / 12 + shift * shift


def uniform_absolute(p: Any, m: Any) -> Tensor:
    """|middle − m|, or for m inside ((h − m)² + (m − l)²)/(2 (h − l))."""
    low, high, width = _interval(p)
    inside = (low < m) & (m < high)
    split = ((high - m) ** 2 + (m - low) ** 2) / (2 * width)
    return torch.where(inside, split, (low + 0.5 * width - m).abs())


def uniform_exponential(p: Any, m: Any, b: Tensor) -> Tensor:
    """e^{−(l − m)/b} (1 − e^{−w})/w, w = (h − l)/b."""
    low, _, width = _interval(p)
    w = width / b
    return torch.exp((m - low) / b) * (-torch.expm1(-w) / w)


def _log_interval(p: Any) -> tuple[Tensor, Tensor]:
    """Log of the upper end, and the part v of it that the interval takes."""
    _, high, width = _interval(p)
    return high.log(), width / high


def uniform_log(p: Any) -> Tensor:
    """Log h − ((1 − v) log(1 − v) + v)/v, v = (h − l)/h."""
    top, v = _log_interval(p)
    return top - xlogx_excess(-v) / v


def uniform_log_complement(p: Any) -> Tensor:
    """E log(1 − x), the same mirrored."""
    low, _, width = _interval(p)
    v = width / (1 - low)
    return torch.log1p(-low) - xlogx_excess(-v) / v


def uniform_log_square(p: Any, m: Any) -> Tensor:
    """1 − (1 − v) log²(1 − v)/v² + (E log x − m)²."""
    v = _log_interval(p)[1]
    step = torch.where(v < 1, torch.log1p(-torch.where(v < 1, v, 0.5)), 0.0)
    shift = uniform_log(p) - m
    return 1 - (1 - v) * step * step / (v * v) + shift * shift


def uniform_power(p: Any, k: Tensor, scale: Tensor) -> Tensor:
    """(h/scale)^k (1 − (1 − v)^{k + 1})/((k + 1) v), for k > −1."""
    top, v = _log_interval(p)
    rest = torch.where(v < 1, -torch.expm1((k + 1) * torch.log1p(-torch.where(v < 1, v, 0.5))), 1.0)
    return torch.exp(k * (top - scale.log())) * rest / ((k + 1) * v)


def uniform_inverse(p: Any) -> Tensor:
    """−log(1 − v)/(h − l), +inf for l = 0."""
    _, v = _log_interval(p)
    return finite_if(v < 1, v, 0.5, lambda v: -torch.log1p(-v)) / _interval(p)[2]


def truncated_square(p: Any, m: Any) -> Tensor:
    """The variance + (E x − m)² of the density e^{λx} on (0, 1)."""
    x = log_odds(p)
    shift = truncated_mean(x) - m
    return truncated_variance(x) + shift * shift


def truncated_first(p: Any) -> Tensor:
    """E x of the density e^{λx} on (0, 1)."""
    return truncated_mean(log_odds(p))


def truncated_exponential(p: Any, m: Any, b: Tensor) -> Tensor:
    """Exp(m/b + F(λ − 1/b) − F(λ)), F = log((e^λ − 1)/λ)."""
    x = log_odds(p)
    return torch.exp(m / b + truncated_log_partition(x - 1 / b) - truncated_log_partition(x))


def absolute_around_unit(mean: Tensor, m: Any) -> Tensor | None:
    """E |x − m| for x in (0, 1) and m outside."""
    if bool((m <= 0).all()):
        return mean - m
    return m - mean if bool((m >= 1).all()) else None


def truncated_absolute(p: Any, m: Any) -> Tensor | None:
    """|E x − m| for m outside of (0, 1)."""
    return absolute_around_unit(truncated_first(p), m)
