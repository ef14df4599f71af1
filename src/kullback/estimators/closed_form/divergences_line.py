"""KL divergences within the families of the real line, of bounded intervals and of the circle, in nats.

Each is a sum of terms ≥ 0 that vanish to second order where P = Q.

Source:
    F. Chyzak and F. Nielsen, arXiv:1905.10965 (Cauchy); the others follow from −E log p.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from kullback.estimators.closed_form import exponential_families
from kullback.estimators.closed_form.gamma_functions import EULER, remainder, smooth_excess, trigamma
from kullback.estimators.closed_form.parameters import log_odds, log_odds_gap
from kullback.estimators.closed_form.stable import by_ratio, expm1_excess, log_ratio, ratio_excess


def normal(p: Any, q: Any) -> Tensor:
    """½ (ρ² − 1 − log ρ² + z²), ρ = σ_p/σ_q, z = (μ_p − μ_q)/σ_q."""
    a, b = p.scale.double(), q.scale.double()
    r = a / b
    z = (p.loc.double() - q.loc.double()) / b

    def gap() -> Tensor:
        m = (a - b) / b
        return m * (2 + m)

    return 0.5 * (ratio_excess(r * r, gap) + z * z)


def laplace(p: Any, q: Any) -> Tensor:
    """ρ − 1 − log ρ + ρ (e^{−δ} − 1 + δ), ρ = b_p/b_q, δ = |μ_p − μ_q|/b_p."""
    a, b = p.scale.double(), q.scale.double()
    r = a / b
    shift = (p.loc.double() - q.loc.double()).abs() / a
    return ratio_excess(r, lambda: (a - b) / b) + r * expm1_excess(-shift)


def cauchy(p: Any, q: Any) -> Tensor:
    """Log(1 + ((γ_p − γ_q)² + (μ_p − μ_q)²)/(4 γ_p γ_q))."""
    a, b = p.scale.double(), q.scale.double()
    gap, shift = a - b, p.loc.double() - q.loc.double()
    return torch.log1p((gap * gap + shift * shift) / (4 * a * b))


def gumbel(p: Any, q: Any) -> Tensor:
    """e^y − 1 − y + X, with ρ = β_p/β_q, X = log Γ(ρ) + γ (ρ − 1) and y = (μ_q − μ_p)/β_q + log Γ(1 + ρ)."""
    a, b = p.scale.double(), q.scale.double()
    return extreme_value(a / b, lambda: (a - b) / b, (q.loc.double() - p.loc.double()) / b)


def extreme_value(r: Tensor, gap: Callable[[], Tensor], shift: Tensor) -> Tensor:
    """Gumbel's divergence for the ratio of scales ρ, ρ − 1 and the shift: X ≥ 0 is the excess of log Γ from 1 to ρ."""
    excess = by_ratio(r, gap, _excess_from_one, lambda r: r.lgamma() + EULER * (r - 1))
    y = shift + by_ratio(r, gap, _lgamma_from_two, lambda r: (1 + r).lgamma())
    return expm1_excess(y) + excess


def _excess_from_one(m: Tensor) -> Tensor:
    return remainder(torch.ones_like(m), m, trigamma)


def _lgamma_from_two(m: Tensor) -> Tensor:
    """Log Γ(2 + m) for small m."""
    return (1 - EULER) * m + remainder(torch.full_like(m, 2.0), m, trigamma)


def logistic(p: Any, q: Any) -> Tensor | None:
    """δ coth(δ/2) − 2 for relaxed Bernoulli variables of one temperature, δ the difference of their log-odds."""
    if not (p.temperature.double() == q.temperature.double()).all():
        return None
    shift = log_odds_gap(p, q)
    return (2 * shift * exponential_families.even_slope(shift)).expand(
        torch.broadcast_shapes(p.batch_shape, q.batch_shape)
    )


def uniform(p: Any, q: Any) -> Tensor:
    """Log of the ratio of the widths, for an interval within the other."""
    low, high, outer_low, outer_high = p.low.double(), p.high.double(), q.low.double(), q.high.double()
    width = high - low
    return log_ratio((outer_high - outer_low) / width, lambda: ((outer_high - high) + (low - outer_low)) / width)


def beta(p: Any, q: Any) -> Tensor:
    """The Dirichlet divergence of two parts."""
    return beta_of(p.concentration1.double(), p.concentration0.double(), q.concentration1, q.concentration0)


def beta_of(a: Tensor, b: Tensor, a_q: Tensor, b_q: Tensor) -> Tensor:
    """KL of Beta(a, b) from Beta(a_q, b_q), each excess of log Γ split into its parts by Stirling."""
    a_q, b_q = a_q.double(), b_q.double()
    total, total_q = a + b, a_q + b_q
    h, k = a_q - a, b_q - b
    whole = (h + k) / total
    growth = total_q / total
    return (
        _share(a, a_q, h, growth, whole)
        + _share(b, b_q, k, growth, whole)
        + (smooth_excess(a, a_q, h) + smooth_excess(b, b_q, k) - smooth_excess(total, total_q, h + k))
    )


def _share(a: Tensor, a_q: Tensor, h: Tensor, growth: Tensor, whole: Tensor) -> Tensor:
    """a_q (r − 1 − log r), r the share a/Σa against a_q/Σa_q."""
    return a_q * ratio_excess(growth * a / a_q, lambda: (whole * a - h) / a_q)


def beta_uniform(p: Any, q: Any) -> Tensor:
    """KL from the uniform distribution on (0, 1), and the log of q's width."""
    a = p.concentration1.double()
    one = torch.ones_like(a)
    return (q.high.double() - q.low.double()).log() + beta_of(a, p.concentration0.double(), one, one)


def uniform_beta(p: Any, q: Any) -> Tensor | None:
    """The uniform distribution on (0, 1) is Beta(1, 1); None for another interval."""
    if not ((p.low == 0) & (p.high == 1)).all():
        return None
    one = torch.ones((), dtype=torch.float64, device=p.low.device)
    return beta_of(one, one, q.concentration1, q.concentration0)


def kumaraswamy(p: Any, q: Any) -> Tensor | None:
    """ρ − 1 − log ρ, ρ = b_q/b_p, where the first parameters agree."""
    if not (p.concentration1.double() == q.concentration1.double()).all():
        return None
    a, b = p.concentration0.double(), q.concentration0.double()
    return ratio_excess(b / a, lambda: (b - a) / a)


def continuous_bernoulli(p: Any, q: Any) -> Tensor:
    """The excess of log((e^λ − 1)/λ)."""
    a, b = torch.broadcast_tensors(log_odds(p), log_odds(q))
    return exponential_families.truncated_divergence(a, b, log_odds_gap(p, q).expand(a.shape))


def continuous_bernoulli_uniform(p: Any, q: Any) -> Tensor:
    """KL from the uniform distribution on (0, 1), which is λ = 0, and the log of q's width."""
    a = log_odds(p)
    return (q.high.double() - q.low.double()).log() + exponential_families.truncated_divergence(
        a, torch.zeros_like(a), -a
    )


def uniform_continuous_bernoulli(p: Any, q: Any) -> Tensor | None:
    """The uniform distribution on (0, 1) is λ = 0; None for another interval."""
    if not ((p.low == 0) & (p.high == 1)).all():
        return None
    b = log_odds(q)
    return exponential_families.truncated_divergence(torch.zeros_like(b), b, b)


def von_mises(p: Any, q: Any) -> Tensor:
    """The excess of log I₀(κ) + 2 κ_q A(κ_p) sin²((μ_p − μ_q)/2)."""
    shift = p.loc.double() - q.loc.double()
    a, b, shift = torch.broadcast_tensors(p.concentration.double(), q.concentration.double(), shift)
    return exponential_families.bessel_divergence(a, b, shift)
