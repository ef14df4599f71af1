"""Parameters of torch's distributions in float64, as they were given and not as the distribution rounded them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kullback.estimators.closed_form.stable import log_ratio


def given(p: Any, *names: str) -> str:
    """Which of the names the distribution was made with; the others it derives, and keeps once it was asked."""
    return next(name for name in vars(p) if name in names)


def odds(p: Any) -> tuple[Tensor, Tensor]:
    """The probability of success, and that of failure."""
    if given(p, "probs", "logits") == "probs":
        success = p.probs.double()
        return success, 1 - success
    logits = p.logits.double()
    return torch.sigmoid(logits), torch.sigmoid(-logits)


def odds_gap(p: Any, q: Any, success: Tensor, failure: Tensor) -> Tensor:
    """How far q's probability of success is above p's."""
    if given(p, "probs", "logits") == given(q, "probs", "logits") == "logits":
        e = torch.expm1(q.logits.double() - p.logits.double())
        return success * failure * e / (1 + success * e)
    return odds(q)[0] - success


def log_odds(p: Any) -> Tensor:
    """Log p − log(1 − p)."""
    if given(p, "probs", "logits") == "logits":
        return p.logits.double()
    success = p.probs.double()
    return success.log() - torch.log1p(-success)


def log_odds_gap(p: Any, q: Any) -> Tensor:
    """The log-odds of q minus those of p."""
    if given(p, "probs", "logits") == given(q, "probs", "logits") == "probs":
        a, b = p.probs.double(), q.probs.double()
        gap = b - a
        return log_ratio(b / a, lambda: gap / a) - log_ratio((1 - b) / (1 - a), lambda: -gap / (1 - a))
    return log_odds(q) - log_odds(p)
