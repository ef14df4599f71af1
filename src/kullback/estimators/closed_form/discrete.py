"""Whole numbers: what is closed there. Finite sums are taken exactly elsewhere, and infinite ones summed.

torch's NegativeBinomial has probabilities ∝ (1 − p)^r p^k, its Geometric counts k = 0, 1, …
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from kullback.distributions.foreign.double import in_double
from kullback.distributions.foreign.finite import log_probabilities
from kullback.distributions.foreign.whole_numbers import log_binomial
from kullback.estimators.closed_form.parameters import odds, odds_gap
from kullback.estimators.closed_form.stable import mass_excess


def poisson_entropy(p: Any) -> Tensor | None:
    """0 where every rate is 0."""
    rate = p.rate.double()
    return None if (rate != 0).any() else rate


def geometric_entropy(p: Any) -> Tensor:
    """−log p − (1 − p)/p log(1 − p)."""
    success, failure = odds(p)
    return -success.log() - torch.xlogy(failure, failure) / success


def poisson(p: Any, q: Any) -> Tensor:
    """λ_q − λ_p − λ_p log(λ_q/λ_p)."""
    a, b = p.rate.double(), q.rate.double()
    return mass_excess(a, b, lambda: b - a)


def bernoulli(p: Any, q: Any) -> Tensor:
    """Σ q_k − p_k − p_k log(q_k/p_k) over success and failure."""
    return _bernoulli(p, q, *odds(p))


def _bernoulli(p: Any, q: Any, success: Tensor, failure: Tensor) -> Tensor:
    success_q, failure_q = odds(q)
    up = mass_excess(success, success_q, lambda: odds_gap(p, q, success, failure))
    return up + mass_excess(failure, failure_q, lambda: -odds_gap(p, q, success, failure))


def geometric(p: Any, q: Any) -> Tensor:
    """That of Bernoulli variables / p."""
    success, failure = odds(p)
    return _bernoulli(p, q, success, failure) / success


def negative_binomial(p: Any, q: Any) -> Tensor | None:
    """r/(1 − p) times that of Bernoulli variables, where the r agree; with different ones there is no formula."""
    count = p.total_count.double()
    if not (count == q.total_count.double()).all():
        return None
    success, failure = odds(p)
    return count / failure * _bernoulli(p, q, success, failure)


def binomial(p: Any, q: Any) -> Tensor | None:
    """n times that of Bernoulli variables, where the n agree."""
    count = p.total_count.double()
    if not (count == q.total_count.double()).all():
        return None
    return count * bernoulli(p, q)


def multinomial(p: Any, q: Any) -> Tensor | None:
    """n times that of categorical variables, where the n agree."""
    if p.total_count != q.total_count:
        return None
    a, b = p.probs.double(), q.probs.double()
    return p.total_count * mass_excess(a, b, lambda: b - a).sum(-1)


def multinomial_entropy(p: Any) -> Tensor:
    """−log n! − n Σ_k p_k log p_k + Σ_k E log X_k!, each X_k binomial: n + 1 terms a margin, not one for all counts."""
    n, log_p = int(p.total_count), log_probabilities(vars(in_double(p))["_categorical"])
    x = torch.arange(n + 1, dtype=torch.float64)
    rest = torch.where(log_p < 0, torch.log(-torch.expm1(torch.where(log_p < 0, log_p, -1.0))), -torch.inf)
    margin = log_binomial(x, n, log_p[..., None], rest[..., None])
    factorials = (torch.exp(margin) * torch.lgamma(x + 1)).sum((-1, -2))
    negative = torch.exp(log_p) * torch.where(torch.isfinite(log_p), log_p, 0.0)
    return factorials - math.lgamma(n + 1) - n * negative.sum(-1)


def _to_geometric(mean: Tensor, q: Any) -> Tensor:
    """−log p_q − E k log(1 − p_q)."""
    success, failure = odds(q)
    return -success.log() - torch.xlogy(mean, failure)


def poisson_geometric(p: Any, q: Any) -> Tensor:
    """Cross-entropy, by E k = λ."""
    return _to_geometric(p.rate.double(), q)


def negative_binomial_geometric(p: Any, q: Any) -> Tensor:
    """Cross-entropy, by E k = r p/(1 − p)."""
    success, failure = odds(p)
    return _to_geometric(p.total_count.double() * success / failure, q)


def binomial_geometric(p: Any, q: Any) -> Tensor:
    """Cross-entropy, by E k = n p."""
    return _to_geometric(p.total_count.double() * odds(p)[0], q)


def bernoulli_geometric(p: Any, q: Any) -> Tensor:
    """Cross-entropy, by E k = p."""
    return _to_geometric(odds(p)[0], q)
