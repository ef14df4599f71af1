"""Log-probabilities of torch's finite families from the parameter that was given: torch clamps the other one.

`Categorical(probs=[1, 0])` has logits of −15.9 where it should have −∞; a probability of 0 is 0.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from kullback.kernels.reference import log


def categorical(d: Any, x: Tensor) -> Tensor:
    """log P(k) of a categorical distribution, −inf outside 0 … K−1."""
    rows = log_probabilities(d)
    inside = (x >= 0) & (x < rows.shape[-1]) & (x == x.floor())
    index = torch.where(inside, x, 0.0).long()
    shape = torch.broadcast_shapes(index.shape, rows.shape[:-1])
    picked = torch.gather(rows.expand(*shape, rows.shape[-1]), -1, index.expand(shape)[..., None])[..., 0]
    return torch.where(inside, picked, -torch.inf)


def bernoulli(d: Any, x: Tensor) -> Tensor:
    """log P(x) of a Bernoulli distribution."""
    log_one, log_zero = log_odds_parts(d)
    return torch.where(x == 1, log_one, torch.where(x == 0, log_zero, -torch.inf))


def one_hot(d: Any, x: Tensor) -> Tensor:
    """log P(x) of a one-hot vector."""
    rows = log_probabilities(d._categorical)
    return torch.where(x == 1, rows, 0.0).sum(-1)


def multinomial(d: Any, x: Tensor) -> Tensor:
    """log n!/(Π x_k!) Π p_k^x_k, with p^0 = 1 also where p = 0."""
    rows = log_probabilities(d._categorical)
    terms = torch.where(x > 0, x * rows, 0.0)
    return torch.lgamma(x.sum(-1) + 1) - torch.lgamma(x + 1).sum(-1) + terms.sum(-1)


def log_probabilities(d: Any) -> Tensor:
    """The log-probabilities of a Categorical, **(B…, K)**."""
    return log(d.probs) if _by_probs(d) else torch.log_softmax(d.logits, -1)


def log_odds_parts(d: Any) -> tuple[Tensor, Tensor]:
    """log p and log(1 − p) of a Bernoulli or a Binomial."""
    if _by_probs(d):
        return log(d.probs), torch.where(d.probs < 1, torch.log1p(-torch.where(d.probs < 1, d.probs, 0.0)), -torch.inf)
    return logsigmoid(d.logits), logsigmoid(-d.logits)


def _by_probs(d: Any) -> bool:
    """Whether it was made from probabilities: torch keeps that parameter, and makes the other when asked."""
    held = vars(d)
    if "logits" not in held:
        return True
    return "probs" in held and torch.equal(held["_param"], held["probs"])
