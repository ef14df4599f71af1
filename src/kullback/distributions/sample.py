"""Sample: observations from a finite alphabet."""

from __future__ import annotations

import dataclasses
from typing import Any, final


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """Independent observations x_1 … x_n of P, from a finite alphabet.

    Attributes:
        x: observations, **(n,)**: NumPy array, list or torch tensor of labels (numbers, texts, anything hashable).
        alphabet: the outcomes that can happen. An int K: the labels 0 … K−1. A sequence: the outcomes in the order of
            the arrays it is compared with. None: the outcomes that were seen; next to an array of K probabilities the
            labels are then its indices 0 … K−1.

    Example:
        >>> import kullback as kb
        >>> kb.cross_entropy(kb.Sample([0, 0, 1, 0]), [0.5, 0.5], base=2)
        1 bit (sample mean, n = 4)
    """

    x: Any
    alphabet: Any = None
