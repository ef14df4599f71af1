"""Log-densities on (0, 1) from t = log x − log(1 − x), which holds distances to 1 that x cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.distributions as td
from torch import Tensor
from torch.nn.functional import logsigmoid


def _beta(d: Any, t: Tensor) -> Tensor:
    a, b = d.concentration1, d.concentration0
    log_beta = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(a + b)
    return _times(a - 1, logsigmoid(t)) + _times(b - 1, logsigmoid(-t)) - log_beta


def _kumaraswamy(d: Any, t: Tensor) -> Tensor:
    """1 − x^a = −expm1(a log x), and a log x = −a softplus(−t)."""
    a, b = d.concentration1, d.concentration0
    log_x = logsigmoid(t)
    rest = torch.log(-torch.expm1(a * log_x))
    return torch.log(a) + torch.log(b) + _times(a - 1, log_x) + _times(b - 1, rest)


def _times(power: Tensor, log: Tensor) -> Tensor:
    """power · log, 0 where the power is 0 though the logarithm may be −inf."""
    lost = (power == 0) & torch.isneginf(log)
    return power * torch.where(lost, 0.0, log)


LOGIT_DENSITIES: dict[type, Callable[[Any, Tensor], Tensor]] = {td.Beta: _beta, td.Kumaraswamy: _kumaraswamy}


def after_sigmoid(log_prob_t: Tensor, t: Tensor) -> Tensor:
    """log p(x) of x = σ(T) from log p_T(t): log p_T(t) − log dσ/dt."""
    return log_prob_t - logsigmoid(t) - logsigmoid(-t)
