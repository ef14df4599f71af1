"""Sample: observations, from a finite alphabet or of a density."""

from __future__ import annotations

import dataclasses
from typing import Any, final


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """Independent observations x_1 … x_n of P.

    Attributes:
        x: observations, **(n,)** or, of vectors, **(n, D)**: NumPy array, list or torch tensor of numbers, or of labels
            (texts, anything hashable).
        alphabet: the outcomes that can happen. An int K: the labels 0 … K−1. A sequence: the outcomes in the order of
            the arrays it is compared with. None: the outcomes that were seen; next to an array of K probabilities the
            labels are then its indices 0 … K−1.
        continuous: True for draws of a density, False for outcomes that can happen again. None tells by the numbers:
            fractions, and vectors of floating-point numbers, are draws of a density unless there is an alphabet;
            whole numbers and labels are outcomes. Next to a density, a Sample is of one.

    Example:
        >>> import kullback as kb
        >>> kb.cross_entropy(kb.Sample([0, 0, 1, 0]), [0.5, 0.5], base=2)
        1 bit (sample mean, n = 4)
        >>> import torch
        >>> kb.cross_entropy(kb.Sample([0.5, -1.5, 1.0, 0.0]), torch.distributions.Normal(0.0, 1.0))
        1.36 ± 0.25 nat (sample mean, n = 4, not reliable)
    """

    x: Any
    alphabet: Any = None
    continuous: bool | None = None
