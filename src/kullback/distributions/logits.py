"""Logits: scores whose softmax is the distribution."""

from __future__ import annotations

import dataclasses
from typing import Any, final


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Logits:
    """P = softmax(x): unnormalised log-probabilities; log-probabilities are logits too.

    p_k = exp(x_k) / Σ_j exp(x_j)

    Attributes:
        x: real numbers, **(B…, K)**: NumPy array, list or torch tensor; −inf is an outcome of probability zero.
        axis: where the K outcomes are; it takes the place of the measure's `axis`.

    Example:
        >>> import kullback as kb
        >>> kb.entropy(kb.Logits([0.0, 0.0]), base=2)
        1 bit (exact sum)
    """

    x: Any
    axis: int = -1
