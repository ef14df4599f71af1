"""Log-probabilities of Poisson, binomial and negative binomial that keep their digits at any size.

log λ^k e^−λ / k! is a difference of numbers of size k log k: at k = 10⁹ six digits are left. Loader's form,
−½ log 2πk − δ(k) − D(k, λ), is a sum of small ones: δ(k) = log k! − log(√(2πk) (k/e)^k) is the error of Stirling's
formula, and D(k, λ) = k log(k/λ) + λ − k ≥ 0 the deviance. The formulas go on between whole numbers, where the
probability is 0: whoever asks for one has to see to that.

Source:
    C. Loader, "Fast and accurate computation of binomial probabilities" (2000).
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from kullback.distributions.foreign.finite import log_odds_parts

_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def poisson(d: Any, k: Tensor) -> Tensor:
    """log P(k) of a Poisson distribution."""
    return _poisson(k, d.rate)


def binomial(d: Any, k: Tensor) -> Tensor:
    """log P(k) of a binomial distribution; −inf beyond n."""
    log_p, log_q = log_odds_parts(d)
    return log_binomial(k, d.total_count, log_p, log_q)


def negative_binomial(d: Any, k: Tensor) -> Tensor:
    """log P(k) = log r/(r + k) + log binomial(r; r + k, 1 − p): torch's p is the probability of what is counted."""
    r, k = torch.broadcast_tensors(d.total_count, k)
    inside = k >= 0
    safe = torch.where(inside, k, 0.0)
    share = torch.where(safe > 0, r / (r + safe), 1.0)  # 0/0 for r = 0, which is certain of 0
    value = torch.log(share) + log_binomial(r, r + safe, logsigmoid(-d.logits), logsigmoid(d.logits))
    return torch.where(inside, value, -torch.inf)


def geometric(d: Any, k: Tensor) -> Tensor:
    """log P(k) = k log(1 − p) + log p, k = 0, 1, …"""
    log_rest = torch.where(d.probs < 1, torch.log1p(-torch.where(d.probs < 1, d.probs, 0.0)), -torch.inf)
    value = torch.where(k > 0, k * log_rest, 0.0) + torch.log(d.probs)
    return torch.where(k >= 0, value, -torch.inf)


def stirling_error(k: Tensor) -> Tensor:
    """δ(k) = log Γ(k+1) − (k + ½) log k + k − ½ log 2π, for k > 0."""
    large = k > 15
    big = torch.where(large, k, 16.0)
    inverse = 1 / (big * big)
    series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / big
    small = torch.where(large, 1.0, k)
    direct = torch.lgamma(small + 1) - (small + 0.5) * torch.log(small) + small - _HALF_LOG_2PI
    return torch.where(large, series, direct)


def deviance(x: Tensor, m: Tensor) -> Tensor:
    """x log(x/m) + m − x for x > 0, m > 0, by a series where x is near m."""
    v = (x - m) / (x + m)
    near = v.abs() < 0.1
    s = torch.where(near, v, 0.0)
    s2 = s * s
    series = sum(s2**j / (2 * j + 1) for j in range(1, 10))
    close = (x - m) * s + 2 * x * s * series
    far = x * torch.log(x / m) + m - x
    return torch.where(near, close, far)


def _poisson(k: Tensor, rate: Tensor) -> Tensor:
    k, rate = torch.broadcast_tensors(k, rate)
    positive = (k > 0) & (rate > 0)
    x, m = torch.where(positive, k, 1.0), torch.where(positive, rate, 1.0)
    value = -0.5 * torch.log(x) - _HALF_LOG_2PI - stirling_error(x) - deviance(x, m)
    at_zero = torch.where(k == 0, -rate, -torch.inf)
    return torch.where(positive, value, at_zero)


def log_binomial(k: Tensor, n: Any, log_p: Tensor, log_q: Tensor) -> Tensor:
    """log C(n, k) p^k q^(n−k), also for real k and n: the negative binomial asks for them."""
    k, n, log_p, log_q = torch.broadcast_tensors(k, torch.as_tensor(n, dtype=torch.float64), log_p, log_q)
    inner = (k > 0) & (k < n) & torch.isfinite(log_p) & torch.isfinite(log_q)
    x, size = torch.where(inner, k, 1.0), torch.where(inner, n, 2.0)
    p, q = (torch.exp(torch.where(inner, y, -0.5)) for y in (log_p, log_q))
    rest = size - x
    value = (
        0.5 * (torch.log(size / x) - torch.log(rest))
        - _HALF_LOG_2PI
        + stirling_error(size)
        - stirling_error(x)
        - stirling_error(rest)
        - deviance(x, size * p)
        - deviance(rest, size * q)
    )
    none, all_of_them = k == 0, k == n
    at_ends = torch.where(none, 0.0, -torch.inf)
    at_ends = torch.where(none & (n > 0), n * log_q, at_ends)
    at_ends = torch.where(all_of_them & (n > 0), n * log_p, at_ends)
    return torch.where(inner, value, at_ends)
