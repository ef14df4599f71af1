"""KL divergences within the families of the positive half-line, in nats: sums of terms ≥ 0.

Source:
    C. Bauckhage, arXiv:1310.3713 (Weibull); the others follow from −E log p.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kullback.estimators.closed_form.divergences_line import extreme_value
from kullback.estimators.closed_form.gamma_functions import smooth_excess
from kullback.estimators.closed_form.stable import log_ratio, ratio_excess


def exponential(p: Any, q: Any) -> Tensor:
    """ρ − 1 − log ρ, ρ = r_q/r_p."""
    a, b = p.rate.double(), q.rate.double()
    return ratio_excess(b / a, lambda: (b - a) / a)


def gamma(p: Any, q: Any) -> Tensor:
    """a_q (r − 1 − log r) + the excess of log Γ(a) − a log a + a, r the ratio of the means P/Q."""
    return _gamma(p.concentration.double(), p.rate.double(), q.concentration.double(), q.rate.double())


def _gamma(a: Tensor, rate: Tensor, a_q: Tensor, rate_q: Tensor) -> Tensor:
    h = a_q - a
    r = (rate_q / rate) * (a / a_q)

    def gap() -> Tensor:
        return ((rate_q - rate) / rate * a - h) / a_q

    return a_q * ratio_excess(r, gap) + smooth_excess(a, a_q, h)


def exponential_gamma(p: Any, q: Any) -> Tensor:
    """The gamma distribution of concentration 1."""
    rate = p.rate.double()
    return _gamma(torch.ones_like(rate), rate, q.concentration.double(), q.rate.double())


def gamma_exponential(p: Any, q: Any) -> Tensor:
    """The gamma distribution of concentration 1."""
    rate = q.rate.double()
    return _gamma(p.concentration.double(), p.rate.double(), torch.ones_like(rate), rate)


def weibull(p: Any, q: Any) -> Tensor:
    """Gumbel's, for −log X."""
    k, k_q = p.concentration.double(), q.concentration.double()
    scale, scale_q = p.scale.double(), q.scale.double()
    shift = k_q * log_ratio(scale / scale_q, lambda: (scale - scale_q) / scale_q)
    return extreme_value(k_q / k, lambda: (k_q - k) / k, shift)


def exponential_weibull(p: Any, q: Any) -> Tensor:
    """The Weibull distribution of concentration 1."""
    rate, scale, k = p.rate.double(), q.scale.double(), q.concentration.double()
    whole = rate * scale
    return extreme_value(k, lambda: k - 1, -k * log_ratio(whole, lambda: whole - 1))


def weibull_exponential(p: Any, q: Any) -> Tensor:
    """The Weibull distribution of concentration 1."""
    rate, scale, k = q.rate.double(), p.scale.double(), p.concentration.double()
    whole = rate * scale
    return extreme_value(1 / k, lambda: (1 - k) / k, log_ratio(whole, lambda: whole - 1))


def half_normal(p: Any, q: Any) -> Tensor:
    """½ (ρ² − 1 − log ρ²), ρ = σ_p/σ_q."""
    a, b = p.scale.double(), q.scale.double()
    r = a / b

    def gap() -> Tensor:
        m = (a - b) / b
        return m * (2 + m)

    return 0.5 * ratio_excess(r * r, gap)


def half_cauchy(p: Any, q: Any) -> Tensor:
    """Log(1 + (γ_p − γ_q)²/(4 γ_p γ_q))."""
    a, b = p.scale.double(), q.scale.double()
    gap = a - b
    return torch.log1p(gap * gap / (4 * a * b))


def pareto(p: Any, q: Any) -> Tensor:
    """ρ − 1 − log ρ + α_q log(σ_p/σ_q), ρ = α_q/α_p."""
    a, b = p.alpha.double(), q.alpha.double()
    scale, scale_q = p.scale.double(), q.scale.double()
    start = log_ratio(scale / scale_q, lambda: (scale - scale_q) / scale_q)
    return ratio_excess(b / a, lambda: (b - a) / a) + b * start


def generalized_pareto(p: Any, q: Any) -> Tensor | None:
    """ρ − 1 − log ρ for one start and one ξ/σ, ρ = ξ_p/ξ_q; another form where Q is exponential, else None."""
    x, x_q = p.concentration.double(), q.concentration.double()
    scale, scale_q = p.scale.double(), q.scale.double()
    start, start_q = p.loc.double(), q.loc.double()
    if (x_q == 0).all():
        return _to_exponential(x, scale, scale_q, (start - start_q) / scale_q)
    if (start == start_q).all() and (x * scale_q == x_q * scale).all() and (x != 0).all():
        return ratio_excess(x / x_q, lambda: (x - x_q) / x_q)
    return None


def _to_exponential(x: Tensor, scale: Tensor, scale_q: Tensor, shift: Tensor) -> Tensor:
    r = scale / scale_q
    heavy = x >= 1
    safe = torch.where(heavy, 0.0, x)
    finite = ratio_excess(r, lambda: (scale - scale_q) / scale_q) + shift + r * safe / (1 - safe) - safe
    return torch.where(heavy, torch.inf, finite)
